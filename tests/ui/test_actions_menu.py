"""The menu of verbs: nothing is hidden, and what is not possible says why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.ui.action_fakes import Host, shown, until
from tests.unit.actions.builders import instance, table
from textual.pilot import Pilot

from dbtui.actions import for_kind
from dbtui.domain.models import Resource
from dbtui.ui.screens.actions_menu import ActionsMenu, entry

ACTIONS = for_kind("instance")


@asynccontextmanager
async def menu(*resources: Resource, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[Host, Pilot[Any]]]:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.push_screen(ActionsMenu(resources, ACTIONS), app.keep)
        await until(pilot, "the menu is there", lambda: isinstance(app.screen, ActionsMenu))
        await pilot.pause()
        yield app, pilot


def chosen(app: Host) -> str:
    return getattr(app.result, "name", "")


async def test_illegal_verbs_stay_with_their_reason() -> None:
    async with menu(instance()) as (app, _pilot):
        text = shown(app)
    assert "Start" in text
    assert "already running" in text
    assert "drops pending changes" in text


async def test_a_verbs_key_chooses_it() -> None:
    async with menu(instance()) as (app, pilot):
        await pilot.press("t")
        await until(pilot, "dismissed", lambda: app.dismissed)
        assert chosen(app) == "stop"


async def test_the_key_of_an_illegal_verb_says_why_and_stays() -> None:
    async with menu(instance()) as (app, pilot):
        await pilot.press("S")
        await until(pilot, "the reason is told", lambda: "Start: already running" in shown(app))
        assert not app.dismissed


@pytest.mark.parametrize("down", ["down", "j"])
async def test_the_cursor_passes_over_what_is_not_possible(down: str) -> None:
    async with menu(instance()) as (app, pilot):
        await pilot.press(down, "enter")
        await until(pilot, "dismissed", lambda: app.dismissed)
        assert chosen(app) == "stop"


async def test_escape_chooses_nothing() -> None:
    async with menu(instance(), size=(40, 10)) as (app, pilot):
        await pilot.press("escape")
        await until(pilot, "dismissed", lambda: app.dismissed)
        assert app.result is None


async def test_several_rows_are_counted() -> None:
    async with menu(instance(), instance("billing-db", status="stopped")) as (app, _pilot):
        text = shown(app)
    assert "2 rows" in text
    assert "1 of 2: instance/billing-db is stopped, must be available" in text


def test_a_verb_no_row_allows_says_so() -> None:
    start = next(action for action in ACTIONS if action.name == "start")
    found = entry(start, [instance(), instance("crm")])
    assert (found.legal, found.note) == (False, "none of 2: already running")
    found = entry(start, [instance(), table()])
    assert (found.legal, found.note) == (False, "none of 2: instance/orders-db already running")


def test_a_verb_all_rows_allow_says_so() -> None:
    stop = next(action for action in ACTIONS if action.name == "stop")
    assert entry(stop, [instance(), instance("crm")]).note == "all 2 · drops pending changes"


async def test_names_from_aws_are_never_markup() -> None:
    async with menu(instance("[/red]x", status="[bold]odd")) as (app, _pilot):
        text = shown(app)
    assert "instance/[/red]x" in text.replace("%5B", "[").replace("%5D", "]").replace("%2F", "/")
    assert "is [bold]odd" in text
