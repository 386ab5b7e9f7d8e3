"""An item as lines to draw: typed JSON or a tree, folded where it is large. Pure; nothing here is slow for 400 KB."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from dbtui.domain.json_text import quoted
from dbtui.domain.text import escape
from dbtui.domain.values import SETS, TYPE_WORDS, Item, Path, Value, content, sorted_members, type_of, value_size

LONG: Final = 400
"""Characters of a string or of base64 that are shown until it is unfolded."""
LONGEST: Final = 60_000
"""Characters that are shown of an unfolded one; the rest is told, and can be copied and edited."""
MANY: Final = 200
"""A map or list with more members than this, all depths counted, starts folded, and shows so many at a time."""
_INLINE: Final = 60
"""A set whose text is no longer stands on one line."""

Spans = tuple[tuple[str, str], ...]


class Form(Enum):
    """How an item is shown."""

    JSON = "json"
    TREE = "tree"


class Fold(Enum):
    """What enter does on a line."""

    NONE = ""
    OPEN = "open"
    CLOSED = "closed"
    MORE = "more"
    LONG = "long"


@dataclass(frozen=True, slots=True)
class Line:
    """One line before wrapping: where it belongs, how far it is indented, and (text, style key) pieces, escaped."""

    path: Path
    depth: int
    spans: Spans
    fold: Fold = Fold.NONE


@dataclass(slots=True)
class Folding:
    """What the person opened and closed; everything else follows from the sizes."""

    opened: set[Path] = field(default_factory=set)
    closed: set[Path] = field(default_factory=set)
    whole: set[Path] = field(default_factory=set)
    shown: dict[Path, int] = field(default_factory=dict)

    def turn(self, line: Line) -> None:
        """Does what enter does on this line."""
        if line.fold is Fold.OPEN:
            self.closed.add(line.path)
            self.opened.discard(line.path)
        elif line.fold is Fold.CLOSED:
            self.opened.add(line.path)
            self.closed.discard(line.path)
        elif line.fold is Fold.MORE:
            self.shown[line.path] = self.shown.get(line.path, MANY) + 5 * MANY
        elif line.fold is Fold.LONG:
            self.whole ^= {line.path}


def size_text(size: int) -> str:
    """Bytes in the KB of DynamoDB's limits (1,024 bytes): ``18 KB``, ``1.2 KB``, ``312 B``."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KB" if size < 10 * 1024 else f"{size / 1024:,.0f} KB"


def item_lines(item: Item, first: Sequence[str], form: Form, folding: Folding) -> list[Line]:
    """The lines of the item, attributes named in ``first`` leading, the others by name."""
    walk = _Walk(folding)
    if form is Form.TREE:
        return list(walk.tree_members((), _members(item, first), 0, large=False))
    lines = [Line((), 0, (("{", "punctuation"),))]
    lines += walk.json_members((), _members(item, first), 1, large=False)
    return [*lines, Line((), 0, (("}", "punctuation"),))]


def value_text(value: Value, limit: int = LONG) -> tuple[str, str]:
    """A value without members as JSON, escaped, and its style key; cut beyond ``limit``, which its size then tells."""
    kind, inner = type_of(value), content(value)
    if kind == "S":
        return _quoted(inner, limit), "string"
    if kind == "N":
        return escape(inner), "number"
    if kind == "BOOL":
        return ("true" if inner else "false"), "constant"
    if kind == "NULL":
        return "null", "constant"
    return f'{{"$b": {_base64(inner, limit)}}}', "binary"


def _base64(data: bytes, limit: int) -> str:
    kept = limit // 4 * 3
    text = base64.b64encode(data[:kept]).decode()
    return f'"{text}…' if len(data) > kept else f'"{text}"'


def _quoted(text: str, limit: int) -> str:
    """A JSON string in which nothing is left that a terminal would obey or hide; one that was cut stays open."""
    written = quoted(text[:limit])
    return f"{written[:-1]}…" if len(text) > limit else written


def weight(value: Value) -> list[str]:
    """The size of a value; nothing where adding it up would be felt at every key."""
    return [size_text(value_size(value))] if not has_members(value) or len(content(value)) <= 10 * MANY else []


def is_large(value: Value) -> bool:
    """Whether a map, list or set holds more than :data:`MANY` values, at every depth; looks at no more than that."""
    room = MANY
    waiting = [value]
    while waiting and room >= 0:
        one = waiting.pop()
        inner = content(one)
        if has_members(one):
            room -= len(inner)
            if room >= 0 and type_of(one) not in SETS:
                waiting += inner.values() if isinstance(inner, dict) else inner
    return room < 0


def _members(members: Mapping[str, Value], first: Sequence[str] = ()) -> list[tuple[str, Value]]:
    leading = [name for name in first if name in members]
    return [(name, members[name]) for name in (*leading, *sorted(members.keys() - set(leading)))]


def _parts(value: Value) -> tuple[list[tuple[str | int, Value]], str, str]:
    """The members of a map, list or set as values, and the brackets around them."""
    kind, inner = type_of(value), content(value)
    if kind == "M":
        members: list[tuple[str | int, Value]] = list(_members(inner))
        return members, "{", "}"
    if kind == "L":
        return list(enumerate(inner)), "[", "]"
    return [(at, {kind[0]: one}) for at, one in enumerate(sorted_members(kind, inner))], f'{{"${kind.lower()}": [', "]}"


def has_members(value: Value) -> bool:
    """Whether the value is a map, a list or a set."""
    return type_of(value) in ("M", "L", *SETS)


