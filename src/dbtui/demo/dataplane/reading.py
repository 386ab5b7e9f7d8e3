"""Single items: GetItem, BatchGetItem, TransactGetItems."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from dbtui.demo.dataplane import capacity
from dbtui.demo.dataplane.capacity import Bill, read_units
from dbtui.demo.dataplane.collection import Stored
from dbtui.demo.dataplane.keys import check_key
from dbtui.demo.dataplane.paths import project
from dbtui.demo.dataplane.placeholders import Path, Placeholders, read_projection
from dbtui.demo.dataplane.tabledata import decoded
from dbtui.demo.dataplane.target import Target
from dbtui.demo.dataplane.values import Item
from dbtui.demo.protocol.errors import validation

Find: TypeAlias = Callable[[object], Target]
"""The table that a request names."""
Json: TypeAlias = dict[str, Any]
MOST_IN_BATCH = 100
_BATCH_BYTES = 16 * 1024 * 1024


class _Asked:
    """What is wanted of items: which attributes, and how consistent."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.consistent = bool(params.get("ConsistentRead", False))
        placeholders = Placeholders(params, ("ProjectionExpression",))
        text = params.get("ProjectionExpression")
        self.paths: list[Path] | None = None
        if text is not None:
            self.paths = read_projection(text, "ProjectionExpression", placeholders)
        placeholders.check_all_used()

    def shown(self, stored: Stored) -> Item:
        item = decoded(stored)
        return item if self.paths is None else project(item, self.paths)


def get_item(find: Find, params: Mapping[str, Any]) -> Json:
    target = find(params.get("TableName"))
    key = check_key(target.schema, params.get("Key"))
    asked = _Asked(params)
    stored = target.data.get(key)
    bill = Bill(target.name, units=read_units(stored.size if stored else 0, consistent=asked.consistent))
    found = {} if stored is None else {"Item": asked.shown(stored)}
    return capacity.one(params, bill) | found


def batch_get_item(find: Find, params: Mapping[str, Any]) -> Json:
    requests: Mapping[str, Any] = params.get("RequestItems") or {}
    if not requests:
        raise validation(
            "1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        )
    if sum(len(wanted["Keys"]) for wanted in requests.values()) > MOST_IN_BATCH:
        raise validation("Too many items requested for the BatchGetItem call")
    responses: Json = {}
    unprocessed: Json = {}
    bills: list[Bill] = []
    room = _BATCH_BYTES
    for name, wanted in requests.items():
        target = find(name)
        asked = _Asked(wanted)
        keys = [check_key(target.schema, key) for key in wanted["Keys"]]
        if len({target.data.order_key(key) for key in keys}) < len(keys):
            raise validation("Provided list of item keys contains duplicates")
        bill = Bill(target.name)
        items: list[Item] = []
        left: list[Item] = []
        for key in keys:
            stored = target.data.get(key)
            size = stored.size if stored else 0
            if room < size:
                left.append(key)
                continue
            room -= size
            bill.units += read_units(size, consistent=asked.consistent)
            if stored is not None:
                items.append(asked.shown(stored))
        responses[name] = items
        bills.append(bill)
        if left:
            unprocessed[name] = {**wanted, "Keys": left}
    return capacity.several(params, bills) | {"Responses": responses, "UnprocessedKeys": unprocessed}


def transact_get_items(find: Find, params: Mapping[str, Any]) -> Json:
    responses: list[Json] = []
    bills: dict[str, Bill] = {}
    entries = params["TransactItems"]
    if not 1 <= len(entries) <= MOST_IN_BATCH:
        bound = "greater than or equal to 1" if not entries else f"less than or equal to {MOST_IN_BATCH}"
        raise validation(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
    for entry in entries:
        get = entry["Get"]
        target = find(get.get("TableName"))
        asked = _Asked(get)
        stored = target.data.get(check_key(target.schema, get.get("Key")))
        bill = bills.setdefault(target.name, Bill(target.name, in_transaction=True))
        bill.units += 2 * read_units(stored.size if stored else 0, consistent=True)
        responses.append({} if stored is None else {"Item": asked.shown(stored)})
    return capacity.several(params, bills.values()) | {"Responses": responses}
