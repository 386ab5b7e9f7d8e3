"""``dbtui activity``: running and recent operations, from the journal and a look at AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dbtui.cli import exits
from dbtui.cli.options import Invocation, Verb, csv_raw_option

if TYPE_CHECKING:
    from datetime import datetime

    from dbtui.actions.model import Operation
    from dbtui.cli.sinks import Record
    from dbtui.cli.wiring import Session


def command(summary: str) -> Verb:
    return Verb(
        "activity",
        callback=_activity,
        params=[
            click.Option(["--running"], is_flag=True, help="Only what is still going on."),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nOnly what dbtui started, on this machine and by this user; the journal is its memory.",
    )


@click.pass_obj
def _activity(invocation: Invocation, running: bool, csv_raw: bool) -> int:
    from dbtui.cli.running import run_session

    async def work(session: Session) -> int:
        return await _print(invocation, session, running=running, guard=not csv_raw)

    return run_session(invocation, work)


async def _print(invocation: Invocation, session: Session, *, running: bool, guard: bool) -> int:
    """Reads the journal back and looks once at what is still running."""
    from dbtui.cli.render import TableColumn
    from dbtui.cli.sinks import make_sink

    tracker = session.core.tracker
    await tracker.recover(session.targets)
    await tracker.look()
    columns = (
        TableColumn("operation", min_width=24),
        TableColumn("scope", min_width=10, priority=2),
        TableColumn("state", min_width=7),
        TableColumn("status", min_width=8, priority=1),
        TableColumn("started", min_width=12, priority=1),
        TableColumn("took", align="right", min_width=6, priority=2),
        TableColumn("error", min_width=12, priority=1),
    )
    console = invocation.console
    sink = make_sink(invocation.output, console, columns, guard=guard)
    for operation in tracker.running if running else tracker.operations:
        sink.put(_record(operation, session.core.clock()))
    sink.close()
    console.flush()
    if invocation.output == "table" and console.out_is_terminal and not tracker.operations:
        console.say("No operations.")
    return exits.Exit.DONE


def _record(operation: Operation, now: datetime) -> Record:
    from dbtui.actions.model import OperationState
    from dbtui.cli.render import TableCell
    from dbtui.cli.sinks import Record
    from dbtui.domain import units
    from dbtui.resources import place_of, scope_json

    percent = f" {operation.percent} %" if operation.percent is not None else ""
    end = now if operation.state is OperationState.RUNNING else operation.ended_at
    took = "–" if end is None else units.stopwatch((end - operation.started_at).total_seconds())
    return Record(
        {
            "schema": 1,
            "op_id": operation.op_id,
            "action": operation.action,
            "title": operation.title,
            "place": place_of(operation.subject),
            "result": place_of(operation.watch),
            "outcome": str(operation.state),
            "status": operation.status or None,
            "percent": operation.percent,
            "started_at": units.iso(operation.started_at),
            "ended_at": units.iso(operation.ended_at),
            "request_id": operation.request_id or None,
            "error": operation.error or None,
            "scope": scope_json(operation.scope),
        },
        (
            TableCell(operation.title),
            TableCell(operation.scope.label),
            TableCell(str(operation.state), _STYLES.get(str(operation.state), "")),
            TableCell(f"{operation.status}{percent}" or "–"),
            TableCell(units.day_or_time(operation.started_at, now)),
            TableCell(took),
            TableCell(operation.error or "–", "error" if operation.error else "muted"),
        ),
    )


_STYLES = {
    "running": "status-busy",
    "done": "status-ok",
    "failed": "status-attention",
    "refused": "status-attention",
    "unknown": "warn",
}
