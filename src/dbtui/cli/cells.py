"""Rows of a list as table cells: the kinds' own columns, a scope column for several scopes, unions side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbtui.cli.render import TableCell, TableColumn
from dbtui.domain.models import Resource
from dbtui.domain.text import Align
from dbtui.resources import Column, Kind

_NONE = TableCell("–", "muted")


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a list and how a resource fills them."""

    columns: tuple[TableColumn, ...]
    cells: Callable[[Resource, datetime], tuple[TableCell, ...]]


def layout(kinds: Sequence[Kind[Any]], *, scopes: int, described: bool = True) -> Layout:
    """The columns of one kind, or the union of several kinds' columns by key, with a kind column.

    A kind that is listed by name alone and is not ``described`` has its frozen columns, which hold the name.
    """
    by_kind = {kind.name: {column.key: column for column in _columns(kind, described)} for kind in kinds}
    keys = list(dict.fromkeys(key for columns in by_kind.values() for key in columns))
    shown: dict[str, Column[Any]] = {}
    for columns in by_kind.values():
        shown = {**columns, **shown}
    first, *rest = [_table_column(shown[key]) for key in keys]
    extra = [TableColumn("kind", min_width=8)] if len(kinds) > 1 else []
    extra += [TableColumn("scope", min_width=10)] if scopes > 1 else []

    def cells(resource: Resource, now: datetime) -> tuple[TableCell, ...]:
        own = by_kind[resource.ref.kind]
        values = [_cell(own[key], resource, now) if key in own else _NONE for key in keys]
        added = [TableCell(resource.ref.kind)] if len(kinds) > 1 else []
        added += [TableCell(resource.ref.scope.label)] if scopes > 1 else []
        return (values[0], *added, *values[1:])

    return Layout((first, *extra, *rest), cells)


def _columns(kind: Kind[Any], described: bool) -> tuple[Column[Any], ...]:
    if described or kind.describe is None:
        return kind.columns
    return tuple(column for column in kind.columns if column.frozen)


def _table_column(column: Column[Any]) -> TableColumn:
    align: Align = "right" if column.align == "right" else "left"
    return TableColumn(column.title, align=align, min_width=column.min_width, priority=column.priority)


def _cell(column: Column[Any], resource: Resource, now: datetime) -> TableCell:
    text = column.value(resource, now)
    return TableCell(text.text, text.style)
