"""Runs a scan or a query, prints what comes as it comes, and tells at the end what was read and whether it was all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import msgspec

from dbtui.cli import exits
from dbtui.cli.console import Console, PipeClosed
from dbtui.cli.items.sinks import ItemSink, make_sink
from dbtui.cli.items.subject import Subject
from dbtui.cli.items.text import ItemText, leading_names
from dbtui.cli.options import Invocation
from dbtui.cli.progress import StatusLine
from dbtui.cli.wiring import Session
from dbtui.domain import units
from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.key_query import KeyQuery, ScanOf, index_of
from dbtui.gateway.protocol import ItemPage
from dbtui.items.pager import Budget, Reading, Stop, Totals
from dbtui.items.store import ItemStore

_LIMITS: Final = {"items": "--limit", "units": "--max-rcu"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may be read, and how fast. ``units`` are read capacity units, ``rate`` is in units a second."""

    limit: int | None = None
    units: float | None = None
    rate: float | None = None
    segments: int = 1

    @property
    def given(self) -> bool:
        """Whether it ends by itself before a large table does."""
        return self.limit is not None or self.units is not None


@dataclass(frozen=True, slots=True)
class Layout:
    """How items are written, besides ``-o``."""

    dynamodb: bool = False
    guard: bool = True


class Outlet(ItemStore):
    """A store that hands every item on. It keeps none, unless the sink lays them out at the end.

    What goes wrong while writing ends the reading (the store is full) and is kept in ``error``.
    """

    def __init__(self, subject: Subject, sink: ItemSink, limit: int | None) -> None:
        super().__init__(subject.table.keys)
        self._sink = sink
        self._left = limit
        self._seen_bytes = 0
        self.given = 0
        """Items handed on: never more than the limit, however many segments read."""
        self.error: PipeClosed | DbtuiError | None = None

    @property
    def wire_bytes(self) -> int:
        return self._seen_bytes

    @property
    def full(self) -> bool:
        return self.error is not None or (self._sink.keeps and self._seen_bytes >= self.memory_limit)

    def append(self, page: ItemPage) -> range:
        before = self.given
        self._seen_bytes += sum(memoryview(raw).nbytes for raw in page.items)
        try:
            for raw in page.items if self._left is None else page.items[: self._left - self.given]:
                self._hand_on(raw)
        except (PipeClosed, DbtuiError) as error:
            self.error = error
        return range(before, self.given)

    def _hand_on(self, raw: msgspec.Raw) -> None:
        try:
            self._sink.put(raw)
        except ValueError as error:
            raise DbtuiError(Failure(FailureKind.SERVICE, f"AWS's reply cannot be read: {error}.")) from None
        self.given += 1


async def read_all(
    invocation: Invocation,
    session: Session,
    subject: Subject,
    query: KeyQuery | ScanOf,
    *,
    bounds: Bounds,
    layout: Layout,
) -> int:
    """Reads until everything or a bound is reached. What came stands on standard output, whatever ends it."""
    console = invocation.console
    text = ItemText(console, leading_names(subject.table), layout.dynamodb)
    sink = make_sink(text, invocation.item_output, subject.table, query.index, guard=layout.guard)
    outlet = Outlet(subject, sink, bounds.limit)
    reading = Reading(session.core.gateway, subject.target, query, outlet, segments=bounds.segments, rate=bounds.rate)
    truth = Truth(query, bounds)
    failure: DbtuiError | None = None
    why = ""
    try:
        why = await _run(console, reading, truth, bounds, quiet=console.out_is_terminal and not sink.keeps)
        if outlet.error is not None:
            raise outlet.error
    except asyncio.CancelledError:
        why = "interrupted"
        raise
    except DbtuiError as error:
        failure, why = error, "it was ended by an error"
    finally:
        if outlet.error is None or isinstance(outlet.error, DbtuiError):
            sink.close()
            console.say(truth.line(reading.totals, outlet.given, why))
    if failure is None:
        return exits.Exit.DONE
    console.say(f"dbtui: {failure.failure.sentence}")
    return exits.of_error(failure)


async def _run(console: Console, reading: Reading, truth: Truth, bounds: Bounds, *, quiet: bool) -> str:
    """Reads with progress on standard error; returns why it ended before the end, or the empty string."""
    with StatusLine(console) as line:
        throttled = False

        def tell(totals: Totals) -> None:
            nonlocal throttled
            if totals.throttled and not throttled:
                line.clear()
                console.say(f"throttled: {totals.throttled}; reading more slowly")
            throttled = bool(totals.throttled)
            if not quiet:
                line.show(truth.progress(totals))

        reading.subscribe(tell)
        stop = await reading.run(Budget(items=bounds.limit, units=bounds.units))
    if stop is Stop.BUDGET:
        return f"{_LIMITS[reading.reached]} was reached"
    if stop is Stop.MEMORY and reading.store.memory_limit:
        return f"{units.size(reading.store.memory_limit)} are kept for the table; -o jsonl keeps nothing"
    return ""


class Truth:
    """The sentences about what was read: evaluated, matched, capacity, and whether that is all."""

    def __init__(self, query: KeyQuery | ScanOf, bounds: Bounds) -> None:
        index = index_of(query.table, query.index)
        count = query.table.item_count if index is None else index.item_count
        self._expected = count if isinstance(query, ScanOf) else None
        self._bounds = bounds

    def progress(self, totals: Totals) -> str:
        """``evaluated 12,400 of ≈1.2 M · matched 3 · 310 RCU``"""
        of = f" of ≈{units.short_count(self._expected)}" if self._expected else ""
        used = f" · {totals.units:,g} RCU" if totals.units is not None else ""
        return f"evaluated {totals.evaluated:,}{of} · matched {totals.matched:,}{used}"

    def line(self, totals: Totals, given: int, why: str) -> str:
        """The progress at the end, with ``complete`` or ``more`` and the reason."""
        cut = given < totals.matched
        matched = f" · printed {given:,}" if cut else ""
        if totals.complete and not cut:
            return f"{self.progress(totals)}{matched} · complete"
        return f"{self.progress(totals)}{matched} · more: {why or '--limit was reached'}"
