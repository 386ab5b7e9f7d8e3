"""The gateway against the embedded AWS: whole lists, faults on the wire, changes followed to their effect."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from demo_support import DemoServer

from dbtui.aws.directory import AwsDirectory
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.limits import Timeouts
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Notice

TIMEOUTS = Timeouts(connect=2, read=1, read_total=8, mutation=1, attempts=2)
FLEET = "fleet:250,tables:250,snapshots:250"
LISTS = {
    "rds:DescribeDBInstances": "instances",
    "rds:DescribeDBClusters": "clusters",
    "rds:DescribeDBSnapshots": "instance_snapshots",
    "rds:DescribeDBClusterSnapshots": "cluster_snapshots",
    "rds:DescribeDBParameterGroups": "parameter_groups",
    "dynamodb:ListTables": "table_names",
    "dynamodb:ListBackups": "backups",
}


@pytest.fixture(scope="module")
def running() -> Iterator[DemoServer]:
    with DemoServer() as demo:
        yield demo


@pytest.fixture
def demo(running: DemoServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
    """The company afresh, without faults, and the environment pointing at it."""
    running.reset()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in running.env.items():
        monkeypatch.setenv(name, value)
    yield running
    running.faults("")
    running.pages(None)


@pytest.fixture
async def target(demo: DemoServer) -> Target:
    [found] = await AwsDirectory().targets((), ())
    return found


@pytest.fixture
async def gateway() -> AsyncIterator[AwsGateway]:
    opened = AwsGateway(read_only=lambda scope: False, want_alias=True, timeouts=TIMEOUTS)
    yield opened
    await opened.close()


async def everything(gateway: AwsGateway, method: str, target: Target) -> list[Any]:
    return [item async for page in getattr(gateway, method)(target) for item in page.items]


@pytest.mark.parametrize("method", ["instances", "table_names", "instance_snapshots"])
@pytest.mark.parametrize("size", [None, 7])
async def test_250_rows_arrive_whatever_the_page_size(
    method: str, size: int | None, demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    demo.reset(FLEET)
    demo.pages(size, empty=size is not None)

    found = await everything(gateway, method, target)

    assert len(found) >= 250
    assert len({item.ref for item in found}) == len(found)


@pytest.mark.parametrize(("operation", "method"), LISTS.items())
async def test_every_list_is_the_same_on_small_pages_with_an_empty_one(
    operation: str, method: str, demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    whole = await everything(gateway, method, target)
    demo.pages(1, empty=True)
    pages = [page async for page in getattr(gateway, method)(target)]

    assert whole, operation
    assert sorted(item.ref for page in pages for item in page.items) == sorted(item.ref for item in whole)
    assert any(not page.items for page in pages[:-1])
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]


async def test_ids_ask_for_just_those(demo: DemoServer, gateway: AwsGateway, target: Target) -> None:
    for method in ("instances", "clusters", "instance_snapshots", "cluster_snapshots", "parameter_groups"):
        wanted = {item.id for item in (await everything(gateway, method, target))[:2]}
        found = [i.id async for page in getattr(gateway, method)(target, ids=(*wanted, "nobody")) for i in page.items]
        assert set(found) == wanted, method


async def test_a_table_in_every_detail(demo: DemoServer, gateway: AwsGateway, target: Target) -> None:
    table = await gateway.table(target, "orders")
    backups = [backup async for page in gateway.backups(target) for backup in page.items]

    assert table.keys and table.arn.endswith(":table/orders") and table.described
    assert (await gateway.time_to_live(target, "orders")).status
    assert (await gateway.point_in_time_recovery(target, "orders")).status in ("ENABLED", "DISABLED")
    assert isinstance(await gateway.table_tags(target, table.arn), tuple)
    again = await gateway.backup(target, backups[0].arn)
    assert (again.id, again.name) == (backups[0].id, backups[0].name)
    with pytest.raises(AwsError) as caught:
        await gateway.table(target, "no-such-table")
    assert caught.value.failure.kind is FailureKind.NOT_FOUND


async def test_the_scope_has_account_and_alias(demo: DemoServer, gateway: AwsGateway, target: Target) -> None:
    prod = Target("demo-prod", "eu-west-1", demo.endpoint)
    ours, theirs = await gateway.scope(target), await gateway.scope(prod)

    assert (ours.account, ours.alias) == ("111122223333", "example-dev")
    assert (theirs.account, theirs.alias) == ("444455556666", "example-production")


@pytest.mark.parametrize(("operation", "method"), LISTS.items())
async def test_a_throttle_is_survived_and_told(
    operation: str, method: str, demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    heard: list[Notice] = []
    gateway.subscribe(heard.append)
    demo.faults(f"{operation}:throttle#1")

    assert await everything(gateway, method, target)

    assert [(notice.kind, notice.operation) for notice in heard] == [("throttled", operation)]


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        ("throttle", FailureKind.THROTTLED, 2),
        ("500", FailureKind.SERVICE, 2),
        ("503-html", FailureKind.SERVICE, 2),
        ("hang", FailureKind.UNREACHABLE, 2),
        ("reset", FailureKind.UNREACHABLE, 2),
        ("garbage", FailureKind.SERVICE, 1),
        ("expired", FailureKind.CREDENTIALS, 1),
        ("denied", FailureKind.PERMISSION, 1),
    ],
)
@pytest.mark.parametrize("operation", ["rds:DescribeDBInstances", "dynamodb:ListTables"])
async def test_faults_have_one_kind_in_both_protocols(
    operation: str, fault: str, kind: FailureKind, sent: int, demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    await gateway.scope(target)
    demo.faults(f"{operation}:{fault}")
    before = len(demo.calls(operation.partition(":")[2]))

    with pytest.raises(AwsError) as caught:
        await everything(gateway, LISTS[operation], target)

    assert caught.value.failure.kind is kind
    assert not caught.value.reply_lost
    assert len(demo.calls(operation.partition(":")[2])) - before == sent


@pytest.mark.parametrize("operation", ["rds:DescribeDBInstances", "dynamodb:ListTables"])
async def test_a_truncated_reply_is_fetched_again(
    operation: str, demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    demo.faults(f"{operation}:truncated#1")

    assert await everything(gateway, LISTS[operation], target)


async def test_a_denial_is_remembered_for_the_session(demo: DemoServer, gateway: AwsGateway, target: Target) -> None:
    demo.faults("rds:DescribeDBClusters:denied")
    before = len(demo.calls("DescribeDBClusters"))
    for _ in range(3):
        with pytest.raises(AwsError) as caught:
            await everything(gateway, "clusters", target)
        assert caught.value.failure.iam_action == "rds:DescribeDBClusters"
    assert len(demo.calls("DescribeDBClusters")) - before == 1

    demo.faults("")
    gateway.forget(target)
    assert await everything(gateway, "clusters", target)


SNAPSHOT = "rds:CreateDBSnapshot"


async def snapshot(gateway: AwsGateway, target: Target, name: str) -> Any:
    [source] = [i for i in await everything(gateway, "instances", target) if i.id == "orders-db"] or [
        next(i for i in await everything(gateway, "instances", target) if i.status == "available" and not i.cluster_id)
    ]
    scope = await gateway.scope(target)
    parameters = {"DBInstanceIdentifier": source.id, "DBSnapshotIdentifier": name}
    return await gateway.execute(scope, SNAPSHOT, parameters, permit=Permit("op", scope, SNAPSHOT, parameters))


async def test_a_snapshot_is_created_and_seen(demo: DemoServer, gateway: AwsGateway, target: Target) -> None:
    reply = await snapshot(gateway, target, "before-release")

    assert reply["ResponseMetadata"]["RequestId"]
    [found] = [s async for p in gateway.instance_snapshots(target, ids=("before-release",)) for s in p.items]
    assert (found.id, found.snapshot_type) == ("before-release", "manual")


@pytest.mark.parametrize(
    ("fault", "lost", "happened"),
    [
        ("lost", True, True),
        ("hang", True, False),
        ("reset", True, False),
        ("truncated", True, True),
        ("garbage", True, False),
        ("500", True, False),
        ("throttle", False, False),
        ("denied", False, False),
        ("expired", False, False),
    ],
)
async def test_a_failed_change_is_sent_once_and_says_if_it_may_have_happened(
    fault: str, lost: bool, happened: bool, demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    demo.faults(f"{SNAPSHOT}:{fault}")
    before = len(demo.calls("CreateDBSnapshot"))

    with pytest.raises(AwsError) as caught:
        await snapshot(gateway, target, f"with-{fault}")

    assert caught.value.reply_lost is lost
    assert len(demo.calls("CreateDBSnapshot")) - before == 1
    demo.faults("")
    found = [s.id async for p in gateway.instance_snapshots(target, ids=(f"with-{fault}",)) for s in p.items]
    assert bool(found) is happened


async def test_a_cancelled_list_leaves_the_gateway_usable(
    demo: DemoServer, gateway: AwsGateway, target: Target
) -> None:
    await gateway.scope(target)
    demo.faults("rds:DescribeDBInstances:hang#1")
    before = len(demo.calls("DescribeDBInstances"))
    load = asyncio.create_task(everything(gateway, "instances", target))
    async with asyncio.timeout(5):
        while len(await asyncio.to_thread(demo.calls, "DescribeDBInstances")) == before:
            pass

    load.cancel()
    with pytest.raises(asyncio.CancelledError):
        await load

    assert await everything(gateway, "instances", target)


async def test_every_service_of_one_target_and_every_target_of_one_service_at_once(
    demo: DemoServer, gateway: AwsGateway
) -> None:
    targets = await AwsDirectory().targets(("demo", "demo-prod"), ("eu-west-1", "us-east-1"))
    loads = [everything(gateway, method, target) for target in targets for method in LISTS.values()]

    found = await asyncio.gather(*loads)

    scopes = {item.ref.scope for items in found for item in items}
    assert {scope.account for scope in scopes} == {"111122223333", "444455556666"}
