"""What the items screen lets a person choose: the index, the order, the columns, what is copied."""

from __future__ import annotations

from collections.abc import Sequence

from dbtui.domain.models import Index, Table
from dbtui.domain.row_order import SortSpec
from dbtui.domain.rows import ColumnSpec
from dbtui.resources.table import keys_text
from dbtui.ui.screens.chooser import Choice, Chooser


def index_chooser(table: Table, now: str) -> Chooser[str]:
    """The table itself and its indexes; the value of the table is ``""``."""
    choices = [Choice("table", "", f"{keys_text(table.keys)} · everything")]
    choices += [Choice(index.name, index.name, _index_hint(index)) for index in table.indexes]
    start = next((at for at, choice in enumerate(choices) if choice.value == now), 0)
    return Chooser("Query on", choices, start=start)


def _index_hint(index: Index) -> str:
    kind = "global" if index.is_global else "local"
    projection = {"ALL": "everything", "KEYS_ONLY": "keys only", "INCLUDE": f"keys, {', '.join(index.projected)}"}
    state = "" if index.status in ("", "ACTIVE") else f"{index.status.lower()}, not ready"
    parts = [state, keys_text(index.keys), kind, projection.get(index.projection, "")]
    return " · ".join(part for part in parts if part)


def sort_chooser(columns: Sequence[ColumnSpec], now: SortSpec | None, current: str) -> Chooser[str]:
    """The columns, starting at that under the cursor; the value of the order they came in is ``""``."""
    choices = [Choice("as they came", "", "" if now is not None else "now")]
    choices += [Choice(column.title, column.key, _direction(now, column.key)) for column in columns if column.sortable]
    start = next((at for at, choice in enumerate(choices) if choice.value == current), 0)
    return Chooser("Sort loaded rows by", choices, start=start, note="enter sorts; the same column again turns around")


def _direction(now: SortSpec | None, key: str) -> str:
    if now is None or now.column != key:
        return ""
    return "descending now" if now.descending else "ascending now"


def column_chooser(hidden: Sequence[str], left_out: Sequence[str]) -> Chooser[str]:
    """Columns that can be shown again, and attributes that had no room."""
    choices = [Choice(name, name, "hidden") for name in hidden]
    choices += [Choice(name, name, "further attribute") for name in left_out]
    return Chooser("Show column", choices)
