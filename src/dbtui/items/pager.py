"""Reading a Query or a Scan page by page into a store: budgets, segments, a rate, throttling, and going on later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias, TypeGuard

from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.key_query import KeyQuery, ScanOf, read_units
from dbtui.domain.scope import Target
from dbtui.domain.values import Item
from dbtui.gateway.protocol import ItemPage, Reads
from dbtui.items.pace import Rate, Throttle
from dbtui.items.store import ItemStore

MOST_SEGMENTS: Final = 1_000_000


class Stop(StrEnum):
    """Why a run ended."""

    COMPLETE = "complete"
    BUDGET = "budget"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may take; `None` is no limit. A page that crosses a limit is kept whole.

    `items` are items that came (matched), `units` read capacity units, `bytes` wire bytes of items.
    """

    items: int | None = None
    requests: int | None = None
    units: float | None = None
    seconds: float | None = None
    bytes: int | None = None


NO_LIMIT: Final = Budget()


@dataclass(frozen=True, slots=True)
class Totals:
    """What a reading did so far, over all its runs.

    `units` is None when the endpoint tells no consumed capacity. `throttled` says why AWS throttles, in its words, and
    is empty again when the reading has recovered; `throttles` counts.
    """

    evaluated: int = 0
    matched: int = 0
    units: float | None = None
    requests: int = 0
    seconds: float = 0.0
    bytes: int = 0
    throttled: str = ""
    throttles: int = 0
    complete: bool = False


Listener: TypeAlias = Callable[[Totals], None]
Pause: TypeAlias = Callable[[float], Awaitable[None]]
_Flight: TypeAlias = "asyncio.Task[ItemPage]"


@dataclass(slots=True, eq=False)
class _Segment:
    """A part of the table with its own place to go on from; `last_key` is None before its first page."""

    number: int
    last_key: Item | None = None
    done: bool = False


