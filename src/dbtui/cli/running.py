"""Runs a verb's coroutine with the core open, and turns signals into a clean end with the shell's exit code."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Final, TypeVar

from dbtui.cli import exits
from dbtui.cli.console import Console, PipeClosed
from dbtui.cli.options import Invocation
from dbtui.cli.wiring import Session
from dbtui.gateway.protocol import Notice

T = TypeVar("T")

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_SECONDS: Final = 30.0
"""How long a call that is already at AWS may still answer after an interruption."""


def run_session(invocation: Invocation, work: Callable[[Session], Awaitable[int]], *, changes: bool = False) -> int:
    """Opens the core, runs the work and closes the core; a signal ends it with the shell's code for it."""

    async def main() -> int:
        async with invocation.wiring.open_core(invocation.options, changes=changes) as session:
            for warning in session.settings.warnings:
                invocation.console.say(f"warning: {warning}")
            unsubscribe = session.core.gateway.subscribe(_Notices(invocation.console))
            try:
                return await work(session)
            finally:
                unsubscribe()

    with asyncio.Runner() as runner:
        return runner.run(_interruptible(main()))


async def _interruptible(work: Coroutine[None, None, int]) -> int:
    """Awaits the work as a task; the first signal cancels it, and so does each further one."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    received: list[signal.Signals] = []

    def interrupt(number: signal.Signals) -> None:
        received.append(number)
        task.cancel()

    # A signal that the caller has switched off (nohup, a job in the background) stays off.
    handled = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    for number in handled:
        loop.add_signal_handler(number, interrupt, number)
    try:
        return await task
    except (asyncio.CancelledError, PipeClosed):
        if received:
            return exits.of_signal(received[0])
        raise
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


async def to_the_end(work: Coroutine[None, None, T]) -> T:
    """Awaits what must not be torn in two (a change on its way to AWS), then lets an interruption through.

    The first interruption waits for the answer, for a while; a second one does not.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(asyncio.CancelledError):
            await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        raise


_BACKGROUND = ("sts:", "iam:")
"""Services asked beside the call a person waits for; what their retries delay is told by that call."""


class _Notices:
    """Says once per scope and operation that a call is throttled or repeated, or that the account has changed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[tuple[str, str, str]] = set()

    def __call__(self, notice: Notice) -> None:
        key = (notice.kind, notice.target.label, notice.operation)
        if key in self._said or notice.operation.startswith(_BACKGROUND):
            return
        self._said.add(key)
        text = notice.text or f"{notice.operation} is {notice.kind}, trying again"
        self._console.say(f"{notice.target.label}: {text}")
