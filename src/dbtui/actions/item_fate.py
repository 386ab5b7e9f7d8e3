"""What became of a write of an item, told from the error DynamoDB answered and from what is there now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.item_requests import DELETE, PUT, TRANSACT, UPDATE
from dbtui.domain.text import preview
from dbtui.domain.values import Item, at, equal, items_equal, key_of
from dbtui.items.writes import KEY_PREVIEW, ItemWrite, item_words

_BUSY: Final = frozenset(
    {
        "TransactionConflictException",
        "ReplicatedWriteConflictException",
        "TransactionInProgressException",
    }
)
"""Codes of writes that were not carried out because another one was under way: sent again after a pause."""

_BUSY_REASONS: Final = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}
)
_CONDITION_CODES: Final = frozenset({"ConditionalCheckFailedException", "DuplicateItemException"})
_CONDITION_REASONS: Final = frozenset({"ConditionalCheckFailed", "DuplicateItem"})
_CANCELLED: Final = "TransactionCanceledException"
_BAD_PATH: Final = "document path provided in the update expression is invalid"


class Sight(msgspec.Struct, frozen=True):
    """What is at a write's key now and, for a move, what is where the item was to go; ``None`` for nothing."""

    current: Item | None
    occupant: Item | None = None


class Fate(StrEnum):
    """What the sight of an item says about a write of it."""

    ARRIVED = "arrived"  # what the write intends is so
    UNTOUCHED = "untouched"  # everything is as the write found it: sending it (again) is safe
    OTHER = "other"  # something else is there


def fate(write: ItemWrite, sight: Sight) -> Fate:
    """Compares what is there with what the write found and what it intends, on the paths it touches."""
    if _arrived(write, sight):
        return Fate.ARRIVED
    if sight.occupant is not None or (write.before is None and not write.creates):
        return Fate.OTHER
    if write.before is None or sight.current is None:
        return Fate.UNTOUCHED if write.before is None and sight.current is None else Fate.OTHER
    same = all(equal(at(sight.current, path), at(write.before, path)) for path in write.touched)
    return Fate.UNTOUCHED if same else Fate.OTHER


def _arrived(write: ItemWrite, sight: Sight) -> bool:
    operation, current = write.request.operation, sight.current
    if operation == UPDATE:
        after = write.after or {}
        return current is not None and all(equal(at(current, path), at(after, path)) for path in write.touched)
    if operation == PUT:
        return items_equal(current, write.after)
    if operation == TRANSACT:
        return current is None and items_equal(sight.occupant, write.after)
    return operation == DELETE and current is None


def destination(write: ItemWrite) -> Item | None:
    """The key a move leads to; ``None`` for every other write."""
    if write.request.operation != TRANSACT or write.after is None:
        return None
    return key_of(write.after, write.table.keys)


def is_busy(error: AwsError) -> bool:
    """Whether the write was not carried out, and may be sent again as it is."""
    if error.failure.code == _CANCELLED:
        codes = {code for code in _reason_codes(error) if code not in ("None", "")}
        return codes <= _BUSY_REASONS if codes else error.failure.kind is FailureKind.THROTTLED
    return error.failure.kind is FailureKind.THROTTLED or error.failure.code in _BUSY


def is_condition(error: AwsError) -> bool:
    """Whether a condition did not hold. An update whose path is gone says so in its own way."""
    if error.failure.code == _CANCELLED:
        codes = set(_reason_codes(error))
        return bool(_CONDITION_REASONS & codes) if codes else error.failure.kind is FailureKind.CONDITION
    if error.failure.kind is FailureKind.INVALID:
        return _BAD_PATH in error.failure.detail or _BAD_PATH in error.failure.title
    return error.failure.code in _CONDITION_CODES


def told_items(error: AwsError) -> tuple[Item | None, ...]:
    """The items an error holds, one for each part of the request; ``None`` where it holds none."""
    if error.failure.code == _CANCELLED:
        return tuple(reason.get("Item") or None for reason in _reasons(error))
    return (error.members.get("Item") or None,)


def cancelled_words(error: AwsError) -> str:
    """Why a transaction was cancelled, from the first part that has a reason; empty for other errors."""
    for reason in _reasons(error):
        if reason.get("Code") not in (None, "None"):
            return f"{reason.get('Code')}: {reason.get('Message', '')}".strip(": ")
    return ""


def conflict_failure(write: ItemWrite, sight: Sight) -> Failure:
    """The conflict in one sentence."""
    words = item_words(write.table, write.key)
    if sight.occupant is not None and write.after is not None:
        title = f"There already is {_article(item_words(write.table, write.after))}."
    elif write.creates:
        title = f"There already is {_article(words)}."
    elif sight.current is None:
        title = f"The {words} was deleted since it was read."
    else:
        changed = _changed_names(write, sight.current)
        title = f"The {words} was changed since it was read{f': {changed}' if changed else ''}."
    return Failure(
        FailureKind.CONDITION,
        title,
        hint="Nothing was written.",
        service="dynamodb",
        operation=write.request.operation,
        code="ConditionalCheckFailedException",
    )


def unseen_words(before: Item | None, old: Item | None) -> str:
    """What a deletion or replacement took away that the person had not seen; empty when they had seen all of it."""
    if before is None or old is None:
        return ""
    came = sorted(old.keys() - before.keys())
    other = sorted(name for name in before.keys() & old.keys() if not equal(before[name], old[name]))
    sentences = [f"It held attributes that had come since it was read: {_names(came)}."] if came else []
    sentences += [f"It held other values than were read: {_names(other)}."] if other else []
    return " ".join(sentences)


def _names(names: Sequence[str]) -> str:
    return ", ".join(preview(name, KEY_PREVIEW) for name in names)


def _changed_names(write: ItemWrite, current: Item) -> str:
    before = write.before or {}
    names = [name for name in {**before, **current} if not equal(before.get(name), current.get(name))]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(preview(name, KEY_PREVIEW) for name in names[:3]) + more


def _article(words: str) -> str:
    return f"an {words}"


def _reasons(error: AwsError) -> list[Mapping[str, Any]]:
    found = error.members.get("CancellationReasons")
    return [reason for reason in found if isinstance(reason, Mapping)] if isinstance(found, list) else []


def _reason_codes(error: AwsError) -> list[str]:
    return [str(reason.get("Code", "")) for reason in _reasons(error)]
