"""Columns of the RDS pane: clusters with their members under them, then single instances, in one set of columns."""

from __future__ import annotations

from collections.abc import Callable, Container
from datetime import datetime, timedelta
from typing import Any

from dbtui.domain import engines, units
from dbtui.domain.models import Cluster, Instance, Resource
from dbtui.domain.rows import RowId
from dbtui.domain.scope import ResourceRef
from dbtui.domain.states import State
from dbtui.resources import Column, Text, cluster, instance
from dbtui.resources.columns import status_text, text
from dbtui.resources.instance import engine_text, pending_text, storage_text

Lookup = Callable[[RowId], Resource | None]

OPEN, CLOSED = "▾ ", "▸ "
WRITER, READER = "W", "R"
WARNING = "⚠"


def cluster_ref(member: Instance) -> ResourceRef:
    """The row an instance is shown under, whether or not it is loaded."""
    return ResourceRef(member.ref.scope, "cluster", member.cluster_id)


def group_of(model: Resource) -> ResourceRef | None:
    return cluster_ref(model) if isinstance(model, Instance) and model.cluster_id else None


def columns(lookup: Lookup, collapsed: Container[RowId]) -> tuple[Column[Any], ...]:
    """The pane's columns. ``lookup`` finds the cluster of a member, ``collapsed`` holds the folded clusters."""
    return (
        Column(
            "identifier",
            "identifier",
            lambda m, now: _identifier(m, lookup, collapsed),
            min_width=14,
            max_width=63,
            frozen=True,
        ),
        Column("role", "", lambda m, now: _role(m, lookup), min_width=1, max_width=1, priority=0),
        Column("status", "status", _status, min_width=14, max_width=34),
        Column("engine", "engine", lambda m, now: _engine(m), min_width=15, max_width=26, priority=1),
        Column("class", "class", lambda m, now: _class(m), min_width=12, max_width=18, priority=1),
        Column("storage", "storage", lambda m, now: _storage(m), align="right", min_width=9, max_width=16, priority=3),
        Column("zone", "zone", lambda m, now: _zone(m), min_width=10, max_width=16, priority=4),
        Column("pending", "pending", lambda m, now: _pending(m), min_width=7, max_width=36, priority=5),
    )


def summary(models: list[Resource]) -> str:
    """``2 clusters, 12 instances``."""
    clusters = sum(isinstance(model, Cluster) for model in models)
    return f"{_counted(clusters, 'cluster')}, {_counted(len(models) - clusters, 'instance')}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _cluster_of(model: Resource, lookup: Lookup) -> Cluster | None:
    ref = group_of(model)
    found = lookup(ref) if ref is not None else None
    return found if isinstance(found, Cluster) else None


def _identifier(model: Resource, lookup: Lookup, collapsed: Container[RowId]) -> Text:
    """Sorted so that clusters come first and a writer leads its readers."""
    if isinstance(model, Cluster):
        mark = "" if not model.members else CLOSED if model.ref in collapsed else OPEN
        return Text(f"{mark or '  '}{model.id}", "", f"0{model.id}")
    if _cluster_of(model, lookup) is not None:
        return Text(f"    {model.id}", "", f"{0 if _role(model, lookup).text == WRITER else 1}{model.id}")
    return Text(f"  {model.id}", "", f"1{model.id}")


def _role(model: Resource, lookup: Lookup) -> Text:
    owner = _cluster_of(model, lookup)
    for member in owner.members if owner is not None else ():
        if member.instance_id == model.id:
            return Text(WRITER, "accent", WRITER) if member.writer else Text(READER, "muted", READER)
    return Text("", "", None)


def _status(model: Resource, now: datetime) -> Text:
    if isinstance(model, Cluster):
        return _with_restart(status_text(model.status, cluster.status(model), model.percent_progress), model, now)
    assert isinstance(model, Instance)
    return _with_restart(status_text(model.status, instance.status(model), model.percent_progress), model, now)


def _with_restart(shown: Text, model: Instance | Cluster, now: datetime) -> Text:
    """A stopped database starts by itself after seven days: say when."""
    stopped = instance.status(model) if isinstance(model, Instance) else cluster.status(model)
    if stopped.state is not State.STOPPED or model.automatic_restart_at is None:
        return shown
    left = units.duration(max(model.automatic_restart_at - now, timedelta()))
    return Text(f"{shown.text}, starts in {left}", shown.style, shown.sort_key)


def _engine(model: Resource) -> Text:
    shown = cluster.engine_text(model) if isinstance(model, Cluster) else engine_text(_instance(model))
    assert isinstance(model, (Cluster, Instance))
    service = engines.other_service(model.engine)
    words = shown.text.replace(model.engine, service, 1) if service else shown.text
    # The sign goes first, because a narrow column cuts the end.
    words = f"{WARNING} {words.removesuffix(WARNING).rstrip()}" if words.endswith(WARNING) else words
    return Text(words, shown.style, shown.sort_key)


def _instance(model: Resource) -> Instance:
    assert isinstance(model, Instance)
    return model


def _class(model: Resource) -> Text:
    if isinstance(model, Cluster):
        return text(cluster.capacity(model))
    return text(_instance(model).instance_class)


def _storage(model: Resource) -> Text:
    if isinstance(model, Cluster):
        known = model.allocated_gib is not None and model.allocated_gib > 1
        return Text(f"{model.allocated_gib:,} GiB", "", model.allocated_gib) if known else text("")
    return storage_text(_instance(model))


def _zone(model: Resource) -> Text:
    if isinstance(model, Cluster):
        return Text(f"{len(model.zones)} zones", "muted", None) if model.zones else text("")
    single = _instance(model)
    return Text(f"{single.zone} +1", "", single.zone) if single.multi_az and single.zone else text(single.zone)


def _pending(model: Resource) -> Text:
    if isinstance(model, Cluster):
        return Text("; ".join(f"{change.setting} → {change.value}" for change in model.pending), "accent")
    return pending_text(_instance(model))
