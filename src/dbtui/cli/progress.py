"""Progress on standard error: one line that is redrawn on a terminal, else one line a minute."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final

from dbtui.cli.console import Console
from dbtui.domain.text import escape, truncate

_REDRAW_SECONDS: Final = 0.1
_LINE_SECONDS: Final = 60.0
BAR_CELLS: Final = 20


def bar(percent: int) -> str:
    """``[########------------] 42 %``"""
    done = max(0, min(100, percent)) * BAR_CELLS // 100
    return f"[{'#' * done}{'-' * (BAR_CELLS - done)}] {percent} %"


class StatusLine:
    """A passing line on a terminal's standard error; in a pipe nothing at all. Wiped when the block ends."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._active = console.err_is_terminal and not console.dumb
        self._drawn_at = clock()
        self._on_screen = False

    def __enter__(self) -> StatusLine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def show(self, text: str, *, now: bool = False) -> None:
        """Redraws the line, at most ten times a second unless ``now``."""
        if not self._active or (not now and self._clock() - self._drawn_at < _REDRAW_SECONDS):
            return
        self._drawn_at = self._clock()
        self._on_screen = True
        self._console.draw(f"\r{truncate(escape(text), self._console.err_width - 1)}\x1b[K")

    def clear(self) -> None:
        if self._on_screen:
            self._console.draw("\r\x1b[K")
            self._on_screen = False


class Follower:
    """What is being waited for: a redrawn line on a terminal; in a pipe a first word, then a line a minute."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._line = StatusLine(console, clock)
        self._said_at: float | None = None

    def show(self, texts: Sequence[str]) -> None:
        """The present state, one text for each thing; shown where it is due."""
        if self._console.err_is_terminal and not self._console.dumb:
            self._line.show(" · ".join(texts), now=True)
            return
        now = self._clock()
        if self._said_at is None or now - self._said_at >= _LINE_SECONDS:
            self._said_at = now
            for text in texts:
                self._console.say(text)

    def close(self) -> None:
        self._line.clear()
