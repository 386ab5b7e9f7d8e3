"""Failures as the user meets them: one vocabulary for every AWS, network and credential error."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec


class FailureKind(StrEnum):
    """What went wrong, in the terms that decide exit codes, retries and wording."""

    CREDENTIALS = "credentials"  # none, expired, SSO token missing, MFA needed
    PERMISSION = "permission"  # AWS knows who you are and says no
    NOT_FOUND = "not-found"
    ILLEGAL_STATE = "illegal-state"  # the resource's state forbids the verb
    CONDITION = "condition"  # a conditional write lost, or a name is already taken
    INVALID = "invalid"  # AWS or the SDK rejects a parameter
    QUOTA = "quota"
    THROTTLED = "throttled"  # throttled out after every retry
    UNREACHABLE = "unreachable"  # refused, DNS, timeout, reset
    SERVICE = "service"  # 5xx at AWS, or a reply nobody can parse
    UNAVAILABLE_HERE = "unavailable-here"  # this custom endpoint does not offer the operation
    REFUSED = "refused"  # dbtui itself refused: read-only, guard, no permit, changed resource
    CONFIG = "config"
    LOCAL = "local"  # this machine: disk full, unwritable folder
    BUG = "bug"


class Failure(msgspec.Struct, frozen=True):
    """One error, translated once. ``title`` is one clear sentence; ``hint`` says what to do next."""

    kind: FailureKind
    title: str
    detail: str = ""
    hint: str = ""
    service: str = ""
    operation: str = ""
    code: str = ""
    request_id: str = ""
    iam_action: str = ""
    status: int = 0

    @property
    def retry_is_safe(self) -> bool:
        return self.kind in (FailureKind.THROTTLED, FailureKind.UNREACHABLE)

    @property
    def sentence(self) -> str:
        """Title and hint on one line, for toasts and standard error."""
        return f"{self.title}  {self.hint}".strip() if self.hint else self.title

    @property
    def further(self) -> str:
        """The detail, where it says more than the title."""
        return "" if " ".join(self.detail.split()).rstrip(".") == self.title.rstrip(".") else self.detail


class DbtuiError(Exception):
    """Carries a :class:`Failure` through ``await`` and ``raise``; its text is the failure's sentence."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


class AwsError(DbtuiError):
    """AWS, the network or the credentials failed a call.

    ``reply_lost`` is true when the request may have been carried out although no reply was read. ``members`` are the
    structured members of AWS's error as they came: ``Item`` and ``CancellationReasons`` (B and BS are ``bytes``),
    ``ThrottlingReasons``.
    """

    def __init__(self, failure: Failure, *, reply_lost: bool = False, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(failure)
        self.reply_lost = reply_lost
        self.members: Mapping[str, Any] = members or {}

    @property
    def throttling(self) -> tuple[str, ...]:
        """Why AWS throttled, see :func:`throttling_reasons`."""
        return throttling_reasons(self.members)


def throttling_reasons(members: Mapping[str, Any]) -> tuple[str, ...]:
    """The ThrottlingReasons of an error in AWS's words, each with the table or index it names:
    ``IndexWriteProvisionedThroughputExceeded (by-status)``; empty when AWS did not say."""
    found = members.get("ThrottlingReasons")
    reasons = [entry for entry in found if isinstance(entry, Mapping)] if isinstance(found, list) else []
    return tuple(dict.fromkeys(_reason_words(reason) for reason in reasons))


def _reason_words(reason: Mapping[str, Any]) -> str:
    word, resource = str(reason.get("reason", "")), str(reason.get("resource", ""))
    return f"{word} ({resource.rpartition('/')[2]})" if resource else word


class Refused(DbtuiError):
    """dbtui refused before anything was sent."""

    def __init__(
        self, title: str, *, hint: str = "", detail: str = "", kind: FailureKind = FailureKind.REFUSED
    ) -> None:
        super().__init__(Failure(kind, title, detail=detail, hint=hint))


class UsageError(DbtuiError):
    """The words of a command, a place or a configuration file do not make sense."""

    def __init__(self, title: str, *, hint: str = "") -> None:
        super().__init__(Failure(FailureKind.CONFIG, title, hint=hint))
