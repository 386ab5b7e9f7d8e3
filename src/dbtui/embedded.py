"""Starts the embedded AWS for ``--demo`` as a child process and points this program's SDK at it, and at nothing else.

The child ends when our end of its standard input closes, which also happens when this program is killed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from dbtui.domain.failures import DbtuiError, Failure, FailureKind, UsageError

START_SECONDS = 20.0
_USAGE = 2
STOP_SECONDS = 3.0
_CLEARED = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class EmbeddedAws:
    """The child process, and what it last said it was doing."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._phase = "starting the demo's AWS"
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(), name="demo-output")

    @property
    def pid(self) -> int:
        return self._process.pid

    def phase_text(self) -> str:
        """What is starting, in words."""
        return self._phase

    async def started(self) -> None:
        """Returns once the child listens and the environment points at it; raises :class:`DbtuiError`."""
        try:
            async with asyncio.timeout(START_SECONDS):
                await asyncio.shield(self._ready)
        except TimeoutError:
            raise _failed(f"no answer within {START_SECONDS:.0f} s") from None

    async def stop(self) -> None:
        """Closes the child's standard input and waits for its end; after three seconds it is killed."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        if self._ready.done() and not self._ready.cancelled():
            self._ready.exception()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            try:
                said = msgspec.json.decode(line)
            except msgspec.DecodeError:
                continue
            self._hear(said)
        if not self._ready.done():
            words = await self._last_words()
            bad_words = await self._process.wait() == _USAGE
            self._ready.set_exception(UsageError(f"--demo-faults: {words}") if bad_words else _failed(words))

    def _hear(self, said: dict[str, Any]) -> None:
        if "endpoint" in said and not self._ready.done():
            point_sdk_at(said)
            self._ready.set_result(None)
        elif "phase" in said:
            self._phase = f"demo: {said['phase']}"

    async def _last_words(self) -> str:
        assert self._process.stderr is not None
        text = (await self._process.stderr.read()).decode(errors="replace").strip()
        return text.splitlines()[-1] if text else f"it ended with status {await self._process.wait()}"


def point_sdk_at(said: dict[str, Any]) -> None:
    """Sets the environment so that every client of this process talks to the demo with its dummy credentials."""
    for name in list(os.environ):
        if name in _CLEARED or name.startswith("AWS_ENDPOINT_URL"):
            del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": said["endpoint"],
        "AWS_CONFIG_FILE": said["config_file"],
        "AWS_SHARED_CREDENTIALS_FILE": said["credentials_file"],
        "AWS_PROFILE": said["default_profile"],
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": ",".join(filter(None, ("127.0.0.1", os.environ.get("NO_PROXY", "")))),
    }


@asynccontextmanager
async def embedded_aws(faults: str = "") -> AsyncIterator[EmbeddedAws]:
    """The embedded AWS for the time of the ``with`` block; its journal is thrown away at the end."""
    state = Path(tempfile.mkdtemp(prefix="dbtui-demo-"))
    os.environ["DBTUI_STATE"] = str(state)
    words = [sys.executable, "-m", "dbtui.demo", *(["--faults", faults] if faults else [])]
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)
    aws = EmbeddedAws(child)
    try:
        yield aws
    finally:
        await aws.stop()
        await asyncio.to_thread(shutil.rmtree, state, ignore_errors=True)


def _failed(why: str) -> DbtuiError:
    return DbtuiError(
        Failure(
            FailureKind.LOCAL,
            f"The demo did not start: {why}.",
            hint="The demo is an extra: install dbtui[demo].",
        )
    )
