"""Edits against a second client that writes the same items: nothing is lost, and every conflict is reported.

What "lost" means, and how it is looked for, is in :mod:`race_history`. The second client is the AWS SDK itself, writing
unconditionally as an application does; it never sends anything twice.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from demo_support import DemoServer
from ministack_support import ministack
from race_history import UNSHOWN, Ours, State, Theirs, explains
from tests import requirements

from dbtui.actions.item_writes import ItemWrite, ItemWriter, WriteResult, WriteState
from dbtui.actions.journal import Journal
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.limits import Timeouts
from dbtui.domain.clock import system_clock
from dbtui.domain.diff import put_at
from dbtui.domain.failures import AwsError
from dbtui.domain.models import KeyPart, Table
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.domain.values import Item, copy_item
from dbtui.items.edit import EditSession, Side
from dbtui.items.undo import UndoLog
from dbtui.items.writes import edit_write
from dbtui.settings import Settings, policy_from

RACES: Final = 1000 if requirements.FULL else 100
AT_ONCE: Final = 6
ROUNDS: Final = 3
"""How often an edit goes on after a conflict."""

TIMEOUTS: Final = Timeouts(connect=5, read=10, read_total=60, mutation=10, attempts=8)
FAULTS: Final = (
    ",".join(
        f"dynamodb:{operation}:{fault}"
        for operation in ("UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems")
        for fault in ("throttle:0.3", "500:0.1", "reset:0.05", "lost:0.05")
    )
    + ",dynamodb:GetItem:500:0.02"
)

Mine = Callable[["Race"], ItemWrite | None]
Their = Callable[["Race"], "Planned"]


@dataclass(frozen=True)
class Planned:
    """A write of the second client: the call, and what it does to the items."""

    operation: str
    parameters: Mapping[str, Any]
    effect: Callable[[State], State]
    place: str
    shows_old: bool = True


@dataclass
class Race:
    """One item, our edit of it and the second client's writes, with everything that was said of them."""

    number: int
    mine: str
    theirs: str
    early: bool
    """Whether the second client writes before ours is sent (but after it was read), or at the same time."""
    table: Table
    session: EditSession | None = None
    ours_done: list[Ours] = field(default_factory=list)
    theirs_done: list[Theirs] = field(default_factory=list)
    final: State = field(default_factory=dict)

    @property
    def place(self) -> str:
        return f"race-{self.number}"

    @property
    def other_place(self) -> str:
        return f"race-{self.number}-moved"

    @property
    def initial(self) -> State:
        return {self.place: self.image("start")} if self.mine != "create" else {}

    def image(self, word: str, place: str = "") -> Item:
        """A whole item whose values nobody else writes."""
        word = f"{word}-{self.number}"
        inner = {"x": {"S": word}, "y": {"S": word}, "z": {"N": "1"}}
        return {"pk": {"S": place or self.place}, "a": {"S": word}, "b": {"S": word}, "m": {"M": inner}}

    def __str__(self) -> str:
        said = [f"{ours.write.verb}: {ours.result.state} {ours.result.note}" for ours in self.ours_done]
        heard = [f"{self.theirs}: {theirs.happened} {theirs.old}" for theirs in self.theirs_done]
        return f"{self.mine} against {self.theirs} (early: {self.early}), {said}, {heard}, left: {self.final}"

    def states(self) -> list[WriteState]:
        return [ours.result.state for ours in self.ours_done]


# What ours may be


def _edited(path: tuple[str, ...]) -> Mine:
    def write(race: Race) -> ItemWrite | None:
        assert race.session is not None
        put_at(race.session.mine, path, {"S": f"mine-{race.number}"})
        return race.session.write()

    return write


def _moved(race: Race) -> ItemWrite | None:
    assert race.session is not None
    race.session.mine["pk"] = {"S": race.other_place}
    put_at(race.session.mine, ("a",), {"S": f"mine-{race.number}"})
    return race.session.write()


def _deleted(race: Race) -> ItemWrite | None:
    assert race.session is not None
    return race.session.delete() if race.session.base is not None else None


def _created(race: Race) -> ItemWrite | None:
    assert race.session is not None
    return race.session.write()


MINE: Final[dict[str, Mine]] = {
    "edit": _edited(("a",)),
    "nested": _edited(("m", "x")),
    "nested-new": _edited(("m", "new")),
    "new": _edited(("new",)),
    "move": _moved,
    "delete": _deleted,
    "create": _created,
}


