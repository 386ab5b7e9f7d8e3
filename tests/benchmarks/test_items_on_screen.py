"""The items screen while it fills and a key is held. Prints numbers (run with `-s` or `-rP`) and never fails on time.

A child process replays 20,000 items of 800 B in four segments. The app paints as in a terminal, into nothing, while the
cursor key repeats 30 times a second; the same scan without a screen is the measure of its speed.
"""

from __future__ import annotations

import asyncio
import gc
import statistics
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.benchmarks.replay_server import TABLE, ReplayServer
from tests.requirements import FULL
from tests.stalls import StallMonitor
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import Input

from dbtui.actions.core import Core
from dbtui.cli.wiring import GlobalOptions
from dbtui.compose import COLLECT_AFTER, SWITCH_SECONDS, build_core
from dbtui.domain.key_query import ScanOf
from dbtui.domain.models import Table
from dbtui.domain.scope import Target
from dbtui.items.pager import Reading, Stop
from dbtui.items.store import ItemStore
from dbtui.settings import Settings
from dbtui.ui.app import DbtuiApp
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.widgets.record_table import RecordTable

ITEMS, SIZE, SEGMENTS = 20_000, 800, 4
ROUNDS = 20 if FULL else 5
REPEAT_SECONDS = 1 / 30
FRAMES = 100


class PaintingDriver(HeadlessDriver):
    """Everything is rendered for a terminal and counted instead of written."""

    written = 0

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written += len(data)


@pytest.fixture(scope="module")
def server() -> Iterator[ReplayServer]:
    with ReplayServer(ITEMS, SIZE, SEGMENTS) as running:
        yield running


@pytest.fixture(autouse=True)
def as_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Credentials, folders, and how the interpreter is set up when the program runs."""
    kept = {
        "AWS_ACCESS_KEY_ID": "AKIATEST",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-central-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "DBTUI_STATE": str(tmp_path / "state"),
        "DBTUI_CONFIG": str(tmp_path / "config.toml"),
    }
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    before = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECT_AFTER)
    yield
    sys.setswitchinterval(before[0])
    gc.set_threshold(*before[1])
    gc.unfreeze()


@asynccontextmanager
async def filled_screen(server: ReplayServer, size: tuple[int, int]) -> AsyncIterator[tuple[Core, ItemsScreen]]:
    """The items screen of the replayed table, in front and with nothing read."""
    core = build_core(GlobalOptions(endpoint_url=server.url), Settings())
    [target] = await core.directory.targets((), ())
    table = await core.gateway.table(target, TABLE)
    app = DbtuiApp(core, Settings(), (target,))
    app.driver_class = PaintingDriver
    gc.collect()
    gc.freeze()
    async with app.run_test(headless=False, size=size) as pilot:
        screen = ItemsScreen(app.session, TABLE, (target,), table)
        await app.push_screen(screen)
        while not isinstance(app.focused, Input):  # the first field of the query form
            await pilot.pause(0.02)
        yield core, screen
    await core.tracker.close()
    await core.gateway.close()


async def bare_seconds(core: Core, target: Target, table: Table) -> float:
    """The same scan into a store that nobody looks at."""
    start = time.perf_counter()
    reading = Reading(core.gateway, target, ScanOf(table), ItemStore(table.keys), segments=SEGMENTS)
    assert await reading.run() is Stop.COMPLETE
    seconds = time.perf_counter() - start
    assert reading.store.row_count == ITEMS
    return seconds


async def screen_seconds(screen: ItemsScreen, table: Table) -> float:
    """From asking until every item is held; returns once the rows show them all, too."""
    start = time.perf_counter()
    screen._ask(ScanOf(table), segments=SEGMENTS)
    while screen.loader.loading:
        await asyncio.sleep(0.001)
    seconds = time.perf_counter() - start
    assert screen.loader.totals.complete
    while screen.grid.row_count < ITEMS:
        await asyncio.sleep(0.001)
    return seconds


async def hold(screen: ItemsScreen) -> None:
    """The cursor key, held down."""
    while True:
        for key in ("down",) * 40 + ("pagedown",) * 10 + ("right",) * 4 + ("left",) * 4:
            screen.app.post_message(events.Key(key, None))
            await asyncio.sleep(REPEAT_SECONDS)


def line_of(what: str, stalls: StallMonitor) -> str:
    return (
        f"{what:<44} p99 {stalls.percentile(99):5.1f} ms  p99.9 {stalls.percentile(99.9):5.1f}  "
        f"worst {stalls.worst:5.1f}  ({len(stalls.lags):,} beats)   budget 16 / 50 ms"
    )


def frame_milliseconds(table: RecordTable) -> float:
    """Every line of the table drawn anew, at a place nobody has seen."""
    times = []
    for number in range(FRAMES):
        table.scroll_to(y=number * ITEMS // FRAMES, animate=False, force=True)
        start = time.perf_counter()
        for y in range(table.size.height):
            table.render_line(y)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


@pytest.mark.parametrize("size", [(100, 30), (200, 60)], ids=["100x30", "200x60"])
async def test_filling_while_a_key_is_held_down(server: ReplayServer, size: tuple[int, int]) -> None:
    async with filled_screen(server, size) as (core, screen):
        table = screen.loader.table
        target = table.ref.scope.target
        await bare_seconds(core, target, table)
        await screen_seconds(screen, table)
        bare, filled = [], []
        async with StallMonitor() as still:
            held = asyncio.create_task(hold(screen))
            await asyncio.sleep(3)
            held.cancel()
        stalls = StallMonitor()
        for _ in range(ROUNDS):
            async with StallMonitor() as nobody:
                bare.append(await bare_seconds(core, target, table))
            held = asyncio.create_task(hold(screen))
            async with StallMonitor() as filling:
                filled.append(await screen_seconds(screen, table))
                await asyncio.sleep(0.2)
            held.cancel()
            stalls.lags += filling.lags
        frame = frame_milliseconds(screen.grid)
    without, with_screen = statistics.median(bare) * 1000, statistics.median(filled) * 1000
    print(f"{ITEMS:,} items of {SIZE} B in {SEGMENTS} segments, screen of {size[0]}x{size[1]}")
    print(line_of("key held, nothing read", still))
    print(line_of("filled without a screen (last)", nobody))
    print(line_of("filled with the key held", stalls))
    print(
        f"time to fill: {without:.0f} ms without a screen, {with_screen:.0f} ms with: {without / with_screen:.2f} of it"
    )
    print(f"a frame of the table: {frame:.2f} ms   budget 8 ms")
