"""Names for snapshots and backups: AWS's rules, and the name dbtui proposes.

Sources: CreateDBSnapshot, CreateDBClusterSnapshot, CreateBackup (API references).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from dbtui.domain import units

LIMITS = {"instance": 255, "cluster": 63, "table": 255}
"""The longest name by the kind of the source."""

_RDS_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*\Z")
_BACKUP_NAME = re.compile(r"[A-Za-z0-9_.-]+\Z")
_BACKUP_MIN = 3


def check_name(name: str, kind: str) -> str | None:
    """Why AWS would refuse this name for a snapshot or backup of that kind of source; ``None`` when it is fine."""
    if not name:
        return "a name is needed"
    if len(name) > LIMITS[kind]:
        return f"at most {LIMITS[kind]} characters, this has {len(name)}"
    if kind == "table":
        return _check_backup_name(name)
    if not name[0].isascii() or not name[0].isalpha():
        return "the first character must be a letter"
    if not _RDS_NAME.match(name):
        return "only letters, digits and hyphens"
    if "--" in name or name.endswith("-"):
        return "no two hyphens in a row and none at the end"
    return None


def _check_backup_name(name: str) -> str | None:
    if len(name) < _BACKUP_MIN:
        return f"at least {_BACKUP_MIN} characters"
    return None if _BACKUP_NAME.match(name) else "only letters, digits, underscore, dot and hyphen"


def propose(source: str, kind: str, now: datetime, taken: Collection[str]) -> str:
    """``source-YYYYMMDD-HHMM`` in UTC, cut to the kind's limit, with ``-2``, ``-3``… while the name is taken."""
    stamp = f"{units.utc(now):%Y%m%d-%H%M}"
    base = source if kind == "table" else re.sub(r"-{2,}", "-", re.sub(r"[^A-Za-z0-9-]", "-", source)).strip("-")
    if kind != "table" and not base[:1].isalpha():
        base = f"s-{base}".rstrip("-")
    lowered = {name.lower() for name in taken}
    number = 1
    while True:
        suffix = f"-{stamp}" if number == 1 else f"-{stamp}-{number}"
        name = base[: LIMITS[kind] - len(suffix)].rstrip("-") + suffix
        if name.lower() not in lowered:
            return name
        number += 1