class _Walk:
    """Goes through an item once, in one form."""

    def __init__(self, folding: Folding) -> None:
        self._folding = folding

    def _is_closed(self, path: Path, value: Value, *, large: bool) -> bool:
        """As the person left it; else what is large, and what is inside something large, is closed."""
        if path in self._folding.closed:
            return True
        return path not in self._folding.opened and (large or is_large(value))

    def _shown(self, path: Path, members: Sequence[Any]) -> int:
        """How many members are shown: all, unless there are very many."""
        limit = self._folding.shown.get(path, MANY)
        return len(members) if len(members) <= limit + MANY // 4 else limit

    def _limit(self, path: Path) -> int:
        return LONGEST if path in self._folding.whole else LONG

    def _scalar(self, path: Path, value: Value) -> tuple[Spans, Fold]:
        """The pieces of a value without members; a long one says how long it is."""
        text, style = value_text(value, self._limit(path))
        inner = content(value)
        if not isinstance(inner, (str, bytes)) or len(inner) <= LONG // 4 * 3:
            return ((text, style),), Fold.NONE
        return ((text, style), (f" {size_text(value_size(value))}", "muted")), Fold.LONG

    # -- typed JSON ---------------------------------------------------------------------------------------------------

    def json_members(
        self, path: Path, members: Sequence[tuple[str | int, Value]], depth: int, *, large: bool
    ) -> Iterator[Line]:
        shown = self._shown(path, members)
        sole = len(members) == 1
        for at, (name, value) in enumerate(members[:shown]):
            label: Spans = ()
            if isinstance(name, str):
                # A map whose only member looks like one of typed JSON's tags is told from the tag by one more $.
                written = f"${name}" if path and sole and name.startswith("$") else name
                label = ((quoted(written), "name"), (": ", "punctuation"))
            comma = "," if at + 1 < len(members) else ""
            yield from self._json((*path, name), value, depth, label, comma, large=large)
        if shown < len(members):
            yield _more(path, depth, len(members) - shown)

    def _json(self, path: Path, value: Value, depth: int, label: Spans, comma: str, *, large: bool) -> Iterator[Line]:
        end: Spans = ((comma, "punctuation"),) if comma else ()
        if not has_members(value):
            spans, fold = self._scalar(path, value)
            yield Line(path, depth, (*label, *spans, *end), fold)
            return
        members, opening, closing = _parts(value)
        if not members:
            yield Line(path, depth, (*label, (opening + closing, "punctuation"), *end))
        elif self._is_closed(path, value, large=large):
            summary = " · ".join([f"{len(members):,}", *weight(value)])
            spans = ((f"{opening}…", "punctuation"), (f" {summary} ", "muted"), (closing, "punctuation"))
            yield Line(path, depth, (*label, *spans, *end), Fold.CLOSED)
        elif (inline := _inline(value, members)) is not None:
            spans = ((opening, "punctuation"), inline, (closing, "punctuation"))
            yield Line(path, depth, (*label, *spans, *end))
        else:
            yield Line(path, depth, (*label, (opening, "punctuation")), Fold.OPEN)
            yield from self.json_members(path, members, depth + 1, large=is_large(value))
            yield Line(path, depth, ((closing, "punctuation"), *end))

    # -- the tree -----------------------------------------------------------------------------------------------------

    def tree_members(
        self,
        path: Path,
        members: Sequence[tuple[str | int, Value]],
        depth: int,
        *,
        large: bool,
        ordered: bool = True,
    ) -> Iterator[Line]:
        shown = self._shown(path, members)
        for name, value in members[:shown]:
            yield from self._tree((*path, name), name, value, depth, large=large, ordered=ordered)
        if shown < len(members):
            yield _more(path, depth, len(members) - shown)

    def _tree(
        self, path: Path, name: str | int, value: Value, depth: int, *, large: bool, ordered: bool
    ) -> Iterator[Line]:
        label = escape(name) if isinstance(name, str) else f"[{name}]" if ordered else "·"
        word = TYPE_WORDS[type_of(value)]
        if not has_members(value):
            spans, fold = self._scalar(path, value)
            yield Line(path, depth, (("  ", ""), (label, "name"), ("  ", ""), *spans, (f"  {word}", "muted")), fold)
            return
        members, _, _ = _parts(value)
        closed = self._is_closed(path, value, large=large)
        summary = " · ".join([f"  {word} of {len(members):,}", *weight(value)])
        sign = "  " if not members else "▸ " if closed else "▾ "
        fold = Fold.NONE if not members else Fold.CLOSED if closed else Fold.OPEN
        yield Line(path, depth, ((sign, "muted"), (label, "name"), (summary, "muted")), fold)
        if not closed:
            ordered = type_of(value) not in SETS
            yield from self.tree_members(path, members, depth + 1, large=is_large(value), ordered=ordered)


def _more(path: Path, depth: int, rest: int) -> Line:
    return Line(path, depth, ((f"… {rest:,} more · enter shows them", "muted"),), Fold.MORE)


def _inline(value: Value, members: Sequence[tuple[str | int, Value]]) -> tuple[str, str] | None:
    """The members of a small set on one line; ``None`` for everything else."""
    if type_of(value) not in SETS or len(members) > _INLINE:
        return None
    style = {"SS": "string", "NS": "number", "BS": "binary"}[type_of(value)]
    texts = [_element(one) for _, one in members]
    text = ", ".join(texts)
    return (text, style) if len(text) <= _INLINE else None


def _element(value: Value) -> str:
    """An element of a set as typed JSON writes it inside the tag."""
    if type_of(value) == "B":
        return _base64(content(value), LONG)
    return value_text(value)[0]
