from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from dbtui.domain.row_order import SortSpec
from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import Appended, Changed, ColumnsChanged, Progress, Removed, RowEvent, RowSource
from dbtui.gateway.protocol import ItemPage
from dbtui.items.rows import ItemRows
from dbtui.items.store import ItemStore
from tests.unit.items_read.world import gsi, n, order, page, s, store_of, table

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def titles(source: RowSource) -> list[str]:
    return [column.key for column in source.columns]


def texts(source: RowSource, column: str) -> list[str]:
    place = titles(source).index(column)
    return [source.cell(row, place).text for row in range(source.row_count)]


def followed(source: RowSource) -> list[RowEvent]:
    events: list[RowEvent] = []
    source.subscribe(events.append)
    return events


async def settled(view: ViewSource) -> None:
    """Waits until the view has taken in what changed."""
    while view.busy:
        await asyncio.sleep(0)


class TestColumns:
    def test_keys_first_and_frozen_then_index_keys_then_by_frequency(self) -> None:
        of = table(indexes=[gsi("by-state", ("state", "HASH", "S")), gsi("by-day", ("day", "HASH", "S"))])
        items = [
            {"rare": s("r")} | order(0, common=s("c"), state=s("o")),
            order(1, common=s("c")),
            order(2, day=s("d"), common=s("c")),
        ]
        rows = ItemRows(store_of(items, of=of), of)
        assert titles(rows) == ["pk", "sk", "state", "day", "common", "rare"]
        assert [column.frozen for column in rows.columns] == [True, True, False, False, False, False]
        assert titles(ItemRows(store_of(items, of=of), of, index="by-day"))[:4] == ["pk", "sk", "day", "state"]

    def test_an_empty_list_has_the_keys_and_those_of_the_index_asked(self) -> None:
        of = table(indexes=[gsi("by-state", ("state", "HASH", "S")), gsi("by-day", ("day", "HASH", "S"))])
        assert titles(ItemRows(ItemStore(of.keys), of)) == ["pk", "sk"]
        assert titles(ItemRows(ItemStore(of.keys), of, index="by-day")) == ["pk", "sk", "day"]

    def test_new_ones_come_at_the_end_until_arranged(self) -> None:
        store = store_of([order(0, a=s("1"))])
        rows = ItemRows(store, table())
        store.append(page([order(1, b=s("2")), order(2, b=s("3"))]))
        assert titles(rows) == ["pk", "sk", "a", "b"]
        rows.arrange()
        assert titles(rows) == ["pk", "sk", "b", "a"]

    def test_there_is_a_cap_and_the_rest_is_told(self) -> None:
        item = order(0) | {f"a{number:02}": n(number) for number in range(60)}
        rows = ItemRows(store_of([item]), table(), most_columns=10)
        assert len(rows.columns) == 10
        assert len(rows.left_out) == 52
        rows.show("a59")
        assert titles(rows)[-1] == "a59"
        assert len(rows.left_out) == 51

    def test_hiding_and_showing(self) -> None:
        rows = ItemRows(store_of([order(0, a=s("1"), b=s("2"))]), table())
        rows.hide("a")
        rows.hide("pk")
        assert titles(rows) == ["pk", "sk", "b"]
        assert rows.hidden == {"a"}
        assert [cell.text for cell in rows.cells(0)] == ["customer-0", "0", '"2"']
        rows.show("a")
        assert titles(rows) == ["pk", "sk", "a", "b"]

    def test_choosing_columns(self) -> None:
        rows = ItemRows(store_of([order(0, a=s("1"), b=s("2"), c=s("3"))]), table())
        rows.set_columns(["c", "pk", "a"], hidden=["b"])
        assert titles(rows) == ["pk", "sk", "c", "a"]

    def test_widths(self) -> None:
        rows = ItemRows(store_of([order(0, a=s("1"))]), table())
        rows.set_width("a", 70)
        assert (rows.columns[2].min_width, rows.columns[2].max_width) == (70, 70)
        rows.set_width("a", None)
        assert rows.columns[2].max_width < 70

    def test_numbers_are_on_the_right(self) -> None:
        rows = ItemRows(store_of([order(0, a=n(1), b=s("1"), c={"NS": ["1"]})]), table())
        assert [column.align for column in rows.columns] == ["left", "right", "right", "left", "left"]

    def test_a_sample_of_a_page_is_enough(self) -> None:
        raw = msgspec.Raw(b"not an item")
        store = ItemStore(table().keys)
        rows = ItemRows(store, table())
        store.append(ItemPage([raw] * 3 + page([order(3, a=s("1"))]).items, 4, None, None))
        assert titles(rows) == ["pk", "sk", "a"]
        assert rows.cells(0)[0].style == "danger"
        assert rows.cell(0, 0).style == "danger"

    def test_peer_defect_27_a_table_without_a_sort_key(self) -> None:
        of = table((("pk", "S"),))
        rows = ItemRows(store_of([{"pk": s("a"), "x": n(1)}], of=of), of)
        assert titles(rows) == ["pk", "x"]


