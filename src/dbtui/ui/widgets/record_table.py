"""The list of every pane: a table drawn line by line over a `RowSource`, fast at any length.

Cursor and marks are row ids, so they stay with their rows through sorting, filtering and refreshing. A moved cursor
repaints two lines, a changed row one; an append repaints nothing unless its place is in sight.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import ClassVar, Final, TypeAlias

from textual import events
from textual.binding import Binding, BindingType
from textual.timer import Timer

from dbtui.domain.rows import Appended, Changed, ColumnsChanged, Removed, Reset, RowEvent, RowId, RowSource, Unsubscribe
from dbtui.ui.widgets import record_messages as messages
from dbtui.ui.widgets.record_canvas import HEADER_LINES, RecordCanvas
from dbtui.ui.widgets.record_layout import Slot
from dbtui.ui.widgets.record_paint import RowLook

RowState: TypeAlias = Callable[[RowId], str]
RowPredicate: TypeAlias = Callable[[int], bool]

SETTLE_SECONDS: Final = 0.12
"""How long the same rows must be in sight before the owner is told."""
FIND_SLICE_SECONDS: Final = 0.004


def no_state(_row_id: RowId) -> str:
    """The state of rows that have none."""
    return ""


class RecordTable(RecordCanvas, can_focus=True, inherit_bindings=False):
    """Rows of a `RowSource` under a header that stays, beside key columns that stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("pagedown,ctrl+f", "page(1.0)", "Page down", show=False, id="table.page-down"),
        Binding("pageup,ctrl+b", "page(-1.0)", "Page up", show=False, id="table.page-up"),
        Binding("ctrl+d", "page(0.5)", "Half a page down", show=False, id="table.half-page-down"),
        Binding("ctrl+u", "page(-0.5)", "Half a page up", show=False, id="table.half-page-up"),
        Binding("home,g", "top", "First row", show=False, id="table.top"),
        Binding("end,G", "bottom", "Last row", show=False, id="table.bottom"),
        Binding("left,h", "scroll_columns(-1)", "Columns to the left", show=False, id="table.left"),
        Binding("right,l", "scroll_columns(1)", "Columns to the right", show=False, id="table.right"),
        Binding("space", "mark", "Mark", show=False, id="table.mark"),
        Binding("enter", "activate", "Open", show=False, id="table.activate"),
        Binding("n", "find(1)", "Next match", show=False, id="table.next-match"),
        Binding("N", "find(-1)", "Previous match", show=False, id="table.previous-match"),
    ]

    RowHighlighted = messages.RowHighlighted
    RowActivated = messages.RowActivated
    MarksChanged = messages.MarksChanged
    NeedMore = messages.NeedMore
    VisibleRowsChanged = messages.VisibleRowsChanged
    HeaderClicked = messages.HeaderClicked

    def __init__(
        self,
        source: RowSource | None = None,
        *,
        row_state: RowState = no_state,
        ascii_glyphs: bool = False,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - named as in every Textual widget
        classes: str | None = None,
    ) -> None:
        super().__init__(ascii_glyphs=ascii_glyphs, name=name, widget_id=id, classes=classes)
        self._row_state = row_state
        self._unsubscribe: Unsubscribe | None = None
        self._cursor_row = 0
        self._cursor_id: RowId | None = None
        self._awaited_id: RowId | None = None
        self._marks: frozenset[RowId] = frozenset()
        self._matcher: RowPredicate | None = None
        self._asked_at: int | None = None
        self._settle_timer: Timer | None = None
        self._told_ids: tuple[RowId, ...] = ()
        self._focused_by_press = False
        if source is not None:
            self.source = source

    # -- what the owner sets and reads --------------------------------------------------------------------------------

    @property
    def source(self) -> RowSource | None:
        return self._source

    @source.setter
    def source(self, source: RowSource | None) -> None:
        """Show other rows. Cursor and marks stay with their ids."""
        self.on_unmount()
        self._source = source
        if source is not None:
            self._unsubscribe = source.subscribe(self._on_rows)
        # Other sources may use the same ids and versions for other cells.
        self._strips.clear()
        self._cursor_row = 0
        self._on_reset()
        self._bring_in_sight(self._cursor_row)

    @property
    def cursor_id(self) -> RowId | None:
        """The id of the highlighted row."""
        return self._cursor_id if self.row_count else None

    @property
    def cursor_row(self) -> int | None:
        """The position of the highlighted row."""
        return self._cursor_row if self.row_count else None

    @property
    def marks(self) -> frozenset[RowId]:
        """Ids of the marked rows, shown or not."""
        return self._marks

    @marks.setter
    def marks(self, ids: Iterable[RowId]) -> None:
        marks = frozenset(ids)
        if different := marks ^ self._marks:
            self._marks = marks
            self.refresh_rows(different)
            self.post_message(self.MarksChanged(self, marks))

    def set_row_state(self, row_state: RowState) -> None:
        """Ask this for the state of each row: `changed`, `stale`, `pending` or nothing. Then see `refresh_rows`."""
        self._row_state = row_state
        self.refresh()

    def set_matcher(self, predicate: RowPredicate | None) -> None:
        """What `n` and `N` look for, by position in the source."""
        self._matcher = predicate

    def move_to(self, row_id: RowId) -> bool:
        """Put the cursor on this row. False when it is not shown."""
        row = None if self._source is None else self._source.index_of(row_id)
        if row is None:
            return False
        self.move_cursor(row)
        return True

    def move_cursor(self, row: int) -> None:
        """Put the cursor on the row at this position, or the nearest there is, and bring it in sight."""
        if self.row_count:
            self._awaited_id = None
            self._set_cursor(max(0, min(row, self.row_count - 1)))
            self._bring_in_sight(self._cursor_row)

    def look_of(self, row: int, row_id: RowId) -> RowLook:
        cursor = row == self._cursor_row
        lit = cursor and self.has_focus
        column = self.current_column if lit else None
        return RowLook(cursor, lit, row_id in self._marks, self._row_state(row_id), column)

    # -- following the source -----------------------------------------------------------------------------------------

    def _on_rows(self, event: RowEvent) -> None:
        if isinstance(event, Changed):
            self._on_changed(event.ids)
        elif isinstance(event, Appended):
            self._on_appended(event.start)
        elif isinstance(event, ColumnsChanged):
            self._on_columns()
        elif isinstance(event, (Removed, Reset)):
            self._on_reset()
        else:
            self._on_progress()

    def _on_changed(self, ids: frozenset[RowId]) -> None:
        rows = self.visible_rows_of(ids)
        for row in rows:
            self.see_row(row)
            self.refresh_row(row)
        if rows:
            self.place_columns()

    def _on_appended(self, start: int) -> None:
        had_tail = self._tail_shown
        self.fit_extent()
        if start == 0 or self._awaited_id is not None:
            self._restore_cursor()
        # The line of the first new row showed the tail, or nothing, or a placeholder.
        self._refresh_from(start if had_tail or start else 0)
        self._on_viewport()

    def _on_reset(self) -> None:
        offset = self._cursor_row - self.scroll_offset.y
        self.start_columns()
        self._asked_at = None
        self.fit_extent()
        self._restore_cursor()
        if 0 <= offset < self.body_height:
            self._scroll_rows_to(self._cursor_row - offset)
        self.refresh()
        self._on_viewport()

    def _on_columns(self) -> None:
        self.change_columns()
        self._on_viewport()
        self.refresh()

    def _on_progress(self) -> None:
        had_tail = self._tail_shown
        self.fit_extent()
        if had_tail != self._tail_shown:
            self._refresh_from(self.row_count)
        if self._source is not None and self._source.complete:
            self._awaited_id = None
        self._on_viewport()

    def _refresh_from(self, row: int) -> None:
        first = max(HEADER_LINES, HEADER_LINES + row - self.scroll_offset.y)
        self.refresh_band(first, self.size.height - first)

    def _restore_cursor(self) -> None:
        """Find the cursor's row again after positions changed, else take the one nearest to where it was."""
        source = self._source
        wanted = self._cursor_id if self._awaited_id is None else self._awaited_id
        if source is None or not source.row_count:
            self._awaited_id = wanted
            return
        found = None if wanted is None else source.index_of(wanted)
        self._set_cursor(min(self._cursor_row, source.row_count - 1) if found is None else found)
        # The row may come with a later page: keep looking until the list is whole or the user moves.
        self._awaited_id = wanted if found is None and not source.complete else None

    def _on_viewport(self) -> None:
        """Other rows may be in sight: measure them, ask for more, tell the owner when things have settled."""
        if self._source is None or not self.body_height:
            return
        self.see_visible()
        self.place_columns()
        count = self._source.row_count
        near_end = self.visible_rows.stop + self.body_height >= count > 0
        if near_end and not self._source.complete and self._asked_at != count:
            self._asked_at = count
            self.post_message(self.NeedMore(self, count))
        if self._settle_timer is None:
            self._settle_timer = self.set_timer(SETTLE_SECONDS, self._tell_visible, name="rows in sight")
        else:
            self._settle_timer.reset()

    def _tell_visible(self) -> None:
        self._settle_timer = None
        ids = self.visible_ids
        if ids != self._told_ids:
            self._told_ids = ids
            self.post_message(self.VisibleRowsChanged(self, ids))

    # -- cursor and scrolling -----------------------------------------------------------------------------------------

    def _set_cursor(self, row: int) -> None:
        """Put the cursor on an existing row without scrolling."""
        assert self._source is not None
        old_row, old_id = self._cursor_row, self._cursor_id
        self._cursor_row, self._cursor_id = row, self._source.row_id(row)
        if old_row != row:
            self.refresh_row(old_row)
            self.refresh_row(row)
        if old_id != self._cursor_id:
            self.post_message(self.RowHighlighted(self, self._cursor_id))

    def _bring_in_sight(self, row: int) -> None:
        if not self.body_height:
            return
        top = self.scroll_offset.y
        # With the last row the tail shows, too.
        bottom = row + (row == self.row_count - 1 and self._tail_shown)
        if row < top:
            self._scroll_rows_to(row)
        elif bottom >= top + self.body_height:
            self._scroll_rows_to(bottom - self.body_height + 1)

    def _scroll_rows_to(self, row: int) -> None:
        if row != self.scroll_offset.y:
            self.scroll_to(y=row, animate=False, force=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._on_viewport()

    def on_resize(self) -> None:
        self.see_visible()
        self.place_columns()
        self.fit_extent()
        if self.row_count:
            self._bring_in_sight(self._cursor_row)
        self._on_viewport()

    def on_unmount(self) -> None:
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    # -- keys and mouse -----------------------------------------------------------------------------------------------

    def action_move(self, rows: int) -> None:
        self.move_cursor(self._cursor_row + rows)

    def action_page(self, pages: float) -> None:
        """Move by pages; the row at the edge stays in sight, and the cursor where it is on the screen."""
        rows = round(max(1, self.body_height - 1) * pages) or (1 if pages > 0 else -1)
        top = max(0, min(self.scroll_offset.y + rows, self.max_scroll_y))
        if 0 <= self._cursor_row - self.scroll_offset.y < self.body_height:
            self._scroll_rows_to(top)
        self.move_cursor(self._cursor_row + rows)

    def action_top(self) -> None:
        self.move_cursor(0)

    def action_bottom(self) -> None:
        self.move_cursor(self.row_count - 1)

    def action_scroll_columns(self, step: int) -> None:
        """Scroll sideways to the next or previous column's start."""
        starts = sorted({min(slot.x, self.furthest_scroll_x) for slot in self._columns_placed.scrolled})
        here = self.scroll_offset.x
        targets = [x for x in starts if x > here] if step > 0 else [x for x in starts if x < here][::-1]
        if targets:
            self.scroll_to(x=targets[0], animate=False, force=True)

    def action_mark(self) -> None:
        """Mark or unmark the highlighted row and go on to the next."""
        if self.cursor_id is not None:
            self.marks = self._marks ^ {self.cursor_id}
            self.action_move(1)

    def action_activate(self) -> None:
        if self.cursor_id is not None:
            self.post_message(self.RowActivated(self, self.cursor_id))

    def action_find(self, step: int) -> None:
        """Go to the next or previous row the matcher likes, around the end if need be."""
        if self._matcher is not None and self.row_count:
            self.run_worker(self._find(self._matcher, step), group="find", exclusive=True)

    async def _find(self, matches: RowPredicate, step: int) -> None:
        deadline = time.perf_counter() + FIND_SLICE_SECONDS
        for distance in range(1, self.row_count + 1):
            count = self.row_count
            if not count:
                return
            row = (self._cursor_row + step * distance) % count
            if matches(row):
                self.move_cursor(row)
                return
            if time.perf_counter() >= deadline:
                await asyncio.sleep(0)
                if self._matcher is not matches:  # it may speak of other rows than those that are here now
                    return
                deadline = time.perf_counter() + FIND_SLICE_SECONDS

    def on_focus(self, event: events.Focus) -> None:
        self._focused_by_press = True
        self._change_focus(event, focused=True)

    def on_blur(self, event: events.Blur) -> None:
        self._change_focus(event, focused=False)

    def _change_focus(self, event: events.Event, *, focused: bool) -> None:
        """Do what every widget does, but draw the cursor's row only: the default draws everything anew."""
        event.prevent_default()
        self.has_focus = focused
        self.refresh_row(self._cursor_row)
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self) if focused else events.DescendantBlur(self))

    def on_key(self) -> None:
        self._focused_by_press = False

    def on_click(self, event: events.Click) -> None:
        """Select a row; a click on the highlighted one opens it, unless that click only gave us the focus."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        focused_by_press, self._focused_by_press = self._focused_by_press, False
        row = self.scroll_offset.y + offset.y - HEADER_LINES
        if offset.y < HEADER_LINES:
            slot = self._slot_at(offset.x)
            if slot is not None:
                self.post_message(self.HeaderClicked(self, slot.spec.key))
        elif row < self.row_count:
            event.stop()
            if row == self._cursor_row and (event.chain > 1 or not focused_by_press):
                self.action_activate()
            else:
                self.move_cursor(row)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        offset = event.get_content_offset(self)
        slot = self._slot_at(offset.x) if offset is not None and offset.y < HEADER_LINES else None
        tooltip = slot.spec.tooltip if slot is not None and slot.spec.tooltip else None
        if tooltip != self.tooltip:
            self.tooltip = tooltip

    def _slot_at(self, x: int) -> Slot | None:
        return self._columns_placed.slot_at(x, min(self.scroll_offset.x, self.furthest_scroll_x))
