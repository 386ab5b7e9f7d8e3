"""How long the event loop was held up: a heartbeat measured from inside it."""

from __future__ import annotations

import asyncio
import time
from types import TracebackType
from typing import Self

BEAT = 0.001


class StallMonitor:
    """`async with StallMonitor() as stalls: …`; then `stalls.worst`, `stalls.percentile(99)`, in milliseconds.

    A task sleeps for a millisecond over and over; what a sleep took beyond that is a stall as a user would feel it.
    """

    def __init__(self) -> None:
        self.lags: list[float] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._beat())
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        await asyncio.sleep(BEAT * 2)  # a stall at the very end still delays this beat
        self._task.cancel()
        await asyncio.wait({self._task})

    @property
    def worst(self) -> float:
        """The longest stall in milliseconds."""
        return max(self.lags, default=0.0)

    def percentile(self, percent: float) -> float:
        """The stall in milliseconds that so many percent of the beats did not exceed."""
        ordered = sorted(self.lags)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    def __str__(self) -> str:
        return f"worst {self.worst:.1f} ms, p99 {self.percentile(99):.1f} ms of {len(self.lags)} beats"

    async def _beat(self) -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(BEAT)
            now = time.perf_counter()
            self.lags.append(max(0.0, now - last - BEAT) * 1000)
            last = now
