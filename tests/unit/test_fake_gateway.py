"""The fake behaves as the real gateway does where tests of the interface rely on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from dbtui.domain.failures import AwsError, Failure, FailureKind, Refused
from dbtui.domain.models import Backup, Identity, Instance, InstanceSnapshot, Table
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.operations import MUTATIONS
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Gateway, Notice

HERE = Target("dev", "eu-central-1")
THERE = Target("dev", "us-east-1")
DENIED = Failure(FailureKind.PERMISSION, "You may not.")


@pytest.fixture
def fake() -> FakeGateway:
    return FakeGateway(page_size=2)


def instance(fake: FakeGateway, name: str, target: Target = HERE) -> Instance:
    ref = ResourceRef(fake.scope_of(target), "instance", name)
    return Instance(ref=ref, arn=f"arn:{name}", status="available", resource_id=f"db-{name}", engine="postgres")


async def names(pages: Any) -> list[list[str]]:
    return [[item.id for item in page.items] for page in [page async for page in pages]]


def permit(scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Permit:
    return Permit("op-1", scope, operation, parameters)


def test_it_is_a_gateway(fake: FakeGateway) -> None:
    gateway: Gateway = fake
    assert gateway is fake


async def test_lists_come_in_pages_and_by_target(fake: FakeGateway) -> None:
    fake.put(*(instance(fake, name) for name in "abc"), instance(fake, "x", THERE))

    pages = [page async for page in fake.instances(HERE)]

    assert [(len(page.items), page.last) for page in pages] == [(2, False), (1, True)]
    assert await names(fake.instances(THERE)) == [["x"]]
    assert await names(fake.instances(HERE, ("b", "nope"))) == [["b"]]
    assert await names(fake.clusters(HERE)) == [[]]
    assert len(fake.called("rds:DescribeDBInstances")) == 4


async def test_what_is_put_again_replaces_and_what_is_removed_is_gone(fake: FakeGateway) -> None:
    fake.put(instance(fake, "a"))
    fake.put(msgspec.structs.replace(instance(fake, "a"), status="stopped"))

    [page] = [page async for page in fake.instances(HERE)]
    assert [found.status for found in page.items] == ["stopped"]

    fake.remove(instance(fake, "a").ref)
    assert await names(fake.instances(HERE)) == [[]]


async def test_snapshots_filter_by_source_and_type(fake: FakeGateway) -> None:
    scope = fake.scope_of(HERE)
    for name, source, kind in (("s1", "a", "manual"), ("s2", "a", "automated"), ("s3", "b", "manual")):
        ref = ResourceRef(scope, "instance-snapshot", name)
        fake.put(InstanceSnapshot(ref=ref, arn="", status="available", source_id=source, snapshot_type=kind))

    assert await names(fake.instance_snapshots(HERE, source="a")) == [["s1", "s2"]]
    assert await names(fake.instance_snapshots(HERE, source="a", snapshot_type="manual")) == [["s1"]]


async def test_tables_are_listed_by_name_and_described_one_by_one(fake: FakeGateway) -> None:
    scope = fake.scope_of(HERE)
    fake.put(Table(ref=ResourceRef(scope, "table", "orders"), arn="arn:t", status="ACTIVE", tags=(("a", "b"),)))
    backup = Backup(
        ref=ResourceRef(scope, "backup", "orders/1"), arn="arn:b", status="", backup_name="n", table_name="orders"
    )
    fake.put(backup)

    [page] = [page async for page in fake.table_names(HERE)]
    assert [(table.described, table.status) for table in page.items] == [(False, "")]
    described = await fake.table(HERE, "orders")
    assert (described.described, described.status, described.tags) == (True, "ACTIVE", ())
    assert await fake.backup(HERE, "arn:b") == backup
    assert await names(fake.backups(HERE, table="other")) == [[]]
    with pytest.raises(AwsError) as caught:
        await fake.table(HERE, "nope")
    assert caught.value.failure.kind is FailureKind.NOT_FOUND


async def test_a_gate_holds_a_call_and_what_it_shows_is_decided_when_it_opens(fake: FakeGateway) -> None:
    gate = fake.gate("rds:DescribeDBInstances", HERE)
    load = asyncio.create_task(names(fake.instances(HERE)))
    while not fake.called("rds:DescribeDBInstances"):
        await asyncio.sleep(0)
    fake.put(instance(fake, "late"))
    gate.set()

    assert await load == [["late"]]


async def test_scripted_failures_hit_their_target_so_often(fake: FakeGateway) -> None:
    fake.fail("rds:DescribeDBInstances", DENIED, HERE, times=1)

    assert await names(fake.instances(THERE)) == [[]]
    with pytest.raises(AwsError):
        await names(fake.instances(HERE))
    assert await names(fake.instances(HERE)) == [[]]

    fake.fail("*", DENIED)
    with pytest.raises(AwsError):
        await fake.scope(HERE)
    fake.heal()
    assert (await fake.scope(HERE)).account == fake.account


@pytest.mark.parametrize("operation", sorted(MUTATIONS))
async def test_mutations_need_a_fresh_fitting_permit(fake: FakeGateway, operation: str) -> None:
    scope, parameters = fake.scope_of(HERE), {"DBInstanceIdentifier": "a"}
    granted = permit(scope, operation, parameters)
    fake.on_execute = lambda *call: {}

    reply = await fake.execute(scope, operation, parameters, permit=granted)

    assert reply["ResponseMetadata"]["RequestId"]
    assert [(done.operation, done.parameters) for done in fake.executed] == [(operation, parameters)]
    with pytest.raises(Refused):
        await fake.execute(scope, operation, parameters, permit=granted)
    with pytest.raises(Refused):
        await fake.execute(scope, operation, {}, permit=permit(scope, operation, parameters))
    fake.read_only = lambda scope: True
    assert fake.is_read_only(scope)
    with pytest.raises(Refused):
        await fake.execute(scope, operation, parameters, permit=permit(scope, operation, parameters))
    assert len(fake.executed) == 1


async def test_the_hook_changes_the_world_and_answers(fake: FakeGateway) -> None:
    def stop(scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        fake.put(msgspec.structs.replace(instance(fake, parameters["DBInstanceIdentifier"]), status="stopping"))
        return {"DBInstance": {"DBInstanceStatus": "stopping"}}

    fake.put(instance(fake, "a"))
    fake.on_execute = stop
    scope, parameters = fake.scope_of(HERE), {"DBInstanceIdentifier": "a"}

    reply = await fake.execute(
        scope, "rds:StopDBInstance", parameters, permit=permit(scope, "rds:StopDBInstance", parameters)
    )

    assert reply["DBInstance"]["DBInstanceStatus"] == "stopping"
    [page] = [page async for page in fake.instances(HERE)]
    assert [found.status for found in page.items] == ["stopping"]


async def test_a_mutation_can_fail_with_its_reply_lost(fake: FakeGateway) -> None:
    fake.fail("rds:StopDBInstance", AwsError(Failure(FailureKind.UNREACHABLE, "No reply."), reply_lost=True))
    scope, parameters = fake.scope_of(HERE), {"DBInstanceIdentifier": "a"}

    with pytest.raises(AwsError) as caught:
        await fake.execute(
            scope, "rds:StopDBInstance", parameters, permit=permit(scope, "rds:StopDBInstance", parameters)
        )
    assert caught.value.reply_lost


async def test_another_account_is_refused(fake: FakeGateway) -> None:
    scope = fake.scope_of(HERE)
    await fake.confirm_account(scope)
    fake.identities[HERE] = Identity("999999999999", "arn:other", "other")

    with pytest.raises(Refused):
        await fake.confirm_account(scope)
    assert (await fake.scope(HERE)).alias == "other"
    assert (await fake.identity(HERE)).arn == fake.caller("dev") == "arn:other"


async def test_notices_reach_subscribers_until_they_leave(fake: FakeGateway) -> None:
    heard: list[Notice] = []
    leave = fake.subscribe(heard.append)
    fake.notify(Notice("throttled", HERE))
    leave()
    leave()
    fake.notify(Notice("throttled", HERE))

    assert len(heard) == 1


async def test_forgetting_is_recorded_and_closing_ends_it(fake: FakeGateway) -> None:
    fake.forget(HERE)
    fake.forget()
    assert fake.forgotten == [HERE, None]

    await fake.close()
    with pytest.raises(Refused):
        await fake.scope(HERE)
