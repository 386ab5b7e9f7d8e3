"""Finding an item by its key without keeping the keys: 64 bits of hash for each item, made when first needed.

A dict of keys would cost half as much memory as the items themselves. The hashes of a million items take 8 MB, and
searching them is one pass over bytes; what has the same hash is then compared by its key.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterator, Sequence
from typing import Final, Protocol

import msgspec

from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item, equal, number
from dbtui.domain.wire import attribute, encode_item, raw_attributes

CHUNK: Final = 256
SLICE_SECONDS: Final = 0.004
_WIDTH: Final = 8
_PLAIN_DIGITS: Final = 38
_KEY_VALUE: Final = msgspec.json.Decoder(dict[str, str])


class RawItems(Protocol):
    """What a key index reads: a store."""

    @property
    def ordinal_count(self) -> int: ...

    def raw(self, ordinal: int) -> msgspec.Raw: ...

    def is_removed(self, ordinal: int) -> bool: ...


class KeyIndex:
    """Hashes of primary keys by ordinal, as far as they were needed."""

    def __init__(self, keys: Sequence[KeyPart]) -> None:
        self._names = tuple(part.name for part in keys)
        self._hashes = bytearray()
        self._rehash: set[int] = set()

    @property
    def held_bytes(self) -> int:
        return len(self._hashes)

    def forget(self, ordinal: int) -> None:
        """The item may have another key now."""
        if ordinal < len(self._hashes) // _WIDTH:
            self._rehash.add(ordinal)

    def grow(self, items: RawItems) -> Iterator[None]:
        """Hash what was not hashed yet; yields after every few hundred items."""
        while self._rehash:
            ordinal = self._rehash.pop()
            self._hashes[ordinal * _WIDTH : (ordinal + 1) * _WIDTH] = self._hash_of(items.raw(ordinal))
        while (start := len(self._hashes) // _WIDTH) < items.ordinal_count:
            stop = min(start + CHUNK, items.ordinal_count)
            self._hashes += b"".join([self._hash_of(items.raw(ordinal)) for ordinal in range(start, stop)])
            yield

    async def grow_in_slices(self, items: RawItems) -> None:
        """Like `grow`, with the event loop running in between."""
        deadline = time.perf_counter() + SLICE_SECONDS
        for _ in self.grow(items):
            if time.perf_counter() >= deadline:
                await asyncio.sleep(0)
                deadline = time.perf_counter() + SLICE_SECONDS

    def find(self, items: RawItems, key: Item) -> int | None:
        """The first item with this key that was not removed, among those hashed."""
        wanted = self._hash_of(encode_item({name: value for name, value in key.items() if name in self._names}))
        at = self._hashes.find(wanted)
        while at >= 0:
            ordinal, within = divmod(at, _WIDTH)
            if not within and not items.is_removed(ordinal) and self._has_key(items.raw(ordinal), key):
                return ordinal
            at = self._hashes.find(wanted, at + 1)
        return None

    def _hash_of(self, raw: bytes | msgspec.Raw) -> bytes:
        try:
            values = raw_attributes(raw, self._names)
        except ValueError:
            values = []
        return hash(tuple(map(_hashable, values))).to_bytes(_WIDTH, "little", signed=True)

    def _has_key(self, raw: msgspec.Raw, key: Item) -> bool:
        return all(equal(attribute(raw, name), key.get(name)) for name in self._names)


def _hashable(raw: msgspec.Raw | None) -> Hashable:
    """Equal for equal key values, however their JSON is written: numbers count by value."""
    if raw is None:
        return None
    try:
        ((kind, content),) = _KEY_VALUE.decode(raw).items()
    except (msgspec.DecodeError, ValueError):
        return None
    if kind != "N" or (len(content) < _PLAIN_DIGITS and content.isdecimal()):
        return content if kind != "N" else int(content)
    try:
        return number(content)
    except ValueError:
        return content
