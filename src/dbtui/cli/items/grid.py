"""Items as a table for a terminal: keys first, then the other attributes by how often they occur."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from dbtui.cli import render
from dbtui.cli.console import Console
from dbtui.cli.items.sinks import column_names
from dbtui.cli.render import EXPENDABLE_PRIORITY, TableCell, TableColumn
from dbtui.domain.models import Table
from dbtui.domain.rows import Cell, CellKind
from dbtui.domain.text import preview, truncate
from dbtui.domain.wire import outline
from dbtui.items.cells import raw_cell
from dbtui.items.columns import index_key_names, table_key_names

_WIDEST: Final = 30
"""Cells a value takes at most; keys are cut by the terminal's width alone."""
_SIGNS: Final = {
    CellKind.ABSENT: TableCell("–", "muted"),
    CellKind.NULL: TableCell("NULL", "muted"),
    CellKind.EMPTY: TableCell('""', "muted"),
}


class Grid:
    """Keeps the items and lays them out at the end, for columns are as wide as what is in them."""

    keeps = True

    def __init__(self, console: Console, table: Table, index: str) -> None:
        self._console = console
        self._keys = table_key_names(table)
        self._index_keys = index_key_names(table, index)
        self._raws: list[msgspec.Raw] = []

    def put(self, raw: msgspec.Raw) -> None:
        self._raws.append(raw)

    def close(self) -> None:
        if not self._raws:
            return
        names = column_names(self._raws, (*self._keys, *self._index_keys))
        columns = [self._column(name) for name in names]
        rows = [self._row(raw, names) for raw in self._raws]
        lines, hidden = render.table(
            columns,
            rows,
            width=self._console.width,
            colour=self._console.colour,
            ascii_only=self._console.ascii_only,
        )
        self._console.lines(lines)
        self._console.flush()
        if hidden:
            self._console.say(f"attributes left out for want of width: {_some(hidden)}; -o jsonl has all of them")

    def _column(self, name: str) -> TableColumn:
        if name in self._keys:
            return TableColumn(preview(name, _WIDEST), min_width=8, verbatim=True)
        priority = 1 if name in self._index_keys else EXPENDABLE_PRIORITY
        return TableColumn(preview(name, _WIDEST), min_width=6, priority=priority, verbatim=True)

    def _row(self, raw: msgspec.Raw, names: Sequence[str]) -> list[TableCell]:
        values = outline(raw)
        return [self._cell(raw_cell(values.get(name), name, ambiguous=name not in self._keys), name) for name in names]

    def _cell(self, cell: Cell, name: str) -> TableCell:
        if not cell.text and cell.kind in _SIGNS:
            return _SIGNS[cell.kind]
        return TableCell(cell.text if name in self._keys else truncate(cell.text, _WIDEST), cell.style)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
