"""An editor that does what files tell it: ``python fake_editor.py FOLDER [FILE]``.

It says that it started, takes one line from the keyboard, appends it to FILE, and ends when FOLDER/go exists, with the
status that is written there.
"""

from __future__ import annotations

import signal
import stat
import sys
import time
from pathlib import Path

folder = Path(sys.argv[1])
file = Path(sys.argv[2]) if len(sys.argv) > 2 else None
interrupts = []


def interrupted(number: int, frame: object) -> None:
    interrupts.append(number)
    (folder / "interrupted").write_text(str(len(interrupts)))


# What dbtui inherited or set must not reach the program.
(folder / "sigint-was").write_text(str(signal.getsignal(signal.SIGINT)))
signal.signal(signal.SIGINT, interrupted)
print("EDITOR IS HERE", flush=True)
if file is not None:
    modes = f"{stat.S_IMODE(file.stat().st_mode):o} {stat.S_IMODE(file.parent.stat().st_mode):o}"
    (folder / "modes").write_text(modes)
(folder / "started").touch()
line = sys.stdin.readline().strip()
(folder / "line").write_text(line)
if file is not None and line:
    file.write_text(line + "\n")
go = folder / "go"
while not go.exists():
    time.sleep(0.01)
sys.exit(int(go.read_text() or 0))
