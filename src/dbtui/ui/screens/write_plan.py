"""The plan of one write of an item: what changes, on which conditions, the exact request, and the consent to it.

The screen sends nothing: it is dismissed with ``True`` when the write was agreed to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dbtui.domain.failures import Failure
from dbtui.domain.scope import Scope
from dbtui.domain.text import escape
from dbtui.items.writes import ItemWrite
from dbtui.ui import clipboard, loading
from dbtui.ui.screens import plan_ask, write_plan_text
from dbtui.ui.screens.plan_ask import Ask, AskBar, Stage
from dbtui.ui.screens.plan_text import scope_text

if TYPE_CHECKING:
    from dbtui.actions.core import Core


class WritePlanScreen(ModalScreen[bool]):
    """Shows one write and asks for consent at the level it needs."""

    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - Textual declares it as an instance variable
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="write-plan.close"),
        Binding("n", "no", "No", show=False, id="write-plan.no"),
        Binding("y,c", "copy", "Copy as AWS CLI", key_display="y", id="write-plan.copy"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="write-plan.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="write-plan.up"),
        Binding("pagedown", "scroll(8)", "Page down", show=False, id="write-plan.page-down"),
        Binding("pageup", "scroll(-8)", "Page up", show=False, id="write-plan.page-up"),
        Binding("left,h", "app.focus_previous", "Previous button", show=False, id="write-plan.left"),
        Binding("right,l", "app.focus_next", "Next button", show=False, id="write-plan.right"),
    ]

    def __init__(self, core: Core, write: ItemWrite) -> None:
        super().__init__()
        self.core = core
        self.write = write
        self._finished = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self._dialog = VerticalScroll(id="plan", can_focus=False)
        self._bar = AskBar()

    def compose(self) -> ComposeResult:
        verdict = self.core.policy(self._scope)
        words = ("PROTECTED" if verdict.protected else "", "read-only" if verdict.read_only else "")
        line = "  ".join(word for word in (scope_text(self._scope), *words) if word)
        self._dialog.border_title = Content(write_plan_text.title(self.write))
        self._dialog.set_class(verdict.protected, "-protected")
        with self._dialog:
            yield Static(Content(line), id="plan-scope", markup=False)
            yield Static(write_plan_text.body(self.write), id="plan-text", markup=False)
            yield self._bar

    def on_mount(self) -> None:
        self.app.clear_notifications()  # in a small terminal a toast would cover the question
        self._unsubscribe = self.core.arming.subscribe(self._show)
        self._show()

    def on_unmount(self) -> None:
        self._unsubscribe()

    @property
    def _scope(self) -> Scope:
        return self.write.table.ref.scope

    @property
    def stage(self) -> Stage:
        """What the screen asks for now."""
        return self._ask().stage

    @property
    def ready(self) -> bool:
        """Whether the question of this moment is on the screen and takes an answer."""
        return self._bar.ready and self._bar.ask == self._ask()

    def _ask(self) -> Ask:
        """The question of this moment, from the state of things and not from what the screen shows."""
        locked = plan_ask.ask_for_writes(self._scope, self.core.arming, self.core.policy(self._scope))
        return locked or write_plan_text.question(self.write)

    def _show(self) -> None:
        self._bar.show(self._ask(), can_copy=True)

    # -- answers ------------------------------------------------------------------------------------------------------

    @on(AskBar.Answered)
    def _answered(self, event: AskBar.Answered) -> None:
        """Takes an answer only to the question that is still the right one, and only once."""
        if self._finished:
            return
        if not event.agreed:
            self._finish(agreed=False)
        elif event.ask != self._ask():
            self._show()
        elif event.ask.stage is Stage.ARM:
            if not self.core.arming.arm(self._scope, event.typed):
                self._bar.complain(escape(f"That is not {self.core.arming.phrase(self._scope)}."))
        elif event.ask.expected and event.typed != event.ask.expected:
            self._bar.complain(f"That is not {event.ask.expected}.")
        elif event.ask.stage is Stage.CONFIRM:
            self._finish(agreed=True)

    def _finish(self, *, agreed: bool) -> None:
        self._finished = True
        self.dismiss(agreed)

    @on(AskBar.Wanted)
    def _wanted(self) -> None:
        self.action_copy()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_close(self) -> None:
        if not self._finished:
            self._finish(agreed=False)

    def action_no(self) -> None:
        self.action_close()

    def action_scroll(self, lines: int) -> None:
        self._dialog.scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        async def work() -> None:
            self.notify(await clipboard.copy(self.app, self.write.aws_cli()), markup=False)

        loading.run(self, work, group="copy", on_failure=self._copy_failed)

    def _copy_failed(self, failure: Failure) -> None:
        self.notify(failure.sentence, severity="error", markup=False)
