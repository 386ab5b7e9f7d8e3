"""The ``snapshot`` verb: instance snapshot, cluster snapshot or DynamoDB backup, by the kind of its subject."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dbtui.actions import legality
from dbtui.actions.judging import reaches
from dbtui.actions.model import (
    Action,
    Call,
    Confirm,
    Idempotency,
    Observation,
    Param,
    ParamKind,
    Plan,
    PlanContext,
    Trace,
    Values,
)
from dbtui.actions.names import check_name, propose
from dbtui.domain import engines
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.models import Backup, Cluster, ClusterSnapshot, Instance, InstanceSnapshot, Resource, Table
from dbtui.domain.scope import ResourceRef
from dbtui.resources.fetch import everything

QUOTA = 100
"""AWS's default of manual snapshots per region; instance and cluster snapshots count apart."""

_CLOCK_SKEW = timedelta(minutes=5)


def legal(resource: Resource) -> str | None:
    if isinstance(resource, Instance):
        return legality.snapshot_instance(resource)
    if isinstance(resource, Cluster):
        return legality.snapshot_cluster(resource)
    if isinstance(resource, Table):
        return legality.backup_table(resource)
    return "has no snapshots of its own"


async def plan(context: PlanContext, resource: Resource, values: Values) -> Plan:
    """Resolves the name (free, or refused when taken), says what AWS does, and what it means for clients."""
    if isinstance(resource, (Instance, Cluster)):
        return await _plan_rds(context, resource, values)
    assert isinstance(resource, Table)
    return _plan_table(context, resource, values)


async def _plan_rds(context: PlanContext, resource: Instance | Cluster, values: Values) -> Plan:
    """The two families of RDS differ in their nouns and in what a snapshot means for clients."""
    kind = resource.ref.kind
    noun = "DBInstance" if isinstance(resource, Instance) else "DBCluster"
    snapshot_noun = "DBSnapshot" if isinstance(resource, Instance) else "DBClusterSnapshot"
    manual = await _manual_names(context, resource)
    name = _resolve(context, resource, kind, values, manual)
    return Plan(
        action="snapshot",
        title=f"Snapshot {kind}/{resource.id}",
        subject=resource.ref,
        watch=ResourceRef(resource.ref.scope, f"{kind}-snapshot", name),
        incarnation=resource.resource_id,
        steps=(
            Call(
                operation=f"rds:Create{snapshot_noun}",
                parameters={
                    f"{snapshot_noun}Identifier": name,
                    f"{noun}Identifier": resource.id,
                    **_tag_parameters(values),
                },
                words=f"take the snapshot {name}",
            ),
        ),
        effects=(_pause(resource) if isinstance(resource, Instance) else _cluster_pause(resource),),
        notes=_quota_notes(manual),
        undo=f"delete {kind}-snapshot/{name}",
        confirm=Confirm.ENTER,
        additive=True,
        values={"name": name, "tag": dict(values.get("tag") or {})},
    )


def _plan_table(context: PlanContext, table: Table, values: Values) -> Plan:
    if values.get("tag"):
        raise Refused("a DynamoDB backup takes no tags.", hint="Leave --tag out for tables.", kind=FailureKind.INVALID)
    name = _resolve(context, table, "table", values, ())
    return Plan(
        action="snapshot",
        title=f"Back up table/{table.id}",
        subject=table.ref,
        watch=ResourceRef(table.ref.scope, "backup", f"{table.id}/{name}"),
        incarnation=table.table_id,
        steps=(
            Call(
                operation="dynamodb:CreateBackup",
                parameters={"TableName": table.id, "BackupName": name},
                words=f"take the backup {name}",
            ),
        ),
        effects=("uses no read capacity",),
        notes=("does not expire; its storage is billed until it is deleted",),
        undo=f"delete backup/{table.id}/{name}",
        confirm=Confirm.ENTER,
        additive=True,
        values={"name": name},
    )


def _pause(instance: Instance) -> str:
    if instance.multi_az and not instance.engine.startswith("sqlserver"):
        return "no pause: taken from the standby"
    return "I/O pauses briefly, a few seconds up to minutes"


def _cluster_pause(cluster: Cluster) -> str:
    if engines.is_clustered(cluster.engine):
        return "no pause: taken from the cluster's shared storage"
    return "no pause on the writer: taken from a reader"


def _quota_notes(manual: tuple[str, ...] | None) -> tuple[str, ...]:
    billed = "its storage is billed until it is deleted"
    if manual is None:
        return ("manual snapshots used: unknown, no permission to list them", billed)
    return (f"manual snapshots used: {len(manual)} of {QUOTA} (AWS's default quota)", billed)


