"""``dbtui get table/T KEY…``: one item by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dbtui.cli import exits
from dbtui.cli.commands.item_options import (
    JSON_HELP,
    KEY_HELP,
    dynamodb_json_option,
    key_argument,
    key_option,
    needs_table,
    table_argument,
)
from dbtui.cli.options import Invocation, Verb, csv_raw_option

if TYPE_CHECKING:
    from dbtui.cli.items.words import KeyWords
    from dbtui.cli.wiring import Session


def command(summary: str) -> Verb:
    return Verb(
        "get",
        callback=_get,
        params=[
            table_argument(),
            key_argument(),
            key_option(),
            click.Option(["--eventual"], is_flag=True, help="An eventually consistent read, at half the cost."),
            dynamodb_json_option(),
            csv_raw_option(),
        ],
        short_help=summary,
        help=f"{summary}\n\n{KEY_HELP}\n\n{JSON_HELP}\n\nOn a terminal, and with -o json, the item is laid out over "
        "several lines; in a pipe it is one line. What get prints, put takes, byte for byte.",
    )


@click.pass_obj
def _get(
    invocation: Invocation,
    *,
    place: str | None,
    words: tuple[str, ...],
    key_json: str,
    eventual: bool,
    dynamodb: bool,
    csv_raw: bool,
) -> int:
    from dbtui.cli.items.subject import understood
    from dbtui.cli.items.words import read_key_words
    from dbtui.cli.running import run_session

    place = needs_table(place, "get", "table/orders pk=a-17")
    _check_meant(place, words)
    located = understood(place, "get", item=True)
    key = read_key_words(place, located.query, words, key_json, dynamodb=dynamodb)

    async def work(session: Session) -> int:
        return await _print(invocation, session, place, key, eventual=eventual, dynamodb=dynamodb, guard=not csv_raw)

    return run_session(invocation, work)


def _check_meant(place: str, words: tuple[str, ...]) -> None:
    """Other tools' ``get`` lists; raises :class:`UsageError` where that was probably meant."""
    from dbtui.domain.failures import UsageError
    from dbtui.domain.place import is_arn, is_item, parse_place
    from dbtui.resources import kinds_named
    from dbtui.resources.table import TABLE

    if is_arn(place) or is_item(parsed := parse_place(place)):
        return
    kinds = kinds_named(parsed.kind)
    if not parsed.id:
        raise UsageError(
            f"get reads one item of a table; did you mean 'dbtui list {' '.join((place, *words))}'?",
        )
    if TABLE not in kinds:
        raise UsageError(f"get reads one item of a table; did you mean 'dbtui show {place}'?")


async def _print(
    invocation: Invocation,
    session: Session,
    text: str,
    words: KeyWords,
    *,
    eventual: bool,
    dynamodb: bool,
    guard: bool,
) -> int:
    from dbtui.cli.items import subject
    from dbtui.cli.items.sinks import print_item
    from dbtui.cli.items.text import ItemText, leading_names

    console = invocation.console
    found = await subject.find(session, text, everywhere=False)
    key = words.key(found.table)
    answer = await session.core.gateway.item(found.target, found.table.id, key, consistent=not eventual)
    if answer.item is None:
        console.say(f"dbtui: there is no {found.short_place(key)} in {found.scope.label}.")
        return exits.Exit.NOT_FOUND
    item_text = ItemText(console, leading_names(found.table), dynamodb)
    print_item(answer.item, item_text, invocation.item_output, found.table, guard=guard)
    return exits.Exit.DONE
