"""Aurora, Neptune and DocumentDB clusters: list, stop, start, reboot, fail over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dbtui.demo.paging import marker_page
from dbtui.demo.protocol.errors import AwsError, invalid_parameter
from dbtui.demo.rds import timing
from dbtui.demo.rds.cluster_shapes import member_list
from dbtui.demo.rds.instance_verbs import AUTOMATIC_RESTART
from dbtui.demo.rds.store import matches_filters, name_of
from dbtui.demo.record import Change, Members, Record
from dbtui.demo.world import Params, RdsCall, RdsHandler

_FILTERS = {"db-cluster-id": "DBClusterIdentifier", "db-cluster-resource-id": "DbClusterResourceId", "engine": "Engine"}


def cluster_view(view: Members, now: datetime) -> Members:
    """Add what moves by itself: the restore window."""
    earliest = max(view["ClusterCreateTime"], now - timedelta(days=view["BackupRetentionPeriod"]))
    view["EarliestRestorableTime"] = earliest.replace(microsecond=0)
    if view["Status"] != "stopped":
        view["LatestRestorableTime"] = max(
            (now - timedelta(minutes=5)).replace(microsecond=0), view["ClusterCreateTime"]
        )
    return view


def describe_db_clusters(call: RdsCall, params: Params) -> dict[str, Any]:
    name = params.get("DBClusterIdentifier")
    rows = call.store.clusters.views(call.now)
    if name:
        rows = [(name_of(name), call.store.cluster(name, call.now)[1])]
    rows = [
        (key, cluster_view(view, call.now))
        for key, view in rows
        if matches_filters(view, params.get("Filters", []), _FILTERS)
    ]
    page, marker = marker_page(call.pages, "DescribeDBClusters", rows, params)
    return {"DBClusters": page, "Marker": marker}


def _answer(call: RdsCall, record: Record) -> dict[str, Any]:
    view = record.view(call.now)
    assert view is not None
    return {"DBCluster": cluster_view(view, call.now)}


def _require(view: Members, status: str) -> None:
    if view["Status"] != status:
        raise AwsError(
            "InvalidDBClusterStateFault", f"DbCluster {view['DBClusterIdentifier']} is not in {status} state."
        )


def _move(call: RdsCall, record: Record, view: Members, *, busy: str, done: datetime, final: Members) -> None:
    """Cluster and members go through `busy` to the end state together."""
    record.patch(call.now, {"Status": busy, "AutomaticRestartTime": None})
    record.plan(call.now, Change(done, final))
    patch = {"DBInstanceStatus": final["Status"], "AutomaticRestartTime": final.get("AutomaticRestartTime")}
    for member in view["DBClusterMembers"]:
        instance = call.store.instances.living(member["DBInstanceIdentifier"], call.now)
        if instance is not None:
            instance.patch(call.now, {"DBInstanceStatus": busy})
            instance.plan(call.now, Change(done, patch))


def stop_db_cluster(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.cluster(params["DBClusterIdentifier"], call.now)
    _require(view, "available")
    done = timing.later(call.now, timing.STOP)
    restart = (done + AUTOMATIC_RESTART).replace(microsecond=0)
    _move(call, record, view, busy="stopping", done=done, final={"Status": "stopped", "AutomaticRestartTime": restart})
    call.store.tell(done, "db-cluster", view, "DB cluster stopped", "notification")
    return _answer(call, record)


def start_db_cluster(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.cluster(params["DBClusterIdentifier"], call.now)
    _require(view, "stopped")
    done = timing.later(call.now, timing.START)
    _move(call, record, view, busy="starting", done=done, final={"Status": "available"})
    call.store.tell(done, "db-cluster", view, "DB cluster started", "notification")
    return _answer(call, record)


def reboot_db_cluster(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.cluster(params["DBClusterIdentifier"], call.now)
    _require(view, "available")
    done = timing.later(call.now, timing.REBOOT)
    _move(call, record, view, busy="rebooting", done=done, final={"Status": "available"})
    call.store.tell(done, "db-cluster", view, "DB cluster rebooted", "availability")
    return _answer(call, record)


def failover_db_cluster(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.cluster(params["DBClusterIdentifier"], call.now)
    _require(view, "available")
    names = [member["DBInstanceIdentifier"] for member in view["DBClusterMembers"]]
    if len(names) < 2:
        raise AwsError(
            "InvalidDBClusterStateFault",
            f"Cannot failover the DB cluster {view['DBClusterIdentifier']} because it has no reader.",
        )
    target = params.get("TargetDBInstanceIdentifier", names[1])
    if target not in names[1:]:
        raise invalid_parameter(f"The target instance {target} is not a reader of the DB cluster.")
    done = timing.later(call.now, timing.FAILOVER)
    order = [target, *(name for name in names if name != target)]
    record.patch(call.now, {"Status": "failing-over"})
    record.plan(call.now, Change(done, {"Status": "available", "DBClusterMembers": member_list(order)}))
    started = f"Started cross AZ failover to DB instance: {target}"
    call.store.tell(call.now, "db-cluster", view, started, "failover")
    call.store.tell(done, "db-cluster", view, f"Completed failover to DB instance: {target}", "failover")
    return _answer(call, record)


OPERATIONS: dict[str, RdsHandler] = {
    "DescribeDBClusters": describe_db_clusters,
    "StopDBCluster": stop_db_cluster,
    "StartDBCluster": start_db_cluster,
    "RebootDBCluster": reboot_db_cluster,
    "FailoverDBCluster": failover_db_cluster,
}
