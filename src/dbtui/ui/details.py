"""What a detail shows of a resource: the kind's sections as document items, or AWS's own structure."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from dbtui.domain import states, units
from dbtui.domain.failures import Failure
from dbtui.domain.models import Resource
from dbtui.domain.text import escape
from dbtui.resources import Kind
from dbtui.ui.widgets.document import Entry, Heading, Item, Plain
from dbtui.ui.widgets.frame import Piece

STATUS_COLOURS = {
    states.State.OK: "$text-success",
    states.State.BUSY: "$text-primary",
    states.State.STOPPED: "$foreground-muted",
    states.State.ATTENTION: "bold $text-error",
    states.State.UNKNOWN: "",
}


def items(kind: Kind[Any], model: Resource, now: datetime, failure: Failure | None = None) -> list[Item]:
    """The sections of a resource; what could not be read in addition is said first."""
    shown: list[Item] = []
    if failure is not None:
        shown += [
            Entry("not read", failure.title, "warn"),
            *([Entry("", failure.hint, "muted")] if failure.hint else []),
        ]
    for section in kind.sections(model, now):
        shown.append(Heading(section.title))
        shown += [Entry(f.label, f.text, f.style, copy=f.copy, link=f.place) for f in section.fields]
    related = kind.related(model)
    if related:
        shown.append(Heading("Related"))
        shown += [Entry(label, place, link=place) for label, place in related]
    return shown


def raw_items(model: Resource) -> list[Item]:
    """AWS's reply as JSON, a line at a time."""
    return [Plain(line) for line in raw_json(model).splitlines()]


def raw_json(model: Resource) -> str:
    """What AWS sent, readable; times in ISO 8601, binary in base64."""
    return json.dumps(model.raw, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return units.iso(value) or ""
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return str(value)


def headline(kind: Kind[Any], model: Resource) -> tuple[Piece, ...]:
    """Status and short description, for the line of the place."""
    info = kind.status(model)
    pieces: list[Piece] = []
    if model.status:
        pieces.append((f"{states.GLYPHS[info.state]} {escape(model.status.lower())}", STATUS_COLOURS[info.state]))
    if text := kind.headline(model):
        pieces.append((f"{' · ' if pieces else ''}{escape(text)}", ""))
    return tuple(pieces)
