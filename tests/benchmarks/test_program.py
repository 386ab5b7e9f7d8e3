"""The program as a whole against its budgets: ratios from one run. They are printed and never fail on time.

Run them with: pytest tests/benchmarks -s
"""

from __future__ import annotations

import asyncio
import gc
import os
import pty
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo_support import DemoServer
from tests import requirements
from tests.integration.program import CODE, Dbtui
from tests.stalls import StallMonitor

RUNS = 5
BARE_APP = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("first text")
Bare().run()
"""


def report(what: str, value: str, budget: str) -> None:
    sys.__stdout__.write(f"\n  {what:58} {value:>28}   budget {budget}")


def median_pair(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float]:
    """Medians of two measurements taken in turn, after one warm-up of each."""
    first(), second()
    pairs = [(first(), second()) for _ in range(RUNS)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def first_text(code: str, words: list[str], environment: dict[str, str], wanted: bytes) -> float:
    """Seconds from starting Python in a terminal of 120x40 until the wanted text is on its way to the screen."""
    started = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:  # pragma: no cover - the child
        os.environ.update({**environment, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"})
        os.execv(sys.executable, [sys.executable, "-c", code, *words])
    seen = b""
    try:
        while wanted not in seen:
            ready, _, _ = select.select([terminal], [], [], 20)
            assert ready, f"nothing drawn: {seen[-400:]!r}"
            seen += os.read(terminal, 65536)
        return time.perf_counter() - started
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(terminal)


@pytest.fixture(scope="module")
def fleet() -> Iterator[DemoServer]:
    with DemoServer("fleet:1000,tables:500") as demo:
        demo.wait_for_phase("ready")
        yield demo


@pytest.fixture
def dbtui(fleet: DemoServer, tmp_path: Path) -> Dbtui:
    """The program as it is when installed: with its byte code beside it, which the warm-up run writes."""
    program = Dbtui.at(fleet, tmp_path)
    program.environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return program


def test_first_paint_against_a_bare_textual_app(dbtui: Dbtui) -> None:
    for what, text, budget in (("first paint", b"dbtui", "1.25"), ("frame that takes keys", b"DynamoDB", "-")):
        ours, bare = median_pair(
            lambda text=text: first_text(CODE, [], dbtui.environment, text),  # type: ignore[misc]
            lambda: first_text(BARE_APP, [], dbtui.environment, b"first text"),
        )
        report(f"{what} / bare Textual app", f"{ours:.2f} s / {bare:.2f} s = {ours / bare:.2f}", budget)


def test_listing_tables_against_the_aws_cli(dbtui: Dbtui) -> None:
    aws = requirements.tool("aws", "DBTUI_AWS_CLI", "pip install awscli in an environment of its own")

    def timed(*command: str) -> float:
        started = time.perf_counter()
        subprocess.run(command, env=dbtui.environment, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    ours, theirs = median_pair(
        lambda: timed(sys.executable, "-c", CODE, "list", "tables"), lambda: timed(aws, "dynamodb", "list-tables")
    )
    report(
        "dbtui list tables / aws dynamodb list-tables", f"{ours:.2f} s / {theirs:.2f} s = {ours / theirs:.2f}", "1.20"
    )


async def test_stalls_while_a_thousand_instances_and_500_tables_are_listed(
    fleet: DemoServer, dbtui: Dbtui, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in dbtui.environment.items():
        monkeypatch.setenv(name, value)
    from dbtui.cli.wiring import GlobalOptions
    from dbtui.compose import COLLECT_AFTER, SWITCH_SECONDS, build_core
    from dbtui.settings import Settings
    from dbtui.ui.app import DbtuiApp

    core = build_core(GlobalOptions(), Settings())
    targets = await core.directory.targets((), ())
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECT_AFTER)
    gc.freeze()
    app = DbtuiApp(core, Settings(), targets)

    async def until(text: str) -> None:
        async with asyncio.timeout(60):
            while app.main.pane is None or text not in app.main.pane.status:
                await asyncio.sleep(0.02)

    async with app.run_test(size=(120, 40)) as pilot:
        async with StallMonitor() as starting:
            await until("1,000 of 1,000")
        report("start-up, worst stall", f"{starting.worst:.0f} ms", "100 ms")
        for key, text, what in (
            ("r", "1,000 of 1,000", "refresh of 1,000 instances"),
            ("2", "500 of 500", "500 tables"),
        ):
            async with StallMonitor() as stalls:
                await pilot.press(key)
                await asyncio.sleep(0.5)
                await until(text)
                if key == "2":
                    await until_idle(fleet)
            shown = f"p99 {stalls.percentile(99):.1f} p99.9 {stalls.percentile(99.9):.1f} worst {stalls.worst:.1f} ms"
            report(what, shown, "p99 16, p99.9 50 ms")
    await core.tracker.close()
    await core.gateway.close()


async def until_idle(fleet: DemoServer) -> None:
    """Until every table has been described: the server's call count stands still."""
    seen = -1
    while seen != (now := len(await asyncio.to_thread(fleet.calls, "DescribeTable"))):
        seen = now
        await asyncio.sleep(0.4)
