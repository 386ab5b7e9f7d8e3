"""What a plan asks of a person before it runs: pure rules, and the bar that asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from dbtui.actions.guards import Arming, ArmState
from dbtui.actions.model import Action, Confirm, Plan
from dbtui.domain.policy import ScopePolicy
from dbtui.domain.scope import Scope
from dbtui.domain.text import escape


class Stage(Enum):
    """Where a plan stands on its way to being sent."""

    READING = "reading"
    INVALID = "invalid"
    FAILED = "failed"
    READ_ONLY = "read-only"
    ARM = "arm"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question with its answers. An empty ``yes`` offers no way forward, an empty ``no`` leaves only escape.

    ``typed`` asks for a text first: ``expected``, or where that is empty, what the arming accepts.
    """

    stage: Stage
    prompt: str
    yes: str = ""
    no: str = "Close"
    typed: bool = False
    expected: str = ""
    yes_first: bool = False
    letters: bool = False
    """Whether the keys y and n answer."""
    danger: bool = False
    retry: bool = False


READING = Ask(Stage.READING, "Reading…  esc cancels", no="")
FAILED = Ask(Stage.FAILED, "Nothing was sent.", retry=True)


def invalid(problem: str) -> Ask:
    return Ask(Stage.INVALID, f"Not possible: {problem}", no="Cancel")


def level(plans: Sequence[Plan]) -> Confirm:
    """The strongest confirmation any of the plans needs; what destroys always needs its name."""
    order = list(Confirm)
    if any(plan.destructive for plan in plans):
        return Confirm.TYPE_NAME
    return max((plan.confirm for plan in plans), key=order.index)


def ask_for_writes(scope: Scope, arming: Arming, verdict: ScopePolicy) -> Ask | None:
    """What stands between a scope and any change: read-only, or the write lock; ``None`` when it is armed."""
    state = arming.state(scope)
    if state is ArmState.ARMED:
        return None
    if state is ArmState.READ_ONLY:
        why = f" ({verdict.read_only_why})" if verdict.read_only_why else ""
        return Ask(Stage.READ_ONLY, escape(f"Refused: {scope.label} is read-only{why}."), danger=True)
    phrase = arming.phrase(scope)
    if not phrase:
        prompt = f"Writes are locked: enter arms {scope.label} for this session (until 15 idle minutes have passed)."
        return Ask(Stage.ARM, escape(prompt), yes="Arm", no="Cancel", yes_first=True)
    why = f" ({verdict.protected_why})" if verdict.protected_why else ""
    prompt = f"{scope.label} is protected{why} and its writes are locked. Type {phrase} to arm them for this session:"
    return Ask(Stage.ARM, escape(prompt), yes="Arm", no="Cancel", typed=True, danger=True)


def ask_to_confirm(action: Action, plans: Sequence[Plan]) -> Ask:
    """The question at the level the plans need; several rows that would be destroyed ask for their number."""
    verb = verb_of(action)
    what = plans[0].title if len(plans) == 1 else f"{verb} {len(plans)} resources"
    needed = level(plans)
    if needed is Confirm.ENTER:
        return Ask(Stage.CONFIRM, escape(f"enter: {what}"), yes=verb, no="Cancel", yes_first=True)
    if needed is Confirm.YES_NO:
        return Ask(Stage.CONFIRM, escape(f"{what}?"), yes="Yes", no="No", letters=True)
    expected = plans[0].subject.id if len(plans) == 1 else str(len(plans))
    prompt = f"Type {expected} to {verb.lower()}" + (f" {len(plans)} resources:" if len(plans) > 1 else ":")
    return Ask(Stage.CONFIRM, escape(prompt), yes=verb, no="Cancel", typed=True, expected=expected, danger=True)


def verb_of(action: Action) -> str:
    """The action's title without the dots that promise a dialog."""
    return action.title.rstrip("… ")


class AskBar(Vertical):
    """The question of the moment, its text field and its buttons."""

    class Answered(Message):
        """The person agreed (with what they typed), or not."""

        def __init__(self, ask: Ask, *, agreed: bool, typed: str = "") -> None:
            super().__init__()
            self.ask = ask
            self.agreed = agreed
            self.typed = typed

    class Wanted(Message):
        """A button beside the question: ``copy`` or ``retry``."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self) -> None:
        super().__init__(id="plan-ask")
        self.ask = READING
        self.seen = False
        """Whether the question is on the screen; a key typed before is not an answer to it."""
        self._prompt = Static(Content(READING.prompt), id="plan-prompt", markup=False)
        self._typed = Input(id="plan-typed", compact=True)
        self._yes = Button(Content(""), id="plan-yes", compact=True)
        self._no = Button(Content(""), id="plan-no", compact=True)
        self._retry = Button(Content("Try again (r)"), id="plan-retry", compact=True)
        self._copy = Button(Content("Copy CLI (y)"), id="plan-copy", compact=True)

    def compose(self) -> ComposeResult:
        yield self._prompt
        yield self._typed
        with Horizontal(id="plan-buttons"):
            yield self._yes
            yield self._no
            yield self._retry
            yield self._copy

    def show(self, ask: Ask, *, can_copy: bool) -> None:
        """Asks this instead. The focus goes to the safest answer, unless the person is in a field of the plan."""
        if ask != self.ask:
            self.ask, self.seen = ask, False
            self._typed.value = ""
        self.set_class(ask.danger, "-danger")
        self.complain("")
        self._typed.display = ask.typed
        self._yes.display = bool(ask.yes)
        self._yes.label = Content(f"{ask.yes} (Y)" if ask.letters else ask.yes)
        self._no.display = bool(ask.no)
        self._no.label = Content(f"{ask.no} (n)" if ask.letters else ask.no)
        self._retry.display = ask.retry
        self._copy.display = can_copy
        for button in (self._yes, self._no):
            button.refresh(layout=True)  # a button keeps the width of its first label otherwise
        self._enable_yes()
        focused = self.screen.focused
        if focused is None or self in focused.ancestors:
            self.focus_answer()
        self.call_after_refresh(self._painted, self.ask)

    def _painted(self, ask: Ask) -> None:
        self.seen = self.seen or ask is self.ask

    @property
    def ready(self) -> bool:
        """Whether an answer would be taken now: a button that was just pressed takes no second press for a moment."""
        return self.seen and not self._yes.has_class("-active")

    def focus_answer(self) -> None:
        """Puts the focus where the answer is given: the text field, the button that is proposed, or nowhere."""
        if self.ask.typed:
            self.screen.set_focus(self._typed)
        elif self.ask.yes and self.ask.yes_first:
            self.screen.set_focus(self._yes)
        else:
            self.screen.set_focus(self._no if self.ask.no else None)

    def complain(self, text: str) -> None:
        """Says under the question why an answer was not taken."""
        self._prompt.update(Content("\n".join((self.ask.prompt, text) if text else (self.ask.prompt,))))

    def answer(self, *, agreed: bool) -> None:
        """Tells the screen the answer, once the question has been seen."""
        if self.seen and (not agreed or self.ask.yes):
            self.post_message(self.Answered(self.ask, agreed=agreed, typed=self._typed.value.strip()))

    def _enable_yes(self) -> None:
        typed = self._typed.value.strip()
        enough = not self.ask.typed or (typed == self.ask.expected if self.ask.expected else bool(typed))
        self._yes.disabled = not enough

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._enable_yes()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.answer(agreed=True)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button in (self._yes, self._no):
            self.answer(agreed=event.button is self._yes)
        else:
            self.post_message(self.Wanted("copy" if event.button is self._copy else "retry"))
