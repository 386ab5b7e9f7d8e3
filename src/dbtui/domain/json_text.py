"""JSON read by ourselves: every value knows where it stands, numbers keep their text, mistakes are explained.

A line whose first character besides blanks starts ``//`` is a comment. Positions are those of the text as given, lines
and columns counted from 1, columns in characters.
"""

from __future__ import annotations

import re
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn

import msgspec

from dbtui.domain import json_mistakes
from dbtui.domain.failures import DbtuiError, Failure, FailureKind

# Levels of brackets. DynamoDB stores 32, which DynamoDB JSON writes as 65; the rest is for a later, better message.
MAX_DEPTH: Final = 160

_SHOWN_LENGTH: Final = 40

OBJECT: Final = "object"
ARRAY: Final = "array"
STRING: Final = "string"
NUMBER: Final = "number"
TRUE: Final = "true"
FALSE: Final = "false"
NULL: Final = "null"

_BLANK: Final = r"[ \t\n\r]*+"
_DIGITS: Final = r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?"
_ESCAPED: Final = r'"([^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+)"'

# What nearly every element and member is: a scalar with the delimiter behind it, or an opening bracket.
_SCALAR: Final = rf"{_BLANK}(?:(?:{_ESCAPED}|({_DIGITS})|(true|false|null)){_BLANK}[,\]}}]|([\[{{]))"
_ELEMENT: Final = re.compile(_SCALAR)
_MEMBER: Final = re.compile(rf"{_BLANK}{_ESCAPED}{_BLANK}:{_SCALAR}")
# Any value or name, whatever follows it.
_VALUE: Final = re.compile(rf"{_BLANK}(?:{_ESCAPED}|({_DIGITS})|(true|false|null)(?![\w$])|([\[{{]))")
_NAME: Final = re.compile(rf"{_BLANK}{_ESCAPED}{_BLANK}:")
_OPENING: Final = 4
_CLOSING: Final = re.compile(rf"{_BLANK}([\]}}])")
_DELIMITER: Final = re.compile(rf"{_BLANK}([,\]}}])")
_SURROGATES: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_UNESCAPE: Final = msgspec.json.Decoder(str)
_COMMENT: Final = re.compile(r"^[ \t]*//[^\n]*", re.MULTILINE)
_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", re.ASCII)

# What an editor would not show, or would show in another place: escaped, although JSON does not ask.
_INVISIBLE: Final = re.compile(
    "["
    "\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f"
    "]"
)


class TextError(DbtuiError):
    """A text that does not say what its format needs: where (from 1), and why in plain words."""

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(Failure(FailureKind.INVALID, f"line {line}, column {column}: {reason}"))
        self.line = line
        self.column = column
        self.reason = reason


class Node(msgspec.Struct, gc=False):
    """One JSON value: `content` is the members by name, the elements, the text, or the number as written."""

    kind: str
    start: int
    content: Any
    key_start: int = -1


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column, from 1, of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def fail(text: str, offset: int, reason: str) -> NoReturn:
    """Raises the `TextError` for a place in the text."""
    raise TextError(reason, *position(text, offset))


def is_number(text: str) -> bool:
    """Whether JSON allows the text as a number token."""
    return _JSON_NUMBER.fullmatch(text) is not None


def quoted(text: str) -> str:
    """The text as a JSON string that shows everything: what an editor would hide is escaped."""
    written = encode_basestring(text)
    return written if written.isascii() and "\x7f" not in written else _INVISIBLE.sub(_as_escape, written)


