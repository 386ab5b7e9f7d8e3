"""What was called: the last calls, with their parameters but without secrets."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbtui.demo.protocol.message import AwsRequest

_SECRET = re.compile(r"password|secret|credential|privatekey|sessiontoken", re.IGNORECASE)
_NOT_SECRET = {"ManageMasterUserPassword", "RotateMasterUserPassword", "MasterUserSecretKmsKeyId", "SecretId"}
_KEPT_BYTES = 16_384


class Recorder:
    """A ring of the last 10,000 calls."""

    def __init__(self, size: int = 10_000) -> None:
        self._calls: deque[dict[str, Any]] = deque(maxlen=size)
        self._lock = threading.Lock()

    def add(self, request: AwsRequest, now: datetime) -> dict[str, Any]:
        """Record the call and hand its entry out, so that its fault and status can be noted."""
        entry: dict[str, Any] = {
            "service": request.service,
            "operation": request.operation,
            "account": request.account,
            "region": request.region,
            "time": now.isoformat(),
            "params": _params(request),
        }
        with self._lock:
            self._calls.append(entry)
        return entry

    def calls(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(entry) for entry in self._calls]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()


def _params(request: AwsRequest) -> dict[str, Any]:
    if request.protocol == "query":
        form = {key: value for key, value in request.form.items() if key not in ("Action", "Version")}
        return _without_secrets(form)
    if len(request.http.body) > _KEPT_BYTES:
        return {key: value for key, value in request.document.items() if isinstance(value, str)}
    return _without_secrets(request.document)


def _without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _shown(key, value) for key, value in values.items()}


def _shown(key: str, value: Any) -> Any:
    leaf = key.rpartition(".")[2] if not key.rpartition(".")[2].isdigit() else key
    if _SECRET.search(leaf) and leaf not in _NOT_SECRET:
        return "***"
    return _without_secrets(value) if isinstance(value, dict) else value
