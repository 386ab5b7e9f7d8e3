"""AWS's certificate and its host name are verified, directly and through a proxy."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dbtui.aws.calls import Call
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.transport import Transport
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from tests.unit.aws.conftest import QUICK

Serve = Callable[[x509.SubjectAlternativeName], Coroutine[Any, Any, str]]
LOCAL = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
ELSEWHERE = x509.SubjectAlternativeName([x509.DNSName("elsewhere.example")])


def certificate(folder: Path, names: x509.SubjectAlternativeName) -> Path:
    """A self-signed certificate with its key, which also serves as the bundle that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "dbtui test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
async def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Serve]:
    """Starts a DynamoDB over TLS under the given names, trusted through AWS_CA_BUNDLE; returns its URL."""
    runners: list[web.AppRunner] = []

    async def tables(request: web.Request) -> web.Response:
        scan = {"Count": 1, "Items": [{"id": {"S": "a"}}], "ScannedCount": 1}
        body = scan if request.headers["X-Amz-Target"].endswith("Scan") else {"TableNames": ["orders"]}
        return web.json_response(body, content_type="application/x-amz-json-1.0")

    async def start(names: x509.SubjectAlternativeName) -> str:
        file = certificate(tmp_path, names)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(file))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        app = web.Application()
        app.router.add_post("/", tables)
        runners.append(web.AppRunner(app, access_log=None, shutdown_timeout=0.1))
        await runners[0].setup()
        await web.TCPSite(runners[0], "127.0.0.1", 0, ssl_context=context).start()
        return f"https://127.0.0.1:{runners[0].addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@asynccontextmanager
async def tunnel() -> AsyncIterator[str]:
    """A proxy that understands CONNECT; yields its URL."""

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, _, port = (await reader.readline()).split()[1].decode().partition(":")
        while (await reader.readline()).strip():
            pass
        onward_reader, onward_writer = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pipe(reader, onward_writer), pipe(onward_reader, writer))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def tables(url: str) -> list[str]:
    gateway = AwsGateway(read_only=lambda scope: True, timeouts=QUICK)
    try:
        pages = gateway.table_names(Target("", "eu-central-1", url))
        return [table.id async for page in pages for table in page.items]
    finally:
        await gateway.close()


@pytest.mark.parametrize("proxied", [False, True])
async def test_the_right_host_is_trusted(proxied: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await serve(LOCAL)
    async with tunnel() as proxy:
        if proxied:
            monkeypatch.setenv("HTTPS_PROXY", proxy)
        assert await tables(url) == ["orders"]


@pytest.mark.parametrize("proxied", [False, True])
async def test_another_hosts_certificate_is_not(proxied: bool, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await serve(ELSEWHERE)
    async with tunnel() as proxy:
        if proxied:
            monkeypatch.setenv("HTTPS_PROXY", proxy)
        with pytest.raises(AwsError) as caught:
            await tables(url)
    assert caught.value.failure.kind is FailureKind.UNREACHABLE
    assert "certificate" in caught.value.failure.title


async def test_a_certificate_nobody_vouches_for_is_not(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await serve(LOCAL)
    monkeypatch.delenv("AWS_CA_BUNDLE")

    with pytest.raises(AwsError) as caught:
        await tables(url)

    assert "certificate" in caught.value.failure.title
    assert "AWS_CA_BUNDLE" in caught.value.failure.hint


@pytest.mark.parametrize(("names", "trusted"), [(LOCAL, True), (ELSEWHERE, False)])
async def test_the_fast_lane_verifies_certificate_and_name(
    names: x509.SubjectAlternativeName, trusted: bool, serve: Serve
) -> None:
    target = Target("", "eu-central-1", await serve(names))
    transport = Transport(QUICK, lambda notice: None, None)
    try:
        lane = (await transport._client(Call(target, "dynamodb:Scan", print))).lane
        credentials = await transport._credentials(target, "dynamodb:Scan")
        assert lane is not None
        assert (await lane.page(credentials, "Scan", {"TableName": "orders"}) is not None) is trusted
    finally:
        await transport.close()


async def test_behind_a_proxy_there_is_no_fast_lane(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = await serve(LOCAL)
    async with tunnel() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        gateway = AwsGateway(read_only=lambda scope: True, timeouts=QUICK)
        transport = Transport(QUICK, lambda notice: None, None)
        try:
            target = Target("", "eu-central-1", url)
            assert (await transport._client(Call(target, "dynamodb:Scan", print))).lane is None
            assert len((await gateway.item_page(target, "Scan", {"TableName": "orders"})).items) == 1
        finally:
            await gateway.close()
            await transport.close()
