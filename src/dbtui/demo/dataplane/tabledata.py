"""What one table holds: its items, and its indexes, built when one is first read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from dbtui.demo.dataplane.collection import Collection, Source, Stored
from dbtui.demo.dataplane.keys import KeySchema, OrderKey, key_of, partition_text, projected_names, ranks
from dbtui.demo.dataplane.values import Item, Value, item_size
from dbtui.demo.record import Members

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_split = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def encoded(item: Item) -> Stored:
    return Stored(_encode(item), item_size(item))


def decoded(stored: Stored) -> Item:
    return _decode(stored.wire)


class IndexData:
    """One index: which attributes its entries have, and once it is built, the entries' items in its order."""

    def __init__(self, members: Members, table_schema: KeySchema, definitions: list[dict[str, str]]) -> None:
        self.name = str(members["IndexName"])
        self.schema = KeySchema.read(members["KeySchema"], definitions)
        self.local = "IndexStatus" not in members
        self.names = projected_names(members["Projection"], self.schema, table_schema)
        """The attributes an entry has; None for all."""
        self.items = Collection()

    def key(self, item: Mapping[str, Value], table_key: OrderKey) -> OrderKey | None:
        """Where the item stands in this index; None for an item without the index's key attributes."""
        if any(part.name not in item or part.type not in item[part.name] for part in self.schema.parts):
            return None
        partition = partition_text(item[part.name] for part in self.schema.hash)
        return self.items.token(partition), partition, ranks(self.schema.range, item), table_key

    def build(self, table: TableData) -> None:
        """Find the entries: the table's source may know them, else every item is looked at."""
        own = table.items.source.index(self.name) if table.items.source and table.pristine else None
        self.items = Collection(own)
        if own is None:
            self.items.load(self._entries(table))

    def _entries(self, table: TableData) -> Iterator[tuple[OrderKey, Stored]]:
        names = {part.name for part in (*self.schema.parts, *table.schema.parts)}
        for stored in table.items.walk():
            parts = _split(stored.wire)
            item = {name: _decode(parts[name]) for name in names if name in parts}
            key = self.key(item, table.order_key(item))
            if key is not None:
                yield key, stored

    def change(self, before: OrderKey | None, after: OrderKey | None, stored: Stored | None) -> None:
        if before is not None and before != after:
            self.items.put(before, None)
        if after is not None:
            self.items.put(after, stored)

    def project(self, stored: Stored) -> Stored:
        """The entry of an item: what the index has of it."""
        if self.names is None:
            return stored
        parts = {name: raw for name, raw in _split(stored.wire).items() if name in self.names}
        entry = {name: _decode(raw) for name, raw in parts.items()}
        return Stored(_encode(parts), item_size(entry))

    def walk(self, low: OrderKey | None, high: OrderKey | None, *, backwards: bool = False) -> Iterator[Stored]:
        """The entries from `low` (inclusive) to `high` (exclusive), projected."""
        return map(self.project, self.items.walk(low, high, backwards=backwards))


class TableData:
    """Items and indexes of one table. Not thread-safe: its user holds a lock."""

    def __init__(self, members: Members, items: Iterable[Item] = (), source: Source | None = None) -> None:
        self.schema = KeySchema.read(members["KeySchema"], members["AttributeDefinitions"])
        self.items = Collection(source)
        self.items.load((self.order_key(item), encoded(item)) for item in items)
        self._growth = 0
        self.pristine = True
        """Whether nothing has been written yet."""
        self._indexes: dict[str, IndexData] = {}

    def order_key(self, item: Mapping[str, Value]) -> OrderKey:
        partition = partition_text(item[part.name] for part in self.schema.hash)
        return self.items.token(partition), partition, ranks(self.schema.range, item), ()

    def get(self, key: Mapping[str, Value]) -> Stored | None:
        return self.items.get(self.order_key(key))

    def put(self, item: Mapping[str, Value], before: Item | None, after: Stored | None) -> None:
        """Replace what stands under the item's key; `before` is what stood there."""
        key = self.order_key(item)
        old = self.items.get(key)
        self.items.put(key, after)
        self.pristine = False
        self._growth += (after.size if after else 0) - (old.size if old else 0)
        new = decoded(after) if after else None
        for index in self._indexes.values():
            index.change(index.key(before, key) if before else None, index.key(new, key) if new else None, after)

    def take_growth(self) -> int:
        """Bytes by which the items' total size has changed since this was last asked."""
        growth, self._growth = self._growth, 0
        return growth

    def index(self, members: Members, definitions: list[dict[str, str]]) -> IndexData:
        """The index by its description, built now if this is the first time it is read."""
        found = self._indexes.get(members["IndexName"])
        if found is None:
            found = IndexData(members, self.schema, definitions)
            found.build(self)
            self._indexes[found.name] = found
        return found

    def forget_index(self, name: str) -> None:
        """An index that has been deleted; one of the same name may come again."""
        self._indexes.pop(name, None)

    def key_of(self, stored: Stored, *schemas: KeySchema) -> Item:
        """The key attributes of an item by the table's schema and others."""
        parts = _split(stored.wire)
        item = {name: _decode(raw) for name, raw in parts.items() if self._is_key(name, schemas)}
        found: Item = {}
        for schema in (*schemas, self.schema):
            found |= key_of(schema, item)
        return found

    def _is_key(self, name: str, schemas: tuple[KeySchema, ...]) -> bool:
        return any(part.name == name for schema in (self.schema, *schemas) for part in schema.parts)
