"""The way of every change of an item: shown, agreed to, sent once through the writer, told."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from dbtui.cli import exits, results
from dbtui.cli.console import PipeClosed
from dbtui.cli.items.consent import Change, Consent, ask, refusal
from dbtui.cli.items.subject import Subject
from dbtui.cli.items.text import ItemText, leading_names
from dbtui.cli.options import Invocation
from dbtui.cli.running import to_the_end
from dbtui.cli.sinks import Record, json_of, make_sink
from dbtui.cli.wiring import Session
from dbtui.domain import diff, typed_json, units
from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.text import preview
from dbtui.domain.values import Item, Value, item_size, path_text
from dbtui.items.edit import ItemWrite, WriteResult, WriteState

_OUTCOMES: Final = {
    WriteState.DONE: "done",
    WriteState.CONFLICT: "failed",
    WriteState.REFUSED: "failed",
    WriteState.FAILED: "failed",
    WriteState.UNKNOWN: "unknown",
}
_PAST: Final = {"put": "Put", "update": "Updated", "delete-item": "Deleted"}
_VALUE_PREVIEW: Final = 60


@dataclass(frozen=True, slots=True)
class Manner:
    """How a change is to be made: what it agrees to, whether it is only shown, and the form of what is printed."""

    consent: Consent = field(default_factory=Consent)
    dry_run: bool = False
    dynamodb: bool = False
    guard: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: the members of the result, and the exit code."""

    outcome: str
    code: exits.Exit
    item: Item | None = None
    request_id: str = ""
    failure: Failure | None = None
    sentence: str = ""
    """What is said on a terminal in place of the record."""


class Writing:
    """One change of one item of a command."""

    def __init__(
        self, invocation: Invocation, session: Session, subject: Subject, *, verb: str, key: Item, manner: Manner
    ) -> None:
        self._invocation = invocation
        self._console = invocation.console
        self._session = session
        self._subject = subject
        self._verb = verb
        self._key = key
        self._manner = manner
        self._text = ItemText(invocation.console, leading_names(subject.table), manner.dynamodb)

    async def run(self, write: ItemWrite, *, typed: str = "") -> int:
        """Makes the change and prints what came of it; returns the exit code.

        ``typed``: the KEY words of the command line, which ``--confirm`` may repeat.
        """
        change = self._change(write, typed)
        policy = self._session.core.policy
        need = self._manner.consent.missing(change, policy)
        if self._manner.dry_run:
            return self._show_dry_run(write, refusal(need, change).failure if need else None)
        if need:
            self._say_write(write)
            if not self._console.can_ask:
                raise refusal(need, change)
            ask(need, change, policy, self._console)
        return await self._send(write)

    async def _send(self, write: ItemWrite) -> int:
        """Sends it. Interrupted, what came of it is printed all the same, or where that will show."""
        sent: list[WriteResult] = []

        async def send() -> None:
            sent.append(await self._session.core.items.run(write))

        try:
            await to_the_end(send())
        except asyncio.CancelledError:
            if sent:
                self._tell(write, sent[0])
            else:
                place = shlex.quote(self._subject.place(self._key))
                self._console.say(f"Interrupted. Whether it was written shows: dbtui get {place}")
            raise
        return self._tell(write, sent[0])

    def _tell(self, write: ItemWrite, result: WriteResult) -> int:
        code = self.report(self._outcome(write, result))
        remarks = [f"warning: {result.warning}"] if result.warning else []
        if result.note and not (result.done and self._invocation.output == "table"):
            remarks.append(result.note)
        for remark in remarks:
            self._console.say(remark)
        return code

    def unchanged(self, item: Item) -> int:
        """Nothing differs, so nothing is sent."""
        self._console.say(f"Nothing changed: {self._subject.short_place(self._key)}; nothing was sent.")
        if self._manner.dry_run:
            return self._print_calls([])
        return self.report(Outcome("done", exits.Exit.DONE, item))

    def failed(self, failure: Failure) -> int:
        """What stood in the way before anything was sent."""
        if self._manner.dry_run:
            self._console.say(f"dbtui: {failure.sentence}")
            return exits.of_failure(failure)
        return self.report(Outcome("failed", exits.of_failure(failure), failure=failure))

    def report(self, outcome: Outcome) -> int:
        """The result on standard output, in words on a terminal; errors on standard error.

        What became of the change is told, and is the exit code, also when standard output cannot take the result.
        """
        unwritten = self._try_to_print(outcome)
        if outcome.failure is not None:
            self._console.say(f"dbtui: {outcome.failure.sentence}")
            for line in outcome.failure.further.splitlines():
                self._console.say(f"  {line}")
        if unwritten is None:
            return outcome.code
        said = f"  {outcome.sentence}" if outcome.sentence else ""
        self._console.say(f"dbtui: {unwritten.failure.sentence}{said}")
        return outcome.code or exits.of_error(unwritten)

    def _try_to_print(self, outcome: Outcome) -> DbtuiError | None:
        """Prints the result; returns why standard output did not take it, ``None`` where nobody reads it any more."""
        try:
            self._print(outcome)
        except PipeClosed:
            self._console.abandon_output()
        except DbtuiError as error:
            self._console.abandon_output()
            return error
        return None

    def _print(self, outcome: Outcome) -> None:
        if self._invocation.output == "table":
            if outcome.sentence:
                self._console.lines([outcome.sentence])
        elif self._invocation.output == "csv":
            sink = make_sink("csv", self._console, (), guard=self._manner.guard)
            text = None if outcome.item is None else self._text.line(outcome.item)
            sink.put(
                Record({**self._fields(outcome), "result": text, "error": outcome.failure and outcome.failure.title})
            )
            sink.close()
        else:
            indent = None if self._invocation.output == "jsonl" else 2
            members = {**self._fields(outcome), "result": None, "error": _error_json(outcome.failure)}
            self._console.data(self._text.record(members, {"result": outcome.item}, indent=indent) + "\n")
        self._console.flush()

    def _fields(self, outcome: Outcome) -> Mapping[str, Any]:
        return {
            "place": self._subject.place(self._key),
            "action": self._verb,
            "outcome": outcome.outcome,
            "request_id": outcome.request_id or None,
        }

    def _change(self, write: ItemWrite, typed: str) -> Change:
        words, place = self._subject.words(self._key), self._subject.short_place(self._key)
        names = (words, place) if words.isprintable() else (place, words)
        return Change(
            self._verb,
            self._subject.scope,
            (*names, self._subject.place(self._key), *([typed] if typed else [])),
            additive=write.additive,
            destructive=write.destructive,
        )

    def _say_write(self, write: ItemWrite) -> None:
        for line in write.lines():
            self._console.say(preview(line, 2000))

    def _show_dry_run(self, write: ItemWrite, refused: Failure | None) -> int:
        """The call on standard output, what it does on standard error; exits as the real run would."""
        self._console.say(write.title)
        for effect in write.effects:
            self._console.say(f"  · {effect}")
        self._print_calls([write.dry_run()])
        self._console.say("Dry run: nothing was sent.")
        if refused is not None and not self._console.can_ask:
            self._console.say(refused.sentence)
            return exits.Exit.REFUSED
        return exits.Exit.DONE

    def _print_calls(self, calls: Sequence[Mapping[str, Any]]) -> int:
        if self._invocation.format == "jsonl":
            self._console.lines([json_of(self._console, call, indent=None) for call in calls])
        else:
            self._console.data(json_of(self._console, calls) + "\n")
        self._console.flush()
        return exits.Exit.DONE

    def _outcome(self, write: ItemWrite, result: WriteResult) -> Outcome:
        failure = result.failure
        if result.state is WriteState.CONFLICT:
            failure = conflict(self._subject, self._key, write, result)
        if failure is None and result.state is not WriteState.DONE:
            failure = Failure(FailureKind.SERVICE, "It is not known whether it was carried out.")
        return Outcome(
            _OUTCOMES[result.state],
            _code(result.state, failure),
            result.item,
            result.request_id,
            failure,
            "" if failure is not None else self._sentence(write, result),
        )

    def _sentence(self, write: ItemWrite, result: WriteResult) -> str:
        """``Updated dev@eu-west-1:item/orders?pk=a: total, note · 213 B · 1 WCU``"""
        about = []
        if self._verb == "update":
            about.append(", ".join(preview(path_text(path), _VALUE_PREVIEW) for path in write.touched))
        if result.item is not None:
            about.append(units.size(item_size(result.item)))
        if result.units is not None:
            about.append(f"{result.units:g} WCU")
        if result.note:
            about.append(result.note)
        return f"{_PAST[self._verb]} {self._subject.place(self._key)}: {' · '.join(about)}".rstrip(": ")


