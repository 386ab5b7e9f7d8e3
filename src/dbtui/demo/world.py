"""Everything the demo knows: the state of every account and region, under one lock, seen by one clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dbtui.demo.clock import Clock
from dbtui.demo.dynamodb.store import DynamoStore
from dbtui.demo.paging import PageRules
from dbtui.demo.rds.store import RdsStore

Place = tuple[str, str]
Params = dict[str, Any]


@dataclass
class World:
    clock: Clock
    pages: PageRules = field(default_factory=PageRules)
    rds: dict[Place, RdsStore] = field(default_factory=dict)
    dynamodb: dict[Place, DynamoStore] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def rds_at(self, account: str, region: str) -> RdsStore:
        return self.rds.setdefault((account, region), RdsStore(account, region))

    def dynamodb_at(self, account: str, region: str) -> DynamoStore:
        return self.dynamodb.setdefault((account, region), DynamoStore(account, region))

    def clear(self) -> None:
        self.rds.clear()
        self.dynamodb.clear()


@dataclass(frozen=True)
class RdsCall:
    """One RDS call: the state it acts on, the time it happens, and how lists are to be paged."""

    store: RdsStore
    now: datetime
    pages: PageRules
    operation: str = ""


@dataclass(frozen=True)
class DynamoCall:
    """One DynamoDB control-plane call."""

    store: DynamoStore
    now: datetime
    pages: PageRules


RdsHandler = Callable[[RdsCall, Params], dict[str, Any]]
DynamoHandler = Callable[[DynamoCall, Params], dict[str, Any]]
