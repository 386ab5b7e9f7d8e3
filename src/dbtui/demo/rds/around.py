"""What surrounds the databases: tags, events, parameter and subnet groups, maintenance, certificates, quotas."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dbtui.demo.paging import marker_page
from dbtui.demo.protocol.errors import AwsError, invalid_parameter
from dbtui.demo.rds.shapes import CA, CA_EXPIRES
from dbtui.demo.rds.snapshots import MANUAL_QUOTA
from dbtui.demo.rds.store import Event, name_of
from dbtui.demo.record import Members, Record
from dbtui.demo.world import Params, RdsCall, RdsHandler

_LONGEST_EVENTS = timedelta(days=14)


def _tagged(call: RdsCall, arn: str) -> Record:
    parts = arn.split(":", 6)
    if len(parts) != 7 or parts[2] != "rds":
        raise invalid_parameter(f"The specified resource name does not match an RDS resource in this region: {arn}")
    kind, name = parts[5], parts[6].lower()
    finders = {
        "db": call.store.instance,
        "cluster": call.store.cluster,
        "snapshot": call.store.snapshot,
        "cluster-snapshot": call.store.cluster_snapshot,
    }
    if kind not in finders or parts[3:5] != [call.store.region, call.store.account]:
        raise invalid_parameter(f"The specified resource name does not match an RDS resource in this region: {arn}")
    return finders[kind](name, call.now)[0]


def _tags(record: Record, call: RdsCall) -> list[dict[str, str]]:
    view = record.view(call.now)
    return list(view["TagList"]) if view else []


def list_tags(call: RdsCall, params: Params) -> dict[str, Any]:
    return {"TagList": _tags(_tagged(call, params["ResourceName"]), call)}


def add_tags(call: RdsCall, params: Params) -> dict[str, Any]:
    record = _tagged(call, params["ResourceName"])
    tags = {tag["Key"]: tag.get("Value", "") for tag in [*_tags(record, call), *params["Tags"]]}
    if len(tags) > 50:
        raise invalid_parameter("The number of tags exceeds the limit of 50.")
    record.patch(call.now, {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]})
    return {}


def remove_tags(call: RdsCall, params: Params) -> dict[str, Any]:
    record = _tagged(call, params["ResourceName"])
    left = [tag for tag in _tags(record, call) if tag["Key"] not in params["TagKeys"]]
    record.patch(call.now, {"TagList": left})
    return {}


def describe_events(call: RdsCall, params: Params) -> dict[str, Any]:
    """The last hour unless StartTime or Duration (minutes) says otherwise; never more than 14 days."""
    end = _utc(params.get("EndTime")) or call.now
    start = _utc(params.get("StartTime")) or end - timedelta(minutes=params.get("Duration", 60))
    start = max(start, call.now - _LONGEST_EVENTS)
    if params.get("SourceIdentifier") and not params.get("SourceType"):
        raise AwsError("InvalidParameterCombination", "SourceType must be given with SourceIdentifier")
    chosen = [
        event
        for event in call.store.events
        if start <= event.date <= min(end, call.now)
        and params.get("SourceType") in (None, event.source_type)
        and (params.get("SourceIdentifier") is None or name_of(params["SourceIdentifier"]) == event.source)
        and (not params.get("EventCategories") or set(params["EventCategories"]) & set(event.categories))
    ]
    chosen.sort(key=lambda event: event.date)
    rows = [(f"{event.date.timestamp():020.6f} {number:06d}", _event(event)) for number, event in enumerate(chosen)]
    page, marker = marker_page(call.pages, "DescribeEvents", rows, params)
    return {"Events": page, "Marker": marker}


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _event(event: Event) -> Members:
    return {
        "SourceIdentifier": event.source,
        "SourceType": event.source_type,
        "Message": event.message,
        "EventCategories": list(event.categories),
        "Date": event.date,
        "SourceArn": event.arn,
    }


def _named_list(
    call: RdsCall, params: Params, groups: dict[str, Members], key: str, missing: AwsError
) -> dict[str, Any]:
    """A list of plain records by name, with AWS's not-found error for a name that is not there."""
    operation, member = call.operation, key
    name = params.get(member)
    if name and name.lower() not in groups:
        raise missing
    rows = [(group, groups[group]) for group in sorted(groups) if name is None or group == name.lower()]
    page, marker = marker_page(call.pages, operation, rows, params)
    return {"page": page, "Marker": marker}


