"""The line in which a query is typed, with what it means beside it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from dbtui.domain.text import escape


class QueryLine(Horizontal):
    """Tells every change of the text; enter asks for the query, escape leaves and keeps the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "run", id="query-line.submit"),
        Binding("escape", "leave", "to the rows", id="query-line.leave"),
        Binding("down", "leave", "To the rows", show=False, id="query-line.to-rows"),
    ]

    class Changed(Message):
        """Another text is in the line."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Submitted(Changed):
        """The query in the line shall run."""

    class Left(Message):
        """The rows shall have the focus."""

    def compose(self) -> ComposeResult:
        yield Static(Content(" = "), classes="query-prompt")
        field = Input(compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field
        yield Static(id="query-line-verdict")

    @property
    def text(self) -> str:
        return self.query_one(Input).value

    @text.setter
    def text(self, text: str) -> None:
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)

    def edit(self, hint: str) -> None:
        """Takes the focus; ``hint`` shows while nothing is typed."""
        self.display = True
        field = self.query_one(Input)
        field.placeholder = hint
        field.focus()

    def say(self, text: str, *, wrong: bool = False) -> None:
        """What the text means, or what is wrong with it."""
        verdict = self.query_one("#query-line-verdict", Static)
        verdict.set_class(wrong, "-wrong")
        verdict.update(Content(f" {escape(text)} " if text else ""))

    def point_at(self, position: int) -> None:
        """Puts the cursor where something is wrong."""
        self.query_one(Input).cursor_position = position

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    def action_submit(self) -> None:
        self.post_message(self.Submitted(self.text))

    def action_leave(self) -> None:
        self.post_message(self.Left())
