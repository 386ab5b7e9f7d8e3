"""The company's databases: three accounts, a dozen instances and four clusters in the main one, all sorts of states."""

from __future__ import annotations

from datetime import timedelta

from dbtui.demo.identity_names import ACCOUNTS
from dbtui.demo.rds.shapes import InstanceSpec
from dbtui.demo.rds.snapshots import automatic_name, creating
from dbtui.demo.record import Change, Ramp
from dbtui.demo.seeds import company_clusters, company_rds_backups
from dbtui.demo.seeds.planting import BUSY_SECONDS, DATA, SHOP, RdsPlanter
from dbtui.demo.world import World

OPTIMIZING_SECONDS = 3 * 3600.0


def plant(world: World) -> None:
    main, prod, staging = (account.number for account in ACCOUNTS)
    now = world.clock.now()
    _main(RdsPlanter(world.rds_at(main, "eu-west-1"), now))
    _overseas(RdsPlanter(world.rds_at(main, "us-east-1"), now))
    _production(RdsPlanter(world.rds_at(prod, "eu-west-1"), now))
    _staging(RdsPlanter(world.rds_at(staging, "eu-west-1"), now))
    for store in world.rds.values():
        if store.instances:
            RdsPlanter(store, now).default_groups()


def _main(plant: RdsPlanter) -> None:
    _postgres(plant)
    _mysql_family(plant)
    _commercial(plant)
    _troubled(plant)
    company_clusters.plant(plant)
    company_rds_backups.plant(plant)


def _postgres(plant: RdsPlanter) -> None:
    orders = InstanceSpec(
        "orders-db",
        "postgres",
        "16.9",
        "db.m7g.large",
        plant.ago(days=611, hours=3),
        storage=200,
        max_storage=500,
        multi_az=True,
        database="orders",
        protected=True,
        monitoring=60,
        iam_auth=True,
        managed_password=True,
        parameter_group="orders-pg16",
        backup_window="03:00-03:30",
        retention=14,
        tags={**SHOP, "service": "orders", "note": "[bold]x[/]", "mood": "🦊 ok"},
        extra={
            "PendingModifiedValues": {"DBInstanceClass": "db.m7g.xlarge"},
            "ReadReplicaDBInstanceIdentifiers": ["orders-ro"],
        },
    )
    plant.instance(orders)
    replica = {
        "StatusType": "read replication",
        "Normal": True,
        "Status": "replicating",
        "Message": "",
    }
    plant.instance(
        InstanceSpec(
            "orders-ro",
            "postgres",
            "16.9",
            "db.m7g.large",
            plant.ago(days=402),
            storage=200,
            max_storage=500,
            zone="b",
            database="orders",
            retention=0,
            parameter_group="orders-pg16",
            tags=SHOP | {"service": "orders"},
            extra={"ReadReplicaSourceDBInstanceIdentifier": "orders-db", "StatusInfos": [replica]},
        )
    )
    plant.instance(
        InstanceSpec(
            "analytics",
            "postgres",
            "17.5",
            "db.r7g.2xlarge",
            plant.ago(days=233),
            "modifying",
            storage=1200,
            iops=18000,
            throughput=750,
            max_storage=3000,
            database="warehouse",
            tags=DATA,
            extra={"PendingModifiedValues": {"AllocatedStorage": 1500}},
        ),
        Change(
            plant.soon(BUSY_SECONDS),
            {
                "DBInstanceStatus": "available",
                "AllocatedStorage": 1500,
                "PendingModifiedValues": {},
            },
        ),
        ramps=[_progress(plant, 41, BUSY_SECONDS)],
    )
    plant.instance(
        InstanceSpec(
            "reports-db",
            "postgres",
            "15.13",
            "db.t4g.medium",
            plant.ago(days=890),
            "storage-full",
            storage=50,
            storage_type="gp2",
            database="reports",
            insights=False,
            tags=DATA,
        )
    )


def _progress(plant: RdsPlanter, reached: int, seconds: float) -> Ramp:
    """PercentProgress of running work that has got as far as `reached`."""
    return Ramp("PercentProgress", plant.now, plant.soon(seconds), reached, 100, text=True, lasting=False)


