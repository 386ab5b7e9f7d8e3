"""Scan and Query: one page, made by joining the bytes of its items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from dbtui.demo.dataplane import capacity
from dbtui.demo.dataplane.bounds import read_bounds
from dbtui.demo.dataplane.capacity import Bill, read_units
from dbtui.demo.dataplane.collection import Stored
from dbtui.demo.dataplane.conditions import Predicate, paths_of, predicate
from dbtui.demo.dataplane.grammar import read_condition
from dbtui.demo.dataplane.keys import HASH_BITS, TOP, OrderKey
from dbtui.demo.dataplane.paths import project
from dbtui.demo.dataplane.placeholders import Path, Placeholders, read_projection
from dbtui.demo.dataplane.tabledata import decoded
from dbtui.demo.dataplane.target import Target
from dbtui.demo.dataplane.values import Item, Value, checked, type_of
from dbtui.demo.protocol.errors import AwsError, validation

PAGE_BYTES = 1024 * 1024
_INVALID = "One or more parameter values were invalid: "
_SELECTS = ("SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True)
class Span:
    """The part of a table or index that a request covers, from `low` (inclusive) to `high` (exclusive)."""

    low: OrderKey | None
    high: OrderKey | None
    backwards: bool = False
    outside: str = ""
    """What AWS says to a start key that is not in it."""


@dataclass
class Page:
    wires: list[bytes]
    found: int = 0
    scanned: int = 0
    size: int = 0
    fetched: float = 0.0
    """Read units for items fetched from the table because a local index lacks attributes."""
    last: Stored | None = None


class PageReader:
    """One Scan or Query request on one table."""

    def __init__(self, operation: str, target: Target, params: Mapping[str, Any]) -> None:
        self.target = target
        self.params = params
        self.operation = operation
        self.index = target.index(params["IndexName"]) if "IndexName" in params else None
        self.consistent = bool(params.get("ConsistentRead", False))
        if self.consistent and self.index is not None and not self.index.local:
            raise validation("Consistent reads are not supported on global secondary indexes")
        key_condition = ("KeyConditionExpression",) if operation == "Query" else ()
        self._placeholders = Placeholders(params, ("ProjectionExpression", "FilterExpression", *key_condition))
        self.schema = self.index.schema if self.index else target.schema
        self.span = self._query_span() if operation == "Query" else _segment(params)
        self._filter = self._read_filter()
        self._paths = self._read_projection()
        self._placeholders.check_all_used()
        self._select = self._read_select()
        self._fetches = self._must_fetch()
        self._from_beginning = False

    def begin_again(self) -> None:
        """Take no notice of the start key."""
        self._from_beginning = True

    def _query_span(self) -> Span:
        text = self.params.get("KeyConditionExpression")
        if text is None:
            raise validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
            )
        bounds = read_bounds(text, self.schema, self._placeholders)
        items = self.index.items if self.index else self.target.data.items
        place = items.token(bounds.partition)
        return Span(
            (place, bounds.partition, bounds.low, ()),
            (place, bounds.partition, bounds.high, ()),
            backwards=self.params.get("ScanIndexForward", True) is False,
            outside="The provided starting key is outside query boundaries based on provided conditions",
        )

    def _read_filter(self) -> Predicate | None:
        text = self.params.get("FilterExpression")
        if text is None:
            return None
        condition = read_condition(text, "FilterExpression", self._placeholders)
        if self.operation == "Query":
            keys = {part.name for part in self.schema.parts}
            for path in paths_of(condition):
                if path[0] in keys:
                    raise validation(
                        "Filter Expression can only contain non-primary key attributes: "
                        f"Primary key attribute: {path[0]}"
                    )
        return predicate(condition)

    def _read_projection(self) -> list[Path] | None:
        text = self.params.get("ProjectionExpression")
        if text is None:
            return None
        return read_projection(text, "ProjectionExpression", self._placeholders)

    def _read_select(self) -> str:
        select = self.params.get("Select")
        if select is None:
            if self._paths is not None:
                return "SPECIFIC_ATTRIBUTES"
            return "ALL_PROJECTED_ATTRIBUTES" if self.index else "ALL_ATTRIBUTES"
        if select not in _SELECTS:
            raise validation(
                f"1 validation error detected: Value '{select}' at 'select' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{', '.join(_SELECTS)}]"
            )
        if self._paths is not None and select != "SPECIFIC_ATTRIBUTES":
            what = "only the Count" if select == "COUNT" else select
            raise validation(f"Cannot specify the ProjectionExpression when choosing to get {what}")
        if select == "ALL_PROJECTED_ATTRIBUTES" and self.index is None:
            raise validation(f"{_INVALID}ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
        return str(select)

    def _must_fetch(self) -> bool:
        """Whether a local index has to look into the table; a global one cannot."""
        index = self.index
        if index is None or index.names is None:
            return False
        asked = {str(path[0]) for path in self._paths or ()}
        missing = sorted(asked - index.names)
        if index.local:
            return bool(missing) or self._select == "ALL_ATTRIBUTES"
        if self._select == "ALL_ATTRIBUTES":
            raise validation(
                f"{_INVALID}Select type ALL_ATTRIBUTES is not supported for global secondary index {index.name} "
                "because its projection type is not ALL"
            )
        if missing:
            raise validation(f"{_INVALID}Global secondary index {index.name} does not project [{', '.join(missing)}]")
        return False

    def read(self, limit: int | None) -> Page:
        page = Page([])
        shape = self._shape()
        for stored in self._walk():
            page.scanned += 1
            page.size += stored.size
            wire = stored.wire if shape is None else shape(stored, page)
            if wire is not None:
                page.found += 1
                page.wires.append(wire)
            if page.scanned == limit or page.size > PAGE_BYTES:
                page.last = stored
                break
        return page

    def _walk(self) -> Iterator[Stored]:
        low, high = self.span.low, self.span.high
        start = self.params.get("ExclusiveStartKey")
        if start is not None and not self._from_beginning:
            key = self._start(start)
            self._check_inside(key)
            if self.span.backwards:
                high = key
            else:
                low = (*key[:3], (*key[3], TOP))
        walk = self.index.walk if self.index else self.target.data.items.walk
        return walk(low, high, backwards=self.span.backwards)

    def _start(self, start: Any) -> OrderKey:
        schemas = [self.target.schema, *([self.index.schema] if self.index else [])]
        names = {part.name: part.type for schema in schemas for part in schema.parts}
        if not isinstance(start, dict) or set(start) != set(names):
            raise _bad_start()
        key: Item = {name: checked(value) for name, value in start.items()}
        if any(type_of(key[name]) != kind or not key[name][kind] for name, kind in names.items()):
            raise _bad_start()
        found = self.target.data.order_key(key)
        if self.index is None:
            return found
        indexed = self.index.key(key, found)
        assert indexed is not None, "its attributes have been checked"
        return indexed

    def _check_inside(self, key: OrderKey) -> None:
        low, high = self.span.low, self.span.high
        if (low is not None and key < low) or (high is not None and key >= high):
            raise validation(self.span.outside)

    def _shape(self) -> Callable[[Stored, Page], bytes | None] | None:
        """How an item becomes part of the page; None when it goes in as it is."""
        if self._filter is None and self._paths is None and not self._fetches:
            return None
        matches, paths, fetches = self._filter, self._paths, self._fetches

        def shape(stored: Stored, page: Page) -> bytes | None:
            whole = self._fetch(stored, page) if fetches else stored
            if matches is None and paths is None:
                return whole.wire
            item = decoded(whole)
            if matches is not None and not matches(item):
                return None
            return whole.wire if paths is None else _encode(project(item, paths))

        return shape

    def _fetch(self, stored: Stored, page: Page) -> Stored:
        whole = self.target.data.get(decoded(stored))
        assert whole is not None, "an index entry has its item"
        page.fetched += read_units(whole.size, consistent=self.consistent)
        return whole

    def reply(self, page: Page) -> bytes:
        """The page as AWS writes it, members in its order."""
        members = []
        if consumed := capacity.one(self.params, self._bill(page)):
            members.append(b'"ConsumedCapacity":' + _encode(consumed["ConsumedCapacity"]))
        members.append(b'"Count":%d' % page.found)
        if self._select != "COUNT":
            members.append(b'"Items":[' + b",".join(page.wires) + b"]")
        if page.last is not None:
            members.append(b'"LastEvaluatedKey":' + _encode(self.last_key(page.last)))
        members.append(b'"ScannedCount":%d' % page.scanned)
        return b"{" + b",".join(members) + b"}"

    def last_key(self, stored: Stored) -> dict[str, Value]:
        schemas = (self.index.schema,) if self.index else ()
        return self.target.data.key_of(stored, *schemas)

    def _bill(self, page: Page) -> Bill:
        bill = Bill(self.target.name)
        units = read_units(page.size, consistent=self.consistent)
        if self.index is None:
            bill.units = units
        else:
            bill.units = page.fetched
            bill.add_index(self.index.name, units, local=self.index.local)
        return bill


def _segment(params: Mapping[str, Any]) -> Span:
    """The share of a parallel scan: a range of hashes."""
    number, total = params.get("Segment"), params.get("TotalSegments")
    if number is None and total is None:
        return Span(None, None)
    if total is None:
        raise validation(
            "The TotalSegments parameter is required but was not present in the request when Segment parameter is "
            "present"
        )
    if number is None:
        raise validation(
            "The Segment parameter is required but was not present in the request when parameter TotalSegments is "
            "present"
        )
    if not 1 <= total <= 1_000_000:
        raise validation(
            f"1 validation error detected: Value '{total}' at 'totalSegments' failed to satisfy constraint: "
            "Member must have value between 1 and 1000000"
        )
    if not 0 <= number < total:
        raise validation(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {number} is not less than TotalSegments: {total}"
        )
    return Span(
        _boundary(number, total),
        _boundary(number + 1, total),
        outside=(
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with "
            f"correct Segment. TotalSegments: {total} Segment: {number}"
        ),
    )


def _boundary(number: int, total: int) -> OrderKey:
    """The least order key of a segment."""
    return -(-(number << HASH_BITS) // total), b"", (), ()


def _bad_start() -> AwsError:
    return validation("The provided starting key is invalid: The provided key element does not match the schema")


def page_limit(params: Mapping[str, Any]) -> int | None:
    limit = params.get("Limit")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise validation(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        )
    return limit
