"""Instance snapshots: list, create, delete."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbtui.demo.paging import marker_page
from dbtui.demo.protocol.errors import AwsError, invalid_combination, invalid_parameter
from dbtui.demo.rds import timing
from dbtui.demo.rds.shapes import snapshot_members
from dbtui.demo.rds.store import check_identifier, matches_filters, name_of
from dbtui.demo.record import Change, Members, Ramp, Record, Shelf
from dbtui.demo.world import Params, RdsCall, RdsHandler

MANUAL_QUOTA = 100
_FILTERS = {
    "db-instance-id": "DBInstanceIdentifier",
    "db-snapshot-id": "DBSnapshotIdentifier",
    "dbi-resource-id": "DbiResourceId",
    "snapshot-type": "SnapshotType",
    "engine": "Engine",
}


def describe_db_snapshots(call: RdsCall, params: Params) -> dict[str, Any]:
    wanted = params.get("DBSnapshotIdentifier")
    if wanted:
        call.store.snapshot(wanted, call.now)
    rows = [
        (name, view)
        for name, view in call.store.snapshots.views(call.now)
        if _wanted(view, "DBSnapshotIdentifier", wanted)
        and _wanted(view, "DBInstanceIdentifier", params.get("DBInstanceIdentifier"))
        and _wanted(view, "DbiResourceId", params.get("DbiResourceId"))
        and of_type(view, params.get("SnapshotType"))
        and matches_filters(view, params.get("Filters", []), _FILTERS)
    ]
    page, marker = marker_page(call.pages, "DescribeDBSnapshots", rows, params)
    return {"DBSnapshots": page, "Marker": marker}


def _wanted(view: Members, member: str, value: str | None) -> bool:
    return value is None or name_of(view[member]) == name_of(value)


def of_type(view: Members, kind: str | None) -> bool:
    """Without a type AWS returns automated and manual ones, not those of AWS Backup."""
    found = view["SnapshotType"]
    return found in ("automated", "manual") if kind is None else found == kind


def create_db_snapshot(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.instance(params["DBInstanceIdentifier"], call.now)
    name = view["DBInstanceIdentifier"]
    if cluster := view.get("DBClusterIdentifier"):
        raise invalid_combination(
            f"The DB instance {name} is a member of the DB cluster {cluster}. "
            "Use CreateDBClusterSnapshot to back it up."
        )
    if view["DBInstanceStatus"] not in ("available", "storage-optimization"):
        raise AwsError(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {name} is not currently in the available state.",
        )
    snapshot = begin_snapshot(call, view, params["DBSnapshotIdentifier"], params.get("Tags", []))
    done = timing.later(call.now, timing.SNAPSHOT)
    record.patch(call.now, {"DBInstanceStatus": "backing-up"})
    record.plan(call.now, Change(done, {"DBInstanceStatus": view["DBInstanceStatus"]}))
    call.store.tell(call.now, "db-instance", view, "Backing up DB instance", "backup")
    call.store.tell(done, "db-instance", view, "Finished DB instance backup", "backup")
    return {"DBSnapshot": snapshot.view(call.now)}


def begin_snapshot(
    call: RdsCall,
    source: Members,
    name: str,
    tags: list[dict[str, str]],
    *,
    start: datetime | None = None,
    kind: str = "manual",
    seconds: float = timing.SNAPSHOT,
) -> Record:
    """Put a snapshot in `creating` that becomes available after `seconds`; refuses a taken name and a full quota."""
    store, key = call.store, name.lower()
    if kind == "manual":
        check_identifier("DBSnapshotIdentifier", name, 255)
        check_quota(store.snapshots, call.now, "snapshots")
    if store.snapshots.living(key, call.now):
        raise AwsError(
            "DBSnapshotAlreadyExists",
            f"Cannot create the snapshot because a snapshot with the identifier {key} already exists.",
        )
    begin = start or call.now
    copied = source["TagList"] if source.get("CopyTagsToSnapshot") else []
    members = snapshot_members(
        store.home, source, key, kind=kind, created=begin.replace(microsecond=0), tags=merge_tags(copied, tags)
    )
    record = creating(members, begin, seconds)
    store.snapshots[key] = record
    done = timing.later(begin, seconds)
    store.tell(begin, "db-snapshot", members, f"Creating {kind} snapshot", "creation")
    store.tell(done, "db-snapshot", members, f"{kind.capitalize()} snapshot created", "creation")
    return record


def creating(members: Members, begin: datetime, seconds: float) -> Record:
    """A snapshot that is being taken: PercentProgress moves with the clock."""
    done = timing.later(begin, seconds)
    return Record(
        members | {"Status": "creating"},
        [Change(done, {"Status": "available"})],
        [Ramp("PercentProgress", begin, done)],
    )


def check_quota(shelf: Shelf, now: datetime, what: str) -> None:
    manual = sum(1 for _, view in shelf.views(now) if view["SnapshotType"] == "manual")
    if manual >= MANUAL_QUOTA:
        raise AwsError("SnapshotQuotaExceeded", f"Cannot create more than {MANUAL_QUOTA} manual {what}")


def merge_tags(copied: list[dict[str, str]], given: list[dict[str, str]]) -> list[dict[str, str]]:
    """The source's tags under the ones given with the call; AWS's own `aws:` tags are never copied."""
    merged = {tag["Key"]: tag.get("Value", "") for tag in [*copied, *given] if not tag["Key"].startswith("aws:")}
    return [{"Key": key, "Value": value} for key, value in merged.items()]


def automatic_name(source: str, at: datetime) -> str:
    """The name RDS gives its own snapshots."""
    return f"rds:{source}-{at:%Y-%m-%d-%H-%M}"


def delete_db_snapshot(call: RdsCall, params: Params) -> dict[str, Any]:
    name = params["DBSnapshotIdentifier"]
    record, view = call.store.snapshot(name, call.now)
    if view["SnapshotType"] != "manual":
        raise invalid_parameter(f"Only manual snapshots may be deleted: {name} is {view['SnapshotType']}.")
    if view["Status"] not in ("available", "failed"):
        raise AwsError("InvalidDBSnapshotState", f"The snapshot {name} is not in available state: {view['Status']}.")
    record.plan(call.now, Change(call.now, gone=True))
    call.store.tell(call.now, "db-snapshot", view, "Deleted manual snapshot", "deletion")
    return {"DBSnapshot": view | {"Status": "deleted"}}


OPERATIONS: dict[str, RdsHandler] = {
    "DescribeDBSnapshots": describe_db_snapshots,
    "CreateDBSnapshot": create_db_snapshot,
    "DeleteDBSnapshot": delete_db_snapshot,
}
