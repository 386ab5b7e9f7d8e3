"""The demo's clock: real time, possibly faster, possibly pushed forward by a test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Every state in the demo is a function of `now()`; nothing sleeps to change state."""

    def __init__(
        self,
        *,
        start: datetime | None = None,
        speed: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._origin = start or datetime.now(UTC)
        self._mark = monotonic()
        self._speed = speed

    def now(self) -> datetime:
        with self._lock:
            return self._now()

    def _now(self) -> datetime:
        elapsed = (self._monotonic() - self._mark) * self._speed
        return self._origin + timedelta(seconds=elapsed)

    def advance(self, seconds: float) -> None:
        """Move forward at once. Time never runs backwards: states that have been seen stay true."""
        if seconds < 0:
            raise ValueError("the clock only moves forward")
        with self._lock:
            self._origin += timedelta(seconds=seconds)

    def set_speed(self, speed: float) -> None:
        if speed < 0:
            raise ValueError("the speed cannot be negative")
        with self._lock:
            self._origin = self._now()
            self._mark = self._monotonic()
            self._speed = speed
