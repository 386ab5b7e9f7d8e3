"""``dbtui wait PLACE…``: until resources settle, reach a status, or are gone."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from dbtui.cli.commands.act import DEFAULT_TIMEOUT
from dbtui.cli.options import Invocation, Verb, csv_raw_option, seconds

if TYPE_CHECKING:
    from dbtui.cli.following import Wait
    from dbtui.cli.results import Result
    from dbtui.cli.wiring import Session


def command(summary: str) -> Verb:
    return Verb(
        "wait",
        callback=_wait,
        params=[
            click.Argument(["places"], metavar="PLACE…", nargs=-1),
            click.Option(
                ["--for", "goal"],
                metavar="STATUS",
                default="",
                help="This status of AWS's, or 'deleted'; by default any status that does not pass by itself.",
            ),
            click.Option(
                ["--timeout"],
                default=DEFAULT_TIMEOUT,
                show_default=True,
                metavar="DURATION",
                callback=seconds,
                help="How long to wait: 90s, 30m, 2h; then the exit code is 6.",
            ),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nA status that needs a person (failed, storage-full …) ends the wait with exit code 1.",
    )


@click.pass_obj
def _wait(invocation: Invocation, places: tuple[str, ...], goal: str, timeout: float, csv_raw: bool) -> int:
    from dbtui.cli.running import run_session
    from dbtui.domain.failures import UsageError

    if not places:
        raise UsageError("wait for what?", hint="Give a place, for example instance/orders-db.")
    _warn_of_unknown_status(invocation, goal)

    async def work(session: Session) -> int:
        return await _follow(invocation, session, places, goal.casefold(), timeout, guard=not csv_raw)

    return run_session(invocation, work)


def _warn_of_unknown_status(invocation: Invocation, goal: str) -> None:
    """AWS publishes no closed list of statuses, so a word nobody knows is allowed, but not in silence."""
    from dbtui.cli.following import DELETED
    from dbtui.domain import states

    tables = (states.INSTANCE, states.CLUSTER, states.SNAPSHOT, states.TABLE, states.BACKUP)
    known = {DELETED, *(word.casefold() for table in tables for word in table)}
    if goal and goal.casefold() not in known:
        near = get_close_matches(goal.casefold(), known, n=2)
        suggestion = f" Did you mean {' or '.join(near)}?" if near else ""
        invocation.console.say(f"note: dbtui does not know the status {goal!r}.{suggestion}")


async def _follow(
    invocation: Invocation, session: Session, places: Sequence[str], goal: str, patience: float, *, guard: bool
) -> int:
    import asyncio

    from dbtui.cli.exits import combined
    from dbtui.cli.following import Wait
    from dbtui.cli.resolving import understood

    waits = [Wait(session.core.gateway, text, place, goal) for text, place in understood(places, session.targets)]
    ticking = asyncio.ensure_future(_tick(invocation, waits))
    interrupted = True
    try:
        tasks = [asyncio.ensure_future(wait.run()) for wait in waits]
        done, late = await asyncio.wait(tasks, timeout=patience)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in done:
            task.result()
        interrupted = False
    finally:
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        if interrupted:
            _say_how_to_resume(invocation, waits, goal, "Interrupted")
    outcomes = [wait.still_running() for wait in waits]
    _print(invocation, outcomes, guard=guard)
    _say_how_to_resume(invocation, waits, goal, f"Still running after {patience:.0f} s")
    return combined(outcome.code for outcome in outcomes)


async def _tick(invocation: Invocation, waits: Sequence[Wait]) -> None:
    import asyncio

    from dbtui.cli.progress import Follower

    follower = Follower(invocation.console)
    try:
        while True:
            await asyncio.sleep(1)
            follower.show([wait.progress_text() for wait in waits if wait.result is None])
    finally:
        follower.close()


def _print(invocation: Invocation, outcomes: Sequence[Result], *, guard: bool) -> None:
    from dbtui.cli.results import show

    console = invocation.console
    show(outcomes, invocation.output, console, single=True, guard=guard)
    for outcome in outcomes:
        if outcome.error is not None:
            console.say(f"{outcome.place}: {outcome.error['message']} {outcome.error['hint'] or ''}".rstrip())


def _say_how_to_resume(invocation: Invocation, waits: Sequence[Wait], goal: str, why: str) -> None:
    from dbtui.cli.results import resume_command

    running = [wait for wait in waits if wait.result is None]
    if not running:
        return
    invocation.console.say(f"{why}; nothing was cancelled in AWS. To wait for it again:")
    for wait in running:
        wanted = f" --for {goal}" if goal else ""
        invocation.console.say(f"  {resume_command(wait.name, invocation.options)}{wanted}")
