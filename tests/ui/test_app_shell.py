"""The shell: frame, jump, palette, help, copy, profiles, notices, operations, keys, leaving, small terminals."""

from __future__ import annotations

import asyncio

import pytest
from tests.ui.conftest import (
    AWAY,
    HOME,
    instance,
    names,
    pane_of,
    ref,
    running,
    screen_text,
    snapshot,
    toasts,
    wait_for,
)
from textual.command import CommandPalette
from textual.widgets import Input

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.protocol import Notice
from dbtui.settings.model import Settings
from dbtui.ui import keymap
from dbtui.ui.screens.detail import DetailScreen
from dbtui.ui.screens.help import HelpScreen
from dbtui.ui.screens.jump import JumpScreen
from dbtui.ui.screens.mfa import MfaScreen
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.screens.plan import PlanScreen
from dbtui.ui.screens.targets import TargetsScreen
from dbtui.ui.widgets.check_list import CheckList
from dbtui.ui.widgets.document import Entry
from dbtui.ui.widgets.frame import TopBar


async def test_header_says_where_and_that_writes_are_locked(make_app):
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "demo ▸ 1234-5678-9012 ▸ eu-west-1" in screen_text(app), "the scope")
        assert "writes locked" in screen_text(app)


async def test_protected_scope_is_red_and_says_so(make_app):
    app = make_app(protected=True)
    async with running(app) as pilot:
        await wait_for(pilot, lambda: app.main.query_one(TopBar).has_class("-protected"), "the red bar")
        assert "PROTECTED" in screen_text(app)


async def test_read_only_is_said(make_app):
    app = make_app(read_only=True)
    async with running(app):
        assert "read-only" in screen_text(app)


async def test_first_paint_comes_before_any_answer(make_app, gateway: FakeGateway):
    gate = gateway.gate("*")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: "Loading instances or clusters…" in screen_text(app), "the frame")
        assert "1 RDS" in screen_text(app)
        gate.set()
        await wait_for(pilot, lambda: app.main.pane.fleet.rows.row_count == 7, "the rows")


async def test_start_that_takes_time_and_fails_is_told_in_the_pane(make_app):
    held = asyncio.Event()

    async def start():
        await held.wait()
        raise AwsError(Failure(FailureKind.LOCAL, "The demo did not start.", hint="Look at the log."))

    app = make_app(start=start, starting=lambda: "Starting the embedded AWS…")
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: "Starting the embedded AWS…" in screen_text(app), "what is starting")
        held.set()
        await wait_for(pilot, lambda: "The demo did not start." in screen_text(app), "the failure")
        assert "Look at the log." in screen_text(app)


async def test_start_finds_the_targets(make_app):
    async def start():
        return (HOME,)

    app = make_app(start=start)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: app.main.pane and app.main.pane.fleet.rows.row_count == 7, "the rows")


async def test_digits_switch_panes(make_app):
    app = make_app()
    async with running(app) as pilot:
        for key, name in [("2", "dynamodb"), ("3", "snapshots"), ("5", "activity"), ("1", "rds")]:
            await pilot.press(key)
            await wait_for(pilot, lambda name=name: app.main.active_name == name, name)
        await pilot.press("3")
        await wait_for(pilot, lambda: app.main.active_name == "snapshots" and names(pane_of(app)), "the snapshots")
        assert names(pane_of(app)) == ["orders-db-20261123-0915", "rds:orders-db-2026-11-23-02-14"]


async def jump(app, pilot, text: str) -> None:
    await pilot.press("colon")
    await wait_for(pilot, lambda: isinstance(app.screen, JumpScreen) and app.screen.is_mounted, "the jump line")
    app.screen.query_one(Input).value = text
    await pilot.press("enter")


async def test_jump_to_a_kind_with_a_filter(make_app):
    app = make_app()
    async with running(app) as pilot:
        await jump(app, pilot, "tables led")
        await wait_for(pilot, lambda: app.main.active_name == "dynamodb" and names(pane_of(app)) == ["ledger"], "it")


