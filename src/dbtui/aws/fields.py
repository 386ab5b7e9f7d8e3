"""Reading fields out of AWS's replies: a field that is missing, null or of another type is absent, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dbtui.domain.models import Tags

Reply = Mapping[str, Any]


def text(raw: Reply, name: str) -> str:
    """A text field; absent is ``""``."""
    value = raw.get(name)
    return "" if value is None else str(value)


def number(raw: Reply, name: str) -> int | None:
    """A whole number."""
    value = raw.get(name)
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def decimal(raw: Reply, name: str) -> float | None:
    """A number that may have a fraction (Aurora capacity units)."""
    value = raw.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def flag(raw: Reply, name: str) -> bool | None:
    """A yes or no; absent is ``None``, never no."""
    value = raw.get(name)
    return value if isinstance(value, bool) else None


def moment(raw: Reply, name: str) -> datetime | None:
    """A timestamp, aware, in UTC."""
    value = raw.get(name)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def part(raw: Reply, name: str) -> Reply:
    """A nested structure; absent is empty."""
    value = raw.get(name)
    return value if isinstance(value, Mapping) else {}


def parts(raw: Reply, name: str) -> tuple[Reply, ...]:
    """A list of structures."""
    value = raw.get(name)
    return tuple(entry for entry in value if isinstance(entry, Mapping)) if isinstance(value, list | tuple) else ()


def texts(raw: Reply, name: str) -> tuple[str, ...]:
    """A list of texts."""
    value = raw.get(name)
    return tuple(str(entry) for entry in value) if isinstance(value, list | tuple) else ()


def tags(raw: Reply, name: str) -> Tags:
    """A list of Key and Value structures, in AWS's order."""
    return tuple((text(entry, "Key"), text(entry, "Value")) for entry in parts(raw, name))
