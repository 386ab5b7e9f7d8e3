"""Editing through the real gateway on two independent back ends: what is not changed is not sent, and stays as it is.

An item goes the way it goes in the item editor: a consistent read, its text with huge values left out, the text read
again, the write. The bytes of each attribute before and after are those of the wire, not of anything decoded.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from demo_support import DemoServer
from ministack_support import ministack
from tests import requirements, torture

from dbtui.actions.item_writes import ItemWriter, WriteResult, WriteState
from dbtui.actions.journal import Journal
from dbtui.aws.directory import AwsDirectory
from dbtui.aws.gateway import AwsGateway
from dbtui.domain import wire
from dbtui.domain.clock import system_clock
from dbtui.domain.models import Table
from dbtui.domain.scope import Target
from dbtui.domain.values import Item, Value, items_equal
from dbtui.items.edit import EditSession
from dbtui.items.undo import UndoLog
from dbtui.items.writes import ItemWrite
from dbtui.settings import Settings, policy_from
from dbtui.ui.item_judging import judge
from dbtui.ui.screens.item_editor import encoded
from dbtui.ui.widgets.text_field import json_clean

TABLE = "editing"
CHANGED: Value = {"S": "changed"}

_NAMING_RULES = "DynamoDB developer guide, Supported data types and naming rules"
_NO_M = "MiniStack updates no item with an attribute named M"
DEVIATIONS = {
    ("moto", "put", "sets"): f"moto takes no empty string in a string set ({_NAMING_RULES}: allowed)",
    ("moto", "put", "everything"): f"moto takes no empty string in a string set ({_NAMING_RULES}: allowed)",
    ("MiniStack", "update", "all ten types"): _NO_M,
    ("MiniStack", "update", "tag-like attributes"): _NO_M,
    ("MiniStack", "update", "everything"): _NO_M,
}
"""Where an emulator contradicts AWS's documentation: (back end, step, case) and why."""


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "20") as server:
        server.wait_for_phase("ready")
        yield server


@pytest.fixture(scope="module")
def second() -> Iterator[str]:
    with ministack() as url:
        yield url


@dataclass(frozen=True)
class BackEnd:
    """A running DynamoDB with the table, and how it is reached."""

    name: str
    environment: dict[str, str]
    client: Any

    def put(self, item: Item) -> None:
        try:
            self.client.put_item(TableName=TABLE, Item=item)
        except ClientError:
            self.may_deviate("put", item)
            raise

    def may_deviate(self, step: str, item: Item) -> None:
        """Ends the test as expected where the back end is known to be wrong here."""
        reason = DEVIATIONS.get((self.name, step, item["id"]["S"]))
        if reason is not None:
            pytest.xfail(reason)


@pytest.fixture(scope="module", params=["moto", "MiniStack"])
def back_end(request: pytest.FixtureRequest) -> BackEnd:
    environment = {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    if request.param == "moto":
        environment = request.getfixturevalue("demo").env
    else:
        environment["AWS_ENDPOINT_URL"] = request.getfixturevalue("second")
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="eu-west-1")
    client = session.client("dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"])
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    return BackEnd(request.param, environment, client)


class Desk:
    """Edits items of the table as the item editor does."""

    def __init__(self, gateway: AwsGateway, target: Target, table: Table, folder: Path) -> None:
        self._gateway = gateway
        self._target = target
        self.table = table
        self._undo = UndoLog()
        journal = Journal(folder / "journal.jsonl", system_clock, policy_from(Settings()))
        self._writer = ItemWriter(gateway, journal, system_clock, self._undo)

    async def open(self, item: Item) -> EditSession:
        return await EditSession.open(self._gateway, self.table, {"id": item["id"]})

    def retyped(self, edit: EditSession) -> Item:
        """What the editor makes of the text it shows."""
        judgement = judge(json_clean(encoded(edit)), edit.mine, self.table)
        assert judgement.problem == ""
        assert judgement.item is not None
        return judgement.item

    async def wire(self, item: Item) -> dict[str, bytes]:
        """The attributes of the item as they travel."""
        asked = {
            "TableName": TABLE,
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": item["id"]},
            "ConsistentRead": True,
        }
        page = await self._gateway.item_page(self._target, "Query", asked)
        [raw] = page.items
        return {name: bytes(value) for name, value in wire.outline(raw).items()}

    async def run(self, write: ItemWrite | None) -> WriteResult:
        assert write is not None
        return await self._writer.run(write)

    async def undo(self) -> WriteResult:
        entry = self._undo.last(self.table.ref)
        assert entry is not None
        return await self._writer.run(entry.inverse())


