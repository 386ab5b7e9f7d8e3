"""Numbers, sizes, counts and times as people read them: the one place for units and formats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

GIB = 1024**3
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def count(value: int | None) -> str:
    """An exact count with thousands separators; unknown is an en dash."""
    return "–" if value is None else f"{value:,}"


def short_count(value: int | None) -> str:
    """An approximate count in at most six characters: ``84 k``, ``1.24 M``."""
    if value is None:
        return "–"
    for limit, divisor, suffix in ((10**3, 1, ""), (10**6, 10**3, " k"), (10**9, 10**6, " M"), (10**12, 10**9, " G")):
        if value < limit:
            return f"{_three_digits(value / divisor)}{suffix}" if suffix else str(value)
    return f"{_three_digits(value / 10**12)} T"


def size(value: int | None) -> str:
    """Bytes in binary units with three significant digits: ``0 B``, ``21.4 MiB``."""
    if value is None:
        return "–"
    amount = float(value)
    for unit in _BINARY:
        if amount < 1024 or unit == _BINARY[-1]:
            return f"{int(amount)} {unit}" if unit == "B" else f"{_three_digits(amount)} {unit}"
        amount /= 1024
    raise AssertionError("unreachable: the last unit always returns")


def gib(value: int | None) -> str:
    """A whole number of GiB, as RDS allocates storage."""
    return "–" if value is None else f"{value:,} GiB"


def _three_digits(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}"


def duration(delta: timedelta | float) -> str:
    """A span in its two largest units: ``42 s``, ``3 min``, ``7 h 5 min``, ``3 d 4 h``."""
    seconds = int(delta.total_seconds() if isinstance(delta, timedelta) else delta)
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours and days < 30 else f"{days} d"


def stopwatch(seconds: float) -> str:
    """A running time as ``m:ss`` or ``h:mm:ss``."""
    minutes, secs = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{secs:02}" if hours else f"{minutes}:{secs:02}"


def utc(value: datetime) -> datetime:
    """An aware datetime in UTC; a naive one is taken as UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def iso(value: datetime | None) -> str | None:
    """ISO 8601 in UTC with a ``Z``, to the second; fractions only where present."""
    if value is None:
        return None
    text = utc(value).isoformat()
    return text.replace("+00:00", "Z")


def moment(value: datetime | None) -> str:
    """``2026-11-23 09:15:07 UTC``; unknown is an en dash."""
    return "–" if value is None else utc(value).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock(value: datetime) -> str:
    """The time of day, ``14:03:07 UTC``."""
    return utc(value).strftime("%H:%M:%S UTC")


def day_or_time(value: datetime | None, now: datetime) -> str:
    """Short form for a column: ``today 09:15``, ``12 Oct 04:10``, ``2024-05-02``."""
    if value is None:
        return "–"
    value, now = utc(value), utc(now)
    if value.date() == now.date():
        return f"today {value:%H:%M}"
    if value.year == now.year:
        return f"{value.day} {value:%b %H:%M}"
    return f"{value:%Y-%m-%d}"


def age(value: datetime | None, now: datetime) -> str:
    """How long ago, in one or two units."""
    return "–" if value is None else duration(utc(now) - utc(value))
