"""The ``backup`` kind: on-demand DynamoDB backups. AWS Backup's own are not listed by this API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dbtui.domain import states, units
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Backup
from dbtui.domain.scope import Target
from dbtui.domain.states import StatusInfo
from dbtui.gateway.protocol import Gateway
from dbtui.resources.columns import created_column, field, in_time, number, status_text, text
from dbtui.resources.fetch import everything, not_found
from dbtui.resources.model import Column, Kind, Section, Text


def status(backup: Backup) -> StatusInfo:
    return states.lookup(states.BACKUP, backup.status)


COLUMNS: tuple[Column[Backup], ...] = (
    Column("name", "name", lambda b, now: Text(b.name, "", b.name), min_width=16, max_width=60, frozen=True),
    Column("source", "source", lambda b, now: text(f"table/{b.table_name}"), min_width=14, max_width=40, priority=1),
    Column("type", "type", lambda b, now: text(b.backup_type.lower()), min_width=6, max_width=10, priority=3),
    created_column(priority=2),
    Column(
        "age",
        "age",
        lambda b, now: Text(units.age(b.created_at, now), "muted", b.created_at),
        align="right",
        min_width=5,
        max_width=12,
        priority=3,
    ),
    Column("size", "size", lambda b, now: number(b.size_bytes, units.size), align="right", min_width=8, priority=2),
    Column("status", "status", lambda b, now: status_text(b.status, status(b)), min_width=12, max_width=20),
)


def sections(backup: Backup, now: datetime) -> tuple[Section, ...]:
    return (
        Section(
            "Overview",
            (
                field("status", backup.status, style=f"status-{status(backup).state}"),
                field("name", backup.name),
                field("source", f"table/{backup.table_name}", place=f"table/{backup.table_name}"),
                field("type", backup.backup_type.lower()),
                field("size", units.size(backup.size_bytes)),
                field("created", in_time(backup.created_at, now)),
                field("expires", in_time(backup.expires_at, now) or "never"),
                field("table id", backup.table_id),
                field("ARN", backup.arn),
            ),
        ),
    )


def export(backup: Backup) -> dict[str, Any]:
    """Members of a backup's JSON object beyond the shared ones; additive only."""
    return {
        "source": f"table/{backup.table_name}",
        "table_id": backup.table_id or None,
        "type": backup.backup_type or None,
        "size_bytes": backup.size_bytes,
        "expires_at": units.iso(backup.expires_at),
    }


async def get(gateway: Gateway, target: Target, identifier: str) -> Backup:
    """A backup by ``TABLE/BACKUP-ID``, or by ``TABLE/NAME`` where that is unique; else the candidates are listed."""
    table, _, wanted = identifier.partition("/")
    if not wanted:
        raise AwsError(
            Failure(
                FailureKind.INVALID,
                f"backup/{table} does not name a backup.",
                hint="A backup reads backup/TABLE/BACKUP-ID or backup/TABLE/NAME.",
            )
        )
    found = [
        backup
        for backup in await everything(gateway.backups(target, table=table))
        if wanted in (backup.id.partition("/")[2], backup.name)
    ]
    if not found:
        raise not_found("backup", identifier, target)
    if len(found) > 1:
        candidates = ", ".join(f"backup/{backup.id}" for backup in found)
        raise AwsError(
            Failure(
                FailureKind.INVALID, f"{len(found)} backups are named {wanted}.", hint=f"Choose one of: {candidates}"
            )
        )
    return found[0]


def _arn_path_to_id(path: str) -> str:
    return path.replace("/backup/", "/", 1)


BACKUP: Kind[Backup] = Kind(
    name="backup",
    plural="backups",
    title="DynamoDB backups",
    aliases=("ddbbackup", "ddbbackups"),
    service="dynamodb",
    arn_type="table-backup",
    columns=COLUMNS,
    listing=lambda gateway, target, query: gateway.backups(target),
    get=get,
    status=status,
    sections=sections,
    export=export,
    operation="dynamodb:ListBackups",
    headline=lambda b: f"of table/{b.table_name}",
    id_from_arn=_arn_path_to_id,
    filters={"source": lambda b: b.table_name},
    related=lambda b: (("source", f"table/{b.table_name}"),),
    filterable_by_ids=False,
    help="On-demand backups of DynamoDB tables. Backups made by AWS Backup are not in this list.",
)
