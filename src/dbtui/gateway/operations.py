"""The AWS operations dbtui knows, by what they do: the one list that decides what needs a permit.

An operation is written ``service:Operation`` with botocore's service name. Anything that is not in :data:`READS`
needs a permit, so an operation nobody listed can never run by accident.
"""

from __future__ import annotations

READS: frozenset[str] = frozenset(
    {
        "sts:GetCallerIdentity",
        "iam:ListAccountAliases",
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeDBSnapshots",
        "rds:DescribeDBClusterSnapshots",
        "rds:DescribeDBParameterGroups",
        "rds:DescribePendingMaintenanceActions",
        "dynamodb:ListTables",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:ListTagsOfResource",
        "dynamodb:ListBackups",
        "dynamodb:DescribeBackup",
        "dynamodb:Scan",
        "dynamodb:Query",
        "dynamodb:GetItem",
    }
)

MUTATIONS: frozenset[str] = frozenset(
    {
        "rds:CreateDBSnapshot",
        "rds:CreateDBClusterSnapshot",
        "rds:StartDBInstance",
        "rds:StopDBInstance",
        "rds:RebootDBInstance",
        "rds:StartDBCluster",
        "rds:StopDBCluster",
        "rds:RebootDBCluster",
        "dynamodb:CreateBackup",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:TransactWriteItems",
    }
)


def is_read(operation: str) -> bool:
    return operation in READS


def iam_action(operation: str) -> str:
    """The IAM action that allows an operation; the two differ in the service prefix for none of ours."""
    return operation
