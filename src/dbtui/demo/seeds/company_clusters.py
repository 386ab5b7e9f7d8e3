"""The main account's clusters: Aurora PostgreSQL, Aurora MySQL, Neptune and DocumentDB, with their members."""

from __future__ import annotations

from datetime import timedelta

from dbtui.demo.rds.cluster_shapes import ClusterSpec
from dbtui.demo.rds.shapes import InstanceSpec
from dbtui.demo.record import Change
from dbtui.demo.seeds.planting import BUSY_SECONDS, DATA, SHOP, RdsPlanter


def plant(plant: RdsPlanter) -> None:
    _aurora(plant)
    _graph_and_documents(plant)


def _aurora(plant: RdsPlanter) -> None:
    created = plant.ago(days=377)
    names = ("aurora-main-1", "aurora-main-2", "aurora-main-3")
    plant.cluster(
        ClusterSpec(
            "aurora-main",
            "aurora-postgresql",
            "16.8",
            created,
            names,
            database="app",
            storage_type="aurora-iopt1",
            http_endpoint=True,
            tags={"team": "platform", "env": "dev"},
            extra={"IOOptimizedNextAllowedModificationTime": plant.now + timedelta(days=11)},
        )
    )
    for tier, (name, zone) in enumerate(zip(names, "abc", strict=True)):
        busy = name == "aurora-main-3"
        spec = InstanceSpec(
            name,
            "aurora-postgresql",
            "16.8",
            "db.r7g.xlarge",
            created,
            "rebooting" if busy else "available",
            zone=zone,
            database="app",
            cluster="aurora-main",
            promotion_tier=tier,
            monitoring=60,
            retention=14,
            tags={"team": "platform", "env": "dev"},
        )
        changes = [Change(plant.soon(BUSY_SECONDS), {"DBInstanceStatus": "available"})] if busy else []
        plant.instance(spec, *changes)
    plant.cluster(
        ClusterSpec(
            "shop-mysql",
            "aurora-mysql",
            "8.0.mysql_aurora.3.08.2",
            plant.ago(days=150),
            ("shop-mysql-1", "shop-mysql-2"),
            database="shop",
            serverless=(0.5, 16.0),
            retention=7,
            tags=SHOP,
            extra={"BacktrackWindow": 86400, "EarliestBacktrackTime": plant.ago(hours=24)},
        )
    )
    for tier, name in enumerate(("shop-mysql-1", "shop-mysql-2")):
        plant.instance(
            InstanceSpec(
                name,
                "aurora-mysql",
                "8.0.mysql_aurora.3.08.2",
                "db.serverless",
                plant.ago(days=150),
                zone="ab"[tier],
                database="shop",
                cluster="shop-mysql",
                promotion_tier=tier,
                retention=7,
                tags=SHOP,
            )
        )


def _graph_and_documents(plant: RdsPlanter) -> None:
    for name, engine, version, days in (
        ("fraud-graph", "neptune", "1.4.5.0", 96),
        ("catalog-docs", "docdb", "5.0.0", 203),
    ):
        member = f"{name}-1"
        created = plant.ago(days=days)
        plant.cluster(ClusterSpec(name, engine, version, created, (member,), protected=False, retention=3, tags=DATA))
        plant.instance(
            InstanceSpec(
                member,
                engine,
                version,
                "db.r6g.large",
                created,
                cluster=name,
                promotion_tier=0,
                retention=3,
                insights=False,
                tags=DATA,
            )
        )
