"""The record table as the panes use it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from dbtui.ui.widgets.record_table import RecordTable


class RowsTable(RecordTable):
    """A record table whose keys show in the line of keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "activate", "open", tooltip="Open it; of a table, its items", id="list.open"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.row_count) if action == "activate" else True
