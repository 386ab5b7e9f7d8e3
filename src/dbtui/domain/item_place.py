"""The place of an item: ``item/TABLE?pk=…&sk=…``, and keys as people type them, one ``name=value`` for each attribute.

The query holds the key attributes by name, in the order of the key schema: strings as they are, numbers as their text,
binary as base64. :class:`~dbtui.domain.place.Place` percent-encodes them, so no key is out of reach.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from dbtui.domain.failures import UsageError
from dbtui.domain.models import KeyPart
from dbtui.domain.place import ITEM, Place
from dbtui.domain.scope import Scope
from dbtui.domain.values import TYPE_WORDS, Item, Value, key_text, read_key_value

_LONGEST: Final = {"HASH": 2048, "RANGE": 1024}
_ROLES: Final = {"HASH": "partition key", "RANGE": "sort key"}


def item_place(table_id: str, key: Item, keys: Sequence[KeyPart], *, scope: Scope | None = None) -> str:
    """The place of the item with this key; ``key`` may be the whole item. Raises ``KeyError`` for an incomplete key."""
    query = tuple((part.name, key_text(key[part.name])) for part in keys)
    profile, region = (scope.profile, scope.region) if scope is not None else (None, None)
    return str(Place(ITEM, table_id, profile=profile, region=region, query=query))


def key_words(key: Item, keys: Sequence[KeyPart]) -> list[str]:
    """The key as the words of a command: ``pk=a``, ``sk=7``."""
    return [f"{part.name}={key_text(key[part.name])}" for part in keys]


def key_from_query(query: Iterable[tuple[str, str]], keys: Sequence[KeyPart]) -> Item:
    """The key of the (name, text) pairs, typed by the schema.

    Raises :class:`UsageError`, with the schema in its hint, for attributes that are wrong, missing or given twice.
    """
    texts: dict[str, str] = {}
    for name, text in query:
        if name in texts:
            raise UsageError(f"the key attribute {name} is given twice.", hint=schema_hint(keys))
        texts[name] = text
    _check_names(texts, keys)
    return {part.name: _value(part, texts[part.name], keys) for part in keys}


def key_from_item(item: Item, keys: Sequence[KeyPart]) -> Item:
    """The key given as an item of nothing but key attributes; raises :class:`UsageError` as for words."""
    _check_names(item, keys)
    for part in keys:
        (given,) = item[part.name]
        if given != part.type:
            raise UsageError(
                f"{part.name} is a {TYPE_WORDS.get(part.type, part.type)}, not a {TYPE_WORDS[given]}.",
                hint=schema_hint(keys),
            )
        if given == "N":
            _value(part, key_text(item[part.name]), keys)
        check_key_size(part, item[part.name])
    return {part.name: item[part.name] for part in keys}


def schema_hint(keys: Sequence[KeyPart]) -> str:
    """``Its key is pk (partition key, string) and sk (sort key, number).``"""
    parts = [f"{p.name} ({_ROLES.get(p.role, p.role)}, {TYPE_WORDS.get(p.type, p.type)})" for p in keys]
    return f"Its key is {' and '.join(parts)}."


def check_key_size(part: KeyPart, value: Value) -> None:
    """Raises :class:`UsageError` for what DynamoDB takes for no key: empty, or too long."""
    ((kind, content),) = value.items()
    if kind == "N":
        return
    size = len(content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass"))
    if size == 0:
        raise UsageError(f"{part.name} is empty.", hint="A key attribute cannot be empty.")
    if size > _LONGEST.get(part.role, size):
        raise UsageError(
            f"{part.name} has {size:,} bytes.", hint=f"A {_ROLES[part.role]} has at most {_LONGEST[part.role]:,}."
        )


def _check_names(given: Iterable[str], keys: Sequence[KeyPart]) -> None:
    names = [part.name for part in keys]
    strange = [name for name in given if name not in names]
    missing = [name for name in names if name not in list(given)]
    if strange:
        raise UsageError(f"{strange[0]} is no key attribute of the table.", hint=schema_hint(keys))
    if missing:
        raise UsageError(f"the key attribute {missing[0]} is missing.", hint=schema_hint(keys))


def _value(part: KeyPart, text: str, keys: Sequence[KeyPart]) -> Value:
    try:
        value = read_key_value(text, part.type)
    except UsageError as error:
        raise UsageError(f"{part.name}: {error.failure.title}", hint=schema_hint(keys)) from None
    check_key_size(part, value)
    return value
