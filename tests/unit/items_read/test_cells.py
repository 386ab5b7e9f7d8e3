from __future__ import annotations

import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain.rows import CellKind, order_key
from dbtui.domain.wire import encode_item, outline
from dbtui.items.cells import ENTRIES, TEXT_LENGTH, cell_of, raw_cell, time_cell
from tests.requirements import FULL
from tests.unit.items_read.world import n, s

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def raw_of(value: dict[str, Any]) -> msgspec.Raw:
    return outline(encode_item({"a": value}))["a"]


class TestWhatIsThere:
    def test_absent_null_and_empty_are_three_things(self) -> None:
        kinds = [cell_of(None).kind, cell_of({"NULL": True}).kind, cell_of(s("")).kind, cell_of(s(" ")).kind]
        assert kinds == [CellKind.ABSENT, CellKind.NULL, CellKind.EMPTY, CellKind.VALUE]

    def test_empty_binary_list_and_map_show_what_they_are(self) -> None:
        assert [cell_of(value).text for value in ({"B": b""}, {"L": []}, {"M": {}})] == ['b""', "[0]", "{}"]


class TestTexts:
    @pytest.mark.parametrize("text", ["Bonn", "2024-01-02", "10.0.0.1", "a b", "1,000", "trueish", "+49 228", "é日"])
    def test_stand_for_themselves(self, text: str) -> None:
        assert cell_of(s(text)).text == text

    @pytest.mark.parametrize(
        "text", ["007", "1", "-1.5", "1E+5", "true", "FALSE", "null", "NULL", "–", "[0]", "{}", '"q"', 'b"eA=="']
    )
    def test_are_quoted_where_they_could_be_taken_for_another_type(self, text: str) -> None:
        assert cell_of(s(text)).text == f'"{text}"'

    @pytest.mark.parametrize(("text", "shown"), [(" a", '" a"'), ("a ", '"a "'), ("a\n", '"a\\n"'), ("\t", '"\\t"')])
    def test_are_quoted_where_blanks_would_not_be_seen(self, text: str, shown: str) -> None:
        assert cell_of(s(text)).text == shown
        assert cell_of(s(text), ambiguous=False).text == shown

    def test_of_a_key_whose_type_is_known_stand_bare(self) -> None:
        assert cell_of(s("007"), ambiguous=False).text == "007"

    def test_control_and_bidi_characters_are_escaped(self) -> None:
        assert cell_of(s("a\x1b[31m\u202eb")).text == "a\\x1b[31m\\u202eb"
        assert cell_of({"M": {"k\x1b": s("\u202e")}}).text == "{k\\x1b: \\u202e}"
        assert cell_of({"N": "1\x1b"}).text == "1\\x1b"

    def test_long_ones_are_cut(self) -> None:
        cell = cell_of(s("x" * 400_000))
        assert len(cell.text) == TEXT_LENGTH + 1
        assert cell.text.endswith("…")


class TestNumbers:
    @pytest.mark.parametrize("text", ["1.10", "1E+125", "1E-130", "12345678901234567890123456789012345678", "-0.50"])
    def test_peer_defects_3_19_and_32_are_verbatim(self, text: str) -> None:
        assert cell_of(n(text)).text == text
        assert cell_of(n(text)).style == "number"

    def test_sort_exactly_by_value(self) -> None:
        texts = ["10", "9", "-1", "1E+2", "9007199254740993", "9007199254740992", "1E-130", "0"]
        ordered = sorted(texts, key=lambda text: order_key(cell_of(n(text))))
        assert ordered == sorted(texts, key=Decimal)

    @pytest.mark.parametrize("text", ["NaN", "Infinity", "", "1_000", "1" * 500])
    def test_what_is_none_is_shown_and_harms_nobody(self, text: str) -> None:
        cells = [cell_of(n(text)), cell_of(n("1"))]
        assert sorted(cells, key=order_key)
        assert cells[0].text.startswith(text[:200])


@pytest.mark.parametrize(
    ("value", "text", "style"),
    [
        ({"BOOL": True}, "true", "type-boolean"),
        ({"BOOL": False}, "false", "type-boolean"),
        ({"B": b"\x00\x01\xff"}, 'b"AAH/"', "type-binary"),
        ({"SS": ["a", "b c"]}, "{a, b c}", "type-set"),
        ({"SS": ["1", "a,b"]}, '{"1", "a,b"}', "type-set"),
        ({"NS": ["1", "2.50"]}, "{1, 2.50}", "type-set"),
        ({"BS": [b"x"]}, '{b"eA=="}', "type-set"),
        ({"L": [s("a"), n(1), {"NULL": True}, s("")]}, '[4] a, 1, NULL, ""', "type-list"),
        ({"M": {"city": s("Bonn"), "zip": s("53111")}}, '{city: Bonn, zip: "53111"}', "type-map"),
        ({"M": {"a": {"M": {"b": {"L": [{"BOOL": True}]}}}}}, "{a: {b: [1] true}}", "type-map"),
    ],
)
def test_other_types_show_their_beginning(value: dict[str, Any], text: str, style: str) -> None:
    assert cell_of(value)[:2] == (text, style)
    assert raw_cell(raw_of(value), "a") == cell_of(value)


