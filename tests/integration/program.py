"""Runs the real program in a process of its own, against an endpoint, with folders of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo_support import DemoServer, source_environment

CODE = "from dbtui.compose import main; main()"


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def _take_interrupts() -> None:
    """As started by a person: a job in the background, as the tests may be, has ctrl+c switched off."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Dbtui:
    """``dbtui`` for one test: its state and configuration in a temporary folder, its AWS the given one."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in source_environment().items() if not name.startswith("AWS_")},
            "DBTUI_STATE": str(folder / "state"),
            "DBTUI_CONFIG": str(folder / "config.toml"),
            "HOME": str(folder),
            **environment,
        }

    @classmethod
    def at(cls, demo: DemoServer, folder: Path) -> Dbtui:
        return cls(folder, demo.env)

    def start(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, "-c", CODE, *words],
            env=self.environment,
            text=True,
            preexec_fn=_take_interrupts,  # noqa: PLW1509 - it only sets a signal's disposition
            **(pipes | options),
        )

    def run(self, *words: str, timeout: float = 90) -> Result:
        process = self.start(*words)
        out, err = process.communicate(timeout=timeout)
        return Result(process.returncode, out, err)

    def configure(self, text: str) -> None:
        (self.folder / "config.toml").write_text(text)

    def journal(self) -> list[dict[str, Any]]:
        path = self.folder / "state" / "journal.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
