"""Which attributes there are, by how often they occur in a bounded sample of every page, and what type they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from dbtui.domain.models import Table
from dbtui.domain.wire import outline

SAMPLE_ITEMS: Final = 64
"""Items of a page that are looked at, evenly spread."""
SAMPLE_BYTES: Final = 256 * 1024
"""Bytes of a page that are looked at, but one item at least."""
MOST_NAMES: Final = 10_000
"""Names remembered: a table may use data as attribute names."""
_NUMBER: Final = b'N"'


class Attributes:
    """Attribute names seen so far."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()

    @property
    def names(self) -> Sequence[str]:
        """All names, the most frequent first, those equally frequent in the order they were met."""
        return [name for name, _ in self._seen.most_common()]

    def __len__(self) -> int:
        return len(self._seen)

    def is_numeric(self, name: str) -> bool:
        """Whether the attribute is mostly a number."""
        return 2 * self._numbers[name] > self._seen[name]

    def look_at(self, count: int, raw_at: Callable[[int], msgspec.Raw]) -> list[str]:
        """Count the names in a sample of so many items; returns those never met before, the most frequent first."""
        known, looked = len(self._seen), 0
        for place in range(0, count, max(1, count // SAMPLE_ITEMS)):
            raw = raw_at(place)
            self._count(raw)
            looked += memoryview(raw).nbytes
            if looked >= SAMPLE_BYTES:
                break
        new = list(self._seen)[known:]
        return sorted(new, key=lambda name: -self._seen[name])

    def _count(self, raw: msgspec.Raw) -> None:
        try:
            attributes = outline(raw)
        except ValueError:
            return
        for name, value in attributes.items():
            if name in self._seen or len(self._seen) < MOST_NAMES:
                self._seen[name] += 1
                # {"N":"1"}: the type's name starts at the third byte.
                if bytes(memoryview(value)[2:4]) == _NUMBER:
                    self._numbers[name] += 1


def table_key_names(table: Table) -> tuple[str, ...]:
    """The primary key's attributes, partition key first."""
    return tuple(part.name for part in table.keys)


def index_key_names(table: Table, index: str = "") -> tuple[str, ...]:
    """Key attributes of the indexes that are not the table's own: those of `index` first, then in the table's order."""
    own = set(table_key_names(table))
    indexes = sorted(table.indexes, key=lambda candidate: candidate.name != index)
    names = (part.name for candidate in indexes for part in candidate.keys)
    return tuple(dict.fromkeys(name for name in names if name not in own))
