"""Rows of a list, independent of who draws them: cells, columns, change events, and a list of models as rows.

A `RowSource` is what every table shows. Rows have a position, which changes, and an id, which does not; cursor, marks
and events speak of ids. `row_view.ViewSource` sorts and filters any source.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, runtime_checkable

from dbtui.domain.text import Align

M = TypeVar("M")
RowId: TypeAlias = Hashable
SortKey: TypeAlias = "str | int | float | Decimal | bool | bytes | date | datetime | None"


class CellKind(enum.Enum):
    """What is (not) there: DynamoDB tells a missing attribute, NULL and an empty text apart, so do we."""

    VALUE = "value"
    ABSENT = "absent"
    NULL = "null"
    EMPTY = "empty"


class Cell(NamedTuple):
    """One cell as shown.

    `style` is a key such as `status-ok`, `muted`, `number`; the table knows its colours. A cell that is not a value
    may leave `text` empty: the table then shows the sign of its kind. Without `sort_key` the text sorts.
    """

    text: str = ""
    style: str = ""
    kind: CellKind = CellKind.VALUE
    sort_key: SortKey = None


ABSENT: Final = Cell(kind=CellKind.ABSENT)
NULL: Final = Cell(kind=CellKind.NULL)
EMPTY: Final = Cell(kind=CellKind.EMPTY)


def text_cell(text: str | None, style: str = "") -> Cell:
    """A cell of plain text; None is absent, an empty text is shown as such."""
    if text is None:
        return ABSENT
    return Cell(text, style) if text else EMPTY


def number_cell(number: int | float | Decimal | None, text: str | None = None, style: str = "number") -> Cell:
    """A cell that sorts as the number; `text` is how it is written, by default with digits grouped by commas."""
    if number is None:
        return ABSENT
    return Cell(f"{number:,}" if text is None else text, style, sort_key=number)


def indented(cell: Cell, prefix: str) -> Cell:
    """The cell with a tree prefix before its text, sorting as before."""
    key = cell.text if cell.sort_key is None and cell.kind is CellKind.VALUE else cell.sort_key
    return cell._replace(text=prefix + cell.text, sort_key=key)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """How a column is laid out. Widths are in cells, without the gap between columns.

    A column that wants more than `comfort` cells gives way down to these, not to `min_width`, before one has to scroll.
    `weight` is the share of spare width the column takes (0: none; if no column has one, the last takes all).
    When columns do not fit, those of the lowest `priority` give way first (down to `min_width`); what still does not
    fit is reached by scrolling sideways. `frozen` columns come first and stay in sight.
    """

    key: str
    title: str
    min_width: int = 3
    max_width: int = 40
    weight: int = 0
    align: Align = "left"
    frozen: bool = False
    priority: int = 0
    tooltip: str = ""
    sortable: bool = True
    comfort: int = 0


@dataclass(frozen=True, slots=True)
class Appended:
    """Rows start ≤ i < stop are new, at the end."""

    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Changed:
    """The cells of these rows changed; positions did not."""

    ids: frozenset[RowId]


@dataclass(frozen=True, slots=True)
class Reset:
    """Anything may have changed: rows, order, columns."""


@dataclass(frozen=True, slots=True)
class Removed:
    """The rows at these positions, ascending and counted before any left, are gone; those after them moved up."""

    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ColumnsChanged:
    """Other columns, or the same ones shown otherwise; rows and their order stay."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Work goes on or has ended (`complete` may have changed); `total` is None when nobody knows."""

    done: int
    total: int | None = None


RowEvent: TypeAlias = Appended | Changed | Removed | ColumnsChanged | Reset | Progress
Subscriber: TypeAlias = Callable[[RowEvent], None]
Unsubscribe: TypeAlias = Callable[[], None]


@runtime_checkable
class RowSource(Protocol):
    """Rows by position, with stable ids. All methods are cheap and synchronous."""

    @property
    def columns(self) -> Sequence[ColumnSpec]: ...

    @property
    def row_count(self) -> int: ...

    @property
    def complete(self) -> bool:
        """False while more rows may come."""
        ...

    @property
    def revision(self) -> int:
        """Grows with every event but `Progress`."""
        ...

    def row_id(self, row: int) -> RowId: ...

    def index_of(self, row_id: RowId) -> int | None: ...

    def version(self, row: int) -> int:
        """Differs from an earlier version of the same row id if its cells do."""
        ...

    def cells(self, row: int) -> Sequence[Cell]: ...

    def cell(self, row: int, column: int) -> Cell:
        """One cell, without making the others: sorting a million rows asks for one column."""
        ...

    def subscribe(self, subscriber: Subscriber) -> Unsubscribe: ...


