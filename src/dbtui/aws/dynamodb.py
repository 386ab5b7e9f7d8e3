"""DynamoDB replies as models: ListTables, DescribeTable, backups, TTL, point-in-time recovery."""

from __future__ import annotations

from typing import Any

from dbtui.aws.fields import Reply, flag, moment, number, part, parts, text, texts
from dbtui.domain.models import Backup, Index, KeyPart, PointInTimeRecovery, Replica, Table, Throughput, TimeToLive
from dbtui.domain.scope import ResourceRef, Scope


def partition(region: str) -> str:
    """The partition an ARN of a region starts with."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def table_arn(scope: Scope, name: str) -> str:
    """A table's ARN from its name; ``""`` while the account is unknown."""
    if not scope.account_known:
        return ""
    return f"arn:{partition(scope.region)}:dynamodb:{scope.region}:{scope.account}:table/{name}"


def named_table(scope: Scope, name: str) -> Table:
    """A table of which only the name is known (ListTables)."""
    return Table(ref=ResourceRef(scope, "table", name), arn=table_arn(scope, name), status="", described=False)


def table(scope: Scope, raw: dict[str, Any]) -> Table:
    """One TableDescription."""
    types = {text(entry, "AttributeName"): text(entry, "AttributeType") for entry in parts(raw, "AttributeDefinitions")}
    billing, on_demand = part(raw, "BillingModeSummary"), part(raw, "OnDemandThroughput")
    stream, encryption = part(raw, "StreamSpecification"), part(raw, "SSEDescription")
    restore = part(raw, "RestoreSummary")
    return Table(
        ref=ResourceRef(scope, "table", text(raw, "TableName")),
        arn=text(raw, "TableArn"),
        status=text(raw, "TableStatus"),
        created_at=moment(raw, "CreationDateTime"),
        raw=raw,
        table_id=text(raw, "TableId"),
        keys=_keys(raw, types),
        item_count=number(raw, "ItemCount"),
        size_bytes=number(raw, "TableSizeBytes"),
        billing_mode=text(billing, "BillingMode") or "PROVISIONED",
        throughput=_throughput(raw),
        on_demand_max_read=_limit(on_demand, "MaxReadRequestUnits"),
        on_demand_max_write=_limit(on_demand, "MaxWriteRequestUnits"),
        indexes=tuple(_index(entry, types, is_global=True) for entry in parts(raw, "GlobalSecondaryIndexes"))
        + tuple(_index(entry, types, is_global=False) for entry in parts(raw, "LocalSecondaryIndexes")),
        stream_view=text(stream, "StreamViewType") if flag(stream, "StreamEnabled") else "",
        stream_arn=text(raw, "LatestStreamArn"),
        encryption=" ".join(word for word in (text(encryption, "SSEType"), text(encryption, "Status")) if word),
        kms_key_arn=text(encryption, "KMSMasterKeyArn"),
        table_class=text(part(raw, "TableClassSummary"), "TableClass") or "STANDARD",
        deletion_protection=flag(raw, "DeletionProtectionEnabled"),
        replicas=tuple(_replica(entry) for entry in parts(raw, "Replicas")),
        restore_source=text(restore, "SourceBackupArn") or text(restore, "SourceTableArn"),
    )


def backup_id(table_name: str, arn: str) -> str:
    """``TABLE/BACKUP-ID``: a backup's identifier within its scope."""
    return f"{table_name}/{arn.rpartition('/')[2]}"


def listed_backup(scope: Scope, raw: dict[str, Any]) -> Backup:
    """One BackupSummary (ListBackups)."""
    return _backup(scope, raw, text(raw, "TableName"), text(raw, "TableId"), raw)


def described_backup(scope: Scope, raw: dict[str, Any]) -> Backup:
    """One BackupDescription (DescribeBackup): its details and those of the table it was made from."""
    source = part(raw, "SourceTableDetails")
    return _backup(scope, part(raw, "BackupDetails"), text(source, "TableName"), text(source, "TableId"), raw)


def _backup(scope: Scope, details: Reply, table_name: str, table_id: str, raw: dict[str, Any]) -> Backup:
    arn = text(details, "BackupArn")
    return Backup(
        ref=ResourceRef(scope, "backup", backup_id(table_name, arn)),
        arn=arn,
        status=text(details, "BackupStatus"),
        created_at=moment(details, "BackupCreationDateTime"),
        raw=raw,
        backup_name=text(details, "BackupName"),
        table_name=table_name,
        table_id=table_id,
        backup_type=text(details, "BackupType"),
        size_bytes=number(details, "BackupSizeBytes"),
        expires_at=moment(details, "BackupExpiryDateTime"),
    )


def time_to_live(reply: Reply) -> TimeToLive:
    """The reply of DescribeTimeToLive."""
    raw = part(reply, "TimeToLiveDescription")
    return TimeToLive(text(raw, "TimeToLiveStatus"), text(raw, "AttributeName"))


def point_in_time_recovery(reply: Reply) -> PointInTimeRecovery:
    """The reply of DescribeContinuousBackups; its outer status is always ENABLED and says nothing."""
    raw = part(part(reply, "ContinuousBackupsDescription"), "PointInTimeRecoveryDescription")
    return PointInTimeRecovery(
        text(raw, "PointInTimeRecoveryStatus"),
        number(raw, "RecoveryPeriodInDays"),
        moment(raw, "EarliestRestorableDateTime"),
        moment(raw, "LatestRestorableDateTime"),
    )


def _keys(raw: Reply, types: dict[str, str]) -> tuple[KeyPart, ...]:
    return tuple(
        KeyPart(text(entry, "AttributeName"), text(entry, "KeyType"), types.get(text(entry, "AttributeName"), ""))
        for entry in parts(raw, "KeySchema")
    )


def _throughput(raw: Reply) -> Throughput | None:
    if "ProvisionedThroughput" not in raw:
        return None
    units = part(raw, "ProvisionedThroughput")
    return Throughput(
        number(units, "ReadCapacityUnits") or 0,
        number(units, "WriteCapacityUnits") or 0,
        number(units, "NumberOfDecreasesToday") or 0,
    )


def _limit(raw: Reply, name: str) -> int | None:
    """An on-demand maximum; -1 is AWS's word for none."""
    units = number(raw, name)
    return None if units == -1 else units


def _index(raw: Reply, types: dict[str, str], *, is_global: bool) -> Index:
    projection = part(raw, "Projection")
    return Index(
        name=text(raw, "IndexName"),
        is_global=is_global,
        keys=_keys(raw, types),
        projection=text(projection, "ProjectionType"),
        projected=texts(projection, "NonKeyAttributes"),
        status=text(raw, "IndexStatus"),
        backfilling=flag(raw, "Backfilling"),
        item_count=number(raw, "ItemCount"),
        size_bytes=number(raw, "IndexSizeBytes"),
        throughput=_throughput(raw),
        arn=text(raw, "IndexArn"),
    )


def _replica(raw: Reply) -> Replica:
    return Replica(text(raw, "RegionName"), text(raw, "ReplicaStatus"), text(raw, "ReplicaStatusPercentProgress"))
