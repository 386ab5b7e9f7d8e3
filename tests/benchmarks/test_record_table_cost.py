"""What RecordTable costs. Prints numbers (run with `-s` or `-rP`) and never fails on time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Hashable, Sequence

import pytest
from tests.requirements import FULL
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widgets import DataTable

from dbtui.domain.row_order import SortSpec
from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import Cell, Column, ColumnSpec, Emitter, ListSource, number_cell, text_cell, text_filter
from dbtui.ui.widgets.record_table import RecordTable

TITLES = ("key", "status", "name", "amount", "created", "region", "owner", "note")
STATUS = (Cell("● active", "status-ok"), Cell("◐ updating", "status-busy"), Cell("▲ failed", "status-attention"))


def cells_of(row: int) -> tuple[Cell, ...]:
    return (
        Cell(f"order#{row:08}"),
        STATUS[row % 3],
        Cell(f"customer {row * 7919 % 1_000_003}"),
        number_cell(row * 31 % 10_007),
        Cell("2026-11-02 10:14", "muted"),
        Cell("eu-west-1", "muted"),
        Cell(f"日本 {row % 13}"),
        text_cell(None if row % 5 else f"note {row}"),
    )


class RangeSource(Emitter):
    """Any number of rows, made when asked for, as an item store would."""

    columns = tuple(
        ColumnSpec(title, title, frozen=title == "key", align="right" if title == "amount" else "left")
        for title in TITLES
    )
    complete = True

    def __init__(self, count: int) -> None:
        super().__init__()
        self.row_count = count

    def row_id(self, row: int) -> Hashable:
        return row

    def index_of(self, row_id: Hashable) -> int | None:
        return row_id if isinstance(row_id, int) and 0 <= row_id < self.row_count else None

    def version(self, row: int) -> int:
        return 0

    def cells(self, row: int) -> Sequence[Cell]:
        return cells_of(row)

    def cell(self, row: int, column: int) -> Cell:
        return cells_of(row)[column]


class CountingTable(RecordTable):
    drawn = 0

    def render_line(self, y: int) -> Strip:
        self.drawn += 1
        return super().render_line(y)


class BenchApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = CountingTable()

    def compose(self) -> ComposeResult:
        yield self.table


def list_source(count: int) -> ListSource[int]:
    columns = [
        Column(spec, lambda row, index=index: cells_of(row)[index])  # type: ignore[misc]
        for index, spec in enumerate(RangeSource.columns)
    ]
    return ListSource(columns, lambda row: row, range(count))


def report(what: str, seconds: float, budget_ms: float | None = None) -> None:
    budget = "" if budget_ms is None else f"   (budget {budget_ms:g} ms: {seconds * 1000 / budget_ms:.2f} ×)"
    print(f"{what:<58} {seconds * 1000:9.2f} ms{budget}")


IDLE_TURN_SECONDS = 0.0003


async def painted(app: BenchApp, act: Callable[[], object]) -> float:
    """Seconds of work from `act` until its lines have been drawn; waiting for the next frame does not count."""
    app.table.drawn = 0
    start = time.perf_counter()
    act()
    work = time.perf_counter() - start
    while not app.table.drawn:
        start = time.perf_counter()
        await asyncio.sleep(0)
        turn = time.perf_counter() - start
        work += turn if turn > IDLE_TURN_SECONDS else 0
    return work


def frame_seconds(table: RecordTable, top: int) -> float:
    """Seconds to draw 50 rows nobody has drawn yet."""
    table.scroll_to(y=top, animate=False, force=True)
    start = time.perf_counter()
    for y in range(1, 51):
        RecordTable.render_line(table, y)
    return time.perf_counter() - start


@pytest.mark.parametrize(("count", "budget_ms"), [(100_000, 100), (1_000_000, 300)])
async def test_show_and_move(count: int, budget_ms: float) -> None:
    app = BenchApp()
    async with app.run_test(size=(120, 51)) as pilot:
        table = app.table
        table.focus()
        await pilot.pause()
        source = RangeSource(count)
        report(
            f"first paint of {count:,} rows", await painted(app, lambda: setattr(table, "source", source)), budget_ms
        )
        await pilot.pause()
        report("frame of 50 new rows", sorted(frame_seconds(table, top) for top in range(1000, 12_000, 1000))[5], 8)
        table.move_cursor(0)
        await pilot.pause()
        pages = [await painted(app, lambda: table.action_page(1.0)) for _ in range(11)]
        report("page down, to painted (median of 11)", sorted(pages)[5], 16)
        steps = []
        for _ in range(11):
            table.move_cursor(table.visible_rows.start + 5)
            await pilot.pause()
            steps.append(await painted(app, lambda: table.action_move(1)))
        report("cursor step, to painted (median of 11)", sorted(steps)[5])
        await pilot.pause()
        table.drawn = 0
        table.action_move(1)
        await pilot.pause()
        print(f"{'lines drawn by a cursor step':<58} {table.drawn:9}")


async def test_append_to_a_list() -> None:
    source = list_source(100_000)
    app = BenchApp()
    async with app.run_test(size=(120, 51)) as pilot:
        app.table.source = source
        await pilot.pause()
        start = time.perf_counter()
        source.append(range(100_000, 101_000))
        report("append 1,000 rows to 100,000", time.perf_counter() - start, 20)
        await pilot.pause()
        start = time.perf_counter()
        source.replace_all(range(101_000))
        report("refresh of 101,000 rows without a change", time.perf_counter() - start)


async def test_sort_and_filter() -> None:
    for count in (200_000, 1_000_000) if FULL else (200_000,):
        base = RangeSource(count)
        view = ViewSource(base)
        for what, job in (
            ("sort by number", lambda view=view: view.sort(SortSpec("amount"))),
            ("sort by text", lambda view=view: view.sort(SortSpec("name", descending=True))),
            ("filter by text, sorted", lambda view=view, base=base: view.filter(text_filter(base, "customer 77"))),
        ):
            gaps: list[float] = []
            watcher = asyncio.create_task(watch(gaps))
            start = time.perf_counter()
            await job()
            report(f"{what}, {count:,} rows", time.perf_counter() - start)
            watcher.cancel()
            gaps.sort()
            p99, worst = gaps[int(len(gaps) * 0.99)] * 1000, gaps[-1] * 1000
            print(f"    loop stalls: p99 {p99:.1f} ms, worst {worst:.1f} ms, {len(gaps)} slices")


async def watch(gaps: list[float]) -> None:
    last = time.perf_counter()
    while True:
        await asyncio.sleep(0)
        now = time.perf_counter()
        gaps.append(now - last)
        last = now


async def test_control_run_with_the_built_in_table() -> None:
    count = 10_000
    rows = [[cell.text for cell in cells_of(row)] for row in range(count)]

    class ControlApp(App[None]):
        def compose(self) -> ComposeResult:
            yield DataTable()

    control = ControlApp()
    async with control.run_test(size=(120, 51)) as pilot:
        table = control.query_one(DataTable)
        start = time.perf_counter()
        table.add_columns(*TITLES)
        table.add_rows(rows)
        await pilot.pause()
        built_in = time.perf_counter() - start
    app = BenchApp()
    async with app.run_test(size=(120, 51)) as pilot:
        start = time.perf_counter()
        app.table.source = list_source(count)
        await pilot.pause()
        ours = time.perf_counter() - start
    report(f"DataTable, {count:,} rows to settle", built_in)
    report(f"RecordTable, {count:,} rows to settle", ours)
    print(f"{'ratio':<58} {built_in / ours:9.0f} ×")
