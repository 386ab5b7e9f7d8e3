"""Scans cost money: the key options of a query, and what must be agreed to before a whole table is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dbtui.cli.console import Console, NoAnswer
from dbtui.domain import units
from dbtui.domain.failures import Refused, UsageError
from dbtui.domain.key_query import KeyQuery, ScanOf, estimate, partition_parts, read_query
from dbtui.domain.models import Table
from dbtui.domain.policy import ScopePolicy

LARGE_BYTES: Final = 10**9
"""From this size on (1 GB) a scan of everything is asked about."""


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What ``query`` was given, as texts."""

    index: str
    partition: tuple[str, ...]
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    descending: bool
    consistent: bool

    def check(self, *, allow_scan: bool) -> None:
        """Raises :class:`UsageError` for options that no table could make sense of."""
        if self.partition:
            return
        if self.conditions:
            raise UsageError("--sk goes with --pk.", hint="A query is for one partition; give its key with --pk.")
        if allow_scan and self.descending:
            raise UsageError("--desc goes with --pk.", hint="A scan comes in no order.")

    def query(self, table: Table) -> KeyQuery:
        """The checked query; raises ``UsageError`` or ``Refused``."""
        return read_query(
            table,
            self.index,
            self.partition,
            self.conditions,
            descending=self.descending,
            consistent=self.consistent,
        )

    def scan(self, table: Table) -> ScanOf:
        scan = ScanOf(table, self.index, self.consistent)
        scan.check()
        return scan


def needs_scan(scan: ScanOf) -> Refused:
    """Why a query without a partition key is not run."""
    parts = partition_parts(scan.table, scan.index)
    keys = " and ".join(part.name for part in parts)
    given = " ".join("--pk VALUE" for _ in parts)
    return Refused(
        f"Without the partition key ({keys}) this would scan {_whole(scan)}: {cost_text(scan)}.",
        hint=f"Give {given}, or --allow-scan.",
    )


def check_cost(scan: ScanOf, verdict: ScopePolicy, console: Console, *, yes: bool) -> None:
    """Asks, or without a terminal refuses, before a large or protected table is read whole."""
    reasons = []
    expected = estimate(scan)
    if expected is None or expected.bytes > LARGE_BYTES:
        reasons.append("it is larger than 1 GB" if expected is not None else "its size is not known")
    if verdict.protected:
        scope = scan.table.ref.scope.label
        reasons.append(f"{scope} is protected ({verdict.protected_why})")
    if yes or not reasons:
        return
    what = f"Scanning {_whole(scan)} needs a yes, for {' and '.join(reasons)}: {cost_text(scan)}."
    if not console.can_ask:
        raise Refused(what, hint="Give --yes, or a bound: --limit N, --max-rcu N.")
    try:
        answer = console.ask(f"{what} Go on? [y/N]")
    except NoAnswer:
        answer = ""
    if answer.lower() not in {"y", "yes"}:
        raise Refused("Not confirmed.", hint="Nothing was read. --limit N or --max-rcu N bound a scan.")


def cost_text(scan: ScanOf) -> str:
    """``≈1.2 M items, 2.4 GiB, ≈320,000 RCU by figures up to 6 h old``"""
    expected = estimate(scan)
    if expected is None:
        return "what it costs is not known"
    index = next((index for index in scan.table.indexes if index.name == scan.index), None)
    count = scan.table.item_count if index is None else index.item_count
    items = f"≈{units.short_count(count)} items, " if count is not None else ""
    return f"{items}{units.size(expected.bytes)}, ≈{expected.read_units:,.0f} RCU by figures up to 6 h old"


def _whole(scan: ScanOf) -> str:
    return f"the index {scan.index} of {scan.table.id}" if scan.index else f"all of {scan.table.id}"
