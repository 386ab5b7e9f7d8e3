"""A resource and what is going to happen to it: its members at any time are a function of that time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Members = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """At `at` the members take these values (None drops the member); `gone` ends the resource."""

    at: datetime
    patch: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True)
class Ramp:
    """A whole number that moves evenly from `low` to `high` between two times, such as PercentProgress."""

    member: str
    start: datetime
    end: datetime
    low: int = 0
    high: int = 100
    text: bool = False
    """Written as text, as DBInstance.PercentProgress is."""
    lasting: bool = True
    """Whether the member stays once it has reached `high`."""

    def value(self, now: datetime) -> int:
        if now >= self.end:
            return self.high
        if now <= self.start:
            return self.low
        share = (now - self.start) / (self.end - self.start)
        return self.low + int((self.high - self.low) * share)


class Record:
    """Members as AWS spells them, plus the scheduled changes."""

    def __init__(self, members: Members, changes: Iterable[Change] = (), ramps: Iterable[Ramp] = ()) -> None:
        self.members = members
        self.changes = sorted(changes, key=lambda change: change.at)
        self.ramps = list(ramps)

    def view(self, now: datetime) -> Members | None:
        """The members at `now`, or None once the resource is gone. Pure: asking changes nothing."""
        view = dict(self.members)
        for change in self.changes:
            if change.at > now:
                break
            if change.gone:
                return None
            _merge(view, change.patch)
        for ramp in self.ramps:
            if ramp.lasting or now < ramp.end:
                value = ramp.value(now)
                view[ramp.member] = str(value) if ramp.text else value
        return view

    def exists(self, now: datetime) -> bool:
        return not any(change.gone and change.at <= now for change in self.changes)

    def plan(self, now: datetime, *changes: Change) -> None:
        """Fold what has already happened into the members and schedule new changes instead of the open ones."""
        self.settle(now)
        self.changes = sorted(changes, key=lambda change: change.at)

    def also(self, now: datetime, *changes: Change) -> None:
        """Schedule further changes and keep the open ones."""
        self.settle(now)
        self.changes = sorted([*self.changes, *changes], key=lambda change: change.at)

    def patch(self, now: datetime, values: Mapping[str, Any]) -> None:
        """Change members at once; what is scheduled stays scheduled, but a ramp of the same member ends."""
        self.settle(now)
        self.ramps = [ramp for ramp in self.ramps if ramp.member not in values]
        _merge(self.members, values)

    def settle(self, now: datetime) -> None:
        for change in self.changes:
            if change.at <= now and not change.gone:
                _merge(self.members, change.patch)
        self.changes = [change for change in self.changes if change.at > now or change.gone]


def _merge(members: Members, patch: Mapping[str, Any]) -> None:
    for name, value in patch.items():
        if value is None:
            members.pop(name, None)
        else:
            members[name] = value


class Shelf(dict[str, Record]):
    """Records of one kind in one account and region, by identifier."""

    def views(self, now: datetime) -> list[tuple[str, Members]]:
        """Those that exist at `now`, by identifier."""
        self.sweep(now)
        found = ((key, self[key].view(now)) for key in sorted(self))
        return [(key, view) for key, view in found if view is not None]

    def living(self, key: str, now: datetime) -> Record | None:
        record = self.get(key)
        return record if record is not None and record.exists(now) else None

    def sweep(self, now: datetime) -> None:
        """Forget what is gone, so that its name can be used again."""
        for key in [key for key, record in self.items() if not record.exists(now)]:
            del self[key]
