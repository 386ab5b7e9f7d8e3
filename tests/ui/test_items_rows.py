"""The rows of the items screen keep their order, filter and place through reloads, stops and odd replies."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from tests.ui.conftest import HOME, screen_text, table, toasts, wait_for
from tests.ui.test_items_screen import footer, items_of, order, said, values

from dbtui.domain.failures import Failure, FailureKind
from dbtui.domain.models import Index, KeyPart
from dbtui.domain.row_view import ViewSource
from dbtui.domain.wire import encode_item
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.protocol import ItemPage
from dbtui.ui.item_query import Lookup
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.widgets.filter_bar import FilterBar

FIRST_PAGE = ("escape", "f")


@pytest.fixture
def shop(gateway: FakeGateway) -> FakeGateway:
    """Table ``orders`` with twelve orders of two users."""
    gateway.put(table("orders"))
    gateway.put_items(HOME, "orders", [order(user, number) for user in (1, 2) for number in range(6)])
    return gateway


def column(screen: ItemsScreen, name: str) -> int:
    assert screen.grid.source is not None
    return [spec.key for spec in screen.grid.source.columns].index(name)


def loaded(screen: ItemsScreen, rows: int) -> Any:
    return lambda: screen.grid.row_count == rows and not screen.loader.loading


async def test_a_reload_keeps_order_and_filter_together(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, loaded(screen, 12), "the first page")
        screen.sort_by("amount")
        screen.sort_by("amount")
        await pilot.press("slash", *"paid", "enter")
        await wait_for(pilot, loaded(screen, 6), "the rows that match")
        before = values(screen, column(screen, "amount"))
        assert before == sorted(before, reverse=True)
        shown = screen.grid.source

        await pilot.press("r")

        again = "the same again"
        await wait_for(pilot, lambda: screen.grid.source is not shown and screen.grid.row_count == 6, again)
        assert values(screen, column(screen, "amount")) == before


async def test_an_order_chosen_while_the_filter_is_at_work_comes_with_it(make_app, shop: FakeGateway):
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, loaded(screen, 12), "the first page")
        screen.sort_by("amount")
        screen.query_one(FilterBar).post_message(FilterBar.Changed("paid"))
        screen.sort_by("amount")

        await wait_for(pilot, loaded(screen, 6), "the rows that match")
        amounts = values(screen, column(screen, "amount"))
        assert amounts == sorted(amounts, reverse=True)


async def test_the_next_match_of_a_dropped_filter_is_looked_for_among_the_new_rows(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*"user#1", "enter")
        await wait_for(pilot, loaded(screen, 6), "the rows of one user")
        await pilot.press("slash", *"nowhere", "enter")
        await wait_for(pilot, loaded(screen, 0), "no match")
        await pilot.press("escape", "f")
        await wait_for(pilot, loaded(screen, 12), "the first page")

        await pilot.press("n")
        await pilot.pause()

        assert app.is_running and screen.grid.cursor_row == 0


async def test_a_denied_read_is_asked_again(make_app, shop: FakeGateway):
    shop.fail("dynamodb:Scan", Failure(FailureKind.PERMISSION, "Denied."), times=1)
    forgotten: list[Any] = []
    shop.forget = forgotten.append  # type: ignore[method-assign]
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, said(screen, "Denied."), "the failure")
        forgotten.clear()
        await pilot.press("r")
        await wait_for(pilot, loaded(screen, 12), "the first page")
        assert forgotten == [HOME]


async def test_what_failed_on_the_way_goes_on_where_it_was(make_app, shop: FakeGateway):
    shop.page_size = 5
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, loaded(screen, 5), "the first page")
        shop.fail("dynamodb:Scan", Failure(FailureKind.SERVICE, "Out of order."), times=1)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, said(screen, "Out of order.", "> goes on"), "the failure and how to go on")
        assert "r tries again" not in footer(screen)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, loaded(screen, 10), "the second page")


async def test_a_stopped_filter_and_order_are_those_the_rows_show(
    make_app, shop: FakeGateway, monkeypatch: pytest.MonkeyPatch
):
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, loaded(screen, 12), "the first page")
        await pilot.press("slash", *"paid", "enter")
        await wait_for(pilot, loaded(screen, 6), "the rows that match")

        async def never_done(*_: Any) -> bool:
            await asyncio.Event().wait()
            return True

        monkeypatch.setattr(ViewSource, "arrange", never_done)
        await pilot.press("slash", *"x", "enter")
        screen.sort_by("amount")
        await wait_for(pilot, lambda: screen._words == "paidx", "another filter")
        await pilot.press("escape")

        await wait_for(pilot, lambda: screen.query_one(FilterBar).text == "paid", "the filter of before")
        assert screen.grid.sort_spec is None
        assert screen.grid.row_count == 6
        assert not screen.loader.stopped


async def test_what_no_item_can_be_read_from_is_shown_and_told(make_app, shop: FakeGateway):
    async def item_page(*_: Any) -> ItemPage:
        return ItemPage([msgspec.Raw(b'{"pk":{"S":"user#1"},"sk":{"ZZ":"a type of 2030"}}')], 1, None, 0.5)

    shop.item_page = item_page  # type: ignore[method-assign]
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, loaded(screen, 1), "the row")
        for key in ("enter", "e", "E", "c", "D", "y"):
            app.clear_notifications()
            await pilot.press(key)
            await wait_for(pilot, lambda: "cannot be used" in toasts(app), f"words after {key}")
            assert app.screen is screen
        await pilot.press("slash", *"2030", "enter")
        await wait_for(pilot, said(screen, "1 of 1 match"), "the filter over its bytes")
        assert "internal error" not in footer(screen)


async def test_the_line_begins_with_a_query_of_the_same_index_only(make_app, shop: FakeGateway):
    status = Index("by-status", True, (KeyPart("status", "HASH", "S"),), projection="ALL")
    shop.put(table("orders", indexes=(status,)))
    async with items_of(make_app) as (_app, pilot, screen):
        await pilot.press(*"user#1", "enter")
        await wait_for(pilot, loaded(screen, 6), "the rows of one user")
        await pilot.press("equals_sign")
        assert screen.area.line.text == 'pk = "user#1"'
        await screen._use_index("by-status")
        screen.action_line()
        assert screen.area.line.text == ""


async def test_control_characters_of_a_key_stay_out_of_the_line(make_app, shop: FakeGateway):
    async with items_of(make_app) as (app, pilot, screen):
        assert screen.model is not None
        screen._ask(Lookup(screen.model, {"pk": {"S": "a\x1b[31mb"}, "sk": {"S": "c\nd"}}))
        await wait_for(pilot, lambda: "There is no item" in screen_text(app), "the answer")
        await pilot.press("equals_sign")
        await pilot.pause()
        assert screen.area.line.text == ""
        assert "\x1b" not in screen_text(app) and "a\\x1b[31mb" in screen_text(app)


async def test_what_is_empty_is_what_was_asked_not_what_will_be(make_app, gateway: FakeGateway):
    status = Index("by-status", True, (KeyPart("status", "HASH", "S"),), projection="ALL")
    gateway.put(table("orders", indexes=(status,)))
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, lambda: "Table orders holds no items" in screen_text(app), "nothing there")
        await screen._use_index("by-status")
        await wait_for(pilot, lambda: "by-status" in screen_text(app), "the index chosen")
        screen._tell()
        await pilot.pause()
        assert "Table orders holds no items" in screen_text(app)


async def test_an_attribute_no_sample_met_is_offered_at_its_row(make_app, shop: FakeGateway):
    big, odd = order(0, 0, big={"S": "x" * 300_000}), order(1, 0, rare={"S": "there"})
    page = ItemPage([msgspec.Raw(encode_item(item)) for item in (big, odd)], 2, None, 0.5)

    async def item_page(*_: Any) -> ItemPage:
        return page

    shop.item_page = item_page  # type: ignore[method-assign]
    async with items_of(make_app) as (app, pilot, screen):
        await pilot.press(*FIRST_PAGE)
        await wait_for(pilot, loaded(screen, 2), "the rows")
        await pilot.press("down", "U")
        await wait_for(pilot, lambda: "further attribute" in screen_text(app), "the attribute of the row")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is screen, "the choice")
        assert values(screen, column(screen, "rare")) == ["", "there"]
