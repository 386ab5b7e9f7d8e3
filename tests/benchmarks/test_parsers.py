"""What AWS's replies and the SDK's start cost. Prints numbers (run with `-s` or `-rP`) and never fails on time."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiobotocore.parsers import AioResponseParserFactory
from tests.stalls import StallMonitor
from tests.unit.aws.replies import INSTANCE, service_model
from tests.unit.aws.stub_aws import StubAws, js

from dbtui.aws.parsers import FastParserFactory

SOURCE = Path(__file__).parents[2] / "src"
SHAPE = service_model("rds").operation_model("DescribeDBInstances").output_shape
FIRST_PAGE = """
import asyncio, sys
from dbtui.aws.directory import AwsDirectory
from dbtui.aws.gateway import AwsGateway

async def main():
    gateway = AwsGateway(read_only=lambda scope: True)
    [target] = await AwsDirectory(endpoint=sys.argv[1]).targets((), ("eu-central-1",))
    async for page in gateway.table_names(target):
        print("\\n".join(table.id for table in page.items))
    await gateway.close()

asyncio.run(main())
"""


def xml_of(value: Any, shape: Any) -> str:
    """A value as the query protocol writes it."""
    if shape.type_name == "structure":
        members = ((name, shape.members[name]) for name in value if name in shape.members)
        return "".join(_element(m.serialization.get("name", n), xml_of(value[n], m)) for n, m in members)
    if shape.type_name == "list":
        tag = shape.member.serialization.get("name", "member")
        return "".join(_element(tag, xml_of(entry, shape.member)) for entry in value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _element(tag: str, inner: str) -> str:
    return f"<{tag}>{inner}</{tag}>"


def reply(count: int) -> dict[str, Any]:
    inner = xml_of({"DBInstances": [INSTANCE] * count}, SHAPE)
    body = _element("DescribeDBInstancesResponse", _element("DescribeDBInstancesResult", inner)).encode()
    headers = {"content-type": "text/xml"}
    return {"status_code": 200, "headers": headers, "body": body, "context": {"operation_name": "DescribeDBInstances"}}


async def best_of(rounds: int, work: Callable[[], Any]) -> tuple[float, float]:
    """The shortest time in milliseconds, and the longest stall of the loop in any round."""
    times, worst = [], 0.0
    for _ in range(rounds):
        async with StallMonitor() as stalls:
            begun = time.perf_counter()
            await work()
            times.append((time.perf_counter() - begun) * 1000)
        worst = max(worst, stalls.worst)
    return min(times), worst


@pytest.mark.parametrize("count", [10, 100])
async def test_a_page_of_instances(count: int) -> None:
    page = reply(count)
    stock = AioResponseParserFactory().create_parser("query")  # type: ignore[no-untyped-call]
    ours = FastParserFactory().create_parser("query")

    theirs_ms, theirs_stall = await best_of(5, lambda: stock.parse(page, SHAPE))
    ours_ms, ours_stall = await best_of(5, lambda: ours.parse(page, SHAPE))

    print(f"{count} instances, {len(page['body']) / 1000:.0f} kB:", end=" ")
    print(
        f"stock {theirs_ms:.1f} ms (stall {theirs_stall:.1f}), ours {ours_ms:.1f} ms (stall {ours_stall:.1f}),", end=" "
    )
    print(f"ratio {theirs_ms / ours_ms:.1f}")


def test_the_first_page_against_the_aws_command(tmp_path: Path) -> None:
    """Wall time of a fresh process to a list of tables, beside `aws dynamodb list-tables`."""
    program = shutil.which("aws")
    asyncio.run(_race(program, tmp_path))


async def _race(program: str | None, folder: Path) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(folder / "none"),
        "PYTHONPATH": str(SOURCE),
    }
    async with StubAws() as stub:
        stub.answers["ListTables"] = js({"TableNames": [f"table-{number:03}" for number in range(30)]})
        ours = [sys.executable, "-c", FIRST_PAGE, stub.url]
        mine = await _fastest(ours, environment)
        print(f"first page of tables in a fresh process: {mine:.2f} s", end=" ")
        if program is None:
            print("(no aws command to compare with)")
            return
        theirs = [program, "dynamodb", "list-tables", "--endpoint-url", stub.url, "--region", "eu-central-1"]
        other = await _fastest(theirs, environment)
        print(f"aws: {other:.2f} s, ratio {mine / other:.2f}")


async def _fastest(command: list[str], environment: dict[str, str]) -> float:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        done = await asyncio.to_thread(
            subprocess.run, command, env=environment, check=False, capture_output=True, timeout=60
        )
        times.append(time.perf_counter() - begun)
        assert done.returncode == 0, done.stderr.decode()
    return min(times)


def test_the_stall_of_opening_the_first_clients(tmp_path: Path) -> None:
    """The longest the loop is held up in a fresh process from nothing to the first rows of three services."""
    script = f"""
import asyncio, sys
sys.path.insert(0, {str(SOURCE.parent)!r})
from tests.stalls import StallMonitor
from tests.unit.aws.stub_aws import StubAws, js, xml
from dbtui.aws.gateway import AwsGateway
from dbtui.domain.scope import Target

async def main():
    async with StubAws() as stub:
        stub.answers["ListTables"] = js({{"TableNames": ["t"]}})
        stub.answers["DescribeDBInstances"] = xml("DescribeDBInstances", "<DBInstances/>")
        gateway = AwsGateway(read_only=lambda scope: True)
        target = Target("", "eu-central-1", stub.url)
        for name in ("table_names", "instances"):
            async with StallMonitor() as stalls:
                async for page in getattr(gateway, name)(target):
                    pass
            print(name, stalls)
        await gateway.close()

asyncio.run(main())
"""
    environment = {**os.environ, "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "PYTHONPATH": str(SOURCE)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    print("opening clients, worst stall of the loop:", "; ".join(done.stdout.splitlines()))
