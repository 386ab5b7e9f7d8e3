"""Start MiniStack, a second, independent DynamoDB, for a block: `with ministack() as url: …`."""

from __future__ import annotations

import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from demo_support import wait_until
from tests import requirements


@contextmanager
def ministack() -> Iterator[str]:
    """Its endpoint; the test is skipped where MiniStack is not installed."""
    program = requirements.tool("ministack", "DBTUI_MINISTACK", "pip install ministack in an environment of its own")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SFTP_ENABLED": "0"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([program], env=environment, stdin=quiet, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(url), 30)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
