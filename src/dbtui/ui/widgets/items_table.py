"""The record table as the items screen uses it: a column cursor, and the keys about a cell in the line of keys."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbtui.ui.widgets.cell_table import CellTable


class ItemsTable(CellTable):
    """Rows of items."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "activate", "view", tooltip="The whole item, as JSON and as a tree", id="items.view"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.row_count) if action == "activate" else True
