"""Textual's terminal driver with an outlet that never blocks the event loop.

Textual hands its output to a thread through a queue of 30 writes; when the terminal stops reading (a frozen ssh, a
paused tmux) the 31st write blocks the loop and with it every poll and every operation that is being followed. Here a
write never waits: while the terminal is behind, frames are dropped, and once it has caught up everything is painted
anew. The same holds while another program has the terminal: what the app would write then (bells, clipboard) is
dropped, not queued for a thread that is gone.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

BACKLOG_BYTES: Final = 32_768
"""Unwritten output beyond which the terminal counts as behind. Small, so that a slow line shows the newest frame."""

CLOSE_SECONDS: Final = 2.0
"""How long leaving waits for a terminal that does not read: it must not keep the program from ending."""

_MODE_SWITCHES: Final = ("\x1b[?", "\x1b[>", "\x1b[<")
_SYNCHRONIZED_OUTPUT: Final = "\x1b[?2026"


class Outlet:
    """Writes to a file descriptor from a thread of its own, dropping frames while the reader is behind.

    ``on_caught_up`` is called, in that thread, when everything was written after something had been dropped.
    Signal handlers may write in the middle of a write: the condition's lock is re-entrant.
    """

    def __init__(self, fileno: int, on_caught_up: Callable[[], None]) -> None:
        self._fileno = fileno
        self._on_caught_up = on_caught_up
        self._changed = threading.Condition()
        self._pending: list[bytes] = []
        self._backlog = 0
        self._dropped = False
        self._closing = False
        self._thread = threading.Thread(target=self._drain, name="dbtui-output", daemon=True)
        self._thread.start()

    def put(self, data: bytes, *, essential: bool) -> None:
        """Queues the data; unless ``essential``, it is dropped while the terminal is behind."""
        with self._changed:
            if self._closing or (self._backlog > BACKLOG_BYTES and not essential):
                self._dropped = True
                return
            self._pending.append(data)
            self._backlog += len(data)
            self._changed.notify()

    def close(self) -> None:
        """Takes nothing more and waits for the rest to be written, but not for a terminal that does not read."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(CLOSE_SECONDS)

    def _drain(self) -> None:
        while chunk := self._next_chunk():
            if not self._write(chunk):
                return
            with self._changed:
                self._backlog -= len(chunk)
                caught_up = self._dropped and not self._pending and not self._closing
                self._dropped = self._dropped and not caught_up
            if caught_up:
                self._on_caught_up()

    def _next_chunk(self) -> bytes:
        """Everything queued so far; empty when the outlet is closed and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._closing)
            chunk = b"".join(self._pending)
            self._pending.clear()
            return chunk

    def _write(self, data: bytes) -> bool:
        """Writes all of it, also to a descriptor that another program left non-blocking; false if it is gone."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._fileno, rest) :]
            except BlockingIOError:
                select.select([], [self._fileno], [])
            except OSError:  # the terminal hung up: SIGHUP ends the program, nobody is left to be told
                return False
        return True


class TerminalDriver(LinuxDriver):
    """The driver for ``App(driver_class=…)``."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._painter = app
        self._outlet: Outlet | None = None
        self._terminal = sys.__stderr__ or sys.stderr

    def start_application_mode(self) -> None:
        if self._outlet is None:
            self._outlet = Outlet(self._terminal.fileno(), self._paint_anew)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves this one unannotated

    def write(self, data: str) -> None:
        """Queues data for the terminal; never blocks. Without the terminal it is dropped."""
        if self._outlet is not None:
            essential = data.startswith(_MODE_SWITCHES) and not data.startswith(_SYNCHRONIZED_OUTPUT)
            self._outlet.put(data.encode(self._terminal.encoding, "replace"), essential=essential)

    def close(self) -> None:
        super().close()
        outlet, self._outlet = self._outlet, None
        if outlet is not None:
            outlet.close()

    def _paint_anew(self) -> None:
        """Called from the outlet's thread; ``call_later`` is the thread-safe way into the app."""
        self._painter.call_later(self._painter.refresh, layout=True)
