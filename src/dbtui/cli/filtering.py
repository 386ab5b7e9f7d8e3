"""``--filter TEXT``: every word must hold; ``word=value`` looks at one attribute, other words anywhere in the row.

A word with ``!`` before it must not hold. The same words filter a list in the terminal interface.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from dbtui.domain.models import Resource
from dbtui.resources import Kind, kind_of

Predicate = Callable[[Resource, datetime], bool]

_SHARED: dict[str, Callable[[Resource], str]] = {
    "id": lambda resource: resource.id,
    "name": lambda resource: resource.name,
    "status": lambda resource: resource.status,
    "state": lambda resource: str(kind_of(resource.ref).status(resource).state),
    "kind": lambda resource: resource.ref.kind,
    "profile": lambda resource: resource.ref.scope.profile,
    "region": lambda resource: resource.ref.scope.region,
}


def words_of(kinds: Sequence[Kind[Any]]) -> list[str]:
    """The attributes ``word=value`` understands for these kinds."""
    return sorted({"tag", *_SHARED, *(word for kind in kinds for word in kind.filters)})


def predicate(text: str) -> Predicate:
    """Whether a resource passes the filter; case does not matter. The empty filter lets everything pass."""
    words = text.casefold().split()

    def passes(resource: Resource, now: datetime) -> bool:
        return all(_holds(word.removeprefix("!"), resource, now) is not word.startswith("!") for word in words)

    return passes


def _holds(word: str, resource: Resource, now: datetime) -> bool:
    attribute, equals, value = word.partition("=")
    if equals and (texts := _attribute(attribute, resource, now)) is not None:
        return any(value in text.casefold() for text in texts)
    shown = (column.value(resource, now).text for column in kind_of(resource.ref).columns)
    return any(word in text.casefold() for text in (*shown, resource.id, resource.name))


def _attribute(name: str, resource: Resource, now: datetime) -> Sequence[str] | None:
    """The texts of an attribute: a filter word of the kind, one that every kind has, or a column by key or title."""
    kind = kind_of(resource.ref)
    if name == "tag":
        return [f"{key}:{value}" for key, value in resource.tags]
    look = kind.filters.get(name) or _SHARED.get(name)
    if look is not None:
        return [look(resource)]
    columns = [column for column in kind.columns if name in (column.key, column.title.casefold())]
    return [column.value(resource, now).text for column in columns] or None
