"""Activity: every operation this program started or found again, and one of them in full."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, Final

from rich.console import Group, RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from dbtui.actions.model import Operation, OperationState
from dbtui.actions.tracker import Tracker
from dbtui.domain import units
from dbtui.domain.clock import Clock
from dbtui.domain.failures import Failure
from dbtui.domain.rows import Cell, Column, ColumnSpec, Diff, ListSource, text_cell
from dbtui.domain.states import GLYPHS, State
from dbtui.domain.text import escape
from dbtui.resources import place_of, short_place
from dbtui.ui import clipboard, loading
from dbtui.ui.screens.plan_text import failure_lines, labelled, scope_text, steps
from dbtui.ui.widgets import record_messages
from dbtui.ui.widgets.record_table import RecordTable

NOTE: Final = "Operations go on in AWS when dbtui is closed; they are found again at the next start."
EMPTY: Final = "Nothing started yet. A snapshot, a reboot and whatever else is started shows here until it has ended."
HISTORY_LIMIT: Final = 50
MIN_WRAP: Final = 16

_LOOKS: Final = {
    OperationState.RUNNING: (State.BUSY, "status-busy"),
    OperationState.DONE: (State.OK, "status-ok"),
    OperationState.FAILED: (State.ATTENTION, "status-attention"),
    OperationState.REFUSED: (State.ATTENTION, "status-attention"),
    OperationState.UNKNOWN: (State.UNKNOWN, "warn"),
}

History = list[tuple[datetime, str]]


def state_words(operation: Operation) -> str:
    """``◐ running``: sign and word."""
    return f"{GLYPHS[_LOOKS[operation.state][0]]} {operation.state.value}"


def status_words(operation: Operation) -> str:
    """How far it is, or how it ended: ``creating 42 %``, or the error."""
    if operation.error:
        return operation.error
    percent = "" if operation.percent is None else f" {operation.percent} %"
    return f"{operation.status}{percent}".strip()


def what_words(operation: Operation) -> str:
    """The title, and what it makes where that is another resource than the one acted upon."""
    made = "" if operation.watch == operation.subject else f" → {operation.watch.id}"
    return f"{operation.title}{made}"


def started_words(operation: Operation, now: datetime) -> str:
    """``09:15`` for today, else the day."""
    return units.day_or_time(operation.started_at, now).removeprefix("today ")


def resume_command(operation: Operation) -> str:
    """The command that goes on waiting for it, from any shell."""
    return f"dbtui wait {shlex.quote(place_of(operation.watch))}"


class Watch:
    """When each operation was last heard of, and what was said: nothing on the screen counts seconds by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heard: dict[str, datetime] = {}
        self._history: dict[str, History] = {}

    def hear(self, operation: Operation) -> None:
        now = self._heard[operation.op_id] = self._clock()
        history = self._history.setdefault(operation.op_id, [])
        words = status_words(operation) or operation.state.value
        if not history or history[-1][1] != words:
            history.append((now, words))
            del history[:-HISTORY_LIMIT]

    def history(self, operation: Operation) -> History:
        return self._history.get(operation.op_id, [])

    def took(self, operation: Operation) -> float | None:
        """Seconds from the start to the end, or to the last report; ``None`` when nobody saw the end."""
        if operation.ended_at is None and operation.state is not OperationState.RUNNING:
            return None
        end = operation.ended_at or self._heard.get(operation.op_id, operation.started_at)
        return (end - operation.started_at).total_seconds()


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else units.stopwatch(seconds)


def columns(watch: Watch, clock: Clock) -> list[Column[Operation]]:
    """The columns of Activity; cells are as of the operation's last report."""

    return [
        Column(
            ColumnSpec("state", "state", 9, 9, priority=9, frozen=True),
            lambda op: Cell(state_words(op), _LOOKS[op.state][1]),
        ),
        Column(
            ColumnSpec("started", "started", 7, 12, priority=8),
            lambda op: Cell(started_words(op, clock()), "muted", sort_key=op.started_at),
        ),
        Column(ColumnSpec("what", "what", 32, 70, priority=5), lambda op: text_cell(what_words(op))),
        Column(ColumnSpec("status", "status", 14, 80, weight=1, priority=2), lambda op: Cell(status_words(op) or " ")),
        Column(
            ColumnSpec("took", "took", 5, 8, align="right", priority=7),
            lambda op: Cell(_span(watch.took(op)), "number", sort_key=watch.took(op)),
        ),
        Column(ColumnSpec("scope", "scope", 10, 30, priority=3), lambda op: text_cell(op.scope.label, "muted")),
    ]


