"""Asks for the code of an MFA device, in place of the SDK's prompt, which would write over the screen and block it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from dbtui.domain.text import escape


class MfaScreen(ModalScreen[str]):
    """Returns the code, or an empty text when none is given."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "No code", id="mfa.leave")]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield Static(Content(escape(self._question)))
            yield Input(placeholder="6 digits", max_length=12, select_on_focus=False)
            yield Static(Content("enter uses it · esc goes on without: the profile cannot be used"), classes="note")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = Content("Multi-factor authentication")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.dismiss(event.value.strip())

    def action_leave(self) -> None:
        self.dismiss("")
