"""The ``table`` kind: DynamoDB tables. Names come first (ListTables), descriptions row by row (DescribeTable)."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import msgspec

from dbtui.domain import states, units
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.models import Index, KeyPart, PointInTimeRecovery, Table, Tags, TimeToLive
from dbtui.domain.scope import Target
from dbtui.domain.states import StatusInfo
from dbtui.gateway.protocol import Gateway
from dbtui.resources.columns import created_column, field, in_time, number, status_text, tags_section
from dbtui.resources.model import Column, Field, Kind, Section, Text

DENIED = "(no permission)"


def status(table: Table) -> StatusInfo:
    """The table's own status; an index still being built makes an active table busy."""
    info = states.lookup(states.TABLE, table.status)
    return states.OK_BUSY if info.state is states.State.OK and building(table) else info


def building(table: Table) -> tuple[Index, ...]:
    """Indexes that are not ready yet."""
    return tuple(index for index in table.indexes if index.status and index.status != "ACTIVE")


def _status_column(table: Table) -> Text:
    if not table.described:
        return Text("…", "muted", None)
    shown = status_text(table.status, status(table))
    pending = building(table)
    return Text(f"{shown.text}, index {pending[0].status.lower()}", shown.style, shown.sort_key) if pending else shown


def keys_text(keys: tuple[KeyPart, ...]) -> str:
    """``pk:S sk:N``: partition parts first, as AWS lists them."""
    return " ".join(f"{part.name}:{part.type}" if part.type else part.name for part in keys)


def billing_text(table: Table) -> Text:
    """``on-demand``, or the provisioned read and write units."""
    if table.billing_mode == "PAY_PER_REQUEST":
        return Text("on-demand", "", -1)
    if table.throughput is None:
        return Text("–", "muted", None)
    return Text(f"{table.throughput.read:,} / {table.throughput.write:,}", "", table.throughput.read)


def _described(table: Table, shown: Text) -> Text:
    return shown if table.described else Text("", "", None)


def _pitr_text(table: Table) -> Text:
    if table.pitr is None:
        return Text("", "", None)
    if table.pitr.status == DENIED:
        return Text("denied", "muted", None)
    if table.pitr.status != "ENABLED":
        return Text("off", "warn", 0)
    return Text(f"{table.pitr.days or 35} d", "", table.pitr.days or 35)


def _ttl_text(table: Table) -> Text:
    if table.ttl is None:
        return Text("", "", None)
    if table.ttl.status == DENIED:
        return Text("denied", "muted", None)
    return (
        Text(table.ttl.attribute, "", table.ttl.attribute) if table.ttl.status == "ENABLED" else Text("–", "muted", "")
    )


def _index_text(table: Table) -> Text:
    gsi = sum(index.is_global for index in table.indexes)
    lsi = len(table.indexes) - gsi
    parts = [f"{count} {word}" for count, word in ((gsi, "G"), (lsi, "L")) if count]
    return Text(" ".join(parts) or "–", "" if parts else "muted", len(table.indexes))


def _protection_text(table: Table) -> Text:
    if table.deletion_protection is None:
        return Text("–", "muted", None)
    return Text("on" if table.deletion_protection else "off", "" if table.deletion_protection else "muted", None)


COLUMNS: tuple[Column[Table], ...] = (
    Column("table", "table", lambda t, now: Text(t.id, "", t.id), min_width=16, max_width=60, frozen=True),
    Column("status", "status", lambda t, now: _status_column(t), min_width=10, max_width=28),
    Column(
        "items",
        "items ≈",
        lambda t, now: _described(t, number(t.item_count, units.short_count)),
        align="right",
        min_width=7,
        max_width=8,
        priority=1,
    ),
    Column(
        "size",
        "size ≈",
        lambda t, now: _described(t, number(t.size_bytes, units.size)),
        align="right",
        min_width=8,
        max_width=9,
        priority=1,
    ),
    Column("billing", "billing", lambda t, now: _described(t, billing_text(t)), min_width=9, max_width=17, priority=2),
    Column("keys", "keys", lambda t, now: Text(keys_text(t.keys)), min_width=6, max_width=28, priority=2),
    Column("indexes", "idx", lambda t, now: _described(t, _index_text(t)), min_width=3, max_width=8, priority=3),
    Column("ttl", "ttl", lambda t, now: _ttl_text(t), min_width=3, max_width=14, priority=4),
    Column("pitr", "pitr", lambda t, now: _pitr_text(t), min_width=4, max_width=6, priority=3),
    Column(
        "protection", "prot", lambda t, now: _described(t, _protection_text(t)), min_width=4, max_width=4, priority=5
    ),
    created_column(priority=6),
)


