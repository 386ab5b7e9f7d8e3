"""ALL, the explicit tuple of kinds, and everything that is looked up in it: words, places, ARNs, JSON objects."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import msgspec

from dbtui.domain import units
from dbtui.domain.failures import UsageError
from dbtui.domain.models import Resource
from dbtui.domain.place import Arn, Place, is_arn, is_item, parse_arn, parse_place
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.resources.backup import BACKUP
from dbtui.resources.cluster import CLUSTER
from dbtui.resources.instance import INSTANCE
from dbtui.resources.model import Kind
from dbtui.resources.parameter_group import PARAMETER_GROUP
from dbtui.resources.snapshots import CLUSTER_SNAPSHOT, INSTANCE_SNAPSHOT
from dbtui.resources.table import TABLE

ALL: tuple[Kind[Any], ...] = (
    INSTANCE,
    CLUSTER,
    INSTANCE_SNAPSHOT,
    CLUSTER_SNAPSHOT,
    TABLE,
    BACKUP,
    PARAMETER_GROUP,
)

UNIONS: dict[str, tuple[Kind[Any], ...]] = {
    "snapshots": (INSTANCE_SNAPSHOT, CLUSTER_SNAPSHOT, BACKUP),
}
"""Words that mean several kinds at once."""

_UNION_ALIASES = {"snapshot": "snapshots", "snap": "snapshots", "snaps": "snapshots"}


class Located(msgspec.Struct, frozen=True):
    """A place understood: its kind, AWS's id, what is inside it, and the targets to look in."""

    kind: Kind[Any]
    id: str
    sub: tuple[str, ...]
    targets: tuple[Target, ...]
    account: str | None = None
    query: tuple[tuple[str, str], ...] = ()
    """Of an item's place, the key of the item in its table (see :mod:`dbtui.domain.item_place`)."""


def words(kind: Kind[Any]) -> tuple[str, ...]:
    """Every word that names the kind."""
    return (kind.name, kind.plural, *kind.aliases)


def kinds_named(word: str) -> tuple[Kind[Any], ...]:
    """The kind, or the kinds of a union, that a word names; raises :class:`UsageError` with near matches."""
    lowered = word.lower()
    union = UNIONS.get(_UNION_ALIASES.get(lowered, lowered))
    if union is not None:
        return union
    for kind in ALL:
        if lowered in words(kind):
            return (kind,)
    known = [name for kind in ALL for name in words(kind)] + list(UNIONS)
    near = difflib.get_close_matches(lowered, known, n=3, cutoff=0.6)
    hint = (
        f"Did you mean {' or '.join(near)}?" if near else f"Kinds: {', '.join(kind.plural for kind in ALL)}, snapshots."
    )
    raise UsageError(f"unknown kind: {word}.", hint=hint)


def kind_named(word: str) -> Kind[Any]:
    """The one kind a word names; a union is refused."""
    found = kinds_named(word)
    if len(found) > 1:
        raise UsageError(f"{word} means several kinds.", hint=f"Use one of: {', '.join(kind.name for kind in found)}.")
    return found[0]


def kind_of(ref: ResourceRef) -> Kind[Any]:
    return kind_named(ref.kind)


def locate(text: str, targets: Sequence[Target]) -> Located:
    """Understands a place or an ARN among the targets in use; raises :class:`UsageError`.

    A place without a scope is looked for in every target. A scope or an ARN narrows the targets, and may name a
    region that is not among them (then the profile in use, or the one named, serves it). The place of an item leads
    to its table, with the key as ``query``.
    """
    if is_arn(text):
        return _locate_arn(parse_arn(text), text, targets)
    place = parse_place(text)
    if is_item(place):
        return Located(TABLE, place.id, (), _narrow(place.profile, place.region, targets), query=place.query)
    kind = kind_named(place.kind)
    if not place.id:
        raise UsageError(f"{text} names no {kind.name}.", hint=f"A place reads {kind.name}/NAME.")
    identifier, sub = _identifier(kind, place)
    return Located(kind, identifier, sub, _narrow(place.profile, place.region, targets))


def _identifier(kind: Kind[Any], place: Place) -> tuple[str, tuple[str, ...]]:
    """Backups are named by two parts; every other kind by one."""
    if kind is BACKUP and place.sub:
        return f"{place.id}/{place.sub[0]}", place.sub[1:]
    return place.id, place.sub


def _locate_arn(arn: Arn, text: str, targets: Sequence[Target]) -> Located:
    resource_type = arn.resource_type
    if arn.service == "dynamodb" and "/backup/" in arn.resource_path:
        resource_type = BACKUP.arn_type
    for kind in ALL:
        if (kind.service, kind.arn_type) == (arn.service, resource_type):
            path = kind.id_from_arn(arn.resource_path)
            identifier, sub = (path, ()) if kind is not TABLE else _table_path(path)
            return Located(kind, identifier, sub, _narrow(None, arn.region, targets), account=arn.account)
    raise UsageError(f"no kind of dbtui has this ARN: {text}", hint=f"Kinds: {', '.join(kind.name for kind in ALL)}.")


def _table_path(path: str) -> tuple[str, tuple[str, ...]]:
    name, *rest = path.split("/")
    return name, tuple(rest)


def _narrow(profile: str | None, region: str | None, targets: Sequence[Target]) -> tuple[Target, ...]:
    if region is None:
        return tuple(targets)
    fitting = tuple(t for t in targets if t.region == region and profile in (None, t.profile))
    if fitting or not targets:
        return fitting or (Target(profile or "", region),)
    profiles = [profile] if profile is not None else list(dict.fromkeys(t.profile for t in targets))
    return tuple(Target(name, region, targets[0].endpoint) for name in profiles)


def place_of(ref: ResourceRef) -> str:
    """The full place of a resource, scope included."""
    identifier, *sub = ref.id.split("/") if ref.kind == BACKUP.name else [ref.id]
    return str(Place(ref.kind, identifier, tuple(sub), profile=ref.scope.profile, region=ref.scope.region))


def short_place(ref: ResourceRef) -> str:
    """``KIND/ID`` without the scope."""
    return place_of(ref).partition(":")[2]


def scope_json(scope: Scope) -> dict[str, Any]:
    return {
        "profile": scope.profile or None,
        "account": scope.account if scope.account_known else None,
        "region": scope.region,
        "endpoint": scope.endpoint or None,
    }


def to_json(resource: Resource) -> dict[str, Any]:
    """The JSON object of a resource: the shared members, then the kind's own. Additive only."""
    kind = kind_of(resource.ref)
    shared = {
        "schema": 1,
        "kind": kind.name,
        "id": resource.id,
        "name": resource.name,
        "place": place_of(resource.ref),
        "arn": resource.arn or None,
        "status": resource.status or None,
        "state": str(kind.status(resource).state),
        "scope": scope_json(resource.ref.scope),
        "created_at": units.iso(resource.created_at),
    }
    return shared | {"tags": dict(resource.tags)} | kind.export(resource)
