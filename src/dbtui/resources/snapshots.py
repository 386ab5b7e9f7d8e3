"""The kinds ``instance-snapshot`` and ``cluster-snapshot``: two calls of RDS with nearly the same reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from dbtui.domain import states, units
from dbtui.domain.models import ClusterSnapshot, InstanceSnapshot
from dbtui.domain.states import StatusInfo
from dbtui.resources.columns import created_column, field, flag, in_time, number, status_text, tags_section, text
from dbtui.resources.fetch import one
from dbtui.resources.model import Column, Kind, Section, Text

S = TypeVar("S", InstanceSnapshot, ClusterSnapshot)
AnySnapshot = InstanceSnapshot | ClusterSnapshot


def status(snapshot: AnySnapshot) -> StatusInfo:
    return states.lookup(states.SNAPSHOT, snapshot.status)


def source_kind(snapshot: AnySnapshot) -> str:
    return "instance" if isinstance(snapshot, InstanceSnapshot) else "cluster"


def _source(snapshot: AnySnapshot) -> Text:
    source = f"{source_kind(snapshot)}/{snapshot.source_id}"
    return Text(source, "", source)


def _columns() -> tuple[Column[Any], ...]:
    return (
        Column("name", "name", lambda s, now: Text(s.id, "", s.id), min_width=20, max_width=63, frozen=True),
        Column("source", "source", lambda s, now: _source(s), min_width=14, max_width=40, priority=1),
        Column("type", "type", lambda s, now: text(s.snapshot_type), min_width=9, max_width=10, priority=3),
        created_column(priority=2),
        Column(
            "age",
            "age",
            lambda s, now: Text(units.age(s.created_at, now), "muted", s.created_at),
            align="right",
            min_width=5,
            max_width=12,
            priority=3,
        ),
        Column(
            "size",
            "allocated",
            lambda s, now: number(s.allocated_gib, units.gib),
            align="right",
            min_width=9,
            max_width=12,
            priority=2,
        ),
        Column(
            "status",
            "status",
            lambda s, now: status_text(s.status, status(s), s.percent_progress),
            min_width=14,
            max_width=30,
        ),
        Column("engine", "engine", lambda s, now: text(f"{s.engine} {s.engine_version}".strip()), priority=4),
        Column("encrypted", "encrypted", lambda s, now: flag(s.encrypted), min_width=9, max_width=9, priority=5),
    )


def sections(snapshot: AnySnapshot, now: datetime) -> tuple[Section, ...]:
    remedy = status(snapshot).remedy
    progress = snapshot.percent_progress
    overview = (
        field("status", snapshot.status, style=f"status-{status(snapshot).state}"),
        *([field("what to do", remedy, style="warn")] if remedy else []),
        *([field("progress", f"{progress} %")] if progress is not None and status(snapshot).transitional else []),
        field("source", _source(snapshot).text, place=_source(snapshot).text),
        field("source resource id", snapshot.source_resource_id),
        field("type", snapshot.snapshot_type),
        field("engine", f"{snapshot.engine} {snapshot.engine_version}".strip()),
        field("created", in_time(snapshot.created_at, now)),
        field("ARN", snapshot.arn),
    )
    storage = (
        field("allocated by source", units.gib(snapshot.allocated_gib) if snapshot.allocated_gib else None),
        field("storage type", snapshot.storage_type),
        field("encrypted", snapshot.encrypted, style="warn" if snapshot.encrypted is False else ""),
        field("KMS key", snapshot.kms_key_id),
        field("VPC", snapshot.vpc_id),
        field("port", snapshot.port),
    )
    return (Section("Overview", overview), Section("Storage", storage), tags_section(snapshot.tags))


def export(snapshot: AnySnapshot) -> dict[str, Any]:
    """Members of a snapshot's JSON object beyond the shared ones; additive only."""
    return {
        "source": f"{source_kind(snapshot)}/{snapshot.source_id}",
        "source_resource_id": snapshot.source_resource_id or None,
        "type": snapshot.snapshot_type or None,
        "engine": snapshot.engine or None,
        "engine_version": snapshot.engine_version or None,
        "allocated_bytes": snapshot.allocated_gib * units.GIB if snapshot.allocated_gib is not None else None,
        "storage_type": snapshot.storage_type or None,
        "encrypted": snapshot.encrypted,
        "percent_progress": snapshot.percent_progress,
    }


INSTANCE_SNAPSHOT: Kind[InstanceSnapshot] = Kind(
    name="instance-snapshot",
    plural="instance-snapshots",
    title="Instance snapshots",
    aliases=("dbsnapshot", "dbsnapshots"),
    service="rds",
    arn_type="snapshot",
    columns=_columns(),
    listing=lambda gateway, target, query: gateway.instance_snapshots(target, ids=query.ids),
    get=lambda gateway, target, identifier: one(
        gateway.instance_snapshots(target, ids=(identifier,)), "instance-snapshot", identifier, target
    ),
    status=status,
    sections=sections,
    export=export,
    operation="rds:DescribeDBSnapshots",
    headline=lambda s: f"of instance/{s.source_id}",
    filters={"source": lambda s: s.source_id, "type": lambda s: s.snapshot_type},
    related=lambda s: (("source", f"instance/{s.source_id}"),),
    help="Manual and automatic snapshots of single instances; Aurora is backed up as cluster snapshots.",
)

CLUSTER_SNAPSHOT: Kind[ClusterSnapshot] = Kind(
    name="cluster-snapshot",
    plural="cluster-snapshots",
    title="Cluster snapshots",
    aliases=("clustersnapshot", "clustersnapshots"),
    service="rds",
    arn_type="cluster-snapshot",
    columns=_columns(),
    listing=lambda gateway, target, query: gateway.cluster_snapshots(target, ids=query.ids),
    get=lambda gateway, target, identifier: one(
        gateway.cluster_snapshots(target, ids=(identifier,)), "cluster-snapshot", identifier, target
    ),
    status=status,
    sections=sections,
    export=export,
    operation="rds:DescribeDBClusterSnapshots",
    headline=lambda s: f"of cluster/{s.source_id}",
    filters={"source": lambda s: s.source_id, "type": lambda s: s.snapshot_type},
    related=lambda s: (("source", f"cluster/{s.source_id}"),),
    help="Manual and automatic snapshots of Aurora and Multi-AZ clusters.",
)
