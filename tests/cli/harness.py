"""Runs command lines in process, with a fake cloud behind them and any mix of pipes and terminals in front."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dbtui.actions.core import Core
from dbtui.actions.guards import Arming
from dbtui.actions.item_writes import ItemWriter
from dbtui.actions.journal import Journal
from dbtui.actions.runner import Runner
from dbtui.actions.tracker import Tracker
from dbtui.cli.console import Console
from dbtui.cli.main import run
from dbtui.cli.wiring import GlobalOptions
from dbtui.domain.policy import ScopePolicy
from dbtui.domain.scope import Scope, Target
from dbtui.items.drafts import Drafts
from dbtui.items.undo import UndoLog
from dbtui.settings import Settings

from .fake_cloud import DEV, NOW, FakeCloud


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Pipe(io.StringIO):
    encoding = "utf-8"


@dataclass(frozen=True)
class FakeSession:
    core: Core
    targets: tuple[Target, ...]
    settings: Settings


def policy(scope: Scope) -> ScopePolicy:
    """The profile prod is protected, the profile audit read-only."""
    if scope.profile == "prod":
        return ScopePolicy(protected=True, protected_why="the profile is named prod")
    if scope.profile == "audit":
        return ScopePolicy(read_only=True, read_only_why="a rule of the configuration")
    return ScopePolicy()


@dataclass
class FakeWiring:
    """Hands out one core over the fake cloud; remembers the options it was given."""

    cloud: FakeCloud
    folder: Path
    targets: tuple[Target, ...] = (DEV,)
    error: Exception | None = None
    options: GlobalOptions | None = None
    tui_runs: int = 0

    @asynccontextmanager
    async def open_core(self, options: GlobalOptions, *, changes: bool) -> AsyncIterator[FakeSession]:
        self.options = options
        if self.error is not None:
            raise self.error
        clock = lambda: NOW  # noqa: E731
        journal = Journal(self.folder / "journal.jsonl", clock, policy)

        async def pause(seconds: float) -> None:
            return None

        tracker = Tracker(self.cloud, journal, clock, poll_seconds=0.01)
        undo = UndoLog()
        core = Core(
            gateway=self.cloud,
            directory=None,  # type: ignore[arg-type] - commands get their targets from the session
            runner=Runner(self.cloud, journal, clock, pause=pause),
            tracker=tracker,
            journal=journal,
            arming=Arming(policy, clock),
            policy=policy,
            clock=clock,
            items=ItemWriter(self.cloud, journal, clock, undo, pause=pause, report=tracker.add),
            undo=undo,
            drafts=Drafts(self.folder / "drafts", clock),
        )
        try:
            yield FakeSession(core, self.targets, Settings())
        finally:
            await tracker.close()

    def run_tui(self, options: GlobalOptions) -> int:
        self.options = options
        self.tui_runs += 1
        return 0

    def log_file(self, options: GlobalOptions) -> Path:
        return options.log_file or self.folder / "dbtui.log"


@dataclass
class Outcome:
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Harness:
    """``run`` with pipes by default; ``terminal`` gives it terminals and an answer to type."""

    wiring: FakeWiring
    environment: dict[str, str] = field(default_factory=lambda: {"TERM": "xterm-256color"})

    @property
    def cloud(self) -> FakeCloud:
        return self.wiring.cloud

    def run(self, *argv: str) -> Outcome:
        return self._run(argv, Pipe(), Pipe(), Pipe())

    def piped(self, text: str, *argv: str) -> Outcome:
        """With something to read from standard input."""
        return self._run(argv, Pipe(), Pipe(), Pipe(text))

    def terminal(self, *argv: str, typed: str = "") -> Outcome:
        return self._run(argv, Terminal(), Terminal(), Terminal(typed))

    def _run(self, argv: Sequence[str], out: io.StringIO, err: io.StringIO, keyboard: io.StringIO) -> Outcome:
        console = Console(out, err, keyboard, self.environment)
        code = run(argv, self.wiring, console)
        return Outcome(code, out.getvalue(), err.getvalue())
