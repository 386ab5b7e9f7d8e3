"""Tables: list, describe, create, update, delete, and their tags, TTL and point-in-time recovery."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from dbtui.demo.dynamodb.shapes import building_index, index_members, kms_members, stream_members, table_members
from dbtui.demo.dynamodb.store import Table, recovery_window
from dbtui.demo.paging import named_page
from dbtui.demo.protocol.errors import AwsError, validation
from dbtui.demo.record import Change, Members, Record
from dbtui.demo.world import DynamoCall, DynamoHandler, Params

CREATE_SECONDS = 10.0
UPDATE_SECONDS = 10.0
DELETE_SECONDS = 8.0
_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
_FIRST_TABLE = "---"
"""Sorts before every table name that anybody would choose."""
_FIRST_TAG = " "


def list_tables(call: DynamoCall, params: Params) -> dict[str, Any]:
    limit = params.get("Limit", 100)
    if not isinstance(limit, int) or not 1 <= limit <= 100:
        raise validation("1 validation error detected: Value at 'limit' failed to satisfy constraint: 1 to 100")
    call.store.sweep(call.now)
    names = sorted(call.store.tables)
    start = params.get("ExclusiveStartTableName")
    page, last = named_page(call.pages, names, start=start, limit=limit, empty_token=_FIRST_TABLE)
    return {"TableNames": page} | ({"LastEvaluatedTableName": last} if last else {})


def describe_table(call: DynamoCall, params: Params) -> dict[str, Any]:
    return {"Table": call.store.table(params["TableName"], call.now)[1]}


def create_table(call: DynamoCall, params: Params) -> dict[str, Any]:
    store, now, name = call.store, call.now, params["TableName"]
    if not _NAME.fullmatch(name):
        raise validation(f"Invalid table/index name: {name}. Table names are 3 to 255 of a-z, A-Z, 0-9, _, - and .")
    _check_keys(params)
    if store.find(name, now):
        raise AwsError("ResourceInUseException", f"Table already exists: {name}")
    members = table_members(
        store,
        name,
        definitions=params["AttributeDefinitions"],
        keys=params["KeySchema"],
        created=now,
        capacity=_capacity(params),
        status="CREATING",
        generation=store.next_generation(),
        extra=_features(call, params, name),
    )
    done = now + timedelta(seconds=CREATE_SECONDS)
    table = Table(Record(members, [Change(done, {"TableStatus": "ACTIVE"})]), tags=list(params.get("Tags", [])))
    for index in params.get("GlobalSecondaryIndexes", []):
        record = Record(
            _index_of(members, index) | {"IndexStatus": "CREATING"}, [Change(done, {"IndexStatus": "ACTIVE"})]
        )
        table.indexes[index["IndexName"]] = record
    store.tables[name] = table
    return {"TableDescription": table.view(now)}


def _check_keys(params: Params) -> None:
    defined = {definition["AttributeName"] for definition in params["AttributeDefinitions"]}
    indexes = [*params.get("GlobalSecondaryIndexes", []), *params.get("LocalSecondaryIndexes", [])]
    schemas = [params["KeySchema"], *(index["KeySchema"] for index in indexes)]
    used = {part["AttributeName"] for schema in schemas for part in schema}
    if used != defined:
        raise validation(
            "One or more parameter values were invalid: the attributes in AttributeDefinitions must be those of the "
            f"keys of the table and its indexes. Keys: [{', '.join(sorted(used))}], "
            f"AttributeDefinitions: [{', '.join(sorted(defined))}]"
        )


def _capacity(params: Params) -> tuple[int, int] | None:
    throughput = params.get("ProvisionedThroughput")
    if params.get("BillingMode") == "PAY_PER_REQUEST":
        return None
    if not throughput:
        raise validation(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be "
            "specified when BillingMode is PROVISIONED"
        )
    return throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]


def _features(call: DynamoCall, params: Params, name: str) -> Members:
    extra: Members = {"DeletionProtectionEnabled": bool(params.get("DeletionProtectionEnabled", False))}
    if params.get("StreamSpecification", {}).get("StreamEnabled"):
        extra |= stream_members(call.store, name, call.now, params["StreamSpecification"]["StreamViewType"])
    if params.get("SSESpecification", {}).get("Enabled"):
        extra |= kms_members(call.store)
    if params.get("TableClass"):
        extra["TableClassSummary"] = {"TableClass": params["TableClass"]}
    if params.get("OnDemandThroughput"):
        extra["OnDemandThroughput"] = params["OnDemandThroughput"]
    if params.get("LocalSecondaryIndexes"):
        extra["LocalSecondaryIndexes"] = [
            index
            | {"IndexSizeBytes": 0, "ItemCount": 0, "IndexArn": f"{call.store.arn(name)}/index/{index['IndexName']}"}
            for index in params["LocalSecondaryIndexes"]
        ]
    return extra


def _index_of(table: Members, index: Members) -> Members:
    throughput = index.get("ProvisionedThroughput")
    capacity = (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) if throughput else None
    return index_members(
        table, index["IndexName"], index["KeySchema"], projection=index.get("Projection"), capacity=capacity
    )


def update_table(call: DynamoCall, params: Params) -> dict[str, Any]:
    table, view = call.store.table(params["TableName"], call.now)
    _require_active(view)
    patch = _update_patch(call, view, params)
    for update in params.get("GlobalSecondaryIndexUpdates", []):
        _update_index(call, table, view, update)
    done = call.now + timedelta(seconds=UPDATE_SECONDS)
    table.record.patch(call.now, {**patch, "TableStatus": "UPDATING"})
    table.record.plan(call.now, Change(done, {"TableStatus": "ACTIVE"}))
    return {"TableDescription": table.view(call.now)}


def _require_active(view: Members) -> None:
    if view["TableStatus"] != "ACTIVE":
        raise AwsError(
            "ResourceInUseException",
            f"Attempt to change a resource which is still in use: Table is being {view['TableStatus'].lower()}: "
            f"{view['TableName']}",
        )


def _update_patch(call: DynamoCall, view: Members, params: Params) -> Members:
    patch: Members = {}
    if "DeletionProtectionEnabled" in params:
        patch["DeletionProtectionEnabled"] = params["DeletionProtectionEnabled"]
    if "TableClass" in params:
        patch["TableClassSummary"] = {"TableClass": params["TableClass"], "LastUpdateDateTime": call.now}
    if "BillingMode" in params:
        patch["BillingModeSummary"] = view.get("BillingModeSummary", {}) | {"BillingMode": params["BillingMode"]}
    if params.get("BillingMode") == "PAY_PER_REQUEST":
        patch["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"] = call.now
        patch["ProvisionedThroughput"] = view["ProvisionedThroughput"] | {
            "ReadCapacityUnits": 0,
            "WriteCapacityUnits": 0,
        }
    elif "ProvisionedThroughput" in params:
        patch["ProvisionedThroughput"] = view["ProvisionedThroughput"] | params["ProvisionedThroughput"]
    if "AttributeDefinitions" in params:
        patch["AttributeDefinitions"] = params["AttributeDefinitions"]
    stream = params.get("StreamSpecification")
    if stream is not None:
        enabled = stream_members(call.store, view["TableName"], call.now, stream.get("StreamViewType", ""))
        patch |= enabled if stream["StreamEnabled"] else {"StreamSpecification": None}
    return patch


def _update_index(call: DynamoCall, table: Table, view: Members, update: Members) -> None:
    if create := update.get("Create"):
        table.indexes[create["IndexName"]] = building_index(_index_of(view, create), call.now)
    if delete := update.get("Delete"):
        index = _index(table, delete["IndexName"])
        table.data.forget_index(delete["IndexName"])
        index.patch(call.now, {"IndexStatus": "DELETING"})
        index.plan(call.now, Change(call.now + timedelta(seconds=DELETE_SECONDS), gone=True))
    if change := update.get("Update"):
        index = _index(table, change["IndexName"])
        throughput = index.members["ProvisionedThroughput"] | change.get("ProvisionedThroughput", {})
        index.patch(call.now, {"ProvisionedThroughput": throughput, "IndexStatus": "UPDATING"})
        index.plan(call.now, Change(call.now + timedelta(seconds=UPDATE_SECONDS), {"IndexStatus": "ACTIVE"}))


def _index(table: Table, name: str) -> Record:
    found = table.indexes.get(name)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Requested resource not found: Index: {name} not found")
    return found


def delete_table(call: DynamoCall, params: Params) -> dict[str, Any]:
    table, view = call.store.table(params["TableName"], call.now)
    if view["DeletionProtectionEnabled"]:
        raise validation(
            "Resource cannot be deleted as it is currently protected against deletion. "
            f"Disable deletion protection first. Table: {view['TableName']}"
        )
    if view["TableStatus"] not in ("ACTIVE", "INACCESSIBLE_ENCRYPTION_CREDENTIALS"):
        _require_active(view)
    table.record.patch(call.now, {"TableStatus": "DELETING"})
    table.record.plan(call.now, Change(call.now + timedelta(seconds=DELETE_SECONDS), gone=True))
    return {"TableDescription": table.view(call.now)}


def describe_ttl(call: DynamoCall, params: Params) -> dict[str, Any]:
    return {"TimeToLiveDescription": call.store.table(params["TableName"], call.now)[0].ttl}


def update_ttl(call: DynamoCall, params: Params) -> dict[str, Any]:
    table, _ = call.store.table(params["TableName"], call.now)
    wanted = params["TimeToLiveSpecification"]
    enabled = table.ttl["TimeToLiveStatus"] == "ENABLED"
    if wanted["Enabled"] == enabled:
        raise validation(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
    status = "ENABLED" if wanted["Enabled"] else "DISABLED"
    table.ttl = {"TimeToLiveStatus": status} | ({"AttributeName": wanted["AttributeName"]} if wanted["Enabled"] else {})
    return {"TimeToLiveSpecification": wanted}


def describe_continuous_backups(call: DynamoCall, params: Params) -> dict[str, Any]:
    try:
        table, _ = call.store.table(params["TableName"], call.now)
    except AwsError:
        raise AwsError("TableNotFoundException", f"Table not found: {params['TableName']}") from None
    return {"ContinuousBackupsDescription": _recovery(call, table)}


def _recovery(call: DynamoCall, table: Table) -> Members:
    span = recovery_window(table, call.now)
    if span is None:
        return {
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
        }
    return {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": {
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": table.recovery_days,
            "EarliestRestorableDateTime": span[0],
            "LatestRestorableDateTime": span[1],
        },
    }


def update_continuous_backups(call: DynamoCall, params: Params) -> dict[str, Any]:
    table, _ = call.store.table(params["TableName"], call.now)
    wanted = params["PointInTimeRecoverySpecification"]
    days = wanted.get("RecoveryPeriodInDays", 35)
    if not 1 <= days <= 35:
        raise validation("RecoveryPeriodInDays must be between 1 and 35")
    if not wanted["PointInTimeRecoveryEnabled"]:
        table.recovery_days = table.recovery_since = None
    else:
        table.recovery_since = table.recovery_since or call.now
        table.recovery_days = days
    return {"ContinuousBackupsDescription": _recovery(call, table)}


def list_tags(call: DynamoCall, params: Params) -> dict[str, Any]:
    """ListTagsOfResource: ten tags a page."""
    table, _ = call.store.table(params["ResourceArn"], call.now)
    tags = {tag["Key"]: tag for tag in table.tags}
    start = params.get("NextToken")
    page, last = named_page(call.pages, sorted(tags), start=start, limit=10, empty_token=_FIRST_TAG)
    return {"Tags": [tags[key] for key in page]} | ({"NextToken": last} if last else {})


def tag_resource(call: DynamoCall, params: Params) -> dict[str, Any]:
    table, _ = call.store.table(params["ResourceArn"], call.now)
    tags = {tag["Key"]: tag["Value"] for tag in [*table.tags, *params["Tags"]]}
    table.tags = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {}


def untag_resource(call: DynamoCall, params: Params) -> dict[str, Any]:
    table, _ = call.store.table(params["ResourceArn"], call.now)
    table.tags = [tag for tag in table.tags if tag["Key"] not in params["TagKeys"]]
    return {}


OPERATIONS: dict[str, DynamoHandler] = {
    "ListTables": list_tables,
    "DescribeTable": describe_table,
    "CreateTable": create_table,
    "UpdateTable": update_table,
    "DeleteTable": delete_table,
    "DescribeTimeToLive": describe_ttl,
    "UpdateTimeToLive": update_ttl,
    "DescribeContinuousBackups": describe_continuous_backups,
    "UpdateContinuousBackups": update_continuous_backups,
    "ListTagsOfResource": list_tags,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
}
