"""The company's tables: thirteen in the main account, with every kind of key, index, mode and protection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from dbtui.demo.dataplane.collection import Source
from dbtui.demo.dataplane.keys import KeySchema, projected_names
from dbtui.demo.dataplane.values import Item, item_size
from dbtui.demo.dynamodb.backups import backup_members
from dbtui.demo.dynamodb.shapes import (
    Size,
    attributes,
    building_index,
    index_members,
    key_schema,
    kms_members,
    multi_key_schema,
    stream_members,
    table_members,
)
from dbtui.demo.dynamodb.store import DynamoStore, Table
from dbtui.demo.identity_names import ACCOUNTS
from dbtui.demo.rds.shapes import tag_list
from dbtui.demo.record import Change, Members, Record
from dbtui.demo.seeds import items, orders, specimens
from dbtui.demo.seeds.items import some
from dbtui.demo.world import World


def plant(world: World) -> None:
    main, prod, staging = (account.number for account in ACCOUNTS)
    now = world.clock.now().replace(microsecond=0)
    _main(TablePlanter(world.dynamodb_at(main, "eu-west-1"), now))
    overseas = TablePlanter(world.dynamodb_at(main, "us-east-1"), now)
    _carts(overseas, other="eu-west-1")
    overseas.table("events-us", attributes(id="S"), key_schema("id"), days=80)
    production = TablePlanter(world.dynamodb_at(prod, "eu-west-1"), now)
    _orders(production, protected=True)
    _sessions(production)
    production.table(
        "payments", attributes(payment_id="S"), key_schema("payment_id"), days=600, recovery=35, protected=True
    )
    _orders(TablePlanter(world.dynamodb_at(staging, "eu-west-1"), now))


class TablePlanter:
    """Puts tables into one store, dated from `now` backwards."""

    def __init__(self, store: DynamoStore, now: datetime) -> None:
        self.store = store
        self.now = now

    def table(
        self,
        name: str,
        definitions: list[dict[str, str]],
        keys: list[dict[str, str]],
        *,
        days: float,
        contents: Sequence[Item] = (),
        source: Source | None = None,
        size: Size | None = None,
        capacity: tuple[int, int] | None = None,
        ttl: str | None = None,
        recovery: int | None = None,
        protected: bool = False,
        tags: dict[str, str] | None = None,
        extra: Members | None = None,
    ) -> Table:
        """A table with these items, or those of a `source`, whose size must be given."""
        size = size or Size(len(contents), sum(map(item_size, contents)))
        created = self.now - timedelta(days=days)
        members = table_members(
            self.store,
            name,
            definitions=definitions,
            keys=keys,
            created=created,
            size=size,
            capacity=capacity,
            extra={"DeletionProtectionEnabled": protected, **(extra or {})},
        )
        table = Table(
            Record(members),
            recovery_days=recovery,
            recovery_since=self.now - timedelta(days=days / 2) if recovery else None,
            tags=tag_list(tags or {}),
            items=contents,
            source=source,
        )
        if ttl:
            table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": ttl}
        self.store.tables[name] = table
        return table

    def index(self, table: Table, name: str, keys: list[dict[str, str]], **options: Any) -> Members:
        """A global index; its size is that of its entries unless it is given."""
        size = options.pop("size", None)
        members = index_members(table.record.members, name, keys, size=size or Size(0, 0), **options)
        if size is None:
            _weigh(table, members)
        table.indexes[name] = Record(members)
        return members

    def backup(self, table: str, name: str, days: float, kind: str = "USER") -> None:
        found = self.store.tables[table]
        view = found.view(self.now)
        assert view is not None
        arn, members = backup_members(
            self.store, found, view, name=name, created=self.now - timedelta(days=days), kind=kind
        )
        self.store.backups[arn] = Record(members)


def _weigh(table: Table, members: Members) -> None:
    """Set an index's count and size from the table's items."""
    described = table.record.members
    schemas = [KeySchema.read(part["KeySchema"], described["AttributeDefinitions"]) for part in (members, described)]
    names = projected_names(members["Projection"], *schemas)
    entries = [item for item in table.items if all(part.name in item for part in schemas[0].parts)]
    kept = [{name: value for name, value in item.items() if names is None or name in names} for item in entries]
    members["ItemCount"] = len(entries)
    members["IndexSizeBytes"] = sum(map(item_size, kept))


def _main(plant: TablePlanter) -> None:
    _orders(plant)
    _sessions(plant)
    _ledger(plant)
    _special_keys(plant)
    _special_modes(plant)
    _carts(plant, other="us-east-1")
    _backups(plant)


def _orders(plant: TablePlanter, *, protected: bool = False) -> None:
    stream = stream_members(plant.store, "orders", plant.now - timedelta(days=200))
    table = plant.table(
        "orders",
        attributes(pk="S", sk="S", status="S", created_at="S", customer_id="S"),
        key_schema("pk", "sk"),
        days=610,
        source=orders.ALL,
        size=Size(orders.ORDERS, orders.total_size()),
        ttl="expires_at",
        recovery=35,
        protected=protected,
        tags={"team": "shop", "service": "orders", "env": "dev", "note": "[bold]x[/]"},
        extra=stream,
    )
    whole = Size(orders.ORDERS, orders.total_size())
    plant.index(table, "by-status", key_schema("status", "created_at"), size=whole)
    partial_keys = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "status"]}
    part = Size(orders.ORDERS, orders.by_customer_size())
    plant.index(table, "by-customer", key_schema("customer_id", "created_at"), projection=partial_keys, size=part)


def _sessions(plant: TablePlanter) -> None:
    plant.table(
        "sessions",
        attributes(session_id="S"),
        key_schema("session_id"),
        days=433,
        contents=some(partial(items.session, now=plant.now), 120),
        capacity=(5, 5),
        ttl="expires_at",
        tags={"team": "web"},
    )


def _ledger(plant: TablePlanter) -> None:
    table = plant.table(
        "ledger",
        attributes(account_id="S", entry="N", day="S"),
        key_schema("account_id", "entry"),
        days=512,
        contents=some(items.ledger_entry, 160),
        recovery=14,
        tags={"team": "finance"},
    )
    members = plant.index(table, "by-day", key_schema("day", "account_id"))
    begin = plant.now - timedelta(seconds=40)
    table.indexes["by-day"] = building_index(members, begin, resources=20, backfill=300)


def _special_keys(plant: TablePlanter) -> None:
    sensors = plant.table(
        "sensors",
        attributes(device="S", at="N", battery="N"),
        key_schema("device", "at"),
        days=77,
        contents=some(items.reading, 180),
        capacity=(10, 20),
    )
    by_battery = {
        "IndexName": "by-battery",
        "KeySchema": key_schema("device", "battery"),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "IndexSizeBytes": 0,
        "ItemCount": 0,
        "IndexArn": f"{sensors.record.members['TableArn']}/index/by-battery",
    }
    _weigh(sensors, by_battery)
    sensors.record.members["LocalSecondaryIndexes"] = [by_battery]
    plant.table("blobs", attributes(digest="B"), key_schema("digest"), days=301, contents=some(items.blob, 40))
    plant.table(
        "all-types",
        attributes(id="S"),
        key_schema("id"),
        days=5,
        contents=specimens.all_types(plant.now),
        ttl="expires_at",
    )
    plant.table(
        "fragments",
        attributes(file="B", part="B"),
        key_schema("file", "part"),
        days=44,
        contents=some(items.fragment, 240),
    )
    plant.table("counters", attributes(id="N"), key_schema("id"), days=12, contents=some(items.counter, 60))
    plant.table(
        "files", attributes(folder="S", name="S"), key_schema("folder", "name"), days=8, contents=some(items.file, 70)
    )
    names = attributes(id="S", carrier="S", region="S", state="S", eta="S")
    shipments = plant.table("shipments", names, key_schema("id"), days=19, contents=some(items.shipment, 90))
    plant.index(shipments, "by-route", multi_key_schema(("carrier", "region"), ("state", "eta")))


def _special_modes(plant: TablePlanter) -> None:
    plant.table(
        "audit-log",
        attributes(pk="S", at="S"),
        key_schema("pk", "at"),
        days=1200,
        contents=some(items.audit, 200),
        recovery=35,
        extra={"TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"}},
        tags={"team": "security"},
    )
    plant.table("features", attributes(name="S"), key_schema("name"), days=700, contents=some(items.feature, 24))
    plant.table(
        "customers",
        attributes(customer_id="S"),
        key_schema("customer_id"),
        days=905,
        contents=some(items.customer, 150),
        protected=True,
        recovery=7,
        extra=kms_members(plant.store),
        tags={"team": "shop", "gdpr": "yes"},
    )
    inventory = plant.table(
        "inventory",
        attributes(sku="S", warehouse="S", reorder_by="S"),
        key_schema("sku", "warehouse"),
        days=350,
        contents=some(items.stock, 150),
        capacity=(25, 10),
    )
    keys_only = {"ProjectionType": "KEYS_ONLY"}
    plant.index(inventory, "to-reorder", key_schema("warehouse", "reorder_by"), projection=keys_only, capacity=(5, 5))
    limits = plant.table(
        "rate-limits",
        attributes(client="S"),
        key_schema("client"),
        days=64,
        contents=some(items.bucket, 50),
        capacity=(50, 50),
        extra={"TableStatus": "UPDATING"},
    )
    limits.record.plan(plant.now, Change(plant.now + timedelta(seconds=180), {"TableStatus": "ACTIVE"}))


def _carts(plant: TablePlanter, *, other: str) -> None:
    replicas = [
        {"RegionName": other, "ReplicaStatus": "ACTIVE", "ReplicaTableClassSummary": {"TableClass": "STANDARD"}},
    ]
    stream = stream_members(plant.store, "carts", plant.now - timedelta(days=140))
    plant.table(
        "carts",
        attributes(cart_id="S"),
        key_schema("cart_id"),
        days=141,
        contents=some(items.cart, 80),
        extra={"GlobalTableVersion": "2019.11.21", "Replicas": replicas, **stream},
        tags={"team": "shop"},
    )


def _backups(plant: TablePlanter) -> None:
    plant.backup("orders", "orders-before-import", 33)
    plant.backup("orders", f"orders-{plant.now - timedelta(days=22):%Y%m%d}", 22)
    plant.backup("orders", f"orders-{plant.now - timedelta(days=22):%Y%m%d}", 21.5)
    plant.backup("customers", "customers-gdpr-request", 12)
    plant.backup("ledger", "ledger-year-end", 326)
    plant.backup("audit-log", "audit-log-archive", 190)
    plant.backup("features", "features-sunday", 1.2)
    plant.backup("inventory", "inventory$DeletedTableBackup", 6, "SYSTEM")
    plant.backup("sessions", "awsbackup-daily-sessions", 0.4, "AWS_BACKUP")
