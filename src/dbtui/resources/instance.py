"""The ``instance`` kind: RDS instances, members of Aurora clusters, Neptune and DocumentDB instances."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbtui.domain import engines, states, units
from dbtui.domain.models import Instance
from dbtui.domain.states import StatusInfo
from dbtui.domain.windows import next_window
from dbtui.resources.columns import created_column, field, flag, in_time, status_text, tags_section, text
from dbtui.resources.fetch import one
from dbtui.resources.model import Column, Field, Kind, Section, Text


def status(instance: Instance) -> StatusInfo:
    return states.lookup(states.INSTANCE, instance.status)


def engine_text(instance: Instance) -> Text:
    """Engine and version, marked when it is past standard support or belongs to another service."""
    shown = f"{engines.short(instance.engine)} {instance.engine_version}".strip()
    warning = engines.warning(instance.engine, instance.engine_version, instance.lifecycle_support)
    return Text(f"{shown} ⚠" if warning else shown, "warn" if warning else "", shown)


def storage_text(instance: Instance) -> Text:
    """Allocated GiB and type; Aurora members have no storage of their own."""
    if engines.is_clustered(instance.engine) or instance.allocated_gib is None:
        return Text("–", "muted", None)
    return Text(f"{instance.allocated_gib:,} / {instance.storage_type}", "", instance.allocated_gib)


def pending_text(instance: Instance) -> Text:
    if not instance.pending:
        return Text("", "", None)
    return Text("; ".join(f"{change.setting} → {change.value}" for change in instance.pending), "accent")


COLUMNS: tuple[Column[Instance], ...] = (
    Column("identifier", "identifier", lambda i, now: Text(i.id, "", i.id), min_width=16, max_width=63, frozen=True),
    Column(
        "status",
        "status",
        lambda i, now: status_text(i.status, status(i), i.percent_progress),
        min_width=14,
        max_width=34,
    ),
    Column("engine", "engine", lambda i, now: engine_text(i), min_width=12, max_width=26, priority=1),
    Column("class", "class", lambda i, now: text(i.instance_class), min_width=12, max_width=18, priority=1),
    Column("storage", "storage", lambda i, now: storage_text(i), align="right", min_width=9, max_width=16, priority=2),
    Column("multi_az", "multi-AZ", lambda i, now: flag(i.multi_az), min_width=8, max_width=8, priority=4),
    Column("zone", "zone", lambda i, now: text(i.zone), min_width=10, max_width=16, priority=5),
    Column("pending", "pending", lambda i, now: pending_text(i), min_width=7, max_width=30, priority=3),
    created_column(),
)


def sections(instance: Instance, now: datetime) -> tuple[Section, ...]:
    """Everything a person asks about an instance, in the order they ask it."""
    return (
        _overview(instance, now),
        _connectivity(instance),
        _storage(instance),
        _backup(instance, now),
        _maintenance(instance, now),
        _pending(instance),
        _security(instance, now),
        tags_section(instance.tags),
    )


def _overview(i: Instance, now: datetime) -> Section:
    remedy = status(i).remedy
    restart = in_time(i.automatic_restart_at, now)
    warning = engines.warning(i.engine, i.engine_version, i.lifecycle_support)
    rows = [
        field("status", i.status, style=f"status-{status(i).state}"),
        *([field("what to do", remedy, style="warn")] if remedy else []),
        *([field("starts itself", restart, style="warn")] if restart else []),
        field("engine", f"{i.engine} {i.engine_version}".strip()),
        *([field("note", warning, style="warn")] if warning else []),
        field("class", i.instance_class),
        *([field("cluster", i.cluster_id, place=f"cluster/{i.cluster_id}")] if i.cluster_id else []),
        field("multi-AZ", i.multi_az),
        field("zone", " / ".join(zone for zone in (i.zone, i.secondary_zone) if zone)),
        *_instances("replica of", (i.replica_source,) if i.replica_source else ()),
        *_instances("replica", i.replicas),
        *(field("replication", state) for state in i.replication_states),
        field("created", in_time(i.created_at, now)),
        field("resource id", i.resource_id),
        field("ARN", i.arn),
    ]
    return Section("Overview", tuple(rows))


def _instances(label: str, names: tuple[str, ...]) -> tuple[Field, ...]:
    return tuple(field(label, name, place=f"instance/{name}" if _local(name) else "") for name in names)


def _local(identifier: str) -> bool:
    return bool(identifier) and not identifier.startswith("arn:")


def _connectivity(i: Instance) -> Section:
    endpoint = f"{i.host}:{i.port}" if i.host else ""
    return Section(
        "Connectivity",
        (
            field("endpoint", endpoint),
            field("database", i.database_name),
            field("master user", i.master_username),
            field("master secret", i.master_secret_arn),
            field("public", i.publicly_accessible, style="warn" if i.publicly_accessible else ""),
            field("VPC", i.vpc_id),
            field("subnet group", i.subnet_group),
            field("subnets", ", ".join(i.subnets)),
            field(
                "security groups", ", ".join(f"{g.id} ({g.status})" if g.status else g.id for g in i.security_groups)
            ),
            field("network type", i.network_type),
        ),
    )


def _storage(i: Instance) -> Section:
    if engines.is_clustered(i.engine):
        return Section("Storage", (Field("storage", "shared by the cluster", "muted"),))
    return Section(
        "Storage",
        (
            field("allocated", units.gib(i.allocated_gib) if i.allocated_gib is not None else None),
            field("type", i.storage_type),
            field("IOPS", units.count(i.iops) if i.iops else None),
            field("throughput", f"{i.throughput_mibps:,} MiB/s" if i.throughput_mibps else None),
            field("autoscaling to", units.gib(i.max_allocated_gib) if i.max_allocated_gib else "off"),
            field("encrypted", i.encrypted, style="warn" if i.encrypted is False else ""),
            field("KMS key", i.kms_key_id),
        ),
    )


def _backup(i: Instance, now: datetime) -> Section:
    days = i.backup_retention_days
    retention = None if days is None else "off" if days == 0 else f"{days} days"
    return Section(
        "Backup",
        (
            field("retention", retention, style="warn" if days == 0 and not i.cluster_id else ""),
            field("window", f"{i.backup_window} UTC" if i.backup_window else None),
            field("latest restorable", in_time(i.latest_restorable_at, now)),
            field("tags to snapshots", i.copy_tags_to_snapshot),
            field("backup target", i.backup_target),
        ),
    )


def _maintenance(i: Instance, now: datetime) -> Section:
    return Section(
        "Maintenance",
        (
            field("window", next_window(i.maintenance_window, now)),
            field("minor upgrades", "automatic" if i.auto_minor_upgrade else "manual"),
            field("certificate", i.certificate),
            field("certificate ends", in_time(i.certificate_valid_till, now)),
            field("lifecycle support", i.lifecycle_support),
            field("license", i.license_model),
            field("parameter groups", ", ".join(f"{name} ({state})" for name, state in i.parameter_groups)),
            field("option groups", ", ".join(f"{name} ({state})" for name, state in i.option_groups)),
        ),
    )


def _pending(i: Instance) -> Section:
    fields = tuple(field(change.setting, f"→ {change.value}", style="accent") for change in i.pending)
    return Section("Pending changes", fields or (Field("pending", "none", "muted"),))


def _security(i: Instance, now: datetime) -> Section:
    return Section(
        "Security and insight",
        (
            field("deletion protection", i.deletion_protection, style="warn" if i.deletion_protection is False else ""),
            field("IAM authentication", i.iam_authentication),
            field("performance insights", i.performance_insights),
            field("insights mode", i.insights_mode),
            field("enhanced monitoring", f"every {i.monitoring_interval} s" if i.monitoring_interval else "off"),
            field("log exports", ", ".join(i.log_exports) or "none"),
        ),
    )


def headline(i: Instance) -> str:
    parts = [f"{i.engine} {i.engine_version}".strip(), i.instance_class, "Multi-AZ" if i.multi_az else ""]
    return " · ".join(part for part in parts if part)


def export(i: Instance) -> dict[str, Any]:
    """Members of an instance's JSON object beyond the shared ones; additive only."""
    gib = units.GIB
    shared = engines.is_clustered(i.engine)
    return {
        "resource_id": i.resource_id or None,
        "engine": i.engine or None,
        "engine_version": i.engine_version or None,
        "class": i.instance_class or None,
        "cluster": i.cluster_id or None,
        "endpoint": {"host": i.host, "port": i.port} if i.host else None,
        "multi_az": i.multi_az,
        "availability_zone": i.zone or None,
        "allocated_bytes": i.allocated_gib * gib if i.allocated_gib is not None and not shared else None,
        "max_allocated_bytes": i.max_allocated_gib * gib if i.max_allocated_gib is not None else None,
        "storage_type": i.storage_type or None,
        "iops": i.iops,
        "throughput_bytes_per_second": i.throughput_mibps * 1024**2 if i.throughput_mibps else None,
        "encrypted": i.encrypted,
        "publicly_accessible": i.publicly_accessible,
        "deletion_protection": i.deletion_protection,
        "backup_retention_days": i.backup_retention_days,
        "backup_window": i.backup_window or None,
        "latest_restorable_at": units.iso(i.latest_restorable_at),
        "maintenance_window": i.maintenance_window or None,
        "automatic_restart_at": units.iso(i.automatic_restart_at),
        "replica_source": i.replica_source or None,
        "replicas": list(i.replicas),
        "pending": {change.setting: change.value for change in i.pending},
        "percent_progress": i.percent_progress,
    }


def related(i: Instance) -> tuple[tuple[str, str], ...]:
    cluster = (("cluster", f"cluster/{i.cluster_id}"),) if i.cluster_id else ()
    return (*cluster, *(("replica", f"instance/{name}") for name in i.replicas if _local(name)))


INSTANCE: Kind[Instance] = Kind(
    name="instance",
    plural="instances",
    title="RDS instances",
    aliases=("db", "dbs", "rds", "i"),
    service="rds",
    arn_type="db",
    columns=COLUMNS,
    listing=lambda gateway, target, query: gateway.instances(target, query.ids),
    get=lambda gateway, target, identifier: one(
        gateway.instances(target, (identifier,)), "instance", identifier, target
    ),
    status=status,
    sections=sections,
    export=export,
    operation="rds:DescribeDBInstances",
    headline=headline,
    group=lambda i: i.cluster_id,
    filters={"engine": lambda i: i.engine, "class": lambda i: i.instance_class, "cluster": lambda i: i.cluster_id},
    related=related,
    help="RDS instances, members of Aurora clusters, and the Neptune and DocumentDB instances the same call returns.",
)
