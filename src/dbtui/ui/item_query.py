"""What is asked of a table: one item by its key, a query by key conditions, or pages of everything; typed or in a form.

The line understands names, ``=``, ``<``, ``<=``, ``>``, ``>=``, ``between … and …``, ``begins_with`` and ``and``; a
value alone is the partition key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from dbtui.domain.failures import Refused, UsageError
from dbtui.domain.item_place import check_key_size
from dbtui.domain.key_query import KeyQuery, ScanOf, SortCondition, key_parts
from dbtui.domain.models import KeyPart, Table
from dbtui.domain.values import Item, Value, key_text, read_key_value, type_of

_PLAIN_NAME: Final = re.compile(r"[\w.#$-]+\Z")
_SYMBOL: Final = re.compile(r"<=|>=|=|<|>")
_WORD: Final = re.compile(r"(between|begins_with)\b", re.IGNORECASE)
_AND: Final = re.compile(r"and\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lookup:
    """One item, by its whole key (GetItem)."""

    table: Table
    key: Item
    consistent: bool = False


Asked: TypeAlias = Lookup | KeyQuery | ScanOf


@dataclass(frozen=True, slots=True)
class Condition:
    """What was typed for one key attribute, still as text."""

    operator: str
    texts: tuple[str, ...]

    @property
    def empty(self) -> bool:
        return not any(self.texts)


@dataclass(frozen=True, slots=True)
class Options:
    """How a query reads."""

    descending: bool = False
    consistent: bool = False


class QueryTextError(Exception):
    """The line does not read as a query; ``position`` counts characters from 0."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"at {position + 1}: {reason}")
        self.position = position
        self.reason = reason


class FieldErrors(Exception):
    """What is wrong in the fields of the form, by attribute name."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = dict(reasons)


def where(index: str) -> str:
    """``table``, or the index's name."""
    return index or "table"


def verdict(asked: Asked) -> str:
    """Which request it is, in a few words."""
    if isinstance(asked, Lookup):
        return "Get item"
    if isinstance(asked, ScanOf):
        return f"Scan of {where(asked.index)}"
    return f"Query on {where(asked.index)}" + (", descending" if asked.descending else "")


# -- the form ---------------------------------------------------------------------------------------------------------


def from_fields(table: Table, index: str, fields: Mapping[str, Condition], options: Options) -> Asked:
    """The query of the form's fields; raises :class:`FieldErrors`. Empty sort fields are no condition."""
    wrong: dict[str, str] = {}
    given: dict[str, SortCondition] = {}
    for part in key_parts(table, index):
        condition = fields.get(part.name, Condition("=", ("",)))
        if condition.empty:
            if part.role == "HASH":
                wrong[part.name] = "The partition key is needed."
            continue
        try:
            given[part.name] = _typed(part, condition)
        except UsageError as error:
            wrong[part.name] = error.failure.sentence
    wrong |= _gaps(key_parts(table, index), given)
    if wrong:
        raise FieldErrors(wrong)
    try:
        return _asked(table, index, given, options)
    except (UsageError, Refused) as error:
        raise FieldErrors({key_parts(table, index)[-1].name: error.failure.sentence}) from error


def _typed(part: KeyPart, condition: Condition) -> SortCondition:
    values = []
    for text in condition.texts:
        if text == "":
            raise UsageError("A value is missing.")
        value = read_key_value(text, part.type)
        check_key_size(part, value)
        values.append(value)
    if condition.operator == "begins_with" and part.type == "N":
        raise UsageError("begins with is not for numbers.", hint="Use between.")
    return SortCondition(condition.operator, tuple(values))


def _gaps(keys: Sequence[KeyPart], given: Mapping[str, SortCondition]) -> dict[str, str]:
    """Sort keys of an index with several are given from the left, and only the last of them by more than ``=``."""
    wrong: dict[str, str] = {}
    sort = [part for part in keys if part.role == "RANGE"]
    for part, following in pairwise(sort):
        if following.name in given and part.name not in given:
            wrong[part.name] = f"Needed before {following.name}."
        elif following.name in given and given[part.name].operator != "=":
            wrong[part.name] = f"Only = may stand before {following.name}."
    return wrong


def _asked(table: Table, index: str, given: Mapping[str, SortCondition], options: Options) -> Asked:
    keys = key_parts(table, index)
    if not index and all(part.name in given and given[part.name].operator == "=" for part in keys):
        return Lookup(table, {part.name: given[part.name].values[0] for part in keys}, options.consistent)
    query = KeyQuery(
        table=table,
        index=index,
        partition=tuple(given[part.name].values[0] for part in keys if part.role == "HASH"),
        sort=tuple(given[part.name] for part in keys if part.role == "RANGE" and part.name in given),
        descending=options.descending,
        consistent=options.consistent,
    )
    query.check()
    return query


def conditions_of(asked: Asked) -> dict[str, Condition]:
    """What the fields of the form hold for a query: the reverse of :func:`from_fields`."""
    if isinstance(asked, Lookup):
        return {name: Condition("=", (key_text(value),)) for name, value in asked.key.items()}
    if isinstance(asked, ScanOf):
        return {}
    keys = key_parts(asked.table, asked.index)
    partition = zip([part for part in keys if part.role == "HASH"], asked.partition, strict=False)
    sort = zip([part for part in keys if part.role == "RANGE"], asked.sort, strict=False)
    found = {part.name: Condition("=", (key_text(value),)) for part, value in partition}
    return found | {part.name: Condition(c.operator, tuple(map(key_text, c.values))) for part, c in sort}


