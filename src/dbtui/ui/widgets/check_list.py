"""A list in which several lines can be chosen; the chosen ones carry a sign, so that colour is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList

from dbtui.domain.text import escape

CHOSEN, OTHER = "✓ ", "  "


class CheckList(OptionList):
    """Values with labels. ``chosen`` outlives filtering; the row under the cursor counts when nothing was toggled."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "choose", "choose", id="choices.toggle"),
        Binding("j", "cursor_down", "Down", show=False, id="choices.down"),
        Binding("k", "cursor_up", "Up", show=False, id="choices.up"),
    ]

    def __init__(self, chosen: Iterable[str], *, empty_label: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, compact=True)
        self.chosen = list(chosen)
        self._toggled = False
        self._empty_label = empty_label
        self._values: tuple[str, ...] = ()

    def offer(self, values: Sequence[str]) -> None:
        """Shows these values, the cursor on the first chosen one."""
        self._values = tuple(values)
        self.clear_options()
        self.add_options(self._line(value) for value in self._values)
        if self._values:
            self.highlighted = next((i for i, value in enumerate(self._values) if value in self.chosen), 0)

    def _line(self, value: str) -> Content:
        return Content(f"{CHOSEN if value in self.chosen else OTHER}{escape(value) or self._empty_label}")

    @property
    def answer(self) -> list[str]:
        """What was chosen; where nothing was toggled, the value the cursor was moved to."""
        here = self._values[self.highlighted] if self.highlighted is not None else None
        if here is None or self._toggled or here in self.chosen:
            return list(self.chosen) or ([here] if here is not None else [])
        return [here]

    def action_choose(self) -> None:
        if self.highlighted is None:
            return
        self._toggled = True
        value = self._values[self.highlighted]
        if value in self.chosen:
            self.chosen.remove(value)
        else:
            self.chosen.append(value)
        self.replace_option_prompt_at_index(self.highlighted, self._line(value))
