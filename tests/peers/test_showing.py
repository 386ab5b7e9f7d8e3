"""Showing and handing out: every value of every type, exactly, and no value that ends the program."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain import typed_json
from dbtui.domain.rows import CellKind, order_key
from dbtui.domain.text import graphemes
from dbtui.domain.values import Item, Value, equal
from dbtui.domain.wire import encode_item, outline
from dbtui.gateway.fake import FakeGateway
from dbtui.items.cells import TEXT_LENGTH, cell_of, raw_cell, time_cell
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.screens.items import ItemsScreen
from tests import torture
from tests.cli.fake_cloud import DEV, FakeCloud
from tests.cli.harness import Harness
from tests.peers.conftest import Aws
from tests.peers.items_bench import MakeApp, opened, order, sheet
from tests.requirements import FULL
from tests.ui.conftest import NOW

# -- 10: CSV ----------------------------------------------------------------------------------------------------------

TYPES: dict[str, Value] = {
    "S": {"S": "text"},
    "N": {"N": "-12.50"},
    "B": {"B": b"\x00\xff"},
    "BOOL": {"BOOL": False},
    "NULL": {"NULL": True},
    "SS": {"SS": ["a", "b"]},
    "NS": {"NS": ["1", "2.50"]},
    "BS": {"BS": [b"\x00"]},
    "L": {"L": [{"N": "1"}, {"S": "x,y"}, {"NULL": True}]},
    "M": {"M": {"deep": {"M": {"er": {"SS": ["z"]}}}}},
    "empty L": {"L": []},
    "empty M": {"M": {}},
    "zero": {"N": "0"},
}
PLAIN = {"S": "text", "N": "-12.50", "B": "AP8=", "BOOL": "false", "NULL": "null", "zero": "0"}


@pytest.mark.parametrize("verb", ["get", "scan", "query"])
def test_10_csv_never_leaves_a_value_blank(dbtui: Harness, cloud: FakeCloud, verb: str) -> None:
    """The CSV export left every list, map, set, binary and null blank, as if it were not there."""
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}, **TYPES}])
    words = {"get": ["pk=a"], "scan": ["--yes"], "query": ["--pk", "a"]}[verb]
    done = dbtui.run(verb, "table/orders", *words, "-o", "csv")
    assert done.code == 0, done.err
    (row,) = csv.DictReader(io.StringIO(done.out, newline=""))
    assert set(row) == {"pk", *TYPES}
    assert all(row.values())
    for name, value in TYPES.items():
        if name in PLAIN:
            assert row[name] == PLAIN[name]
        else:
            assert equal(typed_json.decode_value(row[name]), value), name


def test_10_csv_tells_null_from_what_is_not_there(dbtui: Harness, cloud: FakeCloud) -> None:
    """The same where rows have different attributes: only what is not there, and an empty text, is blank."""
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}, "v": {"NULL": True}}, {"pk": {"S": "b"}}])
    rows = csv.DictReader(io.StringIO(dbtui.run("scan", "table/orders", "--yes", "-o", "csv").out, newline=""))
    assert {row["pk"]: row["v"] for row in rows} == {"a": "null", "b": ""}


# -- 15: cutting texts ------------------------------------------------------------------------------------------------

WIDE = ("é", "e\u0301", "日", "😀", "👩‍👩‍👧‍👦", "🇮🇪", "👍🏽", "\u202e", "\x1b[31m")


@pytest.mark.parametrize("piece", WIDE, ids=ascii)
def test_15_a_text_is_cut_between_its_characters(piece: str) -> None:
    """A long value was cut at a fixed byte: where that fell into a character, the program ended."""
    for before in range(TEXT_LENGTH - 12, TEXT_LENGTH + 4):
        for value in ({"S": "x" * before + piece * 40}, {"M": {"x" * before + piece: {"S": piece * 200}}}):
            cell = raw_cell(outline(encode_item({"a": value}))["a"], "a")
            assert cell.text == cell_of(value).text
            assert "\ufffd" not in cell.text
            cell.text.encode()


@settings(max_examples=2000 if FULL else 200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=60).map(lambda text: text * 5))
def test_15_any_text_is_cut_between_its_characters(text: str) -> None:
    """The same for whatever may be stored."""
    cell = raw_cell(outline(encode_item({"a": {"S": text}}))["a"], "a")
    assert cell.text == cell_of({"S": text}).text
    cell.text.encode()


@pytest.mark.parametrize("width", range(40, 52))
async def test_15_wide_texts_are_painted_at_every_width(make_app: MakeApp, gateway: FakeGateway, width: int) -> None:
    """The same for what the column leaves room for: wide and combined characters are never cut in two."""
    texts = [f"{'x' * number}{WIDE[number % 7] * 60}" for number in range(14)]
    items = [order(number, note={"S": text}) for number, text in enumerate(texts)]
    async with sheet(make_app, gateway, items, size=(width, 24)) as it:
        await it.asks("user#1", 14)
        await it.goes_to("note")
        await it.press(*["right_square_bracket"] * (width % 5))
        await it.pilot.pause()
        shown = it.text
        assert "\ufffd" not in shown
        whole = {piece for text in texts for piece, _ in graphemes(text)}
        joined = [piece for piece, _ in graphemes(shown) if len(piece) > 1]
        assert all(piece in whole for piece in joined), joined


# -- 19: numbers in output --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["json", "jsonl", "csv"])
@pytest.mark.parametrize("verb", ["get", "scan", "query"])
def test_19_numbers_are_written_digit_by_digit(dbtui: Harness, cloud: FakeCloud, verb: str, output: str) -> None:
    """Numbers were written as 64-bit integers or floats: negative ones beyond 2^53 and long decimals were rounded."""
    texts = [*torture.NUMBERS.values(), *(f"-{text}" for text in torture.NUMBERS.values() if text[0] != "-")]
    numbers: Item = {f"n{place}": {"N": text} for place, text in enumerate(texts)}
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}, **numbers}])
    words = {"get": ["pk=a"], "scan": ["--yes"], "query": ["--pk", "a"]}[verb]
    done = dbtui.run(verb, "table/orders", *words, "-o", output)
    assert done.code == 0, done.err
    if output == "csv":
        (row,) = csv.DictReader(io.StringIO(done.out, newline=""))
    else:
        read = json.loads(done.out, parse_int=str, parse_float=str)
        row = read[0] if isinstance(read, list) else read
    assert {name: row[name] for name in numbers} == {name: value["N"] for name, value in numbers.items()}


def test_19_numbers_on_a_terminal_are_not_rounded(dbtui: Harness, cloud: FakeCloud) -> None:
    """The same for what a person is shown."""
    number = "-3.1415926535897932384626433832795028841"
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}, "n": {"N": number}}])
    assert number in dbtui.terminal("get", "table/orders", "pk=a").out
    shown = dbtui.terminal("scan", "table/orders", "--yes").out.split()[-1]
    assert shown == number or (shown.endswith("…") and number.startswith(shown[:-1]))


# -- 24: numbers nobody expects ---------------------------------------------------------------------------------------

UNEXPECTED = {
    **torture.NUMBERS,
    "200 digits": "9" * 200,
    "a large exponent": "1E+9999999",
    "a large negative exponent": "-1E-9999999",
    "a giant exponent": "1E+99999999999999999999",
    "no number": "NaN",
    "infinite": "-Infinity",
    "nothing": "",
    "words": "twelve",
}
"""Legal ones, and some that no service should send: a program that only looks at them must not end for it."""


async def test_24_no_number_ends_the_program(make_app: MakeApp, gateway: FakeGateway) -> None:
    """A number with more digits or another exponent than the program's decimal type ended it, by one such item."""
    items = [order(place, v={"N": text}) for place, text in enumerate(UNEXPECTED.values())]
    async with sheet(make_app, gateway, items, size=(160, 40)) as it:
        await it.asks("user#1", len(items))
        await it.goes_to("v")
        await it.sorts("v")
        legal = [text for text in it.column("v") if text in torture.NUMBERS.values()]
        assert [Decimal(text) for text in legal] == sorted(map(Decimal, torture.NUMBERS.values()))
        await it.goes_to("v")
        await it.press("t")
        await it.pilot.pause()
        await it.press("t", "T")
        await it.pilot.pause()
        await it.press("T")
        await it.narrows("1E-130", 2)
        await it.press("escape")
        await it.rows_are(len(items))
        await it.press("g")
        for _ in items:
            await it.press("enter")
            await it.on(ItemView)
            await it.press("t", "escape")
            await it.on(ItemsScreen)
            await it.press("j")


async def test_24_the_numbers_of_a_server_are_shown(aws: Aws) -> None:
    """The same before a server, which may write a number in another form than it was given."""
    async with opened(aws.app("item/all-types?id=numbers"), (160, 40)) as it:
        await it.rows_are(1)
        await it.press("enter")
        await it.on(ItemView)
        await it.sees("9007199254740993", "12345678901234567890123456789012345678", "1767225600123")
        await it.sees("3.1415926535897932384626433832795028841")


@pytest.mark.parametrize("text", UNEXPECTED.values(), ids=UNEXPECTED)
def test_24_a_cell_of_any_number_is_made_and_sorts(text: str) -> None:
    """The same for one cell, alone and within what it may be in."""
    values: list[dict[str, Any]] = [
        {"N": text},
        {"NS": [text]},
        {"L": [{"N": text}]},
        {"M": {"a": {"N": text}}},
    ]
    for value in values:
        raw = msgspec.Raw(msgspec.json.encode(value))
        assert order_key(raw_cell(raw, "a"))
        assert time_cell(value, NOW, expires=True).kind is CellKind.VALUE
        assert raw_cell(raw, "a").text == cell_of(value).text
