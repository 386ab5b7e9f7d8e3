"""Items as they came over the wire, by ordinal: a million of them in little more than their own bytes.

An ordinal is an item's number in order of arrival. It never changes, whatever is edited, removed or sorted.
"""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from dbtui.domain.models import KeyPart
from dbtui.domain.rows import Appended, Changed
from dbtui.domain.values import Item, key_of
from dbtui.domain.wire import decode_item, encode_item
from dbtui.gateway.protocol import ItemPage
from dbtui.gateway.raw_items import UncutItems, wire_bytes
from dbtui.items.key_index import KeyIndex

MOST_BYTES: Final = 512 * 1024 * 1024
ITEM_OVERHEAD: Final = 64
"""Bytes kept for an item besides its wire bytes: a reference to a slice of the page, and its place in a tuple."""


@dataclass(frozen=True, slots=True)
class Removed:
    """These ordinals left. `positions` are where they were, ascending, counted before any of them left."""

    ordinals: frozenset[int]
    positions: tuple[int, ...]


StoreEvent: TypeAlias = Appended | Changed | Removed
"""`Appended` and `Changed` speak of ordinals."""
StoreListener: TypeAlias = Callable[[StoreEvent], None]


def memory_budget() -> int:
    """Bytes of items kept before loading stops: the smaller of 512 MB and a quarter of this machine's memory."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return MOST_BYTES
    return min(MOST_BYTES, total // 4) if total > 0 else MOST_BYTES


class ItemStore:
    """Raw pages, and above them what was changed, removed or added here.

    `keys` is the table's key schema. Nothing is decoded before it is asked for.
    """

    def __init__(self, keys: Sequence[KeyPart], *, memory_limit: int | None = None) -> None:
        self.keys = tuple(keys)
        self.memory_limit = memory_budget() if memory_limit is None else memory_limit
        self._pages: list[Sequence[msgspec.Raw]] = []
        self._starts = array("q")
        self._ordinals = 0
        self._wire_bytes = 0
        self._replaced: dict[int, msgspec.Raw] = {}
        self._removed = array("q")
        self._versions: dict[int, int] = {}
        self._index = KeyIndex(self.keys)
        self._listeners: list[StoreListener] = []

    # -- size ---------------------------------------------------------------------------------------------------------

    @property
    def row_count(self) -> int:
        """Items that are here; removed ones are not counted."""
        return self._ordinals - len(self._removed)

    @property
    def ordinal_count(self) -> int:
        """Ordinals given out so far."""
        return self._ordinals

    @property
    def wire_bytes(self) -> int:
        """Bytes of all items as they came."""
        return self._wire_bytes

    @property
    def held_bytes(self) -> int:
        """Bytes of memory the items take, nearly."""
        return self._wire_bytes + ITEM_OVERHEAD * self._ordinals + self._index.held_bytes

    @property
    def full(self) -> bool:
        """Whether the memory budget is used up, so that nothing more should be loaded."""
        return self.held_bytes >= self.memory_limit

    # -- one item -----------------------------------------------------------------------------------------------------

    def raw(self, ordinal: int) -> msgspec.Raw:
        """The item's wire bytes. An ordinal keeps its last bytes after it was removed. IndexError if there is none."""
        if self._replaced and ordinal in self._replaced:
            return self._replaced[ordinal]
        if not 0 <= ordinal < self._ordinals:
            raise IndexError(ordinal)
        page = bisect_right(self._starts, ordinal) - 1
        return self._pages[page][ordinal - self._starts[page]]

    def item(self, ordinal: int) -> Item:
        """The item, decoded anew: the caller may change it."""
        return decode_item(self.raw(ordinal))

    def key(self, ordinal: int) -> Item:
        """The item's primary key. KeyError if the item lacks a part of it."""
        return key_of(self.item(ordinal), self.keys)

    def version(self, ordinal: int) -> int:
        """How often the item was replaced or removed here."""
        return self._versions.get(ordinal, 0)

    def is_removed(self, ordinal: int) -> bool:
        place = bisect_left(self._removed, ordinal)
        return place < len(self._removed) and self._removed[place] == ordinal

    # -- positions among the items that are here ----------------------------------------------------------------------

    def ordinal_at(self, position: int) -> int:
        """The ordinal of the item at this position, 0 ≤ position < row_count."""
        removed = self._removed
        if not removed:
            return position
        # Of the first k removed ones, all lie before this position if the k-th minus k does not exceed it.
        before = bisect_right(range(len(removed)), position, key=lambda k: removed[k] - k)
        return position + before

    def position_of(self, ordinal: int) -> int | None:
        """Where the item is among those that are here."""
        if not 0 <= ordinal < self._ordinals or self.is_removed(ordinal):
            return None
        return ordinal - bisect_left(self._removed, ordinal)

    # -- change -------------------------------------------------------------------------------------------------------

    def append(self, page: ItemPage) -> range:
        """Keep a page's items; returns their ordinals."""
        return self._append(page.items)

    def insert(self, item: Item) -> int:
        """Add an item written here, at the end; returns its ordinal."""
        return self._append([msgspec.Raw(encode_item(item))]).start

    def replace(self, ordinal: int, item: Item) -> None:
        """Another image of the item in its place."""
        before = len(memoryview(self.raw(ordinal)))
        raw = msgspec.Raw(encode_item(item))
        self._wire_bytes += len(memoryview(raw)) - before
        self._replaced[ordinal] = raw
        self._index.forget(ordinal)
        self._bump((ordinal,))
        self._emit(Changed(frozenset((ordinal,))))

    def remove(self, *ordinals: int) -> None:
        """Take items out; the ordinals of all others stay. Those that are not here are ignored."""
        positions = {ordinal: self.position_of(ordinal) for ordinal in ordinals}
        gone = {ordinal: position for ordinal, position in positions.items() if position is not None}
        if gone:
            self._removed = array("q", sorted([*self._removed, *gone]))
            self._bump(gone)
            self._emit(Removed(frozenset(gone), tuple(sorted(gone.values()))))

    # -- finding ------------------------------------------------------------------------------------------------------

    def find(self, key: Item) -> int | None:
        """The first item here that has this primary key.

        Hashes the keys of all items that were not hashed yet: see `locate` for doing that in slices.
        """
        for _ in self._index.grow(self):
            pass
        return self._index.find(self, key)

    async def locate(self, key: Item) -> int | None:
        """Like `find`, giving way to the event loop every few milliseconds."""
        await self._index.grow_in_slices(self)
        return self._index.find(self, key)

    # -- listeners ----------------------------------------------------------------------------------------------------

    def subscribe(self, listener: StoreListener) -> Callable[[], None]:
        """Calls `listener` after every change; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def _append(self, raws: Sequence[msgspec.Raw]) -> range:
        start = self._ordinals
        if raws:
            # A tuple of nothing but raw bytes is left alone by the garbage collector; uncut items stay uncut.
            self._pages.append(raws if isinstance(raws, UncutItems) else tuple(raws))
            self._starts.append(start)
            self._ordinals += len(raws)
            self._wire_bytes += wire_bytes(raws)
            self._emit(Appended(start, self._ordinals))
        return range(start, self._ordinals)

    def _bump(self, ordinals: Iterable[int]) -> None:
        for ordinal in ordinals:
            self._versions[ordinal] = self._versions.get(ordinal, 0) + 1

    def _emit(self, event: StoreEvent) -> None:
        for listener in tuple(self._listeners):
            listener(event)
