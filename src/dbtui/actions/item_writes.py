"""Carries out writes of items: the only other code than the runner that issues permits.

The order of one write: account and table are read again → intent on disk → the conditional request is sent → its
reply, or what is there when the reply was lost, decides. A request is only ever sent again as it is, with its
conditions, after DynamoDB refused it for its rate or after a consistent read showed that it had not arrived.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from dbtui.actions.item_fate import (
    Fate,
    Sight,
    cancelled_words,
    conflict_failure,
    destination,
    fate,
    is_busy,
    is_condition,
    told_items,
    unseen_words,
)
from dbtui.actions.item_plans import STATES, plan_of
from dbtui.actions.journal import Journal
from dbtui.actions.model import Operation, OperationState, Plan
from dbtui.actions.runner import THROTTLE_DELAYS, Pause
from dbtui.domain.clock import Clock
from dbtui.domain.diff import apply, changes_at
from dbtui.domain.failures import AwsError, DbtuiError, FailureKind, Refused
from dbtui.domain.item_requests import DELETE, PUT, TRANSACT, UPDATE
from dbtui.domain.models import Table
from dbtui.domain.values import Item
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Gateway
from dbtui.items.undo import UndoLog
from dbtui.items.writes import ItemWrite, WriteResult, WriteState, item_words

__all__ = ["ItemWrite", "ItemWriter", "WriteResult", "WriteState", "plan_of"]

RESEND_DELAYS: Final = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each further try of a write whose reply was lost and that had not arrived."""

LOOK_DELAYS: Final = (0.0, 0.5, 1.0, 2.0)
"""Seconds before each try of reading the item back."""

ARRIVED_NOTE: Final = "The answer was lost; the item shows that it was written."
GONE_NOTE: Final = "The answer was lost; the item is gone, with any attribute that had come since it was read."
ALREADY_NOTE: Final = "It already was as intended: someone else made the same change."


class _End(msgspec.Struct, frozen=True):
    """How a write ended; ``ours`` when this run changed something, so that it can be undone."""

    result: WriteResult
    ours: bool = False