# What theirs may be


def _update(race: Race, path: tuple[str, ...], value: dict[str, Any] | None) -> Planned:
    """An unconditional UpdateItem, which makes the item where there is none."""
    names = {f"#{number}": name for number, name in enumerate(path)}
    place = ".".join(names)
    given = {} if value is None else {"ExpressionAttributeValues": {":v": value}}
    expression = f"REMOVE {place}" if value is None else f"SET {place} = :v"

    def effect(state: State) -> State:
        found = copy_item(state.get(race.place, {"pk": {"S": race.place}}))
        put_at(found, path, value)
        return {**state, race.place: found}

    parameters = {"UpdateExpression": expression, "ExpressionAttributeNames": names, **given}
    return Planned("update_item", {"Key": {"pk": {"S": race.place}}, **parameters}, effect, race.place)


def _their_put(race: Race, word: str, place: str = "") -> Planned:
    image = race.image(word, place)
    where = place or race.place
    return Planned("put_item", {"Item": image}, lambda state: {**state, where: image}, where)


def _their_delete(race: Race) -> Planned:
    def effect(state: State) -> State:
        return {place: found for place, found in state.items() if place != race.place}

    return Planned("delete_item", {"Key": {"pk": {"S": race.place}}}, effect, race.place)


def _their_move(race: Race) -> Planned:
    """Moves the item away, in a transaction."""
    image = race.image("moved", race.other_place)
    delete = {"Key": {"pk": {"S": race.place}}, "ConditionExpression": "attribute_exists(pk)"}
    put = {"Item": image, "ConditionExpression": "attribute_not_exists(pk)"}

    def effect(state: State) -> State:
        left = {place: found for place, found in state.items() if place != race.place}
        return {**left, race.other_place: image}

    return Planned("transact_write_items", {"Delete": delete, "Put": put}, effect, race.place, shows_old=False)


THEIRS: Final[dict[str, tuple[Their, ...]]] = {
    "same": (lambda race: _update(race, ("a",), {"S": f"theirs-{race.number}"}),),
    "other": (lambda race: _update(race, ("b",), {"S": f"theirs-{race.number}"}),),
    "added": (lambda race: _update(race, ("theirs",), {"S": f"theirs-{race.number}"}),),
    "inner": (lambda race: _update(race, ("m",), {"M": {"y": {"S": f"theirs-{race.number}"}}}),),
    "no-map": (lambda race: _update(race, ("m",), {"S": f"theirs-{race.number}"}),),
    "delete": (_their_delete,),
    "re-create": (_their_delete, lambda race: _their_put(race, "again")),
    "replace": (lambda race: _their_put(race, "replaced"),),
    "twice": (
        lambda race: _update(race, ("a",), {"S": f"theirs-{race.number}-1"}),
        lambda race: _update(race, ("b",), {"S": f"theirs-{race.number}-2"}),
    ),
    "move": (_their_move,),
    "in-the-way": (lambda race: _their_put(race, "in-the-way", race.other_place),),
}

GAP: Final = ("move", "added")
"""The one race DynamoDB has no condition for: an attribute that is added while the item moves (see the effects of a
move). It is run with the second client before ours, where it must be noticed."""


def schedule(table: Table, count: int) -> list[Race]:
    dice = random.Random(4)
    races = []
    for number in range(count):
        mine, theirs = dice.choice(list(MINE)), dice.choice(list(THEIRS))
        early = dice.random() < 0.4 or (mine, theirs) == GAP
        races.append(Race(number, mine, theirs, early, table))
    return races


