"""The app over the fake gateway: models, a clock that stands still, and the one way to wait."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from dbtui.actions.core import Core
from dbtui.actions.guards import Arming
from dbtui.actions.item_writes import ItemWriter
from dbtui.actions.journal import Journal
from dbtui.actions.runner import Runner
from dbtui.actions.tracker import Tracker
from dbtui.domain.failures import Failure, FailureKind
from dbtui.domain.models import (
    Cluster,
    ClusterMember,
    Instance,
    InstanceSnapshot,
    KeyPart,
    ParameterGroup,
    PendingChange,
    Table,
)
from dbtui.domain.policy import ScopePolicy
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.gateway.fake import FakeGateway
from dbtui.items.drafts import Drafts
from dbtui.items.undo import UndoLog
from dbtui.settings.model import Settings
from dbtui.ui.app import DbtuiApp
from dbtui.ui.screens.list_pane import ListPane
from dbtui.ui.session import Pace

NOW = datetime(2026, 11, 23, 9, 12, 5, tzinfo=UTC)
HOME = Target("demo", "eu-west-1")
AWAY = Target("dev", "us-east-1")
DENIED = Failure(
    FailureKind.PERMISSION,
    "Access denied: rds:DescribeDBInstances.",
    hint="Ask for this action; the other panes work.",
    iam_action="rds:DescribeDBInstances",
)
STILL = Pace(fleet=3600.0, transitional=3600.0, lit=3600.0, idle=900.0, settle=0.01)
"""Nothing happens by itself."""
BUSY = Pace(fleet=0.05, transitional=0.02, lit=0.02, idle=900.0, settle=0.01)
"""Everything happens at once."""

WAIT_SECONDS = 30.0


async def wait_for(pilot: Pilot[Any], predicate: Callable[[], object], what: str) -> None:
    """Lets the app run until the predicate holds; names what never happened."""
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            while not predicate():
                await pilot.pause(0.005)
    except TimeoutError:
        pytest.fail(f"never happened: {what}")


class HeldClock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class LocalDirectory:
    """Three profiles, three regions, nothing else."""

    async def profiles(self) -> tuple[str, ...]:
        return ("demo", "dev", "prod-eu")

    async def regions(self) -> tuple[str, ...]:
        return ("eu-west-1", "us-east-1", "ap-southeast-2")

    async def targets(self, profiles: Sequence[str], regions: Sequence[str]) -> tuple[Target, ...]:
        return tuple(Target(profile, region) for profile in profiles for region in regions)


def ref(kind: str, identifier: str, target: Target = HOME) -> ResourceRef:
    return ResourceRef(Scope(target.profile, "123456789012", target.region, target.endpoint), kind, identifier)


def instance(identifier: str, status: str = "available", target: Target = HOME, **more: Any) -> Instance:
    values: dict[str, Any] = {
        "engine": "postgres",
        "engine_version": "16.3",
        "instance_class": "db.m7g.large",
        "allocated_gib": 200,
        "storage_type": "gp3",
        "zone": f"{target.region}a",
        "multi_az": False,
        "host": f"{identifier}.c9abcdef.{target.region}.rds.amazonaws.com",
        "port": 5432,
        "created_at": NOW - timedelta(days=300),
        "raw": {"DBInstanceIdentifier": identifier, "DBInstanceStatus": status},
    }
    arn = f"arn:aws:rds:{target.region}:123456789012:db:{identifier}"
    return Instance(
        ref=ref("instance", identifier, target),
        arn=arn,
        status=status,
        resource_id=f"db-{identifier.upper()}",
        **{**values, **more},
    )


def cluster(identifier: str, members: Sequence[str], target: Target = HOME, **more: Any) -> Cluster:
    """A cluster whose first member is the writer."""
    return Cluster(
        ref=ref("cluster", identifier, target),
        arn=f"arn:aws:rds:{target.region}:123456789012:cluster:{identifier}",
        resource_id=f"cluster-{identifier.upper()}",
        members=tuple(ClusterMember(name, index == 0, 1) for index, name in enumerate(members)),
        **{"status": "available", "engine": "aurora-postgresql", "engine_version": "16.4", "port": 5432, **more},
    )


def member(identifier: str, owner: str, status: str = "available", target: Target = HOME) -> Instance:
    return instance(
        identifier,
        status,
        target,
        engine="aurora-postgresql",
        engine_version="16.4",
        cluster_id=owner,
        allocated_gib=1,
        instance_class="db.r7g.large",
    )


def table(name: str, status: str = "ACTIVE", target: Target = HOME, **more: Any) -> Table:
    keys = (KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "S"))
    return Table(
        ref=ref("table", name, target),
        arn=f"arn:aws:dynamodb:{target.region}:123456789012:table/{name}",
        status=status,
        table_id=f"id-{name}",
        keys=more.pop("keys", keys),
        item_count=1_240_000,
        size_bytes=900_000_000,
        billing_mode="PAY_PER_REQUEST",
        created_at=NOW - timedelta(days=40),
        **more,
    )


def snapshot(name: str, source: str, status: str = "available", **more: Any) -> InstanceSnapshot:
    return InstanceSnapshot(
        ref=ref("instance-snapshot", name),
        arn=f"arn:aws:rds:eu-west-1:123456789012:snapshot:{name}",
        status=status,
        source_id=source,
        **{"snapshot_type": "manual", "allocated_gib": 200, "created_at": NOW - timedelta(hours=7), **more},
    )


def company() -> FakeGateway:
    """A small believable fleet in several states."""
    gateway = FakeGateway()
    gateway.put(
        member("aurora-main-2", "aurora-main", "rebooting"),
        member("aurora-main-1", "aurora-main"),
        instance("orders-db", pending=(PendingChange("class", "db.m7g.xlarge"),)),
        instance("billing-db", "backing-up", engine="mysql", engine_version="8.0.39", percent_progress=64),
        instance("legacy-crm", "stopped", engine="mysql", engine_version="5.7.44"),
        instance("reports-db", "storage-full"),
        cluster("aurora-main", ["aurora-main-1", "aurora-main-2"]),
        table("orders"),
        table("sessions"),
        table("ledger", "UPDATING"),
        snapshot("orders-db-20261123-0915", "orders-db", "creating", percent_progress=42, created_at=NOW),
        snapshot("rds:orders-db-2026-11-23-02-14", "orders-db", snapshot_type="automated"),
        ParameterGroup(ref=ref("parameter-group", "pg16-tuned"), arn="arn:pg", status="", family="postgres16"),
    )
    return gateway


@pytest.fixture
def gateway() -> FakeGateway:
    return company()


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture(autouse=True)
def utf8_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tests do not see the developer's locale, colours or tmux."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    for name in ("NO_COLOR", "TMUX", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    return


def make_core(gateway: FakeGateway, clock: Callable[[], datetime], folder: Path, *, protected: bool = False) -> Core:
    def policy(scope: Scope) -> ScopePolicy:
        hit = protected or scope.profile.startswith("prod")
        return ScopePolicy(protected=hit, protected_why="its profile" if hit else "")

    journal = Journal(folder / "journal.jsonl", clock, policy)
    tracker = Tracker(gateway, journal, clock, poll_seconds=0.02)
    runner = Runner(gateway, journal, clock)
    undo = UndoLog()
    return Core(
        gateway=gateway,
        directory=LocalDirectory(),
        runner=runner,
        tracker=tracker,
        journal=journal,
        arming=Arming(policy, clock),
        policy=policy,
        clock=clock,
        items=ItemWriter(gateway, journal, clock, undo, report=tracker.add),
        undo=undo,
        drafts=Drafts(folder / "drafts", clock),
    )


@pytest.fixture
def make_app(gateway: FakeGateway, clock: HeldClock, tmp_path: Path) -> Callable[..., DbtuiApp]:
    """Builds the app over the fake; ``targets``, ``settings``, ``pace`` and the App's own options may be given."""

    def make(
        *targets: Target,
        settings: Settings | None = None,
        pace: Pace = STILL,
        protected: bool = False,
        **options: Any,
    ) -> DbtuiApp:
        core = make_core(gateway, clock, tmp_path, protected=protected)
        return DbtuiApp(core, settings or Settings(), targets or (HOME,), pace=pace, **options)

    return make


