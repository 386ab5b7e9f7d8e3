"""Units: every number is shown in one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dbtui.domain import units
from dbtui.domain.windows import next_start, next_window

NOW = datetime(2026, 11, 23, 9, 15, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (0, "0"), (999, "999"), (84_000, "84.0 k"), (1_240_000, "1.24 M"), (5 * 10**9, "5.00 G")],
)
def test_approximate_counts(value: int | None, shown: str) -> None:
    assert units.short_count(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.00 KiB"),
        (22_439_526, "21.4 MiB"),
        (93 * units.GIB, "93.0 GiB"),
    ],
)
def test_sizes_are_binary(value: int | None, shown: str) -> None:
    assert units.size(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (25500, "7 h 5 min"),
        (273600, "3 d 4 h"),
        (-60, "-1 min"),
    ],
)
def test_spans_have_two_units_at_most(seconds: int, shown: str) -> None:
    assert units.duration(timedelta(seconds=seconds)) == shown


def test_times_are_utc() -> None:
    assert units.iso(NOW) == "2026-11-23T09:15:07Z"
    assert units.iso(None) is None
    assert units.moment(NOW.replace(tzinfo=None)) == "2026-11-23 09:15:07 UTC"
    assert units.day_or_time(NOW - timedelta(hours=1), NOW) == "today 08:15"
    assert units.day_or_time(NOW - timedelta(days=42), NOW) == "12 Oct 09:15"
    assert units.day_or_time(NOW - timedelta(days=500), NOW) == "2025-07-11"


def test_a_maintenance_window_says_when_it_opens() -> None:
    assert next_window("sun:03:00-sun:03:30", NOW) == "sun:03:00-sun:03:30 UTC, in 5 d 17 h"
    assert next_start("mon:09:00-mon:09:30", NOW) == NOW.replace(hour=9, minute=0, second=0) + timedelta(days=7)
    assert next_window("not a window", NOW) == "not a window"
