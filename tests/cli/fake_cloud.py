"""A small AWS in memory for the commands: resources in two regions, faults on demand, snapshots that take time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import (
    Backup,
    Cluster,
    Instance,
    InstanceSnapshot,
    KeyPart,
    PointInTimeRecovery,
    Table,
    TimeToLive,
)
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.gateway.fake import FakeGateway, R
from dbtui.gateway.fake_items import WRITES

NOW = datetime(2026, 11, 23, 9, 15, 7, tzinfo=UTC)
BORN = datetime(2026, 10, 12, 4, 10, tzinfo=UTC)
ACCOUNT = "111122223333"
DEV = Target("dev", "eu-west-1")
DEV_US = Target("dev", "us-east-1")
PROD = Target("prod", "eu-west-1")


def scope_of(target: Target) -> Scope:
    return Scope(target.profile, ACCOUNT, target.region, target.endpoint)


def instance(target: Target, name: str, status: str = "available", **more: Any) -> Instance:
    arn = f"arn:aws:rds:{target.region}:{ACCOUNT}:db:{name}"
    values = {"engine": "postgres", "engine_version": "16.3", "instance_class": "db.m7g.large", "allocated_gib": 200}
    return Instance(
        ref=ResourceRef(scope_of(target), "instance", name),
        arn=arn,
        status=status,
        created_at=BORN,
        resource_id=f"db-{name}",
        raw={"DBInstanceIdentifier": name, "InstanceCreateTime": BORN, "NewMember": b"\x00\x01"},
        **{**values, **more},
    )


def cluster(target: Target, name: str, status: str = "available", **more: Any) -> Cluster:
    return Cluster(
        ref=ResourceRef(scope_of(target), "cluster", name),
        arn=f"arn:aws:rds:{target.region}:{ACCOUNT}:cluster:{name}",
        status=status,
        created_at=BORN,
        resource_id=f"cluster-{name}",
        engine="aurora-postgresql",
        **more,
    )


def table(target: Target, name: str, status: str = "ACTIVE") -> Table:
    return Table(
        ref=ResourceRef(scope_of(target), "table", name),
        arn=f"arn:aws:dynamodb:{target.region}:{ACCOUNT}:table/{name}",
        status=status,
        created_at=BORN,
        table_id=f"id-{name}",
        keys=(KeyPart("pk", "HASH", "S"),),
        item_count=1240,
        size_bytes=4096,
    )


def backup(target: Target, source: str, backup_id: str, name: str) -> Backup:
    return Backup(
        ref=ResourceRef(scope_of(target), "backup", f"{source}/{backup_id}"),
        arn=f"arn:aws:dynamodb:{target.region}:{ACCOUNT}:table/{source}/backup/{backup_id}",
        status="AVAILABLE",
        created_at=BORN,
        backup_name=name,
        table_name=source,
    )


Look = str | None | AwsError
"""What one read of a resource sees: a status, nothing, or an error."""


class FakeCloud(FakeGateway):
    """The fake gateway with a company in it. ``script`` gives what each read of a resource sees; the last stays."""

    def __init__(self, *, read_only: bool = False) -> None:
        super().__init__(read_only=lambda scope: read_only, account=ACCOUNT, page_size=2, on_execute=self._carry_out)
        self.script: dict[str, list[Look]] = {}
        self.before_execute: Callable[[str], None] = lambda operation: None
        self.execute_seconds = 0.0

    def add_table(self, table: Table) -> None:
        self.put(table)
        key = (table.ref.scope.target, table.id)
        self.time_to_lives[key] = TimeToLive("ENABLED", "expires")
        self.recoveries[key] = PointInTimeRecovery("ENABLED", 35)
        self.tags[table.arn] = (("team", "shop"),)

    def break_(self, target: Target, operation: str, kind: FailureKind, title: str = "it failed", **more: str) -> None:
        """Makes an operation fail at a target from now on."""
        self.fail(operation, Failure(kind, title, operation=operation, **more), target)

    @property
    def sent(self) -> list[tuple[str, str, dict[str, Any]]]:
        """(scope, operation, parameters) of every mutation that was carried out."""
        return [(call.target.label, call.operation, dict(call.parameters)) for call in self.executed]

    @property
    def read(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(call.operation for call in self.calls)

    def _of(self, target: Target, kind: type[R], ids: Sequence[str] = ()) -> list[R]:
        seen = (self._seen(resource) for resource in super()._of(target, kind, ids))
        return [resource for resource in seen if resource is not None]

    def _seen(self, resource: R) -> R | None:
        """The resource as this read sees it: its script moves on by one."""
        script = self.script.get(resource.id)
        if not script:
            return resource
        look = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(look, AwsError):
            raise look
        return None if look is None else msgspec.structs.replace(resource, status=look)

    async def _carry_out(self, scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.before_execute(operation)
        await asyncio.sleep(self.execute_seconds)
        if operation in WRITES:
            return {
                "ResponseMetadata": {"RequestId": f"req-{len(self.executed)}"},
                **self.carry_out(scope, operation, parameters),
            }
        reply: dict[str, Any] = {"ResponseMetadata": {"RequestId": f"req-{len(self.executed)}"}}
        if operation == "rds:CreateDBSnapshot":
            self._add_snapshot(scope, parameters)
        if operation == "dynamodb:CreateBackup":
            made = backup(scope.target, parameters["TableName"], "017-abc", parameters["BackupName"])
            self.put(msgspec.structs.replace(made, created_at=NOW))
            reply["BackupDetails"] = {"BackupArn": made.arn}
        return reply

    def _add_snapshot(self, scope: Scope, parameters: Mapping[str, Any]) -> None:
        name = parameters["DBSnapshotIdentifier"]
        made = InstanceSnapshot(
            ref=ResourceRef(scope, "instance-snapshot", name),
            arn=f"arn:aws:rds:{scope.region}:{ACCOUNT}:snapshot:{name}",
            status="creating",
            created_at=NOW,
            source_id=parameters["DBInstanceIdentifier"],
            snapshot_type="manual",
            percent_progress=42,
        )
        self.put(made)
        self.script.setdefault(name, self.script.get("new snapshot", ["creating", "available"]))
