"""Row sources: lists of models, and sorted and filtered views of them."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain.row_order import SMALL_SORT, SortSpec
from dbtui.domain.row_view import SYNC_ROWS, ViewSource
from dbtui.domain.rows import (
    ABSENT,
    EMPTY,
    MISSING_RANK,
    NULL,
    Appended,
    Cell,
    Changed,
    Column,
    ColumnSpec,
    Diff,
    ListSource,
    Progress,
    Reset,
    RowEvent,
    RowSource,
    SortKey,
    indented,
    number_cell,
    order_key,
    text_cell,
    text_filter,
)


@dataclass(frozen=True)
class Row:
    key: str
    value: SortKey = None


def value_cell(row: Row) -> Cell:
    return ABSENT if row.value is None else Cell(str(row.value), sort_key=row.value)


COLUMNS: list[Column[Row]] = [
    Column(ColumnSpec("key", "key"), lambda row: text_cell(row.key)),
    Column(ColumnSpec("value", "value"), value_cell),
]
UP, DOWN = SortSpec("value"), SortSpec("value", descending=True)


def source_of(*models: Row, complete: bool = True) -> ListSource[Row]:
    return ListSource(COLUMNS, lambda row: row.key, models, complete=complete)


def numbers(count: int) -> list[Row]:
    shuffled = list(range(count))
    random.Random(7).shuffle(shuffled)
    return [Row(f"k{index}", value) for index, value in enumerate(shuffled)]


def record(source: ListSource[Row] | ViewSource) -> list[RowEvent]:
    events: list[RowEvent] = []
    source.subscribe(events.append)
    return events


def ids(source: RowSource) -> list[Hashable]:
    return [source.row_id(row) for row in range(source.row_count)]


def check(view: ViewSource, spec: SortSpec | None, predicate: Callable[[int], bool] | None) -> None:
    """The view shows what a plain sort and filter of the base would, and finds every row again."""
    base = view.base
    expected = [row for row in range(base.row_count) if predicate is None or predicate(row)]
    if spec is not None:
        column = [column.key for column in base.columns].index(spec.column)
        keys = {row: order_key(base.cell(row, column)) for row in expected}
        missing = [row for row in expected if keys[row][0] == MISSING_RANK]
        expected = [row for row in expected if keys[row][0] != MISSING_RANK]
        expected.sort(key=lambda row: keys[row], reverse=spec.descending)
        expected += missing
    assert [view.base_row(row) for row in range(view.row_count)] == expected
    assert [view.index_of(base.row_id(row)) for row in expected] == list(range(len(expected)))
    shown = set(expected)
    assert all(view.index_of(base.row_id(row)) is None for row in range(base.row_count) if row not in shown)


async def settled(view: ViewSource) -> None:
    async with asyncio.timeout(10):
        while view.busy:
            await asyncio.sleep(0)


# -- cells ------------------------------------------------------------------------------------------------------------


def test_cells_of_plain_values() -> None:
    assert text_cell(None) is ABSENT
    assert text_cell("") is EMPTY
    assert text_cell("x", "muted") == Cell("x", "muted")
    assert number_cell(None) is ABSENT
    assert number_cell(1234567) == Cell("1,234,567", "number", sort_key=1234567)
    assert number_cell(Decimal("12345678901234567890.5")).text == "12,345,678,901,234,567,890.5"
    assert order_key(indented(text_cell("Member"), "  ")) == order_key(text_cell("member"))


def test_order_of_keys_of_all_types() -> None:
    keys: list[SortKey] = [
        Decimal("-1.5"),
        0,
        1.5,
        2,
        date(2024, 1, 1),
        datetime(2024, 6, 1, tzinfo=UTC),
        "Alpha",
        "beta",
        b"a",
    ]
    cells = [Cell(str(key), sort_key=key) for key in keys]
    shuffled = random.Random(3).sample(cells, len(cells))
    assert sorted(shuffled, key=order_key) == cells


@pytest.mark.parametrize("cell", [ABSENT, NULL, EMPTY, Cell("nan", sort_key=math.nan)])
def test_what_is_missing_sorts_last(cell: Cell) -> None:
    assert order_key(cell)[0] == MISSING_RANK


# -- lists ------------------------------------------------------------------------------------------------------------


def test_list_source_is_a_row_source() -> None:
    source = source_of(Row("a", 1), Row("b"))
    assert isinstance(source, RowSource)
    assert isinstance(ViewSource(source), RowSource)
    assert source.index_of("b") == 1
    assert source.index_of("c") is None
    assert source.cells(0) == (Cell("a"), Cell("1", sort_key=1))
    assert source.cell(1, 1) is ABSENT
    assert source.model("a") == Row("a", 1)


def test_equal_models_tell_nobody() -> None:
    source = source_of(Row("a", 1), Row("b", 2))
    events, revision = record(source), source.revision
    assert source.replace_all([Row("a", 1), Row("b", 2)]) == Diff()
    assert source.update([Row("a", 1)]) == frozenset()
    assert events == []
    assert source.revision == revision


def test_changed_models_tell_which() -> None:
    source = source_of(Row("a", 1), Row("b", 2))
    events, before = record(source), source.version(0)
    assert source.replace_all([Row("a", 9), Row("b", 2)]) == Diff(changed=frozenset({"a"}))
    assert events == [Changed(frozenset({"a"}))]
    assert source.version(0) != before
    assert source.cells(0)[1].text == "9"
    assert source.version(1) == 0


def test_other_order_or_rows_reset() -> None:
    source = source_of(Row("a", 1), Row("b", 2))
    events = record(source)
    assert source.replace_all([Row("b", 2), Row("a", 1)]) == Diff()
    assert source.replace_all([Row("a", 1), Row("c", 3)]) == Diff(added=frozenset("c"), removed=frozenset("b"))
    assert events == [Reset(), Reset()]
    assert ids(source) == ["a", "c"]


def test_rows_added_at_the_end_append() -> None:
    source = source_of(Row("a", 1))
    events = record(source)
    source.replace_all([Row("a", 2), Row("b", 2)])
    source.append([Row("c", 3), Row("b", 5)])
    assert events == [Changed(frozenset("a")), Appended(1, 2), Changed(frozenset("b")), Appended(2, 3)]
    assert [source.cell(row, 1).text for row in range(3)] == ["2", "5", "3"]


def test_repeated_ids_make_one_row() -> None:
    source = source_of(Row("a", 1), Row("b", 2), Row("a", 3))
    assert ids(source) == ["a", "b"]
    assert source.cell(0, 1).text == "3"
    source.append([Row("c", 1), Row("c", 2)])
    assert ids(source) == ["a", "b", "c"]
    assert source.cell(2, 1).text == "2"


def test_a_row_that_comes_back_is_not_taken_for_the_old_one() -> None:
    source = source_of(Row("a", 1), Row("b", 2))
    seen = source.version(0), source.cells(0)
    source.remove(["a", "unknown"])
    source.append([Row("a", 7)])
    row = source.index_of("a")
    assert row is not None
    assert (source.version(row), source.cells(row)) != seen
    assert source.cells(row)[1].text == "7"
    assert source.version(row) != seen[0]


def test_touch_and_columns_make_cells_anew() -> None:
    source = source_of(Row("a", 1))
    events, version = record(source), source.version(0)
    source.touch(["a", "unknown"])
    source.set_columns(COLUMNS[:1])
    assert events == [Changed(frozenset("a")), Reset()]
    assert source.version(0) > version
    assert len(source.cells(0)) == 1


def test_complete_tells_progress_once() -> None:
    source = source_of(Row("a"), complete=False)
    events = record(source)
    source.complete = True
    source.complete = True
    assert events == [Progress(1, 1)]


def test_unsubscribe() -> None:
    source = source_of(Row("a"))
    events: list[RowEvent] = []
    unsubscribe = source.subscribe(events.append)
    unsubscribe()
    unsubscribe()
    source.remove(["a"])
    assert events == []


def test_text_filter_wants_every_word() -> None:
    source = source_of(Row("Orders-DB", "available"), Row("billing", "stopped"))
    assert [row for row in range(2) if text_filter(source, "ORDERS avail")(row)] == [0]
    assert [row for row in range(2) if text_filter(source, "")(row)] == [0, 1]


# -- views ------------------------------------------------------------------------------------------------------------


async def test_plain_view_passes_everything_through() -> None:
    base = source_of(Row("a", 1), Row("b", 2))
    view = ViewSource(base)
    events = record(view)
    base.append([Row("c", 3)])
    base.update([Row("a", 5)])
    base.remove(["b"])
    assert events == [Appended(2, 3), Changed(frozenset("a")), Reset()]
    assert ids(view) == ids(base)


@pytest.mark.parametrize("spec", [UP, DOWN])
@pytest.mark.parametrize("count", [0, 1, 10, SMALL_SORT + 1, 20_000])
async def test_sort_of_any_length(count: int, spec: SortSpec) -> None:
    view = ViewSource(source_of(*numbers(count)))
    assert await view.sort(spec)
    check(view, spec, None)


MIXED = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.floats(-2, 2),
    st.text("aBc", max_size=2),
    st.binary(max_size=1),
    st.decimals(-2, 2, places=1),
)


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(MIXED, max_size=40),
    more=st.lists(MIXED, max_size=20),
    changes=st.dictionaries(st.integers(0, 59), MIXED, max_size=10),
    spec=st.sampled_from([None, UP, DOWN]),
    modulus=st.integers(0, 3),
)
def test_view_equals_a_plain_sort_and_filter(
    values: list[SortKey], more: list[SortKey], changes: dict[int, SortKey], spec: SortSpec | None, modulus: int
) -> None:
    async def scenario() -> None:
        base = source_of(*[Row(f"k{index}", value) for index, value in enumerate(values)], complete=False)
        view = ViewSource(base)

        def matches(row: int) -> bool:
            return len(base.cell(row, 1).text) % (modulus + 1) == 0

        predicate = matches if modulus else None
        await view.filter(predicate)
        await view.sort(spec)
        check(view, spec, predicate)
        base.append([Row(f"m{index}", value) for index, value in enumerate(more)])
        await settled(view)
        check(view, spec, predicate)
        known = ids(base)
        base.update([Row(str(known[index]), value) for index, value in changes.items() if index < len(known)])
        await settled(view)
        check(view, spec, predicate)

    asyncio.run(scenario())


async def test_many_equal_values_keep_their_order() -> None:
    view = ViewSource(source_of(*[Row(f"k{index}", index % 3) for index in range(10_000)]))
    await view.sort(DOWN)
    check(view, DOWN, None)


async def test_large_appends_and_changes_are_merged_in_the_background() -> None:
    base = source_of(*numbers(10_000))
    view = ViewSource(base)
    await view.filter(lambda row: bool(base.cell(row, 1).sort_key))
    await view.sort(DOWN)
    events = record(view)
    base.append([Row(f"m{index}", index / 3) for index in range(9_000)])
    base.update([Row(f"k{index}", index * 2) for index in range(3_000)])
    await settled(view)
    check(view, DOWN, lambda row: bool(base.cell(row, 1).sort_key))
    assert view.complete
    assert Reset() in events


async def test_unmoved_rows_are_told_as_changed() -> None:
    base = source_of(Row("a", 1), Row("b", 2), Row("c", 3))
    view = ViewSource(base)
    await view.sort(DOWN)
    events = record(view)
    base.touch(["b"])
    base.append([Row("d", 0)])
    base.update([Row("a", 9)])
    assert events == [Changed(frozenset("b")), Appended(3, 4), Reset()]
    assert ids(view) == ["a", "c", "b", "d"]


async def test_filtered_out_rows_stay_silent() -> None:
    base = source_of(Row("a", 1), Row("b", 2))
    view = ViewSource(base)
    await view.filter(lambda row: base.cell(row, 0).text == "a")
    events = record(view)
    base.update([Row("b", 7)])
    assert events == []
    base.update([Row("a", 7)])
    assert events == [Changed(frozenset("a"))]


async def test_small_resets_are_arranged_at_once() -> None:
    base = source_of(Row("a", 1), Row("b", 2))
    view = ViewSource(base)
    await view.sort(DOWN)
    base.replace_all([Row("c", 5), Row("a", 1), Row("b", 9)])
    assert ids(view) == ["b", "c", "a"]


async def test_large_resets_never_show_wrong_rows() -> None:
    base = source_of(*numbers(SYNC_ROWS * 3))
    view = ViewSource(base)
    await view.sort(UP)
    base.replace_all([replace(row, key=f"n{row.key}") for row in numbers(SYNC_ROWS * 2)])
    assert view.row_count == 0
    assert not view.complete
    await settled(view)
    check(view, UP, None)
    assert view.complete


async def test_a_reset_during_a_sort_starts_it_over() -> None:
    base = source_of(*numbers(30_000))
    view = ViewSource(base)
    started = asyncio.Event()
    task = asyncio.create_task(view.sort(DOWN, lambda _: started.set()))
    await started.wait()
    base.replace_all(numbers(3))
    assert await task
    await settled(view)
    check(view, DOWN, None)


async def test_growth_during_a_sort_is_taken_in() -> None:
    base = source_of(*numbers(30_000), complete=False)
    view = ViewSource(base)
    started = asyncio.Event()
    task = asyncio.create_task(view.sort(DOWN, lambda _: started.set()))
    await started.wait()
    base.append([Row(f"m{index}", index) for index in range(500)])
    base.update([Row("k5", 10**9)])
    assert await task
    await settled(view)
    check(view, DOWN, None)
    assert view.row_id(0) == "k5"


async def test_progress_goes_up_to_its_total() -> None:
    view = ViewSource(source_of(*numbers(60_000)))
    seen: list[Progress] = []
    await view.sort(DOWN, seen.append)
    assert seen
    assert all(0 <= progress.done <= (progress.total or 0) for progress in seen)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)


async def test_a_cancelled_sort_leaves_the_old_order() -> None:
    view = ViewSource(source_of(*numbers(30_000)))
    started = asyncio.Event()
    task = asyncio.create_task(view.sort(DOWN, lambda _: started.set()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled(view)
    assert view.sort_spec is None
    assert view.row_id(0) == "k0"
    assert await view.sort(UP)
    check(view, UP, None)


async def test_a_later_job_takes_over_and_keeps_the_other_wish() -> None:
    base = source_of(*numbers(30_000))
    view = ViewSource(base)
    started = asyncio.Event()
    first = asyncio.create_task(view.sort(DOWN, lambda _: started.set()))
    await started.wait()

    def even(row: int) -> bool:
        return row % 2 == 0

    assert await view.filter(even)
    assert not await first
    check(view, DOWN, even)


def test_views_work_without_a_loop() -> None:
    base = source_of(*numbers(10))
    view = ViewSource(base)
    asyncio.run(sort_only(view))
    base.append([Row(f"m{index}", index) for index in range(9_000)])
    base.replace_all(numbers(SYNC_ROWS * 2))
    check(view, UP, None)


async def sort_only(view: ViewSource) -> None:
    await view.sort(UP)


async def test_unknown_sort_column_keeps_the_base_order() -> None:
    view = ViewSource(source_of(*numbers(10)))
    assert await view.sort(SortSpec("gone"))
    check(view, None, None)


async def test_closed_view_follows_no_more() -> None:
    base = source_of(*numbers(10))
    view = ViewSource(base)
    events = record(view)
    view.close()
    base.remove(["k1"])
    assert events == []


async def test_subscribers_may_act_on_events() -> None:
    base = source_of(*numbers(10))
    view = ViewSource(base)
    await view.sort(UP)
    view.subscribe(lambda event: base.append([Row("late", -1)]) if isinstance(event, Changed) else None)
    base.touch(["k3"])
    check(view, UP, None)
    assert view.row_id(0) == "late"


# -- trees ------------------------------------------------------------------------------------------------------------


def family(row_id: Hashable) -> Hashable | None:
    """`a.b.c` belongs under `a.b`."""
    parent, dot, _ = str(row_id).rpartition(".")
    return parent if dot else None


def tree(*keys: str) -> tuple[ListSource[Row], ViewSource]:
    base = source_of(*[Row(key, key[-1]) for key in keys])
    return base, ViewSource(base, group_of=family)


async def test_children_follow_their_parents() -> None:
    _, view = tree("b", "a.y", "a", "b.x", "a.x", "a.x.z")
    assert ids(view) == ["b", "b.x", "a", "a.y", "a.x", "a.x.z"]
    await view.sort(UP)
    assert ids(view) == ["a", "a.x", "a.x.z", "a.y", "b", "b.x"]
    await view.sort(DOWN)
    assert ids(view) == ["b", "b.x", "a", "a.y", "a.x", "a.x.z"]
    assert view.index_of("a.x") == 4


async def test_children_whose_parent_is_not_listed_stand_alone() -> None:
    _, view = tree("gone.x", "a")
    assert ids(view) == ["gone.x", "a"]


async def test_tree_filter_keeps_ancestors_and_descendants() -> None:
    base, view = tree("a", "a.x", "a.x.z", "a.y", "b", "b.x")
    await view.filter(lambda row: base.row_id(row) == "a.x")
    assert ids(view) == ["a", "a.x", "a.x.z"]
    await view.collapse({"a"})
    assert ids(view) == ["a", "a.x", "a.x.z"]
    await view.filter(None)
    assert ids(view) == ["a", "b", "b.x"]
    assert view.index_of("a.x") is None
    base.append([Row("a.q", 1), Row("b.q", 1)])
    assert ids(view) == ["a", "b", "b.x", "b.q"]


async def test_tree_changes_reorder_or_tell() -> None:
    base, view = tree("a", "a.x", "a.y")
    await view.sort(UP)
    events = record(view)
    base.touch(["a.x"])
    assert events == [Changed(frozenset({"a.x"}))]
    base.update([Row("a.x", "zz")])
    assert ids(view) == ["a", "a.y", "a.x"]
    assert events[1:] == [Reset()]
