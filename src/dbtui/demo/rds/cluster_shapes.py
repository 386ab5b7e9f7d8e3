"""Whole DBCluster and DBClusterSnapshot records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dbtui.demo import ids
from dbtui.demo.rds import catalog
from dbtui.demo.rds.shapes import Home, tag_list, weekly_window, window
from dbtui.demo.record import Members


@dataclass(frozen=True)
class ClusterSpec:
    name: str
    engine: str
    version: str
    created: datetime
    members: Sequence[str] = ()
    """Instance identifiers, the writer first."""
    status: str = "available"
    database: str | None = None
    retention: int = 14
    protected: bool = True
    storage_type: str | None = None
    serverless: tuple[float, float] | None = None
    http_endpoint: bool = False
    generation: int = 0
    tags: dict[str, str] = field(default_factory=dict)
    extra: Members = field(default_factory=dict)


def cluster_members(home: Home, spec: ClusterSpec) -> Members:
    """A DBCluster as DescribeDBClusters returns it."""
    engine = catalog.engine(spec.engine)
    service = {"neptune": "neptune", "docdb": "docdb"}.get(spec.engine, "rds")
    host = f"{home.host_part}.{home.region}.{service}.amazonaws.com"
    members: Members = {
        "AllocatedStorage": 1,
        "AvailabilityZones": [home.zone(letter) for letter in "abc"],
        "BackupRetentionPeriod": spec.retention,
        "DatabaseName": spec.database,
        "DBClusterIdentifier": spec.name,
        "DBClusterParameterGroup": f"default.{engine.family(spec.version)}",
        "DBSubnetGroup": "private",
        "Status": spec.status,
        "Endpoint": f"{spec.name}.cluster-{host}",
        "ReaderEndpoint": f"{spec.name}.cluster-ro-{host}",
        "CustomEndpoints": [],
        "MultiAZ": len(spec.members) > 1,
        "Engine": spec.engine,
        "EngineVersion": spec.version,
        "Port": engine.port,
        "MasterUsername": engine.user,
        "DBClusterOptionGroupMemberships": [],
        "PreferredBackupWindow": window(spec.name, 0),
        "PreferredMaintenanceWindow": weekly_window(spec.name),
        "ReadReplicaIdentifiers": [],
        "DBClusterMembers": member_list(spec.members),
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": f"sg-0{ids.hex_id(16, 'sg', home.vpc, engine.port)}", "Status": "active"}
        ],
        "HostedZoneId": home.hosted_zone,
        "StorageEncrypted": True,
        "KmsKeyId": home.kms_key,
        "DbClusterResourceId": ids.resource_id("cluster", home.account, home.region, spec.name, spec.generation),
        "DBClusterArn": home.arn("cluster", spec.name),
        "AssociatedRoles": [],
        "IAMDatabaseAuthenticationEnabled": False,
        "ClusterCreateTime": spec.created,
        "EnabledCloudwatchLogsExports": list(engine.logs),
        "EngineMode": "provisioned",
        "StorageType": spec.storage_type or "",
        "AutoMinorVersionUpgrade": True,
        "DeletionProtection": spec.protected,
        "HttpEndpointEnabled": spec.http_endpoint,
        "ActivityStreamStatus": "stopped",
        "CopyTagsToSnapshot": True,
        "CrossAccountClone": False,
        "DomainMemberships": [],
        "TagList": tag_list(spec.tags),
        "NetworkType": "IPV4",
        "DatabaseInsightsMode": "standard",
        "EngineLifecycleSupport": engine.lifecycle,
    }
    if spec.serverless:
        low, high = spec.serverless
        members["ServerlessV2ScalingConfiguration"] = {"MinCapacity": low, "MaxCapacity": high}
    members.update(spec.extra)
    return {name: value for name, value in members.items() if value is not None}


def member_list(names: Sequence[str]) -> list[Members]:
    """DBClusterMembers with the first name as the writer."""
    return [
        {
            "DBInstanceIdentifier": name,
            "IsClusterWriter": position == 0,
            "DBClusterParameterGroupStatus": "in-sync",
            "PromotionTier": position,
        }
        for position, name in enumerate(names)
    ]


def cluster_snapshot_members(
    home: Home, source: Members, name: str, *, kind: str, created: datetime, tags: list[dict[str, str]]
) -> Members:
    """A DBClusterSnapshot, available."""
    copied = (
        "AvailabilityZones",
        "DBClusterIdentifier",
        "Engine",
        "EngineMode",
        "AllocatedStorage",
        "Port",
        "ClusterCreateTime",
        "MasterUsername",
        "EngineVersion",
        "StorageEncrypted",
        "KmsKeyId",
        "IAMDatabaseAuthenticationEnabled",
        "StorageType",
        "DbClusterResourceId",
    )
    members = {key: source[key] for key in copied if source.get(key) is not None}
    members |= {
        "DBClusterSnapshotIdentifier": name,
        "SnapshotCreateTime": created,
        "Status": "available",
        "VpcId": home.vpc,
        "LicenseModel": catalog.engine(source["Engine"]).licence,
        "SnapshotType": kind,
        "PercentProgress": 100,
        "DBClusterSnapshotArn": home.arn("cluster-snapshot", name),
        "TagList": tags,
    }
    return members
