"""Nothing is changed without a fitting, fresh permit in a writable scope: for every operation, on every way in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from botocore import xform_name

from dbtui.aws.calls import Call, current_call, refuse_unpermitted
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.limits import Timeouts
from dbtui.aws.transport import Transport
from dbtui.domain.failures import AwsError, Refused
from dbtui.domain.scope import Scope, Target
from dbtui.gateway.operations import MUTATIONS, READS
from dbtui.gateway.permit import Permit
from tests.unit.aws.conftest import QUICK
from tests.unit.aws.stub_aws import StubAws, js, xml

UNLISTED = "dynamodb:DeleteTable"
CHANGES = sorted({*MUTATIONS, UNLISTED})
PARAMETERS: dict[str, dict[str, Any]] = {
    "rds:CreateDBSnapshot": {"DBInstanceIdentifier": "a", "DBSnapshotIdentifier": "s"},
    "rds:CreateDBClusterSnapshot": {"DBClusterIdentifier": "a", "DBClusterSnapshotIdentifier": "s"},
    "rds:StartDBInstance": {"DBInstanceIdentifier": "a"},
    "rds:StopDBInstance": {"DBInstanceIdentifier": "a"},
    "rds:RebootDBInstance": {"DBInstanceIdentifier": "a"},
    "rds:StartDBCluster": {"DBClusterIdentifier": "a"},
    "rds:StopDBCluster": {"DBClusterIdentifier": "a"},
    "rds:RebootDBCluster": {"DBClusterIdentifier": "a"},
    "dynamodb:CreateBackup": {"TableName": "orders", "BackupName": "b-1"},
    "dynamodb:PutItem": {"TableName": "orders", "Item": {"id": {"S": "a"}}},
    "dynamodb:UpdateItem": {"TableName": "orders", "Key": {"id": {"S": "a"}}},
    "dynamodb:DeleteItem": {"TableName": "orders", "Key": {"id": {"S": "a"}}},
    "dynamodb:TransactWriteItems": {
        "TransactItems": [{"Delete": {"TableName": "orders", "Key": {"id": {"S": "a"}}}}],
        "ClientRequestToken": "token-1",
    },
    UNLISTED: {"TableName": "orders"},
}


def answer_everything(stub: StubAws) -> None:
    """Makes the stub carry out every change, so that a request that gets through is seen to."""
    for operation in CHANGES:
        service, _, action = operation.partition(":")
        stub.answers[action] = js({}) if service == "dynamodb" else xml(action)


def parameters_of(operation: str) -> dict[str, Any]:
    assert operation in PARAMETERS, f"add parameters for the new mutation {operation}"
    return PARAMETERS[operation]


@pytest.mark.parametrize("operation", CHANGES)
async def test_a_mutation_runs_once_with_a_fitting_permit_and_never_otherwise(
    operation: str, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    answer_everything(stub)
    action, parameters = operation.partition(":")[2], parameters_of(operation)
    scope = await gateway.scope(target)
    other = Scope(scope.profile, scope.account, "us-east-1", scope.endpoint)
    permit = Permit("op-1", scope, operation, parameters)

    for wrong in (
        None,
        Permit("op-1", other, operation, parameters),
        Permit("op-1", scope, "rds:DeleteDBInstance", parameters),
        Permit("op-1", scope, operation, parameters | {"Extra": "1"}),
    ):
        with pytest.raises(Refused):
            await gateway.execute(scope, operation, parameters, permit=wrong)  # type: ignore[arg-type]
    assert stub.sent(action) == []

    reply = await gateway.execute(scope, operation, parameters, permit=permit)
    assert reply["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(Refused):
        await gateway.execute(scope, operation, parameters, permit=permit)
    assert len(stub.sent(action)) == 1


@pytest.mark.parametrize("operation", CHANGES)
async def test_read_only_refuses_even_with_a_permit(operation: str, stub: StubAws, target: Target) -> None:
    answer_everything(stub)
    gateway = AwsGateway(read_only=lambda scope: scope.region == "eu-central-1", timeouts=QUICK)
    try:
        scope = await gateway.scope(target)
        parameters = parameters_of(operation)
        with pytest.raises(Refused, match="read-only"):
            await gateway.execute(scope, operation, parameters, permit=Permit("op", scope, operation, parameters))
        assert stub.sent(operation.partition(":")[2]) == []
    finally:
        await gateway.close()


@pytest.mark.parametrize("operation", CHANGES)
async def test_no_read_path_lets_a_mutation_through(
    operation: str, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    """Even code in this room that forgets the gate is stopped by the handler in front of every request."""
    answer_everything(stub)
    action, parameters = operation.partition(":")[2], parameters_of(operation)
    transport = Transport(Timeouts(), lambda notice: None, None)
    try:
        attempts: tuple[Callable[[], Awaitable[Any]], ...] = (
            lambda: gateway._read(target, operation, parameters),
            lambda: gateway.ask(target, operation),
            lambda: transport.read(target, operation, parameters),
        )
        for attempt in attempts:
            with pytest.raises((Refused, AwsError)):
                await attempt()
        client = (await transport._client(Call(target, operation, lambda notice: None))).client
        with pytest.raises(Refused):
            await getattr(client, xform_name(action))(**parameters)
        assert stub.sent(action) == []
    finally:
        await transport.close()


@pytest.mark.parametrize("operation", CHANGES)
def test_the_handler_lets_exactly_one_request_of_the_permitted_operation_pass(operation: str) -> None:
    service, _, action = operation.partition(":")
    call = Call(Target("", "eu-central-1"), operation, lambda notice: None, permitted=True, mutation=True)
    token = current_call.set(call)
    try:
        with pytest.raises(Refused):
            refuse_unpermitted(service, "DeleteEverything")
        refuse_unpermitted(service, action)
        with pytest.raises(Refused):
            refuse_unpermitted(service, action)
    finally:
        current_call.reset(token)


@pytest.mark.parametrize("operation", sorted(READS))
def test_reads_need_no_permit(operation: str) -> None:
    service, _, action = operation.partition(":")
    refuse_unpermitted(service, action)


async def test_a_read_through_execute_is_a_read(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["DescribeTable"] = js({"Table": {"TableName": "orders"}})
    scope = await gateway.scope(target)

    reply = await gateway.execute(scope, "dynamodb:DescribeTable", {"TableName": "orders"}, permit=None)  # type: ignore[arg-type]

    assert reply["Table"] == {"TableName": "orders"}
