"""Keys: their schema, their checks, and the order in which DynamoDB keeps what they name."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from dbtui.demo.dataplane.values import Item, Value, binary_size, checked, rank, text_size, type_of
from dbtui.demo.protocol.errors import validation

OrderKey: TypeAlias = tuple[int, bytes, tuple[Any, ...], tuple[Any, ...]]
"""Hash of the partition, its text, the ranks of the sort parts, and (in an index) the order key in the table."""
HASH_BITS = 64
_INVALID = "One or more parameter values were invalid: "
_EMPTY = "One or more parameter values are not valid. "


@functools.total_ordering
class _Top:
    """Greater than every rank, so that a bound can stand behind all keys with the same beginning."""

    def __lt__(self, _: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


TOP = _Top()


@dataclass(frozen=True)
class KeyPart:
    name: str
    type: str


@dataclass(frozen=True)
class KeySchema:
    """Of a table (one partition part, at most one sort part) or an index (up to four of each)."""

    hash: tuple[KeyPart, ...]
    range: tuple[KeyPart, ...]

    @property
    def parts(self) -> tuple[KeyPart, ...]:
        return self.hash + self.range

    @classmethod
    def read(cls, schema: Sequence[Mapping[str, str]], definitions: Sequence[Mapping[str, str]]) -> KeySchema:
        types = {entry["AttributeName"]: entry["AttributeType"] for entry in definitions}
        parts = [(entry["KeyType"], KeyPart(entry["AttributeName"], types[entry["AttributeName"]])) for entry in schema]
        return cls(
            tuple(part for kind, part in parts if kind == "HASH"),
            tuple(part for kind, part in parts if kind == "RANGE"),
        )


def projected_names(projection: Mapping[str, Any], *schemas: KeySchema) -> frozenset[str] | None:
    """The attributes that an index has of an item, with the keys of itself and its table; None for all."""
    if projection["ProjectionType"] == "ALL":
        return None
    keys = {part.name for schema in schemas for part in schema.parts}
    return frozenset(keys | set(projection.get("NonKeyAttributes", [])))


def partition_text(values: Iterable[Value]) -> bytes:
    """The partition's values, told apart from any others."""
    texts = [f"{kind}{content}".encode() for value in values for kind, content in value.items()]
    return texts[0] if len(texts) == 1 else b"".join(b"%d:%b" % (len(text), text) for text in texts)


def token(partition: bytes) -> int:
    """Where a partition stands among all others: a stable hash."""
    return int.from_bytes(hashlib.blake2b(partition, digest_size=HASH_BITS // 8).digest(), "big")


def ranks(parts: Sequence[KeyPart], item: Mapping[str, Value]) -> tuple[Any, ...]:
    return tuple(rank(part.type, item[part.name][part.type]) for part in parts)


def key_of(schema: KeySchema, item: Mapping[str, Value]) -> Item:
    return {part.name: item[part.name] for part in schema.parts}


def check_key(schema: KeySchema, key: object) -> Item:
    """The Key of a request: exactly the schema's attributes, of its types, none empty."""
    if not isinstance(key, dict) or set(key) != {part.name for part in schema.parts}:
        raise validation("The provided key element does not match the schema")
    found = {part.name: checked(key[part.name]) for part in schema.parts}
    for part in schema.parts:
        if type_of(found[part.name]) != part.type:
            raise validation("The provided key element does not match the schema")
    _check_lengths(schema, found)
    return found


def check_item_keys(schema: KeySchema, item: Item) -> None:
    """That an item to be put has the table's key."""
    for part in schema.parts:
        if part.name not in item:
            raise validation(f"{_INVALID}Missing the key {part.name} in the item")
        actual = type_of(item[part.name])
        if actual != part.type:
            raise validation(f"{_INVALID}Type mismatch for key {part.name} expected: {part.type} actual: {actual}")
    _check_lengths(schema, item)


def _check_lengths(schema: KeySchema, item: Mapping[str, Value]) -> None:
    for part in schema.parts:
        if not item[part.name][part.type]:
            raise validation(f"{_EMPTY}{_empty_words(part)} Key: {part.name}")
    for part in schema.hash:
        if _bytes(part, item) > 2048:
            raise validation(f"{_INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes")
    for part in schema.range:
        if _bytes(part, item) > 1024:
            raise validation(f"{_INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes")


def check_index_keys(index: str, schema: KeySchema, item: Mapping[str, Value]) -> None:
    """That the attributes an index is keyed by can be indexed, where the item has them."""
    for part in schema.parts:
        value = item.get(part.name)
        if value is None:
            continue
        actual = type_of(value)
        if actual != part.type:
            raise validation(
                f"{_INVALID}Type mismatch for Index Key {part.name} Expected: {part.type} Actual: {actual} "
                f"IndexName: {index}"
            )
        if not value[part.type]:
            raise validation(
                f"{_EMPTY}A value specified for a secondary index key is not supported. {_empty_words(part)} "
                f"IndexName: {index}, IndexKey: {part.name}"
            )


def _empty_words(part: KeyPart) -> str:
    kind = "binary" if part.type == "B" else "string"
    return f"The AttributeValue for a key attribute cannot contain an empty {kind} value."


def _bytes(part: KeyPart, item: Mapping[str, Value]) -> int:
    text = item[part.name][part.type]
    return binary_size(text) if part.type == "B" else text_size(text)