class Emitter:
    """Calls subscribers in the order in which they came."""

    def __init__(self) -> None:
        self._subscribers: list[Subscriber] = []
        self._revision = 0

    @property
    def revision(self) -> int:
        return self._revision

    def subscribe(self, subscriber: Subscriber) -> Unsubscribe:
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def emit(self, event: RowEvent) -> None:
        if not isinstance(event, Progress):
            self._revision += 1
        for subscriber in tuple(self._subscribers):
            subscriber(event)


@dataclass(frozen=True, slots=True)
class Column(Generic[M]):
    """A column of a `ListSource`: how it is laid out and how a model fills it."""

    spec: ColumnSpec
    cell: Callable[[M], Cell]


@dataclass(frozen=True, slots=True)
class Diff:
    """What `ListSource.replace_all` found, by row id. `changed` rows were there before and are another now."""

    changed: frozenset[RowId] = frozenset()
    added: frozenset[RowId] = frozenset()
    removed: frozenset[RowId] = frozenset()


class ListSource(Emitter, Generic[M]):
    """A list of models as rows. Models are compared with `==`; a repeated id keeps its first place, last model."""

    CELL_CACHE_ROWS: Final = 2048
    """Rows whose cells are kept; beyond, the cache starts afresh (the table keeps what it drew)."""

    def __init__(
        self,
        columns: Sequence[Column[M]],
        row_id: Callable[[M], RowId],
        models: Iterable[M] = (),
        *,
        complete: bool = True,
    ) -> None:
        super().__init__()
        self._getters = tuple(column.cell for column in columns)
        self._specs = tuple(column.spec for column in columns)
        self._id_of = row_id
        self._complete = complete
        self._versions: dict[RowId, int] = {}
        self._cells: dict[RowId, tuple[int, tuple[Cell, ...]]] = {}
        self._hold(self._by_id(models))

    def _by_id(self, models: Iterable[M]) -> dict[RowId, M]:
        id_of = self._id_of
        return {id_of(model): model for model in models}

    def _hold(self, models: dict[RowId, M]) -> None:
        self._ids = list(models)
        self._models = list(models.values())
        self._positions = dict(zip(self._ids, range(len(self._ids)), strict=True))

    @property
    def columns(self) -> Sequence[ColumnSpec]:
        return self._specs

    @property
    def row_count(self) -> int:
        return len(self._ids)

    @property
    def complete(self) -> bool:
        return self._complete

    @complete.setter
    def complete(self, complete: bool) -> None:
        if complete != self._complete:
            self._complete = complete
            self.emit(Progress(self.row_count, self.row_count if complete else None))

    @property
    def models(self) -> Sequence[M]:
        """The models in order; not to be changed."""
        return self._models

    def model(self, row_id: RowId) -> M | None:
        row = self._positions.get(row_id)
        return None if row is None else self._models[row]

    def row_id(self, row: int) -> RowId:
        return self._ids[row]

    def index_of(self, row_id: RowId) -> int | None:
        return self._positions.get(row_id)

    def version(self, row: int) -> int:
        return self._versions.get(self._ids[row], 0)

    def cells(self, row: int) -> Sequence[Cell]:
        row_id = self._ids[row]
        version = self._versions.get(row_id, 0)
        cached = self._cells.get(row_id)
        if cached is not None and cached[0] == version:
            return cached[1]
        model = self._models[row]
        cells = tuple(getter(model) for getter in self._getters)
        if len(self._cells) >= self.CELL_CACHE_ROWS:
            self._cells.clear()
        self._cells[row_id] = (version, cells)
        return cells

    def cell(self, row: int, column: int) -> Cell:
        return self._getters[column](self._models[row])

    def replace_all(self, models: Iterable[M]) -> Diff:
        """Show these models instead, in this order. Tells subscribers as little as is true: nothing if all is equal."""
        new = self._by_id(models)
        old_ids, old = self._ids, self._positions
        changed = frozenset(
            row_id for row_id, model in new.items() if row_id in old and self._models[old[row_id]] != model
        )
        added = frozenset(row_id for row_id in new if row_id not in old)
        removed = frozenset(row_id for row_id in old_ids if row_id not in new)
        if not (changed or added or removed) and list(new) == old_ids:
            return Diff()
        # A row that leaves keeps its version, so that it cannot come back looking like the one that left.
        self._bump(changed | removed)
        self._hold(new)
        start = len(old_ids)
        if self._ids[:start] != old_ids:
            self.emit(Reset())
        else:
            self._emit_changed(changed)
            self._emit_appended(start)
        return Diff(changed, added, removed)

    def append(self, models: Iterable[M]) -> None:
        """Add rows at the end; a model whose id is here already replaces that row in place."""
        self.update(models)

    def update(self, models: Iterable[M]) -> frozenset[RowId]:
        """Replace the rows of these ids, append the others. Returns the ids of the rows that changed."""
        changed, start = set(), len(self._ids)
        for model in models:
            row_id = self._id_of(model)
            row = self._positions.get(row_id)
            if row is None:
                self._positions[row_id] = len(self._ids)
                self._ids.append(row_id)
                self._models.append(model)
            elif self._models[row] != model:
                self._models[row] = model
                if row < start:
                    changed.add(row_id)
        self._bump(changed)
        self._emit_changed(frozenset(changed))
        self._emit_appended(start)
        return frozenset(changed)

    def remove(self, ids: Iterable[RowId]) -> None:
        """Take these rows out; unknown ids are ignored."""
        gone = {row_id for row_id in ids if row_id in self._positions}
        if gone:
            self._bump(gone)
            kept = zip(self._ids, self._models, strict=True)
            self._hold({row_id: model for row_id, model in kept if row_id not in gone})
            self.emit(Reset())

    def touch(self, ids: Iterable[RowId]) -> None:
        """Make the cells of these rows anew although the models are the same: a clock or a setting moved on."""
        known = frozenset(row_id for row_id in ids if row_id in self._positions)
        self._bump(known)
        self._emit_changed(known)

    def set_columns(self, columns: Sequence[Column[M]]) -> None:
        """Show other columns of the same models."""
        self._getters = tuple(column.cell for column in columns)
        self._specs = tuple(column.spec for column in columns)
        self._bump(self._ids)
        self._cells.clear()
        self.emit(Reset())

    def _bump(self, ids: Iterable[RowId]) -> None:
        for row_id in ids:
            self._versions[row_id] = self._versions.get(row_id, 0) + 1

    def _emit_changed(self, ids: frozenset[RowId]) -> None:
        if ids:
            self.emit(Changed(ids))

    def _emit_appended(self, start: int) -> None:
        if len(self._ids) > start:
            self.emit(Appended(start, len(self._ids)))


