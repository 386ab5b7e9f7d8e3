"""A core without AWS for the screens of actions: real verbs, guards and runner over a gateway that only lists names."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.unit.actions.builders import NOW, PROD, SCOPE
from textual.app import App
from textual.pilot import Pilot

from dbtui.actions.core import Core
from dbtui.actions.guards import Arming
from dbtui.actions.model import Operation
from dbtui.actions.runner import Runner
from dbtui.domain.models import InstanceSnapshot
from dbtui.domain.policy import ScopePolicy
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.gateway.protocol import Gateway, Page
from dbtui.items.undo import UndoLog

READ_ONLY = Scope("audit", "777788889999", "us-east-1")
SHEETS = ("record_table.tcss", "plan.tcss", "actions_menu.tcss", "activity.tcss")
STYLES = Path(__file__).parents[2] / "styles"


def policy(scope: Scope) -> ScopePolicy:
    if scope.profile == "audit":
        return ScopePolicy(read_only=True, read_only_why="--read-only")
    protected = "prod" in scope.profile
    return ScopePolicy(protected=protected, protected_why="its name says prod" if protected else "")


class FakeGateway:
    """Lists snapshot names. ``hold`` keeps every answer back until it is released; ``fail`` is raised instead."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = list(names)
        self.open = asyncio.Event()
        self.open.set()
        self.fail: Exception | None = None
        self.reads = 0

    async def _names(self, target: Target, kind: str) -> AsyncIterator[Page[Any]]:
        self.reads += 1
        await self.open.wait()
        if self.fail is not None:
            raise self.fail
        scope = Scope(target.profile, SCOPE.account, target.region)
        yield Page(
            tuple(
                InstanceSnapshot(ref=ResourceRef(scope, kind, name), arn="", status="available", source_id="x")
                for name in self.names
            ),
            True,
        )

    def instance_snapshots(self, target: Target, **query: Any) -> AsyncIterator[Page[Any]]:
        return self._names(target, "instance-snapshot")

    def cluster_snapshots(self, target: Target, **query: Any) -> AsyncIterator[Page[Any]]:
        return self._names(target, "cluster-snapshot")


class FakeTracker:
    """Operations that a test reports by hand."""

    def __init__(self, *operations: Operation) -> None:
        self.by_id = {operation.op_id: operation for operation in operations}
        self.listeners: list[Callable[[Operation], None]] = []

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(sorted(self.by_id.values(), key=lambda operation: operation.started_at, reverse=True))

    @property
    def running(self) -> tuple[Operation, ...]:
        return tuple(operation for operation in self.by_id.values() if operation.state.value == "running")

    def subscribe(self, listener: Callable[[Operation], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def report(self, operation: Operation) -> None:
        self.by_id[operation.op_id] = operation
        for listener in tuple(self.listeners):
            listener(operation)


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)


def make_core(gateway: FakeGateway, clock: Hand, *, armed: bool = True) -> Core:
    arming = Arming(policy, clock)
    if armed:
        arming.arm(SCOPE)
        arming.arm(PROD, PROD.profile)
    journal = cast(Any, None)
    return Core(
        gateway=cast(Gateway, gateway),
        directory=cast(Any, None),
        runner=Runner(cast(Gateway, gateway), journal, clock),
        tracker=cast(Any, FakeTracker()),
        journal=journal,
        arming=arming,
        policy=policy,
        clock=clock,
        items=cast(Any, None),
        undo=UndoLog(),
        drafts=cast(Any, None),
    )


class Host(App[None]):
    """An app with nothing but a place for the screen under test."""

    def __init__(self, theme: str = "textual-dark") -> None:
        super().__init__(css_path=[STYLES / name for name in SHEETS])
        self.theme = theme
        self.copied: list[str] = []
        self.result: object = SimpleNamespace(pending=True)

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    def keep(self, result: object) -> None:
        self.result = result

    @property
    def dismissed(self) -> bool:
        return not isinstance(self.result, SimpleNamespace)


async def until(pilot: Pilot[Any], what: str, condition: Callable[[], bool]) -> None:
    """Lets the app run until the condition holds; names what never happened."""
    try:
        async with asyncio.timeout(10):
            while not condition():
                await pilot.pause()
    except TimeoutError:
        raise AssertionError(f"never happened: {what}") from None


def shown(app: App[Any]) -> str:
    """The text on the screen, without line breaks where the terminal wraps."""
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", app.export_screenshot())
    return html.unescape(" ".join(texts)).replace("\xa0", " ")
