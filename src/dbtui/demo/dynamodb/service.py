"""Every DynamoDB operation the demo answers: the control plane, items, and the refusal of everything else."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from dbtui.demo.dynamodb import backups, tables
from dbtui.demo.dynamodb.store import table_name
from dbtui.demo.dynamodb.throttling import throttled
from dbtui.demo.moto_bridge import MotoBridge, unknown_operation
from dbtui.demo.protocol.errors import AwsError, validation
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.reply import json_reply
from dbtui.demo.world import DynamoCall, DynamoHandler, World

if TYPE_CHECKING:
    from dbtui.demo.dynamodb.items import Items

OPERATIONS: dict[str, DynamoHandler] = {**tables.OPERATIONS, **backups.OPERATIONS}
ITEM_OPERATIONS = frozenset(
    {
        "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
        "TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
        "DescribeLimits", "DescribeEndpoints",
    }
)  # fmt: skip
_MIRRORED = {"CreateTable", "UpdateTable", "DeleteTable"}
"""Operations that moto's tables follow, because they hold the items."""
_MIRRORED_UPDATES = ("AttributeDefinitions", "GlobalSecondaryIndexUpdates", "StreamSpecification")


class DynamoService:
    def __init__(self, world: World, moto: MotoBridge) -> None:
        self._world = world
        self._moto = moto

    @cached_property
    def items(self) -> Items:
        """The data plane. Loaded when it is first needed: the first lists do not wait for it."""
        from dbtui.demo.dynamodb.items import Items

        return Items(self._world, self._moto)

    def answer(self, request: AwsRequest) -> Reply:
        handler = OPERATIONS.get(request.operation)
        if handler is not None:
            return self._control(request, handler)
        if request.operation in ITEM_OPERATIONS:
            return self.items.answer(request)
        raise unknown_operation(request)

    def throttled(self, request: AwsRequest) -> AwsError:
        return throttled(self._world, request)

    def _control(self, request: AwsRequest, handler: DynamoHandler) -> Reply:
        if request.operation in _MIRRORED:
            self._moto.wait()
        with self._world.lock:
            store = self._world.dynamodb_at(request.account, request.region)
            call = DynamoCall(store, self._world.clock.now(), self._world.pages)
            try:
                result = handler(call, dict(request.document))
            except KeyError as missing:
                raise validation(f"The parameter {missing.args[0]} is required but was not present") from missing
            refusal = self._mirror(request)
        return refusal or json_reply(request, result)

    def _mirror(self, request: AwsRequest) -> Reply | None:
        """Keep moto's tables in step with ours; moto's refusal, if it has one."""
        if request.operation not in _MIRRORED:
            return None
        name = table_name(request.document["TableName"])
        if request.operation == "DeleteTable":
            self._moto.drop_table(request.account, request.region, name)
        elif request.operation == "CreateTable":
            self._moto.create_table(request.account, request.region, name)
        else:
            document = {key: request.document[key] for key in _MIRRORED_UPDATES if key in request.document}
            if document:
                reply = self._moto.update_table(request, {"TableName": name, **document})
                return reply if reply.status != 200 else None
        return None
