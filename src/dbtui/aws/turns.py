"""Spreading work over turns of the event loop, so that a burst of calls never holds it up."""

from __future__ import annotations

import asyncio


class Turns:
    """One caller in each turn of the loop, first come first served.

    Signing a request and parsing its reply cost a millisecond or so each. Calls started in one turn tend to be
    answered in one turn, and then all of them are parsed before a key is looked at.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def next(self) -> None:
        """Returns when it is the caller's turn."""
        async with self._lock:
            await asyncio.sleep(0)
