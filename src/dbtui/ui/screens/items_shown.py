"""The showing half of the items screen: rows as they come, the footer's truth, order, filter, columns, copies."""

from __future__ import annotations

import textwrap
import time
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from dbtui.domain import units
from dbtui.domain.failures import Failure
from dbtui.domain.models import Table
from dbtui.domain.row_order import SortSpec
from dbtui.domain.rows import RowId
from dbtui.domain.text import escape
from dbtui.domain.values import Item, key_of
from dbtui.items.pager import Totals
from dbtui.ui import item_copying, item_words, requests, wording
from dbtui.ui.item_arranging import Arranger
from dbtui.ui.item_copying import What
from dbtui.ui.item_loading import Holding, ItemLoader
from dbtui.ui.item_query import Lookup
from dbtui.ui.item_search import ItemSearch
from dbtui.ui.screens import items_choices
from dbtui.ui.screens.chooser import Chooser
from dbtui.ui.screens.frame import FrameScreen
from dbtui.ui.screens.items_query import QueryArea
from dbtui.ui.session import Session
from dbtui.ui.widgets import record_messages
from dbtui.ui.widgets.cell_table import CellTable
from dbtui.ui.widgets.filter_bar import FilterBar
from dbtui.ui.widgets.items_table import ItemsTable

CATCH_UP_SECONDS = 0.1
"""Pages may come many times a second; what is said about them follows at most this often."""
COLUMN_STEP = 4
"""Cells by which a key makes a column wider or narrower."""


