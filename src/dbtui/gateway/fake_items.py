"""The items of the fake's tables: pages of Scan and Query, GetItem and the four writes, in memory.

Scan gives items in the order they were first put; a segment holds whole partitions. An ExclusiveStartKey must be one
that was handed out: anything else, such as a binary key left as base64, is refused.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import msgspec

from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.scope import Target
from dbtui.domain.values import Item, copy_item, item_size, key_of, type_of
from dbtui.gateway.fake_expressions import Expressions, aws_failure, invalid, rank
from dbtui.gateway.protocol import ItemFound, ItemPage

Reply = Mapping[str, Any]
Identity = tuple[tuple[str, Any], ...]

MAX_ITEM_BYTES = 400 * 1024
WRITES = frozenset({"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:TransactWriteItems"})
_TRANSACTION = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheck"}


@dataclass(slots=True)
class _Stored:
    """One table's items by key, in the order their keys were first put; ``None`` where one was deleted."""

    items: dict[Identity, Item | None] = field(default_factory=dict)
    places: dict[Identity, int] = field(default_factory=dict)

    def put(self, identity: Identity, item: Item | None) -> None:
        self.places.setdefault(identity, len(self.places))
        self.items[identity] = item

    def after(self, place: int) -> Iterator[tuple[Identity, Item]]:
        """The items behind a place; -1 gives all."""
        for identity, item in islice(self.items.items(), place + 1, None):
            if item is not None:
                yield identity, item


@dataclass(frozen=True, slots=True)
class _Change:
    """A write that met its condition: ``after`` replaces ``before`` under ``identity``; ``None`` is no item."""

    stored: _Stored
    identity: Identity
    before: Item | None
    after: Item | None
    written: bool = True

    def apply(self) -> None:
        if self.written and (self.before is not None or self.after is not None):
            self.stored.put(self.identity, self.after)

    @property
    def units(self) -> float:
        """Write capacity units: one per started kilobyte of the larger image."""
        size = max((item_size(item) for item in (self.before, self.after) if item is not None), default=0)
        return float(max(1, math.ceil(size / 1024)))


