"""The fixtures of three benches: the screens, the commands, and the real client before the embedded AWS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from demo_support import DemoServer

from dbtui.actions.core import Core
from dbtui.aws.directory import AwsDirectory
from dbtui.aws.gateway import AwsGateway
from dbtui.aws.limits import Timeouts
from dbtui.domain.key_query import KeyQuery, ScanOf
from dbtui.domain.models import Table
from dbtui.domain.scope import Target
from dbtui.domain.values import Item
from dbtui.items.pager import Reading
from dbtui.items.store import ItemStore
from dbtui.settings.model import Settings
from dbtui.ui.app import DbtuiApp
from tests.cli.conftest import cloud, dbtui
from tests.ui.conftest import STILL, HeldClock, clock, gateway, make_app, make_core, utf8_terminal

__all__ = ["clock", "cloud", "dbtui", "gateway", "make_app", "utf8_terminal"]

TIMEOUTS = Timeouts(connect=5, read=10, read_total=30, mutation=10, attempts=4)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "20") as running:
        running.wait_for_phase("ready")
        yield running


@dataclass
class Aws:
    """The real client before the embedded AWS, and what is built on it."""

    server: DemoServer
    gateway: AwsGateway
    target: Target
    core: Core

    async def table(self, name: str) -> Table:
        return await self.gateway.table(self.target, name)

    async def item(self, table: Table, key: Item) -> Item | None:
        return (await self.gateway.item(self.target, table.id, key)).item

    def reading(self, query: KeyQuery | ScanOf, **more: Any) -> Reading:
        return Reading(self.gateway, self.target, query, ItemStore(query.table.keys), **more)

    def app(self, place: str) -> DbtuiApp:
        return DbtuiApp(self.core, Settings(), (self.target,), pace=STILL, open_place=place)


@pytest.fixture
async def aws(server: DemoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Aws]:
    """The company afresh, and the environment pointing at it."""
    server.reset()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    [target] = await AwsDirectory().targets((), ())
    client = AwsGateway(read_only=lambda scope: False, want_alias=False, timeouts=TIMEOUTS)
    make: Callable[..., Core] = make_core
    yield Aws(server, client, target, make(client, HeldClock(), tmp_path))
    await client.close()
    server.faults("")
    server.pages(None)


def held(reading: Reading) -> list[Item]:
    """What was read, in the order it came."""
    return [reading.store.item(ordinal) for ordinal in range(reading.store.row_count)]
