"""How a RecordTable draws: glyphs, colours by style key, and strips of as few colour runs as meaning needs.

No text is ever parsed for markup; everything is escaped and put into segments with style objects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.css.styles import StylesBase
from textual.strip import Strip

from dbtui.domain.row_order import SortSpec
from dbtui.domain.rows import Cell, CellKind
from dbtui.domain.text import ELLIPSIS, Align, preview, truncate
from dbtui.ui.widgets.record_layout import GAP, GUTTER, Layout, Slot

STYLE_KEYS: Final = (
    "status-ok",
    "status-busy",
    "status-stopped",
    "status-attention",
    "status-unknown",
    "muted",
    "number",
    "changed",
    "warn",
    "danger",
    "accent",
)
ROW_STATES: Final = ("changed", "stale", "pending")
PREFIX: Final = "record-table--"
COMPONENTS: Final = frozenset(
    [PREFIX + key for key in STYLE_KEYS]
    + [f"{PREFIX}row-{state}" for state in ROW_STATES]
    + [PREFIX + part for part in ("header", "header-current", "cursor", "cursor-blurred", "cell", "mark")]
    + [PREFIX + part for part in ("tail", "placeholder")]
)
TEXT_LIMIT: Final = 512
"""Characters of a cell that are looked at; no column is wider."""


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs the table draws itself."""

    cursor: str = "❯"
    mark: str = "✓"
    pending: str = "✎"
    ascending: str = "▲"
    descending: str = "▼"
    ellipsis: str = "…"
    absent: str = "–"
    more_left: str = "‹"
    more_right: str = "›"


UNICODE_GLYPHS: Final = Glyphs()
ASCII_GLYPHS: Final = Glyphs(">", "*", "+", "^", "v", "~", "-", "<", ">")


def cell_text(cell: Cell, glyphs: Glyphs) -> str:
    """The text of a cell, escaped; a cell that holds no value shows the sign of its kind."""
    if cell.text:
        return preview(cell.text, TEXT_LIMIT)
    if cell.kind is CellKind.ABSENT:
        return glyphs.absent
    if cell.kind is CellKind.NULL:
        return "NULL"
    return '""' if cell.kind is CellKind.EMPTY else ""


def fit_cells(text: str, width: int, align: Align, glyphs: Glyphs) -> str:
    """Escaped text in exactly `width` cells. Textual cuts strips with Rich's widths, so Rich has the last word."""
    cells = measure(text)
    if cells > width:
        text = truncate(text, width, glyphs.ellipsis)
        cells = measure(text)
        if cells > width:
            return set_cell_size(text, width)
    padding = " " * (width - cells)
    return padding + text if align == "right" else text + padding


def cut_cells(text: str, start: int, stop: int) -> str:
    """The cells start ≤ x < stop of a text; half a wide character shows as a space."""
    if text.isascii():
        return text[start:stop]
    segment = Segment(text)
    if start > 0:
        segment = segment.split_cells(start)[1]
    return segment.split_cells(stop - start)[0].text


def measure(text: str) -> int:
    """Cells an escaped text takes."""
    # Rich takes every text with a wide or unusual character apart; a text that was merely cut is the common case.
    return len(text) if text.removesuffix(ELLIPSIS).isascii() else cell_len(text)


@dataclass(slots=True)
class Palette:
    """Rich styles by style key and kind of row, resolved from component classes and kept."""

    background: Color
    foreground: Color
    component: Callable[[str], StylesBase]
    coloured_cursor: bool
    """Whether status colours stay readable on the cursor's row."""
    _styles: dict[tuple[str, str], Style] = field(default_factory=dict)
    _alike: dict[Style, Style] = field(default_factory=dict)
    """Equal styles are one object, so that runs can be told apart by identity."""

    def style(self, key: str, row: str = "") -> Style:
        """The style of a cell with this style key in a row of this kind (`cursor`, `row-stale`, … or plain)."""
        cached = self._styles.get((key, row))
        if cached is None:
            resolved = self._resolve(key, row)
            cached = self._styles[key, row] = self._alike.setdefault(resolved, resolved)
        return cached

    def _resolve(self, key: str, row: str) -> Style:
        layers = [row] if row else []
        on_cursor = row.startswith("cursor")
        if key and (not on_cursor or (self.coloured_cursor and key.startswith("status-"))):
            layers.append(key)
        background, foreground, text_style = self.background, self.foreground, Style()
        for layer in layers:
            if PREFIX + layer not in COMPONENTS:
                continue
            styles = self.component(PREFIX + layer)
            if styles.has_rule("background"):
                background += styles.background
            if styles.has_rule("auto_color") and styles.auto_color:
                foreground = background.get_contrast_text(styles.color.a)
            elif styles.has_rule("color"):
                foreground = styles.color
            text_style += styles.text_style
        return text_style + Style.from_color((background + foreground).rich_color, background.rich_color)


