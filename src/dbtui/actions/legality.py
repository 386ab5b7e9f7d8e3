"""When a verb is possible, and the reason in words when it is not. AWS stays the final judge.

Sources: RDS User Guide ("Stopping a DB instance temporarily", "Rebooting", "Creating a DB snapshot"), Aurora User Guide
("Stopping and starting a cluster"), DynamoDB API reference (CreateBackup).
"""

from __future__ import annotations

from dbtui.domain import engines
from dbtui.domain.models import Cluster, Instance, Table

_SNAPSHOT_STATES = ("available", "storage-optimization")


def snapshot_instance(instance: Instance) -> str | None:
    if instance.cluster_id:
        return f"is backed up with its cluster: use cluster/{instance.cluster_id}"
    if instance.status not in _SNAPSHOT_STATES:
        return f"is {instance.status}, must be available"
    return None


def start_instance(instance: Instance) -> str | None:
    if instance.cluster_id:
        return f"starts with its cluster: use cluster/{instance.cluster_id}"
    if instance.status in ("available", "starting"):
        return "already running" if instance.status == "available" else "already starting"
    if instance.status not in ("stopped", "inaccessible-encryption-credentials-recoverable"):
        return f"is {instance.status}, must be stopped"
    return None


def stop_instance(instance: Instance) -> str | None:
    if instance.cluster_id:
        return f"stops with its cluster: use cluster/{instance.cluster_id}"
    if instance.status in ("stopped", "stopping"):
        return f"already {instance.status}"
    if instance.status != "available":
        return f"is {instance.status}, must be available"
    if instance.replica_source:
        return f"is a replica of {instance.replica_source}"
    if instance.replicas:
        return f"has replicas: {', '.join(instance.replicas)}"
    if instance.engine.startswith("sqlserver") and instance.multi_az:
        return "SQL Server Multi-AZ cannot be stopped"
    return None


def reboot_instance(instance: Instance) -> str | None:
    if instance.status not in _SNAPSHOT_STATES:
        return f"is {instance.status}, must be available"
    return None


def snapshot_cluster(cluster: Cluster) -> str | None:
    return None if cluster.status == "available" else f"is {cluster.status}, must be available"


def start_cluster(cluster: Cluster) -> str | None:
    if cluster.status in ("available", "starting"):
        return "already running" if cluster.status == "available" else "already starting"
    if cluster.status not in ("stopped", "inaccessible-encryption-credentials-recoverable"):
        return f"is {cluster.status}, must be stopped"
    return None


def stop_cluster(cluster: Cluster) -> str | None:
    if cluster.status in ("stopped", "stopping"):
        return f"already {cluster.status}"
    if cluster.engine_mode == "serverless":
        return "Aurora Serverless v1 cannot be stopped"
    if cluster.engine_mode == "global":
        return "a member of a global database cannot be stopped"
    if cluster.status != "available":
        return f"is {cluster.status}, must be available"
    if cluster.replication_source:
        return "is a cross-region replica"
    return None


def reboot_cluster(cluster: Cluster) -> str | None:
    if engines.is_clustered(cluster.engine):
        return "reboot its instances one by one"
    return None if cluster.status == "available" else f"is {cluster.status}, must be available"


def backup_table(table: Table) -> str | None:
    if not table.described:
        return "not described yet"
    return None if table.status == "ACTIVE" else f"is {table.status.lower()}, must be active"
