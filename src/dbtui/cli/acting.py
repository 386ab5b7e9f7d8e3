"""The way of every mutating verb: resolve all → plan all → confirm → send one by one → follow → report."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from dbtui.actions import render as plans_as_text
from dbtui.actions.model import Action, Operation, OperationState, Plan
from dbtui.cli import approving, exits, results
from dbtui.cli.console import Console, PipeClosed
from dbtui.cli.following import operation_text
from dbtui.cli.options import Invocation
from dbtui.cli.progress import Follower
from dbtui.cli.resolving import Found, resolve, understood
from dbtui.cli.results import Result
from dbtui.cli.running import to_the_end
from dbtui.cli.sinks import json_of
from dbtui.cli.wiring import Session
from dbtui.domain.failures import DbtuiError, Refused, UsageError
from dbtui.domain.scope import ResourceRef
from dbtui.resources import Located, place_of

_PLANS_IN_FLIGHT: Final = 8
_TICK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """One mutating command as it was typed."""

    action: Action
    places: tuple[str, ...]
    values: Mapping[str, Any]
    consent: approving.Consent = field(default_factory=approving.Consent)
    dry_run: bool = False
    wait: bool = False
    timeout: float = 7200.0
    keep_going: bool = False
    csv_guard: bool = True


@dataclass(frozen=True, slots=True)
class Prepared:
    """One place, checked: its plan, or the error that stands in the way."""

    text: str
    plan: Plan | None = None
    error: DbtuiError | None = None


async def carry_out(invocation: Invocation, session: Session, order: Order) -> int:
    """Runs the order; returns the exit code. Without ``--keep-going`` nothing is sent unless every place is fine."""
    console = invocation.console
    prepared = await _prepare(session, order, console)
    failed = [entry for entry in prepared if entry.error is not None]
    for entry in failed:
        _say_error(console, entry.text if len(prepared) > 1 else "dbtui", entry.error)
    plans = [entry.plan for entry in prepared if entry.plan is not None]
    if failed and (not order.keep_going or not plans):
        if len(prepared) > 1:
            console.say("Nothing was sent.")
        return exits.combined(exits.of_error(entry.error) for entry in failed if entry.error is not None)
    wanting = approving.unmet(plans, session.core.policy, order.consent)
    if order.dry_run:
        return _show_dry_run(invocation, plans, failed, wanting)
    if wanting:
        _confirm(session, console, plans, wanting)
    return await _Run(invocation, session, order).go(prepared)


async def _prepare(session: Session, order: Order, console: Console) -> list[Prepared]:
    places = understood(order.places, session.targets)
    for text, place in places:
        _check_words(order, text, place)
    limit = asyncio.Semaphore(_PLANS_IN_FLIGHT)

    async def prepare(text: str, place: Located) -> Prepared:
        async with limit:
            found = await resolve(session.core.gateway, text, place, everywhere=True)
            return await _plan(session, order, found)

    prepared = await asyncio.gather(*(prepare(text, place) for text, place in places))
    return _each_once(prepared, console)


def _each_once(prepared: Sequence[Prepared], console: Console) -> list[Prepared]:
    """One entry per resource: a place, a place with its scope and an ARN may be three names of one thing."""
    first: dict[ResourceRef, str] = {}
    kept: list[Prepared] = []
    for entry in prepared:
        same = first.setdefault(entry.plan.subject, entry.text) if entry.plan is not None else entry.text
        if same == entry.text:
            kept.append(entry)
        else:
            console.say(f"{entry.text} is {same}: acted on once.")
    return kept


def _check_words(order: Order, text: str, place: Located) -> None:
    """What is wrong with the command whatever AWS says: raises :class:`UsageError`."""
    action, kind = order.action, place.kind.name
    if kind not in action.kinds:
        raise UsageError(
            f"{action.name} does not work on a {kind}: {text}.", hint=f"It works on {', '.join(sorted(action.kinds))}."
        )
    fitting = {param.name for param in action.params_for(kind)}
    for param in action.params:
        value = order.values.get(param.name)
        if not value:
            continue
        option = f"--{param.name.replace('_', '-')}"
        if param.name not in fitting:
            raise UsageError(f"{option} does not apply to {text}: a {kind} takes no {param.title.lower()}.")
        reason = param.check(value, kind) if param.check is not None else None
        if reason is not None:
            raise UsageError(f"{option} {value}: {reason}.")
    if order.values.get("name") and len(order.places) > 1:
        raise UsageError("--name goes with one place.", hint="Without it each gets a name of its own.")


async def _plan(session: Session, order: Order, found: Found) -> Prepared:
    if found.error is not None or found.resource is None:
        return Prepared(found.text, error=found.error)
    scope = found.resource.ref.scope
    verdict = session.core.policy(scope)
    if not order.dry_run and (verdict.read_only or session.core.gateway.is_read_only(scope)):
        why = verdict.read_only_why or "--read-only"
        return Prepared(found.text, error=Refused(f"{scope.label} is read-only ({why}).", hint="Nothing was sent."))
    try:
        plan = await session.core.runner.plan(order.action, found.resource, order.values)
    except DbtuiError as error:
        return Prepared(found.text, error=error)
    return Prepared(found.text, plan=plan)


def _say_error(console: Console, speaker: str, error: DbtuiError | None) -> None:
    if error is not None:
        console.say(f"{speaker}: {error.failure.sentence}")
        if error.failure.further:
            console.say(f"  {error.failure.further}")


def _say_plans(console: Console, plans: Sequence[Plan]) -> None:
    for plan in plans:
        for line in plans_as_text.lines(plan):
            console.say(line)


def _show_dry_run(
    invocation: Invocation, plans: Sequence[Plan], failed: Sequence[Prepared], wanting: Sequence[approving.Wanting]
) -> int:
    """The calls on standard output, the plans in words on standard error; exits as the real run would."""
    console = invocation.console
    _say_plans(console, plans)
    calls = [call for plan in plans for call in plans_as_text.dry_run(plan)]
    if invocation.format == "jsonl":
        console.lines([json_of(console, call, indent=None) for call in calls])
    else:
        console.data(json_of(console, calls) + "\n")
    console.flush()
    console.say("Dry run: nothing was sent.")
    codes = [exits.of_error(entry.error) for entry in failed if entry.error is not None]
    if wanting and not console.can_ask:
        console.say(approving.refusal(wanting).failure.sentence)
        return exits.combined([*codes, exits.Exit.REFUSED])
    return exits.combined([*codes, exits.Exit.DONE])


def _confirm(session: Session, console: Console, plans: Sequence[Plan], wanting: Sequence[approving.Wanting]) -> None:
    _say_plans(console, plans)
    if not console.can_ask:
        raise approving.refusal(wanting)
    approving.ask(wanting, session.core.policy, console)


class _Run:
    """Sends the plans one after the other, follows them if asked to, and reports, also when interrupted."""

    def __init__(self, invocation: Invocation, session: Session, order: Order) -> None:
        self._console = invocation.console
        self._invocation = invocation
        self._core = session.core
        self._order = order
        self._started: dict[str, Operation] = {}

    async def go(self, prepared: Sequence[Prepared]) -> int:
        try:
            await self._send_all(prepared)
            if self._order.wait:
                await self._follow()
        except asyncio.CancelledError:
            self._report(prepared, interrupted=True)
            raise
        return self._report(prepared, interrupted=False)

    async def _send_all(self, prepared: Sequence[Prepared]) -> None:
        for entry in prepared:
            if entry.plan is None:
                continue
            await to_the_end(self._send(entry.text, entry.plan))
            if self._failed(self._started[entry.text]) and not self._order.keep_going:
                return

    async def _send(self, text: str, plan: Plan) -> None:
        operation = await self._core.runner.run(plan)
        if operation.warning:
            self._console.say(f"warning: {operation.warning}")
        self._started[text] = operation

    @staticmethod
    def _failed(operation: Operation) -> bool:
        return operation.state not in {OperationState.RUNNING, OperationState.DONE}

    async def _follow(self) -> None:
        """Waits for everything started; at the timeout the rest is left running."""
        tracker = self._core.tracker
        for operation in self._started.values():
            tracker.add(operation)
        ticking = asyncio.ensure_future(self._tick())
        try:
            await asyncio.gather(
                *(
                    tracker.wait(operation.op_id, self._order.timeout, or_unreadable=True)
                    for operation in self._started.values()
                )
            )
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
            self._refresh()

    async def _tick(self) -> None:
        follower = Follower(self._console)
        try:
            while True:
                self._refresh()
                now = self._core.clock()
                follower.show([operation_text(operation, now) for operation in self._running()])
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            follower.close()

    def _refresh(self) -> None:
        latest = {operation.op_id: operation for operation in self._core.tracker.operations}
        self._started = {text: latest.get(old.op_id, old) for text, old in self._started.items()}

    def _running(self) -> list[Operation]:
        return [operation for operation in self._started.values() if operation.state is OperationState.RUNNING]

    def _report(self, prepared: Sequence[Prepared], *, interrupted: bool) -> int:
        """One result per place on standard output, errors and how to go on waiting on standard error."""
        outcomes = [self._result(entry) for entry in prepared]
        unwritten = None if interrupted and not self._started else self._try_to_print(outcomes)
        for operation in self._started.values():
            trouble = operation.error or (operation.failure.sentence if operation.failure is not None else "")
            if trouble:
                self._console.say(f"{place_of(operation.subject)}: {trouble}")
        self._say_how_to_resume(interrupted=interrupted)
        code = exits.combined(outcome.code for outcome in outcomes)
        if unwritten is None:
            return code
        for outcome in outcomes:
            self._console.say(f"{outcome.place}: {outcome.action} {outcome.outcome}")
        self._console.say(f"dbtui: {unwritten.failure.sentence}")
        return code or exits.of_error(unwritten)

    def _try_to_print(self, outcomes: Sequence[Result]) -> DbtuiError | None:
        """Prints the results; returns why standard output did not take them, ``None`` where nobody reads it any more.

        What became of the operations is told, and is the exit code, all the same.
        """
        single = len(self._order.places) == 1
        try:
            results.show(outcomes, self._invocation.output, self._console, single=single, guard=self._order.csv_guard)
            self._console.flush()
        except PipeClosed:
            self._console.abandon_output()
        except DbtuiError as error:
            self._console.abandon_output()
            return error
        return None

    def _result(self, entry: Prepared) -> Result:
        name = self._order.action.name
        if entry.text in self._started:
            return results.of_operation(self._started[entry.text], waited=self._order.wait)
        if entry.error is not None:
            return results.of_error(entry.text, name, entry.error)
        place = place_of(entry.plan.subject) if entry.plan is not None else entry.text
        failed = next((text for text, operation in self._started.items() if self._failed(operation)), "")
        return results.not_sent(place, name, f"{failed} failed" if failed else "it was interrupted")

    def _say_how_to_resume(self, *, interrupted: bool) -> None:
        running = self._running()
        if not running or not (interrupted or self._order.wait):
            return
        why = "Interrupted" if interrupted else f"Still running after {self._order.timeout:.0f} s"
        if any(operation.failure is not None for operation in running):
            why = "It cannot be followed"
        self._console.say(f"{why}; AWS goes on with it. To wait for it again:")
        for operation in running:
            self._console.say(f"  {results.resume_command(place_of(operation.watch), self._invocation.options)}")
