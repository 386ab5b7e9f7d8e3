"""DynamoDB replies become models."""

from __future__ import annotations

import pytest

from dbtui.aws import dynamodb
from dbtui.domain.models import KeyPart, PointInTimeRecovery, Replica, Throughput, TimeToLive
from dbtui.domain.scope import Scope
from tests.unit.aws.replies import CREATED, SCOPE, TABLE

BACKUP_ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders/backup/01700000000000-abcdef12"


def test_a_table_has_its_keys_with_types_indexes_and_settings() -> None:
    found = dynamodb.table(SCOPE, TABLE)

    assert found.keys == (KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "N"))
    assert (found.item_count, found.size_bytes, found.billing_mode) == (20000, 123456, "PAY_PER_REQUEST")
    assert (found.on_demand_max_read, found.on_demand_max_write) == (100, None)
    assert found.throughput == Throughput(0, 0, 0)
    by_when, local = found.indexes
    assert (by_when.name, by_when.is_global, by_when.keys) == ("by-when", True, (KeyPart("when", "HASH", "B"),))
    assert (by_when.projection, by_when.projected, by_when.backfilling) == ("INCLUDE", ("total",), True)
    assert (local.is_global, local.throughput, local.status) == (False, None, "")
    assert (found.stream_view, found.encryption, found.kms_key_arn) == ("NEW_AND_OLD_IMAGES", "KMS ENABLED", "arn:key")
    assert (found.table_class, found.deletion_protection) == ("STANDARD_INFREQUENT_ACCESS", True)
    assert (found.replicas, found.restore_source) == ((Replica("us-east-1", "ACTIVE"),), "arn:backup")
    assert (found.described, found.ttl, found.pitr, found.tags) == (True, None, None, ())


def test_a_table_without_a_billing_summary_is_provisioned() -> None:
    found = dynamodb.table(SCOPE, {"TableName": "t", "ProvisionedThroughput": {"ReadCapacityUnits": 5}})

    assert (found.billing_mode, found.throughput) == ("PROVISIONED", Throughput(5, 0, 0))


@pytest.mark.parametrize(
    ("region", "account", "arn"),
    [
        ("eu-central-1", "123456789012", "arn:aws:dynamodb:eu-central-1:123456789012:table/t"),
        ("cn-north-1", "123456789012", "arn:aws-cn:dynamodb:cn-north-1:123456789012:table/t"),
        ("us-gov-west-1", "123456789012", "arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/t"),
        ("eu-central-1", "?", ""),
    ],
)
def test_the_arn_of_a_table_known_by_name(region: str, account: str, arn: str) -> None:
    found = dynamodb.named_table(Scope("", account, region), "t")

    assert (found.arn, found.described, found.status) == (arn, False, "")


def test_backups_are_identified_by_table_and_the_last_part_of_their_arn() -> None:
    details = {
        "BackupArn": BACKUP_ARN,
        "BackupName": "nightly",
        "BackupStatus": "AVAILABLE",
        "BackupType": "USER",
        "BackupCreationDateTime": CREATED,
        "BackupSizeBytes": 42,
    }
    listed = dynamodb.listed_backup(SCOPE, {"TableName": "orders", "TableId": "t-1", **details})
    described = dynamodb.described_backup(
        SCOPE, {"BackupDetails": details, "SourceTableDetails": {"TableName": "orders", "TableId": "t-1"}}
    )

    assert listed.id == described.id == "orders/01700000000000-abcdef12"
    assert (listed.name, listed.table_name, listed.table_id, listed.size_bytes) == ("nightly", "orders", "t-1", 42)
    assert (described.status, described.created_at, described.table_id) == ("AVAILABLE", CREATED, "t-1")


def test_settings_of_a_table() -> None:
    assert dynamodb.time_to_live(
        {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}}
    ) == TimeToLive("ENABLED", "expires")
    inner = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 35, "EarliestRestorableDateTime": CREATED}
    reply = {
        "ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": inner}
    }
    assert dynamodb.point_in_time_recovery(reply) == PointInTimeRecovery("ENABLED", 35, CREATED, None)
