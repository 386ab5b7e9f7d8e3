"""A list of resources: loads, filters, sorts and follows the rows of one or several kinds."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from dbtui.domain.failures import Failure
from dbtui.domain.models import Resource
from dbtui.domain.row_order import SortSpec
from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import Reset, RowEvent, RowId
from dbtui.ui import acting, loading, requests, wording
from dbtui.ui.cells import row_column, scope_column
from dbtui.ui.fleet import Part
from dbtui.ui.folding import Folding
from dbtui.ui.loader import Hooks, Loader
from dbtui.ui.panes import PaneSpec
from dbtui.ui.screens import list_messages
from dbtui.ui.searching import Search
from dbtui.ui.session import Session
from dbtui.ui.widgets import record_messages
from dbtui.ui.widgets.filter_bar import FilterBar
from dbtui.ui.widgets.record_table import RecordTable
from dbtui.ui.widgets.rows_table import RowsTable

CATCH_UP_SECONDS = 0.05
"""Rows may change hundreds of times a second; what is said about them follows at most this often."""
_SNAPSHOT_HELP = "Take a snapshot or backup of it, or of all marked rows"
_NEED_A_ROW = frozenset({"snapshot", "actions", "copy", "detail"})


class ListPane(Widget):
    """One list with its filter line, its failures and its status. It never awaits AWS outside a worker."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "snapshot", "snapshot", tooltip=_SNAPSHOT_HELP, id="list.snapshot"),
        Binding("d", "detail", "detail", tooltip="The table itself: keys, indexes, settings", id="list.detail"),
        Binding("a", "actions", "actions", tooltip="What can be done with it, and why not the rest", id="list.actions"),
        Binding("slash", "filter", "filter", tooltip="Show only rows with these words", id="list.filter"),
        Binding("r", "refresh", "refresh", tooltip="Read everything again", id="list.refresh"),
        Binding("o", "sort", "sort", tooltip="Choose the order", id="list.sort"),
        Binding("y", "copy", "copy", tooltip="Copy its place, ARN, endpoint, CLI command…", id="list.copy"),
        Binding("exclamation_mark", "problems", "problems", tooltip="Show only problems", id="list.problems"),
        Binding("z", "fold", "fold", tooltip="Fold or unfold the cluster", id="list.fold"),
        Binding("Z", "fold_all", "Fold or unfold every cluster", show=False, id="list.fold-all"),
        Binding("escape", "back", "Stop loading, drop the filter, or go back", show=False, id="list.back"),
    ]

    def __init__(self, spec: PaneSpec, session: Session) -> None:
        super().__init__(id=f"pane-{spec.name}", classes="pane")
        self.spec = spec
        self.session = session
        self._lit: set[RowId] = set()
        self._stale: frozenset[Part] = frozenset()
        self._epoch = -1
        self._keys_before = -1
        self.behind = False
        """Whether what is said about the rows lags behind them."""
        self._caught_up_at = 0.0
        self._had_rows = False
        hooks = Hooks(
            changed=self._rows_changed,
            lit=self._light,
            in_sight=lambda: self.in_sight,
            visible=lambda: self.table.visible_ids,
        )
        self.loader = Loader(self, spec, session, hooks)
        self.fleet = self.loader.fleet
        session.register(self.fleet)
        self.folding = Folding(self.fleet.rows, spec.group_of)
        self._set_columns()
        self.view = ViewSource(self.fleet.rows, group_of=self.folding.parent if self.folding.is_tree else None)
        self.search = Search(self.fleet, self.view, session.core.clock)

    def compose(self) -> ComposeResult:
        yield FilterBar()
        yield RowsTable(self.view, row_state=self._row_state)
        yield Static(id="failures")

    def on_mount(self) -> None:
        self.query_one(FilterBar).display = False
        self.query_one("#failures").display = False
        self.view.subscribe(self._view_changed)
        self.sort(self.spec.sort)

    def on_unmount(self) -> None:
        self.view.close()

    @property
    def table(self) -> RecordTable:
        return self.query_one(RecordTable)

    @property
    def current(self) -> Resource | None:
        """The row under the cursor, if it can be seen: a filter that hides it leaves nothing to act on."""
        row_id = self.table.cursor_id
        if row_id is None or self.view.index_of(row_id) is None:
            return None
        return self.fleet.rows.model(row_id)

    @property
    def chosen(self) -> tuple[Resource, ...]:
        """The marked rows, or else the one under the cursor."""
        marked = [model for row_id in self.table.marks if (model := self.fleet.rows.model(row_id)) is not None]
        if marked:
            return tuple(sorted(marked, key=lambda model: model.ref))
        return (self.current,) if self.current is not None else ()

    @property
    def in_sight(self) -> bool:
        """Whether a person can see the list now."""
        return self.is_attached and self.display and self.screen.is_current

    @property
    def status(self) -> str:
        facts = wording.ListFacts(
            shown=self.view.row_count,
            filter_text=self.search.text,
            problems_only=self.search.problems_only,
            marked=len(self.table.marks),
            hidden=sum(self.view.index_of(row_id) is None for row_id in self.table.marks),
            summary=self.spec.summary(list(self.fleet.rows.models)) if self.spec.summary is not None else "",
            undescribed=len(self.fleet.undescribed) if self.loader.describer is not None else 0,
            note=self.loader.note,
        )
        return wording.list_status(self.fleet, facts)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def _set_columns(self) -> None:
        columns = list(self.spec.columns(self.fleet.rows.model, self.folding.collapsed))
        if len(self.session.targets) > 1:
            columns.insert(2, scope_column(self.session.targets))
        self.fleet.set_columns([row_column(column, self.session.clock) for column in columns])

    def _row_state(self, row_id: RowId) -> str:
        if row_id in self._lit:
            return "changed"
        model = self.fleet.rows.model(row_id)
        return "stale" if model is not None and self.fleet.is_stale(model.ref) else ""

    def _light(self, ids: frozenset[RowId]) -> None:
        """Shows for a few seconds that these rows changed."""
        self._lit |= ids
        self.set_timer(self.session.pace.lit, partial(self._unlight, ids))

    def _unlight(self, ids: frozenset[RowId]) -> None:
        self._lit -= ids
        if self.is_attached:
            self.table.refresh_rows(ids)

    def _rows_changed(self) -> None:
        """Something about the rows is different: bring the rest of the pane up to date, once for many changes."""
        if self.is_mounted and not self.behind:
            self.behind = True
            wait = CATCH_UP_SECONDS - (time.monotonic() - self._caught_up_at)
            if wait <= 0:
                self.call_later(self._catch_up)
            else:
                self.set_timer(wait, self._catch_up)

    def _catch_up(self) -> None:
        self.behind, self._caught_up_at = False, time.monotonic()
        self.folding.follow()
        if self._had_rows is not bool(self.fleet.rows.row_count):
            self._had_rows = not self._had_rows
            self.refresh_bindings()
        self._show_failures()
        self._show_placeholder()
        self.loader.poller.rows_changed()
        self.tell_status()
        self.post_message(list_messages.Highlighted(self, self.current))

    def tell_status(self) -> None:
        self.post_message(list_messages.StatusChanged(self))

    def _show_failures(self) -> None:
        lines = wording.failure_lines(self.fleet) if self.fleet.rows.row_count else []
        describer = self.loader.describer
        if describer is not None and describer.failure is not None:
            lines.append(wording.escaped_title(describer.failure))
        static = self.query_one("#failures", Static)
        static.display = bool(lines)
        static.update(Content("\n".join(lines)))
        stale = frozenset(self.fleet.failures)
        if stale != self._stale:
            self._stale = stale
            self.table.refresh()

    def _show_placeholder(self) -> None:
        """What stands where rows would: loading, nothing there, nothing that matches, or why it failed."""
        title, text, style = wording.placeholder(self.fleet, self.session, self.spec.nouns, narrowed=self.search.active)
        width = max(16, (self.size.width or self.app.size.width) - 5)
        lines = [(line, style) for line in textwrap.wrap(title, width)]
        lines += [(line, "muted") for part in text.splitlines() for line in textwrap.wrap(part, width)]
        self.table.set_placeholder(lines)

    def on_resize(self) -> None:
        self._show_placeholder()

    # -- loading ------------------------------------------------------------------------------------------------------

    def waiting(self) -> None:
        """What is waited for before anything can be loaded has another name now."""
        self._show_placeholder()

    def shown(self) -> None:
        """The pane came into sight: load what was never loaded, or refresh what is old."""
        self.seen_again()
        self.table.focus()
        self.tell_status()
        self.post_message(list_messages.Highlighted(self, self.current))

    def seen_again(self) -> None:
        """Nothing was refreshed while something else was in sight; make up for it if it is due."""
        if self._epoch != self.session.epoch:
            self.reset()
        elif not self.fleet.loading and not self.fleet.stopped and self.loader.poller.is_old:
            self.loader.load(everything=False)

    def reset(self) -> None:
        """The targets changed: empty the list and load it anew."""
        self._epoch = self.session.epoch
        self._lit.clear()
        self.table.marks = ()
        self.loader.reset()
        self._set_columns()
        self._keys_before = self.session.keys_pressed
        self.loader.load()

    def _view_changed(self, event: RowEvent) -> None:
        """Rows come in any order; until somebody chooses one, the cursor stays on top."""
        if isinstance(event, Reset) and self._keys_before == self.session.keys_pressed:
            self.table.move_cursor(0)

    def stop(self) -> bool:
        """Ends the load under way and keeps what is there; false when there was none."""
        return self.loader.stop()

    @on(record_messages.VisibleRowsChanged)
    def _visible_rows_changed(self, event: record_messages.VisibleRowsChanged) -> None:
        event.stop()
        self.loader.describe_visible()

    # -- arranging ----------------------------------------------------------------------------------------------------

    def sort(self, spec: SortSpec | None) -> None:
        """Shows the rows in this order."""
        self.table.sort_spec = spec
        loading.run(
            self, partial(self._arranged, lambda: self.view.sort(spec)), group="arrange", on_failure=self._failed
        )

    def narrow(self) -> None:
        """Shows the rows the search keeps."""
        predicate = self.search.predicate
        self.table.set_matcher(self.search.matcher)
        self._arrange(lambda: self.view.filter(predicate))

    def _arrange(self, job: Callable[[], Awaitable[bool]]) -> None:
        """Has the view reordered; a later job takes over from an earlier one by itself."""
        loading.run(self, partial(self._arranged, job), group="arrange", on_failure=self._failed)

    async def _arranged(self, job: Callable[[], Awaitable[bool]]) -> None:
        if await job():
            self._show_placeholder()
            self.tell_status()
            self.post_message(list_messages.Highlighted(self, self.current))

    def _failed(self, failure: Failure) -> None:
        self.loader.trouble = wording.escaped_title(failure)
        self.tell_status()

    def filter_by(self, text: str) -> None:
        """Narrows the list as if the text had been typed after ``/``."""
        bar = self.query_one(FilterBar)
        bar.text = text
        bar.display = bool(text)
        self.search.set_text(text)
        self.narrow()

    @on(FilterBar.Changed)
    def _filter_changed(self, event: FilterBar.Changed) -> None:
        event.stop()
        if event.text.strip() != self.search.text:
            self.search.set_text(event.text)
            self.narrow()

    @on(FilterBar.Left)
    def _filter_left(self, event: FilterBar.Left) -> None:
        event.stop()
        self.table.focus()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing here are not offered."""
        if action in ("fold", "fold_all"):
            return self.folding.is_tree
        if action in _NEED_A_ROW and not self.fleet.rows.row_count:
            return False
        if action == "detail":
            return any(kind.name == "table" for kind in self.spec.kinds)
        if action in ("snapshot", "actions"):
            verbs = acting.verbs_of_kinds({kind.name for kind in self.spec.kinds})
            return any(action in (verb.name, "actions") for verb in verbs)
        return True

    @on(record_messages.RowActivated)
    def _row_activated(self, event: record_messages.RowActivated) -> None:
        event.stop()
        self.action_open()

    @on(record_messages.RowHighlighted)
    def _row_highlighted(self, event: record_messages.RowHighlighted) -> None:
        event.stop()
        self.post_message(list_messages.Highlighted(self, self.current))

    @on(record_messages.MarksChanged)
    def _marks_changed(self, event: record_messages.MarksChanged) -> None:
        event.stop()
        self.tell_status()

    @on(record_messages.HeaderClicked)
    def _header_clicked(self, event: record_messages.HeaderClicked) -> None:
        event.stop()
        self.sort_by(event.column)

    def sort_by(self, column: str) -> None:
        """Sorts by the column; again turns the order around."""
        now = self.table.sort_spec
        again = now is not None and now.column == column
        self.sort(SortSpec(column, descending=again and now is not None and not now.descending))

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(requests.OpenResource(self.current))

    def action_detail(self) -> None:
        if self.current is not None:
            self.post_message(requests.OpenDetail(self.current))

    def action_snapshot(self) -> None:
        if self.chosen:
            self.post_message(requests.Act("snapshot", self.chosen))

    def action_actions(self) -> None:
        if self.chosen:
            self.post_message(requests.ActionsMenuWanted(self.chosen))

    def action_sort(self) -> None:
        self.post_message(list_messages.SortWanted(self))

    def action_copy(self) -> None:
        model, row = self.current, self.table.cursor_row
        if model is not None and row is not None:
            cells = (cell.text.strip(" ▾▸") for cell in self.view.cells(row))
            self.post_message(requests.CopyMenuWanted(model, "  ".join(text for text in cells if text)))

    def action_filter(self) -> None:
        self.query_one(FilterBar).edit()

    def action_refresh(self) -> None:
        """Reads everything again, also what AWS refused before."""
        for target in self.session.targets:
            self.session.gateway.forget(target)
        self.post_message(requests.ScopesWanted())
        self.loader.load()

    def action_problems(self) -> None:
        self.search.problems_only = not self.search.problems_only
        self.narrow()

    def action_fold(self) -> None:
        """Folds or unfolds the cluster of the row under the cursor, and stays on it."""
        owner = self.folding.owner_of(self.current)
        if owner is not None:
            self.folding.toggle(owner)
            self._arrange(lambda: self.view.collapse(self.folding.collapsed))
            self.table.move_to(owner)

    def action_fold_all(self) -> None:
        self.folding.toggle_all()
        self._arrange(lambda: self.view.collapse(self.folding.collapsed))

    def action_back(self) -> None:
        """One step back: stop the load, else drop the filter, else the marks, else leave the pane."""
        if self.stop():
            return
        if self.search.clear():
            self.filter_by("")
        elif self.table.marks:
            self.table.marks = ()
        else:
            self.post_message(list_messages.LeaveWanted(self))
