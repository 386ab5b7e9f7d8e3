from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain.failures import AwsError, Failure, FailureKind, Refused
from dbtui.domain.key_query import KeyQuery, ScanOf, SortCondition
from dbtui.domain.models import Table
from dbtui.domain.scope import Target
from dbtui.domain.values import Item
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.protocol import ItemPage
from dbtui.items.pace import TRIES
from dbtui.items.pager import Budget, Reading, Stop, Totals
from dbtui.items.store import ItemStore
from tests.requirements import FULL
from tests.unit.items_read.world import TARGET, everything, gateway_of, gsi, n, order, page, s, table, throttled

ORDERS = [order(number, note=s("x" * 20)) for number in range(95)]


class Time:
    """A clock that only a pause moves on."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def reading_of(
    gateway: Any,
    query: KeyQuery | ScanOf | None = None,
    *,
    of: Table | None = None,
    limit: int | None = None,
    **more: Any,
) -> Reading:
    of = of or table()
    return Reading(gateway, TARGET, query or ScanOf(of), ItemStore(of.keys, memory_limit=limit), **more)


def sorted_items(items: list[Item]) -> list[str]:
    return sorted(map(repr, items))


def assert_each_once(reading: Reading, items: list[Item]) -> None:
    assert sorted_items(everything(reading.store)) == sorted_items(items)


class ScriptedGateway:
    """Answers requests by a function; only what a reading needs."""

    def __init__(self, answer: Callable[[int, Mapping[str, Any]], ItemPage | Exception]) -> None:
        self.requests: list[dict[str, Any]] = []
        self._answer = answer

    async def item_page(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> ItemPage:
        self.requests.append(dict(parameters))
        answer = self._answer(len(self.requests) - 1, parameters)
        await asyncio.sleep(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class TestReadingAll:
    async def test_a_scan_over_several_pages(self) -> None:
        reading = reading_of(gateway_of(table(), ORDERS))
        assert await reading.run() is Stop.COMPLETE
        assert everything(reading.store) == ORDERS
        totals = reading.totals
        assert (totals.evaluated, totals.matched, totals.requests, totals.complete) == (95, 95, 10, True)
        assert totals.units == pytest.approx(5.0)
        assert totals.bytes == reading.store.wire_bytes

    @pytest.mark.parametrize("segments", [2, 4, 16])
    async def test_a_parallel_scan_reads_each_item_once(self, segments: int) -> None:
        gateway = gateway_of(table(), ORDERS, page_size=3)
        reading = reading_of(gateway, segments=segments)
        assert await reading.run() is Stop.COMPLETE
        assert_each_once(reading, ORDERS)
        asked = {(call.parameters["Segment"], call.parameters["TotalSegments"]) for call in gateway.calls}
        assert asked == {(number, segments) for number in range(segments)}

    async def test_rows_of_a_parallel_scan_appear_as_pages_come(self) -> None:
        """One slow segment holds up nobody."""
        slow = asyncio.Event()
        keys: dict[int, int] = {0: 0, 1: 0}

        class TwoSpeeds(ScriptedGateway):
            async def item_page(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> ItemPage:
                if parameters["Segment"] == 0:
                    await slow.wait()
                return await super().item_page(target, operation, parameters)

        def answer(number: int, parameters: Mapping[str, Any]) -> ItemPage:
            segment = parameters["Segment"]
            keys[segment] += 1
            return page([order(10 * segment + keys[segment])], {"pk": s("k")} if keys[segment] < 3 else None)

        reading = reading_of(TwoSpeeds(answer), segments=2)
        running = asyncio.create_task(reading.run())
        while reading.store.row_count < 3:
            await asyncio.sleep(0)
        assert not running.done()
        slow.set()
        assert await running is Stop.COMPLETE
        assert reading.store.row_count == 6

    async def test_binary_partition_and_sort_keys_over_several_pages_and_segments(self) -> None:
        of = table((("pk", "B"), ("sk", "B")))
        items = [{"pk": {"B": bytes([a])}, "sk": {"B": bytes([b, 255 - b])}} for a in range(12) for b in range(9)]
        for segments in (1, 4):
            reading = reading_of(gateway_of(of, items, page_size=5), of=of, segments=segments)
            assert await reading.run() is Stop.COMPLETE
            assert_each_once(reading, items)

    async def test_numbers_as_keys_and_texts_with_commas_slashes_and_newlines(self) -> None:
        of = table((("pk", "N"), ("sk", "S")))
        numbers = ["-1E+125", "-1.5", "0", "1E-130", "2", "10", "9007199254740993"]
        items = [{"pk": n(a), "sk": s(b)} for a in numbers for b in ("a,b", "a/b", "a\nb", 'q"', "é日", "")]
        items = [item for item in items if item["sk"] != s("")]
        reading = reading_of(gateway_of(of, items, page_size=2), of=of, segments=3)
        assert await reading.run() is Stop.COMPLETE
        assert_each_once(reading, items)

    async def test_an_empty_page_with_a_key_is_not_the_end(self) -> None:
        pages = [page([], {"pk": s("a")}), page([], {"pk": s("b")}), page([order(1)], {"pk": s("c")}), page([])]
        gateway = ScriptedGateway(lambda number, _: pages[number])
        reading = reading_of(gateway)
        assert await reading.run() is Stop.COMPLETE
        assert reading.totals.requests == 4
        starts = [request.get("ExclusiveStartKey") for request in gateway.requests]
        assert starts == [None, {"pk": s("a")}, {"pk": s("b")}, {"pk": s("c")}]

    async def test_peer_defect_30_the_key_of_an_index_page_goes_back_verbatim(self) -> None:
        of = table(indexes=[gsi("by-state", ("state", "HASH", "S"), ("at", "RANGE", "N"))])
        items = [order(number, state=s("open"), at=n(number // 4)) for number in range(30)]
        gateway = gateway_of(of, items, page_size=4)
        query = KeyQuery(of, "by-state", (s("open"),), descending=True)
        reading = reading_of(gateway, query, of=of)
        assert await reading.run() is Stop.COMPLETE
        assert_each_once(reading, items)
        assert [item["at"] for item in everything(reading.store)] == [n(number // 4) for number in reversed(range(30))]
        assert all(
            set(call.parameters["ExclusiveStartKey"]) == {"state", "at", "pk", "sk"} for call in gateway.calls[1:]
        )

    async def test_a_query_with_a_range(self) -> None:
        query = KeyQuery(table(), partition=(s("customer-3"),), sort=(SortCondition("between", (n(20), n(60))),))
        reading = reading_of(gateway_of(table(), ORDERS, page_size=2), query)
        assert await reading.run() is Stop.COMPLETE
        assert [item["sk"] for item in everything(reading.store)] == [n(24), n(31), n(38), n(45), n(52), n(59)]

    async def test_peer_defect_8_reading_again_starts_at_the_beginning(self) -> None:
        gateway = gateway_of(table(), ORDERS)
        await reading_of(gateway).run(Budget(requests=2))
        gateway.calls.clear()
        await reading_of(gateway).run(Budget(requests=1))
        assert "ExclusiveStartKey" not in gateway.calls[0].parameters

    async def test_an_endpoint_that_tells_no_units(self) -> None:
        reading = reading_of(ScriptedGateway(lambda *_: page([order(1)], None, None)))
        await reading.run()
        assert reading.totals.units is None

    def test_a_query_has_no_segments_and_is_checked_before_anything_is_sent(self) -> None:
        query = KeyQuery(table(), partition=(s("a"),))
        with pytest.raises(ValueError, match="segments"):
            reading_of(FakeGateway(), query, segments=2)
        of = table(indexes=[gsi("global", ("pk", "HASH", "S"))])
        with pytest.raises(Refused):
            reading_of(FakeGateway(), ScanOf(of, "global", consistent=True), of=of)


class TestBudgets:
    async def test_items_are_not_asked_for_in_vain(self) -> None:
        gateway = gateway_of(table(), ORDERS)
        reading = reading_of(gateway)
        assert await reading.run(Budget(items=25)) is Stop.BUDGET
        assert reading.reached == "items"
        assert everything(reading.store) == ORDERS[:25]
        assert [call.parameters["Limit"] for call in gateway.calls] == [25, 15, 5]

    async def test_a_budget_is_for_one_run(self) -> None:
        reading = reading_of(gateway_of(table(), ORDERS))
        assert await reading.run(Budget(requests=2)) is Stop.BUDGET
        assert await reading.run(Budget(requests=2)) is Stop.BUDGET
        assert reading.store.row_count == 40
        assert await reading.run() is Stop.COMPLETE
        assert await reading.run() is Stop.COMPLETE
        assert everything(reading.store) == ORDERS

    @pytest.mark.parametrize(
        ("budget", "requests"),
        [(Budget(units=1.2), 3), (Budget(bytes=1), 1), (Budget(seconds=0), 0), (Budget(requests=0), 0)],
    )
    async def test_other_limits(self, budget: Budget, requests: int) -> None:
        reading = reading_of(gateway_of(table(), ORDERS))
        assert await reading.run(budget) is Stop.BUDGET
        assert reading.totals.requests == requests

    @pytest.mark.parametrize("segments", [1, 3, 5])
    async def test_a_stop_drops_no_row_that_was_read(self, segments: int) -> None:
        """Pages in flight when a limit is reached are waited for, and shown whole."""
        gateway = gateway_of(table(), ORDERS, page_size=7)
        reading = reading_of(gateway, segments=segments)
        while await reading.run(Budget(bytes=200)) is Stop.BUDGET:
            assert reading.store.row_count == reading.totals.matched == reading.totals.evaluated
            assert reading.totals.requests == len(gateway.calls)
        assert_each_once(reading, ORDERS)

    async def test_a_budget_of_requests_counts_those_in_flight(self) -> None:
        gateway = gateway_of(table(), ORDERS, page_size=2)
        reading = reading_of(gateway, segments=8)
        await reading.run(Budget(requests=3))
        assert len(gateway.calls) == 3

    async def test_the_memory_budget_stops_loading(self) -> None:
        reading = reading_of(gateway_of(table(), ORDERS), limit=2500)
        assert await reading.run() is Stop.MEMORY
        assert 2500 <= reading.store.held_bytes < 5000
        assert not reading.complete
        before = reading.totals.requests
        assert await reading.run() is Stop.MEMORY
        assert reading.totals.requests == before
        reading.store.memory_limit = 10**6
        assert await reading.run() is Stop.COMPLETE
        assert everything(reading.store) == ORDERS

    async def test_the_last_page_completes_whatever_the_budget(self) -> None:
        reading = reading_of(gateway_of(table(), ORDERS))
        assert await reading.run(Budget(requests=10)) is Stop.COMPLETE

    async def test_page_limit(self) -> None:
        gateway = gateway_of(table(), ORDERS)
        await reading_of(gateway, page_limit=4).run(Budget(items=6))
        assert [call.parameters["Limit"] for call in gateway.calls] == [4, 2]


class TestCancelling:
    @settings(max_examples=200 if FULL else 25, deadline=None)
    @given(st.integers(1, 6), st.integers(1, 9), st.lists(st.integers(0, 12), max_size=12), st.integers(0, 2**31))
    def test_at_any_time_no_page_is_lost_and_none_comes_twice(
        self, segments: int, page_size: int, turns: list[int], seed: int
    ) -> None:
        async def story() -> None:
            gateway = gateway_of(table(), ORDERS, page_size=page_size)
            delays = random.Random(seed)
            ask = gateway.item_page

            async def item_page(*call: Any) -> ItemPage:
                for _ in range(delays.randrange(4)):
                    await asyncio.sleep(0)
                return await ask(*call)

            gateway.item_page = item_page  # type: ignore[method-assign]
            reading = reading_of(gateway, segments=segments)
            for wait in turns:
                run = asyncio.create_task(reading.run())
                for _ in range(wait):
                    await asyncio.sleep(0)
                rows = reading.store.row_count
                run.cancel()
                await asyncio.wait({run})
                assert reading.store.row_count >= rows
                assert reading.totals.matched == reading.store.row_count
                assert not reading.running
                if not run.cancelled():
                    assert run.result() is Stop.COMPLETE
            assert await reading.run() is Stop.COMPLETE
            assert_each_once(reading, ORDERS)

        asyncio.run(story())

    async def test_the_next_run_may_start_before_the_cancelled_one_has_ended(self) -> None:
        reading = reading_of(gateway_of(table(), ORDERS, page_size=3), segments=2)
        first = asyncio.create_task(reading.run())
        await asyncio.sleep(0)
        first.cancel()
        assert await reading.run() is Stop.COMPLETE
        assert first.cancelled()
        assert_each_once(reading, ORDERS)


class TestThrottling:
    async def test_slows_down_says_why_goes_on_and_recovers(self) -> None:
        time, seen = Time(), list[Totals]()
        gateway = gateway_of(table(), ORDERS, page_size=2)
        reason = ("TableReadKeyRangeThroughputExceeded", "arn:aws:dynamodb:eu-central-1:1:table/orders")
        gateway.fail("dynamodb:Scan", throttled(reason), times=3)
        reading = reading_of(gateway, segments=4, clock=time.clock, pause=time.pause)
        reading.subscribe(seen.append)
        assert await reading.run() is Stop.COMPLETE
        assert_each_once(reading, ORDERS)
        assert seen[0].throttled == "TableReadKeyRangeThroughputExceeded (orders)"
        assert time.pauses
        assert reading.totals.throttled == ""
        assert reading.totals.throttles == 3

    async def test_fewer_requests_are_in_flight_meanwhile(self) -> None:
        time = Time()
        flying: list[int] = []
        now = 0

        class Counting(ScriptedGateway):
            async def item_page(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> ItemPage:
                nonlocal now
                now += 1
                flying.append(now)
                try:
                    return await super().item_page(target, operation, parameters)
                finally:
                    now -= 1

        def answer(number: int, _: Mapping[str, Any]) -> ItemPage | Exception:
            return throttled() if number == 0 else page([order(number)], {"pk": s("k")})

        reading = reading_of(Counting(answer), segments=8, clock=time.clock, pause=time.pause)
        await reading.run(Budget(requests=8))
        assert max(flying) == 8
        flying.clear()
        await reading.run(Budget(requests=4))
        assert max(flying) < 8

    async def test_pauses_grow_and_it_gives_up_in_the_end_but_can_go_on_later(self) -> None:
        time = Time()
        gateway = gateway_of(table(), ORDERS)
        reading = reading_of(gateway, clock=time.clock, pause=time.pause)
        await reading.run(Budget(requests=3))
        gateway.fail("dynamodb:Scan", throttled())
        with pytest.raises(AwsError) as error:
            await reading.run()
        assert error.value.failure.kind is FailureKind.THROTTLED
        assert len(time.pauses) == TRIES - 1
        assert [round(pause, 6) for pause in time.pauses[:6]] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4]
        assert max(time.pauses) < 10.1
        assert reading.totals.throttled == "ThrottlingException"
        gateway.heal()
        assert await reading.run() is Stop.COMPLETE
        assert everything(reading.store) == ORDERS

    async def test_what_was_throttled_at_the_same_time_counts_once(self) -> None:
        time = Time()
        gateway = gateway_of(table(), ORDERS)
        gateway.fail("dynamodb:Scan", throttled(), times=8)
        reading = reading_of(gateway, segments=8, clock=time.clock, pause=time.pause)
        assert await reading.run() is Stop.COMPLETE
        assert reading.totals.throttles == 8
        assert [round(pause, 6) for pause in time.pauses] == [0.2]

    async def test_a_deadline_ends_a_pause(self) -> None:
        time = Time()
        gateway = gateway_of(table(), ORDERS)
        gateway.fail("dynamodb:Scan", throttled())
        reading = reading_of(gateway, clock=time.clock, pause=time.pause)
        assert await reading.run(Budget(seconds=1.0)) is Stop.BUDGET
        assert reading.reached == "seconds"
        assert time.now <= 101.0

    @settings(max_examples=100 if FULL else 15, deadline=None)
    @given(st.integers(1, 5), st.integers(0, 2**31))
    def test_each_item_once_under_random_throttling(self, segments: int, seed: int) -> None:
        async def story() -> None:
            time, chance = Time(), random.Random(seed)
            gateway = gateway_of(table(), ORDERS, page_size=6)
            ask = gateway.item_page

            async def item_page(*call: Any) -> ItemPage:
                if chance.random() < 0.3:
                    raise throttled()
                return await ask(*call)

            gateway.item_page = item_page  # type: ignore[method-assign]
            reading = reading_of(gateway, segments=segments, clock=time.clock, pause=time.pause)
            assert await reading.run() is Stop.COMPLETE
            assert_each_once(reading, ORDERS)

        asyncio.run(story())


class TestFailures:
    async def test_an_expired_token_ends_the_run_and_the_next_one_goes_on(self) -> None:
        gateway = gateway_of(table(), ORDERS, page_size=4)
        reading = reading_of(gateway, segments=3)
        await reading.run(Budget(requests=4))
        rows = reading.store.row_count
        gateway.fail("dynamodb:Scan", Failure(FailureKind.CREDENTIALS, "The token has expired."), times=1)
        with pytest.raises(AwsError, match="expired"):
            await reading.run()
        assert rows <= reading.store.row_count < len(ORDERS)
        assert await reading.run() is Stop.COMPLETE
        assert_each_once(reading, ORDERS)

    async def test_pages_that_came_with_a_failure_are_kept(self) -> None:
        def answer(number: int, parameters: Mapping[str, Any]) -> ItemPage | Exception:
            if parameters["Segment"] == 0 and number < 3:
                return AwsError(Failure(FailureKind.SERVICE, "Broken."))
            return page([order(parameters["Segment"])])

        gateway = ScriptedGateway(answer)
        reading = reading_of(gateway, segments=3)
        with pytest.raises(AwsError, match="Broken"):
            await reading.run()
        assert reading.store.row_count == 2
        assert await reading.run() is Stop.COMPLETE
        assert reading.store.row_count == 3
        assert [request["Segment"] for request in gateway.requests] == [0, 1, 2, 0]


class TestRate:
    async def test_consumed_over_elapsed_stays_below_the_rate(self) -> None:
        time = Time()
        items = [order(number, note=s("x" * 2000)) for number in range(300)]
        gateway = gateway_of(table(), items, page_size=1000)
        reading = reading_of(gateway, rate=10.0, clock=time.clock, pause=time.pause)
        started = time.now
        checks: list[tuple[float, float]] = []
        reading.subscribe(lambda totals: checks.append((totals.units or 0, time.now - started)))
        assert await reading.run() is Stop.COMPLETE
        limits = [call.parameters["Limit"] for call in gateway.calls]
        assert max(limits) <= 25
        for (units_before, _), (_, elapsed) in pairwise(checks[:-1]):
            assert units_before <= 10.0 * elapsed + 1e-6

    async def test_without_told_units_the_bytes_decide(self) -> None:
        time = Time()
        big = page([order(1, note=s("x" * 40_000))], {"pk": s("k")}, None)
        reading = reading_of(ScriptedGateway(lambda *_: big), rate=1.0, clock=time.clock, pause=time.pause)
        await reading.run(Budget(requests=3))
        assert sum(time.pauses) == pytest.approx(10.0)
        assert reading.totals.units is None


async def test_listeners_see_every_page_and_can_leave() -> None:
    reading = reading_of(gateway_of(table(), ORDERS))
    seen: list[int] = []
    end = reading.subscribe(lambda totals: seen.append(totals.matched))
    await reading.run(Budget(requests=2))
    end()
    await reading.run()
    assert seen == [10, 20, 20]
