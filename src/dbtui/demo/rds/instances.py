"""Reading instances: DescribeDBInstances and what hangs on an instance."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dbtui.demo.paging import marker_page
from dbtui.demo.rds.shapes import CERTIFICATE_LIFE
from dbtui.demo.rds.store import RdsStore, matches_filters, name_of
from dbtui.demo.record import Members
from dbtui.demo.world import Params, RdsCall, RdsHandler

_FILTERS = {
    "db-instance-id": "DBInstanceIdentifier",
    "db-cluster-id": "DBClusterIdentifier",
    "dbi-resource-id": "DbiResourceId",
    "engine": "Engine",
}
_NO_RESTORE = {"creating", "stopped", "failed", "incompatible-restore", "incompatible-network"}


def instance_view(view: Members, now: datetime) -> Members:
    """Add what moves by itself: transaction logs are shipped every five minutes, so restores reach to about then."""
    view["CertificateDetails"] = _renewed(view["CertificateDetails"], now)
    backed_up = view.get("BackupRetentionPeriod", 0) > 0 and not view.get("DBClusterIdentifier")
    if backed_up and view["DBInstanceStatus"] not in _NO_RESTORE:
        moment = now - timedelta(minutes=5)
        view["LatestRestorableTime"] = max(moment.replace(microsecond=0), view["InstanceCreateTime"])
    return view


def _renewed(certificate: Members, now: datetime) -> Members:
    """Server certificates last a year and are renewed by RDS itself."""
    expires: datetime = certificate["ValidTill"]
    if expires > now:
        return certificate
    return certificate | {"ValidTill": expires + ((now - expires) // CERTIFICATE_LIFE + 1) * CERTIFICATE_LIFE}


def live_instances(store: RdsStore, now: datetime) -> list[tuple[str, Members]]:
    return [(name, instance_view(view, now)) for name, view in store.instances.views(now)]


def describe_db_instances(call: RdsCall, params: Params) -> dict[str, Any]:
    name = params.get("DBInstanceIdentifier")
    rows = live_instances(call.store, call.now)
    if name:
        rows = [(name_of(name), instance_view(call.store.instance(name, call.now)[1], call.now))]
    rows = [row for row in rows if matches_filters(row[1], params.get("Filters", []), _FILTERS)]
    page, marker = marker_page(call.pages, "DescribeDBInstances", rows, params)
    return {"DBInstances": page, "Marker": marker}


def describe_automated_backups(call: RdsCall, params: Params) -> dict[str, Any]:
    """DescribeDBInstanceAutomatedBackups: one row for every instance that keeps backups."""
    wanted_name, wanted_resource = params.get("DBInstanceIdentifier"), params.get("DbiResourceId")
    rows = [
        (name, _automated_backup(call, view))
        for name, view in live_instances(call.store, call.now)
        if view.get("BackupRetentionPeriod", 0) > 0
        and not view.get("DBClusterIdentifier")
        and wanted_name in (None, name)
        and wanted_resource in (None, view["DbiResourceId"])
    ]
    page, marker = marker_page(call.pages, "DescribeDBInstanceAutomatedBackups", rows, params)
    return {"DBInstanceAutomatedBackups": page, "Marker": marker}


def _automated_backup(call: RdsCall, view: Members) -> Members:
    copied = (
        "DBInstanceArn",
        "DbiResourceId",
        "DBInstanceIdentifier",
        "AllocatedStorage",
        "AvailabilityZone",
        "InstanceCreateTime",
        "MasterUsername",
        "Engine",
        "EngineVersion",
        "LicenseModel",
        "Iops",
        "StorageThroughput",
        "StorageType",
        "KmsKeyId",
        "IAMDatabaseAuthenticationEnabled",
        "BackupRetentionPeriod",
        "BackupTarget",
        "DedicatedLogVolume",
    )
    home = call.store.home
    earliest = max(view["InstanceCreateTime"], call.now - timedelta(days=view["BackupRetentionPeriod"]))
    latest = view.get("LatestRestorableTime", earliest)
    return {key: view[key] for key in copied if key in view} | {
        "Region": home.region,
        "RestoreWindow": {"EarliestTime": earliest, "LatestTime": latest},
        "Status": "creating" if view["DBInstanceStatus"] == "creating" else "active",
        "Port": view.get("Endpoint", {}).get("Port"),
        "VpcId": home.vpc,
        "OptionGroupName": view["OptionGroupMemberships"][0]["OptionGroupName"],
        "Encrypted": view["StorageEncrypted"],
        "DBInstanceAutomatedBackupsArn": home.arn("auto-backup", "ab-" + view["DbiResourceId"][3:].lower()),
    }


OPERATIONS: dict[str, RdsHandler] = {
    "DescribeDBInstances": describe_db_instances,
    "DescribeDBInstanceAutomatedBackups": describe_automated_backups,
}
