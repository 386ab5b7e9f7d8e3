"""What is sent and what is said of it: no write in part, none without a condition, none told as done that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import dbtui
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.item_requests import Request
from dbtui.domain.key_query import read_query
from dbtui.domain.values import Item, key_of
from dbtui.gateway.fake import FakeGateway
from dbtui.gateway.operations import MUTATIONS
from dbtui.items.edit import EditSession
from dbtui.items.writes import (
    ItemWrite,
    WriteState,
    create_write,
    delete_write,
    edit_write,
    replace_write,
)
from dbtui.ui.screens.item_editor import ItemEditor
from tests import torture
from tests.cli.fake_cloud import DEV, FakeCloud
from tests.cli.harness import Harness
from tests.peers.conftest import Aws, held
from tests.peers.items_bench import MakeApp, order, sheet, stored
from tests.unit.items_edit.world import INTERNAL, RESET, THROTTLED, World, item, n, s

IN_PART = ("BatchWriteItem", "BatchExecuteStatement", "ExecuteStatement", "ExecuteTransaction")
DENIED = AwsError(Failure(FailureKind.PERMISSION, "Access denied: dynamodb:UpdateItem."))


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.put(item(total=n(1), status=s("open")))
    return world


# -- 1: done is done --------------------------------------------------------------------------------------------------


def test_01_no_write_can_be_carried_out_in_part() -> None:
    """A bulk put dropped the error and the unprocessed items of its batch, and reported success.

    No operation that can succeed in part, or that carries no condition, is known to the program.
    """
    assert not {operation.partition(":")[2] for operation in MUTATIONS} & set(IN_PART)
    source = Path(dbtui.__file__).parent
    for path in source.rglob("*.py"):
        if path.relative_to(source).parts[0] != "demo":
            text = path.read_text("utf-8")
            assert not [name for name in IN_PART if name in text], path


@pytest.mark.parametrize(
    ("script", "state"),
    [
        ([THROTTLED] * 20, WriteState.FAILED),
        ([DENIED], WriteState.FAILED),
        ([INTERNAL] * 20, WriteState.FAILED),
        ([RESET] * 20, WriteState.FAILED),
    ],
    ids=["throttled", "denied", "failing", "unreachable"],
)
async def test_01_a_write_that_was_not_carried_out_is_never_done(
    world: World, script: list[AwsError], state: WriteState
) -> None:
    """The same for one write: what AWS did not take is a failure, leaves nothing to undo, and is journaled as such."""
    edit = await world.edit()
    edit.mine["total"] = n(2)
    world.gateway.script = list(script)
    write = edit.write()
    assert write is not None
    result = await world.writer.run(write)
    assert (result.state, result.done) == (state, False)
    assert result.failure is not None
    assert world.get() == item(total=n(1), status=s("open"))
    assert world.undo.last(world.table.ref) is None
    assert "sent" not in world.events()
    assert list(world.journal.records())[-1]["outcome"] == "failed"


async def test_01_a_write_of_which_nobody_knows_is_never_done(world: World) -> None:
    """The same when the answer is lost and the item cannot be read: neither success nor failure, and it is said."""
    edit = await world.edit()
    edit.mine["total"] = n(2)
    write = edit.write()
    assert write is not None
    world.gateway.script = [("after", RESET)]
    world.gateway.fail("dynamodb:GetItem", Failure(FailureKind.UNREACHABLE, "The network is down."))
    result = await world.writer.run(write)
    assert result.state is WriteState.UNKNOWN
    assert "Nobody can tell whether it was written" in result.note


@pytest.mark.parametrize("error", [THROTTLED, DENIED], ids=["throttled", "denied"])
async def test_01_a_failed_write_keeps_the_edit_and_says_so(
    make_app: MakeApp, gateway: FakeGateway, error: AwsError, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same on the screen: the row stays as it was, the text stays open, its draft stays on the disk."""
    monkeypatch.setattr("dbtui.actions.item_writes.THROTTLE_DELAYS", (0.0, 0.0))
    async with sheet(make_app, gateway, [order(1)]) as it:
        await it.asks("user#1", 1)
        await it.editor()
        it.replace('"a note to 1"', '"mine"')
        for operation in ("UpdateItem", "PutItem", "TransactWriteItems"):
            gateway.fail(f"dynamodb:{operation}", error.failure)
        await it.press("ctrl+s")
        await it.plan()
        await it.press("enter")
        await it.on(ItemEditor)
        await it.sees(error.failure.title)
        assert '"mine"' in it.field.text
        assert it.held == [order(1)]
        assert stored(gateway, order(1)) == order(1)
        assert "undo" not in it.said
        assert '"mine"' in it.app.session.core.drafts.all()[0].text


