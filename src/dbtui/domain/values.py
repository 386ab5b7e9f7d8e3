"""DynamoDB attribute values: one representation, and the algebra on it.

A value is held as AWS's client takes and gives it, a dict of one type name to content: ``{"S": text}``,
``{"N": text}``, ``{"B": bytes}``, ``{"BOOL": bool}``, ``{"NULL": True}``, ``{"SS": [text]}``, ``{"NS": [text]}``,
``{"BS": [bytes]}``, ``{"L": [value]}``, ``{"M": {name: value}}``. A number is always its text, so nothing is ever
rounded. Values are never changed in place; `copy_item` is for those who build on one.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias

from dbtui.domain.failures import UsageError
from dbtui.domain.json_text import quoted
from dbtui.domain.models import KeyPart

Value: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, Value]
Path: TypeAlias = tuple[str | int, ...]

TYPE_WORDS: Final = {
    "S": "string",
    "N": "number",
    "B": "binary",
    "BOOL": "boolean",
    "NULL": "null",
    "SS": "string set",
    "NS": "number set",
    "BS": "binary set",
    "L": "list",
    "M": "map",
}
TYPES: Final = tuple(TYPE_WORDS)
SETS: Final = ("SS", "NS", "BS")

MAX_DIGITS: Final = 38
MIN_EXPONENT: Final = -130
MAX_EXPONENT: Final = 125

# Across types: what people compare most comes first, what is not there last.
_RANKS: Final = {type_: rank for rank, type_ in enumerate(("N", "S", "B", "BOOL", "NULL", "NS", "SS", "BS", "L", "M"))}
_NOT_A_NUMBER: Final = (len(_RANKS),)
_ABSENT: Final = (len(_RANKS) + 1,)

_NUMBER: Final = re.compile(r"[-+]?([0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?", re.ASCII)
_PLAIN_NAME: Final = re.compile(r"[^\W\d][\w-]*")
_SPACE: Final = re.compile(rb"[ \t\r\n]+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*")


def type_of(value: Value) -> str:
    """The type's short name: one of `TYPES`."""
    for type_ in value:
        return type_
    raise ValueError("an attribute value without a type")


def content(value: Value) -> Any:
    """What stands under the type."""
    for inner in value.values():
        return inner
    raise ValueError("an attribute value without a type")


def digits_of(text: str) -> str:
    """The significant digits of a number's text, without the zeros around them; ``""`` for zero."""
    if _is_plain_integer(text):
        return text.strip("0")
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"{_brief(text)!r} is not a number")
    return match.group(1).replace(".", "").strip("0")


def number(text: str) -> Decimal:
    """The exact number. Raises ValueError, with a sentence, for what DynamoDB does not store as a number."""
    digits = digits_of(text)
    exact = _exact(text)
    if not digits:
        return Decimal(0) if exact is None else exact
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"{_brief(text)} has {len(digits)} significant digits; DynamoDB keeps {MAX_DIGITS}")
    if exact is None or not MIN_EXPONENT <= exact.adjusted() <= MAX_EXPONENT:
        raise ValueError(f"{_brief(text)} is out of range; numbers go from ±1E-130 to ±9.99…E+125")
    return exact


def _brief(text: str) -> str:
    return text if len(text) <= 48 else f"{text[:32]}…"


def _exact(text: str) -> Decimal | None:
    """The number however large or precise; None for a text that is none (Decimal's constructor never rounds)."""
    if not _is_plain_integer(text) and _NUMBER.fullmatch(text) is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def equal(one: Value | None, other: Value | None) -> bool:
    """Whether DynamoDB would call them equal: numbers by value, sets without order, binary by bytes. None is absent."""
    if one is None or other is None:
        return one is other
    type_ = type_of(one)
    if type_ != type_of(other):
        return False
    mine, theirs = content(one), content(other)
    if type_ == "M":
        return items_equal(mine, theirs)
    if type_ == "L":
        return len(mine) == len(theirs) and all(map(equal, mine, theirs))
    if mine == theirs:
        return True
    if type_ == "N":
        return number_key(mine) == number_key(theirs)
    if type_ == "NS":
        return set(map(number_key, mine)) == set(map(number_key, theirs))
    return type_ in SETS and set(mine) == set(theirs)


def items_equal(one: Item | None, other: Item | None) -> bool:
    """`equal` for whole items (or the contents of maps)."""
    if one is None or other is None:
        return one is other
    return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())


def number_key(text: str) -> tuple[Any, ...]:
    """A sort key of a number's text: equal for equal numbers, exact; a text that is no number comes after them."""
    exact = _exact(text)
    return (_RANKS["N"], exact) if exact is not None else (*_NOT_A_NUMBER, text)


def order(value: Value | None) -> tuple[Any, ...]:
    """A sort key over all values: within a type DynamoDB's order, the types in a fixed order, absent last."""
    if value is None:
        return _ABSENT
    type_, inner = type_of(value), content(value)
    if type_ == "N":
        return number_key(inner)
    rank = _RANKS[type_]
    if type_ == "NULL":
        return (rank,)
    if type_ == "NS":
        return (rank, tuple(sorted(map(number_key, inner))))
    if type_ in SETS:
        return (rank, tuple(sorted(inner)))
    if type_ == "L":
        return (rank, tuple(map(order, inner)))
    if type_ == "M":
        return (rank, tuple(sorted((name, order(each)) for name, each in inner.items())))
    return (rank, inner)  # code points sort as UTF-8 bytes do, bytes as unsigned, False before True


