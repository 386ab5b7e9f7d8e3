"""What AWS or an endpoint has already refused, so that it is not asked again and again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.scope import Target

# IAM may allow these on one resource and deny them on the next; all others are denied once for all.
_RESOURCE_PARAMETERS = ("TableName", "ResourceArn", "BackupArn", "DBParameterGroupName", "DBInstanceIdentifier")

# IAM may allow these for one key of a table and deny them for the next (dynamodb:LeadingKeys): not worth remembering.
_BY_KEY = frozenset({"dynamodb:GetItem", "dynamodb:Query"})

Key = tuple[Target, str, str]


class Refusals:
    """Remembers, for the session, denied reads per target and resource, and operations an endpoint does not offer."""

    def __init__(self) -> None:
        self._denied: dict[Key, Failure] = {}
        self._unavailable: dict[Key, Failure] = {}

    def check(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> None:
        """Raises the remembered :class:`AwsError`, if there is one."""
        failure = self._denied.get(_key(target, operation, parameters)) or self._unavailable.get(
            _here(target, operation)
        )
        if failure is not None:
            raise AwsError(failure)

    def note(self, target: Target, operation: str, parameters: Mapping[str, Any], failure: Failure) -> None:
        """Remembers a failure worth remembering."""
        if failure.kind is FailureKind.PERMISSION and operation not in _BY_KEY:
            self._denied[_key(target, operation, parameters)] = failure
        elif failure.kind is FailureKind.UNAVAILABLE_HERE:
            self._unavailable[_here(target, operation)] = failure

    def forget(self, target: Target | None) -> None:
        """Forgets the refusals of a target, or all of them."""
        for known in (self._denied, self._unavailable):
            for key in [key for key in known if target is None or _same_place(key[0], target)]:
                del known[key]


def _key(target: Target, operation: str, parameters: Mapping[str, Any]) -> Key:
    resource = next((str(parameters[name]) for name in _RESOURCE_PARAMETERS if name in parameters), "")
    return target, operation, resource


def _here(target: Target, operation: str) -> Key:
    """An endpoint offers the same operations in every region."""
    return Target(target.profile, "", target.endpoint), operation, ""


def _same_place(known: Target, target: Target) -> bool:
    return known == target or known == Target(target.profile, "", target.endpoint)
