"""One of a few values in a single line: left and right, space, or a letter choose another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class Cycle(Widget, can_focus=True):
    """Shows ``‹ value ›``. ``choices`` are (value, words); ``room`` are the cells the words have at least."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l,space", "choose(1)", "Next value", show=False, id="cycle.next"),
        Binding("left,h", "choose(-1)", "Previous value", show=False, id="cycle.previous"),
    ]

    value: reactive[str] = reactive("")

    class Changed(Message):
        """Another value was chosen."""

        def __init__(self, cycle: Cycle, value: str) -> None:
            super().__init__()
            self.cycle = cycle
            self.value = value

        @property
        def control(self) -> Cycle:
            return self.cycle

    def __init__(
        self,
        choices: Sequence[tuple[str, str]],
        value: str = "",
        *,
        room: int = 0,
        id: str | None = None,  # noqa: A002 - named as in every Textual widget
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._choices = tuple(choices)
        self._room = max(room, *(cell_len(words) for _, words in self._choices))
        self.set_reactive(Cycle.value, value or self._choices[0][0])
        self.styles.width = self._room + 4

    def render(self) -> Content:
        words = dict(self._choices)[self.value]
        return Content(f"‹ {words}{' ' * (self._room - cell_len(words))} ›")

    def action_choose(self, step: int) -> None:
        values = [value for value, _ in self._choices]
        self._choose(values[(values.index(self.value) + step) % len(values)])

    def on_key(self, event: events.Key) -> None:
        """A character chooses the next value whose words begin with it."""
        typed = (event.character or "").casefold()
        fitting = [value for value, words in self._choices if typed and words.casefold().startswith(typed)]
        if fitting and typed.strip():
            event.stop()
            place = fitting.index(self.value) + 1 if self.value in fitting else 0
            self._choose(fitting[place % len(fitting)])

    def on_click(self) -> None:
        self.action_choose(1)

    def _choose(self, value: str) -> None:
        if value != self.value:
            self.value = value
            self.post_message(self.Changed(self, value))
