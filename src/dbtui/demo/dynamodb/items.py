"""The item operations: from our own store, paged as the rules say; PartiQL and the oldest parameters through moto."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from dbtui.demo.dataplane import changes, mirror, reading
from dbtui.demo.dataplane.mirror import MirroredTables
from dbtui.demo.dataplane.pages import Page, PageReader, page_limit
from dbtui.demo.dataplane.target import Target, find_target
from dbtui.demo.dataplane.transactions import transact_write_items
from dbtui.demo.dataplane.writing import Effect
from dbtui.demo.dynamodb.naming import tables_of
from dbtui.demo.dynamodb.store import DynamoStore
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.reply import json_bytes_reply
from dbtui.demo.world import World

_PARTIQL = frozenset({"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"})
_ABOUT_NO_TABLE = frozenset({"DescribeLimits", "DescribeEndpoints"})
_READS: dict[str, Callable[[reading.Find, Mapping[str, Any]], dict[str, Any]]] = {
    "GetItem": reading.get_item,
    "BatchGetItem": reading.batch_get_item,
    "TransactGetItems": reading.transact_get_items,
}
_WRITES: dict[str, Callable[[reading.Find, changes.Commit, Mapping[str, Any]], dict[str, Any]]] = {
    "PutItem": changes.put_item,
    "UpdateItem": changes.update_item,
    "DeleteItem": changes.delete_item,
    "BatchWriteItem": changes.batch_write_item,
}
_PAGED = ("Scan", "Query")
_OLD_PARAMETERS = frozenset(
    {
        "AttributesToGet", "AttributeUpdates", "ConditionalOperator", "Expected", "KeyConditions", "QueryFilter",
        "ScanFilter",
    }
)  # fmt: skip
"""From before expressions."""
_encode = msgspec.json.Encoder().encode


class Items:
    """The data plane of one world. Every call holds the world's lock, so that races between clients have an order."""

    def __init__(self, world: World, moto: MotoBridge) -> None:
        self._world = world
        self._moto = moto
        self._mirrored = MirroredTables(world, moto)

    def answer(self, request: AwsRequest) -> Reply:
        if request.operation in _ABOUT_NO_TABLE:
            reply = self._moto.ask(request)
            return json_bytes_reply(request, reply.body, reply.status)
        if request.operation in _PARTIQL or not _OLD_PARAMETERS.isdisjoint(request.document):
            return self._through_moto(request)
        with self._world.lock:
            return json_bytes_reply(request, self._own(request))

    def tell_streams(self) -> None:
        """Before streams are read: moto, which answers for them, learns what has been written."""
        self._mirrored.tell_streams()

    def _through_moto(self, request: AwsRequest) -> Reply:
        with self._world.lock:
            store = self._world.dynamodb_at(request.account, request.region)
            names = {find_target(store, name, self._world.clock.now()).name for name in tables_of(request)}
        return self._mirrored.ask(request, names)

    def _own(self, request: AwsRequest) -> bytes:
        store = self._world.dynamodb_at(request.account, request.region)
        now, params = self._world.clock.now(), request.document

        def find(name: object) -> Target:
            return find_target(store, name, now)

        def commit(effect: Effect) -> None:
            effect.commit()
            target = effect.write.target
            mirror.note(store.tables[target.name], effect, has_stream=target.has_stream())

        operation = request.operation
        if operation in _PAGED:
            return self._page(store, PageReader(operation, find(params.get("TableName")), params))
        if operation in _READS:
            return _encode(_READS[operation](find, params))
        if operation in _WRITES:
            return _encode(_WRITES[operation](find, commit, params))
        return _encode(transact_write_items(find, commit, params, store.tokens, now))

    def _page(self, store: DynamoStore, reader: PageReader) -> bytes:
        """One page, made smaller or preceded by an empty one as the page rules say."""
        rules = self._world.pages
        asked = page_limit(reader.params)
        limit = asked if rules.size is None else rules.limit(asked or rules.size)
        if rules.empty and limit != 1:
            detour = self._detour(store, reader)
            if detour is not None:
                return detour
        return reader.reply(reader.read(limit))

    def _detour(self, store: DynamoStore, reader: PageReader) -> bytes | None:
        """An empty first page, whose LastEvaluatedKey is the first item's key: it leads back to the beginning.

        A page of one item would end with the same key, so pages of one have no empty page before them.
        """
        start = reader.params.get("ExclusiveStartKey")
        if start is not None:
            if _listing(reader, start) in store.detours:
                reader.begin_again()
            return None
        page = reader.read(1)
        if page.last is None:
            return None
        key = reader.last_key(page.last)
        store.detours.add(_listing(reader, key))
        return reader.reply(Page([], last=page.last))


def _listing(reader: PageReader, key: Any) -> str:
    """Names a listing and a key in it."""
    others = {name: value for name, value in reader.params.items() if name != "ExclusiveStartKey"}
    return json.dumps([reader.operation, others, key], sort_keys=True)
