"""Update expressions: read, checked, and applied to an item."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from dbtui.demo.dataplane.grammar import type_name
from dbtui.demo.dataplane.lexer import Words
from dbtui.demo.dataplane.numbers import added, subtracted
from dbtui.demo.dataplane.paths import at
from dbtui.demo.dataplane.placeholders import Path, Placeholders, read_path, refuse_overlaps
from dbtui.demo.dataplane.values import Item, Value, type_of
from dbtui.demo.protocol.errors import AwsError, validation

Evaluate: TypeAlias = Callable[[Item], Value]
MOST_OPERATORS = 300
"""Sums, differences and functions; assignments do not count."""
_SECTIONS = ("SET", "REMOVE", "ADD", "DELETE")
_CONDITION_FUNCTIONS = (
    "attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size",
)  # fmt: skip
_SETS = ("SS", "NS", "BS")


@dataclass
class Update:
    """What an UpdateExpression does, by section."""

    sets: list[tuple[Path, Evaluate]] = field(default_factory=list)
    removes: list[Path] = field(default_factory=list)
    adds: list[tuple[Path, Value]] = field(default_factory=list)
    deletes: list[tuple[Path, Value]] = field(default_factory=list)

    @property
    def paths(self) -> list[Path]:
        given = [path for path, _ in (*self.sets, *self.adds, *self.deletes)]
        return [*given, *self.removes]

    def apply(self, item: Item) -> None:
        """Change the item in place. Every operand is taken from the item as it was."""
        values = [(path, evaluate(item)) for path, evaluate in self.sets]
        values += [(path, _sum(at(item, path), value)) for path, value in self.adds]
        less = [(path, _difference(at(item, path), value)) for path, value in self.deletes]
        values += [(path, value) for path, value in less if value is not None]
        gone = [path for path, value in less if value is None and at(item, path) is not None]
        targets = [(_place(item, path), value) for path, value in values]
        leaving = [_place(item, path) for path in (*self.removes, *gone)]
        for place, value in targets:
            place.set(value)
        # Places in lists are those of the item as it was: the last are removed first, then the new are appended.
        for place in sorted(leaving, key=_Place.number, reverse=True):
            place.remove()
        for place, value in sorted(targets, key=lambda target: target[0].number()):
            place.append(value)


@dataclass(frozen=True)
class _Place:
    """A path's last part and the map or list it is in, with its length before the update."""

    holder: Item | list[Value]
    part: str | int
    length: int

    def number(self) -> int:
        return self.part if isinstance(self.part, int) else 0

    def set(self, value: Value) -> None:
        if isinstance(self.holder, dict):
            self.holder[str(self.part)] = value
        elif self.number() < self.length:
            self.holder[self.number()] = value

    def append(self, value: Value) -> None:
        """A place behind the end of a list means its end."""
        if isinstance(self.holder, list) and self.number() >= self.length:
            self.holder.append(value)

    def remove(self) -> None:
        if isinstance(self.holder, dict):
            self.holder.pop(str(self.part), None)
        elif self.number() < self.length:
            del self.holder[self.number()]


def _place(item: Item, path: Path) -> _Place:
    if len(path) == 1:
        return _Place(item, path[0], len(item))
    parent = at(item, path[:-1])
    holder = parent.get("L" if isinstance(path[-1], int) else "M") if parent is not None else None
    if holder is None:
        raise validation("The document path provided in the update expression is invalid for update")
    return _Place(holder, path[-1], len(holder))


def _mistyped() -> AwsError:
    return validation("An operand in the update expression has an incorrect data type")


def _sum(present: Value | None, value: Value) -> Value:
    """ADD: to a number its sum, to a set its union; to nothing the value itself."""
    if present is None:
        return value
    kind = type_of(value)
    if type_of(present) != kind:
        raise _mistyped()
    if kind == "N":
        return {"N": added(present["N"], value["N"])}
    return {kind: [*present[kind], *(member for member in value[kind] if member not in present[kind])]}


def _difference(present: Value | None, value: Value) -> Value | None:
    """DELETE: the set without the members; None when nothing is left."""
    if present is None:
        return None
    kind = type_of(value)
    if type_of(present) != kind:
        raise _mistyped()
    rest = [member for member in present[kind] if member not in value[kind]]
    return {kind: rest} if rest else None


