"""Looking for words in items without decoding them: their wire bytes tell almost always."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec

# What every JSON encoder writes as it is: no quotes, backslashes, slashes, controls, HTML signs, letters beyond ASCII.
_AS_IT_IS: Final = re.compile(r"[ !#$%()*+,\-.0-9:;=?@A-Z\[\]^_`a-z{|}~]+")
_STRUCTURE: Final = frozenset(",:{}[]")
# What stands between names and values: types, and the content of BOOL and NULL.
_TOKENS: Final = ("bool", "null", "true", "false", "ss", "ns", "bs", "l", "m")
_COLON: Final = re.compile(rb"[ \t\r\n]*:")


class Needles:
    """Words that must all occur, regardless of case, in values of an item; names of attributes do not count.

    The words are expected to be casefolded and without blanks.
    """

    def __init__(self, words: Iterable[str]) -> None:
        words = tuple(words)
        parts = (max(_AS_IT_IS.findall(word), key=len, default="") for word in words)
        texts = tuple(part for part in parts if part)
        self._bytes = tuple(text.encode() for text in texts)
        self._whole = texts == words and not any(_may_be_syntax(word) for word in words)

    def verdict(self, raw: msgspec.Raw) -> bool | None:
        """Whether the words occur. None: decode the item and look, its bytes cannot tell."""
        data = bytes(raw)
        escapes = b"\\" in data
        if escapes and b"\\u" in data:
            # Any letter may be there in disguise.
            return None
        lowered = data.lower() if data.isascii() else data.decode("utf-8", "replace").casefold().encode()
        for needle in self._bytes:
            if needle not in lowered:
                return False
        return True if self._whole and not escapes and all(_in_value(lowered, each) for each in self._bytes) else None


def _in_value(data: bytes, needle: bytes) -> bool:
    """Whether the needle occurs in a string that is no name. It occurs in strings only, and none holds an escape."""
    at = data.find(needle)
    while at >= 0:
        end = data.find(b'"', at + len(needle))
        if end < 0 or not _COLON.match(data, end + 1):
            return True
        at = data.find(needle, end)
    return False


def _may_be_syntax(word: str) -> bool:
    """Whether the word could be found between names and values."""
    return not _STRUCTURE.isdisjoint(word) or any(word in token for token in _TOKENS)