def _mysql_family(plant: RdsPlanter) -> None:
    plant.instance(
        InstanceSpec(
            "billing-db",
            "mysql",
            "8.0.42",
            "db.m6g.xlarge",
            plant.ago(days=745),
            storage=400,
            multi_az=True,
            database="billing",
            protected=True,
            monitoring=30,
            tags=SHOP | {"service": "billing", "pci": "yes"},
        )
    )
    plant.instance(
        InstanceSpec(
            "legacy-crm",
            "mysql",
            "5.7.44-rds.20250508",
            "db.t3.medium",
            plant.ago(days=2311),
            "stopped",
            storage=80,
            storage_type="gp2",
            database="crm",
            encrypted=False,
            insights=False,
            iam_auth=False,
            lifecycle="open-source-rds-extended-support",
            tags={"team": "sales", "env": "dev", "retire": "soon"},
            extra={
                "AutomaticRestartTime": plant.now + timedelta(days=3, hours=2),
                "LatestRestorableTime": plant.ago(days=3, hours=22),
            },
        ),
        Change(plant.now + timedelta(days=3, hours=2), {"DBInstanceStatus": "available", "AutomaticRestartTime": None}),
    )
    inventory = plant.instance(
        InstanceSpec(
            "inventory",
            "mariadb",
            "11.4.5",
            "db.t4g.large",
            plant.ago(days=318),
            "backing-up",
            storage=100,
            database="inventory",
            backup_window=f"{plant.now:%H}:00-{plant.now:%H}:30",
            tags=SHOP,
        ),
        Change(plant.soon(BUSY_SECONDS), {"DBInstanceStatus": "available"}),
    )
    taken = plant.ago(minutes=2)
    name = automatic_name("inventory", taken)
    members = plant.snapshot(inventory, name, taken, "automated")
    seconds = BUSY_SECONDS + (plant.now - taken).total_seconds()
    plant.store.snapshots[name] = creating(members, taken, seconds)


def _commercial(plant: RdsPlanter) -> None:
    plant.instance(
        InstanceSpec(
            "erp-sql",
            "sqlserver-se",
            "16.00.4195.2.v1",
            "db.m6i.2xlarge",
            plant.ago(days=501),
            storage=500,
            multi_az=True,
            protected=True,
            tags={"team": "finance", "env": "dev"},
            extra={"Timezone": "Central European Standard Time"},
        )
    )
    plant.instance(
        InstanceSpec(
            "hr-oracle",
            "oracle-se2",
            "19.0.0.0.ru-2025-04.rur-2025-04.r1",
            "db.m5.large",
            plant.ago(days=1204),
            "storage-optimization",
            storage=300,
            storage_type="io1",
            iops=3000,
            database="HR",
            insights=False,
            tags={"team": "people", "env": "dev"},
            extra={"NcharCharacterSetName": "AL16UTF16"},
        ),
        Change(plant.soon(OPTIMIZING_SECONDS), {"DBInstanceStatus": "available"}),
        ramps=[_progress(plant, 63, OPTIMIZING_SECONDS)],
    )


def _troubled(plant: RdsPlanter) -> None:
    plant.instance(
        InstanceSpec(
            "search-db",
            "mysql",
            "8.4.5",
            "db.t4g.medium",
            plant.ago(days=41),
            "incompatible-parameters",
            storage=60,
            parameter_group="search-mysql84",
            parameter_status="pending-reboot",
            tags=SHOP,
        )
    )
    plant.instance(
        InstanceSpec(
            "geo-db", "postgres", "16.9", "db.t4g.large", plant.ago(days=12), "replatforming", storage=120, tags=DATA
        )
    )
    plant.instance(
        InstanceSpec(
            "poc-vector",
            "postgres",
            "17.5",
            "db.r7g.large",
            plant.ago(days=2),
            "failed",
            storage=100,
            insights=False,
            tags={"team": "ml", "env": "dev"},
        )
    )


def _overseas(plant: RdsPlanter) -> None:
    events = plant.instance(
        InstanceSpec(
            "events-us",
            "postgres",
            "17.5",
            "db.m7g.large",
            plant.ago(days=88),
            storage=150,
            multi_az=True,
            database="events",
            tags=DATA,
        )
    )
    plant.automated(events, 5)
    plant.instance(InstanceSpec("cache-backing", "mysql", "8.4.5", "db.t4g.small", plant.ago(days=30), tags=SHOP))


def _production(plant: RdsPlanter) -> None:
    production = {"env": "production"}
    for name, engine, version, days in (
        ("orders-db", "postgres", "16.9", 820),
        ("payments-db", "mysql", "8.0.42", 640),
    ):
        members = plant.instance(
            InstanceSpec(
                name,
                engine,
                version,
                "db.r7g.2xlarge",
                plant.ago(days=days),
                storage=1000,
                iops=12000,
                throughput=500,
                multi_az=True,
                protected=True,
                monitoring=15,
                retention=35,
                database=name.partition("-")[0],
                tags=production | {"team": "shop"},
            )
        )
        plant.automated(members, 6)
        plant.snapshot(members, f"{name}-before-black-friday", plant.ago(days=9), tags=production)


def _staging(plant: RdsPlanter) -> None:
    members = plant.instance(
        InstanceSpec(
            "orders-db", "postgres", "17.5", "db.t4g.large", plant.ago(days=61), storage=50, tags={"env": "staging"}
        )
    )
    plant.automated(members, 3)
