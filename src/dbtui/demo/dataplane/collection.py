"""Items in DynamoDB's order: a source that makes them by position, and what has been written since."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

from dbtui.demo.dataplane.keys import OrderKey, token


class Stored(NamedTuple):
    """An item as it goes over the wire, and its size by DynamoDB's rules, in bytes."""

    wire: bytes
    size: int


class Source(Protocol):
    """Items that need no storage: pure functions of a position, whose order is the order of their keys."""

    @property
    def count(self) -> int: ...

    def stored(self, position: int) -> Stored: ...

    def order_key(self, position: int) -> OrderKey: ...

    def position(self, key: OrderKey) -> int | None:
        """Of the item with this order key."""

    def token(self, partition: bytes) -> int | None:
        """The hash of a partition that is the source's own."""

    def index(self, name: str) -> Source | None:
        """The entries of one of the table's indexes, when the source knows their order without looking at them."""


class _Keys(Sequence[OrderKey]):
    """The order keys of a source, for bisection."""

    def __init__(self, source: Source | None) -> None:
        self._source = source

    def __len__(self) -> int:
        return self._source.count if self._source else 0

    def __getitem__(self, position: int) -> OrderKey:  # type: ignore[override]
        assert self._source is not None
        return self._source.order_key(position)


class Collection:
    """The items of one table or the entries of one index. Not thread-safe: its user holds a lock."""

    def __init__(self, source: Source | None = None) -> None:
        self.source = source
        self._base = _Keys(source)
        self._changed: dict[int, Stored | None] = {}
        """The source's items that have been written or deleted, by position."""
        self._extra: dict[OrderKey, Stored] = {}
        self._extra_order: list[OrderKey] = []
        self.count = len(self._base)

    def load(self, entries: Iterable[tuple[OrderKey, Stored]]) -> None:
        """Many items at once, into a collection without any of their keys."""
        self._extra.update(entries)
        self._extra_order = sorted(self._extra)
        self.count = len(self._base) + len(self._extra)

    def token(self, partition: bytes) -> int:
        """Where a partition stands among the others."""
        own = self.source.token(partition) if self.source else None
        return token(partition) if own is None else own

    def get(self, key: OrderKey) -> Stored | None:
        found = self._extra.get(key)
        if found is not None or self.source is None:
            return found
        position = self.source.position(key)
        return None if position is None else self._at(position)

    def _at(self, position: int) -> Stored | None:
        if position in self._changed:
            return self._changed[position]
        assert self.source is not None
        return self.source.stored(position)

    def put(self, key: OrderKey, stored: Stored | None) -> None:
        """Set the item, or delete it with None."""
        position = self.source.position(key) if self.source else None
        before = self.get(key)
        self.count += (stored is not None) - (before is not None)
        if position is not None:
            self._changed[position] = stored
        elif stored is None:
            if before is not None:
                del self._extra[key]
                del self._extra_order[bisect_left(self._extra_order, key)]
        else:
            if before is None:
                insort(self._extra_order, key)
            self._extra[key] = stored

    def walk(
        self, low: OrderKey | None = None, high: OrderKey | None = None, *, backwards: bool = False
    ) -> Iterator[Stored]:
        """The items from `low` (inclusive) to `high` (exclusive)."""
        first = 0 if low is None else bisect_left(self._base, low)
        last = len(self._base) if high is None else bisect_left(self._base, high)
        order = self._extra_order
        start = 0 if low is None else bisect_left(order, low)
        end = len(order) if high is None else bisect_left(order, high)
        if backwards:
            return self._down(first, last, start, end)
        return self._up(first, last, start, end)

    def _up(self, first: int, last: int, start: int, end: int) -> Iterator[Stored]:
        for key in self._extra_order[start:end]:
            stop = bisect_left(self._base, key, first, last)
            yield from self._run(range(first, stop))
            yield self._extra[key]
            first = stop
        yield from self._run(range(first, last))

    def _down(self, first: int, last: int, start: int, end: int) -> Iterator[Stored]:
        for key in reversed(self._extra_order[start:end]):
            stop = bisect_left(self._base, key, first, last)
            yield from self._run(range(last - 1, stop - 1, -1))
            yield self._extra[key]
            last = stop
        yield from self._run(range(last - 1, first - 1, -1))

    def _run(self, positions: range) -> Iterator[Stored]:
        if self.source is None:
            return
        if not self._changed:
            yield from map(self.source.stored, positions)
            return
        for position in positions:
            stored = self._at(position)
            if stored is not None:
                yield stored
