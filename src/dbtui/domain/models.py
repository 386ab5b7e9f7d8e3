"""Frozen values for everything dbtui shows. A field AWS left out is ``None`` (or empty), never a guess.

``raw`` is AWS's own structure, kept for ``show --raw`` and for fields this version does not know.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from dbtui.domain.scope import ResourceRef

Raw = dict[str, Any]
Tags = tuple[tuple[str, str], ...]


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """What every kind has. ``status`` is AWS's word."""

    ref: ResourceRef
    arn: str
    status: str
    created_at: datetime | None = None
    tags: Tags = ()
    raw: Raw = msgspec.field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.ref.id

    @property
    def name(self) -> str:
        """What people call it; differs from the id for backups only."""
        return self.ref.id


class PendingChange(msgspec.Struct, frozen=True):
    """One member of PendingModifiedValues, ready to read."""

    setting: str
    value: str


class SecurityGroup(msgspec.Struct, frozen=True):
    id: str
    status: str = ""


class Instance(Resource, frozen=True, kw_only=True):
    """An RDS, Aurora, Neptune or DocumentDB instance (DescribeDBInstances). Storage in GiB, throughput in MiB/s."""

    resource_id: str
    engine: str
    engine_version: str = ""
    instance_class: str = ""
    allocated_gib: int | None = None
    max_allocated_gib: int | None = None
    storage_type: str = ""
    iops: int | None = None
    throughput_mibps: int | None = None
    multi_az: bool | None = None
    zone: str = ""
    secondary_zone: str = ""
    host: str = ""
    port: int | None = None
    database_name: str = ""
    master_username: str = ""
    master_secret_arn: str = ""
    cluster_id: str = ""
    promotion_tier: int | None = None
    replica_source: str = ""
    replicas: tuple[str, ...] = ()
    replication_states: tuple[str, ...] = ()
    vpc_id: str = ""
    subnet_group: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[SecurityGroup, ...] = ()
    publicly_accessible: bool | None = None
    network_type: str = ""
    parameter_groups: tuple[tuple[str, str], ...] = ()
    option_groups: tuple[tuple[str, str], ...] = ()
    backup_retention_days: int | None = None
    backup_window: str = ""
    backup_target: str = ""
    latest_restorable_at: datetime | None = None
    copy_tags_to_snapshot: bool | None = None
    maintenance_window: str = ""
    auto_minor_upgrade: bool | None = None
    automatic_restart_at: datetime | None = None
    certificate: str = ""
    certificate_valid_till: datetime | None = None
    lifecycle_support: str = ""
    license_model: str = ""
    deletion_protection: bool | None = None
    encrypted: bool | None = None
    kms_key_id: str = ""
    iam_authentication: bool | None = None
    performance_insights: bool | None = None
    insights_mode: str = ""
    monitoring_interval: int | None = None
    log_exports: tuple[str, ...] = ()
    percent_progress: int | None = None
    pending: tuple[PendingChange, ...] = ()


class ClusterMember(msgspec.Struct, frozen=True):
    """One row of DBClusterMembers."""

    instance_id: str
    writer: bool
    promotion_tier: int | None = None
    parameter_group_status: str = ""


class Cluster(Resource, frozen=True, kw_only=True):
    """An Aurora, Multi-AZ, Neptune or DocumentDB cluster (DescribeDBClusters)."""

    resource_id: str
    engine: str
    engine_version: str = ""
    engine_mode: str = ""
    members: tuple[ClusterMember, ...] = ()
    host: str = ""
    reader_host: str = ""
    port: int | None = None
    database_name: str = ""
    master_username: str = ""
    master_secret_arn: str = ""
    allocated_gib: int | None = None
    storage_type: str = ""
    iops: int | None = None
    instance_class: str = ""
    serverless_min_acu: float | None = None
    serverless_max_acu: float | None = None
    multi_az: bool | None = None
    zones: tuple[str, ...] = ()
    vpc_id: str = ""
    subnet_group: str = ""
    security_groups: tuple[SecurityGroup, ...] = ()
    parameter_group: str = ""
    backup_retention_days: int | None = None
    backup_window: str = ""
    earliest_restorable_at: datetime | None = None
    latest_restorable_at: datetime | None = None
    backtrack_seconds: int | None = None
    copy_tags_to_snapshot: bool | None = None
    maintenance_window: str = ""
    auto_minor_upgrade: bool | None = None
    automatic_restart_at: datetime | None = None
    lifecycle_support: str = ""
    deletion_protection: bool | None = None
    encrypted: bool | None = None
    kms_key_id: str = ""
    iam_authentication: bool | None = None
    http_endpoint: bool | None = None
    global_write_forwarding: bool | None = None
    replication_source: str = ""
    log_exports: tuple[str, ...] = ()
    percent_progress: int | None = None
    pending: tuple[PendingChange, ...] = ()

    @property
    def writer(self) -> str:
        """The writer's instance identifier, or ``""`` while there is none."""
        return next((member.instance_id for member in self.members if member.writer), "")


