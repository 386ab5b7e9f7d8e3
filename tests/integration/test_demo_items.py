"""The embedded AWS's items through the real client: reads, writes, races, faults, and agreement with moto."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import Any

import aioboto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from demo_support import DemoServer
from moto.server import ThreadedMotoServer

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=20)
STOCK = {"sku": {"S": "x"}, "warehouse": {"S": "y"}}
ARN = "arn:aws:dynamodb:eu-west-1:111122223333:table"
_AIOBOTO3: Any = aioboto3  # it has no types
_SESSION = _AIOBOTO3.Session()


def client(endpoint: str, service: str = "dynamodb", account: str = "111122223333") -> Any:
    return _SESSION.client(
        service,
        region_name="eu-west-1",
        endpoint_url=endpoint,
        aws_access_key_id=f"AKIADEMO{account}",
        aws_secret_access_key="x",
        config=ONCE,
    )


@pytest.fixture(scope="module")
def running() -> Iterator[DemoServer]:
    with DemoServer() as demo:
        demo.wait_for_phase("ready")
        yield demo


@pytest.fixture
def demo(running: DemoServer) -> Iterator[DemoServer]:
    running.reset()
    yield running
    running.faults("")


@pytest.fixture
async def dynamodb(demo: DemoServer) -> AsyncIterator[Any]:
    async with client(demo.endpoint) as aws:
        yield aws


async def scan(aws: Any, table: str, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    async for page in aws.get_paginator("scan").paginate(TableName=table, **params):
        found += page["Items"]
    return found


async def test_items_are_there_before_moto_is() -> None:
    with DemoServer() as early:
        async with client(early.endpoint) as aws:
            page = await aws.scan(TableName="orders", ReturnConsumedCapacity="TOTAL")
            assert page["Count"] > 1_000
            assert page["ConsumedCapacity"] == {"TableName": "orders", "CapacityUnits": 128.5}
            await aws.put_item(TableName="features", Item={"name": {"S": "early"}})
        early.wait_for_phase("ready")
        async with client(early.endpoint) as aws:
            assert await aws.get_item(TableName="features", Key={"name": {"S": "early"}})


@pytest.mark.parametrize("segments", [1, 4, 7])
async def test_binary_keys_once_each_in_many_segments(demo: DemoServer, dynamodb: Any, segments: int) -> None:
    demo.pages(11)
    parts = await asyncio.gather(
        *(scan(dynamodb, "fragments", Segment=number, TotalSegments=segments) for number in range(segments))
    )
    keys = [(item["file"]["B"], item["part"]["B"]) for part in parts for item in part]
    assert len(keys) == len(set(keys)) == 240
    assert sum(0xFF in part for _, part in keys) == 240


async def test_every_order_once_by_pages_and_by_segments(dynamodb: Any) -> None:
    def keys(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return [(item["pk"]["S"], item["sk"]["S"]) for item in items]

    whole = keys(await scan(dynamodb, "orders", ProjectionExpression="pk, sk"))
    assert len(whole) == len(set(whole)) == 20_480
    parts = [
        await scan(dynamodb, "orders", ProjectionExpression="pk, sk", Segment=number, TotalSegments=3)
        for number in range(3)
    ]
    assert [key for part in parts for key in keys(part)] == whole


@pytest.mark.parametrize("table", ["counters", "files", "all-types"])
async def test_odd_keys_can_be_read_changed_and_deleted(dynamodb: Any, table: str) -> None:
    described = (await dynamodb.describe_table(TableName=table))["Table"]
    names = [part["AttributeName"] for part in described["KeySchema"]]
    items = await scan(dynamodb, table)
    for item in items:
        key = {name: item[name] for name in names}
        assert (await dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True))["Item"] == item
        await dynamodb.delete_item(TableName=table, Key=key)
    assert await scan(dynamodb, table) == []


async def test_a_failed_condition_brings_the_item(dynamodb: Any) -> None:
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as caught:
        await dynamodb.put_item(
            TableName="blobs",
            Item=(blob := (await dynamodb.scan(TableName="blobs", Limit=1))["Items"][0]),
            ConditionExpression="attribute_not_exists(digest)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert caught.value.response["Item"] == blob
    assert isinstance(blob["digest"]["B"], bytes)


async def test_cancellation_reasons_are_ordered_and_bring_items(dynamodb: Any) -> None:
    existing = {"name": {"S": "feature-01"}}
    absent = {"ConditionExpression": "attribute_not_exists(#n)", "ExpressionAttributeNames": {"#n": "name"}}
    show = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as caught:
        await dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": "features", "Item": {"name": {"S": "new"}}, **absent}},
                {"Put": {"TableName": "features", "Item": existing, **absent, **show}},
            ]
        )
    response = caught.value.response
    assert [reason["Code"] for reason in response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert response["CancellationReasons"][1]["Item"]["name"] == existing["name"]
    assert response["Error"]["Message"].endswith("specific reasons [None, ConditionalCheckFailed]")
    assert "Item" not in await dynamodb.get_item(TableName="features", Key={"name": {"S": "new"}})


async def test_a_repeated_transaction_happens_once(dynamodb: Any) -> None:
    add = {
        "TableName": "features",
        "Key": {"name": {"S": "counted"}},
        "UpdateExpression": "ADD hits :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for _ in range(3):
        await dynamodb.transact_write_items(TransactItems=[{"Update": add}], ClientRequestToken="token-1")
    assert (await dynamodb.get_item(TableName="features", Key=add["Key"]))["Item"]["hits"] == {"N": "1"}


async def test_racing_clients_lose_nothing(demo: DemoServer) -> None:
    key, rounds, clients = {"name": {"S": "race"}}, 25, 6

    async def count_up(aws: Any) -> None:
        done = 0
        while done < rounds:
            now = (await aws.get_item(TableName="features", Key=key, ConsistentRead=True))["Item"]["n"]
            with suppress(aws.exceptions.ConditionalCheckFailedException):
                await aws.update_item(
                    TableName="features",
                    Key=key,
                    UpdateExpression="SET n = n + :one",
                    ConditionExpression="n = :now",
                    ExpressionAttributeValues={":one": {"N": "1"}, ":now": now},
                )
                done += 1

    async with client(demo.endpoint) as aws:
        await aws.put_item(TableName="features", Item={**key, "n": {"N": "0"}})
        await asyncio.gather(*(count_up(aws) for _ in range(clients)))
        found = await aws.get_item(TableName="features", Key=key)
    assert found["Item"]["n"] == {"N": str(rounds * clients)}


@pytest.mark.parametrize(
    ("call", "params", "reason", "resource"),
    [
        ("get_item", {"TableName": "sessions", "Key": {"session_id": {"S": "x"}}},
         "TableReadProvisionedThroughputExceeded", f"{ARN}/sessions"),
        ("delete_item", {"TableName": "features", "Key": {"name": {"S": "x"}}},
         "TableWriteKeyRangeThroughputExceeded", f"{ARN}/features"),
        ("scan", {"TableName": "orders", "IndexName": "by-status"},
         "IndexReadKeyRangeThroughputExceeded", f"{ARN}/orders/index/by-status"),
        ("transact_write_items",
         {"TransactItems": [{"Delete": {"TableName": "inventory", "Key": STOCK}}]},
         "TableWriteProvisionedThroughputExceeded", f"{ARN}/inventory"),
    ],
)  # fmt: skip
async def test_throttling_names_its_reason(
    demo: DemoServer, dynamodb: Any, call: str, params: dict[str, Any], reason: str, resource: str
) -> None:
    demo.faults("dynamodb:*:throttle#1")
    with pytest.raises(dynamodb.exceptions.ProvisionedThroughputExceededException) as caught:
        await getattr(dynamodb, call)(**params)
    assert caught.value.response["ThrottlingReasons"] == [{"reason": reason, "resource": resource}]


@pytest.mark.parametrize(
    ("action", "kind", "happened"),
    [("500", ClientError, False), ("500-after", ClientError, True), ("reset", HTTPClientError, False),
     ("lost", HTTPClientError, True), ("throttle", ClientError, False)],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"])
async def test_what_a_failed_write_has_done(
    demo: DemoServer, dynamodb: Any, operation: str, action: str, kind: Any, happened: bool
) -> None:
    key = {"name": {"S": "feature-01"}}
    before = (await dynamodb.get_item(TableName="features", Key=key))["Item"]
    change = {"TableName": "features", "Key": key, "UpdateExpression": "SET marked = :t",
              "ExpressionAttributeValues": {":t": {"BOOL": True}}}  # fmt: skip
    calls = {
        "PutItem": lambda: dynamodb.put_item(TableName="features", Item=key),
        "UpdateItem": lambda: dynamodb.update_item(**change),
        "DeleteItem": lambda: dynamodb.delete_item(TableName="features", Key=key),
        "TransactWriteItems": lambda: dynamodb.transact_write_items(TransactItems=[{"Update": change}]),
    }
    demo.faults(f"dynamodb:{operation}:{action}#1")
    with pytest.raises(kind):
        await calls[operation]()
    after = (await dynamodb.get_item(TableName="features", Key=key)).get("Item")
    assert (after != before) is happened


async def test_faults_strike_a_share_of_the_writes(demo: DemoServer, dynamodb: Any) -> None:
    demo.faults("dynamodb:PutItem:500-after:0.3")
    failed = 0
    for number in range(60):
        try:
            await dynamodb.put_item(TableName="features", Item={"name": {"S": f"n-{number}"}})
        except ClientError:
            failed += 1
    assert 6 < failed < 36
    assert len([item for item in await scan(dynamodb, "features") if item["name"]["S"].startswith("n-")]) == 60


async def test_partiql_sees_our_items_and_we_see_its(dynamodb: Any) -> None:
    await dynamodb.put_item(TableName="carts", Item={"cart_id": {"S": "ours"}, "n": {"N": "1"}})
    select = "SELECT * FROM carts WHERE cart_id = ?"
    found = await dynamodb.execute_statement(Statement=select, Parameters=[{"S": "ours"}])
    assert found["Items"] == [{"cart_id": {"S": "ours"}, "n": {"N": "1"}}]
    await dynamodb.delete_item(TableName="carts", Key={"cart_id": {"S": "ours"}})
    assert (await dynamodb.execute_statement(Statement=select, Parameters=[{"S": "ours"}]))["Items"] == []
    before = len(await scan(dynamodb, "carts"))
    await dynamodb.execute_statement(Statement="INSERT INTO carts VALUE {'cart_id': 'theirs', 'n': 5}")
    assert (await dynamodb.get_item(TableName="carts", Key={"cart_id": {"S": "theirs"}}))["Item"]["n"] == {"N": "5"}
    assert len(await scan(dynamodb, "carts")) == before + 1


async def test_parameters_older_than_expressions_still_work(dynamodb: Any) -> None:
    found = await dynamodb.query(
        TableName="ledger",
        KeyConditions={"account_id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "acc-0001"}]}},
    )
    assert found["Count"] == 20
    key = {"name": {"S": "feature-01"}}
    await dynamodb.update_item(
        TableName="features", Key=key, AttributeUpdates={"percent": {"Action": "PUT", "Value": {"N": "77"}}}
    )
    assert (await dynamodb.get_item(TableName="features", Key=key))["Item"]["percent"] == {"N": "77"}


async def test_streams_tell_of_every_write_in_order(demo: DemoServer, dynamodb: Any) -> None:
    key = {"cart_id": {"S": "streamed"}}
    update = {"UpdateExpression": "SET n = :v", "ExpressionAttributeValues": {":v": {"N": "2"}}}
    await dynamodb.put_item(TableName="carts", Item=key)
    await dynamodb.update_item(TableName="carts", Key=key, **update)
    await dynamodb.update_item(TableName="carts", Key=key, **update)
    await dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": "carts", "Key": key}}])
    arn = (await dynamodb.describe_table(TableName="carts"))["Table"]["LatestStreamArn"]
    async with client(demo.endpoint, "dynamodbstreams") as streams:
        shard = (await streams.describe_stream(StreamArn=arn))["StreamDescription"]["Shards"][0]["ShardId"]
        start = await streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        records = (await streams.get_records(ShardIterator=start["ShardIterator"]))["Records"]
    told = [(record["eventName"], record["dynamodb"].get("NewImage", {}).get("n")) for record in records]
    assert told == [("INSERT", None), ("MODIFY", {"N": "2"}), ("REMOVE", None)], (
        "a write that changes nothing is silent"
    )


# Agreement with moto, an implementation that has nothing in common with ours.

SUBJECT: dict[str, Any] = {
    "id": {"S": "subject"},
    "n": {"N": "5"},
    "s": {"S": "hello"},
    "e": {"S": ""},
    "t": {"BOOL": True},
    "z": {"NULL": True},
    "ss": {"SS": ["x", "y"]},
    "ns": {"NS": ["1", "2"]},
    "l": {"L": [{"S": "one"}, {"N": "2"}, {"M": {"k": {"S": "v"}}}]},
    "m": {"M": {"a": {"M": {"b": {"N": "1"}}}, "s": {"S": "deep"}}},
}
N5, HELLO = {"N": "5"}, {"S": "hello"}
CONDITIONS: list[tuple[str, dict[str, Any]]] = [
    ("n = :a", {":a": N5}), ("n = :a", {":a": {"S": "5"}}), ("n <> :a", {":a": N5}), ("q <> :a", {":a": N5}),
    ("n < :a", {":a": {"N": "10"}}), ("n >= :a", {":a": {"N": "5.0"}}), ("s > :a", {":a": {"S": "hell"}}),
    ("n BETWEEN :a AND :b", {":a": {"N": "1"}, ":b": {"N": "5"}}), ("n IN (:a, :b)", {":a": {"N": "1"}, ":b": N5}),
    ("attribute_exists(m.a.b)", {}), ("attribute_exists(m.q)", {}), ("attribute_not_exists(q)", {}),
    ("attribute_type(l, :a)", {":a": {"S": "L"}}), ("begins_with(s, :a)", {":a": {"S": "he"}}),
    ("contains(s, :a)", {":a": {"S": "ell"}}), ("contains(ss, :a)", {":a": {"S": "x"}}),
    ("contains(l, :a)", {":a": {"S": "one"}}), ("size(s) = :a", {":a": N5}), ("size(l) > :a", {":a": {"N": "2"}}),
    ("l[1] = :a", {":a": {"N": "2"}}), ("m.a.b = :a", {":a": {"N": "1"}}), ("l[2].k = :a", {":a": {"S": "v"}}),
    ("n = :a AND s = :b", {":a": N5, ":b": HELLO}), ("n = :b OR s = :b", {":b": HELLO}),
    ("NOT n = :a", {":a": N5}), ("NOT (n = :b OR s = :b)", {":b": HELLO}), ("e = :a", {":a": {"S": ""}}),
    ("t = :a AND z = :b", {":a": {"BOOL": True}, ":b": {"NULL": True}}), ("m = :a", {":a": SUBJECT["m"]}),
    ("ss = :a", {":a": {"SS": ["y", "x"]}}), ("n = :q", {":a": N5}), ("n == :a", {":a": N5}), ("foo(n)", {}),
    ("n = :a", {":a": N5, ":b": N5}), ("size(n) > :a", {":a": {"N": "0"}}), ("n = n", {}), ("((n = :a))", {":a": N5}),
    ("n = :a AND l = :b", {":a": N5, ":b": SUBJECT["l"]}), ("n < :a", {":a": {"BOOL": True}}),
    ("attribute_type(n, :a)", {":a": {"S": "Q"}}), ("s BETWEEN :b AND :a", {":a": {"S": "a"}, ":b": {"S": "z"}}),
]  # fmt: skip
UPDATES: list[tuple[str, dict[str, Any]]] = [
    ("SET n = :a", {":a": {"N": "6"}}), ("SET n = n + :a", {":a": {"N": "0.5"}}), ("SET n = n - :a", {":a": N5}),
    ("SET q = if_not_exists(q, :a)", {":a": N5}), ("SET n = if_not_exists(n, :a)", {":a": {"N": "1"}}),
    ("SET l = list_append(l, :a)", {":a": {"L": [N5]}}), ("SET l = list_append(:a, l)", {":a": {"L": [N5]}}),
    ("SET l[0] = :a", {":a": N5}), ("SET l[9] = :a", {":a": N5}), ("SET m.a.c = :a", {":a": HELLO}),
    ("SET s = n, n = s", {}), ("REMOVE s", {}), ("REMOVE l[0]", {}), ("REMOVE l[0], l[2]", {}), ("REMOVE m.a.b", {}),
    ("REMOVE q", {}), ("ADD n :a", {":a": {"N": "-7"}}), ("ADD q :a", {":a": {"N": "3"}}),
    ("ADD ss :a", {":a": {"SS": ["y", "z"]}}), ("DELETE ss :a", {":a": {"SS": ["y", "q"]}}),
    ("DELETE ss :a", {":a": {"SS": ["x", "y"]}}), ("SET n = :a REMOVE s ADD q :b", {":a": N5, ":b": N5}),
    ("SET x.y = :a", {":a": N5}), ("SET n = q", {}), ("SET n = s + :a", {":a": N5}), ("ADD s :a", {":a": N5}),
    ("SET id = :a", {":a": HELLO}), ("SET m = :a, m.a = :a", {":a": N5}), ("SET n = :a SET s = :a", {":a": N5}),
    ("SET n = :a", {":a": {"N": "1.10"}}), ("SET n = :a", {":a": {"N": "1E+3"}}),
    ("SET n = :a", {":a": {"N": "1" * 39}}), ("SET n = :a", {":a": {"SS": []}}), ("SET e = :a", {":a": {"S": ""}}),
    ("SET n = n + :a", {":a": {"N": "0.1"}}), ("DELETE s :a", {":a": {"SS": ["x"]}}), ("REMOVE x.y", {}),
]  # fmt: skip
_CRASH = "moto crashes (HTTP 500) where AWS answers"
_TYPES = "AWS checks the operands' types before it looks at the item (API reference, condition expressions)"
DEVIATIONS: dict[str, str] = {
    "n = :q {':a': {'N': '5'}}": f"{_CRASH} that the value is not defined",
    "n == :a {':a': {'N': '5'}}": f"{_CRASH} with a syntax error",
    "foo(n) {}": f"{_CRASH} that there is no such function",
    "size(n) > :a {':a': {'N': '0'}}": f"{_CRASH} that the condition failed: a number has no size",
    "n = n {}": "AWS refuses an operand that is compared with itself",
    "n < :a {':a': {'BOOL': True}}": _TYPES,
    "attribute_type(n, :a) {':a': {'S': 'Q'}}": _TYPES,
    "s BETWEEN :b AND :a {':a': {'S': 'a'}, ':b': {'S': 'z'}}": "AWS refuses bounds in the wrong order",
    "SET n = :a {':a': {'N': '1.10'}}": "needless zeros are trimmed (developer guide, data types, Number)",
    "SET n = :a {':a': {'N': '1E+3'}}": "numbers come back without an exponent",
    "SET n = :a {':a': {'N': '111111111111111111111111111111111111111'}}": "38 digits at most (same place)",
    "SET n = :a {':a': {'SS': []}}": "no empty sets (same place, Sets)",
}
"""Where moto does not do what AWS's documentation says, by expression and values, and why ours differs."""


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


