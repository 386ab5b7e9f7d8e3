"""Expressions cut into words."""

from __future__ import annotations

import re
from typing import NamedTuple

from dbtui.demo.protocol.errors import AwsError, validation

LONGEST_EXPRESSION = 4096
_WORD = re.compile(
    r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<hash>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)|(?P<index>\d+)"
    r"|(?P<sign><>|<=|>=|[=<>()\[\].,+-]))"
)


class Word(NamedTuple):
    kind: str
    """name, hash (a name's placeholder), value (a value's placeholder), index, sign, or end."""
    text: str
    start: int


class Words:
    """The words of one expression, read from left to right. `title` is the parameter's name, for messages."""

    def __init__(self, text: str, title: str) -> None:
        self.title = title
        if not text.strip():
            raise self.refused("The expression can not be empty;")
        if len(text.encode()) > LONGEST_EXPRESSION:
            raise self.refused(
                f"Expression size has exceeded the maximum allowed size; expression size: {len(text.encode())}"
            )
        self._words = self._cut(text)
        self._at = 0

    def _cut(self, text: str) -> list[Word]:
        found: list[Word] = []
        at = 0
        end = len(text.rstrip())
        while at < end:
            match = _WORD.match(text, at)
            if match is None:
                rest = text[at:].lstrip()
                raise self.refused(
                    f'Syntax error; token: "{rest[:1]}", near: "{text[max(0, at - 10) : at + 10].strip()}"'
                )
            kind = str(match.lastgroup)
            found.append(Word(kind, match[kind], match.start(kind)))
            at = match.end()
        return [*found, Word("end", "<EOF>", end)]

    def refused(self, reason: str) -> AwsError:
        return validation(f"Invalid {self.title}: {reason}")

    @property
    def next(self) -> Word:
        return self._words[self._at]

    @property
    def position(self) -> int:
        """How many words have been taken."""
        return self._at

    @property
    def following(self) -> Word:
        """The word after the next."""
        return self._words[min(self._at + 1, len(self._words) - 1)]

    def take(self) -> Word:
        word = self.next
        self._at = min(self._at + 1, len(self._words) - 1)
        return word

    def is_sign(self, *signs: str) -> bool:
        return self.next.kind == "sign" and self.next.text in signs

    def is_keyword(self, *keywords: str) -> bool:
        return self.next.kind == "name" and self.next.text.upper() in keywords

    def took_sign(self, sign: str) -> bool:
        found = self.is_sign(sign)
        if found:
            self.take()
        return found

    def took_keyword(self, keyword: str) -> bool:
        found = self.is_keyword(keyword)
        if found:
            self.take()
        return found

    def need_sign(self, sign: str) -> None:
        if not self.took_sign(sign):
            raise self.unexpected()

    def need_end(self) -> None:
        if self.next.kind != "end":
            raise self.unexpected()

    def unexpected(self) -> AwsError:
        around = self._words[max(0, self._at - 1) : self._at + 2]
        near = " ".join(word.text for word in around if word.kind != "end")
        return self.refused(f'Syntax error; token: "{self.next.text}", near: "{near}"')
