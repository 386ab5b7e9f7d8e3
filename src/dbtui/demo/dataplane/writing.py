"""One item changed: what PutItem, UpdateItem, DeleteItem and the parts of a transaction have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from dbtui.demo.dataplane.capacity import Bill, write_units
from dbtui.demo.dataplane.collection import Stored
from dbtui.demo.dataplane.conditions import Predicate, predicate
from dbtui.demo.dataplane.grammar import read_condition
from dbtui.demo.dataplane.keys import check_index_keys, check_item_keys, check_key, key_of
from dbtui.demo.dataplane.placeholders import Path, Placeholders
from dbtui.demo.dataplane.tabledata import decoded, encoded
from dbtui.demo.dataplane.target import Target
from dbtui.demo.dataplane.updates import read_update
from dbtui.demo.dataplane.values import LARGEST_ITEM, Item, checked_item
from dbtui.demo.protocol.errors import AwsError, validation

Params: TypeAlias = Mapping[str, Any]
Change: TypeAlias = Callable[[Item | None], Item | None]
"""The item as it will be (None: gone), from the item as it is (None: not there)."""
_INVALID = "One or more parameter values were invalid: "


@dataclass(frozen=True)
class Write:
    """A change of one item that has been read and checked, but not tried."""

    target: Target
    key: Item
    change: Change
    condition: Predicate | None
    shows_item: bool
    """Whether a failed condition returns the item (ReturnValuesOnConditionCheckFailure)."""
    paths: tuple[Path, ...] = ()
    """What an update names."""
    is_check: bool = False
    """ConditionCheck of a transaction: nothing changes."""


class ConditionFailed(AwsError):
    def __init__(self, item: Item | None) -> None:
        super().__init__(
            "ConditionalCheckFailedException", "The conditional request failed", members={"Item": item} if item else {}
        )
        self.item = item


@dataclass(frozen=True)
class Effect:
    """A write that may happen: the item before and after it."""

    write: Write
    before: Item | None
    after: Item | None
    stored_before: Stored | None
    stored_after: Stored | None

    def commit(self) -> None:
        if not self.write.is_check:
            self.write.target.data.put(self.write.key, self.before, self.stored_after)

    def add_to(self, bill: Bill, factor: int = 1) -> None:
        """Write units of the table and of every index whose entry changes; transactions cost twice."""
        old, new = self.stored_before, self.stored_after
        bill.units += factor * write_units(old.size if old else 0, new.size if new else 0)
        if self.write.is_check:
            return
        table_key = self.write.target.data.order_key(self.write.key)
        for index in self.write.target.indexes():
            before = index.project(old) if old and self.before and index.key(self.before, table_key) else None
            after = index.project(new) if new and self.after and index.key(self.after, table_key) else None
            units = 0.0
            if before and after and index.key(self.before or {}, table_key) == index.key(self.after or {}, table_key):
                changed = decoded(before) != decoded(after)
                units = write_units(before.size, after.size) if changed else 0.0
            else:
                units = sum(write_units(entry.size, 0) for entry in (before, after) if entry)
            if units:
                bill.add_index(index.name, factor * units, local=index.local)


def attempt(write: Write) -> Effect:
    """Try the condition and compute the item; nothing is changed yet."""
    stored = write.target.data.get(write.key)
    before = decoded(stored) if stored else None
    if write.condition is not None and not write.condition(before or {}):
        raise ConditionFailed(before if write.shows_item else None)
    after = write.change(decoded(stored) if stored else None)
    if after is None:
        return Effect(write, before, None, stored, None)
    new = encoded(after)
    return Effect(write, before, after, stored, new)


def _read_condition(params: Params, placeholders: Placeholders) -> Predicate | None:
    text = params.get("ConditionExpression")
    if text is None:
        return None
    return predicate(read_condition(text, "ConditionExpression", placeholders))


def _shows_item(params: Params) -> bool:
    wanted = params.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if wanted not in ("NONE", "ALL_OLD"):
        raise validation(
            f"1 validation error detected: Value '{wanted}' at 'returnValuesOnConditionCheckFailure' failed to "
            "satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]"
        )
    return bool(wanted == "ALL_OLD")


def read_put(target: Target, params: Params) -> Write:
    item = checked_item(params.get("Item"))
    check_item_keys(target.schema, item)
    for index in target.indexes():
        check_index_keys(index.name, index.schema, item)
    placeholders = Placeholders(params, ("ConditionExpression",))
    condition = _read_condition(params, placeholders)
    placeholders.check_all_used()
    if encoded(item).size > LARGEST_ITEM:
        raise validation("Item size has exceeded the maximum allowed size")
    return Write(target, key_of(target.schema, item), lambda _: item, condition, _shows_item(params))


def read_delete(target: Target, params: Params) -> Write:
    key = check_key(target.schema, params.get("Key"))
    placeholders = Placeholders(params, ("ConditionExpression",))
    condition = _read_condition(params, placeholders)
    placeholders.check_all_used()
    return Write(target, key, lambda _: None, condition, _shows_item(params))


def read_check(target: Target, params: Params) -> Write:
    """ConditionCheck: the item stays as it is."""
    key = check_key(target.schema, params.get("Key"))
    placeholders = Placeholders(params, ("ConditionExpression",))
    condition = _read_condition(params, placeholders)
    if condition is None:
        raise validation("The ConditionExpression parameter is required for a ConditionCheck")
    placeholders.check_all_used()
    return Write(target, key, lambda item: item, condition, _shows_item(params), is_check=True)


def read_update_write(target: Target, params: Params) -> Write:
    key = check_key(target.schema, params.get("Key"))
    placeholders = Placeholders(params, ("UpdateExpression", "ConditionExpression"))
    text = params.get("UpdateExpression")
    update = read_update(text, placeholders) if text is not None else None
    condition = _read_condition(params, placeholders)
    placeholders.check_all_used()
    paths = tuple(update.paths) if update else ()
    for path in paths:
        if path[0] in key:
            raise validation(f"{_INVALID}Cannot update attribute {path[0]}. This attribute is part of the key")

    def change(item: Item | None) -> Item:
        changed = dict(key) if item is None else item
        if update is not None:
            update.apply(changed)
        changed = checked_item(changed)
        for index in target.indexes():
            check_index_keys(index.name, index.schema, changed)
        if encoded(changed).size > LARGEST_ITEM:
            raise validation("Item size to update has exceeded the maximum allowed size")
        return changed

    return Write(target, key, change, condition, _shows_item(params), paths)
