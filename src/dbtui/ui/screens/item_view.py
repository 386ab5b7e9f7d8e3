"""One item in full: at once as its row has it, then as a consistent read finds it; as typed JSON or as a tree."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from dbtui.domain import units
from dbtui.domain.failures import Failure
from dbtui.domain.item_place import item_place
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.domain.values import TYPE_WORDS, Item, at, items_equal, key_of, path_text, type_of
from dbtui.ui import item_copying, item_text, loading, requests, wording
from dbtui.ui.screens.chooser import Chooser
from dbtui.ui.screens.frame import FrameScreen
from dbtui.ui.session import Session
from dbtui.ui.widgets.frame import PlaceLine
from dbtui.ui.widgets.item_document import ItemDocument
from dbtui.ui.widgets.item_lines import Form, weight

if TYPE_CHECKING:
    from dbtui.ui.item_editing import ItemEditing


NARROW = 100
"""Columns from which the size is told in full."""


class ItemView(FrameScreen):
    """Shows an item and offers what can be done with it."""

    ABOUT = (
        "The item as typed JSON or as a tree. Large values are folded: enter opens them. It is read with a consistent "
        "read when it is opened, so that it is newer than the list may be."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "close", "back", id="item.back"),
        Binding("t", "form", "tree", tooltip="Between typed JSON and the tree", id="item.form"),
        Binding("e", "edit_value", "edit value", tooltip="Edit the attribute under the cursor", id="item.edit-value"),
        Binding("E", "edit_item", "edit item", tooltip="Edit the whole item", id="item.edit"),
        Binding("c", "clone", "clone", tooltip="Make a new item from this one", id="item.clone"),
        Binding("D", "delete", "delete", tooltip="Delete the item, after typing its key", id="item.delete"),
        Binding("u", "undo", "undo", tooltip="Take back the last write of this run", id="item.undo"),
        Binding("y", "copy_value", "copy value", tooltip="Copy the value under the cursor", id="item.copy-value"),
        Binding("Y", "copy", "copy…", tooltip="Copy the item as JSON, its place…", id="item.copy"),
        Binding("r", "refresh", "read again", id="item.refresh"),
    ]

    def __init__(self, session: Session, table: Table, item: Item, editing: ItemEditing) -> None:
        super().__init__(session)
        self.table = table
        self.key = key_of(item, table.keys)
        self._item = item
        self._editing = editing
        self._said = "as the list has it"
        self._gauge = ""

    def compose_body(self) -> ComposeResult:
        yield ItemDocument(id="item")

    def on_mount(self) -> None:
        self.document.focus()
        self.post_message(requests.FrameStale())
        self._draw()
        self.action_refresh()

    @property
    def document(self) -> ItemDocument:
        return self.query_one(ItemDocument)

    @property
    def item(self) -> Item:
        """The item as it is shown."""
        return self._item

    def show_written(self, item: Item | None) -> None:
        """A write of this run changed the item; ``None``: it is gone."""
        if item is None:
            self.dismiss()
            return
        self._item, self.key = item, key_of(item, self.table.keys)
        self._said = f"as written at {units.clock(self.session.clock())}"
        loading.run(self, self._weigh, group="weigh", on_failure=self._failed, exclusive=True)
        self._draw()

    async def _weigh(self) -> None:
        """The size and the cost, in a thread: an item may have 100,000 values."""
        short = self.size.width < NARROW
        self._gauge = await asyncio.to_thread(item_text.gauge, self.table, self._item, short=short)
        self.query_one(PlaceLine).note = ((self._gauge, ""),)

    def _draw(self) -> None:
        line = self.query_one(PlaceLine)
        line.place = f"‹ {escape(item_place(self.table.id, self.key, self.table.keys))}"
        line.note = ((self._gauge, ""),) if self._gauge else ()
        self.document.show(self._item, item_text.first_names(self.table))
        self._say()

    def _say(self) -> None:
        value = self.document.value
        where = ""
        if value is not None:
            path = escape(path_text(self.document.path))
            where = f"{path} · {', '.join([TYPE_WORDS[type_of(value)], *weight(value)])}"
        self.say(wording.DOT.join(part for part in (where, self._said) if part))

    @on(ItemDocument.Highlighted)
    def _highlighted(self, event: ItemDocument.Highlighted) -> None:
        event.stop()
        self._say()

    # -- reading ------------------------------------------------------------------------------------------------------

    def action_refresh(self) -> None:
        loading.run(self, self._read, group="read", on_failure=self._failed, exclusive=True)

    async def _read(self) -> None:
        await self._weigh()
        target = self.table.ref.scope.target
        found = await self.session.gateway.item(target, self.table.id, self.key, consistent=True)
        cost = "" if found.units is None else f" · {found.units:g} RCU"
        moment = f"read {units.clock(self.session.clock())}{cost}"
        if found.item is None:
            self._said = f"DELETED: it is not there any more; what you see is older · {moment}"
            self._say()
            return
        same = await asyncio.to_thread(items_equal, found.item, self._item)
        self._item = found.item
        self._said = moment if same else f"newer than the list · {moment}"
        await self._weigh()
        self._draw()

    def _failed(self, failure: Failure) -> None:
        title, _ = wording.failure_text(failure)
        self._said = f"{title} What you see is as the list has it; r tries again."
        self._say()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_close(self) -> None:
        self.dismiss()

    def action_form(self) -> None:
        self.document.show_as(Form.TREE if self.document.form is Form.JSON else Form.JSON)

    def action_edit_value(self) -> None:
        if self.document.path:
            self._editing.edit_attribute(self.key, str(self.document.path[0]))
        else:
            self._editing.edit(self.key)

    def action_edit_item(self) -> None:
        self._editing.edit(self.key)

    def action_clone(self) -> None:
        self._editing.clone(self.key)

    def action_delete(self) -> None:
        self._editing.delete(self.key)

    def action_undo(self) -> None:
        self._editing.undo()

    def action_copy_value(self) -> None:
        value = at(self._item, self.document.path) if self.document.path else None
        if value is not None:
            self.post_message(requests.CopyText(item_copying.value_text(value)))

    def action_copy(self) -> None:
        name = str(self.document.path[0]) if self.document.path else ""
        row = item_copying.Row(self.table, self._item, name)

        def chosen(what: item_copying.What | None) -> None:
            if what is not None:
                self.post_message(requests.CopyText(item_copying.text(what, row)))

        title = f"Copy of {item_text.key_title(self.table, self.key)}"
        self.app.push_screen(Chooser(title, item_copying.choices(row, 0)), chosen)