# -- the line ---------------------------------------------------------------------------------------------------------


def query_text(asked: Asked) -> str:
    """The query as it may be typed again."""
    typed = []
    for name, condition in conditions_of(asked).items():
        part = next(part for part in key_parts(asked.table, getattr(asked, "index", "")) if part.name == name)
        values = [_quoted(text) if part.type == "S" else text for text in condition.texts]
        typed.append(f"{_name_text(name)} {condition.operator} {' and '.join(values)}")
    return " and ".join(typed)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _name_text(name: str) -> str:
    return name if _PLAIN_NAME.match(name) else _quoted(name)


def read_query(text: str, table: Table, index: str = "", options: Options | None = None) -> Asked:
    """Understands the line by the schema of the table or index; raises :class:`QueryTextError`."""
    keys, reader = key_parts(table, index), _Reader(text)
    if not text.strip():
        raise QueryTextError(0, f"type a value of {keys[0].name}, or conditions")
    found = reader.conditions(keys) if reader.is_condition() else {keys[0].name: reader.bare()}
    given: dict[str, SortCondition] = {}
    for part in keys:
        if part.name not in found:
            if part.role == "HASH":
                raise QueryTextError(len(text.rstrip()), f"{part.name} = … is needed, too")
            continue
        position, condition = found[part.name]
        if part.role == "HASH" and condition.operator != "=":
            raise QueryTextError(position, f"{part.name} is the partition key, which takes = only")
        try:
            given[part.name] = _typed(part, condition)
        except UsageError as error:
            raise QueryTextError(position, error.failure.sentence) from error
    for name, reason in _gaps(keys, given).items():
        raise QueryTextError(found[name][0] if name in found else 0, f"{name}: {reason}")
    try:
        return _asked(table, index, given, options or Options())
    except (UsageError, Refused) as error:
        raise QueryTextError(0, error.failure.sentence) from error


_Found: TypeAlias = dict[str, tuple[int, Condition]]


class _Reader:
    """Reads a line from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def is_condition(self) -> bool:
        """Whether a name and an operator stand at the start; else the text is one value."""
        try:
            self._skip()
            self._token(stop="=<>")
            self._skip()
        except QueryTextError:
            return False
        finally:
            end, self._at = self._at, 0
        return bool(_SYMBOL.match(self._text, end) or _WORD.match(self._text, end))

    def bare(self) -> tuple[int, Condition]:
        """The whole text as one value, without the quotes around it."""
        self._skip()
        start = self._at
        text = self._text.strip()
        if text[0] in "\"'":
            text = self._token()
            self._skip()
            if self._at < len(self._text):
                raise QueryTextError(self._at, "nothing may follow the closing quote")
        return start, Condition("=", (text,))

    def conditions(self, keys: Sequence[KeyPart]) -> _Found:
        found: _Found = {}
        while True:
            self._skip()
            position = self._at
            name = self._token(stop="=<>")
            if name not in [part.name for part in keys]:
                names = ", ".join(part.name for part in keys)
                raise QueryTextError(position, f"{name} is no key here; keys: {names}. / filters loaded rows")
            if name in found:
                raise QueryTextError(position, f"{name} is given twice")
            found[name] = self._condition()
            self._skip()
            if self._at >= len(self._text):
                return found
            if not self._taken(_AND):
                raise QueryTextError(self._at, "expected and")

    def _condition(self) -> tuple[int, Condition]:
        self._skip()
        match = _SYMBOL.match(self._text, self._at) or _WORD.match(self._text, self._at)
        if match is None:
            raise QueryTextError(self._at, "expected =, <, <=, >, >=, between or begins_with")
        self._at = match.end()
        operator = match.group().lower()
        self._skip()
        position, texts = self._at, [self._token()]
        if operator == "between":
            self._skip()
            if not self._taken(_AND):
                raise QueryTextError(self._at, "expected and with the upper value")
            self._skip()
            texts.append(self._token())
        return position, Condition(operator, tuple(texts))

    def _taken(self, word: re.Pattern[str]) -> bool:
        match = word.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match is not None

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _token(self, stop: str = "") -> str:
        """A word, up to a space or one of ``stop``; or what is between quotes, with a backslash before a quote."""
        if self._at >= len(self._text):
            raise QueryTextError(self._at, "expected a value")
        if self._text[self._at] in "\"'":
            return self._between_quotes()
        start = self._at
        while self._at < len(self._text) and not self._text[self._at].isspace() and self._text[self._at] not in stop:
            self._at += 1
        if start == self._at:
            raise QueryTextError(start, "expected a name")
        return self._text[start : self._at]

    def _between_quotes(self) -> str:
        start, quote = self._at, self._text[self._at]
        taken: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == quote:
                self._at += 1
                return "".join(taken)
            if character == "\\" and self._at + 1 < len(self._text):
                self._at += 1
                character = self._text[self._at]
            taken.append(character)
            self._at += 1
        raise QueryTextError(start, "this quote is not closed")


def typed_key(key: Item) -> str:
    """The key in a few characters, for titles and questions."""
    return " / ".join(f'"{key_text(v)}"' if _looks_odd(v) else key_text(v) for v in key.values())


def _looks_odd(value: Value) -> bool:
    text = key_text(value)
    return type_of(value) == "S" and (not text or text != text.strip())
