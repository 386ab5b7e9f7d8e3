"""What is asked of a table, above its rows: the form, the line, or what is shown. It makes queries and sends none."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from dbtui.domain.key_query import KeyQuery, ScanOf, key_parts
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.ui import item_words
from dbtui.ui.item_query import (
    Asked,
    Condition,
    FieldErrors,
    Options,
    QueryTextError,
    conditions_of,
    from_fields,
    query_text,
    read_query,
    verdict,
)
from dbtui.ui.widgets.frame import Piece, spread
from dbtui.ui.widgets.query_form import FieldText, QueryForm
from dbtui.ui.widgets.query_line import QueryLine


class SaidLine(Widget):
    """The query that is shown, and which request it is."""

    ALLOW_SELECT = False
    pieces: reactive[tuple[tuple[Piece, ...], tuple[Piece, ...]]] = reactive(((), ()))

    def render(self) -> Content:
        left, right = self.pieces
        return spread([(" ", ""), *left], [*right, (" ", "")], self.size.width)


class QueryArea(Vertical):
    """Form, line and what is shown; one of them at a time."""

    class Wanted(Message):
        """This shall be read."""

        def __init__(self, asked: Asked) -> None:
            super().__init__()
            self.asked = asked

    class Left(Message):
        """The rows shall have the focus."""

    def __init__(self) -> None:
        super().__init__(id="query")
        self._table: Table | None = None
        self._asked: Asked | None = None
        self._tried = False
        self.index = ""

    def compose(self) -> ComposeResult:
        yield QueryForm(id="query-form")
        yield QueryLine()
        yield SaidLine()

    def on_mount(self) -> None:
        self._show(None)

    @property
    def form(self) -> QueryForm:
        return self.query_one(QueryForm)

    @property
    def line(self) -> QueryLine:
        return self.query_one(QueryLine)

    def _show(self, shown: Widget | None) -> None:
        for part in (self.form, self.line, self.query_one(SaidLine)):
            part.display = part is shown

    async def set_table(self, table: Table, index: str = "", asked: Asked | None = None) -> None:
        """From now on queries are for this table and index; ``asked`` fills the fields."""
        if index != self.index:
            self.line.text = ""  # it speaks of other keys
        self._table, self.index = table, index
        fields = None
        if asked is not None:
            fields = {name: FieldText(c.operator, c.texts) for name, c in conditions_of(asked).items()}
        await self.form.set_keys(key_parts(table, index), fields)
        self._judge_form()

    def edit_form(self) -> None:
        """Shows the fields and takes the focus."""
        self._show(self.form)
        self.form.edit()
        self._judge_form()

    def edit_line(self) -> None:
        """Shows the line, filled with what was asked last, and takes the focus."""
        if self._table is None:
            return
        self._show(self.line)
        asked = self._asked
        of_index = asked.index if isinstance(asked, KeyQuery) else ""
        if not self.line.text and asked is not None and not isinstance(asked, ScanOf) and of_index == self.index:
            text = query_text(asked)
            # An input field sends control characters to the terminal as they are.
            self.line.text = text if text.isprintable() else ""
        names = " and ".join(f"{escape(part.name)} = …" for part in key_parts(self._table, self.index))
        self.line.edit(f"{names}, or a partition key alone")
        self._judge_line()

    def show_asked(self, asked: Asked) -> None:
        """Shows what is read, in one line."""
        self._asked, self._tried = asked, False
        self.query_one(SaidLine).pieces = (((item_words.summary(asked), "bold"),), ((verdict(asked), "$text-muted"),))
        self._show(self.query_one(SaidLine))

    def settle(self) -> bool:
        """Back to one line, if anything was asked; before that the fields stay. Whether something else was shown."""
        shown = self.query_one(SaidLine) if self._asked is not None else self.form
        different = not shown.display
        self._show(shown)
        return different

    # -- the form -----------------------------------------------------------------------------------------------------

    def _options(self) -> Options:
        return Options(self.form.descending, self.form.consistent)

    def _of_form(self) -> Asked:
        assert self._table is not None
        fields = {name: Condition(field.operator, field.texts) for name, field in self.form.fields.items()}
        return from_fields(self._table, self.index, fields, self._options())

    def _judge_form(self) -> None:
        """Says what would be asked; mistakes only of what was typed, the rest when it is sent."""
        if self._table is None:
            return
        try:
            asked = self._of_form()
        except FieldErrors as error:
            typed = {name for name, field in self.form.fields.items() if any(field.texts)}
            shown = error.reasons if self._tried else {n: r for n, r in error.reasons.items() if n in typed}
            self.form.show_problems(shown)
            self.form.say("")
        else:
            self.form.show_problems({})
            self.form.say(escape(verdict(asked)))

    @on(QueryForm.Edited)
    def _edited(self, event: QueryForm.Edited) -> None:
        event.stop()
        self._judge_form()

    @on(QueryForm.Submitted)
    def _form_submitted(self, event: QueryForm.Submitted) -> None:
        event.stop()
        if self._table is None:
            return
        self._tried = True
        self._judge_form()
        try:
            asked = self._of_form()
        except FieldErrors as error:
            self.form.edit(next(iter(error.reasons)))
        else:
            self.line.text = ""
            self.post_message(self.Wanted(asked))

    # -- the line -----------------------------------------------------------------------------------------------------

    def _of_line(self) -> Asked:
        assert self._table is not None
        return read_query(self.line.text, self._table, self.index, self._options())

    def _judge_line(self) -> None:
        if not self.line.text.strip():
            self.line.say("")
            return
        try:
            self.line.say(verdict(self._of_line()))
        except QueryTextError as error:
            self.line.say(str(error), wrong=True)

    @on(QueryLine.Changed)
    def _line_changed(self, event: QueryLine.Changed) -> None:
        event.stop()
        if self._table is not None:
            self._judge_line()

    @on(QueryLine.Submitted)
    def _line_submitted(self, event: QueryLine.Submitted) -> None:
        event.stop()
        if self._table is None:
            return
        try:
            asked = self._of_line()
        except QueryTextError as error:
            self.line.say(str(error), wrong=True)
            self.line.point_at(error.position)
        else:
            self.post_message(self.Wanted(asked))

    @on(QueryForm.Left)
    @on(QueryLine.Left)
    def _leave(self, event: Message) -> None:
        event.stop()
        self.settle()
        self.post_message(self.Left())
