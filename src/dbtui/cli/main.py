"""The command line: ``build`` makes the click program, ``run`` runs it and turns whatever happens into an exit code."""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

import dbtui
from dbtui.cli import exits, registry
from dbtui.cli.console import Console, PipeClosed
from dbtui.cli.options import GlobalOption, Invocation, global_options, take_globals, write_options
from dbtui.cli.wiring import GlobalOptions, Wiring
from dbtui.domain.failures import DbtuiError, UsageError

_ABOUT: Final = """A terminal explorer for AWS databases: RDS instances, Aurora clusters, DynamoDB tables, snapshots.

Without a verb it opens the terminal interface; with one it does that and exits.
"""
_EXAMPLES: Final = (
    ("dbtui", "open the terminal interface"),
    ("dbtui --demo", "the same with demo data, without an account"),
    ("dbtui list instances -p prod -r eu-west-1", "every RDS instance of a profile and region"),
    ("dbtui show table/orders -o json", "everything about one table"),
    ("dbtui snapshot instance/orders-db --wait", "take a snapshot and follow it to its end"),
)
_CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def build(wiring: Wiring) -> click.Group:
    """The program as a click group; every verb reaches AWS through ``wiring`` alone."""
    return Program(wiring)


def run(argv: Sequence[str], wiring: Wiring, console: Console | None = None) -> int:
    """Runs one command line and returns its exit code. Nobody ever sees a traceback: it goes into the log file."""
    console = console or Console.standard()
    try:
        code = _invoke(build(wiring), list(argv), Invocation(wiring, console))
    except (PipeClosed, BrokenPipeError):
        console.abandon_output()
        return exits.Exit.DONE
    except KeyboardInterrupt:
        console.draw("\n")
        return exits.INTERRUPTED
    except Exception as error:
        return _internal_error(error, argv, wiring, console)
    return code


def _invoke(program: click.Group, argv: list[str], invocation: Invocation) -> int:
    console = invocation.console
    try:
        with program.make_context("dbtui", argv, obj=invocation) as context:
            code = int(program.invoke(context) or 0)
            console.flush()
            return code
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        console.say(f"dbtui: {error.format_message()}")
        if error.ctx is not None:
            console.say(f"Try '{error.ctx.command_path} --help'.")
        return exits.Exit.USAGE
    except click.Abort:
        return exits.INTERRUPTED
    except DbtuiError as error:
        return report(error, console)


def report(error: DbtuiError, console: Console) -> int:
    """Says on standard error what ended the command; returns the exit code for it."""
    console.say(f"dbtui: {error.failure.sentence}")
    if error.failure.further:
        console.say(f"  {error.failure.further}")
    return exits.of_error(error)


def _internal_error(error: Exception, argv: Sequence[str], wiring: Wiring, console: Console) -> int:
    log = wiring.log_file(_options_without_parser(argv))
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write("".join(traceback.format_exception(error)))
        where = f"details in {log}"
    except OSError as unwritable:
        where = f"details could not be written to {log}: {unwritable.strerror}"
    console.say(f"dbtui: internal error: {type(error).__name__}: {error} ({where})")
    return exits.Exit.FAILED


def _options_without_parser(argv: Sequence[str]) -> GlobalOptions:
    """The log file of this command line, found without the parser, which may be what failed."""
    for index, word in enumerate(argv):
        if word == "--log-file" and index + 1 < len(argv):
            return GlobalOptions(log_file=Path(argv[index + 1]))
        if word.startswith("--log-file="):
            return GlobalOptions(log_file=Path(word.partition("=")[2]))
    return GlobalOptions()


class Program(click.Group):
    """``dbtui`` itself: global options, verbs from the registry, and the terminal interface without one."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(
            "dbtui",
            callback=_without_verb,
            invoke_without_command=True,
            context_settings=_CONTEXT,
            params=[*global_options(), _version_option()],
            help=_ABOUT,
            options_metavar="[OPTIONS]",
            subcommand_metavar="[VERB …]",
        )
        self._wiring = wiring

    def invoke(self, ctx: click.Context) -> Any:
        invocation: Invocation = ctx.obj
        ctx.obj = invocation.with_options(*take_globals(ctx.params))
        return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(registry.verb_names())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return registry.verb(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, *rest = args
        command = self.get_command(ctx, name)
        if command is None:
            raise click.UsageError(registry.unknown_verb(name), ctx)
        return command.name, command, rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.format_commands(ctx, formatter)
        write_options(self, ctx, formatter, "Options")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl([(name, registry.summary(name)) for name in registry.verb_names()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from dbtui.settings.paths import config_file

        with formatter.section("Examples"):
            formatter.write_dl(_EXAMPLES)
        with formatter.section("Places"):
            formatter.write_text(
                "A place reads [PROFILE@REGION:]KIND/ID, for example instance/orders-db or prod@eu-west-1:table/t. "
                "Any ARN is a place, too. What a name contains besides letters, digits and -._~:$ is percent-encoded."
            )
        with formatter.section("Exit codes"):
            formatter.write_text(exits.HELP)
        with formatter.section("Configuration"):
            formatter.write_text(str(config_file()))


def _version_option() -> click.Option:
    return GlobalOption(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_show_version,
        help="Show the version.",
    )


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"dbtui {dbtui.__version__}")
        ctx.exit()


@click.pass_context
def _without_verb(ctx: click.Context) -> int:
    """Opens the terminal interface, unless a verb follows."""
    if ctx.invoked_subcommand is not None:
        return exits.Exit.DONE
    invocation: Invocation = ctx.obj
    if invocation.format:
        raise click.UsageError("-o goes with a verb, for example: dbtui list instances -o json", ctx)
    _check_terminal(invocation.console)
    _check_place(invocation.options)
    return invocation.wiring.run_tui(invocation.options)


def _check_terminal(console: Console) -> None:
    if not (console.out_is_terminal and console.keyboard_is_terminal):
        raise UsageError(
            "The terminal interface needs a terminal.",
            hint="Over ssh use 'ssh -t HOST dbtui'; in a pipe use a verb, see 'dbtui --help'.",
        )
    if console.dumb:
        raise UsageError(
            f"The terminal interface cannot work with TERM={console.environment.get('TERM', '')}.",
            hint="Over ssh use 'ssh -t HOST dbtui', or set TERM, for example to xterm-256color.",
        )


def _check_place(options: GlobalOptions) -> None:
    """A place that makes no sense is said before the screen is taken over."""
    if options.open:
        from dbtui.domain.place import is_arn, is_item, parse_arn, parse_place
        from dbtui.resources import kind_named

        if is_arn(options.open):
            parse_arn(options.open)
        elif not is_item(place := parse_place(options.open)):
            kind_named(place.kind)
