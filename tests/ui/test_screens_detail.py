"""The detail screen: sections, links, raw JSON, what is read in addition, following, failures, popped screens."""

from __future__ import annotations

import msgspec
import pytest
from tests.ui.conftest import BUSY, HOME, instance, pane_of, ref, running, screen_text, table, wait_for

from dbtui.domain.failures import Failure, FailureKind
from dbtui.domain.models import PointInTimeRecovery, TimeToLive
from dbtui.gateway.fake import FakeGateway
from dbtui.ui.screens.detail import DetailScreen
from dbtui.ui.screens.detail_panel import DetailPanel
from dbtui.ui.widgets.document import Document, Entry, Heading


async def open_detail(app, pilot, row) -> DetailScreen:
    await wait_for(pilot, lambda: pane_of(app).table.move_to(row), "the row")
    await pilot.press("d" if row.kind == "table" else "enter")
    await wait_for(pilot, lambda: isinstance(app.screen, DetailScreen) and app.screen.is_mounted, "the detail")
    await wait_for(pilot, lambda: app.screen.panel.items, "its lines")
    return app.screen


def entry(screen: DetailScreen, label: str) -> Entry:
    return next(item for item in screen.panel.items if isinstance(item, Entry) and item.label == label)


async def test_sections_and_headline(make_app):
    app = make_app()
    async with running(app) as pilot:
        screen = await open_detail(app, pilot, ref("instance", "orders-db"))
        headings = [item.text for item in screen.panel.items if isinstance(item, Heading)]
        assert headings[:2] == ["Overview", "Connectivity"]
        assert entry(screen, "endpoint").text == "orders-db.c9abcdef.eu-west-1.rds.amazonaws.com:5432"
        text = screen_text(app)
        assert "‹ instance/orders-db" in text
        assert "● available · postgres 16.3 · db.m7g.large" in text
        assert "demo@eu-west-1:instance/orders-db · as of 09:12:05 UTC" in text
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is app.main, "the list")


async def test_enter_follows_a_link_and_escape_comes_back(make_app):
    app = make_app()
    async with running(app) as pilot:
        screen = await open_detail(app, pilot, ref("instance", "aurora-main-1"))
        panel = screen.panel
        while not (isinstance(panel.current, Entry) and panel.current.label == "cluster"):
            await pilot.press("down")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is not screen, "the cluster")
        await wait_for(pilot, lambda: app.screen.model and app.screen.model.id == "aurora-main", "its model")
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is screen, "the member again")


async def test_raw_json_escapes_control_characters(make_app, gateway: FakeGateway):
    gateway.put(instance("orders-db", raw={"DBInstanceIdentifier": "orders-db", "Note": "\x1b[31m\u202eevil"}))
    app = make_app()
    async with running(app) as pilot:
        await open_detail(app, pilot, ref("instance", "orders-db"))
        await pilot.press("v")
        await wait_for(pilot, lambda: '"DBInstanceIdentifier": "orders-db"' in screen_text(app), "the JSON")
        assert "\x1b" not in screen_text(app)
        assert "\\u202eevil" in screen_text(app)
        await pilot.press("v")
        await wait_for(pilot, lambda: "Connectivity" in screen_text(app), "the sections")


async def test_table_is_completed_with_tags_ttl_and_recovery(make_app, gateway: FakeGateway):
    gateway.time_to_lives[(HOME, "orders")] = TimeToLive("ENABLED", "expires_at")
    gateway.recoveries[(HOME, "orders")] = PointInTimeRecovery("ENABLED", 35)
    gateway.tags[table("orders").arn] = (("owner", "[red]core[/red]"),)
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb", "the pane")
        screen = await open_detail(app, pilot, ref("table", "orders"))
        await wait_for(pilot, lambda: any(getattr(i, "label", "") == "owner" for i in screen.panel.items), "the tags")
        assert entry(screen, "owner").text == "[red]core[/red]"
        assert entry(screen, "time to live").text == "expires_at (enabled)"


