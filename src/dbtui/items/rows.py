"""Items of a store as rows: columns found in the data, cells decoded when they are asked for.

Row ids are ordinals of the store, so cursor and marks stay with their items whatever is sorted, edited or removed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from dbtui.domain.clock import Clock, system_clock
from dbtui.domain.models import Table
from dbtui.domain.rows import (
    Appended,
    Cell,
    Changed,
    ColumnsChanged,
    ColumnSpec,
    Emitter,
    Progress,
    Removed,
    RowId,
)
from dbtui.domain.wire import decode_value, outline, raw_attribute
from dbtui.items.cells import lettered, raw_cell, time_cell
from dbtui.items.columns import Attributes, index_key_names, table_key_names
from dbtui.items.store import ItemStore, StoreEvent
from dbtui.items.store import Removed as LeftStore

MOST_COLUMNS: Final = 40
CACHED_ROWS: Final = 2048
KEY_WIDTH: Final = 40
WIDTH: Final = 32
KEY_COMFORT: Final = 24
COMFORT: Final = 14
"""Cells a column keeps when there is not room for all; then one scrolls sideways."""


class ItemRows(Emitter):
    """Rows of a store, as `domain.rows.RowSource`.

    The table's keys come first and stay in sight, then index keys, then the rest by how often they occur. Attributes
    met later are added at the end, so that nothing jumps; `arrange` orders them anew. No more than `most_columns` are
    made: `left_out` tells the others. Close it when it is no longer shown.
    """

    def __init__(
        self,
        store: ItemStore,
        table: Table,
        *,
        index: str = "",
        most_columns: int = MOST_COLUMNS,
        clock: Clock = system_clock,
    ) -> None:
        super().__init__()
        self.store = store
        self.table = table
        self._keys = table_key_names(table)
        self._key_types = {part.name: part.type for part in table.keys}
        self._index_keys = index_key_names(table, index)
        asked = (part.name for each in table.indexes if each.name == index for part in each.keys)
        self._asked_keys = tuple(name for name in asked if name not in self._keys)
        self._ttl = table.ttl.attribute if table.ttl is not None and table.ttl.status.startswith("ENABL") else ""
        self._most_columns = most_columns
        self._clock = clock
        self._attributes = Attributes()
        self._names: list[str] = [*self._keys, *self._asked_keys]
        self._hidden: set[str] = set()
        self._widths: dict[str, int] = {}
        self._times: frozenset[str] = frozenset()
        self._letters = False
        self._numeric: set[str] = {name for name, kind in self._key_types.items() if kind == "N"}
        self._complete = False
        self._look = 0
        self._cells: dict[int, tuple[int, tuple[Cell, ...]]] = {}
        self._specs: tuple[ColumnSpec, ...] = ()
        self._shown: tuple[str, ...] = ()
        if store.ordinal_count:
            self._meet(range(store.ordinal_count))
            self._names = self._best_order()
        self._make_specs()
        self.close = store.subscribe(self._on_store)
        """Stops following the store."""

    # -- rows ---------------------------------------------------------------------------------------------------------

    @property
    def columns(self) -> Sequence[ColumnSpec]:
        return self._specs

    @property
    def row_count(self) -> int:
        return self.store.row_count

    @property
    def complete(self) -> bool:
        """Whether all is here; whoever reads into the store says so."""
        return self._complete

    @complete.setter
    def complete(self, complete: bool) -> None:
        if complete != self._complete:
            self._complete = complete
            self.emit(Progress(self.row_count, self.row_count if complete else None))

    def row_id(self, row: int) -> RowId:
        if not 0 <= row < self.store.row_count:
            raise IndexError(row)
        return self.store.ordinal_at(row)

    def index_of(self, row_id: RowId) -> int | None:
        return self.store.position_of(row_id) if isinstance(row_id, int) else None

    def version(self, row: int) -> int:
        return self._look + self.store.version(self.store.ordinal_at(row))

    def cells(self, row: int) -> Sequence[Cell]:
        ordinal = self.store.ordinal_at(row)
        version = self._look + self.store.version(ordinal)
        cached = self._cells.get(ordinal)
        if cached is not None and cached[0] == version:
            return cached[1]
        attributes = self._outline(self.store.raw(ordinal))
        cells = tuple(self._cell(attributes.get(name), name) for name in self._shown)
        if len(self._cells) >= CACHED_ROWS:
            self._cells.clear()
        self._cells[ordinal] = (version, cells)
        return cells

    def cell(self, row: int, column: int) -> Cell:
        name, raw = self._shown[column], self.store.raw(self.store.ordinal_at(row))
        try:
            found = raw_attribute(raw, name)
        except ValueError:
            return self._cell(raw, name)
        return self._cell(found, name)

    def _outline(self, raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
        try:
            return outline(raw)
        except ValueError:
            # What is no item shows in the first column instead of ending the program.
            return {self._shown[0]: raw} if self._shown else {}

    def _cell(self, raw: msgspec.Raw | None, name: str) -> Cell:
        if raw is not None and name in self._times:
            with suppress(ValueError):
                return time_cell(decode_value(raw, name), self._clock(), expires=name == self._ttl)
        cell = raw_cell(raw, name, ambiguous=name not in self._key_types)
        return lettered(cell, raw) if self._letters and raw is not None else cell

    # -- columns ------------------------------------------------------------------------------------------------------

    @property
    def names(self) -> Sequence[str]:
        """Attributes that have a column, hidden ones included, in order."""
        return tuple(self._names)

    @property
    def left_out(self) -> Sequence[str]:
        """Attributes seen that have no column: there are too many."""
        named = set(self._names)
        return [name for name in self._attributes.names if name not in named]

    @property
    def hidden(self) -> frozenset[str]:
        return frozenset(self._hidden)

    @property
    def ttl_attribute(self) -> str:
        """The time-to-live attribute, or `""`."""
        return self._ttl

    @property
    def times(self) -> frozenset[str]:
        """Columns whose numbers are shown as times."""
        return self._times

    @times.setter
    def times(self, names: Iterable[str]) -> None:
        times = frozenset(names)
        if times != self._times:
            self._times = times
            self._columns_changed()

    @property
    def letters(self) -> bool:
        """Whether cells begin with the letters of their type: `S`, `N`, `SS`."""
        return self._letters

    @letters.setter
    def letters(self, letters: bool) -> None:
        if letters != self._letters:
            self._letters = letters
            self._columns_changed()

    def set_columns(self, names: Sequence[str], hidden: Collection[str] = ()) -> None:
        """These columns in this order; the table's keys come first all the same. Others found come after them."""
        rest = [name for name in dict.fromkeys(names) if name not in self._keys]
        known = [name for name in self._names if name not in self._keys and name not in rest]
        self._names = [*self._keys, *rest, *known]
        self._hidden = set(hidden) - set(self._keys)
        self._columns_changed()

    def arrange(self) -> None:
        """Order the columns anew by what has been seen until now."""
        self._names = self._best_order()
        self._numeric |= {name for name in self._names if self._attributes.is_numeric(name)}
        self._columns_changed()

    def hide(self, name: str) -> None:
        """Show the column no more. The table's keys stay."""
        if name in self._names and name not in self._keys and name not in self._hidden:
            self._hidden.add(name)
            self._columns_changed()

    def show(self, name: str) -> None:
        """Show a hidden column again, or make one for an attribute that was left out."""
        if name in self._hidden or name not in self._names:
            self._hidden.discard(name)
            if name not in self._names:
                self._names.append(name)
            self._columns_changed()

    def set_width(self, name: str, cells: int | None) -> None:
        """Give the column exactly so many cells; None leaves it to its contents."""
        if cells is None:
            self._widths.pop(name, None)
        else:
            self._widths[name] = max(1, cells)
        self._columns_changed()

    def _best_order(self) -> list[str]:
        seen = self._attributes.names
        first = [*self._keys, *self._asked_keys, *(name for name in self._index_keys if name in set(seen))]
        return list(dict.fromkeys([*first, *seen]))[: max(self._most_columns, len(self._keys))]

    def _columns_changed(self) -> None:
        self._look += 1
        self._cells.clear()
        self._make_specs()
        self.emit(ColumnsChanged())

    def _make_specs(self) -> None:
        self._shown = tuple(name for name in self._names if name not in self._hidden)
        self._specs = tuple(map(self._spec, self._shown))

    def _spec(self, name: str) -> ColumnSpec:
        is_key, width = name in self._keys, self._widths.get(name)
        return ColumnSpec(
            name,
            f"{name} (TTL)" if name == self._ttl else name,
            min_width=width or 3,
            max_width=width or (KEY_WIDTH if is_key else WIDTH),
            align="right" if name in self._numeric and name not in self._times else "left",
            frozen=is_key,
            comfort=KEY_COMFORT if is_key else COMFORT,
            priority=2 if is_key else 1 if name in self._index_keys else 0,
            tooltip="DynamoDB deletes the item some time after this moment." if name == self._ttl else "",
        )

    # -- following the store ------------------------------------------------------------------------------------------

    def _on_store(self, event: StoreEvent) -> None:
        if isinstance(event, Appended):
            first = not self._attributes
            if self._meet(range(event.start, event.stop)):
                if first:
                    self._names = self._best_order()
                self._columns_changed()
            count = event.stop - event.start
            self.emit(Appended(self.row_count - count, self.row_count))
        elif isinstance(event, LeftStore):
            self.emit(Removed(event.positions))
        elif isinstance(event, Changed):
            if self._meet(sorted(ordinal for ordinal in event.ids if isinstance(ordinal, int))):
                self._columns_changed()
            self.emit(event)

    def _meet(self, ordinals: Sequence[int]) -> bool:
        """Look at a sample of these items; whether there are new columns."""
        new = self._attributes.look_at(len(ordinals), lambda place: self.store.raw(ordinals[place]))
        room = self._most_columns - len(self._names)
        made = [name for name in new if name not in self._names][: max(0, room)]
        self._names += made
        self._numeric |= {name for name in (*made, *self._asked_keys) if self._attributes.is_numeric(name)}
        return bool(made)
