"""What reading and writing items costs. Prints numbers (run with `-s` or `-rP`) and never fails on time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from tests import torture

from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.validation import problems
from dbtui.domain.values import Item
from dbtui.domain.wire import attribute, decode_item, encode_item

SMALL: Item = {
    "pk": {"S": "user#123"},
    "sk": {"S": "order#2024-02-29"},
    "amount": {"N": "12.50"},
    "tags": {"SS": ["a", "b"]},
    "address": {"M": {"street": {"S": "x" * 300}, "number": {"N": "5"}}},
    "note": {"S": "y" * 400},
    **{f"attribute {place}": {"S": f"value {place}"} for place in range(8)},
}
DENSE: Item = {"id": {"S": "dense"}, "list": {"L": [{"N": str(number % 97)} for number in range(130_000)]}}


def best(work: Callable[[], object], times: int = 5) -> float:
    """The shortest run, in milliseconds."""
    shortest = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest * 1000


@pytest.mark.parametrize("item", [torture.near_limit(), DENSE], ids=["mixed", "130,000 numbers"])
def test_an_item_of_400_kb(item: Item) -> None:
    text, raw, dynamodb = typed_json.encode(item), encode_item(item), dynamodb_json.encode(item)
    print(f"\n{'typed JSON written':24}{best(lambda: typed_json.encode(item)):8.1f} ms")
    print(f"{'typed JSON read':24}{best(lambda: typed_json.parse(text)):8.1f} ms")
    print(f"{'DynamoDB JSON read':24}{best(lambda: dynamodb_json.parse(dynamodb)):8.1f} ms")
    print(f"{'wire read':24}{best(lambda: decode_item(raw)):8.1f} ms")
    print(f"{'validated':24}{best(lambda: problems(item, None)):8.1f} ms")


def test_a_thousand_items_of_1_kb() -> None:
    text, raw = typed_json.encode(SMALL), encode_item(SMALL)
    every = range(1000)
    print(f"\n{'typed JSON written':24}{best(lambda: [typed_json.encode(SMALL, indent=None) for _ in every]):8.1f} ms")
    print(f"{'typed JSON read':24}{best(lambda: [typed_json.decode(text) for _ in every]):8.1f} ms")
    print(f"{'wire read':24}{best(lambda: [decode_item(raw) for _ in every]):8.1f} ms")
    print(f"{'one attribute read':24}{best(lambda: [attribute(raw, 'attribute 7') for _ in every]):8.1f} ms")
