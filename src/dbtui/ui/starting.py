"""Before the first list: finding out what to work with, and whose account it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.timer import Timer

from dbtui.domain.failures import Failure
from dbtui.domain.scope import Target
from dbtui.ui import loading
from dbtui.ui.session import Session

Start = Callable[[], Awaitable[tuple[Target, ...]]]
LOOK_SECONDS = 0.5
"""How often the name of what is starting is looked at while nothing else can be shown."""


class Startup:
    """Awaits ``start`` behind the first paint and keeps saying what is waited for.

    ``changed`` is called when the words or the outcome are different, ``found`` with the targets.
    """

    def __init__(
        self,
        session: Session,
        start: Start,
        words: Callable[[], str] | None,
        *,
        changed: Callable[[], None],
        found: Callable[[tuple[Target, ...]], None],
    ) -> None:
        self._session = session
        self._start = start
        self._words = words or (lambda: "Starting…")
        self._changed = changed
        self._found = found
        self._timer: Timer | None = None
        session.starting = self._words()

    def begin(self, node: DOMNode) -> None:
        """Starts, or tries again after a failure."""
        self._session.start_failure = None
        self._session.starting = self._words()
        self._changed()
        loading.run(node, self._find, group="start", on_failure=self._failed, exclusive=True)
        self._look(node)

    def _look(self, node: MessagePump) -> None:
        """Looks at the words again for as long as it takes; they are drawn only when they are others."""
        if self._words() != self._session.starting:
            self._session.starting = self._words()
            self._changed()
        self._timer = node.set_timer(LOOK_SECONDS, partial(self._look, node))

    async def _find(self) -> None:
        targets = await self._start()
        self._end()
        self._found(targets)

    def _failed(self, failure: Failure) -> None:
        self._end()
        self._session.start_failure = failure
        self._changed()

    def _end(self) -> None:
        self._session.starting = ""
        if self._timer is not None:
            self._timer.stop()


def read_scopes(node: DOMNode, session: Session, changed: Callable[[], None]) -> None:
    """Asks for every account that is not known; ``changed`` is called with each answer."""

    async def read(target: Target, epoch: int) -> None:
        scope = await session.gateway.scope(target)
        if epoch == session.epoch:
            session.scopes[target] = scope
            session.scope_failures.pop(target, None)
            changed()

    def failed(target: Target, epoch: int, failure: Failure) -> None:
        if epoch == session.epoch:
            session.scope_failures[target] = failure
            changed()

    for target in session.targets:
        known = session.scopes.get(target)
        if known is None or not known.account_known:
            work, epoch = partial(read, target, session.epoch), session.epoch
            loading.run(node, work, group="scopes", on_failure=partial(failed, target, epoch))
