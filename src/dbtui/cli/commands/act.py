"""The verbs that change something: one command for each action, its parameters as options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import click

from dbtui.actions.model import Action, Param, ParamKind
from dbtui.cli.options import Invocation, Verb, csv_raw_option, seconds

DEFAULT_TIMEOUT: Final = "2h"


def command(action: Action) -> Verb:
    """The verb of an action."""
    kinds = ", ".join(sorted(action.kinds))

    @click.pass_obj
    def callback(invocation: Invocation, /, places: tuple[str, ...], **given: Any) -> int:
        return _act(action, invocation, places, given)

    return Verb(
        action.name,
        callback=callback,
        params=[
            click.Argument(["places"], metavar="PLACE…", nargs=-1),
            *(_option(param) for param in action.params),
            *_common_options(action),
        ],
        help=f"{action.help or action.title}\n\nWorks on: {kinds}. Several places are all checked before anything is "
        "sent.\n\nCtrl-C, a dropped connection and the timeout never cancel what AWS has begun.",
    )


def _option(param: Param) -> click.Option:
    name = f"--{param.name.replace('_', '-')}"
    text = f"{param.help[:1].upper()}{param.help[1:]}."
    if param.kinds is not None:
        text += f" Only for: {', '.join(sorted(param.kinds))}."
    if param.kind is ParamKind.FLAG:
        return click.Option([name, param.name], is_flag=True, help=text)
    if param.kind is ParamKind.TAGS:
        return click.Option([name, param.name], multiple=True, metavar="KEY=VALUE", callback=_tags, help=text)
    return click.Option([name, param.name], metavar=param.title.upper(), help=text)


def _tags(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for text in values:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{text!r} does not read KEY=VALUE", ctx, param)
        if key in tags:
            raise click.BadParameter(f"the tag {key!r} is given twice", ctx, param)
        tags[key] = value
    return tags


def _common_options(action: Action) -> list[click.Parameter]:
    options: list[click.Parameter] = [
        click.Option(["--dry-run"], is_flag=True, help="Print the AWS calls as JSON and send none of them."),
        click.Option(["--wait"], is_flag=True, help="Wait until it has settled."),
        click.Option(
            ["--timeout"],
            default=DEFAULT_TIMEOUT,
            show_default=True,
            metavar="DURATION",
            callback=seconds,
            help="How long --wait waits: 90s, 30m, 2h.",
        ),
        click.Option(["--keep-going"], is_flag=True, help="Of several places, act on those that can be acted on."),
        csv_raw_option(),
    ]
    if action.additive:
        return options
    return [
        *options,
        click.Option(["--yes"], is_flag=True, help="Do not ask."),
        click.Option(["--confirm"], multiple=True, metavar="RESOURCE", help="Name it instead of being asked."),
        click.Option(
            ["--confirm-scope"],
            multiple=True,
            metavar="NAME",
            help="Name the protected profile or account instead of being asked.",
        ),
    ]


def _act(action: Action, invocation: Invocation, places: tuple[str, ...], given: dict[str, Any]) -> int:
    from dbtui.cli.acting import Order, carry_out
    from dbtui.cli.approving import Consent
    from dbtui.cli.running import run_session
    from dbtui.cli.wiring import Session

    if not places:
        raise click.UsageError(f"{action.name} what? Give a place, for example {sorted(action.kinds)[0]}/NAME")
    values = {param.name: value for param in action.params if (value := given.pop(param.name))}
    order = Order(
        action=action,
        places=places,
        values=values,
        consent=Consent(given.pop("yes", False), given.pop("confirm", ()), given.pop("confirm_scope", ())),
        csv_guard=not given.pop("csv_raw"),
        **given,
    )

    async def work(session: Session) -> int:
        return await carry_out(invocation, session, order)

    return run_session(invocation, work, changes=True)
