"""Whole TableDescription and index records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dbtui.demo import ids
from dbtui.demo.dynamodb.store import DynamoStore
from dbtui.demo.record import Change, Members, Ramp, Record

INDEX_RESOURCES = 20.0
INDEX_BACKFILL = 60.0


def key_schema(*names: str) -> list[dict[str, str]]:
    """`pk` or `pk, sk`."""
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)]


def multi_key_schema(hashes: Sequence[str], ranges: Sequence[str]) -> list[dict[str, str]]:
    """A global index over several attributes in each part of its key (up to four and four)."""
    parts = [*((name, "HASH") for name in hashes), *((name, "RANGE") for name in ranges)]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in parts]


def attributes(**types: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()]


@dataclass(frozen=True)
class Size:
    items: int
    bytes: int


def table_members(
    store: DynamoStore,
    name: str,
    *,
    definitions: list[dict[str, str]],
    keys: list[dict[str, str]],
    created: datetime,
    size: Size = Size(0, 0),
    capacity: tuple[int, int] | None = None,
    status: str = "ACTIVE",
    generation: int = 0,
    extra: Members | None = None,
) -> Members:
    """A TableDescription; without `capacity` (read, write) the table is on-demand."""
    read, write = capacity or (0, 0)
    members: Members = {
        "AttributeDefinitions": definitions,
        "TableName": name,
        "KeySchema": keys,
        "TableStatus": status,
        "CreationDateTime": created,
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": read,
            "WriteCapacityUnits": write,
        },
        "TableSizeBytes": size.bytes,
        "ItemCount": size.items,
        "TableArn": store.arn(name),
        "TableId": ids.uuid_id("table", store.account, store.region, name, generation),
        "DeletionProtectionEnabled": False,
        "WarmThroughput": {
            "ReadUnitsPerSecond": read or 12000,
            "WriteUnitsPerSecond": write or 4000,
            "Status": "ACTIVE",
        },
    }
    if capacity is None:
        members["BillingModeSummary"] = {
            "BillingMode": "PAY_PER_REQUEST",
            "LastUpdateToPayPerRequestDateTime": created,
        }
    return members | (extra or {})


def stream_members(store: DynamoStore, name: str, created: datetime, view_type: str = "NEW_AND_OLD_IMAGES") -> Members:
    label = created.strftime("%Y-%m-%dT%H:%M:%S.000")
    return {
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": view_type},
        "LatestStreamLabel": label,
        "LatestStreamArn": f"{store.arn(name)}/stream/{label}",
    }


def kms_members(store: DynamoStore) -> Members:
    key = ids.uuid_id("kms", store.account, store.region, "dynamodb")
    arn = f"arn:aws:kms:{store.region}:{store.account}:key/{key}"
    return {"SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}}


def index_members(
    table: Members,
    name: str,
    keys: list[dict[str, str]],
    *,
    projection: Members | None = None,
    size: Size | None = None,
    capacity: tuple[int, int] | None = None,
    status: str = "ACTIVE",
) -> Members:
    """A GlobalSecondaryIndexDescription; sizes follow the table's unless given."""
    read, write = capacity or (0, 0)
    sizes = size or Size(table["ItemCount"], int(table["TableSizeBytes"] * 0.8))
    return {
        "IndexName": name,
        "KeySchema": keys,
        "Projection": projection or {"ProjectionType": "ALL"},
        "IndexStatus": status,
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0,
            "ReadCapacityUnits": read,
            "WriteCapacityUnits": write,
        },
        "IndexSizeBytes": sizes.bytes,
        "ItemCount": sizes.items,
        "IndexArn": f"{table['TableArn']}/index/{name}",
        "WarmThroughput": {
            "ReadUnitsPerSecond": read or 12000,
            "WriteUnitsPerSecond": write or 4000,
            "Status": "ACTIVE",
        },
    }


def building_index(
    members: Members,
    begin: datetime,
    *,
    resources: float = INDEX_RESOURCES,
    backfill: float = INDEX_BACKFILL,
) -> Record:
    """An index being built: resources are allocated (CREATING), then it is filled (CREATING and Backfilling)."""
    filling = begin + timedelta(seconds=resources)
    done = filling + timedelta(seconds=backfill)
    return Record(
        members | {"IndexStatus": "CREATING", "Backfilling": False},
        [
            Change(filling, {"Backfilling": True}),
            Change(done, {"IndexStatus": "ACTIVE", "Backfilling": None}),
        ],
        [
            Ramp("ItemCount", filling, done, 0, members["ItemCount"]),
            Ramp("IndexSizeBytes", filling, done, 0, members["IndexSizeBytes"]),
        ],
    )
