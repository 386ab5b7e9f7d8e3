"""The main account's snapshots, parameter groups, events and pending maintenance."""

from __future__ import annotations

from datetime import timedelta

from dbtui.demo.rds.shapes import InstanceSpec, instance_members
from dbtui.demo.record import Members
from dbtui.demo.seeds.planting import RdsPlanter


def plant(plant: RdsPlanter) -> None:
    _snapshots(plant)
    _parameter_groups(plant)
    _maintenance(plant)
    _events(plant)


def _instance(plant: RdsPlanter, name: str) -> Members:
    return plant.store.instances[name].members


def _snapshots(plant: RdsPlanter) -> None:
    for name, days in (("orders-db", 7), ("billing-db", 7), ("erp-sql", 3), ("analytics", 3), ("inventory", 2)):
        plant.automated(_instance(plant, name), days)
    for name, days in (("aurora-main", 5), ("shop-mysql", 4), ("catalog-docs", 2)):
        plant.automated(plant.store.clusters[name].members, days)
    manual: tuple[tuple[str, str, int, dict[str, str]], ...] = (
        ("orders-db", "orders-db-before-pg16", 190, {"reason": "major upgrade", "keep": "yes"}),
        ("orders-db", f"orders-db-{plant.ago(days=22):%Y%m%d}-0900", 22, {"by": "kim"}),
        ("billing-db", "billing-db-year-end", 327, {"keep": "7 years"}),
        ("billing-db", "billing-db-pre-migration", 64, {}),
        ("legacy-crm", "legacy-crm-final-copy", 15, {"note": "[bold]x[/]"}),
        ("reports-db", "reports-db-before-cleanup", 3, {}),
        ("hr-oracle", "hr-oracle-quarterly-q3", 54, {"keep": "yes"}),
    )
    for source, name, days, tags in manual:
        plant.snapshot(_instance(plant, source), name, plant.ago(days=days, hours=2), tags=tags)
    plant.snapshot(
        _instance(plant, "search-db"),
        "search-db-broken",
        plant.ago(days=1),
        extra={"Status": "failed", "PercentProgress": 12},
    )
    vault = {"SnapshotType": "awsbackup"}
    job = "awsbackup:job-5f0e7a52-9d2c-4b1e-8a43-0c7d6a1f2b3e"
    plant.snapshot(_instance(plant, "billing-db"), job, plant.ago(days=4), "awsbackup", extra=vault)
    _orphans(plant)
    main, shop = plant.store.clusters["aurora-main"].members, plant.store.clusters["shop-mysql"].members
    plant.cluster_snapshot(main, "aurora-main-before-16", plant.ago(days=120), tags={"keep": "yes"})
    plant.cluster_snapshot(main, "aurora-main-loadtest", plant.ago(days=17))
    plant.cluster_snapshot(shop, "shop-mysql-black-friday", plant.ago(days=8), tags={"by": "alex"})


def _orphans(plant: RdsPlanter) -> None:
    """Snapshots of an instance that was deleted long ago."""
    spec = InstanceSpec(
        "wiki-db", "mysql", "5.7.44", "db.t3.small", plant.ago(days=1900), storage=20, storage_type="gp2"
    )
    gone = instance_members(plant.store.home, spec)
    plant.snapshot(gone, "wiki-db-final", plant.ago(days=512), tags={"reason": "decommissioned"})
    plant.snapshot(gone, "wiki-db-2023-export", plant.ago(days=870))


def _parameter_groups(plant: RdsPlanter) -> None:
    plant.parameter_group("orders-pg16", "postgres16", "orders: pg_stat_statements, work_mem 64 MB")
    plant.parameter_group("search-mysql84", "mysql8.4", "search: innodb_buffer_pool_size 95 % [oops]")
    plant.parameter_group("warehouse-pg17", "postgres17", "warehouse: big sorts")
    plant.parameter_group("aurora-main-cluster", "aurora-postgresql16", "logical replication on", cluster=True)


def _maintenance(plant: RdsPlanter) -> None:
    plant.store.maintenance[_instance(plant, "billing-db")["DBInstanceArn"]] = [
        {
            "Action": "system-update",
            "AutoAppliedAfterDate": plant.now + timedelta(days=6),
            "CurrentApplyDate": plant.now + timedelta(days=6),
            "Description": "New Operating System update is available",
        }
    ]
    plant.store.maintenance[_instance(plant, "legacy-crm")["DBInstanceArn"]] = [
        {
            "Action": "ca-certificate-rotation",
            "ForcedApplyDate": plant.now + timedelta(days=40),
            "Description": "Rotation of CA certificate",
        }
    ]
    plant.store.maintenance[plant.store.clusters["aurora-main"].members["DBClusterArn"]] = [
        {"Action": "db-upgrade", "Description": "Upgrade to Aurora PostgreSQL 16.9", "OptInStatus": "next-maintenance"}
    ]


def _events(plant: RdsPlanter) -> None:
    told = (
        ("analytics", 6, "Applying modification to allocated storage", ("configuration change",)),
        ("inventory", 2, "Backing up DB instance", ("backup",)),
        (
            "reports-db",
            44,
            "The free storage capacity for DB Instance: reports-db is low at 1 % of the allocated "
            "storage [Allocated: 48.97 GB, Free: 512 MB]",
            ("low storage",),
        ),
        ("reports-db", 31, "DB instance is out of storage; allocate more", ("low storage",)),
        ("search-db", 1290, "The DB instance is in an incompatible-parameters state", ("failure",)),
        ("poc-vector", 2830, "The DB instance has failed", ("failure",)),
        ("orders-db", 410, "Finished DB instance backup", ("backup",)),
        ("orders-db", 415, "Backing up DB instance", ("backup",)),
        ("orders-ro", 1800, "Replication for the Read Replica resumed", ("read replica",)),
        ("legacy-crm", 5600, "DB instance stopped", ("notification",)),
        ("aurora-main-3", 1, "DB instance shutdown", ("availability",)),
        ("hr-oracle", 55, "Storage size grew, now optimizing 🛠", ("notification",)),
    )
    for name, minutes, message, categories in told:
        plant.event(_instance(plant, name), minutes, message, *categories)
    main = plant.store.clusters["aurora-main"].members
    plant.event(main, 8000, "Completed failover to DB instance: aurora-main-1", "failover")
