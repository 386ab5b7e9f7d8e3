"""Sorting and filtering loaded items: jobs that tell how far they are and can be stopped."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial

from textual.widget import Widget
from textual.worker import Worker

from dbtui.domain.failures import Failure
from dbtui.domain.rows import Progress
from dbtui.ui import loading

QUIET_SECONDS = 0.3
"""A job that is done so soon is not spoken of; a longer one tells how far it is at most this often."""

Job = Callable[[Callable[[Progress], None]], Awaitable[bool]]


class Arranger:
    """One job at a time: a later one takes over. ``changed`` is called when ``text`` says something else."""

    def __init__(self, node: Widget, changed: Callable[[], None], failed: Callable[[Failure], None]) -> None:
        self._node = node
        self._changed = changed
        self._failed = failed
        self._worker: Worker[None] | None = None
        self._told_at = 0.0
        self.text = ""

    def start(self, word: str, job: Job, done: Callable[[], None]) -> None:
        """Begins the job that ``word`` names, such as ``sorting``."""
        self._told_at = time.monotonic()
        self._worker = loading.run(
            self._node, partial(self._run, word, job, done), group="arrange", on_failure=self._broke, exclusive=True
        )

    def stop(self) -> bool:
        """Ends the job; rows stay as they are. False when there was none."""
        if self._worker is None or not self._worker.is_running:
            return False
        self._worker.cancel()
        self._worker, self.text = None, ""
        self._changed()
        return True

    async def _run(self, word: str, job: Job, done: Callable[[], None]) -> None:
        if await job(partial(self._progress, word)):
            self._worker, self.text = None, ""
            done()
            self._changed()

    def _broke(self, failure: Failure) -> None:
        self._worker, self.text = None, ""
        self._failed(failure)

    def _progress(self, word: str, progress: Progress) -> None:
        now = time.monotonic()
        if progress.total and now - self._told_at >= QUIET_SECONDS:
            self._told_at = now
            self.text = f"{word} {100 * progress.done // progress.total} %, esc stops"
            self._changed()
