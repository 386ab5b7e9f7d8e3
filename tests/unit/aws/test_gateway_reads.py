"""The gateway against a stub of AWS: pages, retries, refusals remembered, endpoints without an operation."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from dbtui.aws.gateway import AwsGateway
from dbtui.domain.failures import AwsError, DbtuiError, FailureKind, Refused
from dbtui.domain.scope import Scope, Target
from dbtui.gateway.protocol import Notice
from tests.unit.aws.conftest import QUICK
from tests.unit.aws.stub_aws import Hang, Parameters, Reply, Reset, StubAws, caller, js, js_error, xml, xml_error


def instances(*names: str, marker: str = "") -> Reply:
    rows = "".join(f"<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier></DBInstance>" for name in names)
    return xml("DescribeDBInstances", f"<DBInstances>{rows}</DBInstances><Marker>{marker}</Marker>")


async def ids_of(gateway: AwsGateway, target: Target) -> list[str]:
    return [instance.id async for page in gateway.instances(target) for instance in page.items]


async def test_a_list_is_complete_though_pages_are_empty_or_small(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["DescribeDBInstances"] = [instances("a", marker="1"), instances(marker="2"), instances("b", "c")]

    pages = [(len(page.items), page.last) async for page in gateway.instances(target)]

    assert pages == [(1, False), (0, False), (2, True)]
    assert [p.get("Marker") for p in stub.sent("DescribeDBInstances")] == [None, "1", "2"]


async def test_models_carry_the_whole_scope(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})

    [table] = [table async for page in gateway.table_names(target) for table in page.items]

    assert table.ref.scope == Scope("", "123456789012", "eu-central-1", stub.url) == await gateway.scope(target)
    assert table.arn == "arn:aws:dynamodb:eu-central-1:123456789012:table/orders"


async def test_concurrent_lists_share_one_identity_and_one_client(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["DescribeDBInstances"] = instances("a")

    found = await asyncio.gather(*(ids_of(gateway, target) for _ in range(10)))

    assert found == [["a"]] * 10
    assert len(stub.sent("GetCallerIdentity")) == 1


async def test_a_throttle_is_waited_out_and_told(
    stub: StubAws, gateway: AwsGateway, target: Target, notices: list[Notice]
) -> None:
    stub.answers["DescribeDBInstances"] = [xml_error("Throttling", "Rate exceeded"), instances("a")]

    assert await ids_of(gateway, target) == ["a"]

    [notice] = notices
    assert (notice.kind, notice.target, notice.operation) == ("throttled", target, "rds:DescribeDBInstances")
    assert notice.attempt == 2 and notice.delay > 0 and "attempt 2" in notice.text


async def test_a_server_error_is_retried_as_often_as_set_and_then_the_services(
    stub: StubAws, gateway: AwsGateway, target: Target, notices: list[Notice]
) -> None:
    stub.answers["DescribeDBInstances"] = xml_error("InternalFailure", status=500)

    with pytest.raises(AwsError) as caught:
        await ids_of(gateway, target)

    assert caught.value.failure.kind is FailureKind.SERVICE
    assert len(stub.sent("DescribeDBInstances")) == 2
    assert [notice.kind for notice in notices] == ["retrying"]


async def test_a_silent_endpoint_fails_in_bounded_time(stub: StubAws, target: Target) -> None:
    gateway = AwsGateway(read_only=lambda scope: False, timeouts=replace(QUICK, read=5, read_total=0.3))
    stub.answers["DescribeDBInstances"] = Hang()
    try:
        with pytest.raises(AwsError) as caught:
            async with asyncio.timeout(4):
                await ids_of(gateway, target)
        assert caught.value.failure.kind is FailureKind.UNREACHABLE
    finally:
        await gateway.close()


async def test_when_time_is_up_the_failure_names_the_trouble(stub: StubAws, target: Target) -> None:
    gateway = AwsGateway(read_only=lambda scope: False, timeouts=replace(QUICK, read_total=1.0, attempts=50))
    stub.answers["DescribeDBInstances"] = xml_error("Throttling", "Rate exceeded")
    try:
        with pytest.raises(AwsError) as caught:
            await ids_of(gateway, target)
        assert caught.value.failure.kind is FailureKind.THROTTLED
    finally:
        await gateway.close()


async def test_a_denied_read_is_remembered_until_forgotten(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["DescribeDBInstances"] = [xml_error("AccessDenied", "no", 403), instances("a")]

    for _ in range(2):
        with pytest.raises(AwsError) as caught:
            await ids_of(gateway, target)
        assert caught.value.failure.iam_action == "rds:DescribeDBInstances"
    assert len(stub.sent("DescribeDBInstances")) == 1

    gateway.forget(target)
    assert await ids_of(gateway, target) == ["a"]


async def test_a_denial_on_one_table_says_nothing_about_the_next(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    def answer(parameters: Parameters) -> Reply:
        name = parameters["TableName"]
        return js_error("AccessDeniedException", "no") if name == "secret" else js({"Table": {"TableName": name}})

    stub.answers["DescribeTable"] = answer

    for _ in range(2):
        with pytest.raises(AwsError):
            await gateway.table(target, "secret")
    assert (await gateway.table(target, "orders")).id == "orders"
    assert len(stub.sent("DescribeTable")) == 2


async def test_an_operation_the_endpoint_lacks_is_asked_once(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    for region in ("eu-central-1", "us-east-1"):
        with pytest.raises(AwsError) as caught:
            await ids_of(gateway, Target("", region, stub.url))
        assert caught.value.failure.kind is FailureKind.UNAVAILABLE_HERE
    assert len(stub.sent("DescribeDBInstances")) == 1


async def test_a_reply_nobody_can_read_is_the_services_failure(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    for operation, read in (("DescribeDBInstances", gateway.instances), ("ListTables", gateway.table_names)):
        stub.answers[operation] = Reply("<html>captive portal", 200, "text/html")
        with pytest.raises(AwsError) as caught:
            [page async for page in read(target)]
        assert caught.value.failure.kind is FailureKind.SERVICE


async def test_a_broken_connection_is_retried_then_unreachable(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["DescribeDBInstances"] = Reset()

    with pytest.raises(AwsError) as caught:
        await ids_of(gateway, target)

    assert caught.value.failure.kind is FailureKind.UNREACHABLE
    assert len(stub.sent("DescribeDBInstances")) == 2


async def test_nobody_listening_is_unreachable_and_names_the_address(gateway: AwsGateway, unused_tcp_port: int) -> None:
    target = Target("", "eu-central-1", f"http://127.0.0.1:{unused_tcp_port}")

    with pytest.raises(AwsError) as caught:
        await ids_of(gateway, target)

    failure = caught.value.failure
    assert failure.kind is FailureKind.UNREACHABLE
    assert str(unused_tcp_port) in failure.sentence


async def test_a_cancelled_read_leaves_the_client_usable(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["DescribeDBInstances"] = [Hang(), instances("a")]
    task = asyncio.create_task(ids_of(gateway, target))
    await stub.until_sent("DescribeDBInstances")

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await ids_of(gateway, target) == ["a"]


async def test_cancelling_while_the_sdk_loads_does_not_stop_others(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["DescribeDBInstances"] = instances("a")
    first = asyncio.create_task(ids_of(gateway, target))
    second = asyncio.create_task(ids_of(gateway, target))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == ["a"]


async def test_unknown_parameter_groups_are_absent(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    def answer(parameters: Parameters) -> Reply:
        name = parameters["DBParameterGroupName"]
        if name == "gone":
            return xml_error("DBParameterGroupNotFound", "no such group", 404)
        inner = f"<DBParameterGroupName>{name}</DBParameterGroupName>"
        groups = f"<DBParameterGroups><DBParameterGroup>{inner}</DBParameterGroup></DBParameterGroups>"
        return xml("DescribeDBParameterGroups", groups)

    stub.answers["DescribeDBParameterGroups"] = answer

    found = [(p.items, p.last) async for p in gateway.parameter_groups(target, ("a", "gone", "b"))]

    assert [[group.id for group in items] for items, _ in found] == [["a"], [], ["b"]]
    assert [last for _, last in found] == [False, False, True]


async def test_tags_are_read_to_the_last_page(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["ListTagsOfResource"] = [
        js({"Tags": [{"Key": "a", "Value": "1"}], "NextToken": "n"}),
        js({"Tags": [{"Key": "b", "Value": "2"}]}),
    ]

    assert await gateway.table_tags(target, "arn:x") == (("a", "1"), ("b", "2"))


async def test_after_close_calls_are_refused(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["DescribeDBInstances"] = instances("a")
    await ids_of(gateway, target)
    await gateway.close()

    with pytest.raises(Refused):
        await ids_of(gateway, target)


async def test_no_mutation_is_a_read(gateway: AwsGateway, target: Target) -> None:
    with pytest.raises(Refused):
        await gateway._read(target, "rds:DeleteDBInstance", {})


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
async def test_credential_failures_are_raised_each_time(
    code: str, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["DescribeDBInstances"] = [xml_error(code, "x", 403), instances("a")]
    stub.answers["GetCallerIdentity"] = caller()

    with pytest.raises(DbtuiError) as caught:
        await ids_of(gateway, target)
    assert caught.value.failure.kind is FailureKind.CREDENTIALS

    assert await ids_of(gateway, target) == ["a"]
