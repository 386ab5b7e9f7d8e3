"""An item to read: typed JSON or a tree with a cursor, soft wrapping and folding, drawn a line at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from dbtui.domain.text import cell_width, graphemes
from dbtui.domain.values import Item, Path, Value, at
from dbtui.ui.widgets.item_lines import Fold, Folding, Form, Line, Spans, item_lines

STYLES = ("name", "string", "number", "constant", "binary", "punctuation", "muted")
_INDENT = 2
_LEAST = 12
"""Cells at the end of a row that are not worth beginning a long text in."""
_LONG_WORD = 20


@dataclass(frozen=True, slots=True)
class _Row:
    """One drawn line: which line of the item it is of, and its pieces."""

    line: int
    spans: Spans


class ItemDocument(ScrollView, can_focus=True):
    """Shows an item. Enter opens and closes what is under the cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"item-document--cursor", *(f"item-document--{name}" for name in STYLES)}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", "Next line", show=False, id="item-lines.down"),
        Binding("up,k", "step(-1)", "Previous line", show=False, id="item-lines.up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="item-lines.page-down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="item-lines.page-up"),
        Binding("home,g", "edge(-1)", "First line", show=False, id="item-lines.top"),
        Binding("end,G", "edge(1)", "Last line", show=False, id="item-lines.bottom"),
        Binding("enter,space", "turn", "fold", tooltip="Open or close it", key_display="enter", id="item-lines.turn"),
        Binding("left,h", "fold", "Close, or to what it is part of", show=False, id="item-lines.fold"),
        Binding("right,l", "unfold", "Open", show=False, id="item-lines.unfold"),
    ]

    class Highlighted(Message):
        """The cursor is on another value."""

        def __init__(self, path: Path) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as in every Textual widget
        super().__init__(id=id)
        self._item: Item = {}
        self._first: tuple[str, ...] = ()
        self._form = Form.JSON
        self._folding = Folding()
        self._lines: list[Line] = []
        self._rows: list[_Row] = []
        self._starts: list[int] = []
        self._cursor = 0
        self._width = 0
        self._styles: dict[str, Style] = {}

    @property
    def form(self) -> Form:
        return self._form

    @property
    def path(self) -> Path:
        """Where the cursor is in the item; empty on its brackets."""
        return self._lines[self._cursor].path if self._lines else ()

    @property
    def value(self) -> Value | None:
        """The value under the cursor; ``None`` on the item's own brackets."""
        return at(self._item, self.path) if self.path else None

    def show(self, item: Item, first: Sequence[str]) -> None:
        """Shows this item; what was open stays open, and the cursor stays on the same value where it is still there."""
        path = self.path
        self._item, self._first = item, tuple(first)
        self._read(path)

    def show_as(self, form: Form) -> None:
        """Shows the same item in another form, the cursor on the same value."""
        path = self.path
        self._form = form
        self._read(path)

    def _read(self, path: Path) -> None:
        """Makes the lines anew, the cursor on the value at ``path`` or the nearest one that holds it."""
        self._lines = item_lines(self._item, self._first, self._form, self._folding)
        first_at: dict[Path, int] = {}
        for number, line in enumerate(self._lines):
            first_at.setdefault(line.path, number)
        start = next((number for number, line in enumerate(self._lines) if line.path), 0)
        self._cursor = start
        for length in range(len(path), 0, -1):
            if path[:length] in first_at:
                self._cursor = first_at[path[:length]]
                break
        self._lay_out(self._width)
        self._bring_in_sight()
        self.post_message(self.Highlighted(self.path))

    # -- layout -------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        if self.size.width != self._width:
            self._lay_out(self.size.width)
            self._bring_in_sight()

    def _lay_out(self, width: int) -> None:
        self._width = width
        if width <= 0:
            return
        self._rows, self._starts = [], []
        for number, line in enumerate(self._lines):
            self._starts.append(len(self._rows))
            # A blank at the left, and the scrollbar at the right whether or not it shows.
            self._rows += [_Row(number, spans) for spans in wrapped(line, width - 2)]
        self.virtual_size = Size(width, len(self._rows))
        self.refresh()

    def _rows_of(self, line: int) -> range:
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._rows)
        return range(self._starts[line], end)

    # -- drawing ------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.get_component_rich_style(f"item-document--{name}") if name else self.rich_style
        return self._styles[name]

    def render_line(self, y: int) -> Strip:
        width, number = self.size.width, y + self.scroll_offset.y
        if number >= len(self._rows):
            return Strip.blank(width, self._style(""))
        row = self._rows[number]
        lit = self._style("cursor") if row.line == self._cursor and self.has_focus else None
        pieces = [(" ", ""), *row.spans]
        used = sum(cell_width(text) for text, _ in pieces)
        segments = [
            Segment(text, self._style(style) if lit is None else self._style(style) + lit) for text, style in pieces
        ]
        segments.append(Segment(" " * max(0, width - used), self._style("") if lit is None else lit))
        return Strip(segments).crop(0, width)

    # -- keys ---------------------------------------------------------------------------------------------------------

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def action_step(self, step: int) -> None:
        """To the next line; inside a value longer than the screen, a screen line further."""
        rows = self._rows_of(self._cursor) if self._lines else range(0)
        top, bottom = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        if rows and ((step > 0 and rows[-1] >= bottom) or (step < 0 and rows[0] < top)):
            self.scroll_relative(y=step, animate=False)
        else:
            self._move(self._cursor + step)

    def action_page(self, pages: int) -> None:
        if not self._lines:
            return
        height = max(1, self.size.height - 1)
        goal = self.scroll_offset.y + pages * height
        self.scroll_to(y=goal, animate=False, force=True)
        seen = max(0, min(goal + (height if pages > 0 else 0), len(self._rows) - 1))
        self._move(self._rows[seen].line, scroll=False)

    def action_edge(self, direction: int) -> None:
        self._move(0 if direction < 0 else len(self._lines) - 1)

    def action_turn(self) -> None:
        if self._lines and self._lines[self._cursor].fold is not Fold.NONE:
            path = self.path
            self._folding.turn(self._lines[self._cursor])
            self._read(path)

    def action_fold(self) -> None:
        """Closes what is open; else goes to what the value is part of."""
        if not self._lines:
            return
        if self._lines[self._cursor].fold is Fold.OPEN:
            self.action_turn()
        elif len(self.path) > 1:
            parent = self.path[:-1]
            self._move(next(number for number, line in enumerate(self._lines) if line.path == parent))

    def action_unfold(self) -> None:
        if self._lines and self._lines[self._cursor].fold in (Fold.CLOSED, Fold.MORE, Fold.LONG):
            self.action_turn()

    def on_click(self, event: events.Click) -> None:
        number = event.y + self.scroll_offset.y
        if number < len(self._rows):
            again = self._rows[number].line == self._cursor
            self._move(self._rows[number].line)
            if again:
                self.action_turn()

    def move_to(self, name: str) -> None:
        """Puts the cursor on the attribute of this name."""
        self._move(next((number for number, line in enumerate(self._lines) if line.path == (name,)), self._cursor))

    def _move(self, line: int, *, scroll: bool = True) -> None:
        if not self._lines:
            return
        line = max(0, min(line, len(self._lines) - 1))
        for number in (*self._rows_of(self._cursor), *self._rows_of(line)):
            self.refresh_line(number)
        moved = self._lines[line].path != self.path
        self._cursor = line
        if scroll:
            self._bring_in_sight()
        if moved:
            self.post_message(self.Highlighted(self.path))

    def _bring_in_sight(self) -> None:
        if not self._rows:
            return
        rows, top, height = self._rows_of(self._cursor), self.scroll_offset.y, self.size.height
        if rows[0] < top or len(rows) > height:
            self.scroll_to(y=rows[0], animate=False, force=True)
        elif rows[-1] >= top + height:
            self.scroll_to(y=rows[-1] - height + 1, animate=False, force=True)


