"""``dbtui put table/T ITEM``: one item, new or, with ``--replace``, in place of another."""

from __future__ import annotations

import click

from dbtui.cli.commands.item_options import (
    JSON_HELP,
    confirm_scope_option,
    dry_run_option,
    dynamodb_json_option,
    needs_table,
    table_argument,
)
from dbtui.cli.options import Invocation, Verb, csv_raw_option

_EXAMPLE = """table/orders '{"pk": "a-17", "total": 12.50}'"""


def command(summary: str) -> Verb:
    return Verb(
        "put",
        callback=_put,
        params=[
            table_argument(),
            click.Argument(["item"], metavar="ITEM", required=False),
            click.Option(
                ["--replace"],
                is_flag=True,
                help="An item with the same key may exist: all of it is replaced, whatever it holds.",
            ),
            dynamodb_json_option(),
            dry_run_option(),
            confirm_scope_option(),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\nITEM is one JSON object, @FILE, or - for standard input. Without --replace no item with "
        f"its key may exist (exit code 4 says which one does).\n\n{JSON_HELP}\n\n"
        "To change some attributes and leave the others alone, use update.",
    )


@click.pass_obj
def _put(
    invocation: Invocation,
    *,
    place: str | None,
    item: str | None,
    replace: bool,
    dynamodb: bool,
    dry_run: bool,
    confirm_scope: tuple[str, ...],
    csv_raw: bool,
) -> int:
    from dbtui.cli.items.consent import Consent
    from dbtui.cli.items.putting import put
    from dbtui.cli.items.subject import understood
    from dbtui.cli.items.words import decode, item_text
    from dbtui.cli.items.writing import Manner
    from dbtui.cli.running import run_session
    from dbtui.cli.wiring import Session
    from dbtui.domain.failures import UsageError

    place = needs_table(place, "put", _EXAMPLE)
    understood(place, "put", item=False)
    if item is None:
        raise UsageError("put which item?", hint=f"For example: dbtui put {_EXAMPLE}, or @FILE, or - for a pipe.")
    text, name = item_text(item, invocation.console)
    parsed = decode(text, name, dynamodb=dynamodb)
    manner = Manner(Consent(scopes=confirm_scope), dry_run=dry_run, dynamodb=dynamodb, guard=not csv_raw)

    async def work(session: Session) -> int:
        return await put(invocation, session, place, item=parsed, name=name, manner=manner, replace=replace)

    return run_session(invocation, work, changes=True)
