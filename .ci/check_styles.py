"""Run in an installed dbtui: every style sheet of the repository came along, and its rules reach the widgets."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from dbtui.actions.core import Core
from dbtui.actions.guards import Arming
from dbtui.actions.item_writes import ItemWriter
from dbtui.actions.journal import Journal
from dbtui.actions.runner import Runner
from dbtui.actions.tracker import Tracker
from dbtui.domain.scope import Target
from dbtui.gateway.fake import FakeGateway
from dbtui.items.drafts import Drafts
from dbtui.items.undo import UndoLog
from dbtui.settings import Settings, policy_from
from dbtui.ui import styles
from dbtui.ui.app import DbtuiApp


def clock() -> datetime:
    return datetime.now(UTC)


async def main() -> None:
    expected = {path.name for path in Path(sys.argv[1]).glob("*.tcss")}  # noqa: ASYNC240 - nothing else runs yet
    found = {Path(path).name for path in styles.sheets()}
    assert found == expected, f"style sheets differ: {found ^ expected}"
    assert all("site-packages" in str(path) for path in styles.sheets()), styles.sheets()
    gateway, policy = FakeGateway(), policy_from(Settings())
    journal = Journal(Path("journal.jsonl"), clock, policy)
    undo = UndoLog()
    core = Core(
        gateway=gateway,
        directory=None,  # type: ignore[arg-type]  # nothing is chosen here
        runner=Runner(gateway, journal, clock),
        items=ItemWriter(gateway, journal, clock, undo),
        undo=undo,
        drafts=Drafts(Path("drafts"), clock),
        tracker=Tracker(gateway, journal, clock),
        journal=journal,
        arming=Arming(policy, clock),
        policy=policy,
        clock=clock,
    )
    app = DbtuiApp(core, Settings(), (Target("dev", "eu-west-1"),))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        sources = {Path(location[0]).name for location in app.stylesheet.source if location[0]}
        assert expected <= sources, f"not applied: {expected - sources}"
    sys.stdout.write(f"{len(expected)} style sheets installed and applied\n")


asyncio.run(main())
