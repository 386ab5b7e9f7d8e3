"""What DynamoDB would refuse, told beforehand in words a person understands."""

from __future__ import annotations

import pytest

from dbtui.domain.failures import FailureKind, Refused
from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.scope import ResourceRef, Scope
from dbtui.domain.validation import Problem, check, problems
from dbtui.domain.values import Item, Path, item_size
from tests import torture

TABLE = Table(
    ref=ResourceRef(Scope("work", "123456789012", "eu-west-1"), "table", "Orders"),
    arn="arn:aws:dynamodb:eu-west-1:123456789012:table/Orders",
    status="ACTIVE",
    keys=(KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "B")),
    indexes=(
        Index("by-customer", True, (KeyPart("customer", "HASH", "S"), KeyPart("total", "RANGE", "N"))),
        Index("by-sk", True, (KeyPart("sk", "HASH", "B"), KeyPart("pk", "RANGE", "S"))),
    ),
)
KEY: Item = {"pk": {"S": "a"}, "sk": {"B": b"b"}}


def only(item: Item, table: Table | None = None) -> Problem:
    (problem,) = problems(item, table)
    return problem


def test_the_torture_set_is_legal() -> None:
    for item in torture.items():
        assert problems(item, None) == []


def test_an_item_that_fits_its_table() -> None:
    assert (
        problems({**KEY, "customer": {"S": "c"}, "total": {"N": "1"}, "empty": {"S": ""}, "b": {"B": b""}}, TABLE) == []
    )
    check(KEY, TABLE)


@pytest.mark.parametrize(
    ("item", "path", "text"),
    [
        ({"n": {"N": "1E+126"}}, ("n",), "1E+126 is out of range; numbers go from ±1E-130 to ±9.99…E+125"),
        ({"n": {"N": "1E-131"}}, ("n",), "1E-131 is out of range; numbers go from ±1E-130 to ±9.99…E+125"),
        (
            {"m": {"M": {"l": {"L": [{"S": ""}, {"N": "0." + "1" * 39}]}}}},
            ("m", "l", 1),
            "0." + "1" * 39 + " has 39 significant digits; DynamoDB keeps 38",
        ),
        ({"s": {"NS": ["1", "1E+200"]}}, ("s",), "1E+200 is out of range; numbers go from ±1E-130 to ±9.99…E+125"),
        ({"s": {"SS": []}}, ("s",), "a set cannot be empty; remove the attribute instead"),
        ({"s": {"L": [{"BS": []}]}}, ("s", 0), "a set cannot be empty; remove the attribute instead"),
        ({"s": {"SS": ["a", "b", "a"]}}, ("s",), 'the set has "a" twice'),
        ({"s": {"NS": ["1", "1.0"]}}, ("s",), "the set has 1.0 twice"),
        ({"s": {"BS": [b"a", b"a"]}}, ("s",), 'the set has "YQ==" twice'),
        ({"s": {"S": "a\ud800"}}, ("s",), "the text holds half a character (a lone surrogate)"),
        ({"s": {"SS": ["\udfff"]}}, ("s",), "the text holds half a character (a lone surrogate)"),
        ({"\ud800": {"S": "a"}}, ("\ud800",), "the name holds half a character (a lone surrogate)"),
        (
            {"m": {"M": {"\ud800": {"S": "a"}}}},
            ("m", "\ud800"),
            "the name holds half a character (a lone surrogate)",
        ),
        ({"": {"S": "a"}}, ("",), "an attribute needs a name"),
        ({"n" * 65_536: {"S": "a"}}, (), "an attribute's name has 65,536 bytes; DynamoDB allows 65,535"),
        ({"d": torture.nested(33, "LM")}, ("d",), "nested 33 levels deep; DynamoDB allows 32"),
    ],
)
def test_what_no_table_takes(item: Item, path: Path, text: str) -> None:
    assert only(item) == Problem(path, text)


@pytest.mark.parametrize(
    ("change", "path", "text"),
    [
        ({"pk": {"N": "1"}}, ("pk",), "of type number; the partition key of Orders is of type string"),
        ({"sk": {"S": "b"}}, ("sk",), "of type string; the sort key of Orders is of type binary"),
        ({"pk": {"S": ""}}, ("pk",), "empty; the partition key of Orders cannot be empty"),
        ({"sk": {"B": b""}}, ("sk",), "empty; the sort key of Orders cannot be empty"),
        ({"pk": {"S": "é" * 1025}}, ("pk",), "2,050 bytes; the partition key of Orders takes up to 2,048"),
        ({"sk": {"B": b"b" * 1025}}, ("sk",), "1,025 bytes; the sort key of Orders takes up to 1,024"),
        ({"customer": {"S": ""}}, ("customer",), "empty; the partition key of the index by-customer cannot be empty"),
        (
            {"customer": {"NULL": True}},
            ("customer",),
            "of type null; the partition key of the index by-customer is of type string",
        ),
        ({"total": {"S": "12"}}, ("total",), "of type string; the sort key of the index by-customer is of type number"),
    ],
)
def test_what_this_table_does_not_take(change: Item, path: Path, text: str) -> None:
    assert only({**KEY, **change}, TABLE) == Problem(path, text)


def test_a_missing_key_is_told() -> None:
    assert only({"pk": {"S": "a"}}, TABLE) == Problem(("sk",), "missing; it is the sort key of Orders")


def test_keys_may_be_as_long_as_dynamodb_allows() -> None:
    assert problems({"pk": {"S": "a" * 2048}, "sk": {"B": b"b" * 1024}}, TABLE) == []


def test_an_item_of_400_kb_is_legal_and_one_byte_more_is_not() -> None:
    fits = torture.near_limit()
    assert item_size(fits) == 409_600
    assert problems(fits, None) == []
    fits["text"]["S"] += "x"
    assert only(fits).text.startswith("409,601 bytes; an item has up to 409,600.")


def test_the_largest_attributes_are_named_with_their_sizes() -> None:
    item: Item = {
        "small": {"S": "x"},
        "a.b": {"S": "x" * 100_000},
        "blob": {"B": b"x" * 250_000},
        "text": {"S": "é" * 50_000},
        "list": {"L": [{"S": "x" * 50_000}]},
    }
    assert only(item) == Problem(
        (),
        '500,025 bytes; an item has up to 409,600. The largest attributes: blob 250,004, text 100,004, "a.b" 100,003',
    )


def test_check_refuses_with_the_first_problem_and_tells_the_others() -> None:
    with pytest.raises(Refused) as refused:
        check({**KEY, "n": {"N": "1E+200"}, "s": {"SS": []}}, TABLE)
    failure = refused.value.failure
    assert failure.kind is FailureKind.INVALID
    assert failure.title == "n: 1E+200 is out of range; numbers go from ±1E-130 to ±9.99…E+125"
    assert failure.detail == "s: a set cannot be empty; remove the attribute instead"
