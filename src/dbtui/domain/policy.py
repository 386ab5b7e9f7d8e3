"""What may be done in a scope: protection and read-only, decided by the configuration's rules."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from dbtui.domain.scope import Scope


class ScopePolicy(msgspec.Struct, frozen=True):
    """The verdict of the rules on one scope, each half with its reason in words."""

    protected: bool = False
    protected_why: str = ""
    read_only: bool = False
    read_only_why: str = ""

    def accepts_name(self, scope: Scope, typed: str) -> bool:
        """Whether ``typed`` names the scope: its profile, account alias or account number."""
        return bool(typed) and typed in scope_names(scope)


def scope_names(scope: Scope) -> tuple[str, ...]:
    """The names a person may type for a scope, the most usual first; an unknown account names nothing."""
    account = scope.account if scope.account_known else ""
    return tuple(name for name in (scope.profile, scope.alias, account) if name) or (scope.region,)


Policy = Callable[[Scope], ScopePolicy]
