"""A verb of several steps: calls and waits in order, each journaled, and an interruption says what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbtui.actions import registry
from dbtui.actions.model import (
    Action,
    Call,
    Confirm,
    Idempotency,
    OperationState,
    Plan,
    PlanContext,
    Trace,
    Values,
    WaitUntil,
)
from dbtui.actions.power import STOP
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Resource
from tests.unit.actions.builders import instance
from tests.unit.actions.world import World


async def _plan(context: PlanContext, resource: Resource, values: Values) -> Plan:
    call = Call(operation="rds:StopDBInstance", parameters={"DBInstanceIdentifier": resource.id})
    again = Call(operation="rds:StartDBInstance", parameters={"DBInstanceIdentifier": resource.id})
    return Plan(
        action="bounce",
        title="Bounce",
        subject=resource.ref,
        watch=resource.ref,
        incarnation=instance().resource_id,
        steps=(call, WaitUntil(ref=resource.ref, words="it is stopped"), again),
        confirm=Confirm.YES_NO,
    )


async def _trace(context: PlanContext, plan: Plan, since: object) -> Trace:
    return Trace(done=None)


BOUNCE = Action(
    name="bounce",
    title="Bounce",
    key="b",
    kinds=frozenset({"instance"}),
    legal=lambda resource: None,
    plan=_plan,
    judge=STOP.judge,
    trace=_trace,
    confirm=Confirm.YES_NO,
    idempotency=Idempotency.NO,
    permissions=frozenset(),
)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(registry, "ALL", (*registry.ALL, BOUNCE))
    return World(tmp_path)


async def test_the_second_call_waits_until_the_first_has_settled(world: World) -> None:
    plan = await world.plan("bounce")
    statuses = iter(["stopping", "stopped"])

    async def pause(seconds: float) -> None:
        world.gateway.put(instance(status=next(statuses)))

    world.runner._pause = pause
    assert (await world.runner.run(plan)).state is OperationState.RUNNING
    assert [call.operation for call in world.gateway.executed] == ["rds:StopDBInstance", "rds:StartDBInstance"]
    assert world.events() == ["intent", "sent", "sent"]


async def test_a_failing_step_says_how_many_were_not_sent(world: World) -> None:
    plan = await world.plan("bounce")
    world.refuse = [AwsError(Failure(FailureKind.PERMISSION, "Access denied."))]
    operation = await world.runner.run(plan)
    assert operation.error == "Access denied. 2 more steps were not sent."


async def test_an_interrupted_plan_says_what_is_left(world: World) -> None:
    plan = await world.plan("bounce")
    world.journal.intent("half", plan)
    world.journal.sent("half", plan, "rds:StopDBInstance", "r-1", plan.watch)
    tracker = world.tracker()
    await tracker.recover()
    (operation,) = tracker.operations
    assert operation.state is OperationState.FAILED
    assert operation.error == "dbtui ended in the middle; not sent: rds:StartDBInstance."
    await tracker.close()
