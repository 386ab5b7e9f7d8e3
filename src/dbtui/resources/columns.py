"""Column and field builders shared by the descriptors: status words, sizes, times, flags."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from dbtui.domain import states, units
from dbtui.domain.models import Resource, Tags
from dbtui.domain.states import State, StatusInfo
from dbtui.resources.model import Column, Field, Section, Text

M = TypeVar("M", bound=Resource)

NONE = "–"
_ORDER = {State.ATTENTION: 0, State.BUSY: 1, State.UNKNOWN: 2, State.STOPPED: 3, State.OK: 4}


def status_text(status: str, info: StatusInfo, percent: int | None = None) -> Text:
    """Glyph, word and style of a status; sorted by how much it wants attention."""
    progress = f" {percent} %" if percent is not None and info.transitional else ""
    word = status.lower() or "…"
    return Text(
        f"{states.GLYPHS[info.state]} {word}{progress}",
        style=f"status-{info.state}",
        sort_key=(_ORDER[info.state], status),
    )


def text(value: str | None, style: str = "") -> Text:
    return Text(value, style, value.casefold()) if value else Text(NONE, "muted", None)


def flag(value: bool | None, *, good: bool | None = None) -> Text:
    """``yes`` or ``no``; the answer that is not ``good`` is shown as a warning."""
    if value is None:
        return Text(NONE, "muted", None)
    style = "" if good is None or value is good else "warn"
    return Text("yes" if value else "no", style, value)


def number(value: int | None, shown: Callable[[int | None], str] = units.count) -> Text:
    return Text(shown(value), "number" if value is not None else "muted", value)


def created_column(key: str = "created", title: str = "created", priority: int = 5) -> Column[M]:
    return Column(
        key,
        title,
        lambda model, now: Text(units.day_or_time(model.created_at, now), "muted", model.created_at),
        min_width=10,
        max_width=16,
        priority=priority,
    )


def field(label: str, value: object, *, style: str = "", copy: str = "", place: str = "") -> Field:
    """A labelled line; ``None`` and ``""`` read as an en dash."""
    if value is None or value == "":
        return Field(label, NONE, "muted")
    if isinstance(value, bool):
        value = "yes" if value else "no"
    return Field(label, str(value), style, copy=copy, place=place)


def tags_section(tags: Tags) -> Section:
    fields = tuple(field(key, value or '""') for key, value in sorted(tags))
    return Section("Tags", fields or (Field("tags", "none", "muted"),))


def in_time(moment: datetime | None, now: datetime) -> str:
    """``2026-11-23 09:15:07 UTC, in 3 d 4 h`` or ``…, 4 min ago``."""
    if moment is None:
        return ""
    ahead = units.utc(moment) - units.utc(now)
    distance = f"in {units.duration(ahead)}" if ahead.total_seconds() > 0 else f"{units.duration(-ahead)} ago"
    return f"{units.moment(moment)}, {distance}"
