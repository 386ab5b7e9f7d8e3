"""Attribute values as they travel (numbers as text, binary as base64): checked, normalised, weighed, compared."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from dbtui.demo.dataplane.numbers import normalised, number_size
from dbtui.demo.protocol.errors import AwsError, validation

Value: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, Value]
LARGEST_ITEM = 400 * 1024
_DEEPEST = 32
_INVALID = "One or more parameter values were invalid: "


def type_of(value: Value) -> str:
    return next(iter(value))


def checked_item(item: object) -> Item:
    """The item with every value checked and normalised; AwsError in AWS's words."""
    if not isinstance(item, dict):
        raise AwsError("SerializationException", "Unexpected token received from parser")
    return {name: checked(value) for name, value in item.items()}


def checked(value: object, depth: int = 1) -> Value:
    """One value, normalised as DynamoDB would give it back. `depth` counts the levels of lists and maps."""
    if not isinstance(value, dict):
        raise AwsError("SerializationException", "Unexpected value type in payload")
    if len(value) != 1:
        how = "is empty" if not value else "has more than one datatypes set"
        raise validation(f"Supplied AttributeValue {how}, must contain exactly one of the supported datatypes")
    kind, content = next(iter(value.items()))
    check = _CHECKS.get(kind)
    if check is None:
        raise validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    if depth > _DEEPEST and kind in ("L", "M"):
        raise validation(
            "Nesting Levels have exceeded supported limits: "
            "Attributes in the item have nested levels beyond supported limit"
        )
    return {kind: check(content, depth)}


def _text(content: Any, _: int) -> str:
    if not isinstance(content, str):
        raise AwsError("SerializationException", "Unexpected value type in payload: expected a string")
    if not content.isascii():
        _utf8(content)
    return content


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise AwsError("SerializationException", "Invalid UTF-8: a surrogate stands alone in a string") from None


def _number(content: Any, _: int) -> str:
    return normalised(content)


def _binary(content: Any, _: int) -> str:
    try:
        return base64.b64encode(base64.b64decode(content, validate=True)).decode()
    except (binascii.Error, TypeError, ValueError):
        raise AwsError("SerializationException", "Base64 encoded binary value is invalid") from None


def _truth(content: Any, _: int) -> bool:
    if not isinstance(content, bool):
        raise AwsError("SerializationException", "Unexpected value type in payload: expected a boolean")
    return content


def _null(content: Any, _: int) -> bool:
    if content is not True:
        raise validation(f"{_INVALID}Null attribute value types must have the value of true")
    return True


def _strings(content: Any, depth: int) -> list[str]:
    members = _members(content, _text, depth, "An string set  may not be empty")
    if "" in members:
        raise validation(f"{_INVALID}An string set may not have a empty string as a member")
    if len(set(members)) < len(members):
        raise validation(f"{_INVALID}Input collection [{', '.join(members)}] contains duplicates.")
    return members


def _numbers(content: Any, depth: int) -> list[str]:
    members = _members(content, _number, depth, "An number set  may not be empty")
    if len(set(members)) < len(members):
        raise validation("Input collection contains duplicates")
    return members


def _binaries(content: Any, depth: int) -> list[str]:
    members = _members(content, _binary, depth, "Binary sets should not be empty")
    if "" in members:
        raise validation(f"{_INVALID}Binary sets may not contain null or empty values")
    if len(set(members)) < len(members):
        raise validation(f"{_INVALID}Input collection [{', '.join(members)}]of type BS contains duplicates.")
    return members


def _members(content: Any, read: Callable[[Any, int], str], depth: int, when_empty: str) -> list[str]:
    if not isinstance(content, list):
        raise AwsError("SerializationException", "Unexpected value type in payload: expected a list")
    if not content:
        raise validation(_INVALID + when_empty)
    return [read(member, depth) for member in content]


def _list(content: Any, depth: int) -> list[Value]:
    if not isinstance(content, list):
        raise AwsError("SerializationException", "Unexpected value type in payload: expected a list")
    return [checked(member, depth + 1) for member in content]


def _map(content: Any, depth: int) -> Item:
    if not isinstance(content, dict):
        raise AwsError("SerializationException", "Unexpected value type in payload: expected a map")
    for name in content:
        _utf8(name)
    return {name: checked(member, depth + 1) for name, member in content.items()}


_CHECKS: dict[str, Callable[[Any, int], Any]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _truth,
    "NULL": _null,
    "SS": _strings,
    "NS": _numbers,
    "BS": _binaries,
    "L": _list,
    "M": _map,
}


def value_size(value: Value) -> int:
    """Bytes by the documented rules: UTF-8 text, raw binary, 3 for a list or map and 1 for each of its elements."""
    kind, content = next(iter(value.items()))
    if kind == "S":
        return text_size(content)
    if kind == "N":
        return number_size(content)
    if kind == "B":
        return binary_size(content)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "M":
        return 3 + len(content) + item_size(content)
    if kind == "L":
        return 3 + len(content) + sum(map(value_size, content))
    weigh = {"SS": text_size, "NS": number_size, "BS": binary_size}[kind]
    return sum(map(weigh, content))


def text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def binary_size(text: str) -> int:
    """Of padded base64, as `checked` leaves it."""
    return len(text) // 4 * 3 - text.count("=", -2)


def item_size(item: Mapping[str, Value]) -> int:
    return sum(text_size(name) + value_size(value) for name, value in item.items())


def canonical(value: Value) -> Any:
    """Equal for values that DynamoDB takes for equal: sets whatever their order, maps whatever theirs."""
    kind, content = next(iter(value.items()))
    if kind in ("SS", "NS", "BS"):
        return kind, frozenset(content)
    if kind == "L":
        return kind, tuple(map(canonical, content))
    if kind == "M":
        return kind, frozenset((name, canonical(member)) for name, member in content.items())
    return kind, content


def rank(kind: str, content: str) -> bytes | Decimal:
    """What values of one key type are ordered by: numbers by worth, text by UTF-8, binary by its bytes."""
    if kind == "N":
        return Decimal(content)
    return base64.b64decode(content) if kind == "B" else content.encode()
