"""``dbtui update table/T KEY… --set P=V --remove P``: some attributes of one item."""

from __future__ import annotations

import click

from dbtui.cli.commands.item_options import (
    JSON_HELP,
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

_EXAMPLE = "table/orders pk=a-17 --set total=12.50 --remove note"


def command(summary: str) -> Verb:
    return Verb(
        "update",
        callback=_update,
        params=[
            table_argument(),
            key_argument(),
            key_option(),
            click.Option(
                ["--set", "sets"],
                multiple=True,
                metavar="PATH=VALUE",
                help="Set an attribute, or what is inside one: a.b[0]; VALUE is typed JSON. May be repeated.",
            ),
            click.Option(
                ["--remove", "removes"], multiple=True, metavar="PATH", help="Remove what is there. May be repeated."
            ),
            dynamodb_json_option(),
            dry_run_option(),
            confirm_scope_option(),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\n{KEY_HELP}\n\nThe item is read first and only what differs is sent, on the condition that "
        "nobody has changed those attributes meanwhile. If somebody has, nothing is written, the exit code is 4 and "
        "what was changed is said. Where nothing differs nothing is sent.\n\nA string VALUE is quoted twice, for JSON "
        "and for the shell: --set 'name=\"Ann\"'. So is a name with dots or brackets: --set '\"a.b\"=1'.\n\n"
        f"{JSON_HELP}",
    )


@click.pass_obj
def _update(
    invocation: Invocation,
    *,
    place: str | None,
    words: tuple[str, ...],
    key_json: str,
    sets: tuple[str, ...],
    removes: tuple[str, ...],
    dynamodb: bool,
    dry_run: bool,
    confirm_scope: tuple[str, ...],
    csv_raw: bool,
) -> int:
    from dbtui.cli.items.consent import Consent
    from dbtui.cli.items.subject import understood
    from dbtui.cli.items.updating import read_edit, update
    from dbtui.cli.items.words import read_key_words
    from dbtui.cli.items.writing import Manner
    from dbtui.cli.running import run_session
    from dbtui.cli.wiring import Session

    place = needs_table(place, "update", _EXAMPLE)
    located = understood(place, "update", item=True)
    key = read_key_words(place, located.query, words, key_json, dynamodb=dynamodb)
    edit = read_edit(sets, removes, dynamodb=dynamodb)
    manner = Manner(Consent(scopes=confirm_scope), dry_run=dry_run, dynamodb=dynamodb, guard=not csv_raw)

    async def work(session: Session) -> int:
        return await update(invocation, session, place, words=key, edit=edit, manner=manner)

    return run_session(invocation, work, changes=True)
