"""Places: ``[PROFILE@REGION:]KIND/ID[/SUB…]`` and ARNs, the one way to name a resource everywhere.

Parts are percent-encoded, so an identifier with a slash, a colon or a comma survives. The kind is kept as typed;
:mod:`dbtui.resources` turns aliases and plurals into kinds.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

import msgspec

from dbtui.domain.failures import UsageError

ITEM = "item"
"""The word that begins the place of an item, which is no kind but a part of its table."""

_ITEM_WORDS = (ITEM, "items")
_SAFE = "-._~:$"
_SAFE_IN_QUERY = "-._~:$/,"


class Place(msgspec.Struct, frozen=True):
    """A parsed place. ``profile`` and ``region`` are ``None`` where the text left them to the defaults."""

    kind: str
    id: str = ""
    sub: tuple[str, ...] = ()
    profile: str | None = None
    region: str | None = None
    account: str | None = None
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        prefix = "" if self.region is None else f"{quote(self.profile or '', safe='-._~')}@{quote(self.region)}:"
        path = "/".join(quote(part, safe=_SAFE) for part in (self.kind, self.id, *self.sub) if part)
        pairs = "&".join(
            f"{quote(name, safe=_SAFE_IN_QUERY)}={quote(value, safe=_SAFE_IN_QUERY)}" for name, value in self.query
        )
        return f"{prefix}{path}" + (f"?{pairs}" if pairs else "")


class Arn(msgspec.Struct, frozen=True):
    """``arn:partition:service:region:account:resource``; ``resource`` keeps its colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @property
    def resource_type(self) -> str:
        """The word before the first ``:`` or ``/``: ``db``, ``snapshot``, ``table``."""
        return self.resource.replace("/", ":", 1).partition(":")[0]

    @property
    def resource_path(self) -> str:
        """What follows the resource type."""
        return self.resource.replace("/", ":", 1).partition(":")[2]


def is_arn(text: str) -> bool:
    return text.startswith("arn:")


def parse_arn(text: str) -> Arn:
    """Splits an ARN; raises :class:`UsageError` when a part is missing."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[2] or not parts[5]:
        raise UsageError(f"not an ARN: {text}", hint="An ARN reads arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE.")
    return Arn(*parts[1:])


def parse_place(text: str) -> Place:
    """Reads ``[PROFILE@REGION:]KIND[/ID[/SUB…]][?name=value…]``; raises :class:`UsageError`."""
    if not text or text != text.strip():
        raise UsageError("an empty place", hint="A place reads KIND/ID, for example instance/orders-db.")
    head, _, query = text.partition("?")
    profile, region, path = _split_prefix(head)
    kind, *rest = [unquote(part) for part in path.split("/")]
    if not kind:
        raise UsageError(f"a place without a kind: {text}", hint="A place reads KIND/ID, for example table/orders.")
    if "" in rest:
        raise UsageError(f"a place with an empty part: {text}", hint="Write a slash inside a name as %2F.")
    identifier, sub = (rest[0], tuple(rest[1:])) if rest else ("", ())
    return Place(kind, identifier, sub, profile=profile, region=region, query=_pairs(query))


def _pairs(query: str) -> tuple[tuple[str, str], ...]:
    """``name=value&…``, each percent-encoded; a plus sign is a plus sign, so that base64 may be typed as it is."""
    pairs = []
    for text in query.split("&") if query else []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError(f"{text!r} does not read NAME=VALUE.", hint="After ? a place reads NAME=VALUE&NAME=VALUE.")
        try:
            pairs.append((unquote(name, errors="strict"), unquote(value, errors="strict")))
        except UnicodeDecodeError:
            raise UsageError(f"{text!r} is no UTF-8 when decoded.", hint="Binary keys are written as base64.") from None
    return tuple(pairs)


def is_item(place: Place) -> bool:
    """Whether it is the place of an item; raises :class:`UsageError` when it is a broken one."""
    if place.kind.lower() not in _ITEM_WORDS:
        return False
    if not place.id or place.sub or not place.query:
        raise UsageError("the place of an item reads item/TABLE?KEY=VALUE, with every key attribute.")
    return True


def _split_prefix(head: str) -> tuple[str | None, str | None, str]:
    first_part = head.partition("/")[0]
    if ":" not in first_part:
        return None, None, head
    prefix, _, path = head.partition(":")
    profile, at, region = prefix.rpartition("@")
    if not at or not region:
        raise UsageError(f"not a scope: {prefix}:", hint="A scope reads PROFILE@REGION: before the kind.")
    return unquote(profile), unquote(region), path
