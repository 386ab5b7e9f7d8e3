"""What DynamoDB's errors say about items, besides code and message: the item as it stands, the reasons of a cancelled
transaction, the reasons of a throttle."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dbtui.aws.words import CONDITION_CODES, INVALID_CODES, QUOTA_CODES, THROTTLE_CODES, base
from dbtui.domain.failures import FailureKind, throttling_reasons

_MEMBERS = ("Item", "CancellationReasons", "ThrottlingReasons")
_LISTED = re.compile(r"\[([A-Za-z, ]+)\]")

# What forbids sending the transaction again comes first: it decides, whatever else was wrong.
_DECIDING = (
    (CONDITION_CODES, FailureKind.CONDITION),
    (INVALID_CODES, FailureKind.INVALID),
    (QUOTA_CODES, FailureKind.QUOTA),
    (THROTTLE_CODES, FailureKind.THROTTLED),
)


def members(reply: Mapping[str, Any]) -> dict[str, Any]:
    """The structured members of an error reply that people and retries need."""
    return {name: reply[name] for name in _MEMBERS if name in reply}


def cancelled_kind(reply: Mapping[str, Any], message: str) -> FailureKind:
    """Why a transaction was cancelled (TransactionCanceledException), by its reasons or else its message."""
    listed = _LISTED.search(message)
    reasons = [str(reason.get("Code", "")) for reason in reply.get("CancellationReasons") or ()]
    codes = {base(code) for code in reasons or (listed.group(1).split(", ") if listed else ())}
    return next((kind for known, kind in _DECIDING if codes & known), FailureKind.CONDITION)


def throttled_title(code: str, reply: Mapping[str, Any], action: str, where: str) -> str:
    """One sentence about a request that DynamoDB did not carry out, this time."""
    if base(code) in ("TransactionConflict", "ReplicatedWriteConflict", "TransactionInProgress"):
        return f"{where} did not carry out {action}: another write of the same item is under way ({code})."
    if base(code) == "TransactionCanceled":
        return f"{where} cancelled {action} for now: another transaction or a throttle was in its way."
    reasons = ", ".join(throttling_reasons(reply))
    return f"{where} is throttling {action}{': ' if reasons else ''}{reasons}."