async def test_what_is_forbidden_is_said_in_its_place(make_app, gateway: FakeGateway):
    denied = Failure(FailureKind.PERMISSION, "Access denied.", iam_action="dynamodb:DescribeTimeToLive")
    gateway.fail("dynamodb:DescribeTimeToLive", denied)
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb", "the pane")
        screen = await open_detail(app, pilot, ref("table", "orders"))
        await wait_for(pilot, lambda: "no permission" in entry(screen, "time to live").text, "the words")


async def test_failed_completion_is_told_above_what_is_known(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb", "the pane")
        await wait_for(pilot, lambda: not pane_of(app).fleet.undescribed, "the descriptions")
        gateway.fail("dynamodb:ListTagsOfResource", Failure(FailureKind.UNREACHABLE, "No answer from DynamoDB."))
        screen = await open_detail(app, pilot, ref("table", "orders"))
        await wait_for(pilot, lambda: getattr(screen.panel.items[0], "label", "") == "not read", "the failure")
        assert screen.panel.items[0].text == "No answer from DynamoDB."


async def test_detail_follows_a_resource_in_transition(make_app, gateway: FakeGateway):
    app = make_app(pace=BUSY)
    async with running(app) as pilot:
        screen = await open_detail(app, pilot, ref("instance", "billing-db"))
        gateway.put(instance("billing-db", "available", engine="mysql"))
        await wait_for(pilot, lambda: entry(screen, "status").text == "available", "the new status")
        assert "● available" in screen_text(app)


async def test_place_that_does_not_exist_says_so(make_app):
    app = make_app(open_place="instance/nowhere")
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "There is no instance nowhere in eu-west-1 for demo." in screen_text(app), "it")
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is app.main, "the list")


async def test_failed_refresh_keeps_what_was_read(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        screen = await open_detail(app, pilot, ref("instance", "orders-db"))
        gateway.fail("rds:DescribeDBInstances", Failure(FailureKind.UNREACHABLE, "No answer from RDS."))
        await pilot.press("r")
        await wait_for(pilot, lambda: "No answer from RDS. What you see is older." in screen_text(app), "the words")
        assert entry(screen, "status").text == "available"


async def test_answer_for_a_closed_screen_harms_nobody(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await open_detail(app, pilot, ref("instance", "orders-db"))
        gate = gateway.gate("rds:DescribeDBInstances")
        await pilot.press("r", "escape")
        await wait_for(pilot, lambda: app.screen is app.main, "the list")
        gate.set()
        await pilot.pause()
        assert names_ok(app)


def names_ok(app) -> bool:
    return pane_of(app).view.row_count == 7


@pytest.mark.parametrize("keys", [["end"], ["pagedown", "pageup"], ["tab", "tab", "shift+tab"], ["home"]])
async def test_moving_through_a_detail_stays_in_range(make_app, keys):
    app = make_app()
    async with running(app, (40, 10)) as pilot:
        screen = await open_detail(app, pilot, ref("instance", "orders-db"))
        await pilot.press(*keys)
        assert isinstance(screen.panel.current, Entry)


async def test_detail_stands_beside_the_list_where_there_is_room(make_app):
    app = make_app()
    async with running(app, (140, 40)) as pilot:
        beside = app.main.query_one("#beside", DetailPanel)
        await wait_for(pilot, lambda: beside.display and beside.model is not None, "the detail beside")
        assert beside.model.id == "aurora-main"
        await pilot.press("end")
        await wait_for(pilot, lambda: beside.model.id == "reports-db", "the next row's detail")
        assert any(getattr(item, "text", "") == "Writes fail. Grow the storage now." for item in beside.items)
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: not beside.display, "the detail to go")


async def test_document_keeps_the_line_when_its_items_change(make_app):
    app = make_app()
    async with running(app) as pilot:
        screen = await open_detail(app, pilot, ref("instance", "orders-db"))
        await pilot.press("down", "down")
        label = screen.panel.current.label
        model = msgspec.structs.replace(screen._model, status="modifying")
        screen._show(model)
        assert screen.panel.current.label == label
        assert isinstance(screen.panel, Document)
