"""Which scopes are protected or read-only: the configured rules, then the default by name."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from dbtui.domain.policy import Policy, ScopePolicy
from dbtui.domain.scope import Scope
from dbtui.settings.model import Rule, Settings

_PROTECTED_WORDS = frozenset({"prod", "production", "prd", "live"})
_NEGATING_WORDS = frozenset({"non", "pre", "not"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def policy_from(settings: Settings, *, read_only: bool = False) -> Policy:
    """The policy of one program run; ``read_only`` is the command line's and cannot be undone."""

    def policy(scope: Scope) -> ScopePolicy:
        protected, protected_why = _protected(settings.rules, scope)
        why = "started with --read-only" if read_only else _read_only(settings, scope)
        return ScopePolicy(protected, protected_why, bool(why), why)

    return policy


def _matches(rule: Rule, scope: Scope) -> bool:
    pairs = (
        (rule.profile, scope.profile),
        (rule.account, scope.account),
        (rule.alias, scope.alias),
        (rule.region, scope.region),
    )
    return all(fnmatchcase(value, pattern) for pattern, value in pairs)


def _protected(rules: tuple[Rule, ...], scope: Scope) -> tuple[bool, str]:
    """The first rule that says so decides; then the default by name; an unknown account is protected."""
    for rule in rules:
        if rule.protected is not None and _matches(rule, scope):
            return rule.protected, f"rule in line {rule.line} of the configuration" if rule.protected else ""
    for what, name in (("profile", scope.profile), ("account alias", scope.alias)):
        word = production_word(name)
        if word:
            return True, f"its {what} {name} says {word}"
    if not scope.account_known:
        return True, "its account is not known"
    return False, ""


def _read_only(settings: Settings, scope: Scope) -> str:
    for rule in settings.rules:
        if rule.read_only and _matches(rule, scope):
            return f"rule in line {rule.line} of the configuration"
    return ""


def production_word(name: str) -> str:
    """The whole word in a name that marks production, unless ``non`` or ``pre`` stands before it; else empty.

    ``prod-eu``, ``acme_prod2`` and ``AcmeProd`` are marked; ``nonprod``, ``non-prod``, ``pre_prod`` and ``product``
    are not.
    """
    words = [str(word).lower() for word in _WORD.findall(name)]
    for before, word in zip(["", *words], words, strict=False):
        if word in _PROTECTED_WORDS and before not in _NEGATING_WORDS:
            return word
    return ""