class TestCells:
    def test_a_row_and_one_cell_of_it_agree(self) -> None:
        rows = ItemRows(store_of([order(0, a=s("007"), b={"NULL": True}), order(1, a=s(""))]), table())
        for row in range(2):
            assert list(rows.cells(row)) == [rows.cell(row, column) for column in range(len(rows.columns))]
        assert [cell.text for cell in rows.cells(0)] == ["customer-0", "0", '"007"', ""]

    def test_key_texts_stand_bare_because_their_type_is_known(self) -> None:
        of = table((("pk", "S"),))
        assert ItemRows(store_of([{"pk": s("007")}], of=of), of).cells(0)[0].text == "007"

    @pytest.mark.parametrize("name", ["a.b", "a[0]", "a b", "#a", 'q"q', "b\\s", "日本", "$ss", "\x1b[0m", ""])
    def test_any_attribute_name(self, name: str) -> None:
        rows = ItemRows(store_of([order(0) | {name: s("here")}]), table())
        assert titles(rows)[2] == name
        assert rows.cell(0, 2).text == rows.cells(0)[2].text == "here"

    def test_times_on_request(self) -> None:
        of = table(ttl="expires")
        store = store_of([order(0, expires=n(1_700_000_000), made=n(1_700_000_000_000))], of=of)
        rows = ItemRows(store, of, clock=lambda: NOW)
        assert rows.ttl_attribute == "expires"
        assert [column.title for column in rows.columns] == ["pk", "sk", "expires (TTL)", "made"]
        assert [cell.text for cell in rows.cells(0)[2:]] == ["1700000000", "1700000000000"]
        version = rows.version(0)
        rows.times = {"expires", "made"}
        assert rows.version(0) != version
        assert [cell.text for cell in rows.cells(0)[2:]] == [
            "2023-11-14 22:13:20 UTC expired",
            "2023-11-14 22:13:20 UTC (ms)",
        ]
        assert rows.cell(0, 2) == rows.cells(0)[2]

    def test_a_replaced_item_shows_anew(self) -> None:
        store = store_of([order(0, a=s("old"))])
        rows = ItemRows(store, table())
        events = followed(rows)
        before = rows.version(0), rows.cells(0)[2].text
        store.replace(0, order(0, a=s("new"), b=s("more")))
        assert rows.version(0) != before[0]
        assert [cell.text for cell in rows.cells(0)] == ["customer-0", "0", "new", "more"]
        assert events == [ColumnsChanged(), Changed(frozenset({0}))]


class TestRows:
    def test_events_of_a_growing_store(self) -> None:
        store = ItemStore(table().keys)
        rows = ItemRows(store, table())
        events = followed(rows)
        store.append(page([order(0), order(1)]))
        store.append(page([order(2, a=s("1"))]))
        store.remove(0)
        store.append(page([order(3)]))
        rows.complete = True
        assert events == [
            Appended(0, 2),
            ColumnsChanged(),
            Appended(2, 3),
            Removed((0,)),
            Appended(2, 3),
            Progress(3, 3),
        ]
        assert [rows.row_id(row) for row in range(3)] == [1, 2, 3]
        assert [rows.index_of(ordinal) for ordinal in range(4)] == [None, 0, 1, 2]

    def test_a_closed_one_follows_no_more(self) -> None:
        store = store_of([order(0)])
        rows = ItemRows(store, table())
        events = followed(rows)
        rows.close()
        store.append(page([order(1, a=s("x"))]))
        assert events == []


