"""Single flight: many callers, one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Flights(Generic[K, V]):
    """Results by key, made once. A caller's cancellation does not stop work that others wait for; a failure is raised
    to everyone who waited, and the next caller tries again."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K, make: Callable[[], Awaitable[V]]) -> V:
        """The result for ``key``, made by ``make`` unless it exists or is on its way."""
        return await asyncio.shield(self.start(key, make))

    def start(self, key: K, make: Callable[[], Awaitable[V]]) -> asyncio.Task[V]:
        """The task that makes or has made the result for ``key``."""
        task = self._tasks.get(key)
        if task is None:

            async def run() -> V:
                return await make()

            task = self._tasks[key] = asyncio.create_task(run())
            task.add_done_callback(lambda done: self._landed(key, done))
        return task

    def result(self, key: K) -> V | None:
        """The result, if it has been made."""
        task = self._tasks.get(key)
        return task.result() if task is not None and task.done() and not _failed(task) else None

    def results(self) -> list[V]:
        """Every result that has been made."""
        return [task.result() for task in self._tasks.values() if task.done() and not _failed(task)]

    def forget(self, key: K) -> None:
        """Drops the result, so that the next caller makes it anew; work on its way goes on for its callers."""
        self._tasks.pop(key, None)

    async def close(self) -> None:
        """Cancels what is on its way and waits for it to end."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _landed(self, key: K, task: asyncio.Task[V]) -> None:
        if _failed(task) and self._tasks.get(key) is task:
            del self._tasks[key]


def _failed(task: asyncio.Task[Any]) -> bool:
    """Whether a finished task has no result. Looking at its exception keeps asyncio from reporting it as lost."""
    return task.cancelled() or task.exception() is not None
