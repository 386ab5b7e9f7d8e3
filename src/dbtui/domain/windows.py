"""Weekly maintenance windows as RDS writes them: ``sun:03:00-sun:03:30``, in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta

from dbtui.domain import units

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def next_window(window: str, now: datetime) -> str:
    """The window with the time until it opens; text that does not parse is returned as it is."""
    start = next_start(window, now)
    if start is None:
        return window
    return f"{window} UTC, in {units.duration(start - units.utc(now))}"


def next_start(window: str, now: datetime) -> datetime | None:
    """When the window opens next, or ``None`` if the text is not a weekly window."""
    day, _, rest = window.lower().partition(":")
    hour, _, minute = rest.partition("-")[0].partition(":")
    if day not in _DAYS or not (hour.isdigit() and minute.isdigit()):
        return None
    now = units.utc(now)
    ahead = (_DAYS.index(day) - now.weekday()) % 7
    start = (now + timedelta(days=ahead)).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return start if start > now else start + timedelta(days=7)
