"""One piece of work for many callers."""

from __future__ import annotations

import asyncio

import pytest

from dbtui.aws.flights import Flights


async def test_everyone_gets_the_one_result() -> None:
    flights: Flights[str, int] = Flights()
    made: list[int] = []

    async def make() -> int:
        await asyncio.sleep(0)
        made.append(1)
        return len(made)

    assert await asyncio.gather(*(flights.get("k", make) for _ in range(5))) == [1] * 5
    assert await flights.get("k", make) == 1
    assert (flights.result("k"), flights.result("other"), flights.results()) == (1, None, [1])
    flights.forget("k")
    assert await flights.get("k", make) == 2


async def test_a_failure_reaches_everyone_and_the_next_caller_tries_again() -> None:
    flights: Flights[str, int] = Flights()
    outcomes: list[Exception | int] = [ValueError("first"), 7]

    async def make() -> int:
        await asyncio.sleep(0)
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    failed = await asyncio.gather(flights.get("k", make), flights.get("k", make), return_exceptions=True)

    assert [str(error) for error in failed] == ["first", "first"]
    assert flights.result("k") is None
    assert await flights.get("k", make) == 7


async def test_a_cancelled_caller_leaves_the_work_to_the_others() -> None:
    flights: Flights[str, str] = Flights()
    go = asyncio.Event()

    async def make() -> str:
        await go.wait()
        return "done"

    first, second = (asyncio.create_task(flights.get("k", make)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    go.set()

    assert await second == "done"


async def test_closing_ends_what_is_on_its_way() -> None:
    flights: Flights[str, None] = Flights()
    task = flights.start("k", asyncio.Event().wait)  # type: ignore[arg-type]
    await asyncio.sleep(0)

    await flights.close()

    assert task.cancelled()
