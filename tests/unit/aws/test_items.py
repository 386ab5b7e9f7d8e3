"""Pages of items and single items: what botocore's parser gives, and what goes back to AWS is what came."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import msgspec
import pytest
from aiobotocore.parsers import AioResponseParserFactory
from botocore.parsers import ResponseParserError
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.aws.gateway import AwsGateway
from dbtui.aws.parsers import FastParserFactory
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from dbtui.domain.wire import decode_item, encode_item
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Notice
from tests import strategies
from tests.requirements import FULL
from tests.unit.aws.replies import service_model
from tests.unit.aws.stub_aws import Reply, StubAws, js, js_error

DYNAMODB = service_model("dynamodb")
EXAMPLES = 500 if FULL else 50
WIRE_ITEMS = strategies.items().map(lambda item: json.loads(encode_item(item)))
KEYS = st.dictionaries(strategies.texts(), strategies.scalars(), min_size=1, max_size=4).map(
    lambda key: json.loads(encode_item(key))
)
UNITS = {"TableName": "orders", "CapacityUnits": 128.5}


def response(body: Any, status: int = 200) -> dict[str, Any]:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-requestid": "req-1"}
    return {"status_code": status, "headers": headers, "body": text, "context": {"operation_name": "x"}}


def parse(factory: Any, operation: str, reply: dict[str, Any]) -> dict[str, Any]:
    shape = DYNAMODB.operation_model(operation).output_shape
    parsed: dict[str, Any] = asyncio.run(factory.create_parser("json").parse(reply, shape))
    return parsed


def decoded(page: dict[str, Any]) -> dict[str, Any]:
    return page | {"Items": [decode_item(raw) for raw in page["Items"]]}


@pytest.mark.parametrize("operation", ["Scan", "Query"])
@settings(max_examples=EXAMPLES, deadline=None)
@given(items=st.lists(WIRE_ITEMS, max_size=4), key=st.none() | KEYS, told=st.booleans())
def test_a_page_is_botocores_once_its_items_are_decoded(operation: str, items: Any, key: Any, told: bool) -> None:
    body = {"Count": len(items), "Items": items, "ScannedCount": len(items) + 3}
    body |= ({"LastEvaluatedKey": key} if key else {}) | ({"ConsumedCapacity": UNITS} if told else {})
    reply = response(body)

    ours = parse(FastParserFactory(), operation, reply)

    assert decoded(ours) == parse(AioResponseParserFactory(), operation, reply)
    assert all(type(raw) is msgspec.Raw for raw in ours["Items"])


@settings(max_examples=EXAMPLES, deadline=None)
@given(item=WIRE_ITEMS)
def test_a_single_item_is_botocores(item: Any) -> None:
    for operation, member in (("GetItem", "Item"), ("UpdateItem", "Attributes"), ("DeleteItem", "Attributes")):
        reply = response({member: item, "ConsumedCapacity": UNITS})
        assert parse(FastParserFactory(), operation, reply) == parse(AioResponseParserFactory(), operation, reply)


@pytest.mark.parametrize("body", [{}, {"Item": None}, {"ConsumedCapacity": UNITS, "SomethingNew": [1, {"a": 2}]}])
def test_no_item_is_no_item(body: Any) -> None:
    assert "Item" not in parse(FastParserFactory(), "GetItem", response(body))
    assert "Attributes" not in parse(FastParserFactory(), "PutItem", response(body))


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in</html>",
        b"",
        b"{}",
        b"[]",
        b'{"Items": [{"id": {"S": "a"}}]}',
        b'{"Count": 1, "ScannedCount": 1, "Items": [{"id": {"S": "a"}}',
        b'{"Count": 2, "ScannedCount": 2, "Items": [{"id": {"S": "a"}}]}',
        b'{"Count": 0, "ScannedCount": 0, "Items": {}}',
        b'{"Count": 0, "ScannedCount": 0, "Items": [], "LastEvaluatedKey": {"id": "a"}}',
        b'{"Count": 0, "ScannedCount": 0, "Items": [], "LastEvaluatedKey": {"id": {"B": "not base64"}}}',
        b'{"__type": "x#ThrottlingException"}',
    ],
)
def test_a_body_of_another_shape_is_an_error_and_never_an_empty_page(body: bytes) -> None:
    with pytest.raises(ResponseParserError):
        parse(FastParserFactory(), "Scan", response(body))


def page(*ids: str, key: Any = None, scanned: int | None = None, units: float | None = 0.5) -> Reply:
    items = [{"id": {"S": each}} for each in ids]
    body = {"Count": len(items), "Items": items, "ScannedCount": len(items) if scanned is None else scanned}
    told = {} if units is None else {"ConsumedCapacity": {"CapacityUnits": units}}
    return js(body | told | ({"LastEvaluatedKey": key} if key else {}))


async def test_a_scan_follows_the_key_it_was_given_to_the_byte(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    key = {"pk": {"B": base64.b64encode(b"\x00\xff\xfe").decode()}, "sk": {"N": "1.10"}}
    stub.answers["Scan"] = [page("a", key=key, scanned=7), page(key={"pk": {"B": "AA=="}, "sk": {"N": "2"}}), page("b")]

    found, start = [], None
    while True:
        asked = {"TableName": "orders", "Segment": 1, "TotalSegments": 4}
        got = await gateway.item_page(target, "Scan", asked | ({"ExclusiveStartKey": start} if start else {}))
        found.append((len(got.items), got.scanned, got.last_key, got.units))
        start = got.last_key
        if start is None:
            break

    assert found == [
        (1, 7, {"pk": {"B": b"\x00\xff\xfe"}, "sk": {"N": "1.10"}}, 0.5),
        (0, 0, {"pk": {"B": b"\x00"}, "sk": {"N": "2"}}, 0.5),
        (1, 1, None, 0.5),
    ]
    first, second, _ = stub.sent("Scan")
    assert first["ReturnConsumedCapacity"] == "TOTAL"
    assert second["ExclusiveStartKey"] == key


async def test_a_query_is_sent_as_asked(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["Query"] = page("a", units=None)
    asked = {
        "TableName": "orders",
        "KeyConditionExpression": "#k = :v",
        "ExpressionAttributeNames": {"#k": "id"},
        "ExpressionAttributeValues": {":v": {"S": "a"}},
        "ReturnConsumedCapacity": "INDEXES",
    }

    got = await gateway.item_page(target, "Query", asked)

    assert (got.units, got.last_key) == (None, None)
    assert stub.sent("Query") == [asked]


async def test_a_page_that_leads_to_itself_ends_the_reading(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    key = {"id": {"B": "AA=="}}
    stub.answers["Scan"] = page("a", key=key)
    first = await gateway.item_page(target, "Scan", {"TableName": "orders"})

    with pytest.raises(AwsError) as caught:
        await gateway.item_page(target, "Scan", {"TableName": "orders", "ExclusiveStartKey": first.last_key})

    assert caught.value.failure.kind is FailureKind.SERVICE
    assert "repeats a page" in caught.value.failure.title


async def test_a_page_that_cannot_be_read_is_a_failure(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["Scan"] = Reply("<html>log in</html>", 200, "text/html")

    with pytest.raises(AwsError) as caught:
        await gateway.item_page(target, "Scan", {"TableName": "orders"})

    assert caught.value.failure.kind is FailureKind.SERVICE
    assert "not AWS's" in caught.value.failure.title


async def test_a_page_without_a_list_of_items_is_a_failure_unless_only_counts_were_asked_for(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["Scan"] = js({"Count": 3, "ScannedCount": 5})

    with pytest.raises(AwsError, match="without items"):
        await gateway.item_page(target, "Scan", {"TableName": "orders"})
    counted = await gateway.item_page(target, "Scan", {"TableName": "orders", "Select": "COUNT"})

    assert (list(counted.items), counted.scanned) == ([], 5)


async def test_access_denied_for_one_key_is_not_held_against_another(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    denied = js_error("AccessDeniedException", "no", 400)
    stub.answers["GetItem"] = [denied, js({})]
    stub.answers["Scan"] = denied

    with pytest.raises(AwsError):
        await gateway.item(target, "orders", {"id": {"S": "theirs"}})
    assert (await gateway.item(target, "orders", {"id": {"S": "mine"}})).item is None
    for _ in range(2):
        with pytest.raises(AwsError):
            await gateway.item_page(target, "Scan", {"TableName": "orders"})
    assert len(stub.sent("GetItem")) == 2
    assert len(stub.sent("Scan")) == 2  # by the lane and by the SDK, for the first call alone


async def test_an_item_is_read_consistently_unless_asked_otherwise(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    item = {"id": {"B": "AP8="}, "n": {"N": "1.10"}}
    stub.answers["GetItem"] = [js({"Item": item, "ConsumedCapacity": {"CapacityUnits": 1.0}}), js({})]

    found = await gateway.item(target, "orders", {"id": {"B": b"\x00\xff"}})
    gone = await gateway.item(target, "orders", {"id": {"B": b"\x00\xff"}}, consistent=False)

    assert (found.item, found.units) == ({"id": {"B": b"\x00\xff"}, "n": {"N": "1.10"}}, 1.0)
    assert (gone.item, gone.units) == (None, None)
    assert [(sent["ConsistentRead"], sent["Key"]) for sent in stub.sent("GetItem")] == [
        (True, {"id": {"B": "AP8="}}),
        (False, {"id": {"B": "AP8="}}),
    ]


async def test_a_throttled_page_tells_why(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    reason = {"reason": "TableReadKeyRangeThroughputExceeded", "resource": "arn:aws:dynamodb:x:1:table/orders"}
    for code, spelling in (
        ("ProvisionedThroughputExceededException", "ThrottlingReasons"),
        ("ThrottlingException", "throttlingReasons"),
        ("ThrottlingException", "ThrottlingReasons"),
    ):
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "slow", spelling: [reason]}
        stub.answers["Scan"] = Reply(json.dumps(body), 400, "application/x-amz-json-1.0")
        with pytest.raises(AwsError) as caught:
            await gateway.item_page(target, "Scan", {"TableName": "orders"})
        assert caught.value.failure.kind is FailureKind.THROTTLED
        assert caught.value.throttling == ("TableReadKeyRangeThroughputExceeded (orders)",)


async def test_a_throttled_item_tells_why_meanwhile(
    stub: StubAws, gateway: AwsGateway, target: Target, notices: list[Notice]
) -> None:
    reason = {"reason": "TableReadKeyRangeThroughputExceeded", "resource": "arn:aws:dynamodb:x:1:table/orders"}
    body = {"__type": "x#ThrottlingException", "message": "slow", "ThrottlingReasons": [reason]}
    stub.answers["GetItem"] = [Reply(json.dumps(body), 400, "application/x-amz-json-1.0"), js({})]

    await gateway.item(target, "orders", {"id": {"S": "1"}})

    assert "TableReadKeyRangeThroughputExceeded (orders)" in notices[-1].text


async def write(gateway: AwsGateway, target: Target, action: str, parameters: dict[str, Any]) -> Any:
    scope, operation = await gateway.scope(target), f"dynamodb:{action}"
    return await gateway.execute(scope, operation, parameters, permit=Permit("op", scope, operation, parameters))


PUT = {"TableName": "orders", "Item": {"id": {"S": "a"}}}


@pytest.mark.parametrize("size", [10, 300_000])
async def test_a_lost_condition_brings_the_item_with_binary_as_bytes(
    size: int, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    item = {"id": {"B": "AP8="}, "note": {"S": "x" * size}}
    body = {"__type": "x#ConditionalCheckFailedException", "message": "failed", "Item": item}
    stub.answers["PutItem"] = Reply(json.dumps(body), 400, "application/x-amz-json-1.0")

    with pytest.raises(AwsError) as caught:
        await write(gateway, target, "PutItem", PUT)

    assert caught.value.failure.kind is FailureKind.CONDITION
    assert caught.value.members["Item"] == {"id": {"B": b"\x00\xff"}, "note": {"S": "x" * size}}
    assert not caught.value.reply_lost


async def test_a_cancelled_transaction_brings_its_reasons_in_order(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "no", "Item": {"id": {"B": "AP8="}}}]
    body = {"__type": "x#TransactionCanceledException", "Message": "cancelled", "CancellationReasons": reasons}
    stub.answers["TransactWriteItems"] = Reply(json.dumps(body), 400, "application/x-amz-json-1.0")

    with pytest.raises(AwsError) as caught:
        await write(gateway, target, "TransactWriteItems", {"TransactItems": [{"Put": PUT}]})

    assert caught.value.failure.kind is FailureKind.CONDITION
    [first, second] = caught.value.members["CancellationReasons"]
    assert (first["Code"], second["Item"]) == ("None", {"id": {"B": b"\x00\xff"}})


@pytest.mark.parametrize(
    ("answer", "lost"),
    [
        (js_error("InternalServerError", status=500), True),
        (js_error("ServiceUnavailable", status=503), True),
        (Reply('{"Attributes": ', 200, "application/x-amz-json-1.0"), True),
        (js_error("ProvisionedThroughputExceededException"), False),
        (js_error("ValidationException", "The provided key element does not match the schema"), False),
    ],
)
async def test_a_write_is_sent_once_and_says_whether_it_may_have_happened(
    answer: Reply, lost: bool, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["PutItem"] = answer

    with pytest.raises(AwsError) as caught:
        await write(gateway, target, "PutItem", PUT)

    assert caught.value.reply_lost is lost
    assert len(stub.sent("PutItem")) == 1


async def test_the_new_image_comes_back_with_binary_as_bytes(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["UpdateItem"] = js({"Attributes": {"id": {"B": "AP8="}}, "ConsumedCapacity": UNITS})

    reply = await write(gateway, target, "UpdateItem", {"TableName": "orders", "Key": {"id": {"B": b"\x00\xff"}}})

    assert (reply["Attributes"], reply["ConsumedCapacity"]) == ({"id": {"B": b"\x00\xff"}}, UNITS)
    assert stub.sent("UpdateItem")[0]["Key"] == {"id": {"B": "AP8="}}
