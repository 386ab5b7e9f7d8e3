"""AWS as the rest of dbtui sees it: implements :class:`dbtui.gateway.protocol.Gateway`.

Importing this module is cheap; the SDK is imported in a thread at the first call.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from dbtui.aws import dynamodb, items, rds
from dbtui.aws.fields import part, tags
from dbtui.aws.flights import Flights
from dbtui.aws.identity import Identities
from dbtui.aws.limits import Timeouts
from dbtui.aws.memory import Refusals
from dbtui.aws.pages import (
    BACKUPS,
    CLUSTER_SNAPSHOTS,
    CLUSTERS,
    INSTANCE_SNAPSHOTS,
    INSTANCES,
    PARAMETER_GROUPS,
    TABLES,
    TAGS,
    Listing,
    pages,
)
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.models import (
    Backup,
    Cluster,
    ClusterSnapshot,
    Identity,
    Instance,
    InstanceSnapshot,
    ParameterGroup,
    PointInTimeRecovery,
    Table,
    Tags,
    TimeToLive,
)
from dbtui.domain.scope import Scope, Target
from dbtui.domain.values import Item
from dbtui.gateway.operations import is_read
from dbtui.gateway.permit import Permit, check_permit
from dbtui.gateway.protocol import ItemFound, ItemPage, Notice, Page

if TYPE_CHECKING:
    from dbtui.aws.credentials import MfaPrompt
    from dbtui.aws.transport import Transport

M = TypeVar("M")
Convert = Callable[[Scope, Any], M]


CONVERT_AT_ONCE = 25
"""Rows of a page made into models in one go: about three milliseconds of full instances."""


class AwsGateway:
    """Typed reads, identities, and :meth:`execute`, over one client per service and target."""

    def __init__(
        self,
        *,
        read_only: Callable[[Scope], bool],
        want_alias: bool = False,
        mfa_prompt: MfaPrompt | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """``want_alias``: scopes carry the account alias, for which the first rows may wait two seconds.
        ``mfa_prompt``: asked for a code when an assumed role wants one; without it such profiles fail."""
        self._read_only = read_only
        self._mfa_prompt = mfa_prompt
        self._timeouts = timeouts or Timeouts()
        self._listeners: list[Callable[[Notice], None]] = []
        self._refusals = Refusals()
        self._loading: Flights[str, Transport] = Flights()
        self._identities = Identities(self, self._timeouts, self._tell, want_alias=want_alias)
        self._closed = False

    # Reads

    def instances(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[Instance]]:
        return self._list(target, INSTANCES, {}, rds.instance, ids)

    def clusters(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[Cluster]]:
        return self._list(target, CLUSTERS, {}, rds.cluster, ids)

    def instance_snapshots(
        self, target: Target, *, source: str = "", ids: Sequence[str] = (), snapshot_type: str = ""
    ) -> AsyncIterator[Page[InstanceSnapshot]]:
        wanted = _given(DBInstanceIdentifier=source, SnapshotType=snapshot_type)
        return self._list(target, INSTANCE_SNAPSHOTS, wanted, rds.instance_snapshot, ids)

    def cluster_snapshots(
        self, target: Target, *, source: str = "", ids: Sequence[str] = (), snapshot_type: str = ""
    ) -> AsyncIterator[Page[ClusterSnapshot]]:
        wanted = _given(DBClusterIdentifier=source, SnapshotType=snapshot_type)
        return self._list(target, CLUSTER_SNAPSHOTS, wanted, rds.cluster_snapshot, ids)

    async def parameter_groups(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[ParameterGroup]]:
        if not ids:
            async for page in self._list(target, PARAMETER_GROUPS, {}, rds.parameter_group):
                yield page
            return
        for name in ids:  # this operation has no filters: one name a call
            groups = await self._named_parameter_group(target, name)
            yield Page(groups, last=name == ids[-1])

    async def table_names(self, target: Target) -> AsyncIterator[Page[Table]]:
        async for page in self._list(target, TABLES, {}, dynamodb.named_table):
            yield page

    async def backups(self, target: Target, *, table: str = "") -> AsyncIterator[Page[Backup]]:
        wanted = _given(TableName=table, BackupType="ALL")
        async for page in self._list(target, BACKUPS, wanted, dynamodb.listed_backup):
            yield page

    async def table(self, target: Target, name: str) -> Table:
        scope, reply = await self._describe(target, "dynamodb:DescribeTable", {"TableName": name})
        return dynamodb.table(scope, dict(part(reply, "Table")))

    async def backup(self, target: Target, arn: str) -> Backup:
        scope, reply = await self._describe(target, "dynamodb:DescribeBackup", {"BackupArn": arn})
        return dynamodb.described_backup(scope, dict(part(reply, "BackupDescription")))

    async def time_to_live(self, target: Target, table: str) -> TimeToLive:
        return dynamodb.time_to_live(await self._read(target, "dynamodb:DescribeTimeToLive", {"TableName": table}))

    async def point_in_time_recovery(self, target: Target, table: str) -> PointInTimeRecovery:
        reply = await self._read(target, "dynamodb:DescribeContinuousBackups", {"TableName": table})
        return dynamodb.point_in_time_recovery(reply)

    async def table_tags(self, target: Target, arn: str) -> Tags:
        found: list[Any] = []
        async for entries, _ in pages(self._reader(target), TAGS, {"ResourceArn": arn}):
            found += entries
        return tags({"Tags": found}, "Tags")

    async def item_page(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> ItemPage:
        asked = {"ReturnConsumedCapacity": "TOTAL", **parameters}
        reply = await self._checked(
            target, f"dynamodb:{operation}", asked, lambda transport: transport.page(target, operation, asked)
        )
        return items.item_page(operation, asked, reply)

    async def item(self, target: Target, table: str, key: Item, *, consistent: bool = True) -> ItemFound:
        asked = {"TableName": table, "Key": key, "ConsistentRead": consistent, "ReturnConsumedCapacity": "TOTAL"}
        return items.item_found(await self._read(target, "dynamodb:GetItem", asked))

    # Identity

    async def scope(self, target: Target) -> Scope:
        who = await self.identity(target)
        return Scope(target.profile, who.account, target.region, target.endpoint, who.alias)

    async def identity(self, target: Target) -> Identity:
        return await self._identities.identity(target)

    async def confirm_account(self, scope: Scope) -> None:
        await self._identities.confirm(scope)

    def caller(self, profile: str) -> str:
        """The caller ARN last read for a profile, for the journal; ``""`` while unknown."""
        return self._identities.caller(profile)

    def is_read_only(self, scope: Scope) -> bool:
        return self._read_only(scope)

    # Mutations

    async def execute(
        self, scope: Scope, operation: str, parameters: Mapping[str, Any], *, permit: Permit
    ) -> Mapping[str, Any]:
        check_permit(scope, operation, parameters, permit, read_only=self._read_only(scope))
        if is_read(operation):
            return await self._read(scope.target, operation, parameters)
        transport = await self._transport()
        await self._identities.check(scope.target)
        await self._identities.require(scope)
        return await transport.mutate(scope.target, operation, parameters)

    # The rest

    def subscribe(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def forget(self, target: Target | None = None) -> None:
        """Asks again what was refused: denied reads, unavailable operations, unknown accounts, MFA codes. For a
        refresh by the user; ``None`` means everywhere."""
        self._refusals.forget(target)
        self._identities.forget_unknown(target)
        transport = self._loading.result("transport")
        if transport is not None:
            transport.ask_again(None if target is None else target.profile)

    def endpoint_in_force(self, target: Target, service: str) -> str:
        """The custom endpoint a service is asked at, ``""`` for AWS's own. Known once the target has been used."""
        transport = self._loading.result("transport")
        return target.endpoint if transport is None else transport.endpoint_in_force(target, service)

    async def close(self) -> None:
        self._closed = True
        await self._identities.close()
        transport = self._loading.result("transport")
        await self._loading.close()
        if transport is not None:
            await transport.close()

    # Asker, for Identities

    async def ask(self, target: Target, operation: str) -> dict[str, Any]:
        """Sends a read without parameters."""
        transport = await self._transport()
        return await transport.read(target, operation, {})

    async def fingerprint(self, target: Target) -> int:
        """A number that changes with the target's credentials."""
        transport = await self._transport()
        return await transport.fingerprint(target)

    def at_custom_endpoint(self, target: Target) -> bool:
        """Whether STS is asked somewhere else than at AWS."""
        return bool(self.endpoint_in_force(target, "sts"))

    async def _list(
        self,
        target: Target,
        listing: Listing,
        parameters: Mapping[str, Any],
        convert: Convert[M],
        ids: Sequence[str] = (),
    ) -> AsyncIterator[Page[M]]:
        """Pages as models. The first page and the identity are asked for at the same time."""
        scoping = asyncio.create_task(self.scope(target))
        try:
            async for entries, last in pages(self._reader(target), listing, parameters, ids):
                scope = await scoping
                yield Page(await _converted(scope, entries, convert), last)
        finally:
            await _let_go(scoping)

    async def _describe(
        self, target: Target, operation: str, parameters: Mapping[str, Any]
    ) -> tuple[Scope, dict[str, Any]]:
        scoping = asyncio.create_task(self.scope(target))
        try:
            reply = await self._read(target, operation, parameters)
            return await scoping, reply
        finally:
            await _let_go(scoping)

    async def _named_parameter_group(self, target: Target, name: str) -> tuple[ParameterGroup, ...]:
        try:
            found = [
                page
                async for page in self._list(
                    target, PARAMETER_GROUPS, {"DBParameterGroupName": name}, rds.parameter_group
                )
            ]
        except AwsError as error:
            if error.failure.kind is not FailureKind.NOT_FOUND:
                raise
            return ()
        return tuple(group for page in found for group in page.items)

    def _reader(self, target: Target) -> Callable[[str, Mapping[str, Any]], Awaitable[Mapping[str, Any]]]:
        return lambda operation, parameters: self._read(target, operation, parameters)

    async def _read(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        return await self._checked(
            target, operation, parameters, lambda transport: transport.read(target, operation, parameters)
        )

    async def _checked(
        self,
        target: Target,
        operation: str,
        parameters: Mapping[str, Any],
        send: Callable[[Transport], Awaitable[dict[str, Any]]],
    ) -> dict[str, Any]:
        """The one way every read goes: only listed reads, nothing that was already refused, the right account."""
        if not is_read(operation):
            raise Refused(f"{operation} refused: it is not a read", hint="Every change goes through a plan.")
        self._refusals.check(target, operation, parameters)
        transport = await self._transport()
        await self._identities.check(target)
        try:
            return await send(transport)
        except AwsError as error:
            self._refusals.note(target, operation, parameters, error.failure)
            raise

    async def _transport(self) -> Transport:
        if self._closed:
            raise Refused("Refused: the connection to AWS is closed.")

        async def load() -> Transport:
            transport = await asyncio.to_thread(_import_transport)
            return transport(self._timeouts, self._tell, self._mfa_prompt)

        return await self._loading.get("transport", load)

    def _tell(self, notice: Notice) -> None:
        for listener in tuple(self._listeners):
            listener(notice)


def _import_transport() -> type[Transport]:
    """Imports the SDK (0.3 s); run it in a thread."""
    from dbtui.aws.transport import Transport

    return Transport


async def _converted(scope: Scope, entries: Sequence[Any], convert: Convert[M]) -> tuple[M, ...]:
    """The models of a page, made a few at a time so that the loop can look at other things in between."""
    models: list[M] = []
    for start in range(0, len(entries), CONVERT_AT_ONCE):
        models += [convert(scope, raw) for raw in entries[start : start + CONVERT_AT_ONCE]]
        await asyncio.sleep(0)
    return tuple(models)


def _given(**parameters: str) -> dict[str, str]:
    """The parameters that have a value."""
    return {name: value for name, value in parameters.items() if value}


async def _let_go(task: asyncio.Task[Any]) -> None:
    """Ends a task nobody waits for any more, and takes note of its outcome."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