# Ranks of sort keys of different types: a column of DynamoDB items may hold them all.
_NUMBER, _TIME, _TEXT, _BYTES = 1, 2, 3, 4
MISSING_RANK: Final = 5


def order_key(cell: Cell) -> tuple[int, Any]:
    """(rank of the type, comparable value) of a cell. Missing cells and NaN have `MISSING_RANK` and sort last."""
    key = cell.sort_key
    if key is None:
        return (_TEXT, cell.text.casefold()) if cell.kind is CellKind.VALUE else (MISSING_RANK, None)
    if isinstance(key, str):
        return _TEXT, key.casefold()
    if isinstance(key, (int, float, Decimal)):
        # NaN is the only number that is not itself.
        return (_NUMBER, key) if key == key else (MISSING_RANK, None)  # noqa: PLR0124
    if isinstance(key, datetime):
        return _TIME, key.timestamp()
    if isinstance(key, date):
        return _TIME, datetime(key.year, key.month, key.day).timestamp()
    return _BYTES, bytes(key)


def text_filter(source: RowSource, words: str) -> Callable[[int], bool]:
    """A filter by text: every word must occur in some cell of the row, regardless of case."""
    needles = words.casefold().split()

    def matches(row: int) -> bool:
        haystack = "\n".join(cell.text for cell in source.cells(row)).casefold()
        return all(needle in haystack for needle in needles)

    return matches
