"""The one way to do anything that takes time: a worker whose failures become words on the screen."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from textual.dom import DOMNode
from textual.worker import Worker

from dbtui.domain.failures import DbtuiError, Failure, FailureKind

LOG = logging.getLogger("dbtui")

INTERNAL = Failure(
    FailureKind.BUG,
    "An internal error of dbtui; nothing was changed by it.",
    hint="The details are in the log file (--log-file). Please report them.",
)


async def guarded(work: Callable[[], Awaitable[None]], on_failure: Callable[[Failure], None]) -> None:
    """Awaits the work; every failure is told to ``on_failure``. Cancellation passes through."""
    try:
        await work()
    except DbtuiError as error:
        on_failure(error.failure)
    except Exception:
        # The one broad net: whatever else goes wrong is a defect of ours, and must not take the screen down.
        LOG.exception("internal error")
        on_failure(INTERNAL)


def run(
    node: DOMNode,
    work: Callable[[], Awaitable[None]],
    *,
    group: str,
    on_failure: Callable[[Failure], None],
    exclusive: bool = False,
) -> Worker[None]:
    """Does the work in a worker of ``node`` and dies with it; ``exclusive`` cancels the group's earlier work."""
    # A partial, not a coroutine: a worker that is cancelled before it starts would leave that one unawaited.
    return node.run_worker(
        partial(guarded, work, on_failure), name=group, group=group, exclusive=exclusive, exit_on_error=False
    )