def sorted_members(type_: str, members: Sequence[Any]) -> list[Any]:
    """A set's members in the order they are shown: numbers by value, texts by UTF-8 bytes, binary by bytes."""
    return sorted(members, key=number_key) if type_ == "NS" else sorted(members)


def value_size(value: Value) -> int:
    """Bytes of the value, by the documented rules (without its name)."""
    type_, inner = type_of(value), content(value)
    if type_ == "S":
        return _text_size(inner)
    if type_ == "N":
        return _number_size(inner)
    if type_ == "B":
        return len(inner)
    if type_ == "M":
        return 3 + sum(1 + attribute_size(name, each) for name, each in inner.items())
    if type_ == "L":
        return 3 + sum(1 + value_size(each) for each in inner)
    if type_ == "SS":
        return sum(map(_text_size, inner))
    if type_ == "NS":
        return sum(map(_number_size, inner))
    if type_ == "BS":
        return sum(map(len, inner))
    return 1


def attribute_size(name: str, value: Value) -> int:
    """Bytes of an attribute: its name and its value."""
    return _text_size(name) + value_size(value)


def item_size(item: Item) -> int:
    """Bytes that count against the limit of 400 KB."""
    return sum(attribute_size(name, value) for name, value in item.items())


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _is_plain_integer(text: str) -> bool:
    return text.isdigit() and text.isascii()


def _number_size(text: str) -> int:
    """One byte, one for two digits on either side of the point, one for a minus; zeros around the digits are free.

    This is what DynamoDB's limit was measured to count; the guide's rule leaves out the rounding at the point.
    """
    if _is_plain_integer(text):
        return (len(text.strip("0")) + 1) // 2 + 1
    exact = _exact(text)
    if exact is None:
        return len(text)
    digits = len(digits_of(text))
    before_point = min(digits, max(0, exact.adjusted() + 1))
    after_point = digits - before_point
    return 1 + (before_point + 1) // 2 + (after_point + 1) // 2 + (exact < 0)


def depth(value: Value) -> int:
    """The levels of a value, as DynamoDB counts them: a scalar or a set is 1, a list or map 1 more than its inside."""
    type_, inner = type_of(value), content(value)
    if type_ == "M":
        return 1 + max(map(depth, inner.values()), default=0)
    return 1 + max(map(depth, inner), default=0) if type_ == "L" else 1


def copy_value(value: Value) -> Value:
    """A deep copy."""
    type_, inner = type_of(value), content(value)
    if type_ == "M":
        return {type_: copy_item(inner)}
    if type_ == "L":
        return {type_: [copy_value(each) for each in inner]}
    return {type_: list(inner) if type_ in SETS else inner}


def copy_item(item: Item) -> Item:
    """A deep copy: nothing in it is shared with the original."""
    return {name: copy_value(value) for name, value in item.items()}


def key_of(item: Item, keys: Sequence[KeyPart]) -> Item:
    """The item's key attributes in schema order. Raises KeyError if one is missing."""
    return {part.name: item[part.name] for part in keys}


def at(item: Item, path: Path) -> Value | None:
    """The value at a path of names and list positions, or None."""
    value: Value | None = {"M": item}
    for part in path:
        if value is None:
            return None
        if isinstance(part, str):
            value = value.get("M", {}).get(part)
        else:
            elements = value.get("L", [])
            value = elements[part] if 0 <= part < len(elements) else None
    return value


def path_text(path: Path) -> str:
    """``a.b[0]``; a name with anything but letters, digits, ``_`` and ``-`` is quoted: ``"a.b"."c d"[0]``."""
    parts = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            name = part if _PLAIN_NAME.fullmatch(part) else quoted(part)
            parts.append(f".{name}" if parts else name)
    return "".join(parts)


def read_key_value(text: str, kind: str) -> Value:
    """A key value as a person types it: a string verbatim, a number, or binary as base64. Raises UsageError."""
    if not text:
        raise UsageError("a key cannot be empty")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UsageError("not UTF-8, or half a character (a lone surrogate)")
    if kind == "S":
        return {"S": text}
    try:
        if kind == "N":
            number(text.strip())
            return {"N": text.strip()}
        if kind == "B":
            return {"B": from_base64(text)}
    except ValueError as error:
        raise UsageError(str(error)) from None
    raise UsageError(f"a key is of type S, N or B, not {kind or 'unknown'}")


def key_text(value: Value) -> str:
    """How a key value is shown and typed: the string, the number, or the binary as base64."""
    inner = content(value)
    return to_base64(inner) if isinstance(inner, bytes) else str(inner)


def to_base64(data: bytes) -> str:
    """Standard alphabet, padded."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes of a base64 text, which may have blanks in it, no padding, or the URL-safe alphabet. Raises ValueError."""
    raw = _SPACE.sub(b"", text.encode("utf-8", "replace")).translate(bytes.maketrans(b"-_", b"+/"))
    bare = raw.rstrip(b"=")
    if not _BASE64.fullmatch(bare) or len(bare) % 4 == 1 or len(raw) - len(bare) > 2:
        raise ValueError("not base64: letters, digits, + and /, four for every three bytes")
    try:
        return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        raise ValueError("not base64") from None