def conflict(subject: Subject, key: Item, write: ItemWrite, result: WriteResult) -> Failure:
    """A condition that did not hold, in words: what is there now, and what it was when it was read."""
    place = subject.short_place(key)
    if write.before is None and result.current is not None:
        return Failure(
            FailureKind.CONDITION,
            f"{place} exists already, with {_attributes(result.current)}.",
            hint="--replace puts this one in its place; update changes some of it.",
        )
    if result.current is None:
        return Failure(FailureKind.CONDITION, f"{place} is not there any more.", hint="Nothing was written.")
    return Failure(
        FailureKind.CONDITION,
        f"{place} was changed by somebody else since it was read; nothing was written.",
        detail=_differences(write, result.current),
        hint="Run it again to act on what is there now.",
    )


def _differences(write: ItemWrite, current: Item) -> str:
    """What was changed meanwhile, a line for each path."""
    found = diff.changes(write.before or {}, current)
    return "\n".join(f"{path_text(c.path)}: {_shown(c.before)} → {_shown(c.after)}" for c in found[:20])


def _shown(value: Value | None) -> str:
    return "(absent)" if value is None else preview(typed_json.encode_value(value), _VALUE_PREVIEW)


def _attributes(item: Item) -> str:
    many = "1 attribute" if len(item) == 1 else f"{len(item)} attributes"
    return f"{many}, {units.size(item_size(item))}"


def _code(state: WriteState, failure: Failure | None) -> exits.Exit:
    if state is WriteState.DONE:
        return exits.Exit.DONE
    return exits.Exit.FAILED if state is WriteState.UNKNOWN or failure is None else exits.of_failure(failure)


def _error_json(failure: Failure | None) -> Mapping[str, Any] | None:
    return None if failure is None else results.failure_json(failure)