@asynccontextmanager
async def running(app: DbtuiApp, size: tuple[int, int] = (100, 30)) -> AsyncIterator[Pilot[None]]:
    """Runs the app until its first list is loaded."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for(pilot, lambda: app.main.pane is not None, "the first pane")
        await wait_for(pilot, lambda: not pane_of(app).fleet.loading, "the first list")
        await wait_for(pilot, lambda: not pane_of(app).behind, "what is said about it")
        try:
            yield pilot
        finally:
            await app.session.core.tracker.close()


def pane_of(app: DbtuiApp) -> ListPane:
    """The list in sight."""
    pane = app.main.pane
    assert pane is not None
    return pane


def names(pane: ListPane) -> list[str]:
    """The names of the rows as they stand, without tree signs."""
    return [pane.view.cells(row)[0].text.strip(" ▾▸") for row in range(pane.view.row_count)]


def toasts(app: DbtuiApp) -> str:
    """What the toasts say."""
    return "\n".join(str(toast.render()) for toast in app.screen.query("Toast"))


def screen_text(app: DbtuiApp) -> str:
    """Everything on the screen as text."""
    pieces = re.findall(r"<text[^>]*>(.*?)</text>", app.export_screenshot(simplify=False))
    return "".join("\n" if piece == "\n" else unescape(piece) for piece in pieces).replace("\xa0", " ")
