"""The items of a table: nothing unasked, queries by form and by line, the truth in the footer, rows after a write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.ui.conftest import HOME, pane_of, ref, running, screen_text, table, toasts, wait_for
from textual.pilot import Pilot
from textual.widgets import Input

from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.failures import Failure, FailureKind
from dbtui.domain.item_requests import Request
from dbtui.domain.models import Index, KeyPart
from dbtui.domain.row_order import SortSpec
from dbtui.domain.values import Item
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.protocol import Notice
from dbtui.items.undo import UndoLog
from dbtui.items.writes import ItemWrite, WriteResult, WriteState
from dbtui.settings.model import Settings
from dbtui.ui.app import DbtuiApp
from dbtui.ui.item_editing import ItemEditing
from dbtui.ui.screens.chooser import Chooser
from dbtui.ui.screens.detail import DetailScreen
from dbtui.ui.screens.help import HelpScreen
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.widgets.document import Entry
from dbtui.ui.widgets.frame import StatusLine

BY_STATUS = Index(
    "by-status",
    True,
    (KeyPart("status", "HASH", "S"), KeyPart("created", "RANGE", "N")),
    "INCLUDE",
    ("amount",),
    "ACTIVE",
)
READS = ("dynamodb:Scan", "dynamodb:Query", "dynamodb:GetItem")


def order(user: int, number: int, **more: Any) -> Item:
    return {
        "pk": {"S": f"user#{user}"},
        "sk": {"S": f"order#{number:04}"},
        "status": {"S": "PAID" if number % 2 else "OPEN"},
        "amount": {"N": f"{number}.50"},
        "created": {"N": str(1_790_000_000 + number)},
        **more,
    }


@pytest.fixture
def shop(gateway: FakeGateway) -> FakeGateway:
    """Table ``orders`` with twelve orders of two users and an index by status."""
    gateway.put(table("orders", indexes=(BY_STATUS,)))
    gateway.put_items(HOME, "orders", [order(user, number) for user in (1, 2) for number in range(6)])
    return gateway


@asynccontextmanager
async def items_of(
    make_app: Callable[..., DbtuiApp], name: str = "orders", size: tuple[int, int] = (100, 30), **options: Any
) -> AsyncIterator[tuple[DbtuiApp, Pilot[None], ItemsScreen]]:
    """The app with the items of a table open, by key from the list of tables."""
    app = make_app(**options)
    async with running(app, size) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb" and pane_of(app).table.row_count, "tables")
        await wait_for(pilot, lambda: not pane_of(app).fleet.undescribed, "their descriptions")
        await wait_for(pilot, lambda: pane_of(app).table.move_to(ref("table", name)), "the row")
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, ItemsScreen) and app.screen.area.display, "the items")
        screen = app.screen
        assert isinstance(screen, ItemsScreen)
        yield app, pilot, screen


def reads(gateway: FakeGateway) -> list[str]:
    return [call.operation for call in gateway.calls if call.operation in READS]


async def asked(pilot: Pilot[None], screen: ItemsScreen, text: str, rows: int) -> None:
    """Types a partition key and waits for so many rows."""
    await pilot.press(*_keys(text), "enter")
    await wait_for(pilot, lambda: screen.grid.row_count == rows and not screen.loader.loading, f"{rows} rows")
    await wait_for(pilot, lambda: screen.grid.has_focus, "the rows to have the focus")


def footer(screen: ItemsScreen) -> str:
    return screen.query_one(StatusLine).text


def said(screen: ItemsScreen, *texts: str) -> Callable[[], bool]:
    return lambda: all(text in footer(screen) for text in texts)


def _keys(text: str) -> list[str]:
    return [{" ": "space"}.get(character, character) for character in text]


def values(screen: ItemsScreen, column: int) -> list[str]:
    """What the cells of a column show, as the rows stand."""
    source = screen.grid.source
    assert source is not None
    return [source.cell(row, column).text for row in range(source.row_count)]


# -- opening ----------------------------------------------------------------------------------------------------------


async def test_a_table_opens_in_key_lookup_mode_and_reads_no_item(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, _screen):
        await wait_for(pilot, lambda: isinstance(app.focused, Input), "a field to type into")
        await wait_for(pilot, lambda: "Nothing was read yet" in screen_text(app), "words about it")
        assert "≈ 128 RCU" in screen_text(app)  # what the first page would cost, before anybody asks for it
        assert "≈ 110 k RCU" in screen_text(app)
        assert reads(shop) == []


async def test_d_shows_the_table_and_enter_there_or_i_its_items(make_app, shop: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).table.move_to(ref("table", "orders")), "the row")
        await pilot.press("d")
        await wait_for(pilot, lambda: isinstance(app.screen, DetailScreen) and app.screen.model, "the detail")
        await pilot.press("i")
        await wait_for(pilot, lambda: isinstance(app.screen, ItemsScreen) and app.screen.area.display, "the items")
        await pilot.press("escape", "d")
        await wait_for(pilot, lambda: isinstance(app.screen, DetailScreen), "the detail again")
        assert len(app.screen_stack) == 2  # the two lead to each other and do not pile up


@pytest.mark.parametrize("place", ["table/orders", "demo@eu-west-1:table/orders"])
async def test_a_place_opens_the_items_of_a_table(make_app, shop: FakeGateway, place: str):
    app = make_app(open_place=place)
    async with running(app) as pilot:
        await wait_for(pilot, lambda: isinstance(app.screen, ItemsScreen) and app.screen.area.display, "the items")
        assert reads(shop) == []


async def test_the_place_of_an_item_opens_with_it(make_app, shop: FakeGateway):
    app = make_app(open_place="item/orders?pk=user%231&sk=order%230003")
    async with running(app) as pilot:
        await wait_for(
            pilot, lambda: isinstance(app.screen, ItemsScreen) and app.screen.grid.row_count == 1, "the item"
        )
        assert reads(shop) == ["dynamodb:GetItem"]
        await wait_for(pilot, said(app.screen, "0.5 RCU", "complete"), "the footer")


async def test_the_place_of_an_item_with_a_wrong_key_says_so(make_app, shop: FakeGateway):
    app = make_app(open_place="item/orders?pk=user%231")
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "the key attribute sk is missing" in toasts(app), "the reason")
        assert reads(shop) == []


async def test_a_table_of_which_only_the_name_is_known_is_described_first(make_app, shop: FakeGateway):
    gate = shop.gate("dynamodb:DescribeTable")
    app = make_app(open_place="table/orders")
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "Reading table/orders…" in screen_text(app), "that it is read")
        gate.set()
        await wait_for(pilot, lambda: app.screen.area.display, "the fields")


async def test_a_table_that_is_not_there_is_said_and_can_be_tried_again(make_app, shop: FakeGateway):
    app = make_app(open_place="table/nowhere")
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "There is no table nowhere" in screen_text(app), "the reason")
        shop.put(table("nowhere"))
        await pilot.press("r")
        await wait_for(pilot, lambda: app.screen.area.display, "the fields")


async def test_the_first_page_opens_by_itself_when_the_configuration_says_so(make_app, shop: FakeGateway):
    async with items_of(make_app, settings=Settings(open="first-page")) as (_app, pilot, screen):
        await wait_for(pilot, lambda: screen.grid.row_count == 12, "the first page")
        assert reads(shop) == ["dynamodb:Scan"]


async def test_another_account_closes_the_items(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        shop.notify(Notice("identity-changed", HOME))
        await wait_for(pilot, lambda: screen not in app.screen_stack, "the screen to go")


# -- the form ---------------------------------------------------------------------------------------------------------


async def test_a_partition_key_is_a_query(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        await wait_for(pilot, said(screen, "evaluated 6", "matched 6", "RCU", "complete"), "the footer")
        assert "Query on table" in screen_text(app)
        assert reads(shop) == ["dynamodb:Query"]


async def test_a_whole_key_gets_the_item(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*_keys("user#1"), "down", *_keys("order#0003"))
        await wait_for(pilot, lambda: "Get item" in screen_text(app), "the verdict before it is sent")
        await pilot.press("enter")
        await wait_for(pilot, lambda: screen.grid.row_count == 1, "the item")
        assert reads(shop) == ["dynamodb:GetItem"]


async def test_a_key_nobody_has_is_said_and_can_be_made(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*_keys("nobody"), "enter")
        await wait_for(pilot, lambda: "No items match" in screen_text(app), "that there are none")
        await pilot.press("K", "down", *_keys("x"), "enter")
        await wait_for(pilot, lambda: "There is no item with" in screen_text(app), "that there is none")
        assert screen._template() == {"pk": {"S": "nobody"}, "sk": {"S": "x"}}


async def test_a_range_and_the_order(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*_keys("user#1"), "down", *_keys("order#0002"), "shift+tab", "b", "b", "tab", "tab")
        await wait_for(pilot, lambda: len(screen.area.form.fields["sk"].texts) == 2, "the second value")
        await pilot.press(*_keys("order#0004"), "down", "d", "enter")
        await wait_for(pilot, lambda: screen.grid.row_count == 3, "the range")
        assert values(screen, 1) == ["order#0004", "order#0003", "order#0002"]
        (call,) = shop.called("dynamodb:Query")
        assert call.parameters["ScanIndexForward"] is False


async def test_a_key_of_the_wrong_type_is_said_at_its_field_and_kept(make_app, shop: FakeGateway):
    shop.put(table("readings", keys=(KeyPart("sensor", "HASH", "N"), KeyPart("raw", "RANGE", "B"))))
    async with items_of(make_app, "readings") as (app, pilot, screen):
        await pilot.press(*_keys("seven"), "enter")
        await wait_for(pilot, lambda: "is not a number" in screen_text(app), "the reason")
        assert screen.area.form.fields["sensor"].texts == ("seven",)
        assert reads(shop) == []


async def test_numbers_and_binary_are_keys(make_app, shop: FakeGateway):
    keys = (KeyPart("sensor", "HASH", "N"), KeyPart("raw", "RANGE", "B"))
    shop.put(table("readings", keys=keys))
    shop.put_items(HOME, "readings", [{"sensor": {"N": "7"}, "raw": {"B": bytes([0, byte])}} for byte in range(4)])
    async with items_of(make_app, "readings") as (_app, pilot, screen):
        await asked(pilot, screen, "7.0", 4)
        await pilot.press("K", "down", *_keys("AAE="), "enter")
        await wait_for(pilot, lambda: screen.grid.row_count == 1, "the item")
        (call,) = shop.called("dynamodb:GetItem")
        assert call.parameters["Key"]["raw"] == {"B": b"\x00\x01"}


async def test_an_index_has_its_own_fields_and_says_what_it_holds(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("escape", "i", "down", "enter")
        await wait_for(pilot, lambda: set(screen.area.form.fields) == {"status", "created"}, "its key attributes")
        await wait_for(pilot, lambda: isinstance(app.focused, Input), "a field")
        await asked(pilot, screen, "PAID", 6)
        (call,) = shop.called("dynamodb:Query")
        assert call.parameters["IndexName"] == "by-status"
        await wait_for(pilot, said(screen, "by-status holds keys and 1 attribute", "the whole item"), "the projection")


async def test_a_consistent_read_of_a_global_index_is_refused_with_the_reason(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("escape", "i", "down", "enter")
        await wait_for(pilot, lambda: set(screen.area.form.fields) == {"status", "created"}, "its key attributes")
        screen.area.form.consistent = True
        await wait_for(pilot, lambda: isinstance(app.focused, Input), "a field")
        await pilot.press(*_keys("PAID"), "enter")
        await wait_for(pilot, lambda: "only ever eventually consistent" in screen_text(app), "the reason")
        assert reads(shop) == []


# -- the line ---------------------------------------------------------------------------------------------------------


async def test_the_line_says_what_it_means_and_where_it_is_wrong(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("escape", "equals_sign", *_keys("user#1"))
        await wait_for(pilot, lambda: "Query on table" in screen_text(app), "the verdict")
        await pilot.press(*_keys(" and"), "ctrl+u")
        await pilot.press(*_keys('pk = "user#1" and sk begins'))
        await wait_for(pilot, lambda: "at 22: expected =" in screen_text(app), "the mistake with its place")
        await pilot.press(*_keys("_with order#000"), "enter")
        await wait_for(pilot, lambda: screen.grid.row_count == 6, "the rows")
        await pilot.press("equals_sign")
        await wait_for(pilot, lambda: "order#000" in screen.area.line.text, "the text is still there")


# -- pages ------------------------------------------------------------------------------------------------------------


async def test_one_key_reads_the_first_page_and_more_is_only_offered(make_app, shop: FakeGateway):
    shop.page_size = 5
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("ctrl+l")
        await wait_for(pilot, lambda: screen.grid.row_count == 5, "the first page")
        await pilot.press("G")
        await wait_for(pilot, said(screen, "evaluated 5 of ≈1.24 M", "> reads more"), "the footer")
        await pilot.pause(0.2)
        assert reads(shop) == ["dynamodb:Scan"]  # the end of the rows alone reads nothing
        assert "More to read: >" in screen_text(app)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: screen.grid.row_count == 10, "the second page")
        await pilot.press("greater_than_sign")
        await wait_for(pilot, said(screen, "evaluated 12", "complete"), "the end")
        await pilot.press("r")
        await wait_for(pilot, lambda: screen.grid.row_count == 5, "a reload starts over")


async def test_the_next_page_of_a_query_comes_when_its_end_nears(make_app, shop: FakeGateway):
    shop.page_size = 25
    shop.put_items(HOME, "orders", [order(9, number) for number in range(100)])
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*_keys("user#9"), "enter")
        await wait_for(
            pilot, lambda: screen.grid.row_count >= 50 and not screen.loader.loading, "what fills the screen"
        )
        await pilot.pause(0.1)
        assert screen.grid.row_count < 100
        for _ in range(4):
            await pilot.press("G")
            await pilot.pause(0.05)
        await wait_for(pilot, said(screen, "evaluated 100", "complete"), "all of it")


async def test_everything_is_read_only_after_a_question_with_its_cost(make_app, shop: FakeGateway):
    shop.page_size = 5
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("escape", "S")
        await wait_for(pilot, lambda: "Read every item of table orders?" in screen_text(app), "the question")
        assert "≈ 858 MiB, ≈ 110 k RCU, up to 6 h old" in screen_text(app)
        assert "4 segments at a time" in screen_text(app)
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen, "the items")
        assert reads(shop) == []
        await pilot.press("S", "enter")
        await wait_for(pilot, said(screen, "evaluated 12", "complete"), "all of it")
        assert {call.parameters["TotalSegments"] for call in shop.called("dynamodb:Scan")} == {4}


async def test_a_scan_of_everything_goes_on_with_everything(make_app, shop: FakeGateway):
    shop.page_size = 2
    async with items_of(make_app) as (_app, pilot, screen):
        gate = shop.gate("dynamodb:Scan")
        await pilot.press("escape", "S", "enter")
        await wait_for(pilot, said(screen, "loading…"), "that it loads")
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.loader.stopped, "that it was stopped")
        gate.set()
        await pilot.press("greater_than_sign")
        await wait_for(pilot, said(screen, "evaluated 12", "complete"), "all of it")


async def test_stopping_keeps_the_rows_and_it_can_go_on(make_app, shop: FakeGateway):
    shop.page_size = 5
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press("ctrl+l")
        await wait_for(pilot, lambda: screen.grid.row_count == 5 and not screen.loader.loading, "the first page")
        gate = shop.gate("dynamodb:Scan")
        await pilot.press("greater_than_sign")
        await wait_for(pilot, said(screen, "loading…"), "that it loads")
        await pilot.press("ctrl+c")
        await wait_for(pilot, said(screen, "stopped, incomplete", "> goes on"), "that it was stopped")
        assert screen.grid.row_count == 5
        gate.set()
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: screen.grid.row_count == 10, "the second page")


DENIED = Failure(FailureKind.PERMISSION, "Access denied: dynamodb:Query.", hint="Ask for this action.")


async def test_a_failed_read_is_said_in_words(make_app, shop: FakeGateway):
    shop.fail("dynamodb:Query", DENIED)
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*_keys("user#1"), "enter")
        await wait_for(pilot, lambda: "Access denied: dynamodb:Query." in screen_text(app), "the failure")
        shop.heal()
        await pilot.press("r")
        await wait_for(pilot, lambda: screen.grid.row_count == 6, "the rows")


async def test_a_failed_reload_keeps_the_old_rows_and_says_how_old_they_are(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        shop.fail("dynamodb:Query", DENIED)
        await pilot.press("r")
        await wait_for(pilot, said(screen, "Access denied", "What you see is from 09:12:05 UTC"), "that rows are old")
        assert screen.grid.row_count == 6
        assert screen._row_state(0) == "stale"
        shop.heal()
        await pilot.press("r")
        await wait_for(pilot, lambda: screen._row_state(0) == "", "fresh rows")


# -- arranging --------------------------------------------------------------------------------------------------------


async def test_the_filter_looks_into_whole_values_and_says_when_not_all_is_loaded(make_app, shop: FakeGateway):
    deep = {"M": {"street": {"S": "x" * 300 + " Deepwater Lane"}}}
    shop.put_items(HOME, "orders", [order(1, 7, address=deep)])
    shop.page_size = 7
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("ctrl+l")
        await wait_for(pilot, lambda: screen.grid.row_count == 7 and not screen.loader.loading, "the first page")
        await pilot.press("slash", *_keys("status=paid"), "enter")
        await wait_for(pilot, said(screen, "3 of 7 loaded so far match", "esc shows all"), "the filter")
        await pilot.press("escape")
        await wait_for(pilot, lambda: screen.grid.row_count == 7, "all rows")
        await pilot.press("greater_than_sign")
        await wait_for(pilot, said(screen, "complete"), "the rest")
        await pilot.press("slash", *_keys("deepwater"), "enter")
        await wait_for(pilot, lambda: values(screen, 1) == ["order#0007"], "the row")
        await pilot.press("slash", "ctrl+u", *_keys("nothing-like-it"), "enter")
        await wait_for(pilot, lambda: "No loaded item matches" in screen_text(app), "that none matches")


async def test_sorting_by_the_column_under_the_cursor(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        assert screen.grid.move_to_column("amount")
        await pilot.press("o", "enter")
        await wait_for(pilot, lambda: screen.grid.sort_spec == SortSpec("amount"), "the order")
        await pilot.press("o", "enter")
        await wait_for(pilot, lambda: screen.grid.sort_spec == SortSpec("amount", True), "the other way round")
        column = [spec.key for spec in screen.grid.source.columns].index("amount")
        await wait_for(pilot, lambda: values(screen, column)[0] == "5.50", "the largest first")


async def test_a_number_is_shown_as_a_time_and_back(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        assert screen.grid.move_to_column("created")
        await pilot.press("t")
        await wait_for(pilot, lambda: "2026-09-21" in screen_text(app), "the time")
        await pilot.press("t")
        await wait_for(pilot, lambda: "1790000000" in screen_text(app), "the number")


async def test_the_type_of_each_value_is_shown_on_request(make_app, shop: FakeGateway):
    shop.put_items(HOME, "orders", [order(1, 0, note={"S": ""}, gone={"NULL": True}, tags={"SS": ["a"]})])
    async with items_of(make_app) as (app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        await pilot.press("T")
        await wait_for(pilot, lambda: "N 0.50" in screen_text(app), "a number")
        assert all(text in screen_text(app) for text in ("S user#1", 'S ""', "SS {a}", "NULL"))
        await pilot.press("T")
        await wait_for(pilot, lambda: "N 0.50" not in screen_text(app), "it to go")


async def test_columns_can_be_hidden_and_shown(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        assert screen.grid.move_to_column("amount")
        await pilot.press("H")
        await wait_for(pilot, lambda: "amount" not in [spec.key for spec in screen.grid.source.columns], "it to go")
        await pilot.press("U", "enter")
        await wait_for(pilot, lambda: screen.grid.column.key == "amount", "it to come back, under the cursor")


# -- copying ----------------------------------------------------------------------------------------------------------


async def copied(app: DbtuiApp, pilot: Pilot[None], label: str) -> str:
    """Chooses a line of the copy menu by its label."""
    app._clipboard = ""
    await pilot.press("y")
    await wait_for(pilot, lambda: isinstance(app.screen, Chooser) and app.screen.is_mounted, "the menu")
    place = [choice.label for choice in app.screen._choices].index(label)
    await pilot.press(*["down"] * place, "enter")
    await wait_for(pilot, lambda: app.clipboard, "the copy")
    return app.clipboard


async def test_what_can_be_copied(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        assert screen.grid.move_to_column("amount")
        assert await copied(app, pilot, "value of amount") == "0.50"
        place = await copied(app, pilot, "place")
        assert place == "demo@eu-west-1:item/orders?pk=user%231&sk=order%230000"
        assert typed_json.decode(await copied(app, pilot, "typed JSON")) == order(1, 0)
        assert dynamodb_json.decode(await copied(app, pilot, "DynamoDB JSON")) == order(1, 0)
        await pilot.press("space", "space")
        lines = await copied(app, pilot, "marked items, typed JSON lines")
        assert [typed_json.decode(line) for line in lines.splitlines()] == [order(1, 0), order(1, 1)]


# -- after a write ----------------------------------------------------------------------------------------------------


def written(screen: ItemsScreen, verb: str, key: Item, after: Item | None) -> None:
    """What the editors call when a write was carried out."""
    write = ItemWrite(
        verb=verb,
        title="",
        table=screen.model,
        key=key,
        request=Request("dynamodb:PutItem", {}),
        before=None,
        after=after,
        touched=(),
    )
    screen._written(write, WriteResult(state=WriteState.DONE, item=after))


def key_of_order(user: int, number: int) -> Item:
    return {name: order(user, number)[name] for name in ("pk", "sk")}


async def test_a_row_follows_what_was_written(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        edited = order(1, 2, amount={"N": "99"})
        written(screen, "edit-item", key_of_order(1, 2), edited)
        await wait_for(pilot, lambda: "99" in values(screen, 4) + values(screen, 3), "the row in place")
        assert screen.grid.row_count == 6 and screen.grid.cursor_row == 2
        written(screen, "delete-item", key_of_order(1, 2), None)
        await wait_for(pilot, lambda: screen.grid.row_count == 5, "the row to go")
        written(screen, "create-item", key_of_order(1, 8), order(1, 8))
        await wait_for(pilot, lambda: values(screen, 1)[-1] == "order#0008", "the row to come")
        written(screen, "move-item", key_of_order(1, 8), order(1, 9))
        await wait_for(pilot, lambda: values(screen, 1)[-1] == "order#0009", "the row under its new key")
        written(screen, "create-item", key_of_order(2, 8), order(2, 8))
        await wait_for(pilot, said(screen, "not part of what is shown"), "that it is elsewhere")
        assert screen.grid.row_count == 6
        assert reads(shop) == ["dynamodb:Query"]  # nothing was read again for it


async def test_a_row_of_an_index_follows_with_what_the_index_holds(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press("escape", "i", "down", "enter")
        await wait_for(pilot, lambda: "status" in screen.area.form.fields and isinstance(app.focused, Input), "fields")
        await asked(pilot, screen, "PAID", 6)
        written(screen, "edit-item", key_of_order(1, 1), order(1, 1, amount={"N": "7"}, note={"S": "not projected"}))
        await wait_for(pilot, lambda: screen.holding.store.item(screen.current)["amount"] == {"N": "7"}, "the row")
        assert "note" not in screen.holding.store.item(screen.current)
        written(screen, "edit-item", key_of_order(1, 1), order(1, 1, status={"S": "OPEN"}))
        await wait_for(pilot, lambda: screen.grid.row_count == 5, "the row to leave the partition")


async def test_keys_start_the_editors_for_the_row_and_the_cell(make_app, shop: FakeGateway, monkeypatch):
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(UndoLog, "last", lambda self, ref: object())
    for name in ("view", "edit", "edit_attribute", "new", "clone", "delete", "undo"):
        monkeypatch.setattr(ItemEditing, name, lambda self, *given, name=name: calls.append((name, *given)))
    async with items_of(make_app) as (_app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        assert screen.grid.move_to_column("amount")
        await pilot.press("enter", "e", "E", "c", "D", "plus", "u")
        key = key_of_order(1, 0)
        await wait_for(pilot, lambda: len(calls) == 7, "seven starts")
        assert calls == [
            ("view", key, order(1, 0)),
            ("edit_attribute", key, "amount"),
            ("edit", key),
            ("clone", key),
            ("delete", key),
            ("new", {"pk": {"S": "user#1"}}),
            ("undo",),
        ]


async def test_help_lists_the_keys_of_the_items(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await asked(pilot, screen, "user#1", 6)
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.is_mounted, "the help")
        entries = [item for item in app.screen._items if isinstance(item, Entry)]
        assert any(entry.label == "K" and "(items.form)" in entry.text for entry in entries)
        assert any("(items.edit-value)" in entry.text for entry in entries)
