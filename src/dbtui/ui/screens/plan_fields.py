"""The parameters of a plan as fields: text, tags and flags, checked by the same schema as a command's options."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Static

from dbtui.actions.model import Param, ParamKind, Plan
from dbtui.domain.text import escape

DEBOUNCE_SECONDS: Final = 0.3
"""How long typing must rest before the plan is made anew."""


class TagsError(ValueError):
    """A text that is not a list of ``KEY=VALUE``."""


def parse_tags(text: str) -> dict[str, str]:
    """``env=prod owner="team a"`` as a mapping; raises :class:`TagsError` with the reason."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise TagsError("a quote is not closed") from error
    tags: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise TagsError(f"{word} is not KEY=VALUE")
        if key in tags:
            raise TagsError(f"{key} is given twice")
        tags[key] = value
    return tags


def tags_text(tags: Mapping[str, str]) -> str:
    """The mapping as it would be typed."""
    return " ".join(shlex.quote(f"{key}={value}") for key, value in tags.items())


def offered(params: Sequence[Param], plans: Sequence[Plan]) -> tuple[Param, ...]:
    """The parameters worth a field: with several rows, not those that must differ from row to row."""
    return tuple(
        param
        for param in params
        if param.kind is not ParamKind.TEXT or len({plan.values.get(param.name) for plan in plans}) == 1
    )


class ParamFields(Vertical):
    """One field for each parameter, prefilled from the plan, each with room for what is wrong with it."""

    class Edited(Message):
        """A field was changed; the plan on the screen is no longer what would be sent."""

    class Settled(Message):
        """Typing rested, or enter was pressed: the plan may be made anew. ``entered``: it was enter."""

        def __init__(self, *, entered: bool) -> None:
            super().__init__()
            self.entered = entered

    def __init__(self, params: Sequence[Param], kind: str, values: Mapping[str, Any]) -> None:
        super().__init__(id="plan-fields")
        self._params = tuple(params)
        self._kind = kind
        self._shown = {param.name: _as_shown(param, values.get(param.name)) for param in params}
        self._entered = dict(self._shown)
        self._widgets: dict[str, Input | Checkbox] = {param.name: self._widget(param) for param in params}
        self._problems = {param.name: Static(classes="problem", markup=False) for param in params}
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        for param in self._params:
            if param.kind is not ParamKind.FLAG:
                yield Label(Content(param.title), classes="param-title")
            yield self._widgets[param.name]
            problem = self._problems[param.name]
            problem.display = False
            yield problem

    def _widget(self, param: Param) -> Input | Checkbox:
        shown, widget_id = self._shown[param.name], f"param-{param.name}"
        if param.kind is ParamKind.FLAG:
            return Checkbox(Content(param.title), bool(shown), id=widget_id, compact=True)
        placeholder = "KEY=VALUE KEY=VALUE…" if param.kind is ParamKind.TAGS else "proposed by dbtui"
        return Input(str(shown), placeholder=placeholder, id=widget_id, compact=True, select_on_focus=False)

    @property
    def edits(self) -> dict[str, Any]:
        """The values that differ from what was prefilled; a text that was emptied asks for the proposal again."""
        return {
            param.name: _value(param, self._entered[param.name])
            for param in self._params
            if self._entered[param.name] != self._shown[param.name]
        }

    @property
    def problem(self) -> str:
        """The first thing that is wrong, or nothing."""
        return next((problem for param in self._params if (problem := self._check(param))), "")

    def focus_first(self) -> None:
        """Puts the cursor into the first field."""
        self._widgets[self._params[0].name].focus()

    def settle(self, *, entered: bool = False) -> None:
        """Ends the waiting for more typing."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.post_message(self.Settled(entered=entered))

    def _check(self, param: Param) -> str:
        entered = self._entered[param.name]
        if param.kind is ParamKind.TAGS:
            try:
                parse_tags(str(entered))
            except TagsError as error:
                return str(error)
        if param.check is None or not isinstance(entered, str) or not entered:
            return ""
        return param.check(entered, self._kind) or ""

    def _take(self, widget: Widget, entered: str | bool) -> None:
        """Takes over what a field holds now; a field also reports what it was prefilled with."""
        name = str(widget.id).removeprefix("param-")
        if self._entered[name] == entered:
            return
        self._entered[name] = entered
        for param in self._params:
            problem, line = self._check(param), self._problems[param.name]
            line.display = bool(problem)
            line.update(Content(escape(problem)))
        self.post_message(self.Edited())
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(DEBOUNCE_SECONDS, self.settle, name="typing rests")

    @on(Input.Changed)
    def _input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._take(event.input, event.value.strip())

    @on(Checkbox.Changed)
    def _checkbox_changed(self, event: Checkbox.Changed) -> None:
        event.stop()
        self._take(event.checkbox, event.value)

    @on(Input.Submitted)
    def _input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.settle(entered=True)


def _as_shown(param: Param, value: Any) -> str | bool:
    if param.kind is ParamKind.FLAG:
        return bool(value)
    if param.kind is ParamKind.TAGS:
        return tags_text(value or {})
    return "" if value is None else str(value)


def _value(param: Param, entered: str | bool) -> Any:
    return parse_tags(str(entered)) if param.kind is ParamKind.TAGS else entered
