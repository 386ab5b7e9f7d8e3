"""moto kept in step with our items, for what it answers: PartiQL, streams, and parameters older than expressions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from dbtui.demo.dataplane.tabledata import decoded, encoded
from dbtui.demo.dataplane.values import Item, canonical, checked_item
from dbtui.demo.dataplane.writing import Effect
from dbtui.demo.dynamodb.store import DynamoStore, Table
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.reply import json_bytes_reply
from dbtui.demo.world import World

_READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})


def note(table: Table, effect: Effect, *, has_stream: bool) -> None:
    """Remember a write that moto has not seen."""
    if effect.write.is_check:
        return
    if table.mirror.filled:
        table.mirror.changed[table.data.order_key(effect.write.key)] = effect.write.key
    if has_stream and _differ(effect.before, effect.after):
        table.mirror.records.append((effect.before, effect.after))


def _differ(one: Item | None, other: Item | None) -> bool:
    """A write that leaves everything as it was makes no stream record."""
    if one is None or other is None:
        return one is not other
    return bool(canonical({"M": one}) != canonical({"M": other}))


class MirroredTables:
    """Calls that moto answers about tables whose items are ours."""

    def __init__(self, world: World, moto: MotoBridge) -> None:
        self._world = world
        self._moto = moto

    def ask(self, request: AwsRequest, names: Iterable[str]) -> Reply:
        """moto's answer, with our items brought to it before and fetched back after a write."""
        self._moto.wait()
        with self._world.lock:
            store = self._world.dynamodb_at(request.account, request.region)
            tables = {name: store.tables[name] for name in names if name in store.tables}
            for name, table in tables.items():
                self._bring(store, name, table)
            self.tell_streams()
            reply = self._moto.ask(request, json.dumps(dict(request.document)).encode())
            if request.operation not in _READS:
                for name, table in tables.items():
                    self._fetch(store, name, table)
        return json_bytes_reply(request, reply.body, reply.status)

    def tell_streams(self) -> None:
        """Give moto's streams the writes that have happened since they were last looked at."""
        self._moto.wait()
        with self._world.lock:
            for (account, region), store in self._world.dynamodb.items():
                for name, table in store.tables.items():
                    if table.mirror.records:
                        self._tell(self._moto.table(account, region, name), table)

    @staticmethod
    def _tell(theirs: Any, table: Table) -> None:
        records, table.mirror.records = table.mirror.records, []
        if theirs.stream_shard is not None:
            for before, after in records:
                theirs.stream_shard.add(_moto_item(theirs, before), _moto_item(theirs, after))

    def _bring(self, store: DynamoStore, name: str, table: Table) -> None:
        theirs = self._moto.table(store.account, store.region, name)
        mirror = table.mirror
        if not mirror.filled:
            for stored in table.data.items.walk():
                _put(theirs, decoded(stored))
            mirror.filled = True
        for key in mirror.changed.values():
            present = table.data.get(key)
            if present is None:
                theirs.delete_item(*_moto_key(theirs, key))
            else:
                _put(theirs, decoded(present))
        mirror.changed.clear()

    def _fetch(self, store: DynamoStore, name: str, table: Table) -> None:
        """Take over what moto has changed."""
        theirs = self._moto.table(store.account, store.region, name)
        left = {table.data.order_key(item): item for item in map(decoded, table.data.items.walk())}
        for entry in theirs.all_items():
            item = checked_item(json.loads(json.dumps(entry.to_json()["Attributes"])))
            before = left.pop(table.data.order_key(item), None)
            if _differ(before, item):
                table.data.put(item, before, encoded(item))
        for item in left.values():
            table.data.put(item, item, None)


def _moto_item(theirs: Any, item: Item | None) -> Any:
    """moto's form of an item.

    Its own way sums the whole item up again for every attribute, which makes 20,000 items take 9 s instead of 2.
    """
    if item is None:
        return None
    from moto.dynamodb.models.dynamo_type import DynamoType
    from moto.dynamodb.models.dynamo_type import Item as MotoItem

    made = MotoItem(*_moto_key(theirs, item), {})
    made.attrs.update({name: DynamoType(value) for name, value in item.items()})
    return made


def _moto_key(theirs: Any, item: Item) -> tuple[Any, Any]:
    from moto.dynamodb.models.dynamo_type import DynamoType

    sort = DynamoType(item[theirs.range_key_attr]) if theirs.range_key_attr else None
    return DynamoType(item[theirs.hash_key_attr]), sort


def _put(theirs: Any, item: Item) -> None:
    made = _moto_item(theirs, item)
    if made.range_key is None:
        theirs.items[made.hash_key] = made
    else:
        theirs.items[made.hash_key][made.range_key] = made
