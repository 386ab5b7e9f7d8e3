"""The item operations: checked against our tables, paged as the rules say, answered by moto."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from dbtui.demo.dynamodb.store import table_name
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.reply import json_bytes_reply
from dbtui.demo.world import World

OPERATIONS = frozenset(
    {
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "TransactWriteItems",
        "ExecuteStatement",
        "BatchExecuteStatement",
        "ExecuteTransaction",
        "DescribeLimits",
        "DescribeEndpoints",
    }
)
_LARGEST_PAGE = 500
"""moto needs about 2 ms to write one item, so a page of 1 MB would outlast the client's patience."""
_PARTIQL = {"ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"}


class Items:
    """The data plane of one world."""

    def __init__(self, world: World, moto: MotoBridge) -> None:
        self._world = world
        self._moto = moto
        self._lock = threading.Lock()
        self._detours: dict[str, Any] = {}
        """Starts that stand behind the made-up keys of empty pages."""

    def answer(self, request: AwsRequest) -> Reply:
        names = _tables_of(request)
        with self._world.lock:
            self._check(request, names)
        for name in names:
            self._moto.fill(request.account, request.region, table_name(name))
        if request.operation in ("Scan", "Query"):
            return self._page(request)
        return self._ask(request, dict(request.document))

    def _check(self, request: AwsRequest, names: Iterable[str]) -> None:
        """Items exist only while their table can be used."""
        now = self._world.clock.now()
        store = self._world.dynamodb_at(request.account, request.region)
        for name in names:
            table = store.find(name, now)
            view = table.view(now) if table else None
            if view is None or view["TableStatus"] in ("CREATING", "DELETING"):
                raise AwsError("ResourceNotFoundException", "Requested resource not found")

    def _ask(self, request: AwsRequest, document: dict[str, Any]) -> Reply:
        reply = self._moto.ask(request, json.dumps(document).encode())
        return json_bytes_reply(request, reply.body, reply.status)

    def _page(self, request: AwsRequest) -> Reply:
        """A Scan or Query page, made smaller or preceded by an empty one as the page rules say."""
        document = dict(request.document)
        rules = self._world.pages
        document["Limit"] = min(rules.limit(_LARGEST_PAGE), document.get("Limit", _LARGEST_PAGE))
        start = document.get("ExclusiveStartKey")
        if start is not None:
            with self._lock:
                begun = self._detours.pop(_detour(request, start), None)
            if begun is not None:
                del document["ExclusiveStartKey"]
        elif rules.empty and document.get("Limit", 2) > 1 and (empty := self._empty_page(request, document)):
            return empty
        return self._ask(request, document)

    def _empty_page(self, request: AwsRequest, document: dict[str, Any]) -> Reply | None:
        """No items, and as LastEvaluatedKey the key of the first: it leads back to the beginning, once."""
        reply = self._ask(request, {**document, "Limit": 1})
        result = json.loads(reply.body)
        key = result.get("LastEvaluatedKey")
        if reply.status != 200 or not key:
            return None
        with self._lock:
            self._detours[_detour(request, key)] = True
        result |= {"Count": 0, "ScannedCount": 0}
        if "Items" in result:
            result["Items"] = []
        return json_bytes_reply(request, json.dumps(result).encode())


def _detour(request: AwsRequest, key: Any) -> str:
    listing = {name: value for name, value in request.document.items() if name != "ExclusiveStartKey"}
    return json.dumps([request.account, request.region, request.operation, listing, key], sort_keys=True)


def _tables_of(request: AwsRequest) -> list[str]:
    """Every table the call names (PartiQL names them in its statements)."""
    document = request.document
    if "TableName" in document:
        return [str(document["TableName"])]
    if "RequestItems" in document:
        return list(document["RequestItems"])
    names = [
        str(inner["TableName"])
        for entry in document.get("TransactItems", [])
        for inner in entry.values()
        if "TableName" in inner
    ]
    if request.operation in _PARTIQL:
        statements = [document, *document.get("Statements", []), *document.get("TransactStatements", [])]
        names += [name for entry in statements if (name := statement_table(entry.get("Statement", "")))]
    return sorted(set(names))


def statement_table(statement: str) -> str | None:
    """The table of a PartiQL statement: the word after FROM, INTO or UPDATE."""
    words = statement.replace('"', " ").split()
    for word, following in pairwise(words):
        if word.upper() in ("FROM", "INTO", "UPDATE"):
            return following.partition(".")[0]
    return None
