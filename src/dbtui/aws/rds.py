"""RDS replies as models: DescribeDBInstances, DescribeDBClusters, both snapshots, parameter groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dbtui.aws.fields import Reply, decimal, flag, moment, number, part, parts, tags, text, texts
from dbtui.domain.models import (
    Cluster,
    ClusterMember,
    ClusterSnapshot,
    Instance,
    InstanceSnapshot,
    ParameterGroup,
    PendingChange,
    SecurityGroup,
)
from dbtui.domain.scope import ResourceRef, Scope

_PENDING_NAMES = {
    "DBInstanceClass": "instance class",
    "AllocatedStorage": "allocated storage (GiB)",
    "MaxAllocatedStorage": "storage autoscaling limit (GiB)",
    "MasterUserPassword": "master password",
    "Port": "port",
    "BackupRetentionPeriod": "backup retention (days)",
    "MultiAZ": "Multi-AZ",
    "EngineVersion": "engine version",
    "LicenseModel": "license model",
    "Iops": "IOPS",
    "DBInstanceIdentifier": "instance name",
    "DBClusterIdentifier": "cluster name",
    "StorageType": "storage type",
    "CACertificateIdentifier": "certificate authority",
    "DBSubnetGroupName": "subnet group",
    "IAMDatabaseAuthenticationEnabled": "IAM authentication",
    "AutomationMode": "automation mode",
    "ResumeFullAutomationModeTime": "full automation resumes at",
    "StorageThroughput": "storage throughput (MiB/s)",
    "Engine": "engine",
    "DedicatedLogVolume": "dedicated log volume",
    "MultiTenant": "multi-tenant configuration",
    "LogTypesToEnable": "log exports to enable",
    "LogTypesToDisable": "log exports to disable",
}
_SECRETS = frozenset({"MasterUserPassword", "TdeCredentialPassword"})


def instance(scope: Scope, raw: dict[str, Any]) -> Instance:
    """One DBInstance."""
    endpoint, subnet_group = part(raw, "Endpoint"), part(raw, "DBSubnetGroup")
    return Instance(
        ref=ResourceRef(scope, "instance", text(raw, "DBInstanceIdentifier")),
        arn=text(raw, "DBInstanceArn"),
        status=text(raw, "DBInstanceStatus"),
        created_at=moment(raw, "InstanceCreateTime"),
        tags=tags(raw, "TagList"),
        raw=raw,
        resource_id=text(raw, "DbiResourceId"),
        engine=text(raw, "Engine"),
        engine_version=text(raw, "EngineVersion"),
        instance_class=text(raw, "DBInstanceClass"),
        allocated_gib=number(raw, "AllocatedStorage"),
        max_allocated_gib=number(raw, "MaxAllocatedStorage"),
        storage_type=text(raw, "StorageType"),
        iops=number(raw, "Iops"),
        throughput_mibps=number(raw, "StorageThroughput"),
        multi_az=flag(raw, "MultiAZ"),
        zone=text(raw, "AvailabilityZone"),
        secondary_zone=text(raw, "SecondaryAvailabilityZone"),
        host=text(endpoint, "Address"),
        port=number(endpoint, "Port") or number(raw, "DbInstancePort") or None,
        database_name=text(raw, "DBName"),
        master_username=text(raw, "MasterUsername"),
        master_secret_arn=text(part(raw, "MasterUserSecret"), "SecretArn"),
        cluster_id=text(raw, "DBClusterIdentifier"),
        promotion_tier=number(raw, "PromotionTier"),
        replica_source=text(raw, "ReadReplicaSourceDBInstanceIdentifier")
        or text(raw, "ReadReplicaSourceDBClusterIdentifier"),
        replicas=texts(raw, "ReadReplicaDBInstanceIdentifiers") + texts(raw, "ReadReplicaDBClusterIdentifiers"),
        replication_states=tuple(text(info, "Status") for info in parts(raw, "StatusInfos")),
        vpc_id=text(subnet_group, "VpcId"),
        subnet_group=text(subnet_group, "DBSubnetGroupName"),
        subnets=tuple(text(subnet, "SubnetIdentifier") for subnet in parts(subnet_group, "Subnets")),
        security_groups=_security_groups(raw),
        publicly_accessible=flag(raw, "PubliclyAccessible"),
        network_type=text(raw, "NetworkType"),
        parameter_groups=tuple(
            (text(group, "DBParameterGroupName"), text(group, "ParameterApplyStatus"))
            for group in parts(raw, "DBParameterGroups")
        ),
        option_groups=tuple(
            (text(group, "OptionGroupName"), text(group, "Status")) for group in parts(raw, "OptionGroupMemberships")
        ),
        backup_retention_days=number(raw, "BackupRetentionPeriod"),
        backup_window=text(raw, "PreferredBackupWindow"),
        backup_target=text(raw, "BackupTarget"),
        latest_restorable_at=moment(raw, "LatestRestorableTime"),
        copy_tags_to_snapshot=flag(raw, "CopyTagsToSnapshot"),
        maintenance_window=text(raw, "PreferredMaintenanceWindow"),
        auto_minor_upgrade=flag(raw, "AutoMinorVersionUpgrade"),
        automatic_restart_at=moment(raw, "AutomaticRestartTime"),
        certificate=text(raw, "CACertificateIdentifier"),
        certificate_valid_till=moment(part(raw, "CertificateDetails"), "ValidTill"),
        lifecycle_support=text(raw, "EngineLifecycleSupport"),
        license_model=text(raw, "LicenseModel"),
        deletion_protection=flag(raw, "DeletionProtection"),
        encrypted=flag(raw, "StorageEncrypted"),
        kms_key_id=text(raw, "KmsKeyId"),
        iam_authentication=flag(raw, "IAMDatabaseAuthenticationEnabled"),
        performance_insights=flag(raw, "PerformanceInsightsEnabled"),
        insights_mode=text(raw, "DatabaseInsightsMode"),
        monitoring_interval=number(raw, "MonitoringInterval"),
        log_exports=texts(raw, "EnabledCloudwatchLogsExports"),
        percent_progress=_percent(raw),
        pending=pending_changes(part(raw, "PendingModifiedValues")),
    )


def cluster(scope: Scope, raw: dict[str, Any]) -> Cluster:
    """One DBCluster."""
    serverless = part(raw, "ServerlessV2ScalingConfiguration") or part(raw, "ScalingConfigurationInfo")
    return Cluster(
        ref=ResourceRef(scope, "cluster", text(raw, "DBClusterIdentifier")),
        arn=text(raw, "DBClusterArn"),
        status=text(raw, "Status"),
        created_at=moment(raw, "ClusterCreateTime"),
        tags=tags(raw, "TagList"),
        raw=raw,
        resource_id=text(raw, "DbClusterResourceId"),
        engine=text(raw, "Engine"),
        engine_version=text(raw, "EngineVersion"),
        engine_mode=text(raw, "EngineMode"),
        members=tuple(_member(member) for member in parts(raw, "DBClusterMembers")),
        host=text(raw, "Endpoint"),
        reader_host=text(raw, "ReaderEndpoint"),
        port=number(raw, "Port"),
        database_name=text(raw, "DatabaseName"),
        master_username=text(raw, "MasterUsername"),
        master_secret_arn=text(part(raw, "MasterUserSecret"), "SecretArn"),
        allocated_gib=number(raw, "AllocatedStorage"),
        storage_type=text(raw, "StorageType"),
        iops=number(raw, "Iops"),
        instance_class=text(raw, "DBClusterInstanceClass"),
        serverless_min_acu=decimal(serverless, "MinCapacity"),
        serverless_max_acu=decimal(serverless, "MaxCapacity"),
        multi_az=flag(raw, "MultiAZ"),
        zones=texts(raw, "AvailabilityZones"),
        vpc_id=text(raw, "VpcId"),
        subnet_group=text(raw, "DBSubnetGroup"),
        security_groups=_security_groups(raw),
        parameter_group=text(raw, "DBClusterParameterGroup"),
        backup_retention_days=number(raw, "BackupRetentionPeriod"),
        backup_window=text(raw, "PreferredBackupWindow"),
        earliest_restorable_at=moment(raw, "EarliestRestorableTime"),
        latest_restorable_at=moment(raw, "LatestRestorableTime"),
        backtrack_seconds=number(raw, "BacktrackWindow"),
        copy_tags_to_snapshot=flag(raw, "CopyTagsToSnapshot"),
        maintenance_window=text(raw, "PreferredMaintenanceWindow"),
        auto_minor_upgrade=flag(raw, "AutoMinorVersionUpgrade"),
        automatic_restart_at=moment(raw, "AutomaticRestartTime"),
        lifecycle_support=text(raw, "EngineLifecycleSupport"),
        deletion_protection=flag(raw, "DeletionProtection"),
        encrypted=flag(raw, "StorageEncrypted"),
        kms_key_id=text(raw, "KmsKeyId"),
        iam_authentication=flag(raw, "IAMDatabaseAuthenticationEnabled"),
        http_endpoint=flag(raw, "HttpEndpointEnabled"),
        global_write_forwarding=flag(raw, "GlobalWriteForwardingRequested"),
        replication_source=text(raw, "ReplicationSourceIdentifier"),
        log_exports=texts(raw, "EnabledCloudwatchLogsExports"),
        percent_progress=_percent(raw),
        pending=pending_changes(part(raw, "PendingModifiedValues")),
    )


def instance_snapshot(scope: Scope, raw: dict[str, Any]) -> InstanceSnapshot:
    """One DBSnapshot. SnapshotCreateTime is absent while AWS creates it."""
    return InstanceSnapshot(
        ref=ResourceRef(scope, "instance-snapshot", text(raw, "DBSnapshotIdentifier")),
        arn=text(raw, "DBSnapshotArn"),
        status=text(raw, "Status"),
        created_at=moment(raw, "SnapshotCreateTime") or moment(raw, "OriginalSnapshotCreateTime"),
        tags=tags(raw, "TagList"),
        raw=raw,
        source_id=text(raw, "DBInstanceIdentifier"),
        source_resource_id=text(raw, "DbiResourceId"),
        snapshot_type=text(raw, "SnapshotType"),
        engine=text(raw, "Engine"),
        engine_version=text(raw, "EngineVersion"),
        allocated_gib=number(raw, "AllocatedStorage"),
        storage_type=text(raw, "StorageType"),
        encrypted=flag(raw, "Encrypted"),
        kms_key_id=text(raw, "KmsKeyId"),
        percent_progress=number(raw, "PercentProgress"),
        zone=text(raw, "AvailabilityZone"),
        vpc_id=text(raw, "VpcId"),
        port=number(raw, "Port"),
    )


def cluster_snapshot(scope: Scope, raw: dict[str, Any]) -> ClusterSnapshot:
    """One DBClusterSnapshot."""
    return ClusterSnapshot(
        ref=ResourceRef(scope, "cluster-snapshot", text(raw, "DBClusterSnapshotIdentifier")),
        arn=text(raw, "DBClusterSnapshotArn"),
        status=text(raw, "Status"),
        created_at=moment(raw, "SnapshotCreateTime"),
        tags=tags(raw, "TagList"),
        raw=raw,
        source_id=text(raw, "DBClusterIdentifier"),
        source_resource_id=text(raw, "DbClusterResourceId"),
        snapshot_type=text(raw, "SnapshotType"),
        engine=text(raw, "Engine"),
        engine_version=text(raw, "EngineVersion"),
        allocated_gib=number(raw, "AllocatedStorage"),
        storage_type=text(raw, "StorageType"),
        encrypted=flag(raw, "StorageEncrypted"),
        kms_key_id=text(raw, "KmsKeyId"),
        percent_progress=number(raw, "PercentProgress"),
        vpc_id=text(raw, "VpcId"),
        port=number(raw, "Port"),
    )


def parameter_group(scope: Scope, raw: dict[str, Any]) -> ParameterGroup:
    """One DBParameterGroup. It has neither a status nor a creation time."""
    return ParameterGroup(
        ref=ResourceRef(scope, "parameter-group", text(raw, "DBParameterGroupName")),
        arn=text(raw, "DBParameterGroupArn"),
        status="",
        raw=raw,
        family=text(raw, "DBParameterGroupFamily"),
        description=text(raw, "Description"),
    )


def pending_changes(raw: Reply) -> tuple[PendingChange, ...]:
    """PendingModifiedValues, flattened, with readable names; passwords read ``***``."""
    return tuple(_changes(raw))


def _changes(raw: Reply) -> Iterator[PendingChange]:
    for name, value in raw.items():
        if value in (None, "", [], {}):
            continue
        label = _PENDING_NAMES.get(name, name)
        if name in _SECRETS:
            yield PendingChange(label, "***")
        elif isinstance(value, Mapping):
            yield from _changes(value)
        elif name == "ProcessorFeatures":
            for feature in parts(raw, name):
                yield PendingChange(f"processor {text(feature, 'Name')}", text(feature, "Value"))
        else:
            yield PendingChange(label, _readable(value))


def _readable(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(entry) for entry in value)
    return str(value)


def _member(raw: Reply) -> ClusterMember:
    return ClusterMember(
        text(raw, "DBInstanceIdentifier"),
        flag(raw, "IsClusterWriter") is True,
        number(raw, "PromotionTier"),
        text(raw, "DBClusterParameterGroupStatus"),
    )


def _security_groups(raw: Reply) -> tuple[SecurityGroup, ...]:
    return tuple(
        SecurityGroup(text(group, "VpcSecurityGroupId"), text(group, "Status"))
        for group in parts(raw, "VpcSecurityGroups")
    )


def _percent(raw: Reply) -> int | None:
    """PercentProgress, which instances and clusters write as text."""
    word = text(raw, "PercentProgress").rstrip("%")
    return int(word) if word.isdecimal() else None