@pytest.mark.parametrize(
    "text",
    [
        "instance/orders-db",
        "demo@eu-west-1:instance/orders-db",
        "arn:aws:rds:eu-west-1:123456789012:db:orders-db",
        "orders-db",
    ],
)
async def test_jump_to_a_resource(make_app, text):
    app = make_app()
    async with running(app) as pilot:
        await jump(app, pilot, text)
        await wait_for(pilot, lambda: isinstance(app.screen, DetailScreen), "the detail")
        await wait_for(pilot, lambda: app.screen.model and app.screen.model.id == "orders-db", "the model")


async def test_jump_that_leads_nowhere_says_why_and_stays(make_app):
    app = make_app()
    async with running(app) as pilot:
        await jump(app, pilot, "tabels")
        await wait_for(pilot, lambda: "Did you mean tables?" in screen_text(app), "near matches")
        assert isinstance(app.screen, JumpScreen)
        app.screen.query_one(Input).value = "tables"
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.main.active_name == "dynamodb", "the pane")
        await pilot.press("colon")
        await wait_for(pilot, lambda: isinstance(app.screen, JumpScreen) and app.screen.is_mounted, "the jump line")
        await pilot.press("up")
        assert app.screen.query_one(Input).value == "tables"


async def test_tab_completes_the_jump(make_app):
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("colon")
        await wait_for(pilot, lambda: isinstance(app.screen, JumpScreen) and app.screen.is_mounted, "the jump line")
        await pilot.press(*"orders", "tab")
        assert app.screen.query_one(Input).value == "instance/orders-db"


async def test_help_names_keys_ids_and_signs(make_app):
    app = make_app()
    async with running(app, (80, 24)) as pilot:
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen) and app.screen.is_mounted, "the help")
        entries = [item for item in app.screen._items if isinstance(item, Entry)]
        assert any(entry.label == "/" and "(list.filter)" in entry.text for entry in entries)
        assert any(entry.label == "▲" for entry in entries)
        await pilot.press("end", "escape")
        await wait_for(pilot, lambda: app.screen is app.main, "the list")


async def test_every_binding_of_ours_has_an_id_and_words(make_app):
    app = make_app()
    async with running(app):
        for cls in keymap.own_nodes():
            for binding in vars(cls).get("BINDINGS", ()):
                assert binding.id, f"{cls.__name__} {binding.key} has no id"
                assert binding.description, f"{binding.id} has no description"


async def test_palette_offers_panes_kinds_verbs_and_themes(make_app):
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: isinstance(app.screen, CommandPalette), "the palette")
        app.screen.query_one(Input).value = "db parameter groups"
        await wait_for(pilot, lambda: "Named sets of engine parameters" in screen_text(app), "the kind")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.main.active_name == "parameter-groups", "the list")


async def test_copy_menu_copies_the_place(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane_of(app).table.move_to(ref("instance", "orders-db"))
        await pilot.press("y")
        await wait_for(pilot, lambda: "Copy of orders-db" in screen_text(app), "the menu")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.clipboard == "demo@eu-west-1:instance/orders-db", "the copy")


async def test_switching_profiles_empties_the_panes_and_ignores_late_answers(make_app, gateway: FakeGateway):
    gateway.put(instance("far-db", target=AWAY))
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        gate = gateway.gate("rds:DescribeDBInstances", HOME)
        await pilot.press("r")
        await wait_for(pilot, lambda: pane.fleet.loading, "a load of the old scope")
        await pilot.press("p")
        await wait_for(pilot, lambda: isinstance(app.screen, TargetsScreen), "the chooser")
        profiles = app.screen.query_one("#profiles", CheckList)
        await wait_for(pilot, lambda: profiles.option_count == 3, "the profiles")
        await pilot.press("down", "tab", "down", "enter")
        await wait_for(pilot, lambda: app.session.targets == (AWAY,), "the other scope")
        gate.set()
        await wait_for(pilot, lambda: names(pane) == ["far-db"], "its rows")
        await pilot.pause()
        assert names(pane) == ["far-db"]
        await wait_for(pilot, lambda: "dev ▸ 1234-5678-9012 ▸ us-east-1" in screen_text(app), "the header")


