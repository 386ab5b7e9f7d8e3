"""The filter over loaded items: words of ``/`` looked for in whole values, not only in what a cell has room for."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence

from dbtui.domain import filters
from dbtui.domain.row_view import ViewSource
from dbtui.domain.values import Value, content, type_of
from dbtui.domain.wire import attribute, attribute_names, decode_item
from dbtui.items.needles import Needles
from dbtui.items.rows import ItemRows
from dbtui.items.store import ItemStore

Predicate = Callable[[int], bool]


def texts_of(value: Value) -> Iterator[str]:
    """Every text in a value as a person would write it: numbers verbatim, binary as base64."""
    kind, inner = type_of(value), content(value)
    if kind == "M":
        for each in inner.values():
            yield from texts_of(each)
    elif kind == "L":
        for each in inner:
            yield from texts_of(each)
    elif kind in ("SS", "NS", "BS"):
        yield from (_text(each) for each in inner)
    elif kind == "NULL":
        yield "null"
    elif kind == "BOOL":
        yield "true" if inner else "false"
    else:
        yield _text(inner)


def _text(inner: object) -> str:
    return base64.b64encode(inner).decode() if isinstance(inner, bytes) else str(inner)


class ItemSearch:
    """The words in force for one store of items; positions are those of its rows."""

    def __init__(self, store: ItemStore, rows: ItemRows, view: ViewSource) -> None:
        self._store = store
        self._rows = rows
        self._view = view

    def predicate(self, text: str) -> Predicate | None:
        """Which rows the filter keeps; ``None`` for all."""
        terms = filters.parse(text)
        if not terms:
            return None
        plain = [term.text for term in terms if not (term.negated or term.key)]
        needles = Needles(plain)
        all_plain = len(plain) == len(terms)
        return lambda row: self._matches(row, terms, needles, all_plain)

    def matcher(self, text: str) -> Predicate | None:
        """What ``n`` and ``N`` go to, by position in the view."""
        found = self.predicate(text)
        return None if found is None else lambda row: found(self._view.base_row(row))

    def _matches(self, row: int, terms: Sequence[filters.Term], needles: Needles, all_plain: bool) -> bool:
        raw = self._store.raw(self._store.ordinal_at(row))
        # Most items are ruled in or out by their bytes alone, without being decoded.
        verdict = needles.verdict(raw)
        if verdict is False or (verdict and all_plain):
            return bool(verdict)

        def everywhere() -> Iterator[str]:
            for value in decode_item(raw).values():
                yield from texts_of(value)

        def of_attribute(name: str) -> list[str] | None:
            named = [own for own in attribute_names(raw) if own.casefold() == name]
            if not named and name not in {spec.key.casefold() for spec in self._rows.columns}:
                return None
            values = [value for own in named if (value := attribute(raw, own)) is not None]
            return [text for value in values for text in texts_of(value)]

        try:
            return filters.matches(terms, everywhere, of_attribute)
        except ValueError:  # no item can be read from these bytes; its cells show them, too
            return filters.matches(terms, lambda: (bytes(raw).decode("utf-8", "replace"),), lambda name: None)
