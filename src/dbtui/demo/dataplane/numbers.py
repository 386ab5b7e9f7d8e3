"""DynamoDB's numbers: 38 significant digits, magnitudes from 1E-130 to 9.99…E+125, written without an exponent."""

from __future__ import annotations

import re
from decimal import Context, Decimal, InvalidOperation

from dbtui.demo.protocol.errors import AwsError, validation

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_DIGITS = 38
_LARGEST, _SMALLEST = 125, -130
_EXACT = Context(prec=400)
"""Enough digits for the exact sum of any two numbers DynamoDB holds (125 + 130 + 38 places)."""


def normalised(text: object) -> str:
    """The number as DynamoDB gives it back: no leading or trailing zeros, no exponent, no minus before zero."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise validation(f"The parameter cannot be converted to a numeric value: {text}")
    plain = text[1:] if text[0] == "-" else text
    if len(plain) <= _DIGITS and plain.isascii() and plain.isdigit() and (plain[0] != "0" or plain == "0"):
        return plain if plain == "0" else text
    try:
        return _written(Decimal(text))
    except InvalidOperation:
        raise _overflow() from None


def _written(number: Decimal) -> str:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "infinities and NaN are not numbers here"
    text = "".join(map(str, digits)).lstrip("0")
    significant = text.rstrip("0")
    if not significant:
        return "0"
    if len(significant) > _DIGITS:
        raise validation("Attempting to store more than 38 significant digits in a Number")
    magnitude = len(text) + exponent - 1
    if magnitude > _LARGEST:
        raise _overflow()
    if magnitude < _SMALLEST:
        raise validation("Number underflow. Attempting to store a number with magnitude smaller than supported range")
    trimmed = Decimal((sign, tuple(map(int, significant)), exponent + len(text) - len(significant)))
    return f"{trimmed:f}"


def _overflow() -> AwsError:
    return validation("Number overflow. Attempting to store a number with magnitude larger than supported range")


def added(one: str, other: str) -> str:
    """The exact sum; refused when DynamoDB could not hold it."""
    return _written(_EXACT.add(Decimal(one), Decimal(other)))


def subtracted(one: str, other: str) -> str:
    return _written(_EXACT.subtract(Decimal(one), Decimal(other)))


def number_size(text: str) -> int:
    """Bytes a normalised number takes: one, and one for every two significant digits, and one for a minus."""
    negative = text.startswith("-")
    digits = text.lstrip("-").replace(".", "").strip("0")
    return 1 + (len(digits) + 1) // 2 + negative
