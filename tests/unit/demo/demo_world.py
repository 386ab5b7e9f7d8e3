"""A world with a clock that only moves when told to, and short ways to call it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from dbtui.demo import seeds
from dbtui.demo.clock import Clock
from dbtui.demo.dynamodb import service as dynamodb_service
from dbtui.demo.dynamodb.items import Items
from dbtui.demo.dynamodb.shapes import attributes, key_schema, table_members
from dbtui.demo.dynamodb.store import Table
from dbtui.demo.moto_bridge import MotoBridge
from dbtui.demo.protocol.message import AwsRequest, HttpRequest
from dbtui.demo.rds import service as rds_service
from dbtui.demo.record import Record
from dbtui.demo.seedspec import parse_seed
from dbtui.demo.world import DynamoCall, RdsCall, World

ACCOUNT, REGION = "111122223333", "eu-west-1"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Still:
    """The company (or another seed) at a standstill; `advance` moves its clock."""

    def __init__(self, seed: str = "company", account: str = ACCOUNT, region: str = REGION) -> None:
        self.world = World(Clock(start=START, monotonic=lambda: 0.0))
        self.place = (account, region)
        seeds.plant(self.world, parse_seed(seed))
        self._items = Items(self.world, MotoBridge(self.world, lambda _: None))

    def advance(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    def rds(self, operation: str, **params: Any) -> dict[str, Any]:
        store = self.world.rds_at(*self.place)
        call = RdsCall(store, self.world.clock.now(), self.world.pages, operation)
        return rds_service.OPERATIONS[operation](call, params)

    def dynamodb(self, operation: str, **params: Any) -> dict[str, Any]:
        store = self.world.dynamodb_at(*self.place)
        call = DynamoCall(store, self.world.clock.now(), self.world.pages)
        return dynamodb_service.OPERATIONS[operation](call, params)

    def call(self, operation: str, **params: Any) -> dict[str, Any]:
        """An item operation, as the wire has it (binary as base64)."""
        found: dict[str, Any] = json.loads(self.reply(operation, **params))
        return found

    def reply(self, operation: str, **params: Any) -> bytes:
        account, region = self.place
        http = HttpRequest("POST", "/", "", {}, b"")
        request = AwsRequest(
            http=http,
            service="dynamodb",
            operation=operation,
            protocol="json",
            region=region,
            access_key=f"AKIADEMO{account}",
            account=account,
            document=params,
        )
        return self._items.answer(request).body

    def new_table(self, name: str, *keys: str, extra: dict[str, Any] | None = None, **types: str) -> Table:
        """An empty active table; `types` are those of every key attribute."""
        store = self.world.dynamodb_at(*self.place)
        members = table_members(
            store,
            name,
            definitions=attributes(**types),
            keys=key_schema(*keys),
            created=self.world.clock.now(),
            extra=extra,
        )
        store.tables[name] = table = Table(Record(members))
        return table

    def instance(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.rds("DescribeDBInstances", DBInstanceIdentifier=name)["DBInstances"][0]
        return found

    def status(self, name: str) -> str:
        return str(self.instance(name)["DBInstanceStatus"])

    def snapshot(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.rds("DescribeDBSnapshots", DBSnapshotIdentifier=name)["DBSnapshots"][0]
        return found

    def table(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.dynamodb("DescribeTable", TableName=name)["Table"]
        return found
