"""The fast lane gives exactly what the SDK would, or steps aside for it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.aws import lane as lanes
from dbtui.aws.calls import Call
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.items import read, read_uncut
from dbtui.aws.lane import Lane
from dbtui.aws.transport import Transport
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.scope import Target
from dbtui.domain.wire import encode_item
from dbtui.gateway.protocol import Notice
from dbtui.gateway.raw_items import UncutItems, wire_bytes
from tests import strategies
from tests.requirements import FULL
from tests.unit.aws.conftest import QUICK
from tests.unit.aws.stub_aws import Hang, Reply, Reset, StubAws, js_error

SCAN = {"TableName": "orders"}
HOSTILE = st.sampled_from(
    ["Items", "LastEvaluatedKey", "ScannedCount", '],"ScannedCount":0}', '],"LastEvaluatedKey":{', '"Items":[', "]"]
)
HOSTILE_ITEMS = st.dictionaries(
    HOSTILE,
    HOSTILE.map(lambda text: {"S": text})
    | st.lists(HOSTILE.map(lambda text: {"S": text}), max_size=2).map(lambda values: {"L": values})
    | st.lists(HOSTILE, max_size=2).map(lambda values: {"SS": values}),
    max_size=4,
)
KEYS = st.dictionaries(HOSTILE, HOSTILE.map(lambda text: {"S": text}), min_size=1, max_size=2)


def as_aws_writes(items: list[Any], key: Any, scanned: int, *, told: bool = True) -> bytes:
    """A page with its members in AWS's order."""
    body: dict[str, Any] = {"ConsumedCapacity": {"CapacityUnits": 1.5, "TableName": "orders"}} if told else {}
    body |= {"Count": len(items), "Items": items} | ({"LastEvaluatedKey": key} if key else {})
    return json.dumps(body | {"ScannedCount": scanned}, separators=(",", ":"), ensure_ascii=False).encode()


def summed(body: bytes, checksum: int | None = None) -> Reply:
    """A reply with a checksum, by default the right one."""
    told = {"x-amz-crc32": str(zlib.crc32(body) if checksum is None else checksum)}
    return Reply(body.decode(), 200, "application/x-amz-json-1.0", told)


ITEMS = [{"id": {"S": str(number)}, "raw": {"B": "AP8="}} for number in range(3)]
PAGE = as_aws_writes(ITEMS, {"id": {"B": "AP8="}}, 7)


@settings(max_examples=2000 if FULL else 200, deadline=None)
@given(
    items=st.lists(HOSTILE_ITEMS | strategies.items().map(lambda item: json.loads(encode_item(item))), max_size=4),
    key=st.none() | KEYS,
    told=st.booleans(),
)
def test_a_page_is_the_same_cut_later(items: Any, key: Any, told: bool) -> None:
    body = as_aws_writes(items, key, len(items) + 2, told=told)

    late, early = read_uncut("Scan", body), read("ScanOutput", body)

    assert isinstance(late["Items"], UncutItems)
    assert len(late["Items"]) == len(items)
    assert late | {"Items": [bytes(raw) for raw in late["Items"]]} == early | {
        "Items": [bytes(raw) for raw in early["Items"]]
    }


@pytest.mark.parametrize(
    "body",
    [
        b'{"Items":[{"id":{"S":"a"}}],"Count":1,"ScannedCount":1}',
        b'{"ScannedCount":1,"Count":1,"Items":[{"id":{"S":"a"}}]}',
        b'{ "Count": 1, "Items": [ {"id":{"S":"a"}} ], "ScannedCount": 1 }',
    ],
)
def test_a_page_written_otherwise_is_read_at_once(body: bytes) -> None:
    reply = read_uncut("Query", body)

    assert isinstance(reply["Items"], list)
    assert (len(reply["Items"]), reply["ScannedCount"]) == (1, 1)


def test_items_are_cut_once_and_know_their_size_before() -> None:
    cuts: list[bytes] = []
    early = read("ScanOutput", PAGE)["Items"]
    items = UncutItems(PAGE, 3, lambda body: cuts.append(body) or early)  # type: ignore[func-returns-value]

    assert (len(items), wire_bytes(items), cuts) == (3, len(PAGE), [])
    assert [bytes(raw) for raw in items[1:]] == [bytes(raw) for raw in early[1:]]
    assert (bytes(items[0]), len(cuts)) == (bytes(early[0]), 1)
    assert wire_bytes(early) == sum(len(bytes(raw)) for raw in early)


def test_items_that_are_not_json_say_so_when_looked_at() -> None:
    items = read_uncut("Scan", PAGE.replace(b'{"S":"1"}', b'{"S":"1}'))["Items"]

    with pytest.raises(AwsError) as caught:
        items[0]
    assert caught.value.failure.kind is FailureKind.SERVICE


