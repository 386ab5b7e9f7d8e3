"""Numbers, values and sizes as DynamoDB takes and gives them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.demo.dataplane.numbers import added, normalised, number_size, subtracted
from dbtui.demo.dataplane.values import canonical, checked, checked_item, item_size
from dbtui.demo.protocol.errors import AwsError

DIGITS_38 = "12345678901234567890123456789012345678"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("1", "1"), ("1.10", "1.1"), ("001", "1"), ("-0", "0"), ("+5", "5"), ("0.0", "0"), ("1e2", "100"),
        ("1" + "0" * 50, "1" + "0" * 50), ("1E+125", "1" + "0" * 125), ("1E-130", "0." + "0" * 129 + "1"),
        ("-1.5e-3", "-0.0015"), (DIGITS_38, DIGITS_38), ("0." + DIGITS_38, "0." + DIGITS_38), (".5", "0.5"),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88), ("-" + DIGITS_38, "-" + DIGITS_38),
        ("5.", "5"), ("0e999999999", "0"), ("-10", "-10"),
    ],
)  # fmt: skip
def test_numbers_are_given_back_without_exponent_and_needless_zeros(given: str, kept: str) -> None:
    assert normalised(given) == kept
    assert normalised(kept) == kept


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("1" + DIGITS_38, "more than 38 significant digits"),
        ("1E+126", "Number overflow"),
        ("-1E+126", "Number overflow"),
        ("1E-131", "Number underflow"),
        ("1E999999999999999999999", "Number overflow"),
        ("abc", "cannot be converted to a numeric value: abc"),
        ("", "cannot be converted"),
        ("NaN", "cannot be converted"),
        ("Infinity", "cannot be converted"),
        ("1_000", "cannot be converted"),
        (" 1", "cannot be converted"),
        (7, "cannot be converted"),
    ],
)
def test_what_is_no_number_is_refused(given: object, words: str) -> None:
    with pytest.raises(AwsError, match=words):
        normalised(given)


@given(st.decimals(min_value=Decimal("-1E+40"), max_value=Decimal("1E+40"), allow_nan=False, places=12))
def test_normalised_numbers_keep_their_worth(number: Decimal) -> None:
    text = str(number)
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) <= 38:
        assert Decimal(normalised(text)) == Decimal(text)


def test_sums_are_exact() -> None:
    assert added("9007199254740993", "1") == "9007199254740994"
    assert subtracted("0.3", "0.1") == "0.2"
    assert added("0.1", "-0.1") == "0"
    with pytest.raises(AwsError, match="38 significant"):
        added("1E+100".replace("E+100", "0" * 100), "1")


@pytest.mark.parametrize(
    ("text", "size"), [("0", 1), ("1", 2), ("100", 2), ("12", 2), ("123", 3), ("-1", 3), ("0.05", 2)]
)
def test_number_sizes(text: str, size: int) -> None:
    assert number_size(text) == size


def test_item_size_by_the_documented_rules() -> None:
    assert item_size({"pk": {"S": "é"}}) == 2 + 2
    assert item_size({"b": {"B": "AAECAw=="}}) == 1 + 4
    assert item_size({"t": {"BOOL": True}, "n": {"NULL": True}}) == 4
    assert item_size({"s": {"SS": ["ab", "c"]}}) == 1 + 3
    assert item_size({"l": {"L": [{"S": "x"}, {"S": "y"}]}}) == 1 + 3 + 2 + 2
    assert item_size({"m": {"M": {"k": {"S": "v"}}}}) == 1 + 3 + 1 + 2


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "Supplied AttributeValue is empty"),
        ({"S": "a", "N": "1"}, "more than one datatypes"),
        ({"X": "a"}, "must contain exactly one of the supported datatypes"),
        ({"NULL": False}, "Null attribute value types must have the value of true"),
        ({"SS": []}, "An string set  may not be empty"),
        ({"NS": []}, "An number set  may not be empty"),
        ({"BS": []}, "Binary sets should not be empty"),
        ({"SS": ["a", "a"]}, "contains duplicates"),
        ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
        ({"BS": ["AA==", "AA=="]}, "contains duplicates"),
        ({"SS": ["a", ""]}, "may not have a empty string as a member"),
        ({"NS": ["1", "x"]}, "cannot be converted to a numeric value"),
        ({"B": "not base64!"}, "Base64"),
        ({"S": "\ud800"}, "surrogate"),
        ({"S": 5}, "expected a string"),
    ],
)
def test_bad_values_are_refused(value: Any, words: str) -> None:
    with pytest.raises(AwsError, match=words):
        checked(value)


def test_empty_values_that_are_legal() -> None:
    item = {"s": {"S": ""}, "b": {"B": ""}, "l": {"L": []}, "m": {"M": {}}}
    assert checked_item(item) == item


def nested(levels: int) -> Any:
    value: Any = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


def test_32_levels_and_no_more() -> None:
    checked(nested(32))
    with pytest.raises(AwsError, match="Nesting Levels"):
        checked(nested(33))


def test_equality_of_values() -> None:
    assert canonical({"SS": ["a", "b"]}) == canonical({"SS": ["b", "a"]})
    assert canonical({"L": [{"N": "1"}, {"N": "2"}]}) != canonical({"L": [{"N": "2"}, {"N": "1"}]})
    assert canonical({"M": {"a": {"S": "1"}, "b": {"N": "1"}}}) == canonical({"M": {"b": {"N": "1"}, "a": {"S": "1"}}})
    assert canonical({"S": "1"}) != canonical({"N": "1"})
