"""Plan, re-check, send, journal: the only code that issues permits.

The order of one run: intent on disk → the account, the resource and the plan are read and made again → each call is
sent once → its reply, or what AWS's state says when the reply was lost, is journaled. What follows until the resource
settles is the tracker's.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from dbtui.actions.journal import Journal
from dbtui.actions.model import Action, Call, Operation, OperationState, Plan, PlanContext, Trace, Values, WaitUntil
from dbtui.actions.registry import by_name
from dbtui.domain.clock import Clock
from dbtui.domain.failures import AwsError, DbtuiError, FailureKind, Refused
from dbtui.domain.models import Cluster, Instance, Resource, Table
from dbtui.domain.scope import ResourceRef
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Gateway
from dbtui.resources import kind_of, short_place

THROTTLE_DELAYS = (1.0, 2.0, 4.0)
"""Seconds between tries of a call AWS refused for its rate; a throttled call was not carried out."""

WAIT_STEP_SECONDS = 5.0

Pause = Callable[[float], Awaitable[None]]


def incarnation_of(resource: Resource) -> str:
    """AWS's immutable id: it differs when a name is used again."""
    if isinstance(resource, (Instance, Cluster)):
        return resource.resource_id
    return resource.table_id if isinstance(resource, Table) else resource.arn