def describe_db_parameter_groups(call: RdsCall, params: Params) -> dict[str, Any]:
    missing = AwsError(
        "DBParameterGroupNotFound", f"DBParameterGroup not found: {params.get('DBParameterGroupName')}", 404
    )
    found = _named_list(call, params, call.store.parameter_groups, "DBParameterGroupName", missing)
    return {"DBParameterGroups": found["page"], "Marker": found["Marker"]}


def describe_db_cluster_parameter_groups(call: RdsCall, params: Params) -> dict[str, Any]:
    name = params.get("DBClusterParameterGroupName")
    missing = AwsError("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}", 404)
    groups = call.store.cluster_parameter_groups
    found = _named_list(call, params, groups, "DBClusterParameterGroupName", missing)
    return {"DBClusterParameterGroups": found["page"], "Marker": found["Marker"]}


def describe_db_subnet_groups(call: RdsCall, params: Params) -> dict[str, Any]:
    missing = AwsError(
        "DBSubnetGroupNotFoundFault", f"DB subnet group '{params.get('DBSubnetGroupName')}' does not exist.", 404
    )
    found = _named_list(call, params, call.store.subnet_groups, "DBSubnetGroupName", missing)
    return {"DBSubnetGroups": found["page"], "Marker": found["Marker"]}


def describe_pending_maintenance_actions(call: RdsCall, params: Params) -> dict[str, Any]:
    wanted = params.get("ResourceIdentifier")
    rows = [
        (arn, {"ResourceIdentifier": arn, "PendingMaintenanceActionDetails": actions})
        for arn, actions in sorted(call.store.maintenance.items())
        if wanted in (None, arn)
    ]
    page, marker = marker_page(call.pages, "DescribePendingMaintenanceActions", rows, params)
    return {"PendingMaintenanceActions": page, "Marker": marker}


def describe_certificates(call: RdsCall, params: Params) -> dict[str, Any]:
    certificate = {
        "CertificateIdentifier": CA,
        "CertificateType": "CA",
        "Thumbprint": "8b" * 20,
        "ValidFrom": datetime(2021, 5, 25, 21, 59, 28, tzinfo=UTC),
        "ValidTill": CA_EXPIRES,
        "CertificateArn": f"arn:aws:rds:{call.store.region}::cert:{CA}",
        "CustomerOverride": False,
    }
    page, marker = marker_page(call.pages, "DescribeCertificates", [(CA, certificate)], params)
    return {"Certificates": page, "Marker": marker, "DefaultCertificateForNewLaunches": CA}


def describe_account_attributes(call: RdsCall, _: Params) -> dict[str, Any]:
    store, now = call.store, call.now
    manual = sum(1 for _, view in store.snapshots.views(now) if view["SnapshotType"] == "manual")
    clusters = sum(1 for _, view in store.cluster_snapshots.views(now) if view["SnapshotType"] == "manual")
    instances = store.instances.views(now)
    storage = sum(view["AllocatedStorage"] for _, view in instances)
    used = [
        ("DBInstances", len(instances), 40),
        ("AllocatedStorage", storage, 100_000),
        ("ManualSnapshots", manual, MANUAL_QUOTA),
        ("ManualClusterSnapshots", clusters, MANUAL_QUOTA),
        ("DBClusters", len(store.clusters.views(now)), 40),
        ("DBParameterGroups", len(store.parameter_groups), 50),
        ("DBSubnetGroups", len(store.subnet_groups), 50),
    ]
    return {"AccountQuotas": [{"AccountQuotaName": name, "Used": count, "Max": top} for name, count, top in used]}


OPERATIONS: dict[str, RdsHandler] = {
    "ListTagsForResource": list_tags,
    "AddTagsToResource": add_tags,
    "RemoveTagsFromResource": remove_tags,
    "DescribeEvents": describe_events,
    "DescribeDBParameterGroups": describe_db_parameter_groups,
    "DescribeDBClusterParameterGroups": describe_db_cluster_parameter_groups,
    "DescribeDBSubnetGroups": describe_db_subnet_groups,
    "DescribePendingMaintenanceActions": describe_pending_maintenance_actions,
    "DescribeCertificates": describe_certificates,
    "DescribeAccountAttributes": describe_account_attributes,
}
