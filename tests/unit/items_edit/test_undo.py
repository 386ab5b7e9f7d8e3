"""Taking back what this run wrote: conditionally, and only what still stands."""

from __future__ import annotations

import pytest

from dbtui.actions.item_writes import WriteState
from dbtui.domain.failures import Refused
from dbtui.items.undo import UndoEntry
from dbtui.items.writes import ItemWrite, create_write, delete_write, edit_write, replace_write
from tests.unit.items_edit.world import RESET, World, item, m, n


async def done(world: World, write: ItemWrite | None) -> UndoEntry:
    assert write is not None
    assert (await world.writer.run(write)).state is WriteState.DONE
    entry = world.undo.last(world.table.ref)
    assert entry is not None
    return entry


async def test_an_edit_is_taken_back_where_it_still_stands(world: World) -> None:
    base = item(a=n(1), gone=n(1), deep=m(x=n(1), y=n(1)))
    world.put(base)
    entry = await done(world, edit_write(world.table, base, item(a=n(2), new=n(1), deep=m(x=n(2)))))
    world.put({**(world.get() or {}), "theirs": n(7)})
    inverse = entry.inverse()

    assert inverse.verb == "undo"
    assert inverse.title == "undo: edit item pk=a, sk=1 of orders: a, gone, deep and 1 more"
    assert (await world.writer.run(inverse)).state is WriteState.DONE
    assert world.get() == {**base, "theirs": n(7)}
    assert world.undo.last(world.table.ref) is None, "an undo is not undone"


async def test_what_was_changed_since_is_not_taken_back(world: World) -> None:
    world.put(item(a=n(1)))
    entry = await done(world, edit_write(world.table, item(a=n(1)), item(a=n(2))))
    world.put(item(a=n(3)))
    result = await world.writer.run(entry.inverse())

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(3)))
    assert world.undo.last(world.table.ref) is entry


async def test_a_creation_is_undone_by_deleting_what_is_unchanged(world: World) -> None:
    entry = await done(world, create_write(world.table, item(a=n(1))))
    world.put(item(a=n(2)))
    assert (await world.writer.run(entry.inverse())).state is WriteState.CONFLICT
    world.put(item(a=n(1)))
    assert (await world.writer.run(entry.inverse())).state is WriteState.DONE
    assert world.get() is None


async def test_a_deletion_is_undone_with_all_that_was_deleted(world: World) -> None:
    world.put(item(a=n(1), unseen=n(1)))
    entry = await done(world, delete_write(world.table, item(a=n(1))))

    assert (await world.writer.run(entry.inverse())).state is WriteState.DONE
    assert world.get() == item(a=n(1), unseen=n(1))


async def test_a_deletion_is_not_undone_over_a_new_item(world: World) -> None:
    world.put(item(a=n(1)))
    entry = await done(world, delete_write(world.table, item(a=n(1))))
    world.put(item(a=n(5)))

    assert (await world.writer.run(entry.inverse())).state is WriteState.CONFLICT
    assert world.get() == item(a=n(5))


async def test_the_undo_of_a_deletion_that_did_not_arrive_is_sent_again(world: World) -> None:
    world.put(item(a=n(1)))
    entry = await done(world, delete_write(world.table, item(a=n(1))))
    world.gateway.script = [RESET]

    assert (await world.writer.run(entry.inverse())).state is WriteState.DONE
    assert world.get() == item(a=n(1))


async def test_a_move_is_undone_by_moving_back(world: World) -> None:
    world.put(item("a", x=n(1)))
    entry = await done(world, edit_write(world.table, item("a", x=n(1)), item("b", x=n(2))))

    assert (await world.writer.run(entry.inverse())).state is WriteState.DONE
    assert world.get("a") == item("a", x=n(1)) and world.get("b") is None


async def test_a_replacement_is_undone_with_what_it_took_away(world: World) -> None:
    world.put(item(a=n(1), unseen=n(1)))
    entry = await done(world, replace_write(world.table, item(b=n(1))))

    assert (await world.writer.run(entry.inverse())).state is WriteState.DONE
    assert world.get() == item(a=n(1), unseen=n(1))


async def test_writes_are_taken_back_in_reverse_order(world: World) -> None:
    world.put(item(a=n(1)))
    await done(world, edit_write(world.table, item(a=n(1)), item(a=n(2))))
    newest = await done(world, edit_write(world.table, item(a=n(2)), item(a=n(3))))
    assert newest.write.after == item(a=n(3))
    await world.writer.run(newest.inverse())
    older = world.undo.last(world.table.ref)
    assert older is not None
    await world.writer.run(older.inverse())

    assert world.get() == item(a=n(1))
    assert world.undo.last(world.table.ref) is None


async def test_what_nobody_saw_cannot_be_put_back(world: World) -> None:
    entry = await done(world, create_write(world.table, item(a=n(1))))
    replaced = replace_write(world.table, item(a=n(2)))
    assert replaced is not None
    unseen = UndoEntry(id="x", write=replaced, item=item(a=n(2)), old=None)

    with pytest.raises(Refused, match="cannot be undone"):
        unseen.inverse()
    assert entry.inverse().destructive