class Runs:
    """Text with styles, joined to as few segments as possible."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._styles: list[Style] = []

    def add(self, text: str, style: Style) -> None:
        if not text:
            return
        styles = self._styles
        if styles and (styles[-1] is style or (text.isspace() and _same_blank(styles[-1], style))):
            self._texts[-1] += text
        elif styles and self._texts[-1].isspace() and _same_blank(styles[-1], style):
            self._texts[-1] += text
            styles[-1] = style
        else:
            self._texts.append(text)
            styles.append(style)

    def strip(self, width: int) -> Strip:
        """A strip of these runs, which are `width` cells long."""
        return Strip(map(Segment, self._texts, self._styles), width)


def _same_blank(style: Style, other: Style) -> bool:
    """Whether spaces look the same in both styles."""
    return style.bgcolor == other.bgcolor and style.reverse == other.reverse and style.underline == other.underline


@dataclass(frozen=True, slots=True)
class Frame:
    """What all lines of one picture share."""

    layout: Layout
    width: int
    scroll_x: int
    glyphs: Glyphs
    palette: Palette

    @property
    def scrolled_room(self) -> int:
        return max(0, self.width - self.layout.frozen_width)


@dataclass(frozen=True, slots=True)
class RowLook:
    """What decides the look of a row besides its cells."""

    cursor: bool = False
    focused: bool = False
    marked: bool = False
    state: str = ""
    column: int | None = None
    """The column whose cell stands out: that under the column cursor, on the cursor's row."""

    @property
    def kind(self) -> str:
        if self.cursor:
            return "cursor" if self.focused else "cursor-blurred"
        return f"row-{self.state}" if self.state in ROW_STATES else ""


def paint_row(frame: Frame, cells: Sequence[Cell], look: RowLook) -> Strip:
    """One row as a strip of the frame's width."""
    glyphs, kind, style = frame.glyphs, look.kind, frame.palette.style
    runs = Runs()
    signs = (glyphs.mark if look.marked else "") + (glyphs.pending if look.state == "pending" else "")
    runs.add(glyphs.cursor if look.cursor else " ", style("", kind))
    runs.add(f"{signs:{GUTTER - 1}}", style("mark" if look.marked else "warn", kind))

    def piece(slot: Slot) -> tuple[str, Style, int]:
        cell = cells[slot.column]
        text = fit_cells(cell_text(cell, glyphs), slot.width, slot.spec.align, glyphs)
        if slot.column == look.column:
            return text, style("", "cell"), slot.width
        key = cell.style or ("" if cell.kind is CellKind.VALUE else "muted")
        return text + " " * GAP, style(key, kind), slot.width + GAP

    return _assemble(frame, runs, piece, style("", kind))


def paint_header(frame: Frame, sort: SortSpec | None, current: int | None = None) -> Strip:
    """The titles, the sort sign, and signs for columns out of sight on either side. The current column stands out."""
    glyphs, layout = frame.glyphs, frame.layout
    style = frame.palette.style("header")
    runs = Runs()
    runs.add(" " * GUTTER, style)

    def piece(slot: Slot) -> tuple[str, Style, int]:
        title = fit_cells(
            header_title(slot.spec.title, slot.spec.key, sort, glyphs), slot.width, slot.spec.align, glyphs
        )
        if slot.column == current:
            return title, frame.palette.style("header-current"), slot.width
        return title + " " * GAP, style, slot.width + GAP

    strip = _assemble(frame, runs, piece, style)
    if frame.scroll_x > 0:
        strip = _overlaid(strip, max(0, layout.frozen_width - 1), glyphs.more_left, style, frame.width)
    if layout.total_width - frame.scroll_x > frame.width:
        strip = _overlaid(strip, frame.width - 1, glyphs.more_right, style, frame.width)
    return strip


def header_title(title: str, key: str, sort: SortSpec | None, glyphs: Glyphs) -> str:
    """The column's title, with the sort sign if it is sorted by."""
    title = preview(title, TEXT_LIMIT)
    if sort is None or sort.column != key:
        return title
    return f"{title} {glyphs.descending if sort.descending else glyphs.ascending}"


def paint_line(frame: Frame, text: str, key: str) -> Strip:
    """A line of plain text over the whole width: tail row, placeholder, blank."""
    runs = Runs()
    runs.add(
        fit_cells(" " * GUTTER + preview(text, TEXT_LIMIT), frame.width, "left", frame.glyphs), frame.palette.style(key)
    )
    return runs.strip(frame.width)


def _assemble(frame: Frame, runs: Runs, piece: Callable[[Slot], tuple[str, Style, int]], blank: Style) -> Strip:
    """Put the visible part of every column behind the gutter, which `runs` holds.

    A piece is the text of a column, its style and its width in cells; what is left of its gap is blank.
    """
    layout, room, x = frame.layout, frame.scrolled_room, GUTTER
    for slot in layout.frozen:
        runs.add(" " * (slot.x - x), blank)
        text, style, width = piece(slot)
        runs.add(text, style)
        x = slot.x + width
    runs.add(" " * (layout.frozen_width - x), blank)
    if not room:
        return runs.strip(layout.frozen_width).crop(0, frame.width)
    x, stop = frame.scroll_x, frame.scroll_x + room
    for slot in layout.window(frame.scroll_x, room):
        runs.add(" " * (slot.x - x), blank)
        text, style, width = piece(slot)
        x = slot.x + width
        if slot.x < frame.scroll_x or x > stop:
            text = cut_cells(text, max(0, frame.scroll_x - slot.x), min(x, stop) - slot.x)
        runs.add(text, style)
    runs.add(" " * (stop - x), blank)
    return runs.strip(frame.width)


def _overlaid(strip: Strip, x: int, glyph: str, style: Style, width: int) -> Strip:
    """The strip with the glyph in place of one cell."""
    return Strip.join([strip.crop(0, x), Strip([Segment(glyph, style)], 1), strip.crop(x + 1, width)])
