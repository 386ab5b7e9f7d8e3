"""Plans, scopes and failures as text, for the plan and for Activity. All of it is escaped, nothing is markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dbtui.actions import render
from dbtui.actions.model import Plan, Step, WaitUntil
from dbtui.domain.failures import Failure
from dbtui.domain.scope import Scope
from dbtui.domain.text import escape
from dbtui.resources import short_place
from dbtui.ui.wording import ARROW, account

LeftOut = tuple[str, Failure]
"""The short place of a row that cannot take part, and why."""


def scope_text(scope: Scope) -> str:
    """``prod-eu ▸ 4711-0815-1234 (shop) ▸ eu-west-1``, and the endpoint where it is not AWS."""
    owner = account(scope.account) + (f" ({scope.alias})" if scope.alias else "")
    parts = (scope.profile or "default", owner, scope.region, scope.endpoint)
    return escape(ARROW.join(part for part in parts if part))


def labelled(rows: Iterable[tuple[str, Iterable[str]]]) -> Table:
    """Labels on the left, their lines on the right, wrapped beside the label; labels without lines are left out."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for label, lines in rows:
        for number, line in enumerate(lines):
            grid.add_row(Text(label if number == 0 else "", style="bold"), Text(escape(line)))
    return grid


def steps(plan: Plan) -> Table:
    """The numbered steps: each operation, and its parameters under it."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for number, step in enumerate(plan.steps, 1):
        grid.add_row(Text(str(number), style="bold"), _step_heading(step))
        if not isinstance(step, WaitUntil):
            grid.add_row("", _parameters(render.parameters(step)))
    return grid


def _step_heading(step: Step) -> Text:
    if isinstance(step, WaitUntil):
        return Text.assemble(("wait until ", "bold"), escape(step.words))
    return Text.assemble((escape(step.name), "bold"), "  ", (escape(step.words), "italic"))


def _parameters(lines: Sequence[tuple[str, str]]) -> Text:
    pairs = [Text.assemble(f"{escape(name)}=", (escape(value), "bold"), overflow="fold") for name, value in lines]
    return Text("\n").join(pairs)


def plans_text(plans: Sequence[Plan], left_out: Sequence[LeftOut] = ()) -> RenderableType:
    """The plans one below the other; what all of them share is said once, at the end."""
    parts: list[RenderableType] = []
    for plan in plans:
        if len(plans) > 1:
            parts.append(Text(escape(plan.title), style="bold underline"))
        parts.append(steps(plan))
    parts.append("")
    parts.append(
        labelled(
            [
                ("Effects", _merged(plans, [plan.effects for plan in plans])),
                ("Notes", _merged(plans, [plan.notes for plan in plans])),
                ("Undo", _merged(plans, [(plan.undo,) if plan.undo else () for plan in plans])),
                ("Left out", [f"{place}: {failure.title}" for place, failure in left_out]),
            ]
        )
    )
    return Group(*parts)


def _merged(plans: Sequence[Plan], lines: Sequence[Sequence[str]]) -> list[str]:
    """Lines that every plan has, once; the others with the name of their resource."""
    common = [line for line in lines[0] if all(line in other for other in lines)] if lines else []
    own = [
        f"{short_place(plan.subject)}: {line}"
        for plan, mine in zip(plans, lines, strict=True)
        for line in mine
        if line not in common
    ]
    return common + own


def failure_lines(failure: Failure) -> list[tuple[str, list[str]]]:
    """Everything that helps with a failure, as labelled lines."""
    detail = failure.detail if failure.detail not in (failure.title, "") else ""
    return [
        ("Detail", detail.splitlines()),
        ("Needs", [failure.iam_action] if failure.iam_action else []),
        ("Request", [failure.request_id] if failure.request_id else []),
        ("Do", [failure.hint] if failure.hint else []),
    ]


def failure_text(failure: Failure, left_out: Sequence[LeftOut] = ()) -> RenderableType:
    """A failure in full; with several rows, each with its own."""
    if len(left_out) > 1:
        return labelled([(escape(place), [other.title, other.hint]) for place, other in left_out])
    return Group(Text(escape(failure.title), style="bold"), labelled(failure_lines(failure)))
