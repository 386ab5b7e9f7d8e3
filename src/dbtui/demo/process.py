"""The life of the demo's process: listen and announce first, then load, serve, and end with the parent."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from dbtui.demo.identity_names import ACCOUNTS, REGIONS
from dbtui.demo.lifetime import PrivateFiles, watch_parent
from dbtui.demo.options import Options, parse_options

_NEEDED = ("botocore", "moto", "flask", "flask_cors", "py_partiql_parser")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse_options(arguments)
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        sys.stderr.write(f"dbtui demo: {', '.join(missing)} missing; install it with: pip install 'dbtui[demo]'\n")
        return 3
    try:
        listening = socket.create_server(("127.0.0.1", options.port), backlog=256)
    except OSError as error:
        sys.stderr.write(f"dbtui demo: cannot listen on 127.0.0.1:{options.port}: {error.strerror}\n")
        return 1
    ending = threading.Event()
    watch_parent(ending, stdin=options.watch_stdin)
    files = PrivateFiles()
    voice = Voice()
    try:
        voice.say(_announcement(listening, files))
        _serve(options, listening, ending, voice)
    finally:
        files.remove()
    # Threads may be in the middle of importing moto; a normal exit would wait for them or trip over them.
    os._exit(0)


def _announcement(listening: socket.socket, files: PrivateFiles) -> dict[str, Any]:
    return {
        "endpoint": f"http://127.0.0.1:{listening.getsockname()[1]}",
        "pid": os.getpid(),
        "config_file": str(files.config),
        "credentials_file": str(files.credentials),
        "profiles": [account.profile for account in ACCOUNTS],
        "default_profile": ACCOUNTS[0].profile,
        "regions": list(REGIONS),
    }


def _serve(options: Options, listening: socket.socket, ending: threading.Event, voice: Voice) -> None:
    # Imported only now: the parent already has the address, and its first calls wait in the socket's queue.
    from dbtui.demo.start import start

    start(options, listening, ending, lambda phase: voice.say({"phase": phase}))
    ending.wait()


class Voice:
    """JSON lines on standard output; falls silent when nobody reads them any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard = True

    def say(self, line: dict[str, Any]) -> None:
        with self._lock:
            if not self._heard:
                return
            try:
                os.write(1, json.dumps(line).encode() + b"\n")
            except OSError:
                self._heard = False
