from __future__ import annotations

from typing import Any

import pytest
from demo_world import Still

from dbtui.demo.dynamodb import backups, tables
from dbtui.demo.dynamodb.naming import statement_table
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.seeds import orders


@pytest.fixture
def still() -> Still:
    return Still()


def refused(code: str, still: Still, operation: str, **params: Any) -> None:
    with pytest.raises(AwsError) as caught:
        still.dynamodb(operation, **params)
    assert caught.value.code == code


def test_an_index_is_built_by_the_clock(still: Still) -> None:
    def index() -> tuple[str, object]:
        found = still.table("ledger")["GlobalSecondaryIndexes"][0]
        return found["IndexStatus"], found.get("Backfilling")

    assert index() == ("CREATING", True)
    first = still.table("ledger")["GlobalSecondaryIndexes"][0]["ItemCount"]
    still.advance(120)
    assert still.table("ledger")["GlobalSecondaryIndexes"][0]["ItemCount"] > first
    still.advance(200)
    assert index() == ("ACTIVE", None)


def test_the_company_has_every_sort_of_table(still: Still) -> None:
    tables = {name: still.table(name) for name in still.dynamodb("ListTables")["TableNames"]}
    assert len(tables) >= 13
    assert tables["orders"]["ItemCount"] == orders.ORDERS >= 20_000
    assert tables["sessions"]["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert tables["audit-log"]["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert tables["customers"]["DeletionProtectionEnabled"] is True
    assert tables["carts"]["Replicas"][0]["RegionName"] == "us-east-1"
    assert tables["rate-limits"]["TableStatus"] == "UPDATING"
    assert len(tables["shipments"]["GlobalSecondaryIndexes"][0]["KeySchema"]) == 4
    projections = {index["Projection"]["ProjectionType"] for index in tables["orders"]["GlobalSecondaryIndexes"]}
    assert projections == {"ALL", "INCLUDE"}


def test_tables_are_created_and_deleted_by_the_clock(still: Still) -> None:
    create = {
        "TableName": "new-table",
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    first = still.dynamodb("CreateTable", **create)["TableDescription"]
    assert first["TableStatus"] == "CREATING"
    refused("ResourceInUseException", still, "CreateTable", **create)
    refused("ResourceInUseException", still, "DeleteTable", TableName="new-table")
    still.advance(tables.CREATE_SECONDS)
    assert still.table("new-table")["TableStatus"] == "ACTIVE"
    still.dynamodb("DeleteTable", TableName="new-table")
    assert still.table("new-table")["TableStatus"] == "DELETING"
    still.advance(tables.DELETE_SECONDS)
    refused("ResourceNotFoundException", still, "DescribeTable", TableName="new-table")
    assert still.dynamodb("CreateTable", **create)["TableDescription"]["TableId"] != first["TableId"]
    refused("ValidationException", still, "DeleteTable", TableName="customers")
    refused("ValidationException", still, "CreateTable", **create | {"TableName": "x", "KeySchema": []})


def test_update_table(still: Still) -> None:
    still.dynamodb("UpdateTable", TableName="customers", DeletionProtectionEnabled=False)
    assert still.table("customers")["TableStatus"] == "UPDATING"
    refused("ResourceInUseException", still, "UpdateTable", TableName="customers", DeletionProtectionEnabled=True)
    still.advance(tables.UPDATE_SECONDS)
    assert still.table("customers")["TableStatus"] == "ACTIVE"
    assert still.table("customers")["DeletionProtectionEnabled"] is False


def test_backups_are_taken_by_the_clock(still: Still) -> None:
    made = still.dynamodb("CreateBackup", TableName="features", BackupName="now")["BackupDetails"]
    again = still.dynamodb("CreateBackup", TableName="features", BackupName="now")["BackupDetails"]
    assert made["BackupStatus"] == "CREATING"
    assert made["BackupArn"] != again["BackupArn"], "names need not be unique, ARNs are"
    refused("BackupInUseException", still, "DeleteBackup", BackupArn=made["BackupArn"])
    still.advance(backups.CREATE_SECONDS)
    found = still.dynamodb("DescribeBackup", BackupArn=made["BackupArn"])["BackupDescription"]
    assert found["BackupDetails"]["BackupStatus"] == "AVAILABLE"
    assert found["SourceTableDetails"]["TableName"] == "features"
    deleted = still.dynamodb("DeleteBackup", BackupArn=made["BackupArn"])["BackupDescription"]
    assert deleted["BackupDetails"]["BackupStatus"] == "DELETED"
    refused("BackupNotFoundException", still, "DescribeBackup", BackupArn=made["BackupArn"])
    refused("TableNotFoundException", still, "CreateBackup", TableName="nothing", BackupName="now")
    refused("ValidationException", still, "CreateBackup", TableName="features", BackupName="a b")


def test_backups_are_filtered(still: Still) -> None:
    def names(**params: Any) -> list[str]:
        return [row["BackupName"] for row in still.dynamodb("ListBackups", **params)["BackupSummaries"]]

    assert len(names(TableName="orders")) == 3
    assert names(BackupType="SYSTEM") == ["inventory$DeletedTableBackup"]
    assert len(names(BackupType="ALL")) == len(names()) > 8


def test_point_in_time_recovery(still: Still) -> None:
    def recovery(name: str) -> dict[str, Any]:
        reply = still.dynamodb("DescribeContinuousBackups", TableName=name)
        found: dict[str, Any] = reply["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        return found

    window = recovery("orders")
    assert (window["LatestRestorableDateTime"] - window["EarliestRestorableDateTime"]).days == 34
    wanted = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 5}
    still.dynamodb("UpdateContinuousBackups", TableName="features", PointInTimeRecoverySpecification=wanted)
    assert recovery("features")["RecoveryPeriodInDays"] == 5
    wanted = {"PointInTimeRecoveryEnabled": False}
    still.dynamodb("UpdateContinuousBackups", TableName="features", PointInTimeRecoverySpecification=wanted)
    assert recovery("features") == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_partiql_names_its_table() -> None:
    assert statement_table('SELECT * FROM "orders"."by-status" WHERE x = 1') == "orders"
    assert statement_table("update ledger set a = 1") == "ledger"
    assert statement_table("nonsense") is None
