"""Where a resource lives: targets (what was asked for) and scopes (a target whose account is known)."""

from __future__ import annotations

import msgspec

UNKNOWN_ACCOUNT = "?"


class Target(msgspec.Struct, frozen=True, order=True):
    """One credential source, region and endpoint, as chosen by the user; no AWS call is needed to name it.

    ``profile`` is the AWS profile, or ``""`` for the default credential chain; ``endpoint`` is ``""`` at AWS itself.
    """

    profile: str
    region: str
    endpoint: str = ""

    @property
    def label(self) -> str:
        """``profile@region`` as people type it; the default chain reads ``@region``."""
        return f"{self.profile}@{self.region}"


class Scope(msgspec.Struct, frozen=True, order=True):
    """A target whose account has been read from STS; every cache key and every reference carries the whole of it.

    ``account`` is ``"?"`` when STS could not be asked; such a scope is treated as protected.
    """

    profile: str
    account: str
    region: str
    endpoint: str = ""
    alias: str = ""

    @property
    def target(self) -> Target:
        return Target(self.profile, self.region, self.endpoint)

    @property
    def account_known(self) -> bool:
        return self.account != UNKNOWN_ACCOUNT

    @property
    def label(self) -> str:
        """``profile@region``; the prefix of a place."""
        return self.target.label


class ResourceRef(msgspec.Struct, frozen=True, order=True):
    """The identity of a resource: its scope, its kind's name and AWS's identifier for it."""

    scope: Scope
    kind: str
    id: str
