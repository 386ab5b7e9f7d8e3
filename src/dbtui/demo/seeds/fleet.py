"""A large account for measurements: N fully populated instances, tables and snapshots in demo/eu-west-1."""

from __future__ import annotations

from datetime import datetime, timedelta

from dbtui.demo import ids
from dbtui.demo.dynamodb.shapes import Size, attributes, key_schema, table_members
from dbtui.demo.dynamodb.store import DynamoStore, Table
from dbtui.demo.identity_names import ACCOUNTS, DEFAULT_REGION
from dbtui.demo.rds.catalog import ENGINES
from dbtui.demo.rds.shapes import InstanceSpec
from dbtui.demo.record import Record
from dbtui.demo.seeds.bulk import Bulk
from dbtui.demo.seeds.planting import RdsPlanter
from dbtui.demo.seedspec import SeedSpec
from dbtui.demo.world import World

_ENGINES = ("postgres", "mysql", "mariadb", "sqlserver-se", "oracle-se2")
_CLASSES = ("db.t4g.medium", "db.m7g.large", "db.m7g.2xlarge", "db.r7g.xlarge", "db.r6i.4xlarge")
_ITEM_BYTES = 412
_STATES = ("available",) * 17 + ("stopped", "storage-full", "incompatible-parameters")


def plant(world: World, seed: SeedSpec) -> None:
    account, now = ACCOUNTS[0].number, world.clock.now()
    planter = RdsPlanter(world.rds_at(account, DEFAULT_REGION), now)
    for number in range(seed.instances):
        planter.instance(_instance(number, planter))
    names = list(planter.store.instances)
    for number in range(seed.snapshots if names else 0):
        source = planter.store.instances[names[number % len(names)]].members
        taken = planter.ago(days=number // len(names) + 1, minutes=number % 1440)
        planter.snapshot(source, f"{source['DBInstanceIdentifier']}-s{number:05d}", taken)
    for number in range(seed.instances // 10):
        planter.parameter_group(f"fleet-pg-{number:04d}", "postgres17", f"Fleet parameters {number}")
    planter.default_groups()
    _tables(world.dynamodb_at(account, DEFAULT_REGION), seed.tables, now)


def _instance(number: int, planter: RdsPlanter) -> InstanceSpec:
    engine = ENGINES[_ENGINES[number % len(_ENGINES)]]
    name = f"fleet-{number:05d}"
    return InstanceSpec(
        name,
        engine.name,
        engine.default_version,
        _CLASSES[ids.number(len(_CLASSES), name, "class")],
        planter.ago(days=30 + number % 900),
        _STATES[ids.number(len(_STATES), name, "state")],
        storage=100 + number % 900,
        max_storage=2000,
        multi_az=number % 3 == 0,
        zone="abc"[number % 3],
        database="app",
        monitoring=60,
        managed_password=number % 2 == 0,
        tags={
            "team": f"team-{number % 17}",
            "env": ("dev", "staging", "test")[number % 3],
            "cost-center": str(4000 + number % 40),
            "service": f"service-{number % 211}",
        },
    )


def _tables(store: DynamoStore, count: int, now: datetime) -> None:
    for number in range(count):
        name = f"fleet-table-{number:05d}"
        items = ids.number(5_000_000, name)
        members = table_members(
            store,
            name,
            definitions=attributes(pk="S", sk="S"),
            keys=key_schema("pk", "sk"),
            created=now - timedelta(days=1 + number % 700),
            size=Size(items, items * _ITEM_BYTES),
            capacity=(5, 5) if number % 2 else None,
        )
        store.tables[name] = Table(Record(members), source=Bulk(items, _ITEM_BYTES))
