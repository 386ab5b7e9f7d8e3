"""What a change of an item still needs: the name of a protected scope, and of the item it destroys."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from dbtui.actions.guards import Need
from dbtui.cli.console import Console, NoAnswer
from dbtui.domain.failures import Refused
from dbtui.domain.policy import Policy
from dbtui.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to happen, as far as consent goes. ``names``: what may be typed for the item, words first."""

    verb: str
    scope: Scope
    names: tuple[str, ...]
    additive: bool
    destructive: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line agrees to: ``--confirm`` and ``--confirm-scope``."""

    items: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def missing(self, change: Change, policy: Policy) -> Need:
        """A change that adds needs nothing; any other the scope's name where that is protected; a destructive one the
        item's name everywhere."""
        if change.additive:
            return Need()
        verdict = policy(change.scope)
        named_scope = any(verdict.accepts_name(change.scope, name) for name in self.scopes)
        scope = f"{change.scope.label} is protected ({verdict.protected_why})" if verdict.protected else ""
        named = not change.destructive or any(name in change.names for name in self.items)
        return Need(
            scope="" if named_scope else scope,
            resource="" if named else f"{change.verb} destroys {change.names[0]}",
        )


def refusal(need: Need, change: Change) -> Refused:
    """The error that says which options would have allowed it, for when nobody can be asked."""
    reasons = "; ".join(reason for reason in (need.scope, need.resource) if reason)
    options = ["--confirm-scope NAME-OR-ACCOUNT"] if need.scope else []
    options += [f"--confirm {shlex.quote(change.names[0])}"] if need.resource else []
    return Refused(f"Not confirmed: {reasons}.", hint=f"Without a terminal give {' '.join(options)}.")


def ask(need: Need, change: Change, policy: Policy, console: Console) -> None:
    """Asks for what is missing; raises :class:`Refused` at the first answer that does not fit."""
    try:
        if need.scope:
            typed = console.ask(f"{need.scope}. Type its name to go on:")
            if not policy(change.scope).accepts_name(change.scope, typed):
                raise Refused(f"Not confirmed: {typed!r} does not name {change.scope.label}.", hint="Nothing was sent.")
        if need.resource and console.ask(f"{need.resource}. Type {change.names[0]} to go on:") not in change.names:
            raise Refused(f"Not confirmed: {change.names[0]}.", hint="Nothing was sent.")
    except NoAnswer:
        raise Refused("Not confirmed.", hint="Nothing was sent.") from None