class ItemsShown(FrameScreen):
    """Shows what a loader holds. The subclass opens the table, asks, and edits."""

    loader: ItemLoader

    def __init__(self, session: Session, name: str, table: Table | None) -> None:
        super().__init__(session)
        self.table_name = name
        self.model = table
        self._ready = False
        self._shown: Holding | None = None
        self._words = ""
        self._in_force: tuple[SortSpec | None, str] = (None, "")
        self._note = ""
        self._lit: set[RowId] = set()
        self._stale = False
        self._offered: tuple[bool, ...] = ()
        self._behind = False
        self._told_at = 0.0
        self._arranger = Arranger(self, self._changed, self._arranging_failed)

    def compose_body(self) -> ComposeResult:
        yield QueryArea()
        yield FilterBar()
        yield ItemsTable(row_state=self._row_state)
        yield Static(id="items-failure")

    @property
    def grid(self) -> ItemsTable:
        return self.query_one(ItemsTable)

    @property
    def area(self) -> QueryArea:
        return self.query_one(QueryArea)

    @property
    def holding(self) -> Holding | None:
        """What is shown."""
        return self.loader.holding if self._ready else None

    @property
    def current(self) -> int | None:
        """The ordinal of the row under the cursor, if it can be seen."""
        row_id = self.grid.cursor_id
        return row_id if isinstance(row_id, int) and self.grid.row_count else None

    @property
    def current_item(self) -> Item | None:
        """The item under the cursor. One that cannot be read, from an endpoint that is not quite AWS, is told."""
        holding, ordinal = self.holding, self.current
        if holding is None or ordinal is None:
            return None
        try:
            return holding.store.item(ordinal)
        except ValueError as error:
            self.app.notify(escape(f"This item cannot be used: {error}."), severity="error", markup=False)
            return None

    @property
    def current_key(self) -> Item | None:
        item = self.current_item
        return None if item is None or self.holding is None else key_of(item, self.holding.store.keys)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        """Something is different: say it soon, once for many changes."""
        if self.is_attached and not self._behind:
            self._behind = True
            wait = CATCH_UP_SECONDS - (time.monotonic() - self._told_at)
            if wait <= 0:
                self.call_later(self._tell)
            else:
                self.set_timer(wait, self._tell)

    def _tell(self) -> None:
        self._behind, self._told_at = False, time.monotonic()
        if not self.is_attached or not self._ready:
            return
        if self.holding is not self._shown:
            self._show_holding()
        facts = self._facts()
        self.say(item_words.footer(facts))
        self._show_failure(facts)
        self.grid.set_tail(item_words.tail(facts))
        if self.model is not None and not self.grid.row_count:
            lines = item_words.opening_lines(self.model, self.area.index)
            if facts.asked is not None:
                lines = item_words.empty_lines(facts)
            self._place_lines(lines)
        if self._stale is not self.loader.stale:
            self._stale = self.loader.stale
            self.grid.refresh()
        offered = (facts.rows > 0, self.loader.may_go_on, bool(self.check_action("undo", ())))
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def _row_state(self, row_id: RowId) -> str:
        if row_id in self._lit:
            return "changed"
        return "stale" if self._stale else ""

    def _show_holding(self) -> None:
        """Other rows: the marks of the old ones mean nothing any more."""
        self._shown = holding = self.holding
        self._lit.clear()
        self.grid.marks = ()
        self.grid.source = None if holding is None else holding.view
        self.grid.set_matcher(None)
        self.grid.move_cursor(0)
        self._in_force = (None, "")
        if self.grid.sort_spec is not None or self._words:
            self._arrange("sorting" if self.grid.sort_spec is not None else "filtering")

    def _facts(self) -> item_words.Facts:
        holding, loader = self.holding, self.loader
        if holding is None:
            return item_words.Facts(None, Totals(), note=self._note or self._about_table())
        index = "" if isinstance(holding.asked, Lookup) else holding.asked.index
        return item_words.Facts(
            asked=holding.asked,
            totals=loader.totals,
            rows=holding.rows.row_count,
            shown=holding.view.row_count,
            filtered=bool(self._words),
            marked=len(self.grid.marks),
            loading=loader.loading,
            stopped=loader.stopped,
            stop=loader.stop_reason,
            failure=loader.failure,
            as_of=holding.as_of,
            stale=loader.stale,
            job=self._arranger.text,
            note=self._note,
            index=None if self.model is None else item_words.index_named(self.model, index),
        )

    def _about_table(self) -> str:
        assert self.model is not None
        count, size = units.short_count(self.model.item_count), units.size(self.model.size_bytes)
        return f"nothing read · the table holds ≈ {count} items, ≈ {size} (up to 6 h old)"

    def _show_failure(self, facts: item_words.Facts) -> None:
        """While rows are there a failure stands below them, in full."""
        line = self.query_one("#items-failure", Static)
        shown = facts.failure if facts.rows else None
        line.display = shown is not None
        if shown is not None:
            line.update(Content(escape(shown.sentence)))

    def _place_lines(self, lines: list[tuple[str, str]]) -> None:
        """What stands where rows would, cut into lines."""
        width = max(16, (self.size.width or self.app.size.width) - 5)
        wrapped = [(part, style) for text, style in lines for part in textwrap.wrap(text, width) or [""]]
        self.grid.set_placeholder(wrapped)

    def on_resize(self) -> None:
        self._changed()

    # -- sorting and filtering ----------------------------------------------------------------------------------------

    def _arrange(self, word: str) -> None:
        """Sorts and filters in one job: a later one takes over, and must not lose what the one before was about."""
        holding = self.holding
        if holding is None:
            return
        search = ItemSearch(holding.store, holding.rows, holding.view)
        if self._words:
            self.grid.set_matcher(search.matcher(self._words))
        job = partial(holding.view.arrange, self.grid.sort_spec, search.predicate(self._words))
        self._arranger.start(word, job, partial(self._arranged, self.grid.sort_spec, self._words))

    def _arranged(self, spec: SortSpec | None, words: str) -> None:
        self._in_force = (spec, words)
        self._changed()

    def sort_by(self, column: str) -> None:
        """Sorts the loaded rows by the column; again turns the order around; no column is the order they came in."""
        now = self.grid.sort_spec
        again = now is not None and now.column == column and not now.descending
        self.grid.sort_spec = SortSpec(column, descending=again) if column else None
        self._arrange("sorting")

    def action_sort(self) -> None:
        current = self.grid.column
        chooser = items_choices.sort_chooser(
            self.grid.source.columns if self.grid.source is not None else (),
            self.grid.sort_spec,
            current.key if current is not None else "",
        )
        self.app.push_screen(chooser, lambda key: self.sort_by(key) if key is not None else None)

    @on(record_messages.HeaderClicked)
    def _header_clicked(self, event: record_messages.HeaderClicked) -> None:
        event.stop()
        self.sort_by(event.column)

    def _drop_filter(self) -> None:
        bar = self.query_one(FilterBar)
        self._words, bar.text, bar.display = "", "", False

    def action_filter(self) -> None:
        self.query_one(FilterBar).edit()

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        if event.text.strip() != self._words:
            self._words = event.text.strip()
            self._arrange("filtering")

    @on(FilterBar.Left)
    def _filter_left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.grid.focus()

    def _arranging_failed(self, failure: Failure) -> None:
        self._note = wording.escaped_title(failure)
        self._changed()

    # -- columns ------------------------------------------------------------------------------------------------------

    def action_time(self) -> None:
        """Shows the numbers of the column as times, or as numbers again."""
        column, holding = self.grid.column, self.holding
        if column is not None and holding is not None:
            holding.rows.times ^= {column.key}

    def action_letters(self) -> None:
        """Shows the type before each value, or no longer."""
        if self.holding is not None:
            self.holding.rows.letters = not self.holding.rows.letters

    def action_hide(self) -> None:
        column, holding = self.grid.column, self.holding
        if column is None or holding is None:
            return
        if column.frozen:
            self.app.notify("Key columns stay.", markup=False)
        else:
            holding.rows.hide(column.key)

    def action_unhide(self) -> None:
        holding = self.holding
        if holding is None:
            return
        hidden, left_out = sorted(holding.rows.hidden), list(holding.rows.left_out)
        # Of every page a sample is met; what stands in the row under the cursor must be within reach all the same.
        known = {*holding.rows.names, *left_out}
        left_out += [name for name in self.current_item or () if name not in known]
        if not hidden and not left_out:
            self.app.notify("Every attribute that was met has its column.", markup=False)
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                holding.rows.show(name)
                self.grid.move_to_column(name)

        self.app.push_screen(items_choices.column_chooser(hidden, left_out), chosen)

    def action_widen(self, direction: int) -> None:
        if self.grid.column is not None:
            self.grid.widen(self.grid.column.key, direction * COLUMN_STEP)

    # -- copying ------------------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        holding, item, column = self.holding, self.current_item, self.grid.column
        if holding is None or item is None or self.model is None:
            return
        row = item_copying.Row(self.model, item, column.key if column is not None else "")
        marked = [row_id for row_id in self._marked_in_order() if isinstance(row_id, int)]

        def chosen(what: What | None) -> None:
            if what is None:
                return
            if what in item_copying.MANY:
                text = item_copying.lines(what, row.table, holding.store, marked)
            else:
                text = item_copying.text(what, row)
            self.post_message(requests.CopyText(text))

        self.app.push_screen(Chooser("Copy", item_copying.choices(row, len(marked))), chosen)

    def _marked_in_order(self) -> list[RowId]:
        """The marked rows as they stand; hidden ones come last."""
        view = self.grid.source
        assert view is not None
        places = {row_id: view.index_of(row_id) for row_id in self.grid.marks}
        return sorted(places, key=lambda row_id: (places[row_id] is None, places[row_id] or 0))

    # -- after a write, and what the rows tell ------------------------------------------------------------------------

    def _light(self, row_id: RowId) -> None:
        """Shows for a few seconds that the row changed."""
        self._lit.add(row_id)
        self.grid.refresh_rows({row_id})
        self.set_timer(self.session.pace.lit, partial(self._unlight, row_id))

    def _unlight(self, row_id: RowId) -> None:
        self._lit.discard(row_id)
        if self.is_attached:
            self.grid.refresh_rows({row_id})

    @on(record_messages.MarksChanged)
    def _marks_changed(self, event: record_messages.MarksChanged) -> None:
        event.stop()
        self._changed()

    @on(CellTable.ColumnHighlighted)
    @on(record_messages.RowHighlighted)
    def _moved(self, event: record_messages.RowHighlighted | CellTable.ColumnHighlighted) -> None:
        event.stop()

    @on(record_messages.VisibleRowsChanged)
    def _seen(self, event: record_messages.VisibleRowsChanged) -> None:
        event.stop()

    def stop(self) -> bool:
        """Ends what runs. Order and filter are again what the rows show."""
        if not self._arranger.stop():
            return self._ready and self.loader.stop()
        self.grid.sort_spec, self._words = self._in_force
        bar = self.query_one(FilterBar)
        bar.text, bar.display = self._words, bool(self._words)
        return True
