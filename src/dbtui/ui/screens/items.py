"""The items of one table: asked for by key, query or scan, shown as they come, edited one by one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import msgspec
from textual import on
from textual.binding import Binding, BindingType

from dbtui.domain.failures import Failure, UsageError
from dbtui.domain.item_place import key_from_query
from dbtui.domain.key_query import KeyQuery, ScanOf, key_parts
from dbtui.domain.models import Resource, Table
from dbtui.domain.scope import Target
from dbtui.domain.text import escape
from dbtui.domain.values import Item, key_of
from dbtui.resources.table import keys_text
from dbtui.ui import item_rows_after, item_words, loading, requests, wording
from dbtui.ui.item_editing import ItemEditing
from dbtui.ui.item_loading import ItemLoader
from dbtui.ui.item_matching import as_row
from dbtui.ui.item_query import Asked, Lookup
from dbtui.ui.item_tables import find_table
from dbtui.ui.screens import items_choices
from dbtui.ui.screens.items_query import QueryArea
from dbtui.ui.screens.items_shown import ItemsShown
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.session import Session
from dbtui.ui.widgets import record_messages
from dbtui.ui.widgets.frame import Piece, PlaceLine

if TYPE_CHECKING:
    from dbtui.items.writes import ItemWrite, WriteResult

_NEED_A_ROW = frozenset(
    {"edit_value", "edit_item", "clone", "delete", "copy", "sort", "filter", "time", "letters", "hide", "widen"}
)


class ItemsScreen(ItemsShown):
    """Nothing is read before it is asked for. Reads belong to this screen and end with it."""

    ABOUT = (
        "The items of a table. Nothing is read before you ask: type a key (a Query, or a Get when the key is whole), "
        "or let f read the first page by a Scan. The line at the bottom tells what was evaluated, what it cost and "
        "whether there is more. Left and right move to the cell that e edits, y copies and o sorts by."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit_value", "edit cell", tooltip="Edit the attribute under the cursor", id="items.edit-value"),
        Binding("E", "edit_item", "edit item", tooltip="Edit the whole item", id="items.edit-item"),
        Binding("greater_than_sign", "more", "more", key_display=">", tooltip="Read the next page", id="items.more"),
        Binding("K", "form", "key", tooltip="Look up or query by key, in a form", id="items.form"),
        Binding("equals_sign", "line", "query", key_display="=", tooltip="Type a query in one line", id="items.line"),
        Binding("slash", "filter", "filter", tooltip="Show only loaded rows with these words", id="items.filter"),
        Binding("plus", "new", "new", key_display="+", tooltip="Make a new item", id="items.new"),
        Binding("i", "index", "index", tooltip="Query the table or one of its indexes", id="items.index"),
        Binding("f,ctrl+l", "first_page", "first page", tooltip="Read the first page by a Scan", id="items.first-page"),
        Binding("y", "copy", "copy", tooltip="Copy the value, the item as JSON, its place…", id="items.copy"),
        Binding("o", "sort", "sort", tooltip="Sort the loaded rows", id="items.sort"),
        Binding("D", "delete", "delete", tooltip="Delete the item, after typing its key", id="items.delete"),
        Binding("c", "clone", "clone", tooltip="Make a new item from this one", id="items.clone"),
        Binding("u", "undo", "undo", tooltip="Take back the last write of this run", id="items.undo"),
        Binding("d", "detail", "table", tooltip="The table itself: keys, indexes, settings", id="items.detail"),
        Binding("r", "reload", "reload", tooltip="Read the same again from its start", id="items.reload"),
        Binding("S", "scan_all", "scan all", tooltip="Read everything; asks first, with the cost", id="items.scan-all"),
        Binding("t", "time", "as time", tooltip="Show the numbers of the column as times", id="items.time"),
        Binding("T", "letters", "types", tooltip="Show the type before each value", id="items.types"),
        Binding("H", "hide", "Hide the column", show=False, id="items.hide"),
        Binding("U", "unhide", "Show a hidden or further column", show=False, id="items.unhide"),
        Binding("left_square_bracket", "widen(-1)", "Narrower column", show=False, id="items.narrower"),
        Binding("right_square_bracket", "widen(1)", "Wider column", show=False, id="items.wider"),
        Binding("escape,backspace", "back", "back", tooltip="Stop, drop the filter, or go back", id="items.back"),
    ]

    def __init__(
        self,
        session: Session,
        name: str,
        targets: tuple[Target, ...],
        table: Table | None,
        *,
        key: Iterable[tuple[str, str]] = (),
    ) -> None:
        super().__init__(session, name, table)
        self._targets = targets
        self._key = tuple(key)

    async def on_mount(self) -> None:
        for part in ("FilterBar", "QueryArea", "#items-failure"):
            self.query_one(part).display = False
        self.post_message(requests.FrameStale())
        self.query_one(PlaceLine).place = f"‹ table/{escape(self.table_name)}"
        self.grid.focus()
        if self.model is not None and self.model.described and self.model.keys:
            await self._open(self.model)
        else:
            self._describe()

    def on_unmount(self) -> None:
        if self._ready:
            self.loader.close()

    @property
    def chosen(self) -> tuple[Resource, ...]:
        """What an action would be about: the table."""
        return (self.model,) if self.model is not None and self._ready else ()

    # -- opening ------------------------------------------------------------------------------------------------------

    def _describe(self) -> None:
        """Only the name is known: ask for the keys first."""
        self.grid.set_placeholder([(f"Reading table/{escape(self.table_name)}…", "muted"), ("esc goes back", "muted")])
        self.say(f"table/{escape(self.table_name)}")
        loading.run(self, self._find_table, group="open", on_failure=self._not_opened, exclusive=True)

    async def _find_table(self) -> None:
        await self._open(await find_table(self.session.gateway, self._targets, self.table_name))

    def _not_opened(self, failure: Failure) -> None:
        title, more = wording.failure_text(failure)
        lines = [(title, "danger"), *((line, "muted") for line in more.splitlines())]
        self._place_lines([*lines, ("r tries again · esc goes back", "muted")])
        self.say("Nothing could be opened.")

    async def _open(self, table: Table) -> None:
        self.model = table
        self.loader = ItemLoader(self, self.session, table, self._changed)
        self.editing = ItemEditing(self, self.session, table, self._written)
        self._ready = True
        self._show_place()
        await self.area.set_table(table)
        self.area.display = True
        self.refresh_bindings()
        if self._key:
            self._look_up_place(table)
        elif self.session.settings.open == "first-page":
            self._ask(ScanOf(table))
        else:
            self.area.edit_form()
            self._tell()
        self.editing.offer_drafts()
        loading.run(self, self._read_time_to_live, group="ttl", on_failure=lambda failure: None)

    async def _read_time_to_live(self) -> None:
        """Which column is a time (DescribeTimeToLive). Who may not ask sees it as the number it is."""
        table = self.loader.table
        if table.ttl is None:
            ttl = await self.session.gateway.time_to_live(table.ref.scope.target, table.id)
            self.loader.table = self.model = msgspec.structs.replace(table, ttl=ttl)

    def _look_up_place(self, table: Table) -> None:
        """The place named an item: its key asks for it."""
        try:
            self._ask(Lookup(table, key_from_query(self._key, table.keys)))
        except UsageError as error:
            self.app.notify(escape(error.failure.sentence), severity="error", markup=False, timeout=8)
            self.area.edit_form()
            self._tell()

    def _show_place(self) -> None:
        assert self.model is not None
        table, line = self.model, self.query_one(PlaceLine)
        line.place = wording.breadcrumb("‹", table, scoped=len(self.session.targets) > 1)
        keys = escape(keys_text(key_parts(table, self.area.index)))
        pieces: list[Piece] = [(f"{escape(self.area.index)} · " if self.area.index else "", "bold"), (keys, "")]
        index = item_words.index_named(table, self.area.index)
        if index is not None and index.status not in ("", "ACTIVE"):
            pieces.append((f" · {escape(index.status.lower())}, not ready", "$text-warning"))
        if table.replicas:
            pieces.append((" · replicated: the last writer wins", "$text-warning"))
        line.note = tuple(piece for piece in pieces if piece[0])

    # -- asking -------------------------------------------------------------------------------------------------------

    @on(QueryArea.Wanted)
    def _wanted(self, event: QueryArea.Wanted) -> None:
        event.stop()
        self._ask(event.asked)

    def _ask(self, asked: Asked, *, segments: int = 0) -> None:
        """Reads the first page of something else, or all of it."""
        self._drop_filter()
        self.grid.sort_spec = None
        self.area.show_asked(asked)
        self.grid.focus()
        self.loader.ask(asked, segments=segments)

    @on(QueryArea.Left)
    def _query_left(self, event: QueryArea.Left) -> None:
        event.stop()
        self.grid.focus()

    def action_form(self) -> None:
        if self._ready:
            self.area.edit_form()

    def action_line(self) -> None:
        if self._ready:
            self.area.edit_line()

    def action_index(self) -> None:
        def chosen(index: str | None) -> None:
            if index is not None:
                # In the screen's queue and not in a worker: keys typed meanwhile wait for the fields.
                self.call_later(self._use_index, index)

        if self.model is not None and self._ready:
            self.app.push_screen(items_choices.index_chooser(self.model, self.area.index), chosen)

    async def _use_index(self, index: str) -> None:
        assert self.model is not None
        await self.area.set_table(self.model, index)
        self._show_place()
        self.area.edit_form()
        self._changed()

    def action_first_page(self) -> None:
        if self.model is not None and self._ready:
            self._ask(ScanOf(self.model, self.area.index))

    def action_scan_all(self) -> None:
        if self.model is None or not self._ready:
            return
        scan = ScanOf(self.model, self.area.index)

        def answered(yes: bool | None) -> None:
            if yes:
                self._ask(scan, segments=item_words.segments(scan))

        self.app.push_screen(NoticeScreen("Scan", item_words.scan_question(scan), "enter scans · esc leaves"), answered)

    def action_more(self) -> None:
        if self._ready:
            self.loader.more()

    def action_reload(self) -> None:
        """Reads the same from its start, what was denied as well; tries to open what could not be opened."""
        for target in self._targets if self.model is None else (self.model.ref.scope.target,):
            self.session.gateway.forget(target)
        if not self._ready:
            self._describe()
        elif self.holding is not None:
            self._note = ""
            self.loader.again()

    @on(record_messages.NeedMore)
    def _need_more(self, event: record_messages.NeedMore) -> None:
        """The next page of a query comes by itself; more of a scan is only offered."""
        event.stop()
        if self._ready and not self._words and self.loader.may_run_by_itself:
            self.loader.more()

    # -- items --------------------------------------------------------------------------------------------------------

    @on(record_messages.RowActivated)
    def _row_activated(self, event: record_messages.RowActivated) -> None:
        event.stop()
        item = self.current_item
        if item is not None and self.holding is not None:
            self.editing.view(key_of(item, self.holding.store.keys), item)

    def action_edit_value(self) -> None:
        column = self.grid.column
        if column is not None and (key := self.current_key) is not None:
            self.editing.edit_attribute(key, column.key)

    def action_edit_item(self) -> None:
        if (key := self.current_key) is not None:
            self.editing.edit(key)

    def action_clone(self) -> None:
        if (key := self.current_key) is not None:
            self.editing.clone(key)

    def action_delete(self) -> None:
        if (key := self.current_key) is not None:
            self.editing.delete(key)

    def action_new(self) -> None:
        if self._ready:
            self.editing.new(self._template())

    def _template(self) -> Item | None:
        """What a new item begins with: the key that was looked for, or its partition."""
        asked = None if self.holding is None else self.holding.asked
        if isinstance(asked, Lookup):
            return dict(asked.key) if not self.grid.row_count else None
        if isinstance(asked, KeyQuery) and not asked.index:
            return {asked.table.keys[0].name: asked.partition[0]}
        return None

    def action_undo(self) -> None:
        if self._ready:
            self.editing.undo()

    def _written(self, write: ItemWrite, result: WriteResult) -> None:
        """A write was carried out: the rows follow."""
        loading.run(self, partial(self._land, write, result), group="written", on_failure=self._arranging_failed)

    async def _land(self, write: ItemWrite, result: WriteResult) -> None:
        holding = self.holding
        if holding is None:
            if result.item is not None:
                self._ask(Lookup(write.table, {part.name: result.item[part.name] for part in write.table.keys}, True))
            return
        landed = await item_rows_after.land(holding.store, partial(as_row, holding.asked), write.key, result.item)
        self._note = "the written item is not part of what is shown" if landed.outside else ""
        if landed.ordinal is not None:
            self._light(landed.ordinal)
            self.grid.move_to(landed.ordinal)
        self._changed()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing now are not offered."""
        if action in _NEED_A_ROW:
            return bool(self.is_mounted and self.holding is not None and self.holding.rows.row_count)
        if action == "more":
            return self._ready and self.loader.may_go_on
        if action == "undo":
            return self.model is not None and self.session.core.undo.last(self.model.ref) is not None
        if action == "index":
            return self.model is not None and bool(self.model.indexes)
        return True

    def action_detail(self) -> None:
        if self.model is not None:
            self.post_message(requests.OpenDetail(self.model))

    def action_back(self) -> None:
        """One step back: stop what runs, else close the fields, else drop the filter, else the marks, else leave."""
        if self.stop():
            return
        if self.area.settle():
            return
        if self._words:
            self._drop_filter()
            self._arrange("filtering")
        elif self.grid.marks:
            self.grid.marks = ()
        else:
            self.dismiss()
