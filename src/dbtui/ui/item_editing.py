"""Item view, editors, plans and drafts for one table: what a screen that shows items calls."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from textual.app import App
from textual.screen import Screen

from dbtui.domain.failures import Failure
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.domain.values import Item, copy_item, items_equal, key_of
from dbtui.items.drafts import Draft
from dbtui.items.edit import EditSession
from dbtui.items.writes import ItemWrite, WriteResult, WriteState, delete_write
from dbtui.ui import item_drafts, item_text, loading
from dbtui.ui.item_writing import Editor, ItemWriting, Written, outcome_words
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.chooser import Choice, Chooser
from dbtui.ui.screens.drafts import DraftsScreen
from dbtui.ui.screens.item_editor import ItemEditor, encoded
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.session import Session


class ItemEditing:
    """Starts everything that can be done with an item; each method returns at once, the work goes on in workers.

    The workers are the app's, so no screen that closes takes a write with it; an answer that comes when the person is
    elsewhere opens nothing. ``written`` is called after every write that was carried out, with the item as it is then.
    """

    def __init__(self, screen: Screen[Any], session: Session, table: Table, written: Written) -> None:
        self.session = session
        self.table = table
        self._app = screen.app
        self._screen = screen
        self._written_to = written
        self._writing = ItemWriting(self._app, session.core, self._written, self._tell, self._open_item)
        session.editings.add(self)

    # -- what a screen calls ------------------------------------------------------------------------------------------

    def view(self, key: Item, item: Item) -> None:
        """Shows the item in full: at once as the row has it, then as a consistent read finds it."""
        self._app.push_screen(ItemView(self.session, self.table, {**item, **key}, self))

    def edit(self, key: Item) -> None:
        """Opens the whole item in the editor."""
        self._open(partial(self._edit, key))

    def edit_attribute(self, key: Item, name: str) -> None:
        """Opens one attribute in place."""
        self._open(partial(self._edit, key, name))

    def new(self, template: Item | None = None) -> None:
        """Opens the editor with an item that must not exist yet."""
        self._open_new(EditSession.new(self.table, template), item_text.skeleton(self.table, template))

    def clone(self, key: Item) -> None:
        """Opens the editor with a copy of the item, whose key is to be changed."""
        self._open(partial(self._clone, key))

    def delete(self, key: Item) -> None:
        """Reads the item, shows it, and deletes it once its key was typed."""
        self._open(partial(self._delete, key))

    def undo(self) -> None:
        """Plans the inverse of the last write of this run to this table."""
        self._open(self._undo)

    def offer_drafts(self) -> None:
        """Offers what was typed into this table's items by a program that has ended, unless the person is typing."""
        loading.run(self._app, self._offer, group="drafts", on_failure=self._complain)

    def open_draft(self, draft: Draft) -> None:
        """Goes on with a draft where it was left."""
        edit = item_drafts.session_of(draft, self.table)
        if draft.kind == "attribute":
            self._show(AttributeEditor(self.session, edit, draft, self._save))
        else:
            fresh = encoded(edit) if edit.base is not None else ""
            self._show(ItemEditor(self.session, edit, draft, self._save, fresh=fresh))

    # -- the work -----------------------------------------------------------------------------------------------------

    def _open(self, work: Callable[[], Awaitable[None]]) -> None:
        """Only the newest wish opens something: pressing a key twice does not open two editors."""
        loading.run(self._app, work, group="open item", on_failure=self._complain, exclusive=True)

    def _show(self, editor: Screen[None]) -> None:
        """Opens an editor; toasts of what was before would cover its problem line."""
        self._app.clear_notifications()
        self._app.push_screen(editor)

    def _save(self, editor: Editor) -> None:
        loading.run(self._app, partial(self._writing.save, editor), group="write item", on_failure=editor.complain)

    async def _read(self, key: Item) -> EditSession | None:
        """The item as it is now; ``None`` when the person has gone elsewhere meanwhile."""
        front = self._app.screen
        edit = await EditSession.open(self.session.gateway, self.table, key, clock=self.session.clock)
        return edit if self._app.screen is front else None

    async def _edit(self, key: Item, name: str = "") -> None:
        key = key_of(key, self.table.keys)
        front = self._app.screen
        earlier = await self._earlier(key, name)
        if earlier is not None and await self._resumed(earlier):
            return
        if self._app.screen is not front or (edit := await self._read(key)) is None:
            return
        if name:
            draft = self._draft(edit, "attribute", name)
            self._show(AttributeEditor(self.session, edit, draft, self._save))
        else:
            await self._open_item(edit)

    async def _open_item(self, edit: EditSession) -> None:
        """The editor of an item that was read. A large one is written in a thread."""
        fresh = await asyncio.to_thread(encoded, edit)
        draft = self._draft(edit, "item", text=fresh)
        self._show(ItemEditor(self.session, edit, draft, self._save, fresh=fresh))

    async def _earlier(self, key: Item, name: str) -> Draft | None:
        """The newest draft of the same item or attribute."""
        found = await item_drafts.offered(self._app, self.session.core.drafts)
        return next((draft for draft in found if item_drafts.is_about(draft, self.table, key, name)), None)

    async def _resumed(self, draft: Draft) -> bool:
        """Asks what to do about a draft; true when nothing else is to be opened."""
        age = item_text.age(draft.saved_at, self.session.clock())
        choices = [
            Choice("Open the draft", "open", hint=f"what you typed {age} and did not write"),
            Choice("Start from the item as it is", "fresh", hint="the draft stays in :drafts"),
        ]
        chosen = await self._app.push_screen_wait(Chooser("There is a draft of this", choices))
        if chosen == "open":
            self.open_draft(draft)
        return chosen != "fresh"

    def _draft(self, edit: EditSession, kind: str, name: str = "", *, text: str = "") -> Draft:
        table = self.table
        return Draft(
            scope=table.ref.scope,
            table=table.id,
            table_id=table.table_id,
            kind=kind,
            text=text,
            key=edit.key,
            base=edit.base if kind != "new" else copy_item(edit.mine),
            attribute=name,
        )

    def _open_new(self, edit: EditSession, text: str, note: str = "") -> None:
        text = text or encoded(edit)
        draft = self._draft(edit, "new", text=text)
        self._show(ItemEditor(self.session, edit, draft, self._save, fresh=text, note=note))

    async def _clone(self, key: Item) -> None:
        edit = await self._read(key)
        if edit is not None:
            self._open_new(EditSession.new(self.table, edit.mine), "", "A copy: give it another key.")

    async def _delete(self, key: Item) -> None:
        edit = await self._read(key)
        while edit is not None and edit.base is not None:
            write = delete_write(self.table, edit.base)
            if not await self._writing.agreed(write):
                return
            result = await self._writing.send(write)
            if result.state is not WriteState.CONFLICT:
                if not result.done:
                    self._tell(outcome_words(result), "error")
                return
            if result.current is None:
                self._written(write, WriteResult(state=WriteState.DONE))
                self._tell("Somebody else deleted it before. Nothing was deleted by you.", "warning")
                return
            self._tell("The item changed since it was read: nothing was deleted. This is how it is now.", "warning")
            edit = EditSession(self.table, result.current, copy_item(result.current))

    async def _undo(self) -> None:
        entry = self.session.core.undo.last(self.table.ref)
        if entry is None:
            self._tell(f"Nothing to undo: this run wrote nothing to {self.table.id}.", "information")
            return
        write = entry.inverse()
        if not await self._writing.agreed(write):
            return
        result = await self._writing.send(write)
        if not result.done:
            self._tell(f"Not undone. {outcome_words(result)}", "error")

    async def _offer(self) -> None:
        front, keys = self._app.screen, self.session.keys_pressed
        drafts = self.session.core.drafts
        left = [draft for draft in await item_drafts.left(drafts) if item_drafts.concerns(draft, self.table)]
        if not left:
            return
        if self._app.screen is not front or self.session.keys_pressed != keys:
            many = "1 draft" if len(left) == 1 else f"{len(left)} drafts"
            self._tell(f"{many} of {self.table.id} typed earlier and not written; :drafts opens them.", "information")
            return
        title = f"Drafts of table/{escape(self.table.id)}"
        chosen = await self._app.push_screen_wait(DraftsScreen(drafts, left, self.session.clock(), title=title))
        if chosen is not None:
            self.open_draft(chosen)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _written(self, write: ItemWrite, result: WriteResult) -> None:
        """Tells every screen with rows of the table, and the view of the same item."""
        for editing in tuple(self.session.editings):
            if editing.table.ref == write.table.ref:
                editing.tell_written(write, result)
        for screen in self._app.screen_stack:
            if (
                isinstance(screen, ItemView)
                and screen.table.ref == write.table.ref
                and items_equal(screen.key, write.key)
            ):
                screen.show_written(result.item)

    def tell_written(self, write: ItemWrite, result: WriteResult) -> None:
        """A write to the table was carried out, perhaps from elsewhere; a screen that is gone needs not hear of it."""
        if self._screen.is_attached:
            self._written_to(write, result)

    def _tell(self, text: str, severity: str) -> None:
        self._app.notify(escape(text), severity=severity, markup=False, timeout=8)  # type: ignore[arg-type]

    def _complain(self, failure: Failure) -> None:
        self._tell(failure.sentence, "error")


def show_drafts(app: App[None], session: Session) -> None:
    """Opens the list of everything that was typed and not written."""

    def open_draft(table: Table, draft: Draft) -> None:
        ItemEditing(app.screen, session, table, lambda write, result: None).open_draft(draft)

    item_drafts.show_all(app, session, open_draft)


def tell_of_drafts(app: App[None], session: Session) -> None:
    """Says at the start that something was typed earlier and not written."""
    item_drafts.tell_of_drafts(app, session)
