"""What a list pane tells the screen it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from dbtui.domain.models import Resource

if TYPE_CHECKING:
    from dbtui.ui.screens.list_pane import ListPane


class PaneMessage(Message):
    """A message of a list pane; a later one replaces an earlier one of its kind that was not handled yet."""

    def __init__(self, pane: ListPane) -> None:
        super().__init__()
        self.pane = pane

    def can_replace(self, message: Message) -> bool:
        return type(message) is type(self) and isinstance(message, PaneMessage) and message.pane is self.pane


class StatusChanged(PaneMessage):
    """The status line says something else."""


class Highlighted(PaneMessage):
    """Another row is under the cursor, or the row under it changed."""

    def __init__(self, pane: ListPane, model: Resource | None) -> None:
        super().__init__(pane)
        self.model = model


class SortWanted(PaneMessage):
    """The person wants to choose the order."""


class LeaveWanted(PaneMessage):
    """There is nothing left to undo here; go back to where the person came from."""
