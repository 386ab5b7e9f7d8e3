"""The lines around every screen: where we are, the panes, the place, what is shown, and the keys that work here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from dbtui.domain.text import fit, truncate

Piece = tuple[str, str]


def spread(left: Sequence[Piece], right: Sequence[Piece], width: int) -> Content:
    """Pieces at both ends of a line; the left ones are cut when there is no room for all."""
    right_width = sum(cell_len(text) for text, _ in right)
    room = max(0, width - right_width - (1 if right else 0))
    if room < min(16, width):
        right, right_width, room = (), 0, width
    shown: list[Piece] = []
    for text, style in left:
        fitted = truncate(text, room)
        room -= cell_len(fitted)
        shown.append((fitted, style))
        if fitted != text:
            break
    gap = width - right_width - sum(cell_len(text) for text, _ in shown)
    return Content.assemble(*shown, " " * max(0, gap), *right)


class Line(Widget):
    """One line that is drawn anew only when what it says changes."""

    ALLOW_SELECT = False


@dataclass(frozen=True, slots=True)
class TopState:
    """What the first line says. ``where`` is escaped."""

    where: str = ""
    banner: str = ""
    protected: bool = False
    writes: str = ""
    armed: bool = False
    running: int = 0


class TopBar(Line):
    """Where we are, whether writes are armed, and how many operations run; red where the scope is protected."""

    state: reactive[TopState] = reactive(TopState())

    def watch_state(self, state: TopState) -> None:
        self.set_class(state.protected, "-protected")

    def render(self) -> Content:
        state = self.state
        left: list[Piece] = [(" dbtui", "bold"), (f"  {state.where}", "")]
        if state.banner:
            left.append((f"  {state.banner}", "italic"))
        if state.protected:
            left.append(("  PROTECTED", "bold"))
        right: list[Piece] = [(state.writes, "bold" if state.armed else "")]
        if state.running:
            right.append((f" · {state.running} operation{'s' if state.running > 1 else ''} ◐", "bold"))
        right.append((" ", ""))
        return spread(left, right, self.size.width)


@dataclass(frozen=True, slots=True)
class Tab:
    """One pane in the line of tabs; ``key`` is empty for a pane opened by its word."""

    name: str
    title: str
    key: str = ""


class TabLine(Line):
    """The panes with their keys; the active one stands out."""

    tabs: reactive[tuple[Tab, ...]] = reactive(())
    active: reactive[str] = reactive("")

    class Selected(Message):
        """A tab was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def _labels(self) -> list[tuple[Tab, str]]:
        narrow = sum(len(tab.title) + 5 for tab in self.tabs) > self.size.width
        labels = []
        for tab in self.tabs:
            title = tab.title if not narrow or tab.name == self.active else tab.title[:4]
            labels.append((tab, f" {tab.key} {title} " if tab.key else f" {title} "))
        return labels

    def render(self) -> Content:
        pieces: list[Piece] = [(" ", "")]
        for tab, label in self._labels():
            pieces += [(label, "bold reverse" if tab.name == self.active else ""), (" ", "")]
        return spread(pieces, (), self.size.width)

    def on_click(self, event: events.Click) -> None:
        x = 1
        for tab, label in self._labels():
            if x <= event.x < x + cell_len(label):
                self.post_message(self.Selected(tab.name))
                return
            x += cell_len(label) + 1


class PlaceLine(Line):
    """The place on the left, what there is to know about it on the right."""

    place: reactive[str] = reactive("")
    note: reactive[tuple[Piece, ...]] = reactive(())

    def render(self) -> Content:
        note = list(self.note)
        room = self.size.width - sum(cell_len(text) for text, _ in note) - 2
        left: list[Piece] = [(" " + self.place, "bold")]
        if room < cell_len(self.place) + 2 and note:
            return spread([*left, ("  ", ""), *note], (), self.size.width)
        return spread(left, [*note, (" ", "")], self.size.width)


class StatusLine(Line):
    """What the screen holds, how old it is, and what is going on."""

    text: reactive[str] = reactive("")

    def render(self) -> Content:
        return Content(fit(" " + self.text, self.size.width))


class KeyHints(Line):
    """The keys that work here, taken from the bindings in force; what does not fit is in the help."""

    hints: reactive[tuple[tuple[str, str], ...]] = reactive(())

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self.call_after_refresh(self._read)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        self._read()

    def _read(self) -> None:
        if self.is_attached:
            self.hints = shown_keys(self)

    def render(self) -> Content:
        width = self.size.width - 1
        help_hint = next((hint for hint in self.hints if hint[1] == "help"), None)
        reserve = cell_len(" ".join(help_hint)) + 2 if help_hint else 0
        pieces: list[Piece] = [(" ", "")]
        for key, description in self.hints:
            needed = cell_len(f"{key} {description}") + 2
            if (key, description) == help_hint or needed > width - reserve:
                continue
            pieces += [(key, "bold $text-accent"), (f" {description}  ", "")]
            width -= needed
        if help_hint:
            pieces += [(help_hint[0], "bold $text-accent"), (f" {help_hint[1]}", "")]
        return spread(pieces, (), self.size.width)


def shown_keys(widget: Widget) -> tuple[tuple[str, str], ...]:
    """(key, description) of every binding that wants to be seen, the nearest first, each action once."""
    seen: dict[str, tuple[str, str]] = {}
    typing = isinstance(widget.screen.focused, Input)
    for active in widget.screen.active_bindings.values():
        binding: Binding = active.binding
        if typing and len(key_name(widget, binding)) == 1:
            continue  # it would be typed
        if binding.show and active.enabled and binding.description and binding.action not in seen:
            seen[binding.action] = (key_name(widget, binding), binding.description)
    return tuple(seen.values())


def key_name(widget: Widget, binding: Binding) -> str:
    """A key as people write it: ``enter``, ``ctrl+p``, ``/``."""
    return widget.app.get_key_display(binding)
