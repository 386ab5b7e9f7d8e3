"""What we hook into the SDK: models loaded quicker but the same, TLS contexts made once, settings still honoured."""

from __future__ import annotations

import logging
import ssl
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiobotocore.httpsession import AIOHTTPSession
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from dbtui.aws.calls import Call
from dbtui.aws.credentials import MfaRequiredError, _replace_prompter
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.http import PlainHttpSession, WarmHttpSession, http_session_class
from dbtui.aws.limits import Timeouts
from dbtui.aws.models import shared_loader
from dbtui.aws.sessions import open_session
from dbtui.aws.transport import Transport
from dbtui.domain.failures import AwsError
from dbtui.domain.scope import Target
from tests.unit.aws.stub_aws import StubAws, caller, js, xml_error


@pytest.mark.parametrize("service", ["rds", "dynamodb", "sts", "iam", "sso", "sso-oidc"])
def test_models_are_botocores(service: str) -> None:
    stock, ours = Loader(), shared_loader(None)

    for kind in ("service-2", "endpoint-rule-set-1"):
        assert ours.load_service_model(service, kind) == stock.load_service_model(service, kind)
    members = ours.load_service_model(service, "service-2")["operations"]
    assert list(members) == list(stock.load_service_model(service, "service-2")["operations"])


def test_what_does_not_exist_is_unknown_as_in_botocore() -> None:
    for service, kind in (("no-such-service", "service-2"), ("rds", "no-such-kind-1")):
        with pytest.raises(UnknownServiceError):
            shared_loader(None).load_service_model(service, kind)


def test_models_of_the_user_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "2020-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text('{"metadata": {"serviceId": "Mine"}}')

    assert shared_loader(str(tmp_path)).load_service_model("mine", "service-2")["metadata"]["serviceId"] == "Mine"


async def test_one_verifying_tls_context_serves_all_sessions() -> None:
    first, second = (WarmHttpSession(max_pool_connections=3) for _ in range(2))
    connector = first._create_connector(None)
    through_proxy = second._create_connector("http://proxy:3128")

    assert connector._ssl is through_proxy._ssl
    assert connector._ssl.verify_mode is ssl.CERT_REQUIRED and connector._ssl.check_hostname
    assert connector.limit == 3
    await connector.close()
    await through_proxy.close()


async def test_a_plain_endpoint_needs_no_certificates_and_still_verifies_tls() -> None:
    assert http_session_class("http://127.0.0.1:1") is PlainHttpSession
    assert http_session_class("https://x") is http_session_class("") is WarmHttpSession

    connector = PlainHttpSession()._create_connector(None)

    assert connector._ssl is True
    await connector.close()


def test_without_the_private_name_the_stock_session_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(AIOHTTPSession, "_create_connector")

    assert http_session_class("https://x") is AIOHTTPSession


def test_a_certificate_bundle_that_is_missing_is_an_error_of_this_machine(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        WarmHttpSession(verify=str(tmp_path / "missing.pem"))


async def test_a_missing_certificate_bundle_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    gateway = AwsGateway(read_only=lambda scope: False)
    try:
        with pytest.raises(AwsError) as caught:
            await gateway.table(Target("", "eu-central-1"), "orders")
        assert "missing.pem" in caught.value.failure.sentence or "No such file" in caught.value.failure.title
    finally:
        await gateway.close()


async def test_the_number_of_attempts_can_be_set_as_for_any_sdk(stub: StubAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    stub.answers["ListTables"] = js({"TableNames": []})
    transport = Transport(Timeouts(), lambda notice: None, None)
    try:
        opened = await transport._client(Call(Target("", "eu-central-1", stub.url), "dynamodb:ListTables", print))
        assert opened.client.meta.config.retries["total_max_attempts"] == 1
    finally:
        await transport.close()


async def test_each_service_may_have_its_own_endpoint(stub: StubAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", stub.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", stub.url)
    stub.answers["ListTables"] = js({"TableNames": ["orders"]})
    stub.answers["DescribeTable"] = xml_error("nothing of AWS's", status=404)
    target = Target("", "eu-central-1")
    gateway = AwsGateway(read_only=lambda scope: False)
    try:
        assert [t.id async for page in gateway.table_names(target) for t in page.items] == ["orders"]
        assert gateway.endpoint_in_force(target, "dynamodb") == stub.url
        assert gateway.endpoint_in_force(target, "rds") == ""
    finally:
        await gateway.close()


@pytest.mark.parametrize(
    ("config", "wants"),
    [
        ("[profile p]\nmfa_serial = arn:m\nrole_arn = r\nsource_profile = q\n[profile q]\n", True),
        ("[profile p]\nrole_arn = r\nsource_profile = q\n[profile q]\nmfa_serial = arn:m\n", True),
        ("[profile p]\nrole_arn = r\nsource_profile = p\n", False),
    ],
)
def test_should_the_prompter_be_gone_profiles_with_mfa_are_refused(config: str, wants: bool, aws_files: Path) -> None:
    (aws_files / "config").write_text(config)
    session = open_session("p", Timeouts(), None)
    resolver: Any = SimpleNamespace(get_provider=lambda name: SimpleNamespace())

    if wants:
        with pytest.raises(MfaRequiredError):
            _replace_prompter(session.core, resolver, "")
    else:
        _replace_prompter(session.core, resolver, "")


def test_the_sdks_loggers_are_kept_quiet() -> None:
    for name in ("botocore", "aiobotocore", "boto3"):
        assert logging.getLogger(name).level == logging.WARNING
        assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger(name).handlers)


def test_importing_the_gateway_imports_no_sdk() -> None:
    imports = "import sys, dbtui.aws.gateway, dbtui.aws.directory"
    script = f"{imports}; print([name for name in sys.modules if 'boto' in name or name == 'aiohttp'])"
    source = Path(__file__).parents[3] / "src"
    done = subprocess.run(
        [sys.executable, "-c", script], env={"PYTHONPATH": str(source)}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


async def test_fips_and_dual_stack_reach_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    transport = Transport(Timeouts(), lambda notice: None, None)
    try:
        opened = await transport._client(Call(Target("", "us-east-1"), "dynamodb:ListTables", print))
        assert "fips" in opened.client.meta.endpoint_url
    finally:
        await transport.close()


async def test_a_client_is_shared_by_every_call_of_its_service_and_purpose(stub: StubAws) -> None:
    stub.answers["GetCallerIdentity"] = caller()
    target = Target("", "eu-central-1", stub.url)
    transport = Transport(Timeouts(), lambda notice: None, None)
    try:
        reads = [await transport._client(Call(target, "dynamodb:ListTables", print)) for _ in range(2)]
        writes = await transport._client(Call(target, "dynamodb:CreateBackup", print, permitted=True, mutation=True))
        assert reads[0] is reads[1] is not writes
        assert writes.client.meta.config.retries["total_max_attempts"] == 1
    finally:
        await transport.close()
