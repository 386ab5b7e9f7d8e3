"""The command line of `python -m dbtui.demo`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from dbtui.demo.faults import FaultRule, FaultSyntaxError, parse_rules
from dbtui.demo.seedspec import KNOWN, SeedSpec, SeedSyntaxError, parse_seed


@dataclass(frozen=True)
class Options:
    port: int
    seed: SeedSpec
    speed: float
    page_size: int | None
    empty_pages: bool
    faults: list[FaultRule]
    watch_stdin: bool


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating its usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"dbtui demo: {message}\n")


def parse_options(arguments: Sequence[str] | None = None) -> Options:
    """Options of a command line; a wrong one ends the program with status 2 and one sentence."""
    parser = _Parser(prog="python -m dbtui.demo", description="An AWS for demonstrations and tests.")
    parser.add_argument("--port", type=_port, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--seed", type=_seed, default=SeedSpec("company"), help=KNOWN)
    parser.add_argument("--speed", type=_speed, default=1.0, help="how fast the demo's clock runs (default 1)")
    parser.add_argument(
        "--page-size", type=_positive, default=None, help="at most so many rows on a page of every list"
    )
    parser.add_argument("--empty-pages", action="store_true", help="one empty page with a token in every list")
    parser.add_argument("--faults", type=_faults, default=[], help="service:Operation:action[:arg][@region][#count],…")
    parser.add_argument("--no-stdin", action="store_true", help="do not end when standard input ends")
    given = parser.parse_args(arguments)
    return Options(
        port=given.port,
        seed=given.seed,
        speed=given.speed,
        page_size=given.page_size,
        empty_pages=given.empty_pages,
        faults=given.faults,
        watch_stdin=not given.no_stdin,
    )


def _seed(text: str) -> SeedSpec:
    try:
        return parse_seed(text)
    except SeedSyntaxError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _faults(text: str) -> list[FaultRule]:
    try:
        return parse_rules(text)
    except FaultSyntaxError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = -1.0
    if not 0 <= speed <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed; write 1, 0.5 or 60")
    return speed
