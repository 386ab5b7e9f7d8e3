"""The account behind the credentials is read once, watched, and never guessed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dbtui.aws.gateway import AwsGateway
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.scope import Scope, Target
from dbtui.gateway.permit import Permit
from dbtui.gateway.protocol import Notice
from tests.unit.aws.conftest import QUICK
from tests.unit.aws.stub_aws import Hang, Late, Reply, StubAws, caller, js, js_error, xml, xml_error

ALIASES = xml(
    "ListAccountAliases",
    "<AccountAliases><member>company-prod</member></AccountAliases><IsTruncated>false</IsTruncated>",
)


def rotating_keys(folder: Path) -> Path:
    """A profile whose credentials come from a process and change with the file it prints; they expire at once."""
    printed = folder / "printed.json"
    (folder / "config").write_text(f"[profile rotating]\nregion = eu-central-1\ncredential_process = cat {printed}\n")
    return printed


def key(name: str) -> str:
    return (
        f'{{"Version": 1, "AccessKeyId": "{name}", "SecretAccessKey": "s", "SessionToken": "t",'
        ' "Expiration": "2999-01-01T00:00:00Z"}'
    )


async def renew(gateway: AwsGateway, stub: StubAws, target: Target) -> None:
    """What happens when a session runs out: AWS says so, and the next call reads the credentials anew."""
    stub.answers["ListTables"] = js_error("ExpiredTokenException", "expired")
    with pytest.raises(AwsError):
        await tables(gateway, target)
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})


async def tables(gateway: AwsGateway, target: Target) -> list[Any]:
    return [table async for page in gateway.table_names(target) for table in page.items]


async def test_the_identity_is_read_once_for_every_region(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    regions = ("eu-central-1", "us-east-1", "eu-west-1")
    scopes = await asyncio.gather(*(gateway.scope(Target("", region, stub.url)) for region in regions))

    assert {scope.account for scope in scopes} == {"123456789012"}
    assert (await gateway.identity(target)).arn == "arn:aws:iam::123456789012:user/ann"
    assert gateway.caller("") == "arn:aws:iam::123456789012:user/ann"
    assert len(stub.sent("GetCallerIdentity")) == 1


async def test_the_alias_is_part_of_the_scope_when_wanted(stub: StubAws, target: Target) -> None:
    stub.answers["ListAccountAliases"] = ALIASES
    gateway = AwsGateway(read_only=lambda scope: False, want_alias=True, timeouts=QUICK)
    try:
        assert (await gateway.scope(target)).alias == "company-prod"
    finally:
        await gateway.close()


@pytest.mark.parametrize("answer", [xml_error("AccessDenied", "no", 403), Hang()])
async def test_an_alias_that_cannot_be_read_is_empty(answer: Any, stub: StubAws, target: Target) -> None:
    stub.answers["ListAccountAliases"] = answer
    gateway = AwsGateway(read_only=lambda scope: False, want_alias=True, timeouts=QUICK)
    try:
        scope = await gateway.scope(target)
        assert (scope.account, scope.alias) == ("123456789012", "")
    finally:
        await gateway.close()


@pytest.mark.parametrize(
    "answer",
    [
        xml_error("AccessDenied", "no", 403),
        xml_error("InvalidAction", "an emulator without STS"),
        xml_error("UnrecognizedClientException", "an emulator that checks nothing else", 403),
        Reply("<html>no</html>", 404, "text/html"),
        Hang(),
    ],
)
async def test_an_account_that_cannot_be_read_is_a_question_mark(
    answer: Any, stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["GetCallerIdentity"] = answer
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})

    [table] = await tables(gateway, target)

    assert table.ref.scope.account == "?"
    assert table.arn == ""
    assert not (await gateway.scope(target)).account_known


async def test_a_silent_sts_is_waited_for_once_and_its_late_answer_serves_later_calls(
    stub: StubAws, target: Target
) -> None:
    gateway = AwsGateway(read_only=lambda scope: False, timeouts=replace(QUICK, read=5, read_total=6, identity=0.2))
    stub.answers["GetCallerIdentity"] = [Late(), caller()]
    try:
        assert (await gateway.scope(target)).account == "?"
        async with asyncio.timeout(0.15):
            assert (await gateway.scope(target)).account == "?"
        stub.let_late_ones_go()
        async with asyncio.timeout(5):
            while not (await gateway.scope(target)).account_known:
                await asyncio.sleep(0)
        assert len(stub.sent("GetCallerIdentity")) == 1
    finally:
        await gateway.close()


async def test_a_question_mark_is_kept_until_forgotten(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    stub.answers["GetCallerIdentity"] = [xml_error("AccessDenied", "no", 403), caller()]

    assert [(await gateway.scope(target)).account for _ in range(2)] == ["?", "?"]
    gateway.forget()

    assert (await gateway.scope(target)).account == "123456789012"


async def test_expired_credentials_are_an_error_and_not_a_question_mark(
    stub: StubAws, gateway: AwsGateway, target: Target
) -> None:
    stub.answers["GetCallerIdentity"] = xml_error("ExpiredToken", "expired", 403)

    with pytest.raises(AwsError) as caught:
        await gateway.scope(target)

    assert caught.value.failure.kind is FailureKind.CREDENTIALS


async def test_renewed_credentials_of_the_same_account_go_on(
    stub: StubAws, gateway: AwsGateway, aws_files: Path, notices: list[Notice]
) -> None:
    printed, target = rotating_keys(aws_files), Target("rotating", "eu-central-1", stub.url)
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})
    printed.write_text(key("ONE"))
    [before] = await tables(gateway, target)

    printed.write_text(key("TWO"))
    await renew(gateway, stub, target)
    [after] = await tables(gateway, target)

    assert before.ref == after.ref
    assert notices == []
    assert len(stub.sent("GetCallerIdentity")) == 2


async def test_while_sts_cannot_tell_reads_go_on_and_changes_do_not(
    stub: StubAws, gateway: AwsGateway, aws_files: Path
) -> None:
    printed, target = rotating_keys(aws_files), Target("rotating", "eu-central-1", stub.url)
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})
    printed.write_text(key("ONE"))
    scope = await gateway.scope(target)
    printed.write_text(key("TWO"))
    stub.answers["GetCallerIdentity"] = xml_error("AccessDenied", "no", 403)
    await renew(gateway, stub, target)

    assert [len(await tables(gateway, target)) for _ in range(3)] == [1, 1, 1]
    assert len(stub.sent("GetCallerIdentity")) == 2, "a minute passes before STS is asked again"
    with pytest.raises(AwsError):
        await gateway.confirm_account(scope)
    stop = {"DBInstanceIdentifier": "a"}
    with pytest.raises(Refused):
        await gateway.execute(scope, "rds:StopDBInstance", stop, permit=Permit("op", scope, "rds:StopDBInstance", stop))
    assert stub.sent("StopDBInstance") == []

    gateway.forget()
    stub.answers["GetCallerIdentity"] = caller()
    stub.answers["StopDBInstance"] = xml("StopDBInstance")
    await gateway.execute(scope, "rds:StopDBInstance", stop, permit=Permit("op", scope, "rds:StopDBInstance", stop))


async def test_another_account_behind_the_credentials_is_told_and_refused(
    stub: StubAws, gateway: AwsGateway, aws_files: Path, notices: list[Notice]
) -> None:
    printed, target = rotating_keys(aws_files), Target("rotating", "eu-central-1", stub.url)
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})
    printed.write_text(key("ONE"))
    old = await gateway.scope(target)

    printed.write_text(key("TWO"))
    stub.answers["GetCallerIdentity"] = caller("999999999999")
    await renew(gateway, stub, target)
    asked = len(stub.sent("ListTables"))
    with pytest.raises(Refused, match="999999999999"):
        await tables(gateway, target)

    assert len(stub.sent("ListTables")) == asked
    assert [(notice.kind, notice.target) for notice in notices] == [("identity-changed", target)]
    assert (await gateway.scope(target)).account == "999999999999"
    with pytest.raises(Refused):
        await gateway.confirm_account(old)
    parameters = {"DBInstanceIdentifier": "a"}
    with pytest.raises(Refused):
        await gateway.execute(
            old, "rds:StopDBInstance", parameters, permit=Permit("op", old, "rds:StopDBInstance", parameters)
        )
    assert stub.sent("StopDBInstance") == []


async def test_confirming_asks_sts_again(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    scope = await gateway.scope(target)
    await gateway.confirm_account(scope)
    assert len(stub.sent("GetCallerIdentity")) == 2

    stub.answers["GetCallerIdentity"] = caller("999999999999")
    with pytest.raises(Refused):
        await gateway.confirm_account(scope)


async def test_confirming_fails_when_sts_cannot_be_asked(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    scope = await gateway.scope(target)
    stub.answers["GetCallerIdentity"] = xml_error("AccessDenied", "no", 403)

    with pytest.raises(AwsError):
        await gateway.confirm_account(scope)


async def test_an_unknown_account_has_nothing_to_confirm(stub: StubAws, gateway: AwsGateway, target: Target) -> None:
    await gateway.confirm_account(Scope("", "?", target.region, target.endpoint))

    assert stub.requests == []
