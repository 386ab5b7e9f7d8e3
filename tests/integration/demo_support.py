"""Start the embedded AWS as dbtui does and steer it: `with DemoServer() as demo: …`."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SOURCE = Path(__file__).resolve().parents[2] / "src"
START_SECONDS = 20.0


class DemoServer:
    """The demo's child process, ended with the block. `arguments` are those of `python -m dbtui.demo`."""

    def __init__(self, seed: str = "company", *arguments: str) -> None:
        self._command = [sys.executable, "-m", "dbtui.demo", "--seed", seed, *arguments]
        self._process: subprocess.Popen[bytes] | None = None
        self.announcement: dict[str, Any] = {}

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "use it as a context manager"
        return self._process

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=source_environment()
        )
        try:
            self.announcement = self.next_line()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it as dbtui does: by closing its standard input."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def next_line(self, timeout: float = START_SECONDS) -> dict[str, Any]:
        """The next JSON line of its standard output."""
        return read_line(self.process, timeout)

    def wait_for_phase(self, phase: str) -> None:
        """Until it says that it has got so far: `serving`, `importing moto`, `seeding items`, `ready`."""
        while self.next_line().get("phase") != phase:
            pass

    @property
    def endpoint(self) -> str:
        return str(self.announcement["endpoint"])

    @property
    def env(self) -> dict[str, str]:
        """The AWS variables that point a client at this server and at nothing else."""
        return {
            "AWS_CONFIG_FILE": self.announcement["config_file"],
            "AWS_SHARED_CREDENTIALS_FILE": self.announcement["credentials_file"],
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_PROFILE": self.announcement["default_profile"],
            "AWS_REGION": self.announcement["regions"][0],
            "AWS_DEFAULT_REGION": self.announcement["regions"][0],
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def get(self, path: str) -> Any:
        return self._http("GET", path, None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._http("POST", path, body or {})

    def calls(self, operation: str | None = None) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self.get("/_demo/calls")
        return [call for call in calls if operation in (None, call["operation"])]

    def faults(self, rules: str | Sequence[Any]) -> None:
        self.post("/_demo/faults", {"rules": rules})

    def advance(self, seconds: float) -> None:
        self.post("/_demo/clock", {"advance": seconds})

    def pages(self, size: int | None = None, *, empty: bool = False) -> None:
        self.post("/_demo/pages", {"size": size, "empty": empty})

    def patch(self, account: str, region: str, kind: str, name: str, **members: Any) -> None:
        """Overwrite members of one record, as `DBInstanceStatus="melting"`."""
        self.post("/_demo/set", {"account": account, "region": region, "kind": kind, "id": name, "patch": members})

    def reset(self, seed: str = "company") -> None:
        self.post("/_demo/reset", {"seed": seed})

    def _http(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.endpoint + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read().decode()}") from None


def source_environment() -> dict[str, str]:
    """This process's environment with the checkout importable and nothing of the user's AWS set-up."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = os.pathsep.join(part for part in (str(SOURCE), kept.get("PYTHONPATH")) if part)
    return kept | {"PYTHONPATH": path}


def read_line(process: subprocess.Popen[bytes], timeout: float = START_SECONDS) -> dict[str, Any]:
    """One JSON line of a child's standard output, read without buffering ahead of it."""
    assert process.stdout is not None
    deadline = time.monotonic() + timeout
    descriptor, line = process.stdout.fileno(), b""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise AssertionError(f"no line within {timeout} s; so far {line!r}")
            byte = os.read(descriptor, 1)
            if not byte:
                raise AssertionError(f"the demo ended with status {process.wait()}; so far {line!r}")
            line += byte
    found: dict[str, Any] = json.loads(line)
    return found


def wait_until(condition: Callable[[], Any], timeout: float = 10.0, every: float = 0.02) -> Any:
    """The condition's first true value; an AssertionError when it stays false."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("the condition did not come true in time")
        time.sleep(every)
