"""How fast a reading may go: a limit on read units a second, and slowing down when AWS throttles."""

from __future__ import annotations

import math
from typing import Final

from dbtui.domain.failures import AwsError

FIRST_PAUSE: Final = 0.2
LONGEST_PAUSE: Final = 10.0
TRIES: Final = 10
"""Pauses in a row without a page between them before the reading gives up."""
CALM_PAGES: Final = 4
"""Pages without a throttle before one more request may be in flight."""
PAGE_SECONDS: Final = 0.5
"""Under a rate limit one page takes about so much of the rate."""
FIRST_LIMIT: Final = 25


class Rate:
    """Keeps read units consumed ÷ seconds elapsed at or below a limit by pages that are small and waits in between."""

    def __init__(self, units_per_second: float, started: float) -> None:
        if units_per_second <= 0:
            raise ValueError("A rate must be above zero.")
        self._rate = units_per_second
        self._started = started
        self._consumed = 0.0
        self._evaluated = 0

    def consumed(self, units: float, evaluated: int) -> None:
        """A page cost this much."""
        self._consumed += units
        self._evaluated += evaluated

    def wait(self, now: float) -> float:
        """Seconds to wait before the next request."""
        return max(0.0, self._started + self._consumed / self._rate - now)

    def limit(self, segments: int) -> int:
        """Items to ask for, so that one page in each segment takes about half a second's worth."""
        if not self._evaluated or not self._consumed:
            return FIRST_LIMIT
        per_item = self._consumed / self._evaluated
        return max(1, math.floor(self._rate * PAGE_SECONDS / per_item / segments))


class Throttle:
    """Answers throttling with fewer requests in flight and growing pauses, and recovers step by step."""

    def __init__(self, segments: int) -> None:
        self._most = self.width = segments
        self._pause = 0.0
        self._in_a_row = 0
        self._calm = 0
        self._not_before = 0.0
        self.reasons = ""
        """Why AWS throttled, while it has not recovered."""
        self.count = 0
        """Requests that were throttled."""

    def start(self) -> None:
        """A new run: earlier failures no longer count against it."""
        self._in_a_row = 0

    def throttled(self, error: AwsError, now: float) -> bool:
        """A request was throttled. False when it is time to give up. What was in flight beside it and is throttled
        during the pause that follows tells nothing new."""
        self.count += 1
        self._calm = 0
        self.reasons = ", ".join(error.throttling) or error.failure.code or error.failure.title
        if now < self._not_before:
            return True
        self._in_a_row += 1
        self.width = max(1, self.width // 2)
        self._pause = min(LONGEST_PAUSE, max(FIRST_PAUSE, 2 * self._pause))
        self._not_before = max(self._not_before, now + self._pause)
        return self._in_a_row < TRIES

    def succeeded(self) -> None:
        """A page came."""
        self._in_a_row = 0
        if not self.reasons:
            return
        self._calm += 1
        if self._calm < CALM_PAGES:
            return
        self._calm = 0
        self._pause /= 2
        if self.width < self._most:
            self.width += 1
        elif self._pause < FIRST_PAUSE:
            self._pause, self.reasons = 0.0, ""

    def wait(self, now: float) -> float:
        """Seconds to wait before the next request."""
        return max(0.0, self._not_before - now)