def sections(table: Table, now: datetime) -> tuple[Section, ...]:
    if not table.described:
        return (Section("Overview", (Field("status", "reading…", "muted"),)),)
    return (
        _overview(table, now),
        Section(
            "Keys", tuple(field(_role(part), f"{part.name} ({_type(part)})", copy=part.name) for part in table.keys)
        ),
        *(_index(index) for index in table.indexes),
        _capacity(table),
        _protection(table, now),
        _streams(table),
        _tags_section(table),
    )


def _role(part: KeyPart) -> str:
    return "partition key" if part.role == "HASH" else "sort key"


def _type(part: KeyPart) -> str:
    return {"S": "string", "N": "number", "B": "binary"}.get(part.type, part.type or "unknown type")


def _overview(t: Table, now: datetime) -> Section:
    remedy = status(t).remedy
    return Section(
        "Overview",
        (
            field("status", t.status, style=f"status-{status(t).state}"),
            *([field("what to do", remedy, style="warn")] if remedy else []),
            field("items ≈", units.count(t.item_count) + ", counted by DynamoDB every six hours or so"),
            field("size ≈", units.size(t.size_bytes)),
            field("table class", t.table_class),
            *([field("restored from", t.restore_source)] if t.restore_source else []),
            field("created", in_time(t.created_at, now)),
            field("table id", t.table_id),
            field("ARN", t.arn),
        ),
    )


def _index(index: Index) -> Section:
    projection = index.projection + (f": {', '.join(index.projected)}" if index.projected else "")
    rows = [
        *(field(_role(part), f"{part.name} ({_type(part)})", copy=part.name) for part in index.keys),
        field("projection", projection),
    ]
    if index.is_global:
        backfill = ", backfilling" if index.backfilling else ""
        style = "status-busy" if index.status != "ACTIVE" else ""
        rows.append(field("status", f"{index.status}{backfill}", style=style))
        if index.throughput is not None and (index.throughput.read or index.throughput.write):
            rows.append(field("capacity", f"{index.throughput.read:,} read / {index.throughput.write:,} write"))
    rows.append(field("items ≈", units.count(index.item_count)))
    rows.append(field("size ≈", units.size(index.size_bytes)))
    return Section(f"{'Global' if index.is_global else 'Local'} index {index.name}", tuple(rows))


def _capacity(t: Table) -> Section:
    rows = [field("billing", billing_text(t).text if t.billing_mode == "PAY_PER_REQUEST" else "provisioned")]
    if t.billing_mode != "PAY_PER_REQUEST" and t.throughput is not None:
        rows.append(field("capacity", f"{t.throughput.read:,} read / {t.throughput.write:,} write units"))
        rows.append(field("decreases today", f"{t.throughput.decreases_today} of 27"))
    if t.on_demand_max_read is not None or t.on_demand_max_write is not None:
        rows.append(field("on-demand limit", f"{t.on_demand_max_read} read / {t.on_demand_max_write} write units"))
    return Section("Capacity", tuple(rows))


def _protection(t: Table, now: datetime) -> Section:
    return Section(
        "Protection",
        (
            field("deletion protection", t.deletion_protection, style="" if t.deletion_protection else "warn"),
            *_pitr_fields(t.pitr, now),
            _ttl_field(t.ttl),
            field("encryption", t.encryption or "AWS owned key"),
            field("KMS key", t.kms_key_arn),
        ),
    )


def _pitr_fields(pitr: PointInTimeRecovery | None, now: datetime) -> tuple[Field, ...]:
    if pitr is None:
        return (field("point-in-time recovery", "reading…", style="muted"),)
    if pitr.status == DENIED:
        return (field("point-in-time recovery", "no permission for dynamodb:DescribeContinuousBackups", style="muted"),)
    if pitr.status != "ENABLED":
        return (field("point-in-time recovery", "off", style="warn"),)
    return (
        field("point-in-time recovery", f"on, {pitr.days or 35} days"),
        field("restorable from", in_time(pitr.earliest, now)),
        field("restorable to", in_time(pitr.latest, now)),
    )


def _ttl_field(ttl: TimeToLive | None) -> Field:
    if ttl is None:
        return field("time to live", "reading…", style="muted")
    if ttl.status == DENIED:
        return field("time to live", "no permission for dynamodb:DescribeTimeToLive", style="muted")
    return field("time to live", f"{ttl.attribute} ({ttl.status.lower()})" if ttl.attribute else ttl.status.lower())


def _streams(t: Table) -> Section:
    replicas = tuple(field(f"replica {replica.region}", replica.status) for replica in t.replicas)
    warning = (field("conflicts", "the last writer wins between regions", style="warn"),) if t.replicas else ()
    return Section(
        "Streams and replicas",
        (field("stream", t.stream_view or "off"), field("stream ARN", t.stream_arn), *replicas, *warning),
    )


def _tags_section(t: Table) -> Section:
    if t.tags_known:
        return tags_section(t.tags)
    why = "reading…" if t.tags_known is None else "no permission for dynamodb:ListTagsOfResource"
    return Section("Tags", (Field("tags", why, "muted"),))


