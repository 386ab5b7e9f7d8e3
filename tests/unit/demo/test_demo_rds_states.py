from __future__ import annotations

from typing import Any

import pytest
from demo_world import START, Still

from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.rds import timing


@pytest.fixture
def still() -> Still:
    return Still()


def refused(code: str, call: Any, *arguments: Any, **params: Any) -> str:
    with pytest.raises(AwsError) as caught:
        call(*arguments, **params)
    assert caught.value.code == code, caught.value
    return caught.value.message


def test_a_snapshot_is_taken_by_the_clock(still: Still) -> None:
    made = still.rds("CreateDBSnapshot", DBInstanceIdentifier="billing-db", DBSnapshotIdentifier="Before-Release")
    assert made["DBSnapshot"]["Status"] == "creating"
    assert made["DBSnapshot"]["DbiResourceId"] == still.instance("billing-db")["DbiResourceId"]
    progress = []
    for _ in range(4):
        progress.append(still.snapshot("before-release")["PercentProgress"])
        assert still.status("billing-db") == "backing-up"
        still.advance(timing.SNAPSHOT / 4)
    assert progress == [0, 25, 50, 75]
    assert still.snapshot("before-release")["Status"] == "available"
    assert still.snapshot("before-release")["PercentProgress"] == 100
    assert still.status("billing-db") == "available"


def test_snapshot_refusals(still: Still) -> None:
    take = still.rds
    args = {"DBSnapshotIdentifier": "s-1"}
    refused("DBInstanceNotFound", take, "CreateDBSnapshot", DBInstanceIdentifier="nobody", **args)
    for busy in ("legacy-crm", "analytics", "reports-db", "geo-db"):
        refused("InvalidDBInstanceState", take, "CreateDBSnapshot", DBInstanceIdentifier=busy, **args)
    message = refused(
        "InvalidParameterCombination", take, "CreateDBSnapshot", DBInstanceIdentifier="aurora-main-1", **args
    )
    assert "aurora-main" in message
    for name in ("1abc", "a--b", "a-", "a_b", "x" * 256):
        refused(
            "InvalidParameterValue",
            take,
            "CreateDBSnapshot",
            DBInstanceIdentifier="orders-db",
            DBSnapshotIdentifier=name,
        )
    refused(
        "DBSnapshotAlreadyExists",
        take,
        "CreateDBSnapshot",
        DBInstanceIdentifier="orders-db",
        DBSnapshotIdentifier="ORDERS-db-before-pg16",
    )
    assert still.status("orders-db") == "available"


def test_manual_snapshots_end_at_the_quota() -> None:
    still = Still("fleet:2,snapshots:99")
    source = next(i for i in still.rds("DescribeDBInstances")["DBInstances"] if i["DBInstanceStatus"] == "available")
    name = source["DBInstanceIdentifier"]
    still.rds("CreateDBSnapshot", DBInstanceIdentifier=name, DBSnapshotIdentifier="number-100")
    still.advance(60)
    refused(
        "SnapshotQuotaExceeded",
        still.rds,
        "CreateDBSnapshot",
        DBInstanceIdentifier=name,
        DBSnapshotIdentifier="number-101",
    )


def test_snapshots_are_filtered(still: Still) -> None:
    def names(**params: Any) -> list[str]:
        return [row["DBSnapshotIdentifier"] for row in still.rds("DescribeDBSnapshots", **params)["DBSnapshots"]]

    assert len(names()) >= 30
    assert all(
        name.startswith("rds:orders-db-") for name in names(DBInstanceIdentifier="orders-db", SnapshotType="automated")
    )
    assert names(SnapshotType="awsbackup") == ["awsbackup:job-5f0e7a52-9d2c-4b1e-8a43-0c7d6a1f2b3e"]
    assert "wiki-db-final" in names(DBInstanceIdentifier="wiki-db"), "orphans of a deleted instance stay"
    resource = still.instance("billing-db")["DbiResourceId"]
    assert set(names(DbiResourceId=resource)) == set(names(DBInstanceIdentifier="billing-db"))
    assert names(DBInstanceIdentifier="nobody") == []
    refused("DBSnapshotNotFound", still.rds, "DescribeDBSnapshots", DBSnapshotIdentifier="nothing")