class ItemWriter:
    """Carries out one write at a time for each caller. ``report`` hears of every write that has ended."""

    def __init__(
        self,
        gateway: Gateway,
        journal: Journal,
        clock: Clock,
        undo: UndoLog,
        pause: Pause = asyncio.sleep,
        *,
        report: Callable[[Operation], None] = lambda operation: None,
    ) -> None:
        self._gateway = gateway
        self._journal = journal
        self._clock = clock
        self._undo = undo
        self._pause = pause
        self._report = report

    async def run(self, write: ItemWrite) -> WriteResult:
        """Carries out a confirmed write. AWS's failures end in the result's state; they are not raised.

        A cancelled run leaves its intent in the journal: whether it was written is then for the item to show.
        """
        plan = plan_of(write)
        operation = Operation(
            op_id=secrets.token_hex(8),
            action=write.verb,
            title=write.title,
            subject=plan.subject,
            watch=plan.watch,
            state=OperationState.RUNNING,
            started_at=self._clock(),
            plan=plan,
        )
        try:
            await self._recheck(write)
            await asyncio.to_thread(self._journal.intent, operation.op_id, plan)
        except DbtuiError as error:
            refused = _not_sent(error)
            self._report(self._ended(operation, refused))
            return refused
        warning = self._journal.problem
        end = await self._send(write, operation.op_id)
        if end.ours:
            self._undo.push(write, end.result)
        result = msgspec.structs.replace(end.result, warning=warning)
        await self._tell(plan, self._ended(operation, result), arrived=result.done)
        return msgspec.structs.replace(result, warning=warning or self._journal.problem)

    async def _recheck(self, write: ItemWrite) -> None:
        """Stops unless account and table are those the write was made for."""
        planned = write.table
        await self._gateway.confirm_account(planned.ref.scope)
        try:
            table = await self._gateway.table(planned.ref.scope.target, planned.id)
        except AwsError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                title, hint = _gone(planned)
                raise Refused(title, hint=hint, kind=FailureKind.NOT_FOUND) from error
            raise
        if _is_another(planned, table):
            raise Refused(
                f"Table {planned.id} is not the one that was read: it was replaced by another of the same name.",
                hint="Nothing was sent. Read the item again.",
            )
        if [(part.name, part.role, part.type) for part in table.keys] != [
            (part.name, part.role, part.type) for part in planned.keys
        ]:
            raise Refused(f"The key of table {planned.id} is another by now.", hint="Nothing was sent.")

    async def _send(self, write: ItemWrite, op_id: str) -> _End:
        busy, lost = iter(THROTTLE_DELAYS), iter(RESEND_DELAYS)
        doubtful = False
        while True:
            try:
                seen = await self._seen_before_move(write, doubtful=doubtful)
                if seen is not None:
                    return seen
                reply = await self._execute(write, op_id)
            except AwsError as error:
                if error.reply_lost:
                    doubtful = True
                    end = await self._after_lost_reply(write, error)
                    delay = next(lost, None)
                elif is_busy(error):
                    end, delay = None, next(busy, None)
                elif is_condition(error):
                    return await self._after_condition(write, error, doubtful=doubtful)
                else:
                    return _End(_failed(write, error))
                if end is not None:
                    return end
                if delay is None:
                    return _End(_failed(write, error, "It was not carried out; it is safe to try again."))
                await self._pause(delay)
            except Refused as error:
                return _End(_not_sent(error))
            else:
                return _End(_done(write, reply), ours=True)

    async def _execute(self, write: ItemWrite, op_id: str) -> Mapping[str, Any]:
        scope, request = write.table.ref.scope, write.request
        permit = Permit(op_id, scope, request.operation, request.parameters)
        return await self._gateway.execute(scope, request.operation, request.parameters, permit=permit)

    async def _seen_before_move(self, write: ItemWrite, *, doubtful: bool) -> _End | None:
        """Ends a move whose item has changed. Its condition cannot tell an attribute that came to be; this look can,
        up to the moment of sending."""
        if write.request.operation != TRANSACT:
            return None
        current = await self._read(write, write.key)
        if current is not None and not current.keys() - (write.before or {}).keys():
            return None
        sight = Sight(current, await self._read(write, destination(write)))
        return self._settled(write, sight, doubtful=doubtful)

    async def _after_condition(self, write: ItemWrite, error: AwsError, *, doubtful: bool) -> _End:
        """DynamoDB says that a condition did not hold; what is there tells whether that is an earlier try's doing."""
        sight = _told_sight(write, error)
        if sight is None:
            sight = await self._look(write)
        if sight is None:
            note = "The item could not be read afterwards."
            state = WriteState.UNKNOWN if doubtful else WriteState.FAILED
            return _End(WriteResult(state=state, failure=error.failure, note=note, request_id=_request_id(error)))
        return self._settled(write, sight, doubtful=doubtful)

    async def _after_lost_reply(self, write: ItemWrite, error: AwsError) -> _End | None:
        """What a consistent read says of a write whose reply was lost; ``None`` when it did not arrive."""
        sight = await self._look(write)
        found = Fate.OTHER if sight is None else fate(write, sight)
        if sight is None or (found is Fate.OTHER and _is_blind(write)):
            note = f"Nobody can tell whether it was written: look at {item_words(write.table, write.key)}."
            current = None if sight is None else sight.current
            unknown = WriteResult(state=WriteState.UNKNOWN, current=current, failure=error.failure, note=note)
            return _End(msgspec.structs.replace(unknown, request_id=_request_id(error)))
        return None if found is Fate.UNTOUCHED else self._settled(write, sight, doubtful=True)

    def _settled(self, write: ItemWrite, sight: Sight, *, doubtful: bool) -> _End:
        """Done when what is there is what was intended, whoever wrote it; a conflict otherwise.

        An item that was to be created and that somebody else had created is a conflict, even an equal one: of two who
        create it only one has.
        """
        if fate(write, sight) is Fate.ARRIVED and (doubtful or not write.creates):
            item = sight.occupant if write.request.operation == TRANSACT else sight.current
            old = write.before if write.request.operation in (DELETE, PUT) else None
            arrived = GONE_NOTE if write.request.operation == DELETE else ARRIVED_NOTE
            note = arrived if doubtful else ALREADY_NOTE
            return _End(WriteResult(state=WriteState.DONE, item=item, old=old, note=note), ours=doubtful)
        return _End(
            WriteResult(
                state=WriteState.CONFLICT,
                current=sight.current,
                occupant=sight.occupant,
                failure=conflict_failure(write, sight),
                note="An earlier try may have been written before the change." if doubtful else "",
            )
        )

    async def _look(self, write: ItemWrite) -> Sight | None:
        """Reads consistently what is at the write's keys; ``None`` when that fails for long."""
        for delay in LOOK_DELAYS:
            await self._pause(delay)
            try:
                return Sight(await self._read(write, write.key), await self._read(write, destination(write)))
            except DbtuiError:
                continue
        return None

    async def _read(self, write: ItemWrite, key: Item | None) -> Item | None:
        if key is None:
            return None
        found = await self._gateway.item(write.table.ref.scope.target, write.table.id, key, consistent=True)
        return found.item

    async def _tell(self, plan: Plan, operation: Operation, *, arrived: bool) -> None:
        if arrived:
            call = plan.calls[0].operation
            await asyncio.to_thread(
                self._journal.sent, operation.op_id, plan, call, operation.request_id, operation.watch
            )
        await asyncio.to_thread(self._journal.outcome, plan, operation)
        self._report(operation)

    def _ended(self, operation: Operation, result: WriteResult) -> Operation:
        return msgspec.structs.replace(
            operation,
            state=STATES[result.state],
            ended_at=self._clock(),
            status=result.note if result.done else str(result.state),
            request_id=result.request_id,
            error="" if result.done or result.failure is None else result.failure.sentence,
            failure=None if result.done else result.failure,
            warning=result.warning,
        )


