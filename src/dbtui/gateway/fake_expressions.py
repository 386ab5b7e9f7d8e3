"""DynamoDB expressions for the fake: the conditions and updates that dbtui itself writes, and nothing more.

Conditions are joined by AND: comparisons with a value, BETWEEN, begins_with, attribute_type, attribute_exists,
attribute_not_exists. Updates are SET path = value and REMOVE path. Names and values are placeholders, as in every
request of ours; anything else is refused with DynamoDB's ValidationException, so that a test notices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.values import Item, Path, Value, at, content, copy_item, equal, type_of

Test = Callable[[Item], bool]
Change = Callable[[Item], Item]

_TOKEN = re.compile(r"\s*([#:][A-Za-z0-9_]+|\[\d+\]|<=|>=|<>|[=<>(),.]|[A-Za-z_]+)")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


def aws_failure(
    kind: FailureKind, operation: str, code: str, title: str, members: Mapping[str, Any] | None = None
) -> AwsError:
    """A failure as the real gateway reports DynamoDB's."""
    failure = Failure(
        kind, title, detail=title, service="dynamodb", operation=f"dynamodb:{operation}", code=code, status=400
    )
    return AwsError(failure, members=members)


def invalid(operation: str, title: str) -> AwsError:
    """DynamoDB's ValidationException."""
    return aws_failure(FailureKind.INVALID, operation, "ValidationException", title)


def rank(value: Value) -> tuple[str, Any]:
    """A key value as DynamoDB orders and tells apart values: numbers by value, strings by their UTF-8 bytes."""
    kind, inside = type_of(value), content(value)
    if kind == "N":
        return kind, Decimal(inside)
    return kind, inside.encode() if kind == "S" else bytes(inside)


