"""The line behind ``:``, with suggestions and the history of this session."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dbtui.domain.failures import UsageError
from dbtui.domain.text import escape, fit
from dbtui.ui.jumping import Jump, Suggestion

EXAMPLES = "tables prod, instance/orders-db, an ARN"


class JumpScreen(ModalScreen[Jump | None]):
    """Returns where to go. A text that leads nowhere says why and stays, so that it can be mended."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "leave", id="jump.cancel"),
        Binding("tab", "complete", "complete", priority=True, id="jump.complete"),
        Binding("down", "pick(1)", "Next suggestion", show=False, priority=True, id="jump.next"),
        Binding(
            "up",
            "pick(-1)",
            "Previous suggestion, or what was typed before",
            show=False,
            priority=True,
            id="jump.previous",
        ),
    ]

    def __init__(
        self, understand: Callable[[str], Jump], suggest: Callable[[str], list[Suggestion]], history: list[str]
    ) -> None:
        super().__init__()
        self._understand = understand
        self._suggest = suggest
        self._history = history
        self._suggestions: list[Suggestion] = []
        self._picked = -1
        self._back = 0

    def compose(self) -> ComposeResult:
        with Vertical(id="jump"):
            yield Static(id="suggestions")
            yield Static(id="complaint")
            with Horizontal(id="jump-line"):
                yield Static(Content(" : "))
                field = Input(
                    placeholder="tables prod, instance/orders-db, an ARN", compact=True, select_on_focus=False
                )
                field.cursor_blink = False
                yield field

    def on_mount(self) -> None:
        self.query_one("#complaint").display = False
        self.field.focus()
        self._offer("")

    @property
    def field(self) -> Input:
        return self.query_one(Input)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._picked = -1
        self.query_one("#complaint").display = False
        self._offer(event.value)

    def _offer(self, text: str) -> None:
        self._suggestions = self._suggest(text)
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max((len(suggestion.text) for suggestion in self._suggestions), default=0)
        lines = []
        for index, suggestion in enumerate(self._suggestions):
            line = f" {fit(escape(suggestion.text), min(width, 48))}  {escape(suggestion.hint)}"
            lines.append((fit(line, self.size.width), "reverse" if index == self._picked else ""))
        content = Content("\n").join(Content.styled(text, style) for text, style in lines)
        listing = self.query_one("#suggestions", Static)
        listing.display = bool(lines)
        listing.update(content)

    def action_pick(self, step: int) -> None:
        """Down goes through the suggestions; up, on an empty line, through the history."""
        if step < 0 and self._picked < 0:
            self._recall()
            return
        self._picked = max(-1, min(self._picked + step, len(self._suggestions) - 1))
        self._draw()

    def _recall(self) -> None:
        if self._back < len(self._history):
            self._back += 1
            self._set(self._history[-self._back])

    def _set(self, text: str) -> None:
        self.field.value = text
        self.field.cursor_position = len(text)

    def action_complete(self) -> None:
        if self._suggestions:
            self._set(self._suggestions[max(0, self._picked)].text)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        text = self._suggestions[self._picked].text if self._picked >= 0 else event.value
        if not text.strip():
            self.dismiss(None)
            return
        try:
            jump = self._understand(text)
        except UsageError as error:
            self._complain(error.failure.sentence)
            return
        if not self._history or self._history[-1] != text:
            self._history.append(text)
        self.dismiss(jump)

    def _complain(self, text: str) -> None:
        complaint = self.query_one("#complaint", Static)
        complaint.display = True
        complaint.update(Content(f" {escape(text)}"))

    def action_cancel(self) -> None:
        self.dismiss(None)
