"""Who may do what, before a plan runs: arming in the TUI, confirmations for commands. The gateway enforces the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from dbtui.actions.model import Confirm, Plan
from dbtui.domain.clock import Clock
from dbtui.domain.policy import Policy, scope_names
from dbtui.domain.scope import Scope

IDLE = timedelta(minutes=15)


class ArmState(StrEnum):
    """Whether mutating actions may run in a scope now."""

    LOCKED = "locked"
    ARMED = "armed"
    READ_ONLY = "read-only"


class Arming:
    """The TUI's write lock: locked at start, armed per scope, locked again after 15 minutes without a key."""

    def __init__(self, policy: Policy, clock: Clock, idle: timedelta = IDLE) -> None:
        self._policy = policy
        self._clock = clock
        self._idle = idle
        self._armed: set[Scope] = set()
        self._last_key: datetime = clock()
        self._listeners: list[Callable[[], None]] = []

    def state(self, scope: Scope) -> ArmState:
        if self._policy(scope).read_only:
            return ArmState.READ_ONLY
        self._expire()
        return ArmState.ARMED if scope in self._armed else ArmState.LOCKED

    def phrase(self, scope: Scope) -> str:
        """What must be typed to arm the scope; empty when a plain confirmation suffices."""
        return scope_names(scope)[0] if self._policy(scope).protected else ""

    def arm(self, scope: Scope, typed: str = "") -> bool:
        """Arms the scope; false when it is read-only or when its name was needed and not typed."""
        policy = self._policy(scope)
        if policy.read_only or (policy.protected and not policy.accepts_name(scope, typed)):
            return False
        self._last_key = self._clock()
        self._armed.add(scope)
        self._announce()
        return True

    def touch(self) -> None:
        """A key was pressed: the idle time starts again, unless it had already run out."""
        self._expire()
        self._last_key = self._clock()

    def lock_all(self) -> None:
        """Locks every scope, for example because the credentials' account changed."""
        if self._armed:
            self._armed.clear()
            self._announce()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Calls ``listener`` whenever a scope is armed or locked; returns the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _expire(self) -> None:
        if self._armed and self._clock() - self._last_key > self._idle:
            self.lock_all()

    def _announce(self) -> None:
        for listener in tuple(self._listeners):
            listener()


class Need(msgspec.Struct, frozen=True):
    """What a command still has to be given before a plan may run, each with its reason; empty means nothing."""

    scope: str = ""
    resource: str = ""
    yes: str = ""

    def __bool__(self) -> bool:
        return bool(self.scope or self.resource or self.yes)


def command_needs(
    plan: Plan, policy: Policy, *, yes: bool = False, confirm: Sequence[str] = (), confirm_scope: Sequence[str] = ()
) -> Need:
    """What is missing for a command to run this plan.

    A command is its own intent: additive verbs need nothing more even in a protected scope. Other verbs need the
    scope's name in a protected scope, a yes elsewhere; destructive ones need the resource's name everywhere.
    """
    if plan.additive:
        return Need()
    scope = plan.subject.scope
    verdict = policy(scope)
    named_scope = any(verdict.accepts_name(scope, name) for name in confirm_scope)
    named = plan.subject.id in confirm
    scope_need = (
        f"{scope.label} is protected ({verdict.protected_why})" if verdict.protected and not named_scope else ""
    )
    resource_need = f"{plan.action} destroys {plan.subject.id}" if plan.destructive and not named else ""
    agreed = yes or named or (verdict.protected and named_scope)
    yes_need = "" if agreed or plan.destructive or plan.confirm is Confirm.ENTER else f"{plan.title} needs a yes"
    return Need(scope=scope_need, resource=resource_need, yes=yes_need if not scope_need else "")
