"""Reading before a real server: the first page again, keys of every type, keys of every character, legal numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal, Inexact, Rounded, localcontext

import pytest
from textual.widgets import Input

from dbtui.domain.item_place import item_place
from dbtui.domain.key_query import ScanOf, read_query
from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item, key_of, key_text
from dbtui.gateway.fake import FakeGateway
from dbtui.items.edit import EditSession
from dbtui.items.pager import Budget, Stop
from dbtui.items.rows import ItemRows
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.screens.items import ItemsScreen
from tests import torture
from tests.cli.fake_cloud import DEV, FakeCloud
from tests.cli.harness import Harness
from tests.peers.conftest import Aws, held
from tests.peers.items_bench import MakeApp, opened, order, sheet
from tests.ui.conftest import table

# -- 8: the first page ------------------------------------------------------------------------------------------------


async def test_08_a_reload_never_shows_the_next_page(aws: Aws) -> None:
    """A rescan began at the key where the page before had ended: it showed the next page instead of the same again."""
    aws.server.pages(7)
    async with opened(aws.app("table/orders")) as it:
        await it.form()
        await it.press("ctrl+l")
        await it.rows_are(7)
        first = it.held
        await it.press("r")
        await it.until("it was read again", lambda: len(aws.server.calls("Scan")) == 2)
        await it.rows_are(7)
        assert it.held == first
        await it.press("greater_than_sign")
        await it.rows_are(14)
        assert it.held[:7] == first
        await it.press("r")
        await it.until("it was read again", lambda: len(aws.server.calls("Scan")) == 4)
        await it.rows_are(7)
        assert it.held == first
        starts = ["ExclusiveStartKey" in call["params"] for call in aws.server.calls("Scan")]
        assert starts == [False, False, True, False]


async def test_08_a_repeated_query_begins_at_its_start(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The same for a query, and for asking the same again in the form."""
    gateway.page_size = 60
    orders = [order(number) for number in range(90)]
    async with sheet(make_app, gateway, orders) as it:
        await it.asks("user#1", 60)
        first = it.held
        await it.press("G")
        await it.rows_are(90)
        await it.press("g", "r")
        await it.rows_are(60)
        assert it.held == first
        await it.press("K")
        await it.form()
        await it.press("enter")
        await it.rows_are(60)
        assert it.held == first
        starts = ["ExclusiveStartKey" in call.parameters for call in gateway.called("dynamodb:Query")]
        assert starts == [False, True, False, False]


# -- 26: typed keys ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "partition", "sort", "count"),
    [
        ("counters", "12345678901234567890123456789012345678", "", 1),
        ("counters", "-2.50", "", 1),
        ("fragments", "", "", 12),
        ("blobs", "", "", 1),
        ("sensors", "sensor-01", "1750000000", 1),
    ],
)
async def test_26_number_and_binary_keys_can_be_queried(
    aws: Aws, name: str, partition: str, sort: str, count: int
) -> None:
    """A partition key was always sent as a string: tables keyed by numbers or bytes could not be queried at all."""
    model = await aws.table(name)
    if not partition:
        scan = aws.reading(ScanOf(model), page_limit=5)
        await scan.run(Budget(requests=1))
        partition = key_text(held(scan)[-1][model.keys[0].name])
    reading = aws.reading(read_query(model, "", [partition], [("=", [sort])] if sort else []))
    assert await reading.run() is Stop.COMPLETE
    assert len(held(reading)) == count