def _tag_parameters(values: Values) -> dict[str, Any]:
    tags: Mapping[str, str] = values.get("tag") or {}
    return {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} if tags else {}


async def _manual_names(context: PlanContext, resource: Instance | Cluster) -> tuple[str, ...] | None:
    """The names of the scope's manual snapshots; ``None`` where listing them is forbidden."""
    target = resource.ref.scope.target
    gateway = context.gateway
    try:
        if isinstance(resource, Instance):
            return tuple(s.id for s in await everything(gateway.instance_snapshots(target, snapshot_type="manual")))
        return tuple(s.id for s in await everything(gateway.cluster_snapshots(target, snapshot_type="manual")))
    except AwsError as error:
        if error.failure.kind in (FailureKind.PERMISSION, FailureKind.UNAVAILABLE_HERE):
            return None
        raise


def _resolve(context: PlanContext, resource: Resource, kind: str, values: Values, taken: tuple[str, ...] | None) -> str:
    wanted = values.get("name")
    if not wanted:
        return propose(resource.id, kind, context.clock(), taken or ())
    problem = check_name(wanted, kind)
    if problem:
        raise Refused(f"{wanted} is not a possible name: {problem}.", kind=FailureKind.INVALID)
    if str(wanted).lower() in {name.lower() for name in taken or ()}:
        raise Refused(f"the name {wanted} is already taken.", hint="Choose another name.", kind=FailureKind.CONDITION)
    return str(wanted)


_RDS_JUDGE = reaches("available")
_BACKUP_JUDGE = reaches("AVAILABLE")


def judge(plan: Plan, resource: Resource | None) -> Observation:
    return _BACKUP_JUDGE(plan, resource) if plan.watch.kind == "backup" else _RDS_JUDGE(plan, resource)


async def trace(context: PlanContext, plan: Plan, since: datetime) -> Trace:
    """Looks for the snapshot by its name, and checks that it is of this source and not older than the call."""
    target = plan.subject.scope.target
    found: list[Resource] = []
    if plan.watch.kind == "instance-snapshot":
        found += await everything(context.gateway.instance_snapshots(target, ids=(plan.watch.id,)))
    elif plan.watch.kind == "cluster-snapshot":
        found += await everything(context.gateway.cluster_snapshots(target, ids=(plan.watch.id,)))
    else:
        found += await everything(context.gateway.backups(target, table=plan.subject.id))
    for resource in found:
        if _is_ours(plan, resource, since):
            return Trace(done=True, watch=resource.ref)
    return Trace(done=False)


def _is_ours(plan: Plan, resource: Resource, since: datetime) -> bool:
    fresh = resource.created_at is None or resource.created_at >= since - _CLOCK_SKEW
    if isinstance(resource, Backup):
        return fresh and resource.name == plan.watch.id.partition("/")[2]
    if isinstance(resource, (InstanceSnapshot, ClusterSnapshot)):
        return fresh and resource.source_id == plan.subject.id
    return False


def watched(plan: Plan, reply: Mapping[str, Any]) -> ResourceRef:
    """A backup is known by the id in its ARN, which only the reply tells."""
    arn = reply.get("BackupDetails", {}).get("BackupArn", "")
    backup_id = arn.rpartition("/")[2]
    if plan.watch.kind != "backup" or not backup_id:
        return plan.watch
    return ResourceRef(plan.watch.scope, "backup", f"{plan.subject.id}/{backup_id}")


SNAPSHOT = Action(
    name="snapshot",
    title="Snapshot",
    key="s",
    kinds=frozenset({"instance", "cluster", "table"}),
    legal=legal,
    plan=plan,
    judge=judge,
    trace=trace,
    watched=watched,
    confirm=Confirm.ENTER,
    idempotency=Idempotency.CONDITION,
    permissions=frozenset({"rds:CreateDBSnapshot", "rds:CreateDBClusterSnapshot", "dynamodb:CreateBackup"}),
    params=(
        Param("name", "Name", help="the snapshot's name; proposed from the source and the time", check=check_name),
        Param(
            "tag",
            "Tags",
            ParamKind.TAGS,
            help="a tag as KEY=VALUE, repeatable",
            kinds=frozenset({"instance", "cluster"}),
        ),
    ),
    additive=True,
    help="Takes an instance snapshot, a cluster snapshot or a DynamoDB backup.",
    past="snapshot taken",
)
