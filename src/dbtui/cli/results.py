"""What became of each place of a verb, as record and exit code: the shape scripts rely on."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dbtui.actions.model import Operation, OperationState
from dbtui.cli import exits
from dbtui.cli.console import Console
from dbtui.cli.render import TableCell, TableColumn
from dbtui.cli.sinks import Record, make_sink
from dbtui.cli.wiring import GlobalOptions
from dbtui.domain.failures import DbtuiError, Failure
from dbtui.domain.models import Resource
from dbtui.domain.scope import ResourceRef
from dbtui.resources import place_of, to_json

_COLUMNS: Final = (
    TableColumn("place", min_width=20),
    TableColumn("action", min_width=6, priority=1),
    TableColumn("outcome", min_width=7),
    TableColumn("result", min_width=20),
    TableColumn("error", min_width=20),
)
_OUTCOMES: Final = {
    OperationState.RUNNING: "running",
    OperationState.DONE: "done",
    OperationState.FAILED: "failed",
    OperationState.REFUSED: "failed",
    OperationState.UNKNOWN: "unknown",
}
_STYLES: Final = {"done": "status-ok", "running": "status-busy", "failed": "status-attention", "unknown": "warn"}


@dataclass(frozen=True, slots=True)
class Result:
    """One place's outcome: ``done``, ``running``, ``failed`` or ``unknown``."""

    place: str
    action: str
    outcome: str
    code: exits.Exit
    request_id: str = ""
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None

    def record(self, *, with_error: bool) -> Record:
        """``{place, action, outcome, request_id, result, error}`` and the same as a row, without an error column
        where nothing failed."""
        result_place = str(self.result["place"]) if self.result else "–"
        message = str(self.error["message"]) if self.error else "–"
        return Record(
            {
                "place": self.place,
                "action": self.action,
                "outcome": self.outcome,
                "request_id": self.request_id or None,
                "result": self.result,
                "error": self.error,
            },
            (
                TableCell(self.place),
                TableCell(self.action),
                TableCell(self.outcome, _STYLES[self.outcome]),
                TableCell(result_place, "" if self.result else "muted"),
                *([TableCell(message, "error" if self.error else "muted")] if with_error else []),
            ),
        )


def show(results: Sequence[Result], output: str, console: Console, *, single: bool, guard: bool) -> None:
    """Prints the results: one object for one place, an array for several. Places are never cut: they are copied."""
    failed = any(result.error for result in results)
    columns = _COLUMNS if failed else _COLUMNS[:-1]
    sink = make_sink(output, console, columns, single=single and len(results) == 1, guard=guard, fit=False)
    for result in results:
        sink.put(result.record(with_error=failed))
    sink.close()
    console.flush()


def of_operation(operation: Operation, *, waited: bool) -> Result:
    """The result of a run. What still runs is fine unless somebody waited for its end."""
    outcome = _OUTCOMES[operation.state]
    error = failure_json(operation.failure) if operation.failure else None
    if error is None and operation.error:
        error = _message("failed", operation.error)
    elif error is not None and operation.error:
        error["message"] = operation.error
    accepted = operation.state in {OperationState.RUNNING, OperationState.DONE}
    return Result(
        place=place_of(operation.subject),
        action=operation.action,
        outcome=outcome,
        code=_code(operation, waited=waited),
        request_id=operation.request_id,
        result=_result(operation.watch, operation.result) if accepted or operation.result else None,
        error=error,
    )


def _code(operation: Operation, *, waited: bool) -> exits.Exit:
    if operation.state is OperationState.DONE:
        return exits.Exit.DONE
    if operation.state is OperationState.RUNNING and operation.failure is not None and waited:
        return exits.of_failure(operation.failure)
    if operation.state is OperationState.RUNNING:
        return exits.Exit.RUNNING if waited else exits.Exit.DONE
    if operation.state is OperationState.UNKNOWN or operation.failure is None:
        return exits.Exit.FAILED
    return exits.of_failure(operation.failure)


def of_error(place: str, action: str, error: DbtuiError) -> Result:
    """The result of a place that never got as far as being sent."""
    return Result(place, action, "failed", exits.of_error(error), error=failure_json(error.failure))


def not_sent(place: str, action: str, because: str) -> Result:
    """The result of a place that was fine, but something came first."""
    return Result(
        place, action, "failed", exits.Exit.FAILED, error=_message("not-sent", f"Not sent because {because}.")
    )


def of_wait(place: str, outcome: str, code: exits.Exit, resource: Resource | None, message: str = "") -> Result:
    """The result of ``dbtui wait`` for one place."""
    return Result(
        place,
        "wait",
        outcome,
        code,
        result=to_json(resource) if resource is not None else None,
        error=_message("failed", message) if message else None,
    )


def failure_json(failure: Failure) -> dict[str, Any]:
    """A failure as the ``error`` member of a result."""
    return {
        "kind": str(failure.kind),
        "message": failure.title,
        "hint": failure.hint or None,
        "detail": failure.detail or None,
        "code": failure.code or None,
        "operation": failure.operation or None,
        "iam_action": failure.iam_action or None,
    }


def _message(kind: str, text: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("hint", "detail", "code", "operation", "iam_action"))
    return {"kind": kind, "message": text, **nothing}


def _result(watch: ResourceRef, resource: Resource | None) -> dict[str, Any]:
    if resource is not None:
        return to_json(resource)
    return {"kind": watch.kind, "id": watch.id, "place": place_of(watch)}


def resume_command(place: str, options: GlobalOptions) -> str:
    """The command that goes on waiting for what this one started."""
    words = ["dbtui", "wait", place]
    words += ["--endpoint-url", options.endpoint_url] if options.endpoint_url else []
    words += ["--config", str(options.config)] if options.config else []
    return shlex.join(words)
