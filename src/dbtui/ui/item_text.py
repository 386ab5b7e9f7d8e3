"""Items in words: their key, size and cost, the header for an outside editor, and values short enough for one line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from dbtui.domain import typed_json, units
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.domain.values import Item, Value, item_size, key_text, type_of, value_size
from dbtui.items.effects import entry_units, item_units
from dbtui.ui.widgets.item_lines import has_members, size_text, value_text
from dbtui.ui.wording import DOT

ITEM_LIMIT: Final = 400 * 1024
"""Bytes an item may have, names included."""
ELIDE_OVER: Final = 16 * 1024
"""Bytes from which a value is left out of the editor: it is kept as it is, and edited on its own."""
ABSENT: Final = "(absent)"
_CONTEXT: Final = 16
_ENCODED: Final = 64 * 1024
"""Bytes of a value that are still encoded whole only to be shown in part."""


def key_title(table: Table, item: Item) -> str:
    """The key as a title: ``user#42 / order#0007``; parts that are not there read ``?``."""
    return " / ".join(escape(key_text(item[part.name])) if part.name in item else "?" for part in table.keys)


def first_names(table: Table) -> tuple[str, ...]:
    """The attributes that stand first: the table's keys, then those of its indexes."""
    parts = [*table.keys, *(part for index in table.indexes for part in index.keys)]
    return tuple(dict.fromkeys(part.name for part in parts))


def index_entries(table: Table, item: Item) -> list[tuple[str, int]]:
    """(index, write units) of every index the item has an entry in."""
    costs = [(index.name, entry_units(table, index, item)) for index in table.indexes]
    return [(name, cost) for name, cost in costs if cost]


def gauge(table: Table, item: Item, *, short: bool = False) -> str:
    """``1.2 KB of 400 KB · 2 WCU + 1 on by-status``: the size, and what writing it costs; short: ``… · 3 WCU``."""
    size = item_size(item)
    entries = index_entries(table, item)
    if short:
        return f"{size_text(size)} of 400 KB{DOT}{item_units(item) + sum(cost for _, cost in entries):,} WCU"
    if len(entries) > 2:
        entries = [(f"{len(entries)} indexes", sum(cost for _, cost in entries))]
    costs = [f"{item_units(item):,} WCU", *(f"{cost:,} on {escape(name)}" for name, cost in entries)]
    return f"{size_text(size)} of 400 KB{DOT}{' + '.join(costs)}"


def index_roles(table: Table, name: str) -> list[str]:
    """The indexes an attribute is a key of."""
    return [index.name for index in table.indexes if any(part.name == name for part in index.keys)]


def header(table: Table, key: Item | None, read_at: datetime | None) -> list[str]:
    """The comment lines above an item in an outside editor."""
    lines = [f"// table {escape(table.id)}{DOT}{escape(table.ref.scope.label)}"]
    if key is not None:
        parts = [f"{escape(part.name)} = {one_line(key[part.name])}" for part in table.keys if part.name in key]
        lines.append(f"// key   {', '.join(parts)}")
    if read_at is not None:
        lines.append(f"// read  {units.moment(read_at)}, by a consistent read")
    return [*lines, "// Lines starting with // are ignored. Quit without saving to leave everything as it was."]


def with_header(lines: Sequence[str], text: str) -> str:
    return "\n".join([*lines, text])


def without_header(lines: Sequence[str], text: str) -> str:
    """The text without our own lines at its top; what the person wrote there stays."""
    rest = text.split("\n")
    while rest and rest[0].rstrip() in lines:
        rest.pop(0)
    return "\n".join(rest)


def skeleton(table: Table, template: Item | None = None) -> str:
    """The text of a new item: what is known of it, its key in any case, and the keys of its indexes as comments."""
    item = {**{part.name: _EMPTY[part.type] for part in table.keys if part.type in _EMPTY}, **(template or {})}
    notes = [
        f"// {_quoted(part.name)}: {one_line(_EMPTY.get(part.type))},  {_role(part.role)} of index {escape(index.name)}"
        for index in table.indexes
        for part in index.keys
        if part.name not in item
    ]
    return "\n".join([*dict.fromkeys(notes), typed_json.encode(item, first_names(table))])


_EMPTY: Final[dict[str, Value]] = {"S": {"S": ""}, "N": {"N": "0"}, "B": {"B": b""}}


def _role(role: str) -> str:
    return "partition key" if role == "HASH" else "sort key"


def _quoted(name: str) -> str:
    return value_text({"S": name})[0]


def age(moment: datetime | None, now: datetime) -> str:
    """``5 min ago``; an unknown moment is ``earlier``."""
    if moment is None:
        return "earlier"
    return "just now" if (now - moment).total_seconds() < 10 else f"{units.age(moment, now)} ago"


# -- values on one line -----------------------------------------------------------------------------------------------


def one_line(value: Value | None, limit: int = 60) -> str:
    """A value as typed JSON on one line, cut to ``limit`` characters with its size; escaped."""
    if value is None:
        return ABSENT
    text = _encoded(value, limit)
    return text if len(text) <= limit else f"{text[:limit]}… {size_text(value_size(value))}"


def _encoded(value: Value, limit: int) -> str:
    if has_members(value) and value_size(value) > _ENCODED:
        return f"{type_of(value)}…".ljust(limit + 1, "…")
    return typed_json.encode_value(value) if has_members(value) else value_text(value, max(limit, 4) * 2)[0]


def before_and_after(before: Value | None, after: Value | None, limit: int = 120) -> tuple[str, str]:
    """Both sides of a change; of long values only what differs, with a little of what is around it."""
    if before is None or after is None or max(value_size(before), value_size(after)) > _ENCODED * 8:
        return one_line(before, limit), one_line(after, limit)
    one, other = typed_json.encode_value(before), typed_json.encode_value(after)
    if len(one) <= limit and len(other) <= limit:
        return one, other
    same = _common(one, other)
    start = max(0, same - _CONTEXT)
    tail = _common(one[same:][::-1], other[same:][::-1])
    return _window(one, start, tail, limit), _window(other, start, tail, limit)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    low, high = 0, length
    while high - low > 1:
        middle = (low + high) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle
    return low


def _window(text: str, start: int, tail: int, limit: int) -> str:
    end = min(len(text) - max(0, tail - _CONTEXT), start + limit)
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
