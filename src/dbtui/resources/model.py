"""What a kind is: one descriptor from which lists, details, jumps, palette, help, commands and completion derive."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

from dbtui.domain.models import Resource
from dbtui.domain.scope import Target
from dbtui.domain.states import StatusInfo
from dbtui.gateway.protocol import Gateway, Page

M = TypeVar("M", bound=Resource)


@dataclass(frozen=True, slots=True)
class Text:
    """Display text with a style key (see ui/widgets/record_table) and what it sorts by."""

    text: str
    style: str = ""
    sort_key: Any = None


@dataclass(frozen=True, slots=True)
class Column(Generic[M]):
    """One column of a kind's list. ``value`` gets the model and the present time; ``priority`` 0 is dropped last."""

    key: str
    title: str
    value: Callable[[M, datetime], Text]
    align: str = "left"
    min_width: int = 4
    max_width: int = 40
    priority: int = 0
    frozen: bool = False


class Field(msgspec.Struct, frozen=True):
    """One labelled line of a detail section; ``copy`` is what ``y`` copies when it differs from the text.

    ``place`` makes the line a link: enter opens it.
    """

    label: str
    text: str
    style: str = ""
    copy: str = ""
    place: str = ""


class Section(msgspec.Struct, frozen=True):
    """A titled group of fields in a detail screen."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What a list is asked for: nothing means everything."""

    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind(Generic[M]):
    """A resource kind. A new kind is one of these in :data:`dbtui.resources.ALL`, plus its gateway call.

    ``listing`` yields every page; ``get`` raises NOT_FOUND; ``complete`` adds what only a detail needs (tags, TTL,
    PITR), tolerating what is forbidden; ``describe`` turns a name-only row into a full one (tables).
    ``export`` gives the kind's own members of the JSON object (the shared ones are added by the caller).
    """

    name: str
    plural: str
    title: str
    aliases: tuple[str, ...]
    service: str
    arn_type: str
    columns: tuple[Column[M], ...]
    listing: Callable[[Gateway, Target, Query], AsyncIterator[Page[M]]]
    get: Callable[[Gateway, Target, str], Awaitable[M]]
    status: Callable[[M], StatusInfo]
    sections: Callable[[M, datetime], tuple[Section, ...]]
    export: Callable[[M], dict[str, Any]]
    operation: str
    """The operation that lists the kind, for 'access denied' texts and help."""
    headline: Callable[[M], str] = lambda model: ""
    """A short description beside the status in the detail's title: engine, class."""
    complete: Callable[[Gateway, M], Awaitable[M]] | None = None
    describe: Callable[[Gateway, M], Awaitable[M]] | None = None
    id_from_arn: Callable[[str], str] = lambda path: path
    arn_from_id: Callable[[str], str] = lambda identifier: identifier
    group: Callable[[M], str] = lambda model: ""
    """The id of the resource a row is shown under (a cluster's member), or the empty string."""
    filters: dict[str, Callable[[M], str]] = field(default_factory=dict)
    """More words the list filter understands, as ``word=value``."""
    related: Callable[[M], tuple[tuple[str, str], ...]] = lambda model: ()
    """(label, place without scope) of neighbours: cluster, source, snapshots."""
    filterable_by_ids: bool = True
    """Whether the list call takes ids, so that rows in transition share one call."""
    help: str = ""
