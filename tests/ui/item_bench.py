"""A table with one item, and everything that can be done with it, on the app over the fake gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from tests.ui.conftest import HOME, ref, running, screen_text, table, wait_for
from textual.pilot import Pilot
from textual.widgets import OptionList

from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.values import Item
from dbtui.gateway.fake import FakeGateway
from dbtui.items.drafts import Draft
from dbtui.items.writes import ItemWrite, WriteResult
from dbtui.ui.app import DbtuiApp
from dbtui.ui.item_editing import ItemEditing
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.conflict import ConflictScreen
from dbtui.ui.screens.item_editor import ItemEditor
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.screens.plan_ask import Stage
from dbtui.ui.screens.write_plan import WritePlanScreen
from dbtui.ui.widgets.text_field import TextField

KEY: Item = {"pk": {"S": "user#42"}, "sk": {"S": "order#0007"}}
ORDER: Item = {
    **KEY,
    "status": {"S": "PAID"},
    "amount": {"N": "12345678901234567890123456789012345678"},
    "tags": {"SS": ["gift", "vip"]},
    "address": {"M": {"street": {"S": "Main St 5"}, "zip": {"S": "01234"}}},
    "note": {"NULL": True},
}
BY_STATUS = Index("by-status", True, (KeyPart("status", "HASH", "S"), KeyPart("pk", "RANGE", "S")), projection="ALL")
ORDERS: Table = table("orders", indexes=(BY_STATUS,))


class Bench:
    """The app, the editing of one table, and what was written."""

    def __init__(self, app: DbtuiApp, pilot: Pilot[Any], gateway: FakeGateway) -> None:
        self.app = app
        self.pilot = pilot
        self.gateway = gateway
        self.written: list[tuple[ItemWrite, WriteResult]] = []
        self.editing = ItemEditing(app.main, app.session, ORDERS, self.note)

    def note(self, write: ItemWrite, result: WriteResult) -> None:
        self.written.append((write, result))

    async def until(self, what: str, condition: Callable[[], object]) -> None:
        await wait_for(self.pilot, condition, what)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def sees(self, *words: str) -> None:
        for word in words:
            await self.until(f"{word!r} on the screen", lambda word=word: word in self.text)

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def items(self) -> list[Item]:
        return self.gateway.items_of(HOME, "orders")

    @property
    def drafts(self) -> tuple[Draft, ...]:
        return self.app.session.core.drafts.all()

    @property
    def field(self) -> TextField:
        return self.app.screen.query_one(TextField)

    @property
    def writes(self) -> list[str]:
        """The mutations that were sent."""
        sent = [call.operation.partition(":")[2] for call in self.gateway.executed]
        return [name for name in sent if name not in ("DescribeTable",)]

    async def editor(self, key: Item = KEY) -> ItemEditor:
        self.editing.edit(key)
        return await self.on(ItemEditor)

    async def attribute(self, name: str) -> AttributeEditor:
        self.editing.edit_attribute(KEY, name)
        return await self.on(AttributeEditor)

    async def view(self) -> ItemView:
        self.editing.view(KEY, ORDER)
        return await self.on(ItemView)

    async def on(self, kind: type[Any]) -> Any:
        await self.until(f"{kind.__name__} in front", lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()
        return self.app.screen

    async def asks(self, stage: Stage) -> WritePlanScreen:
        """The plan is in front and asks this."""
        screen = await self.on(WritePlanScreen)
        await self.until(f"asks {stage}", lambda: screen.stage is stage and screen.ready)
        assert isinstance(screen, WritePlanScreen)
        return screen

    async def plan(self) -> WritePlanScreen:
        """The plan is in front, its scope armed."""
        screen = await self.on(WritePlanScreen)
        if screen.stage is Stage.ARM:
            await self.asks(Stage.ARM)
            await self.press("enter")
        return await self.asks(Stage.CONFIRM)

    async def conflict(self) -> ConflictScreen:
        screen = await self.on(ConflictScreen)
        assert isinstance(screen, ConflictScreen)
        await self.until("the list is there", lambda: screen.query_one(OptionList).has_focus)
        return screen

    def replace(self, old: str, new: str) -> None:
        """Changes the text in the editor as typing does."""
        assert old in self.field.text
        self.field.rewrite(self.field.text.replace(old, new))

    def elsewhere(self, **changed: Any) -> None:
        """Somebody else writes the item; ``None`` removes an attribute."""
        item = {**self.items[0], **changed}
        self.gateway.put_items(HOME, "orders", [{name: value for name, value in item.items() if value is not None}])

    async def write_done(self) -> WriteResult:
        await self.until("the write was told", lambda: self.written)
        return self.written[-1][1]


@asynccontextmanager
async def bench(
    make_app: Callable[..., DbtuiApp],
    gateway: FakeGateway,
    *items: Item,
    size: tuple[int, int] = (100, 30),
    **options: Any,
) -> AsyncIterator[Bench]:
    """The bench with these items in the table, or with the usual one."""
    gateway.put(ORDERS)
    gateway.put_items(HOME, "orders", items or [ORDER])
    app = make_app(**options)
    async with running(app, size) as pilot:
        await wait_for(pilot, lambda: app.session.scopes, "the account")
        yield Bench(app, pilot, gateway)


def armed(bench: Bench) -> None:
    """Writes are armed, as after the first one of a session."""
    bench.app.session.core.arming.arm(ref("table", "orders").scope)