class Track:
    """Runs races at one endpoint."""

    def __init__(self, gateway: AwsGateway, target: Target, table: Table, client: Any, folder: Path) -> None:
        self.gateway = gateway
        self.target = target
        self.table = table
        self.client = client
        journal = Journal(folder / "journal.jsonl", system_clock, policy_from(Settings()))
        self.writer = ItemWriter(gateway, journal, system_clock, UndoLog(), self._pause)
        self._dice = random.Random(7)

    async def prepare(self, races: list[Race]) -> None:
        for race in races:
            for image in race.initial.values():
                await asyncio.to_thread(self.client.put_item, TableName=self.table.id, Item=image)

    async def run(self, races: list[Race]) -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(race: Race) -> None:
            async with turns:
                await self._race(race)

        await asyncio.gather(*(one(race) for race in races))

    async def finish(self, races: list[Race]) -> None:
        for race in races:
            for place in (race.place, race.other_place):
                found = await self.gateway.item(self.target, self.table.id, {"pk": {"S": place}})
                if found.item is not None:
                    race.final[place] = found.item

    async def _race(self, race: Race) -> None:
        if race.mine == "create":
            race.session = EditSession.new(self.table, race.image("mine"))
        else:
            race.session = await self._opened(race)
        if race.early:
            await self._theirs(race)
            await self._ours(race)
        else:
            await asyncio.gather(self._jittered(self._theirs, race), self._jittered(self._ours, race))

    async def _opened(self, race: Race) -> EditSession:
        while True:
            try:
                return await EditSession.open(self.gateway, self.table, {"pk": {"S": race.place}})
            except AwsError as error:
                assert error.failure.status >= 500, error

    async def _jittered(self, work: Callable[[Race], Any], race: Race) -> None:
        await asyncio.sleep(self._dice.random() * 0.03)
        await work(race)

    async def _ours(self, race: Race) -> None:
        """Writes; after a conflict goes on from what is there, keeping mine, as a person may."""
        assert race.session is not None
        for _ in range(ROUNDS):
            write = MINE[race.mine](race)
            if write is None:
                return
            start = time.monotonic()
            result = await self.writer.run(write)
            race.ours_done.append(Ours(start, time.monotonic(), write, result))
            if result.state is not WriteState.CONFLICT or result.occupant is not None or result.current is None:
                return
            merge = race.session.rebase(result.current)
            for conflict in merge.conflicts:
                race.session.choose(conflict.path, Side.MINE)

    async def _theirs(self, race: Race) -> None:
        for planned in (make(race) for make in THEIRS[race.theirs]):
            start = time.monotonic()
            happened, old = await asyncio.to_thread(self._send, planned)
            race.theirs_done.append(Theirs(start, time.monotonic(), planned.effect, planned.place, happened, old))

    def _send(self, planned: Planned) -> tuple[bool | None, Item | str | None]:
        """Whether it took effect (None: nobody knows), and what it was shown."""
        name = {"TableName": self.table.id}
        if planned.operation == "transact_write_items":
            parameters: dict[str, Any] = {
                "TransactItems": [{action: {**part, **name}} for action, part in planned.parameters.items()]
            }
        else:
            parameters = {**planned.parameters, **name, "ReturnValues": "ALL_OLD"}
        try:
            reply = getattr(self.client, planned.operation)(**parameters)
        except ClientError as error:
            lost = error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
            return (None if lost else False), UNSHOWN
        except BotoCoreError:
            return None, UNSHOWN
        return True, (reply.get("Attributes") or None) if planned.shows_old else UNSHOWN

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)


@asynccontextmanager
async def track(client: Any, target: Target, folder: Path) -> AsyncIterator[Track]:
    name = "races"
    await asyncio.to_thread(
        client.create_table,
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    gateway = AwsGateway(read_only=lambda scope: False, timeouts=TIMEOUTS)
    try:
        while (table := await gateway.table(target, name)).status != "ACTIVE":
            await asyncio.sleep(0.05)
        yield Track(gateway, target, table, client, folder)
    finally:
        await gateway.close()


def second_client(endpoint: str) -> Any:
    """The SDK on its own: nothing is sent twice."""
    config = Config(retries={"total_max_attempts": 1}, max_pool_connections=AT_ONCE * 2)
    return boto3.client("dynamodb", endpoint_url=endpoint, config=config)


def check(races: list[Race]) -> Counter[tuple[str, WriteState]]:
    """No race may have lost an update; returns how often each kind ended how."""
    lost = [race for race in races if not explains(race.initial, race.ours_done, race.theirs_done, race.final)]
    assert not lost, "\n".join(map(str, lost[:3]))
    counts = Counter((race.mine, state) for race in races for state in race.states())
    states = Counter(state for race in races for state in race.states())
    print(f"\n{len(races)} races, {sum(states.values())} writes: {dict(states)}")
    return counts


def _told(race: Race, base: Item, state: WriteState, final: State, current: Item | None = None) -> bool:
    """Whether one edit of ``a``, made from ``base``, while theirs wrote it too, can be told without a loss."""
    write = edit_write(race.table, base, {**base, "a": {"S": "mine"}})
    assert write is not None
    after = write.after if state is WriteState.DONE else None
    ours = Ours(0.0, 2.0, write, WriteResult(state=state, item=after, current=current))
    planned = _update(race, ("a",), {"S": "theirs"})
    theirs = Theirs(0.0, 1.0, planned.effect, race.place, True, race.image("start"))
    return explains(race.initial, [ours], [theirs], final)


def test_the_check_finds_an_update_that_was_written_over_unseen() -> None:
    keys = (KeyPart("pk", "HASH", "S"),)
    scope = Scope("", "1", "eu-west-1")
    table = Table(ref=ResourceRef(scope, "table", "races"), arn="", status="ACTIVE", keys=keys)
    race = Race(1, "edit", "same", early=True, table=table)
    start = race.image("start")
    mine, theirs = {**start, "a": {"S": "mine"}}, {**start, "a": {"S": "theirs"}}

    assert not _told(race, start, WriteState.DONE, {race.place: mine}), "theirs is gone and nobody had seen it"
    assert _told(race, theirs, WriteState.DONE, {race.place: mine}), "ours was made from theirs"
    assert _told(race, start, WriteState.DONE, {race.place: theirs}) is False, "theirs was shown the start, not mine"
    assert _told(race, start, WriteState.CONFLICT, {race.place: theirs}, theirs)
    assert not _told(race, start, WriteState.CONFLICT, {race.place: theirs}, start), "the conflict shows an old item"
    assert not _told(race, start, WriteState.CONFLICT, {race.place: mine}, theirs), "a conflict that wrote"
    assert not _told(race, start, WriteState.FAILED, {race.place: mine}), "a failure that wrote"


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "20") as running:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        for name, value in running.env.items():
            monkeypatch.setenv(name, value)
        yield running


