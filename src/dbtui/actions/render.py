"""A plan as text: for people, for ``--dry-run``, and as AWS CLI v2 commands."""

from __future__ import annotations

import base64
import shlex
from datetime import datetime
from typing import Any

import msgspec

from dbtui.actions.journal import without_secrets
from dbtui.actions.model import Call, Plan, WaitUntil
from dbtui.domain import units


def parameters(call: Call) -> tuple[tuple[str, str], ...]:
    """(name, value) lines of a call, secrets as ``***``."""
    return tuple((name, _shown(value)) for name, value in without_secrets(call.parameters).items())


def lines(plan: Plan) -> list[str]:
    """The plan for a terminal or a log, one thing a line."""
    out = [plan.title]
    for number, step in enumerate(plan.steps, 1):
        if isinstance(step, WaitUntil):
            out.append(f"  {number} wait until {step.words}")
            continue
        shown = " ".join(f"{name}={value}" for name, value in parameters(step))
        out.append(f"  {number} {step.name} {shown}")
    out += [f"  · {said}" for said in (*plan.effects, *plan.notes)]
    return out + ([f"  undo: {plan.undo}"] if plan.undo else [])


def dry_run(plan: Plan) -> list[dict[str, Any]]:
    """What would be sent: one object per call, binary as base64, secrets ``***``, generated names included."""
    scope = plan.subject.scope
    return [
        {
            "service": call.service,
            "operation": call.name,
            "parameters": _jsonable(without_secrets(call.parameters)),
            "region": scope.region,
            "endpoint": scope.endpoint or None,
        }
        for call in plan.calls
    ]


def aws_cli(plan: Plan) -> str:
    """The plan's calls as AWS CLI v2 commands."""
    return "\n".join(_cli_line(call, plan) for call in plan.calls)


def _cli_line(call: Call, plan: Plan) -> str:
    scope = plan.subject.scope
    body = msgspec.json.encode(_jsonable(without_secrets(call.parameters))).decode()
    words = ["aws", call.service, kebab(call.name), "--region", scope.region]
    words += ["--profile", scope.profile] if scope.profile else []
    words += ["--endpoint-url", scope.endpoint] if scope.endpoint else []
    return shlex.join([*words, "--cli-input-json", body])


def kebab(operation: str) -> str:
    """``CreateDBSnapshot`` as the AWS CLI spells it: ``create-db-snapshot``."""
    out: list[str] = []
    for index, char in enumerate(operation):
        previous = operation[index - 1] if index else ""
        following = operation[index + 1] if index + 1 < len(operation) else ""
        starts_word = char.isupper() and (not previous.isupper() or (following.islower() and previous.isupper()))
        if index and starts_word:
            out.append("-")
        out.append(char.lower())
    return "".join(out)


def _shown(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return msgspec.json.encode(_jsonable(value)).decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(member) for member in value]
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return units.iso(value)
    return value
