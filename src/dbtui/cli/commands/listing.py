"""``dbtui list KIND``: every resource of a kind in every scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from dbtui.cli import exits
from dbtui.cli.options import Invocation, Verb, csv_raw_option

if TYPE_CHECKING:
    from dbtui.cli.loading import Loader, Problem
    from dbtui.cli.wiring import Session
    from dbtui.domain.models import Resource
    from dbtui.resources import Kind


def command(summary: str) -> Verb:
    from dbtui.resources import ALL, UNIONS
    from dbtui.resources.filters import attributes

    kinds = ", ".join([*(kind.plural for kind in ALL), *UNIONS])
    return Verb(
        "list",
        callback=_list,
        params=[
            click.Argument(["word"], metavar="KIND", required=False),
            click.Option(
                ["--filter", "text"],
                metavar="TEXT",
                default="",
                help="Only rows with every word; ATTRIBUTE=VALUE looks at one attribute, !WORD must not hold.",
            ),
            click.Option(
                ["--kind", "only"], metavar="KIND", multiple=True, help="Of a union such as snapshots, only this kind."
            ),
            click.Option(
                ["--describe"],
                is_flag=True,
                help="Tables: status, size, keys and more too, at three calls a table; alone, a list has the names, "
                "at one call per 100.",
            ),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nKinds: {kinds}.\n\nAttributes to filter by: {', '.join(attributes(ALL))}.\n\n"
        "CSV guards cells that a spreadsheet would run as formulas with an apostrophe.",
    )


@click.pass_obj
def _list(
    invocation: Invocation, *, word: str | None, text: str, only: tuple[str, ...], describe: bool, csv_raw: bool
) -> int:
    from dbtui.cli.running import run_session

    kinds = _kinds(word, only)
    if describe and not any(kind.describe for kind in kinds):
        raise click.UsageError("--describe goes with tables: other lists name and describe in one call")
    _check_filter(text, kinds)
    describe = describe or "=" in text  # a filter by an attribute needs the attribute

    async def work(session: Session) -> int:
        return await _print(invocation, session, kinds, text, describe=describe, guard=not csv_raw)

    return run_session(invocation, work)


def _check_filter(text: str, kinds: Sequence[Kind[Any]]) -> None:
    """A misspelt attribute would pass nothing, or everything when negated; neither may be silent in a script."""
    from dbtui.domain.failures import UsageError
    from dbtui.resources.filters import attributes, unknown_attributes

    strange = unknown_attributes(text, kinds)
    if strange:
        raise UsageError(
            f"--filter: there is no attribute {strange[0]}.", hint=f"There are: {', '.join(attributes(kinds))}."
        )


def _kinds(word: str | None, only: Sequence[str]) -> tuple[Kind[Any], ...]:
    from dbtui.domain.failures import UsageError
    from dbtui.resources import ALL, UNIONS, kind_named, kinds_named

    if not word:
        raise UsageError("list what?", hint=f"Kinds: {', '.join([*(kind.plural for kind in ALL), *UNIONS])}.")
    if "/" in word:
        raise UsageError(f"{word} is one resource.", hint=f"Use: dbtui show {word}")
    kinds = kinds_named(word)
    if not only:
        return kinds
    chosen = {kind_named(name).name for name in only}
    strange = chosen - {kind.name for kind in kinds}
    if strange:
        raise UsageError(
            f"{word} has no {', '.join(sorted(strange))}.", hint=f"--kind takes {', '.join(k.name for k in kinds)}."
        )
    return tuple(kind for kind in kinds if kind.name in chosen)


async def _print(
    invocation: Invocation, session: Session, kinds: Sequence[Kind[Any]], text: str, *, describe: bool, guard: bool
) -> int:
    """Loads, filters and prints; failures are named per scope and decide the exit code, the rest is still printed."""
    from dbtui.cli.cells import layout
    from dbtui.cli.loading import Loader
    from dbtui.cli.progress import StatusLine
    from dbtui.cli.sinks import Record, make_sink
    from dbtui.resources import to_json
    from dbtui.resources.filters import predicate

    console = invocation.console
    plan = layout(kinds, scopes=len(session.targets), described=describe)
    sink = make_sink(invocation.output, console, plan.columns, guard=guard)
    loader = Loader(session.core.gateway, describe=describe)
    passes = predicate(text)
    streams = invocation.output == "jsonl"
    waiting: dict[int, list[Resource]] = {}
    seen = shown = 0
    with StatusLine(console) as line:
        async for position, resources in loader.batches(kinds, session.targets):
            now = session.core.clock()
            fitting = [resource for resource in resources if passes(resource, now)]
            seen += len(resources)
            shown += len(fitting)
            if streams:
                for resource in fitting:
                    sink.put(Record(to_json(resource)))
            else:
                waiting.setdefault(position, []).extend(fitting)
                line.show(f"{seen:,} {kinds[0].plural}…")
    now = session.core.clock()
    for position in sorted(waiting):
        for resource in waiting[position]:
            sink.put(Record(to_json(resource), plan.cells(resource, now)))
    if loader.succeeded:
        sink.close()
        console.flush()
    _say_what_failed(invocation, loader)
    if console.out_is_terminal and invocation.output == "table":
        console.say(_count(kinds, shown, seen, loader.problems))
        if not describe and any(kind.describe for kind in kinds):
            console.say("Names only; --describe adds status, size and keys.")
    return _exit_code(loader)


def _count(kinds: Sequence[Kind[Any]], shown: int, seen: int, problems: Sequence[Problem]) -> str:
    noun = kinds[0].plural if len(kinds) == 1 else "snapshots"
    many = f"{shown:,} {noun}" if shown == seen else f"{shown:,} of {seen:,} {noun}"
    return f"{many}; the list is not complete" if problems else many


def _say_what_failed(invocation: Invocation, loader: Loader) -> None:
    """One line per scope and reason; many resources with the same trouble share a line."""
    together: dict[tuple[str, str, str], list[str]] = {}
    for problem in loader.problems:
        key = (problem.target.label, problem.kind.plural, problem.failure.sentence)
        together.setdefault(key, []).append(problem.subject)
    for (scope, plural, sentence), subjects in together.items():
        named = [subject for subject in subjects if subject]
        about = f"{plural}: " if not named else f"{', '.join(named[:3])}{' …' if len(named) > 3 else ''}: "
        invocation.console.say(f"{scope}: {about}{sentence}")


def _exit_code(loader: Loader) -> exits.Exit:
    codes = [exits.of_failure(problem.failure) for problem in loader.problems]
    useful = loader.succeeded and not loader.described_nothing
    return exits.combined([*codes, *([exits.Exit.DONE] if useful else [])])
