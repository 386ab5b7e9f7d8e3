"""DynamoDB's on-demand backups: create, list, describe, delete."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from dbtui.demo import ids
from dbtui.demo.dynamodb.store import DynamoStore, Table, table_name
from dbtui.demo.paging import named_page
from dbtui.demo.protocol.errors import AwsError, validation
from dbtui.demo.record import Change, Members, Record
from dbtui.demo.world import DynamoCall, DynamoHandler, Params

CREATE_SECONDS = 8.0
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_TYPES = ("USER", "SYSTEM", "AWS_BACKUP", "ALL")


def backup_members(
    store: DynamoStore, table: Table, view: Members, *, name: str, created: datetime, kind: str = "USER"
) -> tuple[str, Members]:
    """A backup's BackupDescription, available, and its ARN."""
    arn = store.backup_arn(view["TableName"], created, name)
    details: Members = {
        "BackupArn": arn,
        "BackupName": name,
        "BackupSizeBytes": view["TableSizeBytes"],
        "BackupStatus": "AVAILABLE",
        "BackupType": kind,
        "BackupCreationDateTime": created,
    }
    if kind == "SYSTEM":
        details["BackupExpiryDateTime"] = created + timedelta(days=35)
    source = {
        "TableName": view["TableName"],
        "TableId": view["TableId"],
        "TableArn": view["TableArn"],
        "TableSizeBytes": view["TableSizeBytes"],
        "KeySchema": view["KeySchema"],
        "TableCreationDateTime": view["CreationDateTime"],
        "ProvisionedThroughput": {
            key: view["ProvisionedThroughput"][key] for key in ("ReadCapacityUnits", "WriteCapacityUnits")
        },
        "ItemCount": view["ItemCount"],
        "BillingMode": view.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
    }
    features: Members = {"TimeToLiveDescription": table.ttl}
    if view.get("GlobalSecondaryIndexes"):
        kept = ("IndexName", "KeySchema", "Projection")
        features["GlobalSecondaryIndexes"] = [
            {key: index[key] for key in kept} for index in view["GlobalSecondaryIndexes"]
        ]
    return arn, {**details, "SourceTableDetails": source, "SourceTableFeatureDetails": features}


def create_backup(call: DynamoCall, params: Params) -> dict[str, Any]:
    name = params["BackupName"]
    if not _NAME.fullmatch(name):
        raise validation(
            f"1 validation error detected: Value '{name}' at 'backupName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+ and have length between 3 and 255"
        )
    try:
        table, view = call.store.table(params["TableName"], call.now)
    except AwsError:
        raise AwsError("TableNotFoundException", f"Table not found: {params['TableName']}") from None
    if view["TableStatus"] not in ("ACTIVE", "UPDATING"):
        raise AwsError("TableInUseException", f"Table is being {view['TableStatus'].lower()}: {view['TableName']}")
    arn, members = backup_members(call.store, table, view, name=name, created=call.now)
    # Two backups of one table in the same millisecond still get ARNs of their own.
    if arn in call.store.backups:
        arn = arn[:-8] + ids.hex_id(8, arn, call.store.next_generation())
        members["BackupArn"] = arn
    done = call.now + timedelta(seconds=CREATE_SECONDS)
    record = Record(members | {"BackupStatus": "CREATING"}, [Change(done, {"BackupStatus": "AVAILABLE"})])
    call.store.backups[arn] = record
    return {"BackupDetails": _details(record.members)}


def _details(view: Members) -> Members:
    return {key: value for key, value in view.items() if key.startswith("Backup")}


def _description(view: Members) -> Members:
    sources = {key: value for key, value in view.items() if key.startswith("SourceTable")}
    return {"BackupDetails": _details(view), **sources}


def _summary(view: Members) -> Members:
    source = view["SourceTableDetails"]
    return _details(view) | {key: source[key] for key in ("TableName", "TableId", "TableArn")}


def list_backups(call: DynamoCall, params: Params) -> dict[str, Any]:
    limit = params.get("Limit", 100)
    if not isinstance(limit, int) or not 1 <= limit <= 100:
        raise validation("1 validation error detected: Value at 'limit' failed to satisfy constraint: 1 to 100")
    kind = params.get("BackupType", "ALL")
    if kind not in _TYPES:
        raise validation(f"1 validation error detected: Value '{kind}' at 'backupType' must be one of {_TYPES}")
    views = dict(call.store.backups.views(call.now))
    chosen = {arn: view for arn, view in views.items() if _chosen(view, params, kind)}
    start = params.get("ExclusiveStartBackupArn")
    first = f"{call.store.arn('---')}/backup/00000000000000-00000000"
    page, last = named_page(call.pages, sorted(chosen), start=start, limit=limit, empty_token=first)
    summaries = [_summary(chosen[arn]) for arn in page]
    return {"BackupSummaries": summaries} | ({"LastEvaluatedBackupArn": last} if last else {})


def _chosen(view: Members, params: Params, kind: str) -> bool:
    created = view["BackupCreationDateTime"]
    lower, upper = params.get("TimeRangeLowerBound"), params.get("TimeRangeUpperBound")
    return (
        kind in ("ALL", view["BackupType"])
        and ("TableName" not in params or view["SourceTableDetails"]["TableName"] == table_name(params["TableName"]))
        and (lower is None or created >= datetime.fromtimestamp(lower, UTC))
        and (upper is None or created < datetime.fromtimestamp(upper, UTC))
    )


def _backup(call: DynamoCall, arn: str) -> tuple[Record, Members]:
    record = call.store.backups.living(arn, call.now)
    view = record.view(call.now) if record else None
    if record is None or view is None:
        raise AwsError("BackupNotFoundException", f"Backup not found: {arn}")
    return record, view


def describe_backup(call: DynamoCall, params: Params) -> dict[str, Any]:
    return {"BackupDescription": _description(_backup(call, params["BackupArn"])[1])}


def delete_backup(call: DynamoCall, params: Params) -> dict[str, Any]:
    record, view = _backup(call, params["BackupArn"])
    if view["BackupStatus"] != "AVAILABLE":
        raise AwsError("BackupInUseException", f"Backup is being {view['BackupStatus'].lower()}: {view['BackupArn']}")
    record.plan(call.now, Change(call.now, gone=True))
    return {"BackupDescription": _description(view | {"BackupStatus": "DELETED"})}


OPERATIONS: dict[str, DynamoHandler] = {
    "CreateBackup": create_backup,
    "ListBackups": list_backups,
    "DescribeBackup": describe_backup,
    "DeleteBackup": delete_backup,
}