class Expressions:
    """The expressions of one request, over its ExpressionAttributeNames and ExpressionAttributeValues."""

    def __init__(self, operation: str, parameters: Mapping[str, Any]) -> None:
        self._operation = operation
        self._names: Mapping[str, str] = parameters.get("ExpressionAttributeNames") or {}
        self._values: Mapping[str, Value] = parameters.get("ExpressionAttributeValues") or {}
        self._used: set[str] = set()
        self._left: list[str] = []

    def condition(self, text: str | None) -> Test:
        """What an item must meet; without a text, nothing."""
        if text is None:
            return lambda item: True
        self._start(text)
        tests = [self._term()]
        while self._left:
            self._take("AND")
            tests.append(self._term())
        return lambda item: all(test(item) for test in tests)

    def update(self, text: str | None) -> Change:
        """What an UpdateExpression does to an item; the item it is given stays as it is."""
        if text is None:
            return copy_item
        self._start(text)
        sets: list[tuple[Path, Value]] = []
        removes: list[Path] = []
        while self._left:
            clause = self._next()
            if clause not in ("SET", "REMOVE"):
                raise self._refused(f"unexpected {clause}")
            more = True
            while more:
                path = self._path()
                if clause == "SET":
                    self._take("=")
                    sets.append((path, self._value()))
                else:
                    removes.append(path)
                more = self._accept(",")
        self._refuse_overlaps([path for path, _ in sets] + removes)
        return lambda item: self._changed(item, sets, removes)

    def check_used(self) -> None:
        """Raises DynamoDB's ValidationException for a placeholder that no expression mentions."""
        for what, given in (("Names", self._names), ("Values", self._values)):
            unused = sorted(given.keys() - self._used)
            if unused:
                title = f"Value provided in ExpressionAttribute{what} unused in expressions: keys: {{{unused[0]}}}"
                raise invalid(self._operation, title)

    def _start(self, text: str) -> None:
        self._left, end = [], 0
        while match := _TOKEN.match(text, end):
            self._left.append(match.group(1))
            end = match.end()
        if text[end:].strip() or not self._left:
            raise self._refused(f"syntax error near {text[end : end + 20]!r}")

    def _next(self) -> str:
        if not self._left:
            raise self._refused("unexpected end")
        return self._left.pop(0)

    def _take(self, wanted: str) -> None:
        found = self._next()
        if found != wanted:
            raise self._refused(f"{wanted} expected, not {found}")

    def _accept(self, wanted: str) -> bool:
        if self._left[:1] != [wanted]:
            return False
        self._left.pop(0)
        return True

    def _term(self) -> Test:
        first = self._left[:1]
        if first in (["attribute_exists"], ["attribute_not_exists"]):
            wanted = self._next() == "attribute_exists"
            self._take("(")
            path = self._path()
            self._take(")")
            return lambda item: (at(item, path) is not None) is wanted
        if first == ["begins_with"]:
            path, prefix = self._call()
            return lambda item: _begins_with(at(item, path), prefix)
        if first == ["attribute_type"]:
            path, wanted_type = self._call()
            return lambda item: (found := at(item, path)) is not None and type_of(found) == content(wanted_type)
        if self._accept("("):
            inner = self._term()
            self._take(")")
            return inner
        return self._comparison()

    def _call(self) -> tuple[Path, Value]:
        """A function of a path and a value."""
        self._next()
        self._take("(")
        path = self._path()
        self._take(",")
        value = self._value()
        self._take(")")
        return path, value

    def _comparison(self) -> Test:
        path, operator = self._path(), self._next()
        if operator == "=":
            wanted = self._value()
            return lambda item: (found := at(item, path)) is not None and equal(found, wanted)
        if operator == "BETWEEN":
            low = self._value()
            self._take("AND")
            high = self._value()
            return lambda item: _ordered(at(item, path), ">=", low) and _ordered(at(item, path), "<=", high)
        if operator not in _COMPARISONS:
            raise self._refused(f"unknown operator {operator}")
        bound = self._value()
        return lambda item: _ordered(at(item, path), operator, bound)

    def _path(self) -> Path:
        path: list[str | int] = [self._name()]
        while self._left:
            if self._accept("."):
                path.append(self._name())
            elif self._left[0].startswith("["):
                path.append(int(self._next()[1:-1]))
            else:
                break
        return tuple(path)

    def _name(self) -> str:
        token = self._next()
        if token not in self._names:
            raise self._refused(f"{token} is not in ExpressionAttributeNames")
        self._used.add(token)
        return self._names[token]

    def _value(self) -> Value:
        token = self._next()
        if token not in self._values:
            raise self._refused(f"{token} is not in ExpressionAttributeValues")
        self._used.add(token)
        return self._values[token]

    def _changed(self, item: Item, sets: list[tuple[Path, Value]], removes: list[Path]) -> Item:
        changed = copy_item(item)
        for path, value in sets:
            holder, last = self._holder(changed, path)
            if isinstance(holder, list) and isinstance(last, int) and last >= len(holder):
                holder.append(value)
            else:
                holder[last] = value
        # Positions are those of the item before the request, so the last of a list goes first.
        for path in sorted(removes, key=lambda path: [str(type(part)) + f"{part:>9}" for part in path], reverse=True):
            holder, last = self._holder(changed, path)
            if isinstance(holder, dict):
                holder.pop(last, None)
            elif last < len(holder):
                del holder[last]
        return changed

    def _holder(self, item: Item, path: Path) -> tuple[Any, Any]:
        """The map or list that holds the last part of a path; raises when the item has none there."""
        holder: Any = item if len(path) == 1 else _inside(at(item, path[:-1]))
        if not isinstance(holder, dict if isinstance(path[-1], str) else list):
            title = "The document path provided in the update expression is invalid for update"
            raise invalid(self._operation, title)
        return holder, path[-1]

    def _refuse_overlaps(self, paths: list[Path]) -> None:
        for number, one in enumerate(paths):
            for other in paths[number + 1 :]:
                short = min(len(one), len(other))
                if one[:short] == other[:short]:
                    raise self._refused("Two document paths overlap with each other")

    def _refused(self, reason: str) -> AwsError:
        return invalid(self._operation, f"Invalid expression: {reason}.")


def _inside(value: Value | None) -> Any:
    """What a map or list holds; of other values nothing."""
    return None if value is None else value.get("M", value.get("L"))


def _begins_with(value: Value | None, prefix: Value) -> bool:
    same = value is not None and type_of(value) == type_of(prefix) and type_of(prefix) in ("S", "B")
    return same and bool(content(value or {}).startswith(content(prefix)))


def _ordered(value: Value | None, operator: str, bound: Value) -> bool:
    """A comparison by DynamoDB's order, which only values of one type have."""
    if value is None or type_of(value) != type_of(bound) or type_of(bound) not in ("S", "N", "B"):
        return False
    return _COMPARISONS[operator](rank(value)[1], rank(bound)[1])
