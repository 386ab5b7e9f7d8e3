"""The order in which items stand, and the walk through what a source makes and what has been written since."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from demo_world import Still

from dbtui.demo.dataplane.collection import Collection, Stored
from dbtui.demo.dataplane.keys import OrderKey, token
from dbtui.demo.dataplane.tabledata import decoded
from dbtui.demo.dataplane.values import checked_item, item_size
from dbtui.demo.seeds import bulk, orders


@pytest.fixture
def still() -> Still:
    return Still("empty")


def put(still: Still, table: str, *items: dict[str, Any]) -> None:
    for item in items:
        still.call("PutItem", TableName=table, Item=item)


def sorts(still: Still, kind: str, texts: list[str], **query: Any) -> list[str]:
    still.new_table("t", "pk", "sk", pk="S", sk=kind)
    put(still, "t", *({"pk": {"S": "p"}, "sk": {kind: text}} for text in texts))
    found = still.call(
        "Query", TableName="t", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}}, **query
    )
    return [item["sk"][kind] for item in found["Items"]]


def test_numbers_by_worth(still: Still) -> None:
    texts = ["10", "9", "-1", "0", "0.5", "1" + "0" * 40, "-2.5", "9007199254740993", "9007199254740992"]
    expected = ["-2.5", "-1", "0", "0.5", "9", "10", "9007199254740992", "9007199254740993", "1" + "0" * 40]
    assert sorts(still, "N", texts) == expected
    assert sorts(still, "N", texts, ScanIndexForward=False) == expected[::-1]


def test_strings_by_their_utf8(still: Still) -> None:
    texts = ["b", "a", "B", "é", "z", "\uffee", "😀", "aa", "a,b", "a/b", "a\nb"]
    assert sorts(still, "S", texts) == sorted(texts, key=str.encode)


def test_binary_by_unsigned_bytes(still: Still) -> None:
    # ff, 00, 7f, 80, 0001
    assert sorts(still, "B", ["/w==", "AA==", "fw==", "gA==", "AAE="]) == ["AA==", "AAE=", "fw==", "gA==", "/w=="]


def test_a_scan_is_in_hash_order_and_keeps_partitions_together(still: Still) -> None:
    still.new_table("t", "pk", "sk", pk="S", sk="N")
    put(still, "t", *({"pk": {"S": f"p{n % 40}"}, "sk": {"N": str(n)}} for n in range(200)))
    found = still.call("Scan", TableName="t")["Items"]
    partitions = [item["pk"]["S"] for item in found]
    runs = [name for name, before in zip(partitions, [None, *partitions], strict=False) if name != before]
    assert len(runs) == 40
    assert runs != sorted(runs)
    assert runs == sorted(runs, key=lambda name: token(b"S" + name.encode()))


@pytest.mark.parametrize("total", [1, 2, 3, 7, 64, 1_000_000])
@pytest.mark.parametrize("table", ["fragments", "counters"])
def test_segments_share_the_table_without_loss_or_overlap(table: str, total: int) -> None:
    still = Still()
    whole = still.call("Scan", TableName=table)["Items"]
    if total > 64:
        first = still.call("Scan", TableName=table, Segment=0, TotalSegments=total)
        assert first["Count"] <= len(whole)
        return
    parts = [
        item
        for segment in range(total)
        for item in still.call("Scan", TableName=table, Segment=segment, TotalSegments=total)["Items"]
    ]
    assert parts == whole


@pytest.mark.parametrize("source", [orders.ALL, orders.ALL.index("by-customer"), orders.ALL.index("by-status")])
def test_a_source_makes_its_items_in_the_order_of_their_keys(source: Any) -> None:
    keys = [source.order_key(position) for position in range(source.count)]
    assert keys == sorted(keys)
    assert len(set(keys)) == orders.ORDERS
    for position in range(0, source.count, 37):
        assert source.position(keys[position]) == position
    assert all(source.token(key[1]) in (None, key[0]) for key in keys[::37])


def test_orders_are_valid_and_weighed() -> None:
    for number in range(0, orders.ORDERS, 53):
        item = orders.order_item(number)
        assert checked_item(item) == item
        assert item_size(item) == orders.order(number).size
    assert orders.order(4711) == orders.order(4711)


@pytest.mark.parametrize("size", [64, 400, 4_000, 409_600])
def test_bulk_items_have_the_size_asked_for(size: int) -> None:
    source = bulk.Bulk(1_000_000, size)
    for position in (0, 1, 9, 10, 99_999, 999_999):
        item = decoded(source.stored(position))
        assert item_size(item) == source.stored(position).size == size
        assert source.position(source.order_key(position)) == position
    assert source.position(source.order_key(1_000_003)) is None


class Evens:
    """Ten items whose keys leave room between them."""

    count = 10

    def stored(self, position: int) -> Stored:
        return Stored(b"%d" % (position * 2), 1)

    def order_key(self, position: int) -> OrderKey:
        return position * 2, b"", (), ()

    def position(self, key: OrderKey) -> int | None:
        return key[0] // 2 if key[0] % 2 == 0 and 0 <= key[0] < 20 else None

    def token(self, partition: bytes) -> int | None:
        return None

    def index(self, name: str) -> None:
        return None


def test_a_walk_equals_a_sorted_dictionary_whatever_has_been_written() -> None:
    dice = random.Random(5)
    for _ in range(200):
        collection = Collection(Evens())
        model = {number: b"%d" % number for number in range(0, 20, 2)}
        for _ in range(dice.randrange(30)):
            number = dice.randrange(-3, 25)
            key = (number, b"", (), ())
            if dice.random() < 0.4:
                collection.put(key, None)
                model.pop(number, None)
            else:
                wire = b"%d" % dice.randrange(1000)
                collection.put(key, Stored(wire, 1))
                model[number] = wire
        low, high = sorted((dice.randrange(-4, 26), dice.randrange(-4, 26)))
        expected = [model[number] for number in sorted(model) if low <= number < high]
        bounds = (low, b"", (), ()), (high, b"", (), ())
        assert [stored.wire for stored in collection.walk(*bounds)] == expected
        assert [stored.wire for stored in collection.walk(*bounds, backwards=True)] == expected[::-1]
        assert collection.count == len(model)


def test_writes_among_the_items_of_a_source() -> None:
    still = Still()
    key = {"pk": {"S": "CUSTOMER#000007"}, "sk": {"S": "ORDER#20250601#01"}}
    query = {
        "TableName": "orders",
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": key["pk"]},
        "ProjectionExpression": "sk",
    }

    def found() -> list[str]:
        return [item["sk"]["S"][-2:] for item in still.call("Query", **query)["Items"]]

    assert found() == ["00", "01", "02", "03"]
    still.call("DeleteItem", TableName="orders", Key=key)
    put(still, "orders", {**key, "sk": {"S": "ORDER#20250601#02x"}}, {**key, "sk": {"S": "A"}})
    assert found() == ["A", "00", "02", "2x", "03"]
    put(still, "orders", key)
    assert still.call("Query", **query)["Count"] == 6
    assert still.call("GetItem", TableName="orders", Key=key) == {"Item": key}


def test_indexes_of_a_source_follow_its_writes() -> None:
    still = Still()
    key = {"pk": {"S": "CUSTOMER#000007"}, "sk": {"S": "ORDER#20250601#01"}}

    def customers(name: str) -> int:
        reply = still.call(
            "Query",
            TableName="orders",
            IndexName="by-customer",
            KeyConditionExpression="customer_id = :c",
            ExpressionAttributeValues={":c": {"S": name}},
        )
        return int(reply["Count"])

    change = {"TableName": "orders", "Key": key, "UpdateExpression": "SET customer_id = :c"}
    assert customers("c-000007") == 4
    still.call("UpdateItem", **change, ExpressionAttributeValues={":c": {"S": "somebody"}})
    assert (customers("c-000007"), customers("somebody")) == (3, 1)
    still.call("DeleteItem", TableName="orders", Key=key)
    assert (customers("c-000007"), customers("somebody")) == (3, 0)


def test_an_index_first_read_after_a_write_has_it() -> None:
    still = Still()
    item = {"pk": {"S": "x"}, "sk": {"S": "y"}, "status": {"S": "strange"}, "created_at": {"S": "now"}}
    put(still, "orders", item)
    reply = still.call(
        "Query",
        TableName="orders",
        IndexName="by-status",
        KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": {"S": "strange"}},
    )
    assert reply["Items"] == [item]
    json.dumps(reply)
