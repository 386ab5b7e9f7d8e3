"""Somebody else changed the item: what was read, theirs and yours side by side, and the choice for each attribute."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static

from dbtui.domain.diff import Conflict, Merge, put_at
from dbtui.domain.text import escape, fit
from dbtui.domain.values import Item, Path, Value, path_text
from dbtui.items.edit import EditSession, Side
from dbtui.ui import item_text
from dbtui.ui.screens.attribute_editor import Chosen, ConflictValueEditor
from dbtui.ui.widgets.item_document import ItemDocument

FULL_LIMIT = 400
"""Characters of a value that are shown in full under the list."""
TAKEN_SHOWN = 8
KEYS = "t keep theirs · m keep mine · e edit · T M all · enter goes on · esc back"
_FRAME = 8


class ConflictScreen(ModalScreen[bool]):
    """Decides every conflict of a session that was rebased; true when all are decided and it goes on."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "choose('theirs')", "keep theirs", id="conflict.theirs"),
        Binding("m", "choose('mine')", "keep mine", id="conflict.mine"),
        Binding("e", "edit", "edit", id="conflict.edit"),
        Binding("T", "choose_all('theirs')", "keep all theirs", show=False, id="conflict.all-theirs"),
        Binding("M", "choose_all('mine')", "keep all mine", show=False, id="conflict.all-mine"),
        Binding("enter", "go_on", "go on", priority=True, id="conflict.go-on"),
        Binding("escape", "cancel", "back", id="conflict.cancel"),
        Binding("j", "move(1)", "Down", show=False, id="conflict.down"),
        Binding("k", "move(-1)", "Up", show=False, id="conflict.up"),
    ]

    def __init__(self, edit: EditSession, merge: Merge) -> None:
        super().__init__()
        self.edit = edit
        self._merge = merge
        self._decided: dict[Path, str] = {}
        self._edited: dict[Path, Value | None] = {}
        self._list = OptionList(compact=True, id="conflict-list")

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave", id="conflict") as dialog:
            dialog.border_title = Content("Somebody else changed this item")
            yield Static(Content(self._intro()), classes="note", id="conflict-intro")
            yield Static(id="conflict-head", markup=False)
            yield self._list
            with VerticalScroll(id="conflict-more", can_focus=False):
                yield Static(id="conflict-full", markup=False)
                yield Static(self._taken(), id="conflict-taken", markup=False)
            yield Static(Content(KEYS), classes="note", id="conflict-keys")

    def _intro(self) -> str:
        key = item_text.key_title(self.edit.table, self.edit.base or {})
        many = len(self._merge.conflicts)
        what = "1 attribute was changed" if many == 1 else f"{many} attributes were changed"
        return (
            f"{key}\nNothing has been written. {what} by both of you." if many else f"{key}\nNothing has been written."
        )

    def on_mount(self) -> None:
        self._list.display = bool(self._merge.conflicts)
        self._draw()
        if self._merge.conflicts:
            self._list.highlighted = 0
        self._list.focus()

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    # -- showing ------------------------------------------------------------------------------------------------------

    def _widths(self) -> tuple[int, int]:
        """Cells of the name and of each value."""
        room = min(self.app.size.width, 130) - _FRAME
        name = min(24, max(12, room // 5))
        return name, max(6, (room - name - 8) // 3)

    def _draw(self) -> None:
        name, value = self._widths()
        head = fit("", name + 4) + "  ".join(fit(word, value) for word in ("read", "theirs", "yours"))
        self.query_one("#conflict-head", Static).update(
            Content.styled(head if self._merge.conflicts else "", "$foreground 60%")
        )
        at = self._list.highlighted
        self._list.clear_options()
        self._list.add_options([self._line(conflict) for conflict in self._merge.conflicts])
        self._list.highlighted = at
        self._show_full()

    def _line(self, conflict: Conflict) -> Content:
        name, value = self._widths()
        decided = self._decided.get(conflict.path, "")
        mine = self._edited.get(conflict.path, conflict.mine) if decided == "edited" else conflict.mine
        sign = {"": "?", "theirs": "◂", "mine": "▸", "edited": "✎"}[decided]

        def cell(shown: Value | None, *, chosen: bool) -> tuple[str, str]:
            return fit(item_text.one_line(shown, value), value), "bold $text-success" if chosen else ""

        return Content.assemble(
            (f"{sign} ", "bold $text-warning" if not decided else "bold"),
            (fit(escape(path_text(conflict.path)), name), "bold"),
            "  ",
            cell(conflict.base, chosen=False),
            "  ",
            cell(conflict.theirs, chosen=decided == "theirs"),
            "  ",
            cell(mine, chosen=decided in ("mine", "edited")),
        )

    @property
    def _current(self) -> Conflict | None:
        at = self._list.highlighted
        return self._merge.conflicts[at] if at is not None and at < len(self._merge.conflicts) else None

    def _show_full(self) -> None:
        """The three values of the row, longer than their columns show them."""
        conflict, full = self._current, self.query_one("#conflict-full", Static)
        full.display = conflict is not None
        if conflict is None:
            return
        sides: list[tuple[str, Value | None]] = [
            ("read", conflict.base),
            ("theirs", conflict.theirs),
            ("yours", conflict.mine),
        ]
        if self._decided.get(conflict.path) == "edited":
            sides.append(("edited", self._edited[conflict.path]))
        _, width = self._widths()
        full.display = any(len(item_text.one_line(value, width)) > width for _, value in sides)
        full.update(
            Content("\n").join(
                Content.assemble((f"{label:<8}", "$foreground 60%"), item_text.one_line(value, FULL_LIMIT))
                for label, value in sides
            )
        )

    def _taken(self) -> Content:
        """What the other side changed and you did not, which is kept as they have it."""
        taken = self._merge.taken
        if not taken:
            return Content("")
        lines = [Content.styled("taken from theirs", "$foreground 60%")]
        for change in taken[:TAKEN_SHOWN]:
            was, now = item_text.before_and_after(change.before, change.after, 60)
            lines.append(Content.assemble("  ", (escape(path_text(change.path)), "bold"), f"  {was} → {now}"))
        if len(taken) > TAKEN_SHOWN:
            lines.append(Content(f"  and {len(taken) - TAKEN_SHOWN:,} more"))
        return Content("\n").join(lines)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_full()

    # -- deciding -----------------------------------------------------------------------------------------------------

    def action_choose(self, side: str) -> None:
        if self._current is not None:
            self._decide(self._current, Side(side))
            self.action_move(1)

    def action_choose_all(self, side: str) -> None:
        for conflict in self._merge.conflicts:
            self._decide(conflict, Side(side))

    def _decide(self, conflict: Conflict, side: Side) -> None:
        self.edit.choose(conflict.path, side)
        self._decided[conflict.path] = side.value
        self._draw()

    def action_edit(self) -> None:
        conflict = self._current
        if conflict is None:
            return

        def chosen(choice: Chosen | None) -> None:
            if choice is not None:
                put_at(self.edit.mine, conflict.path, choice.value)
                self._decided[conflict.path] = "edited"
                self._edited[conflict.path] = choice.value
                self._draw()

        self.app.push_screen(ConflictValueEditor(conflict), chosen)

    def action_go_on(self) -> None:
        """Only with every conflict decided: what nobody decided must not overwrite anything."""
        open_ones = [conflict for conflict in self._merge.conflicts if conflict.path not in self._decided]
        if open_ones:
            self._list.highlighted = self._merge.conflicts.index(open_ones[0])
            path = escape(path_text(open_ones[0].path))
            self.notify(f"Decide {path} first: t theirs, m mine, e edit.", severity="warning", markup=False)
        else:
            self.dismiss(True)

    def action_cancel(self) -> None:
        self.dismiss(False)

    def action_move(self, step: int) -> None:
        if step > 0:
            self._list.action_cursor_down()
        else:
            self._list.action_cursor_up()


class ItemNotice(ModalScreen[str]):
    """Shows an item that is in the way, with what can be done about it; returns the word of the choice."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "answer('')", "back", id="item-notice.back")]

    def __init__(
        self, title: str, text: str, item: Item, first: tuple[str, ...], answers: tuple[tuple[str, str, str], ...]
    ) -> None:
        """``answers`` are (key, word, description); ``text`` is escaped."""
        super().__init__()
        self._title = title
        self._text = text
        self._item = item
        self._first = first
        self._answers = answers

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog -grave", id="item-notice") as dialog:
            dialog.border_title = Content(self._title)
            yield Static(Content(self._text), id="item-notice-text")
            yield ItemDocument()
            keys = [f"{key} {description}" for key, _, description in self._answers]
            yield Static(Content(" · ".join([*keys, "esc back"])), classes="note")

    def on_mount(self) -> None:
        document = self.query_one(ItemDocument)
        document.show(self._item, self._first)
        document.focus()

    def on_key(self, event: events.Key) -> None:
        for key, word, _ in self._answers:
            if event.key == key:
                event.stop()
                self.dismiss(word)

    def action_answer(self, word: str) -> None:
        self.dismiss(word)
