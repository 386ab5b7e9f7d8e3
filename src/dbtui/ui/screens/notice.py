"""Something to read and to answer with one key."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static


class NoticeScreen(ModalScreen[bool]):
    """A text with ``enter`` for yes (or 'read it') and ``esc`` for no. The text is shown as it is, no markup."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "yes", id="notice.yes"),
        Binding("escape,n,q", "answer(False)", "no", id="notice.no"),
    ]

    def __init__(self, title: str, text: str, keys: str = "enter goes on", *, grave: bool = False) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._keys = keys
        self._grave = grave

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave" if self._grave else "dialog"):
            yield Static(Content(self._text))
            yield Static(Content(self._keys), classes="note")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = Content(self._title)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
