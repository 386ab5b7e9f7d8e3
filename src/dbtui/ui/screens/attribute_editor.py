"""One attribute in place: a small form over the list or the item, with the item's own conditions behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dbtui.domain.diff import Conflict
from dbtui.domain.failures import Failure, Refused
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.domain.values import Item, Value, copy_item, path_text, type_of
from dbtui.items.drafts import Draft
from dbtui.items.edit import EditSession
from dbtui.items.writes import ItemWrite
from dbtui.ui import item_text, loading
from dbtui.ui.attribute_forms import FormError, Spelling
from dbtui.ui.draft_keeping import DraftKeeper
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.screens.value_form import Typed, ValueForm, typed_of
from dbtui.ui.session import Session

KEYS = "ctrl+s writes · ctrl+t type · ctrl+r remove · esc draft"
KEYS_ON_ONE_LINE = "enter writes · ctrl+j line · ctrl+t type · ctrl+r remove · esc draft"


def typed_text(typed: Typed) -> str:
    """The form as the text of a draft."""
    record = {"type": typed.kind, "spelling": typed.spelling.value, "text": typed.text, "removed": typed.removed}
    return json.dumps(record)


def typed_from(text: str) -> Typed:
    """The form of a draft; raises ``ValueError`` for a text that is none."""
    record = json.loads(text)
    try:
        return Typed(record["type"], Spelling(record["spelling"]), record["text"], record["removed"])
    except (KeyError, TypeError) as error:
        raise ValueError("not the draft of an attribute") from error


def notes_on(table: Table, name: str) -> list[str]:
    """What an empty value or the absence of an attribute means, where it is a key of an index."""
    indexes = ", ".join(escape(index) for index in item_text.index_roles(table, name))
    if not indexes or any(part.name == name for part in table.keys):
        return []
    return [f"A key of {indexes}: it cannot be empty there; ctrl+r removes it, which takes the item out of the index."]


def _declared(table: Table, name: str) -> str:
    """The type an index expects of the attribute; a string where none does."""
    return next((part.type for index in table.indexes for part in index.keys if part.name == name and part.type), "S")


class AttributeEditor(ModalScreen[None]):
    """Edits one attribute of an item that was read. ``save`` is called when the person wants it written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "write…", id="attribute.save"),
        Binding("escape", "leave", "keep as draft", id="attribute.leave"),
    ]

    def __init__(
        self, session: Session, edit: EditSession, draft: Draft, save: Callable[[AttributeEditor], None]
    ) -> None:
        super().__init__()
        self.edit = edit
        self.name_edited = draft.attribute
        self.keeper = DraftKeeper(self, session.core.drafts, draft, self._draft_failed)
        self._save = save
        self._busy = ""
        self._done = False
        self._ended = False
        self._draft_problem = ""
        table, value = edit.table, self._base_value
        self._fresh = typed_of(value, _declared(table, draft.attribute))
        typed = typed_from(draft.text) if draft.text else self._fresh
        role = next((part for part in table.keys if part.name == draft.attribute), None)
        locked = (
            ""
            if role is None
            else "A key attribute keeps its type and cannot be removed; another value moves the item."
        )
        self._form = ValueForm(
            typed, was="" if value is None else type_of(value), notes=notes_on(table, draft.attribute), locked=locked
        )

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="attribute", can_focus=False) as dialog:
            key = item_text.key_title(self.edit.table, self.edit.base or {})
            dialog.border_title = Content(f"{escape(path_text((self.name_edited,)))} of {key}")
            yield self._form
            yield Static(id="attribute-keys", classes="note", markup=False)

    def on_mount(self) -> None:
        self._show()

    async def on_unmount(self) -> None:
        """However the screen goes away, what was typed stays."""
        self._ended = True
        if not self._done and self.changed:
            await self.keeper.keep(typed_text(self._form.typed))

    @property
    def form(self) -> ValueForm:
        return self._form

    @property
    def _base_value(self) -> Value | None:
        return (self.edit.base or {}).get(self.name_edited)

    @property
    def changed(self) -> bool:
        """Whether there is anything typed that could be lost."""
        return self._form.typed != self._fresh

    def _show(self) -> None:
        keys = KEYS_ON_ONE_LINE if self._form.typed.kind in ("S", "N", "B") else KEYS
        self.query_one("#attribute-keys", Static).update(Content(self._busy or self._draft_problem or keys))

    @on(ValueForm.Changed)
    def _form_changed(self, event: ValueForm.Changed) -> None:
        event.stop()
        self._show()
        if self.changed or self.keeper.draft.saved_at is not None:
            self.keeper.changed(lambda: typed_text(self._form.typed))

    @on(ValueForm.Done)
    def _form_done(self, event: ValueForm.Done) -> None:
        event.stop()
        self.action_save()

    # -- what is said -------------------------------------------------------------------------------------------------

    def complain(self, failure: Failure) -> None:
        self._form.complain(escape(failure.sentence))

    def tell(self, text: str) -> None:
        self._form.complain(text)

    def _draft_failed(self, failure: Failure | None) -> None:
        self._draft_problem = "" if failure is None else escape(failure.sentence)
        if not self._ended:
            self._show()

    def busy(self, words: str) -> None:
        self._busy = words
        self._form.freeze(frozen=bool(words))
        self._show()

    # -- writing ------------------------------------------------------------------------------------------------------

    async def planned(self) -> ItemWrite | None:
        """The write of what is typed; ``None``, with the reason said, when there is nothing that could be written."""
        try:
            value = self._form.value
        except FormError as error:
            self.tell(f"Not yet a value: {escape(str(error))}")
            return None
        if self.changed:
            await self.keeper.keep(typed_text(self._form.typed))
        self.edit.mine = with_attribute(self.edit.base or {}, self.name_edited, value)
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
        self.edit = edit
        self._fresh = typed_of(self._base_value, self._fresh.kind)
        self._form.fill(edit.mine.get(self.name_edited))
        self.keeper.rebase(base=edit.base, key=edit.key)

    async def put_aside(self) -> None:
        """Leaves, and keeps what was typed as a draft."""
        self._done = await self.keeper.keep(typed_text(self._form.typed))
        self.dismiss()

    async def finish(self) -> None:
        self._done = True
        await self.keeper.drop()
        if self.is_attached:
            self.dismiss()

    def action_save(self) -> None:
        if not self._busy:
            self._save(self)

    def action_leave(self) -> None:
        """In a worker of the app: the screen may be gone before the draft is on the disk."""
        loading.run(self.app, self._leave, group="leave editor", on_failure=self.complain)

    async def _leave(self) -> None:
        if not self.changed:
            await self.finish()
        elif await self.keeper.keep(typed_text(self._form.typed)):
            self.notify(
                "Kept as a draft. It is offered when the value is edited again; :drafts lists all.", markup=False
            )
            self._done = True
            self.dismiss()
        elif await self.app.push_screen_wait(
            NoticeScreen("The draft cannot be saved", self._draft_problem, "enter loses it · esc stays", grave=True)
        ):
            self._done = True
            self.dismiss()


