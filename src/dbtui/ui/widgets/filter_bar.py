"""The line in which a list's filter is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static


class FilterBar(Horizontal):
    """Tells every change of the text at once; enter keeps the filter, escape drops it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "drop", "drop the filter", id="filter.drop"),
        Binding("enter", "keep", "keep it", id="filter.keep"),
        Binding("down", "keep", "Keep the filter and go to the list", show=False, id="filter.to-list"),
    ]

    class Changed(Message):
        """Another text is in the bar."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Left(Message):
        """The list shall have the focus again."""

    def compose(self) -> ComposeResult:
        yield Static(Content(" / "))
        field = Input(placeholder="words, status=stopped, !word", compact=True, select_on_focus=False)
        field.cursor_blink = False
        yield field

    @property
    def text(self) -> str:
        return self.query_one(Input).value

    @text.setter
    def text(self, text: str) -> None:
        self.query_one(Input).value = text

    def edit(self) -> None:
        """Shows the bar and takes the focus."""
        self.display = True
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _tell(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        self.display = bool(self.text)
        self.post_message(self.Left())

    def action_drop(self) -> None:
        self.text = ""
        self.action_keep()
