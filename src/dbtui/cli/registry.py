"""Every verb by name: those with a module of their own, and one for each action declared in ``dbtui.actions``."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Final

from dbtui.cli.options import Verb

_READING: Final = ("list", "show")
_ITEMS: Final = ("get", "put", "update", "delete-item", "scan", "query")
_FOLLOWING: Final = ("wait", "activity", "completion")
_ALIASES: Final = {"describe": "show", "ls": "list"}
_SUMMARIES: Final = {
    "list": "Lists every resource of a kind.",
    "show": "Shows everything about one resource (alias: describe).",
    "get": "Shows one item of a DynamoDB table, by its key.",
    "put": "Writes one whole item, new unless --replace is given.",
    "update": "Sets and removes attributes of one item.",
    "delete-item": "Deletes one item.",
    "scan": "Reads every item of a table or index.",
    "query": "Reads the items of one partition, of a table or index.",
    "wait": "Waits until resources settle, reach a status, or are gone.",
    "activity": "Shows running and recent operations.",
    "completion": "Prints the completion script of a shell.",
}


def verb_names() -> tuple[str, ...]:
    """Every verb, in the order of the help."""
    from dbtui.actions import ALL

    return (*_READING, *_ITEMS, *(action.name for action in ALL), *_FOLLOWING)


def summary(name: str) -> str:
    """One line about a verb."""
    if name in _SUMMARIES:
        return _SUMMARIES[name]
    from dbtui.actions import by_name

    return verb_help(by_name(name).title, by_name(name).help)


def verb_help(title: str, text: str) -> str:
    """The first sentence of an action's help, or its title."""
    return (text.partition(". ")[0].rstrip(".") or title) + "."


def verb(name: str) -> Verb | None:
    """The command of a verb or alias, or None."""
    name = _ALIASES.get(name, name)
    if name in _SUMMARIES:
        return _own(name)
    from dbtui.actions import ALL
    from dbtui.cli.commands.act import command

    return next((command(action) for action in ALL if action.name == name), None)


def _own(name: str) -> Verb:
    from dbtui.cli.commands import (
        activity,
        completion,
        delete_item,
        get,
        listing,
        put,
        query,
        scan,
        show,
        update,
        wait,
    )

    commands: dict[str, Callable[[str], Verb]] = {
        "list": listing.command,
        "show": show.command,
        "get": get.command,
        "put": put.command,
        "update": update.command,
        "delete-item": delete_item.command,
        "scan": scan.command,
        "query": query.command,
        "wait": wait.command,
        "activity": activity.command,
        "completion": completion.command,
    }
    return commands[name](_SUMMARIES[name])


def unknown_verb(name: str) -> str:
    """What to say about a word that is no verb: what was probably meant."""
    if "/" in name or name.startswith("arn:"):
        return f"a verb comes first; did you mean 'dbtui show {name}' or 'dbtui --open {name}'?"
    near = get_close_matches(name, [*verb_names(), *_ALIASES], n=3)
    if near:
        return f"there is no verb '{name}'; did you mean {' or '.join(near)}?"
    if _is_kind(name):
        return f"a verb comes first; did you mean 'dbtui list {name}'?"
    return f"there is no verb '{name}'; there are {', '.join(verb_names())}"


def _is_kind(word: str) -> bool:
    from dbtui.domain.failures import UsageError
    from dbtui.resources import kind_named

    try:
        kind_named(word)
    except UsageError:
        return False
    return True