def demo_target(demo: DemoServer) -> Target:
    return Target(demo.announcement["default_profile"], demo.announcement["regions"][0])


async def test_no_update_is_lost_and_every_conflict_is_reported(demo: DemoServer, tmp_path: Path) -> None:
    async with track(second_client(demo.endpoint), demo_target(demo), tmp_path) as course:
        races = schedule(course.table, RACES)
        await course.prepare(races)
        await course.run(races)
        await course.finish(races)
    check(races)
    check_verdicts(races)


def check_verdicts(races: list[Race]) -> None:
    """Without faults every write ends in DONE or CONFLICT, conflicts where they belong and nowhere else."""
    for race in races:
        assert set(race.states()) <= {WriteState.DONE, WriteState.CONFLICT}, str(race)
        apart = race.mine in ("edit", "nested", "new", "nested-new") and race.theirs in ("other", "added")
        if apart:
            assert race.states() == [WriteState.DONE], str(race)
        if race.early and (race.mine, race.theirs) in MUST_CONFLICT:
            assert race.states()[0] is WriteState.CONFLICT, str(race)


MUST_CONFLICT: Final = {
    *((mine, "same") for mine in ("edit", "move", "delete")),
    *((mine, theirs) for mine in ("edit", "nested", "new", "move") for theirs in ("delete", "move")),
    *((mine, "re-create") for mine in ("edit", "nested", "move", "delete", "create")),
    *((mine, "replace") for mine in ("edit", "nested", "move", "delete", "create")),
    *((mine, "inner") for mine in ("nested", "move", "delete")),
    *((mine, "no-map") for mine in ("nested", "nested-new", "move", "delete")),
    ("move", "in-the-way"),
    GAP,
}


async def test_nothing_is_lost_when_writes_are_throttled_fail_and_lose_their_replies(
    demo: DemoServer, tmp_path: Path
) -> None:
    async with track(second_client(demo.endpoint), demo_target(demo), tmp_path) as course:
        races = schedule(course.table, RACES)
        await course.prepare(races)
        demo.faults(FAULTS)
        await course.run(races)
        demo.faults("")
        await course.finish(races)
    counts = check(races)
    assert counts[("edit", WriteState.DONE)] > 0
    for race in races:
        assert all(ours.result.failure or ours.result.state is WriteState.DONE for ours in race.ours_done), str(race)


async def test_no_update_is_lost_on_ministack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with ministack() as url:
        environment = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_REGION": "eu-west-1"}
        environment |= {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
        for name, value in (environment | {"AWS_ENDPOINT_URL": url}).items():
            monkeypatch.setenv(name, value)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        async with track(second_client(url), Target("", "eu-west-1"), tmp_path) as course:
            races = schedule(course.table, RACES)
            await course.prepare(races)
            await course.run(races)
            await course.finish(races)
    check(races)
    check_verdicts(races)
