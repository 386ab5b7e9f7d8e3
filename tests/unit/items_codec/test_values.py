"""The algebra of attribute values: numbers, equality, order, sizes, paths, keys."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.domain.failures import UsageError
from dbtui.domain.models import KeyPart
from dbtui.domain.values import (
    Value,
    at,
    attribute_size,
    copy_item,
    depth,
    equal,
    from_base64,
    item_size,
    items_equal,
    key_of,
    key_text,
    number,
    order,
    path_text,
    read_key_value,
    to_base64,
    value_size,
)
from tests import strategies, torture


@pytest.mark.parametrize("text", torture.NUMBERS.values(), ids=torture.NUMBERS)
def test_a_number_is_exact(text: str) -> None:
    with localcontext() as context:
        context.prec = 5
        assert number(text) == Decimal(text)
        assert number(text).as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize("text", ["+5", ".5", "5.", "007", "1e5", "1E+05", "0E+999", "-0", "0" * 60 + "1" + "0" * 60])
def test_every_spelling_of_a_number_is_one(text: str) -> None:
    assert number(text) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("123456789012345678901234567890123456789", "39 significant digits; DynamoDB keeps 38"),
        ("1E+126", "out of range"),
        ("9.9E-131", "out of range"),
        ("-1E+126", "out of range"),
        ("1E+99999999999999999999", "out of range"),
        ("1E+" + "9" * 5000, "out of range"),
        ("1E-99999999999999999999", "out of range"),
        ("", "not a number"),
        (" 5", "not a number"),
        ("1_000", "not a number"),
        ("1,5", "not a number"),
        ("0x10", "not a number"),
        ("NaN", "not a number"),
        ("Infinity", "not a number"),
        ("-", "not a number"),
        (".", "not a number"),
        ("1e", "not a number"),
        ("٥", "not a number"),
        ("5\n", "not a number"),
        ("²", "not a number"),
    ],
)
def test_what_is_no_number_of_dynamodb(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        number(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1"}, {"N": "1.0"}),
        ({"N": "1" + "0" * 50}, {"N": "1E+50"}),
        ({"N": "0"}, {"N": "-0.00"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "2"]}, {"NS": ["2.0", "1e0"]}),
        ({"BS": [b"a", b""]}, {"BS": [b"", b"a"]}),
        ({"M": {"a": {"N": "1"}, "b": {"S": ""}}}, {"M": {"b": {"S": ""}, "a": {"N": "1.00"}}}),
        ({"L": [{"NS": ["1", "2"]}]}, {"L": [{"NS": ["2", "1"]}]}),
        (None, None),
    ],
)
def test_equal_as_dynamodb_compares(one: Value | None, other: Value | None) -> None:
    assert equal(one, other)
    assert equal(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "7"}, {"S": "7"}),
        ({"N": "9007199254740993"}, {"N": "9007199254740992"}),
        ({"N": "1234567890123456789.0123456789012345678"}, {"N": "1234567890123456789.0123456789012345679"}),
        ({"S": "é"}, {"S": "e\u0301"}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"SS": ["1"]}, {"NS": ["1"]}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"L": [{"S": "a"}]}, {"L": [{"S": "a"}, {"S": "a"}]}),
        ({"M": {"a": {"NULL": True}}}, {"M": {}}),
        ({"BOOL": True}, {"BOOL": False}),
        ({"NULL": True}, None),
        ({"S": ""}, None),
        ({"S": ""}, {"NULL": True}),
        ({"B": b"a"}, {"S": "a"}),
    ],
)
def test_different_as_dynamodb_compares(one: Value | None, other: Value | None) -> None:
    assert not equal(one, other)
    assert not equal(other, one)


def test_items_are_equal_by_their_attributes() -> None:
    assert items_equal({"a": {"N": "1"}, "b": {"S": ""}}, {"b": {"S": ""}, "a": {"N": "1.0"}})
    assert not items_equal({"a": {"N": "1"}}, {"b": {"N": "1"}})
    assert items_equal(None, None)
    assert not items_equal({}, None)


@given(st.lists(strategies.numbers(), max_size=8))
def test_numbers_sort_by_value(texts: list[str]) -> None:
    ordered = sorted(({"N": text} for text in texts), key=order)
    assert [Decimal(value["N"]) for value in ordered] == sorted(map(Decimal, texts))


@given(st.lists(st.text(max_size=5), max_size=8))
def test_strings_sort_by_their_utf8_bytes(texts: list[str]) -> None:
    ordered = sorted(({"S": text} for text in texts), key=order)
    assert [value["S"] for value in ordered] == sorted(texts, key=str.encode)


def test_binary_sorts_as_unsigned_bytes_and_false_before_true() -> None:
    assert order({"B": b"\x7f"}) < order({"B": b"\x80"}) < order({"B": b"\x80\x00"}) < order({"B": b"\xff"})
    assert order({"BOOL": False}) < order({"BOOL": True})


def test_absent_sorts_last() -> None:
    values: list[Value | None] = [None, {"M": {}}, {"NULL": True}, {"S": "\U0010ffff"}, {"N": "-1"}]
    assert sorted(values, key=order)[-1] is None


@given(st.lists(st.one_of(st.none(), strategies.values(5)), max_size=6))
def test_all_values_can_be_sorted_together_and_only_equal_ones_are_level(values: list[Value | None]) -> None:
    keys = [order(each) for each in sorted(values, key=order)]
    assert all(one <= other for one, other in pairwise(keys))
    for one in values:
        for other in values:
            assert equal(one, other) == (order(one) == order(other))


def test_a_number_no_service_should_send_neither_sorts_nor_compares_badly() -> None:
    odd: list[Value] = [{"N": "NaN"}, {"N": "1E+99999999999999999999"}, {"N": "1" * 60}, {"N": "1E+200"}, {"N": "abc"}]
    assert len(sorted(odd, key=order)) == len(odd)
    assert all(equal(each, each) for each in odd)
    assert not equal(odd[0], odd[4])
    assert value_size({"N": "NaN"}) == 3


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "é😀"}, 6),
        ({"S": ""}, 0),
        ({"N": "0"}, 1),
        ({"N": "1"}, 2),
        ({"N": "12"}, 2),
        ({"N": "123"}, 3),
        ({"N": "-12"}, 3),
        ({"N": "1" + "0" * 50}, 2),
        ({"N": "-0"}, 1),
        ({"N": "0.0012"}, 2),
        ({"N": "1010"}, 3),
        ({"N": "1.5"}, 3),
        ({"N": "1.200"}, 3),
        ({"N": "3.14159"}, 5),
        ({"N": "100.5"}, 4),
        ({"N": "1E-100"}, 2),
        ({"N": "1.0E+5"}, 2),
        ({"N": "12345678901234567890123456789012345678"}, 20),
        ({"B": b"\x00\x01"}, 2),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "é"]}, 4),
        ({"NS": ["1", "-2"]}, 5),
        ({"BS": [b"", b"abc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "abc"}, {"NULL": True}]}, 3 + 4 + 2),
        ({"M": {}}, 3),
        ({"M": {"né": {"S": "abc"}}}, 3 + 1 + 3 + 3),
    ],
)
def test_sizes_follow_the_documented_rules(value: Value, size: int) -> None:
    assert value_size(value) == size
    assert attribute_size("ñ", value) == size + 2
    assert item_size({"ñ": value, "a": {"S": "b"}}) == size + 2 + 2


def test_depth_counts_levels_as_dynamodb_does() -> None:
    assert depth({"S": ""}) == 1
    assert depth({"SS": ["a"]}) == 1
    assert depth({"L": []}) == 1
    assert depth({"L": [{"S": ""}]}) == 2
    assert depth({"M": {"a": {"L": [{"S": ""}]}, "b": {"S": ""}}}) == 3
    assert depth(torture.nested(32, "LM")) == 32


def test_a_copy_shares_nothing() -> None:
    item = {"a": {"M": {"l": {"L": [{"SS": ["a"]}]}}}}
    copy = copy_item(item)
    copy["a"]["M"]["l"]["L"][0]["SS"].append("b")
    copy["a"]["M"]["new"] = {"NULL": True}
    assert item == {"a": {"M": {"l": {"L": [{"SS": ["a"]}]}}}}


def test_at_finds_values_by_path() -> None:
    item = {"a": {"M": {"b.c": {"L": [{"S": "x"}, {"M": {}}]}}}, "0": {"S": "zero"}}
    assert at(item, ("a", "b.c", 0)) == {"S": "x"}
    assert at(item, ("0",)) == {"S": "zero"}
    for absent in [("b",), ("a", "b"), ("a", "b.c", 2), ("a", "b.c", -1), ("a", "b.c", 0, "x"), ("a", 0), (0,)]:
        assert at(item, absent) is None


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "b", 0), "a.b[0]"),
        (("a.b", "c d", 0), '"a.b"."c d"[0]'),
        (("a", 0, 1, "b"), "a[0][1].b"),
        (("ünï_1", "a-b"), "ünï_1.a-b"),
        (("1", "[0]", 'q"', "\x1b", ""), '"1"."[0]"."q\\""."\\u001b".""'),
        ((), ""),
    ],
)
def test_paths_are_written_so_that_no_two_look_alike(path: tuple[Any, ...], text: str) -> None:
    assert path_text(path) == text


def test_the_key_of_an_item() -> None:
    keys = (KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "N"))
    assert list(key_of({"x": {"S": ""}, "sk": {"N": "1"}, "pk": {"S": "a"}}, keys).items()) == [
        ("pk", {"S": "a"}),
        ("sk", {"N": "1"}),
    ]
    with pytest.raises(KeyError):
        key_of({"pk": {"S": "a"}}, keys)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("007", "S", {"S": "007"}),
        (" a,b/c\n", "S", {"S": " a,b/c\n"}),
        ("1.50", "N", {"N": "1.50"}),
        (" 5 ", "N", {"N": "5"}),
        ("AP8=", "B", {"B": b"\x00\xff"}),
        ("AP8", "B", {"B": b"\x00\xff"}),
    ],
)
def test_a_key_is_read_as_its_type(text: str, kind: str, value: Value) -> None:
    assert read_key_value(text, kind) == value
    assert read_key_value(key_text(value), kind) == value


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", "S", "cannot be empty"),
        ("abc", "N", "not a number"),
        ("1E+126", "N", "out of range"),
        ("a", "B", "not base64"),
        ("a", "BOOL", "type S, N or B"),
    ],
)
def test_a_key_that_cannot_be_read(text: str, kind: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        read_key_value(text, kind)


@pytest.mark.parametrize("text", ["+/+/AA==", "-_-_AA", " +/+/\n\tAA== ", "+/-_AA="])
def test_base64_as_people_paste_it(text: str) -> None:
    assert from_base64(text) == b"\xfb\xff\xbf\x00"


@pytest.mark.parametrize("text", ["A", "AAAAA", "A===", "AA=A", "====", "ä", "A A=A", "AA.A", "\ud800", "\x00AAA"])
def test_what_is_not_base64(text: str) -> None:
    with pytest.raises(ValueError, match="not base64"):
        from_base64(text)


@given(st.binary())
def test_base64_there_and_back(data: bytes) -> None:
    assert from_base64(to_base64(data)) == data
