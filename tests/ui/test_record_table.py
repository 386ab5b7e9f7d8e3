"""RecordTable: what it shows, what it repaints, what it tells its owner."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.geometry import Offset, Size
from textual.message import Message
from textual.pilot import Pilot
from textual.strip import Strip

from dbtui.domain.row_order import SortSpec
from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import (
    ABSENT,
    EMPTY,
    NULL,
    Cell,
    Column,
    ColumnSpec,
    ListSource,
    RowSource,
    indented,
    number_cell,
    text_cell,
    text_filter,
)
from dbtui.ui.widgets.record_table import RecordTable

STYLES = Path(__file__).parents[2] / "styles" / "record_table.tcss"


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    status: str = "available"
    size: int | None = 1
    parent: str | None = None


def status_cell(row: Row) -> Cell:
    style = {"available": "status-ok", "stopped": "status-stopped"}.get(row.status, "status-busy")
    return Cell(f"● {row.status}", style, sort_key=row.status)


COLUMNS: list[Column[Row]] = [
    Column(
        ColumnSpec("name", "name", min_width=6, frozen=True, weight=1, priority=2),
        lambda row: indented(text_cell(row.name), "  " if row.parent else ""),
    ),
    Column(ColumnSpec("status", "status", min_width=11, priority=1, tooltip="the state of it"), status_cell),
    Column(ColumnSpec("size", "size", align="right"), lambda row: number_cell(row.size)),
]


def rows(count: int, start: int = 0) -> list[Row]:
    return [Row(f"r{index}", f"row-{index:05}", size=index % 97) for index in range(start, start + count)]


def source_of(models: Iterable[Row], *, complete: bool = True) -> ListSource[Row]:
    return ListSource(COLUMNS, lambda row: row.key, models, complete=complete)


class CountingTable(RecordTable):
    """Counts the lines it is asked to draw."""

    drawn = 0

    def render_line(self, y: int) -> Strip:
        type(self).drawn += 1
        return super().render_line(y)


class TableApp(App[None]):
    CSS_PATH = str(STYLES)

    def __init__(self, source: RowSource | None, **options: object) -> None:
        super().__init__()
        CountingTable.drawn = 0
        self.table = CountingTable(source, **options)  # type: ignore[arg-type]
        self.messages: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()

    def on_record_table_row_highlighted(self, message: RecordTable.RowHighlighted) -> None:
        self.messages.append(message)

    def on_record_table_row_activated(self, message: RecordTable.RowActivated) -> None:
        self.messages.append(message)

    def on_record_table_marks_changed(self, message: RecordTable.MarksChanged) -> None:
        self.messages.append(message)

    def on_record_table_need_more(self, message: RecordTable.NeedMore) -> None:
        self.messages.append(message)

    def on_record_table_visible_rows_changed(self, message: RecordTable.VisibleRowsChanged) -> None:
        self.messages.append(message)

    def on_record_table_header_clicked(self, message: RecordTable.HeaderClicked) -> None:
        self.messages.append(message)

    def told(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.messages if isinstance(message, kind)]

    def line(self, y: int) -> str:
        """The text of a line of the table as it would be drawn."""
        return RecordTable.render_line(self.table, y).text

    def screen_text(self) -> str:
        return "\n".join(self.line(y) for y in range(self.table.size.height))


async def until(pilot: Pilot[None], condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "condition not met in time"
        await pilot.pause()


# -- what it shows ----------------------------------------------------------------------------------------------------


async def test_header_rows_and_cursor_are_shown() -> None:
    app = TableApp(source_of(rows(3)))
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert app.line(0).split() == ["name", "status", "size"]
        assert app.line(1).startswith("❯  row-00000")
        assert app.line(2).startswith("   row-00001")
        assert all(cell_len(app.line(y)) == 60 for y in range(10))


async def test_ascii_glyphs() -> None:
    app = TableApp(source_of([Row("a", "a" * 100, size=None)]), ascii_glyphs=True)
    async with app.run_test(size=(50, 6)) as pilot:
        app.table.sort_spec = SortSpec("size")
        app.table.marks = ["a"]
        await pilot.pause()
        text = app.screen_text().replace("●", "o")
        assert text.isascii()
        assert app.line(0).rstrip().endswith("size ^")
        assert app.line(1).startswith(">* a")
        assert "~" in app.line(1)
        assert app.line(1).rstrip().endswith("-")


async def test_sort_sign_in_header() -> None:
    app = TableApp(source_of(rows(3)))
    async with app.run_test(size=(60, 10)) as pilot:
        app.table.sort_spec = SortSpec("status", descending=True)
        await pilot.pause()
        assert "status ▼" in app.line(0)
        app.table.sort_spec = SortSpec("status")
        await pilot.pause()
        assert "status ▲" in app.line(0)


async def test_markup_is_shown_as_it_is() -> None:
    app = TableApp(source_of([Row("a", "[bold]x[/]"), Row("b", "[/foo]")]))
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.pause()
        assert "[bold]x[/]" in app.line(1)
        assert "[/foo]" in app.line(2)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mred", r"a\x1b[31mred"),
        ("two\nlines", r"two\nlines"),
        ("\u202etxt.exe", r"\u202etxt.exe"),
        ("c1\x9bm", r"c1\x9bm"),
        ("para\u2029graph", r"para\u2029graph"),
        ("lone\ud800", r"lone\ud800"),
    ],
)
async def test_control_text_is_escaped(text: str, shown: str) -> None:
    app = TableApp(source_of([Row("a", text)]))
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.pause()
        assert shown in app.line(1)
        assert cell_len(app.line(1)) == 60
        app.line(1).encode()


@pytest.mark.parametrize(
    "text", ["日本語データベース", "😀👍🏽 ok", "e\u0301a\u0308o", "👨‍👩‍👧 family", "1️⃣ 🇩🇪", "한국어", "ㅤa", "𝌆x"]
)
async def test_wide_and_combining_text_keeps_columns_aligned(text: str) -> None:
    app = TableApp(source_of([Row("p", "plain"), Row("w", text), Row("l", text * 9)]))
    async with app.run_test(size=(50, 6)) as pilot:
        await pilot.pause()

        def place(y: int) -> int:
            return cell_len(app.line(y).partition("●")[0])

        assert place(1) == place(2) == place(3)
        assert [cell_len(app.line(y)) for y in (1, 2, 3)] == [50] * 3


async def test_kinds_of_missing_cells_differ() -> None:
    cells = {"absent": ABSENT, "null": NULL, "empty": EMPTY, "value": Cell("v")}
    columns = [
        Column(ColumnSpec("key", "key"), Cell),
        Column(ColumnSpec("cell", "cell", min_width=8), lambda key: cells[key]),
    ]
    app = TableApp(ListSource(columns, lambda key: key, cells))
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        assert [app.line(y).split()[-1] for y in (1, 2, 3, 4)] == ["–", "NULL", '""', "v"]


async def test_small_terminal_keeps_key_and_reaches_all_columns() -> None:
    app = TableApp(source_of(rows(30)))
    async with app.run_test(size=(20, 10)) as pilot:
        await pilot.pause()
        assert app.line(1).startswith("❯  row-0")
        assert app.line(0).endswith("›")
        seen = app.line(0)
        for _ in range(4):
            await pilot.press("right")
            await pilot.pause()
            assert app.line(1).startswith("❯  row-0")
            seen += app.line(0)
        assert "size" in seen
        assert not app.line(0).endswith("›")
        assert "‹" in app.line(0)
        await pilot.press("h", "h", "h", "h")
        await pilot.pause()
        assert app.table.scroll_offset.x == 0


async def test_forty_by_ten() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert len(app.table.visible_rows) == 9
        await pilot.press("G")
        await pilot.pause()
        assert app.table.visible_rows == range(91, 100)
        assert app.line(9).startswith("❯  row-00099")


async def test_horizontal_scroll_cuts_between_cells() -> None:
    wide = [
        Column(ColumnSpec("key", "key", frozen=True), Cell),
        *[
            Column(ColumnSpec(f"c{n}", f"c{n}", min_width=7), lambda key, n=n: Cell(f"{n:03}漢字"))  # type: ignore[misc]
            for n in range(40)
        ],
    ]
    app = TableApp(ListSource(wide, lambda key: key, ["k"]))
    async with app.run_test(size=(50, 6)) as pilot:
        await pilot.pause()
        uncut = "".join(f"{n:03}漢字  " for n in range(40))
        cells = [character for glyph in uncut for character in [glyph, *[""] * (cell_len(glyph) - 1)]]
        for x in range(app.table.furthest_scroll_x + 1):
            app.table.scroll_to(x=x, animate=False, force=True)
            line = app.line(1)
            assert cell_len(line) == 50
            shown = line[8:].rstrip()
            expected = "".join(cells[x : x + 42]).strip()
            assert shown.strip()[:-2] in uncut or expected in uncut
        assert "039漢字" in app.line(1)


async def test_empty_loading_and_error_text() -> None:
    source = source_of([], complete=False)
    app = TableApp(source)
    async with app.run_test(size=(60, 8)) as pilot:
        app.table.set_placeholder(["Loading tables…"])
        await pilot.pause()
        assert "Loading tables…" in app.line(2)
        app.table.set_placeholder([("Access denied: rds:Describe", "danger"), "The other panes work."])
        await pilot.pause()
        assert "Access denied" in app.line(2)
        assert "other panes" in app.line(3)
        assert app.table.cursor_id is None
        await pilot.press("down", "space", "enter", "G", "right", "n", "pagedown")
        source.append(rows(2))
        await pilot.pause()
        assert "row-00000" in app.line(1)
        assert "Access denied" not in app.screen_text()


async def test_tail_row_while_incomplete() -> None:
    source = source_of(rows(3), complete=False)
    app = TableApp(source)
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        assert "Loading more" in app.line(4)
        app.table.set_tail("3 so far · esc stops")
        await pilot.pause()
        assert "3 so far" in app.line(4)
        await pilot.press("G")
        assert app.table.cursor_id == "r2"
        source.append(rows(2, 3))
        await pilot.pause()
        assert "row-00003" in app.line(4)
        assert "3 so far" in app.line(6)
        source.complete = True
        await pilot.pause()
        assert app.line(6).strip() == ""


async def test_row_states_are_drawn() -> None:
    states: dict[object, str] = {"r1": "pending"}
    app = TableApp(source_of(rows(3)), row_state=lambda row_id: states.get(row_id, ""))
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        assert app.line(2).startswith(" ✎ row-00001")
        plain = RecordTable.render_line(app.table, 3)
        states["r2"] = "changed"
        app.table.refresh_rows({"r2"})
        await pilot.pause()
        assert RecordTable.render_line(app.table, 3) != plain


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "ansi-light", "nord", "dracula"])
async def test_status_has_its_own_colour_in_every_theme(theme: str) -> None:
    app = TableApp(source_of([Row("a", "a"), Row("b", "b"), Row("c", "c", "stopped")]))
    async with app.run_test(size=(60, 8)) as pilot:
        app.theme = theme
        await pilot.pause()

        def style_at(y: int, text: str) -> object:
            return next(segment.style for segment in RecordTable.render_line(app.table, y) if text in segment.text)

        assert style_at(2, "available") != style_at(2, "b")
        assert style_at(3, "stopped") != style_at(2, "available")
        assert len(list(RecordTable.render_line(app.table, 1))) <= 3
        for y in range(8):
            assert all(segment.style and segment.style.bgcolor for segment in RecordTable.render_line(app.table, y))


# -- cursor and marks -------------------------------------------------------------------------------------------------


async def test_keys_move_the_cursor() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 11)) as pilot:
        table = app.table
        for key, row in [
            ("down", 1),
            ("j", 2),
            ("k", 1),
            ("up", 0),
            ("pagedown", 9),
            ("pageup", 0),
            ("ctrl+d", 4),
            ("ctrl+u", 0),
            ("end", 99),
            ("home", 0),
            ("G", 99),
            ("g", 0),
        ]:
            await pilot.press(key)
            assert (key, table.cursor_row) == (key, row)
            assert table.cursor_row in table.visible_rows
        assert isinstance(app.told(RecordTable.RowHighlighted)[0], RecordTable.RowHighlighted)


async def test_binding_ids_are_stable() -> None:
    ids = {binding.id for _, binding in RecordTable(None)._bindings}
    wanted = "down up page-down page-up top bottom left right mark activate next-match previous-match"
    assert {f"table.{name}" for name in wanted.split()} <= ids


async def test_late_reset_keeps_the_cursor_on_its_row() -> None:
    source = source_of(rows(50))
    app = TableApp(source)
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.move_to("r20")
        await pilot.pause()
        y = 20 - app.table.scroll_offset.y
        source.replace_all([Row("new1", "new"), Row("new2", "new"), *rows(50)])
        await pilot.pause()
        assert (app.table.cursor_id, app.table.cursor_row) == ("r20", 22)
        assert app.table.cursor_row - app.table.scroll_offset.y == y
        source.remove(["r20"])
        await pilot.pause()
        assert app.table.cursor_row == 22
        assert app.table.cursor_id == "r21"


async def test_cursor_comes_back_when_its_row_is_loaded_late() -> None:
    source = source_of(rows(50))
    app = TableApp(source)
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.move_to("r20")
        source.complete = False
        source.replace_all([])
        await pilot.pause()
        assert app.table.cursor_id is None
        source.append(rows(10))
        await pilot.pause()
        assert app.table.cursor_id == "r9" or app.table.cursor_row is not None
        source.append(rows(40, 10))
        await pilot.pause()
        assert app.table.cursor_id == "r20"


async def test_marks_survive_sort_filter_and_refresh() -> None:
    base = source_of(rows(20))
    view = ViewSource(base)
    app = TableApp(view)
    async with app.run_test(size=(60, 25)) as pilot:
        await pilot.press("space", "space")
        assert app.table.marks == {"r0", "r1"}
        await view.sort(SortSpec("size", descending=True))
        await pilot.pause()
        marked = [app.line(y).split()[1] for y in range(1, 21) if "✓" in app.line(y)]
        assert marked == ["row-00001", "row-00000"]
        await view.filter(text_filter(base, "row-00007"))
        await pilot.pause()
        assert app.table.row_count == 1
        assert app.table.marks == {"r0", "r1"}
        await view.filter(None)
        base.replace_all([replace(row, status="stopped") for row in rows(20)])
        await pilot.pause()
        assert sum("✓" in app.line(y) for y in range(1, 21)) == 2


async def test_tree_filter_keeps_families_together() -> None:
    models = [
        Row("c1", "cluster-1"),
        Row("c1a", "member-a", parent="c1"),
        Row("c1b", "member-b", "stopped", parent="c1"),
        Row("i1", "instance"),
    ]
    base = source_of(models)
    view = ViewSource(base, group_of=lambda row_id: {"c1a": "c1", "c1b": "c1"}.get(str(row_id)))
    app = TableApp(view)
    async with app.run_test(size=(60, 10)) as pilot:
        await view.filter(text_filter(base, "stopped"))
        await pilot.pause()
        assert [view.row_id(row) for row in range(view.row_count)] == ["c1", "c1b"]
        assert "  member-b" in app.line(2)
        await view.filter(text_filter(base, "cluster"))
        assert [view.row_id(row) for row in range(view.row_count)] == ["c1", "c1a", "c1b"]
        await view.filter(None)
        await view.sort(SortSpec("name", descending=True))
        assert [view.row_id(row) for row in range(view.row_count)] == ["i1", "c1", "c1b", "c1a"]
        await view.collapse({"c1"})
        assert [view.row_id(row) for row in range(view.row_count)] == ["i1", "c1"]


async def test_find_next_and_previous() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 11)) as pilot:
        app.table.set_matcher(lambda row: row % 40 == 7)
        for key, row in [("n", 7), ("n", 47), ("n", 87), ("n", 7), ("N", 87)]:
            await pilot.press(key)
            await until(pilot, lambda row=row: app.table.cursor_row == row)


async def test_mouse_selects_activates_and_names_columns() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        await pilot.click(CountingTable, Offset(10, 4))
        assert app.table.cursor_id == "r3"
        assert not app.told(RecordTable.RowActivated)
        await pilot.click(CountingTable, Offset(10, 4))
        await pilot.pause()
        assert [message.row_id for message in app.told(RecordTable.RowActivated)] == ["r3"]  # type: ignore[attr-defined]
        await pilot.click(CountingTable, Offset(app.line(0).index("status") + 1, 0))
        await pilot.pause()
        assert [message.column for message in app.told(RecordTable.HeaderClicked)] == ["status"]  # type: ignore[attr-defined]
        await pilot.hover(CountingTable, Offset(app.line(0).index("status") + 1, 0))
        assert app.table.tooltip == "the state of it"


async def test_wheel_scrolls_and_leaves_the_cursor() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        app.table.scroll_relative(y=5, animate=False)
        await pilot.pause()
        assert app.table.visible_rows.start == 5
        assert app.table.cursor_row == 0
        await pilot.press("down")
        assert app.table.cursor_row == 1
        assert 1 in app.table.visible_rows


# -- telling the owner ------------------------------------------------------------------------------------------------


async def test_another_source_starts_at_its_top() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.press("G")
        other = source_of([replace(row, name=f"other-{row.key}") for row in rows(100, 50)])
        app.table.source = other
        await pilot.pause()
        assert app.table.cursor_id == "r99"
        assert "other-r99" in app.line(1 + 49 - app.table.scroll_offset.y)
        app.table.source = source_of(rows(50, 500))
        await pilot.pause()
        assert (app.table.cursor_row, app.table.scroll_offset.y) == (0, 0)
        app.table.source = None
        await pilot.pause()
        assert app.table.row_count == 0
        other.append(rows(1, 900))


async def test_need_more_fires_once_per_length() -> None:
    source = source_of(rows(100), complete=False)
    app = TableApp(source)
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        assert not app.told(RecordTable.NeedMore)
        await pilot.press("G", "up", "up", "G")
        await pilot.pause()
        assert [message.first_missing for message in app.told(RecordTable.NeedMore)] == [100]  # type: ignore[attr-defined]
        source.append(rows(5, 100))
        await pilot.pause()
        assert [message.first_missing for message in app.told(RecordTable.NeedMore)] == [100, 105]  # type: ignore[attr-defined]
        source.complete = True
        await pilot.press("G")
        await pilot.pause()
        assert len(app.told(RecordTable.NeedMore)) == 2


async def test_visible_rows_are_told_when_settled() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 11)) as pilot:
        await until(pilot, lambda: app.told(RecordTable.VisibleRowsChanged))
        await pilot.press(*["pagedown"] * 5)
        await until(pilot, lambda: len(app.told(RecordTable.VisibleRowsChanged)) == 2)
        told = app.told(RecordTable.VisibleRowsChanged)[-1]
        assert isinstance(told, RecordTable.VisibleRowsChanged)
        assert told.ids == app.table.visible_ids


# -- repainting -------------------------------------------------------------------------------------------------------


async def drawn(pilot: Pilot[None], act: Callable[[], object]) -> int:
    """Lines drawn because of `act`."""
    await pilot.pause()
    CountingTable.drawn = 0
    act()
    await pilot.pause()
    await pilot.pause()
    return CountingTable.drawn


async def test_only_what_changed_is_drawn() -> None:
    source = source_of(rows(200), complete=False)
    app = TableApp(source)
    async with app.run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        table = app.table
        assert await drawn(pilot, lambda: table.action_move(1)) == 2
        assert await drawn(pilot, table.action_mark) == 2
        assert await drawn(pilot, lambda: source.update([Row("r5", "row-00005", "stopped")])) == 1
        assert await drawn(pilot, lambda: source.update([Row("r150", "row-00150", "stopped")])) == 0
        assert await drawn(pilot, lambda: source.append(rows(50, 200))) == 0
        assert await drawn(pilot, lambda: source.replace_all(list(source.models))) == 0
        assert await drawn(pilot, lambda: table.set_tail("Loading")) == 0
        assert await drawn(pilot, lambda: app.set_focus(None)) == 1
        assert await drawn(pilot, lambda: app.set_focus(table)) == 1


async def test_append_in_sight_draws_the_new_lines_only() -> None:
    source = source_of(rows(5))
    app = TableApp(source)
    async with app.run_test(size=(60, 21)) as pilot:
        await pilot.pause()
        assert await drawn(pilot, lambda: source.append(rows(2, 5))) <= 15


async def test_columns_grow_and_never_shrink_while_scrolling() -> None:
    models = [Row(f"r{n}", "x" * (5 if n < 100 else 12)) for n in range(200)]
    columns = [
        Column(ColumnSpec("name", "name"), lambda row: text_cell(row.name)),
        Column(ColumnSpec("size", "size", align="right"), lambda row: number_cell(row.size)),
    ]
    app = TableApp(ListSource(columns, lambda row: row.key, models))
    async with app.run_test(size=(60, 11)) as pilot:
        await pilot.pause()
        narrow = app.line(0).index("size")
        await pilot.press("G")
        await pilot.pause()
        wide = app.line(0).index("size")
        assert wide == narrow + 7
        await pilot.press("g")
        await pilot.pause()
        assert app.line(0).index("size") == wide
        app.table.widen("name", -4)
        await pilot.pause()
        assert app.line(0).index("size") == wide - 4


async def test_resize_keeps_the_cursor_in_sight() -> None:
    app = TableApp(source_of(rows(100)))
    async with app.run_test(size=(60, 31)) as pilot:
        app.table.move_to("r29")
        await pilot.resize_terminal(50, 8)
        await until(pilot, lambda: app.table.size == Size(50, 8))
        await until(pilot, lambda: app.table.cursor_row in app.table.visible_rows)


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


async def bytes_for(app: ByteApp, act: Callable[[Pilot[None]], object]) -> int:
    """Bytes written because of `act`."""
    result: list[int] = []

    async def autopilot(pilot: Pilot[object]) -> None:
        table_pilot: Pilot[None] = pilot  # type: ignore[assignment]
        await until(table_pilot, lambda: app.told(RecordTable.VisibleRowsChanged))
        await table_pilot.pause()
        RecordingDriver.written = 0
        act(table_pilot)
        await table_pilot.pause()
        await table_pilot.pause()
        result.append(RecordingDriver.written)
        app.exit()

    await app.run_async(size=(120, 40), auto_pilot=autopilot)  # type: ignore[arg-type]
    return result[0]


STATUS_ROWS = [Row(f"r{n}", f"orders-db-{n:04}", "available", n) for n in range(500)]


@pytest.mark.parametrize(
    ("colours", "theme", "budget"),
    [
        ("truecolor", "textual-dark", 1200),
        ("truecolor", "textual-light", 1200),
        # Rich keeps the codes of a style with the style, so each theme is measured in one colour system only.
        ("standard", "nord", 700),
        ("standard", "ansi-dark", 700),
        ("standard", "ansi-light", 700),
    ],
)
async def test_cursor_move_is_cheap_on_the_wire(colours: str, theme: str, budget: int) -> None:
    app = ByteApp(source_of(STATUS_ROWS), colours, theme)
    cost = await bytes_for(app, lambda _: app.table.action_move(1))
    print(f"cursor move, {colours}, {theme}: {cost} B")
    assert 200 < cost <= budget


async def test_unchanged_refresh_writes_nothing() -> None:
    source = source_of(STATUS_ROWS)
    app = ByteApp(source, "truecolor", "textual-dark")
    assert await bytes_for(app, lambda _: source.replace_all(list(STATUS_ROWS))) == 0


async def test_append_out_of_sight_costs_next_to_nothing() -> None:
    source = source_of(STATUS_ROWS, complete=False)
    app = ByteApp(source, "truecolor", "textual-dark")
    extra = [replace(row, key=f"x{row.key}") for row in STATUS_ROWS[:5]]
    cost = await bytes_for(app, lambda _: source.append(extra))
    print(f"append out of sight: {cost} B")
    assert cost == 0


# -- sorting long lists -----------------------------------------------------------------------------------------------


async def test_sorting_many_rows_does_not_stall_the_loop() -> None:
    base = source_of(rows(200_000))
    view = ViewSource(base)
    gaps: list[float] = []

    async def watch() -> None:
        # Time of this thread, so that a busy machine does not count.
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            gaps.append(now - last)
            last = now

    watcher = asyncio.create_task(watch())
    assert await view.sort(SortSpec("size", descending=True))
    watcher.cancel()
    gaps.sort()
    p99 = gaps[int(len(gaps) * 0.99)] * 1000
    print(
        f"200,000 rows sorted in {sum(gaps):.2f} s, {len(gaps)} slices, p99 {p99:.1f} ms, max {gaps[-1] * 1000:.1f} ms"
    )
    assert [view.cell(row, 2).text for row in (0, 199_999)] == ["96", "0"]
    assert len(gaps) > 20
    assert p99 < 16


async def test_second_sort_wins() -> None:
    base = source_of(rows(30_000))
    view = ViewSource(base)
    app = TableApp(view)
    async with app.run_test(size=(60, 11)) as pilot:
        under_way = asyncio.Event()
        first = asyncio.create_task(view.sort(SortSpec("size"), lambda _: under_way.set()))
        await under_way.wait()
        second = asyncio.create_task(view.sort(SortSpec("name", descending=True)))
        assert [await first, await second] == [False, True]
        await pilot.pause()
        assert view.sort_spec == SortSpec("name", descending=True)
        assert view.row_id(0) == "r29999"
        assert app.table.cursor_id == "r0"
        assert app.table.cursor_row == 29_999
