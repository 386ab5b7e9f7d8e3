"""The drawing half of a RecordTable: which rows are in sight, how wide their columns are, and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, Final

from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from dbtui.domain.row_order import SortSpec
from dbtui.domain.rows import RowId, RowSource
from dbtui.ui.widgets.record_layout import Widths, lay_out
from dbtui.ui.widgets.record_paint import (
    ASCII_GLYPHS,
    COMPONENTS,
    UNICODE_GLYPHS,
    Frame,
    Glyphs,
    Palette,
    RowLook,
    cell_text,
    header_title,
    measure,
    paint_header,
    paint_line,
    paint_row,
)

HEADER_LINES: Final = 1
STRIPS_KEPT: Final = 512
"""Rows kept as drawn: a few screens."""


class RecordCanvas(ScrollView):
    """Draws rows of a `RowSource` below a header line. Knows no cursor: subclasses say how a row looks."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = set(COMPONENTS)
    # The gutter is stable so that widths do not depend on whether there is a scrollbar. Sideways there is no bar: signs
    # in the header tell that there is more.
    DEFAULT_CSS = """
    RecordCanvas {
        width: 1fr;
        height: 1fr;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
    }
    """

    def __init__(self, *, ascii_glyphs: bool, name: str | None, widget_id: str | None, classes: str | None) -> None:
        super().__init__(name=name, id=widget_id, classes=classes)
        self._glyphs: Glyphs = ASCII_GLYPHS if ascii_glyphs else UNICODE_GLYPHS
        self._source: RowSource | None = None
        self._sort_shown: SortSpec | None = None
        self._placeholder: tuple[tuple[str, str], ...] = ()
        self._tail_text = "Loading more…" if not ascii_glyphs else "Loading more"
        self._tail_shown = False
        self._column_widths = Widths()
        self._rows_seen = range(0)
        self._columns_placed = lay_out((), (), 0)
        self._palette: Palette | None = None
        self._frame: Frame | None = None
        self._frame_number = 0
        self._strips: LRUCache[tuple[object, ...], Strip] = LRUCache(STRIPS_KEPT)

    def look_of(self, row: int, row_id: RowId) -> RowLook:
        """What decides the look of a row besides its cells."""
        raise NotImplementedError

    @property
    def current_column(self) -> int | None:
        """The column under the column cursor, where there is one."""
        return None

    @property
    def ascii_glyphs(self) -> bool:
        """Whether the table's own signs are ASCII."""
        return self._glyphs is ASCII_GLYPHS

    @ascii_glyphs.setter
    def ascii_glyphs(self, ascii_glyphs: bool) -> None:
        self._glyphs = ASCII_GLYPHS if ascii_glyphs else UNICODE_GLYPHS
        self._frame = None
        self.refresh()

    @property
    def row_count(self) -> int:
        return 0 if self._source is None else self._source.row_count

    @property
    def body_height(self) -> int:
        """Lines there are for rows."""
        return max(0, self.size.height - HEADER_LINES)

    @property
    def line_width(self) -> int:
        """Cells of a line as drawn: up to the scrollbar, if there is one."""
        return self.scrollable_content_region.width if self.show_vertical_scrollbar else self.size.width

    @property
    def visible_rows(self) -> range:
        """Positions of the rows in sight."""
        top = self.scroll_offset.y
        return range(min(top, self.row_count), min(top + self.body_height, self.row_count))

    @property
    def visible_ids(self) -> tuple[RowId, ...]:
        """Ids of the rows in sight, from top to bottom."""
        return () if self._source is None else tuple(map(self._source.row_id, self.visible_rows))

    @property
    def sort_spec(self) -> SortSpec | None:
        """The order the header tells; the owner sorts the source."""
        return self._sort_shown

    @sort_spec.setter
    def sort_spec(self, spec: SortSpec | None) -> None:
        if spec != self._sort_shown:
            self._sort_shown = spec
            self.see_titles()
            self.place_columns()
            self.refresh_band(0, HEADER_LINES)

    def set_placeholder(self, lines: Sequence[str | tuple[str, str]]) -> None:
        """Lines shown while there are no rows; a line may come with a style key."""
        placeholder = tuple((line, "placeholder") if isinstance(line, str) else line for line in lines)
        if placeholder != self._placeholder:
            self._placeholder = placeholder
            if not self.row_count:
                self.refresh()

    def set_tail(self, text: str) -> None:
        """What the line after the last row says while the source is not complete."""
        if text != self._tail_text:
            self._tail_text = text
            if self._tail_shown:
                self.refresh_row(self.row_count)

    def widen(self, column: str, cells: int = 1) -> None:
        """Make the column with this key wider, or narrower with negative `cells`."""
        self._column_widths.adjust(column, cells)
        self.place_columns()

    def refresh_rows(self, ids: Collection[RowId]) -> None:
        """Draw these rows anew, as far as they are in sight: their state or mark changed."""
        for row in self.visible_rows_of(ids):
            self.refresh_row(row)

    def visible_rows_of(self, ids: Collection[RowId]) -> list[int]:
        """Positions of those of these rows that are in sight."""
        return [row for row, row_id in zip(self.visible_rows, self.visible_ids, strict=True) if row_id in ids]

    def refresh_row(self, row: int) -> None:
        """Draw the line of the row at this position anew, if it is in sight."""
        y = HEADER_LINES + row - self.scroll_offset.y
        if y >= HEADER_LINES:
            self.refresh_band(y)

    def refresh_band(self, first: int, line_count: int = 1) -> None:
        """Draw lines of the viewport anew; line 0 is the header, wherever we scrolled."""
        stop = min(first + line_count, self.size.height)
        if first < stop:
            self.refresh(Region(0, first, self.line_width, stop - first))

    # -- widths and extent --------------------------------------------------------------------------------------------

    def start_columns(self) -> None:
        """Take over the source's columns. Widths are kept if they are the same as before."""
        if self._column_widths.start(() if self._source is None else self._source.columns):
            self._strips.clear()
        self._rows_seen = range(0)
        self.see_titles()

    def change_columns(self) -> None:
        """Take over the source's columns, where rows and their order stayed. Columns that stay keep their width."""
        if self._source is not None:
            self._column_widths.change(self._source.columns)
        self._strips.clear()
        self._rows_seen = range(0)
        self.see_titles()

    def see_titles(self) -> None:
        """Measure the titles."""
        if self._source is not None:
            for column, spec in enumerate(self._source.columns):
                title = header_title(spec.title, spec.key, self._sort_shown, self._glyphs)
                self._column_widths.see(column, measure(title))

    def see_visible(self) -> None:
        """Measure the rows that came in sight."""
        before, self._rows_seen = self._rows_seen, self.visible_rows
        for row in self._rows_seen:
            if row not in before:
                self.see_row(row)

    def see_row(self, row: int) -> None:
        """Measure the cells of a row."""
        if self._source is not None:
            for column, cell in enumerate(self._source.cells(row)):
                self._column_widths.see(column, measure(cell_text(cell, self._glyphs)))

    def place_columns(self) -> None:
        """Lay the columns out; draws everything anew only if one moved."""
        columns = () if self._source is None else self._source.columns
        placed = lay_out(columns, self._column_widths.wanted(), self.scrollable_content_region.width)
        if placed != self._columns_placed:
            self._columns_placed = placed
            self.refresh()
            self.fit_extent()

    def fit_extent(self) -> None:
        """Tell the scrolling machinery how large the content is."""
        source = self._source
        self._tail_shown = source is not None and source.row_count > 0 and not source.complete
        total, viewport = self._columns_placed.total_width, self.container_size
        if total > self.scrollable_content_region.width:
            total = max(total, viewport.width + 1)
        size = Size(total, HEADER_LINES + self.row_count + self._tail_shown)
        if size == self.virtual_size:
            return
        bars_stay = (size.width > viewport.width) == self.show_horizontal_scrollbar and (
            size.height > viewport.height
        ) == self.show_vertical_scrollbar
        if not bars_stay:
            self.virtual_size = size
            return
        # Setting the reactive would lay out the whole screen for what moves the thumb of a scrollbar by a hair.
        self.set_reactive(Widget.virtual_size, size)
        if self.show_vertical_scrollbar:
            bar = self.vertical_scrollbar
            if self._thumb(size.height) != self._thumb(bar.window_virtual_size):
                bar.window_virtual_size = size.height
        self.scroll_into_extent()

    def _thumb(self, lines: int) -> tuple[int, int]:
        """Start and length, in eighths of a cell, of the scrollbar's thumb for so many lines."""
        window = self.container_size.height
        length = max(8, 8 * window * window // lines)
        return (8 * window - length) * self.scroll_offset.y // max(1, lines - window), length

    def scroll_into_extent(self) -> None:
        """Scroll back if the content became smaller than where we are."""
        if self.scroll_y > self.max_scroll_y or self.scroll_x > self.furthest_scroll_x:
            x, y = min(self.scroll_x, self.furthest_scroll_x), min(self.scroll_y, self.max_scroll_y)
            self.scroll_to(x, y, animate=False, force=True)

    @property
    def furthest_scroll_x(self) -> int:
        """Cells the scrolled columns can move left until the last one is whole."""
        return max(0, self._columns_placed.total_width - self.scrollable_content_region.width)

    # -- lines --------------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._palette = self._frame = None

    def current_frame(self) -> Frame:
        """What all lines share now; drawn strips are kept as long as it stays the same."""
        width, scroll_x = self.line_width, min(self.scroll_offset.x, self.furthest_scroll_x)
        frame = self._frame
        if frame is None or (frame.layout, frame.width, frame.scroll_x) != (self._columns_placed, width, scroll_x):
            if self._palette is None:
                _, _, background, foreground = self.colors
                # In 16 colours a status colour on the cursor's background cannot be relied on.
                keeps_colour = not (self.app.native_ansi_color or self.app.no_color)
                self._palette = Palette(background, foreground, self.get_component_styles, keeps_colour)
            self._frame = frame = Frame(self._columns_placed, width, scroll_x, self._glyphs, self._palette)
            self._frame_number += 1
        return frame

    def render_line(self, y: int) -> Strip:
        frame = self.current_frame()
        if y < HEADER_LINES:
            return paint_header(frame, self._sort_shown, self.current_column)
        row = self.scroll_offset.y + y - HEADER_LINES
        source = self._source
        if source is not None and row < source.row_count:
            return self._row_strip(frame, source, row)
        if self._tail_shown and row == self.row_count:
            return paint_line(frame, self._tail_text, "tail")
        return self._placeholder_strip(frame, row)

    def _row_strip(self, frame: Frame, source: RowSource, row: int) -> Strip:
        row_id = source.row_id(row)
        look = self.look_of(row, row_id)
        key = (row_id, source.version(row), look, self._frame_number)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = paint_row(frame, source.cells(row), look)
        return strip

    def _placeholder_strip(self, frame: Frame, row: int) -> Strip:
        # A line of air below the header.
        index = row - 1
        if not self.row_count and 0 <= index < len(self._placeholder):
            return paint_line(frame, *self._placeholder[index])
        return paint_line(frame, "", "")
