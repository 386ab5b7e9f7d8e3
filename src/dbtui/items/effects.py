"""What a write does beyond the values it changes, in words: capacity, size, index entries, replicas."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dbtui.domain import units
from dbtui.domain.models import Index, Table
from dbtui.domain.values import Item, equal, item_size

WRITE_UNIT: Final = 1024
"""Bytes one write capacity unit pays for."""
REWRITTEN: Final = "its entry is rewritten"


def effects_of(table: Table, before: Item | None, after: Item | None, *, moved: bool = False) -> tuple[str, ...]:
    """The effects of turning ``before`` into ``after``; ``None`` stands for no item (or one nobody read)."""
    entries = [(index, _entry_words(table, index, before, after, moved=moved)) for index in table.indexes]
    touched = [(index, words) for index, words in entries if words]
    costs = [
        (
            index.name,
            _change_units(table, index, (before, after), rewritten=words == REWRITTEN) * (2 if moved else 1),
        )
        for index, words in touched
    ]
    return (
        _capacity(write_units(before, after, moved=moved), costs),
        _size(before, after),
        *(f"index {index.name}: {words}" for index, words in touched),
        *_replicas(table),
    )


def write_units(before: Item | None, after: Item | None, *, moved: bool = False) -> int:
    """Write capacity units of the table itself: the larger image counts; a transaction costs double, for each item."""
    sizes = [item_units(item) for item in (before, after) if item is not None]
    return 2 * sum(sizes) if moved else max(sizes, default=1)


def item_units(item: Item) -> int:
    """Write capacity units of one write of the item."""
    return max(1, -(-item_size(item) // WRITE_UNIT))


def entry_units(table: Table, index: Index, item: Item) -> int:
    """Write capacity units of one write of the item's entry in an index; 0 when it has none."""
    if not _is_in(index, item):
        return 0
    return item_units({name: value for name, value in item.items() if _projects(table, index, name)})


def _change_units(table: Table, index: Index, images: Iterable[Item | None], *, rewritten: bool) -> int:
    """What is removed and what is added each cost; of an entry that is rewritten the larger image counts."""
    costs = [entry_units(table, index, image) for image in images if image is not None]
    return max(costs, default=0) if rewritten else sum(costs)


def _capacity(of_table: int, of_indexes: list[tuple[str, int]]) -> str:
    """``about 5 WCU: 1 for the table, 2 on by-status, 2 on by-customer``."""
    total = f"about {of_table + sum(cost for _, cost in of_indexes)} WCU"
    parts = [f"{of_table} for the table", *(f"{cost} on {name}" for name, cost in of_indexes)]
    return f"{total}: {', '.join(parts)}" if of_indexes else total


def _size(before: Item | None, after: Item | None) -> str:
    if before is None or after is None:
        return f"size {units.size(item_size(after or before or {}))}"
    return f"size {units.size(item_size(before))} → {units.size(item_size(after))}"


def _entry_words(table: Table, index: Index, before: Item | None, after: Item | None, *, moved: bool) -> str:
    """What happens to the item's entry in an index; empty when it stays as it is."""
    was, will = _is_in(index, before), _is_in(index, after)
    if not was and not will:
        return ""
    if was != will:
        return "its entry is added" if will else "its entry is removed"
    assert before is not None and after is not None
    names = [part.name for part in index.keys]
    if moved or any(not equal(before.get(name), after.get(name)) for name in names):
        return "its entry is removed and added under another key"
    changed = [name for name in {**before, **after} if not equal(before.get(name), after.get(name))]
    return REWRITTEN if any(_projects(table, index, name) for name in changed) else ""


def _is_in(index: Index, item: Item | None) -> bool:
    """Whether an item has an entry: it has every key attribute of the index, of the right type."""
    return item is not None and all(
        part.name in item and (not part.type or part.type in item[part.name]) for part in index.keys
    )


def _projects(table: Table, index: Index, name: str) -> bool:
    keys = {part.name for part in (*table.keys, *index.keys)}
    return index.projection in ("ALL", "") or name in keys or name in index.projected


def _replicas(table: Table) -> tuple[str, ...]:
    if not table.replicas:
        return ()
    regions = ", ".join(replica.region for replica in table.replicas)
    return (f"replicated ({regions}): last writer wins between regions; the condition holds in this region only",)
