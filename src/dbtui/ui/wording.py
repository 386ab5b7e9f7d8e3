"""What the frame says: where we are, whether writes are armed, what a list holds and how old it is."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from dbtui.actions.guards import ArmState
from dbtui.actions.model import Operation, OperationState
from dbtui.domain import units
from dbtui.domain.failures import Failure
from dbtui.domain.models import Resource
from dbtui.domain.scope import UNKNOWN_ACCOUNT, Scope, Target
from dbtui.domain.text import escape
from dbtui.gateway.protocol import Notice
from dbtui.resources import place_of, short_place
from dbtui.ui.fleet import Fleet, Part
from dbtui.ui.session import Session
from dbtui.ui.widgets.frame import TopState

ARROW = " ▸ "
DOT = " · "


def account(number: str) -> str:
    """An account as people read it: ``4711-0815-1234``."""
    if number == UNKNOWN_ACCOUNT:
        return "account ?"
    if len(number) == 12 and number.isdigit():
        return f"{number[:4]}-{number[4:8]}-{number[8:]}"
    return number


def _joined(names: Sequence[str], limit: int = 3) -> str:
    unique = list(dict.fromkeys(names))
    shown = ", ".join(unique[:limit])
    return f"{shown} +{len(unique) - limit}" if len(unique) > limit else shown


def where(targets: Sequence[Target], scopes: dict[Target, Scope], failed: Container[Target] = ()) -> str:
    """Profile, account, region and endpoint; several of them summarised."""
    if not targets:
        return ""
    pending = {target: "no account" if target in failed else "…" for target in targets}
    accounts = [account(scopes[target].account) if target in scopes else pending[target] for target in targets]
    aliases = [scopes[target].alias for target in targets if target in scopes and scopes[target].alias]
    parts = [
        _joined([target.profile or "default" for target in targets]),
        _joined(accounts) + (f" ({_joined(aliases)})" if aliases else ""),
        _joined([target.region for target in targets]),
        _joined([target.endpoint for target in targets if target.endpoint]),
    ]
    text = ARROW.join(part for part in parts if part)
    return f"{len(targets)} scopes: {text}" if len(targets) > 1 else text


def top_state(session: Session, banner: str = "") -> TopState:
    """The first line of every screen."""
    scopes = [session.scopes[target] for target in session.targets if target in session.scopes]
    states = [session.core.arming.state(scope) for scope in scopes]
    protected = any(session.policy(scope).protected for scope in scopes)
    if session.read_only or (states and all(state is ArmState.READ_ONLY for state in states)):
        writes, armed = "read-only", False
    elif any(state is ArmState.ARMED for state in states):
        armed_scopes = [scope.label for scope, state in zip(scopes, states, strict=True) if state is ArmState.ARMED]
        writes, armed = "writes armed" + (f" in {_joined(armed_scopes, 1)}" if len(scopes) > 1 else ""), True
    else:
        writes, armed = "writes locked", False
    shown = session.starting or where(session.targets, session.scopes, session.scope_failures) or banner
    return TopState(
        escape(shown), banner if session.targets else "", protected, writes, armed, session.core.tracker.running_count
    )


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What the status line of a list is made of besides the fleet."""

    shown: int
    filter_text: str = ""
    problems_only: bool = False
    marked: int = 0
    hidden: int = 0
    summary: str = ""
    undescribed: int = 0
    note: str = ""


def list_status(fleet: Fleet, facts: ListFacts) -> str:
    """One line of truth about a list."""
    if not (fleet.loading or fleet.answered or fleet.failures or fleet.stopped):
        return facts.note  # nothing was asked yet
    whole = not (_narrowed(facts) or fleet.failures or not fleet.answered)
    parts = [_counts(fleet, facts), facts.summary if whole else ""]
    if facts.marked:
        hidden = f", {facts.hidden:,} of them hidden" if facts.hidden else ""
        parts.append(f"{facts.marked:,} marked{hidden}")
    if facts.undescribed:
        parts.append(f"{fleet.rows.row_count - facts.undescribed:,} of {fleet.rows.row_count:,} described")
    if fleet.as_of is not None and (fleet.quiet or not fleet.loading):
        parts.append(f"as of {units.clock(fleet.as_of)}")
    parts.append(facts.note)
    return DOT.join(part for part in parts if part)


def _narrowed(facts: ListFacts) -> bool:
    return bool(facts.filter_text) or facts.problems_only


