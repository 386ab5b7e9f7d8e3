from __future__ import annotations

import pytest

from dbtui.domain.failures import FailureKind, Refused, UsageError
from dbtui.domain.key_query import Estimate, KeyQuery, ScanOf, SortCondition, estimate, read_query
from tests.unit.items_read.world import gsi, n, s, table

BY_CITY = gsi(
    "by-city",
    ("country", "HASH", "S"),
    ("city", "HASH", "S"),
    ("year", "RANGE", "N"),
    ("month", "RANGE", "N"),
    ("name", "RANGE", "S"),
)
BY_NAME = gsi("by-name", ("pk", "HASH", "S"), ("name", "RANGE", "S"), local=True)
TABLE = table(indexes=[BY_CITY, BY_NAME])


def test_names_and_values_are_always_placeholders() -> None:
    query = KeyQuery(TABLE, partition=(s("a"),), sort=(SortCondition("between", (n(1), n(2))),))
    assert query.parameters() == {
        "TableName": "orders",
        "KeyConditionExpression": "#0 = :0 AND #1 BETWEEN :1 AND :2",
        "ExpressionAttributeNames": {"#0": "pk", "#1": "sk"},
        "ExpressionAttributeValues": {":0": s("a"), ":1": n(1), ":2": n(2)},
    }


@pytest.mark.parametrize("operator", ["=", "<", "<=", ">", ">="])
def test_comparisons(operator: str) -> None:
    query = KeyQuery(TABLE, partition=(s("a"),), sort=(SortCondition(operator, (n("1.50"),)),))
    query.check()
    assert query.parameters()["KeyConditionExpression"] == f"#0 = :0 AND #1 {operator} :1"


def test_direction_and_consistency() -> None:
    parameters = KeyQuery(TABLE, partition=(s("a"),), descending=True, consistent=True).parameters()
    assert parameters["ScanIndexForward"] is False
    assert parameters["ConsistentRead"] is True


def test_a_global_index_with_keys_of_several_attributes() -> None:
    query = read_query(TABLE, "by-city", ["DE", "Bonn"], [("=", ["2024"]), (">=", ["6"])])
    parameters = query.parameters()
    assert parameters["IndexName"] == "by-city"
    assert parameters["KeyConditionExpression"] == "#0 = :0 AND #1 = :1 AND #2 = :2 AND #3 >= :3"
    assert list(parameters["ExpressionAttributeNames"].values()) == ["country", "city", "year", "month"]
    assert parameters["ExpressionAttributeValues"][":3"] == n("6")


def test_a_range_is_only_for_the_last_sort_condition() -> None:
    with pytest.raises(Refused, match=r"year needs ="):
        read_query(TABLE, "by-city", ["DE", "Bonn"], [(">", ["2024"]), ("=", ["6"])])


def test_all_partition_parts_need_a_value() -> None:
    with pytest.raises(UsageError, match="country, city"):
        read_query(TABLE, "by-city", ["DE"])
    with pytest.raises(UsageError, match="2 partition values for 1"):
        read_query(TABLE, "", ["DE", "Bonn"])


def test_values_are_typed_by_the_schema_and_numbers_stay_as_typed() -> None:
    binary = table((("pk", "B"), ("sk", "N")))
    query = read_query(binary, "", ["AAH/"], [("=", ["1.10"])])
    assert query.partition == ({"B": b"\x00\x01\xff"},)
    assert query.sort[0].values == (n("1.10"),)
    with pytest.raises(UsageError):
        read_query(binary, "", ["AAH/"], [("=", ["ten"])])


def test_begins_with_is_refused_on_a_number_with_the_reason() -> None:
    with pytest.raises(Refused, match="sk: it is a number") as refused:
        read_query(TABLE, "", ["a"], [("begins_with", ["1"])])
    assert refused.value.failure.kind is FailureKind.INVALID
    assert (
        "begins_with(#1, :1)"
        in read_query(TABLE, "by-name", ["a"], [("begins_with", ["1"])]).parameters()["KeyConditionExpression"]
    )


def test_a_consistent_read_is_refused_on_a_global_index_only() -> None:
    for asked in (KeyQuery(TABLE, "by-city", (s("DE"), s("Bonn")), consistent=True), ScanOf(TABLE, "by-city", True)):
        with pytest.raises(Refused, match="global index"):
            asked.check()
    KeyQuery(TABLE, "by-name", (s("a"),), consistent=True).check()


@pytest.mark.parametrize(
    ("index", "partition", "conditions", "message"),
    [
        ("nowhere", ["a"], [], "no index nowhere"),
        ("", ["a"], [("=", ["1"]), ("=", ["2"])], "1 sort key attribute, not more"),
        ("", ["a"], [("between", ["1"])], "two values"),
        ("", ["a"], [("like", ["1"])], "no key condition"),
        ("", ["a"], [("between", ["2", "10"]), ("=", ["1"])], "not more"),
        ("", ["a"], [("between", ["10", "9"])], "first value is above"),
        ("", [""], [], "cannot be empty"),
    ],
)
def test_what_makes_no_sense_is_said(
    index: str, partition: list[str], conditions: list[tuple[str, list[str]]], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_query(TABLE, index, partition, conditions)


def test_between_compares_numbers_as_numbers() -> None:
    read_query(TABLE, "", ["a"], [("between", ["9", "10"])])


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(UsageError, match="sk is a number, not a string"):
        KeyQuery(TABLE, partition=(s("a"),), sort=(SortCondition("=", (s("1"),)),)).check()


def test_the_estimate_of_a_scan() -> None:
    sized = table(size=10 * 1024 * 1024, indexes=[gsi("small", ("pk", "HASH", "S"), size=4097)])
    assert estimate(ScanOf(sized)) == Estimate(10 * 1024 * 1024, 1280.0)
    assert estimate(ScanOf(sized, consistent=True)) == Estimate(10 * 1024 * 1024, 2560.0)
    assert estimate(ScanOf(sized, "small")) == Estimate(4097, 1.0)
    assert estimate(ScanOf(table())) is None
