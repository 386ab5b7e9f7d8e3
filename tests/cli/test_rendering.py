"""Text forms on their own: tables, JSON, CSV, durations, progress, prompts."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, date, datetime

import click
import pytest

from dbtui.cli import render
from dbtui.cli.console import Console
from dbtui.cli.options import seconds
from dbtui.cli.progress import Follower, bar
from dbtui.cli.prompting import mfa_prompt
from dbtui.cli.render import TableCell, TableColumn

from .harness import Pipe, Terminal

COLUMNS = (
    TableColumn("name", min_width=6),
    TableColumn("size", align="right", min_width=4, priority=1),
    TableColumn("note", min_width=4, priority=2),
)
ROWS = [
    [TableCell("orders"), TableCell("1 GiB", "number"), TableCell("x\ny", "warn")],
    [TableCell("表-wide"), TableCell("10 GiB"), TableCell("")],
]


def test_a_table_is_aligned_by_cells_and_escaped() -> None:
    lines, hidden = render.table(COLUMNS, ROWS)
    assert lines == [
        "NAME       SIZE  NOTE",
        "orders    1 GiB  x\\ny",
        "表-wide  10 GiB",
    ]
    assert hidden == []


@pytest.mark.parametrize(
    ("width", "hidden", "header"),
    [(24, [], "NAME       SIZE  NOTE"), (18, ["note"], "NAME       SIZE"), (6, ["size", "note"], "NAME")],
)
def test_the_least_important_columns_go_first(width: int, hidden: list[str], header: str) -> None:
    lines, left_out = render.table(COLUMNS, ROWS, width=width)
    assert (lines[0], left_out) == (header, hidden)


@pytest.mark.parametrize("width", range(1, 40))
def test_a_limited_table_never_exceeds_its_width(width: int) -> None:
    lines, _ = render.table(COLUMNS, [[TableCell("n" * 30), TableCell("s" * 9), TableCell("o" * 50)]], width=width)
    assert all(len(line) <= width for line in lines)


def test_colour_is_around_the_padded_cell_only() -> None:
    lines, _ = render.table(COLUMNS[:1], [[TableCell("ab", "warn")]], colour=True)
    assert lines[1] == "\x1b[33mab  \x1b[0m"


def test_signs_without_unicode() -> None:
    lines, _ = render.table(COLUMNS[:1], [[TableCell("● ok – fine…")]], ascii_only=True)
    assert lines[1] == "* ok - fine."


def test_json_of_what_aws_replies() -> None:
    value = {"t": datetime(2026, 1, 2, tzinfo=UTC), "d": date(2026, 1, 2), "b": b"\xff", "s": {"x"}, "u": "\ud800"}
    assert json.loads(render.json_text(value, indent=None)) == {
        "t": "2026-01-02T00:00:00Z",
        "d": "2026-01-02",
        "b": "/w==",
        "s": ["x"],
        "u": "\ud800",
    }
    render.json_text(value).encode()


def test_csv_keeps_numbers_and_lists_and_the_union_of_the_columns() -> None:
    text, guarded = render.csv_text(
        [{"a": -5, "b": True, "tags": {"k": "v"}}, {"a": None, "c": "+1", "scope": {"region": "eu"}}], guard=True
    )
    assert text == 'a,b,tags,c,scope.region\n-5,true,"{""k"": ""v""}",,\n,,,\'+1,eu\n'
    assert guarded == 1
    assert render.csv_text([], guard=True) == ("", 0)


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("30m", 1800), ("2h", 7200), ("1h30m", 5400), ("1d", 86400), ("45", 45)]
)
def test_durations(text: str, expected: float) -> None:
    option = click.Option(["--timeout"])
    assert seconds(click.Context(click.Command("x")), option, text) == expected


@pytest.mark.parametrize("text", ["", "h", "-1s", "1.5h", "2 hours", "1h30"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(click.BadParameter):
        seconds(click.Context(click.Command("x")), click.Option(["--timeout"]), text)


def test_progress_in_a_pipe_is_one_line_a_minute() -> None:
    now = 0.0
    err = Pipe()
    follower = Follower(Console(Pipe(), err, Pipe(), {}), clock=lambda: now)
    for second in range(181):
        now = float(second)
        follower.show([f"creating {second} s"])
    follower.close()
    assert err.getvalue() == "creating 0 s\ncreating 60 s\ncreating 120 s\ncreating 180 s\n"


def test_progress_on_a_terminal_is_one_line_redrawn_and_wiped() -> None:
    err = Terminal()
    follower = Follower(Console(Terminal(), err, Terminal(), {"TERM": "xterm"}))
    follower.show(["one"])
    follower.show(["two"])
    follower.close()
    assert err.getvalue() == "\rone\x1b[K\rtwo\x1b[K\r\x1b[K"


def test_bar() -> None:
    assert bar(0) == "[--------------------] 0 %"
    assert bar(42) == "[########------------] 42 %"
    assert bar(100) == "[####################] 100 %"


def test_an_mfa_code_is_asked_for_on_a_terminal_only() -> None:
    assert mfa_prompt(Console(Pipe(), Pipe(), Pipe(), {})) is None
    err = Terminal()
    ask = mfa_prompt(Console(Pipe(), err, Terminal("123456\n"), {}))
    assert ask is not None
    assert asyncio.run(ask("Enter MFA code for arn:aws:iam::1:mfa/me: ")) == "123456"  # type: ignore[arg-type]
    assert err.getvalue() == "Enter MFA code for arn:aws:iam::1:mfa/me: "
    assert asyncio.run(ask("again:")) == ""  # type: ignore[arg-type]