def test_a_long_collection_tells_how_much_there_is() -> None:
    text = cell_of({"L": [n(number) for number in range(500)]}).text
    assert text.startswith("[500] 0, 1, 2")
    assert text.endswith("… 500 in all")
    assert text.count(",") == ENTRIES


def test_long_binary_tells_its_size() -> None:
    assert cell_of({"B": bytes(2048)}).text.endswith('…" 2.00 KiB')


def test_binary_keys_show_as_they_are_typed() -> None:
    assert cell_of({"B": b"\x00\x01\xff"}, ambiguous=False).text == "AAH/"


VALUES = st.recursive(
    st.one_of(
        st.builds(s, st.text(st.characters(exclude_categories=["Cs"]), max_size=30)),
        st.integers().map(n),
        st.binary(max_size=40).map(lambda data: {"B": data}),
        st.booleans().map(lambda flag: {"BOOL": flag}),
        st.just({"NULL": True}),
        st.sets(st.integers(), min_size=1, max_size=20).map(
            lambda members: {"NS": [str(member) for member in members]}
        ),
        st.sets(st.binary(max_size=5), min_size=1, max_size=20).map(lambda members: {"BS": list(members)}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=20).map(lambda members: {"L": members}),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=20).map(
            lambda members: {"M": members}
        ),
    ),
    max_leaves=40,
)


@settings(max_examples=2000 if FULL else 200, deadline=None)
@given(VALUES)
def test_cells_are_short_printable_and_the_same_from_raw_bytes(value: dict[str, Any]) -> None:
    cell = cell_of(value)
    assert len(cell.text) < 8 * TEXT_LENGTH
    assert "\n" not in cell.text and "\x1b" not in cell.text
    assert raw_cell(raw_of(value), "a")[:3] == cell[:3]
    order_key(cell)


@pytest.mark.parametrize(
    "value",
    [
        s("x" * 400_000),
        s("é" * 200_000),
        {"B": bytes(300_000)},
        {"L": [n(number) for number in range(30_000)]},
        {"L": [{"L": [s("x" * 100_000)]}, {"M": {"a": s("y" * 200_000)}}]},
        {"M": {f"name {number}": s("value") for number in range(12_000)}},
        {"SS": [f"member {number}" for number in range(20_000)]},
        {"NS": [str(number) for number in range(30_000)]},
    ],
)
def test_the_largest_value_is_a_short_cell_soon(value: dict[str, Any]) -> None:
    raw = raw_of(value)
    start = time.perf_counter()
    cell = raw_cell(raw, "a")
    took = time.perf_counter() - start
    assert len(cell.text) < 4 * TEXT_LENGTH
    assert cell.text == cell_of(value).text
    print(f"{min(value)} of {len(bytes(raw)):,} B: {took * 1000:.2f} ms")


def test_bytes_that_are_no_value_show_as_such() -> None:
    assert raw_cell(msgspec.Raw(b'{"X":1}'), "a").style == "danger"
    assert raw_cell(msgspec.Raw(b'{"S":1,"N":"2"}'), "a").style == "danger"


class TestTimes:
    def test_epoch_seconds(self) -> None:
        cell = time_cell(n(1_700_000_000), NOW)
        assert cell.text == "2023-11-14 22:13:20 UTC"
        assert cell.sort_key == 1_700_000_000

    def test_milliseconds_are_recognised_and_said(self) -> None:
        assert time_cell(n(1_700_000_000_000), NOW).text == "2023-11-14 22:13:20 UTC (ms)"

    def test_expired_is_said_of_the_time_to_live(self) -> None:
        assert time_cell(n(1_700_000_000), NOW, expires=True).text == "2023-11-14 22:13:20 UTC expired"
        assert time_cell(n(1_900_000_000), NOW, expires=True).text == "2030-03-17 17:46:40 UTC"

    def test_milliseconds_as_time_to_live_are_warned_of(self) -> None:
        assert time_cell(n(1_700_000_000_000), NOW, expires=True).style == "warn"

    @pytest.mark.parametrize("value", [None, s("1700000000"), {"NULL": True}, n("1E+125"), n("-1E+20"), n("x")])
    def test_what_is_no_time_shows_as_always(self, value: dict[str, Any] | None) -> None:
        assert time_cell(value, NOW) == cell_of(value)

    def test_fractions_and_times_before_1970(self) -> None:
        assert time_cell(n("1700000000.75"), NOW).text == "2023-11-14 22:13:20 UTC"
        assert time_cell(n("-1"), NOW).text == "1969-12-31 23:59:59 UTC"
