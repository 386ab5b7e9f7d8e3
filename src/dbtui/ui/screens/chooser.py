"""A small menu: one of a few choices, by cursor or by typing a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from dbtui.domain.text import escape, fit, truncate

T = TypeVar("T")

KEYS = "enter chooses · esc leaves"
_LABEL_LIMIT = 40
_FRAME = 8
"""Cells the border, the padding and the scrollbar take."""


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One line: its label, what stands dimmed beside it, and what choosing it means. Texts are shown escaped."""

    label: str
    value: T
    hint: str = ""


class Chooser(ModalScreen[T | None], Generic[T]):
    """Returns the chosen value, or ``None`` when it was left with escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "cancel", key_display="esc", id="chooser.cancel"),
        Binding("j", "move(1)", "Down", show=False, id="chooser.down"),
        Binding("k", "move(-1)", "Up", show=False, id="chooser.up"),
    ]

    def __init__(
        self, title: str, choices: Sequence[Choice[T]], *, start: int = 0, note: str = "enter chooses · esc leaves"
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._start = start
        self._note = note
        self._width = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield OptionList(*self._lines(), compact=True)
            yield Static(Content(self._note), classes="note")

    def _lines(self) -> list[Content]:
        """Label and hint of each choice, cut to what the terminal has room for."""
        room = max(8, self.app.size.width - _FRAME)
        labels = [truncate(escape(choice.label), min(_LABEL_LIMIT, room)) for choice in self._choices]
        width = max(map(cell_len, labels), default=0)
        hints = [truncate(escape(choice.hint), max(0, room - width - 2)) for choice in self._choices]
        self._width = max(
            width + 2 + max(map(cell_len, hints), default=0), cell_len(self._note), cell_len(self._title) + 2
        )
        return [
            Content.assemble(fit(label, width), "  ", (hint, "$text-muted"))
            for label, hint in zip(labels, hints, strict=True)
        ]

    def on_mount(self) -> None:
        dialog = self.query_one(".dialog")
        dialog.border_title = Content(escape(self._title))
        dialog.styles.width = min(self._width + _FRAME, self.app.size.width)
        options = self.query_one(OptionList)
        options.highlighted = self._start if self._choices else None
        options.focus()

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._choices[event.option_index].value)

    def action_cancel(self) -> None:
        self.dismiss(None)
