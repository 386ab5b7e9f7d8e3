"""Makes the pictures of the README from the demo: `python screenshots/make.py`, from the repository's root.

Each picture is the real program on the real client path against the embedded AWS; none is drawn by hand. With
`--review FOLDER` every screen is made at 80x24 and 140x40, dark and light, for looking at.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from dbtui.cli.wiring import GlobalOptions
from dbtui.compose import build_core
from dbtui.embedded import embedded_aws
from dbtui.items.edit import EditSession
from dbtui.settings import Settings
from dbtui.ui.app import DbtuiApp
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.item_editor import ItemEditor

HERE = Path(__file__).parent
SECONDS = 20.0


Step = tuple[str, tuple[str, ...]] | Callable[[DbtuiApp], Awaitable[None]]


@dataclass(frozen=True)
class Picture:
    """One picture: the keys that lead to it, and a text by which one sees that it is there."""

    name: str
    keys: tuple[str, ...]
    there: str
    in_readme: bool = False
    steps: tuple[Step, ...] = ()
    """What follows the keys: (a text to wait for, further keys), or something done to the app."""


ORDERS_OF_ONE = ("2", "slash", *"orders", "enter", "enter", *"CUSTOMER#000003", "enter")
"""The keys to the orders of one customer."""

ROWS = "complete"
READ = "nothing has been written"
MEMO = (READ, tuple(', "memo": "call first"'))
"""The editor is there, and an attribute is typed."""


async def somebody_else_writes(app: DbtuiApp) -> None:
    """Another client gives the edited item another memo and another status."""
    editor = next(screen for screen in app.screen_stack if isinstance(screen, ItemEditor))
    assert editor.edit.key is not None
    theirs = await EditSession.open(app.session.gateway, editor.edit.table, editor.edit.key)
    theirs.mine |= {"memo": {"S": "do not call"}, "status": {"S": "shipped"}}
    write = theirs.write()
    assert write is not None
    await app.session.core.items.run(write)


def editing_pictures(row: tuple[str, ...]) -> tuple[Picture, ...]:
    """One item seen and edited; ``row`` are the keys that lead to its row."""
    opened, cell = (ROWS, ("E",)), (ROWS, ("right", "right", "e"))
    armed = (opened, MEMO, ("1 change", ("ctrl+s",)), ("Writes are locked", ("enter",)))
    seen = (ROWS, ("enter",))
    return (
        Picture("item", row, "RCU", in_readme=True, steps=(seen,)),
        Picture("item-tree", row, "map of", steps=(seen, ("RCU", ("t",)))),
        Picture("item-editor", row, "1 change", steps=(opened, MEMO)),
        Picture("item-problem", row, "line 2, column", steps=(opened, (READ, tuple(', "memo": call')))),
        Picture("item-plan", row, "enter: write", in_readme=True, steps=armed),
        Picture(
            "item-conflict", row, "Somebody else", steps=(*armed, somebody_else_writes, ("enter: write", ("enter",)))
        ),
        Picture("item-new", row, "new item", steps=((ROWS, ("plus",)),)),
        Picture("item-delete", row, "Writes are locked", steps=((ROWS, ("D",)),)),
        Picture("attribute", row, "ctrl+t type", steps=(cell,)),
        Picture("attribute-type", row, "Another type", steps=(cell, ("ctrl+t type", ("ctrl+t",)))),
    )


PICTURES = (
    *editing_pictures(ORDERS_OF_ONE),
    Picture("rds", (), "aurora-main-2", in_readme=True),
    Picture("instance", ("slash", *"orders-db", "enter", "enter"), "resource id", in_readme=True),
    Picture("dynamodb", ("2",), "20.5 k", in_readme=True),
    Picture("table", ("2", "slash", *"orders", "enter", "d"), "partition key"),
    Picture("items-open", ("2", "slash", *"orders", "enter", "enter"), "Nothing was read yet"),
    Picture("items", (*ORDERS_OF_ONE, *["right"] * 5, "down", "space"), "1 marked", in_readme=True),
    Picture("items-scan", ("2", "slash", *"orders", "enter", "enter", "ctrl+l"), "> reads more"),
    Picture("items-question", (*ORDERS_OF_ONE, "S"), "Read every item"),
    Picture("items-line", (*ORDERS_OF_ONE, "equals_sign", *" and sk begins_with"), "expected a value"),
    Picture("items-index", (*ORDERS_OF_ONE, "i"), "everything"),
    Picture("items-copy", (*ORDERS_OF_ONE, "y"), "DynamoDB JSON"),
    Picture("items-help", (*ORDERS_OF_ONE, "question_mark"), "Help: items"),
    Picture("snapshots", ("3",), "● available", in_readme=True),
    Picture("activity", ("5",), "Nothing"),
    Picture("plan", ("slash", *"orders-db", "enter", "s"), "CreateDBSnapshot", in_readme=True),
    Picture("actions", ("slash", *"legacy-crm", "enter", "a"), "Snapshot"),
    Picture("help", ("question_mark",), "filter"),
    Picture("jump", ("colon", *"tab"), "table"),
    Picture("targets", ("p",), "demo-prod"),
    Picture("copy", ("y",), "ARN"),
    Picture("sort", ("o",), "identifier"),
    Picture("problems", ("exclamation_mark",), "storage-full"),
    Picture("nothing", ("slash", *"zzz", "enter"), "0 of"),
    Picture("raw", ("slash", *"orders-db", "enter", "enter", "v"), "DBInstanceIdentifier"),
)


def text_of(app: DbtuiApp) -> str:
    """What is on the screen, as text."""
    return html.unescape(re.sub(r"<[^>]+>", "", app.export_screenshot())).replace("\xa0", " ")


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Waits for a condition of the screen."""
    async with asyncio.timeout(SECONDS):
        while not condition():
            await pilot.pause(0.1)