async def test_26_number_and_binary_keys_can_be_looked_up_on_the_screen(aws: Aws) -> None:
    """The same by keys."""
    model = await aws.table("fragments")
    scan = aws.reading(ScanOf(model), page_limit=5)
    await scan.run(Budget(requests=1))
    key = key_of(held(scan)[3], model.keys)
    async with opened(aws.app("table/fragments")) as it:
        await it.form()
        await it.types(key_text(key["file"]))
        await it.press("down")
        await it.types(key_text(key["part"]))
        await it.press("enter")
        await it.rows_are(1)
        assert key_of(it.held[0], model.keys) == key


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("false", {"BOOL": False}),
        ("true", {"BOOL": True}),
        ('"false"', {"S": "false"}),
        ('["abc"]', {"L": [{"S": "abc"}]}),
        ('{"$ss": ["abc"]}', {"SS": ["abc"]}),
        ("null", {"NULL": True}),
    ],
)
def test_26_a_typed_value_is_what_it_says(dbtui: Harness, cloud: FakeCloud, typed: str, value: Item) -> None:
    """The word false was true, because it is not empty; a text given for a list became a list of its characters."""
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}}])
    assert dbtui.run("update", "table/orders", "pk=a", "--set", f"v={typed}").code == 0
    assert cloud.items_of(DEV, "orders") == [{"pk": {"S": "a"}, "v": value}]


# -- 27: no sort key --------------------------------------------------------------------------------------------------


async def test_27_a_table_without_a_sort_key_is_shown_with_all_types(make_app: MakeApp, gateway: FakeGateway) -> None:
    """A table without a sort key met a missing entry; the detail of an item failed on its sets and its binary."""
    model = table("plain", keys=(KeyPart("id", "HASH", "S"),))
    ten = next(one for one in torture.items() if one["id"]["S"] == "all ten types")
    async with sheet(make_app, gateway, [ten, *torture.items()[4:6]], model, size=(140, 40)) as it:
        await it.form()
        await it.types("all ten types")
        await it.press("enter")
        await it.rows_are(1)
        await it.press("enter")
        await it.on(ItemView)
        await it.sees('{"$ss": ["a", "b"]}', '{"$ns": [1, 2.5]}', '{"$b": "AAH/"}', '{"$bs": ["AA==", "/w=="]}')
        await it.press("t")
        await it.sees("string set of 2", "number set of 2", "binary set of 2")
        await it.press("escape")
        await it.on(ItemsScreen)
        await it.press("ctrl+l")
        await it.rows_are(3)
        assert '"$bs"' in await it.copies("typed JSON")
        await it.press("D")
        plan = await it.plan()
        plan.query_one(Input).value = "all ten types"
        await it.press("enter")
        await it.on(ItemsScreen)
        await it.rows_are(2)


def test_27_the_commands_need_no_sort_key(dbtui: Harness, cloud: FakeCloud) -> None:
    """The same for the commands."""
    ten = next(one for one in torture.items() if one["id"]["S"] == "all ten types")
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}, **ten}])
    for words in (
        ["get", "table/orders", "pk=a"],
        ["query", "table/orders", "--pk", "a"],
        ["query", "table/orders", "--pk", "a", "-o", "csv"],
        ["scan", "table/orders", "--yes", "-o", "json"],
        ["update", "table/orders", "pk=a", "--set", "x=1"],
        ["delete-item", "table/orders", "pk=a", "--confirm", "pk=a"],
    ):
        done = dbtui.run(*words)
        assert done.code == 0, done.err
        assert done.out
    for words in (["get", "table/orders", "pk=a"], ["scan", "table/orders", "--yes"]):
        assert dbtui.terminal(*words).code in (0, 3)


# -- 28: legal numbers ------------------------------------------------------------------------------------------------

LEGAL = {
    "one and 50 zeros": "1" + "0" * 50,
    "38 digits and 13 zeros": "1234567890" * 3 + "12345678" + "0" * 13,
    "38 nines and 88 zeros": "9" * 38 + "0" * 88,
    "the largest": "9.9999999999999999999999999999999999999E+125",
    "the smallest": "-1E-130",
}


