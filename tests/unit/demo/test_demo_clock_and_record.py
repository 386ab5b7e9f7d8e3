from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dbtui.demo.clock import Clock
from dbtui.demo.record import Change, Ramp, Record, Shelf

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_clock_runs_at_its_speed_and_can_be_advanced() -> None:
    real = [100.0]
    clock = Clock(start=NOW, speed=10, monotonic=lambda: real[0])
    real[0] += 3
    assert clock.now() == at(30)
    clock.set_speed(1)
    real[0] += 3
    assert clock.now() == at(33)
    clock.advance(60)
    assert clock.now() == at(93)


@pytest.mark.parametrize("change", [lambda c: c.advance(-1), lambda c: c.set_speed(-1)])
def test_clock_never_runs_backwards(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"forward|negative"):
        change(Clock())


def test_view_is_a_pure_function_of_time() -> None:
    record = Record(
        {"s": "a"}, [Change(at(20), {"s": "c"}), Change(at(10), {"s": "b", "extra": 1}), Change(at(30), gone=True)]
    )
    assert record.view(at(9)) == {"s": "a"}
    assert record.view(at(25)) == {"s": "c", "extra": 1}
    assert record.view(at(31)) is None
    assert record.view(at(9)) == {"s": "a"}, "looking ahead must not change what is now"


def test_none_drops_a_member() -> None:
    assert Record({"a": 1, "b": 2}, [Change(at(1), {"b": None})]).view(at(2)) == {"a": 1}


def test_a_new_plan_replaces_the_open_one_but_not_what_has_happened() -> None:
    record = Record({"s": "a"}, [Change(at(10), {"s": "b"}), Change(at(20), {"s": "never"})])
    record.plan(at(15), Change(at(30), {"t": 1}))
    assert record.view(at(25)) == {"s": "b"}
    assert record.view(at(30)) == {"s": "b", "t": 1}


def test_ramp_moves_evenly_and_stays_at_its_ends() -> None:
    record = Record({"p": 0}, ramps=[Ramp("p", at(10), at(20))])
    seen = [record.view(at(second)) for second in (0, 10, 15, 19.99, 20, 99)]
    assert [view and view["p"] for view in seen] == [0, 0, 50, 99, 100, 100]


def test_a_ramp_can_fade_and_yields_to_a_patch() -> None:
    record = Record({}, ramps=[Ramp("p", at(0), at(10), text=True, lasting=False)])
    assert [record.view(at(second)) for second in (5, 10)] == [{"p": "50"}, {}]
    record.patch(at(5), {"p": "7"})
    assert record.view(at(6)) == {"p": "7"}


def test_shelf_forgets_what_is_gone_and_gives_its_name_free() -> None:
    shelf = Shelf({"x": Record({"id": "x"}, [Change(at(5), gone=True)])})
    assert shelf.living("x", at(4))
    assert shelf.living("x", at(5)) is None
    assert shelf.views(at(5)) == []
    assert "x" not in shelf