class FakeItems:
    """The data plane of :class:`dbtui.gateway.fake.FakeGateway`; ``find`` gives the model of a table."""

    def __init__(self, find: Callable[[Target, str], Table | None]) -> None:
        self._find = find
        self._tables: dict[tuple[Target, str], _Stored] = {}
        self._tokens: dict[str, tuple[Mapping[str, Any], Reply]] = {}

    def put(self, target: Target, name: str, items: Iterable[Item]) -> None:
        """Adds items, or replaces those with the same key. The table's model must be there."""
        table, stored = self._open(target, name, "PutItem")
        for item in items:
            stored.put(_identity(table, item, "PutItem"), copy_item(item))

    def all(self, target: Target, name: str) -> list[Item]:
        """Copies of the items, in the order of a Scan."""
        _, stored = self._open(target, name, "Scan")
        return [copy_item(item) for _, item in stored.after(-1)]

    def get(self, target: Target, name: str, key: Item, *, consistent: bool) -> ItemFound:
        """GetItem."""
        table, stored = self._open(target, name, "GetItem")
        if key.keys() != {part.name for part in table.keys}:
            raise invalid("GetItem", "The provided key element does not match the schema")
        found = stored.items.get(_identity(table, key, "GetItem"))
        return ItemFound(None if found is None else copy_item(found), _read_units([found or {}], consistent=consistent))

    def page(self, target: Target, operation: str, parameters: Mapping[str, Any], page_size: int) -> ItemPage:
        """One page of Scan or Query: ``Limit`` or ``page_size`` evaluated items, whichever is less."""
        table, stored = self._open(target, parameters["TableName"], operation)
        index = _index(table, parameters.get("IndexName", ""), operation)
        consistent = bool(parameters.get("ConsistentRead"))
        if consistent and index is not None and index.is_global:
            raise invalid(operation, "Consistent reads are not supported on global secondary indexes")
        expressions = Expressions(operation, parameters)
        wanted = expressions.condition(parameters.get("FilterExpression"))
        keys = _page_keys(table, index)
        view = _View(table, index, stored, keys)
        found = view.scan(parameters) if operation == "Scan" else view.query(parameters, expressions)
        expressions.check_used()
        limit = min(int(parameters.get("Limit", page_size)), page_size)
        page = list(islice(found, limit))
        more = len(page) == limit == parameters.get("Limit") or next(found, None) is not None
        return ItemPage(
            items=[_raw(_projected(index, keys, item)) for item in page if wanted(item)],
            scanned=len(page),
            last_key=key_of(page[-1], keys) if more else None,
            units=_read_units(page, consistent=consistent),
        )

    def carry_out(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> Reply:
        """One write, ``operation`` without its service; all of a transaction or nothing."""
        if operation == "TransactWriteItems":
            return self._transaction(target, parameters)
        try:
            change = self._prepare(target, operation, parameters)
        except _ConditionFailedError as failed:
            raise failed.error(operation) from None
        change.apply()
        return _reply(operation, parameters, change)

    def _transaction(self, target: Target, parameters: Mapping[str, Any]) -> Reply:
        token = str(parameters.get("ClientRequestToken", ""))
        if token in self._tokens:
            before, reply = self._tokens[token]
            if before != parameters:
                raise aws_failure(
                    FailureKind.CONDITION,
                    "TransactWriteItems",
                    "IdempotentParameterMismatchException",
                    "The request uses the same client token as a previous, but non-identical request.",
                )
            return reply
        changes: list[_Change] = []
        reasons: list[dict[str, Any]] = []
        for entry in parameters["TransactItems"]:
            [(action, part)] = entry.items()
            try:
                changes.append(self._prepare(target, _TRANSACTION[action], part))
                reasons.append({"Code": "None"})
            except _ConditionFailedError as failed:
                reasons.append(failed.reason)
        if len(changes) < len(reasons):
            raise _cancelled(reasons)
        if len({(id(change.stored), change.identity) for change in changes}) < len(changes):
            title = "Transaction request cannot include multiple operations on one item"
            raise invalid("TransactWriteItems", title)
        for change in changes:
            change.apply()
        units = sum(2 * change.units for change in changes)
        tables = sorted({part["TableName"] for entry in parameters["TransactItems"] for part in entry.values()})
        reply = _consumed(parameters, [{"TableName": name, "CapacityUnits": units / len(tables)} for name in tables])
        if token:
            self._tokens[token] = (parameters, reply)
        return reply

    def _prepare(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> _Change:
        """What a write will do; raises :class:`_ConditionFailedError`, or :class:`AwsError` for one that makes no
        sense."""
        table, stored = self._open(target, parameters["TableName"], operation)
        item = parameters["Item"] if operation == "PutItem" else parameters["Key"]
        identity = _identity(table, item, operation)
        if operation != "PutItem" and item.keys() != {part.name for part in table.keys}:
            raise invalid(operation, "The provided key element does not match the schema")
        expressions = Expressions(operation, parameters)
        holds = expressions.condition(parameters.get("ConditionExpression"))
        update = expressions.update(parameters.get("UpdateExpression"))
        expressions.check_used()
        before = stored.items.get(identity)
        if not holds(before or {}):
            raise _ConditionFailedError(before if _wants_item(parameters) else None)
        if operation in ("DeleteItem", "ConditionCheck"):
            return _Change(stored, identity, before, None, written=operation == "DeleteItem")
        after = copy_item(item) if operation == "PutItem" else update(before or item)
        _check(table, after, identity, operation)
        return _Change(stored, identity, before, after)

    def _open(self, target: Target, name: str, operation: str) -> tuple[Table, _Stored]:
        table = self._find(target, name)
        if table is None:
            title = "Requested resource not found"
            raise aws_failure(FailureKind.NOT_FOUND, operation, "ResourceNotFoundException", title)
        return table, self._tables.setdefault((target, name), _Stored())


class _ConditionFailedError(Exception):
    """A condition did not hold. ``item`` is the item as it stands, if the request asked for it and there is one."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("The conditional request failed")
        self.item = None if item is None else copy_item(item)

    @property
    def reason(self) -> dict[str, Any]:
        """As one of a transaction's CancellationReasons."""
        reason = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
        return reason | ({} if self.item is None else {"Item": self.item})

    def error(self, operation: str) -> AwsError:
        members = {} if self.item is None else {"Item": self.item}
        code, title = "ConditionalCheckFailedException", "The conditional request failed"
        return aws_failure(FailureKind.CONDITION, operation, code, title, members)


def _cancelled(reasons: list[dict[str, Any]]) -> AwsError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    title = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    members = {"CancellationReasons": reasons}
    return aws_failure(FailureKind.CONDITION, "TransactWriteItems", "TransactionCanceledException", title, members)


def _wants_item(parameters: Mapping[str, Any]) -> bool:
    return bool(parameters.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD")


def _identity(table: Table, item: Item, operation: str) -> Identity:
    """What tells one item from another; raises ValidationException for a key that is missing or of another type."""
    for part in table.keys:
        if part.name not in item:
            raise invalid(operation, f"One of the required keys was not given a value: {part.name}")
        if type_of(item[part.name]) != part.type:
            raise invalid(operation, f"Type mismatch for key {part.name} expected: {part.type}")
    return tuple(rank(item[part.name]) for part in table.keys)


def _check(table: Table, after: Item, identity: Identity, operation: str) -> None:
    if any(part.name not in after for part in table.keys) or _identity(table, after, operation) != identity:
        raise invalid(operation, "Cannot update attribute. This attribute is part of the key")
    if item_size(after) > MAX_ITEM_BYTES:
        raise invalid(operation, "Item size has exceeded the maximum allowed size")
    for index in table.indexes:
        for part in index.keys:
            if part.name in after and type_of(after[part.name]) != part.type:
                title = f"Type mismatch for Index Key {part.name} Expected: {part.type}"
                raise invalid(operation, f"{title} Actual: {type_of(after[part.name])} IndexName: {index.name}")


def _index(table: Table, name: str, operation: str) -> Index | None:
    if not name:
        return None
    for index in table.indexes:
        if index.name == name:
            return index
    raise invalid(operation, f"The table does not have the specified index: {name}")


def _page_keys(table: Table, index: Index | None) -> tuple[KeyPart, ...]:
    """What a LastEvaluatedKey holds: the index's keys and the table's."""
    keys = (() if index is None else index.keys) + table.keys
    return tuple({part.name: part for part in reversed(keys)}.values())[::-1]


@dataclass(frozen=True, slots=True)
class _View:
    """A table or one of its indexes, as Scan and Query go through it from an ExclusiveStartKey on."""

    table: Table
    index: Index | None
    stored: _Stored
    keys: tuple[KeyPart, ...]

    def scan(self, parameters: Mapping[str, Any]) -> Iterator[Item]:
        segment, total = int(parameters.get("Segment", 0)), int(parameters.get("TotalSegments", 1))
        start = self._start("Scan", parameters)
        entries = self.stored.after(-1 if start is None else self._place(start, "Scan"))
        return (item for identity, item in entries if self._holds(item) and _segment(identity, total) == segment)

    def query(self, parameters: Mapping[str, Any], expressions: Expressions) -> Iterator[Item]:
        meets = expressions.condition(parameters["KeyConditionExpression"])
        found = [item for _, item in self.stored.after(-1) if self._holds(item) and meets(item)]
        found.sort(key=self._order)
        start, forward = self._start("Query", parameters), parameters.get("ScanIndexForward", True)
        if start is not None:
            here = self._order(start)
            found = [item for item in found if (self._order(item) > here if forward else self._order(item) < here)]
        return iter(found if forward else reversed(found))

    def _holds(self, item: Item) -> bool:
        """Whether the item is in the index."""
        return self.index is None or all(
            part.name in item and type_of(item[part.name]) == part.type for part in self.index.keys
        )

    def _order(self, item: Item) -> tuple[Any, ...]:
        sort = [part for part in (self.index or self.table).keys if part.role == "RANGE"]
        return (*(rank(item[part.name]) for part in sort), self._place(item, "Query"))

    def _place(self, item: Item, operation: str) -> int:
        place = self.stored.places.get(_identity(self.table, item, operation))
        if place is None:
            raise invalid(operation, "The provided starting key is invalid")
        return place

    def _start(self, operation: str, parameters: Mapping[str, Any]) -> Item | None:
        start: Item | None = parameters.get("ExclusiveStartKey")
        if start is not None and start.keys() != {part.name for part in self.keys}:
            raise invalid(operation, "The provided starting key is invalid")
        return start


def _segment(identity: Identity, total: int) -> int:
    return zlib.crc32(repr(identity[0]).encode()) % total


def _projected(index: Index | None, keys: tuple[KeyPart, ...], item: Item) -> Item:
    if index is None or index.projection in ("", "ALL"):
        return item
    names = {part.name for part in keys} | set(index.projected)
    return {name: value for name, value in item.items() if name in names}


def _raw(item: Item) -> msgspec.Raw:
    """An item as it stands on the wire."""
    return msgspec.Raw(msgspec.json.encode(item))


def _read_units(items: list[Item], *, consistent: bool) -> float:
    """Half a unit for each started four kilobytes read, twice that when consistent."""
    blocks = max(1, math.ceil(sum(map(item_size, items)) / 4096))
    return blocks * (1.0 if consistent else 0.5)


def _reply(operation: str, parameters: Mapping[str, Any], change: _Change) -> Reply:
    reply = _consumed(parameters, {"TableName": parameters["TableName"], "CapacityUnits": change.units})
    wanted = parameters.get("ReturnValues", "NONE")
    returned = {"ALL_NEW": change.after, "ALL_OLD": change.before, "NONE": None}[wanted]
    return reply | ({} if returned is None else {"Attributes": copy_item(returned)})


def _consumed(parameters: Mapping[str, Any], consumed: Any) -> dict[str, Any]:
    asked = parameters.get("ReturnConsumedCapacity", "NONE") != "NONE"
    return {"ConsumedCapacity": consumed} if asked else {}
