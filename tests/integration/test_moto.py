"""Plain moto, without our overlay: everything it holds is listed, and what it lacks is said in words."""

from __future__ import annotations

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from program import Dbtui

MANY = 250
KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # Other tests may have used moto in this process.
    urllib.request.urlopen(urllib.request.Request(f"{url}/moto-api/reset", method="POST"), timeout=30).close()
    _fill(url)
    yield url
    server.stop()


def _fill(url: str) -> None:
    place: dict[str, Any] = {
        "endpoint_url": url,
        "region_name": "eu-west-1",
        "aws_access_key_id": "x",
        "aws_secret_access_key": "y",
    }
    rds, dynamodb = boto3.client("rds", **place), boto3.client("dynamodb", **place)
    for number in range(MANY):
        rds.create_db_instance(
            DBInstanceIdentifier=f"db-{number:03}",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            EngineVersion="16.3",
            VpcSecurityGroupIds=["sg-1"],
        )
        dynamodb.create_table(
            TableName=f"table-{number:03}",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


@pytest.fixture
def dbtui(endpoint: str, tmp_path: Path) -> Dbtui:
    return Dbtui(tmp_path, {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "eu-west-1", **KEYS})


@pytest.mark.parametrize("word", ["instances", "tables", "instance-snapshots"])
def test_everything_is_listed(dbtui: Dbtui, word: str) -> None:
    result = dbtui.run("list", word)
    assert result.code == 0, result.err
    assert len({entry["id"] for entry in result.json}) == MANY


def test_snapshots_are_taken_and_followed(dbtui: Dbtui) -> None:
    result = dbtui.run("snapshot", "instance/db-007", "table/table-007", "--wait")
    assert result.code == 0, result.err
    assert [entry["outcome"] for entry in result.json] == ["done", "done"]


def test_a_table_is_shown_whole(dbtui: Dbtui) -> None:
    shown = dbtui.run("show", "table/table-001").json
    assert (shown["status"], shown["billing_mode"], shown["tags"]) == ("ACTIVE", "PAY_PER_REQUEST", {})
