"""Laws of the codecs, searched by hypothesis, which finds the smallest item or text that breaks one."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.typed_json import TextError
from dbtui.domain.validation import problems
from dbtui.domain.values import Item, Path, Value, copy_item, equal, items_equal
from dbtui.domain.wire import attribute, attribute_names, decode_item, encode_item
from tests import strategies
from tests.requirements import FULL

many = settings(max_examples=1000 if FULL else 100, deadline=None)
INDENTS = st.sampled_from((None, 0, 2, 4))


@many
@given(strategies.keyed_items(), INDENTS)
def test_typed_json_there_and_back(item: Item, indent: int | None) -> None:
    text = typed_json.encode(item, ("id",), indent=indent)
    assert items_equal(typed_json.decode(text), item)
    assert typed_json.encode(typed_json.decode(text), ("id",), indent=indent) == text
    assert text.startswith(('{"id": ', '{\n "id": ', '{\n"id": ', '{\n  "id": ', '{\n    "id": '))
    json.loads(text)


@many
@given(strategies.values(), INDENTS)
def test_values_there_and_back(value: Value, indent: int | None) -> None:
    assert equal(typed_json.decode_value(typed_json.encode_value(value, indent=indent)), value)
    assert equal(dynamodb_json.decode_value(dynamodb_json.encode_value(value, indent=indent)), value)


@many
@given(strategies.items(), INDENTS)
def test_dynamodb_json_there_and_back(item: Item, indent: int | None) -> None:
    text = dynamodb_json.encode(item, indent=indent)
    assert items_equal(dynamodb_json.decode(text), item)
    assert dynamodb_json.encode(dynamodb_json.decode(text), indent=indent) == text
    json.loads(text)


@many
@given(strategies.items())
def test_the_wire_there_and_back(item: Item) -> None:
    raw = encode_item(item)
    assert decode_item(raw) == item
    assert {name: attribute(raw, name) for name in attribute_names(raw)} == item


@many
@given(strategies.items())
def test_the_text_is_canonical_whatever_the_order(item: Item) -> None:
    shuffled = {name: _reversed(value) for name, value in reversed(item.items())}
    assert items_equal(shuffled, item)
    assert typed_json.encode(shuffled) == typed_json.encode(item)
    assert dynamodb_json.encode(shuffled) == dynamodb_json.encode(item)


@many
@given(strategies.items())
def test_nothing_changes_what_it_is_given(item: Item) -> None:
    before = copy_item(item)
    typed_json.encode(item, elide_over=10)
    dynamodb_json.encode(item)
    encode_item(item)
    assert item == before
    assert problems(item, None) == []


@many
@given(strategies.items(), st.integers(0, 40))
def test_values_left_out_come_back(item: Item, limit: int) -> None:
    text = typed_json.encode(item, elide_over=limit)
    assert items_equal(typed_json.parse(text, item).item, item)


@many
@given(strategies.items(), INDENTS, st.booleans())
def test_every_value_stands_where_its_position_says(item: Item, indent: int | None, commented: bool) -> None:
    text = typed_json.encode(item, indent=indent)
    if commented and indent is not None:
        text = "// a comment\n" + text.replace("\n", "\n  // another {\n")
    parsed = typed_json.parse(text)
    lines = text.split("\n")
    for path, value in _paths({"M": item}, ()):
        line, column = parsed.position(path)
        written = typed_json.encode_value(value)
        assert lines[line - 1][column - 1] == written[0]
        if value.keys() & {"S", "N", "B", "BOOL", "NULL"}:
            assert lines[line - 1].startswith(written, column - 1)


@many
@given(st.text(st.characters()))
def test_any_text_gives_an_item_or_a_located_error(text: str) -> None:
    for decode in (typed_json.decode, dynamodb_json.decode):
        try:
            decode(text)
        except TextError as error:
            line = text.split("\n")[error.line - 1]
            assert 1 <= error.column <= len(line) + 1


@many
@given(st.binary())
def test_any_bytes_give_an_item_or_a_clear_error(raw: bytes) -> None:
    for read in (decode_item, attribute_names, lambda raw: attribute(raw, "a")):
        try:
            read(raw)
        except ValueError as error:
            assert "the reply" in str(error)


def _reversed(value: Value) -> Value:
    ((kind, content),) = value.items()
    if kind in ("SS", "NS", "BS"):
        return {kind: content[::-1]}
    if kind == "L":
        return {kind: [_reversed(each) for each in content]}
    if kind == "M":
        return {kind: {name: _reversed(each) for name, each in reversed(content.items())}}
    return value


def _paths(value: Value, path: Path) -> Iterator[tuple[Path, Value]]:
    yield path, value
    for name, each in value.get("M", {}).items():
        yield from _paths(each, (*path, name))
    for place, each in enumerate(value.get("L", ())):
        yield from _paths(each, (*path, place))