def shown(text: str) -> str:
    """The text in quotes for a message: `quoted`, and cut where it is long."""
    return quoted(text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…")


def _as_escape(match: re.Match[str]) -> str:
    units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def read(text: str) -> Node:
    """The one JSON value of a text. Raises `TextError`."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        fail(text, error.start, json_mistakes.LONE_SURROGATE)
    plain = _COMMENT.sub(_blank, text) if "//" in text else text
    if plain.startswith("\ufeff"):
        plain = " " + plain[1:]
    return _Reader(plain).document()


def _blank(match: re.Match[str]) -> str:
    return " " * (match.end() - match.start())


class _Reader:
    """Reads one text. Each loop has a fast way, one pattern for what comes most, and a thorough one for the rest."""

    def __init__(self, text: str) -> None:
        self._text = text

    def document(self) -> Node:
        node, at = self._value(0, 0)
        rest = json_mistakes.skip_blanks(self._text, at)
        if rest < len(self._text):
            self._fail(json_mistakes.after_the_end(self._text, rest))
        return node

    def _value(self, at: int, depth: int) -> tuple[Node, int]:
        """Any value, `depth` brackets deep, and the offset behind it."""
        match = _VALUE.match(self._text, at)
        if match is None:
            self._fail(json_mistakes.instead_of_value(self._text, at))
        which = match.lastindex or 0
        if which == _OPENING:
            return self._container(match.end() - 1, depth + 1)
        start, content = match.start(which), match[which]
        return self._scalar(which, content, start), match.end()

    def _scalar(self, which: int, content: str, start: int) -> Node:
        if which == 1:
            return Node(STRING, start - 1, self._unescaped(content, start) if "\\" in content else content)
        return Node(NUMBER if which == 2 else content, start, content)

    def _container(self, start: int, depth: int) -> tuple[Node, int]:
        """The object or list that opens at `start`, and the offset behind its closing bracket."""
        if depth > MAX_DEPTH:
            self._fail((start, f"brackets more than {MAX_DEPTH} deep; DynamoDB nests values to 32"))
        return self._object(start, depth) if self._text[start] == "{" else self._array(start, depth)

    def _array(self, start: int, depth: int) -> tuple[Node, int]:
        elements: list[Node] = []
        text, at, next_element = self._text, start + 1, _ELEMENT.match
        while True:
            match = next_element(text, at)
            if match is None and not elements and (closing := _CLOSING.match(text, at)) and closing[1] == "]":
                return Node(ARRAY, start, elements), closing.end()
            if match is None:
                node, at = self._value(at, depth)
                delimiter, at = self._delimiter(at, start)
            elif (which := match.lastindex or 0) == _OPENING:
                node, at = self._container(match.end() - 1, depth + 1)
                delimiter, at = self._delimiter(at, start)
            else:
                node, at = self._scalar(which, match[which], match.start(which)), match.end()
                delimiter = text[at - 1]
            elements.append(node)
            if delimiter == "]":
                return Node(ARRAY, start, elements), at
            if delimiter != ",":
                self._fail(json_mistakes.instead_of_comma(text, at - 1, start))

    def _object(self, start: int, depth: int) -> tuple[Node, int]:
        members: dict[str, Node] = {}
        text, at, next_member = self._text, start + 1, _MEMBER.match
        while True:
            match = next_member(text, at)
            if match is None and not members and (closing := _CLOSING.match(text, at)) and closing[1] == "}":
                return Node(OBJECT, start, members), closing.end()
            if match is None:
                name, key_start, at = self._name(at)
                node, at = self._value(at, depth)
                delimiter, at = self._delimiter(at, start)
            else:
                name, key_start, which = match[1], match.start(1) - 1, (match.lastindex or 0) - 1
                if "\\" in name:
                    name = self._unescaped(name, key_start + 1)
                if which == _OPENING:
                    node, at = self._container(match.end() - 1, depth + 1)
                    delimiter, at = self._delimiter(at, start)
                else:
                    node, at = self._scalar(which, match[which + 1], match.start(which + 1)), match.end()
                    delimiter = text[at - 1]
            if name in members:
                self._fail((key_start, f"the name {shown(name)} is here a second time"))
            node.key_start = key_start
            members[name] = node
            if delimiter == "}":
                return Node(OBJECT, start, members), at
            if delimiter != ",":
                self._fail(json_mistakes.instead_of_comma(text, at - 1, start))

    def _name(self, at: int) -> tuple[str, int, int]:
        """A name, where its quote stands, and the offset behind its colon."""
        match = _NAME.match(self._text, at)
        if match is None:
            self._fail(json_mistakes.instead_of_name(self._text, at))
        return self._unescaped(match[1], match.start(1)), match.start(1) - 1, match.end()

    def _delimiter(self, at: int, opened: int) -> tuple[str, int]:
        """The comma or closing bracket after a value in what opened at `opened`, and the offset behind it."""
        match = _DELIMITER.match(self._text, at)
        if match is None:
            self._fail(json_mistakes.instead_of_comma(self._text, at, opened))
        return match[1], match.end()

    def _unescaped(self, text: str, start: int) -> str:
        """The characters of a text between quotes, whose grammar is known to be right."""
        if "\\ud" in text or "\\uD" in text:
            for match in _SURROGATES.finditer(text):
                if match[1]:
                    self._fail((start + match.start(), json_mistakes.LONE_SURROGATE))
        return _UNESCAPE.decode(f'"{text}"')

    def _fail(self, mistake: tuple[int, str]) -> NoReturn:
        fail(self._text, *mistake)