async def test_several_profiles_make_a_scope_column(make_app, gateway: FakeGateway):
    gateway.put(instance("far-db", target=AWAY))
    app = make_app(HOME, AWAY)
    async with running(app, (140, 40)) as pilot:
        pane = pane_of(app)

        def scopes() -> set[str]:
            return {cell.text for row in range(pane.view.row_count) for cell in pane.view.cells(row)}

        # On the screen a squeezed column may cut the name; which one is cut depends on which list came first.
        await wait_for(pilot, lambda: "dev@us-east-1" in scopes(), "the scope of the row")
        await wait_for(pilot, lambda: "dev@" in screen_text(app), "it on the screen")
        assert "2 scopes: demo, dev" in screen_text(app)


async def test_changed_identity_locks_writes_and_empties(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: app.session.scopes, "the scope")
        app.session.core.arming.arm(app.session.scopes[HOME])
        await wait_for(pilot, lambda: "writes armed" in screen_text(app), "the arming")
        epoch = app.session.epoch
        gateway.notify(Notice("identity-changed", HOME, text="demo is account 999999999999 now."))
        await wait_for(pilot, lambda: isinstance(app.screen, NoticeScreen), "the notice")
        await wait_for(pilot, lambda: "demo is account 999999999999 now." in screen_text(app), "its words")
        assert app.session.epoch > epoch
        await pilot.press("enter")
        await wait_for(pilot, lambda: "writes locked" in screen_text(app), "the lock")


async def test_throttling_is_said_on_the_status_line(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        gateway.notify(Notice("throttled", HOME, operation="rds:DescribeDBInstances", attempt=2, delay=1.5))
        await wait_for(pilot, lambda: "throttled, retrying 2 in 2 s" in screen_text(app), "the notice")


async def test_snapshot_of_a_row_is_planned_run_followed_and_told(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: app.session.scopes, "the scope")
        app.session.core.arming.arm(app.session.scopes[HOME])
        pane_of(app).table.move_to(ref("instance", "orders-db"))
        await pilot.press("s")
        await wait_for(pilot, lambda: isinstance(app.screen, PlanScreen) and app.screen.plans, "the plan")
        await wait_for(pilot, lambda: app.screen.ready, "the question")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.session.core.tracker.operations, "the operation")
        assert gateway.executed[0].operation == "rds:CreateDBSnapshot"


async def test_unknown_binding_ids_and_clashes_are_told(make_app):
    app = make_app(settings=Settings(keys={"list.filter": "f", "list.nonsense": "x", "list.sort": "r"}))
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "list.nonsense, which does not exist" in toasts(app), "the warning")
        await pilot.press("f")
        await wait_for(pilot, lambda: isinstance(app.focused, Input), "the filter on its new key")


async def test_settings_warnings_are_told_at_start(make_app):
    app = make_app(settings=Settings(theme="no-such-theme", warnings=("line 3: [red] unknown setting",)))
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "line 3: [red] unknown setting" in toasts(app), "the warning")


async def test_ctrl_c_stops_the_load_then_offers_to_quit(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        gateway.gate("rds:DescribeDBInstances")
        await pilot.press("r")
        await wait_for(pilot, lambda: pane.fleet.loading, "the load")
        await pilot.press("ctrl+c")
        await wait_for(pilot, lambda: pane.fleet.stopped, "the stop")
        await pilot.press("ctrl+c")
        await wait_for(pilot, lambda: "ctrl+c again offers to quit" in toasts(app), "the hint")
        await pilot.press("ctrl+c")
        await wait_for(pilot, lambda: isinstance(app.screen, NoticeScreen), "the question")
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.screen is app.main, "to stay")
        gateway.heal()