class Snapshot(Resource, frozen=True, kw_only=True):
    """What both families of RDS tell of a snapshot. ``allocated_gib`` is the source's allocation, not the cost."""

    source_id: str
    source_resource_id: str = ""
    snapshot_type: str = ""
    engine: str = ""
    engine_version: str = ""
    allocated_gib: int | None = None
    storage_type: str = ""
    encrypted: bool | None = None
    kms_key_id: str = ""
    percent_progress: int | None = None
    vpc_id: str = ""
    port: int | None = None


class InstanceSnapshot(Snapshot, frozen=True, kw_only=True):
    """A snapshot of one instance (DescribeDBSnapshots)."""

    zone: str = ""


class ClusterSnapshot(Snapshot, frozen=True, kw_only=True):
    """A snapshot of a cluster (DescribeDBClusterSnapshots)."""


class KeyPart(msgspec.Struct, frozen=True):
    """One element of a key schema, typed by AttributeDefinitions: ``role`` HASH or RANGE, ``type`` S, N or B."""

    name: str
    role: str
    type: str = ""


class Throughput(msgspec.Struct, frozen=True):
    """Provisioned capacity units; both zero on demand."""

    read: int = 0
    write: int = 0
    decreases_today: int = 0


class Index(msgspec.Struct, frozen=True):
    """A global or local secondary index. Key schemas are lists: a GSI may have four partition and four sort parts."""

    name: str
    is_global: bool
    keys: tuple[KeyPart, ...]
    projection: str = ""
    projected: tuple[str, ...] = ()
    status: str = ""
    backfilling: bool | None = None
    item_count: int | None = None
    size_bytes: int | None = None
    throughput: Throughput | None = None
    arn: str = ""


class Replica(msgspec.Struct, frozen=True):
    region: str
    status: str = ""
    progress: str = ""


class TimeToLive(msgspec.Struct, frozen=True):
    """DescribeTimeToLive: ``status`` ENABLED, DISABLED, ENABLING or DISABLING."""

    status: str
    attribute: str = ""


class PointInTimeRecovery(msgspec.Struct, frozen=True):
    """The inner description of DescribeContinuousBackups: ``status`` ENABLED or DISABLED."""

    status: str
    days: int | None = None
    earliest: datetime | None = None
    latest: datetime | None = None


class Table(Resource, frozen=True, kw_only=True):
    """A DynamoDB table. Counts and sizes are DynamoDB's own, up to six hours old.

    ``described`` is false while only the name is known (ListTables); ``ttl`` and ``pitr`` are ``None`` until asked,
    and ``tags`` mean nothing before ``tags_known``, which stays ``None`` until asked and is false where forbidden.
    """

    described: bool = True
    tags_known: bool | None = None
    table_id: str = ""
    keys: tuple[KeyPart, ...] = ()
    item_count: int | None = None
    size_bytes: int | None = None
    billing_mode: str = ""
    throughput: Throughput | None = None
    on_demand_max_read: int | None = None
    on_demand_max_write: int | None = None
    indexes: tuple[Index, ...] = ()
    stream_view: str = ""
    stream_arn: str = ""
    encryption: str = ""
    kms_key_arn: str = ""
    table_class: str = "STANDARD"
    deletion_protection: bool | None = None
    replicas: tuple[Replica, ...] = ()
    restore_source: str = ""
    ttl: TimeToLive | None = None
    pitr: PointInTimeRecovery | None = None


class Backup(Resource, frozen=True, kw_only=True):
    """An on-demand DynamoDB backup (ListBackups, DescribeBackup): id ``TABLE/BACKUP-ID``, name not unique."""

    backup_name: str
    table_name: str
    table_id: str = ""
    backup_type: str = ""
    size_bytes: int | None = None
    expires_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.backup_name


class ParameterGroup(Resource, frozen=True, kw_only=True):
    """A DB parameter group (DescribeDBParameterGroups)."""

    family: str
    description: str = ""


class Identity(msgspec.Struct, frozen=True):
    """Who the credentials belong to (STS GetCallerIdentity); ``alias`` from IAM ListAccountAliases where allowed."""

    account: str
    arn: str = ""
    alias: str = ""
