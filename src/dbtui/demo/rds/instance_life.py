"""Create and delete an instance."""

from __future__ import annotations

from typing import Any

from dbtui.demo.protocol.errors import AwsError, invalid_combination
from dbtui.demo.rds import catalog, timing
from dbtui.demo.rds.cluster_shapes import member_list
from dbtui.demo.rds.instance_verbs import answer, wrong_state
from dbtui.demo.rds.shapes import InstanceSpec, endpoint_of, instance_members
from dbtui.demo.rds.snapshots import automatic_name, begin_snapshot
from dbtui.demo.rds.store import check_identifier
from dbtui.demo.record import Change, Members, Record
from dbtui.demo.world import Params, RdsCall, RdsHandler


def create_db_instance(call: RdsCall, params: Params) -> dict[str, Any]:
    store, now = call.store, call.now
    name = params["DBInstanceIdentifier"].lower()
    check_identifier("DBInstanceIdentifier", name, 63)
    if store.instances.living(name, now):
        raise AwsError("DBInstanceAlreadyExists", "DB instance already exists")
    store.instances.sweep(now)
    spec = _spec(call, params, name)
    record = Record(instance_members(store.home, spec))
    ready = timing.later(now, timing.CREATE)
    backed_up = timing.later(ready, timing.FIRST_BACKUP)
    begun: Members = {"Endpoint": endpoint_of(store.home, record.members), "DBInstanceStatus": "available"}
    if spec.retention and not spec.cluster:
        record.plan(
            now,
            Change(ready, begun | {"DBInstanceStatus": "backing-up"}),
            Change(backed_up, {"DBInstanceStatus": "available"}),
        )
        _first_backup(call, record.members | begun, ready)
    else:
        record.plan(now, Change(ready, begun))
    store.instances[name] = record
    if spec.cluster:
        _join(call, spec.cluster, name)
    store.tell(ready, "db-instance", record.members, "DB instance created", "creation")
    return answer(call, record)


def _spec(call: RdsCall, params: Params, name: str) -> InstanceSpec:
    engine = catalog.engine(params["Engine"])
    cluster = params.get("DBClusterIdentifier")
    version = params.get("EngineVersion") or engine.default_version
    if cluster:
        version = call.store.cluster(cluster, call.now)[1]["EngineVersion"]
    elif engine.clustered:
        raise invalid_combination(f"A DBClusterIdentifier is required for the {engine.name} engine.")
    elif not params.get("MasterUserPassword") and not params.get("ManageMasterUserPassword"):
        raise AwsError("InvalidParameterValue", "Invalid master password")
    groups = params.get("DBParameterGroupName")
    return InstanceSpec(
        name=name,
        engine=engine.name,
        version=version,
        instance_class=params["DBInstanceClass"],
        created=call.now.replace(microsecond=0),
        status="creating",
        storage=params.get("AllocatedStorage", 20),
        storage_type=params.get("StorageType", "gp3"),
        iops=params.get("Iops"),
        throughput=params.get("StorageThroughput"),
        max_storage=params.get("MaxAllocatedStorage"),
        multi_az=params.get("MultiAZ", False),
        database=params.get("DBName"),
        user=params.get("MasterUsername"),
        port=params.get("Port"),
        retention=params.get("BackupRetentionPeriod", 1),
        public=params.get("PubliclyAccessible", False),
        protected=params.get("DeletionProtection", False),
        encrypted=params.get("StorageEncrypted", False),
        insights=params.get("EnablePerformanceInsights", False),
        managed_password=params.get("ManageMasterUserPassword", False),
        copy_tags=params.get("CopyTagsToSnapshot", False),
        cluster=cluster,
        promotion_tier=params.get("PromotionTier", 1) if cluster else None,
        parameter_group=groups,
        generation=call.store.next_generation(),
        tags={tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", [])},
    )


def _first_backup(call: RdsCall, members: Members, start: Any) -> None:
    """The automated snapshot that AWS takes as soon as an instance has been created."""
    begin_snapshot(
        call,
        members,
        automatic_name(members["DBInstanceIdentifier"], start),
        [],
        start=start,
        kind="automated",
        seconds=timing.FIRST_BACKUP,
    )


def _join(call: RdsCall, cluster: str, name: str) -> None:
    record, view = call.store.cluster(cluster, call.now)
    names = [member["DBInstanceIdentifier"] for member in view["DBClusterMembers"]]
    record.patch(call.now, {"DBClusterMembers": member_list([*names, name])})


def delete_db_instance(call: RdsCall, params: Params) -> dict[str, Any]:
    record, view = call.store.instance(params["DBInstanceIdentifier"], call.now)
    name = view["DBInstanceIdentifier"]
    if view["DBInstanceStatus"] == "deleting":
        raise wrong_state(f"Instance {name} is already being deleted.")
    if view["DeletionProtection"]:
        raise invalid_combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again."
        )
    gone = timing.later(call.now, timing.DELETE)
    final = params.get("FinalDBSnapshotIdentifier")
    _check_final_snapshot(view, final, bool(params.get("SkipFinalSnapshot")))
    if final:
        begin_snapshot(call, view, final, [])
        gone = timing.later(gone, timing.SNAPSHOT)
    record.patch(call.now, {"DBInstanceStatus": "deleting"})
    record.plan(call.now, Change(gone, gone=True))
    _leave(call, view)
    if params.get("DeleteAutomatedBackups", True):
        _drop_automated(call, view["DbiResourceId"], gone)
    call.store.tell(gone, "db-instance", view, "DB instance deleted", "deletion")
    return answer(call, record)


def _check_final_snapshot(view: Members, final: str | None, skip: bool) -> None:
    if skip and final:
        raise invalid_combination(
            "FinalDBSnapshotIdentifier can not be specified when deleting a database instance with SkipFinalSnapshot."
        )
    bound = view.get("DBClusterIdentifier") or view.get("ReadReplicaSourceDBInstanceIdentifier")
    if not skip and not final and not bound:
        raise invalid_combination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if final and bound:
        raise invalid_combination(
            "FinalDBSnapshotIdentifier can not be specified for a read replica or a cluster member."
        )
    if not skip and view["DBInstanceStatus"] in ("failed", "incompatible-restore", "incompatible-network", "creating"):
        raise wrong_state(
            f"Cannot create a snapshot because the database instance {view['DBInstanceIdentifier']} is not currently "
            "in the available state."
        )


def _leave(call: RdsCall, view: Members) -> None:
    """Take the instance out of its cluster and out of its replication source."""
    name = view["DBInstanceIdentifier"]
    if cluster := view.get("DBClusterIdentifier"):
        record, owner = call.store.cluster(cluster, call.now)
        left = [member["DBInstanceIdentifier"] for member in owner["DBClusterMembers"]]
        record.patch(call.now, {"DBClusterMembers": member_list([other for other in left if other != name])})
    source = call.store.instances.living(view.get("ReadReplicaSourceDBInstanceIdentifier", ""), call.now)
    if source is not None:
        replicas = source.members["ReadReplicaDBInstanceIdentifiers"]
        source.patch(call.now, {"ReadReplicaDBInstanceIdentifiers": [other for other in replicas if other != name]})


def _drop_automated(call: RdsCall, resource: str, gone: Any) -> None:
    for record in call.store.snapshots.values():
        if record.members["SnapshotType"] == "automated" and record.members["DbiResourceId"] == resource:
            record.also(call.now, Change(gone, gone=True))


OPERATIONS: dict[str, RdsHandler] = {
    "CreateDBInstance": create_db_instance,
    "DeleteDBInstance": delete_db_instance,
}
