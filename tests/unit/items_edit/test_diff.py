"""Diff and three-way merge of items: examples, and the laws they keep."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain.diff import Change, Conflict, all_conflict, apply, changes, merge, put_at
from dbtui.domain.values import Item, items_equal
from tests import requirements
from tests.unit.items_edit.world import ATTRIBUTES, images, item, m, n, s

EXAMPLES = 3000 if requirements.FULL else 300


def test_a_change_inside_a_map_is_a_change_of_that_path_alone() -> None:
    base = item(address=m(city=s("Bonn"), zip=s("53111")), name=s("x"))
    mine = item(address=m(city=s("Köln"), zip=s("53111")), name=s("x"))

    assert changes(base, mine) == (Change(("address", "city"), s("Bonn"), s("Köln")),)


def test_by_whole_attributes_the_same_change_is_of_the_map() -> None:
    base, mine = {"a": m(x=n(1), y=n(2))}, {"a": m(x=n(1), y=n(3))}

    assert changes(base, mine, nested=False) == (Change(("a",), base["a"], mine["a"]),)


def test_a_list_is_one_value() -> None:
    base, mine = {"l": {"L": [n(1), n(2)]}}, {"l": {"L": [n(1), n(3)]}}

    assert changes(base, mine) == (Change(("l",), base["l"], mine["l"]),)


def test_added_and_removed_attributes_have_one_side_only() -> None:
    assert changes({"a": n(1)}, {"b": n(2)}) == (Change(("a",), n(1), None), Change(("b",), None, n(2)))


def test_what_dynamodb_calls_equal_is_no_change() -> None:
    base = {"n": n("1.10"), "s": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2.0"]}}
    mine = {"n": n("1.1"), "s": {"SS": ["b", "a"]}, "ns": {"NS": ["2", "1.0"]}}

    assert changes(base, mine) == ()


def test_a_map_that_becomes_something_else_is_one_change() -> None:
    assert changes({"a": m(x=n(1))}, {"a": s("x")}) == (Change(("a",), m(x=n(1)), s("x")),)


def test_an_emptied_map_stays_a_map() -> None:
    assert changes({"a": m(x=n(1))}, {"a": m()}) == (Change(("a", "x"), n(1), None),)


def test_changes_of_both_sides_in_one_map_merge() -> None:
    base = {"a": m(x=n(1), y=n(1))}
    merged = merge(base, {"a": m(x=n(2), y=n(1))}, {"a": m(x=n(1), y=n(3))})

    assert merged.merged == {"a": m(x=n(2), y=n(3))}
    assert merged.conflicts == ()
    assert merged.taken == (Change(("a", "x"), n(1), n(2)),)


def test_the_same_change_of_both_sides_is_no_conflict() -> None:
    merged = merge({"a": n(1)}, {"a": n("2.0")}, {"a": n(2)})

    assert merged.conflicts == () and merged.taken == ()


def test_different_changes_of_one_path_conflict_and_mine_is_kept() -> None:
    merged = merge({"a": n(1)}, {"a": n(2)}, {"a": n(3)})

    assert merged.conflicts == (Conflict(("a",), n(1), n(2), n(3)),)
    assert merged.merged == {"a": n(3)}


def test_a_change_in_a_map_that_they_removed_conflicts_as_a_whole() -> None:
    base, mine = {"a": m(x=n(1))}, {"a": m(x=n(2))}

    assert merge(base, {}, mine).conflicts == (Conflict(("a",), base["a"], None, mine["a"]),)


def test_everything_i_changed_conflicts_with_a_deletion() -> None:
    merged = all_conflict(item(a=n(1), b=n(1)), item(a=n(2), b=n(1)))

    assert merged.conflicts == (Conflict(("a",), n(1), None, n(2)),)
    assert merged.merged == item(a=n(2), b=n(1))


def test_a_merge_shares_nothing_with_what_it_was_made_from() -> None:
    base = {"a": m(x=n(1))}
    merged = merge(base, base, base).merged
    put_at(merged, ("a", "x"), n(9))

    assert base == {"a": m(x=n(1))}


@settings(max_examples=EXAMPLES, deadline=None)
@given(images(2))
def test_the_changes_applied_to_the_base_give_mine(pair: tuple[Item, ...]) -> None:
    base, mine = pair
    for nested in (True, False):
        made = changes(base, mine, nested=nested)

        assert items_equal(apply(base, made), mine)
        assert items_equal(apply(mine, [change.inverse for change in made]), base)


@settings(max_examples=EXAMPLES, deadline=None)
@given(images(2))
def test_no_path_of_a_change_lies_in_another(pair: tuple[Item, ...]) -> None:
    paths = [change.path for change in changes(*pair)]

    assert not [1 for one in paths for other in paths if one is not other and other[: len(one)] == one]


@settings(max_examples=EXAMPLES, deadline=None)
@given(ATTRIBUTES, ATTRIBUTES)
def test_merging_with_an_unchanged_side_gives_the_other(base: Item, other: Item) -> None:
    assert items_equal(merge(base, other, base).merged, other)
    assert items_equal(merge(base, base, other).merged, other)
    assert not merge(base, other, base).conflicts and not merge(base, base, other).conflicts
    assert items_equal(merge(base, other, other).merged, other)


@settings(max_examples=EXAMPLES, deadline=None)
@given(images(3))
def test_both_sides_see_the_same_conflicts_and_without_any_the_same_merge(triple: tuple[Item, ...]) -> None:
    base, theirs, mine = triple
    one, other = merge(base, theirs, mine), merge(base, mine, theirs)

    assert {conflict.path for conflict in one.conflicts} == {conflict.path for conflict in other.conflicts}
    if not one.conflicts:
        assert items_equal(one.merged, other.merged)


@settings(max_examples=EXAMPLES, deadline=None)
@given(images(3))
def test_a_merge_holds_every_change_of_mine_and_every_taken_one_of_theirs(triple: tuple[Item, ...]) -> None:
    base, theirs, mine = triple
    found = merge(base, theirs, mine)
    overlay = apply(theirs, changes(theirs, found.merged))

    assert items_equal(overlay, found.merged)
    for conflict in found.conflicts:
        put_at(found.merged, conflict.path, conflict.theirs)
    kept = merge(base, theirs, found.merged)
    assert not kept.conflicts, "once theirs is chosen everywhere, nothing is left to decide"


@settings(max_examples=EXAMPLES, deadline=None)
@given(ATTRIBUTES, st.lists(st.sampled_from("abc"), min_size=1, max_size=3), st.none() | st.just(n(7)))
def test_a_path_can_be_set_wherever_it_leads(base: Item, names: list[str], value: dict[str, str] | None) -> None:
    path = tuple(names)
    put_at(base, path, value)
    put_at(base, path, value)

    holder = base
    for name in path[:-1]:
        holder = holder.get(name, {}).get("M", {})
    assert holder.get(path[-1]) == value