def headline(t: Table) -> str:
    if not t.described:
        return ""
    return " · ".join(part for part in (keys_text(t.keys), billing_text(t).text) if part)


def export(t: Table) -> dict[str, Any]:
    """Members of a table's JSON object beyond the shared ones; additive only. Counts are up to six hours old."""
    return {
        "table_id": t.table_id or None,
        "keys": [_export_key(part) for part in t.keys] if t.described else None,
        "items_approximate": t.item_count,
        "size_bytes_approximate": t.size_bytes,
        "billing_mode": t.billing_mode or None,
        "read_capacity_units": t.throughput.read if t.throughput else None,
        "write_capacity_units": t.throughput.write if t.throughput else None,
        "indexes": [_export_index(index) for index in t.indexes] if t.described else None,
        "table_class": t.table_class if t.described else None,
        "deletion_protection": t.deletion_protection,
        "stream_view": t.stream_view or None,
        "replicas": [{"region": r.region, "status": r.status} for r in t.replicas] if t.described else None,
        "ttl": {"status": t.ttl.status, "attribute": t.ttl.attribute or None} if t.ttl else None,
        "point_in_time_recovery": _export_pitr(t.pitr) if t.pitr else None,
        "tags": dict(t.tags) if t.tags_known else None,
    }


def _export_key(part: KeyPart) -> dict[str, Any]:
    return {"name": part.name, "role": "partition" if part.role == "HASH" else "sort", "type": part.type or None}


def _export_index(index: Index) -> dict[str, Any]:
    return {
        "name": index.name,
        "type": "global" if index.is_global else "local",
        "keys": [_export_key(part) for part in index.keys],
        "projection": index.projection or None,
        "projected": list(index.projected),
        "status": index.status or None,
        "items_approximate": index.item_count,
        "size_bytes_approximate": index.size_bytes,
    }


def _export_pitr(pitr: PointInTimeRecovery) -> dict[str, Any]:
    return {
        "status": pitr.status,
        "days": pitr.days,
        "earliest": units.iso(pitr.earliest),
        "latest": units.iso(pitr.latest),
    }


async def _get(gateway: Gateway, target: Target, name: str) -> Table:
    return await gateway.table(target, name)


async def describe(gateway: Gateway, table: Table) -> Table:
    """The full description of a row of which the name is known, with TTL and PITR as the list shows them."""
    target = table.ref.scope.target
    described, ttl, pitr = await asyncio.gather(
        gateway.table(target, table.id), _ttl(gateway, target, table.id), _pitr(gateway, target, table.id)
    )
    return msgspec.structs.replace(described, ttl=ttl, pitr=pitr, tags=table.tags, tags_known=table.tags_known)


async def complete(gateway: Gateway, table: Table) -> Table:
    """Adds TTL, PITR and tags for a detail; what is forbidden is said in its own line."""
    target = table.ref.scope.target
    base = table if table.described else await gateway.table(target, table.id)
    ttl, pitr, tags = await asyncio.gather(
        _ttl(gateway, target, table.id), _pitr(gateway, target, table.id), _tags(gateway, target, base.arn)
    )
    return msgspec.structs.replace(base, ttl=ttl, pitr=pitr, tags=tags or (), tags_known=tags is not None)


def _may_be_missing(error: AwsError) -> bool:
    return error.failure.kind in (FailureKind.PERMISSION, FailureKind.UNAVAILABLE_HERE)


async def _ttl(gateway: Gateway, target: Target, name: str) -> TimeToLive:
    try:
        return await gateway.time_to_live(target, name)
    except AwsError as error:
        if _may_be_missing(error):
            return TimeToLive(DENIED)
        raise


async def _pitr(gateway: Gateway, target: Target, name: str) -> PointInTimeRecovery:
    try:
        return await gateway.point_in_time_recovery(target, name)
    except AwsError as error:
        if _may_be_missing(error):
            return PointInTimeRecovery(DENIED)
        raise


async def _tags(gateway: Gateway, target: Target, arn: str) -> Tags | None:
    try:
        return await gateway.table_tags(target, arn)
    except AwsError as error:
        if _may_be_missing(error):
            return None
        raise


TABLE: Kind[Table] = Kind(
    name="table",
    plural="tables",
    title="DynamoDB tables",
    aliases=("ddb", "dynamodb", "t"),
    service="dynamodb",
    arn_type="table",
    columns=COLUMNS,
    listing=lambda gateway, target, query: gateway.table_names(target),
    get=_get,
    status=status,
    sections=sections,
    export=export,
    operation="dynamodb:ListTables",
    headline=headline,
    complete=complete,
    describe=describe,
    filters={"billing": lambda t: billing_text(t).text, "class": lambda t: t.table_class},
    filterable_by_ids=False,
    help="DynamoDB tables. Names come first, descriptions fill in row by row. Counts are up to six hours old.",
)
