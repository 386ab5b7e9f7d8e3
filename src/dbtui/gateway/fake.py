"""AWS in memory, for tests of everything above the gateway: models by scope and kind, scripted failures and delays.

It honours permits and read-only exactly as the real gateway does, and records every call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from dbtui.domain.failures import AwsError, DbtuiError, Failure, FailureKind, Refused
from dbtui.domain.models import (
    Backup,
    Cluster,
    ClusterSnapshot,
    Identity,
    Instance,
    InstanceSnapshot,
    ParameterGroup,
    PointInTimeRecovery,
    Resource,
    Table,
    Tags,
    TimeToLive,
)
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.domain.values import Item
from dbtui.gateway.fake_items import WRITES, FakeItems
from dbtui.gateway.operations import is_read
from dbtui.gateway.permit import Permit, check_permit
from dbtui.gateway.protocol import ItemFound, ItemPage, Notice, Page

R = TypeVar("R", bound=Resource)
S = TypeVar("S", InstanceSnapshot, ClusterSnapshot)
Reply = Mapping[str, Any]
Execute = Callable[[Scope, str, Mapping[str, Any]], Reply | Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call the fake received, in order of arrival; ``parameters`` name what was asked for."""

    target: Target
    operation: str
    parameters: Mapping[str, Any]


@dataclass(slots=True)
class _Script:
    """What happens to matching calls: ``error`` is raised, ``gate`` is waited for. ``left`` counts down, if set."""

    operation: str
    target: Target | None
    error: DbtuiError | None = None
    gate: asyncio.Event | None = None
    left: int | None = None

    def matches(self, target: Target, operation: str) -> bool:
        return self.left != 0 and self.operation in (operation, "*") and self.target in (target, None)


