"""Attribute paths as they are typed (``a.b[0]``, ``"name with.dots".x``), and changing an item at them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dbtui.domain.failures import FailureKind, Refused, UsageError
from dbtui.domain.values import Item, Path, Value, at, path_text, type_of

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BARE: Final = re.compile(r'[^.\[\]="]+')
_INDEX: Final = re.compile(r"\[([0-9]{1,6})\]")
_HINT: Final = (
    "A path reads a, a.b or a.b[0]; a name with dots, brackets or =, or with a blank at its start or end, is quoted: "
    "'\"a.b\".c'."
)


def read_path(text: str) -> Path:
    """The path of a whole word; raises :class:`UsageError`."""
    path, end = _scan(text)
    if end != len(text):
        raise _unreadable(text)
    return path


def split_assignment(text: str) -> tuple[Path, str]:
    """``PATH=VALUE`` at the first ``=`` outside of quotes; raises :class:`UsageError`."""
    path, end = _scan(text)
    if text[end : end + 1] != "=":
        raise UsageError(f"{text!r} does not read PATH=VALUE.", hint=_HINT)
    return path, text[end + 1 :]


def _scan(text: str) -> tuple[Path, int]:
    """The path at the start of the text, and where it ends."""
    parts: list[str | int] = []
    position = 0
    while True:
        name, position = _name(text, position)
        parts.append(name)
        while found := _INDEX.match(text, position):
            parts.append(int(found.group(1)))
            position = found.end()
        if text[position : position + 1] != ".":
            return tuple(parts), position
        position += 1


def _name(text: str, position: int) -> tuple[str, int]:
    if found := _QUOTED.match(text, position):
        try:
            return str(json.loads(found.group(), strict=False)), found.end()
        except ValueError:
            raise _unreadable(text) from None
    if (found := _BARE.match(text, position)) and found.group() == found.group().strip():
        return found.group(), found.end()
    raise _unreadable(text)


def _unreadable(text: str) -> UsageError:
    return UsageError(f"{text!r} is no attribute path.", hint=_HINT)


def check_apart(paths: Sequence[Path]) -> None:
    """Raises :class:`UsageError` where one path is given twice or lies inside another."""
    for number, one in enumerate(paths):
        for other in paths[number + 1 :]:
            shorter, longer = sorted((one, other), key=len)
            if longer[: len(shorter)] == shorter:
                raise UsageError(f"{path_text(one)} and {path_text(other)} overlap.", hint="Give each path once.")


def put_at(item: Item, path: Path, value: Value) -> None:
    """Sets the value in place; raises :class:`Refused` when nothing on the way can hold it."""
    *way, last = path
    if not way:
        item[str(last)] = value
        return
    parent = at(item, tuple(way))
    if parent is None:
        raise _impossible(path, f"there is no {path_text(tuple(way))} in the item")
    inside: Any = parent[type_of(parent)]
    if isinstance(last, int):
        if type_of(parent) != "L":
            raise _impossible(path, f"{path_text(tuple(way))} is no list")
        if last > len(inside):
            raise _impossible(path, f"the list has {len(inside)} elements, and [{len(inside)}] would append one")
        inside[last : last + 1] = [value]
        return
    if type_of(parent) != "M":
        raise _impossible(path, f"{path_text(tuple(way))} is no map")
    inside[last] = value


def remove_at(item: Item, paths: Iterable[Path]) -> list[Path]:
    """Removes what is there, in place; returns the paths where nothing was.

    Elements of one list go from its end, so that the paths mean the list as it was.
    """
    absent = []
    for path in sorted(paths, key=_from_the_end):
        if at(item, path) is None:
            absent.append(path)
            continue
        *way, last = path
        parent = at(item, tuple(way)) if way else None
        inside: Any = item if parent is None else parent[type_of(parent)]
        del inside[last]
    return absent


def _from_the_end(path: Path) -> tuple[tuple[int, int, str], ...]:
    return tuple((0, -part, "") if isinstance(part, int) else (1, 0, part) for part in path)


def _impossible(path: Path, why: str) -> Refused:
    return Refused(f"{path_text(path)} cannot be set: {why}.", hint="Nothing was sent.", kind=FailureKind.ILLEGAL_STATE)
