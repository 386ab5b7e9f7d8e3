"""Replies as AWS writes them, and botocore's models to make more of them from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from botocore.model import ServiceModel

from dbtui.aws.models import shared_loader
from dbtui.domain.scope import Scope

SCOPE = Scope("prod-eu", "123456789012", "eu-central-1", alias="company-prod")
CREATED = datetime(2024, 5, 2, 9, 15, 7, 123000, tzinfo=UTC)

INSTANCE: dict[str, Any] = {
    "DBInstanceIdentifier": "orders-db",
    "DBInstanceClass": "db.r6g.large",
    "Engine": "postgres",
    "DBInstanceStatus": "available",
    "MasterUsername": "app",
    "DBName": "orders",
    "Endpoint": {"Address": "orders-db.abc.eu-central-1.rds.amazonaws.com", "Port": 5432, "HostedZoneId": "Z1"},
    "AllocatedStorage": 200,
    "InstanceCreateTime": CREATED,
    "PreferredBackupWindow": "02:00-02:30",
    "BackupRetentionPeriod": 7,
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
    "DBParameterGroups": [{"DBParameterGroupName": "pg16", "ParameterApplyStatus": "pending-reboot"}],
    "AvailabilityZone": "eu-central-1a",
    "SecondaryAvailabilityZone": "eu-central-1b",
    "DBSubnetGroup": {
        "DBSubnetGroupName": "private",
        "VpcId": "vpc-1",
        "Subnets": [{"SubnetIdentifier": "subnet-1"}, {"SubnetIdentifier": "subnet-2"}],
    },
    "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
    "PendingModifiedValues": {
        "DBInstanceClass": "db.r6g.xlarge",
        "MasterUserPassword": "not-for-eyes",
        "MultiAZ": True,
        "PendingCloudwatchLogsExports": {"LogTypesToEnable": ["postgresql", "upgrade"], "LogTypesToDisable": []},
        "ProcessorFeatures": [{"Name": "coreCount", "Value": "4"}],
        "SomethingNew": "7",
    },
    "LatestRestorableTime": CREATED,
    "MultiAZ": True,
    "EngineVersion": "16.3",
    "AutoMinorVersionUpgrade": False,
    "ReadReplicaDBInstanceIdentifiers": ["orders-replica"],
    "LicenseModel": "postgresql-license",
    "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16", "Status": "in-sync"}],
    "PubliclyAccessible": False,
    "StorageType": "gp3",
    "Iops": 3000,
    "StorageThroughput": 125,
    "DbInstancePort": 0,
    "StorageEncrypted": True,
    "KmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/k",
    "DbiResourceId": "db-ABC",
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "CertificateDetails": {"CAIdentifier": "rds-ca-rsa2048-g1", "ValidTill": CREATED},
    "CopyTagsToSnapshot": True,
    "MonitoringInterval": 60,
    "DBInstanceArn": "arn:aws:rds:eu-central-1:123456789012:db:orders-db",
    "IAMDatabaseAuthenticationEnabled": False,
    "PerformanceInsightsEnabled": True,
    "DatabaseInsightsMode": "standard",
    "EnabledCloudwatchLogsExports": ["postgresql"],
    "DeletionProtection": True,
    "MaxAllocatedStorage": 1000,
    "TagList": [{"Key": "team", "Value": "orders"}, {"Key": "empty"}],
    "StatusInfos": [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}],
    "NetworkType": "IPV4",
    "BackupTarget": "region",
    "PercentProgress": "42",
    "MasterUserSecret": {"SecretArn": "arn:secret", "SecretStatus": "active"},
    "EngineLifecycleSupport": "open-source-rds-extended-support",
}

TABLE: dict[str, Any] = {
    "TableName": "orders",
    "TableStatus": "ACTIVE",
    "TableArn": "arn:aws:dynamodb:eu-central-1:123456789012:table/orders",
    "TableId": "11111111-2222-3333-4444-555555555555",
    "CreationDateTime": CREATED,
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "when", "AttributeType": "B"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "ItemCount": 20000,
    "TableSizeBytes": 123456,
    "BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"},
    "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0, "NumberOfDecreasesToday": 0},
    "OnDemandThroughput": {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": -1},
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-when",
            "KeySchema": [{"AttributeName": "when", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]},
            "IndexStatus": "CREATING",
            "Backfilling": True,
            "ItemCount": 5,
            "IndexSizeBytes": 50,
            "IndexArn": "arn:index",
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "local",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    "LatestStreamArn": "arn:stream",
    "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:key"},
    "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
    "DeletionProtectionEnabled": True,
    "Replicas": [{"RegionName": "us-east-1", "ReplicaStatus": "ACTIVE"}],
    "RestoreSummary": {"SourceBackupArn": "arn:backup"},
}


def service_model(service: str) -> ServiceModel:
    """botocore's description of a service."""
    return ServiceModel(shared_loader(None).load_service_model(service, "service-2"), service)
