"""A parallel scan against what the wire allows. Prints numbers (run with `-s` or `-rP`) and never fails on time.

A child process replays pages of 1 MB. The same 20,000 items are read in four segments, one way after the other in one
process, several rounds: by a bare aiohttp loop that sends requests signed beforehand and drops the bodies, by the
gateway, by the gateway into an item store, by the gateway with every page cut into its items at once, and by stock
aioboto3. Medians are compared.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aioboto3
import aiohttp
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.benchmarks.replay_server import TABLE, ReplayServer
from tests.requirements import FULL
from tests.stalls import StallMonitor

from dbtui.aws.gateway import AwsGateway
from dbtui.domain.models import KeyPart
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import ItemPage
from dbtui.items.store import ItemStore

ITEMS, SIZE, SEGMENTS = 20_000, 800, 4
ROUNDS, STOCK_ROUNDS = (40, 2) if FULL else (12, 1)
KEYS = (KeyPart("pk", "HASH", "B"), KeyPart("sk", "RANGE", "N"))
REGION = "eu-central-1"

Scan = Callable[[], Awaitable[int]]
"""Reads the whole table once; returns how many items came."""


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.delenv("AWS_PROFILE", raising=False)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(ITEMS, SIZE, SEGMENTS) as running:
        yield running


@dataclass
class Measured:
    """Milliseconds of wall and processor time of each round, and every stall in all of them."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    stalls: StallMonitor = field(default_factory=StallMonitor)

    async def round(self, scan: Scan, items: int) -> None:
        async with StallMonitor() as stalls:
            wall, cpu = time.perf_counter(), time.process_time()
            assert await scan() == items
            self.wall.append((time.perf_counter() - wall) * 1000)
            self.cpu.append((time.process_time() - cpu) * 1000)
        self.stalls.lags += stalls.lags

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    def __str__(self) -> str:
        stalls = self.stalls
        return (
            f"{self.median:7.1f} ms (best {min(self.wall):.1f}; processor {statistics.median(self.cpu):.1f}), "
            f"stalls p99 {stalls.percentile(99):.1f} ms, p99.9 {stalls.percentile(99.9):.1f}, worst {stalls.worst:.1f}"
        )


async def in_segments(read: Callable[[int], AsyncIterator[int]]) -> int:
    """The sum of the pages' item counts over all segments, read side by side."""

    async def one(segment: int) -> int:
        return sum([count async for count in read(segment)])

    return sum(await asyncio.gather(*map(one, range(SEGMENTS))))


def asked(segment: int, start: Any) -> dict[str, Any]:
    parameters = {"TableName": TABLE, "Segment": segment, "TotalSegments": SEGMENTS, "ReturnConsumedCapacity": "TOTAL"}
    return parameters | ({"ExclusiveStartKey": start} if start else {})


@dataclass(frozen=True)
class Prepared:
    """One page of the bare loop: a signed request, and how many items will come."""

    body: bytes
    headers: dict[str, str]
    items: int


def signed(url: str, parameters: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(parameters).encode()
    headers = {"X-Amz-Target": "DynamoDB_20120810.Scan", "Content-Type": "application/x-amz-json-1.0"}
    request = AWSRequest("POST", url, headers, body)
    SigV4Auth(Credentials("AKIATEST", "secret"), "dynamodb", REGION).add_auth(request)
    return body, dict(request.headers.items()) | {"Accept-Encoding": "identity"}


async def prepared(session: aiohttp.ClientSession, url: str) -> list[list[Prepared]]:
    """Every request of the scan by segment, learnt by scanning once."""
    found: list[list[Prepared]] = []
    for segment in range(SEGMENTS):
        pages: list[Prepared] = []
        start: Any = None
        while start is not None or not pages:
            body, headers = signed(url, asked(segment, start))
            async with session.post(url, data=body, headers=headers) as response:
                page = json.loads(await response.read())
            pages.append(Prepared(body, headers, page["Count"]))
            start = page.get("LastEvaluatedKey")
        found.append(pages)
    return found


def bare(session: aiohttp.ClientSession, url: str, requests: list[list[Prepared]]) -> Scan:
    async def read(segment: int) -> AsyncIterator[int]:
        for request in requests[segment]:
            async with session.post(url, data=request.body, headers=request.headers) as response:
                await response.read()
            yield request.items

    return lambda: in_segments(read)


def ours(gateway: AwsGateway, target: Target, take: Callable[[ItemPage], object] = lambda page: None) -> Scan:
    async def read(segment: int) -> AsyncIterator[int]:
        start = None
        while True:
            page = await gateway.item_page(target, "Scan", asked(segment, start))
            take(page)
            yield len(page.items)
            start = page.last_key
            if start is None:
                return

    return lambda: in_segments(read)


def stored(gateway: AwsGateway, target: Target) -> Scan:
    async def scan() -> int:
        store = ItemStore(KEYS)
        await ours(gateway, target, store.append)()
        return store.row_count

    return scan


def stock(client: Any) -> Scan:
    async def read(segment: int) -> AsyncIterator[int]:
        start = None
        while True:
            page = await client.scan(**asked(segment, start))
            yield len(page["Items"])
            start = page.get("LastEvaluatedKey")
            if start is None:
                return

    return lambda: in_segments(read)


async def test_a_parallel_scan_at_wire_speed(server: ReplayServer) -> None:
    gateway = AwsGateway(read_only=lambda scope: True)
    session = aioboto3.Session()
    async with (
        aiohttp.ClientSession(auto_decompress=False) as http,
        session.client("dynamodb", region_name=REGION, endpoint_url=server.url) as client,
    ):
        requests = await prepared(http, server.url)
        target = Target("", REGION, server.url)
        scans = {
            "bare": bare(http, server.url, requests),
            "ours": ours(gateway, target),
            "stored": stored(gateway, target),
            "cut": ours(gateway, target, lambda page: page.items[0]),
            "stock": stock(client),
        }
        measured = {name: Measured() for name in scans}
        for scan in scans.values():
            await scan()  # connections, clients, signing keys
        quick = [name for name in scans if name != "stock"]
        for number in range(ROUNDS):
            for place in range(len(quick)):  # each goes first as often as the others
                name = quick[(number + place) % len(quick)]
                await measured[name].round(scans[name], ITEMS)
        for _ in range(STOCK_ROUNDS):
            await measured["stock"].round(scans["stock"], ITEMS)
    await gateway.close()

    size = sum(page.items for pages in requests for page in pages) * SIZE / 1e6
    print(f"{ITEMS} items of {SIZE} B in {SEGMENTS} segments, {sum(map(len, requests))} pages, {size:.0f} MB")
    for name, each in measured.items():
        print(f"{name:>6}: {each}; {ITEMS / each.median * 1000:,.0f} items/s")
    for name in ("ours", "stored", "cut"):
        speed = measured[name].median
        bare_ratio, stock_ratio = measured["bare"].median / speed, measured["stock"].median / speed
        print(f"{name} / bare: {bare_ratio:.2f}, {name} / stock: {stock_ratio:.1f}")
