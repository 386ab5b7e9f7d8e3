"""A text area that keeps what it is given: nothing invisible gets in unseen, and no line end is made into another."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from dbtui.domain.text import escape

_INDENT = 2
WRAPPED = 60_000
"""Characters up to which long lines are wrapped: wrapping goes through all of a text at once."""


def json_clean(text: str) -> str:
    r"""Typed JSON as a text area keeps it: line feeds only, what is invisible as ``\uXXXX``, which is the same."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() and text.replace("\n", "").isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character in "\n\t" or escape(character) == character:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


class TextField(TextArea):
    """``clean`` makes of a pasted text what may stand in the field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+underscore,ctrl+slash", "undo", "Undo typing", show=False, id="text.undo"),
        Binding("ctrl+y", "redo", "Redo typing", show=False, id="text.redo"),
        Binding("tab", "indent", "Indent", show=False, id="text.indent"),
        Binding("ctrl+j", "new_line", "New line", show=False, id="text.new-line"),
    ]

    def __init__(
        self,
        text: str = "",
        *,
        clean: Callable[[str], str] = json_clean,
        line_numbers: bool = False,
        id: str | None = None,  # noqa: A002 - as in every Textual widget
    ) -> None:
        super().__init__(text, show_line_numbers=line_numbers, soft_wrap=len(text) < WRAPPED, compact=True, id=id)
        self.cursor_blink = False
        self._clean = clean

    def on_paste(self, event: events.Paste) -> None:
        """A paste is cleaned before it gets in; Textual's own handler would take it as it is."""
        event.prevent_default()
        event.stop()
        if not self.read_only:
            self.insert_at_cursor(self._clean(event.text))

    def insert_at_cursor(self, text: str) -> None:
        start, end = self.selection
        self.move_cursor(self.replace(text, start, end, maintain_selection_offset=False).end_location)

    def action_indent(self) -> None:
        if not self.read_only:
            column = self.cursor_location[1]
            self.insert_at_cursor(" " * (_INDENT - column % _INDENT))

    def action_new_line(self) -> None:
        if not self.read_only:
            self.insert_at_cursor("\n")

    def go_to(self, line: int, column: int) -> None:
        """Puts the cursor there; both count from 1."""
        row = max(0, min(line - 1, self.document.line_count - 1))
        self.move_cursor((row, max(0, min(column - 1, len(self.document.get_line(row))))), center=True)
        self.focus()

    def rewrite(self, text: str) -> None:
        """Puts another text in the place of all of it, as one step that can be undone."""
        self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)


class ValueField(TextField):
    """A text field in which enter may mean that it is done; ctrl+j starts a new line then."""

    class Done(Message):
        """Enter was pressed where it does not start a new line."""

    enter_is_done = False

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter" and self.enter_is_done:
            event.prevent_default()
            event.stop()
            self.post_message(self.Done())
