"""From a key to an operation: which verbs the rows have, the dialog that shows and confirms a plan, and its start."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from textual.app import App

from dbtui.actions.core import Core
from dbtui.actions.model import Action, Plan
from dbtui.actions.registry import ALL, by_name
from dbtui.domain.failures import Failure, UsageError
from dbtui.domain.models import Resource
from dbtui.ui import loading
from dbtui.ui.screens.actions_menu import ActionsMenu
from dbtui.ui.screens.plan import PlanScreen

Tell = Callable[[str, str], None]


def verbs_of_kinds(kinds: set[str]) -> tuple[Action, ...]:
    """The verbs that at least one of the kinds has."""
    return tuple(action for action in ALL if kinds & action.kinds)


def act(app: App[None], core: Core, name: str, models: tuple[Resource, ...], tell: Tell) -> None:
    """Opens the plan of the verb for those of the resources that have it."""
    action = by_name(name)
    fitting = tuple(model for model in models if model.ref.kind in action.kinds)
    if not fitting:
        error = UsageError(f"{action.name} is not for a {models[0].ref.kind}.", hint="a shows what is possible.")
        tell(error.failure.sentence, "warning")
        return
    app.push_screen(PlanScreen(core, action, fitting), partial(_agreed, app, core, tell))


def menu(app: App[None], core: Core, models: tuple[Resource, ...], tell: Tell) -> None:
    """Opens the menu of the verbs these resources have."""
    possible = verbs_of_kinds({model.ref.kind for model in models})
    if not possible:
        tell(f"There is nothing to do with a {models[0].ref.kind} yet.", "information")
        return

    def chosen(action: Action | None) -> None:
        if action is not None:
            act(app, core, action.name, models, tell)

    app.push_screen(ActionsMenu(models, possible), chosen)


def _agreed(app: App[None], core: Core, tell: Tell, plans: tuple[Plan, ...] | None) -> None:
    """Runs what was agreed to. The worker is the app's: no screen that closes takes an operation with it."""

    def failed(failure: Failure) -> None:
        tell(failure.sentence, "error")

    for plan in plans or ():
        loading.run(app, partial(_run, core, plan), group="operations", on_failure=failed)


async def _run(core: Core, plan: Plan) -> None:
    core.tracker.add(await core.runner.run(plan))
