"""Every verb is legal, or says in words why not."""

from __future__ import annotations

import pytest

from dbtui.actions.power import REBOOT, START, STOP
from dbtui.actions.snapshot import SNAPSHOT
from tests.unit.actions.builders import cluster, instance, table


def test_an_available_instance_can_be_snapshotted_stopped_and_rebooted_but_not_started() -> None:
    available = instance()
    assert [action.legal(available) for action in (SNAPSHOT, STOP, REBOOT)] == [None, None, None]
    assert START.legal(available) == "already running"


def test_a_stopped_instance_can_only_be_started() -> None:
    stopped = instance(status="stopped")
    assert START.legal(stopped) is None
    assert STOP.legal(stopped) == "already stopped"
    assert SNAPSHOT.legal(stopped) == "is stopped, must be available"
    assert REBOOT.legal(stopped) == "is stopped, must be available"


def test_an_aurora_member_is_backed_up_started_and_stopped_with_its_cluster() -> None:
    member = instance("aurora-main-1", engine="aurora-postgresql", cluster_id="aurora-main")
    assert all("use cluster/aurora-main" in (action.legal(member) or "") for action in (SNAPSHOT, START, STOP))
    assert REBOOT.legal(member) is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"replica_source": "orders-db"}, "is a replica of orders-db"),
        ({"replicas": ("orders-ro",)}, "has replicas: orders-ro"),
        ({"engine": "sqlserver-se", "multi_az": True}, "SQL Server Multi-AZ cannot be stopped"),
        ({"status": "storage-full"}, "is storage-full, must be available"),
        ({"status": "a-word-from-the-future"}, "is a-word-from-the-future, must be available"),
    ],
)
def test_what_cannot_be_stopped(changes: dict[str, object], reason: str) -> None:
    assert STOP.legal(instance(**changes)) == reason


def test_an_optimising_instance_can_be_snapshotted() -> None:
    assert SNAPSHOT.legal(instance(status="storage-optimization")) is None


def test_clusters() -> None:
    assert SNAPSHOT.legal(cluster()) is None
    assert STOP.legal(cluster()) is None
    assert REBOOT.legal(cluster()) == "reboot its instances one by one"
    assert REBOOT.legal(cluster(engine="postgres")) is None
    assert STOP.legal(cluster(engine_mode="serverless")) == "Aurora Serverless v1 cannot be stopped"
    assert START.legal(cluster(status="stopped")) is None


def test_tables() -> None:
    assert SNAPSHOT.legal(table()) is None
    assert SNAPSHOT.legal(table(status="UPDATING")) == "is updating, must be active"
    assert SNAPSHOT.legal(table(described=False, status="")) == "not described yet"
