"""A RecordTable over a growing store of items: columns come, rows leave, and nothing the user relies on moves."""

from __future__ import annotations

from tests.unit.items_read.world import n, order, page, s, store_of, table
from textual.app import App, ComposeResult

from dbtui.domain.row_order import SortSpec
from dbtui.domain.row_view import ViewSource
from dbtui.items.rows import ItemRows
from dbtui.ui.widgets.record_table import RecordTable


class TableApp(App[None]):
    def __init__(self, view: ViewSource) -> None:
        super().__init__()
        self.table = RecordTable(view)

    def compose(self) -> ComposeResult:
        yield self.table


def lines(shown: RecordTable) -> list[str]:
    return [shown.render_line(y).text.rstrip() for y in range(shown.size.height)]


async def test_a_new_column_comes_at_the_end_and_the_others_stay_where_they_are() -> None:
    store = store_of(order(number, note=s("a note that is long")) for number in range(30))
    app = TableApp(ViewSource(ItemRows(store, table())))
    async with app.run_test(size=(100, 20)) as pilot:
        app.table.move_cursor(5)
        await pilot.pause()
        header = lines(app.table)[0]
        store.append(page([order(30, note=s("short"), extra=s("new"))]))
        await pilot.pause()
        assert lines(app.table)[0].split() == ["pk", "sk", "note", "extra"]
        assert lines(app.table)[0].startswith(header)
        assert app.table.cursor_row == 5


async def test_a_removed_row_leaves_and_cursor_and_marks_stay_with_their_items() -> None:
    store = store_of(order(number, v=n(-number)) for number in range(50))
    view = ViewSource(ItemRows(store, table()))
    app = TableApp(view)
    async with app.run_test(size=(80, 20)) as pilot:
        await view.sort(SortSpec("v"))
        app.table.marks = {40, 45}
        app.table.move_to(42)
        await pilot.pause()
        store.remove(45, 47)
        await pilot.pause()
        shown = lines(app.table)
        assert app.table.cursor_id == 42
        assert sum("✓" in line for line in shown) == 1
        assert next(line for line in shown if "✓" in line).split()[-1] == "-40"
        assert not any(line.endswith(("-45", "-47")) for line in shown)


async def test_times_and_hidden_columns_repaint_the_rows_in_sight() -> None:
    store = store_of(order(number, at=n(1_700_000_000 + number), note=s("text")) for number in range(30))
    rows = ItemRows(store, table())
    app = TableApp(ViewSource(rows))
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        assert "1700000001" in lines(app.table)[2]
        rows.times = {"at"}
        await pilot.pause()
        assert "2023-11-14 22:13:21 UTC" in lines(app.table)[2]
        rows.hide("note")
        await pilot.pause()
        assert lines(app.table)[0].split() == ["pk", "sk", "at"]
