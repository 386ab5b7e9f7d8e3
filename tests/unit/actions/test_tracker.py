"""Operations are followed to their end, share calls, and are found again after a restart."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from dbtui.actions.model import Operation, OperationState
from dbtui.actions.tracker import Tracker
from dbtui.domain.failures import Failure, FailureKind, Refused
from dbtui.domain.models import Backup
from tests.unit.actions.builders import PROD, SCOPE, instance, table
from tests.unit.actions.world import RESET, World, a_snapshot

NAME = "orders-db-20261123-0915"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
async def tracker(world: World) -> AsyncIterator[Tracker]:
    tracker = world.tracker()
    yield tracker
    await tracker.close()


async def started(world: World, tracker: Tracker, verb: str = "snapshot") -> Operation:
    operation = await world.runner.run(await world.plan(verb))
    tracker.add(operation)
    return operation


async def until(tracker: Tracker, op_id: str, **wanted: object) -> Operation:
    """Waits until the operation shows these values."""
    async with asyncio.timeout(5):
        while True:
            operation = next(op for op in tracker.operations if op.op_id == op_id)
            if all(getattr(operation, name) == value for name, value in wanted.items()):
                return operation
            await asyncio.sleep(0)


async def test_a_snapshot_is_followed_through_its_percentages_to_available(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    await until(tracker, operation.op_id, status="creating", percent=0)
    world.progress(NAME, 42)
    await until(tracker, operation.op_id, percent=42)
    world.progress(NAME, 100, "available")
    ended = await tracker.wait(operation.op_id, 5)
    assert ended.state is OperationState.DONE
    assert ended.result is not None
    assert ended.result.id == NAME
    assert world.events() == ["intent", "sent", "outcome"]


async def test_a_failed_snapshot_fails_the_operation_with_the_remedy(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    world.progress(NAME, 3, "failed")
    ended = await tracker.wait(operation.op_id, 5)
    assert ended.state is OperationState.FAILED
    assert "is failed. The snapshot failed" in ended.error


async def test_a_watched_resource_that_is_gone_fails_the_operation(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    world.gateway.remove(operation.watch)
    world.pass_time(minutes=2)
    assert (await tracker.wait(operation.op_id, 5)).error.endswith("is gone.")


async def test_lists_lagging_behind_are_waited_for(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    missing = world.snapshot(NAME)
    world.gateway.remove(operation.watch)
    await tracker.look()
    assert tracker.running_count == 1
    world.gateway.put(msgspec.structs.replace(missing, status="available"))
    assert (await tracker.wait(operation.op_id, 5)).state is OperationState.DONE


async def test_operations_of_one_kind_share_a_call(world: World, tracker: Tracker) -> None:
    for name in ("a", "b", "c"):
        world.gateway.put(instance(name))
        tracker.add(await world.runner.run(await world.plan(resource=instance(name))))
    world.gateway.calls.clear()
    await tracker.look()
    (call,) = world.gateway.called("rds:DescribeDBSnapshots")
    assert len(call.parameters["ids"]) == 3


async def test_a_read_that_fails_is_said_and_tried_again(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    world.gateway.fail("rds:DescribeDBSnapshots", Failure(FailureKind.UNREACHABLE, "No route."))
    await until(tracker, operation.op_id, status="cannot be read: No route.")
    world.gateway.heal()
    await until(tracker, operation.op_id, status="creating")


async def test_a_status_that_does_not_pass_is_given_up(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker, "stop")
    world.gateway.put(instance(status="available"))
    await until(tracker, operation.op_id, status="available")
    world.pass_time(minutes=4)
    ended = await tracker.wait(operation.op_id, 5)
    assert ended.state is OperationState.FAILED
    assert ended.error == "instance/orders-db stays available."


async def test_waiting_ends_at_its_timeout_and_leaves_the_operation_alone(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    assert (await tracker.wait(operation.op_id, 0.05)).state is OperationState.RUNNING
    assert tracker.running_count == 1


async def test_a_new_start_finds_what_was_sent_and_follows_it(world: World) -> None:
    operation = await world.runner.run(await world.plan())
    reborn = world.tracker()
    (found,) = await reborn.recover()
    assert (found.op_id, found.watch, found.recovered) == (operation.op_id, operation.watch, True)
    world.progress(NAME, 100, "available")
    ended = await reborn.wait(found.op_id, 5)
    assert ended.state is OperationState.DONE
    assert ended.ended_at is None, "it had ended before this program looked: nobody here knows when"
    await reborn.close()
    again = world.tracker()
    assert await again.recover() == ()
    assert [(op.state, op.ended_at) for op in again.operations] == [(OperationState.DONE, None)]
    await again.close()


async def test_a_backup_is_found_again_by_the_id_the_reply_told(world: World) -> None:
    await world.runner.run(await world.plan(resource=table()))
    reborn = world.tracker()
    (found,) = await reborn.recover()
    backup = world.gateway._of(SCOPE.target, Backup)[0]
    world.gateway.put(msgspec.structs.replace(backup, status="AVAILABLE"))
    assert (await reborn.wait(found.op_id, 5)).state is OperationState.DONE
    await reborn.close()


@pytest.mark.parametrize(("carried_out", "state"), [(True, OperationState.RUNNING), (False, OperationState.FAILED)])
async def test_an_intent_without_an_answer_is_settled_by_aws_state(
    world: World, carried_out: bool, state: OperationState
) -> None:
    plan = await world.plan()
    world.journal.intent("dead", plan)
    if carried_out:
        world.gateway.put(a_snapshot(NAME, SCOPE, world.now))
    world.pass_time(minutes=2)
    reborn = world.tracker()
    await reborn.recover()
    (operation,) = reborn.operations
    assert operation.state is state
    assert world.gateway.executed == []
    await reborn.close()


async def test_an_intent_of_moments_ago_may_still_be_on_its_way(world: World) -> None:
    world.journal.intent("dead", await world.plan())
    reborn = world.tracker()
    (operation,) = await reborn.recover()
    assert operation.status == "not seen yet"
    world.gateway.put(msgspec.structs.replace(a_snapshot(NAME, SCOPE, world.now), status="available"))
    assert (await reborn.wait("dead", 5)).state is OperationState.DONE
    await reborn.close()


async def test_an_intent_another_living_dbtui_is_sending_is_left_to_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpid", os.getppid)
    world.journal.intent("theirs", await world.plan())
    monkeypatch.undo()
    reborn = world.tracker()
    assert await reborn.recover() == ()
    assert reborn.running_count == 0
    world.pass_time(minutes=3)
    await reborn.recover()
    assert reborn.operations[0].state is OperationState.FAILED
    await reborn.close()


async def test_operations_at_another_endpoint_are_not_asked_about(world: World) -> None:
    await world.runner.run(await world.plan())
    reborn = world.tracker()
    elsewhere = msgspec.structs.replace(SCOPE.target, endpoint="http://127.0.0.1:1")
    assert await reborn.recover([elsewhere]) == ()
    await reborn.close()


async def test_a_line_that_a_full_disk_cut_is_no_line_and_spoils_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:100]))
        world.journal.intent("cut", await world.plan())
        assert "No space left" in world.journal.problem
        with pytest.raises(Refused, match="nothing was sent"):
            world.journal.intent("cut", await world.plan(resource=instance(scope=PROD)))
    world.journal.intent("whole", await world.plan())

    assert world.journal.problem == ""
    assert [record["op_id"] for record in world.journal.records()] == ["whole"]


async def test_damaged_and_foreign_journal_lines_are_passed_over(world: World) -> None:
    await world.runner.run(await world.plan())
    with world.journal.path.open("ab") as stream:
        stream.write(b'{"v": 1, "op_id": "x", "event": "intent"}\n{"v": 9}\n\xff\xfe\n[1]\n{"v": 1, "op_')
    reborn = world.tracker()
    assert len(await reborn.recover()) == 1
    await reborn.close()


async def test_a_refused_run_leaves_nothing_to_follow(world: World) -> None:
    plan = await world.plan()
    world.refuse = [RESET]
    await world.runner.run(plan)
    reborn = world.tracker()
    assert await reborn.recover() == ()
    assert [op.state for op in reborn.operations] == [OperationState.FAILED]
    await reborn.close()


async def test_an_end_that_was_watched_has_a_time_also_after_a_restart(world: World) -> None:
    await world.runner.run(await world.plan())
    reborn = world.tracker()
    (found,) = await reborn.recover()
    await until(reborn, found.op_id, status="creating")
    world.pass_time(seconds=30)
    world.progress(NAME, 100, "available")
    assert (await reborn.wait(found.op_id, 5)).ended_at == world.now
    await reborn.close()


async def test_waiting_ends_when_permission_to_look_is_missing(world: World, tracker: Tracker) -> None:
    operation = await started(world, tracker)
    world.gateway.fail("rds:DescribeDBSnapshots", Failure(FailureKind.PERMISSION, "Access denied."))
    seen = await tracker.wait(operation.op_id, 5, or_unreadable=True)
    assert seen.state is OperationState.RUNNING
    assert seen.failure is not None
    world.gateway.heal()
    await until(tracker, operation.op_id, status="creating", failure=None)
