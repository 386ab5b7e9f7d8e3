"""Standard output, standard error and the keyboard: the only module of the commands that touches them.

Data goes to standard output, everything else to standard error. A reader that closed the pipe ends the command
silently (:class:`PipeClosed`); a standard error that went away never disturbs it.
"""

from __future__ import annotations

import errno
import io
import os
import shutil
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.text import escape


class PipeClosed(Exception):
    """Nobody reads standard output any more."""


class NoAnswer(Exception):
    """A question was not answered: end of input."""


@dataclass(frozen=True, slots=True)
class Console:
    """The three streams and what they can do."""

    out: TextIO
    err: TextIO
    keyboard: TextIO
    environment: Mapping[str, str]

    @classmethod
    def standard(cls) -> Console:
        """The process's own streams; one that the caller closed is replaced by nothing.

        A pipe always carries UTF-8; a terminal gets its own encoding, with a question mark for what it lacks.
        """
        out = sys.stdout or _nowhere()
        if isinstance(out, io.TextIOWrapper):
            if _is_terminal(out):
                out.reconfigure(errors="replace")
            else:
                out.reconfigure(encoding="utf-8")
        return cls(out, sys.stderr or _nowhere(), sys.stdin or _nowhere(), dict(os.environ))

    @property
    def out_is_terminal(self) -> bool:
        return _is_terminal(self.out)

    @property
    def err_is_terminal(self) -> bool:
        return _is_terminal(self.err)

    @property
    def keyboard_is_terminal(self) -> bool:
        return _is_terminal(self.keyboard)

    @property
    def can_ask(self) -> bool:
        """Whether a person sits there: questions go to standard error, answers come from the keyboard."""
        return self.err_is_terminal and self.keyboard_is_terminal

    @property
    def dumb(self) -> bool:
        return self.environment.get("TERM", "") in {"", "dumb"}

    @property
    def colour(self) -> bool:
        """Whether data may carry colour codes."""
        return self.out_is_terminal and not self.dumb and not self.environment.get("NO_COLOR")

    @property
    def ascii_only(self) -> bool:
        return "utf" not in (self.out.encoding or "utf-8").lower()

    @property
    def width(self) -> int | None:
        """Columns of the terminal, or None where data is not shown on one."""
        return shutil.get_terminal_size((100, 24)).columns if self.out_is_terminal else None

    @property
    def err_width(self) -> int:
        """Columns of the terminal behind standard error."""
        return shutil.get_terminal_size((100, 24)).columns

    def data(self, text: str) -> None:
        """Writes to standard output as it is; raises :class:`PipeClosed`, or ``DbtuiError`` when the disk is full."""
        try:
            self.out.write(text)
        except OSError as error:
            raise _closed(error) from error

    def lines(self, lines: list[str]) -> None:
        self.data("".join(f"{line}\n" for line in lines))

    def flush(self) -> None:
        """Hands everything over; raises :class:`PipeClosed`."""
        try:
            self.out.flush()
        except OSError as error:
            raise _closed(error) from error

    def say(self, text: str) -> None:
        """One line on standard error, control characters shown escaped."""
        self.draw("".join(f"{escape(line)}\n" for line in text.splitlines() or [""]))

    def draw(self, text: str) -> None:
        """Raw text on standard error. Whoever cannot read it any more does not need it."""
        encoding = self.err.encoding or "utf-8"
        try:
            self.err.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self.err.flush()
        except (OSError, ValueError):
            return

    def ask(self, question: str) -> str:
        """One line from the keyboard; raises :class:`NoAnswer` at its end and KeyboardInterrupt on Ctrl-C."""
        self.draw(escape(question) + " ")
        previous = signal.getsignal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            answer = self.keyboard.readline()
        finally:
            signal.signal(signal.SIGINT, previous)
        if not answer:
            self.draw("\n")
            raise NoAnswer
        return answer.strip()

    def read_all(self, most: int) -> bytes:
        """Standard input to its end, but at most one byte more than ``most``."""
        binary = getattr(self.keyboard, "buffer", None)
        if binary is not None:
            return bytes(binary.read(most + 1))
        return self.keyboard.read(most + 1).encode("utf-8", "surrogatepass")

    def abandon_output(self) -> None:
        """Points standard output at nothing, so that the interpreter's own flush at exit stays silent."""
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.close(nothing)


def _nowhere() -> TextIO:
    return io.TextIOWrapper(io.FileIO(os.devnull, "r+"), encoding="utf-8")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:
        return False


def _closed(error: OSError) -> Exception:
    """The error for a failed write: nobody reads any more (or the terminal is gone), or the disk is full."""
    if error.errno in {errno.EPIPE, errno.EIO, errno.EBADF}:
        return PipeClosed()
    return DbtuiError(Failure(FailureKind.LOCAL, f"Standard output cannot be written: {error.strerror or error}."))
