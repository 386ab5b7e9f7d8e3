"""Orders of rows: filtering, sorting and tree order as work in small steps.

Every function that returns `Steps` is a generator that yields after about `CHUNK` rows, so that whoever drives it can
let the event loop breathe; its return value is the result. Where rows take long it yields `PARTIAL` in between.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final, TypeAlias, TypeVar, cast

from dbtui.domain.rows import MISSING_RANK, RowId, RowSource, order_key

T = TypeVar("T")
Steps: TypeAlias = Generator[Any, None, T]
Predicate: TypeAlias = Callable[[int], bool]
GroupOf: TypeAlias = Callable[[RowId], "RowId | None"]

CHUNK: Final = 256
PARTIAL: Final = "partial"
"""What is yielded in the middle of a chunk; at its end it is None."""
STEP_SECONDS: Final = 0.002
"""How long a step may take: rows may be slow, such as items of 400 KB."""
SMALL_SORT: Final = 1024
"""Rows sorted in one go: well under a millisecond."""
BUCKET_ROWS: Final = 512
COPY_ROWS: Final = 16 * CHUNK
"""Rows copied in one go: a fraction of a millisecond."""


def exhaust(steps: Steps[T]) -> T:
    """Run the steps to their end."""
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return cast(T, stop.value)


@dataclass(frozen=True, slots=True)
class SortSpec:
    """Sort by the column with this key. Missing values come last either way, equal ones keep the source's order."""

    column: str
    descending: bool = False


@dataclass(slots=True)
class Keys:
    """Sort keys by row of the source: rank of the type and value. Rows not yet asked for have rank 0."""

    column: int
    descending: bool
    ranks: bytearray = field(default_factory=bytearray)
    values: list[Any] = field(default_factory=list)

    def drop(self, rows: Sequence[int]) -> None:
        """These rows of the source, ascending, are gone; those after them moved up."""
        for row in reversed(rows):
            del self.ranks[row : row + 1]
            del self.values[row : row + 1]

    def before(self, row: int, other: int) -> bool:
        """Whether `row` comes before `other`; ties are settled by position in the source."""
        rank, other_rank = self.ranks[row], self.ranks[other]
        if rank != other_rank:
            if MISSING_RANK in (rank, other_rank):
                return other_rank == MISSING_RANK
            return (rank < other_rank) is not self.descending
        value, other_value = self.values[row], self.values[other]
        if rank == MISSING_RANK or value == other_value:
            return row < other
        return bool(value < other_value) is not self.descending

    def extend(self, row_count: int) -> Steps[None]:
        """Make room for so many rows."""
        while len(self.ranks) < row_count:
            rows = min(row_count - len(self.ranks), COPY_ROWS)
            self.ranks.extend(bytes(rows))
            self.values.extend([None] * rows)
            yield


@dataclass(slots=True)
class Arrangement:
    """Which rows of the source are shown, in which order, and how to find one of them again."""

    order: array[int]
    covered: int
    """Rows of the source that were considered."""
    keys: Keys | None = None
    is_tree: bool = False
    _places: dict[int, int] | None = None

    def place_of(self, row: int) -> int | None:
        """The position at which a row of the source is shown, if it is."""
        if not self.is_tree:
            place = self.insertion_place(row)
            return place if place < len(self.order) and self.order[place] == row else None
        if self._places is None:
            self._places = {shown: place for place, shown in enumerate(self.order)}
        return self._places.get(row)

    def insertion_place(self, row: int) -> int:
        """Where a row belongs in a flat order, by binary search."""
        keys = self.keys
        if keys is None:
            return bisect_left(self.order, row)
        if row >= len(keys.ranks) or not keys.ranks[row]:
            return len(self.order)
        low, high = 0, len(self.order)
        while low < high:
            middle = (low + high) // 2
            if keys.before(self.order[middle], row):
                low = middle + 1
            else:
                high = middle
        return low


def chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    """The rows in slices of `CHUNK`."""
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def filter_rows(rows: Sequence[int], predicate: Predicate | None) -> Steps[Sequence[int]]:
    """The rows the predicate likes."""
    if predicate is None:
        return rows
    kept = _no_rows()
    for chunk in chunks(rows):
        deadline = perf_counter() + STEP_SECONDS
        for row in chunk:
            if predicate(row):
                kept.append(row)
            if perf_counter() > deadline:
                yield PARTIAL
                deadline = perf_counter() + STEP_SECONDS
        yield
    return kept


def read_keys(source: RowSource, keys: Keys, rows: Sequence[int]) -> Steps[None]:
    """Fill in the sort keys of these rows."""
    for chunk in chunks(rows):
        deadline = perf_counter() + STEP_SECONDS
        for row in chunk:
            keys.ranks[row], keys.values[row] = order_key(source.cell(row, keys.column))
            if perf_counter() > deadline:
                yield PARTIAL
                deadline = perf_counter() + STEP_SECONDS
        yield


def sort_rows(rows: Sequence[int], keys: Keys) -> Steps[array[int]]:
    """The rows in order of their keys, which have been read. Stable.

    Rows are kept in arrays, which the garbage collector need not walk: with lists of a million it stops the loop.
    """
    by_rank: defaultdict[int, array[int]] = defaultdict(_no_rows)
    ranks = keys.ranks
    for chunk in chunks(rows):
        for row in chunk:
            by_rank[ranks[row]].append(row)
        yield
    missing = by_rank.pop(MISSING_RANK, _no_rows())
    result = _no_rows()
    for rank in sorted(by_rank, reverse=keys.descending):
        alike = yield from _sort_alike(by_rank[rank], keys)
        result = result + alike if result else alike
    result.extend(missing)
    return result


