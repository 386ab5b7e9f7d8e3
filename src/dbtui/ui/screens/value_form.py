"""One attribute value as a form: its type, the field it is typed in, how it is written, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static, TextArea

from dbtui.domain.json_text import TextError
from dbtui.domain.text import escape
from dbtui.domain.values import TYPE_WORDS, TYPES, Value, content, type_of, value_size
from dbtui.ui import attribute_forms, item_text
from dbtui.ui.attribute_forms import FormError, Spelling
from dbtui.ui.screens.chooser import Choice, Chooser
from dbtui.ui.widgets.item_lines import size_text
from dbtui.ui.widgets.text_field import ValueField, json_clean

ENTER_IS_DONE: Final = ("S", "N", "B", "BOOL", "NULL")
"""Types whose values are mostly one line: enter ends the typing. Elsewhere it starts a line."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, complete or not: enough to open it again."""

    kind: str
    spelling: Spelling
    text: str
    removed: bool = False


def typed_of(value: Value | None, kind: str = "S") -> Typed:
    """The form of a value; of an attribute that is absent, an empty one of that type."""
    if value is None:
        return Typed(kind, attribute_forms.spellings(kind)[0], "", removed=True)
    own = type_of(value)
    if own in ("BOOL", "NULL"):
        return Typed(own, Spelling.CHOICE, "true" if content(value) else "false")
    spelling = attribute_forms.natural(value)
    return Typed(own, spelling, attribute_forms.text_of(value, spelling))


def value_of(typed: Typed) -> Value | None:
    """The value, ``None`` for a removed attribute; raises :class:`FormError`."""
    if typed.removed:
        return None
    if typed.kind == "NULL":
        return {"NULL": True}
    if typed.kind == "BOOL":
        return {"BOOL": typed.text == "true"}
    return attribute_forms.value_of(typed.text, typed.kind, typed.spelling)


