"""Words, options, help and exit codes that need no AWS."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dbtui import __version__
from dbtui.actions import ALL as ACTIONS
from dbtui.cli import exits
from dbtui.cli.exits import Exit
from dbtui.domain.failures import AwsError, Failure, FailureKind, Refused, UsageError

from .harness import Harness

ITEM_VERBS = ("get", "put", "update", "delete-item", "scan", "query")
ESCAPE = re.compile(r"\x1b")


def test_help_names_every_verb_and_the_configuration_file(
    dbtui: Harness, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert dbtui.run("--help").code == 0
    text = capsys.readouterr().out
    for verb in ("list", "show", *ITEM_VERBS, "wait", "activity", "completion", *(action.name for action in ACTIONS)):
        assert re.search(rf"^  {verb}\s", text, re.M), verb
    assert str(tmp_path / "config.toml") in text.replace("\n  ", "")
    assert "6 still running at the timeout" in " ".join(text.split())
    assert not ESCAPE.search(text)


@pytest.mark.parametrize(
    "verb",
    ["list", "show", "describe", *ITEM_VERBS, "wait", "activity", "completion", *(action.name for action in ACTIONS)],
)
def test_every_verb_has_help_with_its_options_apart_from_the_global_ones(
    verb: str, dbtui: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dbtui.run(verb, "--help").code == 0
    own, _, shared = capsys.readouterr().out.partition("Global options, before or after the verb:")
    assert own.startswith("Usage: dbtui")
    assert "--profile" in shared
    assert "--profile" not in own


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_parameters_of_an_action_are_options_of_its_verb(
    action: object, dbtui: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    dbtui.run(action.name, "--help")  # type: ignore[attr-defined]
    text = capsys.readouterr().out
    for param in action.params:  # type: ignore[attr-defined]
        assert f"--{param.name}" in text
    assert ("--yes" in text) is not action.additive  # type: ignore[attr-defined]


def test_version(dbtui: Harness, capsys: pytest.CaptureFixture[str]) -> None:
    assert dbtui.run("--version").code == 0
    assert capsys.readouterr().out == f"dbtui {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["get", "instances"], "did you mean 'dbtui list instances'?"),
        (["get", "instance/orders-db"], "did you mean 'dbtui show instance/orders-db'?"),
        (["instances"], "did you mean 'dbtui list instances'?"),
        (["instance/orders-db"], "dbtui show instance/orders-db"),
        (["snapshoot", "instance/x"], "did you mean snapshot"),
        (["frobnicate"], "there are list, show"),
        (["list"], "list what?"),
        (["list", "instnces"], "Did you mean instances"),
        (["list", "instance/orders-db"], "dbtui show instance/orders-db"),
        (["list", "instances", "--kind", "table"], "has no table"),
        (["list", "instances", "--describe"], "--describe goes with tables"),
        (["list", "instances", "-o", "yaml"], "yaml"),
        (["show"], "show what?"),
        (["show", "instances"], "dbtui list instances"),
        (["show", "snapshots"], "dbtui list snapshots"),
        (["show", "instance/a/b"], "inside the instance"),
        (["show", "instance/"], "empty part"),
        (["show", "arn:aws:rds"], "not an ARN"),
        (["show", "dev:instance/x"], "A scope reads PROFILE@REGION"),
        (["snapshot"], "snapshot what?"),
        (["wait"], "wait for what?"),
        (["wait", "instance/x", "--timeout", "soon"], "write 90s, 30m or 2h"),
        (["stop", "table/orders", "--yes"], "stop does not work on a table"),
        (["snapshot", "instance/orders-db", "--tag", "nonsense"], "KEY=VALUE"),
        (["snapshot", "instance/orders-db", "--tag", "a=1", "--tag", "a=2"], "given twice"),
        (["snapshot", "instance/orders-db", "--name", "two--hyphens"], "no two hyphens"),
        (["snapshot", "instance/orders-db", "instance/legacy-crm", "--name", "x"], "--name goes with one place"),
        (["snapshot", "table/orders", "--tag", "a=b"], "a table takes no tags"),
        (["list", "instances", "--open", "table/x"], "--open goes with the terminal interface"),
        (["-o", "json"], "-o goes with a verb"),
        (["completion", "tcsh"], "tcsh"),
        (["list", "instances", "--nonsense"], "--nonsense"),
    ],
)
def test_what_makes_no_sense_exits_2_and_says_what_was_probably_meant(
    argv: list[str], words: str, dbtui: Harness
) -> None:
    done = dbtui.run(*argv)
    assert (done.code, done.out) == (2, "")
    assert words in " ".join(done.err.split())
    assert dbtui.cloud.sent == []


@pytest.mark.parametrize(
    "argv",
    [
        ["-p", "dev", "-r", "eu-west-1", "-r", "us-east-1", "--read-only", "list", "instances", "-o", "jsonl"],
        ["list", "instances", "-p", "dev", "-r", "eu-west-1", "-r", "us-east-1", "--read-only", "-o", "jsonl"],
        ["-p", "dev", "-r", "eu-west-1", "list", "-o", "jsonl", "-r", "us-east-1", "instances", "--read-only"],
    ],
)
def test_global_options_mean_the_same_before_and_after_the_verb(argv: list[str], dbtui: Harness) -> None:
    done = dbtui.run(*argv)
    assert done.code == 0
    assert len(done.out.splitlines()) == 4
    options = dbtui.wiring.options
    assert options is not None
    assert (options.profiles, options.regions, options.read_only) == (("dev",), ("eu-west-1", "us-east-1"), True)


def test_the_later_of_two_values_holds(dbtui: Harness) -> None:
    dbtui.run("--endpoint-url", "http://one", "list", "instances", "--endpoint-url", "http://two")
    assert dbtui.wiring.options is not None
    assert dbtui.wiring.options.endpoint_url == "http://two"


def test_without_a_verb_the_terminal_interface_opens(dbtui: Harness) -> None:
    assert dbtui.terminal("-p", "dev", "--open", "table/orders", "--no-mouse").code == 0
    options = dbtui.wiring.options
    assert options is not None
    assert (options.open, options.mouse, dbtui.wiring.tui_runs) == ("table/orders", False, 1)


def test_the_interface_is_not_opened_without_a_terminal(dbtui: Harness) -> None:
    done = dbtui.run("-p", "dev")
    assert (done.code, done.out, dbtui.wiring.tui_runs) == (2, "", 0)
    assert "ssh -t" in done.err


def test_the_interface_is_not_opened_on_a_dumb_terminal(dbtui: Harness) -> None:
    dbtui.environment["TERM"] = "dumb"
    done = dbtui.terminal()
    assert (done.code, dbtui.wiring.tui_runs) == (2, 0)
    assert "ssh -t" in done.err


def test_a_place_that_makes_no_sense_is_said_before_the_screen_is_taken_over(dbtui: Harness) -> None:
    done = dbtui.terminal("--open", "tabel/orders")
    assert (done.code, dbtui.wiring.tui_runs) == (2, 0)
    assert "Did you mean table" in done.err


def test_credential_failures_are_one_clear_message(dbtui: Harness) -> None:
    dbtui.wiring.error = AwsError(
        Failure(FailureKind.CREDENTIALS, "The SSO session of prod has expired.", hint="Run: aws sso login -p prod")
    )
    done = dbtui.run("list", "instances")
    assert (done.code, done.out) == (5, "")
    assert done.err == "dbtui: The SSO session of prod has expired.  Run: aws sso login -p prod\n"


def test_an_internal_error_shows_no_traceback_but_logs_it(dbtui: Harness, tmp_path: Path) -> None:
    dbtui.wiring.error = ZeroDivisionError("oops")
    log = tmp_path / "elsewhere" / "x.log"
    done = dbtui.run("list", "instances", "--log-file", str(log))
    assert (done.code, done.out) == (1, "")
    assert done.err == f"dbtui: internal error: ZeroDivisionError: oops (details in {log})\n"
    assert "Traceback" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_errors_cannot_steer_the_terminal(dbtui: Harness) -> None:
    dbtui.wiring.error = UsageError("evil \x1b[2J name \u202e")
    assert "\\x1b[2J" in dbtui.terminal("list", "instances").err


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_has_an_exit_code(kind: FailureKind) -> None:
    assert exits.of_failure(Failure(kind, "x", operation="y")) in Exit


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (Refused("x"), 4),
        (Refused("x", kind=FailureKind.INVALID), 2),
        (Refused("x", kind=FailureKind.ILLEGAL_STATE), 4),
        (AwsError(Failure(FailureKind.NOT_FOUND, "x")), 3),
        (AwsError(Failure(FailureKind.PERMISSION, "x")), 5),
        (AwsError(Failure(FailureKind.THROTTLED, "x")), 7),
        (AwsError(Failure(FailureKind.UNREACHABLE, "x")), 7),
        (AwsError(Failure(FailureKind.SERVICE, "x")), 1),
    ],
)
def test_exit_codes_of_errors(error: UsageError | Refused | AwsError, code: int) -> None:
    assert exits.of_error(error) == code


def test_several_outcomes_make_one_code() -> None:
    assert exits.combined([]) == Exit.DONE
    assert exits.combined([Exit.ACCESS, Exit.ACCESS]) == Exit.ACCESS
    assert exits.combined([Exit.DONE, Exit.ACCESS]) == Exit.FAILED
    assert exits.combined([Exit.DONE, Exit.RUNNING]) == Exit.RUNNING
    assert exits.of_signal(15) == 143
