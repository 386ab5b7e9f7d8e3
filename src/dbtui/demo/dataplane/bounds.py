"""Key conditions made into bounds of a walk through a table or an index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

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
    read_condition,
)
from dbtui.demo.dataplane.keys import TOP, KeyPart, KeySchema, partition_text
from dbtui.demo.dataplane.placeholders import Placeholders
from dbtui.demo.dataplane.values import Value, rank, type_of
from dbtui.demo.protocol.errors import AwsError, validation

_TITLE = "KeyConditionExpression"
_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
Sorts: TypeAlias = tuple[Any, ...]


class KeyCondition(NamedTuple):
    """One key attribute compared with one or two values."""

    operator: str
    values: tuple[Value, ...]


class Bounds(NamedTuple):
    """The partition's values, and the sort ranks from `low` (inclusive) to `high` (exclusive)."""

    partition: bytes
    low: Sorts
    high: Sorts


def read_bounds(text: str, schema: KeySchema, placeholders: Placeholders) -> Bounds:
    conditions = _by_attribute(read_condition(text, _TITLE, placeholders))
    for part in schema.hash:
        if part.name not in conditions:
            raise validation(f"Query condition missed key schema element: {part.name}")
    known = {part.name: part for part in schema.parts}
    missed = next((part for part in schema.range if part.name not in conditions), None)
    for name, condition in conditions.items():
        if name not in known:
            raise (
                validation(f"Query condition missed key schema element: {missed.name}") if missed else _unsupported()
            )
        _check_values(known[name], condition)
    if any(conditions[part.name].operator != "=" for part in schema.hash):
        raise _unsupported()
    partition = partition_text(conditions[part.name].values[0] for part in schema.hash)
    low, high = _span(schema.range, conditions)
    return Bounds(partition, low, high)


def _unsupported() -> AwsError:
    return validation("Query key condition not supported")


def _by_attribute(condition: Condition) -> dict[str, KeyCondition]:
    found: dict[str, KeyCondition] = {}
    for name, part in _parts(condition):
        if name in found:
            raise validation("KeyConditionExpressions must only contain one condition per key")
        found[name] = part
    return found


def _parts(condition: Condition) -> Iterator[tuple[str, KeyCondition]]:
    if isinstance(condition, Both):
        yield from _parts(condition.left)
        yield from _parts(condition.right)
    elif isinstance(condition, Compare) and condition.operator != "<>":
        left, operator, right = condition.left, condition.operator, condition.right
        if isinstance(left, Literal):
            left, operator, right = right, _FLIPPED[operator], left
        yield _name(left), KeyCondition(operator, _literals(right))
    elif isinstance(condition, Between):
        yield _name(condition.operand), KeyCondition("between", _literals(condition.low, condition.high))
    elif isinstance(condition, Function) and condition.name == "begins_with":
        yield _name(condition.operands[0]), KeyCondition("begins_with", _literals(condition.operands[1]))
    else:
        raise validation(f"Invalid operator used in {_TITLE}: {_operator(condition)}")


def _operator(condition: Condition) -> str:
    if isinstance(condition, Compare):
        return condition.operator
    if isinstance(condition, Function):
        return condition.name
    names: Mapping[type, str] = {Either: "OR", Not: "NOT", Among: "IN", Both: "AND", Between: "BETWEEN"}
    return names[type(condition)]


def _name(operand: Operand) -> str:
    if not isinstance(operand, PathOf):
        raise validation(f"Invalid {_TITLE}: a condition must compare a key attribute with a value")
    if len(operand.path) > 1:
        raise validation(f"{_TITLE}s cannot have conditions on nested attributes")
    return str(operand.path[0])


def _literals(*operands: Operand) -> tuple[Value, ...]:
    found = tuple(operand.value for operand in operands if isinstance(operand, Literal))
    if len(found) < len(operands):
        raise validation(f"Invalid {_TITLE}: a condition must compare a key attribute with a value")
    return found


def _check_values(part: KeyPart, condition: KeyCondition) -> None:
    for value in condition.values:
        if type_of(value) != part.type:
            raise validation(
                "One or more parameter values were invalid: Condition parameter type does not match schema type"
            )
        if not value[part.type]:
            kind = "binary" if part.type == "B" else "string"
            raise validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain "
                f"an empty {kind} value. Key: {part.name}"
            )


def _span(parts: tuple[KeyPart, ...], conditions: Mapping[str, KeyCondition]) -> tuple[Sorts, Sorts]:
    """Sort attributes count from the left: all but the last condition must be an equality."""
    given = [conditions[part.name] for part in parts if part.name in conditions]
    if any(part.name not in conditions for part in parts[: len(given)]):
        raise _unsupported()
    if any(condition.operator != "=" for condition in given[:-1]):
        raise _unsupported()
    fixed = tuple(_rank(condition.values[0]) for condition in given[:-1])
    if not given:
        return (), (TOP,)
    low, high = _last(given[-1])
    return fixed + low, fixed + high


def _rank(value: Value) -> Any:
    kind = type_of(value)
    return rank(kind, value[kind])


def _last(condition: KeyCondition) -> tuple[Sorts, Sorts]:
    value = _rank(condition.values[0])
    at, behind = (value,), (value, TOP)
    if condition.operator == "between":
        return at, (_rank(condition.values[1]), TOP)
    if condition.operator == "begins_with":
        return at, (_after_prefix(value),)
    spans = {"=": (at, behind), "<": ((), at), "<=": ((), behind), ">": (behind, (TOP,)), ">=": (at, (TOP,))}
    return spans[condition.operator]


def _after_prefix(prefix: bytes) -> Any:
    """The least rank greater than everything that begins with `prefix`."""
    kept = prefix.rstrip(b"\xff")
    return kept[:-1] + bytes([kept[-1] + 1]) if kept else TOP
