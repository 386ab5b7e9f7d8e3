"""The words of a list's filter: ``prod stopped``, ``status=stopped``, ``!aurora``. All of them must hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbtui.domain.rows import Cell, ColumnSpec


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter; ``key`` names a column or a filter word of the kind, and is empty for 'anywhere'."""

    text: str
    key: str = ""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What a filter looks at: the cells by column, and further values by the kind's filter words."""

    columns: Sequence[ColumnSpec]
    cells: Sequence[Cell]
    more: Mapping[str, Callable[[Any], str]]
    model: Any


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a filter. A lone ``!`` or ``key=`` is still being typed and means nothing yet."""
    return tuple(term for word in text.casefold().split() if (term := _term(word)).text)


def _term(word: str) -> Term:
    negated = word.startswith("!")
    body = word[1:] if negated else word
    key, equals, value = body.partition("=")
    return Term(value, key, negated) if equals and key else Term(body, "", negated)


def matches(terms: Sequence[Term], row: Row) -> bool:
    """Whether every term holds for the row."""
    return all(_holds(term, row) is not term.negated for term in terms)


def _holds(term: Term, row: Row) -> bool:
    if not term.key:
        return any(term.text in cell.text.casefold() for cell in row.cells)
    for spec, cell in zip(row.columns, row.cells, strict=True):
        if term.key in (spec.key, spec.title.casefold()):
            return term.text in cell.text.casefold()
    getter = row.more.get(term.key)
    if getter is not None:
        return term.text in getter(row.model).casefold()
    return any(f"{term.key}={term.text}" in cell.text.casefold() for cell in row.cells)
