"""The first thing on the screen, before the toolkit is imported: where one is, and that something happens.

The toolkit takes half a second to load on a small machine; a person at the end of a slow link should not look at a dead
prompt for it. Plain text on the alternate screen, which the toolkit then takes over and gives back at the end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
_LEAVE = "\x1b[?1049l\x1b[?25h"


@contextmanager
def first_frame(profiles: tuple[str, ...], regions: tuple[str, ...], *, demo: bool) -> Iterator[None]:
    """Shows the first frame; if the block fails, the terminal is given back as it was."""
    where = " ".join(filter(None, ("demo" if demo else ",".join(profiles), ",".join(regions))))
    _write(f"{_ENTER} dbtui  {_printable(where)}\r\n\r\n   starting")
    loaded = False
    try:
        yield
        loaded = True
    finally:
        if not loaded:
            _write(_LEAVE)


def _printable(text: str) -> str:
    """At most a line, without anything a terminal would obey."""
    width = os.get_terminal_size(sys.__stderr__.fileno()).columns if sys.__stderr__ and sys.__stderr__.isatty() else 80
    return "".join(char if char.isprintable() else "?" for char in text)[: max(0, width - 10)]


def _write(text: str) -> None:
    """To standard error, where the toolkit draws; silently nowhere when that is no terminal."""
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        sys.__stderr__.write(text)
        sys.__stderr__.flush()