async def prepared(aws: Any, table: str) -> None:
    with suppress(ClientError):
        await aws.create_table(
            TableName=table,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )


def plain(value: Any) -> Any:
    """Without the order of sets."""
    if isinstance(value, dict):
        return {name: sorted(inner) if name in ("SS", "NS", "BS") else plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


async def outcome(aws: Any, table: str, **params: Any) -> Any:
    """The item afterwards, or the code of the error."""
    await aws.put_item(TableName=table, Item=SUBJECT)
    key = {"id": SUBJECT["id"]}
    given = {name: value for name, value in params.items() if value}
    try:
        await aws.update_item(TableName=table, Key=key, **given)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return plain((await aws.get_item(TableName=table, Key=key))["Item"])


async def compared(demo: DemoServer, moto: str, cases: list[Any], make: Any) -> dict[str, tuple[Any, Any]]:
    async with client(demo.endpoint) as ours, client(moto) as theirs:
        await prepared(ours, "agreement")
        await prepared(theirs, "agreement")
        demo.advance(20)
        found = {}
        for text, values in cases:
            both = [await outcome(aws, "agreement", **make(text, values)) for aws in (ours, theirs)]
            if both[0] != both[1]:
                found[f"{text} {values}"] = (both[0], both[1])
    return found


def as_condition(text: str, values: dict[str, Any]) -> dict[str, Any]:
    return {
        "UpdateExpression": "SET touched = :t",
        "ConditionExpression": text,
        "ExpressionAttributeValues": {**values, ":t": {"BOOL": True}},
    }


def as_update(text: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"UpdateExpression": text, "ExpressionAttributeValues": values}


@pytest.mark.parametrize(("cases", "make"), [(CONDITIONS, as_condition), (UPDATES, as_update)], ids=["if", "set"])
async def test_agreement_with_moto(demo: DemoServer, moto: str, cases: list[Any], make: Any) -> None:
    different = await compared(demo, moto, cases, make)
    unexplained = {case: both for case, both in different.items() if case not in DEVIATIONS}
    assert unexplained == {}
    for case in different:
        print(f"moto differs: {case}: {DEVIATIONS[case]}")
