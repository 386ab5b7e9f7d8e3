"""The fake's tables answer Scan, Query, GetItem and the four writes as DynamoDB does, for the requests we send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dbtui.domain.diff import changes
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.item_requests import (
    Request,
    create_request,
    delete_request,
    move_request,
    replace_request,
    update_request,
)
from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.scope import ResourceRef, Target
from dbtui.domain.values import Item, copy_item, key_of
from dbtui.domain.wire import decode_item
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.permit import Permit

HERE = Target("dev", "eu-central-1")
PK, SK = KeyPart("pk", "HASH", "B"), KeyPart("sk", "RANGE", "N")
BY_STATUS = Index("by-status", True, (KeyPart("status", "HASH", "S"), KeyPart("sk", "RANGE", "N")), "KEYS_ONLY")
BY_NOTE = Index("by-note", False, (PK, KeyPart("note", "RANGE", "S")), "INCLUDE", ("total",))


@pytest.fixture
def fake() -> FakeGateway:
    gateway = FakeGateway(page_size=2)
    ref = ResourceRef(gateway.scope_of(HERE), "table", "orders")
    gateway.put(Table(ref=ref, arn="arn:t", status="ACTIVE", keys=(PK, SK), indexes=(BY_STATUS, BY_NOTE)))
    return gateway


@pytest.fixture
def table(fake: FakeGateway) -> Table:
    return next(resource for resource in fake._of(HERE, Table))


def item(partition: bytes, sort: str, **attributes: Any) -> Item:
    return {"pk": {"B": partition}, "sk": {"N": sort}, **attributes}


async def read(fake: FakeGateway, operation: str, **parameters: Any) -> list[list[str]]:
    """The sort keys of every page."""
    pages, start = [], None
    while True:
        asked = {"TableName": "orders", **parameters} | ({"ExclusiveStartKey": start} if start else {})
        page = await fake.item_page(HERE, operation, asked)
        pages.append([decode_item(raw)["sk"]["N"] for raw in page.items])
        start = page.last_key
        if start is None:
            return pages


def flat(pages: list[list[str]]) -> list[str]:
    return [sort for page in pages for sort in page]


def query(condition: str, index: str = "", **values: Any) -> dict[str, Any]:
    names = {"pk": "pk", "sk": "sk", "status": "status", "note": "note"}
    return {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": {f"#{name}": name for name in names if f"#{name}" in condition},
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    } | ({"IndexName": index} if index else {})


async def execute(fake: FakeGateway, request: Request) -> Mapping[str, Any]:
    scope = fake.scope_of(HERE)
    permit = Permit("op", scope, request.operation, request.parameters)
    return await fake.execute(scope, request.operation, request.parameters, permit=permit)


async def refused(fake: FakeGateway, request: Request) -> AwsError:
    before = fake.items_of(HERE, "orders")
    with pytest.raises(AwsError) as caught:
        await execute(fake, request)
    assert fake.items_of(HERE, "orders") == before
    return caught.value


async def test_a_scan_gives_every_item_once_in_pages_and_segments(fake: FakeGateway) -> None:
    fake.put_items(HERE, "orders", [item(bytes([n, 255]), str(n)) for n in range(7)])

    assert await read(fake, "Scan") == [["0", "1"], ["2", "3"], ["4", "5"], ["6"]]
    found = [await read(fake, "Scan", Segment=segment, TotalSegments=3) for segment in range(3)]
    assert sorted(sort for pages in found for page in pages for sort in page) == [str(n) for n in range(7)]
    assert sum(any(pages) for pages in found) > 1


async def test_a_page_that_reached_its_limit_may_have_nothing_behind_it(fake: FakeGateway) -> None:
    fake.put_items(HERE, "orders", [item(b"a", "1"), item(b"a", "2")])

    assert await read(fake, "Scan", Limit=1) == [["1"], ["2"], []]


async def test_a_scan_goes_on_behind_an_item_that_was_deleted(fake: FakeGateway, table: Table) -> None:
    fake.put_items(HERE, "orders", [item(b"a", str(n)) for n in range(4)])
    first = await fake.item_page(HERE, "Scan", {"TableName": "orders"})
    await execute(fake, delete_request(table, item(b"a", "1")))

    rest = await fake.item_page(HERE, "Scan", {"TableName": "orders", "ExclusiveStartKey": first.last_key})

    assert [decode_item(raw)["sk"]["N"] for raw in rest.items] == ["2", "3"]


@pytest.mark.parametrize("start", [{"pk": {"S": "YQ=="}, "sk": {"N": "1"}}, {"pk": {"B": b"a"}}, {"pk": {"B": b"zz"}}])
async def test_a_start_key_that_was_never_handed_out_is_refused(fake: FakeGateway, start: Item) -> None:
    fake.put_items(HERE, "orders", [item(b"a", "1")])

    with pytest.raises(AwsError) as caught:
        await fake.item_page(HERE, "Scan", {"TableName": "orders", "ExclusiveStartKey": start})
    assert caught.value.failure.code == "ValidationException"


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (query("#pk = :p", p={"B": b"a"}), ["-3", "2", "10"]),
        (query("#pk = :p AND #sk = :n", p={"B": b"a"}, n={"N": "10.0"}), ["10"]),
        (query("#pk = :p AND #sk > :n", p={"B": b"a"}, n={"N": "2"}), ["10"]),
        (query("#pk = :p AND #sk <= :n", p={"B": b"a"}, n={"N": "2"}), ["-3", "2"]),
        (query("#pk = :p AND #sk BETWEEN :a AND :b", p={"B": b"a"}, a={"N": "2"}, b={"N": "9"}), ["2"]),
        (query("#pk = :p", p={"B": b"none"}), []),
        (query("#status = :s", "by-status", s={"S": "open"}), ["-3", "5"]),
        (query("#pk = :p AND begins_with(#note, :n)", "by-note", p={"B": b"a"}, n={"S": "x"}), ["2", "-3"]),
    ],
)
async def test_a_query_gives_a_partition_in_the_order_of_its_sort_key(
    fake: FakeGateway, asked: dict[str, Any], found: list[str]
) -> None:
    fake.put_items(
        HERE,
        "orders",
        [
            item(b"a", "10", note={"S": "y"}),
            item(b"a", "2", note={"S": "xa"}),
            item(b"a", "-3", note={"S": "xb"}, status={"S": "open"}),
            item(b"b", "5", status={"S": "open"}),
            item(b"b", "6", status={"N": "1"}),
        ],
    )

    assert flat(await read(fake, "Query", **asked)) == found
    assert flat(await read(fake, "Query", **asked, ScanIndexForward=False, Limit=1)) == found[::-1]


async def test_an_index_gives_what_it_projects_and_its_own_start_key(fake: FakeGateway) -> None:
    fake.put_items(HERE, "orders", [item(b"a", str(n), status={"S": "open"}, total={"N": "1"}) for n in range(3)])

    page = await fake.item_page(
        HERE, "Query", {"TableName": "orders", **query("#status = :s", "by-status", s={"S": "open"})}
    )

    assert decode_item(page.items[0]).keys() == {"pk", "sk", "status"}
    assert page.last_key == {"status": {"S": "open"}, "sk": {"N": "1"}, "pk": {"B": b"a"}}


async def test_a_consistent_read_of_a_global_index_is_refused(fake: FakeGateway) -> None:
    asked = {"TableName": "orders", "IndexName": "by-status", "ConsistentRead": True}
    with pytest.raises(AwsError, match="Consistent reads are not supported"):
        await fake.item_page(HERE, "Scan", asked)


async def test_reads_tell_their_units_and_hand_out_copies(fake: FakeGateway) -> None:
    fake.put_items(HERE, "orders", [item(b"a", "1", note={"S": "x" * 5000})])
    key = {"pk": {"B": b"a"}, "sk": {"N": "1.0"}}

    found = await fake.item(HERE, "orders", key)
    assert found.item is not None
    found.item["note"]["S"] = "changed"

    assert found.units == 2.0
    assert (await fake.item(HERE, "orders", key, consistent=False)).units == 1.0
    assert fake.items_of(HERE, "orders")[0]["note"]["S"] == "x" * 5000
    assert (await fake.item(HERE, "orders", {"pk": {"B": b"b"}, "sk": {"N": "1"}})).item is None
    with pytest.raises(AwsError) as caught:
        await fake.item(HERE, "gone", key)
    assert caught.value.failure.kind is FailureKind.NOT_FOUND


async def test_an_update_changes_its_paths_if_nobody_else_did(fake: FakeGateway, table: Table) -> None:
    base = item(b"a", "1", status={"S": "open"}, address={"M": {"city": {"S": "Nitra"}}}, old={"NULL": True})
    mine = copy_item(base)
    mine["address"]["M"]["city"] = {"S": "Brno"}
    mine["address"]["M"]["zip"] = {"S": "1"}
    mine["total"] = {"N": "1.10"}
    del mine["old"]
    fake.put_items(HERE, "orders", [base | {"theirs": {"S": "kept"}}])
    request = update_request(table, key_of(base, table.keys), changes(base, mine))

    reply = await execute(fake, request)

    assert reply["Attributes"] == mine | {"theirs": {"S": "kept"}}
    assert reply["ConsumedCapacity"] == {"TableName": "orders", "CapacityUnits": 1.0}
    assert fake.items_of(HERE, "orders") == [mine | {"theirs": {"S": "kept"}}]
    error = await refused(fake, request)
    assert (error.failure.kind, error.failure.code) == (FailureKind.CONDITION, "ConditionalCheckFailedException")
    assert error.members == {"Item": mine | {"theirs": {"S": "kept"}}}


async def test_creating_replacing_and_deleting_keep_their_conditions(fake: FakeGateway, table: Table) -> None:
    one = item(b"a", "1", status={"S": "open"})
    create, gone = create_request(table, one), replace_request(table, one)

    assert (await refused(fake, gone)).members == {}
    await execute(fake, create)
    assert (await refused(fake, create)).members == {"Item": one}
    reply = await execute(fake, replace_request(table, one | {"status": {"S": "paid"}}, one))
    assert reply["Attributes"] == one
    assert (await refused(fake, delete_request(table, one))).failure.kind is FailureKind.CONDITION
    reply = await execute(fake, delete_request(table, one | {"status": {"S": "paid"}}))
    assert reply["Attributes"]["status"] == {"S": "paid"}
    assert fake.items_of(HERE, "orders") == []


async def test_a_move_happens_whole_once_or_not_at_all(fake: FakeGateway, table: Table) -> None:
    base, mine = item(b"a", "1", total={"N": "1"}), item(b"a", "2", total={"N": "1"})
    fake.put_items(HERE, "orders", [base, item(b"a", "2", total={"N": "9"})])

    error = await refused(fake, move_request(table, base, mine))

    assert error.failure.code == "TransactionCanceledException"
    assert [reason["Code"] for reason in error.members["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert error.members["CancellationReasons"][1]["Item"]["total"] == {"N": "9"}
    request = move_request(table, base, item(b"a", "3", total={"N": "1"}))
    reply = await execute(fake, request)
    assert await execute(fake, request) | {"ResponseMetadata": 0} == reply | {"ResponseMetadata": 0}
    assert sorted(each["sk"]["N"] for each in fake.items_of(HERE, "orders")) == ["2", "3"]


def write(action: str, **parameters: Any) -> Request:
    return Request(f"dynamodb:{action}", {"TableName": "orders", **parameters})


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (write("PutItem", Item={"pk": {"B": b"a"}}), "required keys"),
        (write("PutItem", Item={"pk": {"S": "a"}, "sk": {"N": "1"}}), "Type mismatch for key pk"),
        (write("PutItem", Item=item(b"a", "1", status={"N": "1"})), "Type mismatch for Index Key status"),
        (write("PutItem", Item=item(b"a", "1", note={"S": "x" * 410_000})), "exceeded the maximum"),
        (write("DeleteItem", Key=item(b"a", "1", more={"S": ""})), "does not match the schema"),
        (
            write(
                "UpdateItem",
                Key=item(b"a", "1"),
                UpdateExpression="SET #k = :v",
                ExpressionAttributeNames={"#k": "sk"},
                ExpressionAttributeValues={":v": {"N": "2"}},
            ),
            "part of the key",
        ),
        (
            write(
                "UpdateItem",
                Key=item(b"a", "1"),
                UpdateExpression="REMOVE #a, #a.#b",
                ExpressionAttributeNames={"#a": "a", "#b": "b"},
            ),
            "overlap",
        ),
        (
            write(
                "UpdateItem",
                Key=item(b"a", "1"),
                UpdateExpression="REMOVE #a",
                ExpressionAttributeNames={"#a": "a", "#b": "b"},
            ),
            "unused",
        ),
        (
            write(
                "UpdateItem",
                Key=item(b"a", "1"),
                UpdateExpression="SET #a.#b = :v",
                ExpressionAttributeNames={"#a": "a", "#b": "b"},
                ExpressionAttributeValues={":v": {"S": ""}},
            ),
            "document path",
        ),
        (write("DeleteItem", Key=item(b"a", "1"), ConditionExpression="pk = 1"), "Invalid expression"),
    ],
)
async def test_what_makes_no_sense_is_refused_as_dynamodb_does(
    fake: FakeGateway, request_: Request, words: str
) -> None:
    error = await refused(fake, request_)

    assert (error.failure.kind, error.failure.code) == (FailureKind.INVALID, "ValidationException")
    assert words in error.failure.title


async def test_a_hook_comes_first_and_can_lose_the_reply_of_a_write_that_happened(
    fake: FakeGateway, table: Table
) -> None:
    def lost(*call: Any) -> Mapping[str, Any]:
        fake.carry_out(*call)
        raise AwsError(fake_failure, reply_lost=True)

    fake_failure = (await refused(fake, delete_request(table, item(b"a", "1")))).failure
    fake.on_execute = lost

    with pytest.raises(AwsError) as caught:
        await execute(fake, create_request(table, item(b"a", "1")))

    assert caught.value.reply_lost
    assert fake.items_of(HERE, "orders") == [item(b"a", "1")]


async def test_scripted_failures_reach_items_too(fake: FakeGateway, table: Table) -> None:
    failure = (await refused(fake, delete_request(table, item(b"a", "1")))).failure
    for operation in ("Scan", "GetItem", "PutItem"):
        fake.fail(f"dynamodb:{operation}", failure, times=1)

    with pytest.raises(AwsError):
        await fake.item_page(HERE, "Scan", {"TableName": "orders"})
    with pytest.raises(AwsError):
        await fake.item(HERE, "orders", key_of(item(b"a", "1"), table.keys))
    assert (await refused(fake, create_request(table, item(b"a", "1")))).failure == failure
    assert await read(fake, "Scan") == [[]]
