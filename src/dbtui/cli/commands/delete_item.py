"""``dbtui delete-item table/T KEY…``: one item, for good."""

from __future__ import annotations

import click

from dbtui.cli.commands.item_options import (
    KEY_HELP,
    confirm_scope_option,
    dry_run_option,
    dynamodb_json_option,
    key_argument,
    key_option,
    needs_table,
    table_argument,
)
from dbtui.cli.options import Invocation, Verb, csv_raw_option


def command(summary: str) -> Verb:
    return Verb(
        "delete-item",
        callback=_delete,
        params=[
            table_argument(),
            key_argument(),
            key_option(),
            click.Option(
                ["--confirm"],
                multiple=True,
                metavar="ITEM",
                help="Name the item instead of being asked: its place, or its KEY words joined by a space.",
            ),
            confirm_scope_option(),
            dry_run_option(),
            dynamodb_json_option(),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\n{KEY_HELP}\n\nThe item is read and shown first. It is deleted only if it still is as it "
        "was shown. A terminal asks to type the key; elsewhere --confirm names it.",
    )


@click.pass_obj
def _delete(
    invocation: Invocation,
    *,
    place: str | None,
    words: tuple[str, ...],
    key_json: str,
    confirm: tuple[str, ...],
    confirm_scope: tuple[str, ...],
    dry_run: bool,
    dynamodb: bool,
    csv_raw: bool,
) -> int:
    from dbtui.cli.items.consent import Consent
    from dbtui.cli.items.deleting import delete
    from dbtui.cli.items.subject import understood
    from dbtui.cli.items.words import read_key_words
    from dbtui.cli.items.writing import Manner
    from dbtui.cli.running import run_session
    from dbtui.cli.wiring import Session

    place = needs_table(place, "delete-item", "table/orders pk=a-17")
    located = understood(place, "delete-item", item=True)
    key = read_key_words(place, located.query, words, key_json, dynamodb=dynamodb)
    manner = Manner(Consent(confirm, confirm_scope), dry_run=dry_run, dynamodb=dynamodb, guard=not csv_raw)

    async def work(session: Session) -> int:
        return await delete(invocation, session, place, words=key, typed=" ".join(words), manner=manner)

    return run_session(invocation, work, changes=True)