class Runner:
    """Makes plans and carries them out."""

    def __init__(self, gateway: Gateway, journal: Journal, clock: Clock, *, pause: Pause = asyncio.sleep) -> None:
        self._gateway = gateway
        self._journal = journal
        self._clock = clock
        self._pause = pause
        self._context = PlanContext(gateway, clock)

    async def plan(self, action: Action, resource: Resource, values: Values | None = None) -> Plan:
        """What the verb would do; reads only. Raises :class:`Refused` (illegal, bad value) or :class:`AwsError`."""
        reason = action.legal(resource)
        if reason is not None:
            raise Refused(
                f"{action.name} is not possible: {short_place(resource.ref)} {reason}.", kind=FailureKind.ILLEGAL_STATE
            )
        return await action.plan(self._context, resource, values or {})

    async def run(self, plan: Plan) -> Operation:
        """Carries out a confirmed plan. AWS's failures end in the operation's state; they are not raised.

        A cancelled run leaves its intent in the journal, from which the tracker tells later what became of it.
        """
        operation = Operation(
            op_id=secrets.token_hex(8),
            action=plan.action,
            title=plan.title,
            subject=plan.subject,
            watch=plan.watch,
            state=OperationState.RUNNING,
            started_at=self._clock(),
            plan=plan,
        )
        try:
            await self._recheck(plan)
            await asyncio.to_thread(self._journal.intent, operation.op_id, plan)
        except DbtuiError as error:
            return _ended(operation, OperationState.REFUSED, self._clock(), error.failure.sentence, error)
        operation = await self._steps(plan, msgspec.structs.replace(operation, warning=self._journal.problem))
        if operation.state is not OperationState.RUNNING:
            await asyncio.to_thread(self._journal.outcome, plan, operation)
        return operation

    async def _recheck(self, plan: Plan) -> None:
        """Stops unless account, resource, legality, steps and effects are what the plan was confirmed for."""
        await self._gateway.confirm_account(plan.subject.scope)
        kind = kind_of(plan.subject)
        resource = await kind.get(self._gateway, plan.subject.scope.target, plan.subject.id)
        if incarnation_of(resource) != plan.incarnation:
            raise Refused(
                f"{short_place(plan.subject)} is not the one of the plan: it was replaced by another of the same name.",
                hint="Nothing was sent. Look at it again and plan anew.",
            )
        fresh = await self.plan(by_name(plan.action), resource, plan.values)
        if (fresh.steps, fresh.effects) != (plan.steps, plan.effects):
            raise Refused(
                f"{short_place(plan.subject)} has changed since the plan: {_difference(plan, fresh)}.",
                hint="Nothing was sent. Plan anew to see what would happen now.",
            )

    async def _steps(self, plan: Plan, operation: Operation) -> Operation:
        for number, step in enumerate(plan.steps, 1):
            if isinstance(step, WaitUntil):
                await self._wait_until_settled(step.ref)
                continue
            try:
                operation = await self._send(plan, step, operation)
            except DbtuiError as error:
                left = len(plan.steps) - number
                text = error.failure.sentence + (f" {left} more steps were not sent." if left else "")
                state = OperationState.REFUSED if isinstance(error, Refused) else OperationState.FAILED
                return _ended(operation, state, self._clock(), text, error)
            if operation.state is not OperationState.RUNNING:
                return operation
        return operation

    async def _send(self, plan: Plan, call: Call, operation: Operation) -> Operation:
        before = self._clock()
        try:
            reply = await self._execute(plan, call, operation.op_id)
        except AwsError as error:
            if not error.reply_lost:
                raise
            return await self._after_lost_reply(plan, call, operation, before, error)
        request_id = str(reply.get("ResponseMetadata", {}).get("RequestId", ""))
        watched = by_name(plan.action).watched
        watch = watched(plan, reply) if watched is not None else plan.watch
        await asyncio.to_thread(self._journal.sent, operation.op_id, plan, call.operation, request_id, watch)
        return msgspec.structs.replace(operation, request_id=request_id, watch=watch)

    async def _execute(self, plan: Plan, call: Call, op_id: str) -> Mapping[str, Any]:
        """Sends the call; a throttled one is sent again with a new permit, for AWS has not carried it out."""
        for delay in (*THROTTLE_DELAYS, None):
            permit = Permit(op_id, plan.subject.scope, call.operation, call.parameters)
            try:
                return await self._gateway.execute(plan.subject.scope, call.operation, call.parameters, permit=permit)
            except AwsError as error:
                if delay is None or error.reply_lost or error.failure.kind is not FailureKind.THROTTLED:
                    raise
                await self._pause(delay)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _after_lost_reply(
        self, plan: Plan, call: Call, operation: Operation, before: datetime, error: AwsError
    ) -> Operation:
        trace = await self._trace(plan, before)
        if trace.done:
            watch = trace.watch or plan.watch
            await asyncio.to_thread(self._journal.sent, operation.op_id, plan, call.operation, "", watch)
            return msgspec.structs.replace(operation, watch=watch, status="reply lost, but it was carried out")
        if trace.done is False:
            text = f"{error.failure.title} AWS's state shows that it was not carried out; it is safe to try again."
            return _ended(operation, OperationState.FAILED, self._clock(), text, error)
        text = f"{error.failure.title} Nobody can tell whether it was carried out: look at {short_place(plan.watch)}."
        return _ended(operation, OperationState.UNKNOWN, self._clock(), text, error)

    async def _trace(self, plan: Plan, before: datetime) -> Trace:
        """Reads the state back, more than once when it shows nothing yet: AWS's lists lag behind its writes."""
        trace = Trace(done=None)
        for delay in (0.0, 1.0, 3.0):
            await self._pause(delay)
            try:
                trace = await by_name(plan.action).trace(self._context, plan, before)
            except AwsError:
                continue
            if trace.done:
                return trace
        return trace

    async def _wait_until_settled(self, ref: ResourceRef) -> None:
        kind = kind_of(ref)
        while True:
            resource = await kind.get(self._gateway, ref.scope.target, ref.id)
            if not kind.status(resource).transitional:
                return
            await self._pause(WAIT_STEP_SECONDS)


def _difference(old: Plan, new: Plan) -> str:
    """The first thing that differs, in words."""
    if old.steps != new.steps:
        return "the steps would be different"
    added = [effect for effect in new.effects if effect not in old.effects]
    gone = [effect for effect in old.effects if effect not in new.effects]
    return "; ".join([*(f"now: {effect}" for effect in added), *(f"no longer: {effect}" for effect in gone)])


def _ended(operation: Operation, state: OperationState, now: datetime, text: str, error: DbtuiError) -> Operation:
    return msgspec.structs.replace(
        operation,
        state=state,
        ended_at=now,
        error=text,
        failure=error.failure,
        request_id=error.failure.request_id or operation.request_id,
    )
