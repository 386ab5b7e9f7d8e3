"""Bringing loaded rows up to date with a write: the row changes in place, comes or goes; nothing is read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from dbtui.domain.values import Item, items_equal, key_of
from dbtui.items.store import ItemStore

RowOf: TypeAlias = Callable[[Item], "Item | None"]
"""What a row holds of an item; ``None`` when the item is not among what was asked for."""


@dataclass(frozen=True, slots=True)
class Landed:
    """Where a write shows: the row it changed or made, if there is one; ``outside`` when it is not part of the rows."""

    ordinal: int | None = None
    outside: bool = False


async def land(store: ItemStore, row_of: RowOf, key: Item, after: Item | None) -> Landed:
    """Applies to the rows that the item with ``key`` is ``after`` now (``None``: gone), perhaps under another key."""
    before = await store.locate(key)
    new_key = None if after is None else key_of(after, store.keys)
    if before is not None and (new_key is None or not items_equal(new_key, key)):
        store.remove(before)
        before = None
    if after is None or new_key is None:
        return Landed()
    there = before if before is not None else await store.locate(new_key)
    row = row_of(after)
    if row is None:
        if there is not None:
            store.remove(there)
        return Landed(outside=True)
    if there is None:
        return Landed(store.insert(row))
    store.replace(there, row)
    return Landed(there)
