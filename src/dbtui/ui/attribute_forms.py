r"""How one attribute value is typed, type by type, and what becomes of it when its type changes. Pure; nothing is lost.

A string is edited as text. What a text area would not show, or would not keep (tabs, control and bidi characters, other
line ends), is written with a backslash: ``\t``, ``\x1b``, ``\u2028``, and then a backslash is ``\\``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final

from dbtui.domain import typed_json
from dbtui.domain.json_text import TextError
from dbtui.domain.text import escape
from dbtui.domain.values import (
    SETS,
    TYPE_WORDS,
    Value,
    content,
    from_base64,
    number,
    sorted_members,
    to_base64,
    type_of,
)


class Spelling(Enum):
    """How the text in the field stands for the value."""

    TEXT = "text"
    ESCAPES = "text with \\ escapes"
    BASE64 = "base64"
    HEX = "hex"
    JSON = "typed JSON"
    CHOICE = ""


class FormError(ValueError):
    """A text that is no value of the type; ``line`` counts from 1, 0 where it does not matter."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}: {reason}" if column else reason)
        self.line = line
        self.column = column


_SPELLINGS: Final[dict[str, tuple[Spelling, ...]]] = {
    "S": (Spelling.TEXT, Spelling.ESCAPES),
    "N": (Spelling.TEXT,),
    "B": (Spelling.BASE64, Spelling.HEX, Spelling.TEXT),
    "BOOL": (Spelling.CHOICE,),
    "NULL": (Spelling.CHOICE,),
    "SS": (Spelling.TEXT, Spelling.ESCAPES, Spelling.JSON),
    "NS": (Spelling.TEXT,),
    "BS": (Spelling.BASE64, Spelling.HEX, Spelling.JSON),
    "L": (Spelling.JSON,),
    "M": (Spelling.JSON,),
}
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}
_ESCAPE: Final = re.compile(r"\\(?:([nrt\\])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))")
_SPACE: Final = re.compile(r"\s+")


def spellings(kind: str) -> tuple[Spelling, ...]:
    """Every way to write a value of this type, the usual one first."""
    return _SPELLINGS[kind]


def natural(value: Value) -> Spelling:
    """The spelling a value is opened in: the usual one, unless that would not show or keep all of it."""
    kind = type_of(value)
    if kind == "S" and not _is_plain(content(value)):
        return Spelling.ESCAPES
    if kind in SETS and not all(content(value)):
        return Spelling.JSON  # an empty element has no line of its own
    if kind == "SS" and not all(_is_plain(one) and "\n" not in one for one in content(value)):
        return Spelling.ESCAPES
    return _SPELLINGS[kind][0]


def _is_plain(text: str) -> bool:
    """Whether a text area shows and keeps the text as it is: nothing invisible but line feeds."""
    return escape(text.replace("\n", "")) == text.replace("\n", "")


def text_of(value: Value, spelling: Spelling) -> str:
    """The value as it is typed; raises :class:`FormError` when this spelling cannot show it."""
    kind, inner = type_of(value), content(value)
    if kind in ("L", "M") or spelling is Spelling.JSON:
        return typed_json.encode_value(value, indent=2)
    if kind in SETS:
        members = sorted_members(kind, inner)
        if not all(members):
            raise FormError("an empty element has no line of its own")
        return "\n".join(_written(one, spelling, in_set=True) for one in members)
    return "" if kind in ("BOOL", "NULL") else _written(inner, spelling, in_set=False)


def _written(inner: str | bytes, spelling: Spelling, *, in_set: bool) -> str:
    if isinstance(inner, bytes):
        return _written_bytes(inner, spelling)
    if spelling is Spelling.ESCAPES:
        return escaped(inner, keep_lines=not in_set)
    if not _is_plain(inner) or (in_set and "\n" in inner):
        raise FormError("it holds characters that only escapes can show")
    return inner


def _written_bytes(inner: bytes, spelling: Spelling) -> str:
    if spelling is Spelling.HEX:
        return inner.hex(" ")
    if spelling is Spelling.BASE64:
        return to_base64(inner)
    try:
        text = inner.decode("utf-8")
    except UnicodeDecodeError:
        raise FormError("these bytes are not UTF-8 text") from None
    return _written(text, Spelling.TEXT, in_set=False)


