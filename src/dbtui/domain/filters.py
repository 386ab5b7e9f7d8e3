"""The words of a list's filter: ``prod stopped``, ``status=stopped``, ``!aurora``. All of them must hold.

One grammar for the terminal interface and for ``--filter``; case does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec


class Term(msgspec.Struct, frozen=True):
    """One word of a filter; ``key`` names an attribute and is empty for 'anywhere in the row'."""

    text: str
    key: str = ""
    negated: bool = False


Anywhere = Callable[[], Iterable[str]]
"""The texts a row shows."""

Attribute = Callable[[str], Sequence[str] | None]
"""The texts of an attribute of the row, or ``None`` when it has none of that name."""


def parse(text: str) -> tuple[Term, ...]:
    """The terms of a filter. A lone ``!`` or ``key=`` is still being typed and means nothing yet."""
    return tuple(term for word in text.casefold().split() if (term := _term(word)).text)


def _term(word: str) -> Term:
    negated = word.startswith("!")
    body = word[1:] if negated else word
    key, equals, value = body.partition("=")
    return Term(value, key, negated) if equals and key else Term(body, "", negated)


def matches(terms: Sequence[Term], anywhere: Anywhere, attribute: Attribute) -> bool:
    """Whether every term holds for the row. A key the row does not know is looked for as it was typed."""
    return all(_holds(term, anywhere, attribute) is not term.negated for term in terms)


def _holds(term: Term, anywhere: Anywhere, attribute: Attribute) -> bool:
    wanted, texts = term.text, attribute(term.key) if term.key else None
    if texts is None:
        wanted = f"{term.key}={term.text}" if term.key else term.text
        texts = list(anywhere())
    return any(wanted in text.casefold() for text in texts)
