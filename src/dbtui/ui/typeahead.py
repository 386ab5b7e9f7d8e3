"""Keys typed faster than the screen follows: each is handled when the one before it has had its effect.

A burst from a slow link arrives in one piece: ``/``, a name, ``enter``. Textual hands every key at once to the widget
that has the focus when it arrives, so the letters after ``/`` would reach the list as commands. Here a key waits until
the one before it, and whatever that one opened, has been through the queues it concerns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from textual import events
from textual.app import App
from textual.message_pump import MessagePump
from textual.timer import Timer

PATIENCE = 0.3
"""Seconds after which the next key goes on although the one before has not been heard of: its widget may be gone."""

Handle = Callable[[events.Key], Awaitable[None]]


class TypeAhead:
    """Passes keys to ``handle`` one after the other."""

    def __init__(self, app: App[None], handle: Handle) -> None:
        self._app = app
        self._handle = handle
        self._waiting: deque[events.Key] = deque()
        self._under_way = 0
        self._patience: Timer | None = None

    async def take(self, key: events.Key) -> None:
        """Handles the key now, or when those before it are through."""
        self._waiting.append(key)
        if not self._under_way:
            await self._next()

    async def _next(self) -> None:
        if not self._app.screen_stack:  # the program is ending: nobody is left to take a key
            self._waiting.clear()
        if not self._waiting:
            self._under_way = 0
            return
        self._under_way += 1
        number = self._under_way
        key = self._waiting.popleft()
        receiver = self._app.focused or self._app.screen
        await self._handle(key)
        if self._patience is not None:
            self._patience.stop()
        self._patience = self._app.set_timer(PATIENCE, lambda: self._through(number))
        # Messages bubble from queue to queue, so the word that it is through takes the same way: once behind the key,
        # whose binding the app looks up at the end of it, and once behind what the binding's action posts. It queues
        # twice at each node, behind what the node posts to itself. Then it visits the screen in front, maybe a new one.
        way = [*(node for node in receiver.ancestors_with_self if isinstance(node, MessagePump)), self._app]
        self._pass_on([node for node in way * 2 for _ in range(2)], number)

    def _pass_on(self, way: list[MessagePump], number: int) -> None:
        if way:
            first, *rest = way
            first.call_later(self._pass_on, rest, number)
        elif self._app.screen_stack:
            front = self._app.screen
            front.call_later(front.call_later, self._app.call_later, self._through, number)

    async def _through(self, number: int) -> None:
        """The effect of a key is there, or it takes too long: the next one."""
        if number == self._under_way:
            if self._patience is not None:
                self._patience.stop()
                self._patience = None
            await self._next()
