"""``dbtui completion SHELL``: prints a completion script made from the verbs, options and kinds of this version."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dbtui.cli import exits
from dbtui.cli.options import GlobalOption, Invocation, Verb

if TYPE_CHECKING:
    from dbtui.cli.completion_scripts import OptionWords, VerbWords


def command(summary: str) -> Verb:
    return Verb(
        "completion",
        callback=_completion,
        params=[click.Argument(["shell"], type=click.Choice(["bash", "zsh", "fish"]))],
        short_help=summary,
        help=f"{summary}\n\nFor bash: source <(dbtui completion bash). Completing needs no AWS call.",
    )


@click.pass_context
def _completion(ctx: click.Context, shell: str) -> int:
    from dbtui.cli import registry
    from dbtui.cli.completion_scripts import script

    invocation: Invocation = ctx.obj
    verbs = [_verb_words(ctx, name) for name in registry.verb_names()]
    shared = [_option_words(param) for param in ctx.command.params if isinstance(param, GlobalOption)]
    invocation.console.data(script(shell, verbs, shared))
    return exits.Exit.DONE


def _verb_words(ctx: click.Context, name: str) -> VerbWords:
    from dbtui.actions import ALL as ACTIONS
    from dbtui.cli import registry
    from dbtui.cli.completion_scripts import SHELLS, VerbWords
    from dbtui.resources import ALL, UNIONS

    verb = registry.verb(name)
    assert verb is not None
    own = [p for p in verb.params if isinstance(p, click.Option) and not isinstance(p, GlobalOption)]
    plurals = (*(kind.plural for kind in ALL), *UNIONS)
    places = tuple(f"{kind.name}/" for kind in ALL)
    by_verb = {"list": plurals, "show": places, "wait": places, "completion": SHELLS, "activity": ()}
    items = dict.fromkeys(("get", "update", "delete-item"), ("table/", "item/"))
    tables = dict.fromkeys(("put", "scan", "query"), ("table/",))
    of_actions = {a.name: tuple(f"{kind.name}/" for kind in ALL if kind.name in a.kinds) for a in ACTIONS}
    return VerbWords(
        name=name,
        help=registry.summary(name),
        options=tuple(_option_words(option) for option in own),
        arguments={**of_actions, **by_verb, **items, **tables}[name],
    )


def _option_words(option: click.Option) -> OptionWords:
    from dbtui.cli.completion_scripts import OptionWords
    from dbtui.domain import states
    from dbtui.resources import ALL

    values: tuple[str, ...] = ()
    if isinstance(option.type, click.Choice):
        values = tuple(str(choice) for choice in option.type.choices)
    elif option.name == "only":
        values = tuple(kind.name for kind in ALL)
    elif option.name == "goal":
        values = tuple(dict.fromkeys((*states.INSTANCE, *states.TABLE, *states.BACKUP, "deleted")))
    return OptionWords(
        names=tuple(option.opts),
        help=option.help or "",
        takes_value=not option.is_flag,
        values=values,
        is_file=isinstance(option.type, click.Path),
    )
