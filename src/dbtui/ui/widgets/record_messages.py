"""What a RecordTable tells its owner. Handlers are named `on_record_table_row_activated` and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from dbtui.domain.rows import RowId

if TYPE_CHECKING:
    from dbtui.ui.widgets.record_table import RecordTable


class TableMessage(Message):
    """A message of a RecordTable."""

    def __init__(self, table: RecordTable) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> RecordTable:
        return self.table


class RowMessage(TableMessage):
    """Something about one row."""

    def __init__(self, table: RecordTable, row_id: RowId) -> None:
        super().__init__(table)
        self.row_id = row_id


class RowHighlighted(RowMessage, namespace="record_table"):
    """The cursor is on another row. A later one replaces an earlier one not yet handled."""

    def can_replace(self, message: Message) -> bool:
        return isinstance(message, RowHighlighted) and message.table is self.table


class RowActivated(RowMessage, namespace="record_table"):
    """Enter, or a click on the highlighted row."""


class MarksChanged(TableMessage, namespace="record_table"):
    """Other rows are marked."""

    def __init__(self, table: RecordTable, marks: frozenset[RowId]) -> None:
        super().__init__(table)
        self.marks = marks


class NeedMore(TableMessage, namespace="record_table"):
    """The viewport nears the end of a source that is not complete. Once for each length of the source."""

    def __init__(self, table: RecordTable, first_missing: int) -> None:
        super().__init__(table)
        self.first_missing = first_missing


class VisibleRowsChanged(TableMessage, namespace="record_table"):
    """These rows are in sight, from top to bottom, and have been for a moment."""

    def __init__(self, table: RecordTable, ids: tuple[RowId, ...]) -> None:
        super().__init__(table)
        self.ids = ids


class HeaderClicked(TableMessage, namespace="record_table"):
    """A click on the title of the column with this key."""

    def __init__(self, table: RecordTable, column: str) -> None:
        super().__init__(table)
        self.column = column
