"""What a filter sees of a resource: the attributes of every kind, the kind's own words, and its columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from dbtui.domain import filters
from dbtui.domain.models import Resource
from dbtui.resources.model import Kind
from dbtui.resources.registry import kind_of

_SHARED: dict[str, Callable[[Resource], str]] = {
    "id": lambda resource: resource.id,
    "name": lambda resource: resource.name,
    "status": lambda resource: resource.status,
    "state": lambda resource: str(kind_of(resource.ref).status(resource).state),
    "kind": lambda resource: resource.ref.kind,
    "profile": lambda resource: resource.ref.scope.profile,
    "region": lambda resource: resource.ref.scope.region,
}


def attributes(kinds: Sequence[Kind[Any]]) -> list[str]:
    """The attributes ``word=value`` understands for these kinds, columns apart."""
    return sorted({"tag", *_SHARED, *(word for kind in kinds for word in kind.filters)})


def unknown_attributes(text: str, kinds: Sequence[Kind[Any]]) -> list[str]:
    """Words before ``=`` in a filter that none of the kinds understands: most likely misspelt."""
    known = {
        *attributes(kinds),
        *(name for kind in kinds for c in kind.columns for name in (c.key, c.title.casefold())),
    }
    return [term.key for term in filters.parse(text) if term.key and term.key not in known]


def attribute(resource: Resource, name: str, now: datetime) -> Sequence[str] | None:
    """The texts of an attribute: a filter word of the kind, one that every kind has, or a column by key or title."""
    kind = kind_of(resource.ref)
    if name == "tag":
        return [f"{key}:{value}" for key, value in resource.tags]
    look = kind.filters.get(name) or _SHARED.get(name)
    if look is not None:
        return [look(resource)]
    columns = [column for column in kind.columns if name in (column.key, column.title.casefold())]
    return [column.value(resource, now).text for column in columns] or None


def shown(resource: Resource, now: datetime) -> Iterable[str]:
    """What a row of the resource shows, and its names."""
    yield from (column.value(resource, now).text for column in kind_of(resource.ref).columns)
    yield resource.id
    yield resource.name


def predicate(text: str) -> Callable[[Resource, datetime], bool]:
    """Whether a resource passes the filter. The empty filter lets everything pass."""
    terms = filters.parse(text)

    def passes(resource: Resource, now: datetime) -> bool:
        return filters.matches(terms, lambda: shown(resource, now), lambda name: attribute(resource, name, now))

    return passes
