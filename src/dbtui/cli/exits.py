"""Exit codes: the one table that turns failures, signals and mixed results into a number."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from dbtui.domain.failures import DbtuiError, Failure, FailureKind, UsageError


class Exit(IntEnum):
    """What a command's exit code says; documented in ``--help`` and only ever added to."""

    DONE = 0
    FAILED = 1  # AWS failed it, outcomes are mixed, or a bug
    USAGE = 2
    NOT_FOUND = 3
    REFUSED = 4  # read-only, guard, not confirmed, condition failed, illegal state
    ACCESS = 5  # credentials or permission
    RUNNING = 6  # still going on at the timeout
    UNREACHABLE = 7  # unreachable or throttled out: safe to repeat


SIGNAL_BASE: Final = 128
INTERRUPTED: Final = 130

_BY_KIND: Final = {
    FailureKind.CREDENTIALS: Exit.ACCESS,
    FailureKind.PERMISSION: Exit.ACCESS,
    FailureKind.NOT_FOUND: Exit.NOT_FOUND,
    FailureKind.ILLEGAL_STATE: Exit.REFUSED,
    FailureKind.CONDITION: Exit.REFUSED,
    FailureKind.INVALID: Exit.FAILED,
    FailureKind.QUOTA: Exit.FAILED,
    FailureKind.THROTTLED: Exit.UNREACHABLE,
    FailureKind.UNREACHABLE: Exit.UNREACHABLE,
    FailureKind.SERVICE: Exit.FAILED,
    FailureKind.UNAVAILABLE_HERE: Exit.FAILED,
    FailureKind.REFUSED: Exit.REFUSED,
    FailureKind.CONFIG: Exit.USAGE,
    FailureKind.LOCAL: Exit.FAILED,
    FailureKind.BUG: Exit.FAILED,
}

HELP: Final = (
    "0 done; 1 AWS failed it, or outcomes are mixed; 2 usage; 3 not found; 4 refused (read-only, not "
    "confirmed, illegal state, condition failed); 5 credentials or permission; 6 still running at the timeout; "
    "7 unreachable or throttled, safe to repeat; 130, 143 signals."
)


def of_failure(failure: Failure) -> Exit:
    """The exit code one failure leads to. Words that dbtui itself found invalid, before any call, are usage."""
    if failure.kind is FailureKind.INVALID and not failure.operation:
        return Exit.USAGE
    return _BY_KIND[failure.kind]


def of_error(error: DbtuiError) -> Exit:
    """The exit code of an error that ended the whole command."""
    return Exit.USAGE if isinstance(error, UsageError) else of_failure(error.failure)


def combined(codes: Iterable[Exit]) -> Exit:
    """One code for several outcomes: the common one where they agree, else 1 for a mixture.

    What is done besides something that still runs is no mixture: the whole is still running.
    """
    distinct = set(codes)
    if distinct == {Exit.DONE, Exit.RUNNING}:
        return Exit.RUNNING
    if len(distinct) > 1:
        return Exit.FAILED
    return distinct.pop() if distinct else Exit.DONE


def of_signal(number: int) -> int:
    """The code a shell reports for a program that a signal ended."""
    return SIGNAL_BASE + number