class TruthField(Widget, can_focus=True):
    """True or false, by space or the arrows; for NULL, what there is to say about it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,left,right,h,l", "turn", "true / false", key_display="space", id="value.turn"),
        Binding("enter", "done", "Done", show=False, id="value.done"),
    ]
    truth: reactive[bool | None] = reactive[bool | None](None)

    class Turned(Message):
        """It is the other one now."""

    class Done(Message):
        """Enter was pressed."""

    def render(self) -> Content:
        if self.truth is None:
            return Content("NULL has nothing to type; ctrl+t makes it a value of another type.")
        signs = ("● true", "○ false") if self.truth else ("○ true", "● false")
        styles = ("bold", "") if self.truth else ("", "bold")
        return Content.assemble((signs[0], styles[0]), "    ", (signs[1], styles[1]))

    def action_turn(self) -> None:
        if self.truth is not None:
            self.truth = not self.truth
            self.post_message(self.Turned())

    def action_done(self) -> None:
        self.post_message(self.Done())


class ValueForm(Vertical):
    """The form of one value; tells every change and when the typing is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "change_type", "type", tooltip="Make it a value of another type", id="value.type"),
        Binding("ctrl+n", "spell", "as text, hex…", tooltip="Write it in another way", id="value.spelling"),
        Binding("ctrl+r", "remove", "remove", tooltip="Remove the attribute, or put it back", id="value.remove"),
    ]

    class Changed(Message):
        """Something else stands in the form."""

    class Done(Message):
        """The person wants to go on with what is there."""

    def __init__(self, typed: Typed, *, was: str, notes: Sequence[str] = (), locked: str = "") -> None:
        """``was`` is the type it has in DynamoDB; ``locked``, if given, says why type and presence cannot change."""
        super().__init__(id="value-form")
        self._typed = typed
        self._was = was
        self._notes = tuple(notes)
        self._locked = locked
        self._line = Static(id="value-type", markup=False)
        self._field = ValueField(typed.text, clean=self._cleaned, id="value-text")
        self._truth = TruthField(id="value-truth")
        self._hint = Static(id="value-hint", markup=False)
        self._problem = Static(id="value-problem", markup=False)
        self._complaint = ""

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._field
        yield self._truth
        yield self._hint
        yield self._problem

    def on_mount(self) -> None:
        self._fill(self._typed)

    @property
    def typed(self) -> Typed:
        """What stands in the form now."""
        return self._typed

    @property
    def value(self) -> Value | None:
        """The value that was typed, ``None`` where the attribute is to be absent; raises :class:`FormError`."""
        return value_of(self._typed)

    def freeze(self, *, frozen: bool) -> None:
        """While it is being written nothing can be changed."""
        self._field.read_only = frozen
        self._truth.disabled = frozen

    def complain(self, text: str) -> None:
        """Says what is wrong beyond what the form knows; ``text`` is escaped, and goes with the next change."""
        self._complaint = text
        self._show()

    def fill(self, value: Value | None) -> None:
        """Puts another value into the form."""
        self._fill(typed_of(value, self._typed.kind))
        self.post_message(self.Changed())

    def focus_field(self) -> None:
        (self._truth if self._typed.kind in ("BOOL", "NULL") else self._field).focus()

    def _fill(self, typed: Typed) -> None:
        self._typed = typed
        plain = typed.kind not in ("BOOL", "NULL")
        self._field.display, self._truth.display = plain, not plain
        self._field.enter_is_done = typed.kind in ENTER_IS_DONE
        self._truth.truth = None if typed.kind == "NULL" else typed.text == "true"
        if plain and self._field.text != typed.text:
            self._field.rewrite(typed.text)
        self._field.move_cursor(self._field.document.end)
        self._show()
        self.focus_field()

    def _cleaned(self, text: str) -> str:
        """A paste in the spelling of the field; a text with invisible characters turns the field to escapes."""
        kind, spelling = self._typed.kind, self._typed.spelling
        if spelling is Spelling.JSON:
            return json_clean(text)
        escapes = Spelling.ESCAPES
        if spelling is Spelling.TEXT and escapes in attribute_forms.spellings(kind):
            if all(escape(line) == line for line in text.split("\n")):
                return text
            self._respell(escapes)
            spelling = escapes
        return attribute_forms.escaped(text) if spelling is escapes else json_clean(text)

    # -- showing ------------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        typed = self._typed
        self.set_class(typed.removed, "-removed")
        words = TYPE_WORDS[typed.kind] + (f", was {TYPE_WORDS[self._was]}" if self._was not in ("", typed.kind) else "")
        problem, size = self._complaint, ""
        try:
            value = self.value
            size = "" if value is None else size_text(value_size(value))
        except FormError as error:
            problem = problem or escape(str(error))
        state = (
            "absent: it is removed when written" if typed.removed and self._was else "absent" if typed.removed else size
        )
        self._line.update(Content(" · ".join(part for part in (words, state) if part)))
        self._hint.update(Content("\n".join([*self._spelling_hint(), *self._notes])))
        self._hint.display = bool(self._spelling_hint() or self._notes)
        self._problem.display = bool(problem)
        self._problem.update(Content(problem))

    def _spelling_hint(self) -> list[str]:
        kind, spelling = self._typed.kind, self._typed.spelling
        others = [other.value for other in attribute_forms.spellings(kind) if other is not spelling]
        lines = []
        if spelling is Spelling.ESCAPES:
            lines.append("escapes: \\n \\t \\x1b \\u2028, and \\\\ for a backslash")
        if kind in ("SS", "NS", "BS"):
            lines.append("one element a line")
        if others:
            lines.append(f"written as {spelling.value} · ctrl+n: {', '.join(others)}")
        return [" · ".join(lines)] if lines else []

    # -- typing -------------------------------------------------------------------------------------------------------

    def _take(self, typed: Typed) -> None:
        if typed != self._typed:
            self._typed, self._complaint = typed, ""
            self._show()
            self.post_message(self.Changed())

    @on(TextArea.Changed)
    def _text_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        text = self._field.text
        if text != self._typed.text:
            self._take(Typed(self._typed.kind, self._typed.spelling, text))

    @on(TruthField.Turned)
    def _turned(self, event: TruthField.Turned) -> None:
        event.stop()
        self._take(Typed(self._typed.kind, self._typed.spelling, "true" if self._truth.truth else "false"))

    @on(ValueField.Done)
    @on(TruthField.Done)
    def _done(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Done())

    # -- keys ---------------------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "spell" or len(attribute_forms.spellings(self._typed.kind)) > 1

    def action_remove(self) -> None:
        """Marks the attribute as absent; pressed again, puts back what was there."""
        if self._locked:
            self.complain(self._locked)
            return
        typed = self._typed
        self._take(Typed(typed.kind, typed.spelling, typed.text, removed=not typed.removed))

    def action_spell(self) -> None:
        """The same value in the next way to write it; one that cannot show it is passed over with the reason."""
        known = attribute_forms.spellings(self._typed.kind)
        at = known.index(self._typed.spelling)
        complaint = ""
        for spelling in (*known[at + 1 :], *known[:at]):
            try:
                self._respell(spelling)
            except FormError as error:
                complaint = f"Not as {spelling.value}: {escape(str(error))}."
            else:
                break
        if complaint:
            self.complain(complaint)

    def _respell(self, spelling: Spelling) -> None:
        """Raises :class:`FormError` when the text is no value, or the spelling cannot show it."""
        typed = self._typed
        text = ""
        if typed.text:
            value = attribute_forms.value_of(typed.text, typed.kind, typed.spelling)
            text = attribute_forms.text_of(value, spelling)
        self._fill(Typed(typed.kind, spelling, text, typed.removed))
        self.post_message(self.Changed())

    def action_change_type(self) -> None:
        """Offers every type with what the value would become, or why it cannot."""
        if self._locked:
            self.complain(self._locked)
            return
        try:
            value = value_of(Typed(self._typed.kind, self._typed.spelling, self._typed.text))
        except FormError as error:
            if self._typed.text:
                self.complain(f"First make it a {TYPE_WORDS[self._typed.kind]}: {escape(str(error))}")
                return
            value = {"NULL": True}
        assert value is not None
        empty = not self._typed.text and self._typed.kind not in ("BOOL", "NULL")
        choices = [self._choice({"NULL": True} if empty else value, kind) for kind in TYPES if kind != self._typed.kind]
        self.app.push_screen(Chooser("Another type", choices), self._type_chosen)

    def _choice(self, value: Value, kind: str) -> Choice[tuple[str, Value | str]]:
        label = f"{TYPE_WORDS[kind]} ({kind})"
        try:
            became = attribute_forms.converted(value, kind)
        except FormError as error:
            if value == {"NULL": True}:
                return Choice(label, (kind, ""), hint="typed anew")
            return Choice(label, (kind, f"Not possible: {error}."), hint=f"not possible: {error}")
        shown = f"{item_text.one_line(value, 24)} → {item_text.one_line(became, 40)}"
        return Choice(label, (kind, became), hint=shown)

    def _type_chosen(self, chosen: tuple[str, Value | str] | None) -> None:
        if chosen is None:
            return
        kind, outcome = chosen
        if isinstance(outcome, str) and outcome:
            self.complain(escape(outcome))
            return
        if isinstance(outcome, str):
            self._fill(Typed(kind, attribute_forms.spellings(kind)[0], ""))
        else:
            self._fill(typed_of(outcome))
        self.post_message(self.Changed())


__all__ = ["FormError", "TextError", "Typed", "ValueForm", "typed_of", "value_of"]
