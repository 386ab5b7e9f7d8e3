"""Activity: operations as the tracker reports them, and one of them in full."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import msgspec
from tests.ui.action_fakes import FakeTracker, Hand, Host, shown, until
from tests.unit.actions.builders import NOW, PROD
from textual.pilot import Pilot

from dbtui.actions.model import Call, Confirm, Operation, OperationState, Plan
from dbtui.domain.failures import Failure, FailureKind
from dbtui.domain.scope import ResourceRef
from dbtui.ui.screens.activity import ActivityPane, OperationScreen

SUBJECT = ResourceRef(PROD, "instance", "orders-db")
WATCH = ResourceRef(PROD, "instance-snapshot", "orders-db-1")
PLAN = Plan(
    action="snapshot",
    title="Snapshot instance/orders-db",
    subject=SUBJECT,
    watch=WATCH,
    incarnation="db-1",
    steps=(Call(operation="rds:CreateDBSnapshot", parameters={"DBSnapshotIdentifier": "orders-db-1"}),),
    confirm=Confirm.ENTER,
)


def operation(op_id: str = "one", minutes_ago: int = 3, **changes: Any) -> Operation:
    members: dict[str, Any] = {
        "op_id": op_id,
        "action": "snapshot",
        "title": "Snapshot instance/orders-db",
        "subject": SUBJECT,
        "watch": WATCH,
        "state": OperationState.RUNNING,
        "started_at": NOW - timedelta(minutes=minutes_ago),
        "status": "creating",
        "percent": 42,
        "request_id": "req-1",
        "plan": PLAN,
    }
    return Operation(**(members | changes))


@asynccontextmanager
async def activity(
    *operations: Operation, size: tuple[int, int] = (120, 30)
) -> AsyncIterator[tuple[Host, Pilot[Any], FakeTracker, Hand]]:
    app, tracker, clock = Host(), FakeTracker(*operations), Hand()
    async with app.run_test(size=size) as pilot:
        pane = ActivityPane(cast(Any, tracker), clock)
        await app.mount(pane)
        pane.shown()
        await pilot.pause()
        yield app, pilot, tracker, clock


async def test_it_says_that_nothing_was_started() -> None:
    async with activity(size=(100, 12)) as (app, pilot, _tracker, _clock):
        await until(pilot, "the note is painted", lambda: "found again" in shown(app))
        assert "Nothing started yet" in shown(app)
        assert app.query_one(ActivityPane).status == "no operations"


async def test_the_newest_comes_first_with_its_progress() -> None:
    done = operation("two", 9, state=OperationState.DONE, ended_at=NOW - timedelta(minutes=8), status="available")
    async with activity(done, operation()) as (app, pilot, _tracker, _clock):
        await until(pilot, "rows are painted", lambda: "42 %" in shown(app))
        text = shown(app)
        assert text.index("◐ running") < text.index("● done")
        assert "creating 42 %" in text
        assert "orders-db-1" in text
        assert "3:00" in text
        assert "1:00" in text
        assert app.query_one(ActivityPane).status == "2 operations · 1 running"


async def test_reports_change_rows_and_nothing_else_does() -> None:
    async with activity(operation()) as (app, pilot, tracker, clock):
        await until(pilot, "3:00 is painted", lambda: "3:00" in shown(app))
        clock.pass_(minutes=2)
        app.refresh(layout=True)
        await pilot.pause()
        assert "3:00" in shown(app), "the clock ticked by itself"
        tracker.report(operation())
        await until(pilot, "5:00 is painted", lambda: "5:00" in shown(app))
        tracker.report(operation(percent=90))
        await until(pilot, "90 % is painted", lambda: "90 %" in shown(app))
        tracker.report(operation("new", 0, title="Reboot instance/crm", watch=SUBJECT))
        await until(pilot, "a new row is painted", lambda: "Reboot instance/crm" in shown(app))


async def test_a_row_opens_in_full_and_follows_reports() -> None:
    async with activity(operation()) as (app, pilot, tracker, clock):
        await until(pilot, "rows are painted", lambda: "42 %" in shown(app))
        await pilot.press("enter")
        await until(pilot, "the operation is open", lambda: isinstance(app.screen, OperationScreen))
        await until(pilot, "it is painted", lambda: "CreateDBSnapshot" in shown(app))
        text = shown(app)
        for words in ("req-1", "acme-prod ▸ 4444-5555-6666 ▸ eu-west-1", "dbtui wait", "DBSnapshotIdentifier="):
            assert words in text
        clock.pass_(minutes=1)
        tracker.report(operation(state=OperationState.DONE, status="available", percent=None, ended_at=clock()))
        await until(pilot, "its end is painted", lambda: "● done: available" in shown(app))
        assert "creating 42 %" in shown(app), "the history is gone"
        assert "dbtui wait" not in shown(app)
        await pilot.press("escape")
        await until(pilot, "closed", lambda: not isinstance(app.screen, OperationScreen))


async def test_the_command_that_waits_is_copied() -> None:
    async with activity(operation()) as (app, pilot, _tracker, _clock):
        await pilot.press("enter")
        await until(pilot, "the operation is open", lambda: isinstance(app.screen, OperationScreen))
        await pilot.press("c")
        await until(pilot, "copied", lambda: bool(app.copied))
        assert app.copied == ["dbtui wait acme-prod@eu-west-1:instance-snapshot/orders-db-1"]


async def test_a_failure_is_told_with_its_hint() -> None:
    failure = Failure(FailureKind.PERMISSION, "Access denied.", hint="Ask for it.", iam_action="rds:CreateDBSnapshot")
    failed = operation(state=OperationState.FAILED, error=failure.sentence, failure=failure, ended_at=NOW)
    async with activity(failed, size=(120, 30)) as (app, pilot, _tracker, _clock):
        await until(pilot, "rows are painted", lambda: "▲ failed" in shown(app))
        await pilot.press("enter")
        await until(pilot, "the operation is open", lambda: isinstance(app.screen, OperationScreen))
        await until(pilot, "it is painted", lambda: "Needs" in shown(app))
        text = shown(app)
        assert "Access denied.  Ask for it." in text
        assert "rds:CreateDBSnapshot" in text


async def test_text_from_aws_is_never_markup() -> None:
    odd = msgspec.structs.replace(operation(), title="Snapshot [/bold]x", status="[red]odd\x1b[2J")
    async with activity(odd) as (app, pilot, _tracker, _clock):
        await until(pilot, "rows are painted", lambda: "[/bold]x" in shown(app))
        await pilot.press("enter")
        await until(pilot, "the operation is open", lambda: isinstance(app.screen, OperationScreen))
        await until(pilot, "it is painted", lambda: "[red]odd\\x1b[2J" in shown(app))


async def test_it_stops_listening_when_it_goes() -> None:
    async with activity(operation()) as (app, pilot, tracker, _clock):
        assert tracker.listeners
        await app.query_one(ActivityPane).remove()
        await until(pilot, "nobody listens", lambda: not tracker.listeners)
