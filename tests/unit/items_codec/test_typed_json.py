"""Typed JSON: the hazards there and back, the canonical form, tags, values left out, and what is refused."""

from __future__ import annotations

import json
from typing import ClassVar

import pytest

from dbtui.domain.typed_json import TextError, decode, decode_value, encode, encode_value, parse
from dbtui.domain.values import Item, Value, equal, items_equal
from tests import torture


def there_and_back(item: Item) -> None:
    for indent in (2, None):
        text = encode(item, ("id",), indent=indent)
        assert items_equal(decode(text), item)
        assert encode(decode(text), ("id",), indent=indent) == text
        json.loads(text)


@pytest.mark.parametrize("item", torture.items(), ids=lambda item: ascii(item["id"]["S"])[:30])
def test_the_torture_set_there_and_back(item: Item) -> None:
    there_and_back(item)


@pytest.mark.parametrize("text", [*torture.NUMBERS.values(), "+5", ".5", "5.", "007", "1.E5", "-00.10", "1" * 50])
def test_a_number_keeps_every_character(text: str) -> None:
    assert decode(encode({"n": {"N": text}})) == {"n": {"N": text}}
    assert decode(encode({"n": {"NS": [text]}})) == {"n": {"NS": [text]}}


@pytest.mark.parametrize("text", torture.TEXTS.values(), ids=torture.TEXTS)
def test_a_text_keeps_every_character(text: str) -> None:
    assert decode(encode({text: {"S": text}, "id": {"S": ""}})) == {text: {"S": text}, "id": {"S": ""}}
    assert decode_value(encode_value({"SS": [text]})) == {"SS": [text]}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"S": "007"}, '"007"'),
        ({"N": "007"}, '{"$n": "007"}'),
        ({"N": "12.50"}, "12.50"),
        ({"N": "1E+125"}, "1E+125"),
        ({"N": "-0"}, "-0"),
        ({"N": "+3"}, '{"$n": "+3"}'),
        ({"B": b""}, '{"$b": ""}'),
        ({"B": b"\xfb\xff"}, '{"$b": "+/8="}'),
        ({"BOOL": False}, "false"),
        ({"NULL": True}, "null"),
        ({"S": ""}, '""'),
        ({"SS": ["é", "z", "a", "😀", "\uffff"]}, '{"$ss": ["a", "z", "é", "\\uffff", "😀"]}'),
        ({"NS": ["10", "9", "-1", "1E+2", "+3"]}, '{"$ns": [-1, {"$n": "+3"}, 9, 10, 1E+2]}'),
        ({"BS": [b"\xff", b"\x7f", b""]}, '{"$bs": ["", "fw==", "/w=="]}'),
        ({"L": []}, "[]"),
        ({"L": [{"N": "1"}, {"M": {}}]}, "[1, {}]"),
        ({"M": {"b": {"N": "1"}, "a": {"SS": ["x"]}}}, '{"a": {"$ss": ["x"]}, "b": 1}'),
        ({"M": {"$ss": {"L": [{"S": "a"}]}}}, '{"$$ss": ["a"]}'),
        ({"M": {"$$ss": {"S": "a"}}}, '{"$$$ss": "a"}'),
        ({"M": {"$": {"S": "a"}}}, '{"$$": "a"}'),
        ({"M": {"$ss": {"S": "a"}, "x": {"S": "b"}}}, '{"$ss": "a", "x": "b"}'),
        ({"M": {"S": {"S": "x"}}}, '{"S": "x"}'),
        ({"M": {"$m": {"M": {"$m": {"M": {"m": {"NULL": True}}}}}}}, '{"$$m": {"$$m": {"m": null}}}'),
    ],
)
def test_the_canonical_form(value: Value, text: str) -> None:
    assert encode_value(value) == text
    assert equal(decode_value(text), value)


def test_the_item_is_laid_out_for_reading() -> None:
    item: Item = {
        "b": {"L": [{"N": "1"}, {"S": "two"}]},
        "a": {"M": {"z": {"SS": ["x"]}, "y": {"M": {}}}},
        "sk": {"N": "2"},
        "pk": {"S": "é\u202e"},
        "c": {"L": [{"M": {"k": {"N": "1"}}}]},
        "d": {"SS": ["a" * 40, "b" * 40]},
    }
    assert encode(item, ("pk", "sk", "gone", "pk")) == (
        "{\n"
        '  "pk": "é\\u202e",\n'
        '  "sk": 2,\n'
        '  "a": {\n'
        '    "y": {},\n'
        '    "z": {"$ss": ["x"]}\n'
        "  },\n"
        '  "b": [1, "two"],\n'
        '  "c": [\n'
        "    {\n"
        '      "k": 1\n'
        "    }\n"
        "  ],\n"
        '  "d": {"$ss": [\n'
        f'    "{"a" * 40}",\n'
        f'    "{"b" * 40}"\n'
        "  ]}\n"
        "}"
    )
    there_and_back(item)


