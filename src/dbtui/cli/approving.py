"""Confirmations of a command: by its options, or by a person at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbtui.actions.guards import Need, command_needs
from dbtui.actions.model import Plan
from dbtui.cli.console import Console, NoAnswer
from dbtui.domain.failures import Refused
from dbtui.domain.policy import Policy
from dbtui.resources import short_place

Wanting = tuple[Plan, Need]
"""A plan and what is still missing for it to run."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line agrees to."""

    yes: bool = False
    resources: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()

    def missing(self, plan: Plan, policy: Policy) -> Need:
        return command_needs(plan, policy, yes=self.yes, confirm=self.resources, confirm_scope=self.scopes)


def unmet(plans: Sequence[Plan], policy: Policy, consent: Consent) -> list[Wanting]:
    """The plans that need more than the options gave, each with what it needs."""
    needs = ((plan, consent.missing(plan, policy)) for plan in plans)
    return [(plan, need) for plan, need in needs if need]


def refusal(wanting: Sequence[Wanting]) -> Refused:
    """The error that says which options would have allowed it, for when nobody can be asked."""
    reasons = dict.fromkeys(reason for _, need in wanting for reason in (need.scope, need.resource, need.yes) if reason)
    options = dict.fromkeys(option for plan, need in wanting for option in _options(plan, need))
    return Refused(f"Not confirmed: {'; '.join(reasons)}.", hint=f"Without a terminal give {' '.join(options)}.")


def _options(plan: Plan, need: Need) -> list[str]:
    words = ["--confirm-scope NAME-OR-ACCOUNT"] if need.scope else []
    words += [f"--confirm {plan.subject.id}"] if need.resource else []
    return words + (["--yes"] if need.yes else [])


def ask(wanting: Sequence[Wanting], policy: Policy, console: Console) -> None:
    """Asks for whatever is missing, each scope once; raises :class:`Refused` at the first answer that does not fit."""
    try:
        _ask_scopes(wanting, policy, console)
        for plan, need in wanting:
            if need.resource and console.ask(f"{need.resource}. Type {plan.subject.id} to go on:") != plan.subject.id:
                raise Refused(f"Not confirmed: {short_place(plan.subject)}.", hint="Nothing was sent.")
        plain = [plan for plan, need in wanting if need.yes]
        if plain and console.ask(_question(plain)).lower() not in {"y", "yes"}:
            raise Refused("Not confirmed.", hint="Nothing was sent.")
    except NoAnswer:
        raise Refused("Not confirmed.", hint="Nothing was sent.") from None


def _ask_scopes(wanting: Sequence[Wanting], policy: Policy, console: Console) -> None:
    reasons = {plan.subject.scope: need.scope for plan, need in wanting if need.scope}
    for scope, reason in reasons.items():
        typed = console.ask(f"{reason}. Type its name to go on:")
        if not policy(scope).accepts_name(scope, typed):
            raise Refused(f"Not confirmed: {typed!r} does not name {scope.label}.", hint="Nothing was sent.")


def _question(plans: Sequence[Plan]) -> str:
    what = plans[0].title if len(plans) == 1 else f"{plans[0].action.capitalize()} these {len(plans)}"
    return f"{what}? [y/N]"
