"""The journal: one JSON line per event, intent on disk before the call, 0600, append-only, rotated.

A line holds ``v``, ``op_id``, ``event`` (intent, sent, outcome) and who did what where with which parameters, without
secrets. It is what the tracker reads to find operations again, and what an auditor reads.
"""

from __future__ import annotations

import errno
import getpass
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from dbtui.actions.model import Operation, Plan
from dbtui.domain import units
from dbtui.domain.clock import Clock
from dbtui.domain.failures import FailureKind, Refused
from dbtui.domain.policy import Policy
from dbtui.domain.scope import ResourceRef

VERSION = 1
MAX_BYTES = 5_000_000
KEEP = 3
RECOVER_FOR = timedelta(days=2)
SECRET_WORDS = ("password", "secretstring", "token")
_GENERATED_TOKENS = ("clientrequesttoken", "clienttoken")


def without_secrets(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with every secret's value replaced by ``***``; idempotency tokens are not secrets."""
    return {name: "***" if _is_secret(name) else _clean(value) for name, value in parameters.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    if isinstance(value, (list, tuple)):
        return [_clean(member) for member in value]
    return value


def _is_secret(name: str) -> bool:
    lowered = name.lower()
    return lowered not in _GENERATED_TOKENS and any(word in lowered for word in SECRET_WORDS)


class Journal:
    """Appends to and reads back the journal file. ``caller`` gives the ARN behind a scope's credentials if known."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        policy: Policy,
        *,
        caller: Callable[[str], str] = lambda profile: "",
    ) -> None:
        self.path = path
        self._clock = clock
        self._policy = policy
        self._caller = caller
        self.problem = ""
        """Why the last line could not be written; empty when it was."""

    def intent(self, op_id: str, plan: Plan) -> None:
        """Before the first call. Raises :class:`Refused` in a protected scope when nothing can be written."""
        self._append(plan, {"op_id": op_id, "event": "intent", **self._who(plan), **_what(plan)}, must=True)

    def sent(self, op_id: str, plan: Plan, operation: str, request_id: str, watch: ResourceRef) -> None:
        """A call was carried out: AWS answered, or its state shows it. ``watch`` is what to follow."""
        record = {
            "op_id": op_id,
            "event": "sent",
            "operation": operation,
            "request_id": request_id,
            "watch": msgspec.to_builtins(watch),
        }
        self._append(plan, record)

    def outcome(self, plan: Plan, operation: Operation) -> None:
        """The operation ended: done, failed, refused or unknown."""
        record = {
            "op_id": operation.op_id,
            "event": "outcome",
            "outcome": str(operation.state),
            "ended_at": units.iso(operation.ended_at),
            "status": operation.status,
            "request_id": operation.request_id,
            "error": operation.error,
        }
        self._append(plan, record)

    def records(self) -> Iterator[dict[str, Any]]:
        """Every readable line, oldest first, of the rotated files too; a damaged line is passed over."""
        for path in [self._rotated(number) for number in range(KEEP, 0, -1)] + [self.path]:
            try:
                lines = path.read_bytes().splitlines()
            except OSError:
                continue
            for line in lines:
                try:
                    record = msgspec.json.decode(line)
                except msgspec.DecodeError:
                    continue
                if isinstance(record, dict) and record.get("v") == VERSION:
                    yield record

    def _append(self, plan: Plan, record: dict[str, Any], *, must: bool = False) -> None:
        line = msgspec.json.encode({"v": VERSION, "time": units.iso(self._clock()), **record}) + b"\n"
        try:
            self._write(line)
            self.problem = ""
        except OSError as error:
            self._unwritable(plan, error, must=must)

    def _write(self, line: bytes) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._rotate()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if _is_torn(descriptor):
                line = b"\n" + line
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _rotate(self) -> None:
        try:
            if self.path.stat().st_size < MAX_BYTES:
                return
        except FileNotFoundError:
            return
        for number in range(KEEP - 1, 0, -1):
            if self._rotated(number).exists():
                self._rotated(number).replace(self._rotated(number + 1))
        self.path.replace(self._rotated(1))

    def _rotated(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _unwritable(self, plan: Plan, error: OSError, *, must: bool) -> None:
        text = f"The journal {self.path} cannot be written: {error.strerror or error}."
        self.problem = text
        if must and self._policy(plan.subject.scope).protected:
            raise Refused(
                text, hint="Changes in a protected scope need a journal; nothing was sent.", kind=FailureKind.LOCAL
            ) from error

    def _who(self, plan: Plan) -> dict[str, Any]:
        scope = plan.subject.scope
        return {
            "user": _os_user(),
            "sudo_user": os.environ.get("SUDO_USER"),
            "ssh": os.environ.get("SSH_CONNECTION"),
            "caller": self._caller(scope.profile) or None,
            "pid": os.getpid(),
        }


def _is_torn(descriptor: int) -> bool:
    """Whether the last line was not written to its end, when the disk was full: the next one must not continue it."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _what(plan: Plan) -> dict[str, Any]:
    steps = [{"operation": call.operation, "parameters": without_secrets(call.parameters)} for call in plan.calls]
    return {"action": plan.action, "title": plan.title, "steps": steps, "plan": _stored(plan)}


def _stored(plan: Plan) -> dict[str, Any]:
    """The plan as the tracker reads it back: references and effects, never parameters."""
    bare = msgspec.structs.replace(plan, steps=(), values={})
    stored = msgspec.to_builtins(bare)
    assert isinstance(stored, dict)
    return stored


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return str(os.getuid())
