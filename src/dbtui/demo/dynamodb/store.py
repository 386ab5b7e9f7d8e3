"""The DynamoDB control-plane records of one account and region."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from dbtui.demo import ids
from dbtui.demo.dataplane.collection import Source
from dbtui.demo.dataplane.keys import OrderKey
from dbtui.demo.dataplane.tokens import Tokens
from dbtui.demo.dataplane.values import Item
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.record import Members, Record, Shelf

if TYPE_CHECKING:
    from dbtui.demo.dataplane.tabledata import TableData

_COUNTING_SECONDS = 6 * 3600


@dataclass
class Mirror:
    """What moto has of a table: nothing until it is needed, then everything but the keys changed since."""

    filled: bool = False
    changed: dict[OrderKey, Item] = field(default_factory=dict)
    """Keys of items that have been written since moto was last brought up to date."""
    records: list[tuple[Item | None, Item | None]] = field(default_factory=list)
    """Items before and after each write that moto's stream has still to be told of."""


@dataclass
class Table:
    """A table, its global indexes (each with a life of its own), and what is set on it."""

    record: Record
    indexes: dict[str, Record] = field(default_factory=dict)
    ttl: Members = field(default_factory=lambda: {"TimeToLiveStatus": "DISABLED"})
    recovery_days: int | None = None
    """Days of point-in-time recovery, or None while it is off."""
    recovery_since: datetime | None = None
    tags: list[dict[str, str]] = field(default_factory=list)
    items: Iterable[Item] = ()
    """The items it begins with; those of a large table come from its `source`."""
    source: Source | None = None
    mirror: Mirror = field(default_factory=Mirror)
    counted: int | None = None
    """The six hours in which AWS last counted the items."""

    @cached_property
    def data(self) -> TableData:
        """Its items, put in order when they are first asked for."""
        from dbtui.demo.dataplane.tabledata import TableData

        return TableData(self.record.members, self.items, self.source)

    def _count(self, now: datetime) -> None:
        """ItemCount and TableSizeBytes lag up to six hours behind."""
        period = int(now.timestamp()) // _COUNTING_SECONDS
        if self.counted is not None and self.counted < period and "data" in self.__dict__:
            members = self.record.members
            members["ItemCount"] = self.data.items.count
            members["TableSizeBytes"] += self.data.take_growth()
        self.counted = period

    def view(self, now: datetime) -> Members | None:
        self._count(now)
        view = self.record.view(now)
        if view is None:
            return None
        indexes = [index.view(now) for index in self.indexes.values()]
        living = [index for index in indexes if index is not None]
        if living:
            view["GlobalSecondaryIndexes"] = living
        return view


@dataclass
class DynamoStore:
    account: str
    region: str
    tables: dict[str, Table] = field(default_factory=dict)
    backups: Shelf = field(default_factory=Shelf)
    """Backups by ARN."""
    generation: int = 0
    tokens: Tokens = field(default_factory=Tokens)
    detours: set[str] = field(default_factory=set)
    """Listings whose empty first page has been sent, by the key that leads back to their beginning."""

    def arn(self, table: str) -> str:
        return f"arn:aws:dynamodb:{self.region}:{self.account}:table/{table}"

    def next_generation(self) -> int:
        self.generation += 1
        return self.generation

    def sweep(self, now: datetime) -> None:
        for name in [name for name, table in self.tables.items() if not table.record.exists(now)]:
            del self.tables[name]

    def find(self, name: str, now: datetime) -> Table | None:
        """A table by name or ARN."""
        self.sweep(now)
        return self.tables.get(table_name(name))

    def table(self, name: str, now: datetime) -> tuple[Table, Members]:
        table = self.find(name, now)
        view = table.view(now) if table else None
        if table is None or view is None:
            raise not_found(table_name(name))
        return table, view

    def backup_arn(self, table: str, created: datetime, *salt: object) -> str:
        stamp = f"{int(created.timestamp() * 1000):014d}"
        return f"{self.arn(table)}/backup/{stamp}-{ids.hex_id(8, table, stamp, *salt)}"


def not_found(name: str) -> AwsError:
    return AwsError("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")


def table_name(identifier: str) -> str:
    """The bare name of what may be a table's ARN."""
    if identifier.startswith("arn:"):
        return identifier.split("table/", 1)[-1].split("/", 1)[0]
    return identifier


def recovery_window(table: Table, now: datetime) -> tuple[datetime, datetime] | None:
    """From when and until when the table can be restored, while recovery is on."""
    if table.recovery_days is None or table.recovery_since is None:
        return None
    latest = (now - timedelta(minutes=5)).replace(microsecond=0)
    earliest = max(table.recovery_since, now - timedelta(days=table.recovery_days)).replace(microsecond=0)
    return earliest, max(latest, earliest)
