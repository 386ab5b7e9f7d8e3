"""An edit from the base image to the write: what is sent, what is not, and how it goes on after a conflict."""

from __future__ import annotations

import msgspec
import pytest

from dbtui.domain.diff import Conflict
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.models import Replica
from dbtui.domain.values import Item
from dbtui.items.edit import EditSession, Side
from dbtui.items.writes import create_write, delete_write, edit_write, replace_write
from tests.unit.items_edit.world import World, index, item, m, n, s, table


async def test_the_base_image_is_read_consistently_by_the_key_of_the_table(world: World) -> None:
    world.put(item(total=n(5)))
    session = await EditSession.open(world.gateway, world.table, item(total=n("stale"), status=s("row of an index")))

    assert session.base == session.mine == item(total=n(5))
    [call] = world.gateway.called("dynamodb:GetItem")
    assert call.parameters == {"TableName": "orders", "Key": item(), "ConsistentRead": True}
    assert session.read_units == 1.0


async def test_an_item_that_is_gone_is_not_found(world: World) -> None:
    with pytest.raises(AwsError) as caught:
        await world.edit("gone")

    assert caught.value.failure.kind is FailureKind.NOT_FOUND
    assert caught.value.failure.title == "There is no item pk=gone, sk=1 of orders."


async def test_mine_shares_nothing_with_the_base(world: World) -> None:
    world.put(item(a=m(x=n(1))))
    session = await world.edit()
    session.mine["a"]["M"]["x"] = n(2)

    assert session.base == item(a=m(x=n(1)))


def test_a_template_is_copied_as_a_whole() -> None:
    template = item(a=m(x=n(1)))
    session = EditSession.new(table(), template)
    session.mine["a"]["M"]["x"] = n(2)

    assert template == item(a=m(x=n(1)))
    assert session.key is None


@pytest.mark.parametrize("same", [{"a": n("1.1")}, {"a": n("1.10")}, {"a": n("11E-1")}])
def test_nothing_changed_is_no_write(same: Item) -> None:
    session = EditSession(table(), item(a=n("1.10"), t={"NS": ["1", "2"]}), item(**same, t={"NS": ["2.0", "1"]}))

    assert session.write() is None
    assert session.changes() == ()


def test_only_what_was_changed_travels() -> None:
    base = item(**{f"a{number}": s("x" * 100) for number in range(50)}, last=n(1))
    write = edit_write(table(), base, {**base, "last": n(2)})

    assert write is not None
    assert write.verb == "edit-item" and write.attributes == ("last",)
    assert write.request.parameters["ExpressionAttributeValues"] == {":0": n(1), ":1": n(2)}
    assert write.title == "edit item pk=a, sk=1 of orders: last"
    assert not write.destructive and not write.additive


def test_changes_inside_maps_become_changes_of_whole_attributes_where_only_those_fit() -> None:
    base = item(a=m(**{f"k{number}": n(1) for number in range(200)}))
    mine = item(a=m(**{f"k{number}": n(2) for number in range(200)}))
    write = edit_write(table(), base, mine)

    assert write is not None
    assert write.touched == (("a",),)
    assert write.request.parameters["ConditionExpression"] == "attribute_exists(#0) AND #1 = :0"


def test_beyond_the_limits_an_edit_is_refused_and_no_condition_is_dropped() -> None:
    base = item(**{f"a{number}": n(1) for number in range(200)})

    with pytest.raises(Refused, match="Too many changes for one write"):
        edit_write(table(), base, item(**{f"a{number}": n(2) for number in range(200)}))


def test_a_changed_key_is_a_move() -> None:
    write = edit_write(table(), item("a", x=n(1)), item("b", x=n(2)))

    assert write is not None
    assert write.verb == "move-item"
    assert write.request.operation == "dynamodb:TransactWriteItems"
    assert write.title == "move item pk=a, sk=1 of orders to pk=b, sk=1 of orders"
    assert write.key == item("a")
    assert "about 4 WCU:" not in write.effects[2]
    assert "about 4 WCU" in write.effects


def test_a_key_that_is_another_form_of_the_same_number_is_no_move() -> None:
    assert edit_write(table(), item(), {"pk": s("a"), "sk": n("1.0")}) is None


def test_what_dynamodb_would_not_take_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(Refused) as caught:
        edit_write(table(), item(a=n(1)), item(a={"SS": []}))

    assert caught.value.failure.kind is FailureKind.INVALID


def test_what_was_wrong_before_the_edit_does_not_forbid_it() -> None:
    base = item(status=n(1), a=n(1))  # an index that came later wants status to be a string

    assert edit_write(table(), base, {**base, "a": n(2)}) is not None
    with pytest.raises(Refused):
        edit_write(table(), item(a=n(1)), base)


def test_a_missing_key_attribute_is_refused() -> None:
    with pytest.raises(Refused, match="sk"):
        edit_write(table(), item(), {"pk": s("a")})


@pytest.mark.parametrize(
    ("before", "after", "said", "cost"),
    [
        (item(), item(status=s("OPEN")), "index by-status: its entry is added", 1),
        (item(status=s("OPEN")), item(), "index by-status: its entry is removed", 1),
        (
            item(status=s("OPEN")),
            item(status=s("PAID")),
            "index by-status: its entry is removed and added under another key",
            2,
        ),
        (item(status=s("OPEN")), item(status=s("OPEN"), a=n(1)), "index by-status: its entry is rewritten", 1),
    ],
)
def test_effects_on_index_entries_are_said(before: Item, after: Item, said: str, cost: int) -> None:
    write = edit_write(table(), before, after)

    assert write is not None
    assert said in write.effects
    assert f"about {1 + cost} WCU: 1 for the table, {cost} on by-status" in write.effects


