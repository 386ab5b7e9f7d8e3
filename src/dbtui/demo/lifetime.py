"""How the program ends: with its parent, on a signal, and without leaving files behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from dbtui.demo.identity_names import ACCOUNTS, DEFAULT_REGION, Account

_PR_SET_PDEATHSIG = 1


def watch_parent(ending: threading.Event, *, stdin: bool) -> None:
    """Set `ending` when standard input ends, on SIGTERM, SIGINT or SIGHUP, or when the parent dies."""

    def end(_: int, __: FrameType | None) -> None:
        ending.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    if stdin:
        threading.Thread(target=_drain, args=(ending,), name="stdin", daemon=True).start()
        _ask_for_death_signal(ending)


def _drain(ending: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    ending.set()


def _ask_for_death_signal(ending: threading.Event) -> None:
    """On Linux the kernel tells us when the parent dies, even if somebody else holds our standard input open.

    It also tells when only the parent's *thread* that started us ends, so the handler looks for the parent.
    """
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()

    def look(_: int, __: FrameType | None) -> None:
        if os.getppid() != parent:
            ending.set()

    signal.signal(signal.SIGUSR1, look)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1, 0, 0, 0)
    if os.getppid() != parent:
        ending.set()


class PrivateFiles:
    """AWS configuration files with dummy keys in a directory that only this user can read."""

    def __init__(self, accounts: Iterable[Account] = ACCOUNTS) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="dbtui-demo-"))
        config, credentials = [], []
        for account in accounts:
            config.append(f"[profile {account.profile}]\nregion = {DEFAULT_REGION}\n")
            credentials.append(
                f"[{account.profile}]\naws_access_key_id = {account.access_key}\naws_secret_access_key = demo-secret\n"
            )
        self.config = self._write("config", "\n".join(config))
        self.credentials = self._write("credentials", "\n".join(credentials))

    def _write(self, name: str, text: str) -> Path:
        path = self.directory / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
        return path

    def remove(self) -> None:
        shutil.rmtree(self.directory, ignore_errors=True)