class TestSortedAndFiltered:
    """Through the view every table shows: what is removed, replaced or added meanwhile stays right."""

    async def test_numbers_sort_by_value_and_what_is_missing_comes_last(self) -> None:
        values = [n("10"), n("9"), None, {"NULL": True}, n("1E+2"), n("-1.50")]
        rows = ItemRows(store_of(order(i, **({"v": v} if v else {})) for i, v in enumerate(values)), table())
        view = ViewSource(rows)
        await view.sort(SortSpec("v"))
        assert texts(view, "v") == ["-1.50", "9", "10", "1E+2", "", ""]

    async def test_peer_defect_2_ids_stay_with_their_items_through_sorting(self) -> None:
        rows = ItemRows(store_of(order(number, v=n(-number)) for number in range(50)), table())
        view = ViewSource(rows)
        marked = {view.row_id(3), view.row_id(40)}
        await view.sort(SortSpec("v"))
        places = [view.index_of(row_id) for row_id in marked]
        assert {view.cell(place, 1).text for place in places if place is not None} == {"3", "40"}
        rows.store.remove(40)
        assert {view.index_of(row_id) for row_id in marked} == {None, view.index_of(3)}
        assert view.cell(view.index_of(3) or 0, 1).text == "3"

    @pytest.mark.parametrize("count", [60, 5000])
    async def test_removal_keeps_order_and_filter(self, count: int) -> None:
        store = store_of(order(number, v=n(number * 7919 % 1009)) for number in range(count))
        rows = ItemRows(store, table())
        view = ViewSource(rows)
        await view.sort(SortSpec("v", descending=True))
        await view.filter(lambda row: int(rows.cell(row, 1).text) % 2 == 0)
        events = followed(view)
        removed = [4, 5, 20, count - 2]
        expected = [item for item in texts(view, "sk") if int(item) not in removed]
        store.remove(*removed)
        assert texts(view, "sk") == expected
        assert isinstance(events[-1], Removed)
        assert all(view.index_of(view.row_id(place)) == place for place in range(view.row_count))
        store.insert(order(count, v=n(500)))
        store.replace(6, order(6, v=n(2000)))
        await settled(view)
        assert texts(view, "sk")[0] == "6"
        assert str(count) in texts(view, "sk")
        assert sorted(texts(view, "v"), key=int, reverse=True) == texts(view, "v")

    async def test_removal_during_a_job(self) -> None:
        store = store_of(order(number, v=n(number * 7919 % 10007)) for number in range(20_000))
        view = ViewSource(ItemRows(store, table()))
        job = asyncio.create_task(view.sort(SortSpec("v")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        store.remove(0, 100, 19_999)
        assert await job
        assert view.row_count == 19_997
        values = [int(text) for text in texts(view, "v")]
        assert values == sorted(values)

    async def test_new_columns_leave_the_order_alone(self) -> None:
        store = store_of(order(number, v=n(-number), w=n(number)) for number in range(30))
        rows = ItemRows(store, table())
        view = ViewSource(rows)
        await view.sort(SortSpec("v"))
        events = followed(view)
        store.append(page([order(30, v=n("-30.5"), x=s("new"), aa=s("new"))]))
        assert texts(view, "sk")[:2] == ["30", "29"]
        rows.set_columns(["w", "v"])
        assert ColumnsChanged() in events
        store.replace(0, order(0, v=n(-99), w=n(0)))
        assert texts(view, "sk")[0] == "0"

    async def test_hiding_the_column_sorted_by_ends_the_order(self) -> None:
        rows = ItemRows(store_of(order(number, v=n(-number)) for number in range(30)), table())
        view = ViewSource(rows)
        await view.sort(SortSpec("v"))
        rows.hide("v")
        assert texts(view, "sk") == [str(number) for number in range(30)]

    async def test_times_sort_as_their_numbers(self) -> None:
        rows = ItemRows(
            store_of(order(i, at=n(at)) for i, at in enumerate([1_700_000_000, 900, 1_600_000_000])), table()
        )
        rows.times = {"at"}
        view = ViewSource(rows)
        await view.sort(SortSpec("at"))
        assert texts(view, "sk") == ["1", "2", "0"]
