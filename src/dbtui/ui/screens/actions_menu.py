"""The verbs of a row, or of the marked rows: what is possible, and why the rest is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from dbtui.actions.model import Action
from dbtui.domain.models import Resource
from dbtui.domain.text import escape, fit
from dbtui.resources import short_place


@dataclass(frozen=True, slots=True)
class Entry:
    """One verb as the menu shows it. ``note`` says what it does to the rows, or why it is not possible."""

    action: Action
    legal: bool
    note: str


def entry(action: Action, resources: Sequence[Resource]) -> Entry:
    """What the verb means for these rows; with several, how many of them allow it."""
    reasons = [_reason(action, resource) for resource in resources]
    refused = [reason for reason in reasons if reason is not None]
    if len(resources) == 1:
        return Entry(action, not refused, refused[0] if refused else action.note)
    if not refused:
        return Entry(action, True, " · ".join(part for part in (f"all {len(resources)}", action.note) if part))
    if len(refused) == len(resources):
        why = refused[0] if len(set(refused)) == 1 else f"{short_place(resources[0].ref)} {refused[0]}"
        return Entry(action, False, f"none of {len(resources)}: {why}")
    first = next(index for index, reason in enumerate(reasons) if reason is not None)
    allowed = len(resources) - len(refused)
    return Entry(action, True, f"{allowed} of {len(resources)}: {short_place(resources[first].ref)} {reasons[first]}")


def _reason(action: Action, resource: Resource) -> str | None:
    if resource.ref.kind not in action.kinds:
        return f"not for {resource.ref.kind}"
    return action.legal(resource)


class ActionsMenu(ModalScreen[Action | None]):
    """Choose a verb by its key or with the cursor. Dismissed with the action, or ``None``."""

    AUTO_FOCUS = "#actions-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="actions.close"),
        Binding("j", "move(1)", "Down", show=False, id="actions.down"),
        Binding("k", "move(-1)", "Up", show=False, id="actions.up"),
    ]

    def __init__(self, resources: Sequence[Resource], actions: Sequence[Action]) -> None:
        super().__init__()
        self.entries = tuple(entry(action, resources) for action in actions)
        self._title = short_place(resources[0].ref) if len(resources) == 1 else f"{len(resources)} rows"
        self._finished = False
        self._choices = OptionList(*self._options(), id="actions-list", markup=False, compact=True)
        self._note = Static(id="actions-note", markup=False)

    def compose(self) -> ComposeResult:
        self._note.display = False
        with Vertical(id="actions-menu") as dialog:
            dialog.border_title = Content(escape(self._title))
            yield self._choices
            yield self._note

    def _options(self) -> list[Option]:
        width = max((len(item.action.title) for item in self.entries), default=0)
        return [Option(_line(item, width), id=item.action.name, disabled=not item.legal) for item in self.entries]

    def on_mount(self) -> None:
        self._choices.action_first()

    def on_key(self, event: events.Key) -> None:
        """A verb's own key chooses it; for one that is not possible the reason is said again, in full."""
        chosen = next((item for item in self.entries if event.character and item.action.key == event.character), None)
        if chosen is None:
            return
        event.stop()
        event.prevent_default()
        if chosen.legal:
            self._finish(chosen.action)
        else:
            self._say(f"{chosen.action.title.rstrip('… ')}: {chosen.note}")

    def _say(self, text: str) -> None:
        self._note.display = True
        self._note.update(Content(escape(text)))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._finish(next(item.action for item in self.entries if item.action.name == event.option.id))

    def _finish(self, action: Action | None) -> None:
        if not self._finished:
            self._finished = True
            self.dismiss(action)

    def action_close(self) -> None:
        self._finish(None)

    def action_move(self, step: int) -> None:
        if step > 0:
            self._choices.action_cursor_down()
        else:
            self._choices.action_cursor_up()


def _line(item: Entry, width: int) -> Content:
    key = item.action.key if item.legal else "·"
    return Content.assemble(
        (f"{key}  ", "bold $accent" if item.legal else ""),
        f"{fit(escape(item.action.title), width)}  ",
        (escape(item.note), "italic" if item.legal else ""),
    )
