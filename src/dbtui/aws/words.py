"""AWS's error codes by what they mean, in the spellings of both protocols, and the services' names.

Codes are listed and compared without a trailing ``Exception`` or ``Fault``, see :func:`base`.
"""

from __future__ import annotations


def base(code: str) -> str:
    """A code without the suffix that depends on the protocol: ``DBInstanceNotFoundFault`` and
    ``ResourceNotFoundException`` are compared as ``DBInstanceNotFound`` and ``ResourceNotFound``."""
    return code.removesuffix("Fault").removesuffix("Exception")


SERVICE_NAMES = {"rds": "RDS", "dynamodb": "DynamoDB", "sts": "STS", "iam": "IAM", "cloudwatch": "CloudWatch"}

CLOCK_CODES = frozenset({"RequestTimeTooSkewed", "RequestInTheFuture"})

EXPIRED_CODES = frozenset({"ExpiredToken", "RequestExpired", "TokenRefreshRequired", "ExpiredTokenId"})

# Keys AWS does not know, or a signature it does not accept; at a region that is not enabled, the same codes.
UNKNOWN_KEY_CODES = frozenset(
    {
        "UnrecognizedClient",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "InvalidSignature",
        "SignatureDoesNotMatch",
        "IncompleteSignature",
        "AuthFailure",
        "MissingAuthenticationToken",
        "NotSignedUp",
        "OptInRequired",
    }
)

DENIED_CODES = frozenset({"AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AccountProblem"})

UNAVAILABLE_CODES = frozenset(
    {"InvalidAction", "UnknownOperation", "UnsupportedOperation", "NotImplemented", "NotYetImplemented", "501"}
)

# AWS did not carry the request out and would another time; conflicts with a write under way are among them.
THROTTLE_CODES = frozenset(
    {
        "Throttling",
        "Throttled",
        "RequestThrottled",
        "EC2Throttled",
        "TooManyRequests",
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "TransactionInProgress",
        "TransactionConflict",
        "ReplicatedWriteConflict",
        "RequestLimitExceeded",
        "BandwidthLimitExceeded",
        "PriorRequestNotComplete",
        "SlowDown",
    }
)

NOT_FOUND_CODES = frozenset(
    {
        "DBInstanceNotFound",
        "DBClusterNotFound",
        "DBSnapshotNotFound",
        "DBClusterSnapshotNotFound",
        "DBParameterGroupNotFound",
        "DBClusterParameterGroupNotFound",
        "DBSubnetGroupNotFound",
        "ResourceNotFound",
        "TableNotFound",
        "BackupNotFound",
        "IndexNotFound",
        "NoSuchEntity",
        "PointInTimeRecoveryUnavailable",
    }
)

ILLEGAL_STATE_CODES = frozenset(
    {
        "InvalidDBInstanceState",
        "InvalidDBClusterState",
        "InvalidDBSnapshotState",
        "InvalidDBClusterSnapshotState",
        "InvalidDBParameterGroupState",
        "InvalidSubnet",
        "InvalidVPCNetworkState",
        "ResourceInUse",
        "TableInUse",
        "BackupInUse",
        "ContinuousBackupsUnavailable",
        "KMSKeyNotAccessible",
        "InsufficientDBInstanceCapacity",
        "InsufficientDBClusterCapacity",
        "DBUpgradeDependencyFailure",
    }
)

CONDITION_CODES = frozenset(
    {
        "DBInstanceAlreadyExists",
        "DBClusterAlreadyExists",
        "DBSnapshotAlreadyExists",
        "DBClusterSnapshotAlreadyExists",
        "TableAlreadyExists",
        "ConditionalCheckFailed",
        "IdempotentParameterMismatch",
        "DuplicateItem",
    }
)

QUOTA_CODES = frozenset(
    {
        "SnapshotQuotaExceeded",
        "DBClusterSnapshotQuotaExceeded",
        "InstanceQuotaExceeded",
        "DBClusterQuotaExceeded",
        "StorageQuotaExceeded",
        "SharedSnapshotQuotaExceeded",
        "LimitExceeded",
        "ServiceQuotaExceeded",
        "ItemCollectionSizeLimitExceeded",
    }
)

INVALID_CODES = frozenset(
    {
        "Validation",
        "ValidationError",
        "InvalidParameterValue",
        "InvalidParameterCombination",
        "InvalidParameter",
        "InvalidQueryParameter",
        "MissingParameter",
        "MalformedQueryString",
        "MissingAction",
        "Serialization",
        "InvalidRestore",
        "InvalidEndpoint",
    }
)