def with_attribute(base: Item, name: str, value: Value | None) -> Item:
    """A copy of the item with one attribute set, or removed."""
    mine = copy_item(base)
    mine.pop(name, None)
    if value is not None:
        mine[name] = value
    return mine


class ConflictValueEditor(ModalScreen["Chosen | None"]):
    """Edits the value of one conflict; returns what both sides' values are to become, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", "take it", id="conflict-value.take"),
        Binding("escape", "cancel", "cancel", id="conflict-value.cancel"),
    ]

    def __init__(self, conflict: Conflict) -> None:
        super().__init__()
        self._conflict = conflict
        start = conflict.mine if conflict.mine is not None else conflict.theirs
        was = "" if conflict.theirs is None else type_of(conflict.theirs)
        self._form = ValueForm(typed_of(start), was=was)

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog", id="attribute", can_focus=False) as dialog:
            dialog.border_title = Content(escape(path_text(self._conflict.path)))
            yield self._form
            yield Static(Content("ctrl+s takes it · esc cancels"), classes="note", markup=False)

    @on(ValueForm.Done)
    def action_take(self) -> None:
        try:
            self.dismiss(Chosen(self._form.value))
        except FormError as error:
            self._form.complain(escape(str(error)))

    def action_cancel(self) -> None:
        self.dismiss(None)


class Chosen:
    """A value that was typed; ``None`` stands for absent."""

    def __init__(self, value: Value | None) -> None:
        self.value = value