def test_delete_snapshot(still: Still) -> None:
    reply = still.rds("DeleteDBSnapshot", DBSnapshotIdentifier="wiki-db-final")
    assert reply["DBSnapshot"]["Status"] == "deleted"
    refused("DBSnapshotNotFound", still.rds, "DeleteDBSnapshot", DBSnapshotIdentifier="wiki-db-final")
    automated = still.rds("DescribeDBSnapshots", SnapshotType="automated")["DBSnapshots"][0]
    name = automated["DBSnapshotIdentifier"]
    refused("InvalidParameterValue", still.rds, "DeleteDBSnapshot", DBSnapshotIdentifier=name)


def test_stop_and_start(still: Still) -> None:
    assert (
        still.rds("StopDBInstance", DBInstanceIdentifier="billing-db")["DBInstance"]["DBInstanceStatus"] == "stopping"
    )
    refused("InvalidDBInstanceState", still.rds, "StopDBInstance", DBInstanceIdentifier="billing-db")
    still.advance(timing.STOP)
    stopped = still.instance("billing-db")
    assert stopped["DBInstanceStatus"] == "stopped"
    assert (stopped["AutomaticRestartTime"] - START).days == 7
    still.advance(3600)
    assert still.instance("billing-db")["LatestRestorableTime"] == stopped["LatestRestorableTime"], (
        "frozen while stopped"
    )
    still.rds("StartDBInstance", DBInstanceIdentifier="billing-db")
    assert still.status("billing-db") == "starting"
    still.advance(timing.START)
    assert still.status("billing-db") == "available"
    assert "AutomaticRestartTime" not in still.instance("billing-db")


def test_a_stopped_instance_starts_by_itself_after_seven_days(still: Still) -> None:
    still.advance(4 * 86400)
    assert still.status("legacy-crm") == "available"


def test_stop_refusals(still: Still) -> None:
    for name, code in (
        ("orders-ro", "InvalidDBInstanceState"),
        ("orders-db", "InvalidDBInstanceState"),
        ("aurora-main-1", "InvalidParameterCombination"),
        ("erp-sql", "InvalidParameterCombination"),
        ("legacy-crm", "InvalidDBInstanceState"),
    ):
        refused(code, still.rds, "StopDBInstance", DBInstanceIdentifier=name)
    refused("InvalidDBInstanceState", still.rds, "StartDBInstance", DBInstanceIdentifier="orders-db")


def test_reboot_with_failover_swaps_the_zones(still: Still) -> None:
    before = still.instance("orders-db")
    still.rds("RebootDBInstance", DBInstanceIdentifier="orders-db", ForceFailover=True)
    assert still.status("orders-db") == "rebooting"
    refused("InvalidDBInstanceState", still.rds, "RebootDBInstance", DBInstanceIdentifier="orders-db")
    still.advance(timing.REBOOT)
    after = still.instance("orders-db")
    assert after["DBInstanceStatus"] == "available"
    assert after["AvailabilityZone"] == before["SecondaryAvailabilityZone"]
    refused(
        "InvalidParameterCombination",
        still.rds,
        "RebootDBInstance",
        DBInstanceIdentifier="orders-ro",
        ForceFailover=True,
    )


def test_modify_now_applies_everything_that_is_pending(still: Still) -> None:
    still.rds("ModifyDBInstance", DBInstanceIdentifier="orders-db", AllocatedStorage=300)
    waiting = still.instance("orders-db")
    assert waiting["PendingModifiedValues"] == {"DBInstanceClass": "db.m7g.xlarge", "AllocatedStorage": 300}
    assert waiting["DBInstanceStatus"] == "available"
    still.rds("ModifyDBInstance", DBInstanceIdentifier="orders-db", ApplyImmediately=True)
    still.advance(1)
    assert still.status("orders-db") == "modifying"
    still.advance(timing.MODIFY)
    changed = still.instance("orders-db")
    assert (changed["DBInstanceClass"], changed["AllocatedStorage"]) == ("db.m7g.xlarge", 300)
    assert changed["PendingModifiedValues"] == {}


