"""Pages of Scan and Query: limits, start keys, indexes, capacity."""

from __future__ import annotations

import json
from typing import Any

import pytest
from demo_world import Still

from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.seeds import orders


@pytest.fixture(scope="module")
def company() -> Still:
    """Only read."""
    return Still()


def all_pages(still: Still, operation: str, **params: Any) -> list[dict[str, Any]]:
    pages = [still.call(operation, **params)]
    while "LastEvaluatedKey" in pages[-1]:
        pages.append(still.call(operation, **params, ExclusiveStartKey=pages[-1]["LastEvaluatedKey"]))
    return pages


def test_every_order_once_in_pages_of_a_megabyte(company: Still) -> None:
    pages = all_pages(company, "Scan", TableName="orders", ReturnConsumedCapacity="TOTAL")
    keys = {(item["pk"]["S"], item["sk"]["S"]) for page in pages for item in page["Items"]}
    assert sum(page["Count"] for page in pages) == len(keys) == orders.ORDERS
    assert [page["ConsumedCapacity"]["CapacityUnits"] for page in pages[:-1]] == [128.5] * (len(pages) - 1)


def test_a_page_has_aws_member_order(company: Still) -> None:
    body = company.reply("Scan", TableName="features", Limit=2, ReturnConsumedCapacity="TOTAL")
    assert list(json.loads(body)) == ["ConsumedCapacity", "Count", "Items", "LastEvaluatedKey", "ScannedCount"]


@pytest.mark.parametrize("limit", [1, 7, 24, 25])
@pytest.mark.parametrize("table", ["features", "fragments", "counters", "files", "blobs"])
def test_every_item_once_whatever_the_limit(company: Still, table: str, limit: int) -> None:
    whole = company.call("Scan", TableName=table)["Items"]
    pages = all_pages(company, "Scan", TableName=table, Limit=limit)
    assert [item for page in pages for item in page["Items"]] == whole
    assert max(page["ScannedCount"] for page in pages) <= limit


def test_a_full_last_page_has_a_key_although_nothing_follows(company: Still) -> None:
    last = company.call("Scan", TableName="features", Limit=24)
    assert company.call("Scan", TableName="features", ExclusiveStartKey=last["LastEvaluatedKey"]) == {
        "Count": 0,
        "Items": [],
        "ScannedCount": 0,
    }


def test_a_filter_leaves_pages_empty_but_paid(company: Still) -> None:
    page = company.call(
        "Scan",
        TableName="features",
        Limit=5,
        FilterExpression="attribute_exists(nothing)",
        ReturnConsumedCapacity="TOTAL",
    )
    assert (page["Count"], page["ScannedCount"], page["Items"]) == (0, 5, [])
    assert page["LastEvaluatedKey"].keys() == {"name"}
    assert page["ConsumedCapacity"] == {"CapacityUnits": 0.5, "TableName": "features"}


BY_CUSTOMER = {
    "TableName": "orders",
    "IndexName": "by-customer",
    "KeyConditionExpression": "customer_id = :c",
    "ExpressionAttributeValues": {":c": {"S": "c-000042"}},
}


def test_an_index_page_ends_with_index_and_table_keys(company: Still) -> None:
    pages = all_pages(company, "Query", **BY_CUSTOMER, Limit=1)
    assert list(pages[0]["LastEvaluatedKey"]) == ["customer_id", "created_at", "pk", "sk"]
    created = [item["created_at"]["S"] for page in pages for item in page["Items"]]
    assert created == sorted(created)
    assert len(created) == 4


def test_a_partial_projection_gives_its_attributes_only(company: Still) -> None:
    items = company.call("Query", **BY_CUSTOMER)["Items"]
    assert all(set(item) == {"pk", "sk", "customer_id", "created_at", "total", "status"} for item in items)


def test_a_sparse_index_has_what_has_its_keys(company: Still) -> None:
    found = company.call("Scan", TableName="inventory", IndexName="to-reorder")
    assert 0 < found["Count"] == found["ScannedCount"] < 150
    assert all(set(item) == {"sku", "warehouse", "reorder_by"} for item in found["Items"])


LOCAL = {
    "TableName": "sensors",
    "IndexName": "by-battery",
    "KeyConditionExpression": "device = :d",
    "ExpressionAttributeValues": {":d": {"S": "sensor-03"}},
}


