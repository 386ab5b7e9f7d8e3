"""Columns of the Snapshots pane: snapshots of instances and of clusters, and backups of tables, in one list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbtui.domain import units
from dbtui.domain.models import Backup, ClusterSnapshot, InstanceSnapshot, Resource
from dbtui.resources import Column, Text, backup, snapshots
from dbtui.resources.columns import created_column, status_text

_SHORT_TYPES = {"automated": "auto", "awsbackup": "AWS Backup"}


def summary(models: list[Resource]) -> str:
    """How many were made by hand: those count against AWS's quota."""
    made = (model for model in models if isinstance(model, (InstanceSnapshot, ClusterSnapshot)))
    manual = sum(model.snapshot_type == "manual" for model in made)
    backups = sum(isinstance(model, Backup) for model in models)
    return f"{manual:,} manual, {backups:,} DynamoDB"


def _source(model: Resource) -> Text:
    if isinstance(model, Backup):
        source = f"table/{model.table_name}"
    else:
        assert isinstance(model, (InstanceSnapshot, ClusterSnapshot))
        source = f"{snapshots.source_kind(model)}/{model.source_id}"
    return Text(source, "", source)


def _kind(model: Resource) -> Text:
    if isinstance(model, Backup):
        shown = "DynamoDB" if model.backup_type in ("", "USER") else f"DynamoDB {model.backup_type.lower()}"
    else:
        assert isinstance(model, (InstanceSnapshot, ClusterSnapshot))
        owner = "RDS" if isinstance(model, InstanceSnapshot) else "cluster"
        shown = f"{owner} {_SHORT_TYPES.get(model.snapshot_type, model.snapshot_type)}".strip()
    return Text(shown, "", shown)


def _status(model: Resource) -> Text:
    if isinstance(model, Backup):
        return status_text(model.status, backup.status(model))
    assert isinstance(model, (InstanceSnapshot, ClusterSnapshot))
    return status_text(model.status, snapshots.status(model), model.percent_progress)


def _age(model: Resource, now: datetime) -> Text:
    """Sorted by when it was made, so that the newest comes last in ascending order."""
    return Text(units.age(model.created_at, now), "muted", model.created_at)


def _size(model: Resource) -> Text:
    if isinstance(model, Backup):
        return Text(units.size(model.size_bytes), "number", model.size_bytes)
    assert isinstance(model, (InstanceSnapshot, ClusterSnapshot))
    gib = model.allocated_gib
    return Text(units.gib(gib), "number", gib * units.GIB if gib is not None else None)


COLUMNS: tuple[Column[Any], ...] = (
    Column("name", "name", lambda m, now: Text(m.name, "", m.name), min_width=26, max_width=63, frozen=True),
    Column("status", "status", lambda m, now: _status(m), min_width=12, max_width=30),
    Column("source", "source", lambda m, now: _source(m), min_width=14, max_width=40, priority=1),
    Column("kind", "kind", lambda m, now: _kind(m), min_width=10, max_width=18, priority=2),
    created_column(priority=3),
    Column(
        "age",
        "age",
        _age,
        align="right",
        min_width=5,
        max_width=12,
        priority=1,
    ),
    Column("size", "size", lambda m, now: _size(m), align="right", min_width=8, max_width=10, priority=3),
)