def read_update(text: str, placeholders: Placeholders) -> Update:
    reader = _Reader(Words(text, "UpdateExpression"), placeholders)
    reader.read()
    if reader.operators > MOST_OPERATORS:
        raise reader.words.refused(
            f"The expression contains too many operators; operator count: {reader.operators}, maximum: {MOST_OPERATORS}"
        )
    refuse_overlaps(reader.words, reader.update.paths)
    return reader.update


class _Reader:
    def __init__(self, words: Words, placeholders: Placeholders) -> None:
        self.words = words
        self.placeholders = placeholders
        self.update = Update()
        self.operators = 0

    def read(self) -> None:
        seen: set[str] = set()
        while self.words.next.kind != "end":
            if not self.words.is_keyword(*_SECTIONS):
                raise self.words.unexpected()
            section = self.words.take().text.upper()
            if section in seen:
                raise self.words.refused(f'The "{section}" section can only be used once in an update expression;')
            seen.add(section)
            self._section(section)

    def _section(self, section: str) -> None:
        clause = {"SET": self._set, "REMOVE": self._remove, "ADD": self._add, "DELETE": self._delete}[section]
        clause()
        while self.words.took_sign(","):
            clause()

    def _path(self) -> Path:
        return read_path(self.words, self.placeholders)

    def _set(self) -> None:
        path = self._path()
        self.words.need_sign("=")
        self.update.sets.append((path, self._value()))

    def _remove(self) -> None:
        self.update.removes.append(self._path())

    def _add(self) -> None:
        path, value = self._path(), self._literal()
        if type_of(value) not in ("N", *_SETS):
            raise self._wrong_type("ADD", value, "ALLOWED_FOR_ADD_OPERAND")
        self.update.adds.append((path, value))

    def _delete(self) -> None:
        path, value = self._path(), self._literal()
        if type_of(value) not in _SETS:
            raise self._wrong_type("DELETE", value, "ALLOWED_FOR_DELETE_OPERAND")
        self.update.deletes.append((path, value))

    def _wrong_type(self, operator: str, value: Value, allowed: str) -> AwsError:
        return self.words.refused(
            f"Incorrect operand type for operator or function; operator: {operator}, "
            f"operand type: {type_name(value)}, typeSet: {allowed}"
        )

    def _literal(self) -> Value:
        if self.words.next.kind != "value":
            raise self.words.unexpected()
        return self.placeholders.value(self.words, self.words.take().text)

    def _value(self) -> Evaluate:
        left = self._operand()
        if not self.words.is_sign("+", "-"):
            return left
        combine = added if self.words.take().text == "+" else subtracted
        self.operators += 1
        right = self._operand()

        def evaluate(item: Item) -> Value:
            one, other = left(item), right(item)
            if "N" not in one or "N" not in other:
                raise _mistyped()
            return {"N": combine(one["N"], other["N"])}

        return evaluate

    def _operand(self) -> Evaluate:
        words = self.words
        if words.next.kind == "value":
            value = self._literal()
            return lambda _: copy.deepcopy(value)
        if words.took_sign("("):
            inner = self._value()
            words.need_sign(")")
            return inner
        if words.next.kind == "name" and words.following.text == "(":
            return self._function()
        path = self._path()

        def read(item: Item) -> Value:
            value = at(item, path)
            if value is None:
                raise validation("The provided expression refers to an attribute that does not exist in the item")
            return copy.deepcopy(value)

        return read

    def _function(self) -> Evaluate:
        name = self.words.take().text
        if name not in ("if_not_exists", "list_append"):
            known = name in _CONDITION_FUNCTIONS
            reason = "The function is not allowed in an update expression" if known else "Invalid function name"
            raise self.words.refused(f"{reason}; function: {name}")
        self.words.need_sign("(")
        self.operators += 1
        made = self._if_not_exists() if name == "if_not_exists" else self._list_append()
        self.words.need_sign(")")
        return made

    def _if_not_exists(self) -> Evaluate:
        if self.words.next.kind not in ("name", "hash"):
            raise self.words.refused(
                "Operator or function requires a document path; operator or function: if_not_exists"
            )
        path = self._path()
        self.words.need_sign(",")
        otherwise = self._operand()

        def evaluate(item: Item) -> Value:
            present = at(item, path)
            return otherwise(item) if present is None else copy.deepcopy(present)

        return evaluate

    def _list_append(self) -> Evaluate:
        first = self._operand()
        self.words.need_sign(",")
        second = self._operand()

        def evaluate(item: Item) -> Value:
            one, other = first(item), second(item)
            if "L" not in one or "L" not in other:
                raise _mistyped()
            return {"L": [*one["L"], *other["L"]]}

        return evaluate
