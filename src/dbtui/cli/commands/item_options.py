"""Arguments and options that the item commands share, and the sentences of their help."""

from __future__ import annotations

from typing import Final

import click

from dbtui.domain.failures import UsageError

KEY_HELP: Final = (
    "A KEY is NAME=VALUE for every key attribute, split at the first = and read as the key's type, binary as base64; "
    "or --key JSON; or the place of an item: item/TABLE?NAME=VALUE&NAME=VALUE, percent-encoded."
)
JSON_HELP: Final = (
    'Items are typed JSON: plain JSON, numbers with all their digits, and {"$b": base64}, {"$ss": […]}, {"$ns": […]}, '
    '{"$bs": […]} for what JSON lacks. jq rounds long numbers: give it --dynamodb-json, where numbers are strings.'
)

TRUTH_HELP: Final = (
    "What was evaluated, found and used, and whether it is all, is said at the end on standard error. JSON lines are "
    "written as they come, in constant memory; tables and CSV are laid out at the end."
)


def table_argument() -> click.Argument:
    return click.Argument(["place"], metavar="table/TABLE", required=False)


def key_argument() -> click.Argument:
    return click.Argument(["words"], metavar="KEY…", nargs=-1)


def key_option() -> click.Option:
    return click.Option(["--key", "key_json"], metavar="JSON", default="", help="The key as JSON instead of KEY words.")


def dynamodb_json_option() -> click.Option:
    return click.Option(
        ["--dynamodb-json", "dynamodb"],
        is_flag=True,
        help='Items and values, in and out, as DynamoDB JSON: {"a": {"N": "1"}}. Never guessed.',
    )


def dry_run_option() -> click.Option:
    return click.Option(["--dry-run"], is_flag=True, help="Print the AWS call as JSON and do not send it.")


def confirm_scope_option() -> click.Option:
    return click.Option(
        ["--confirm-scope"],
        multiple=True,
        metavar="NAME",
        help="Name the protected profile or account instead of being asked.",
    )


def index_option() -> click.Option:
    return click.Option(["--index"], metavar="INDEX", default="", help="Read this global or local index.")


def limit_option() -> click.Option:
    return click.Option(
        ["--limit"], type=click.IntRange(min=1), metavar="N", help="Stop after so many items, and say so."
    )


def max_rcu_option() -> click.Option:
    return click.Option(
        ["--max-rcu"],
        type=click.FloatRange(min=0, min_open=True),
        metavar="N",
        help="Stop when so many read capacity units are used; the last page may go a little beyond.",
    )


def consistent_option() -> click.Option:
    return click.Option(["--consistent"], is_flag=True, help="Consistent reads, at twice the cost; not on a GSI.")


def needs_table(place: str | None, verb: str, example: str) -> str:
    """The place of a table as given; raises :class:`UsageError` with an example when there is none."""
    if not place:
        raise UsageError(f"{verb} what?", hint=f"For example: dbtui {verb} {example}")
    return place
