"""PutItem, UpdateItem, DeleteItem and BatchWriteItem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dbtui.demo.dataplane import capacity
from dbtui.demo.dataplane.capacity import Bill
from dbtui.demo.dataplane.paths import project
from dbtui.demo.dataplane.reading import Find, Json
from dbtui.demo.dataplane.target import Target
from dbtui.demo.dataplane.values import Item
from dbtui.demo.dataplane.writing import Effect, Params, Write, attempt, read_delete, read_put, read_update_write
from dbtui.demo.protocol.errors import validation

Commit = Callable[[Effect], None]
"""Makes an effect true and tells whoever follows the tables."""
MOST_IN_BATCH = 25
_UPDATE_RETURNS = ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")


def put_item(find: Find, commit: Commit, params: Params) -> Json:
    return _replaced(find, commit, params, read_put)


def delete_item(find: Find, commit: Commit, params: Params) -> Json:
    return _replaced(find, commit, params, read_delete)


def _replaced(find: Find, commit: Commit, params: Params, read: Callable[[Target, Params], Write]) -> Json:
    target = find(params.get("TableName"))
    wanted = params.get("ReturnValues", "NONE")
    if wanted not in ("NONE", "ALL_OLD"):
        raise validation("Return values set to invalid value")
    effect = attempt(read(target, params))
    commit(effect)
    shown = {"Attributes": effect.before} if wanted == "ALL_OLD" and effect.before else {}
    return shown | _costs(params, effect)


def update_item(find: Find, commit: Commit, params: Params) -> Json:
    target = find(params.get("TableName"))
    wanted = params.get("ReturnValues", "NONE")
    if wanted not in _UPDATE_RETURNS:
        raise validation(
            f"1 validation error detected: Value '{wanted}' at 'returnValues' failed to satisfy constraint: "
            "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
        )
    effect = attempt(read_update_write(target, params))
    commit(effect)
    item = _returned(wanted, effect)
    return ({"Attributes": item} if item else {}) | _costs(params, effect)


def _returned(wanted: str, effect: Effect) -> Item | None:
    if wanted == "NONE":
        return None
    item = effect.before if wanted.endswith("OLD") else effect.after
    if item is None or wanted.startswith("ALL"):
        return item
    return project(item, effect.write.paths)


def _costs(params: Params, effect: Effect) -> Json:
    target = effect.write.target
    bill = Bill(target.name)
    effect.add_to(bill)
    return capacity.one(params, bill) | _collection(params, effect)


def _collection(params: Params, effect: Effect) -> Json:
    """ItemCollectionMetrics: only tables with a local index have item collections."""
    if params.get("ReturnItemCollectionMetrics") != "SIZE":
        return {}
    target = effect.write.target
    if not target.view.get("LocalSecondaryIndexes"):
        return {}
    key = {part.name: effect.write.key[part.name] for part in target.schema.hash}
    return {"ItemCollectionMetrics": {"ItemCollectionKey": key, "SizeEstimateRangeGB": [0.0, 1.0]}}


def batch_write_item(find: Find, commit: Commit, params: Params) -> Json:
    requests: Mapping[str, Any] = params.get("RequestItems") or {}
    if not requests or not all(requests.values()):
        raise validation("The batch write request list for a table cannot be null or empty")
    if sum(map(len, requests.values())) > MOST_IN_BATCH:
        raise validation("Too many items requested for the BatchWriteItem call")
    writes = [_read_request(find(name), request) for name, entries in requests.items() for request in entries]
    if len({(write.target.name, write.target.data.order_key(write.key)) for write in writes}) < len(writes):
        raise validation("Provided list of item keys contains duplicates")
    bills: dict[str, Bill] = {}
    for write in writes:
        effect = attempt(write)
        commit(effect)
        effect.add_to(bills.setdefault(write.target.name, Bill(write.target.name)))
    return capacity.several(params, bills.values()) | {"UnprocessedItems": {}}


def _read_request(target: Target, request: Mapping[str, Any]) -> Write:
    if len(request) != 1:
        raise validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
            "datatypes"
        )
    if "PutRequest" in request:
        return read_put(target, {"Item": request["PutRequest"].get("Item")})
    return read_delete(target, {"Key": request["DeleteRequest"].get("Key")})
