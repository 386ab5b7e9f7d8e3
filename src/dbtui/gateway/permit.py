"""Permits: the proof that a mutation went through plan, guard and re-check. Only the runner issues them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dbtui.domain.failures import Refused
from dbtui.domain.scope import Scope
from dbtui.gateway.operations import is_read


@dataclass(frozen=True, slots=True)
class Permit:
    """Allows one call of one operation in one scope with exactly these parameters."""

    op_id: str
    scope: Scope
    operation: str
    parameters: Mapping[str, Any]
    _used: list[bool] = field(default_factory=list, repr=False, compare=False)

    def spend(self, scope: Scope, operation: str, parameters: Mapping[str, Any]) -> None:
        """Marks the permit used; raises :class:`Refused` unless it fits this call and is fresh."""
        if self._used:
            raise Refused(f"{operation} refused: its permit was already used")
        if (scope, operation) != (self.scope, self.operation) or dict(parameters) != dict(self.parameters):
            raise Refused(f"{operation} refused: the permit is for another call")
        self._used.append(True)


def check_permit(
    scope: Scope, operation: str, parameters: Mapping[str, Any], permit: Permit | None, *, read_only: bool
) -> None:
    """The gateway's gate, in one place: reads pass, mutations need a fitting permit and a writable scope."""
    if is_read(operation):
        return
    if read_only:
        raise Refused(
            f"{operation} refused: {scope.label} is read-only", hint="Start without --read-only to change things."
        )
    if permit is None:
        raise Refused(f"{operation} refused: no permit", hint="Every change goes through a plan.")
    permit.spend(scope, operation, parameters)
