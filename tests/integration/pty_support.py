"""A program on a pseudo-terminal: what it paints, what is typed, and a terminal that stops reading."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

DEADLINE = 20.0
_ESCAPES = re.compile(
    rb"\x1b\[[0-9;:<=>?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Za-z]|\x1b[=>78M]"
)


class Terminal:
    """The master side of a pseudo-terminal. Nothing is read unless a method says so."""

    def __init__(self, master: int, process: subprocess.Popen[bytes]) -> None:
        self._master = master
        self.process = process
        self.output = b""

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def read(self, seconds: float = 0.05) -> bytes:
        """Reads for at most the given time; empty when nothing came."""
        if not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self._master, 65_536)
        except OSError:  # Linux: the program closed its side
            return b""
        self.output += data
        return data

    def forget(self) -> None:
        """Drops what was read so far, so that what is awaited next is new."""
        self.output = b""

    @property
    def text(self) -> str:
        """What was painted, without escape sequences, in the order it came (not a screen)."""
        return _ESCAPES.sub(b"", self.output).decode("utf-8", "replace")

    def until(self, what: str, condition: Callable[[], bool], seconds: float = DEADLINE) -> None:
        """Reads until the condition holds; names what never happened."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never happened in {seconds:.0f} s: {what}; last painted: {self.text[-400:]!r}")
            self.read()

    def until_painted(self, *words: str) -> None:
        self.until(f"painted {words}", lambda: all(word in self.text for word in words))

    def freeze(self, seconds: float) -> None:
        """Lets time pass without reading: a frozen ssh connection."""
        time.sleep(seconds)


@contextlib.contextmanager
def run_in_terminal(
    argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, size: tuple[int, int] = (80, 24)
) -> Iterator[Terminal]:
    """Starts a program as the leader of a session whose terminal is ours; ends it, and only it, afterwards."""
    master, slave = pty.openpty()
    columns, rows = size
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        argv,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=cwd,
        env=dict(env),
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - the test has no threads yet
    )
    os.close(slave)
    terminal = Terminal(master, process)
    try:
        yield terminal
    finally:
        process.kill()
        os.close(master)
        process.wait(DEADLINE)