def test_a_local_index_is_ordered_by_its_own_sort_key(company: Still) -> None:
    found = company.call("Query", **LOCAL, ConsistentRead=True, ReturnConsumedCapacity="INDEXES")
    batteries = [int(item["battery"]["N"]) for item in found["Items"]]
    assert batteries == sorted(batteries)
    assert set(found["Items"][0]) == {"device", "at", "battery"}
    assert found["ConsumedCapacity"] == {
        "CapacityUnits": 1.0,
        "LocalSecondaryIndexes": {"by-battery": {"CapacityUnits": 1.0}},
        "Table": {"CapacityUnits": 0.0},
        "TableName": "sensors",
    }


def test_a_local_index_fetches_what_it_lacks_and_pays_for_it(company: Still) -> None:
    found = company.call("Query", **LOCAL, Select="ALL_ATTRIBUTES", ReturnConsumedCapacity="INDEXES")
    assert set(found["Items"][0]) == {"device", "at", "battery", "celsius"}
    assert found["ConsumedCapacity"]["Table"]["CapacityUnits"] == found["Count"] * 0.5


def test_count_costs_as_much_and_sends_nothing(company: Still) -> None:
    found = company.call("Scan", TableName="orders", Select="COUNT", ReturnConsumedCapacity="TOTAL")
    assert "Items" not in found
    assert found["Count"] > 1_000
    assert found["ConsumedCapacity"]["CapacityUnits"] == 128.5


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({**BY_CUSTOMER, "ConsistentRead": True}, "Consistent reads are not supported on global secondary indexes"),
        ({**BY_CUSTOMER, "Select": "ALL_ATTRIBUTES"}, "because its projection type is not ALL"),
        ({**BY_CUSTOMER, "ProjectionExpression": "note"}, r"does not project \[note\]"),
        ({**BY_CUSTOMER, "IndexName": "by-nothing"}, "The table does not have the specified index: by-nothing"),
        ({**BY_CUSTOMER, "Select": "EVERYTHING"}, "Member must satisfy enum value set"),
        ({**BY_CUSTOMER, "Select": "COUNT", "ProjectionExpression": "pk"}, "only the Count"),
        ({**BY_CUSTOMER, "Limit": 0}, "greater than or equal to 1"),
        ({**BY_CUSTOMER, "TableName": "nothing"}, "Requested resource not found"),
        ({"TableName": "orders"}, "Either the KeyConditions or KeyConditionExpression parameter must be specified"),
        (
            {
                "TableName": "ledger",
                "IndexName": "by-day",
                "KeyConditionExpression": "#d = :d",
                "ExpressionAttributeNames": {"#d": "day"},
                "ExpressionAttributeValues": {":d": {"S": "x"}},
            },
            "Cannot read from backfilling global secondary index: by-day",
        ),
    ],
)
def test_bad_queries_are_refused(company: Still, params: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        company.call("Query", **params)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ({"pk": {"S": "x"}, "sk": {"S": "y"}}, "does not match the schema"),
        ({name: {"S": "x"} for name in ("customer_id", "created_at", "pk", "sk")}, "outside query boundaries"),
        (
            {"customer_id": {"S": "c-000042"}, "created_at": {"N": "1"}, "pk": {"S": "x"}, "sk": {"S": "y"}},
            "does not match the schema",
        ),
    ],
)
def test_bad_start_keys_are_refused(company: Still, start: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        company.call("Query", **BY_CUSTOMER, ExclusiveStartKey=start)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"Segment": 1}, "The TotalSegments parameter is required"),
        ({"TotalSegments": 2}, "The Segment parameter is required"),
        ({"Segment": 2, "TotalSegments": 2}, "Segment: 2 is not less than TotalSegments: 2"),
        ({"Segment": 0, "TotalSegments": 1_000_001}, "between 1 and 1000000"),
    ],
)
def test_bad_segments_are_refused(company: Still, params: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        company.call("Scan", TableName="features", **params)


def test_a_start_key_belongs_to_its_segment(company: Still) -> None:
    key = company.call("Scan", TableName="features", Limit=1, Segment=0, TotalSegments=2)["LastEvaluatedKey"]
    with pytest.raises(AwsError, match="Please use ExclusiveStartKey with correct Segment"):
        company.call("Scan", TableName="features", ExclusiveStartKey=key, Segment=1, TotalSegments=2)


def test_an_item_of_nearly_400_kb_takes_its_page(company: Still) -> None:
    pages = all_pages(company, "Scan", TableName="all-types", ReturnConsumedCapacity="TOTAL")
    assert sum(page["Count"] for page in pages) == 48
    get = {"TableName": "all-types", "Key": {"id": {"S": "close to 400 KB"}}, "ReturnConsumedCapacity": "TOTAL"}
    assert company.call("GetItem", **get)["ConsumedCapacity"]["CapacityUnits"] == 50.0
    assert company.call("GetItem", **get, ConsistentRead=True)["ConsumedCapacity"]["CapacityUnits"] == 100.0


def test_capacity_of_reading_single_items(company: Still) -> None:
    key = {"name": {"S": "feature-01"}}
    got = company.call("GetItem", TableName="features", Key=key, ReturnConsumedCapacity="INDEXES")
    assert got["ConsumedCapacity"] == {
        "CapacityUnits": 0.5,
        "Table": {"CapacityUnits": 0.5},
        "TableName": "features",
    }
    nothing = company.call(
        "GetItem", TableName="features", Key={"name": {"S": "?"}}, ConsistentRead=True, ReturnConsumedCapacity="TOTAL"
    )
    assert nothing == {"ConsumedCapacity": {"CapacityUnits": 1.0, "TableName": "features"}}
    batch = company.call(
        "BatchGetItem",
        RequestItems={"features": {"Keys": [key, {"name": {"S": "feature-02"}}, {"name": {"S": "?"}}]}},
        ReturnConsumedCapacity="TOTAL",
    )
    assert batch["ConsumedCapacity"] == [{"CapacityUnits": 1.5, "TableName": "features"}]
    assert len(batch["Responses"]["features"]) == 2
    transaction = company.call(
        "TransactGetItems",
        TransactItems=[{"Get": {"TableName": "features", "Key": key}}],
        ReturnConsumedCapacity="TOTAL",
    )
    assert transaction["ConsumedCapacity"] == [
        {"CapacityUnits": 2.0, "ReadCapacityUnits": 2.0, "TableName": "features"}
    ]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ([{"name": {"S": "a"}}, {"name": {"S": "a"}}], "contains duplicates"),
        ([{"name": {"S": str(n)}} for n in range(101)], "Too many items requested"),
        ([{"name": {"N": "1"}}], "does not match the schema"),
        ([{"nom": {"S": "1"}}], "does not match the schema"),
        ([{"name": {"S": ""}}], "cannot contain an empty string value. Key: name"),
    ],
)
def test_bad_batches_are_refused(company: Still, keys: list[Any], words: str) -> None:
    with pytest.raises(AwsError, match=words):
        company.call("BatchGetItem", RequestItems={"features": {"Keys": keys}})


@pytest.mark.parametrize("size", [None, 2, 7])
def test_forced_pages_with_an_empty_one_first(size: int | None) -> None:
    still = Still()
    whole = still.call("Scan", TableName="features")["Items"]
    still.world.pages.size, still.world.pages.empty = size, True
    for _ in range(2):
        pages = all_pages(still, "Scan", TableName="features")
        assert pages[0]["Items"] == []
        assert [item for page in pages for item in page["Items"]] == whole
    again = still.call("Scan", TableName="features", ExclusiveStartKey=pages[0]["LastEvaluatedKey"])
    assert again["Items"] == whole[: size or 24], "a page that is asked for again is the same page"


def test_a_million_items_are_made_page_by_page() -> None:
    still = Still("items:1000000,size:500")
    table = still.table("bulk")
    assert (table["ItemCount"], table["TableSizeBytes"]) == (1_000_000, 500_000_000)
    page = still.call("Scan", TableName="bulk", Segment=3, TotalSegments=4, ReturnConsumedCapacity="TOTAL")
    assert page["Count"] == 1024 * 1024 // 500 + 1
    assert page["Items"][0]["pk"] == {"S": "GROUP#00075000"}
    assert page["ConsumedCapacity"]["CapacityUnits"] == 128.5