def wrapped(line: Line, width: int) -> Iterator[Spans]:
    """The line in rows of at most ``width`` cells; what goes on below is indented a little more."""
    indent = min(line.depth * _INDENT, max(0, width // 2))
    further = indent + 2 * _INDENT
    room = max(8, width - indent)
    row: list[tuple[str, str]] = [(" " * indent, "")]
    for text, style in line.spans:
        for number, (piece, cells) in enumerate(_pieces(text, room, max(8, width - further))):
            if number or cells > room:
                yield tuple(row)
                row, room = [(" " * further, "")], max(8, width - further)
            row.append((piece, style))
            room -= cells
    yield tuple(row)


def _pieces(text: str, room: int, whole: int) -> Iterator[tuple[str, int]]:
    """The text cut where a row ends, with cells: the first piece fits into ``room``, the others into whole rows."""
    if len(text) <= 2 * room and (cells := cell_width(text)) <= room:
        yield text, cells
        return
    first = room if room >= _LEAST else 0
    if text.isascii():
        yield from _cut_ascii(text, first, whole)
    else:
        yield from _cut(text, first, whole)


def _cut_ascii(text: str, first: int, whole: int) -> Iterator[tuple[str, int]]:
    at, limit = 0, first
    while len(text) - at > limit:
        end = at + limit
        blank = text.rfind(" ", max(at, end - _LONG_WORD), end)
        end = blank + 1 if blank >= 0 else end
        if end > at:
            yield text[at:end], end - at
        at, limit = end, whole
    yield text[at:], len(text) - at


def _cut(text: str, first: int, whole: int) -> Iterator[tuple[str, int]]:
    piece: list[tuple[str, int]] = []
    used, limit = 0, first
    for cluster, cells in graphemes(text):
        if used + cells > limit:
            kept = _whole_words(piece)
            if kept:
                yield "".join(part for part, _ in piece[:kept]), sum(width for _, width in piece[:kept])
            piece, limit = piece[kept:], whole
            used = sum(width for _, width in piece)
        piece.append((cluster, cells))
        used += cells
    yield "".join(part for part, _ in piece), used


def _whole_words(piece: list[tuple[str, int]]) -> int:
    """How much of a full row stays in it: up to its last blank, unless the word behind that is a long one."""
    for back in range(1, min(_LONG_WORD, len(piece)) + 1):
        if piece[-back][0] == " ":
            return len(piece) - back + 1
    return len(piece)
