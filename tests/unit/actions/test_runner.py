"""A plan says everything before it runs, and runs only if nothing has changed since."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from dbtui.actions.model import OperationState
from dbtui.domain.failures import AwsError, Failure, FailureKind, Refused
from dbtui.domain.models import PendingChange
from dbtui.domain.scope import Target
from tests.unit.actions.builders import PROD, SCOPE, instance, table
from tests.unit.actions.world import RESET, World, a_snapshot

THROTTLED = AwsError(Failure(FailureKind.THROTTLED, "Rate exceeded."))
NAME = "orders-db-20261123-0915"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_a_snapshots_plan_shows_call_pause_quota_and_undo(world: World) -> None:
    world.gateway.put(a_snapshot("older", SCOPE, world.now))
    plan = await world.plan(tag={"team": "shop"})
    (call,) = plan.calls
    assert call.operation == "rds:CreateDBSnapshot"
    assert call.parameters == {
        "DBSnapshotIdentifier": NAME,
        "DBInstanceIdentifier": "orders-db",
        "Tags": [{"Key": "team", "Value": "shop"}],
    }
    assert plan.effects == ("I/O pauses briefly, a few seconds up to minutes",)
    assert "manual snapshots used: 1 of 100 (AWS's default quota)" in plan.notes
    assert plan.undo == f"delete instance-snapshot/{NAME}"
    assert world.gateway.executed == []


async def test_a_taken_name_is_avoided_when_proposed_and_refused_when_asked_for(world: World) -> None:
    world.gateway.put(a_snapshot(NAME, SCOPE, world.now))
    assert (await world.plan()).values["name"] == f"{NAME}-2"
    with pytest.raises(Refused, match="already taken"):
        await world.plan(name=NAME.upper())


async def test_without_permission_to_list_snapshots_the_plan_says_so(world: World) -> None:
    world.gateway.fail("rds:DescribeDBSnapshots", Failure(FailureKind.PERMISSION, "Access denied"))
    assert "manual snapshots used: unknown, no permission to list them" in (await world.plan()).notes


async def test_an_illegal_verb_has_no_plan(world: World) -> None:
    with pytest.raises(Refused, match=r"instance/orders-db is stopped, must be available") as caught:
        await world.plan(resource=instance(status="stopped"))
    assert caught.value.failure.kind is FailureKind.ILLEGAL_STATE


async def test_a_backup_takes_no_tags(world: World) -> None:
    with pytest.raises(Refused, match="takes no tags"):
        await world.plan(resource=table(), tag={"a": "b"})


async def test_a_run_journals_intent_and_sent_around_the_call(world: World) -> None:
    operation = await world.runner.run(await world.plan())
    assert operation.state is OperationState.RUNNING
    assert operation.watch.id == NAME
    assert [call.operation for call in world.gateway.executed] == ["rds:CreateDBSnapshot"]
    assert world.events() == ["intent", "sent"]
    assert stat.S_IMODE(world.journal.path.stat().st_mode) == 0o600


async def test_intent_is_on_disk_before_the_call(world: World) -> None:
    seen: list[list[str]] = []
    carry_out = world.gateway.on_execute
    world.gateway.on_execute = lambda *call: (seen.append(world.events()), carry_out(*call))[1]
    await world.runner.run(await world.plan())
    assert seen == [["intent"]]


async def test_a_backup_is_followed_by_the_id_only_the_reply_knows(world: World) -> None:
    operation = await world.runner.run(await world.plan(resource=table()))
    assert operation.watch.id == "orders/0177-abc"


async def test_a_name_used_again_by_another_instance_is_refused(world: World) -> None:
    plan = await world.plan()
    world.gateway.put(instance(resource_id="db-ANOTHER"))
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.REFUSED
    assert "replaced by another of the same name" in operation.error
    assert world.gateway.executed == []
    assert world.events() == []


async def test_changed_effects_stop_the_run(world: World) -> None:
    plan = await world.plan("stop")
    world.gateway.put(instance(pending=(PendingChange("class", "db.m7g.xlarge"),)))
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.REFUSED
    assert "pending changes are dropped" in operation.error
    assert world.gateway.executed == []


async def test_a_changed_quota_does_not_stop_the_run(world: World) -> None:
    plan = await world.plan()
    world.gateway.put(a_snapshot("another", SCOPE, world.now))
    assert (await world.runner.run(plan)).state is OperationState.RUNNING


async def test_a_state_that_forbids_the_verb_by_now_stops_the_run(world: World) -> None:
    plan = await world.plan("stop")
    world.gateway.put(instance(status="backing-up"))
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.REFUSED
    assert "is backing-up, must be available" in operation.error


async def test_another_account_behind_the_credentials_stops_the_run(world: World) -> None:
    plan = await world.plan()
    world.gateway.account = "999999999999"
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.REFUSED
    assert world.gateway.executed == []


async def test_a_lost_reply_after_the_effect_is_done_and_not_repeated(world: World) -> None:
    plan = await world.plan()
    world.lose_reply = RESET
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.RUNNING
    assert operation.status == "reply lost, but it was carried out"
    assert len(world.gateway.executed) == 1
    assert world.events() == ["intent", "sent"]


async def test_a_lost_reply_without_effect_is_said_to_be_not_done(world: World) -> None:
    plan = await world.plan()
    world.refuse = [RESET]
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.FAILED
    assert "it was not carried out; it is safe to try again" in operation.error
    assert world.events() == ["intent", "outcome"]


async def test_an_older_snapshot_of_that_name_is_not_taken_for_ours(world: World) -> None:
    plan = await world.plan(name="fixed-name")
    world.refuse = [RESET]
    carry_out = world.gateway.on_execute

    def someone_elses(*call: object) -> object:
        world.gateway.put(a_snapshot("fixed-name", SCOPE, world.now, source="another-db"))
        return carry_out(*call)  # type: ignore[arg-type]

    world.gateway.on_execute = someone_elses  # type: ignore[assignment]
    assert (await world.runner.run(plan)).state is OperationState.FAILED


async def test_a_reboot_whose_reply_was_lost_may_be_unknown(world: World) -> None:
    plan = await world.plan("reboot")
    world.refuse = [RESET]
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.UNKNOWN
    assert "Nobody can tell whether it was carried out" in operation.error


async def test_a_throttled_call_is_sent_again_with_a_new_permit(world: World) -> None:
    plan = await world.plan()
    world.refuse = [THROTTLED, THROTTLED]
    assert (await world.runner.run(plan)).state is OperationState.RUNNING
    assert len(world.gateway.executed) == 3
    assert world.pauses == [1.0, 2.0]


async def test_a_call_throttled_for_good_fails(world: World) -> None:
    plan = await world.plan()
    world.refuse = [THROTTLED] * 9
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.FAILED
    assert operation.failure is not None
    assert operation.failure.kind is FailureKind.THROTTLED
    assert len(world.gateway.executed) == 4


async def test_a_read_only_scope_refuses_at_the_gateway(world: World) -> None:
    plan = await world.plan()
    world.gateway.read_only = lambda scope: True
    operation = await world.runner.run(plan)
    assert operation.state is OperationState.REFUSED
    assert "read-only" in operation.error
    assert world.gateway.executed == []


async def test_an_unwritable_journal_refuses_in_a_protected_scope_and_warns_elsewhere(world: World) -> None:
    world.journal.path.mkdir()
    world.gateway.identities[Target("acme-prod", "eu-west-1")] = msgspec.convert(
        {"account": PROD.account}, type=type(await world.gateway.identity(SCOPE.target))
    )
    elsewhere = await world.runner.run(await world.plan())
    assert elsewhere.state is OperationState.RUNNING
    assert "cannot be written" in elsewhere.warning
    protected = await world.runner.run(await world.plan(resource=instance(scope=PROD)))
    assert protected.state is OperationState.REFUSED
    assert "nothing was sent" in protected.error
