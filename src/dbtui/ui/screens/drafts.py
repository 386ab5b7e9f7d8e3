"""What was typed and not written: every draft with its age, to open or to discard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from dbtui.domain.failures import Failure
from dbtui.domain.text import escape, fit, preview, truncate
from dbtui.domain.values import key_text
from dbtui.items.drafts import Damaged, Draft, Drafts
from dbtui.ui import item_text, loading
from dbtui.ui.screens.notice import NoticeScreen

KEYS = "enter opens · x discards… · esc later"
_FRAME = 8
_WIDTH = 104


def subject(draft: Draft) -> str:
    """What a draft is about: ``orders: user#42 / order#0007, status``; escaped."""
    key = "a new item" if draft.key is None else " / ".join(preview(key_text(part), 40) for part in draft.key.values())
    attribute = f", {preview(draft.attribute, 30)}" if draft.attribute else ""
    return f"{escape(draft.table)}: {key}{attribute}"


class DraftsScreen(ModalScreen[Draft | None]):
    """Returns the draft to open, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "cancel", "later", key_display="esc", id="drafts.cancel"),
        Binding("x,delete", "discard", "discard…", key_display="x", id="drafts.discard"),
        Binding("j", "move(1)", "Down", show=False, id="drafts.down"),
        Binding("k", "move(-1)", "Up", show=False, id="drafts.up"),
    ]

    def __init__(
        self,
        drafts: Drafts,
        shown: Sequence[Draft],
        now: datetime,
        *,
        damaged: Sequence[Damaged] = (),
        title: str = "Drafts",
    ) -> None:
        super().__init__()
        self._drafts = drafts
        self._shown = list(shown)
        self._now = now
        self._damaged = tuple(damaged)
        self._title = title

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog", id="drafts"):
            yield OptionList(compact=True)
            yield Static(Content(self._note()), classes="note", id="drafts-note")

    def _note(self) -> str:
        lines = [f"{escape(str(bad.path))} cannot be read: {escape(bad.reason)}" for bad in self._damaged]
        intro = (
            "What was typed and not written. Nothing of it has been sent." if self._shown else "There are no drafts."
        )
        return "\n".join([intro, *lines, KEYS if self._shown else "esc leaves"])

    def on_mount(self) -> None:
        self.app.clear_notifications()
        dialog = self.query_one(".dialog")
        dialog.border_title = Content(self._title)
        dialog.styles.width = min(_WIDTH, self.app.size.width)
        self._fill()
        self.query_one(OptionList).focus()

    def _fill(self) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        options.clear_options()
        options.display = bool(self._shown)
        room = max(20, min(_WIDTH, self.app.size.width) - _FRAME)
        options.add_options([self._line(draft, room) for draft in self._shown])
        options.highlighted = min(at, len(self._shown) - 1) if self._shown else None
        self.query_one("#drafts-note", Static).update(Content(self._note()))

    def _line(self, draft: Draft, room: int) -> Content:
        hint = f"{item_text.age(draft.saved_at, self._now)} · {escape(draft.scope.label)}"
        width = max(20, room - 36)
        return Content.assemble(fit(subject(draft), min(width, 60)), "  ", (truncate(hint, 34), "$text-muted"))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._shown[event.option_index])

    def action_discard(self) -> None:
        """Asks first: what is discarded is gone."""
        at = self.query_one(OptionList).highlighted
        if at is None:
            return
        draft = self._shown[at]

        def answered(agreed: bool | None) -> None:
            if agreed:
                loading.run(self, work, group="discard", on_failure=self._failed)

        async def work() -> None:
            await self._drafts.remove_soon(draft.id)
            self._shown = [other for other in self._shown if other.id != draft.id]
            self._fill()

        text = f"{subject(draft)}\nWhat was typed is lost."
        self.app.push_screen(
            NoticeScreen("Discard the draft?", text, "enter discards it · esc keeps it", grave=True), answered
        )

    def _failed(self, failure: Failure) -> None:
        self.notify(failure.sentence, severity="error", markup=False)

    def action_cancel(self) -> None:
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()