def escaped(text: str, *, keep_lines: bool = True) -> str:
    r"""The text with ``\\`` for a backslash and escapes for what is invisible; line feeds stay line ends if wanted."""
    doubled = text.replace("\\", "\\\\")
    return "\n".join(map(escape, doubled.split("\n"))) if keep_lines else escape(doubled)


def unescaped(text: str) -> str:
    """The inverse of :func:`escaped`; raises :class:`FormError` for a backslash that means nothing."""

    def character(match: re.Match[str]) -> str:
        if short := match.group(1):
            return _SHORT[short]
        code = int(match.group(2) or match.group(3) or match.group(4), 16)
        if code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise FormError(f"{match.group()} is no character")
        return chr(code)

    stray = next((at for at in _backslashes(text) if not _ESCAPE.match(text, at)), None)
    if stray is not None:
        line, column = text.count("\n", 0, stray) + 1, stray - text.rfind("\n", 0, stray)
        raise FormError(
            "a backslash is written \\\\; the escapes are \\n \\r \\t \\xHH \\uHHHH \\UHHHHHHHH", line, column
        )
    return _ESCAPE.sub(character, text)


def _backslashes(text: str) -> list[int]:
    """Where escapes begin: at a backslash that is not the second of a pair."""
    found, at = [], text.find("\\")
    while at >= 0:
        found.append(at)
        at = text.find("\\", at + 2)
    return found


def value_of(text: str, kind: str, spelling: Spelling) -> Value:
    """The value that was typed; raises :class:`FormError` with what is wrong with it."""
    if kind == "S":
        return {"S": _whole(unescaped(text) if spelling is Spelling.ESCAPES else text)}
    if kind == "N":
        return {"N": _number(text)}
    if kind == "B":
        return {"B": _bytes(text, spelling)}
    if kind in SETS and spelling is not Spelling.JSON:
        return {kind: _set(text, kind, spelling)}
    return _json(text, kind)


