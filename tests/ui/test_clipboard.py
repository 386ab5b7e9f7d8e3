"""Copying says what it did and never fails the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ui.action_fakes import Host

from dbtui.ui import clipboard


def fake_tmux(folder: Path, script: str) -> None:
    path = folder / "tmux"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture(autouse=True)
def outside_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)


async def test_it_copies_by_osc_52() -> None:
    app = Host()
    assert await clipboard.copy(app, "orders-db") == "Copied 9 characters (OSC 52)"
    assert app.copied == ["orders-db"]


async def test_it_counts_lines_and_nothing() -> None:
    app = Host()
    assert await clipboard.copy(app, "a\nb") == "Copied 2 lines (OSC 52)"
    assert await clipboard.copy(app, "") == "Nothing to copy"
    assert app.copied == ["a\nb"]


async def test_a_text_that_is_too_long_is_not_copied_in_part() -> None:
    app = Host()
    said = await clipboard.copy(app, "ä" * 40_000)
    assert said == "Not copied: 80 kB is more than the 74 kB a terminal takes"
    assert app.copied == []


async def test_a_lone_surrogate_does_not_fail() -> None:
    app = Host()
    assert (await clipboard.copy(app, "a\ud800b")).startswith("Copied")
    assert app.copied == ["a?b"]


async def test_inside_tmux_its_buffer_is_loaded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tmux(tmp_path, f'echo "$@" > {tmp_path}/args; cat > {tmp_path}/buffer')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    assert await clipboard.copy(Host(), "orders-db") == "Copied 9 characters (OSC 52) and to tmux"
    assert (tmp_path / "args").read_text() == "load-buffer -w -\n"
    assert (tmp_path / "buffer").read_text() == "orders-db"


@pytest.mark.parametrize("script", ["exit 1", "exec sleep 60", None])
async def test_a_tmux_that_fails_hangs_or_is_missing_is_told(
    script: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TMUX_SECONDS", 0.2)
    monkeypatch.setenv("TMUX", "/tmp/tmux,1,0")
    monkeypatch.setenv("PATH", str(tmp_path) if script is None else f"{tmp_path}:/usr/bin:/bin")
    if script is not None:
        fake_tmux(tmp_path, script)
    assert await clipboard.copy(Host(), "orders-db") == "Copied 9 characters (OSC 52), but tmux did not take it"
