"""Operations as the journal tells of them: what was begun, what was sent, how it ended."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from dbtui.actions.journal import RECOVER_FOR
from dbtui.actions.model import Operation, OperationState, Plan
from dbtui.actions.registry import by_name
from dbtui.domain.failures import UsageError
from dbtui.domain.scope import ResourceRef
from dbtui.items.writes import VERBS as ITEM_VERBS
from dbtui.resources import kind_named

SEND_WITHIN = timedelta(minutes=2)
"""How long a call of another dbtui process may be under way between its intent and its answer."""

HISTORY = 200
"""Ended operations read back from the journal for Activity."""


def sent_watch(op_id: str, records: Iterable[dict[str, Any]]) -> ResourceRef | None:
    """What the journal says is to be followed; ``None`` when it does not say that a call was sent."""
    for record in records:
        if record.get("op_id") == op_id and record.get("event") == "sent" and "watch" in record:
            return msgspec.convert(record["watch"], ResourceRef)
    return None


def unsent_calls(op_id: str, records: Iterable[dict[str, Any]]) -> list[str]:
    """The calls of a plan that its intent names and no later line says were sent."""
    planned: list[str] = []
    sent = 0
    for record in records:
        if record.get("op_id") == op_id:
            planned = planned or [step["operation"] for step in record.get("steps", ())]
            sent += record.get("event") == "sent"
    return planned[sent:]


def journaled(records: Iterable[dict[str, Any]], now: datetime) -> list[Operation]:
    """The operations of the journal: the last ended ones, and the unfinished ones of the last two days."""
    operations: dict[str, Operation] = {}
    for record in records:
        op_id = record.get("op_id", "")
        if record.get("event") == "intent":
            operation = _from_intent(record)
            if operation is not None:
                operations[op_id] = operation
        elif op_id in operations:
            operations[op_id] = _with_event(operations[op_id], record)
    recent = [op for op in operations.values() if op.state is not OperationState.RUNNING][-HISTORY:]
    unfinished = [
        op for op in operations.values() if op.state is OperationState.RUNNING and now - op.started_at < RECOVER_FOR
    ]
    return recent + unfinished


def _from_intent(record: dict[str, Any]) -> Operation | None:
    """The operation an intent line began; ``None`` for one of a verb or version this program does not know."""
    try:
        plan = msgspec.convert(record["plan"], Plan)
        started = datetime.fromisoformat(record["time"])
        if plan.action not in ITEM_VERBS:
            by_name(plan.action)
        kind_named(plan.watch.kind)
    except (KeyError, ValueError, msgspec.ValidationError, UsageError):
        return None
    return Operation(
        op_id=record["op_id"],
        action=plan.action,
        title=plan.title,
        subject=plan.subject,
        watch=plan.watch,
        state=OperationState.RUNNING,
        started_at=started,
        recovered=True,
        plan=plan,
    )


def _with_event(operation: Operation, record: dict[str, Any]) -> Operation:
    request_id = record.get("request_id") or operation.request_id
    if record.get("event") != "outcome":
        return msgspec.structs.replace(operation, request_id=request_id)
    return msgspec.structs.replace(
        operation,
        state=OperationState(record.get("outcome", "unknown")),
        status=record.get("status", ""),
        error=record.get("error", ""),
        request_id=request_id,
        ended_at=datetime.fromisoformat(record["ended_at"]) if record.get("ended_at") else None,
    )


def in_flight_elsewhere(records: Iterable[dict[str, Any]], now: datetime) -> set[str]:
    """Ids whose intent another living dbtui wrote moments ago and has not sent yet: they are that one's to tell."""
    waiting: set[str] = set()
    for record in records:
        op_id = record.get("op_id", "")
        if record.get("event") != "intent":
            waiting.discard(op_id)
        elif _belongs_to_live_process(record) and now - datetime.fromisoformat(record["time"]) < SEND_WITHIN:
            waiting.add(op_id)
    return waiting


def _belongs_to_live_process(record: dict[str, Any]) -> bool:
    """Whether the dbtui that wrote a line still runs on this machine."""
    pid = record.get("pid")
    if not isinstance(pid, int) or pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
