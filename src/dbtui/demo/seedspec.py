"""Which world to begin with: `company`, `empty`, or `fleet:N[,tables:M][,snapshots:K]`."""

from __future__ import annotations

from dataclasses import dataclass, replace


class SeedSyntaxError(ValueError):
    """A seed that does not exist."""


@dataclass(frozen=True)
class SeedSpec:
    name: str
    instances: int = 0
    tables: int = 0
    snapshots: int = 0


def parse_seed(text: str) -> SeedSpec:
    if text in ("company", "empty"):
        return SeedSpec(text)
    spec = SeedSpec("fleet")
    parts = text.split(",")
    if not parts[0].startswith("fleet:"):
        raise SeedSyntaxError(f"unknown seed {text!r}; known: company, empty, fleet:N[,tables:M][,snapshots:K]")
    for part in parts:
        name, _, count = part.partition(":")
        if name not in ("fleet", "tables", "snapshots") or not count.isdigit():
            raise SeedSyntaxError(f"bad part {part!r} in seed {text!r}; write fleet:N[,tables:M][,snapshots:K]")
        if name == "fleet":
            spec = replace(spec, instances=int(count))
        elif name == "tables":
            spec = replace(spec, tables=int(count))
        else:
            spec = replace(spec, snapshots=int(count))
    return spec
