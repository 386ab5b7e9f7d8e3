"""The RDS records of one account and region."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbtui.demo.protocol.errors import AwsError, invalid_parameter
from dbtui.demo.rds.shapes import Home
from dbtui.demo.record import Members, Record, Shelf


@dataclass(frozen=True)
class Event:
    """A row of DescribeEvents. A date in the future is an event that has not happened yet."""

    date: datetime
    source_type: str
    source: str
    arn: str
    message: str
    categories: Sequence[str]


@dataclass
class RdsStore:
    account: str
    region: str
    instances: Shelf = field(default_factory=Shelf)
    clusters: Shelf = field(default_factory=Shelf)
    snapshots: Shelf = field(default_factory=Shelf)
    cluster_snapshots: Shelf = field(default_factory=Shelf)
    parameter_groups: dict[str, Members] = field(default_factory=dict)
    cluster_parameter_groups: dict[str, Members] = field(default_factory=dict)
    subnet_groups: dict[str, Members] = field(default_factory=dict)
    maintenance: dict[str, list[Members]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    generation: int = 0

    @property
    def home(self) -> Home:
        return Home(self.account, self.region)

    def next_generation(self) -> int:
        """A number that no earlier instance or cluster of this place had, so that resource ids never repeat."""
        self.generation += 1
        return self.generation

    def instance(self, name: str, now: datetime) -> tuple[Record, Members]:
        return _found(self.instances, name, now, AwsError("DBInstanceNotFound", f"DBInstance {name} not found.", 404))

    def cluster(self, name: str, now: datetime) -> tuple[Record, Members]:
        error = AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
        return _found(self.clusters, name, now, error)

    def snapshot(self, name: str, now: datetime) -> tuple[Record, Members]:
        return _found(self.snapshots, name, now, AwsError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404))

    def cluster_snapshot(self, name: str, now: datetime) -> tuple[Record, Members]:
        error = AwsError("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot {name} not found.", 404)
        return _found(self.cluster_snapshots, name, now, error)

    def tell(self, date: datetime, source_type: str, members: Members, message: str, *categories: str) -> None:
        """Write an event, possibly one that is still to come."""
        name, arn = _NAMES[source_type]
        self.events.append(Event(date, source_type, members[name], members[arn], message, categories))


_NAMES = {
    "db-instance": ("DBInstanceIdentifier", "DBInstanceArn"),
    "db-cluster": ("DBClusterIdentifier", "DBClusterArn"),
    "db-snapshot": ("DBSnapshotIdentifier", "DBSnapshotArn"),
    "db-cluster-snapshot": ("DBClusterSnapshotIdentifier", "DBClusterSnapshotArn"),
}


def _found(shelf: Shelf, name: str, now: datetime, missing: AwsError) -> tuple[Record, Members]:
    record = shelf.living(name_of(name), now)
    view = record.view(now) if record else None
    if record is None or view is None:
        raise missing
    return record, view


def name_of(identifier: str) -> str:
    """The bare, lower-case identifier of what may be an ARN (`arn:aws:rds:REGION:ACCOUNT:KIND:NAME`)."""
    if identifier.startswith("arn:"):
        return identifier.split(":", 6)[-1].lower()
    return identifier.lower()


_IDENTIFIER = re.compile(r"[a-zA-Z](?:-?[a-zA-Z0-9])*")


def check_identifier(parameter: str, value: str, limit: int) -> None:
    """AWS's rule for the names of instances, clusters and their snapshots."""
    if len(value) > limit or not _IDENTIFIER.fullmatch(value):
        raise invalid_parameter(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; "
            "must contain only ASCII letters, digits, and hyphens; and "
            "must not end with a hyphen or contain two consecutive hyphens."
        )


def matches_filters(view: Members, filters: Sequence[Members], names: dict[str, Any]) -> bool:
    """Whether a record passes every filter; `names` maps AWS's filter names to members."""
    for entry in filters:
        member = names.get(entry.get("Name", ""))
        if member is None:
            raise invalid_parameter(f"Unrecognized filter name: {entry.get('Name')}")
        values = {name_of(value) if value.startswith("arn:") else value for value in entry.get("Values", [])}
        found = view.get(member, "")
        if found not in values and str(found).lower() not in {value.lower() for value in values}:
            return False
    return True
