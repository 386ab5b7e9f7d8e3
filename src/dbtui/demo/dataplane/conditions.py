"""Condition trees made into functions of an item."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from dbtui.demo.dataplane.grammar import (
    Among,
    Between,
    Both,
    Compare,
    Condition,
    Either,
    Function,
    Literal,
    Not,
    Operand,
    PathOf,
    Size,
)
from dbtui.demo.dataplane.paths import at
from dbtui.demo.dataplane.placeholders import Path
from dbtui.demo.dataplane.values import Item, Value, binary_size, canonical, rank, text_size, type_of

Predicate: TypeAlias = Callable[[Item], bool]
_Read: TypeAlias = Callable[[Item], Value | None]
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SET_MEMBERS = {"SS": "S", "NS": "N", "BS": "B"}


def predicate(condition: Condition) -> Predicate:
    """Whether an item meets the condition. What is absent meets no comparison but `<>`."""
    if isinstance(condition, Both):
        left, right = predicate(condition.left), predicate(condition.right)
        return lambda item: left(item) and right(item)
    if isinstance(condition, Either):
        left, right = predicate(condition.left), predicate(condition.right)
        return lambda item: left(item) or right(item)
    if isinstance(condition, Not):
        inner = predicate(condition.inner)
        return lambda item: not inner(item)
    if isinstance(condition, Compare):
        return _comparison(condition)
    if isinstance(condition, Between):
        low = _comparison(Compare(">=", condition.operand, condition.low))
        high = _comparison(Compare("<=", condition.operand, condition.high))
        return lambda item: low(item) and high(item)
    if isinstance(condition, Among):
        tests = [_comparison(Compare("=", condition.operand, choice)) for choice in condition.choices]
        return lambda item: any(test(item) for test in tests)
    return _function(condition)


def paths_of(condition: Condition) -> Iterator[Path]:
    """Every path a condition looks at."""
    if isinstance(condition, Both | Either):
        yield from paths_of(condition.left)
        yield from paths_of(condition.right)
    elif isinstance(condition, Not):
        yield from paths_of(condition.inner)
    else:
        for operand in operands_of(condition):
            if isinstance(operand, PathOf | Size):
                yield operand.path


def operands_of(condition: Compare | Between | Among | Function) -> tuple[Operand, ...]:
    if isinstance(condition, Compare):
        return condition.left, condition.right
    if isinstance(condition, Between):
        return condition.operand, condition.low, condition.high
    if isinstance(condition, Among):
        return condition.operand, *condition.choices
    return condition.operands


def _reader(operand: Operand) -> _Read:
    if isinstance(operand, Literal):
        value = operand.value
        return lambda _: value
    path = operand.path
    if isinstance(operand, Size):
        return lambda item: _size(at(item, path))
    if len(path) == 1:
        name = str(path[0])
        return lambda item: item.get(name)
    return lambda item: at(item, path)


def _size(value: Value | None) -> Value | None:
    """size(): characters of a string's UTF-8, bytes of a binary, members of anything that has members."""
    if value is None:
        return None
    kind, content = next(iter(value.items()))
    if kind == "S":
        return {"N": str(text_size(content))}
    if kind == "B":
        return {"N": str(binary_size(content))}
    if kind in ("SS", "NS", "BS", "L", "M"):
        return {"N": str(len(content))}
    return None


def _comparison(condition: Compare) -> Predicate:
    left, right = _reader(condition.left), _reader(condition.right)
    if condition.operator == "=":
        return lambda item: equal(left(item), right(item))
    if condition.operator == "<>":
        return lambda item: not equal(left(item), right(item))
    compare = _ORDERS[condition.operator]
    return lambda item: _ordered(compare, left(item), right(item))


def equal(one: Value | None, other: Value | None) -> bool:
    if one is None or other is None:
        return False
    return one == other or canonical(one) == canonical(other)


def _ordered(compare: Callable[[Any, Any], bool], one: Value | None, other: Value | None) -> bool:
    if one is None or other is None:
        return False
    kind = type_of(one)
    if kind not in ("S", "N", "B") or type_of(other) != kind:
        return False
    return compare(rank(kind, one[kind]), rank(kind, other[kind]))


def _function(condition: Function) -> Predicate:
    read = _reader(condition.operands[0])
    if condition.name == "attribute_exists":
        return lambda item: read(item) is not None
    if condition.name == "attribute_not_exists":
        return lambda item: read(item) is None
    second = _reader(condition.operands[1])
    test = {"attribute_type": _is_type, "begins_with": _begins, "contains": _contains}[condition.name]

    def tested(item: Item) -> bool:
        one, other = read(item), second(item)
        return one is not None and other is not None and test(one, other)

    return tested


def _is_type(value: Value, name: Value) -> bool:
    return type_of(value) == name.get("S")


def _begins(value: Value, start: Value) -> bool:
    kind = type_of(value)
    if kind not in ("S", "B") or type_of(start) != kind:
        return False
    whole, beginning = rank(kind, value[kind]), rank(kind, start[kind])
    return isinstance(whole, bytes) and isinstance(beginning, bytes) and whole.startswith(beginning)


def _contains(value: Value, part: Value) -> bool:
    kind, content = next(iter(value.items()))
    if kind == "S":
        return "S" in part and part["S"] in content
    if kind == "B":
        return "B" in part and rank("B", part["B"]) in rank("B", content)  # type: ignore[operator]
    if kind in _SET_MEMBERS:
        return _SET_MEMBERS[kind] in part and part[_SET_MEMBERS[kind]] in content
    return kind == "L" and any(equal(member, part) for member in content)
