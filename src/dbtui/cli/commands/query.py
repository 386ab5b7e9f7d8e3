"""``dbtui query table/T --pk VALUE``: the items of one partition, of the table or of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from dbtui.cli.commands.item_options import (
    JSON_HELP,
    TRUTH_HELP,
    consistent_option,
    dynamodb_json_option,
    index_option,
    limit_option,
    max_rcu_option,
    needs_table,
    table_argument,
)
from dbtui.cli.options import Invocation, Verb, csv_raw_option

if TYPE_CHECKING:
    from dbtui.cli.items.reading import Bounds, Layout
    from dbtui.cli.items.scanning import KeyOptions
    from dbtui.cli.wiring import Session

_RANGES = {
    "--sk-begins-with": ("begins_with", "Sort keys that begin like this (strings and binary)."),
    "--sk-lt": ("<", "Sort keys below."),
    "--sk-le": ("<=", "Sort keys up to and including."),
    "--sk-gt": (">", "Sort keys above."),
    "--sk-ge": (">=", "Sort keys from, including."),
}


def command(summary: str) -> Verb:
    return Verb(
        "query",
        callback=_query,
        params=[
            table_argument(),
            index_option(),
            click.Option(
                ["--pk"],
                multiple=True,
                metavar="VALUE",
                help="The partition key, read as its type (binary as base64); repeated where it has several parts.",
            ),
            click.Option(
                ["--sk"],
                multiple=True,
                metavar="VALUE",
                help="The sort key; repeated for the parts of an index that has several, from the left.",
            ),
            *(
                click.Option([name, _parameter(name)], metavar="VALUE", help=text)
                for name, (_, text) in _RANGES.items()
            ),
            click.Option(
                ["--sk-between"], nargs=2, metavar="LOW HIGH", help="Sort keys from LOW to HIGH, both included."
            ),
            click.Option(["--desc"], is_flag=True, help="The highest sort key first."),
            limit_option(),
            max_rcu_option(),
            consistent_option(),
            click.Option(["--allow-scan"], is_flag=True, help="Without --pk, read the whole table."),
            dynamodb_json_option(),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nWithout --pk nothing but a scan of the whole table would do; then the exit code is 4, with "
        f"an estimate of the cost, unless --allow-scan is given.\n\n{TRUTH_HELP}\n\n{JSON_HELP}",
    )


def _parameter(option: str) -> str:
    return option.removeprefix("--").replace("-", "_")


@click.pass_obj
def _query(invocation: Invocation, /, *, place: str | None, **given: Any) -> int:
    from dbtui.cli.items.reading import Bounds, Layout
    from dbtui.cli.items.scanning import KeyOptions
    from dbtui.cli.items.subject import understood
    from dbtui.cli.running import run_session

    place = needs_table(place, "query", "table/orders --pk a-17")
    understood(place, "query", item=False)
    options = KeyOptions(
        index=given["index"],
        partition=given["pk"],
        conditions=_conditions(given),
        descending=given["desc"],
        consistent=given["consistent"],
    )
    options.check(allow_scan=given["allow_scan"])
    bounds = Bounds(limit=given["limit"], units=given["max_rcu"])
    layout = Layout(dynamodb=given["dynamodb"], guard=not given["csv_raw"])

    async def work(session: Session) -> int:
        return await _run(
            invocation, session, place, options=options, bounds=bounds, layout=layout, allow_scan=given["allow_scan"]
        )

    return run_session(invocation, work)


def _conditions(given: dict[str, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The sort key conditions, equalities first; raises ``UsageError`` for more than one range."""
    from dbtui.domain.failures import UsageError

    ranges = {name: given[_parameter(name)] for name in _RANGES if given[_parameter(name)] is not None}
    conditions = [(_RANGES[name][0], (value,)) for name, value in ranges.items()]
    names = list(ranges)
    if given["sk_between"] is not None:
        conditions.append(("between", given["sk_between"]))
        names.append("--sk-between")
    if len(names) > 1:
        raise UsageError(f"{' and '.join(names)} do not go together.", hint="For a span use --sk-between LOW HIGH.")
    return (*(("=", (value,)) for value in given["sk"]), *conditions)


async def _run(
    invocation: Invocation,
    session: Session,
    place: str,
    *,
    options: KeyOptions,
    bounds: Bounds,
    layout: Layout,
    allow_scan: bool,
) -> int:
    from dbtui.cli.items.reading import read_all
    from dbtui.cli.items.scanning import needs_scan
    from dbtui.cli.items.subject import find

    found = await find(session, place, everywhere=False)
    if options.partition:
        return await read_all(invocation, session, found, options.query(found.table), bounds=bounds, layout=layout)
    scan = options.scan(found.table)
    if not allow_scan:
        raise needs_scan(scan)
    return await read_all(invocation, session, found, scan, bounds=bounds, layout=layout)
