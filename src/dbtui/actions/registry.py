"""ALL, the explicit tuple of verbs, and how they are looked up."""

from __future__ import annotations

from dbtui.actions.model import Action
from dbtui.actions.power import REBOOT, START, STOP
from dbtui.actions.snapshot import SNAPSHOT
from dbtui.domain.failures import UsageError

ALL: tuple[Action, ...] = (SNAPSHOT, START, STOP, REBOOT)


def by_name(name: str) -> Action:
    """The verb of that name; raises :class:`UsageError`."""
    for action in ALL:
        if action.name == name:
            return action
    raise UsageError(f"unknown verb: {name}.", hint=f"Verbs: {', '.join(action.name for action in ALL)}.")


def for_kind(kind: str) -> tuple[Action, ...]:
    """The verbs a kind has, legal now or not."""
    return tuple(action for action in ALL if kind in action.kinds)