async def test_q_quits(make_app):
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("q")
        await wait_for(pilot, lambda: app._exit, "the end")


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((40, 10), "textual-dark"),
        ((80, 24), "textual-light"),
        ((80, 24), "ansi-light"),
        ((140, 40), "ansi-dark"),
    ],
)
async def test_every_screen_opens_at_every_size(make_app, size, theme):
    app = make_app(settings=Settings(theme=theme))
    async with running(app, size) as pilot:
        for key in ("question_mark", "o", "y", "a", "p", "colon", "ctrl+p", "slash"):
            await pilot.press(key)
            await pilot.pause()
            assert screen_text(app)
            await pilot.press("escape")
            await wait_for(pilot, lambda: app.screen is app.main, f"{key} to close")
        for key in "235":
            await pilot.press(key)
            await pilot.pause()
        assert app.is_running


async def test_ascii_terminal_gets_ascii_only(make_app):
    app = make_app(settings=Settings(ascii=True))
    async with running(app, (140, 40)) as pilot:
        await wait_for(pilot, lambda: "orders-db" in screen_text(app), "the list")
        assert screen_text(app).replace("\n", "").isascii()
        assert "! storage-full" in screen_text(app)


async def test_without_colour_everything_still_shows(make_app, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "▲ storage-full" in screen_text(app), "sign and word")


async def test_refresh_tries_a_failed_start_again(make_app):
    tries = []

    async def start():
        tries.append(1)
        if len(tries) == 1:
            raise AwsError(Failure(FailureKind.CREDENTIALS, "No credentials.", hint="aws sso login"))
        return (HOME,)

    app = make_app(start=start)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: "No credentials." in screen_text(app), "the failure")
        await pilot.press("r")
        await wait_for(pilot, lambda: app.main.pane and app.main.pane.fleet.rows.row_count == 7, "the rows")


async def test_other_targets_close_the_details_of_the_old_ones(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await jump(app, pilot, "orders-db")
        await wait_for(pilot, lambda: isinstance(app.screen, DetailScreen), "the detail")
        await pilot.press("p")
        await wait_for(pilot, lambda: isinstance(app.screen, TargetsScreen), "the chooser")
        profiles = app.screen.query_one("#profiles", CheckList)
        await wait_for(pilot, lambda: profiles.option_count == 3, "the profiles")
        await pilot.press("down", "space", "enter")
        await wait_for(pilot, lambda: len(app.session.targets) == 2, "both profiles")
        await wait_for(pilot, lambda: app.screen is app.main, "the list")


async def test_end_of_an_operation_is_told_with_what_it_took(make_app, gateway: FakeGateway):
    def taken(scope, operation, parameters):
        gateway.put(snapshot(parameters["DBSnapshotIdentifier"], "orders-db"))
        return {}

    gateway.on_execute = taken
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: app.session.scopes, "the scope")
        app.session.core.arming.arm(app.session.scopes[HOME])
        pane_of(app).table.move_to(ref("instance", "orders-db"))
        await pilot.press("s")
        await wait_for(pilot, lambda: isinstance(app.screen, PlanScreen) and app.screen.plans, "the plan")
        await wait_for(pilot, lambda: app.screen.ready, "the question")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "done (took 0:00)" in toasts(app), "the toast")
        await wait_for(pilot, lambda: "operation" not in screen_text(app).splitlines()[0], "the count to go")


async def test_a_detail_in_front_does_not_end_refreshing(make_app, gateway: FakeGateway, clock):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        await jump(app, pilot, "orders-db")
        await wait_for(pilot, lambda: isinstance(app.screen, DetailScreen), "the detail")
        clock.advance(7200)
        gateway.put(instance("newcomer"))
        await pilot.press("escape")
        await wait_for(pilot, lambda: "newcomer" in names(pane), "the refresh that was due")


@pytest.mark.parametrize(("keys", "code"), [(("1", "2", "3", "4", "5", "6", "enter"), "123456"), (("escape",), "")])
async def test_an_mfa_code_is_asked_for_in_a_dialog(make_app, keys: tuple[str, ...], code: str):
    app = make_app()
    async with running(app) as pilot:
        asked = asyncio.create_task(app.ask_mfa("Enter MFA code for arn:aws:iam::1:mfa/[bold]me[/]:"))
        await wait_for(pilot, lambda: isinstance(app.screen, MfaScreen), "the question")
        await pilot.press(*keys)
        assert await asked == code
