"""Cluster snapshots: list, create, delete."""

from __future__ import annotations

from typing import Any

from dbtui.demo.paging import marker_page
from dbtui.demo.protocol.errors import AwsError, invalid_parameter
from dbtui.demo.rds import timing
from dbtui.demo.rds.cluster_shapes import cluster_snapshot_members
from dbtui.demo.rds.snapshots import check_quota, creating, merge_tags, of_type
from dbtui.demo.rds.store import check_identifier, matches_filters, name_of
from dbtui.demo.record import Change
from dbtui.demo.world import Params, RdsCall, RdsHandler

_FILTERS = {
    "db-cluster-id": "DBClusterIdentifier",
    "db-cluster-snapshot-id": "DBClusterSnapshotIdentifier",
    "db-cluster-resource-id": "DbClusterResourceId",
    "snapshot-type": "SnapshotType",
    "engine": "Engine",
}


def describe_db_cluster_snapshots(call: RdsCall, params: Params) -> dict[str, Any]:
    wanted, source = params.get("DBClusterSnapshotIdentifier"), params.get("DBClusterIdentifier")
    resource = params.get("DbClusterResourceId")
    if wanted:
        call.store.cluster_snapshot(wanted, call.now)
    rows = [
        (name, view)
        for name, view in call.store.cluster_snapshots.views(call.now)
        if (wanted is None or name == name_of(wanted))
        and (source is None or view["DBClusterIdentifier"] == name_of(source))
        and (resource is None or view["DbClusterResourceId"] == resource)
        and of_type(view, params.get("SnapshotType"))
        and matches_filters(view, params.get("Filters", []), _FILTERS)
    ]
    page, marker = marker_page(call.pages, "DescribeDBClusterSnapshots", rows, params)
    return {"DBClusterSnapshots": page, "Marker": marker}


def create_db_cluster_snapshot(call: RdsCall, params: Params) -> dict[str, Any]:
    store, now = call.store, call.now
    _, view = store.cluster(params["DBClusterIdentifier"], now)
    name = params["DBClusterSnapshotIdentifier"].lower()
    check_identifier("DBClusterSnapshotIdentifier", name, 63)
    if view["Status"] != "available":
        raise AwsError(
            "InvalidDBClusterStateFault",
            f"Cannot create a snapshot because the DB cluster {view['DBClusterIdentifier']} is not currently "
            "in the available state.",
        )
    if store.cluster_snapshots.living(name, now):
        raise AwsError(
            "DBClusterSnapshotAlreadyExistsFault",
            f"Cannot create the cluster snapshot because a snapshot with the identifier {name} already exists.",
        )
    check_quota(store.cluster_snapshots, now, "cluster snapshots")
    tags = merge_tags(view["TagList"] if view["CopyTagsToSnapshot"] else [], params.get("Tags", []))
    members = cluster_snapshot_members(
        store.home, view, name, kind="manual", created=now.replace(microsecond=0), tags=tags
    )
    record = creating(members, now, timing.SNAPSHOT)
    store.cluster_snapshots[name] = record
    store.tell(now, "db-cluster-snapshot", members, "Creating manual cluster snapshot", "backup")
    done = timing.later(now, timing.SNAPSHOT)
    store.tell(done, "db-cluster-snapshot", members, "Manual cluster snapshot created", "backup")
    return {"DBClusterSnapshot": record.view(now)}


def delete_db_cluster_snapshot(call: RdsCall, params: Params) -> dict[str, Any]:
    name = params["DBClusterSnapshotIdentifier"]
    record, view = call.store.cluster_snapshot(name, call.now)
    if view["SnapshotType"] != "manual":
        raise invalid_parameter(f"Only manual snapshots may be deleted: {name} is {view['SnapshotType']}.")
    if view["Status"] not in ("available", "failed"):
        raise AwsError(
            "InvalidDBClusterSnapshotStateFault", f"The snapshot {name} is not in available state: {view['Status']}."
        )
    record.plan(call.now, Change(call.now, gone=True))
    call.store.tell(call.now, "db-cluster-snapshot", view, "Deleted manual cluster snapshot", "deletion")
    return {"DBClusterSnapshot": view | {"Status": "deleted"}}


OPERATIONS: dict[str, RdsHandler] = {
    "DescribeDBClusterSnapshots": describe_db_cluster_snapshots,
    "CreateDBClusterSnapshot": create_db_cluster_snapshot,
    "DeleteDBClusterSnapshot": delete_db_cluster_snapshot,
}
