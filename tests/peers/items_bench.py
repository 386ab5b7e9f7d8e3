"""The items of one table on the screen, worked by keys; behind it the fake gateway or the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.values import Item, key_of
from dbtui.gateway.fake import FakeGateway, Recorded
from dbtui.ui.app import DbtuiApp
from dbtui.ui.screens.chooser import Chooser
from dbtui.ui.screens.item_editor import ItemEditor
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.screens.plan_ask import Stage
from dbtui.ui.screens.write_plan import WritePlanScreen
from dbtui.ui.widgets.text_field import TextField
from tests.ui.conftest import HOME, running, screen_text, table, toasts, wait_for

MakeApp = Callable[..., DbtuiApp]

BY_STATUS = Index(
    "by-status",
    True,
    (KeyPart("status", "HASH", "S"), KeyPart("created", "RANGE", "N")),
    "INCLUDE",
    ("amount",),
    "ACTIVE",
)
"""Holds the keys and the amount, and nothing else of an order."""
ORDERS: Table = table("orders", indexes=(BY_STATUS,))


def order(number: int, **more: Any) -> Item:
    """The order of this number; the later it came the less it cost."""
    return {
        "pk": {"S": "user#1"},
        "sk": {"S": f"order#{number:04}"},
        "status": {"S": "PAID"},
        "amount": {"N": f"{90 - number}.50"},
        "created": {"N": str(1_790_000_000 + number)},
        "note": {"S": f"a note to {number}"},
        "address": {"M": {"street": {"S": f"Main St {number}"}, "zip": {"S": "01234"}}},
        "tags": {"SS": ["gift", "vip"]},
        **more,
    }


class Sheet:
    """The items screen of a table."""

    def __init__(self, app: DbtuiApp, pilot: Pilot[Any], screen: ItemsScreen) -> None:
        self.app = app
        self.pilot = pilot
        self.screen = screen

    async def until(self, what: str, condition: Callable[[], object]) -> None:
        await wait_for(self.pilot, condition, what)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def types(self, text: str) -> None:
        await self.press(*({" ": "space"}.get(character, character) for character in text))

    async def on(self, kind: type[Any]) -> Any:
        await self.until(f"{kind.__name__} in front", lambda: isinstance(self.app.screen, kind))
        await self.pilot.pause()
        return self.app.screen

    async def sees(self, *words: str) -> None:
        await self.until(f"{words} on the screen", lambda: all(word in self.text for word in words))

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def said(self) -> str:
        return " ".join(toasts(self.app).split())

    # -- rows ---------------------------------------------------------------------------------------------------------

    async def asks(self, partition: str, rows: int) -> None:
        """Types a partition key into the form and waits for its rows."""
        await self.form()
        await self.types(partition)
        await self.press("enter")
        await self.rows_are(rows)

    async def form(self) -> None:
        await self.until("a field to type into", lambda: isinstance(self.app.focused, Input))

    async def rows_are(self, count: int) -> None:
        screen = self.screen
        await self.until(
            f"{count} rows", lambda: screen.grid.row_count == count and not screen.loader.loading and screen.grid.source
        )
        await self.until("the rows to have the focus", lambda: screen.grid.has_focus)

    async def index(self, number: int, *names: str) -> None:
        """Opens the form of the index of this number, which has these key attributes."""
        await self.form()
        await self.press("escape", "i", *["down"] * number, "enter")
        await self.until("its key attributes", lambda: set(self.screen.area.form.fields) == set(names))
        await self.form()

    async def goes_to(self, column: str) -> None:
        await self.until(f"the column {column}", lambda: self.screen.grid.move_to_column(column))

    async def sorts(self, column: str, *, descending: bool = False) -> None:
        """Sorts by a column once; again turns the order around, which the caller expects then."""
        await self.goes_to(column)
        await self.press("o", "enter")
        await self.on(ItemsScreen)
        spec = (column, descending)
        await self.until(f"the order by {spec}", lambda: self._order == spec)

    @property
    def _order(self) -> tuple[str, bool]:
        source: Any = self.screen.grid.source
        shown = source.sort_spec
        return ("", False) if shown is None else (shown.column, shown.descending)

    async def narrows(self, words: str, rows: int) -> None:
        await self.press("slash")
        await self.types(words)
        await self.press("enter")
        await self.rows_are(rows)

    def column(self, name: str) -> list[str]:
        """What the cells of a column show, as the rows stand."""
        source = self.screen.grid.source
        assert source is not None
        place = [spec.key for spec in source.columns].index(name)
        return [source.cell(row, place).text for row in range(source.row_count)]

    @property
    def marked(self) -> list[str]:
        """The sort keys of the rows that are painted as marked."""
        grid = self.screen.grid
        source = grid.source
        assert source is not None
        shown = self.column("sk")
        return [shown[row] for row in range(source.row_count) if grid.look_of(row, source.row_id(row)).marked]

    @property
    def held(self) -> list[Item]:
        """The items behind the rows, as they were read."""
        holding = self.screen.holding
        assert holding is not None
        store = holding.store
        return [store.item(ordinal) for ordinal in range(store.ordinal_count) if not store.is_removed(ordinal)]

    async def copies(self, label: str) -> str:
        """Chooses a line of the copy menu."""
        self.app._clipboard = ""
        await self.press("y")
        menu = await self.on(Chooser)
        place = [choice.label for choice in menu._choices].index(label)
        await self.press(*["down"] * place, "enter")
        await self.until("the copy", lambda: self.app.clipboard)
        return self.app.clipboard

    # -- editing ------------------------------------------------------------------------------------------------------

    @property
    def field(self) -> TextField:
        return self.app.screen.query_one(TextField)

    async def editor(self, key: str = "E") -> ItemEditor:
        """Opens the item under the cursor, or what another key opens in the editor."""
        await self.press(key)
        editor = await self.on(ItemEditor)
        assert isinstance(editor, ItemEditor)
        return editor

    def replace(self, old: str, new: str) -> None:
        """Changes the text in the editor as typing does."""
        assert old in self.field.text, self.field.text
        self.field.rewrite(self.field.text.replace(old, new))

    async def plan(self) -> WritePlanScreen:
        """The plan is in front, its scope armed."""
        screen = await self.on(WritePlanScreen)
        assert isinstance(screen, WritePlanScreen)
        await self.until("the plan asks", lambda: screen.stage in (Stage.ARM, Stage.CONFIRM) and screen.ready)
        if screen.stage is Stage.ARM:
            await self.press("enter")
            await self.until("the plan asks again", lambda: screen.stage is Stage.CONFIRM and screen.ready)
        return screen

    async def writes(self, key: str = "ctrl+s") -> None:
        """From the editor through the plan back to the rows."""
        await self.press(key)
        await self.plan()
        await self.press("enter")
        await self.on(ItemsScreen)


def _sheets(app: DbtuiApp) -> list[ItemsScreen]:
    return [screen for screen in app.screen_stack if isinstance(screen, ItemsScreen) and screen.is_mounted]


@asynccontextmanager
async def opened(app: DbtuiApp, size: tuple[int, int] = (120, 30)) -> AsyncIterator[Sheet]:
    """The app with the items of a table open."""
    async with running(app, size) as pilot:
        await wait_for(pilot, lambda: any(one.area.display for one in _sheets(app)), "the items")
        await wait_for(pilot, lambda: app.session.scopes, "the account")
        [screen] = _sheets(app)
        yield Sheet(app, pilot, screen)


@asynccontextmanager
async def sheet(
    make_app: MakeApp,
    gateway: FakeGateway,
    items: Sequence[Item],
    model: Table = ORDERS,
    *,
    place: str = "",
    size: tuple[int, int] = (120, 30),
    **options: Any,
) -> AsyncIterator[Sheet]:
    """The items of ``model``, which holds these, on the screen over the fake gateway."""
    gateway.put(model)
    gateway.put_items(HOME, model.id, items)
    app = make_app(open_place=place or f"table/{model.id}", **options)
    async with opened(app, size) as found:
        yield found


def sent(gateway: FakeGateway) -> list[Recorded]:
    """The mutations that were sent."""
    return list(gateway.executed)


def stored(gateway: FakeGateway, item: Item, model: Table = ORDERS) -> Item | None:
    """What is in the table at the key of this item."""
    key = key_of(item, model.keys)
    return next((one for one in gateway.items_of(HOME, model.id) if key_of(one, model.keys) == key), None)
