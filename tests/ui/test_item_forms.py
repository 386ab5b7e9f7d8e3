"""How values are typed and shown: every spelling is lossless, conversions say what they do, lines stay few."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ui.item_bench import KEY, ORDER, ORDERS

from dbtui.domain import typed_json
from dbtui.domain.text import cell_width
from dbtui.domain.values import Item, Value, equal
from dbtui.items.writes import delete_write
from dbtui.ui import item_text
from dbtui.ui.attribute_forms import FormError, Spelling, converted, natural, spellings, text_of, value_of
from dbtui.ui.item_judging import judge
from dbtui.ui.screens.write_plan_text import TYPED_LIMIT, question
from dbtui.ui.terminal import place_arguments
from dbtui.ui.widgets.item_document import wrapped
from dbtui.ui.widgets.item_lines import MANY, Fold, Folding, Form, is_large, item_lines, size_text
from dbtui.ui.widgets.text_field import json_clean

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
AWKWARD = st.one_of(
    TEXTS, st.text(st.sampled_from(["\\", "n", "x", "1", "b", "\n", "\r", "\t", "\u2028", "\x85", "\x00", "é"]))
)


@settings(max_examples=300, deadline=None)
@given(AWKWARD)
def test_a_string_survives_its_natural_spelling_and_escapes(text: str) -> None:
    value = {"S": text}
    for spelling in (natural(value), Spelling.ESCAPES):
        written = text_of(value, spelling)
        assert written.splitlines() == ([] if not written else written.split("\n")) or written.endswith("\n")
        assert value_of(written, "S", spelling) == value


@settings(max_examples=200, deadline=None)
@given(st.lists(AWKWARD.filter(bool), min_size=1, max_size=5, unique=True))
def test_a_string_set_survives(members: list[str]) -> None:
    value = {"SS": members}
    assert equal(value_of(text_of(value, natural(value)), "SS", natural(value)), value)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=30))
def test_binary_survives_base64_and_hex(data: bytes) -> None:
    for spelling in (Spelling.BASE64, Spelling.HEX):
        assert value_of(text_of({"B": data}, spelling), "B", spelling) == {"B": data}


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", "N", "a number needs a digit"),
        ("1e126", "N", "out of range"),
        ("a\\q", "S", "line 1, column 2: a backslash is written"),
        ("\\ud800", "S", "is no character"),
        ("zz", "B", "not base64|base64"),
        ("1\n1.0", "NS", "line 2: this element is in the set already"),
        ("\n\n", "SS", "a set cannot be empty"),
        ('{"a": 1', "M", "line 1"),
        ("[1]", "M", "this is a list; the attribute is a map"),
    ],
)
def test_what_is_no_value_says_why(text: str, kind: str, reason: str) -> None:
    spelling = Spelling.ESCAPES if kind == "S" else spellings(kind)[0]
    with pytest.raises(FormError, match=reason):
        value_of("zzz~" if kind == "B" else text, kind, spelling)


@pytest.mark.parametrize(
    ("value", "kind", "becomes"),
    [
        ({"S": "12"}, "N", {"N": "12"}),
        ({"N": "1.10"}, "S", {"S": "1.10"}),
        ({"S": "true"}, "BOOL", {"BOOL": True}),
        ({"N": "0"}, "BOOL", {"BOOL": False}),
        ({"S": "a"}, "SS", {"SS": ["a"]}),
        ({"SS": ["b", "a"]}, "L", {"L": [{"S": "a"}, {"S": "b"}]}),
        ({"L": [{"N": "1"}, {"N": "2"}]}, "NS", {"NS": ["1", "2"]}),
        ({"S": '{"a": 1}'}, "M", {"M": {"a": {"N": "1"}}}),
        ({"M": {"a": {"N": "1"}}}, "S", {"S": '{"a": 1}'}),
        ({"B": b"hi"}, "S", {"S": "hi"}),
        ({"NULL": True}, "S", {"S": ""}),
    ],
)
def test_a_type_changes_where_that_says_the_same(value: Value, kind: str, becomes: Value) -> None:
    assert converted(value, kind) == becomes


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        ({"S": "abc"}, "N", "not a number"),
        ({"S": "abc"}, "BOOL", "only true and false"),
        ({"N": "2"}, "BOOL", "only 0 and 1"),
        ({"B": b"\xff"}, "S", "not UTF-8"),
        ({"L": [{"N": "1"}, {"S": "a"}]}, "NS", "not a number"),
        ({"L": [{"N": "1"}, {"N": "1.0"}]}, "NS", "occurs twice"),
        ({"L": []}, "SS", "cannot be empty"),
        ({"M": {}}, "SS", "a map is no string set"),
        ({"NULL": True}, "N", "type one"),
    ],
)
def test_an_impossible_change_of_type_says_why(value: Value, kind: str, reason: str) -> None:
    with pytest.raises(FormError, match=reason):
        converted(value, kind)


@settings(max_examples=200, deadline=None)
@given(AWKWARD)
def test_the_text_of_an_item_means_the_same_after_it_was_made_visible(text: str) -> None:
    item: Item = {"pk": {"S": text}, "raw": {"S": "x" + text}}
    raw = typed_json.encode(item)
    assert typed_json.decode(json_clean(raw)) == item
    assert len(json_clean(raw).splitlines()) == raw.count("\n") + 1


def test_lines_are_few_however_large_the_item_is() -> None:
    many: Item = {**KEY, **{f"a{n}": {"S": "x"} for n in range(5_000)}, "l": {"L": [{"N": "1"}] * 50_000}}
    lines = item_lines(many, ("pk", "sk"), Form.JSON, Folding())
    assert len(lines) < 2 * MANY
    assert lines[-2].fold is Fold.MORE
    assert is_large(many["l"])
    assert not is_large({"L": [{"N": "1"}] * MANY})


@settings(max_examples=100, deadline=None)
@given(AWKWARD, st.integers(20, 90))
def test_wrapped_rows_fit_and_lose_nothing(text: str, width: int) -> None:
    item: Item = {"pk": {"S": text * 5}}
    for line in item_lines(item, ("pk",), Form.JSON, Folding(whole={("pk",)})):
        rows = list(wrapped(line, width))
        assert all(sum(cell_width(piece) for piece, _ in row) <= width for row in rows)
        shown = "".join(piece for row in rows for piece, _ in row[1:])
        assert shown == "".join(piece for piece, _ in line.spans)


def test_a_real_map_named_like_a_tag_is_told_from_the_tag() -> None:
    item: Item = {"pk": {"S": "a"}, "m": {"M": {"$ss": {"L": [{"S": "a"}]}}}}
    shown = "".join(text for line in item_lines(item, (), Form.JSON, Folding()) for text, _ in line.spans)
    assert '"$$ss"' in shown


def test_sizes_and_costs_are_those_of_dynamodb() -> None:
    assert (size_text(1023), size_text(1229), size_text(400 * 1024)) == ("1023 B", "1.2 KB", "400 KB")
    assert item_text.gauge(ORDERS, ORDER) == "108 B of 400 KB · 1 WCU + 1 on by-status"
    assert item_text.gauge(ORDERS, KEY) == "21 B of 400 KB · 1 WCU"


def test_the_skeleton_is_typed_json_with_the_index_keys_as_comments() -> None:
    text = item_text.skeleton(ORDERS)
    assert typed_json.decode(text) == {"pk": {"S": ""}, "sk": {"S": ""}}
    assert text.startswith('// "status": "",  partition key of index by-status')


def test_our_header_comes_off_and_comments_of_the_person_stay() -> None:
    header = item_text.header(ORDERS, KEY, datetime(2026, 11, 23, 9, 0, tzinfo=UTC))
    text = "// mine\n{}"
    assert item_text.without_header(header, item_text.with_header(header, text)) == text
    assert judge(item_text.with_header(header, text), None, ORDERS).is_json


def test_long_values_show_where_they_differ() -> None:
    before, after = {"S": "a" * 500 + "OLD" + "z" * 500}, {"S": "a" * 500 + "NEW" + "z" * 500}
    was, now = item_text.before_and_after(before, after, 60)
    assert "OLD" in was and "NEW" in now
    assert len(was) < 64 and was.startswith("…") and was.endswith("…")


def test_a_key_no_keyboard_can_type_is_not_asked_for() -> None:
    long = {**KEY, "pk": {"S": "x" * (TYPED_LIMIT + 1)}}
    assert question(delete_write(ORDERS, ORDER)).expected == "user#42 / order#0007"
    assert question(delete_write(ORDERS, long)).expected == "orders"
    assert question(delete_write(ORDERS, {**KEY, "sk": {"S": "a\n"}})).expected == "orders"


@pytest.mark.parametrize(
    ("editor", "arguments"),
    [
        ("nvim", ["+3", "+normal! 7|", "/f"]),
        ("nano", ["+3,7", "/f"]),
        ("emacsclient", ["+3:7", "/f"]),
        ("code", ["-g", "/f:3:7"]),
        ("hx", ["/f:3:7"]),
        ("my-editor", ["/f"]),
    ],
)
def test_editors_open_at_line_and_column(editor: str, arguments: list[str]) -> None:
    assert place_arguments(editor, Path("/f"), (3, 7)) == arguments
    assert place_arguments(editor, Path("/f"), None) == ["/f"]


def test_ages_are_told_as_people_say_them() -> None:
    now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert item_text.age(now - timedelta(seconds=3), now) == "just now"
    assert item_text.age(now - timedelta(minutes=5), now) == "5 min ago"
