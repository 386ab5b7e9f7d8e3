"""A sorted and filtered view of any row source, kept up to date while the source grows and changes."""

from __future__ import annotations

import asyncio
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from dbtui.domain.row_order import (
    CHUNK,
    Arrangement,
    GroupOf,
    Keys,
    Predicate,
    SortSpec,
    Steps,
    exhaust,
    filter_rows,
    flat_order,
    merged,
    moved_up,
    read_keys,
    sort_rows,
    tree_order,
    without,
)
from dbtui.domain.rows import (
    Appended,
    Cell,
    Changed,
    ColumnsChanged,
    ColumnSpec,
    Emitter,
    Progress,
    Removed,
    Reset,
    RowEvent,
    RowId,
    RowSource,
    order_key,
)

SLICE_SECONDS: Final = 0.004
"""How long a job may hold the event loop at a time."""
SYNC_ROWS: Final = 2000
"""A source of at most so many rows is arranged anew at once when it resets: no frame ever shows an empty list."""

JobProgress: TypeAlias = Callable[[Progress], None]
Worker: TypeAlias = Generator[RowEvent | None, None, None]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the view shall show."""

    sort: SortSpec | None = None
    predicate: Predicate | None = None
    collapsed: frozenset[RowId] = frozenset()


class ViewSource(Emitter):
    """Rows of `base`, filtered and sorted without touching them.

    `sort` and `filter` are coroutines that work in slices of a few milliseconds and publish the new order at their end;
    until then the old one shows. A new job takes over from the one before. With `group_of` (row id to the id of the row
    it belongs under, or None) children stay with their parents. What the base appends or changes is merged in; small
    changes at once, large ones in a task of the running loop.
    """

    def __init__(self, base: RowSource, *, group_of: GroupOf | None = None) -> None:
        super().__init__()
        self._base = base
        self._group_of = group_of
        self._wanted = self._applied = _Wish()
        self._arrangement: Arrangement | None = None
        self._coming_keys: Keys | None = None
        self._stale = group_of is not None
        self._epoch = 0
        self._changed: set[RowId] = set()
        self._worker: Worker | None = None
        self._steps_done = 0
        self._request: object | None = None
        self._task: asyncio.Task[None] | None = None
        self._unsubscribe = base.subscribe(self._on_base)
        self._settle(at_once=base.row_count <= SYNC_ROWS)

    def close(self) -> None:
        """Stop following the base and end work in the background."""
        self._unsubscribe()
        self._request = None
        self._worker = None
        if self._task is not None:
            self._task.cancel()

    @property
    def base(self) -> RowSource:
        return self._base

    @property
    def sort_spec(self) -> SortSpec | None:
        """The order shown now."""
        return self._applied.sort

    @property
    def is_filtered(self) -> bool:
        return self._applied.predicate is not None

    @property
    def collapsed(self) -> frozenset[RowId]:
        return self._wanted.collapsed

    @property
    def busy(self) -> bool:
        """Whether a job is under way."""
        return self._worker is not None

    @property
    def columns(self) -> Sequence[ColumnSpec]:
        return self._base.columns

    @property
    def row_count(self) -> int:
        return self._base.row_count if self._arrangement is None else len(self._arrangement.order)

    @property
    def complete(self) -> bool:
        """False while the base is not complete or rows of it still have to be arranged."""
        return self._base.complete and (self._arrangement is None or self._arrangement.covered >= self._base.row_count)

    def base_row(self, row: int) -> int:
        """The row of the base shown at this position."""
        return row if self._arrangement is None else self._arrangement.order[row]

    def row_id(self, row: int) -> RowId:
        return self._base.row_id(self.base_row(row))

    def index_of(self, row_id: RowId) -> int | None:
        base_row = self._base.index_of(row_id)
        if base_row is None or self._arrangement is None:
            return base_row
        return self._arrangement.place_of(base_row)

    def version(self, row: int) -> int:
        return self._base.version(self.base_row(row))

    def cells(self, row: int) -> Sequence[Cell]:
        return self._base.cells(self.base_row(row))

    def cell(self, row: int, column: int) -> Cell:
        return self._base.cell(self.base_row(row), column)

    async def sort(self, spec: SortSpec | None, progress: JobProgress | None = None) -> bool:
        """Sort by a column, or not at all. True when shown; False when a later job took over."""
        return await self._apply(replace(self._wanted, sort=spec), progress)

    async def filter(self, predicate: Predicate | None, progress: JobProgress | None = None) -> bool:
        """Show only the rows of the base (by row) the predicate likes. Returns as `sort` does."""
        return await self._apply(replace(self._wanted, predicate=predicate), progress)

    async def arrange(
        self, spec: SortSpec | None, predicate: Predicate | None, progress: JobProgress | None = None
    ) -> bool:
        """Sort and filter at once: both or neither. Returns as `sort` does."""
        return await self._apply(replace(self._wanted, sort=spec, predicate=predicate), progress)

    async def collapse(self, ids: Collection[RowId]) -> bool:
        """Hide what is below exactly these rows. Returns as `sort` does."""
        return await self._apply(replace(self._wanted, collapsed=frozenset(ids)), None)

    async def _apply(self, wish: _Wish, progress: JobProgress | None) -> bool:
        request = self._request = object()
        self._wanted = wish
        self._restart()
        try:
            while self._request is request and not self._advance(SLICE_SECONDS):
                if progress is not None:
                    progress(self._progress())
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            if self._request is request:
                self._request = None
                self._wanted = self._applied
                self._restart()
                self._settle(at_once=False)
            raise
        if self._request is not request:
            return False
        self._request = None
        return True

    def _restart(self) -> None:
        """Whatever is being worked on is no longer what is wanted."""
        self._epoch += 1
        self._steps_done = 0
        self._stale = True

    def _progress(self) -> Progress:
        """Rows handled so far in all stages; filtering is one pass over the rows, sorting four."""
        passes = (self._wanted.predicate is not None) + 4 * (self._wanted.sort is not None)
        total = max(1, passes) * self._base.row_count
        return Progress(min(total, self._steps_done * CHUNK), total)

    def _advance(self, seconds: float | None) -> bool:
        """Work for a while, or to the end. True when nothing is left to do."""
        if self._worker is None:
            self._worker = self._work()
        worker = self._worker
        deadline = None if seconds is None else time.perf_counter() + seconds
        for event in worker:
            if event is not None:
                self.emit(event)
            if deadline is not None and time.perf_counter() >= deadline:
                return False
        if self._worker is worker:
            self._worker = None
        return True

    def _settle(self, *, at_once: bool) -> None:
        """Do what there is to do: one slice now, the rest in the background, or all of it at once."""
        if self._advance(None if at_once else SLICE_SECONDS) or self._request is not None:
            return
        if self._task is None or self._task.done():
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                self._advance(None)
            else:
                self._task = loop.create_task(self._work_in_background(), name="row view")

    async def _work_in_background(self) -> None:
        # A coroutine in `sort` or `filter` drives the same worker, so leave it to that one.
        while self._request is None and self._worker is not None:
            await asyncio.sleep(0)
            self._advance(SLICE_SECONDS)

    def _work(self) -> Worker:
        """Bring the view up to date step by step; starts over when the wish or the base changes meanwhile.

        Yields what to tell subscribers, so that they may do anything while the generator rests.
        """
        while (steps := self._next_steps()) is not None:
            epoch = self._epoch
            while self._epoch == epoch:
                try:
                    self._steps_done += next(steps) is None
                except StopIteration as stop:
                    yield stop.value
                    break
                yield None

    def _next_steps(self) -> Steps[RowEvent | None] | None:
        if self._stale:
            return self._rebuild()
        arrangement = self._arrangement
        if arrangement is None:
            self._changed.clear()
            return None
        if arrangement.covered < self._base.row_count:
            return self._rebuild() if arrangement.is_tree else self._extend(arrangement)
        if self._changed:
            return self._rebuild() if arrangement.is_tree else self._reconsider(arrangement)
        return None

    def _keys(self, sort: SortSpec | None) -> Keys | None:
        if sort is None:
            return None
        for column, spec in enumerate(self._base.columns):
            if spec.key == sort.column:
                return Keys(column, sort.descending)
        return None

    def _rebuild(self) -> Steps[RowEvent | None]:
        wish, changed, before = self._wanted, frozenset(self._changed), self._arrangement
        self._changed.clear()
        keys = self._coming_keys = self._keys(wish.sort)
        arrangement: Arrangement | None = None
        if self._group_of is not None:
            arrangement = yield from tree_order(self._base, self._group_of, wish.predicate, keys, wish.collapsed)
        elif wish.predicate is not None or keys is not None:
            arrangement = yield from flat_order(self._base, wish.predicate, keys)
        self._coming_keys = None
        was_stale, self._stale = self._stale, False
        self._arrangement, self._applied = arrangement, wish
        if not was_stale and before is not None and arrangement is not None and before.order == arrangement.order:
            return Changed(changed) if changed else Progress(self._base.row_count)
        return Reset()

    def _extend(self, arrangement: Arrangement) -> Steps[RowEvent | None]:
        """Take in the rows the base appended."""
        start, stop, keys = arrangement.covered, self._base.row_count, arrangement.keys
        rows = yield from filter_rows(range(start, stop), self._applied.predicate)
        if keys is not None:
            yield from keys.extend(stop)
            yield from read_keys(self._base, keys, rows)
            rows = yield from sort_rows(rows, keys)
        before = len(arrangement.order)
        at_end = not rows or arrangement.insertion_place(rows[0]) == before
        order = merged(arrangement, rows)
        self._arrangement = Arrangement(order, stop, keys)
        if not at_end:
            return Reset()
        # Progress, because with the last rows the view may have become complete.
        return Appended(before, len(order)) if rows else Progress(stop)

    def _reconsider(self, arrangement: Arrangement) -> Steps[RowEvent | None]:
        """Look again at the rows that changed: they may have to leave, to come or to move."""
        ids, keys, predicate = frozenset(self._changed), arrangement.keys, self._applied.predicate
        self._changed.clear()
        shown: set[RowId] = set()
        leaving: list[int] = []
        entering: dict[int, tuple[int, Any]] = {}
        for count, row_id in enumerate(ids, 1):
            if count % CHUNK == 0:
                yield
            row = self._base.index_of(row_id)
            if row is None or row >= arrangement.covered:
                continue
            place = arrangement.place_of(row)
            kept = predicate is None or predicate(row)
            old_key = (0, None) if keys is None else (keys.ranks[row], keys.values[row])
            key = order_key(self._base.cell(row, keys.column)) if keys is not None and kept else (0, None)
            if place is not None and kept and key == old_key:
                shown.add(row_id)
                continue
            if place is not None:
                leaving.append(place)
            if kept:
                entering[row] = key
        if not (leaving or entering):
            return Changed(frozenset(shown)) if shown else None
        # No yield from here on: order and keys change together.
        rest = Arrangement(without(arrangement.order, leaving), arrangement.covered, keys)
        rows = sorted(entering)
        if keys is not None:
            for row, key in entering.items():
                keys.ranks[row], keys.values[row] = key
            rows = exhaust(sort_rows(rows, keys)).tolist()
        self._arrangement = replace(rest, order=merged(rest, rows))
        return Reset()

    def _on_base(self, event: RowEvent) -> None:
        if isinstance(event, Reset):
            self._on_base_reset()
        elif isinstance(event, ColumnsChanged):
            self._on_base_columns()
        elif isinstance(event, Removed):
            self._on_base_removed(event.rows)
        elif isinstance(event, Progress):
            self.emit(event)
        elif self._arrangement is None:
            self.emit(event)
            if self.busy and isinstance(event, Changed):
                self._changed |= event.ids
        else:
            if isinstance(event, Changed):
                self._changed |= event.ids
            if not self.busy:
                self._settle(at_once=self._base.row_count <= SYNC_ROWS)

    def _on_base_reset(self) -> None:
        self._changed.clear()
        self._restart()
        at_once = self._base.row_count <= SYNC_ROWS or self._wanted == self._applied == _Wish()
        if not at_once:
            # The old order speaks of rows that are no more. Unsorted rows are true, so they may show.
            if self._arrangement is not None:
                self._arrangement = Arrangement(array("q"), 0)
            self.emit(Reset())
        self._settle(at_once=at_once)

    def _on_base_columns(self) -> None:
        """Keys know their column by its place, which may be another now."""
        shown = None if self._arrangement is None else self._arrangement.keys
        for keys, sort in ((shown, self._applied.sort), (self._coming_keys, self._wanted.sort)):
            if keys is None:
                continue
            now = self._keys(sort)
            if now is None:
                # Sorted by a column that is no more.
                self._on_base_reset()
                return
            keys.column = now.column
        self.emit(ColumnsChanged())

    def _on_base_removed(self, rows: tuple[int, ...]) -> None:
        arrangement = self._arrangement
        if self._group_of is not None:
            self._on_base_reset()
            return
        if self.busy:
            # Work under way speaks of rows by their old positions.
            self._restart()
        if arrangement is None:
            self.emit(Removed(rows))
            return
        keys = arrangement.keys
        found = map(arrangement.place_of, rows)
        places = sorted(place for place in found if place is not None)
        order = moved_up(without(arrangement.order, places), rows, ascending=keys is None)
        if keys is not None:
            keys.drop(rows)
        covered = arrangement.covered - bisect_left(rows, arrangement.covered)
        self._arrangement = Arrangement(order, covered, keys)
        self.emit(Removed(tuple(places)) if places else Progress(self._base.row_count))
