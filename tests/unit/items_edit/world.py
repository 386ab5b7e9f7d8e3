"""A table in memory, a second client on it, and a network that fails as told: what edits are tested against."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from dbtui.actions.item_writes import ItemWriter
from dbtui.actions.journal import Journal
from dbtui.actions.model import Operation
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.scope import ResourceRef, Scope
from dbtui.domain.values import Item, Value, key_of
from dbtui.gateway.fake import FakeGateway
from dbtui.items.edit import EditSession
from dbtui.items.undo import UndoLog
from dbtui.settings import Settings, policy_from

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
SCOPE = Scope("dev", "111122223333", "eu-west-1")
PROD = Scope("acme-prod", "444455556666", "eu-west-1")

RESET = AwsError(Failure(FailureKind.UNREACHABLE, "The connection was reset."), reply_lost=True)
INTERNAL = AwsError(Failure(FailureKind.SERVICE, "DynamoDB failed (500).", status=500), reply_lost=True)
THROTTLED = AwsError(Failure(FailureKind.THROTTLED, "DynamoDB is throttling PutItem.", code="ThrottlingException"))


def table(scope: Scope = SCOPE, **changes: Any) -> Table:
    """``orders`` with a string partition key, a number sort key and one index."""
    members: dict[str, Any] = {
        "ref": ResourceRef(scope, "table", "orders"),
        "arn": f"arn:aws:dynamodb:{scope.region}:{scope.account}:table/orders",
        "status": "ACTIVE",
        "table_id": "id-orders",
        "keys": (KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "N")),
        "indexes": (index("by-status", "status"),),
    }
    return Table(**(members | changes))


def index(name: str, key: str, projection: str = "ALL", projected: tuple[str, ...] = ()) -> Index:
    return Index(
        name=name, is_global=True, keys=(KeyPart(key, "HASH", "S"),), projection=projection, projected=projected
    )


def s(text: str) -> Value:
    return {"S": text}


def n(number: int | str) -> Value:
    return {"N": str(number)}


def m(**members: Value) -> Value:
    return {"M": members}


def item(pk: str = "a", sk: int = 1, **attributes: Value) -> Item:
    return {"pk": s(pk), "sk": n(sk), **attributes}


_SCALARS = st.one_of(
    st.text("abé", max_size=3).map(s),
    st.integers(-3, 3).map(n),
    st.binary(max_size=2).map(lambda data: {"B": data}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.sets(st.sampled_from("abc"), min_size=1).map(lambda found: {"SS": sorted(found)}),
)
_NAMES = st.sampled_from(["a", "b", "c.d", "#e", "a b", "status"])
VALUES: st.SearchStrategy[Value] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda found: {"L": found}),
        st.dictionaries(_NAMES, inner, max_size=3).map(lambda found: {"M": found}),
    ),
    max_leaves=6,
)
ATTRIBUTES: st.SearchStrategy[Item] = st.dictionaries(_NAMES, VALUES, max_size=4)


@st.composite
def images(draw: st.DrawFn, count: int) -> tuple[Item, ...]:
    """Images of one item that have much in common."""
    first = draw(ATTRIBUTES)
    return (first, *(_varied(draw, first) for _ in range(count - 1)))


def _varied(draw: st.DrawFn, base: Item) -> Item:
    """The base with some attributes kept, some changed (inside, where they are maps), some dropped and some added."""
    varied: Item = {}
    for name, value in base.items():
        fate = draw(st.sampled_from(["keep", "keep", "inside", "change", "drop"]))
        if fate == "inside" and "M" in value:
            varied[name] = {"M": _varied(draw, value["M"])}
        elif fate == "change":
            varied[name] = draw(VALUES)
        elif fate != "drop":
            varied[name] = value
    return {**varied, **draw(st.dictionaries(_NAMES, VALUES, max_size=1))}


class Network(FakeGateway):
    """A gateway whose writes can lose their replies, and on which somebody else writes at a chosen moment.

    Each entry of ``script`` is for one call of :meth:`execute`: an error raised instead of it, ``("after", error)``
    for one raised when it has taken effect, or ``None``.
    """

    def __init__(self, **members: Any) -> None:
        super().__init__(**members)
        self.script: list[AwsError | tuple[str, AwsError] | None] = []
        self.before_execute: Callable[[], None] = lambda: None
        self.sent: list[tuple[str, Mapping[str, Any]]] = []

    async def execute(
        self, scope: Scope, operation: str, parameters: Mapping[str, Any], *, permit: Any
    ) -> Mapping[str, Any]:
        moment, self.before_execute = self.before_execute, lambda: None
        moment()
        self.sent.append((operation, parameters))
        told = self.script.pop(0) if self.script else None
        if isinstance(told, AwsError):
            raise told
        reply = await super().execute(scope, operation, parameters, permit=permit)
        if told is not None:
            raise told[1]
        return reply


class World:
    """A table, its gateway, journal, undo log and writer."""

    def __init__(self, folder: Path, scope: Scope = SCOPE) -> None:
        self.now = NOW
        self.scope = scope
        self.table = table(scope)
        self.gateway = Network(account=scope.account)
        self.gateway.put(self.table)
        self.journal = Journal(folder / "journal.jsonl", self.clock, policy_from(Settings()))
        self.undo = UndoLog()
        self.pauses: list[float] = []
        self.reported: list[Operation] = []
        self.writer = ItemWriter(
            self.gateway, self.journal, self.clock, self.undo, self._pause, report=self.reported.append
        )

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def put(self, *items: Item) -> None:
        self.gateway.put_items(self.scope.target, "orders", items)

    def get(self, pk: str = "a", sk: int = 1) -> Item | None:
        key = {"pk": s(pk), "sk": n(sk)}
        found = [
            one for one in self.gateway.items_of(self.scope.target, "orders") if key_of(one, self.table.keys) == key
        ]
        return found[0] if found else None

    def delete(self, pk: str = "a", sk: int = 1) -> None:
        """Somebody else deletes an item."""
        parameters = {"TableName": "orders", "Key": {"pk": s(pk), "sk": n(sk)}}
        self.gateway.carry_out(self.scope, "dynamodb:DeleteItem", parameters)

    async def edit(self, pk: str = "a", sk: int = 1) -> EditSession:
        return await EditSession.open(self.gateway, self.table, {"pk": s(pk), "sk": n(sk)}, clock=self.clock)

    def events(self) -> list[str]:
        return [record["event"] for record in self.journal.records()]

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
