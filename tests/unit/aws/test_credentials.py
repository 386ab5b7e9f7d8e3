"""Every kind of credentials the SDK knows, and an MFA code asked for without blocking the loop."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from dbtui.aws.gateway import AwsGateway
from dbtui.aws.limits import Timeouts
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from tests.unit.aws.conftest import QUICK
from tests.unit.aws.stub_aws import Hang, Parameters, Reply, StubAws, js, xml, xml_error

ROLE = """
[profile base]
region = eu-central-1
aws_access_key_id = AKIABASE
aws_secret_access_key = secret
[profile admin]
region = eu-central-1
role_arn = arn:aws:iam::123456789012:role/admin
source_profile = base
"""
MFA = "mfa_serial = arn:aws:iam::123456789012:mfa/ann\n"


def assumed(key: str = "ASIAROLE", expires: str = "2999-01-01T00:00:00Z") -> Reply:
    keys = f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
    user = (
        "<AssumedRoleUser><AssumedRoleId>R:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/admin/s</Arn>"
    )
    return xml(
        "AssumeRole",
        f"<Credentials>{keys}<Expiration>{expires}</Expiration></Credentials>{user}</AssumedRoleUser>",
    )


@pytest.fixture
def environment(stub: StubAws, aws_files: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No keys in the environment; every service, the SDK's own clients included, is the stub."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_ENDPOINT_URL", stub.url)
    monkeypatch.setattr("getpass.getpass", lambda prompt: pytest.fail("a blocking prompt"))
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})
    return aws_files


async def tables(profile: str, mfa_prompt: Any = None, timeouts: Timeouts = QUICK) -> list[str]:
    gateway = AwsGateway(read_only=lambda scope: False, mfa_prompt=mfa_prompt, timeouts=timeouts)
    try:
        return await names(gateway, profile)
    finally:
        await gateway.close()


async def names(gateway: AwsGateway, profile: str) -> list[str]:
    return [table.id async for page in gateway.table_names(Target(profile, "eu-central-1")) for table in page.items]


async def failure_of(profile: str, mfa_prompt: Any = None) -> Any:
    with pytest.raises(AwsError) as caught:
        await tables(profile, mfa_prompt)
    return caught.value.failure


async def test_a_role_is_assumed(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE)
    stub.answers["AssumeRole"] = assumed()

    assert await tables("admin") == ["orders"]
    assert len(stub.sent("AssumeRole")) == 1


async def test_a_role_that_may_not_be_assumed(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE)
    stub.answers["AssumeRole"] = xml_error("AccessDenied", "not authorized to perform: sts:AssumeRole", 403)

    failure = await failure_of("admin")

    assert failure.kind is FailureKind.CREDENTIALS
    assert "admin" in failure.title


async def test_an_mfa_code_is_asked_for_once_and_awaited(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE + MFA)
    prompts: list[str] = []
    asked = asyncio.Event()
    answered = asyncio.Event()

    async def prompt(text: str) -> str:
        prompts.append(text)
        asked.set()
        await answered.wait()
        return " 123456 "

    stub.answers["AssumeRole"] = assumed()
    gateway = AwsGateway(read_only=lambda scope: False, mfa_prompt=prompt, timeouts=QUICK)
    try:
        loads = [asyncio.create_task(names(gateway, "admin")) for _ in range(3)]
        await asked.wait()
        answered.set()
        assert await asyncio.gather(*loads) == [["orders"]] * 3
    finally:
        await gateway.close()

    assert len(prompts) == 1 and "arn:aws:iam::123456789012:mfa/ann" in prompts[0]
    assert [sent["TokenCode"] for sent in stub.sent("AssumeRole")] == ["123456"]


async def test_an_mfa_session_that_ended_asks_again(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE + MFA)
    codes = iter(["111111", "222222"])
    stub.answers["AssumeRole"] = [assumed(), assumed("ASIATWO")]
    expired = json.dumps({"__type": "x#ExpiredTokenException", "message": "expired"})
    stub.answers["ListTables"] = [Reply(expired, 400, "application/x-amz-json-1.0"), js({"TableNames": ["orders"]})]

    async def prompt(text: str) -> str:
        return next(codes)

    gateway = AwsGateway(read_only=lambda scope: False, mfa_prompt=prompt, timeouts=QUICK)
    try:
        with pytest.raises(AwsError):
            await names(gateway, "admin")
        assert await names(gateway, "admin") == ["orders"]
    finally:
        await gateway.close()
    assert [sent["TokenCode"] for sent in stub.sent("AssumeRole")] == ["111111", "222222"]


async def test_without_anybody_to_ask_mfa_fails_and_never_prompts(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE + MFA)

    failure = await failure_of("admin")

    assert (failure.kind, stub.sent("AssumeRole")) == (FailureKind.CREDENTIALS, [])
    assert "MFA" in failure.title


async def test_a_wrong_or_refused_code_is_not_asked_for_again_until_a_refresh(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE + MFA)
    answers = iter(["000000", "", "123456"])
    wrong = "MultiFactorAuthentication failed with invalid MFA one time pass code."
    stub.answers["AssumeRole"] = [xml_error("AccessDenied", wrong, 403), assumed()]

    async def prompt(text: str) -> str:
        return next(answers)

    gateway = AwsGateway(read_only=lambda scope: False, mfa_prompt=prompt, timeouts=QUICK)
    try:
        for _ in range(2):
            for _ in range(2):
                with pytest.raises(AwsError) as caught:
                    await names(gateway, "admin")
                assert caught.value.failure.kind is FailureKind.CREDENTIALS
            gateway.forget()
        assert await names(gateway, "admin") == ["orders"]
    finally:
        await gateway.close()


_ROLE_OF = "[profile p]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = "


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("[profile p]\nregion = eu-central-1\n", "has no credentials"),
        ("[profile p]\ncredential_process = false\n", "could not be read"),
        ("[profile p]\ncredential_process = echo not-json\n", "could not be read"),
        ("[profile p]\ncredential_process = /nonexistent/program\n", "could not be read"),
        ("[profile p]\naws_access_key_id = A\n", "half the credentials"),
        (f"{_ROLE_OF}q\n[profile q]\nrole_arn = r\nsource_profile = p\n", "circle"),
        (f"{_ROLE_OF}nobody\n", "configuration of profile p"),
    ],
)
async def test_broken_profiles_fail_in_words(config: str, words: str, environment: Path, capfd: Any) -> None:
    (environment / "config").write_text(config)

    failure = await failure_of("p")

    assert words in failure.title
    assert failure.kind in (FailureKind.CREDENTIALS, FailureKind.CONFIG)
    assert capfd.readouterr().err == ""


SSO = """
[profile sso]
sso_session = company
sso_account_id = 123456789012
sso_role_name = dev
region = eu-central-1
[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = eu-central-1
"""


async def test_a_missing_sso_login_says_how_to_log_in_and_writes_nothing_on_the_screen(
    environment: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any
) -> None:
    (environment / "config").write_text(SSO)
    # As in a program that has set up no logging at all; pytest's own handlers would hide the last resort.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])

    failure = await failure_of("sso")

    assert failure.kind is FailureKind.CREDENTIALS
    assert failure.hint == "run: aws sso login --profile sso"
    assert capfd.readouterr().err == ""


async def test_no_credentials_at_all(environment: Path) -> None:
    failure = await failure_of("")

    assert (failure.kind, failure.title) == (FailureKind.CREDENTIALS, "No AWS credentials were found.")


async def test_an_unknown_profile(environment: Path) -> None:
    failure = await failure_of("nobody")

    assert (failure.kind, failure.title) == (FailureKind.CONFIG, "There is no profile nobody.")


async def test_a_login_made_meanwhile_is_noticed(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text("[profile p]\nregion = eu-central-1\n")
    gateway = AwsGateway(read_only=lambda scope: False, timeouts=QUICK)
    try:
        with pytest.raises(AwsError):
            await names(gateway, "p")
        (environment / "credentials").write_text("[p]\naws_access_key_id = A\naws_secret_access_key = B\n")
        assert await names(gateway, "p") == ["orders"]
    finally:
        await gateway.close()


async def test_an_unreachable_sts_is_no_lost_mutation(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE)
    stub.answers["AssumeRole"] = Hang()

    failure = await failure_of("admin")

    assert failure.kind is FailureKind.UNREACHABLE


async def test_role_calls_carry_the_session_name(stub: StubAws, environment: Path) -> None:
    (environment / "config").write_text(ROLE + "role_session_name = ann\n")

    def answer(parameters: Parameters) -> Reply:
        assert parameters["RoleSessionName"] == "ann"
        return assumed()

    stub.answers["AssumeRole"] = answer
    assert await tables("admin") == ["orders"]
