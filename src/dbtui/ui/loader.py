"""Everything a list does over time: loading, stopping, describing, following; in workers of one widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from textual.timer import Timer
from textual.widget import Widget

from dbtui.domain.failures import Failure
from dbtui.domain.rows import RowId
from dbtui.domain.scope import ResourceRef
from dbtui.ui import loading, wording
from dbtui.ui.describing import Describer
from dbtui.ui.fleet import Fleet, needs_description
from dbtui.ui.panes import PaneSpec
from dbtui.ui.polling import Poller
from dbtui.ui.session import Session

GROUPS = ("load", "poll", "describe", "row")


@dataclass(frozen=True, slots=True)
class Hooks:
    """What a loader asks of the list it loads for, and tells it."""

    changed: Callable[[], None]
    lit: Callable[[frozenset[RowId]], None]
    in_sight: Callable[[], bool]
    visible: Callable[[], tuple[RowId, ...]]


class Loader:
    """Loads the rows of a pane into its fleet and keeps them current."""

    def __init__(self, node: Widget, spec: PaneSpec, session: Session, hooks: Hooks) -> None:
        self.fleet = Fleet(spec.kinds, session.gateway, session.clock, on_change=hooks.changed, on_lit=hooks.lit)
        self.poller = Poller(self, session)
        self.trouble = ""
        self._node = node
        self._session = session
        self._hooks = hooks
        described = next((kind for kind in spec.kinds if kind.describe is not None), None)
        self.describer = None if described is None else Describer(self.fleet, described, session.gateway)

    @property
    def note(self) -> str:
        """What the status line says besides the rows."""
        return self.trouble or self.poller.note

    @property
    def in_sight(self) -> bool:
        return self._hooks.in_sight()

    def tell_status(self) -> None:
        self._hooks.changed()

    def set_timer(self, delay: float, callback: Callable[[], None] | None = None) -> Timer:
        return self._node.set_timer(delay, callback)

    def reset(self) -> None:
        """Forgets everything, and whatever is still under way."""
        for group in GROUPS:
            self._node.workers.cancel_group(self._node, group)
        if self.describer is not None:
            self.describer.forget()
        self.trouble = ""
        self.poller.cancel()
        self.fleet.clear()

    def load(self, *, everything: bool = True) -> None:
        """Reads all parts at the same time; ``everything`` describes every row again, not only those in sight."""
        self.poller.cancel()
        if not self._session.ready:
            self._hooks.changed()
            return
        self.trouble = ""
        generation, parts = self.fleet.begin(self._session.targets, quietly=not everything)
        if everything and self.describer is not None:
            self.describer.forget()

        async def work() -> None:
            await self.fleet.load_all(parts, generation)
            if generation == self.fleet.generation:
                self._loaded(everything=everything)

        failed = partial(self.fleet.fail, generation)
        loading.run(self._node, work, group="load", on_failure=failed, exclusive=True)

    def _loaded(self, *, everything: bool) -> None:
        self.poller.loaded()
        if self.describer is not None:
            in_sight = [self.fleet.rows.model(row_id) for row_id in self._hooks.visible()]
            again = self.fleet.rows.models if everything else [model for model in in_sight if model is not None]
            self.describer.want([*again, *self.fleet.undescribed])
            self.describe_visible()

    def stop(self) -> bool:
        """Ends the load under way and keeps what is there; false when there was none."""
        if not self.fleet.stop():
            return False
        self._node.workers.cancel_group(self._node, "load")
        self.poller.loaded()
        return True

    def describe_visible(self) -> None:
        """Other rows came into sight: those of which only the name is known come first."""
        if self.describer is None:
            return
        visible = self._hooks.visible()
        self.describer.look_at(visible)
        models = (self.fleet.rows.model(row_id) for row_id in visible)
        self.describer.want([model for model in models if model is not None and needs_description(model)])
        if self.describer.waiting:
            loading.run(self._node, self._describe, group="describe", on_failure=self._in_trouble)

    async def _describe(self) -> None:
        assert self.describer is not None
        await self.describer.run()
        self._hooks.changed()

    def poll_moving(self) -> None:
        """Reads the rows in transition again, one call for each kind and scope."""

        async def work() -> None:
            for ids in self.fleet.moving().values():
                await self.fleet.refresh(ids)
            self.trouble = ""
            self.poller.rows_changed()
            self._hooks.changed()

        loading.run(self._node, work, group="poll", on_failure=self._in_trouble, exclusive=True)

    def refresh_row(self, ref: ResourceRef) -> None:
        """Reads one row again because an operation on it moved on."""
        if self.fleet.rows.model(ref) is not None:
            loading.run(self._node, lambda: self.fleet.refresh([ref]), group="row", on_failure=self._in_trouble)

    def _in_trouble(self, failure: Failure) -> None:
        """Following failed: say it, keep what is there, and try again in the usual time."""
        self.trouble = f"following changes failed: {wording.escaped_title(failure)}"
        self.poller.rows_changed()
        self._hooks.changed()
