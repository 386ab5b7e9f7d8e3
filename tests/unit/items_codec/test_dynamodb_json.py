"""DynamoDB's own JSON, there and back, and what is refused."""

from __future__ import annotations

import json

import pytest

from dbtui.domain.dynamodb_json import decode, decode_value, encode, encode_value, parse
from dbtui.domain.typed_json import TextError
from dbtui.domain.values import Item, Value, items_equal
from tests import torture


@pytest.mark.parametrize("item", torture.items(), ids=lambda item: ascii(item["id"]["S"])[:30])
@pytest.mark.parametrize("indent", [2, None])
def test_the_torture_set_there_and_back(item: Item, indent: int | None) -> None:
    text = encode(item, ("id",), indent=indent)
    assert items_equal(decode(text), item)
    assert encode(decode(text), ("id",), indent=indent) == text
    json.loads(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"N": "1.0"}, '{"N": "1.0"}'),
        ({"N": "+007"}, '{"N": "+007"}'),
        ({"S": ""}, '{"S": ""}'),
        ({"B": b"\x00\xff"}, '{"B": "AP8="}'),
        ({"BOOL": True}, '{"BOOL": true}'),
        ({"NULL": True}, '{"NULL": true}'),
        ({"SS": ["b", "a"]}, '{"SS": ["a", "b"]}'),
        ({"NS": ["10", "9"]}, '{"NS": ["9", "10"]}'),
        ({"BS": [b"\xff", b""]}, '{"BS": ["", "/w=="]}'),
        ({"L": [{"NULL": True}, {"L": []}]}, '{"L": [{"NULL": true}, {"L": []}]}'),
        ({"M": {"S": {"S": "x"}, "N": {"M": {}}}}, '{"M": {"N": {"M": {}}, "S": {"S": "x"}}}'),
    ],
)
def test_the_form_of_each_type(value: Value, text: str) -> None:
    assert encode_value(value) == text
    assert encode_value(decode_value(text)) == text


def test_the_layout_leads_with_the_key() -> None:
    item: Item = {"a": {"L": [{"N": "1"}]}, "id": {"S": "x"}, "m": {"M": {"b": {"BOOL": False}}}}
    assert encode(item, ("id", "id")) == (
        "{\n"
        '  "id": {"S": "x"},\n'
        '  "a": {"L": [\n'
        '    {"N": "1"}\n'
        "  ]},\n"
        '  "m": {"M": {\n'
        '    "b": {"BOOL": false}\n'
        "  }}\n"
        "}"
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("[]", 1, 1, 'an item is an object of attributes: {"name": {"S": "text"}}'),
        ('{"a": "x"}', 1, 7, 'expected a value with its type, such as {"S": "text"} or {"N": "1.5"}'),
        ('{"a": {}}', 1, 7, 'a type is missing here, such as {"S": "text"}'),
        ('{"a": {"S": "x",\n "N": "1"}}', 2, 2, 'a value has one type; "N" is a second one'),
        (
            '{"a": {"X": "x"}}',
            1,
            8,
            'nobody knows the type "X"; there are S, N, B, BOOL, NULL, SS, NS, BS, L, M',
        ),
        ('{"a": {"N": 5}}', 1, 13, 'a number stands in quotes here: "5"'),
        ('{"a": {"N": "five"}}', 1, 13, '"five" is not a number'),
        ('{"a": {"N": true}}', 1, 13, 'the type N holds "1.5", a number in quotes'),
        ('{"a": {"S": 5}}', 1, 13, 'the type S holds "text"'),
        ('{"a": {"B": "%"}}', 1, 13, "not base64: letters, digits, + and /, four for every three bytes"),
        ('{"a": {"BOOL": "true"}}', 1, 16, "the type BOOL holds true or false"),
        ('{"a": {"NULL": false}}', 1, 16, "the type NULL holds true"),
        ('{"a": {"SS": []}}', 1, 14, "a set cannot be empty; remove the attribute instead"),
        ('{"a": {"SS": ["x", 1]}}', 1, 20, 'the type SS holds ["a", "b"]'),
        ('{"a": {"NS": [1]}}', 1, 15, 'a number stands in quotes here: "1"'),
        ('{"a": {"NS": ["1", "1.0"]}}', 1, 20, "this member is in the set already; 1 and 1.0 are one number"),
        ('{"a": {"BS": ["AA==", "AA"]}}', 1, 23, "this member is in the set already"),
        ('{"a": {"L": {}}}', 1, 13, 'the type L holds [{"S": "a"}]'),
        ('{"a": {"M": []}}', 1, 13, 'the type M holds {"name": {"S": "a"}}'),
        ('{"a": {"M": {"b": 1}}}', 1, 19, 'expected a value with its type, such as {"S": "text"} or {"N": "1.5"}'),
        ('{"a": {"S": "x"},}', 1, 17, "remove this comma: nothing follows it before the }"),
    ],
)
def test_what_is_refused_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(TextError) as error:
        decode(text)
    assert (error.value.line, error.value.column, error.value.reason) == (line, column, reason)


def test_the_position_of_every_value() -> None:
    parsed = parse('{"a": {"L": [{"S": "x"},\n {"M": {"b": {"NS": ["1", "2"]}}}]}}')
    assert parsed.position(()) == (1, 1)
    assert parsed.position(("a",)) == (1, 7)
    assert parsed.position(("a", 0)) == (1, 14)
    assert parsed.position(("a", 1, "b")) == (2, 14)
    assert parsed.position(("a", 1, "b", 1)) == (2, 27)
    assert parsed.position(("a", 1, "c", 1)) == (2, 2)
    assert parsed.position(("x",)) == (1, 1)
