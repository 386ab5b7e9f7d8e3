"""The form of a query: a line for each key attribute with its type, the order, and the kind of read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from dbtui.domain.models import KeyPart
from dbtui.domain.text import escape, fit, truncate
from dbtui.ui.widgets.cycle import Cycle

NAME_WIDTH: Final = 24
"""No attribute name takes more cells than this."""
_TYPES: Final = {"S": "string", "N": "number", "B": "base64"}
_OPERATORS: Final[tuple[tuple[str, str], ...]] = (
    ("=", "="),
    ("begins_with", "begins with"),
    ("between", "between"),
    ("<", "<"),
    ("<=", "<="),
    (">", ">"),
    (">=", ">="),
)
_OPERATOR_ROOM: Final = max(len(words) for _, words in _OPERATORS)
_ORDERS: Final = (("ascending", "ascending"), ("descending", "descending"))
_READS: Final = (("eventual", "eventually consistent"), ("strong", "strongly consistent"))


@dataclass(frozen=True, slots=True)
class FieldText:
    """What one key attribute's line holds."""

    operator: str
    texts: tuple[str, ...]


class _Field(Vertical):
    """One key attribute: name, type, operator where it is a sort key, one or two values, and what is wrong."""

    def __init__(self, part: KeyPart, name_width: int, start: FieldText | None) -> None:
        super().__init__(classes="query-field")
        self.part = part
        self._name_width = name_width
        self._start = start or FieldText("=", ("",))
        self.problem = Static(classes="query-problem")
        self.problem.display = False

    def compose(self) -> ComposeResult:
        sorts = self.part.role == "RANGE"
        texts = (*self._start.texts, "")
        with Horizontal():
            yield Static(Content(fit(escape(self.part.name), self._name_width)), classes="query-name")
            yield Static(Content(fit(_TYPES.get(self.part.type, self.part.type), 7)), classes="query-type")
            if sorts:
                operators = [pair for pair in _OPERATORS if self.part.type != "N" or pair[0] != "begins_with"]
                yield Cycle(operators, self._start.operator, room=_OPERATOR_ROOM)
            else:
                yield Static(Content("="), classes="query-equals")
            yield self._input(texts[0], "any" if sorts else "partition key", "query-first")
            yield Static(Content(" and "), classes="query-and")
            yield self._input(texts[1], "up to", "query-second")
        yield self.problem

    def _input(self, text: str, hint: str, name: str) -> Input:
        field = Input(text, placeholder=hint, compact=True, select_on_focus=False, classes=name)
        field.cursor_blink = False
        return field

    def on_mount(self) -> None:
        self._arrange()

    @property
    def operator(self) -> str:
        found = self.query_one_optional(Cycle)
        return "=" if found is None else found.value

    @property
    def content(self) -> FieldText:
        inputs = list(self.query(Input))
        used = inputs if self.operator == "between" else inputs[:1]
        return FieldText(self.operator, tuple(field.value for field in used))

    def _arrange(self) -> None:
        both = self.operator == "between"
        for name in (".query-and", ".query-second"):
            self.query_one(name).display = both

    @on(Cycle.Changed)
    def _operator_changed(self) -> None:
        self._arrange()

    def say(self, reason: str) -> None:
        self.problem.display = bool(reason)
        self.problem.update(Content(escape(reason)))


class QueryForm(Vertical):
    """Fields for the key attributes of a table or index. Knows texts only: its owner makes a query of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "find", priority=False, id="query.submit"),
        Binding("down", "step(1)", "Next field", show=False, id="query.next"),
        Binding("up", "step(-1)", "Previous field", show=False, id="query.previous"),
        Binding("escape", "leave", "to the rows", id="query.leave"),
    ]

    class Edited(Message):
        """Something was typed or chosen."""

    class Submitted(Message):
        """The query shall run."""

    class Left(Message):
        """The rows shall have the focus."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - named as in every Textual widget
        super().__init__(id=id)
        self._parts: tuple[KeyPart, ...] = ()
        self._kept: dict[str, FieldText] = {}
        self._has_order = True

    def compose(self) -> ComposeResult:
        yield Vertical(id="query-fields")
        with Horizontal(id="query-options"):
            yield Cycle(_ORDERS, id="query-order")
            yield Cycle(_READS, id="query-read")
            yield Static(id="query-verdict")

    async def set_keys(self, parts: Sequence[KeyPart], start: Mapping[str, FieldText] | None = None) -> None:
        """Shows fields for these attributes. What was typed for an attribute of the same name stays."""
        self._kept |= {name: text for name, text in self.fields.items() if any(text.texts)}
        if start is not None:
            self._kept = dict(start)
        self._parts = tuple(parts)
        width = min(NAME_WIDTH, max((cell_len(escape(part.name)) for part in parts), default=0))
        holder = self.query_one("#query-fields", Vertical)
        async with self.batch():
            await holder.remove_children()
            await holder.mount_all(_Field(part, width, self._kept.get(part.name)) for part in parts)
        self.query_one("#query-order").display = any(part.role == "RANGE" for part in parts)

    @property
    def fields(self) -> dict[str, FieldText]:
        """What is typed now, by attribute name."""
        return {field.part.name: field.content for field in self.query(_Field)}

    @property
    def descending(self) -> bool:
        return self.query_one("#query-order", Cycle).value == "descending"

    @descending.setter
    def descending(self, descending: bool) -> None:
        self.query_one("#query-order", Cycle).value = "descending" if descending else "ascending"

    @property
    def consistent(self) -> bool:
        return self.query_one("#query-read", Cycle).value == "strong"

    @consistent.setter
    def consistent(self, consistent: bool) -> None:
        self.query_one("#query-read", Cycle).value = "strong" if consistent else "eventual"

    def say(self, text: str) -> None:
        """What would be asked, beside the options."""
        self.query_one("#query-verdict", Static).update(Content(truncate(text, 200)))

    def show_problems(self, reasons: Mapping[str, str]) -> None:
        """What is wrong, below the fields it concerns; nothing for the others."""
        for field in self.query(_Field):
            field.say(reasons.get(field.part.name, ""))

    def edit(self, name: str = "") -> None:
        """Takes the focus, at the attribute of this name or at the first."""
        fields = list(self.query(_Field))
        chosen = next((field for field in fields if field.part.name == name), fields[0] if fields else None)
        if chosen is not None:
            chosen.query(Input).first().focus()

    def _stops(self) -> list[Widget]:
        found = [node for node in self.query("Input, Cycle") if node.display and node.focusable]
        return [node for node in found if isinstance(node, Widget)]

    def action_step(self, step: int) -> None:
        """To the field of the line above or below; below the last one to the rows."""
        lines: list[list[Widget]] = []
        for stop in self._stops():
            if lines and lines[-1][0].region.y == stop.region.y:
                lines[-1].append(stop)
            else:
                lines.append([stop])
        here = next((at for at, line in enumerate(lines) if self.screen.focused in line), 0)
        if here + step >= len(lines):
            self.post_message(self.Left())
        elif here + step >= 0:
            line = lines[here + step]
            next((stop for stop in line if isinstance(stop, Input)), line[0]).focus()

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    def action_leave(self) -> None:
        self.post_message(self.Left())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_submit()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited())

    @on(Cycle.Changed)
    def _chosen(self, event: Cycle.Changed) -> None:
        event.stop()
        self.post_message(self.Edited())
