"""Help for where you are, made from the bindings in force and the kinds in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dbtui.ui.widgets.document import Document, Item


class HelpScreen(ModalScreen[None]):
    """A document to scroll through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "close", "close", key_display="esc", id="help.close"),
    ]

    def __init__(self, title: str, items: Sequence[Item]) -> None:
        super().__init__()
        self._title = title
        self._items = tuple(items)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -tall"):
            yield Document(cursor=False)
            yield Static(Content("↑↓ scroll · tab next section · esc closes"), classes="note")

    def on_mount(self) -> None:
        self.query_one(".dialog").border_title = Content(self._title)
        document = self.query_one(Document)
        document.show(self._items, keep_place=False)
        document.focus()

    def action_close(self) -> None:
        self.dismiss()
