"""A mutation is sent exactly once, and its failure says whether it may have happened."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dbtui.aws.gateway import AwsGateway
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Notice
from tests.unit.aws.stub_aws import Hang, Reply, Reset, StubAws, xml, xml_error

OPERATION = "rds:CreateDBSnapshot"
PARAMETERS = {"DBInstanceIdentifier": "orders-db", "DBSnapshotIdentifier": "before-release"}


async def snapshot(gateway: AwsGateway, target: Target) -> Any:
    scope = await gateway.scope(target)
    return await gateway.execute(scope, OPERATION, PARAMETERS, permit=Permit("op", scope, OPERATION, PARAMETERS))


async def test_the_reply_comes_back_with_its_request_id(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    inner = "<DBSnapshot><DBSnapshotIdentifier>before-release</DBSnapshotIdentifier></DBSnapshot>"
    stub.answers["CreateDBSnapshot"] = xml("CreateDBSnapshot", inner)

    reply = await snapshot(gateway, target)

    assert reply["DBSnapshot"]["DBSnapshotIdentifier"] == "before-release"
    assert reply["ResponseMetadata"]["RequestId"] == "req-CreateDBSnapshot"
    [sent] = stub.sent("CreateDBSnapshot")
    assert PARAMETERS.items() <= sent.items()


@pytest.mark.parametrize(
    ("answer", "kind", "lost"),
    [
        (Hang(), FailureKind.UNREACHABLE, True),
        (Reset(), FailureKind.UNREACHABLE, True),
        (Reply("half a repl", 200), FailureKind.SERVICE, True),
        (Reply("<html>x</html>", 502, "text/html"), FailureKind.SERVICE, True),
        (xml_error("InternalFailure", status=500), FailureKind.SERVICE, True),
        (xml_error("Throttling", "Rate exceeded"), FailureKind.THROTTLED, False),
        (xml_error("DBSnapshotAlreadyExists", "taken"), FailureKind.CONDITION, False),
        (xml_error("InvalidDBInstanceState", "stopped"), FailureKind.ILLEGAL_STATE, False),
        (xml_error("AccessDenied", "no", 403), FailureKind.PERMISSION, False),
        (xml_error("ExpiredToken", "expired", 403), FailureKind.CREDENTIALS, False),
    ],
)
async def test_one_request_whatever_happens(
    answer: Any,
    kind: FailureKind,
    lost: bool,
    stub: StubAws,
    gateway: AwsGateway,
    target: Target,
    notices: list[Notice],
) -> None:
    stub.answers["CreateDBSnapshot"] = answer

    with pytest.raises(AwsError) as caught:
        await snapshot(gateway, target)

    assert (caught.value.failure.kind, caught.value.reply_lost) == (kind, lost)
    assert len(stub.sent("CreateDBSnapshot")) == 1
    assert notices == []


async def test_a_request_that_never_left_is_not_lost(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    scope = await gateway.scope(target)
    await stub.__aexit__(None, None, None)

    with pytest.raises(AwsError) as caught:
        await gateway.execute(scope, OPERATION, PARAMETERS, permit=Permit("op", scope, OPERATION, PARAMETERS))

    assert caught.value.failure.kind is FailureKind.UNREACHABLE
    assert not caught.value.reply_lost


async def test_parameters_the_sdk_rejects_are_never_sent(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    scope = await gateway.scope(target)
    wrong = {"DBInstanceIdentifier": 5}

    with pytest.raises(AwsError) as caught:
        await gateway.execute(scope, OPERATION, wrong, permit=Permit("op", scope, OPERATION, wrong))

    assert (caught.value.failure.kind, caught.value.reply_lost) == (FailureKind.INVALID, False)
    assert stub.sent("CreateDBSnapshot") == []


async def test_a_denied_mutation_is_asked_again(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["CreateDBSnapshot"] = [xml_error("AccessDenied", "no", 403), xml("CreateDBSnapshot")]

    with pytest.raises(AwsError):
        await snapshot(gateway, target)
    await snapshot(gateway, target)

    assert len(stub.sent("CreateDBSnapshot")) == 2


async def test_cancelling_is_passed_on(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["CreateDBSnapshot"] = Hang()
    task = asyncio.create_task(snapshot(gateway, target))
    await stub.until_sent("CreateDBSnapshot")

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
