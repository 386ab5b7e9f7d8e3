"""Finds and opens what was typed earlier: which drafts concern an item, which are offered, and the editor of each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial

from textual.app import App

from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.models import Table
from dbtui.domain.values import Item, copy_item, items_equal
from dbtui.items.drafts import Draft, Drafts
from dbtui.items.edit import EditSession
from dbtui.ui import loading
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.drafts import DraftsScreen
from dbtui.ui.screens.item_editor import ItemEditor
from dbtui.ui.session import Session


async def offered(app: App[None], drafts: Drafts) -> tuple[Draft, ...]:
    """The drafts nobody is typing at: of programs that ended, and of this one's editors that were closed."""
    ended = {draft.id for draft in await left(drafts)}
    found = await asyncio.to_thread(drafts.all)
    typed_at = {screen.keeper.id for screen in app.screen_stack if isinstance(screen, (ItemEditor, AttributeEditor))}
    return tuple(
        draft for draft in found if draft.id not in typed_at and (draft.id in ended or draft.pid == os.getpid())
    )


async def left(drafts: Drafts) -> tuple[Draft, ...]:
    """The drafts of programs that have ended."""
    return await asyncio.to_thread(drafts.left_behind)


def concerns(draft: Draft, table: Table) -> bool:
    return draft.scope == table.ref.scope and draft.table == table.id


def is_about(draft: Draft, table: Table, key: Item, attribute: str) -> bool:
    """Whether the draft is of this item, and of this attribute (an empty name is the whole item)."""
    return concerns(draft, table) and items_equal(draft.key, key) and draft.attribute == attribute


def session_of(draft: Draft, table: Table) -> EditSession:
    """The edit a draft began: its base is the one that was read then, so that nothing written since is overwritten."""
    if draft.kind == "new" or draft.base is None:
        return EditSession.new(table, draft.base)
    return EditSession(table, draft.base, copy_item(draft.base), read_at=draft.saved_at)


async def table_of(session: Session, draft: Draft) -> Table:
    """The table a draft is about, read again; raises :class:`DbtuiError` when it is another one by now."""
    target = draft.scope.target
    table = await session.gateway.table(target, draft.table)
    if table.ref.scope.account != draft.scope.account:
        raise DbtuiError(
            Failure(
                FailureKind.REFUSED,
                f"The draft is of account {draft.scope.account}; {target.label} is {table.ref.scope.account} now.",
                hint="The draft is kept.",
            )
        )
    if draft.table_id and table.table_id and table.table_id != draft.table_id:
        raise DbtuiError(
            Failure(
                FailureKind.REFUSED,
                f"The table {draft.table} was deleted and created again since this was typed.",
                hint="The draft is kept.",
            )
        )
    return table


def show_all(app: App[None], session: Session, open_draft: Callable[[Table, Draft], None]) -> None:
    """Opens the list of every draft; the chosen one is opened in its editor."""

    async def work() -> None:
        drafts = session.core.drafts
        shown = await offered(app, drafts)
        damaged = (await asyncio.to_thread(drafts.scan)).damaged
        chosen = await app.push_screen_wait(DraftsScreen(drafts, shown, session.clock(), damaged=damaged))
        if chosen is not None:
            open_draft(await table_of(session, chosen), chosen)

    loading.run(app, work, group="drafts", on_failure=partial(_complain, app))


def _complain(app: App[None], failure: Failure) -> None:
    app.notify(failure.sentence, severity="error", markup=False, timeout=8)


def tell_of_drafts(app: App[None], session: Session) -> None:
    """At the start: says that something was typed earlier and not written, and how to get it."""

    async def work() -> None:
        found = await left(session.core.drafts)
        if found:
            many = "1 draft" if len(found) == 1 else f"{len(found)} drafts"
            app.notify(f"{many} from earlier, not written. :drafts opens them.", markup=False, timeout=8)

    loading.run(app, work, group="drafts", on_failure=partial(_complain, app))
