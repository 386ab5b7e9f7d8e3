"""The plan of one action for one or several resources: what will be sent, what it does, and the consent to it.

The screen reads and asks, it sends nothing: it is dismissed with the plans that were agreed to, or with ``None``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from dbtui.actions import render
from dbtui.actions.model import Action, Plan, Values
from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.scope import Scope
from dbtui.domain.text import escape
from dbtui.resources import short_place
from dbtui.ui import clipboard, loading
from dbtui.ui.screens import plan_ask
from dbtui.ui.screens.plan_ask import Ask, AskBar, Stage
from dbtui.ui.screens.plan_fields import ParamFields, offered
from dbtui.ui.screens.plan_text import LeftOut, failure_text, plans_text, scope_text

if TYPE_CHECKING:
    from dbtui.actions.core import Core

PLANS_AT_ONCE = 4
"""Plans made at the same time; each reads AWS."""


class PlanScreen(ModalScreen[tuple[Plan, ...] | None]):
    """Shows plans, lets their parameters be edited, and asks for consent at the level they need."""

    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]  # noqa: RUF012 - Textual declares it as an instance variable
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="plan.close"),
        Binding("Y", "yes", "Yes, where it is asked", show=False, id="plan.yes"),
        Binding("n", "no", "No", show=False, id="plan.no"),
        Binding("y,c", "copy", "Copy as AWS CLI", key_display="y", id="plan.copy"),
        Binding("e", "edit", "Edit the parameters", id="plan.edit"),
        Binding("r", "retry", "Read again", show=False, id="plan.retry"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="plan.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="plan.up"),
        Binding("pagedown", "scroll(8)", "Page down", show=False, id="plan.page-down"),
        Binding("pageup", "scroll(-8)", "Page up", show=False, id="plan.page-up"),
        Binding("left,h", "app.focus_previous", "Previous button", show=False, id="plan.left"),
        Binding("right,l", "app.focus_next", "Next button", show=False, id="plan.right"),
    ]

    def __init__(
        self, core: Core, action: Action, resources: Sequence[Resource], *, values: Values | None = None
    ) -> None:
        super().__init__()
        self.core = core
        self.action = action
        self.resources = tuple(resources)
        self.plans: tuple[Plan, ...] = ()
        self._values = dict(values or {})
        self._left_out: tuple[LeftOut, ...] = ()
        self._failure: Failure | None = None
        self._generation = 0
        self._fresh = False
        self._finished = False
        self._unsubscribe: Callable[[], None] = lambda: None
        self._dialog = VerticalScroll(id="plan", can_focus=False)
        self._text = Static(id="plan-text", markup=False)
        self._bar = AskBar()
        self._fields: ParamFields | None = None

    def compose(self) -> ComposeResult:
        scopes = list(dict.fromkeys(resource.ref.scope for resource in self.resources))
        self._show_title()
        self._dialog.set_class(any(self.core.policy(scope).protected for scope in scopes), "-protected")
        with self._dialog:
            yield Static(Content("\n".join(map(self._scope_line, scopes))), id="plan-scope", markup=False)
            yield self._text
            yield self._bar

    def _scope_line(self, scope: Scope) -> str:
        verdict = self.core.policy(scope)
        words = ("PROTECTED" if verdict.protected else "", "read-only" if verdict.read_only else "")
        return "  ".join(word for word in (scope_text(scope), *words) if word)

    def on_mount(self) -> None:
        self.app.clear_notifications()  # in a small terminal a toast would cover the question
        self._unsubscribe = self.core.arming.subscribe(self._show)
        self._read()

    def on_unmount(self) -> None:
        self._unsubscribe()

    @property
    def stage(self) -> Stage:
        """What the screen asks for now."""
        return self._ask().stage

    @property
    def ready(self) -> bool:
        """Whether the question of this moment is on the screen and takes an answer."""
        return self._bar.ready and self._bar.ask == self._ask()

    # -- reading ------------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Makes the plans anew; an answer to an earlier question is not taken any more."""
        self._fresh = False
        self._generation += 1
        generation = self._generation
        values = [self._values_of(resource) for resource in self.resources]

        async def work() -> None:
            made = await _make_plans(self.core, self.action, self.resources, values)
            if generation == self._generation:
                self._take(made)

        loading.run(self, work, group="plan", on_failure=partial(self._failed, generation), exclusive=True)
        self._show()

    def _values_of(self, resource: Resource) -> dict[str, Any]:
        """What was asked for, what the first plan resolved (so that a proposed name stays), and what was edited."""
        names = {param.name for param in self.action.params_for(resource.ref.kind)}
        plan = next((plan for plan in self.plans if plan.subject == resource.ref), None)
        resolved = {name: value for name, value in (plan.values if plan else {}).items() if name in names}
        return {**self._values, **resolved, **(self._fields.edits if self._fields is not None else {})}

    def _take(self, made: Sequence[Plan | Failure]) -> None:
        self.plans = tuple(plan for plan in made if isinstance(plan, Plan)) or self.plans
        self._left_out = tuple(
            (short_place(resource.ref), outcome)
            for resource, outcome in zip(self.resources, made, strict=True)
            if isinstance(outcome, Failure)
        )
        self._failure = self._left_out[0][1] if len(self._left_out) == len(made) else None
        self._show_title()
        self._fresh = True
        if self._fields is None and self._failure is None:
            self._mount_fields()
        self._show()

    def _show_title(self) -> None:
        many = len(self.resources)
        subject = short_place(self.resources[0].ref) if many == 1 else f"{many} resources"
        if self._left_out and many > 1:
            subject = f"{many - len(self._left_out)} of {subject}"
        self._dialog.border_title = Content(escape(f"{plan_ask.verb_of(self.action)} {subject}"))

    def _failed(self, generation: int, failure: Failure) -> None:
        if generation == self._generation:
            self._failure, self._fresh = failure, True
            self._show()

    # -- fields -------------------------------------------------------------------------------------------------------

    def _mount_fields(self) -> None:
        kinds = {resource.ref.kind for resource in self.resources}
        params = [
            param
            for param in self.action.params_for(self.plans[0].subject.kind)
            if all(param in self.action.params_for(kind) for kind in kinds)
        ]
        shown = offered(params, self.plans)
        if shown:
            self._fields = ParamFields(shown, self.plans[0].subject.kind, self.plans[0].values)
            self._dialog.mount(self._fields, before=self._text)

    @on(ParamFields.Edited)
    def _edited(self) -> None:
        """From the first changed letter on, the plan shown is not the one that would be sent."""
        self._fresh = False
        self._generation += 1
        self._show()

    @on(ParamFields.Settled)
    def _settled(self, event: ParamFields.Settled) -> None:
        if self._fields is None or self._fields.problem:
            return
        if not self._fresh:
            self._read()
        if not event.entered:
            return
        if self._fresh and self._bar.ask.stage is Stage.CONFIRM and self._bar.ask.yes_first:
            self._bar.answer(agreed=True)
        else:
            self._bar.focus_answer()

    # -- showing ------------------------------------------------------------------------------------------------------

    def _ask(self) -> Ask:
        """The question of this moment, from the state of things and not from what the screen shows."""
        if self._fields is not None and self._fields.problem:
            return plan_ask.invalid(escape(self._fields.problem))
        if not self._fresh:
            return plan_ask.READING
        if self._failure is not None:
            return plan_ask.FAILED
        locked = next((ask for scope in self._scopes if (ask := self._ask_for_writes(scope)) is not None), None)
        return locked or plan_ask.ask_to_confirm(self.action, self.plans)

    @property
    def _scopes(self) -> tuple[Scope, ...]:
        return tuple(dict.fromkeys(plan.subject.scope for plan in self.plans))

    def _ask_for_writes(self, scope: Scope) -> Ask | None:
        return plan_ask.ask_for_writes(scope, self.core.arming, self.core.policy(scope))

    def _show(self) -> None:
        failure = self._failure if self._fresh else None
        self._text.set_class(not self._fresh, "-stale")
        self._text.set_class(failure is not None, "-failed")
        if failure is not None:
            self._text.update(failure_text(failure, self._left_out))
        elif self.plans:
            self._text.update(plans_text(self.plans, self._left_out))
        self._bar.show(self._ask(), can_copy=self._can_copy)

    @property
    def _can_copy(self) -> bool:
        return bool(self.plans) and self._fresh and self._failure is None

    # -- answers ------------------------------------------------------------------------------------------------------

    @on(AskBar.Answered)
    def _answered(self, event: AskBar.Answered) -> None:
        """Takes an answer only to the question that is still the right one, and only once."""
        if self._finished:
            return
        if not event.agreed:
            self._finish(None)
        elif event.ask != self._ask():
            self._show()
        elif event.ask.stage is Stage.ARM:
            self._arm(event.typed)
        elif event.ask.stage is Stage.CONFIRM:
            self._confirm(event.ask, event.typed)

    def _arm(self, typed: str) -> None:
        """Arms the first scope that needs it; the arming tells this screen, which then asks the next question."""
        scope = next(scope for scope in self._scopes if self._ask_for_writes(scope) is not None)
        if not self.core.arming.arm(scope, typed):
            self._bar.complain(escape(f"That is not {self.core.arming.phrase(scope)}."))

    def _confirm(self, ask: Ask, typed: str) -> None:
        if ask.expected and typed != ask.expected:
            self._bar.complain(escape(f"That is not {ask.expected}."))
        else:
            self._finish(self.plans)

    def _finish(self, plans: tuple[Plan, ...] | None) -> None:
        self._finished = True
        self.dismiss(plans)

    @on(AskBar.Wanted)
    def _wanted(self, event: AskBar.Wanted) -> None:
        if event.what == "copy":
            self.action_copy()
        else:
            self.action_retry()

    # -- keys ---------------------------------------------------------------------------------------------------------

    def action_close(self) -> None:
        if not self._finished:
            self._finish(None)

    def action_yes(self) -> None:
        """A capital letter: ``y`` copies everywhere else, and a habit must not start anything."""
        if self._bar.ask.letters:
            self._bar.answer(agreed=True)

    def action_no(self) -> None:
        if self._bar.ask.letters:
            self._bar.answer(agreed=False)

    def action_edit(self) -> None:
        if self._fields is not None:
            self._fields.focus_first()

    def action_retry(self) -> None:
        if self.stage is Stage.FAILED:
            self._read()

    def action_scroll(self, lines: int) -> None:
        self._dialog.scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        if not self._can_copy:
            return
        text = "\n".join(render.aws_cli(plan) for plan in self.plans)

        async def work() -> None:
            self.notify(await clipboard.copy(self.app, text), markup=False)

        loading.run(self, work, group="copy", on_failure=self._copy_failed)

    def _copy_failed(self, failure: Failure) -> None:
        self.notify(failure.sentence, severity="error", markup=False)


async def _make_plans(
    core: Core, action: Action, resources: Sequence[Resource], values: Sequence[Values]
) -> list[Plan | Failure]:
    """A plan, or the reason why there is none, for every resource in their order."""
    slots = asyncio.Semaphore(PLANS_AT_ONCE)

    async def make(resource: Resource, wanted: Values) -> Plan | Failure:
        if resource.ref.kind not in action.kinds:
            return Failure(FailureKind.REFUSED, f"not for {resource.ref.kind}")
        reason = action.legal(resource) if len(resources) > 1 else None
        if reason is not None:
            return Failure(FailureKind.ILLEGAL_STATE, reason)
        async with slots:
            try:
                return await core.runner.plan(action, resource, wanted)
            except DbtuiError as error:
                return error.failure

    return list(await asyncio.gather(*(make(*pair) for pair in zip(resources, values, strict=True))))
