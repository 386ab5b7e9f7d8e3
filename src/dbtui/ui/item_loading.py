"""Reads what was asked of a table into rows: first pages, more pages, everything; stops, goes on, starts again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from textual.widget import Widget
from textual.worker import Worker

from dbtui.domain import units
from dbtui.domain.failures import Failure
from dbtui.domain.key_query import KeyQuery
from dbtui.domain.models import Table
from dbtui.domain.row_view import ViewSource
from dbtui.items.pager import NO_LIMIT, Budget, Reading, Stop, Totals
from dbtui.items.rows import ItemRows
from dbtui.items.store import ItemStore
from dbtui.ui import loading
from dbtui.ui.item_query import Asked, Lookup
from dbtui.ui.session import Session

ONE_PAGE = Budget(requests=1)


@dataclass(slots=True)
class Holding:
    """What was asked, the items that came, and how they are shown. ``reading`` is ``None`` for a single item."""

    asked: Asked
    store: ItemStore
    rows: ItemRows
    view: ViewSource
    reading: Reading | None
    totals: Totals = field(default_factory=Totals)
    as_of: str = ""

    def close(self) -> None:
        self.view.close()
        self.rows.close()


class ItemLoader:
    """One thing is read at a time; ``changed`` is called whenever there is something else to say or to show."""

    def __init__(self, node: Widget, session: Session, table: Table, changed: Callable[[], None]) -> None:
        self._node = node
        self._session = session
        self.table = table
        """The table as it is known now: new rows are shown by it."""
        self._changed = changed
        self._worker: Worker[None] | None = None
        self._coming: Holding | None = None
        self.holding: Holding | None = None
        self.failure: Failure | None = None
        self.stop_reason: Stop | None = None
        self.stopped = False
        self.everything = False
        self.stale = False
        """Whether reading the same again failed, so that the rows are those of before."""

    @property
    def loading(self) -> bool:
        return self._worker is not None

    @property
    def totals(self) -> Totals:
        """What the read under way did, or the last one."""
        shown = self._coming or self.holding
        return Totals() if shown is None else shown.totals

    @property
    def may_go_on(self) -> bool:
        """Whether there is more to read of what is shown."""
        holding = self.holding
        return holding is not None and not self.loading and holding.reading is not None and not holding.totals.complete

    @property
    def may_run_by_itself(self) -> bool:
        """Whether the next page may come without being asked for: a query's, but never after a stop or a failure."""
        quiet = self.failure is None and not self.stopped and self.stop_reason is not Stop.MEMORY
        return self.may_go_on and quiet and self.holding is not None and isinstance(self.holding.asked, KeyQuery)

    def ask(self, asked: Asked, *, segments: int = 0) -> None:
        """Reads the first page of something else, or with ``segments`` all of it; what was shown before goes."""
        self._begin(self._new(asked, segments), everything=segments > 0, keep=False)

    def again(self) -> None:
        """Reads the same from its start. The rows stay until the new ones come."""
        if self.holding is not None:
            self._begin(self._new(self.holding.asked, 0), everything=False, keep=True)

    def more(self) -> None:
        """Goes on where the last page ended: with one more page, or with everything if that was what was stopped."""
        if self.holding is not None and self.may_go_on:
            self._start(self.holding, everything=self.everything)

    def stop(self) -> bool:
        """Ends the read under way and keeps what came; false when there was none."""
        if self._worker is None:
            return False
        self._worker.cancel()
        self._end(stopped=True)
        return True

    def close(self) -> None:
        for holding in (self.holding, self._coming):
            if holding is not None:
                holding.close()

    # -- how ----------------------------------------------------------------------------------------------------------

    def _new(self, asked: Asked, segments: int) -> Holding:
        store = ItemStore(self.table.keys)
        index = "" if isinstance(asked, Lookup) else asked.index
        rows = ItemRows(store, self.table, index=index, clock=self._session.clock)
        target, gateway = self.table.ref.scope.target, self._session.gateway
        reading = None
        if not isinstance(asked, Lookup):
            reading = Reading(gateway, target, asked, store, segments=max(1, segments))
        return Holding(asked, store, rows, ViewSource(rows), reading)

    def _begin(self, holding: Holding, *, everything: bool, keep: bool) -> None:
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None
        if self._coming is not None:
            self._coming.close()
        self._coming = holding
        if not keep or self.holding is None or not self.holding.store.row_count:
            self._show_coming()
        self._start(holding, everything=everything)

    def _show_coming(self) -> None:
        """The new rows take the place of the old ones."""
        if self._coming is not None:
            if self.holding is not None:
                self.holding.close()
            self.holding, self._coming = self._coming, None

    def _start(self, holding: Holding, *, everything: bool) -> None:
        self.failure, self.stop_reason, self.stopped, self.stale = None, None, False, False
        self.everything = everything
        budget = NO_LIMIT if everything else ONE_PAGE
        self._worker = loading.run(
            self._node, partial(self._read, holding, budget), group="items", on_failure=self._failed, exclusive=True
        )
        self._changed()

    async def _read(self, holding: Holding, budget: Budget) -> None:
        stop: Stop | None = Stop.COMPLETE
        if holding.reading is None:
            await self._get(holding)
        else:
            end = holding.reading.subscribe(partial(self._page, holding))
            try:
                stop = await holding.reading.run(budget)
            finally:
                end()
        self._arrived(holding)
        self.stop_reason = stop
        self._end()

    async def _get(self, holding: Holding) -> None:
        """One item by its key (GetItem)."""
        asked = holding.asked
        assert isinstance(asked, Lookup)
        target = self.table.ref.scope.target
        found = await self._session.gateway.item(target, asked.table.id, asked.key, consistent=asked.consistent)
        if found.item is not None:
            holding.store.insert(found.item)
        count = int(found.item is not None)
        holding.totals = Totals(evaluated=count, matched=count, units=found.units, requests=1, complete=True)

    def _page(self, holding: Holding, totals: Totals) -> None:
        holding.totals = totals
        if totals.requests:
            self._arrived(holding)
        self._changed()

    def _arrived(self, holding: Holding) -> None:
        """The first answer of a reload is there."""
        holding.as_of = units.clock(self._session.clock())
        if holding is self._coming:
            self._show_coming()
        holding.rows.complete = holding.totals.complete

    def _end(self, *, stopped: bool = False) -> None:
        self._worker = None
        self.stopped = stopped
        if self._coming is not None:  # a reload that brought nothing: the old rows are still shown
            self._coming.close()
            self._coming = None
        self._changed()

    def _failed(self, failure: Failure) -> None:
        self.failure, self.stale = failure, self._coming is not None
        self._end()