def test_equal_items_have_one_text() -> None:
    one: Item = {"a": {"SS": ["x", "y"]}, "b": {"M": {"c": {"NS": ["1", "2"]}, "d": {"NULL": True}}}}
    other: Item = {"b": {"M": {"d": {"NULL": True}, "c": {"NS": ["2", "1"]}}}, "a": {"SS": ["y", "x"]}}
    assert encode(one) == encode(other)
    assert encode(one, indent=None) == '{"a": {"$ss": ["x", "y"]}, "b": {"c": {"$ns": [1, 2]}, "d": null}}'


def test_an_item_of_one_attribute_that_looks_like_a_tag() -> None:
    item: Item = {"$ss": {"L": [{"S": "a"}]}}
    assert encode(item, indent=None) == '{"$$ss": ["a"]}'
    there_and_back(item)


@pytest.mark.parametrize("text", ['{"b": {"$b": "-_8"}}', '{"b": {"$b": "+/8="}}', '{"b": {"$b": " +/\\n8 ="}}'])
def test_base64_as_people_paste_it(text: str) -> None:
    assert decode(text) == {"b": {"B": b"\xfb\xff"}}


@pytest.mark.parametrize(
    ("text", "line", "column", "reason"),
    [
        ("[1]", 1, 1, "an item is an object of attributes: { … }"),
        ('"a"', 1, 1, "an item is an object of attributes: { … }"),
        (
            '{"$ss": ["a"]}',
            1,
            1,
            'an item is an object of attributes; an attribute named "$ss" is written "$$ss"',
        ),
        ('{"a": {"$ss": []}}', 1, 15, "a set cannot be empty; remove the attribute instead"),
        ('{"a": {"$ss": ["x", 1]}}', 1, 21, 'this set holds texts: "a"; found a number'),
        ('{"a": {"$ns": [1,\n "2"]}}', 2, 2, "this set holds numbers: 1.5; found a text"),
        ('{"a": {"$ns": [null]}}', 1, 16, "this set holds numbers: 1.5; found null"),
        ('{"a": {"$bs": ["AA==", [1]]}}', 1, 24, 'this set holds base64 texts: "AAE="; found a list'),
        ('{"a": {"$ss": "x"}}', 1, 15, "expected a list, found a text"),
        ('{"a": {"$ss": ["x", "y", "x"]}}', 1, 26, "this member is in the set already"),
        ('{"a": {"$ss": ["é", "\\u00e9"]}}', 1, 21, "this member is in the set already"),
        (
            '{"a": {"$ns": [1, 2, 1.00]}}',
            1,
            22,
            "this member is in the set already; 1 and 1.0 are one number",
        ),
        (
            '{"a": {"$ns": [10, {"$n": "+1E1"}]}}',
            1,
            20,
            "this member is in the set already; 1 and 1.0 are one number",
        ),
        ('{"a": {"$bs": ["AA==", "AA"]}}', 1, 24, "this member is in the set already"),
        ('{"a": {"$b": "A"}}', 1, 14, "not base64: letters, digits, + and /, four for every three bytes"),
        ('{"a": {"$b": 5}}', 1, 14, "expected binary as a base64 text, found a number"),
        ('{"a": {"$n": "five"}}', 1, 14, '"five" is not a number'),
        ('{"a": {"$n": 5}}', 1, 14, "expected the number as a text, found a number"),
        (
            '{"a": {"$set": [1]}}',
            1,
            8,
            'nobody knows the type "$set"; there are $b, $ss, $ns, $bs, $n; a map with that name is written "$$set"',
        ),
        ('{"m": {"a": 1, "a": 2}}', 1, 16, 'the name "a" is here a second time'),
        (
            '{"a": "\\ud800"}',
            1,
            8,
            "half a character (a lone surrogate): it cannot be stored; write the whole character",
        ),
    ],
)
def test_what_is_refused_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(TextError) as error:
        decode(text)
    assert (error.value.line, error.value.column, error.value.reason) == (line, column, reason)


