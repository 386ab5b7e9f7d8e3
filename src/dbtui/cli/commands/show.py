"""``dbtui show PLACE``: everything about one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dbtui.cli import exits
from dbtui.cli.options import Invocation, Verb, csv_raw_option

if TYPE_CHECKING:
    from dbtui.cli.wiring import Session
    from dbtui.domain.models import Resource


def command(summary: str) -> Verb:
    return Verb(
        "show",
        callback=_show,
        params=[
            click.Argument(["place"], metavar="PLACE", required=False),
            click.Option(["--raw"], is_flag=True, help="AWS's own structure as JSON, unknown members included."),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nA place reads KIND/NAME or is an ARN. Without a scope it is looked for in all of them.",
    )


@click.pass_obj
def _show(invocation: Invocation, place: str | None, raw: bool, csv_raw: bool) -> int:
    from dbtui.cli.running import run_session
    from dbtui.domain.failures import UsageError
    from dbtui.resources import kinds_named

    if not place:
        raise UsageError("show what?", hint="Give a place, for example instance/orders-db.")
    if "/" not in place and not place.startswith("arn:"):
        kinds_named(place)
        raise UsageError(f"{place} is a kind, not one resource.", hint=f"Did you mean: dbtui list {place}")

    async def work(session: Session) -> int:
        return await _print(invocation, session, place, raw=raw, guard=not csv_raw)

    return run_session(invocation, work)


async def _print(invocation: Invocation, session: Session, text: str, *, raw: bool, guard: bool) -> int:
    from dbtui.cli.resolving import resolve, understood
    from dbtui.cli.sinks import Record, json_of, make_sink
    from dbtui.resources import to_json

    ((_, place),) = understood([text], session.targets)
    found = await resolve(session.core.gateway, text, place, everywhere=False)
    if found.resource is None:
        assert found.error is not None
        raise found.error
    console = invocation.console
    for target, failure in found.unsearched:
        console.say(f"{target.label} was not searched: {failure.sentence}")
    complete = found.kind.complete
    resource: Resource = (
        found.resource if complete is None or raw else await complete(session.core.gateway, found.resource)
    )
    if raw:
        if invocation.format in ("table", "csv"):
            from dbtui.domain.failures import UsageError

            raise UsageError("--raw is JSON.", hint="Use -o json or -o jsonl.")
        indent = {"indent": None} if invocation.format == "jsonl" else {}
        console.data(json_of(console, resource.raw, **indent) + "\n")
    elif invocation.output == "table":
        _print_sections(invocation, session, resource)
    else:
        sink = make_sink(invocation.output, console, (), single=True, guard=guard)
        sink.put(Record(to_json(resource)))
        sink.close()
    console.flush()
    return exits.Exit.DONE


def _print_sections(invocation: Invocation, session: Session, resource: Resource) -> None:
    from dbtui.cli.render import TableCell, titled_fields
    from dbtui.resources import kind_of, place_of

    console = invocation.console
    kind = kind_of(resource.ref)
    console.lines(
        titled_fields(
            [
                (place_of(resource.ref), [("", TableCell(kind.headline(resource)))] if kind.headline(resource) else []),
                *(
                    (section.title, [(field.label, TableCell(field.text, field.style)) for field in section.fields])
                    for section in kind.sections(resource, session.core.clock())
                ),
            ],
            colour=console.colour,
            ascii_only=console.ascii_only,
        )
    )
