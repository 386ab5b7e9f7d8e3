"""Writes: conditions, what they return and cost, batches, transactions, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from demo_world import Still

from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.seeds import specimens

KEY = {"id": {"S": "a"}}
EXISTS = {"ConditionExpression": "attribute_exists(id)"}
ABSENT = {"ConditionExpression": "attribute_not_exists(id)"}
SHOW = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


@pytest.fixture
def still() -> Still:
    world = Still("empty")
    world.new_table("t", "id", id="S")
    return world


def item(still: Still, key: dict[str, Any] | None = None) -> Any:
    return still.call("GetItem", TableName="t", Key=key or KEY).get("Item")


def put(still: Still, entry: dict[str, Any], **options: Any) -> dict[str, Any]:
    return still.call("PutItem", TableName="t", Item=entry, **options)


def refused(code: str, words: str, still: Still, operation: str, **params: Any) -> AwsError:
    with pytest.raises(AwsError, match=words) as caught:
        still.call(operation, **params)
    assert caught.value.code == code
    return caught.value


def test_put_returns_what_was_there(still: Still) -> None:
    assert put(still, {**KEY, "n": {"N": "1.0"}}, ReturnValues="ALL_OLD") == {}
    assert put(still, {**KEY, "n": {"N": "2"}}, ReturnValues="ALL_OLD") == {"Attributes": {**KEY, "n": {"N": "1"}}}
    deleted = still.call("DeleteItem", TableName="t", Key=KEY, ReturnValues="ALL_OLD")
    assert deleted == {"Attributes": {**KEY, "n": {"N": "2"}}}
    assert still.call("DeleteItem", TableName="t", Key=KEY, ReturnValues="ALL_OLD") == {}
    assert item(still) is None


def test_a_failed_condition_shows_the_item_when_asked(still: Still) -> None:
    stored = {**KEY, "n": {"N": "1"}}
    put(still, stored)
    failed = "ConditionalCheckFailedException"
    error = refused(failed, "conditional request failed", still, "PutItem", TableName="t", Item=KEY, **ABSENT, **SHOW)
    assert error.members == {"Item": stored}
    error = refused(failed, "conditional", still, "DeleteItem", TableName="t", Key=KEY, **ABSENT)
    assert error.members == {}
    missing = {"id": {"S": "b"}}
    update = {"UpdateExpression": "SET n = :v", "ExpressionAttributeValues": {":v": {"N": "2"}}}
    error = refused(failed, "conditional", still, "UpdateItem", TableName="t", Key=missing, **update, **EXISTS, **SHOW)
    assert error.members == {}
    assert (item(still), item(still, missing)) == (stored, None)


def test_an_update_without_an_item_makes_one(still: Still) -> None:
    update = {"UpdateExpression": "ADD n :v", "ExpressionAttributeValues": {":v": {"N": "2"}}}
    made = still.call("UpdateItem", TableName="t", Key=KEY, **update, ReturnValues="ALL_NEW")
    assert made == {"Attributes": {**KEY, "n": {"N": "2"}}}


def test_numbers_of_keys_are_the_same_item_however_written(still: Still) -> None:
    still.new_table("numbered", "id", id="N")
    still.call("PutItem", TableName="numbered", Item={"id": {"N": "1.0"}})
    assert still.call("GetItem", TableName="numbered", Key={"id": {"N": "1E0"}})["Item"] == {"id": {"N": "1"}}


def indexed(still: Still) -> None:
    definitions = {"id": "S", "g": "S", "l": "N"}
    table = still.new_table("i", "id", "s", s="S", **definitions)
    members = table.record.members
    members["GlobalSecondaryIndexes"] = [
        {
            "IndexName": "by-g",
            "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["kept"]},
            "IndexStatus": "ACTIVE",
        }
    ]
    members["LocalSecondaryIndexes"] = [
        {
            "IndexName": "by-l",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ]


def cost(still: Still, operation: str, **params: Any) -> tuple[float, float, float]:
    """Units of the table, of by-g and of by-l."""
    reply = still.call(operation, TableName="i", ReturnConsumedCapacity="INDEXES", **params)["ConsumedCapacity"]
    units = (
        reply["Table"]["CapacityUnits"],
        reply.get("GlobalSecondaryIndexes", {}).get("by-g", {}).get("CapacityUnits", 0.0),
        reply.get("LocalSecondaryIndexes", {}).get("by-l", {}).get("CapacityUnits", 0.0),
    )
    assert reply["CapacityUnits"] == sum(units)
    return units


def test_write_units_of_the_table_and_each_index(still: Still) -> None:
    indexed(still)
    key = {"id": {"S": "a"}, "s": {"S": "b"}}

    def update(text: str, **values: Any) -> tuple[float, float, float]:
        given = {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
        return cost(still, "UpdateItem", Key=key, UpdateExpression=text, **given)

    assert cost(still, "PutItem", Item={**key, "text": {"S": "x" * 2_500}}) == (3.0, 0.0, 0.0)
    assert update("SET g = :g", g={"S": "one"}) == (3.0, 1.0, 0.0)
    assert update("SET g = :g", g={"S": "two"}) == (3.0, 2.0, 0.0), "a new index key is a delete and a put"
    assert update("SET extra = :o", o={"N": "1"}) == (3.0, 0.0, 0.0), "what is not projected costs the index nothing"
    assert update("SET kept = :k", k={"S": "x" * 1_100}) == (4.0, 2.0, 0.0)
    assert update("SET l = :l", l={"N": "1"}) == (4.0, 0.0, 4.0)
    assert cost(still, "DeleteItem", Key=key) == (4.0, 2.0, 4.0)
    assert cost(still, "DeleteItem", Key=key) == (1.0, 0.0, 0.0)


def test_an_update_costs_the_larger_of_before_and_after(still: Still) -> None:
    put(still, {**KEY, "text": {"S": "x" * 5_000}})
    reply = still.call(
        "UpdateItem", TableName="t", Key=KEY, UpdateExpression="REMOVE #t", ExpressionAttributeNames={"#t": "text"},
        ReturnConsumedCapacity="TOTAL",
    )  # fmt: skip
    assert reply["ConsumedCapacity"] == {"CapacityUnits": 5.0, "TableName": "t"}


def test_index_keys_are_checked(still: Still) -> None:
    indexed(still)
    key = {"id": {"S": "a"}, "s": {"S": "b"}}
    bad = {"TableName": "i", "Item": {**key, "g": {"N": "1"}}}
    refused("ValidationException", "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g", still,
            "PutItem", **bad)  # fmt: skip
    bad["Item"] = {**key, "g": {"S": ""}}
    refused("ValidationException", "empty string value. IndexName: by-g, IndexKey: g", still, "PutItem", **bad)
    refused(
        "ValidationException", "Type mismatch for Index Key l", still, "UpdateItem", TableName="i", Key=key,
        UpdateExpression="SET l = :v", ExpressionAttributeValues={":v": {"S": "x"}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"n": {"N": "1"}}, "Missing the key id in the item"),
        ({"id": {"N": "1"}}, "Type mismatch for key id expected: S actual: N"),
        ({"id": {"S": ""}}, "cannot contain an empty string value. Key: id"),
        ({"id": {"S": "x" * 2_049}}, "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
        ({**KEY, "n": {"N": "1" * 39}}, "Attempting to store more than 38 significant digits in a Number"),
        ({**KEY, "n": {"N": "1E+126"}}, "Number overflow"),
        ({**KEY, "n": {"N": "1E-131"}}, "Number underflow"),
        ({**KEY, "s": {"SS": []}}, "An string set  may not be empty"),
        ({**KEY, "s": {"S": "x" * 409_600}}, "Item size has exceeded the maximum allowed size"),
    ],
)
def test_bad_items_are_refused(still: Still, entry: dict[str, Any], words: str) -> None:
    refused("ValidationException", words, still, "PutItem", TableName="t", Item=entry)


def test_the_sort_key_has_its_own_limit(still: Still) -> None:
    still.new_table("two", "id", "s", id="S", s="B")
    refused("ValidationException", "1024 bytes", still, "PutItem", TableName="two",
            Item={**KEY, "s": {"B": "AAAA" * 342}})  # fmt: skip


def test_the_largest_item_fits(still: Still) -> None:
    put(still, {**KEY, "s": {"S": "x" * (409_600 - 4)}})


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"ExpressionAttributeValues": {":v": {"N": "1"}}}, "can only be specified when using expressions"),
        ({**ABSENT, "ExpressionAttributeValues": {}}, "ExpressionAttributeValues must not be empty"),
        ({**ABSENT, "ExpressionAttributeNames": {"id": "x"}}, 'contains invalid key: Syntax error; key: "id"'),
        ({**ABSENT, "ExpressionAttributeNames": {"#q": "x"}}, r"unused in expressions: keys: \{#q\}"),
        ({"ReturnValues": "ALL_NEW"}, "Return values set to invalid value"),
        ({"ReturnConsumedCapacity": "SOME"}, "returnConsumedCapacity"),
    ],
)
def test_bad_parameters_are_refused(still: Still, params: dict[str, Any], words: str) -> None:
    refused("ValidationException", words, still, "PutItem", TableName="t", Item=KEY, **params)


def test_batches_put_and_delete(still: Still) -> None:
    entries = [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(25)]
    reply = still.call("BatchWriteItem", RequestItems={"t": entries}, ReturnConsumedCapacity="TOTAL")
    assert reply == {"ConsumedCapacity": [{"CapacityUnits": 25.0, "TableName": "t"}], "UnprocessedItems": {}}
    still.call("BatchWriteItem", RequestItems={"t": [{"DeleteRequest": {"Key": {"id": {"S": "3"}}}}]})
    assert still.call("Scan", TableName="t", Select="COUNT")["Count"] == 24
    refused("ValidationException", "Too many items", still, "BatchWriteItem",
            RequestItems={"t": [*entries, entries[0]]})  # fmt: skip
    refused("ValidationException", "contains duplicates", still, "BatchWriteItem",
            RequestItems={"t": [entries[0], {"DeleteRequest": {"Key": {"id": {"S": "0"}}}}]})  # fmt: skip


def action(kind: str, name: str, **params: Any) -> dict[str, Any]:
    key = {"id": {"S": name}}
    return {kind: {"TableName": "t", **({"Item": key} if kind == "Put" else {"Key": key}), **params}}


def test_a_transaction_happens_whole_or_not_at_all(still: Still) -> None:
    put(still, {"id": {"S": "old"}, "n": {"N": "1"}})
    update = {"UpdateExpression": "SET n = :v", "ExpressionAttributeValues": {":v": {"N": "2"}}}
    error = refused(
        "TransactionCanceledException", r"\[None, ConditionalCheckFailed, None, ValidationError\]", still,
        "TransactWriteItems",
        TransactItems=[
            action("Put", "new", **ABSENT),
            action("Delete", "old", **ABSENT, **SHOW),
            action("ConditionCheck", "x", **ABSENT),
            action("Update", "y", UpdateExpression="SET q = absent"),
        ],
    )  # fmt: skip
    none, failed, _, invalid = error.members["CancellationReasons"]
    assert none == {"Code": "None"}
    assert failed == {
        "Code": "ConditionalCheckFailed",
        "Item": {"id": {"S": "old"}, "n": {"N": "1"}},
        "Message": "The conditional request failed",
    }
    assert invalid["Code"] == "ValidationError"
    assert item(still, {"id": {"S": "new"}}) is None
    moved = [action("Put", "new", **ABSENT), action("Delete", "old", **EXISTS), action("Update", "u", **update)]
    reply = still.call("TransactWriteItems", TransactItems=moved, ReturnConsumedCapacity="TOTAL")
    assert reply == {"ConsumedCapacity": [{"CapacityUnits": 6.0, "WriteCapacityUnits": 6.0, "TableName": "t"}]}
    assert [entry["id"]["S"] for entry in still.call("Scan", TableName="t")["Items"]].count("old") == 0
    assert item(still, {"id": {"S": "u"}})["n"] == {"N": "2"}


def test_a_token_makes_a_repeat_harmless(still: Still) -> None:
    once = {"TransactItems": [action("Put", "a", **ABSENT)], "ClientRequestToken": "t1"}
    still.call("TransactWriteItems", **once)
    reply = still.call("TransactWriteItems", **once, ReturnConsumedCapacity="TOTAL")
    assert reply["ConsumedCapacity"][0]["ReadCapacityUnits"] == 2.0
    refused("IdempotentParameterMismatchException", "same client token", still, "TransactWriteItems",
            TransactItems=[action("Put", "b")], ClientRequestToken="t1")  # fmt: skip
    still.advance(601)
    refused("TransactionCanceledException", "ConditionalCheckFailed", still, "TransactWriteItems", **once)


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        ([], "greater than or equal to 1"),
        ([action("Put", str(n)) for n in range(101)], "less than or equal to 100"),
        ([action("Put", "a"), action("Delete", "a")], "cannot include multiple operations on one item"),
        ([action("Frob", "a")], "can only contain one of"),
        ([action("Put", "a", **SHOW), {"ConditionCheck": {"TableName": "t", "Key": KEY}}], "ConditionExpression"),
    ],
)
def test_bad_transactions_are_refused(still: Still, actions: list[Any], words: str) -> None:
    refused("ValidationException", words, still, "TransactWriteItems", TransactItems=actions)


def test_counts_of_a_table_follow_within_six_hours(still: Still) -> None:
    put(still, KEY)
    assert still.table("t")["ItemCount"] == 0
    still.advance(6 * 3600)
    assert (still.table("t")["ItemCount"], still.table("t")["TableSizeBytes"]) == (1, 3)


def test_every_special_specimen_survives_a_round_trip(still: Still) -> None:
    for specimen in specimens.all_types(still.world.clock.now()):
        put(still, specimen)
        assert item(still, {"id": specimen["id"]}) == specimen


def test_the_showcase_has_all_types_and_traps(still: Still) -> None:
    entries = specimens.all_types(still.world.clock.now())
    kinds = {kind for entry in entries for value in entry.values() for kind in value}
    assert kinds == {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}
    now = still.world.clock.now().timestamp()
    times = [int(entry["expires_at"]["N"]) for entry in entries if "expires_at" in entry]
    assert any(time < now for time in times)
    assert any(now < time < now + 10**8 for time in times)
    assert any(time > 10**12 for time in times)
