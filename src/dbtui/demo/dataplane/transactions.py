"""TransactWriteItems: all or nothing, reasons per item, and a token that makes a repeat harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dbtui.demo.dataplane import capacity
from dbtui.demo.dataplane.capacity import Bill, read_units
from dbtui.demo.dataplane.changes import Commit
from dbtui.demo.dataplane.reading import Find, Json
from dbtui.demo.dataplane.target import Target
from dbtui.demo.dataplane.tokens import Tokens
from dbtui.demo.dataplane.values import Item
from dbtui.demo.dataplane.writing import (
    ConditionFailed,
    Effect,
    Params,
    Write,
    attempt,
    read_check,
    read_delete,
    read_put,
    read_update_write,
)
from dbtui.demo.protocol.errors import AwsError, validation

MOST_ACTIONS = 100
LARGEST_REQUEST = 4 * 1024 * 1024
_READERS: dict[str, Callable[[Target, Params], Write]] = {
    "Put": read_put,
    "Update": read_update_write,
    "Delete": read_delete,
    "ConditionCheck": read_check,
}


def transact_write_items(find: Find, commit: Commit, params: Params, tokens: Tokens, now: datetime) -> Json:
    writes = _read(find, params.get("TransactItems") or [])
    if tokens.repeats(params, now):
        return capacity.several(params, _reading_bills(writes))
    effects = _attempt_all(writes)
    bills: dict[str, Bill] = {}
    for effect in effects:
        commit(effect)
        name = effect.write.target.name
        effect.add_to(bills.setdefault(name, Bill(name, "Write", in_transaction=True)), factor=2)
    tokens.remember(params, now)
    return capacity.several(params, bills.values())


def _read(find: Find, entries: Sequence[Mapping[str, Any]]) -> list[Write]:
    if not 1 <= len(entries) <= MOST_ACTIONS:
        bound = "greater than or equal to 1" if not entries else f"less than or equal to {MOST_ACTIONS}"
        raise validation(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
    writes = []
    for entry in entries:
        if len(entry) != 1 or next(iter(entry)) not in _READERS:
            raise validation("TransactItems can only contain one of Check, Put, Update or Delete")
        kind, params = next(iter(entry.items()))
        writes.append(_READERS[kind](find(params.get("TableName")), params))
    if len({(write.target.name, write.target.data.order_key(write.key)) for write in writes}) < len(writes):
        raise validation("Transaction request cannot include multiple operations on one item")
    return writes


def _attempt_all(writes: list[Write]) -> list[Effect]:
    effects: list[Effect] = []
    reasons: list[Json] = []
    for write in writes:
        try:
            effects.append(attempt(write))
            reasons.append({"Code": "None"})
        except ConditionFailed as failed:
            reasons.append(_reason("ConditionalCheckFailed", failed, failed.item))
        except AwsError as error:
            reasons.append(_reason("ValidationError", error))
    if len(effects) < len(writes):
        raise _cancelled(reasons)
    if sum(effect.stored_after.size for effect in effects if effect.stored_after) > LARGEST_REQUEST:
        raise validation("Collection size of items in the transaction has exceeded the maximum allowed size of 4 MB")
    return effects


def _reason(code: str, error: AwsError, item: Item | None = None) -> Json:
    return {"Code": code} | ({"Item": item} if item else {}) | {"Message": error.message}


def _cancelled(reasons: list[Json]) -> AwsError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return AwsError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        members={"CancellationReasons": reasons},
    )


def _reading_bills(writes: list[Write]) -> list[Bill]:
    """A repeat reads the items instead of writing them."""
    bills: dict[str, Bill] = {}
    for write in writes:
        name = write.target.name
        bill = bills.setdefault(name, Bill(name, "Read", in_transaction=True))
        stored = write.target.data.get(write.key)
        bill.units += 2 * read_units(stored.size if stored else 0, consistent=True)
    return list(bills.values())
