"""What the words of an item command mean: KEY words, ITEM texts, values of ``--set``."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Final

from dbtui.cli.console import Console
from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.failures import UsageError
from dbtui.domain.item_place import key_from_item, key_from_query
from dbtui.domain.models import Table
from dbtui.domain.text import preview
from dbtui.domain.typed_json import TextError
from dbtui.domain.values import Item, Value

_LONGEST_TEXT: Final = 16 * 1024**2
"""Bytes of one item as text: 400 KB of control characters take six times as much, and layout comes on top."""

_SHOWN_CHARACTERS: Final = 60


@dataclass(frozen=True, slots=True)
class KeyWords:
    """A key as it was given: ``name=value`` words, ``--key JSON``, or the query of an item's place."""

    pairs: tuple[tuple[str, str], ...] = ()
    item: Item | None = None

    def key(self, table: Table) -> Item:
        """The key, typed by the table's schema; raises :class:`UsageError` naming the schema."""
        if self.item is not None:
            return key_from_item(self.item, table.keys)
        return key_from_query(self.pairs, table.keys)


def read_key_words(
    place: str, query: Sequence[tuple[str, str]], words: Sequence[str], key_json: str, *, dynamodb: bool
) -> KeyWords:
    """The key of a command line, from one of the three ways to give it; raises :class:`UsageError`."""
    given = [bool(query), bool(words), bool(key_json)]
    if sum(given) > 1:
        raise UsageError("the key is given twice.", hint="Give KEY words, --key or the place of an item.")
    if query:
        return KeyWords(tuple(query))
    if key_json:
        return KeyWords(item=decode(key_json, "--key", dynamodb=dynamodb))
    if not words:
        raise UsageError(
            f"which item of {place}?",
            hint="Give every key attribute as NAME=VALUE, the key as --key JSON, or the place of an item.",
        )
    pairs = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"{word!r} does not read NAME=VALUE.", hint="A KEY is NAME=VALUE, for example pk=a-17.")
        pairs.append((name, value))
    return KeyWords(tuple(pairs))


def item_text(argument: str, console: Console) -> tuple[str, str]:
    """The text of an ITEM argument and what to call it: the argument itself, ``@FILE``, or ``-`` for standard input."""
    if argument == "-":
        return utf8(console.read_all(_LONGEST_TEXT), "standard input"), "standard input"
    if argument.startswith("@"):
        return _file_text(File(argument[1:])), argument[1:]
    return argument, "ITEM"


def _file_text(path: File) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LONGEST_TEXT + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {os.strerror(error.errno or 0)}.") from None
    return utf8(data, str(path))


def utf8(data: bytes, name: str) -> str:
    """The bytes as text; raises :class:`UsageError` for other encodings and for what is no single item."""
    if len(data) > _LONGEST_TEXT:
        raise UsageError(f"{name} is longer than any item.", hint="put takes one item at a time.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}: line {line} is not UTF-8.", hint="Items are read as UTF-8.") from None


def decode(text: str, name: str, *, dynamodb: bool) -> Item:
    """One item from its text; raises :class:`UsageError` with line and column, or saying that there are several."""
    if not text.strip():
        raise UsageError(f"{name} is empty.", hint="An item is one JSON object.")
    if _several(text):
        raise UsageError(
            f"{name} holds several items; put takes one item at a time.",
            hint="Give one JSON object for each run.",
        )
    try:
        return dynamodb_json.decode(text) if dynamodb else typed_json.decode(text)
    except TextError as error:
        raise UsageError(f"{name}: {error.failure.title}", hint=error.failure.hint) from None


def decode_value(text: str, path: str, *, dynamodb: bool) -> Value:
    """The value of a ``--set``; raises :class:`UsageError` that shows how the shell wants a string quoted."""
    try:
        if dynamodb:
            return dynamodb_json.decode_value(text)
        return typed_json.decode_value(text)
    except TextError as error:
        raise UsageError(f"--set {path}: {_why(text, error, dynamodb=dynamodb)}", hint=_quoting(text, path)) from None


def _why(text: str, error: TextError, *, dynamodb: bool) -> str:
    given = preview(text, _SHOWN_CHARACTERS) or "nothing"
    return f"{given} is no {'DynamoDB JSON' if dynamodb else 'JSON value'}: {error.reason}"


def _quoting(text: str, path: str) -> str:
    """How the same words would be a string, for what begins like a bare word."""
    if text[:1] in {'"', "{", "["} or not text.isprintable() or len(text) > _SHOWN_CHARACTERS:
        return ""
    quoted = json.dumps(text, ensure_ascii=False).replace("'", "'\\''")
    return f"A string is quoted twice, for JSON and for the shell: --set '{path}={quoted}'"


def _several(text: str) -> bool:
    """Whether another JSON text follows the first, or the text is an array of objects."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return False
    try:
        first, end = json.JSONDecoder(parse_float=str, parse_int=str, strict=False).raw_decode(start)
    except (ValueError, RecursionError):
        return False
    in_list = isinstance(first, list) and any(isinstance(element, dict) for element in first)
    return in_list or start[end:].lstrip().startswith("{")
