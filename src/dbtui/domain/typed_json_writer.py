"""Writes values as canonical typed JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from dbtui.domain.json_text import is_number, quoted
from dbtui.domain.values import Item, Value, sorted_members, to_base64, value_size

KEEP: Final = "$keep"
TAGS: Final = {"B": "$b", "SS": "$ss", "NS": "$ns", "BS": "$bs"}

_SHORT_LINE: Final = 72
_CONTAINERS: Final = ("L", "M")


def encode(item: Item, first: Sequence[str] = (), *, indent: int | None = 2, elide_over: int | None = None) -> str:
    """The item as canonical text without a newline at its end, the `first` names before the others.

    `indent` None puts it on one line. Values of more than `elide_over` bytes are left out: ``{"$keep": …}`` stands for
    them, and `parse` takes them from the base again.
    """
    led = [name for name in dict.fromkeys(first) if name in item]
    names = led + sorted(item.keys() - set(led))
    if elide_over is not None:
        item = {name: _elided(value, elide_over) for name, value in item.items()}
    return _map(item, names, indent, "")


def encode_value(value: Value, *, indent: int | None = None) -> str:
    """One value as canonical text."""
    return _written(value, indent, "")


def keep_token(value: Value) -> str:
    """What stands for a value that is left out: its type, its size in bytes and a digest of its canonical text."""
    (kind,) = value
    digest = hashlib.sha256(encode_value(value).encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind} {value_size(value)}B sha256:{digest[:16]}"


def _elided(value: Value, limit: int) -> Value:
    """The value with what is huge in it replaced: the parts of a list or map first, itself if it stays huge."""
    if value_size(value) <= limit:
        return value
    ((kind, inner),) = value.items()
    if kind in _CONTAINERS:
        smaller: Value = (
            {kind: {name: _elided(each, limit) for name, each in inner.items()}}
            if kind == "M"
            else {kind: [_elided(each, limit) for each in inner]}
        )
        if _size_left(smaller) <= limit:
            return smaller
    return {KEEP: keep_token(value)}


def _size_left(value: Value) -> int:
    """About the bytes of a value some parts of which are left out."""
    ((kind, inner),) = value.items()
    if kind == "M":
        return 3 + sum(1 + len(name) + _size_left(each) for name, each in inner.items())
    if kind == "L":
        return 3 + sum(1 + _size_left(each) for each in inner)
    return len(inner) if kind == KEEP else value_size(value)


def _written(value: Value, indent: int | None, pad: str) -> str:
    ((kind, inner),) = value.items()
    if kind == "S":
        return quoted(inner)
    if kind == "N":
        return _number(inner)
    if kind == "M":
        return _map(inner, sorted(inner), indent, pad)
    if kind == "L":
        return _list(inner, indent, pad)
    if kind == "BOOL":
        return "true" if inner else "false"
    if kind == "NULL":
        return "null"
    if kind == "B":
        return f'{{"$b": "{to_base64(inner)}"}}'
    if kind == KEEP:
        return f'{{"{KEEP}": "{inner}"}}'
    return f'{{"{TAGS[kind]}": {_lines(_members(kind, inner), indent, pad, short=True)}}}'


def _number(text: str) -> str:
    return text if is_number(text) else f'{{"$n": {quoted(text)}}}'


def _members(kind: str, members: Iterable[str | bytes]) -> list[str]:
    ordered = sorted_members(kind, list(members))
    if kind == "BS":
        return [f'"{to_base64(each)}"' for each in ordered]
    return [quoted(each) if kind == "SS" else _number(each) for each in ordered]


def _list(elements: Sequence[Value], indent: int | None, pad: str) -> str:
    if indent is None:
        return "[" + ", ".join([_written(each, None, "") for each in elements]) + "]"
    scalars = not any(next(iter(each)) in _CONTAINERS for each in elements)
    inner = pad + " " * indent
    return _lines([_written(each, indent, inner) for each in elements], indent, pad, short=scalars)


def _lines(written: list[str], indent: int | None, pad: str, *, short: bool) -> str:
    """The elements in brackets: on one line if that is asked for or they are short, else one a line."""
    if indent is None or not written or (short and sum(map(len, written)) + 2 * len(written) <= _SHORT_LINE):
        return "[" + ", ".join(written) + "]"
    inner = pad + " " * indent
    return f"[\n{inner}" + f",\n{inner}".join(written) + f"\n{pad}]"


def _map(members: Item, names: Sequence[str], indent: int | None, pad: str) -> str:
    if not members:
        return "{}"
    if len(names) == 1 and names[0].startswith("$"):
        name = names[0]
        members, names = {f"${name}": members[name]}, [f"${name}"]
    if indent is None:
        return "{" + ", ".join([f"{quoted(name)}: {_written(members[name], None, '')}" for name in names]) + "}"
    inner = pad + " " * indent
    lines = [f"{quoted(name)}: {_written(members[name], indent, inner)}" for name in names]
    return f"{{\n{inner}" + f",\n{inner}".join(lines) + f"\n{pad}}}"
