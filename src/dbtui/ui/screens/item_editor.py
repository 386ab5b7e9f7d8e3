"""The whole item as typed JSON in a text area, or in the person's own editor. What is typed is never lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static, TextArea

from dbtui.domain import typed_json, units
from dbtui.domain.diff import changes
from dbtui.domain.failures import Failure, Refused
from dbtui.domain.item_place import item_place
from dbtui.domain.text import cell_width, escape, truncate
from dbtui.domain.values import Item, items_equal, key_of, value_size
from dbtui.items.drafts import Draft
from dbtui.items.edit import EditSession
from dbtui.items.writes import ItemWrite
from dbtui.ui import item_text, loading, requests, terminal
from dbtui.ui.draft_keeping import DraftKeeper
from dbtui.ui.item_judging import Judgement, judged
from dbtui.ui.screens.frame import FrameScreen
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.session import Session
from dbtui.ui.widgets.frame import PlaceLine
from dbtui.ui.widgets.text_field import TextField, json_clean

JUDGE_SECONDS = 0.3
"""How long typing rests before the text is read."""


class ItemEditor(FrameScreen):
    """Edits one item. ``save`` is called when the person wants it written; it plans, asks and writes."""

    ABOUT = (
        'The item as typed JSON. Sets, binary and odd numbers have a tag: {"$ss": ["a"]}, {"$ns": [1]}, '
        '{"$b": "base64"}. A huge value reads {"$keep": …}: it stays as it is. Only what you change is written, and '
        "only if nobody else changed it. Lines starting with // are ignored."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "write…", tooltip="Show what would be written", id="editor.save"),
        Binding("ctrl+o", "outside", "$EDITOR", tooltip="Go on in your own editor", id="editor.outside"),
        Binding("escape", "leave", "keep as draft", tooltip="Leave; what was typed is kept", id="editor.leave"),
        Binding("ctrl+g", "problem", "to the problem", tooltip="Go to the line named below", id="editor.problem"),
    ]

    def __init__(
        self,
        session: Session,
        edit: EditSession,
        draft: Draft,
        save: Callable[[ItemEditor], None],
        *,
        fresh: str,
        note: str = "",
    ) -> None:
        """``fresh`` is the text of the item as it is: while the text equals it, there is nothing to keep."""
        super().__init__(session)
        self.edit = edit
        self.keeper = DraftKeeper(self, session.core.drafts, draft, self._draft_failed)
        self._save = save
        self._fresh = json_clean(fresh)
        self._kept: Item = edit.mine
        self._judgement: Judgement | None = None
        self._timer: Timer | None = None
        self._busy = ""
        self._draft_problem = ""
        self._note = note
        self._place = self._verb = ""
        self._done = False
        self._ended = False
        self._field = TextField(json_clean(draft.text), line_numbers=True, id="item-text")

    def compose_body(self) -> ComposeResult:
        yield self._field
        problem = Static(id="item-problem", markup=False)
        problem.display = False
        yield problem

    def on_mount(self) -> None:
        table = self.edit.table
        verb = "new item" if self.edit.base is None else "edit"
        key = self.edit.key
        place = f"table/{table.id}" if key is None else item_place(table.id, key, table.keys)
        self._place, self._verb = escape(place), f" ▸ {verb}"
        self._field.border_title = Content(item_text.key_title(table, key) if key is not None else "new item")
        self._field.focus()
        self._start_at_the_key()
        self.post_message(requests.FrameStale())
        self._judge()

    def on_resize(self) -> None:
        """What is done here stays in sight; a long key gives way."""
        room = self.size.width - cell_width(self._verb) - 4
        self.query_one(PlaceLine).place = f"‹ {truncate(self._place, room)}{self._verb}"

    def _start_at_the_key(self) -> None:
        """The cursor begins inside the first empty quotes of a new item, else behind the first attribute."""
        lines = self._field.text.split("\n")
        first = next((row for row, line in enumerate(lines) if line.startswith("{")), 0) + 1
        if self.edit.base is None:
            first = next((row for row in range(first, len(lines)) if '""' in lines[row]), first)
        if first < len(lines):
            empty = lines[first].find('""')
            end = len(lines[first].rstrip(","))
            self._field.move_cursor((first, empty + 1 if empty >= 0 else end))
        self.call_after_refresh(self._field.scroll_to, y=0, animate=False)

    async def on_unmount(self) -> None:
        """However the screen goes away, what was typed stays."""
        self._ended = True
        if not self._done and self.changed:
            await self.keeper.keep(self.text)

    # -- the text -----------------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self._field.text

    @property
    def changed(self) -> bool:
        """Whether there is anything typed that could be lost."""
        return self.text != self._fresh

    @on(TextArea.Changed)
    def _typed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.changed:
            self._note = ""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(JUDGE_SECONDS, self._judge, name="typing rests")
        if self.changed or self.keeper.draft.saved_at is not None:
            self.keeper.changed(lambda: self.text)

    def _judge(self) -> None:
        async def work() -> None:
            text = self.text
            judgement = await judged(text, self._kept, self.edit.table)
            if text == self.text:
                self._judgement = judgement
                self._show()

        loading.run(self, work, group="judge", on_failure=self.complain, exclusive=True)

    # -- what is said -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        if self._ended:
            return
        found = self._judgement
        problem = self._draft_problem or self._note or (found.problem if found is not None else "")
        line = self.query_one("#item-problem", Static)
        line.display = bool(problem)
        line.update(Content(problem))
        self.refresh_bindings()
        if found is not None and found.gauge:
            self._field.border_subtitle = Content(found.gauge)
        self.say(self._busy or self._status(found))

    def _status(self, found: Judgement | None) -> str:
        if found is None:
            return "reading…"
        if not found.is_json:
            return "not typed JSON yet · nothing has been written"
        parts = []
        if found.item is not None and self.edit.base is not None:
            made = len(changes(self.edit.base, found.item))
            parts.append("unchanged" if not made else "1 change" if made == 1 else f"{made:,} changes")
            if not items_equal(self.edit.key, _key(found.item, self.edit)):
                parts.append("the key is another: this moves the item")
        if self.edit.read_at is not None:
            parts.append(f"read {units.clock(self.edit.read_at)}")
        if self.edit.read_units is not None:
            parts.append(f"{self.edit.read_units:g} RCU")
        return " · ".join([*parts, "nothing has been written"])

    def complain(self, failure: Failure) -> None:
        """Says what went wrong; the text stays."""
        self._note = escape(failure.sentence)
        self._show()

    def tell(self, text: str) -> None:
        """Says something about the write on the line under the text; ``text`` is escaped."""
        self._note = text
        self._show()

    def _draft_failed(self, failure: Failure | None) -> None:
        problem = "" if failure is None else escape(failure.sentence)
        if problem != self._draft_problem:
            self._draft_problem = problem
            self._show()

    def busy(self, words: str) -> None:
        """While something is on its way the text cannot be changed."""
        self._busy = words
        self._field.read_only = bool(words)
        self._show()

    # -- writing ------------------------------------------------------------------------------------------------------

    async def planned(self) -> ItemWrite | None:
        """The write of what is typed; ``None``, with the reason said, when there is nothing that could be written."""
        text = self.text
        self._judgement = await judged(text, self._kept, self.edit.table)
        self._note = ""
        if self._judgement.problem or self._judgement.item is None:
            self._show()
            self.app.bell()
            return None
        if self.changed:
            await self.keeper.keep(text)
        self.edit.mine = self._judgement.item
        try:
            write = self.edit.write()
        except Refused as error:
            self.complain(error.failure)
            return None
        if write is None:
            self.tell("Nothing is changed, so nothing is sent.")
        return write

    def rebased(self, edit: EditSession) -> None:
        """Goes on from another base with what both sides made of it."""
        elide = all(
            value_size(value) <= item_text.ELIDE_OVER or (edit.base or {}).get(name) == value
            for name, value in edit.mine.items()
        )
        self.edit, self._kept = edit, edit.mine
        text = encoded(edit, elide=elide)
        self._fresh = json_clean(text) if edit.base is not None and items_equal(edit.base, edit.mine) else ""
        self._field.rewrite(json_clean(text))
        self.keeper.rebase(base=edit.base, key=edit.key)
        self._judge()

    async def put_aside(self) -> None:
        """Leaves, and keeps what was typed as a draft."""
        self._done = await self.keeper.keep(self.text)
        self.dismiss()

    async def finish(self) -> None:
        """The text was written, or is not wanted any more."""
        self._done = True
        await self.keeper.drop()
        if self.is_attached:
            self.dismiss()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_save(self) -> None:
        if not self._busy:
            self._save(self)

    def action_problem(self) -> None:
        found = self._judgement
        if found is not None and found.line:
            self._field.go_to(found.line, found.column)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "problem" or bool(self._judgement and self._judgement.line)

    def action_leave(self) -> None:
        """In a worker of the app: the screen may be gone before the draft is on the disk."""
        loading.run(self.app, self._leave, group="leave editor", on_failure=self.complain)

    async def _leave(self) -> None:
        if not self.changed:
            await self.finish()
        elif await self.keeper.keep(self.text):
            self.notify(
                "Kept as a draft. It is offered when the item is edited again; :drafts lists all.", markup=False
            )
            self._done = True
            self.dismiss()
        elif await self.app.push_screen_wait(
            NoticeScreen(
                "The draft cannot be saved", f"{self._draft_problem}", "enter loses the text · esc stays", grave=True
            )
        ):
            self._done = True
            self.dismiss()

    # -- the person's own editor --------------------------------------------------------------------------------------

    def action_outside(self) -> None:
        if not self._busy:
            loading.run(self.app, self._outside, group="outside", on_failure=self.complain)

    async def _outside(self) -> None:
        """Opens the text in ``$EDITOR`` until it is typed JSON or the person goes on here."""
        header = item_text.header(self.edit.table, self.edit.key, self.edit.read_at)
        row, column = self._field.cursor_location
        at = (row + 1, column + 1)
        if self._judgement is not None and self._judgement.line:
            at = (self._judgement.line, self._judgement.column)
        text = self.text
        while True:
            if text != self._fresh:
                await self.keeper.keep(text)
            edited = await terminal.edit_text(
                self.app, item_text.with_header(header, text), suffix=".json", cursor=(at[0] + len(header), at[1])
            )
            if edited is None:
                self.tell("Your editor left the text as it was.")
                return
            text = json_clean(item_text.without_header(header, edited))
            self._field.rewrite(text)
            self._field.go_to(*at)
            self._judgement = await judged(text, self._kept, self.edit.table)
            self._show()
            await self.keeper.keep(text)
            if not self._judgement.problem:
                return
            at = (self._judgement.line or 1, self._judgement.column or 1)
            keys = "enter opens your editor there · esc goes on here"
            if not await self.app.push_screen_wait(NoticeScreen("Not an item yet", self._judgement.problem, keys)):
                return


def _key(item: Item, edit: EditSession) -> Item | None:
    try:
        return key_of(item, edit.table.keys)
    except KeyError:
        return None


def encoded(edit: EditSession, *, elide: bool = True) -> str:
    """The text of the item being edited: its key first, huge values left out unless they must be seen."""
    first = item_text.first_names(edit.table)
    return typed_json.encode(edit.mine, first, elide_over=item_text.ELIDE_OVER if elide else None)
