"""The column cursor of a table: where it goes, what it draws, and what it costs on the wire."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from rich.console import Console
from tests.ui.conftest import table
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.pilot import Pilot
from textual.strip import Strip

from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import RowSource
from dbtui.domain.wire import encode_item
from dbtui.gateway.protocol import ItemPage
from dbtui.items.rows import ItemRows
from dbtui.items.store import ItemStore
from dbtui.ui.widgets.cell_table import CellTable

STYLES = Path(__file__).parents[2] / "styles" / "record_table.tcss"


def items(count: int = 200, attributes: int = 8) -> ItemRows:
    """Rows with two keys and some attributes, every fifth of them absent somewhere."""
    model = table("orders")
    store = ItemStore(model.keys)
    rows = ItemRows(store, model)
    raws = []
    for number in range(count):
        item = {"pk": {"S": f"user#{number}"}, "sk": {"S": f"order#{number:04}"}}
        item |= {
            f"attribute{at}": {"S": f"value {at} of {number}"}
            for at in range(attributes)
            if at < attributes - 1 or number % 5
        }
        raws.append(msgspec.Raw(encode_item(item)))
    store.append(ItemPage(raws, count, None, 1.0))
    rows.complete = True
    return rows


class CountingTable(CellTable):
    drawn: ClassVar[list[int]] = []

    def render_line(self, y: int) -> Strip:
        self.drawn.append(y)
        return super().render_line(y)


class TableApp(App[None]):
    CSS_PATH = STYLES

    def __init__(self, source: RowSource) -> None:
        super().__init__()
        self.table = CountingTable(source)
        self.heard: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_cell_table_column_highlighted(self, event: CellTable.ColumnHighlighted) -> None:
        self.heard.append(event.column)


def here(app: TableApp) -> str:
    column = app.table.column
    assert column is not None
    return column.key


async def test_left_and_right_go_from_column_to_column_and_bring_it_in_sight() -> None:
    app = TableApp(items())
    async with app.run_test(size=(60, 12)) as pilot:
        app.table.focus()
        assert here(app) == "pk"
        await pilot.press("right", "right")
        assert here(app) == "attribute0"
        assert app.table.scroll_offset.x == 0
        await pilot.press("right", "right", "right")
        assert here(app) == "attribute3"
        assert app.table.scroll_offset.x > 0
        await pilot.press("dollar_sign")
        assert here(app) == "attribute7"
        assert app.table.scroll_offset.x == app.table.furthest_scroll_x
        await pilot.press("right")
        assert here(app) == "attribute7"
        await pilot.press("circumflex_accent")
        assert here(app) == "pk"
        assert app.heard[-1] == "pk"


async def test_a_move_draws_the_header_and_one_row() -> None:
    app = TableApp(items())
    async with app.run_test(size=(140, 30)) as pilot:
        app.table.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        app.table.drawn.clear()
        await pilot.press("right")
        await pilot.pause()
        assert sorted(set(app.table.drawn)) == [0, 3]


async def test_it_stays_on_its_column_when_others_come_or_go() -> None:
    rows = items()
    app = TableApp(rows)
    async with app.run_test(size=(140, 30)) as pilot:
        app.table.focus()
        assert app.table.move_to_column("attribute3")
        rows.hide("attribute1")
        await pilot.pause()
        assert here(app) == "attribute3"
        rows.hide("attribute3")
        await pilot.pause()
        assert here(app) == "pk"
        assert not app.table.move_to_column("attribute3")


async def test_without_rows_there_is_no_column() -> None:
    app = TableApp(items(0))
    async with app.run_test(size=(80, 24)) as pilot:
        app.table.focus()
        await pilot.press("right", "left", "down")
        assert app.table.column is None


async def test_a_click_chooses_the_cell() -> None:
    app = TableApp(items())
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.click(CountingTable, offset=(14, 4))
        assert (here(app), app.table.cursor_row) == ("sk", 3)


# -- bytes to the terminal --------------------------------------------------------------------------------------------


class RecordingDriver(Driver):
    """A terminal that only counts."""

    written = 0

    def write(self, data: str) -> None:
        type(self).written += len(data.encode())

    def start_application_mode(self) -> None:
        pass

    def disable_input(self) -> None:
        pass

    def stop_application_mode(self) -> None:
        pass


class ByteApp(TableApp):
    def __init__(self, source: RowSource, colours: str, theme: str) -> None:
        super().__init__(source)
        self.console = Console(color_system=colours, force_terminal=True, legacy_windows=False, file=io.StringIO())  # type: ignore[arg-type]
        self.driver_class = RecordingDriver
        self.theme = theme


async def bytes_for(app: ByteApp, act: Callable[[], object]) -> int:
    """Bytes written because of ``act``."""
    result: list[int] = []

    async def autopilot(pilot: Pilot[object]) -> None:
        async with asyncio.timeout(30):
            while not app.table.visible_ids or not app.table.has_focus:
                app.table.focus()
                await pilot.pause(0.05)
        await pilot.pause(0.3)
        RecordingDriver.written = 0
        act()
        await pilot.pause()
        await pilot.pause()
        result.append(RecordingDriver.written)
        app.exit()

    await app.run_async(size=(120, 40), auto_pilot=autopilot)  # type: ignore[arg-type]
    return result[0]


@pytest.mark.parametrize(
    ("colours", "theme", "budget"),
    [("truecolor", "textual-dark", 1200), ("truecolor", "textual-light", 1200), ("standard", "ansi-dark", 700)],
)
@pytest.mark.parametrize("move", ["down", "right"])
async def test_moving_the_cursor_is_cheap_on_the_wire(colours: str, theme: str, budget: int, move: str) -> None:
    app = ByteApp(ViewSource(items()), colours, theme)
    step = (lambda: app.table.action_move(1)) if move == "down" else (lambda: app.table.action_step_column(1))
    cost = await bytes_for(app, step)
    print(f"{move} in a table with a column cursor, {colours}, {theme}: {cost} B")
    assert 100 < cost <= budget