def _sort_alike(rows: array[int], keys: Keys) -> Steps[array[int]]:
    """Sort rows whose keys are of one type: spread over buckets between sampled pivots, then bucket by bucket.

    A value frequent enough to fill a bucket is almost surely a pivot, and rows equal to a pivot need no sorting. So no
    single step is long, which one `list.sort` of everything would be.
    """
    value_of, descending = keys.values.__getitem__, keys.descending
    if len(rows) <= SMALL_SORT:
        yield
        return array("q", sorted(rows, key=value_of, reverse=descending))
    pivots = sorted({value_of(row) for row in rows[:: BUCKET_ROWS // 2]})
    # Bucket 2n holds what lies below pivot n, bucket 2n + 1 what equals it.
    buckets: defaultdict[int, array[int]] = defaultdict(_no_rows)
    for chunk in chunks(rows):
        for row in chunk:
            value = value_of(row)
            index = bisect_left(pivots, value)
            buckets[2 * index + (index < len(pivots) and pivots[index] == value)].append(row)
        yield
    result = _no_rows()
    for number in sorted(buckets, reverse=descending):
        bucket = buckets.pop(number)
        if number % 2:
            result.extend(bucket)
        elif SMALL_SORT < len(bucket) < len(rows):
            result.extend((yield from _sort_alike(bucket, keys)))
        else:
            result.extend(sorted(bucket, key=value_of, reverse=descending))
        yield
    return result


def _no_rows() -> array[int]:
    return array("q")


def flat_order(source: RowSource, predicate: Predicate | None, keys: Keys | None) -> Steps[Arrangement]:
    """Filter and sort all rows of the source."""
    covered = source.row_count
    rows = yield from filter_rows(range(covered), predicate)
    if keys is not None:
        yield from keys.extend(covered)
        yield from read_keys(source, keys, rows)
        rows = yield from sort_rows(rows, keys)
    order = rows if isinstance(rows, array) else array("q", rows)
    return Arrangement(order, covered, keys)


def merged(arrangement: Arrangement, rows: Iterable[int]) -> array[int]:
    """The order with these rows, sorted already, put where they belong."""
    order, start = _no_rows(), 0
    for row in rows:
        place = arrangement.insertion_place(row)
        order.extend(arrangement.order[start:place])
        order.append(row)
        start = place
    order.extend(arrangement.order[start:])
    return order


def without(order: array[int], places: Iterable[int]) -> array[int]:
    """The order without the rows at these places."""
    result, start = _no_rows(), 0
    for place in sorted(places):
        result.extend(order[start:place])
        start = place + 1
    result.extend(order[start:])
    return result


def moved_up(order: array[int], gone: Sequence[int], *, ascending: bool) -> array[int]:
    """The order, which holds none of them, after these rows of the source, ascending, are gone."""
    if ascending:
        start = bisect_left(order, gone[0])
        return order[:start] + array("q", [row - bisect_left(gone, row) for row in order[start:]])
    if len(gone) == 1:
        first = gone[0]
        return array("q", [row - (row > first) for row in order])
    return array("q", [row - bisect_left(gone, row) for row in order])


def tree_order(
    source: RowSource,
    group_of: GroupOf,
    predicate: Predicate | None,
    keys: Keys | None,
    collapsed: Collection[RowId],
) -> Steps[Arrangement]:
    """Filter and sort, children staying under their parents.

    A row is kept if it, an ancestor or a descendant matches; siblings are sorted among themselves. Collapsed rows hide
    what is below them, except while a filter looks for it.
    """
    covered = source.row_count
    parents = yield from _parents(source, group_of, covered)
    kept = yield from _kept_in_tree(parents, predicate)
    if keys is not None:
        yield from keys.extend(covered)
        yield from read_keys(source, keys, kept)
    children: defaultdict[int, array[int]] = defaultdict(_no_rows)
    for row in kept:
        children[parents[row]].append(row)
    if keys is not None:
        for parent, siblings in list(children.items()):
            children[parent] = yield from sort_rows(siblings, keys)
    hidden = collapsed if predicate is None else ()
    order = _no_rows()
    stack = list(reversed(children[-1]))
    while stack:
        row = stack.pop()
        order.append(row)
        if row in children and not (hidden and source.row_id(row) in hidden):
            stack.extend(reversed(children[row]))
    return Arrangement(order, covered, keys, is_tree=True)


def _parents(source: RowSource, group_of: GroupOf, covered: int) -> Steps[list[int]]:
    """The parent's row for each row; -1 at the top."""
    parents: list[int] = []
    for chunk in chunks(range(covered)):
        for row in chunk:
            parent_id = group_of(source.row_id(row))
            parent = None if parent_id is None else source.index_of(parent_id)
            parents.append(-1 if parent is None or parent == row else parent)
        yield
    return parents


def _kept_in_tree(parents: list[int], predicate: Predicate | None) -> Steps[Sequence[int]]:
    if predicate is None:
        return range(len(parents))
    matching = set((yield from filter_rows(range(len(parents)), predicate)))
    kept = set(matching)
    for row in range(len(parents)):
        ancestors = list(_ancestors(parents, row))
        if row in matching:
            kept.update(ancestors)
        elif not matching.isdisjoint(ancestors):
            kept.add(row)
        if row % CHUNK == 0:
            yield
    return sorted(kept)


def _ancestors(parents: list[int], row: int) -> Iterator[int]:
    row = parents[row]
    while row >= 0:
        yield row
        row = parents[row]