def test_modify_refusals(still: Still) -> None:
    change = {"DBInstanceIdentifier": "orders-db"}
    refused("InvalidParameterCombination", still.rds, "ModifyDBInstance", **change, AllocatedStorage=100)
    refused("InvalidParameterCombination", still.rds, "ModifyDBInstance", **change, NewDBInstanceIdentifier="x")
    refused("InvalidDBInstanceState", still.rds, "ModifyDBInstance", DBInstanceIdentifier="legacy-crm", MultiAZ=True)


def test_a_name_can_be_used_again_and_means_another_instance(still: Still) -> None:
    old = still.instance("search-db")["DbiResourceId"]
    refused("InvalidParameterCombination", still.rds, "DeleteDBInstance", DBInstanceIdentifier="search-db")
    still.rds("DeleteDBInstance", DBInstanceIdentifier="search-db", SkipFinalSnapshot=True)
    assert still.status("search-db") == "deleting"
    still.advance(timing.DELETE)
    refused("DBInstanceNotFound", still.rds, "DescribeDBInstances", DBInstanceIdentifier="search-db")
    create = {"DBInstanceIdentifier": "search-db", "Engine": "mysql", "DBInstanceClass": "db.t4g.medium"}
    made = still.rds("CreateDBInstance", **create, MasterUserPassword="x" * 12)["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert made["DbiResourceId"] != old
    assert "Endpoint" not in made
    refused("DBInstanceAlreadyExists", still.rds, "CreateDBInstance", **create, MasterUserPassword="x" * 12)
    still.advance(timing.CREATE)
    assert still.status("search-db") == "backing-up"
    assert still.instance("search-db")["Endpoint"]["Address"].startswith("search-db.")
    still.advance(timing.FIRST_BACKUP)
    assert still.status("search-db") == "available"
    assert still.rds("DescribeDBSnapshots", DBInstanceIdentifier="search-db", SnapshotType="automated")["DBSnapshots"]


def test_delete_with_a_final_snapshot(still: Still) -> None:
    refused(
        "InvalidParameterCombination",
        still.rds,
        "DeleteDBInstance",
        DBInstanceIdentifier="orders-db",
        SkipFinalSnapshot=True,
    )
    still.rds("DeleteDBInstance", DBInstanceIdentifier="inventory", FinalDBSnapshotIdentifier="inventory-final")
    still.advance(timing.SNAPSHOT)
    assert still.status("inventory") == "deleting"
    assert still.snapshot("inventory-final")["Status"] == "available"
    still.advance(timing.DELETE)
    refused("DBInstanceNotFound", still.rds, "DescribeDBInstances", DBInstanceIdentifier="inventory")
    assert still.snapshot("inventory-final")["Status"] == "available"


def cluster(still: Still, name: str) -> dict[str, Any]:
    found: dict[str, Any] = still.rds("DescribeDBClusters", DBClusterIdentifier=name)["DBClusters"][0]
    return found


def test_a_cluster_stops_and_starts_with_its_members(still: Still) -> None:
    still.rds("StopDBCluster", DBClusterIdentifier="shop-mysql")
    assert {cluster(still, "shop-mysql")["Status"], still.status("shop-mysql-1")} == {"stopping"}
    still.advance(timing.STOP)
    assert {cluster(still, "shop-mysql")["Status"], still.status("shop-mysql-2")} == {"stopped"}
    assert cluster(still, "shop-mysql")["AutomaticRestartTime"]
    still.rds("StartDBCluster", DBClusterIdentifier="shop-mysql")
    still.advance(timing.START)
    assert {cluster(still, "shop-mysql")["Status"], still.status("shop-mysql-1")} == {"available"}
    refused("InvalidDBClusterStateFault", still.rds, "StartDBCluster", DBClusterIdentifier="shop-mysql")


def test_failover_moves_the_writer(still: Still) -> None:
    still.rds("FailoverDBCluster", DBClusterIdentifier="aurora-main", TargetDBInstanceIdentifier="aurora-main-3")
    assert cluster(still, "aurora-main")["Status"] == "failing-over"
    still.advance(timing.FAILOVER)
    members = cluster(still, "aurora-main")["DBClusterMembers"]
    assert [m["DBInstanceIdentifier"] for m in members if m["IsClusterWriter"]] == ["aurora-main-3"]
    refused("InvalidDBClusterStateFault", still.rds, "FailoverDBCluster", DBClusterIdentifier="fraud-graph")


def test_cluster_snapshots(still: Still) -> None:
    args = {"DBClusterIdentifier": "aurora-main", "DBClusterSnapshotIdentifier": "main-1"}
    assert still.rds("CreateDBClusterSnapshot", **args)["DBClusterSnapshot"]["Status"] == "creating"
    refused("DBClusterSnapshotAlreadyExistsFault", still.rds, "CreateDBClusterSnapshot", **args)
    still.advance(timing.SNAPSHOT)
    found = still.rds("DescribeDBClusterSnapshots", DBClusterSnapshotIdentifier="main-1")["DBClusterSnapshots"][0]
    assert (found["Status"], found["PercentProgress"]) == ("available", 100)
    still.rds("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="main-1")
    refused(
        "DBClusterSnapshotNotFoundFault",
        still.rds,
        "DescribeDBClusterSnapshots",
        DBClusterSnapshotIdentifier="main-1",
    )


def test_instances_can_be_found_in_every_way(still: Still) -> None:
    def names(**params: Any) -> list[str]:
        return [row["DBInstanceIdentifier"] for row in still.rds("DescribeDBInstances", **params)["DBInstances"]]

    orders = still.instance("orders-db")
    assert names(DBInstanceIdentifier=orders["DBInstanceArn"]) == ["orders-db"]
    assert names(DBInstanceIdentifier="ORDERS-DB") == ["orders-db"]
    for name, value in (
        ("db-instance-id", "orders-db"),
        ("db-instance-id", orders["DBInstanceArn"]),
        ("dbi-resource-id", orders["DbiResourceId"]),
    ):
        assert names(Filters=[{"Name": name, "Values": [value]}]) == ["orders-db"]
    assert len(names(Filters=[{"Name": "db-cluster-id", "Values": ["aurora-main"]}])) == 3
    assert len(names(Filters=[{"Name": "engine", "Values": ["neptune", "docdb"]}])) == 2
    refused("InvalidParameterValue", still.rds, "DescribeDBInstances", Filters=[{"Name": "colour", "Values": ["red"]}])


def test_resource_ids_are_unique_and_times_move(still: Still) -> None:
    rows = still.rds("DescribeDBInstances")["DBInstances"]
    assert len({row["DbiResourceId"] for row in rows}) == len(rows)
    before = still.instance("orders-db")["LatestRestorableTime"]
    still.advance(600)
    assert (still.instance("orders-db")["LatestRestorableTime"] - before).total_seconds() == 600


def test_tags(still: Still) -> None:
    arn = still.instance("orders-db")["DBInstanceArn"]
    assert {"Key": "note", "Value": "[bold]x[/]"} in still.rds("ListTagsForResource", ResourceName=arn)["TagList"]
    still.rds("AddTagsToResource", ResourceName=arn, Tags=[{"Key": "team", "Value": "new"}, {"Key": "k"}])
    still.rds("RemoveTagsFromResource", ResourceName=arn, TagKeys=["note"])
    tags = {tag["Key"]: tag["Value"] for tag in still.instance("orders-db")["TagList"]}
    assert (tags["team"], tags["k"], "note" in tags) == ("new", "", False)
    refused("InvalidParameterValue", still.rds, "ListTagsForResource", ResourceName="arn:aws:s3:::x")


def test_events_happen_when_their_time_has_come(still: Still) -> None:
    def messages() -> list[str]:
        params = {"SourceType": "db-instance", "SourceIdentifier": "billing-db"}
        return [event["Message"] for event in still.rds("DescribeEvents", **params)["Events"]]

    still.rds("StopDBInstance", DBInstanceIdentifier="billing-db")
    assert messages() == []
    still.advance(timing.STOP)
    assert messages() == ["DB instance stopped"]
