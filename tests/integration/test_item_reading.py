"""Reading items through the real gateway from two independent back ends: every item once, whatever its keys."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
from demo_support import DemoServer
from ministack_support import ministack

from dbtui.aws.directory import AwsDirectory
from dbtui.aws.gateway import AwsGateway
from dbtui.domain.key_query import KeyQuery, ScanOf, read_query
from dbtui.domain.models import Table
from dbtui.domain.scope import Target
from dbtui.domain.values import Item
from dbtui.items.pager import Budget, Reading, Stop
from dbtui.items.store import ItemStore

TEXTS = ["a,b", "a/b", "a\nb", 'a"b', "a\\b", "a b", "日本", "é", "#", "a=b&c", "%2F", "\u202e"]
NUMBERS = ["-1E+125", "-2.5", "0", "1E-130", "9", "10", "9007199254740993", "0.00000001"]

BINARY = [{"pk": {"B": bytes([a, 255 - a])}, "sk": {"B": bytes([b]) * 3}} for a in range(0, 250, 25) for b in range(12)]
ODD = [{"pk": {"N": number}, "sk": {"S": text}, "all": {"S": "x"}} for number in NUMBERS for text in TEXTS]


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "20") as server:
        server.wait_for_phase("ready")
        yield server


@pytest.fixture(scope="module")
def second() -> Iterator[str]:
    with ministack() as url:
        yield url


@pytest.fixture(scope="module", params=["moto", "MiniStack"])
def back_end(request: pytest.FixtureRequest) -> dict[str, str]:
    """The environment of a back end that holds both tables."""
    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if request.param == "moto":
        environment = request.getfixturevalue("demo").env
    else:
        environment["AWS_ENDPOINT_URL"] = request.getfixturevalue("second")
    client = boto3.client(
        "dynamodb",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        region_name=environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"],
        aws_access_key_id="x",
        aws_secret_access_key="y",
    )
    _fill(client, "reading-binary", "BB", BINARY)
    _fill(client, "reading-odd", "NS", ODD)
    return environment


def _fill(client: Any, name: str, types: str, items: list[Item]) -> None:
    kinds = {"pk": types[0], "sk": types[1], "all": "S"}
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-all",
                "KeySchema": [{"AttributeName": "all", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    for start in range(0, len(items), 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        assert not client.batch_write_item(RequestItems={name: puts}).get("UnprocessedItems")


class Reader:
    """Reads tables of the back end."""

    def __init__(self, gateway: AwsGateway, target: Target) -> None:
        self._gateway = gateway
        self._target = target

    async def table(self, name: str) -> Table:
        return await self._gateway.table(self._target, name)

    def reading(self, query: KeyQuery | ScanOf, **more: Any) -> Reading:
        return Reading(self._gateway, self._target, query, ItemStore(query.table.keys), **more)


@pytest.fixture
async def reader(back_end: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Reader]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in back_end.items():
        monkeypatch.setenv(name, value)
    [target] = await AwsDirectory().targets((), ())
    gateway = AwsGateway(read_only=lambda scope: True)
    yield Reader(gateway, target)
    await gateway.close()


def keys(items: list[Item]) -> list[str]:
    return sorted(repr((item["pk"], item["sk"])) for item in items)


def read(reading: Reading) -> list[Item]:
    return [reading.store.item(ordinal) for ordinal in range(reading.store.row_count)]


@pytest.mark.parametrize(("name", "items"), [("reading-binary", BINARY), ("reading-odd", ODD)])
@pytest.mark.parametrize("segments", [1, 4])
async def test_every_item_comes_once(reader: Reader, name: str, items: list[Item], segments: int) -> None:
    reading = reader.reading(ScanOf(await reader.table(name)), segments=segments, page_limit=7)
    assert await reading.run() is Stop.COMPLETE
    assert len(read(reading)) == len(items)
    if name == "reading-binary":
        assert keys(read(reading)) == keys(items)
    assert {item["sk"].get("S") for item in read(reading)} == {item["sk"].get("S") for item in items}
    assert reading.totals.evaluated == len(items)
    assert reading.totals.units is not None


async def test_cancelled_again_and_again_every_item_still_comes_once(reader: Reader) -> None:
    reading = reader.reading(ScanOf(await reader.table("reading-binary")), segments=3, page_limit=3)
    chance = random.Random(7)
    for _ in range(12):
        run = asyncio.create_task(reading.run())
        await asyncio.wait({run}, timeout=chance.random() * 0.05)
        run.cancel()
        await asyncio.wait({run})
    assert await reading.run() is Stop.COMPLETE
    assert keys(read(reading)) == keys(BINARY)


async def test_a_query_by_binary_keys_over_several_pages(reader: Reader) -> None:
    table = await reader.table("reading-binary")
    query = read_query(table, "", ["GeY="], [("between", ["AQEB", "CQkJ"])], descending=True, consistent=True)
    reading = reader.reading(query, page_limit=2)
    assert await reading.run() is Stop.COMPLETE
    assert [item["sk"]["B"][0] for item in read(reading)] == list(range(9, 0, -1))


async def test_an_index_is_queried_page_by_page_with_its_own_keys(reader: Reader) -> None:
    query = read_query(await reader.table("reading-odd"), "by-all", ["x"], [(">=", ["9"])])
    reading = reader.reading(query, page_limit=5)
    assert await reading.run(Budget(requests=2)) is Stop.BUDGET
    assert await reading.run() is Stop.COMPLETE
    found = read(reading)
    assert {item["sk"]["S"] for item in found} == set(TEXTS)
    assert len(found) == 3 * len(TEXTS)