def _counts(fleet: Fleet, facts: ListFacts) -> str:
    total = fleet.rows.row_count
    first_load = fleet.loading and not fleet.answered
    if fleet.stopped:
        return f"stopped at {total:,}, incomplete{DOT}r reloads"
    whole = f"{total:,}+" if first_load else f"{total:,}"
    if _narrowed(facts):
        so_far = f" of {whole} loaded so far" if first_load else f" of {whole}"
        what = "with problems" if facts.problems_only and not facts.filter_text else "match"
        text = f"{facts.shown:,}{so_far} {what}{DOT}esc shows all"
    elif first_load:
        text = whole if total else ""
    elif fleet.failures:
        failed = len(fleet.failures)
        text = f"{total:,} shown{DOT}{failed} of {failed + len(fleet.fresh)} lists could not be read"
    else:
        text = f"{total:,} of {total:,}"
    if fleet.loading and (first_load or not fleet.quiet):
        text = DOT.join(part for part in (text, "loading… esc stops" if first_load else "refreshing…") if part)
    return text


def failure_lines(fleet: Fleet) -> list[str]:
    """What failed, by scope; the same failure of several kinds of one scope is said once."""
    lines: dict[str, None] = {}
    for part, failure in sorted(fleet.failures.items()):
        stale = _stale(fleet, part)
        lines[f"{scope_name(part.target)}: {failure.title} {stale or failure.hint}".rstrip()] = None
    return [escape(line) for line in lines]


def _stale(fleet: Fleet, part: Part) -> str:
    moment = fleet.answered.get(part)
    return f"What you see is from {units.clock(moment)}." if moment is not None else ""


def scope_name(target: Target) -> str:
    """``eu-west-1 prod``, as failures and empty lists name a scope."""
    return f"{target.region} {target.profile}".strip()


def emptiness(nouns: str, targets: Sequence[Target]) -> str:
    """``No tables in eu-west-1 for prod.``"""
    if len(targets) != 1:
        return f"No {nouns} in any of the {len(targets)} scopes."
    target = targets[0]
    whose = f" for {target.profile}" if target.profile else ""
    return f"No {nouns} in {target.region}{whose}."


def failure_text(failure: Failure) -> tuple[str, str]:
    """Title and everything that helps, for a pane that has nothing else to show."""
    more = [failure.hint, failure.detail if failure.detail != failure.title else ""]
    if failure.request_id:
        more.append(f"Request {failure.request_id}")
    return escape(failure.title), "\n".join(escape(line) for line in more if line)


def escaped_title(failure: Failure) -> str:
    return escape(failure.title)


def placeholder(fleet: Fleet, session: Session, nouns: str, *, narrowed: bool) -> tuple[str, str, str]:
    """Title, further lines and style of what stands where rows would be."""
    if session.start_failure is not None:
        return *failure_text(session.start_failure), "danger"
    if not session.ready:
        return session.starting or "Starting…", "", "muted"
    if fleet.rows.row_count and narrowed:
        return "Nothing matches.", "esc shows everything again", "muted"
    if fleet.loading:
        return f"Loading {nouns}…", "esc stops", "muted"
    if fleet.stopped:
        return "Stopped before anything was there.", "r loads again", "muted"
    if fleet.failures and not fleet.answered:
        return *_first_failures(fleet), "danger"
    return emptiness(nouns, session.targets), "p another region or profile · r refresh", "muted"


def _first_failures(fleet: Fleet) -> tuple[str, str]:
    """One failure in full; of several scopes the others by their lines."""
    (part, failure), *others = sorted(fleet.failures.items())
    title, text = failure_text(failure)
    rest = [line for line in failure_lines(fleet) if failure.title not in line] if others else []
    named = f"{scope_name(part.target)}: " if len({part.target for part in fleet.failures}) > 1 else ""
    return named + title, "\n".join([text, *rest])


def breadcrumb(start: str, model: Resource, *, scoped: bool = False) -> str:
    """Where a row is: the pane, then the place; with its scope where several are in sight."""
    separator = " " if start == "‹" else ARROW
    return f"{start}{separator}{escape(place_of(model.ref) if scoped else short_place(model.ref))}"


def notice_text(notice: Notice) -> str:
    """``throttled, retrying 2/4``: what a call goes through, without an alarm."""
    if notice.text:
        return escape(notice.text)
    tries = f" {notice.attempt}" if notice.attempt else ""
    wait = f" in {notice.delay:.0f} s" if notice.delay >= 1 else ""
    what = "throttled, retrying" if notice.kind == "throttled" else "retrying"
    return f"{what}{tries}{wait} · {escape(notice.operation)} in {scope_name(notice.target)}"


def operation_end(operation: Operation) -> str:
    """How an operation ended, with the time it took."""
    took = ""
    if operation.ended_at is not None:
        took = f" (took {units.stopwatch((operation.ended_at - operation.started_at).total_seconds())})"
    if operation.state is OperationState.DONE:
        return f"{operation.title}: done{took}"
    return f"{operation.title}: {operation.state}{took}. {operation.error}".strip()
