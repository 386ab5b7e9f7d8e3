"""ui.terminal and ui.driver on a real pseudo-terminal: nothing here can be seen with a headless app."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pty_support import Terminal, run_in_terminal
from textual.app import App

from dbtui.domain.failures import DbtuiError
from dbtui.ui.driver import BACKLOG_BYTES, Outlet
from dbtui.ui.terminal import editor_command, run_outside

APP = str(Path(__file__).with_name("terminal_app.py"))
SOURCE = str(Path(__file__).parents[2] / "src")
FREEZE_SECONDS = 60.0 if os.environ.get("DBTUI_FULL") else 2.0
CTRL_C, CTRL_Z = "\x03", "\x1a"


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "TMUX", "SSH"))}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": SOURCE, "PS1": "shell> "}


def facts(folder: Path) -> dict[str, Any]:
    path = folder / "status.json"
    return json.loads(path.read_text()) if path.exists() else {"polls": 0, "keys": 0, "operation": 0}


def grown(folder: Path, name: str, by: int) -> Callable[[], bool]:
    start = facts(folder)[name]
    return lambda: facts(folder)[name] >= start + by


@contextmanager
def probe(folder: Path, driver: str = "ours") -> Iterator[Terminal]:
    with run_in_terminal([sys.executable, APP, str(folder), driver], env=environment(), cwd=folder) as terminal:
        terminal.until_painted("never changes", "polls=5")
        yield terminal


def end_editor(folder: Path, status: int = 0) -> None:
    (folder / "go.partial").write_text(str(status))
    (folder / "go.partial").rename(folder / "go")


def start_editor(terminal: Terminal, folder: Path, key: str = "e") -> None:
    terminal.send(key)
    terminal.until("the editor started", (folder / "started").exists)
    terminal.until_painted("EDITOR IS HERE")


@pytest.mark.parametrize("driver", ["ours", "stock"])
def test_polls_go_on_while_an_editor_has_the_terminal(tmp_path: Path, driver: str) -> None:
    with probe(tmp_path, driver) as terminal:
        start_editor(terminal, tmp_path)
        terminal.forget()
        # With the stock driver more than 30 bells and copies would fill its queue: 100 polls make 20.
        terminal.until("100 polls during the edit", grown(tmp_path, "polls", 100))
        assert terminal.text.strip() == "", "the app wrote to the editor's screen"  # the terminal may echo a newline
        terminal.send("typed here\r")
        terminal.until("the editor got the keyboard", (tmp_path / "line").exists)
        terminal.forget()
        end_editor(tmp_path, 3)
        terminal.until_painted("never changes", "polls=")
        terminal.until("the exit status came back", lambda: facts(tmp_path)["status"] == 3)
        terminal.send("k")
        terminal.until("the app answers keys", lambda: facts(tmp_path)["keys"] == 1)
        assert (tmp_path / "line").read_text() == "typed here"


def test_bells_copies_and_toasts_of_a_long_edit_do_not_fill_a_queue(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        start_editor(terminal, tmp_path)
        terminal.until("200 polls: 20 bells, 20 copies, 20 toasts", grown(tmp_path, "polls", 200))
        terminal.send("\r")
        end_editor(tmp_path)
        terminal.forget()
        terminal.until_painted("never changes")


def test_ctrl_c_is_the_editors(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        start_editor(terminal, tmp_path)
        terminal.send(CTRL_C)
        terminal.until("the editor was interrupted", (tmp_path / "interrupted").exists)
        terminal.send("\r")
        end_editor(tmp_path)
        terminal.forget()
        terminal.until_painted("never changes")
        assert "default_int_handler" in (tmp_path / "sigint-was").read_text(), "the editor inherited an ignored SIGINT"
        # Back in the app, ctrl+c is a key again.
        terminal.send(CTRL_C + "k")
        terminal.until("the app answers keys", lambda: facts(tmp_path)["keys"] == 1)


def continue_job(terminal: Terminal, goes_on: Callable[[], bool]) -> None:
    """``fg``, said again when bash was still setting up its prompt and dropped what had been typed."""
    for _ in range(5):
        terminal.send("fg\r")
        with contextlib.suppress(AssertionError):
            terminal.until("the app goes on", goes_on, seconds=4)
            return
    raise AssertionError(f"the app never went on; last painted: {terminal.text[-400:]!r}")


def test_ctrl_z_in_the_editor_stops_both_and_fg_continues_both(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("needs bash for its job control")
    command = f"{sys.executable} {APP} {tmp_path} ours\r"
    with run_in_terminal([bash, "--norc", "-i"], env=environment(), cwd=tmp_path) as terminal:
        terminal.until_painted("shell> ")
        terminal.send(command)
        terminal.until_painted("never changes", "polls=5")
        start_editor(terminal, tmp_path)
        terminal.forget()
        terminal.send(CTRL_Z)
        terminal.until_painted("Stopped", "shell> ")
        assert "never changes" not in terminal.text, "the app took the screen from the shell"
        stopped_at = facts(tmp_path)["operation"]
        continue_job(terminal, lambda: facts(tmp_path)["operation"] > stopped_at)
        terminal.send("\r")
        end_editor(tmp_path)
        terminal.forget()
        terminal.until_painted("never changes")


def test_an_edited_text_comes_back_and_leaves_no_file(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        start_editor(terminal, tmp_path, "t")
        terminal.send("after\r")
        terminal.until("the editor wrote", (tmp_path / "line").exists)
        end_editor(tmp_path)
        terminal.until("the text came back", lambda: facts(tmp_path)["edited"] == repr("after"))
        assert (tmp_path / "modes").read_text() == "600 700"


def test_an_unchanged_text_is_none(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        start_editor(terminal, tmp_path, "t")
        terminal.send("\r")
        end_editor(tmp_path)
        terminal.until("nothing was edited", lambda: facts(tmp_path)["edited"] == repr(None))


def test_a_failing_editor_keeps_what_was_typed(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        start_editor(terminal, tmp_path, "t")
        terminal.send("precious\r")
        terminal.until("the editor wrote", (tmp_path / "line").exists)
        end_editor(tmp_path, 1)
        terminal.until("the failure was told", lambda: "status 1" in facts(tmp_path)["edited"])
        kept = Path(facts(tmp_path)["edited"].rpartition("Your text is in ")[2].rstrip("."))
        assert kept.read_text() == "precious\n"
        shutil.rmtree(kept.parent)


def test_a_missing_editor_is_told_in_the_app(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        terminal.send("m")
        terminal.until("the failure was told", lambda: "could not be started" in facts(tmp_path)["edited"])
        terminal.forget()
        terminal.until_painted("never changes")
        terminal.send("k")
        terminal.until("the app answers keys", lambda: facts(tmp_path)["keys"] == 1)


def test_a_terminal_that_stops_reading_blocks_nothing(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        terminal.freeze(FREEZE_SECONDS)
        followed = facts(tmp_path)["operation"]
        terminal.send("kk")
        terminal.freeze(FREEZE_SECONDS)
        frozen = facts(tmp_path)
        # Half of what an idle machine does: 50 a second.
        assert frozen["operation"] - followed >= FREEZE_SECONDS * 10, "the operation was not followed"
        assert frozen["keys"] == 2, "keys typed at a frozen screen were lost"
        terminal.forget()
        terminal.until_painted("never changes", "keys=2")
        terminal.send("k")
        terminal.until_painted("keys=3")
        backlog = 32_768 + 65_536 + 40_000
        assert terminal.output.index(b"keys=2") < backlog, "old frames were replayed first"


def test_quitting_does_not_wait_for_a_terminal_that_does_not_read(tmp_path: Path) -> None:
    with probe(tmp_path) as terminal:
        terminal.freeze(1.0)
        terminal.send("q")
        assert terminal.process.wait(timeout=15) == 0


def read_all(fileno: int, until: Callable[[bytes], bool]) -> bytes:
    data = b""
    while not until(data):
        data += os.read(fileno, 65_536)
    return data


def test_an_outlet_drops_frames_but_not_what_switches_modes() -> None:
    reader, writer = os.pipe()
    caught_up = threading.Event()
    outlet = Outlet(writer, caught_up.set)
    frame = b"f" * BACKLOG_BYTES
    for _ in range(100):
        outlet.put(frame, essential=False)
    outlet.put(b"MODE", essential=True)
    data = read_all(reader, lambda data: data.endswith(b"MODE"))
    assert len(data) < 8 * BACKLOG_BYTES
    assert caught_up.wait(5), "nobody was told to paint anew"
    outlet.close()
    outlet.put(b"late", essential=True)
    os.close(writer)
    assert os.read(reader, 10) == b"", "written after closing"
    os.close(reader)


def test_an_outlet_writes_to_a_descriptor_left_non_blocking() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    outlet = Outlet(writer, lambda: None)
    outlet.put(b"x" * 300_000, essential=True)
    data = read_all(reader, lambda data: len(data) >= 300_000)
    outlet.close()
    assert len(data) == 300_000
    os.close(writer)
    os.close(reader)


def test_an_outlet_survives_a_terminal_that_is_gone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    outlet = Outlet(writer, lambda: None)
    outlet.put(b"x", essential=True)
    outlet.close()
    os.close(writer)


def test_the_editor_is_visual_then_editor_then_what_there_is(tmp_path: Path) -> None:
    assert editor_command({"VISUAL": "code --wait", "EDITOR": "vim"}) == ["code", "--wait"]
    assert editor_command({"VISUAL": " ", "EDITOR": "'my editor' -n"}) == ["my editor", "-n"]
    with pytest.raises(DbtuiError) as caught:
        editor_command({"PATH": str(tmp_path)})
    assert "EDITOR" in caught.value.failure.hint
    (tmp_path / "nano").touch(mode=0o755)
    assert editor_command({"PATH": str(tmp_path)}) == [str(tmp_path / "nano")]
    with pytest.raises(DbtuiError, match="quotes in EDITOR"):
        editor_command({"EDITOR": "vim '"})


async def test_without_a_terminal_it_is_refused_in_words() -> None:
    app: App[None] = App()
    async with app.run_test():
        with pytest.raises(DbtuiError, match="not a terminal"):
            await run_outside(app, ["true"])
