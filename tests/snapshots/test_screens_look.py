"""Pictures of the main screens. A change here is a change of what people see: look at it before accepting it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ui.conftest import DENIED, HOME, STILL, HeldClock, company, make_core, pane_of, ref, wait_for

from dbtui.gateway.fake import FakeGateway
from dbtui.settings.model import Settings
from dbtui.ui.app import DbtuiApp
from dbtui.ui.screens.detail import DetailScreen


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures do not depend on the developer's terminal."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in ("NO_COLOR", "TMUX", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)


def build(folder: Path, gateway: FakeGateway | None = None, theme: str = "textual-dark") -> DbtuiApp:
    core = make_core(gateway or company(), HeldClock(), folder)
    return DbtuiApp(core, Settings(theme=theme), (HOME,), pace=STILL)


async def loaded(pilot) -> None:
    app = pilot.app
    await wait_for(pilot, lambda: app.main.pane is not None and app.session.scopes, "the first pane")
    await wait_for(pilot, lambda: not pane_of(app).fleet.loading, "the first list")
    await wait_for(pilot, lambda: "as of" in app.main.query_one("StatusLine").text, "the status line")


@pytest.mark.parametrize(("size", "theme"), [((80, 24), "textual-dark"), ((80, 24), "textual-light")])
def test_rds(snap_compare, tmp_path, size, theme):
    assert snap_compare(build(tmp_path, theme=theme), terminal_size=size, run_before=loaded)


def test_rds_wide(snap_compare, tmp_path):
    async def run_before(pilot) -> None:
        await loaded(pilot)
        await wait_for(pilot, lambda: pilot.app.main.query_one("#beside").display, "the detail beside")

    assert snap_compare(build(tmp_path), terminal_size=(140, 40), run_before=run_before)


def test_denied_small(snap_compare, tmp_path):
    gateway = company()
    gateway.fail("rds:DescribeDBInstances", DENIED)
    gateway.fail("rds:DescribeDBClusters", DENIED)

    async def run_before(pilot) -> None:
        await wait_for(pilot, lambda: pilot.app.main.pane and pilot.app.main.pane.fleet.failures, "the failure")
        await wait_for(pilot, lambda: pilot.app.session.scopes, "the scope")
        await wait_for(pilot, lambda: not pane_of(pilot.app).fleet.loading, "the end of the load")
        await wait_for(pilot, lambda: "2 of 2 lists" in pilot.app.main.query_one("StatusLine").text, "the words")

    assert snap_compare(build(tmp_path, gateway), terminal_size=(40, 10), run_before=run_before)


def test_detail(snap_compare, tmp_path):
    async def run_before(pilot) -> None:
        await loaded(pilot)
        pane_of(pilot.app).table.move_to(ref("instance", "orders-db"))
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(pilot.app.screen, DetailScreen), "the detail")
        await wait_for(pilot, lambda: pilot.app.screen.panel.items, "its lines")

    assert snap_compare(build(tmp_path), terminal_size=(80, 24), run_before=run_before)


def test_help(snap_compare, tmp_path):
    async def run_before(pilot) -> None:
        await loaded(pilot)
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: pilot.app.screen is not pilot.app.main, "the help")

    assert snap_compare(build(tmp_path), terminal_size=(80, 24), run_before=run_before)
