"""Tables, items and pages for the tests of reading."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Index, KeyPart, Table, TimeToLive
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.domain.values import Item
from dbtui.domain.wire import encode_item
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.protocol import ItemPage
from dbtui.items.store import ItemStore

TARGET = Target("dev", "eu-central-1")
SCOPE = Scope("dev", "123456789012", "eu-central-1")


def table(
    keys: Sequence[tuple[str, str]] = (("pk", "S"), ("sk", "N")),
    *,
    indexes: Sequence[Index] = (),
    ttl: str = "",
    size: int | None = None,
) -> Table:
    roles = ("HASH", "RANGE")
    return Table(
        ref=ResourceRef(SCOPE, "table", "orders"),
        arn="",
        status="ACTIVE",
        keys=tuple(KeyPart(name, role, kind) for (name, kind), role in zip(keys, roles, strict=False)),
        indexes=tuple(indexes),
        ttl=TimeToLive("ENABLED", ttl) if ttl else None,
        size_bytes=size,
    )


def gsi(name: str, *parts: tuple[str, str, str], local: bool = False, size: int | None = None) -> Index:
    return Index(
        name=name, is_global=not local, keys=tuple(KeyPart(*part) for part in parts), projection="ALL", size_bytes=size
    )


def page(items: Iterable[Item], last_key: Item | None = None, units: float | None = 0.5) -> ItemPage:
    """A page as the aws room hands it out: all items are slices of one buffer."""
    body = b'{"Items":[' + b",".join(map(encode_item, items)) + b"]}"
    raws = msgspec.json.decode(body, type=dict[str, list[msgspec.Raw]])["Items"]
    return ItemPage(raws, len(raws), last_key, units)


def s(text: str) -> dict[str, Any]:
    return {"S": text}


def n(text: str | int) -> dict[str, Any]:
    return {"N": str(text)}


def order(number: int, **more: dict[str, Any]) -> Item:
    return {"pk": s(f"customer-{number % 7}"), "sk": n(number), **more}


def store_of(items: Iterable[Item], *, of: Table | None = None) -> ItemStore:
    store = ItemStore((of or table()).keys)
    store.append(page(items))
    return store


def gateway_of(of: Table, items: Iterable[Item], *, page_size: int = 10) -> FakeGateway:
    gateway = FakeGateway(page_size=page_size)
    gateway.put(of)
    gateway.put_items(TARGET, of.ref.id, items)
    return gateway


def throttled(*reasons: tuple[str, str]) -> AwsError:
    failure = Failure(FailureKind.THROTTLED, "Throttled.", code="ThrottlingException", operation="dynamodb:Scan")
    return AwsError(failure, members={"ThrottlingReasons": [{"reason": a, "resource": b} for a, b in reasons]})


def everything(store: ItemStore) -> list[Item]:
    return [store.item(store.ordinal_at(position)) for position in range(store.row_count)]
