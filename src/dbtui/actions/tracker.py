"""Follows operations until what they watch has settled, and finds them again after a restart.

Operations are plain objects owned by the program, never by a screen. All that watch the same kind in the same target
share one filtered call; nothing is asked while nothing is running.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from dbtui.actions.journal import Journal
from dbtui.actions.journaled import in_flight_elsewhere, journaled, sent_watch, unsent_calls
from dbtui.actions.model import Observation, Operation, OperationState, PlanContext
from dbtui.actions.registry import by_name
from dbtui.domain.clock import Clock
from dbtui.domain.failures import AwsError, DbtuiError, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.scope import ResourceRef, Target
from dbtui.gateway.protocol import Gateway
from dbtui.items.writes import VERBS as ITEM_VERBS
from dbtui.resources import Query, kind_named, kind_of, short_place

POLL_SECONDS = 5.0
APPEAR_WITHIN = timedelta(seconds=60)
"""How long a watched resource may be missing at first: AWS's lists lag behind its writes, and a call whose sender
was killed may still be on its way."""

STUCK_AFTER = timedelta(minutes=3)
"""How long a status that does not pass by itself, and is not the goal, is waited for."""

Listener = Callable[[Operation], None]

_LASTING = (FailureKind.PERMISSION, FailureKind.CREDENTIALS)
"""Failures that waiting does not mend."""


class Tracker:
    """Every operation of this program, and those it found in the journal.

    Writes of items come here when they have ended: there is nothing to follow. ``drafts`` is the folder of the texts
    that were typed for them.
    """

    def __init__(
        self,
        gateway: Gateway,
        journal: Journal,
        clock: Clock,
        *,
        poll_seconds: float = POLL_SECONDS,
        drafts: Path | None = None,
    ) -> None:
        self._gateway = gateway
        self._journal = journal
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._drafts = drafts
        self._operations: dict[str, Operation] = {}
        self._status_since: dict[str, datetime] = {}
        self._seen_running: set[str] = set()
        self._listeners: list[Listener] = []
        self._poller: asyncio.Task[None] | None = None
        self._changed = asyncio.Condition()
        self._announcements: set[asyncio.Task[None]] = set()

    @property
    def operations(self) -> tuple[Operation, ...]:
        """All operations, the newest first."""
        return tuple(sorted(self._operations.values(), key=lambda operation: operation.started_at, reverse=True))

    @property
    def running(self) -> tuple[Operation, ...]:
        return tuple(op for op in self._operations.values() if op.state is OperationState.RUNNING)

    @property
    def running_count(self) -> int:
        return len(self.running)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener`` with every new form of an operation; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def add(self, operation: Operation) -> None:
        """Takes over an operation as the runner left it; a running one is followed from now on."""
        self._put(operation)
        if operation.state is OperationState.RUNNING and (self._poller is None or self._poller.done()):
            self._poller = asyncio.create_task(self._poll(), name="tracker")

    async def wait(
        self,
        op_id: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the caller's budget
        *,
        or_unreadable: bool = False,
    ) -> Operation:
        """The operation once it has ended, or as it is when ``timeout`` seconds have passed.

        With ``or_unreadable`` also as soon as credentials or permissions keep it from being looked at.
        """

        def is_over() -> bool:
            operation = self._operations[op_id]
            unreadable = or_unreadable and operation.failure is not None
            return unreadable or operation.state is not OperationState.RUNNING

        with suppress(TimeoutError):
            async with asyncio.timeout(timeout), self._changed:
                await self._changed.wait_for(is_over)
        return self._operations[op_id]

    async def close(self) -> None:
        """Stops following; the operations go on in AWS."""
        tasks = [task for task in (self._poller, *self._announcements) if task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def recover(self, targets: Sequence[Target] = ()) -> tuple[Operation, ...]:
        """Reads the journal: ended operations for Activity, unfinished ones to follow. Returns those it follows.

        Only operations at the endpoints in use are followed; ``targets`` empty means all.
        """
        records = await asyncio.to_thread(lambda: list(self._journal.records()))
        found = [
            operation for operation in journaled(records, self._clock()) if operation.op_id not in self._operations
        ]
        for operation in found:
            if operation.state is not OperationState.RUNNING:
                self._put(operation)
        in_flight = in_flight_elsewhere(records, self._clock())
        unfinished = [
            operation
            for operation in found
            if operation.state is OperationState.RUNNING
            and operation.op_id not in in_flight
            and _in_use(operation.scope.target, targets)
        ]
        followed = [await self._resume(operation, records) for operation in unfinished]
        for operation in followed:
            self.add(operation)
        return tuple(operation for operation in followed if operation.state is OperationState.RUNNING)

    async def _resume(self, operation: Operation, records: Sequence[dict[str, Any]]) -> Operation:
        """An unfinished operation as it stands: followed, or ended when AWS shows that it was never carried out."""
        watch = sent_watch(operation.op_id, records)
        if operation.action in ITEM_VERBS:
            return await self._end_item_write(operation, arrived=watch is not None)
        if watch is not None:
            left = unsent_calls(operation.op_id, records)
            if left:
                text = f"dbtui ended in the middle; not sent: {', '.join(left)}."
                return await self._end(operation, OperationState.FAILED, error=text)
            return msgspec.structs.replace(operation, watch=watch)
        assert operation.plan is not None
        context = PlanContext(self._gateway, self._clock)
        try:
            trace = await by_name(operation.action).trace(context, operation.plan, operation.started_at)
        except AwsError as error:
            return msgspec.structs.replace(operation, status=f"not known yet: {error.failure.title}")
        if trace.done:
            return msgspec.structs.replace(operation, watch=trace.watch or operation.watch)
        if trace.done is False and self._clock() - operation.started_at < APPEAR_WITHIN:
            return msgspec.structs.replace(operation, status="not seen yet")
        state = OperationState.FAILED if trace.done is False else OperationState.UNKNOWN
        text = (
            "dbtui ended before the call was answered; AWS's state shows that it was not carried out."
            if trace.done is False
            else f"dbtui ended before the call was answered; look at {short_place(operation.watch)}."
        )
        return await self._end(operation, state, error=text)

    async def _end_item_write(self, operation: Operation, *, arrived: bool) -> Operation:
        """A write of an item whose program ended before it could say what came of it."""
        if arrived:
            return await self._end(operation, OperationState.DONE, error="")
        text = "dbtui ended before the write was answered: it may have been carried out; look at the item."
        where = f" If it was typed in the editor, its draft is in {self._drafts}." if self._drafts is not None else ""
        return await self._end(operation, OperationState.UNKNOWN, error=text + where)

    async def _poll(self) -> None:
        while self.running:
            await asyncio.sleep(self._poll_seconds)
            await self.look()

    async def look(self) -> None:
        """Looks once at everything that is watched, one filtered call for each kind and target."""
        groups: dict[tuple[Target, str], list[Operation]] = defaultdict(list)
        for operation in self.running:
            groups[(operation.watch.scope.target, operation.watch.kind)].append(operation)
        await asyncio.gather(*(self._look_at(target, kind, ops) for (target, kind), ops in groups.items()))

    async def _look_at(self, target: Target, kind_name: str, operations: Iterable[Operation]) -> None:
        operations = list(operations)
        try:
            present = await self._read(target, kind_name, [operation.watch.id for operation in operations])
        except DbtuiError as error:
            lasting = error.failure if error.failure.kind in _LASTING else None
            status = f"cannot be read: {error.failure.title}"
            for operation in operations:
                self._put(msgspec.structs.replace(operation, status=status, failure=lasting))
            return
        for operation in operations:
            await self._judge(operation, present.get(operation.watch.id.lower()))

    async def _read(self, target: Target, kind_name: str, ids: Sequence[str]) -> dict[str, Resource]:
        kind = kind_named(kind_name)
        if kind.filterable_by_ids:
            pages: AsyncIterator[Any] = kind.listing(self._gateway, target, Query(tuple(ids)))
            return {model.id.lower(): model async for page in pages for model in page.items}
        found = await asyncio.gather(*(self._get(target, kind_name, identifier) for identifier in ids))
        return {model.id.lower(): model for model in found if model is not None}

    async def _get(self, target: Target, kind_name: str, identifier: str) -> Resource | None:
        try:
            resource: Resource = await kind_named(kind_name).get(self._gateway, target, identifier)
        except AwsError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return None
            raise
        return resource

    async def _judge(self, operation: Operation, resource: Resource | None) -> None:
        now = self._clock()
        if resource is None and now - operation.started_at < APPEAR_WITHIN:
            return
        assert operation.plan is not None
        seen = by_name(operation.action).judge(operation.plan, resource)
        since = self._since(operation, seen, now)
        current = msgspec.structs.replace(
            operation, status=seen.status, percent=seen.percent, result=seen.resource, failure=None
        )
        if not seen.settled:
            self._seen_running.add(operation.op_id)
        if seen.settled:
            state = OperationState.DONE if seen.good else OperationState.FAILED
            await self._finish(current, state, "" if seen.good else _bad_end(operation.watch, seen))
        elif (
            resource is not None
            and not kind_of(resource.ref).status(resource).transitional
            and now - since > STUCK_AFTER
        ):
            await self._finish(current, OperationState.FAILED, f"{short_place(operation.watch)} stays {seen.status}.")
        elif current != operation:
            self._put(current)

    def _since(self, operation: Operation, seen: Observation, now: datetime) -> datetime:
        """Since when the watched resource has had its status."""
        if operation.status != seen.status:
            self._status_since[operation.op_id] = now
        return self._status_since.setdefault(operation.op_id, now)

    async def _finish(self, operation: Operation, state: OperationState, error: str) -> None:
        self._put(await self._end(operation, state, error=error))

    async def _end(self, operation: Operation, state: OperationState, *, error: str) -> Operation:
        # What had ended before this program looked at it ended at a time nobody here knows.
        unseen = operation.recovered and operation.op_id not in self._seen_running
        ended = msgspec.structs.replace(operation, state=state, ended_at=None if unseen else self._clock(), error=error)
        if ended.plan is not None:
            await asyncio.to_thread(self._journal.outcome, ended.plan, ended)
        return ended

    def _put(self, operation: Operation) -> None:
        self._operations[operation.op_id] = operation
        for listener in tuple(self._listeners):
            listener(operation)
        task = asyncio.get_running_loop().create_task(self._wake())
        self._announcements.add(task)
        task.add_done_callback(self._announcements.discard)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _bad_end(watch: ResourceRef, seen: Observation) -> str:
    if seen.gone:
        return f"{short_place(watch)} is gone."
    remedy = kind_of(watch).status(seen.resource).remedy if seen.resource is not None else ""
    return f"{short_place(watch)} is {seen.status}. {remedy}".strip()


def _in_use(target: Target, targets: Sequence[Target]) -> bool:
    return not targets or any(target.endpoint == used.endpoint for used in targets)
