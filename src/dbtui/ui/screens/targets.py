"""Which profiles and regions to look at: two lists to choose from, with one filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dbtui.domain.failures import Failure
from dbtui.domain.scope import Target
from dbtui.domain.text import escape
from dbtui.gateway.directory import Directory
from dbtui.ui import loading
from dbtui.ui.widgets.check_list import CheckList

KEYS = "enter uses the line under the cursor, or what space has chosen · tab other list · / filter · esc leaves"


class TargetsScreen(ModalScreen[tuple[Target, ...] | None]):
    """Returns the product of the chosen profiles and regions, or ``None`` when it was left."""

    AUTO_FOCUS = "#profiles"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", id="targets.cancel"),
        Binding("enter", "apply", "use these", priority=True, id="targets.apply"),
        Binding("slash", "filter", "filter", key_display="/", id="targets.filter"),
    ]

    def __init__(self, directory: Directory, current: Sequence[Target]) -> None:
        super().__init__()
        self._directory = directory
        self._current = {
            "profiles": tuple(dict.fromkeys(target.profile for target in current)),
            "regions": tuple(dict.fromkeys(target.region for target in current)),
        }
        self._names = dict(self._current)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -tall", id="targets"):
            field = Input(placeholder="/ filters both lists", compact=True)
            field.cursor_blink = False
            yield field
            with Horizontal():
                yield CheckList(self._current["profiles"], empty_label="(default credentials)", id="profiles")
                yield CheckList(self._current["regions"], id="regions")
            yield Static(Content(KEYS), classes="note")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = Content("Profiles and regions")
        for name in self._names:
            self.query_one(f"#{name}").border_title = Content(name)
        self._fill("")
        loading.run(self, self._read, group="read", on_failure=self._complain)

    async def _read(self) -> None:
        known = {"profiles": await self._directory.profiles(), "regions": await self._directory.regions()}
        self._names = {name: tuple(dict.fromkeys([*self._current[name], *known[name]])) for name in known}
        self._fill(self.query_one(Input).value)

    def _fill(self, text: str) -> None:
        words = text.casefold().split()
        for name, values in self._names.items():
            matching = [value for value in values if all(word in value.casefold() for word in words)]
            self.query_one(f"#{name}", CheckList).offer(matching or values)

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value)

    def action_filter(self) -> None:
        self.query_one(Input).focus()

    def action_apply(self) -> None:
        """Uses the answers of both lists; leaving the filter line comes first."""
        if self.query_one(Input).has_focus:
            self.query_one("#profiles").focus()
        else:
            loading.run(self, self._resolve, group="apply", on_failure=self._complain, exclusive=True)

    async def _resolve(self) -> None:
        profiles, regions = (self.query_one(f"#{name}", CheckList).answer for name in self._names)
        self.dismiss(await self._directory.targets(profiles, regions))

    def _complain(self, failure: Failure) -> None:
        self.query_one(".note", Static).update(Content(escape(failure.sentence)))

    def action_cancel(self) -> None:
        self.dismiss(None)
