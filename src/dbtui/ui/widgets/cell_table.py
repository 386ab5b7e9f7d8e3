"""A record table with a column cursor: left and right choose the cell that an edit, a copy or a sort is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from dbtui.domain.rows import ColumnSpec
from dbtui.ui.widgets.record_canvas import HEADER_LINES
from dbtui.ui.widgets.record_layout import Slot
from dbtui.ui.widgets.record_table import RecordTable


class CellTable(RecordTable):
    """Rows with a cursor that also knows a column. Moving it draws the header and one row anew."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step_column(-1)", "Column to the left", show=False, id="cells.left"),
        Binding("right,l", "step_column(1)", "Column to the right", show=False, id="cells.right"),
        Binding("circumflex_accent,shift+left", "edge_column(-1)", "First column", show=False, id="cells.first"),
        Binding("dollar_sign,shift+right", "edge_column(1)", "Last column", show=False, id="cells.last"),
    ]

    class ColumnHighlighted(Message):
        """The column cursor is on another column."""

        def __init__(self, table: CellTable, column: str) -> None:
            super().__init__()
            self.table = table
            self.column = column

        @property
        def control(self) -> CellTable:
            return self.table

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, CellTable.ColumnHighlighted) and message.table is self.table

    _column_key = ""
    _column_index: int | None = None
    _columns_known: Sequence[ColumnSpec] | None = None

    @property
    def current_column(self) -> int | None:
        if self.source is None or not self.row_count:
            return None
        columns = self.source.columns
        if columns is not self._columns_known:
            self._columns_known = columns
            self._find_column(columns)
        return self._column_index

    @property
    def column(self) -> ColumnSpec | None:
        """The column under the cursor."""
        index = self.current_column
        return None if index is None or self.source is None else self.source.columns[index]

    def _find_column(self, columns: Sequence[ColumnSpec]) -> None:
        """Stay on the column with the same key; when it is gone, on the first."""
        keys = [spec.key for spec in columns]
        if self._column_key in keys:
            self._column_index = keys.index(self._column_key)
        else:
            first = next((index for index, spec in enumerate(columns) if spec.frozen), 0)
            self._column_index = first if keys else None
            self._column_key = keys[first] if keys else ""

    def move_to_column(self, key: str) -> bool:
        """Put the column cursor on the column with this key. False when it is not shown."""
        slot = next((slot for slot in self._slots if slot.spec.key == key), None)
        if slot is not None:
            self._take(slot)
        return slot is not None

    @property
    def _slots(self) -> tuple[Slot, ...]:
        return (*self._columns_placed.frozen, *self._columns_placed.scrolled)

    def action_step_column(self, step: int) -> None:
        slots = self._slots
        here = next((place for place, slot in enumerate(slots) if slot.column == self.current_column), 0)
        if 0 <= here + step < len(slots):
            self._take(slots[here + step])

    def action_edge_column(self, direction: int) -> None:
        if slots := self._slots:
            self._take(slots[0 if direction < 0 else -1])

    def _take(self, slot: Slot) -> None:
        if slot.column != self._column_index:
            self._column_index, self._column_key = slot.column, slot.spec.key
            self.refresh_band(0, HEADER_LINES)
            if self.cursor_row is not None:
                self.refresh_row(self.cursor_row)
            self.post_message(self.ColumnHighlighted(self, slot.spec.key))
        if not slot.spec.frozen:
            self._show_slot(slot)

    def _show_slot(self, slot: Slot) -> None:
        """Scroll sideways as little as shows the whole column, to the start of one, so that none is cut on the left."""
        room = max(1, self.scrollable_content_region.width - self._columns_placed.frozen_width - 1)
        here = min(self.scroll_offset.x, self.furthest_scroll_x)
        goal = slot.x if slot.x < here else max(here, slot.x + slot.width - room)
        if goal != here:
            starts = [other.x for other in self._columns_placed.scrolled if goal <= other.x <= slot.x]
            goal = min(starts, default=slot.x)
        goal = max(0, min(goal, self.furthest_scroll_x))
        if goal != here:
            self.scroll_to(x=goal, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """Besides the row, a click chooses the column."""
        offset = event.get_content_offset(self)
        slot = None if offset is None or offset.y < HEADER_LINES else self._slot_at(offset.x)
        if slot is not None:
            self._take(slot)
