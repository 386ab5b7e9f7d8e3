"""A screen for one resource, loaded or still to be looked for."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from dbtui.domain import units
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.scope import ResourceRef, Target
from dbtui.resources import Kind, place_of
from dbtui.resources.fetch import not_found
from dbtui.ui import acting, details, loading, requests, wording
from dbtui.ui.screens.detail_panel import DetailPanel
from dbtui.ui.screens.frame import FrameScreen
from dbtui.ui.session import Session
from dbtui.ui.widgets.document import Document, Entry, Item, Plain
from dbtui.ui.widgets.frame import PlaceLine


class DetailScreen(FrameScreen):
    """Everything about one resource; follows it while it is in transition."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", "back", id="detail.back"),
        Binding("i", "items", "items", tooltip="The items of the table", id="detail.items"),
        Binding("s", "snapshot", "snapshot", tooltip="Take a snapshot or backup of it", id="detail.snapshot"),
        Binding("a", "actions", "actions", tooltip="What can be done with it", id="detail.actions"),
        Binding("y", "copy_line", "copy line", tooltip="Copy the line under the cursor", id="detail.copy-line"),
        Binding("Y", "copy", "copy…", tooltip="Copy its place, ARN, endpoint, CLI command…", id="detail.copy"),
        Binding("v", "raw", "raw JSON", tooltip="Between the sections and what AWS sent", id="detail.raw"),
        Binding("r", "refresh", "refresh", id="detail.refresh"),
    ]

    def __init__(
        self, session: Session, kind: Kind[Any], identifier: str, targets: tuple[Target, ...], model: Resource | None
    ) -> None:
        super().__init__(session)
        self.kind = kind
        self.identifier = identifier
        self._targets = targets
        self._model = model
        self._timer: Timer | None = None
        self._epoch = session.epoch

    def compose_body(self) -> ComposeResult:
        yield DetailPanel(self.session, id="detail")

    def on_mount(self) -> None:
        self.panel.focus()
        self.post_message(requests.FrameStale())
        if self._model is not None:
            self._show(self._model)
        else:
            self._say_items([Plain(f"Reading {self.kind.name}/{self.identifier}…", "muted")])
            self.query_one(PlaceLine).place = f"‹ {self.kind.name}/{self.identifier}"
            self.action_refresh()

    @property
    def panel(self) -> DetailPanel:
        return self.query_one(DetailPanel)

    @property
    def model(self) -> Resource | None:
        """What is shown, completed as far as it is."""
        return self.panel.shown

    @property
    def chosen(self) -> tuple[Resource, ...]:
        """The resource an action would be about."""
        return (self.model,) if self.model is not None else ()

    def _say_items(self, items: list[Item]) -> None:
        self.panel.show(items, keep_place=False)

    def _show(self, model: Resource) -> None:
        self._model = model
        self.panel.show_model(model)
        line = self.query_one(PlaceLine)
        line.place = wording.breadcrumb("‹", model)
        line.note = details.headline(self.kind, self.panel.shown or model)
        self.say(f"{place_of(model.ref)} · as of {units.clock(self.session.clock())}")
        self._follow(model)

    @on(DetailPanel.Completed)
    def _completed(self, event: DetailPanel.Completed) -> None:
        event.stop()
        if self._model is not None:
            self.query_one(PlaceLine).note = details.headline(self.kind, self.panel.shown or self._model)

    def _follow(self, model: Resource) -> None:
        """While the status passes by itself, look again after a few seconds."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if self.kind.status(model).transitional:
            self._timer = self.set_timer(self.session.pace.transitional, self._look_again)

    def _look_again(self) -> None:
        if self.is_current:
            self.action_refresh()
        elif self._model is not None:
            self._follow(self._model)

    def resource_moved(self, refs: tuple[ResourceRef, ...]) -> None:
        """An operation on this resource moved on."""
        if self._model is not None and self._model.ref in refs:
            self.action_refresh()

    def action_refresh(self) -> None:
        loading.run(self, self._read, group="read", on_failure=self._failed, exclusive=True)

    async def _read(self) -> None:
        """Looks in every target; only if it is nowhere is that said."""
        targets = self._targets if self._model is None else (self._model.ref.scope.target,)
        missing: AwsError | None = None
        for target in targets:
            try:
                model: Resource = await self.kind.get(self.session.gateway, target, self.identifier)
            except AwsError as error:
                if error.failure.kind is not FailureKind.NOT_FOUND:
                    raise
                missing = error
                continue
            if self._epoch == self.session.epoch:
                self._show(model)
            return
        raise missing if missing is not None else not_found(self.kind.name, self.identifier, Target("", ""))

    def _failed(self, failure: Failure) -> None:
        title, text = wording.failure_text(failure)
        if self._model is not None and failure.kind is not FailureKind.NOT_FOUND:
            self.say(f"{title} What you see is older. r tries again.")
            self._follow(self._model)
            return
        self.panel.show_model(None)
        self._say_items([Plain(title, "danger"), *(Plain(line, "muted") for line in text.splitlines())])
        self.say("esc goes back · r tries again")

    @on(Document.Followed)
    def _followed(self, event: Document.Followed) -> None:
        event.stop()
        if self._model is not None:
            self.post_message(requests.OpenPlace(event.link, self._model.ref.scope.target))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Verbs are offered only where the kind has them."""
        if action == "items":
            return self.kind.name == "table"
        if action in ("snapshot", "actions"):
            return any(action in (verb.name, "actions") for verb in acting.verbs_of_kinds({self.kind.name}))
        return True

    def action_close(self) -> None:
        self.dismiss()

    def action_raw(self) -> None:
        self.panel.toggle_raw()

    def action_copy_line(self) -> None:
        item = self.panel.current
        if isinstance(item, Entry):
            self.post_message(requests.CopyText(item.copy or item.text))
        elif isinstance(item, Plain):
            self.post_message(requests.CopyText(item.text.strip()))

    def action_copy(self) -> None:
        if self.model is not None:
            self.post_message(requests.CopyMenuWanted(self.model))

    def action_items(self) -> None:
        if self.model is not None:
            self.post_message(requests.OpenResource(self.model))

    def action_snapshot(self) -> None:
        if self.model is not None:
            self.post_message(requests.Act("snapshot", (self.model,)))

    def action_actions(self) -> None:
        if self.model is not None:
            self.post_message(requests.ActionsMenuWanted((self.model,)))
