"""What the rest of dbtui sees of AWS.

Reads are typed, one method per kind; a list is an async iterator of pages that follows every page AWS has. Mutations
go through :meth:`Gateway.execute` alone. Every failure is an :class:`~dbtui.domain.failures.AwsError` (AWS, network,
credentials) or :class:`~dbtui.domain.failures.Refused` (our own gate); cancellation passes through untouched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import msgspec

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
from dbtui.gateway.permit import Permit

if TYPE_CHECKING:
    from dbtui.domain.values import Item

M_co = TypeVar("M_co", covariant=True)


class Page(msgspec.Struct, Generic[M_co], frozen=True):
    """One page of a list, perhaps empty. ``last`` is true when AWS says that nothing follows."""

    items: tuple[M_co, ...]
    last: bool


class ItemPage(msgspec.Struct, frozen=True):
    """One page of a Scan or Query, perhaps empty although more follow.

    ``items`` are the items' own wire bytes, undecoded, perhaps not even cut apart before one is looked at; see
    :func:`dbtui.gateway.raw_items.wire_bytes` for their size. ``scanned`` counts what AWS evaluated, before any filter.
    ``last_key`` goes back verbatim as ExclusiveStartKey (B and BS are ``bytes``); ``None`` means that nothing follows.
    ``units`` are the read capacity units of the page, ``None`` where the endpoint does not tell.
    """

    items: Sequence[msgspec.Raw]
    scanned: int
    last_key: Item | None
    units: float | None


class ItemFound(msgspec.Struct, frozen=True):
    """The answer of a GetItem: ``item`` is ``None`` when there is none; ``units`` as in :class:`ItemPage`."""

    item: Item | None
    units: float | None


class Notice(msgspec.Struct, frozen=True):
    """What a user should see while a call goes on: ``kind`` is throttled, retrying or identity-changed."""

    kind: str
    target: Target
    operation: str = ""
    attempt: int = 0
    delay: float = 0.0
    text: str = ""


class Reads(Protocol):
    """Typed reads. A method that takes ``ids`` asks AWS for just those (a filter), in as few calls as it allows."""

    def instances(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[Instance]]:
        """DescribeDBInstances, which also returns Neptune and DocumentDB instances. Unknown ids are simply absent."""
        ...

    def clusters(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[Cluster]]:
        """DescribeDBClusters."""
        ...

    def instance_snapshots(
        self, target: Target, *, source: str = "", ids: Sequence[str] = (), snapshot_type: str = ""
    ) -> AsyncIterator[Page[InstanceSnapshot]]:
        """DescribeDBSnapshots: automated and manual, of one instance if ``source`` is given."""
        ...

    def cluster_snapshots(
        self, target: Target, *, source: str = "", ids: Sequence[str] = (), snapshot_type: str = ""
    ) -> AsyncIterator[Page[ClusterSnapshot]]:
        """DescribeDBClusterSnapshots."""
        ...

    def parameter_groups(self, target: Target, ids: Sequence[str] = ()) -> AsyncIterator[Page[ParameterGroup]]:
        """DescribeDBParameterGroups."""
        ...

    def table_names(self, target: Target) -> AsyncIterator[Page[Table]]:
        """ListTables: tables of which only the name is known (``described`` is false, status empty)."""
        ...

    def backups(self, target: Target, *, table: str = "") -> AsyncIterator[Page[Backup]]:
        """ListBackups with BackupType ALL."""
        ...

    async def table(self, target: Target, name: str) -> Table:
        """DescribeTable; ``ttl``, ``pitr`` and ``tags`` stay unset."""
        ...

    async def backup(self, target: Target, arn: str) -> Backup:
        """DescribeBackup."""
        ...

    async def time_to_live(self, target: Target, table: str) -> TimeToLive:
        """DescribeTimeToLive."""
        ...

    async def point_in_time_recovery(self, target: Target, table: str) -> PointInTimeRecovery:
        """DescribeContinuousBackups."""
        ...

    async def table_tags(self, target: Target, arn: str) -> Tags:
        """ListTagsOfResource, every page."""
        ...

    async def item_page(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> ItemPage:
        """One page of ``Scan`` or ``Query``, asked for with these parameters and ReturnConsumedCapacity.

        Raises :class:`AwsError` SERVICE when AWS hands out the ExclusiveStartKey it was given, which would never end.
        """
        ...

    async def item(self, target: Target, table: str, key: Item, *, consistent: bool = True) -> ItemFound:
        """GetItem, by default with a consistent read."""
        ...


class Gateway(Reads, Protocol):
    """Reads, the identity behind a target, and the one way to change anything."""

    async def scope(self, target: Target) -> Scope:
        """The target with its account (STS GetCallerIdentity, asked once per credentials and region-independent).

        The account is ``"?"`` when STS cannot be reached or refuses; only credential failures raise.
        """
        ...

    async def identity(self, target: Target) -> Identity:
        """Account, caller ARN and alias; account ``"?"`` as for :meth:`scope`."""
        ...

    async def confirm_account(self, scope: Scope) -> None:
        """Reads the account again; raises :class:`Refused` when it is no longer the scope's."""
        ...

    async def execute(
        self, scope: Scope, operation: str, parameters: Mapping[str, Any], *, permit: Permit
    ) -> Mapping[str, Any]:
        """Sends one mutation exactly once (no SDK retry). Returns AWS's reply with ``ResponseMetadata``.

        Raises :class:`AwsError` with ``reply_lost`` set when the request may have been carried out.
        """
        ...

    def subscribe(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """Calls ``listener`` for every notice; returns the function that ends it."""
        ...

    def forget(self, target: Target | None = None) -> None:
        """For a refresh by the user: asks again what AWS or an endpoint refused for good (denied reads, operations not
        on offer, an account that could not be read). ``None`` means everywhere."""
        ...

    def is_read_only(self, scope: Scope) -> bool:
        """Whether this gateway refuses every mutation in the scope."""
        ...

    async def close(self) -> None:
        """Closes every client. Further calls fail."""
        ...
