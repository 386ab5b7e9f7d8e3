"""A fake AWS that carries verbs out, with a clock moved by hand: what runner and tracker are tested against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from dbtui.actions.journal import Journal
from dbtui.actions.model import Plan
from dbtui.actions.registry import by_name
from dbtui.actions.runner import Runner
from dbtui.actions.tracker import Tracker
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Backup, Instance, InstanceSnapshot
from dbtui.domain.scope import ResourceRef, Scope
from dbtui.gateway.fake import FakeGateway
from dbtui.settings import Settings, policy_from
from tests.unit.actions.builders import NOW, PROD, SCOPE, instance, table

RESET = AwsError(Failure(FailureKind.UNREACHABLE, "The connection was reset."), reply_lost=True)


class World:
    """One gateway, journal, runner and tracker. ``lose_reply`` raises after the effect, ``refuse`` instead of it."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.gateway = FakeGateway(account=SCOPE.account, on_execute=self._carry_out)
        self.gateway.put(instance(), table(), instance(scope=PROD))
        self.policy = policy_from(Settings())
        self.folder = folder
        self.pauses: list[float] = []
        self.lose_reply: AwsError | None = None
        self.refuse: list[AwsError] = []
        self.journal = Journal(folder / "journal.jsonl", self.clock, self.policy)
        self.runner = Runner(self.gateway, self.journal, self.clock, pause=self._pause)

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    def tracker(self) -> Tracker:
        """A tracker as a newly started program has it."""
        return Tracker(self.gateway, self.journal, self.clock, poll_seconds=0.01)

    async def plan(self, verb: str = "snapshot", resource: Any = None, **values: Any) -> Plan:
        return await self.runner.plan(by_name(verb), resource or instance(), values)

    def snapshot(self, name: str) -> InstanceSnapshot:
        pages = self.gateway._of(SCOPE.target, InstanceSnapshot, (name,))
        return pages[0]

    def progress(self, name: str, percent: int, status: str = "creating") -> None:
        changed = msgspec.structs.replace(self.snapshot(name), percent_progress=percent, status=status)
        self.gateway.put(changed)

    def events(self) -> list[str]:
        return [record["event"] for record in self.journal.records()]

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def _carry_out(self, scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.refuse:
            raise self.refuse.pop(0)
        reply = self._effect(scope, operation, parameters)
        if self.lose_reply is not None:
            raise self.lose_reply
        return reply

    def _effect(self, scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        if operation == "rds:CreateDBSnapshot":
            name = parameters["DBSnapshotIdentifier"]
            self.gateway.put(a_snapshot(name, scope, self.now, parameters["DBInstanceIdentifier"]))
        elif operation == "rds:StopDBInstance":
            self._set_status(scope, parameters["DBInstanceIdentifier"], "stopping")
        elif operation == "dynamodb:CreateBackup":
            return {"BackupDetails": {"BackupArn": self._back_up(scope, parameters)}}
        return {}

    def _set_status(self, scope: Scope, name: str, status: str) -> None:
        found = self.gateway._of(scope.target, Instance, (name,))[0]
        self.gateway.put(msgspec.structs.replace(found, status=status))

    def _back_up(self, scope: Scope, parameters: Mapping[str, Any]) -> str:
        table_name, name = parameters["TableName"], parameters["BackupName"]
        arn = f"arn:aws:dynamodb:{scope.region}:{scope.account}:table/{table_name}/backup/0177-abc"
        self.gateway.put(
            Backup(
                ref=ResourceRef(scope, "backup", f"{table_name}/0177-abc"),
                arn=arn,
                status="CREATING",
                created_at=self.now,
                backup_name=name,
                table_name=table_name,
            )
        )
        return arn


def a_snapshot(name: str, scope: Scope, created: datetime, source: str = "orders-db") -> InstanceSnapshot:
    return InstanceSnapshot(
        ref=ResourceRef(scope, "instance-snapshot", name),
        arn=f"arn:aws:rds:{scope.region}:{scope.account}:snapshot:{name}",
        status="creating",
        created_at=created,
        source_id=source,
        snapshot_type="manual",
        percent_progress=0,
    )
