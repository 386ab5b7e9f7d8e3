"""The one place that wires aws, actions, settings, cli and ui together. Imports are lazy: ``--help`` pays for none."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dbtui.cli.wiring import GlobalOptions

if TYPE_CHECKING:
    from dbtui.actions.core import Core
    from dbtui.domain.scope import Target
    from dbtui.embedded import EmbeddedAws
    from dbtui.settings import Settings

SLOW_LINK_FPS = "15"

COLLECT_AFTER = (50_000, 20, 100)
"""Garbage collection thresholds: a full collection holds the loop up for 20 to 40 ms, and little here is cyclic."""

SWITCH_SECONDS = 0.0005
"""How long a thread that parses a large reply may keep the interpreter from the event loop; Python's own is 5 ms."""


def main() -> None:
    """The ``dbtui`` command."""
    gc.set_threshold(*COLLECT_AFTER)
    from dbtui.cli.main import run

    raise SystemExit(run(sys.argv[1:], Program()))


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What a command works with while it runs."""

    core: Core
    targets: tuple[Target, ...]
    settings: Settings


class Program:
    """Starts what a command line asks for; implements :class:`dbtui.cli.wiring.Wiring`."""

    def log_file(self, options: GlobalOptions) -> Path:
        from dbtui.settings.paths import log_file

        return options.log_file or log_file()

    @asynccontextmanager
    async def open_core(self, options: GlobalOptions, *, changes: bool) -> AsyncIterator[OpenSession]:
        """The core for one command: settings, demo if asked for, targets; closed on leaving."""
        from dbtui.cli.console import Console
        from dbtui.cli.prompting import mfa_prompt
        from dbtui.settings import load

        settings = load(options.config)
        async with _demo(options) as demo:
            problem = _log_to_file(self.log_file(options))
            if problem:
                sys.stderr.write(f"dbtui: {problem}\n")
            core = build_core(options, settings, want_alias=changes, mfa_prompt=mfa_prompt(Console.standard()))
            try:
                if demo is not None:
                    await demo.started()
                yield OpenSession(core, await core.directory.targets(options.profiles, options.regions), settings)
            finally:
                await _close(core)

    def run_tui(self, options: GlobalOptions) -> int:
        """Runs the terminal interface until it is left; returns the exit code."""
        if os.environ.get("SSH_CONNECTION"):
            os.environ.setdefault("TEXTUAL_FPS", SLOW_LINK_FPS)
            os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
        sys.setswitchinterval(SWITCH_SECONDS)
        from dbtui.first_frame import first_frame
        from dbtui.settings import load

        settings = load(options.config)
        with first_frame(options.profiles, options.regions, demo=options.demo):
            from dbtui.ui import app as _app  # noqa: F401 - the costly import, while the first frame shows
        return asyncio.run(self._tui(options, settings))

    async def _tui(self, options: GlobalOptions, settings: Settings) -> int:
        import msgspec

        from dbtui.ui.app import DbtuiApp

        async with _demo(options) as demo:
            problem = _log_to_file(self.log_file(options))
            if problem:
                settings = msgspec.structs.replace(settings, warnings=(*settings.warnings, problem))

            async def ask_mfa(question: str) -> str:
                return await app.ask_mfa(question)

            core = build_core(options, settings, mfa_prompt=ask_mfa)

            async def start() -> tuple[Target, ...]:
                if demo is not None:
                    await demo.started()
                targets = await core.directory.targets(options.profiles, options.regions)
                gc.freeze()  # what is loaded by now stays; collections need not look at it
                return targets

            app = DbtuiApp(
                core,
                settings,
                (),
                read_only=options.read_only,
                open_place=options.open,
                start=start,
                starting=demo.phase_text if demo is not None else None,
            )
            try:
                await app.run_async(mouse=options.mouse)
            finally:
                await _close(core)
            return app.return_code or 0


def build_core(
    options: GlobalOptions,
    settings: Settings,
    *,
    want_alias: bool = True,
    mfa_prompt: Callable[[str], Awaitable[str]] | None = None,
) -> Core:
    """Gateway, journal, runner, item writer, tracker and guards for one run; nothing is asked of AWS yet."""
    from dbtui.actions.core import Core
    from dbtui.actions.guards import Arming
    from dbtui.actions.item_writes import ItemWriter
    from dbtui.actions.journal import Journal
    from dbtui.actions.runner import Runner
    from dbtui.actions.tracker import Tracker
    from dbtui.aws.directory import AwsDirectory
    from dbtui.aws.gateway import AwsGateway
    from dbtui.domain.clock import system_clock
    from dbtui.items.drafts import Drafts
    from dbtui.items.undo import UndoLog
    from dbtui.settings import policy_from
    from dbtui.settings.paths import drafts_dir, journal_file

    policy = policy_from(settings, read_only=options.read_only)
    gateway = AwsGateway(read_only=lambda scope: policy(scope).read_only, want_alias=want_alias, mfa_prompt=mfa_prompt)
    journal = Journal(journal_file(), system_clock, policy, caller=gateway.caller)
    tracker = Tracker(gateway, journal, system_clock, drafts=drafts_dir())
    undo = UndoLog()
    return Core(
        gateway=gateway,
        directory=AwsDirectory(endpoint=options.endpoint_url, all_regions=options.all_regions),
        runner=Runner(gateway, journal, system_clock),
        tracker=tracker,
        journal=journal,
        arming=Arming(policy, system_clock),
        policy=policy,
        clock=system_clock,
        items=ItemWriter(gateway, journal, system_clock, undo, report=tracker.add),
        undo=undo,
        drafts=Drafts(drafts_dir(), system_clock),
    )


@asynccontextmanager
async def _demo(options: GlobalOptions) -> AsyncIterator[EmbeddedAws | None]:
    if not options.demo:
        yield None
        return
    from dbtui.embedded import embedded_aws

    async with embedded_aws(options.demo_faults) as aws:
        yield aws


async def _close(core: Core) -> None:
    await core.tracker.close()
    await core.gateway.close()
    await core.drafts.settle()
    core.drafts.close()


def _log_to_file(path: Path) -> str:
    """Sends every log record to the file and none to the terminal; returns why the file cannot be used, if so."""
    from logging.handlers import RotatingFileHandler

    root = logging.getLogger()
    root.handlers.clear()
    root.setLevel(logging.WARNING)
    logging.getLogger("dbtui").setLevel(logging.INFO)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        handler: logging.Handler = RotatingFileHandler(path, maxBytes=2_000_000, backupCount=2, encoding="utf-8")
    except OSError as error:
        root.addHandler(logging.NullHandler())
        return f"The log file {path} cannot be written: {error.strerror or error}."
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root.addHandler(handler)
    return ""