def _whole(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormError(
            f"half a character at position {error.start + 1} (a lone surrogate): it cannot be stored"
        ) from None
    return text


def _number(text: str) -> str:
    text = text.strip()
    try:
        number(text)
    except ValueError as error:
        raise FormError(str(error) if text else "a number needs a digit") from None
    return text


def _bytes(text: str, spelling: Spelling) -> bytes:
    try:
        if spelling is Spelling.HEX:
            return bytes.fromhex(_SPACE.sub("", text))
        return from_base64(text) if spelling is Spelling.BASE64 else _whole(text).encode("utf-8")
    except ValueError as error:
        if isinstance(error, FormError):
            raise
        reason = "not hex: two digits 0-9 a-f for every byte" if spelling is Spelling.HEX else str(error)
        raise FormError(reason) from None


def _set(text: str, kind: str, spelling: Spelling) -> list[str | bytes]:
    """One element a line; blank lines count for nothing but must not be meant as empty texts."""
    read: Callable[[str], str | bytes]
    if kind == "NS":
        read = _number
    elif kind == "BS":
        read = lambda line: _bytes(line, spelling)  # noqa: E731 - the three readers side by side
    else:
        read = lambda line: _whole(unescaped(line) if spelling is Spelling.ESCAPES else line)  # noqa: E731
    members: list[str | bytes] = []
    keys: set[object] = set()
    for at, line in enumerate(text.split("\n"), 1):
        if not line:
            continue
        try:
            member = read(line)
        except FormError as error:
            raise FormError(f"line {at}: {error}", at) from None
        key = number(str(member)) if kind == "NS" else member
        if key in keys:
            raise FormError(f"line {at}: this element is in the set already", at)
        keys.add(key)
        members.append(member)
    if not members:
        raise FormError("a set cannot be empty; remove the attribute instead (ctrl+r)")
    return members


def _json(text: str, kind: str) -> Value:
    try:
        value = typed_json.decode_value(text)
    except TextError as error:
        raise FormError(error.reason, error.line, error.column) from None
    if type_of(value) != kind:
        raise FormError(
            f"this is a {TYPE_WORDS[type_of(value)]}; the attribute is a {TYPE_WORDS[kind]} (ctrl+t changes it)"
        )
    return value


# -- another type -----------------------------------------------------------------------------------------------------


def converted(value: Value, kind: str) -> Value:
    """The value as another type, where that says the same; raises :class:`FormError` with the reason where not."""
    own, inner = type_of(value), content(value)
    if own == kind:
        return value
    if own == "NULL":
        return _EMPTY[kind]() if kind in _EMPTY else _no("there is no number in NULL; type one after choosing it")
    if kind == "NULL":
        return {"NULL": True}
    convert = _CONVERSIONS.get((own, kind))
    if convert is not None:
        return convert(inner)
    if kind == "L":
        return {"L": [{own[0]: one} for one in sorted_members(own, inner)]} if own in SETS else {"L": [value]}
    if kind in SETS:
        return _as_set(own, inner, kind)
    return _no(f"a {TYPE_WORDS[own]} is no {TYPE_WORDS[kind]}")


def _no(reason: str) -> Value:
    raise FormError(reason)


def _as_set(own: str, inner: object, kind: str) -> Value:
    element = kind[0]
    if own == "L":
        assert isinstance(inner, list)
        members = [content(converted_scalar(one, element)) for one in inner]
        if not members:
            return _no("a set cannot be empty")
        if len(set(map(number, members) if kind == "NS" else members)) < len(members):
            return _no("an element occurs twice; a set has each once")
        return {kind: members}
    if own in SETS:
        assert isinstance(inner, list)
        return {kind: [content(converted_scalar({own[0]: one}, element)) for one in inner]}
    if own in ("S", "N", "B"):
        return {kind: [content(converted_scalar({own: inner}, element))]}
    return _no(f"a {TYPE_WORDS[own]} is no {TYPE_WORDS[kind]}")


def converted_scalar(value: Value, kind: str) -> Value:
    """An element of a list or set as the element type of a set."""
    own = type_of(value)
    if own == kind:
        return value
    convert = _CONVERSIONS.get((own, kind)) if own in ("S", "N", "B") else None
    return convert(content(value)) if convert is not None else _no(f"it holds a {TYPE_WORDS[own]}, not only {kind}")


def _text_to_number(text: str) -> Value:
    try:
        return {"N": _number(text)}
    except FormError:
        return _no("the text is not a number")


def _text_to_bool(text: str) -> Value:
    word = text.strip().lower()
    return {"BOOL": word == "true"} if word in ("true", "false") else _no("only true and false become a boolean")


def _text_to_json(kind: str) -> Callable[[str], Value]:
    """A text that is the typed JSON of a list or map is read; into a list, any other text goes as its one element."""

    def convert(text: str) -> Value:
        try:
            return _json(text, kind)
        except FormError:
            return {"L": [{"S": text}]} if kind == "L" else _no("the text is not the typed JSON of a map")

    return convert


def _bytes_to_text(data: bytes) -> Value:
    try:
        return {"S": data.decode("utf-8")}
    except UnicodeDecodeError:
        return _no("these bytes are not UTF-8 text")


_EMPTY: Final[dict[str, Callable[[], Value]]] = {
    "S": lambda: {"S": ""},
    "B": lambda: {"B": b""},
    "BOOL": lambda: {"BOOL": False},
    "L": lambda: {"L": []},
    "M": lambda: {"M": {}},
}
_CONVERSIONS: Final[dict[tuple[str, str], Callable[..., Value]]] = {
    ("S", "N"): _text_to_number,
    ("S", "BOOL"): _text_to_bool,
    ("S", "B"): lambda text: {"B": text.encode("utf-8")},
    ("S", "L"): _text_to_json("L"),
    ("S", "M"): _text_to_json("M"),
    ("N", "S"): lambda text: {"S": text},
    ("N", "BOOL"): lambda text: {"BOOL": bool(number(text))} if number(text) in (0, 1) else _no("only 0 and 1 do"),
    ("B", "S"): _bytes_to_text,
    ("BOOL", "S"): lambda truth: {"S": "true" if truth else "false"},
    ("BOOL", "N"): lambda truth: {"N": "1" if truth else "0"},
    ("L", "S"): lambda members: {"S": typed_json.encode_value({"L": members})},
    ("M", "S"): lambda members: {"S": typed_json.encode_value({"M": members})},
}