def test_01_a_failed_command_is_never_told_as_done(dbtui: Harness, cloud: FakeCloud) -> None:
    """The same for the commands: another exit code, and an outcome that is not done."""
    cloud.put_items(DEV, "orders", [{"pk": s("a"), "total": n(1)}])

    def throttle(operation: str) -> None:
        raise THROTTLED

    cloud.before_execute = throttle
    words = (
        ["update", "table/orders", "pk=a", "--set", "total=2"],
        ["put", "table/orders", '{"pk": "b"}'],
        ["put", "table/orders", '{"pk": "a"}', "--replace"],
        ["delete-item", "table/orders", "pk=a", "--confirm", "pk=a"],
    )
    for line in words:
        done = dbtui.run(*line)
        assert done.code not in (0, 3), line
        assert done.json["outcome"] == "failed", line
        assert "throttling" in done.err
    assert cloud.items_of(DEV, "orders") == [{"pk": s("a"), "total": n(1)}]


# -- 29: conditions ---------------------------------------------------------------------------------------------------


def _writes(world: World) -> dict[str, ItemWrite | None]:
    base, other = item(total=n(1), status=s("open")), item(sk=2, total=n(1), status=s("open"))
    return {
        "edit": edit_write(world.table, base, {**base, "total": n(2)}),
        "remove": edit_write(world.table, base, item(total=n(1))),
        "add": edit_write(world.table, base, {**base, "new": s("")}),
        "move": edit_write(world.table, base, other),
        "create": create_write(world.table, other),
        "replace": replace_write(world.table, item(new=s("")), base),
        "replace unseen": replace_write(world.table, item(new=s(""))),
        "delete": delete_write(world.table, base),
    }


KINDS = ("edit", "remove", "add", "move", "create", "replace", "replace unseen", "delete")


def _conditions(request: Request) -> list[str]:
    parts = [request.parameters]
    if "TransactItems" in request.parameters:
        parts = [part for entry in request.parameters["TransactItems"] for part in entry.values()]
    return [str(part.get("ConditionExpression", "")) for part in parts]


@pytest.mark.parametrize("kind", KINDS)
async def test_29_no_write_is_sent_without_a_condition(world: World, kind: str) -> None:
    """Every save was an unconditional put: whatever somebody else had written meanwhile was gone, unnoticed."""
    write = _writes(world)[kind]
    assert write is not None
    assert all(_conditions(write.request))
    assert all("attribute_exists(" in one or "attribute_not_exists(" in one for one in _conditions(write.request))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("replace unseen", "create")])
async def test_29_a_change_by_somebody_else_is_never_written_over(world: World, kind: str) -> None:
    """The same as it happens: the second client's value stands, and is shown."""
    theirs = item(total=n(7), status=s("theirs"), new=s("theirs"))
    write = _writes(world)[kind]
    assert write is not None
    world.put(theirs)
    result = await world.writer.run(write)
    assert result.state is WriteState.CONFLICT
    assert result.current == theirs
    assert world.get() == theirs
    assert world.get(sk=2) is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "create"])
async def test_29_no_write_makes_an_item_that_was_deleted_meanwhile(world: World, kind: str) -> None:
    """The same when the item is gone: an edit of it must not bring half of it back."""
    write = _writes(world)[kind]
    assert write is not None
    world.delete()
    await world.writer.run(write)
    assert world.get() is None
    assert world.get(sk=2) is None


# -- 20: types --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["all ten types", "sets", "binary", "tag-like attributes", "tag-like maps"])
@pytest.mark.parametrize("options", [[], ["--dynamodb-json"]], ids=["typed", "dynamodb"])
@pytest.mark.parametrize("verb", ["get", "scan", "query"])
def test_20_what_is_written_out_comes_back_with_its_types(
    dbtui: Harness, cloud: FakeCloud, name: str, options: list[str], verb: str
) -> None:
    """Sets were written as lists and binary as a fixed phrase; read back, they were lists and that phrase."""
    original = next(one for one in torture.items() if one["id"]["S"] == name)
    original = {"pk": original["id"], **{key: value for key, value in original.items() if key != "id"}}
    cloud.put_items(DEV, "orders", [original])
    words = {"get": [f"pk={name}"], "scan": ["-o", "jsonl", "--yes"], "query": ["--pk", name, "-o", "jsonl"]}[verb]
    out = dbtui.run(verb, "table/orders", *words, *options)
    assert out.code == 0, out.err
    put = dbtui.piped(out.out, "put", "table/sessions", "-", *options)
    assert put.code == 0, put.err
    (copy,) = cloud.items_of(DEV, "sessions")
    assert {key: _shape(value) for key, value in copy.items()} == {k: _shape(v) for k, v in original.items()}


