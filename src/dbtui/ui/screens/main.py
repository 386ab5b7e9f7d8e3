"""The main screen: the panes, one at a time, and beside a list the detail of its row where there is room."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.timer import Timer
from textual.widget import Widget

from dbtui.domain.models import Resource
from dbtui.domain.row_order import SortSpec
from dbtui.domain.scope import ResourceRef
from dbtui.ui import details, requests, wording
from dbtui.ui.panes import ACTIVITY, ACTIVITY_KEY, NUMBERED, RDS, PaneSpec, pane_named
from dbtui.ui.screens import list_messages
from dbtui.ui.screens.activity import ActivityPane
from dbtui.ui.screens.chooser import Choice, Chooser
from dbtui.ui.screens.detail_panel import DetailPanel
from dbtui.ui.screens.frame import WIDE, FrameScreen
from dbtui.ui.screens.list_pane import ListPane
from dbtui.ui.session import Session
from dbtui.ui.widgets.frame import PlaceLine, Tab


class MainScreen(FrameScreen):
    """Mounts each pane when it is first opened and keeps it, so that coming back is instant."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._specs: dict[str, PaneSpec] = {spec.name: spec for spec in NUMBERED}
        self._settle: Timer | None = None
        self._numbered = RDS.name
        self.active_name = ""

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="body"):
            yield Container(id="panes")
            yield DetailPanel(self.session, id="beside")

    async def on_mount(self) -> None:
        await self.open_pane(RDS.name)

    @property
    def pane(self) -> ListPane | None:
        """The list in sight, if a list is in sight."""
        found = self._pane_widget(self.active_name)
        return found if isinstance(found, ListPane) else None

    @property
    def chosen(self) -> tuple[Resource, ...]:
        """The rows an action would be about."""
        return self.pane.chosen if self.pane is not None else ()

    def stop(self) -> bool:
        return self.pane is not None and self.pane.stop()

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """The numbered panes, and the unnumbered one that is open."""
        numbered = [Tab(spec.name, spec.title, spec.key) for spec in NUMBERED]
        numbered.append(Tab(ACTIVITY, "Activity", ACTIVITY_KEY))
        extra = self._specs.get(self.active_name)
        return (*numbered, *([Tab(extra.name, extra.title)] if extra is not None and not extra.key else []))

    def list_panes(self) -> list[ListPane]:
        return list(self.query(ListPane))

    def _pane_widget(self, name: str) -> Widget | None:
        return self.query_one_optional(f"#pane-{name}", Widget) if name else None

    async def open_pane(self, name: str, filter_text: str | None = None) -> None:
        """Brings a pane to sight, making it first if need be."""
        spec = self._specs.get(name) or pane_named(name)
        if spec is None and name != ACTIVITY:
            return
        if spec is not None:
            self._specs.setdefault(spec.name, spec)
        for child in self.query_one("#panes").children:
            child.display = child.id == f"pane-{name}"
        self.active_name = name
        if name == ACTIVITY or (spec is not None and spec.key):
            self._numbered = name
        widget = self._pane_widget(name)
        if widget is None:
            widget = self._make(spec)
            await self.query_one("#panes").mount(widget)
        if isinstance(widget, ActivityPane):
            self.query_one("#beside").display = False
            self._show_place()
            widget.shown()
        elif isinstance(widget, ListPane):
            widget.shown()
            if filter_text is not None:
                widget.filter_by(filter_text)
        self.post_message(requests.FrameStale())

    def _make(self, spec: PaneSpec | None) -> Widget:
        if spec is None:
            return ActivityPane(self.session.core.tracker, self.session.clock)
        return ListPane(spec, self.session)

    async def leave(self) -> None:
        """From an unnumbered pane back to the numbered one before it."""
        if self.active_name != self._numbered:
            await self.open_pane(self._numbered)

    def on_screen_resume(self) -> None:
        """A detail or a dialog was closed."""
        if self.pane is not None and self.pane.is_mounted:
            self.pane.seen_again()

    def still_waiting(self) -> None:
        """What is starting has another name now."""
        if self.pane is not None:
            self.pane.waiting()

    def session_changed(self) -> None:
        """The targets or the account changed: the pane in sight starts anew, the others when they are opened."""
        for pane in self.list_panes():
            if pane.in_sight or pane is self.pane:
                pane.reset()
            else:
                pane.loader.reset()

    def resource_moved(self, refs: tuple[ResourceRef, ...]) -> None:
        """An operation moved on: read the rows it concerns again."""
        for pane in self.list_panes():
            for ref in refs:
                pane.loader.refresh_row(ref)

    # -- what the list in sight says ----------------------------------------------------------------------------------

    @on(list_messages.StatusChanged)
    def _status_changed(self, event: list_messages.StatusChanged) -> None:
        event.stop()
        if event.pane is self.pane:
            self.say(event.pane.status)

    @on(ActivityPane.StatusChanged)
    def _activity_changed(self, event: ActivityPane.StatusChanged) -> None:
        event.stop()
        if self.active_name == ACTIVITY:
            self.say(event.pane.status)

    @on(list_messages.Highlighted)
    def _highlighted(self, event: list_messages.Highlighted) -> None:
        event.stop()
        if event.pane is not self.pane:
            return
        self._show_place()
        if self._settle is not None:
            self._settle.stop()
        beside = self.query_one("#beside", DetailPanel)
        if not self._has_room or event.model is None:
            beside.display = False
        elif beside.model is not None and event.model.ref == beside.model.ref and beside.display:
            beside.show_model(event.model)
        else:
            self._settle = self.set_timer(self.session.pace.settle, lambda: self._show_beside(event.model))

    @property
    def _has_room(self) -> bool:
        return self.size.width >= WIDE

    def _show_beside(self, model: Resource | None) -> None:
        beside = self.query_one("#beside", DetailPanel)
        if self.pane is not None and self.pane.current is not None and self._has_room:
            beside.display = True
            beside.show_model(self.pane.current)

    def on_resize(self) -> None:
        pane = self.pane
        if pane is not None:
            pane.post_message(list_messages.Highlighted(pane, pane.current))

    def _show_place(self) -> None:
        line, pane = self.query_one(PlaceLine), self.pane
        if pane is None:
            line.place, line.note = self.active_name, ()
            return
        model, many = pane.current, len(self.session.targets) > 1
        place = pane.spec.place
        line.place = place if model is None else wording.breadcrumb(place, model, scoped=many)
        line.note = () if model is None else details.headline(pane.fleet.kind_of(model), model)

    @on(list_messages.SortWanted)
    def _sort_wanted(self, event: list_messages.SortWanted) -> None:
        """Lets the person choose the column; the one sorted by now turns around."""
        event.stop()
        pane = event.pane
        now = pane.table.sort_spec
        columns = [column for column in pane.fleet.rows.columns if column.title and column.sortable]
        choices = [Choice(column.title, column.key, _direction(now, column.key)) for column in columns]
        start = next((index for index, column in enumerate(columns) if now and column.key == now.column), 0)
        chooser = Chooser("Sort by", choices, start=start, note="enter sorts; the same column again turns around")
        self.app.push_screen(chooser, lambda key: pane.sort_by(key) if key else None)

    @on(list_messages.LeaveWanted)
    async def _leave_wanted(self, event: list_messages.LeaveWanted) -> None:
        event.stop()
        await self.leave()

    @on(DetailPanel.Followed)
    def _followed(self, event: DetailPanel.Followed) -> None:
        event.stop()
        model = self.query_one("#beside", DetailPanel).model
        if model is not None:
            self.post_message(requests.OpenPlace(event.link, model.ref.scope.target))


def _direction(now: SortSpec | None, key: str) -> str:
    if now is None or now.column != key:
        return ""
    return "descending now" if now.descending else "ascending now"