LONG = 400_000


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"$n": "' + "1" * LONG + 'E"}}',
        '{"a": ' + "1" * LONG + "x}",
        '{"a": "' + "\\\\" * LONG,
        '{"a"' + " " * LONG + "1}",
        '{"a": 1' + " " * LONG + "x}",
        '{"a": {"$b": "' + "A" * LONG + '%"}}',
        "/" * LONG,
        "//\n" * LONG,
        '{"a": [' + '"x",' * LONG,
    ],
    ids=["number", "digits", "backslashes", "blanks", "more blanks", "base64", "slashes", "comments", "list"],
)
def test_a_long_mistake_is_found_as_fast_as_it_is_read(text: str) -> None:
    """Work that grew with the square of the length would keep this test for hours."""
    with pytest.raises(TextError):
        decode(text)


def test_the_position_of_every_value() -> None:
    parsed = parse(
        "// table Orders\n"
        "{\n"
        '  "id": "a", "a.b": {"c d": [1, [2, "x"]]},\n'
        '  "m": {"$$ss": [{"$ss": ["p", "q"]}]},\n'
        '  "b": {"$b": "AA=="}\n'
        "}"
    )
    assert parsed.position(()) == (2, 1)
    assert parsed.position(("id",)) == (3, 9)
    assert parsed.position(("a.b",)) == (3, 21)
    assert parsed.position(("a.b", "c d")) == (3, 29)
    assert parsed.position(("a.b", "c d", 1, 1)) == (3, 37)
    assert parsed.position(("m", "$ss")) == (4, 17)
    assert parsed.position(("m", "$ss", 0)) == (4, 18)
    assert parsed.position(("m", "$ss", 0, 1)) == (4, 32)
    assert parsed.position(("b",)) == (5, 8)


def test_the_position_of_what_is_not_there_is_that_of_what_is_around_it() -> None:
    parsed = parse('{"a":\n {"b": 1}}')
    assert parsed.position(("a", "c")) == (2, 2)
    assert parsed.position(("a", "b", "c", 0)) == (2, 8)
    assert parsed.position(("x", "y")) == (1, 1)


class TestValuesLeftOut:
    BASE: ClassVar[Item] = {
        "id": {"S": "a"},
        "text": {"S": "x" * 1000},
        "blob": {"B": b"\x00" * 500},
        "map": {"M": {"small": {"N": "1"}, "$big": {"S": "y" * 800}}},
        "list": {"L": [{"S": "z" * 700}, {"N": "2"}]},
        "many": {"L": [{"N": str(place)} for place in range(400)]},
        "set": {"SS": [f"member {place}" for place in range(50)]},
    }

    def text(self) -> str:
        return encode(self.BASE, ("id",), elide_over=300)

    def test_they_come_back_from_the_base(self) -> None:
        assert "xxx" not in self.text()
        assert '"small": 1' in self.text()
        assert self.text().count("$keep") == 6
        assert len(self.text()) < 700
        assert parse(self.text(), self.BASE).item == self.BASE

    def test_what_stands_for_them_tells_type_and_size(self) -> None:
        assert '"text": {"$keep": "S 1000B sha256:' in self.text()
        assert '"blob": {"$keep": "B 500B sha256:' in self.text()

    def test_the_rest_is_edited_as_usual(self) -> None:
        edited = parse(self.text().replace('"small": 1', '"small": 2'), self.BASE).item
        assert edited["map"]["M"]["small"] == {"N": "2"}
        assert edited["map"]["M"]["$big"] == self.BASE["map"]["M"]["$big"]
        assert edited["text"] == self.BASE["text"]

    def test_small_items_are_whole(self) -> None:
        assert encode({"a": {"S": "x" * 300}}, elide_over=300) == encode({"a": {"S": "x" * 300}})

    @pytest.mark.parametrize("base", [None, {}, {"text": {"NULL": True}}])
    def test_without_a_base_there_is_nothing_to_keep(self, base: Item | None) -> None:
        with pytest.raises(TextError) as error:
            parse(encode({"text": self.BASE["text"]}, elide_over=300), base)
        assert (error.value.line, error.value.column) == (2, 21)
        assert "$keep works only in its own place" in error.value.reason

    def test_another_base_is_refused(self) -> None:
        changed = {**self.BASE, "text": {"S": "x" * 999 + "y"}}
        with pytest.raises(TextError, match="the value stored here is not the one this stands for"):
            parse(self.text(), changed)

    def test_a_moved_value_is_refused(self) -> None:
        with pytest.raises(TextError, match="nothing is stored here that could be kept"):
            parse(self.text().replace('"text"', '"renamed"'), self.BASE)

    def test_a_damaged_mark_is_refused(self) -> None:
        with pytest.raises(TextError, match="no longer names the value left out"):
            parse(self.text().replace("S 1000B", "S one B"), self.BASE)

    def test_a_real_map_with_that_name_is_no_mark(self) -> None:
        item: Item = {"m": {"M": {"$keep": {"S": "S 1B sha256:0000000000000000"}}}}
        assert decode(encode(item)) == item
