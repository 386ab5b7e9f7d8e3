"""Start, stop, reboot and modify an instance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dbtui.demo.protocol.errors import AwsError, invalid_combination
from dbtui.demo.rds import timing
from dbtui.demo.rds.instances import instance_view
from dbtui.demo.rds.snapshots import begin_snapshot
from dbtui.demo.record import Change, Members, Record
from dbtui.demo.world import Params, RdsCall, RdsHandler

AUTOMATIC_RESTART = timedelta(days=7)


def wrong_state(message: str) -> AwsError:
    return AwsError("InvalidDBInstanceState", message)


def answer(call: RdsCall, record: Record) -> dict[str, Any]:
    view = record.view(call.now)
    assert view is not None
    return {"DBInstance": instance_view(view, call.now)}


def refuse_cluster_member(view: Members) -> None:
    if view.get("DBClusterIdentifier"):
        raise invalid_combination(f"{view['Engine']} DB instances are not eligible for stopping and starting.")


def require_available(view: Members) -> None:
    if view["DBInstanceStatus"] != "available":
        raise wrong_state(f"Instance {view['DBInstanceIdentifier']} is not in available state.")


def start_db_instance(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.instance(params["DBInstanceIdentifier"], call.now)
    refuse_cluster_member(view)
    if view["DBInstanceStatus"] not in ("stopped", "inaccessible-encryption-credentials-recoverable"):
        raise wrong_state(
            f"Instance {view['DBInstanceIdentifier']} cannot be started as it is not in one of the following statuses: "
            "'stopped, inaccessible-encryption-credentials-recoverable'."
        )
    done = timing.later(call.now, timing.START)
    record.patch(call.now, {"DBInstanceStatus": "starting", "AutomaticRestartTime": None, "LatestRestorableTime": None})
    record.plan(call.now, Change(done, {"DBInstanceStatus": "available"}))
    call.store.tell(done, "db-instance", view, "DB instance started", "notification")
    return answer(call, record)


def stop_db_instance(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.instance(params["DBInstanceIdentifier"], call.now)
    refuse_cluster_member(view)
    _refuse_replication(view)
    require_available(view)
    if view["Engine"].startswith("sqlserver") and view["MultiAZ"]:
        raise invalid_combination("Stopping a SQL Server DB instance that uses Multi-AZ is not supported.")
    begin = call.now
    if "DBSnapshotIdentifier" in params:
        begin_snapshot(call, view, params["DBSnapshotIdentifier"], [])
        begin = timing.later(call.now, timing.SNAPSHOT)
    done = timing.later(begin, timing.STOP)
    record.patch(call.now, {"DBInstanceStatus": "stopping", "PendingModifiedValues": {}})
    frozen = {"LatestRestorableTime": (done - timedelta(minutes=5)).replace(microsecond=0)}
    restart = {"AutomaticRestartTime": (done + AUTOMATIC_RESTART).replace(microsecond=0)}
    record.plan(
        call.now,
        Change(done, {"DBInstanceStatus": "stopped", **frozen, **restart}),
        Change(done + AUTOMATIC_RESTART, {"DBInstanceStatus": "available", "AutomaticRestartTime": None}),
    )
    call.store.tell(done, "db-instance", view, "DB instance stopped", "notification")
    return answer(call, record)


def _refuse_replication(view: Members) -> None:
    name = view["DBInstanceIdentifier"]
    if view.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise wrong_state(f"Cannot stop or start the DB instance {name} because it is a read replica.")
    if view.get("ReadReplicaDBInstanceIdentifiers"):
        raise wrong_state(f"Cannot stop or start the DB instance {name} because it has read replicas.")


def reboot_db_instance(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.instance(params["DBInstanceIdentifier"], call.now)
    name = view["DBInstanceIdentifier"]
    if view["DBInstanceStatus"] != "available":
        raise wrong_state(f"DB Instance {name} is not in a state that can be rebooted: {view['DBInstanceStatus']}.")
    if params.get("ForceFailover") and not view["MultiAZ"]:
        raise invalid_combination("Cannot force a failover because the DB instance is not a Multi-AZ deployment.")
    patch: Members = {"DBInstanceStatus": "available", "DBParameterGroups": _in_sync(view)}
    if params.get("ForceFailover"):
        patch |= {
            "AvailabilityZone": view["SecondaryAvailabilityZone"],
            "SecondaryAvailabilityZone": view["AvailabilityZone"],
        }
        call.store.tell(call.now, "db-instance", view, "Multi-AZ instance failover started.", "failover")
    done = timing.later(call.now, timing.REBOOT)
    record.patch(call.now, {"DBInstanceStatus": "rebooting"})
    record.plan(call.now, Change(done, patch))
    call.store.tell(call.now, "db-instance", view, "DB instance shutdown", "availability")
    call.store.tell(done, "db-instance", view, "DB instance restarted", "availability")
    return answer(call, record)


def _in_sync(view: Members) -> list[Members]:
    """A reboot applies the static parameters that were waiting."""
    return [group | {"ParameterApplyStatus": "in-sync"} for group in view["DBParameterGroups"]]


_DEFERRABLE = (
    "DBInstanceClass",
    "AllocatedStorage",
    "EngineVersion",
    "MultiAZ",
    "StorageType",
    "Iops",
    "StorageThroughput",
)
_IMMEDIATE = (
    "DeletionProtection",
    "MaxAllocatedStorage",
    "CopyTagsToSnapshot",
    "AutoMinorVersionUpgrade",
    "PubliclyAccessible",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "BackupRetentionPeriod",
)
_ACCEPTED = {"DBInstanceIdentifier", "ApplyImmediately", "AllowMajorVersionUpgrade", *_DEFERRABLE, *_IMMEDIATE}


def modify_db_instance(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.instance(params["DBInstanceIdentifier"], call.now)
    unknown = sorted(set(params) - _ACCEPTED)
    if unknown:
        raise invalid_combination(f"The embedded AWS cannot modify {unknown[0]}.")
    if view["DBInstanceStatus"] not in ("available", "storage-optimization", "storage-full"):
        raise wrong_state(f"Database instance is not in available state: {view['DBInstanceIdentifier']}.")
    _check_storage(view, params)
    record.patch(call.now, {name: params[name] for name in _IMMEDIATE if name in params})
    pending = view["PendingModifiedValues"] | {
        name: params[name] for name in _DEFERRABLE if name in params and params[name] != view.get(name)
    }
    record.patch(call.now, {"PendingModifiedValues": pending})
    if params.get("ApplyImmediately") and pending:
        _apply(call, record, view, pending)
    return answer(call, record)


def _apply(call: RdsCall, record: Record, view: Members, pending: Members) -> None:
    """Everything pending is applied at once, including what earlier calls had left for the window."""
    done = timing.later(call.now, timing.MODIFY)
    record.plan(
        call.now,
        # The reply still says available; the next look says modifying, as at AWS.
        Change(timing.later(call.now, 0.5), {"DBInstanceStatus": "modifying"}),
        Change(done, {"DBInstanceStatus": "available", "PendingModifiedValues": {}, **pending}),
    )
    call.store.tell(call.now, "db-instance", view, "Applying modification to the DB instance", "configuration change")
    call.store.tell(
        done, "db-instance", view, "Finished applying modification to the DB instance", "configuration change"
    )


def _check_storage(view: Members, params: Params) -> None:
    asked = params.get("AllocatedStorage")
    if asked is None or asked == view["AllocatedStorage"]:
        return
    if view.get("DBClusterIdentifier"):
        raise invalid_combination("Allocated storage of an Aurora DB instance cannot be modified.")
    if asked < view["AllocatedStorage"]:
        raise invalid_combination("Invalid storage size: the allocated storage of a DB instance cannot be decreased.")
    if view["DBInstanceStatus"] == "storage-optimization":
        raise wrong_state("You can't currently modify the storage of this DB instance because it is being optimized.")


OPERATIONS: dict[str, RdsHandler] = {
    "StartDBInstance": start_db_instance,
    "StopDBInstance": stop_db_instance,
    "RebootDBInstance": reboot_db_instance,
    "ModifyDBInstance": modify_db_instance,
}
