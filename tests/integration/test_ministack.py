"""A second, independent DynamoDB: MiniStack, in an environment of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from ministack_support import ministack
from program import Dbtui

MANY = 130


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ministack() as url:
        yield url


@pytest.fixture(scope="module")
def tables(endpoint: str) -> str:
    """130 tables, one of them with two indexes, TTL and point-in-time recovery."""
    client = boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y"
    )
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    for number in range(MANY):
        client.create_table(
            TableName=f"table-{number:03}",
            KeySchema=keys,
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    client.create_table(
        TableName="orders",
        KeySchema=[*keys, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in (("pk", "S"), ("sk", "N"), ("state", "S"))
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-state",
                "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    client.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    client.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    return endpoint


@pytest.fixture
def dbtui(tables: str, tmp_path: Path) -> Dbtui:
    return Dbtui(
        tmp_path,
        {
            "AWS_ENDPOINT_URL": tables,
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )


def test_every_table_is_listed(dbtui: Dbtui) -> None:
    result = dbtui.run("list", "tables")
    assert result.code == 0, result.err
    assert len(result.json) == MANY + 1


def test_a_table_is_shown_with_keys_indexes_ttl_recovery_and_tags(dbtui: Dbtui) -> None:
    shown = dbtui.run("show", "table/orders").json
    assert [(key["name"], key["role"], key["type"]) for key in shown["keys"]] == [
        ("pk", "partition", "S"),
        ("sk", "sort", "N"),
    ]
    assert shown["indexes"][0]["projected"] == ["total"]
    assert shown["ttl"] == {"status": "ENABLED", "attribute": "expires"}
    assert shown["point_in_time_recovery"]["status"] == "ENABLED"
    assert shown["tags"] == {"team": "shop"}


def test_a_backup_is_taken_and_followed(dbtui: Dbtui) -> None:
    result = dbtui.run("snapshot", "table/orders", "--wait", "--name", "before-release")
    assert result.code == 0, result.err
    assert (result.json["result"]["kind"], result.json["result"]["name"]) == ("backup", "before-release")
    assert [entry["name"] for entry in dbtui.run("list", "backups").json] == ["before-release"]


@pytest.mark.parametrize("word", ["instances", "clusters", "snapshots", "parameter-groups"])
def test_an_account_without_databases_has_empty_lists(dbtui: Dbtui, word: str) -> None:
    result = dbtui.run("list", word, "--kind", "instance-snapshot") if word == "snapshots" else dbtui.run("list", word)
    assert (result.code, result.json, result.err) == (0, [], "")
