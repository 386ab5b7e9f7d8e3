"""What a person probably meant where JSON stops being JSON: the offset to look at, and the reason in plain words."""

from __future__ import annotations

import re
from typing import Final

from dbtui.domain.text import escape

Mistake = tuple[int, str]

LONE_SURROGATE: Final = "half a character (a lone surrogate): it cannot be stored; write the whole character"

_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_WORD: Final = re.compile(r"[-+\w.$]+")
_NUMBER_LIKE: Final = re.compile(r"[-+]?\.?[0-9]")
_STRING_PART: Final = re.compile(r'[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*+')
_WORDS: Final = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null", "undefined": "null"}
_NOT_NUMBERS: Final = frozenset({"nan", "infinity", "inf"})
_SHORT: Final = {"\t": "a tab is written \\t inside quotes", "\r": "a carriage return is written \\r inside quotes"}
_SHOWN_LENGTH: Final = 20


def skip_blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def instead_of_value(text: str, at: int) -> Mistake:
    """Why no value starts here."""
    at = skip_blanks(text, at)
    if at >= len(text):
        return _at_the_end(text, "a value")
    character = text[at]
    if character == '"':
        return _broken_string(text, at)
    if character in "]}":
        before = _before(text, at)
        if before >= 0 and text[before] == ",":
            return before, f"remove this comma: nothing follows it before the {character}"
        return at, f"expected a value, found {character}"
    if character in ",:":
        return at, f"expected a value, found {character}"
    return _odd_character(text, at, "a value")


def instead_of_name(text: str, at: int) -> Mistake:
    """Why no name with its colon starts here, inside braces."""
    at = skip_blanks(text, at)
    if at >= len(text):
        return _at_the_end(text, "a name in quotes")
    character = text[at]
    if character == '"':
        part = _STRING_PART.match(text, at + 1)
        end = part.end() if part else at
        if end >= len(text) or text[end] != '"':
            return _broken_string(text, at)
        after = skip_blanks(text, end + 1)
        if after >= len(text):
            return _at_the_end(text, "a colon after the name")
        return after, f"expected a colon after the name, found {_shown(text, after)}"
    if character == "}":
        return _before(text, at), "remove this comma: nothing follows it before the }"
    if word := _WORD.match(text, at):
        return at, f'names are written in double quotes: "{_cut(word.group())}"'
    return _odd_character(text, at, "a name in double quotes")


def instead_of_comma(text: str, at: int, opened: int) -> Mistake:
    """Why neither a comma nor the closing bracket of what opened at `opened` follows a value."""
    at = skip_blanks(text, at)
    closing = "}" if text[opened] == "{" else "]"
    if at >= len(text):
        line = text.count("\n", 0, opened) + 1
        return at, f"the text ends here; the {text[opened]} of line {line} is not closed with {closing}"
    if text.startswith("/", at):
        return at, "a comment takes a line of its own that starts with //"
    if _continues_a_number(text, at):
        return _broken_number(text, at)
    return at, f"expected a comma or {closing}, found {_shown(text, at)}"


def after_the_end(text: str, at: int) -> Mistake:
    """Why something follows the one value of the text."""
    if _continues_a_number(text, at):
        return _broken_number(text, at)
    return at, f"the value ended before this; found {_shown(text, at)}"


def _at_the_end(text: str, expected: str) -> Mistake:
    return len(text), f"the text ends here; expected {expected}"


def _broken_string(text: str, start: int) -> Mistake:
    part = _STRING_PART.match(text, start + 1)
    at = part.end() if part else start + 1
    if at >= len(text) or text[at] in "\n\r":
        return start, "the closing quote of this text is missing"
    character = text[at]
    if character == "\\":
        following = text[at + 1 : at + 2]
        if following == "u":
            return at, "\\u takes four hexadecimal digits"
        if following in ("", "\n", "\r"):
            return start, "the closing quote of this text is missing"
        return at, f"\\{escape(following)} means nothing in JSON; a backslash is written \\\\"
    return at, _SHORT.get(character) or f"this control character is written \\u{ord(character):04x} inside quotes"


def _odd_character(text: str, at: int, expected: str) -> Mistake:
    if text[at] == "'":
        return at, "texts are written in double quotes"
    if text.startswith(("//", "/*"), at) or text[at] == "#":
        return at, "a comment takes a line of its own that starts with //"
    word = _WORD.match(text, at)
    if word is None:
        return at, f"expected {expected}, found {_shown(text, at)}"
    if _NUMBER_LIKE.match(text, at):
        return _broken_number(text, at)
    plain = word.group().lstrip("+-")
    if plain.casefold() in _NOT_NUMBERS:
        return at, f"DynamoDB has no number {plain}"
    if meant := _WORDS.get(plain.casefold()):
        return at, f"write {meant}"
    return at, f'expected {expected}; texts are written in double quotes: "{_cut(word.group())}"'


def _continues_a_number(text: str, at: int) -> bool:
    return at > 0 and text[at - 1].isdigit() and (text[at].isalnum() or text[at] in "._+-")


def _broken_number(text: str, at: int) -> Mistake:
    """What is wrong with the number around the offset."""
    start = at
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "+-._"):
        start -= 1
    word = _WORD.match(text, start)
    token = word.group() if word else text[start]
    digits = token.lstrip("+-")
    if token.startswith("+"):
        return start, f"a number has no + before it: {_cut(digits)}"
    if digits.startswith("."):
        return start, f"a number needs a digit before the point: {'-' if token[0] == '-' else ''}0{_cut(digits)}"
    if re.match(r"0[0-9]", digits):
        return start, f'a number has no zero before it; a text is written in quotes: "{_cut(token)}"'
    if re.match(r"[0-9]+\.(?![0-9])", digits):
        return start, "a number needs a digit after the point"
    if re.fullmatch(r"[0-9.]+[eE][-+]?", digits):
        return start, "a number needs a digit after the E"
    return start, f'not a number; a text is written in quotes: "{_cut(token)}"'


def _before(text: str, at: int) -> int:
    """The offset of the last character before `at` that is not blank, or -1."""
    at -= 1
    while at >= 0 and text[at] in " \t\n\r":
        at -= 1
    return at


def _shown(text: str, at: int) -> str:
    word = _WORD.match(text, at)
    return _cut(word.group()) if word else escape(text[at])


def _cut(text: str) -> str:
    return escape(text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…")
