"""Global options, declared once and understood before and after the verb, and the types of option values."""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import click

from dbtui.cli.console import Console
from dbtui.cli.wiring import GlobalOptions, Wiring

FORMATS: Final = ("table", "json", "jsonl", "csv")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(?:\d+[smhd])+|\d+")


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a verb works with: who wires the core, where output goes, and the options given so far."""

    wiring: Wiring
    console: Console
    options: GlobalOptions = field(default_factory=GlobalOptions)
    format: str = ""
    """``-o`` as given, or the empty string for the default."""

    def with_options(self, options: GlobalOptions, output_format: str) -> Invocation:
        return replace(self, options=self.options.merged(options), format=output_format or self.format)

    @property
    def output(self) -> str:
        """The format of resources: a table on a terminal, JSON in a pipe."""
        return self.format or ("table" if self.console.out_is_terminal else "json")

    @property
    def item_output(self) -> str:
        """The format of items: a table on a terminal, one JSON object a line in a pipe."""
        return self.format or ("table" if self.console.out_is_terminal else "jsonl")


def seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """An option's callback: ``90s``, ``30m``, ``2h``, ``1h30m`` or a number of seconds, as seconds."""
    if value is None:
        return None
    text = value.strip().lower()
    if not _DURATION.fullmatch(text):
        raise click.BadParameter(f"{value!r} is not a duration; write 90s, 30m or 2h", ctx, param)
    return float(sum(int(number) * _SECONDS[unit] for number, unit in re.findall(r"(\d+)([smhd]?)", text)))


def csv_raw_option() -> click.Option:
    """``--csv-raw``, for every verb that prints data."""
    return click.Option(["--csv-raw"], is_flag=True, help="CSV: no apostrophe before cells that look like formulas.")


class GlobalOption(click.Option):
    """An option that means the same before and after the verb; its value goes into :class:`GlobalOptions`."""


def global_options() -> list[click.Parameter]:
    """A fresh set of the global options, for the program itself and for each verb."""
    path = click.Path(dir_okay=False, path_type=Path)
    return [
        _option("-p", "--profile", "profiles", multiple=True, metavar="NAME", help="AWS profile; may be repeated."),
        _option("-r", "--region", "regions", multiple=True, metavar="REGION", help="AWS region; may be repeated."),
        _option("--all-regions", is_flag=True, help="Every region of the partition."),
        _option("--endpoint-url", metavar="URL", help="Send every AWS call there instead."),
        _option("--read-only", is_flag=True, help="Refuse every change, whatever the configuration says."),
        _option("--demo", is_flag=True, help="Use the built-in demo data; needs no account."),
        _option("--demo-faults", metavar="RULES", help="Faults of the demo, for example dynamodb:*:throttle:0.2"),
        _option("--open", metavar="PLACE", help="Open the terminal interface at this place."),
        _option("--config", type=path, metavar="FILE", help="Another configuration file."),
        _option("--log-file", type=path, metavar="FILE", help="Another log file."),
        _option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal."),
        _option("-o", "--output", "output_format", type=click.Choice(FORMATS), help="Format of the data of a verb."),
    ]


def _option(*names: str, **settings: Any) -> GlobalOption:
    return GlobalOption(names, **settings)


def take_globals(params: MutableMapping[str, Any]) -> tuple[GlobalOptions, str]:
    """Removes the global options from a command's parameters; returns them and the output format."""
    options = GlobalOptions(
        profiles=tuple(params.pop("profiles")),
        regions=tuple(params.pop("regions")),
        all_regions=params.pop("all_regions"),
        endpoint_url=params.pop("endpoint_url") or "",
        read_only=params.pop("read_only"),
        demo=params.pop("demo"),
        demo_faults=params.pop("demo_faults") or "",
        open=params.pop("open") or "",
        config=params.pop("config"),
        log_file=params.pop("log_file"),
        mouse=not params.pop("no_mouse"),
    )
    return options, params.pop("output_format") or ""


class Verb(click.Command):
    """A verb: a command that also takes every global option, listed apart in its help."""

    def __init__(self, name: str, callback: Callable[..., int], **settings: Any) -> None:
        own = settings.pop("params", [])
        super().__init__(name, callback=callback, params=[*own, *global_options()], **settings)

    def invoke(self, ctx: click.Context) -> Any:
        invocation: Invocation = ctx.obj
        ctx.obj = chosen = invocation.with_options(*take_globals(ctx.params))
        if chosen.options.open:
            raise click.UsageError("--open goes with the terminal interface, not with a verb", ctx)
        return super().invoke(ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        write_options(self, ctx, formatter, "Options")


def write_options(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter, own_title: str) -> None:
    """The options of a command in two groups: its own, and the global ones."""
    own: list[tuple[str, str]] = []
    shared: list[tuple[str, str]] = []
    for param in command.get_params(ctx):
        record = param.get_help_record(ctx)
        if record is not None and isinstance(param, click.Option):
            (shared if isinstance(param, GlobalOption) else own).append(record)
    for title, records in ((own_title, own), ("Global options, before or after the verb", shared)):
        if records:
            with formatter.section(title):
                formatter.write_dl(records)
