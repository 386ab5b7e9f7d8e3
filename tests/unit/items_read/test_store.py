from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain.rows import Appended, Changed
from dbtui.items.store import ItemStore, Removed, StoreEvent, memory_budget
from tests.requirements import FULL
from tests.unit.items_read.world import everything, n, order, page, s, store_of, table


def test_ordinals_go_on_over_pages_and_empty_pages_take_none() -> None:
    store = ItemStore(table().keys)
    assert store.append(page([order(0), order(1)])) == range(2)
    assert store.append(page([])) == range(2, 2)
    assert store.append(page([order(2)])) == range(2, 3)
    assert [store.item(ordinal) for ordinal in range(3)] == [order(0), order(1), order(2)]
    with pytest.raises(IndexError):
        store.raw(3)
    with pytest.raises(IndexError):
        store.raw(-1)


def test_an_item_is_decoded_anew_each_time() -> None:
    store = store_of([order(0, note={"M": {"a": s("1")}})])
    store.item(0)["note"]["M"]["a"] = s("changed")
    assert store.item(0)["note"] == {"M": {"a": s("1")}}


def test_replacing_changes_one_row_in_place() -> None:
    store = store_of([order(0), order(1), order(2)])
    events: list[StoreEvent] = []
    store.subscribe(events.append)
    before = store.wire_bytes
    store.replace(1, order(1, note=s("new")))
    assert everything(store) == [order(0), order(1, note=s("new")), order(2)]
    assert store.wire_bytes > before
    assert store.version(1) == 1
    assert events == [Changed(frozenset({1}))]


def test_a_removed_row_leaves_and_the_others_keep_their_ordinals() -> None:
    store = store_of(order(number) for number in range(6))
    events: list[StoreEvent] = []
    store.subscribe(events.append)
    store.remove(1, 4)
    store.remove(1)
    assert store.row_count == 4
    assert [store.ordinal_at(position) for position in range(4)] == [0, 2, 3, 5]
    assert [store.position_of(ordinal) for ordinal in range(6)] == [0, None, 1, 2, None, 3]
    assert store.key(5) == {"pk": s("customer-5"), "sk": n(5)}
    assert events == [Removed(frozenset({1, 4}), (1, 4))]


def test_an_inserted_item_comes_at_the_end() -> None:
    store = store_of([order(0)])
    events: list[StoreEvent] = []
    end = store.subscribe(events.append)
    assert store.insert(order(9)) == 1
    end()
    store.insert(order(10))
    assert everything(store) == [order(0), order(9), order(10)]
    assert events == [Appended(1, 2)]


@settings(max_examples=300 if FULL else 30, deadline=None)
@given(st.integers(1, 60), st.lists(st.integers(0, 59), max_size=60), st.integers(0, 2**31))
def test_positions_and_ordinals_agree_after_any_removals(count: int, gone: list[int], seed: int) -> None:
    store = store_of(order(number) for number in range(count))
    for batch in random.Random(seed).sample([gone[::2], gone[1::2]], 2):
        store.remove(*batch)
    left = [ordinal for ordinal in range(count) if ordinal not in gone]
    assert [store.ordinal_at(position) for position in range(store.row_count)] == left
    assert [store.position_of(ordinal) for ordinal in left] == list(range(len(left)))


class TestFinding:
    async def test_by_key(self) -> None:
        store = store_of(order(number) for number in range(1000))
        key = {"pk": s("customer-3"), "sk": n(717)}
        assert store.find(key) == 717
        assert await store.locate(key) == 717
        assert store.find({"pk": s("customer-4"), "sk": n(717)}) is None
        assert store.find({"pk": s("customer-3")}) is None

    def test_rows_that_came_later(self) -> None:
        store = store_of([order(0)])
        assert store.find({"pk": s("customer-1"), "sk": n(1)}) is None
        store.append(page([order(1)]))
        assert store.find({"pk": s("customer-1"), "sk": n(1)}) == 1

    def test_numbers_are_found_by_value(self) -> None:
        store = store_of([order(0) | {"sk": n("1.50")}, order(0) | {"sk": n("1E+125")}])
        assert store.find({"pk": s("customer-0"), "sk": n("1.5")}) == 0
        assert store.find({"pk": s("customer-0"), "sk": n("10E124")}) == 1

    def test_not_a_removed_one_and_again_after_it_was_replaced(self) -> None:
        store = store_of([order(0), order(1), order(0)])
        key = {"pk": s("customer-0"), "sk": n(0)}
        assert store.find(key) == 0
        store.remove(0)
        assert store.find(key) == 2
        store.replace(1, order(0))
        assert store.find(key) == 1
        assert store.find({"pk": s("customer-1"), "sk": n(1)}) is None

    @pytest.mark.parametrize("text", ["a,b", "a/b", "a\nb", 'a"b\\', "日本 é", "", " a ", "a#b=c&d", "\ud83d\ude00"])
    def test_peer_defect_31_keys_with_commas_slashes_and_newlines(self, text: str) -> None:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        by_text = table((("pk", "S"),))
        store = store_of([{"pk": s("other")}, {"pk": s(text)}], of=by_text)
        assert store.find({"pk": s(text)}) == 1
        assert store.key(1) == {"pk": s(text)}

    def test_binary_keys(self) -> None:
        store = store_of([{"pk": {"B": bytes([byte])}} for byte in range(256)], of=table((("pk", "B"),)))
        assert store.find({"pk": {"B": b"\xff"}}) == 255


def test_the_memory_budget_is_the_smaller_of_512_mb_and_a_quarter_of_ram(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"SC_PHYS_PAGES": 1 << 18, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr("os.sysconf", sizes.__getitem__)
    assert memory_budget() == 256 * 1024**2
    sizes["SC_PHYS_PAGES"] = 1 << 22
    assert memory_budget() == 512 * 1024**2


def test_a_store_says_when_it_is_full() -> None:
    store = ItemStore(table().keys, memory_limit=500)
    store.append(page([order(0)]))
    assert not store.full
    store.append(page([order(1, note=s("x" * 500))]))
    assert store.full


def test_pages_are_left_alone_by_the_garbage_collector() -> None:
    import gc

    store = store_of(order(number) for number in range(100))
    gc.collect()
    assert not any(isinstance(held, tuple) and held and isinstance(held[0], msgspec.Raw) for held in gc.get_objects())
    assert store.row_count == 100