class Reading:
    """One Query or Scan. It may be cancelled at any time: what came is kept, and the next run goes on from there.

    `rate` is in read capacity units a second; `page_limit` the most items evaluated for one page. A request in flight
    when a run is cancelled is asked again; its page is in the store at most once.
    """

    def __init__(
        self,
        gateway: Reads,
        target: Target,
        query: KeyQuery | ScanOf,
        store: ItemStore,
        *,
        segments: int = 1,
        rate: float | None = None,
        page_limit: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Pause = asyncio.sleep,
    ) -> None:
        query.check()
        if not 1 <= segments <= (1 if isinstance(query, KeyQuery) else MOST_SEGMENTS):
            raise ValueError(f"A {query.operation} cannot have {segments} segments.")
        self.query = query
        self.store = store
        self.rate = rate
        self.page_limit = page_limit
        self.totals = Totals()
        self.reached = ""
        """The member of the budget that ended the last run, if one did."""
        self._gateway = gateway
        self._target = target
        self._parameters = query.parameters()
        self._segments = [_Segment(number) for number in range(segments)]
        self._throttle = Throttle(segments)
        self._clock = clock
        self._pause = pause
        self._listeners: list[Listener] = []
        self._one_run = asyncio.Lock()

    @property
    def complete(self) -> bool:
        """Whether everything there was has been read."""
        return self.totals.complete

    @property
    def running(self) -> bool:
        return self._one_run.locked()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener` with the totals after every page and every throttle; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    async def run(self, budget: Budget = NO_LIMIT) -> Stop:
        """Read on until everything is here, the budget is used up or the store is full.

        A run waits for the one before to end. Raises AwsError when a request fails, or is throttled time and again; a
        later run goes on where this one was.
        """
        # A run that was cancelled may still be ending its requests.
        async with self._one_run:
            self.reached = ""
            self._throttle.start()
            run = _Run(self, budget)
            try:
                return await run.go()
            finally:
                self._tell(seconds=run.before.seconds + self._clock() - run.started)

    def _tell(self, **changes: Any) -> None:
        self.totals = replace(self.totals, **changes)
        for listener in tuple(self._listeners):
            listener(self.totals)

    def _request(self, segment: _Segment, limit: int | None) -> _Flight:
        parameters = dict(self._parameters)
        if len(self._segments) > 1:
            parameters |= {"Segment": segment.number, "TotalSegments": len(self._segments)}
        if segment.last_key is not None:
            parameters["ExclusiveStartKey"] = segment.last_key
        if limit is not None:
            parameters["Limit"] = limit
        call = self._gateway.item_page(self._target, self.query.operation, parameters)
        return asyncio.ensure_future(call)

    def _take(self, segment: _Segment, page: ItemPage) -> float:
        """Keep a page and remember where to go on. Nothing is awaited here, so both happen or neither.

        Returns what it cost, or should have cost if the endpoint does not tell.
        """
        segment.last_key = page.last_key
        segment.done = page.last_key is None
        bytes_before = self.store.wire_bytes
        self.store.append(page)
        size = self.store.wire_bytes - bytes_before
        self._throttle.succeeded()
        totals = self.totals
        self.totals = replace(
            totals,
            evaluated=totals.evaluated + page.scanned,
            matched=totals.matched + len(page.items),
            units=totals.units if page.units is None else (totals.units or 0.0) + page.units,
            requests=totals.requests + 1,
            bytes=totals.bytes + size,
            complete=all(segment.done for segment in self._segments),
        )
        return read_units(max(1, size), consistent=self.query.consistent) if page.units is None else page.units


class _Run:
    """One run of a reading: requests in flight, and when to start no more."""

    def __init__(self, reading: Reading, budget: Budget) -> None:
        self._reading = reading
        self._budget = budget
        self._flights: dict[_Flight, _Segment] = {}
        self._clock = reading._clock
        self.started = self._clock()
        self.before = reading.totals
        self._units = 0.0
        self._rate = None if reading.rate is None else Rate(reading.rate, self.started)

    async def go(self) -> Stop:
        try:
            while (stop := self._reason_to_stop()) is None:
                wait = self._wait()
                if wait > 0 and not self._flights:
                    await self._reading._pause(wait)
                    continue
                if wait <= 0:
                    self._start_requests()
                await self._land()
            while self._flights:
                await self._land()
            # What was in flight may have been the rest.
            return Stop.COMPLETE if self._reading.complete else stop
        finally:
            await self._end_flights()

    def _reason_to_stop(self) -> Stop | None:
        reading, budget = self._reading, self._budget
        if reading.complete:
            return Stop.COMPLETE
        spent = {
            "items": (budget.items, reading.totals.matched - self.before.matched),
            "requests": (budget.requests, reading.totals.requests - self.before.requests),
            "units": (budget.units, self._units),
            "seconds": (budget.seconds, self._clock() - self.started),
            "bytes": (budget.bytes, reading.totals.bytes - self.before.bytes),
        }
        for name, (most, so_far) in spent.items():
            if most is not None and so_far >= most:
                reading.reached = name
                return Stop.BUDGET
        return Stop.MEMORY if reading.store.full else None

    def _wait(self) -> float:
        """Seconds until a request may start, no longer than the budget lasts."""
        now = self._clock()
        wait = max(self._reading._throttle.wait(now), 0.0 if self._rate is None else self._rate.wait(now))
        if self._budget.seconds is None:
            return wait
        return min(wait, max(0.0, self.started + self._budget.seconds - now))

    def _start_requests(self) -> None:
        reading, flying = self._reading, set(self._flights.values())
        for segment in reading._segments:
            if len(self._flights) >= reading._throttle.width or not self._may_ask_more():
                return
            if not segment.done and segment not in flying:
                self._flights[reading._request(segment, self._limit())] = segment

    def _may_ask_more(self) -> bool:
        """Whether one request more fits into the budget of requests."""
        most = self._budget.requests
        used = self._reading.totals.requests - self.before.requests + len(self._flights)
        return most is None or used < most

    def _limit(self) -> int | None:
        """Items to evaluate for a page: no more than asked for, and little under a rate limit."""
        reading = self._reading
        limits = [reading.page_limit]
        if self._rate is not None:
            limits.append(self._rate.limit(len(reading._segments)))
        if self._budget.items is not None:
            limits.append(self._budget.items - (reading.totals.matched - self.before.matched))
        return min((limit for limit in limits if limit is not None), default=None)

    async def _land(self) -> None:
        """Wait for a page, and take in what has come. A failure is raised after the pages that came with it."""
        if not self._flights:
            return
        await asyncio.wait(self._flights, return_when=asyncio.FIRST_COMPLETED)
        failures = []
        for flight in [flight for flight in self._flights if flight.done()]:
            error = self._settle(flight)
            if error is not None:
                failures.append(error)
            await asyncio.sleep(0)  # a page takes milliseconds where its rows are shown: not several of them at once
        if failures:
            raise failures[0]

    def _settle(self, flight: _Flight) -> BaseException | None:
        """Take in one finished request; returns the failure that ends the run, if it is one."""
        reading, segment = self._reading, self._flights.pop(flight)
        if flight.cancelled():
            return asyncio.CancelledError()
        error = flight.exception()
        if error is None:
            cost = reading._take(segment, flight.result())
            self._units += cost
            if self._rate is not None:
                self._rate.consumed(cost, flight.result().scanned)
        elif not (_is_throttled(error) and reading._throttle.throttled(error, self._clock())):
            return error
        reading._tell(
            seconds=self.before.seconds + self._clock() - self.started,
            throttled=reading._throttle.reasons,
            throttles=reading._throttle.count,
        )
        return None

    async def _end_flights(self) -> None:
        """End what is in flight. Pages that have come already are kept: they were paid for."""
        flights = dict(self._flights)
        for flight in flights:
            if flight.done() and not flight.cancelled() and flight.exception() is None:
                self._settle(flight)
            else:
                flight.cancel()
        if self._flights:
            await asyncio.wait(self._flights)
            self._flights.clear()


def _is_throttled(error: BaseException) -> TypeGuard[AwsError]:
    return isinstance(error, AwsError) and error.failure.kind is FailureKind.THROTTLED
