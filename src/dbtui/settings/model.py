"""What a user can configure, with its defaults: the one place for every setting."""

from __future__ import annotations

import msgspec


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One ``[[rule]]``: patterns (``*`` and ``?`` allowed) that must all match, and what follows for the scope."""

    profile: str = "*"
    account: str = "*"
    alias: str = "*"
    region: str = "*"
    protected: bool | None = None
    read_only: bool | None = None
    line: int = 0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole configuration. ``keys`` maps binding ids to keys, comma separated."""

    theme: str = "textual-dark"
    ascii: bool | None = None
    refresh_seconds: int = 45
    open: str = "keys"
    """How a table opens: ``keys`` asks for a key first, ``first-page`` reads the first page by a Scan."""
    keys: dict[str, str] = msgspec.field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    source: str = ""
    warnings: tuple[str, ...] = ()
