"""What an engine name implies: short names, shared storage, other services, support that has ended.

Sources: RDS User Guide "Amazon RDS Extended Support" and release calendars. AWS's own EngineLifecycleSupport member
wins where it is present; the table names only versions whose standard support ended before 2026.
"""

from __future__ import annotations

_SHORT = {"aurora-postgresql": "aurora-pg", "aurora-mysql": "aurora-mysql", "sqlserver": "sqlserver"}
_ENDED = {
    "mysql": ("5.5", "5.6", "5.7"),
    "postgres": ("9", "10", "11", "12"),
    "mariadb": ("10.2", "10.3", "10.4"),
    "aurora-postgresql": ("9", "10", "11", "12"),
    "aurora-mysql": ("5.6", "5.7"),
}


def short(engine: str) -> str:
    """The engine as a column shows it."""
    return _SHORT.get(engine, engine)


def is_aurora(engine: str) -> bool:
    return engine.startswith("aurora")


def is_clustered(engine: str) -> bool:
    """Whether instances of this engine share a cluster volume and are backed up with their cluster."""
    return is_aurora(engine) or engine in ("neptune", "docdb")


def other_service(engine: str) -> str:
    """The product an instance belongs to when it is not RDS; empty for RDS and Aurora."""
    return {"neptune": "Neptune", "docdb": "DocumentDB"}.get(engine, "")


def warning(engine: str, version: str, lifecycle: str) -> str:
    """Why the engine deserves a mark, in words; empty when there is nothing to say."""
    family = "aurora-mysql" if engine == "aurora" else engine
    for ended in _ENDED.get(family, ()):
        if version == ended or version.startswith(f"{ended}."):
            charged = (
                "charged as extended support" if lifecycle.endswith("support") and "disabled" not in lifecycle else ""
            )
            return f"{engine} {ended} is past the end of standard support" + (f", {charged}" if charged else "")
    return ""
