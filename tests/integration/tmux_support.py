"""The program in a real terminal: tmux runs it, keys are sent to it, and the screen is read as a person sees it."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests import requirements

SECONDS = 20.0
PLAIN = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color"}
"""tmux's own environment, which its windows inherit: without the COLUMNS and LINES that pytest sets."""


def children_of(pid: int) -> list[int]:
    """The processes started by one."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text().splitlines()
        except OSError:
            continue
        if f"PPid:\t{pid}" in lines:
            found.append(int(status.parent.name))
    return found


class Screen:
    """One tmux server of its own with one window."""

    def __init__(self, folder: Path) -> None:
        mine = tempfile.mkdtemp(dir=folder)  # a server that is just ending would take a new one's socket with it
        self._tmux = [requirements.tool("tmux"), "-S", f"{mine}/tmux", "-f", os.devnull]
        self._status = Path(mine) / "status"

    def waiting(self, command: Sequence[str]) -> list[str]:
        """The command under a shell that keeps its status: tmux itself loses it now and then."""
        return ["sh", "-c", f"\"$@\"; echo $? > '{self._status}'; sleep 1000", "sh", *command]

    def run(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], env=PLAIN, capture_output=True, text=True, timeout=10, check=False)
        return done.stdout

    def keys(self, *keys: str) -> None:
        """Keys by tmux's names (``Enter``, ``Escape``, ``C-c``) or single characters."""
        self.run("send-keys", *keys)

    def type(self, text: str) -> None:
        self.run("send-keys", "-l", "--", text)

    def settle(self) -> str:
        """What the screen shows once it has not changed for a moment."""
        before = ""
        while before != (now := self.text):
            before = now
            time.sleep(0.3)
        return now

    @property
    def exit_status(self) -> int | None:
        """The program's exit status once it has ended."""
        text = self._status.read_text() if self._status.exists() else ""
        return int(text) if text.endswith("\n") else None

    def until_ended(self, seconds: float = SECONDS) -> int:
        """Waits for the program's end and returns its status."""
        end = time.monotonic() + seconds
        while (status := self.exit_status) is None:
            assert time.monotonic() < end, f"it did not end in {seconds:.0f} s:\n{self.text}"
            time.sleep(0.05)
        return status

    @property
    def text(self) -> str:
        return self.run("capture-pane", "-p")

    @property
    def pid(self) -> int:
        """The program's process: the only child of the shell that waits for its status."""
        shell = int(self.run("list-panes", "-F", "#{pane_pid}").strip())
        (program,) = children_of(shell)
        return program

    def until(self, *texts: str, seconds: float = SECONDS) -> str:
        """Waits until all texts are on the screen."""
        end = time.monotonic() + seconds
        while True:
            shown = self.text
            if all(text in shown for text in texts):
                return shown
            assert time.monotonic() < end, f"{texts} did not appear in {seconds:.0f} s; the screen shows:\n{shown}"
            time.sleep(0.05)

    def until_gone(self, text: str, seconds: float = SECONDS) -> None:
        end = time.monotonic() + seconds
        while text in self.text:
            assert time.monotonic() < end, f"{text!r} did not go away:\n{self.text}"
            time.sleep(0.05)


@contextmanager
def screen(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, size: tuple[int, int] = (100, 30)
) -> Iterator[Screen]:
    """Runs a command in a window of the given size and ends it with the block."""
    shown = Screen(folder)
    words = ["set-option", "-g", "default-size", f"{size[0]}x{size[1]}", ";"]
    words += ["new-session", "-d", "-x", str(size[0]), "-y", str(size[1])]
    for name, value in environment.items():
        words += ["-e", f"{name}={value}"]
    shown.run("start-server", ";", *words, "--", *shown.waiting(command))
    try:
        yield shown
    finally:
        shown.run("kill-server")