class ActivityPane(Widget):
    """The list of operations, the newest first, as the tracker reports them."""

    class StatusChanged(Message):
        """The status line says something else."""

        def __init__(self, pane: ActivityPane) -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, tracker: Tracker, clock: Clock) -> None:
        super().__init__(id="pane-activity", classes="pane")
        self.tracker = tracker
        self.watch_reports = Watch(clock)
        self.source: ListSource[Operation] = ListSource(
            columns(self.watch_reports, clock), lambda operation: operation.op_id
        )
        self.table = RecordTable(self.source, id="activity-table")
        self._unsubscribe: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        yield self.table
        yield Static(NOTE, id="activity-note", markup=False)

    def on_mount(self) -> None:
        for operation in self.tracker.operations:
            self.watch_reports.hear(operation)
        self._unsubscribe = self.tracker.subscribe(self._reported)
        self._show()

    def on_unmount(self) -> None:
        self._unsubscribe()

    def on_resize(self) -> None:
        lines = textwrap.wrap(EMPTY, max(MIN_WRAP, self.size.width - 4))
        self.table.set_placeholder(lines)

    @property
    def status(self) -> str:
        """``3 operations · 1 running``."""
        total, running = self.source.row_count, len(self.tracker.running)
        if not total:
            return "no operations"
        return f"{total:,} operation{'s' if total > 1 else ''}" + (f" · {running} running" if running else "")

    def shown(self) -> None:
        """The pane came into sight."""
        self.table.focus()
        self.post_message(self.StatusChanged(self))

    def _reported(self, operation: Operation) -> None:
        self.watch_reports.hear(operation)
        diff = self._show()
        if operation.op_id not in diff.changed:
            # A report that changes nothing else still moves 'took'.
            self.source.touch([operation.op_id])

    def _show(self) -> Diff:
        self.post_message(self.StatusChanged(self))
        return self.source.replace_all(self.tracker.operations)

    @on(record_messages.RowActivated)
    def _open(self, event: record_messages.RowActivated) -> None:
        event.stop()
        operation = self.source.model(event.row_id)
        if operation is not None:
            self.app.push_screen(OperationScreen(operation, self.tracker, self.watch_reports))


class OperationScreen(ModalScreen[None]):
    """One operation in full, kept up to date while it is looked at."""

    AUTO_FOCUS = "#operation-body"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q", "close", "Close", id="operation.close"),
        Binding("c,y", "copy", "Copy the command or place", id="operation.copy"),
        Binding("j", "scroll(1)", "Down", show=False, id="operation.down"),
        Binding("k", "scroll(-1)", "Up", show=False, id="operation.up"),
    ]

    def __init__(self, operation: Operation, tracker: Tracker, reports: Watch) -> None:
        super().__init__()
        self.operation = operation
        self._tracker = tracker
        self._reports = reports
        self._unsubscribe: Callable[[], None] = lambda: None
        self._body = VerticalScroll(id="operation-body")
        self._text = Static(id="operation-text", markup=False)
        self._keys = Static(id="operation-keys", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(id="operation") as dialog:
            dialog.border_title = Content(escape(what_words(self.operation)))
            with self._body:
                yield self._text
            yield self._keys

    def on_mount(self) -> None:
        self._unsubscribe = self._tracker.subscribe(self._reported)
        self._show()

    def on_unmount(self) -> None:
        self._unsubscribe()

    def _reported(self, operation: Operation) -> None:
        if operation.op_id == self.operation.op_id:
            self.operation = operation
            self._show()

    def _show(self) -> None:
        text = operation_text(self.operation, self._reports)
        self._text.update(text)
        what = "command" if self.operation.state is OperationState.RUNNING else "place"
        self._keys.update(Content(f"esc close   c copy the {what}"))

    def action_close(self) -> None:
        self.dismiss(None)

    def action_scroll(self, lines: int) -> None:
        self._body.scroll_relative(y=lines, animate=False)

    def action_copy(self) -> None:
        """Copies what goes on waiting for a running operation, else the place of what it made."""
        running = self.operation.state is OperationState.RUNNING
        text = resume_command(self.operation) if running else place_of(self.operation.watch)

        async def work() -> None:
            self.notify(await clipboard.copy(self.app, text), markup=False)

        loading.run(self, work, group="copy", on_failure=self._copy_failed)

    def _copy_failed(self, failure: Failure) -> None:
        self.notify(failure.sentence, severity="error", markup=False)


def operation_text(operation: Operation, reports: Watch) -> RenderableType:
    """Everything dbtui knows of an operation, as labelled lines."""
    running = operation.state is OperationState.RUNNING
    words = status_words(operation)
    state = state_words(operation) + (f": {words}" if words and words != operation.state.value else "")
    ended = units.moment(operation.ended_at) if operation.ended_at is not None else ""
    failure = failure_lines(operation.failure) if operation.failure is not None else []
    said = (operation.error, operation.request_id)
    more = [(label, [line for line in lines if not any(line in text for text in said)]) for label, lines in failure]
    history = reports.history(operation)
    parts: list[RenderableType] = [
        labelled(
            [
                ("State", [state]),
                *more,
                ("Started", [units.moment(operation.started_at) + (" · found again" if operation.recovered else "")]),
                ("Ended", [ended] if ended else []),
                ("Took", [_span(reports.took(operation)) + (" so far" if running else "")]),
                ("Scope", [scope_text(operation.scope)]),
                ("Subject", [short_place(operation.subject)]),
                ("Follows", [short_place(operation.watch)] if operation.watch != operation.subject else []),
                ("Request", [operation.request_id] if operation.request_id else []),
                ("Resume", [resume_command(operation)] if running else []),
                ("Reported", [f"{units.clock(when)}  {what}" for when, what in history] if len(history) > 1 else []),
            ]
        )
    ]
    if operation.plan is not None:
        parts += ["", Text("Steps", style="bold"), steps(operation.plan)]
    return Group(*parts)
