"""Columns of kinds as columns of rows: display text to cells, what is missing sorts last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbtui.domain import rows
from dbtui.domain.clock import Clock
from dbtui.domain.models import Resource
from dbtui.domain.rows import Cell, CellKind, ColumnSpec
from dbtui.domain.scope import Target
from dbtui.resources import Column, Text

_MISSING = frozenset({"", "–", "…"})
_LEAST_IMPORTANT = 10
_STATUS_WIDTH = 18
"""A status is what people look for first, so it gives way late: ``◐ backing-up 64 %``."""
_STRETCHING = frozenset({"description", "source"})


def to_cell(text: Text) -> Cell:
    """A cell that shows the text; a dash or nothing without a sort key is an absent value."""
    if text.sort_key is None and text.text in _MISSING:
        return Cell(text.text or " ", text.style, CellKind.ABSENT)
    return Cell(text.text, text.style, sort_key=_sort_key(text.sort_key))


def _sort_key(key: Any) -> Any:
    """Tuples, which some columns sort by, as text that sorts alike."""
    if isinstance(key, tuple):
        return "\0".join(f"{part:08}" if isinstance(part, int) else str(part) for part in key)
    return key


def row_column(column: Column[Any], clock: Clock) -> rows.Column[Resource]:
    """The column of a list source; its cells are as of the time they were first drawn."""
    spec = ColumnSpec(
        column.key,
        column.title,
        min_width=max(column.min_width, _STATUS_WIDTH) if column.key == "status" else column.min_width,
        max_width=column.max_width,
        align="right" if column.align == "right" else "left",
        frozen=column.frozen,
        priority=_LEAST_IMPORTANT - column.priority + column.frozen,  # the name gives way last of all
        weight=1 if column.key in _STRETCHING else 0,
    )
    value = column.value
    return rows.Column(spec, lambda model: to_cell(value(model, clock())))


def scope_column(targets: Sequence[Target]) -> Column[Any]:
    """Shown when a list merges several scopes; says only in what they differ."""
    one_profile = len({target.profile for target in targets}) == 1
    one_region = len({target.region for target in targets}) == 1

    def name(model: Resource) -> str:
        scope = model.ref.scope
        return scope.region if one_profile else (scope.profile or "default") if one_region else scope.label

    return Column(
        "scope",
        "region" if one_profile else "profile" if one_region else "scope",
        lambda model, now: Text(name(model), "muted", name(model)),
        min_width=9,
        max_width=36,
        priority=1,
    )
