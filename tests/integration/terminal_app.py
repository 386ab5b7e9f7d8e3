"""The app under test in test_terminal_helper: it polls, paints, follows an operation and can start an editor.

What it does is written to ``status.json`` in its folder, because a screen that is not painted cannot be asked.
``python terminal_app.py FOLDER (ours|stock)``
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from dbtui.domain.failures import DbtuiError
from dbtui.ui import clipboard, terminal
from dbtui.ui.driver import TerminalDriver

POLL_SECONDS = 0.02
EDITOR = str(Path(__file__).with_name("fake_editor.py"))


class ProbeApp(App[None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "edit"),
        Binding("t", "edit_text", "edit a text"),
        Binding("m", "missing", "missing editor"),
        Binding("k", "count_key", "count"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, folder: Path, *, ours: bool) -> None:
        super().__init__(driver_class=TerminalDriver if ours else None)
        self.folder = folder
        self.facts: dict[str, object] = {"polls": 0, "keys": 0, "operation": 0, "edited": "", "status": None}
        self.survivor: asyncio.Task[None] | None = None

    def compose(self) -> ComposeResult:
        yield Static("never changes", id="fixed")
        yield Static("", id="polls")
        yield Static("", id="wall")

    def on_mount(self) -> None:
        self.set_interval(POLL_SECONDS, self.poll)
        self.survivor = asyncio.create_task(self.follow_operation())

    async def follow_operation(self) -> None:
        """An operation that must survive whatever the terminal does."""
        while True:
            self.facts["operation"] = int(str(self.facts["operation"])) + 1
            self.save()
            await asyncio.sleep(POLL_SECONDS)

    async def poll(self) -> None:
        polls = int(str(self.facts["polls"])) + 1
        self.facts["polls"] = polls
        self.query_one("#polls", Static).update(f"polls={polls} keys={self.facts['keys']}")
        self.query_one("#wall", Static).update(f"{polls % 10}" * 1200)
        if polls % 10 == 0:
            self.notify(f"toast {polls}", timeout=1)
            self.bell()
            await clipboard.copy(self, f"copy {polls}")

    def save(self) -> None:
        partial = self.folder / "status.partial"
        partial.write_text(json.dumps(self.facts))
        partial.rename(self.folder / "status.json")

    def action_edit(self) -> None:
        self.run_worker(self.edit(), exclusive=True)

    def action_edit_text(self) -> None:
        self.run_worker(self.edit_text(), exclusive=True)

    def action_missing(self) -> None:
        self.run_worker(self.missing(), exclusive=True)

    def action_count_key(self) -> None:
        self.facts["keys"] = int(str(self.facts["keys"])) + 1

    async def edit(self) -> None:
        self.facts["status"] = await terminal.run_outside(self, [sys.executable, EDITOR, str(self.folder)])

    async def edit_text(self) -> None:
        os.environ["EDITOR"] = f"{sys.executable} {EDITOR} {self.folder}"
        os.environ.pop("VISUAL", None)
        try:
            self.facts["edited"] = repr(await terminal.edit_text(self, "before", suffix=".json"))
        except DbtuiError as error:
            self.facts["edited"] = f"error: {error}"

    async def missing(self) -> None:
        try:
            await terminal.run_outside(self, ["/nonexistent/editor"])
        except DbtuiError as error:
            self.facts["edited"] = f"error: {error}"


if __name__ == "__main__":
    ProbeApp(Path(sys.argv[1]), ours=sys.argv[2] == "ours").run()