def _shape(value: object) -> object:
    """A value whose sets compare as sets; everything else as it stands."""
    if isinstance(value, dict):
        return {
            kind: frozenset(inner) if kind in ("SS", "NS", "BS") and _are_members(inner) else _shape(inner)
            for kind, inner in value.items()
        }
    return [_shape(one) for one in value] if isinstance(value, list) else value


def _are_members(inner: object) -> bool:
    return isinstance(inner, list) and all(isinstance(one, str | bytes) for one in inner)


# -- 5, 12, 13: before a server ---------------------------------------------------------------------------------------


async def _index_row(aws: Aws) -> tuple[EditSession, Item]:
    """The first order of a customer through the index that holds little of it, and the edit of it."""
    table = await aws.table("orders")
    reading = aws.reading(read_query(table, "by-customer", ["c-000007"], []))
    await reading.run()
    row = held(reading)[0]
    assert set(row) == {"pk", "sk", "customer_id", "created_at", "total", "status"}
    return await EditSession.open(aws.gateway, table, row), row


@pytest.mark.parametrize(
    "change",
    [
        lambda mine: mine.__setitem__("total", {"N": "1.5"}),
        lambda mine: mine.__setitem__("status", {"S": "REFUNDED"}),
        lambda mine: mine.pop("status"),
        lambda mine: mine.__setitem__("note", {"S": "not in the index"}),
    ],
    ids=["projected", "key of another index", "removed", "not projected"],
)
async def test_05_a_server_keeps_what_the_index_row_did_not_show(aws: Aws, change: Callable[[Item], object]) -> None:
    """A row read through an index with a partial projection was put back whole: all else the item had was gone."""
    edit, row = await _index_row(aws)
    whole = await aws.item(edit.table, key_of(row, edit.table.keys))
    assert whole is not None and set(whole) > set(row)
    change(edit.mine)
    write = edit.write()
    assert write is not None
    assert (await aws.core.items.run(write)).done
    expected = dict(whole)
    change(expected)
    assert await aws.item(edit.table, key_of(row, edit.table.keys)) == expected
    assert not aws.server.calls("PutItem")


async def test_12_a_server_refuses_an_index_row_that_changed_since(aws: Aws) -> None:
    """An edit of an index row was an unconditional put of it, without another read."""
    edit, row = await _index_row(aws)
    theirs = await EditSession.open(aws.gateway, edit.table, row)
    for one, total in ((theirs, "7"), (edit, "8")):
        one.mine["total"] = {"N": total}
    first, second = theirs.write(), edit.write()
    assert first is not None and second is not None
    assert (await aws.core.items.run(first)).done
    result = await aws.core.items.run(second)
    assert result.state is WriteState.CONFLICT
    assert result.current is not None and result.current["total"] == {"N": "7"}
    now = await aws.item(edit.table, key_of(row, edit.table.keys))
    assert now is not None and now["total"] == {"N": "7"}


@pytest.mark.parametrize("taken", [False, True])
async def test_13_a_server_moves_an_item_whole_or_not_at_all(aws: Aws, taken: bool) -> None:
    """A changed key made a second item and left the first where it was."""
    table = await aws.table("sensors")
    old: Item = {"device": s("sensor-01"), "at": n(1_750_000_000)}
    before = await aws.item(table, old)
    assert before is not None
    edit = await EditSession.open(aws.gateway, table, old)
    edit.mine["at"] = n(1_750_000_060 if taken else "1750000000.5")
    new = key_of(edit.mine, table.keys)
    occupant = await aws.item(table, new)
    assert (occupant is not None) is taken
    write = edit.write()
    assert write is not None
    result = await aws.core.items.run(write)
    assert result.done is not taken
    assert await aws.item(table, old) == (before if taken else None)
    assert await aws.item(table, new) == (occupant if taken else {**before, **new})


def test_20_a_dry_run_shows_every_type_as_it_would_travel(dbtui: Harness) -> None:
    """The same for what is only shown: a set is a set and binary is base64."""
    text = '{"pk": "a", "b": {"$b": "AP8="}, "s": {"$ss": ["x"]}, "n": {"$ns": [1.50]}, "bs": {"$bs": ["AA=="]}}'
    shown = json.loads(dbtui.run("put", "table/orders", text, "--dry-run").out)[0]["parameters"]["Item"]
    assert shown == {
        "pk": s("a"),
        "b": {"B": "AP8="},
        "s": {"SS": ["x"]},
        "n": {"NS": ["1.50"]},
        "bs": {"BS": ["AA=="]},
    }
