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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from dbtui.cli.wiring import GlobalOptions
from dbtui.compose import build_core
from dbtui.embedded import embedded_aws
from dbtui.settings import Settings
from dbtui.ui.app import DbtuiApp

HERE = Path(__file__).parent
SECONDS = 20.0


@dataclass(frozen=True)
class Picture:
    """One picture: the keys that lead to it, and a text by which one sees that it is there."""

    name: str
    keys: tuple[str, ...]
    there: str
    in_readme: bool = False


PICTURES = (
    Picture("rds", (), "aurora-main-2", in_readme=True),
    Picture("instance", ("slash", *"orders-db", "enter", "enter"), "resource id", in_readme=True),
    Picture("dynamodb", ("2",), "20.5 k", in_readme=True),
    Picture("table", ("2", "slash", *"orders", "enter", "enter"), "partition key"),
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


async def take(picture: Picture, size: tuple[int, int], theme: str, keep: Callable[[DbtuiApp], None]) -> None:
    core = build_core(GlobalOptions(), Settings())
    app = DbtuiApp(core, Settings(theme=theme), await core.directory.targets((), ("eu-west-1",)))
    try:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "aurora-main" in text_of(app))
            for key in picture.keys:
                await pilot.press(key)
            await until(pilot, lambda: picture.there in text_of(app))
            await pilot.pause(0.3)
            keep(app)
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