def test_an_attribute_that_an_index_does_not_project_leaves_it_alone() -> None:
    model = table(indexes=(index("by-status", "status", "KEYS_ONLY"), index("with-a", "status", "INCLUDE", ("a",))))
    write = edit_write(model, item(status=s("X"), a=n(1)), item(status=s("X"), a=n(2)))

    assert write is not None
    assert write.effects[0] == "about 2 WCU: 1 for the table, 1 on with-a"


def test_size_and_capacity_count_the_larger_image() -> None:
    write = edit_write(table(), item(a=s("x" * 3000)), item(a=s("x")))

    assert write is not None
    assert write.effects[0] == "about 3 WCU"
    assert write.effects[1] == "size 2.94 KiB → 9 B"


def test_a_replicated_table_says_who_wins() -> None:
    model = msgspec.structs.replace(table(), replicas=(Replica("eu-west-3"), Replica("us-east-1")))
    write = edit_write(model, item(a=n(1)), item(a=n(2)))

    assert write is not None
    assert any("last writer wins between regions" in effect for effect in write.effects)


def test_a_replacement_that_changes_nothing_is_no_write() -> None:
    assert replace_write(table(), item(a=n("1.0")), item(a=n(1))) is None


def test_a_replacement_of_what_nobody_read_says_so() -> None:
    write = replace_write(table(), item(a=n(1)))

    assert write is not None
    assert write.effects[0] == "replaces whatever the item holds by then, without having seen it"


def test_a_deletion_is_destructive_and_a_creation_additive() -> None:
    assert delete_write(table(), item(a=n(1))).destructive
    assert create_write(table(), item(a=n(1))).additive


def test_a_deletion_of_a_very_wide_item_says_what_its_condition_cannot_hold() -> None:
    write = delete_write(table(indexes=()), item(**{f"a{number}": n(number) for number in range(400)}))

    assert len(write.request.parameters["ConditionExpression"]) <= 4096
    assert "do not fit into its condition" in write.effects[-1]


def test_a_write_can_be_shown_dry_run_and_copied() -> None:
    write = edit_write(table(indexes=()), item(a={"B": b"\x00\x01"}), item(a={"B": b"\x02"}))

    assert write is not None
    assert write.lines()[0] == "edit item pk=a, sk=1 of orders: a"
    assert write.dry_run()["parameters"]["ExpressionAttributeValues"] == {":0": {"B": "AAE="}, ":1": {"B": "Ag=="}}
    assert write.aws_cli().startswith("aws dynamodb update-item --region eu-west-1 --profile dev --cli-input-json '{")


def test_titles_are_safe_on_a_terminal_and_short() -> None:
    write = create_write(table(), item("\x1b[31m" + "x" * 2000))

    assert "\x1b" not in write.title
    assert len(write.title) < 200


def test_rebasing_merges_and_goes_on_from_theirs() -> None:
    session = EditSession(table(), item(a=n(1), b=n(1)), item(a=n(2), b=n(1)))
    merge = session.rebase(item(a=n(1), b=n(5)))

    assert not merge.conflicts
    assert session.base == item(a=n(1), b=n(5))
    assert session.mine == item(a=n(2), b=n(5))
    write = session.write()
    assert write is not None and write.attributes == ("a",)


@pytest.mark.parametrize(("side", "left"), [(Side.MINE, n(2)), (Side.THEIRS, n(3))])
def test_a_conflict_is_decided_for_either_side(side: Side, left: dict[str, str]) -> None:
    session = EditSession(table(), item(a=m(x=n(1))), item(a=m(x=n(2))))
    merge = session.rebase(item(a=m(x=n(3), y=n(1))))

    assert merge.conflicts == (Conflict(("a", "x"), n(1), n(3), n(2)),)
    session.choose(("a", "x"), side)
    assert session.mine == item(a=m(x=left, y=n(1)))


def test_a_choice_can_be_changed_again() -> None:
    session = EditSession(table(), item(a=n(1)), item(a=n(2)))
    session.rebase(item(a=n(3)))
    session.choose(("a",), Side.THEIRS)
    assert session.write() is None
    session.choose(("a",), Side.MINE)

    write = session.write()
    assert write is not None
    assert write.request.parameters["ExpressionAttributeValues"] == {":0": n(3), ":1": n(2)}


def test_when_the_item_is_gone_everything_conflicts_and_writing_creates_it() -> None:
    session = EditSession(table(), item(a=n(1), b=n(1)), item(a=n(2), b=n(1)))
    merge = session.rebase(None)

    assert [conflict.theirs for conflict in merge.conflicts] == [None]
    write = session.write()
    assert write is not None and write.verb == "create-item"
    assert write.after == item(a=n(2), b=n(1))


def test_a_new_item_that_exists_already_is_merged_with_it() -> None:
    session = EditSession.new(table(), item(a=n(1), b=n(1)))
    merge = session.rebase(item(a=n(1), c=n(1)))

    assert not merge.conflicts
    write = session.write()
    assert write is not None and write.verb == "edit-item" and write.attributes == ("b",)
