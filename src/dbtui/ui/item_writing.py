"""From a planned write to what became of it: consent, the write itself, conflicts, and the words for every outcome."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from textual.app import App

from dbtui.domain.failures import Failure
from dbtui.domain.values import Item, copy_item, items_equal
from dbtui.items.edit import EditSession
from dbtui.items.writes import MOVE_ITEM, ItemWrite, WriteResult, WriteState, replace_write
from dbtui.ui import item_text
from dbtui.ui.screens.conflict import ConflictScreen, ItemNotice
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.screens.write_plan import WritePlanScreen

if TYPE_CHECKING:
    from dbtui.actions.core import Core

Written = Callable[[ItemWrite, WriteResult], None]
Tell = Callable[[str, str], None]
OpenItem = Callable[[EditSession], Awaitable[None]]


class Editor(Protocol):
    """A screen in which an item is edited, whole or in part."""

    edit: EditSession

    @property
    def is_attached(self) -> bool: ...

    async def planned(self) -> ItemWrite | None: ...

    def busy(self, words: str) -> None: ...

    def tell(self, text: str) -> None: ...

    def complain(self, failure: Failure) -> None: ...

    def rebased(self, edit: EditSession) -> None: ...

    async def put_aside(self) -> None: ...

    async def finish(self) -> None: ...


class ItemWriting:
    """Everything here is awaited in a worker of the app: no screen that closes takes a write with it."""

    def __init__(
        self,
        app: App[None],
        core: Core,
        written: Written,
        tell: Tell,
        open_item: OpenItem,
    ) -> None:
        self._app = app
        self._core = core
        self._written = written
        self._tell = tell
        self._open_item = open_item

    async def agreed(self, write: ItemWrite) -> bool:
        """Shows the plan; true when the person wants it."""
        return await self._app.push_screen_wait(WritePlanScreen(self._core, write))

    async def send(self, write: ItemWrite) -> WriteResult:
        """Carries the write out, and tells those who show the item when it is done."""
        result = await self._core.items.run(write)
        if result.done:
            self._written(write, result)
            last = self._core.undo.last(write.table.ref)
            self._tell(done_words(write, result, can_undo=last is not None and last.write is write), "information")
        if result.warning:
            self._tell(result.warning, "warning")
        return result

    # -- from an editor -----------------------------------------------------------------------------------------------

    async def save(self, editor: Editor) -> None:
        """Plans, asks and writes what stands in the editor, as often as conflicts make it necessary."""
        while (write := await editor.planned()) is not None:
            if not await self.agreed(write):
                return
            if not await self._write(editor, write):
                return

    async def _write(self, editor: Editor, write: ItemWrite) -> bool:
        """One attempt; true when it is to be planned again."""
        editor.busy("Writing… the text is kept")
        try:
            result = await self.send(write)
        finally:
            if editor.is_attached:
                editor.busy("")
        if result.done:
            await editor.finish()
            return False
        if not editor.is_attached:
            self._tell(f"{outcome_words(result)} What you typed is kept as a draft.", "error")
            return False
        if result.state is WriteState.CONFLICT:
            return await self._conflict(editor, write, result)
        editor.tell(outcome_words(result))
        return False

    async def _conflict(self, editor: Editor, write: ItemWrite, result: WriteResult) -> bool:
        """Lets the person decide; true when the write is to be planned again."""
        if editor.edit.base is not None and items_equal(result.current, write.after):
            self._tell("The item already is what you typed; nothing more was written.", "information")
            self._written(write, WriteResult(state=WriteState.DONE, item=result.current))
            await editor.finish()
            return False
        if write.verb == MOVE_ITEM and result.occupant is not None:
            return await self._occupied(editor, result.occupant)
        if editor.edit.base is None:
            return result.current is not None and await self._exists(editor, result.current)
        if result.current is None:
            return await self._gone(editor)
        trial = copied(editor.edit)
        merge = trial.rebase(result.current)
        if not await self._app.push_screen_wait(ConflictScreen(trial, merge)):
            editor.tell("Somebody else changed this item. Nothing has been written; ctrl+s shows the conflict again.")
            return False
        editor.rebased(trial)
        return True

    async def _gone(self, editor: Editor) -> bool:
        text = "Somebody deleted this item since it was read. Nothing has been written."
        keys = "enter plans to create it again as you have it · esc goes back to your text"
        if not await self._app.push_screen_wait(NoticeScreen("The item is gone", text, keys, grave=True)):
            editor.tell("The item was deleted meanwhile. Nothing has been written; your text is kept.")
            return False
        trial = EditSession.new(editor.edit.table, editor.edit.mine)
        editor.rebased(trial)
        return True

    async def _exists(self, editor: Editor, existing: Item) -> bool:
        """A new item whose key is taken: open the other, or replace it after its key was typed."""
        table = editor.edit.table
        text = f"An item with the key {item_text.key_title(table, existing)} exists. Nothing has been written."
        answers = (("r", "replace", "replace it with yours…"), ("o", "open", "open it, yours stays a draft"))
        notice = ItemNotice("This item exists", text, existing, item_text.first_names(table), answers)
        answer = await self._app.push_screen_wait(notice)
        if answer == "open":
            await editor.put_aside()
            await self._open_item(EditSession(table, existing, copy_item(existing)))
            return False
        replacing = replace_write(table, editor.edit.mine, existing) if answer == "replace" else None
        if replacing is not None and await self.agreed(replacing):
            return await self._write(editor, replacing)
        editor.tell("An item with this key exists. Nothing has been written; another key makes a new item.")
        return False

    async def _occupied(self, editor: Editor, occupant: Item) -> bool:
        table = editor.edit.table
        text = f"An item with the new key {item_text.key_title(table, occupant)} exists. Nothing has been moved."
        notice = ItemNotice("The new key is taken", text, occupant, item_text.first_names(table), ())
        await self._app.push_screen_wait(notice)
        editor.tell("The new key is taken by another item. Nothing has been written; choose another key.")
        return False


def copied(edit: EditSession) -> EditSession:
    """A session to try a merge on: the other one stays as it is until the person has decided."""
    base = None if edit.base is None else copy_item(edit.base)
    trial = EditSession(edit.table, base, copy_item(edit.mine), read_at=edit.read_at)
    trial.read_units = edit.read_units
    return trial


def done_words(write: ItemWrite, result: WriteResult, *, can_undo: bool) -> str:
    """``Done: edit item pk=user#42 of orders: status · 2 WCU. u undoes it.``"""
    cost = "" if result.units is None else f" · {result.units:g} WCU"
    undo = " u undoes it." if can_undo else ""
    return f"Done: {write.title}{cost}.{undo} {result.note}".rstrip()


def outcome_words(result: WriteResult) -> str:
    """What became of a write that was not done, and what to do now."""
    failure = result.failure
    why = failure.sentence if failure is not None else result.note
    if result.state is WriteState.UNKNOWN:
        return (
            f"It is not known whether this was written. {why}  Writing again is safe: "
            "the conditions find out whether it was."
        )
    if result.state is WriteState.CONFLICT:
        return f"Somebody else changed the item. Nothing has been written. {result.note}".strip()
    return f"Not written: {why}"
