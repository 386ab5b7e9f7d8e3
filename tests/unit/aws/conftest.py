"""A gateway in front of a stub, far from anybody's AWS configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dbtui.aws.gateway import AwsGateway
from dbtui.aws.limits import Timeouts
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Notice
from tests.unit.aws.stub_aws import StubAws

QUICK = Timeouts(connect=1, read=0.3, read_total=3, mutation=0.3, identity=1, alias=0.5, attempts=2)


@pytest.fixture(autouse=True)
def aws_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with static keys, empty configuration files and no way to the metadata service."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config").write_text("")
    (tmp_path / "credentials").write_text("")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return tmp_path


@pytest.fixture
async def stub() -> AsyncIterator[StubAws]:
    async with StubAws() as server:
        yield server


@pytest.fixture
def target(stub: StubAws) -> Target:
    return Target("", "eu-central-1", stub.url)


@pytest.fixture
async def gateway() -> AsyncIterator[AwsGateway]:
    opened = AwsGateway(read_only=lambda scope: False, timeouts=QUICK)
    yield opened
    await opened.close()


@pytest.fixture
def notices(gateway: AwsGateway) -> list[Notice]:
    heard: list[Notice] = []
    gateway.subscribe(heard.append)
    return heard
