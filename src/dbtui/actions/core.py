"""The objects both front ends share, wired once by ``compose``."""

from __future__ import annotations

from dataclasses import dataclass

from dbtui.actions.guards import Arming
from dbtui.actions.item_writes import ItemWriter
from dbtui.actions.journal import Journal
from dbtui.actions.runner import Runner
from dbtui.actions.tracker import Tracker
from dbtui.domain.clock import Clock
from dbtui.domain.policy import Policy
from dbtui.gateway.directory import Directory
from dbtui.gateway.protocol import Gateway
from dbtui.items.drafts import Drafts
from dbtui.items.undo import UndoLog


@dataclass(frozen=True, slots=True)
class Core:
    """One program's core: everything a front end needs to load and to act."""

    gateway: Gateway
    directory: Directory
    runner: Runner
    tracker: Tracker
    journal: Journal
    arming: Arming
    policy: Policy
    clock: Clock
    items: ItemWriter
    undo: UndoLog
    drafts: Drafts
