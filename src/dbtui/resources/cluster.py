"""The ``cluster`` kind: Aurora, Multi-AZ, Neptune and DocumentDB clusters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbtui.domain import engines, states, units
from dbtui.domain.models import Cluster
from dbtui.domain.states import StatusInfo
from dbtui.domain.windows import next_window
from dbtui.resources.columns import created_column, field, flag, in_time, status_text, tags_section, text
from dbtui.resources.fetch import one
from dbtui.resources.model import Column, Field, Kind, Section, Text


def status(cluster: Cluster) -> StatusInfo:
    return states.lookup(states.CLUSTER, cluster.status)


def engine_text(cluster: Cluster) -> Text:
    shown = f"{engines.short(cluster.engine)} {cluster.engine_version}".strip()
    warning = engines.warning(cluster.engine, cluster.engine_version, cluster.lifecycle_support)
    return Text(f"{shown} ⚠" if warning else shown, "warn" if warning else "", shown)


def members_text(cluster: Cluster) -> Text:
    count = len(cluster.members)
    return Text(f"{count} instance{'' if count == 1 else 's'}", "" if count else "warn", count)


def capacity(cluster: Cluster) -> str:
    """Serverless capacity range, or the class of a Multi-AZ cluster; empty for provisioned Aurora."""
    if cluster.serverless_max_acu is not None:
        return f"{cluster.serverless_min_acu or 0:g}-{cluster.serverless_max_acu:g} ACU"
    return cluster.instance_class


COLUMNS: tuple[Column[Cluster], ...] = (
    Column("identifier", "identifier", lambda c, now: Text(c.id, "", c.id), min_width=16, max_width=63, frozen=True),
    Column(
        "status",
        "status",
        lambda c, now: status_text(c.status, status(c), c.percent_progress),
        min_width=14,
        max_width=34,
    ),
    Column("engine", "engine", lambda c, now: engine_text(c), min_width=12, max_width=26, priority=1),
    Column("members", "members", lambda c, now: members_text(c), min_width=8, max_width=14, priority=2),
    Column("writer", "writer", lambda c, now: text(c.writer), min_width=8, max_width=30, priority=3),
    Column("multi_az", "multi-AZ", lambda c, now: flag(c.multi_az), min_width=8, max_width=8, priority=4),
    created_column(),
)


def sections(cluster: Cluster, now: datetime) -> tuple[Section, ...]:
    return (
        _overview(cluster, now),
        _members(cluster),
        _connectivity(cluster),
        _storage(cluster),
        _backup(cluster, now),
        _maintenance(cluster, now),
        _pending(cluster),
        _security(cluster),
        tags_section(cluster.tags),
    )


def _overview(c: Cluster, now: datetime) -> Section:
    remedy = status(c).remedy
    restart = in_time(c.automatic_restart_at, now)
    warning = engines.warning(c.engine, c.engine_version, c.lifecycle_support)
    rows = [
        field("status", c.status, style=f"status-{status(c).state}"),
        *([field("what to do", remedy, style="warn")] if remedy else []),
        *([field("starts itself", restart, style="warn")] if restart else []),
        field("engine", f"{c.engine} {c.engine_version}".strip()),
        *([field("note", warning, style="warn")] if warning else []),
        field("mode", c.engine_mode),
        *([field("capacity", capacity(c))] if capacity(c) else []),
        field("multi-AZ", c.multi_az),
        field("zones", ", ".join(c.zones)),
        *([field("replicates from", c.replication_source)] if c.replication_source else []),
        field("created", in_time(c.created_at, now)),
        field("resource id", c.resource_id),
        field("ARN", c.arn),
    ]
    return Section("Overview", tuple(rows))


def _members(c: Cluster) -> Section:
    fields = tuple(
        field(
            "writer" if member.writer else "reader",
            f"{member.instance_id}, failover tier {member.promotion_tier}"
            if member.promotion_tier is not None
            else member.instance_id,
            copy=member.instance_id,
            place=f"instance/{member.instance_id}",
        )
        for member in sorted(c.members, key=lambda member: (not member.writer, member.instance_id))
    )
    return Section("Members", fields or (Field("members", "none: the cluster cannot be connected to", "warn"),))


def _connectivity(c: Cluster) -> Section:
    return Section(
        "Connectivity",
        (
            field("writer endpoint", f"{c.host}:{c.port}" if c.host else None),
            field("reader endpoint", f"{c.reader_host}:{c.port}" if c.reader_host else None),
            field("database", c.database_name),
            field("master user", c.master_username),
            field("master secret", c.master_secret_arn),
            field("VPC", c.vpc_id),
            field("subnet group", c.subnet_group),
            field(
                "security groups", ", ".join(f"{g.id} ({g.status})" if g.status else g.id for g in c.security_groups)
            ),
            field("data API", c.http_endpoint),
        ),
    )


def _storage(c: Cluster) -> Section:
    allocated = units.gib(c.allocated_gib) if c.allocated_gib and c.allocated_gib > 1 else "grows with the data"
    return Section(
        "Storage",
        (
            field("allocated", allocated),
            field("type", c.storage_type or ("aurora" if engines.is_aurora(c.engine) else None)),
            field("IOPS", units.count(c.iops) if c.iops else None),
            field("encrypted", c.encrypted, style="warn" if c.encrypted is False else ""),
            field("KMS key", c.kms_key_id),
        ),
    )


def _backup(c: Cluster, now: datetime) -> Section:
    days = c.backup_retention_days
    backtrack = units.duration(c.backtrack_seconds) if c.backtrack_seconds else None
    return Section(
        "Backup",
        (
            field("retention", f"{days} days" if days is not None else None),
            field("window", f"{c.backup_window} UTC" if c.backup_window else None),
            field("earliest restorable", in_time(c.earliest_restorable_at, now)),
            field("latest restorable", in_time(c.latest_restorable_at, now)),
            field("backtrack", backtrack),
            field("tags to snapshots", c.copy_tags_to_snapshot),
        ),
    )


def _maintenance(c: Cluster, now: datetime) -> Section:
    return Section(
        "Maintenance",
        (
            field("window", next_window(c.maintenance_window, now)),
            field(
                "minor upgrades",
                None if c.auto_minor_upgrade is None else ("automatic" if c.auto_minor_upgrade else "manual"),
            ),
            field("parameter group", c.parameter_group),
            field("lifecycle support", c.lifecycle_support),
        ),
    )


def _pending(c: Cluster) -> Section:
    fields = tuple(field(change.setting, f"→ {change.value}", style="accent") for change in c.pending)
    return Section("Pending changes", fields or (Field("pending", "none", "muted"),))


def _security(c: Cluster) -> Section:
    return Section(
        "Security",
        (
            field("deletion protection", c.deletion_protection, style="warn" if c.deletion_protection is False else ""),
            field("IAM authentication", c.iam_authentication),
            field("log exports", ", ".join(c.log_exports) or "none"),
        ),
    )


def headline(c: Cluster) -> str:
    parts = [f"{c.engine} {c.engine_version}".strip(), capacity(c), members_text(c).text]
    return " · ".join(part for part in parts if part)


def export(c: Cluster) -> dict[str, Any]:
    """Members of a cluster's JSON object beyond the shared ones; additive only."""
    return {
        "resource_id": c.resource_id or None,
        "engine": c.engine or None,
        "engine_version": c.engine_version or None,
        "engine_mode": c.engine_mode or None,
        "members": [{"instance": m.instance_id, "writer": m.writer, "tier": m.promotion_tier} for m in c.members],
        "endpoint": {"host": c.host, "port": c.port} if c.host else None,
        "reader_endpoint": {"host": c.reader_host, "port": c.port} if c.reader_host else None,
        "multi_az": c.multi_az,
        "availability_zones": list(c.zones),
        "allocated_bytes": c.allocated_gib * units.GIB
        if c.allocated_gib and not engines.is_clustered(c.engine)
        else None,
        "storage_type": c.storage_type or None,
        "encrypted": c.encrypted,
        "deletion_protection": c.deletion_protection,
        "backup_retention_days": c.backup_retention_days,
        "backup_window": c.backup_window or None,
        "earliest_restorable_at": units.iso(c.earliest_restorable_at),
        "latest_restorable_at": units.iso(c.latest_restorable_at),
        "maintenance_window": c.maintenance_window or None,
        "automatic_restart_at": units.iso(c.automatic_restart_at),
        "pending": {change.setting: change.value for change in c.pending},
        "percent_progress": c.percent_progress,
    }


CLUSTER: Kind[Cluster] = Kind(
    name="cluster",
    plural="clusters",
    title="Clusters",
    aliases=("aurora", "dbcluster", "dbclusters"),
    service="rds",
    arn_type="cluster",
    columns=COLUMNS,
    listing=lambda gateway, target, query: gateway.clusters(target, query.ids),
    get=lambda gateway, target, identifier: one(gateway.clusters(target, (identifier,)), "cluster", identifier, target),
    status=status,
    sections=sections,
    export=export,
    operation="rds:DescribeDBClusters",
    headline=headline,
    group=lambda c: c.id,
    filters={"engine": lambda c: c.engine},
    related=lambda c: tuple(("member", f"instance/{member.instance_id}") for member in c.members),
    help="Aurora and Multi-AZ clusters with their writer and readers, and Neptune and DocumentDB clusters.",
)
