"""Keeping a list current: all of it now and then, rows in transition often, nothing that nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from textual.timer import Timer

from dbtui.ui.fleet import Fleet
from dbtui.ui.session import Session


class Polled(Protocol):
    """What a poller needs of the list it keeps current."""

    fleet: Fleet

    @property
    def in_sight(self) -> bool: ...

    def load(self, *, everything: bool = True) -> None: ...

    def poll_moving(self) -> None: ...

    def tell_status(self) -> None: ...

    def set_timer(self, delay: float, callback: Callable[[], None] | None = None) -> Timer: ...


class Poller:
    """One-shot timers of one list. Nothing is drawn by them unless something changed."""

    def __init__(self, pane: Polled, session: Session) -> None:
        self._pane = pane
        self._session = session
        self._fleet_timer: Timer | None = None
        self._moving_timer: Timer | None = None
        self.paused = False

    @property
    def note(self) -> str:
        """What the status line says about a pause."""
        minutes = round(self._session.pace.idle / 60)
        return f"refresh paused after {minutes} min without a key; any key resumes" if self.paused else ""

    @property
    def is_old(self) -> bool:
        """Whether the rows are due for a refresh."""
        as_of = self._pane.fleet.as_of
        return as_of is None or self._session.clock() - as_of >= timedelta(seconds=self._session.pace.fleet)

    def cancel(self) -> None:
        """Nothing is due: a load is about to begin."""
        for timer in (self._fleet_timer, self._moving_timer):
            if timer is not None:
                timer.stop()
        self._fleet_timer = self._moving_timer = None
        self.paused = False

    def loaded(self) -> None:
        """A load has ended: the next one is due after the usual time."""
        if self._fleet_timer is not None:
            self._fleet_timer.stop()
        self._fleet_timer = self._pane.set_timer(self._session.pace.fleet, self._fleet_due)
        self.rows_changed()

    def rows_changed(self) -> None:
        """Rows in transition are due soon, if there are any."""
        if self._moving_timer is None and not self._pane.fleet.loading and self._pane.fleet.moving():
            self._moving_timer = self._pane.set_timer(self._session.pace.transitional, self._moving_due)

    def resume(self) -> None:
        """A key was pressed: what was paused is made up for."""
        if self.paused:
            self.paused = False
            self._fleet_due()

    def _fleet_due(self) -> None:
        self._fleet_timer = None
        if not self._pane.in_sight or self._pane.fleet.stopped:
            return  # it is refreshed when it comes into sight again; a load a person stopped stays stopped
        if self._session.idle and not self._session.core.tracker.running_count and not self._pane.fleet.moving():
            self.paused = True
            self._pane.tell_status()
        else:
            self._pane.load(everything=False)

    def _moving_due(self) -> None:
        self._moving_timer = None
        if self._pane.in_sight and not self._pane.fleet.loading:
            self._pane.poll_moving()
        else:
            self.rows_changed()
