"""The verbs ``start``, ``stop`` and ``reboot`` of instances and clusters."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from dbtui.actions import legality
from dbtui.actions.judging import reaches
from dbtui.actions.model import Action, Call, Confirm, Idempotency, Plan, PlanContext, Trace, Values
from dbtui.domain.models import Cluster, Instance, Resource
from dbtui.resources import kind_of

_KINDS = frozenset({"instance", "cluster"})


def _legal(
    instance: Callable[[Instance], str | None], cluster: Callable[[Cluster], str | None]
) -> Callable[[Resource], str | None]:
    def legal(resource: Resource) -> str | None:
        if isinstance(resource, Instance):
            return instance(resource)
        return cluster(resource) if isinstance(resource, Cluster) else "is neither an instance nor a cluster"

    return legal


def _call(verb: str, resource: Resource) -> Call:
    """``StartDBInstance`` or ``StartDBCluster``: the two families differ in one word."""
    noun = "DBInstance" if isinstance(resource, Instance) else "DBCluster"
    words = f"{verb.lower()} {resource.ref.kind}/{resource.id}"
    return Call(operation=f"rds:{verb}{noun}", parameters={f"{noun}Identifier": resource.id}, words=words)


def _planner(
    verb: str, effects: Callable[[Instance | Cluster], tuple[str, ...]], undo: str
) -> Callable[[PlanContext, Resource, Values], Awaitable[Plan]]:
    async def plan(context: PlanContext, resource: Resource, values: Values) -> Plan:
        assert isinstance(resource, (Instance, Cluster))
        return Plan(
            action=verb.lower(),
            title=f"{verb} {resource.ref.kind}/{resource.id}",
            subject=resource.ref,
            watch=resource.ref,
            incarnation=resource.resource_id,
            steps=(_call(verb, resource),),
            effects=effects(resource),
            undo=undo,
            confirm=Confirm.YES_NO,
        )

    return plan


def _start_effects(resource: Instance | Cluster) -> tuple[str, ...]:
    return ("instance hours are billed again", "starting takes minutes; the endpoint stays the same")


def _stop_effects(resource: Instance | Cluster) -> tuple[str, ...]:
    pending = ", ".join(change.setting for change in resource.pending)
    dropped = (f"pending changes are dropped, except option and parameter groups: {pending}",) if pending else ()
    members = f" ({len(resource.members)} instances)" if isinstance(resource, Cluster) else ""
    return (
        f"clients lose the database{members} until it is started again",
        *dropped,
        "AWS starts it again by itself after 7 days",
        "storage and backups are still billed",
    )


def _reboot_effects(resource: Instance | Cluster) -> tuple[str, ...]:
    applied: tuple[str, ...] = ()
    if isinstance(resource, Instance):
        waiting = [name for name, state in resource.parameter_groups if state == "pending-reboot"]
        applied = (f"parameter changes waiting for a reboot take effect: {', '.join(waiting)}",) if waiting else ()
    return ("an outage while it restarts, usually about a minute; open connections are lost", *applied)


def _tracer(
    done: tuple[str, ...], undone: tuple[str, ...]
) -> Callable[[PlanContext, Plan, datetime], Awaitable[Trace]]:
    """Judges a lost reply by the subject's status: in ``done`` it was carried out, in ``undone`` it was not."""

    async def trace(context: PlanContext, plan: Plan, since: datetime) -> Trace:
        kind = kind_of(plan.subject)
        resource = await kind.get(context.gateway, plan.subject.scope.target, plan.subject.id)
        if resource.status in done:
            return Trace(done=True)
        return Trace(done=False if resource.status in undone else None)

    return trace


START = Action(
    name="start",
    title="Start",
    key="S",
    kinds=_KINDS,
    legal=_legal(legality.start_instance, legality.start_cluster),
    plan=_planner("Start", _start_effects, "stop it again"),
    judge=reaches("available", or_usable=True),
    trace=_tracer(("starting", "available", "configuring-enhanced-monitoring"), ("stopped",)),
    confirm=Confirm.YES_NO,
    idempotency=Idempotency.CONDITION,
    permissions=frozenset({"rds:StartDBInstance", "rds:StartDBCluster"}),
    help="Starts a stopped instance or cluster.",
    past="started",
)

STOP = Action(
    name="stop",
    title="Stop…",
    key="t",
    kinds=_KINDS,
    legal=_legal(legality.stop_instance, legality.stop_cluster),
    plan=_planner("Stop", _stop_effects, "start it again"),
    judge=reaches("stopped"),
    trace=_tracer(("stopping", "stopped"), ("available",)),
    confirm=Confirm.YES_NO,
    idempotency=Idempotency.CONDITION,
    permissions=frozenset({"rds:StopDBInstance", "rds:StopDBCluster"}),
    note="drops pending changes",
    help="Stops an instance or an Aurora cluster for up to seven days.",
    past="stopped",
)

REBOOT = Action(
    name="reboot",
    title="Reboot…",
    key="r",
    kinds=_KINDS,
    legal=_legal(legality.reboot_instance, legality.reboot_cluster),
    plan=_planner("Reboot", _reboot_effects, ""),
    judge=reaches("available", or_usable=True),
    trace=_tracer(("rebooting",), ()),
    confirm=Confirm.YES_NO,
    idempotency=Idempotency.NO,
    permissions=frozenset({"rds:RebootDBInstance", "rds:RebootDBCluster"}),
    note="brief outage",
    help="Restarts the database engine of an instance, or of all instances of a Multi-AZ cluster.",
    past="rebooted",
)
