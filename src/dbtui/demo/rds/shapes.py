"""Whole DBInstance, DBCluster and snapshot records with every member AWS returns for their engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dbtui.demo import ids
from dbtui.demo.rds import catalog
from dbtui.demo.record import Members

CA = "rds-ca-rsa2048-g1"
_HOSTED_ZONES = {"eu-west-1": "Z29XKXDKYMONMX", "us-east-1": "Z2R2ITUGPM61AM", "eu-central-1": "Z1RLNUO7B9Q6NB"}
CERTIFICATE_LIFE = timedelta(days=365)
CA_EXPIRES = datetime(2061, 5, 25, 22, 59, 28, tzinfo=UTC)


@dataclass(frozen=True)
class Home:
    """Where a record lives: account and region, and what hangs on them."""

    account: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:rds:{self.region}:{self.account}:{kind}:{name}"

    @property
    def host_part(self) -> str:
        """The part of endpoint names that is the same for all databases of an account and region."""
        return "c" + ids.letters(11, self.account, self.region)

    @property
    def hosted_zone(self) -> str:
        return _HOSTED_ZONES.get(self.region, "Z" + ids.hex_id(13, "zone", self.region).upper())

    @property
    def kms_key(self) -> str:
        return f"arn:aws:kms:{self.region}:{self.account}:key/{ids.uuid_id('kms', self.account, self.region)}"

    @property
    def vpc(self) -> str:
        return f"vpc-0{ids.hex_id(16, 'vpc', self.account, self.region)}"

    def zone(self, letter: str) -> str:
        return f"{self.region}{letter}"


@dataclass(frozen=True)
class InstanceSpec:
    """What distinguishes one instance from another; everything else follows from the engine."""

    name: str
    engine: str
    version: str
    instance_class: str
    created: datetime
    status: str = "available"
    storage: int = 100
    storage_type: str = "gp3"
    iops: int | None = None
    throughput: int | None = None
    max_storage: int | None = None
    multi_az: bool = False
    zone: str = "a"
    database: str | None = None
    user: str | None = None
    port: int | None = None
    retention: int = 7
    public: bool = False
    protected: bool = False
    encrypted: bool = True
    insights: bool = True
    monitoring: int = 0
    iam_auth: bool = False
    managed_password: bool = False
    copy_tags: bool = True
    cluster: str | None = None
    promotion_tier: int | None = None
    parameter_group: str | None = None
    parameter_status: str = "in-sync"
    backup_window: str | None = None
    maintenance_window: str | None = None
    lifecycle: str | None = None
    generation: int = 0
    """Tells two instances apart that had the same name one after the other."""
    tags: dict[str, str] = field(default_factory=dict)
    extra: Members = field(default_factory=dict)


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def instance_members(home: Home, spec: InstanceSpec) -> Members:
    """A DBInstance as DescribeDBInstances returns it."""
    engine = catalog.engine(spec.engine)
    resource = ids.resource_id("db", home.account, home.region, spec.name, spec.generation)
    members: Members = {
        "DBInstanceIdentifier": spec.name,
        "DBInstanceClass": spec.instance_class,
        "Engine": spec.engine,
        "DBInstanceStatus": spec.status,
        "MasterUsername": spec.user or engine.user,
        "DBName": spec.database,
        "Endpoint": _instance_endpoint(home, spec, engine),
        "AllocatedStorage": 1 if engine.clustered else spec.storage,
        "InstanceCreateTime": spec.created,
        "PreferredBackupWindow": spec.backup_window or window(spec.name, 0),
        "BackupRetentionPeriod": spec.retention,
        "DBSecurityGroups": [],
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": f"sg-0{ids.hex_id(16, 'sg', home.vpc, engine.port)}", "Status": "active"}
        ],
        "DBParameterGroups": [
            {
                "DBParameterGroupName": spec.parameter_group or f"default.{engine.family(spec.version)}",
                "ParameterApplyStatus": spec.parameter_status,
            }
        ],
        "AvailabilityZone": home.zone(spec.zone),
        "DBSubnetGroup": subnet_group(home, "private"),
        "PreferredMaintenanceWindow": spec.maintenance_window or weekly_window(spec.name),
        "PendingModifiedValues": {},
        "MultiAZ": spec.multi_az,
        "EngineVersion": spec.version,
        "AutoMinorVersionUpgrade": True,
        "ReadReplicaDBInstanceIdentifiers": [],
        "LicenseModel": engine.licence,
        "OptionGroupMemberships": [
            {"OptionGroupName": f"default:{spec.engine}-{engine.major(spec.version)}", "Status": "in-sync"}
        ],
        "PubliclyAccessible": spec.public,
        "StatusInfos": [],
        "StorageType": "aurora" if engine.clustered else spec.storage_type,
        "DbInstancePort": 0,
        "StorageEncrypted": spec.encrypted,
        "DbiResourceId": resource,
        "CACertificateIdentifier": CA,
        "DomainMemberships": [],
        "CopyTagsToSnapshot": spec.copy_tags,
        "MonitoringInterval": spec.monitoring,
        "DBInstanceArn": home.arn("db", spec.name),
        "IAMDatabaseAuthenticationEnabled": spec.iam_auth,
        "DatabaseInsightsMode": "standard",
        "PerformanceInsightsEnabled": spec.insights,
        "DeletionProtection": spec.protected,
        "AssociatedRoles": [],
        "TagList": tag_list(spec.tags),
        "CustomerOwnedIpEnabled": False,
        "NetworkType": "IPV4",
        "ActivityStreamStatus": "stopped",
        "BackupTarget": "region",
        "CertificateDetails": {
            "CAIdentifier": CA,
            "ValidTill": spec.created.replace(microsecond=0) + CERTIFICATE_LIFE,
        },
        "DedicatedLogVolume": False,
        "IsStorageConfigUpgradeAvailable": False,
        "EngineLifecycleSupport": spec.lifecycle or engine.lifecycle,
        "MaxAllocatedStorage": spec.max_storage,
        "CharacterSetName": engine.character_set,
        "DBClusterIdentifier": spec.cluster,
        "PromotionTier": spec.promotion_tier,
    }
    members.update(_optional_members(home, spec, engine, resource))
    members.update(spec.extra)
    return {name: value for name, value in members.items() if value is not None}


def _instance_endpoint(home: Home, spec: InstanceSpec, engine: catalog.Engine) -> Members | None:
    if spec.status in ("creating", "failed"):
        return None
    service = {"neptune": "neptune", "docdb": "docdb"}.get(spec.engine, "rds")
    return {
        "Address": f"{spec.name}.{home.host_part}.{home.region}.{service}.amazonaws.com",
        "Port": spec.port or engine.port,
        "HostedZoneId": home.hosted_zone,
    }


def endpoint_of(home: Home, members: Members) -> Members:
    """The endpoint that an instance gets once it has been created or renamed."""
    name, engine = members["DBInstanceIdentifier"], catalog.engine(members["Engine"])
    spec = InstanceSpec(name, engine.name, "", "", members["InstanceCreateTime"])
    endpoint = _instance_endpoint(home, spec, engine)
    assert endpoint is not None
    return endpoint


def _optional_members(home: Home, spec: InstanceSpec, engine: catalog.Engine, resource: str) -> Members:
    """Members that AWS leaves out unless the feature is on."""
    members: Members = {}
    if not engine.clustered:
        members["Iops"] = spec.iops or (3000 if spec.storage_type == "gp3" else None)
        members["StorageThroughput"] = spec.throughput or (125 if spec.storage_type == "gp3" else 0)
    if spec.encrypted:
        members["KmsKeyId"] = home.kms_key
    if spec.insights:
        members["PerformanceInsightsKMSKeyId"] = home.kms_key
        members["PerformanceInsightsRetentionPeriod"] = 7
    if engine.logs and spec.insights:
        members["EnabledCloudwatchLogsExports"] = list(engine.logs)
    if spec.multi_az:
        members["SecondaryAvailabilityZone"] = home.zone("b" if spec.zone != "b" else "c")
    if spec.monitoring:
        stream = f"log-group:RDSOSMetrics:log-stream:{resource}"
        members["EnhancedMonitoringResourceArn"] = f"arn:aws:logs:{home.region}:{home.account}:{stream}"
        members["MonitoringRoleArn"] = f"arn:aws:iam::{home.account}:role/rds-monitoring-role"
    if spec.managed_password:
        secret = f"secret:rds!{ids.uuid_id('secret', resource)}"
        members["MasterUserSecret"] = {
            "SecretArn": f"arn:aws:secretsmanager:{home.region}:{home.account}:{secret}-{ids.letters(6, resource)}",
            "SecretStatus": "active",
            "KmsKeyId": home.kms_key,
        }
    return members


def subnet_group(home: Home, name: str) -> Members:
    subnets = [
        {
            "SubnetIdentifier": f"subnet-0{ids.hex_id(16, home.vpc, name, letter)}",
            "SubnetAvailabilityZone": {"Name": home.zone(letter)},
            "SubnetOutpost": {},
            "SubnetStatus": "Active",
        }
        for letter in "abc"
    ]
    return {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": "Private subnets in three zones",
        "VpcId": home.vpc,
        "SubnetGroupStatus": "Complete",
        "Subnets": subnets,
        "DBSubnetGroupArn": home.arn("subgrp", name),
        "SupportedNetworkTypes": ["IPV4"],
    }


def window(name: str, salt: int) -> str:
    """A half-hour backup window that depends on the name."""
    minutes = ids.number(48, name, salt) * 30
    end = (minutes + 30) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def weekly_window(name: str) -> str:
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[ids.number(7, name, "day")]
    start, _, end = window(name, 1).partition("-")
    return f"{day}:{start}-{day if end > start else 'mon'}:{end}"


def snapshot_members(
    home: Home, source: Members, name: str, *, kind: str, created: datetime, tags: list[dict[str, str]]
) -> Members:
    """A DBSnapshot of an instance, available; `kind` is manual, automated or awsbackup."""
    copied = (
        "DBInstanceIdentifier",
        "Engine",
        "AllocatedStorage",
        "AvailabilityZone",
        "InstanceCreateTime",
        "MasterUsername",
        "EngineVersion",
        "LicenseModel",
        "Iops",
        "StorageThroughput",
        "StorageType",
        "KmsKeyId",
        "IAMDatabaseAuthenticationEnabled",
        "DbiResourceId",
        "DedicatedLogVolume",
        "Timezone",
    )
    members = {key: source[key] for key in copied if source.get(key) is not None}
    members |= {
        "DBSnapshotIdentifier": name,
        "SnapshotCreateTime": created,
        "OriginalSnapshotCreateTime": created,
        "SnapshotDatabaseTime": created,
        "Status": "available",
        "PercentProgress": 100,
        "Port": source.get("Endpoint", {}).get("Port", catalog.engine(source["Engine"]).port),
        "VpcId": home.vpc,
        "SnapshotType": kind,
        "OptionGroupName": source["OptionGroupMemberships"][0]["OptionGroupName"],
        "Encrypted": source["StorageEncrypted"],
        "DBSnapshotArn": home.arn("snapshot", name),
        "ProcessorFeatures": [],
        "TagList": tags,
        "SnapshotTarget": "region",
    }
    return members
