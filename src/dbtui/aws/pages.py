"""Lists, every page of them: how each operation names its items and its tokens, and the one loop that follows them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbtui.aws.limits import FILTER_VALUES, PAGE_SIZE
from dbtui.domain.failures import AwsError, Failure, FailureKind

Read = Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Sends one read of an operation with its parameters."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How one operation pages. ``asks`` is the request's token, ``tells`` the reply's; ``size`` names the page size
    parameter, if there is one; ``filter_name`` the filter that takes identifiers."""

    operation: str
    items: str
    asks: str = "Marker"
    tells: str = "Marker"
    size: str = "MaxRecords"
    filter_name: str = ""


INSTANCES = Listing("rds:DescribeDBInstances", "DBInstances", filter_name="db-instance-id")
CLUSTERS = Listing("rds:DescribeDBClusters", "DBClusters", filter_name="db-cluster-id")
INSTANCE_SNAPSHOTS = Listing("rds:DescribeDBSnapshots", "DBSnapshots", filter_name="db-snapshot-id")
CLUSTER_SNAPSHOTS = Listing(
    "rds:DescribeDBClusterSnapshots", "DBClusterSnapshots", filter_name="db-cluster-snapshot-id"
)
PARAMETER_GROUPS = Listing("rds:DescribeDBParameterGroups", "DBParameterGroups")
TABLES = Listing("dynamodb:ListTables", "TableNames", "ExclusiveStartTableName", "LastEvaluatedTableName", "Limit")
BACKUPS = Listing(
    "dynamodb:ListBackups", "BackupSummaries", "ExclusiveStartBackupArn", "LastEvaluatedBackupArn", "Limit"
)
TAGS = Listing("dynamodb:ListTagsOfResource", "Tags", "NextToken", "NextToken", size="")


async def pages(
    read: Read, listing: Listing, parameters: Mapping[str, Any], ids: Sequence[str] = ()
) -> AsyncIterator[tuple[list[Any], bool]]:
    """Every page as ``(items, last)``, filtered to ``ids`` if given. A page may be empty although more follow.

    Raises :class:`AwsError` SERVICE when AWS hands out the token it was just given, which would never end.
    """
    chunks = [ids[start : start + FILTER_VALUES] for start in range(0, len(ids), FILTER_VALUES)] or [()]
    for chunk in chunks:
        request = dict(parameters) | ({listing.size: PAGE_SIZE} if listing.size else {})
        if chunk:
            request["Filters"] = [{"Name": listing.filter_name, "Values": list(chunk)}]
        token: str | None = None
        while True:
            reply = await read(listing.operation, request | ({listing.asks: token} if token else {}))
            following = reply.get(listing.tells) or None
            if following is not None and following == token:
                raise _endless(listing.operation)
            token = following
            yield list(reply.get(listing.items) or ()), token is None and chunk is chunks[-1]
            if token is None:
                break


def _endless(operation: str) -> AwsError:
    service, _, action = operation.partition(":")
    title = f"{action} repeats a page: the list cannot be completed."
    return AwsError(Failure(FailureKind.SERVICE, title, service=service, operation=operation))
