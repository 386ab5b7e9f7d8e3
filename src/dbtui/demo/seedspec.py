"""Which world to begin with: `company`, `empty`, `fleet:N[,tables:M][,snapshots:K]`, or `items:N[,size:B]`."""

from __future__ import annotations

from dataclasses import dataclass


class SeedSyntaxError(ValueError):
    """A seed that does not exist."""


KNOWN = "company, empty, fleet:N[,tables:M][,snapshots:K], items:N[,size:B]"
_FORMS = {
    "fleet": ({"fleet": "instances", "tables": "tables", "snapshots": "snapshots"}, "fleet:N[,tables:M][,snapshots:K]"),
    "items": ({"items": "items", "size": "item_size"}, "items:N[,size:B]"),
}
SMALLEST_ITEM, LARGEST_ITEM = 64, 409_600


@dataclass(frozen=True)
class SeedSpec:
    name: str
    instances: int = 0
    tables: int = 0
    snapshots: int = 0
    items: int = 0
    item_size: int = 400
    """Bytes, of each of `items`."""


def parse_seed(text: str) -> SeedSpec:
    if text in ("company", "empty"):
        return SeedSpec(text)
    kind = text.partition(":")[0]
    if kind not in _FORMS or ":" not in text:
        raise SeedSyntaxError(f"unknown seed {text!r}; known: {KNOWN}")
    fields, form = _FORMS[kind]
    counts: dict[str, int] = {}
    for part in text.split(","):
        name, _, count = part.partition(":")
        if name not in fields or not count.isdigit():
            raise SeedSyntaxError(f"bad part {part!r} in seed {text!r}; write {form}")
        counts[fields[name]] = int(count)
    if not SMALLEST_ITEM <= counts.get("item_size", SMALLEST_ITEM) <= LARGEST_ITEM:
        raise SeedSyntaxError(f"seed {text!r}: an item has {SMALLEST_ITEM} to {LARGEST_ITEM} bytes")
    return SeedSpec(kind, **counts)
