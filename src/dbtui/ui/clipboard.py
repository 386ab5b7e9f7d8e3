"""Copying: OSC 52, which also works over ssh, and tmux's own way inside tmux."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Final

from textual.app import App

MAX_BYTES: Final = 74_000
"""What terminals take in one OSC 52 sequence (about 100 kB of base64, xterm's and tmux's limit)."""

TMUX_SECONDS: Final = 2.0


async def copy(app: App[Any], text: str) -> str:
    """Copies the text and returns what was done in words. Never raises.

    A text that is too long is not copied at all: a part of a value would be taken for the whole.
    """
    content = text.encode("utf-8", "replace")
    if not content:
        return "Nothing to copy"
    if len(content) > MAX_BYTES:
        size, limit = f"{len(content) / 1000:,.0f} kB", f"{MAX_BYTES // 1000} kB"
        return f"Not copied: {size} is more than the {limit} a terminal takes"
    app.copy_to_clipboard(content.decode("utf-8"))
    said = f"Copied {_amount(text)} (OSC 52)"
    if os.environ.get("TMUX"):
        said += " and to tmux" if await _load_tmux_buffer(content) else ", but tmux did not take it"
    return said


def _amount(text: str) -> str:
    lines = text.count("\n") + 1
    if lines > 1:
        return f"{lines:,} lines"
    return "1 character" if len(text) == 1 else f"{len(text):,} characters"


async def _load_tmux_buffer(content: bytes) -> bool:
    """``tmux load-buffer -w -``: a paste buffer that tmux also hands to the terminal outside. False if it failed."""
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux",
            "load-buffer",
            "-w",
            "-",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(TMUX_SECONDS):
            await process.communicate(content)
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