async def test_28_one_legal_number_never_makes_a_page_unreadable(aws: Aws) -> None:
    """A decoder trapped rounding at 38 digits, which numbers written out with their zeros exceed: the page was lost."""
    model = await aws.table("all-types")
    numbers: Item = {name: {"N": text} for name, text in LEGAL.items()}
    item: Item = {"id": {"S": "legal"}, **numbers, "set": {"NS": list(LEGAL.values())[:3]}, "list": {"L": [*_each()]}}
    write = EditSession.new(model, item).write()
    assert write is not None
    assert (await aws.core.items.run(write)).done
    with localcontext(Context(prec=38, traps=[Inexact, Rounded])):
        reading = aws.reading(ScanOf(model), page_limit=10)
        rows = ItemRows(reading.store, model)
        assert await reading.run() is Stop.COMPLETE
        assert reading.totals.evaluated == reading.store.row_count > 30
        for row in range(rows.row_count):
            assert rows.cells(row)
        found = next(one for one in held(reading) if one["id"]["S"] == "legal")
    assert {name: Decimal(found[name]["N"]) for name in LEGAL} == {name: Decimal(text) for name, text in LEGAL.items()}


def _each() -> Sequence[dict[str, str]]:
    return [{"N": text} for text in LEGAL.values()]


# -- 31: keys of every character --------------------------------------------------------------------------------------

ODD = (
    "a,b",
    "a/b",
    "a?b&c=d",
    "a=b",
    "a#b",
    "%2C",
    "a\nb",
    "a\\b",
    'a"b',
    "'",
    " a ",
    "日本",
    "\u202ea",
    "+",
    "e\u0301",
)


@pytest.mark.parametrize("name", ["files", "all-types"])
async def test_31_every_key_of_a_table_can_be_reached(aws: Aws, name: str) -> None:
    """Keys were joined by commas in an address: an item whose key had a comma could be neither shown nor edited."""
    model = await aws.table(name)
    scan = aws.reading(ScanOf(model))
    assert await scan.run() is Stop.COMPLETE
    keys = [key_of(one, model.keys) for one in held(scan)]
    assert [key for key in keys if "," in str(key)]
    for key in keys:
        edit = await EditSession.open(aws.gateway, model, key)
        assert edit.key == key


async def test_31_the_place_of_an_item_with_a_comma_opens_and_edits_it(aws: Aws) -> None:
    """The same from the address on the screen: item, edit, and delete."""
    model = await aws.table("files")
    key: Item = {"folder": {"S": "in\nbox/naïve"}, "name": {"S": "IMG 031, final\n(2).jpg"}}
    assert await aws.item(model, key) is not None
    async with opened(aws.app(item_place("files", key, model.keys))) as it:
        await it.rows_are(1)
        await it.editor()
        it.replace('"bytes": ', '"size, total": 1.50, "bytes": ')
        await it.writes()
        found = await aws.item(model, key)
        assert found is not None and found["size, total"] in ({"N": "1.50"}, {"N": "1.5"})


@pytest.mark.parametrize("text", ODD)
def test_31_a_command_reaches_every_key(dbtui: Harness, cloud: FakeCloud, text: str) -> None:
    """The same for the commands, by words and by place."""
    cloud.put_items(DEV, "orders", [{"pk": {"S": text}, "n": {"N": "1"}}, {"pk": {"S": "other"}, "n": {"N": "2"}}])
    place = item_place("orders", {"pk": {"S": text}}, (KeyPart("pk", "HASH", "S"),))
    for words in ([place], ["table/orders", f"pk={text}"]):
        assert dbtui.run("get", *words).json["n"] == 1
        assert dbtui.run("update", *words, "--set", "n=1").code == 0
    assert dbtui.run("delete-item", place, "--confirm", place).code == 0
    assert cloud.items_of(DEV, "orders") == [{"pk": {"S": "other"}, "n": {"N": "2"}}]


def test_31_two_keys_that_would_join_to_the_same_text_are_two_places() -> None:
    """The same the other way round: places of different keys must differ."""
    keys = (KeyPart("a", "HASH", "S"), KeyPart("b", "RANGE", "S"))
    texts = ("x", "x,y", "y", "x&b=y", "", "x/y", "x%2Cy")
    places = {item_place("t", {"a": {"S": one}, "b": {"S": other}}, keys) for one in texts for other in texts}
    assert len(places) == len(texts) ** 2