def _done(scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Reply:
    return {}


@dataclass
class FakeGateway:
    """Implements :class:`dbtui.gateway.protocol.Gateway`.

    ``identities`` are by target; others get ``account``. ``on_execute`` is called for every mutation that passed the
    gate, may change ``put`` models, and returns the reply (or awaits it, or raises). While it is not set, writes of
    items are carried out on what :meth:`put_items` prepared; a hook reaches them by :meth:`carry_out`.
    """

    read_only: Callable[[Scope], bool] = lambda scope: False
    account: str = "123456789012"
    page_size: int = 100
    on_execute: Execute = _done
    identities: dict[Target, Identity] = field(default_factory=dict)
    time_to_lives: dict[tuple[Target, str], TimeToLive] = field(default_factory=dict)
    recoveries: dict[tuple[Target, str], PointInTimeRecovery] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)
    calls: list[Recorded] = field(default_factory=list)
    executed: list[Recorded] = field(default_factory=list)
    forgotten: list[Target | None] = field(default_factory=list)
    closed: bool = False
    _resources: dict[ResourceRef, Resource] = field(default_factory=dict)
    _scripts: list[_Script] = field(default_factory=list)
    _listeners: list[Callable[[Notice], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._items = FakeItems(lambda target, name: next(iter(self._of(target, Table, (name,))), None))

    # What a test prepares

    def put(self, *resources: Resource) -> None:
        """Adds resources, or replaces those with the same reference."""
        for resource in resources:
            self._resources[resource.ref] = resource

    def remove(self, *refs: ResourceRef) -> None:
        """Takes resources away; unknown ones are ignored."""
        for ref in refs:
            self._resources.pop(ref, None)

    def put_items(self, target: Target, table: str, items: Iterable[Item]) -> None:
        """Adds items to a table that has been ``put``, or replaces those with the same key."""
        self._items.put(target, table, items)

    def items_of(self, target: Target, table: str) -> list[Item]:
        """Copies of a table's items, in the order of a Scan."""
        return self._items.all(target, table)

    def carry_out(self, scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Reply:
        """Writes items as DynamoDB would, past permits and scripts: for hooks, and for somebody else's change."""
        return self._items.carry_out(scope.target, operation.partition(":")[2], parameters)

    def fail(
        self, operation: str, failure: Failure | DbtuiError, target: Target | None = None, times: int | None = None
    ) -> None:
        """Makes an operation (``*``: all) fail, everywhere or at a target, so many times or until :meth:`heal`."""
        error = AwsError(failure) if isinstance(failure, Failure) else failure
        self._scripts.append(_Script(operation, target, error=error, left=times))

    def gate(self, operation: str, target: Target | None = None) -> asyncio.Event:
        """Makes an operation wait until the returned event is set. A list waits before each of its pages."""
        event = asyncio.Event()
        self._scripts.append(_Script(operation, target, gate=event))
        return event

    def heal(self) -> None:
        """Drops every scripted failure and opens every gate."""
        for script in self._scripts:
            if script.gate is not None:
                script.gate.set()
        self._scripts.clear()

    def notify(self, notice: Notice) -> None:
        """Tells every listener, as a real call would while it is retried."""
        for listener in tuple(self._listeners):
            listener(notice)

    def scope_of(self, target: Target) -> Scope:
        """What :meth:`scope` will answer, without a call."""
        who = self.identities.get(target, Identity(self.account))
        return Scope(target.profile, who.account, target.region, target.endpoint, who.alias)

    def called(self, operation: str) -> list[Recorded]:
        """The recorded calls of one operation."""
        return [call for call in self.calls if call.operation == operation]

    # Reads

    def instances(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[Instance]]:
        return self._pages(
            target, "rds:DescribeDBInstances", lambda: self._of(target, Instance, ids), {"ids": tuple(ids)}
        )

    def clusters(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[Cluster]]:
        return self._pages(
            target, "rds:DescribeDBClusters", lambda: self._of(target, Cluster, ids), {"ids": tuple(ids)}
        )

    def instance_snapshots(
        self, target: Target, *, source: str = "", ids: Sequence[str] = (), snapshot_type: str = ""
    ) -> AsyncIterator[Page[InstanceSnapshot]]:
        asked = {"source": source, "ids": tuple(ids), "snapshot_type": snapshot_type}
        return self._pages(
            target,
            "rds:DescribeDBSnapshots",
            lambda: _snapshots(self._of(target, InstanceSnapshot, ids), source, snapshot_type),
            asked,
        )

    def cluster_snapshots(
        self, target: Target, *, source: str = "", ids: Sequence[str] = (), snapshot_type: str = ""
    ) -> AsyncIterator[Page[ClusterSnapshot]]:
        asked = {"source": source, "ids": tuple(ids), "snapshot_type": snapshot_type}
        return self._pages(
            target,
            "rds:DescribeDBClusterSnapshots",
            lambda: _snapshots(self._of(target, ClusterSnapshot, ids), source, snapshot_type),
            asked,
        )

    def parameter_groups(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[ParameterGroup]]:
        asked = {"ids": tuple(ids)}
        return self._pages(
            target, "rds:DescribeDBParameterGroups", lambda: self._of(target, ParameterGroup, ids), asked
        )

    def table_names(self, target: Target) -> AsyncIterator[Page[Table]]:
        return self._pages(target, "dynamodb:ListTables", lambda: map(_named, self._of(target, Table)), {})

    def backups(self, target: Target, *, table: str = "") -> AsyncIterator[Page[Backup]]:
        def found() -> list[Backup]:
            return [backup for backup in self._of(target, Backup) if table in ("", backup.table_name)]

        return self._pages(target, "dynamodb:ListBackups", found, {"table": table})

    async def table(self, target: Target, name: str) -> Table:
        await self._arrive(target, "dynamodb:DescribeTable", {"table": name})
        for table in self._of(target, Table, (name,)):
            return msgspec.structs.replace(table, described=True, ttl=None, pitr=None, tags=())
        raise _not_found("dynamodb:DescribeTable", f"There is no table {name}.")

    async def backup(self, target: Target, arn: str) -> Backup:
        await self._arrive(target, "dynamodb:DescribeBackup", {"arn": arn})
        for backup in self._of(target, Backup):
            if backup.arn == arn:
                return backup
        raise _not_found("dynamodb:DescribeBackup", f"There is no backup {arn}.")

    async def time_to_live(self, target: Target, table: str) -> TimeToLive:
        await self._arrive(target, "dynamodb:DescribeTimeToLive", {"table": table})
        return self.time_to_lives.get((target, table), TimeToLive("DISABLED"))

    async def point_in_time_recovery(self, target: Target, table: str) -> PointInTimeRecovery:
        await self._arrive(target, "dynamodb:DescribeContinuousBackups", {"table": table})
        return self.recoveries.get((target, table), PointInTimeRecovery("DISABLED"))

    async def table_tags(self, target: Target, arn: str) -> Tags:
        await self._arrive(target, "dynamodb:ListTagsOfResource", {"arn": arn})
        return self.tags.get(arn, ())

    async def item_page(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> ItemPage:
        await self._arrive(target, f"dynamodb:{operation}", parameters)
        return self._items.page(target, operation, parameters, self.page_size)

    async def item(self, target: Target, table: str, key: Item, *, consistent: bool = True) -> ItemFound:
        asked = {"TableName": table, "Key": key, "ConsistentRead": consistent}
        await self._arrive(target, "dynamodb:GetItem", asked)
        return self._items.get(target, table, key, consistent=consistent)

    # Identity

    async def scope(self, target: Target) -> Scope:
        await self._arrive(target, "sts:GetCallerIdentity", {})
        return self.scope_of(target)

    async def identity(self, target: Target) -> Identity:
        await self._arrive(target, "sts:GetCallerIdentity", {})
        return self.identities.get(target, Identity(self.account))

    async def confirm_account(self, scope: Scope) -> None:
        await self._arrive(scope.target, "sts:GetCallerIdentity", {})
        self._require(scope)

    def caller(self, profile: str) -> str:
        """The caller ARN known for a profile, or ``""``."""
        return next((who.arn for target, who in self.identities.items() if target.profile == profile), "")

    def is_read_only(self, scope: Scope) -> bool:
        return self.read_only(scope)

    # Mutations

    async def execute(
        self, scope: Scope, operation: str, parameters: Mapping[str, Any], *, permit: Permit
    ) -> Mapping[str, Any]:
        check_permit(scope, operation, parameters, permit, read_only=self.read_only(scope))
        await self._arrive(scope.target, operation, parameters)
        if not is_read(operation):
            self._require(scope)
            self.executed.append(Recorded(scope.target, operation, dict(parameters)))
        unset = self.on_execute is _done and operation in WRITES
        reply = (self.carry_out if unset else self.on_execute)(scope, operation, parameters)
        answer = await reply if isinstance(reply, Awaitable) else reply
        return {"ResponseMetadata": {"RequestId": f"fake-{len(self.calls)}"}} | dict(answer)

    # The rest

    def subscribe(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def forget(self, target: Target | None = None) -> None:
        self.forgotten.append(target)

    async def close(self) -> None:
        self.closed = True

    def _of(self, target: Target, kind: type[R], ids: Sequence[str] = ()) -> list[R]:
        return [
            resource
            for ref, resource in self._resources.items()
            if isinstance(resource, kind) and ref.scope.target == target and (not ids or ref.id in ids)
        ]

    async def _pages(
        self, target: Target, operation: str, find: Callable[[], Iterable[R]], asked: Mapping[str, Any]
    ) -> AsyncIterator[Page[R]]:
        """Pages of ``page_size``, at least one, each a call of its own; the list is as of the first one's arrival."""
        await self._arrive(target, operation, asked)
        items = tuple(find())
        for start in range(0, max(len(items), 1), self.page_size):
            if start:
                await self._arrive(target, operation, asked)
            yield Page(items[start : start + self.page_size], last=start + self.page_size >= len(items))

    async def _arrive(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> None:
        """Records a call, then does what was scripted for it."""
        if self.closed:
            raise Refused("Refused: the connection to AWS is closed.")
        self.calls.append(Recorded(target, operation, dict(parameters)))
        for script in [script for script in self._scripts if script.matches(target, operation)]:
            if script.gate is not None:
                await script.gate.wait()
            if script.error is not None:
                script.left = None if script.left is None else script.left - 1
                raise script.error
        await asyncio.sleep(0)

    def _require(self, scope: Scope) -> None:
        now = self.scope_of(scope.target).account
        if scope.account_known and now != scope.account:
            raise Refused(f"Refused: the credentials belong to account {now}, not {scope.account}.")


def _snapshots(found: Iterable[S], source: str, snapshot_type: str) -> list[S]:
    return [s for s in found if source in ("", s.source_id) and snapshot_type in ("", s.snapshot_type)]


def _named(table: Table) -> Table:
    return Table(ref=table.ref, arn=table.arn, status="", described=False)


def _not_found(operation: str, title: str) -> AwsError:
    service = operation.partition(":")[0]
    return AwsError(
        Failure(FailureKind.NOT_FOUND, title, service=service, operation=operation, code="ResourceNotFoundException")
    )