async def take_back(app: DbtuiApp) -> None:
    """The next picture starts from the same items, and from no draft."""
    core = app.session.core
    for screen in app.screen_stack:
        if isinstance(screen, (ItemEditor, AttributeEditor)):
            entry = core.undo.last(screen.edit.table.ref)
            if entry is not None:
                await core.items.run(entry.inverse())
            await screen.keeper.drop()


async def take_step(app: DbtuiApp, pilot: Pilot[Any], step: Step) -> None:
    if callable(step):
        await step(app)
        return
    text, keys = step
    await until(pilot, lambda: text in text_of(app))
    await pilot.pause(0.3)
    await pilot.press(*keys)


async def take(picture: Picture, size: tuple[int, int], theme: str, keep: Callable[[DbtuiApp], None]) -> None:
    core = build_core(GlobalOptions(), Settings())
    app = DbtuiApp(core, Settings(theme=theme), await core.directory.targets((), ("eu-west-1",)))
    try:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "aurora-main" in text_of(app))
            for key in picture.keys:
                await pilot.press(key)
            for step in picture.steps:
                await take_step(app, pilot, step)
            await until(pilot, lambda: picture.there in text_of(app))
            await pilot.pause(0.3)
            keep(app)
            await take_back(app)
    finally:
        await core.tracker.close()
        await core.gateway.close()


def kept(path: Path) -> Callable[[DbtuiApp], None]:
    def keep(app: DbtuiApp) -> None:
        svg = app.export_screenshot(title="dbtui --demo")
        path.write_text(svg.replace("<text ", '<text xml:space="preserve" '), encoding="utf-8")

    return keep


async def make(review: Path | None, only: tuple[str, ...]) -> None:
    os.environ["DBTUI_CONFIG"] = os.devnull
    async with embedded_aws() as aws:
        await aws.started()
        for picture in PICTURES:
            if only and picture.name not in only:
                continue
            if review is None:
                if picture.in_readme:
                    await take(picture, (120, 32), "textual-dark", kept(HERE / f"{picture.name}.svg"))
                continue
            for size in ((80, 24), (140, 40)):
                for theme in ("textual-dark", "textual-light"):
                    name = f"{picture.name}-{size[0]}-{theme.removeprefix('textual-')}.svg"
                    try:
                        await take(picture, size, theme, kept(review / name))
                    except TimeoutError:
                        sys.stderr.write(f"{name}: {picture.there!r} did not appear\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--review", type=Path)
    parser.add_argument("only", nargs="*")
    given = parser.parse_args()
    if given.review is not None:
        given.review.mkdir(parents=True, exist_ok=True)
    asyncio.run(make(given.review, tuple(given.only)))


if __name__ == "__main__":
    main()