@pytest.fixture
async def desk(back_end: BackEnd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in back_end.environment.items():
        monkeypatch.setenv(name, value)
    [target] = await AwsDirectory().targets((), ())
    gateway = AwsGateway(read_only=lambda scope: False)
    yield Desk(gateway, target, await gateway.table(target, TABLE), tmp_path)
    await gateway.close()


def named(write: ItemWrite) -> set[str]:
    """The attributes a request speaks of."""
    assert write.request.name == "UpdateItem"
    return set(write.request.parameters["ExpressionAttributeNames"].values())


def some_of(item: Item) -> list[str]:
    """Attributes to be changed one after the other: all of them in full, else the first, a middle and the last."""
    names = [name for name in item if name != "id"]
    return names if requirements.FULL or len(names) < 4 else [names[0], names[len(names) // 2], names[-1]]


NAMED = [item for item in torture.items() if item.keys() != {"id", "n"}]
_SETS = next(item for item in NAMED if item["id"] == {"S": "sets"})
NAMED.append({**{name: value for name, value in _SETS.items() if name != "empty text"}, "id": {"S": "other sets"}})
STRANGE_KEYS = [item for item in torture.items() if item.keys() == {"id", "n"}]
each_item = pytest.mark.parametrize("item", NAMED, ids=lambda item: item["id"]["S"])


async def unchanged(item: Item, back_end: BackEnd, desk: Desk) -> None:
    """Opened, shown, read again and saved: nothing is sent."""
    back_end.put(item)
    before = await desk.wire(item)
    edit = await desk.open(item)
    edit.mine = desk.retyped(edit)
    assert items_equal(edit.mine, item)
    assert edit.changes() == ()
    assert edit.write() is None
    assert await desk.wire(item) == before


async def changed_alone(item: Item, name: str, back_end: BackEnd, desk: Desk) -> None:
    """One attribute is changed: the request speaks of it alone, every other stays byte for byte; so after undo."""
    before = await desk.wire(item)
    edit = await desk.open(item)
    edit.mine = {**desk.retyped(edit), name: CHANGED}
    edit.mine = desk.retyped(edit)
    write = edit.write()
    assert write is not None
    assert named(write) <= {name, "id"}
    assert set(write.touched) == {(name,)}
    done = await desk.run(write)
    if done.state is not WriteState.DONE:
        back_end.may_deviate("update", item)
    assert done.state is WriteState.DONE, done
    assert items_equal(done.item, edit.mine)
    after = await desk.wire(item)
    assert wire.decode_value(after.pop(name), name) == CHANGED
    assert after == {other: value for other, value in before.items() if other != name}
    assert (await desk.undo()).state is WriteState.DONE
    assert await desk.wire(item) == before


@each_item
async def test_opened_and_saved_unchanged_nothing_is_sent(item: Item, back_end: BackEnd, desk: Desk) -> None:
    await unchanged(item, back_end, desk)


@each_item
async def test_only_the_attribute_that_was_changed_travels(item: Item, back_end: BackEnd, desk: Desk) -> None:
    back_end.put(item)
    for name in some_of(item):
        await changed_alone(item, name, back_end, desk)


@each_item
async def test_an_attribute_comes_and_goes_beside_the_others(item: Item, back_end: BackEnd, desk: Desk) -> None:
    """Adding it is changing what was absent; its undo removes it."""
    back_end.put(item)
    await changed_alone(item, "one more", back_end, desk)


async def test_items_with_strange_keys_are_edited_like_any(back_end: BackEnd, desk: Desk) -> None:
    for item in STRANGE_KEYS:
        await unchanged(item, back_end, desk)
        await changed_alone(item, "n", back_end, desk)