def _is_another(planned: Table, table: Table) -> bool:
    """Whether the name belongs to another table by now; endpoints without table ids are judged by creation time."""
    if planned.table_id and table.table_id:
        return planned.table_id != table.table_id
    if planned.created_at is None or table.created_at is None:
        return False
    return planned.created_at != table.created_at


def _is_blind(write: ItemWrite) -> bool:
    """Whether the write replaces an item nobody had read: nothing then tells whether it arrived."""
    return write.before is None and not write.creates


def _told_sight(write: ItemWrite, error: AwsError) -> Sight | None:
    """What the error itself shows; ``None`` when an item is missing from it, which may mean two things."""
    items = told_items(error)
    if write.request.operation != TRANSACT:
        return Sight(items[0]) if items[0] is not None else None
    return None


def _done(write: ItemWrite, reply: Mapping[str, Any]) -> WriteResult:
    returned: Item | None = reply.get("Attributes") or None
    operation = write.request.operation
    old = returned if operation in (DELETE, PUT) else None
    return WriteResult(
        state=WriteState.DONE,
        item=_item_after(write, returned if operation == UPDATE else None),
        old=old,
        units=_units(reply.get("ConsumedCapacity")),
        note=unseen_words(write.before, old),
        request_id=str(reply.get("ResponseMetadata", {}).get("RequestId", "")),
    )


def _item_after(write: ItemWrite, returned: Item | None) -> Item | None:
    """The item as DynamoDB returned it, or as the write intends it where it returned none."""
    if returned is not None or write.after is None:
        return returned
    if write.request.operation == UPDATE:
        return apply(write.before or {}, changes_at(write.touched, write.before or {}, write.after))
    return write.after


def _units(consumed: Any) -> float | None:
    """Capacity units of a reply: one table's, or the sum of a transaction's."""
    entries = consumed if isinstance(consumed, list) else [consumed]
    found = [entry.get("CapacityUnits") for entry in entries if isinstance(entry, Mapping)]
    known = [float(units) for units in found if units is not None]
    return sum(known) if known else None


def _not_sent(error: DbtuiError) -> WriteResult:
    """Refused by dbtui, or AWS failed before anything was sent."""
    state = WriteState.REFUSED if isinstance(error, Refused) else WriteState.FAILED
    return WriteResult(state=state, failure=error.failure, note="Nothing was sent.", request_id=_request_id(error))


def _failed(write: ItemWrite, error: AwsError, note: str = "") -> WriteResult:
    failure = error.failure
    if failure.kind is FailureKind.NOT_FOUND:
        title, hint = _gone(write.table)
        failure = msgspec.structs.replace(failure, title=title, hint=hint)
    elif words := cancelled_words(error):
        failure = msgspec.structs.replace(failure, title=f"The transaction was cancelled: {words}.")
    return WriteResult(state=WriteState.FAILED, failure=failure, note=note, request_id=_request_id(error))


def _gone(table: Table) -> tuple[str, str]:
    return f"Table {table.id} no longer exists.", "Nothing was written."


def _request_id(error: DbtuiError) -> str:
    return error.failure.request_id