async def test_a_good_page_comes_by_the_lane(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["Scan"] = summed(PAGE)

    pages = [await gateway.item_page(target, "Scan", SCAN) for _ in range(3)]

    assert all(isinstance(page.items, UncutItems) for page in pages)
    assert (pages[0].scanned, pages[0].last_key, pages[0].units) == (7, {"id": {"B": b"\x00\xff"}}, 1.5)
    assert [json.loads(bytes(raw)) for raw in pages[2].items] == ITEMS
    assert stub.sent("Scan") == [SCAN | {"ReturnConsumedCapacity": "TOTAL"}] * 3


@pytest.mark.parametrize(
    "trouble",
    [
        summed(PAGE, checksum=1),
        Reset(),
        Reply("<html>log in</html>", 200, "text/html"),
        js_error("InternalServerError", status=500),
        js_error("ProvisionedThroughputExceededException"),
    ],
)
async def test_whatever_goes_wrong_the_sdk_takes_over_and_the_lane_rests(
    trouble: Any, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["Scan"] = [trouble, summed(PAGE)]

    first = await gateway.item_page(target, "Scan", SCAN)
    second = await gateway.item_page(target, "Scan", SCAN)

    assert [json.loads(bytes(raw)) for raw in first.items] == ITEMS
    assert isinstance(first.items, list) and isinstance(second.items, list)
    assert len(stub.sent("Scan")) == 3


async def test_after_its_rest_the_lane_is_used_again(
    stub: StubAws, gateway: AwsGateway, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "REST_SECONDS", 0.0)
    stub.answers["Scan"] = [Reset(), summed(PAGE)]

    await gateway.item_page(target, "Scan", SCAN)

    assert isinstance((await gateway.item_page(target, "Scan", SCAN)).items, UncutItems)


async def test_a_throttled_page_is_left_to_whoever_reads_page_by_page(
    stub: StubAws, gateway: AwsGateway, target: Target, notices: list[Notice]
) -> None:
    stub.answers["Scan"] = js_error("ProvisionedThroughputExceededException", "slow down")
    for sent in (2, 3, 4):  # by the lane and the SDK once; then the lane rests
        with pytest.raises(AwsError) as caught:
            await gateway.item_page(target, "Scan", SCAN)
        assert caught.value.failure.kind is FailureKind.THROTTLED
        assert len(stub.sent("Scan")) == sent
    assert notices == []


async def test_a_page_that_failed_otherwise_is_retried_and_told_as_ever(
    stub: StubAws, gateway: AwsGateway, target: Target, notices: list[Notice]
) -> None:
    trouble = js_error("InternalServerError", status=500)
    stub.answers["Scan"] = [trouble, trouble, summed(PAGE)]

    await gateway.item_page(target, "Scan", SCAN)

    assert [notice.kind for notice in notices] == ["retrying"]


async def test_a_silent_endpoint_is_given_up_in_the_time_of_one_read(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["Scan"] = Hang()
    begun = time.monotonic()

    with pytest.raises(AwsError) as caught:
        await gateway.item_page(target, "Scan", SCAN)

    assert caught.value.failure.kind is FailureKind.UNREACHABLE
    assert time.monotonic() - begun < QUICK.read_total + 1


async def test_a_reply_that_only_trickles_in_is_given_up_as_well() -> None:
    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)

    server = await asyncio.start_server(trickle, "127.0.0.1", 0)
    target = Target("", "eu-central-1", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    transport = Transport(replace(QUICK, read_total=0.6), lambda notice: None, None)
    begun = time.monotonic()

    with pytest.raises(AwsError) as caught:
        await transport.page(target, "Scan", SCAN)

    assert caught.value.failure.kind is FailureKind.UNREACHABLE
    assert time.monotonic() - begun < 10  # the whole reply would take 50 s
    await transport.close()
    server.close()


@pytest.fixture
async def lane(stub: StubAws, target: Target) -> Any:
    """The lane of a transport, and a page asked of it."""
    transport = Transport(QUICK, lambda notice: None, None)
    opened = await transport._client(Call(target, "dynamodb:Scan", print))
    yield opened.lane, await transport._credentials(target, "dynamodb:Scan")
    await transport.close()


def waiting_threads() -> int:
    return sum("dbtui-page" in thread.name for thread in threading.enumerate())


async def test_cancelling_frees_the_thread_that_waits(
    stub: StubAws, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.answers["Scan"] = Hang()
    patient = AwsGateway(read_only=lambda scope: True)
    task = asyncio.create_task(patient.item_page(target, "Scan", SCAN))
    await stub.until_sent("Scan")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    begun = time.monotonic()
    await patient.close()
    while waiting_threads():
        await asyncio.sleep(0.01)

    assert time.monotonic() - begun < 5


async def test_a_connection_that_was_closed_meanwhile_costs_nothing_but_the_lane(stub: StubAws, lane: Any) -> None:
    fast, credentials = lane
    stub.answers["Scan"] = summed(PAGE)
    assert await fast.page(credentials, "Scan", SCAN) is not None
    [(_, connection)] = fast._idle
    connection.sock.close()

    assert await fast.page(credentials, "Scan", SCAN) is None


async def test_a_connection_idle_for_long_is_not_trusted(
    stub: StubAws, lane: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, credentials = lane
    stub.answers["Scan"] = summed(PAGE)
    assert await fast.page(credentials, "Scan", SCAN) is not None
    [(_, first)] = fast._idle
    monkeypatch.setattr(lanes, "IDLE_SECONDS", 0.0)

    assert await fast.page(credentials, "Scan", SCAN) is not None
    [(_, second)] = fast._idle
    assert second is not first


@pytest.mark.parametrize("action", ["PutItem", "DeleteItem", "UpdateItem", "TransactWriteItems", "DeleteTable"])
async def test_nothing_but_reads_goes_by_the_lane(stub: StubAws, lane: Any, action: str) -> None:
    fast: Lane = lane[0]
    with pytest.raises(Refused):
        await fast.page(lane[1], action, {"TableName": "orders"})
    assert stub.sent(action) == []
