"""``dbtui scan table/T``: every item, and what that costs."""

from __future__ import annotations

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


def command(summary: str) -> Verb:
    return Verb(
        "scan",
        callback=_scan,
        params=[
            table_argument(),
            index_option(),
            limit_option(),
            max_rcu_option(),
            click.Option(
                ["--rate"],
                type=click.FloatRange(min=0, min_open=True),
                metavar="RCU/S",
                help="Use no more read capacity units a second.",
            ),
            click.Option(
                ["--segments"],
                type=click.IntRange(1, 1000),
                default=1,
                show_default=True,
                metavar="N",
                help="Read so many parts at once; they compete with your application for capacity.",
            ),
            consistent_option(),
            click.Option(["--yes"], is_flag=True, help="Do not ask before a large or protected table is read whole."),
            dynamodb_json_option(),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nA scan reads, and is billed for, the whole table. Without --limit or --max-rcu it asks "
        "above 1 GB and in protected scopes (without a terminal it exits 4 unless --yes is given).\n\n"
        f"{TRUTH_HELP}\n\n{JSON_HELP}",
    )


@click.pass_obj
def _scan(
    invocation: Invocation,
    *,
    place: str | None,
    index: str,
    limit: int | None,
    max_rcu: float | None,
    rate: float | None,
    segments: int,
    consistent: bool,
    yes: bool,
    dynamodb: bool,
    csv_raw: bool,
) -> int:
    from dbtui.cli.items.reading import Bounds, Layout, read_all
    from dbtui.cli.items.scanning import check_cost
    from dbtui.cli.items.subject import find, understood
    from dbtui.cli.running import run_session
    from dbtui.cli.wiring import Session
    from dbtui.domain.key_query import ScanOf

    place = needs_table(place, "scan", "table/orders --limit 100")
    understood(place, "scan", item=False)
    layout = Layout(dynamodb=dynamodb, guard=not csv_raw)
    bounds = Bounds(limit=limit, units=max_rcu, rate=rate, segments=segments)

    async def work(session: Session) -> int:
        found = await find(session, place, everywhere=False)
        scan = ScanOf(found.table, index, consistent)
        scan.check()
        if not bounds.given:
            check_cost(scan, session.core.policy(found.scope), invocation.console, yes=yes)
        return await read_all(invocation, session, found, scan, bounds=bounds, layout=layout)

    return run_session(invocation, work)
