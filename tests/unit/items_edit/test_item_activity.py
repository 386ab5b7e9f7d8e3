"""Writes of items in Activity: those of this run, and those the journal tells of after a restart or a kill."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from dbtui.actions.item_writes import ItemWriter, plan_of
from dbtui.actions.model import OperationState
from dbtui.actions.tracker import Tracker
from dbtui.items.writes import create_write, delete_write, edit_write
from dbtui.ui.screens.activity import Watch, operation_text
from tests.cli.fake_cloud import FakeCloud
from tests.cli.harness import FakeWiring, Harness
from tests.unit.items_edit.world import NOW, World, item, n


def restarted(world: World, drafts: Path | None = None) -> Tracker:
    """A tracker as a newly started program has it, an hour later."""
    world.now = NOW + timedelta(hours=1)
    return Tracker(world.gateway, world.journal, world.clock, poll_seconds=0.01, drafts=drafts)


async def test_ended_writes_are_in_activity_at_once(world: World) -> None:
    tracker = restarted(world)
    writer = ItemWriter(world.gateway, world.journal, world.clock, world.undo, report=tracker.add)
    await writer.run(create_write(world.table, item(a=n(1))))

    [operation] = tracker.operations
    assert (operation.title, operation.state) == ("create item pk=a, sk=1 of orders", OperationState.DONE)
    assert tracker.running == ()


async def test_ended_writes_are_found_again_after_a_restart(world: World) -> None:
    await world.writer.run(create_write(world.table, item(a=n(1))))
    await world.writer.run(delete_write(world.table, item(a=n(9))))
    tracker = restarted(world)

    assert await tracker.recover() == ()
    failed, done = tracker.operations
    assert (done.action, done.state, done.recovered) == ("create-item", OperationState.DONE, True)
    assert (failed.action, failed.state) == ("delete-item", OperationState.FAILED)
    assert "was changed since it was read" in failed.error
    assert failed.plan is not None and failed.plan.steps == ()


async def test_a_write_of_a_killed_run_is_unknown_and_says_where_its_draft_is(world: World) -> None:
    write = edit_write(world.table, item(a=n(1)), item(a=n(2)))
    assert write is not None
    world.journal.intent("abc", plan_of(write))
    tracker = restarted(world, Path("/state/drafts"))

    assert await tracker.recover() == ()
    [operation] = tracker.operations
    assert operation.state is OperationState.UNKNOWN
    assert operation.error == (
        "dbtui ended before the write was answered: it may have been carried out; look at the item."
        " If it was typed in the editor, its draft is in /state/drafts."
    )
    assert not world.gateway.calls, "there is nothing to ask AWS"
    assert [record["event"] for record in world.journal.records()] == ["intent", "outcome"]


async def test_a_write_of_a_killed_run_that_was_answered_is_done(world: World) -> None:
    plan = plan_of(create_write(world.table, item(a=n(1))))
    world.journal.intent("abc", plan)
    world.journal.sent("abc", plan, "dynamodb:PutItem", "request-1", plan.watch)
    tracker = restarted(world)
    await tracker.recover()

    [operation] = tracker.operations
    assert (operation.state, operation.ended_at) == (OperationState.DONE, None)
    assert operation.request_id == "request-1"


async def test_a_write_that_another_living_program_just_began_is_left_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(create_write(world.table, item(a=n(1))))
    world.journal.intent("abc", plan)
    [record] = world.journal.records()
    world.journal.path.write_text(json.dumps({**record, "pid": 1}) + "\n")
    tracker = Tracker(world.gateway, world.journal, world.clock, poll_seconds=0.01)
    await tracker.recover()

    assert tracker.operations == ()


def test_the_activity_command_tells_of_writes_of_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBTUI_CONFIG", str(tmp_path / "config.toml"))
    world = World(tmp_path)
    write = delete_write(world.table, item("a\x1b[31m", a=n(1)))
    world.journal.intent("abc", plan_of(write))
    lost = create_write(world.table, item(a=n(1)))
    asyncio.run(world.writer.run(lost))

    dbtui = Harness(FakeWiring(FakeCloud(), tmp_path))
    created, deleted = dbtui.run("activity").json

    assert (created["action"], created["outcome"]) == ("create-item", "done")
    assert (deleted["action"], deleted["outcome"]) == ("delete-item", "unknown")
    assert deleted["place"] == deleted["result"] == "dev@eu-west-1:table/orders"
    assert "it may have been carried out" in deleted["error"]
    assert "\x1b[31m" not in dbtui.terminal("activity").out


async def test_one_write_is_shown_in_full(world: World) -> None:
    world.put(item(a=n(9)))
    await world.writer.run(delete_write(world.table, item(a=n(1), secret={"S": "VALUE"})))
    [operation] = world.reported
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(operation_text(operation, Watch(world.clock)))
    text = console.export_text()

    assert "failed: The item pk=a, sk=1 of orders was changed since it was read" in text
    assert 'Key={"pk":{"S":"a"},"sk":{"N":"1"}}' in text
    assert "VALUE" not in text
