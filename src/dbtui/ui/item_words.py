"""What the items screen says: the footer's truth, what a read would cost, and what stands where rows would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dbtui.domain import units
from dbtui.domain.failures import Failure
from dbtui.domain.key_query import KeyQuery, ScanOf, estimate
from dbtui.domain.models import Index, Table
from dbtui.domain.text import escape
from dbtui.items.pager import Stop, Totals
from dbtui.ui import wording
from dbtui.ui.item_query import Asked, Lookup, query_text, verdict

DOT: Final = wording.DOT
PAGE_BYTES: Final = 1024 * 1024
"""What one request reads at most."""
_MIB, _GIB = 1024**2, 1024**3


@dataclass(frozen=True, slots=True)
class Facts:
    """What the footer is made of."""

    asked: Asked | None
    totals: Totals
    rows: int = 0
    shown: int = 0
    filtered: bool = False
    marked: int = 0
    loading: bool = False
    stopped: bool = False
    stop: Stop | None = None
    failure: Failure | None = None
    as_of: str = ""
    stale: bool = False
    job: str = ""
    more_key: str = ">"
    note: str = ""
    index: Index | None = None


def read_units_text(value: float | None) -> str:
    """``2.5 RCU``; an endpoint may not tell."""
    if value is None:
        return "RCU not told"
    return f"{value:,.0f} RCU" if value >= 100 or value == int(value) else f"{value:,.1f} RCU"


def footer(facts: Facts) -> str:
    """The status line: what was evaluated, what came of it, what it cost, and whether there is more."""
    if facts.asked is None:
        return facts.note
    parts = [_work(facts), facts.job, facts.note, *_selection(facts), *_counts(facts), _end(facts), _holds(facts)]
    return DOT.join(part for part in parts if part)


def _work(facts: Facts) -> str:
    if facts.totals.throttled and (facts.loading or facts.failure is not None):
        return f"throttled: {escape(facts.totals.throttled)}"
    return "loading… esc stops" if facts.loading else ""


def _counts(facts: Facts) -> list[str]:
    totals = facts.totals
    if isinstance(facts.asked, Lookup):
        return [read_units_text(totals.units)] if totals.requests else []
    if not totals.requests and not facts.rows:
        return []
    evaluated = f"evaluated {totals.evaluated:,}"
    if isinstance(facts.asked, ScanOf) and (count := _item_count(facts.asked)):
        evaluated += f" of ≈{units.short_count(count)}"
    return [evaluated, f"matched {totals.matched:,}", read_units_text(totals.units)]


def _end(facts: Facts) -> str:
    """Whether everything is here, and if not, why and what brings more."""
    if facts.failure is not None:
        title = wording.escaped_title(facts.failure)
        if facts.totals.requests and not (facts.stale or facts.totals.complete):
            return f"{title} {facts.more_key} goes on"
        old = f" What you see is from {facts.as_of}." if facts.rows and facts.as_of else ""
        return f"{title}{old} r tries again"
    if facts.loading:
        return ""
    if facts.totals.complete:
        return "complete"
    if facts.stop is Stop.MEMORY:
        return "stopped: the memory for items is full"
    if facts.stopped:
        return f"stopped, incomplete{DOT}{facts.more_key} goes on"
    return f"{facts.more_key} reads more" if facts.stop is not None else ""


def _selection(facts: Facts) -> list[str]:
    said = []
    if facts.filtered:
        so_far = "" if facts.totals.complete else " loaded so far"
        said.append(f"{facts.shown:,} of {facts.rows:,}{so_far} match{DOT}esc shows all")
    if facts.marked:
        said.append(f"{facts.marked:,} marked")
    return said


def _holds(facts: Facts) -> str:
    """Rows of an index may lack attributes of the items."""
    if facts.index is None or facts.index.projection in ("", "ALL"):
        return ""
    return f"{escape(facts.index.name)} holds {_projection(facts.index)}; edits go to the whole item"


def _projection(index: Index) -> str:
    if index.projection == "KEYS_ONLY":
        return "keys only"
    return f"keys and {len(index.projected)} attribute{'s' if len(index.projected) != 1 else ''}"


def _item_count(scan: ScanOf) -> int | None:
    index = index_named(scan.table, scan.index)
    return scan.table.item_count if index is None else index.item_count


def index_named(table: Table, name: str) -> Index | None:
    return next((index for index in table.indexes if index.name == name), None)


def summary(asked: Asked) -> str:
    """What is shown: the query as it may be typed, or which pages."""
    return f"all of {escape(asked.index or asked.table.id)}" if isinstance(asked, ScanOf) else escape(query_text(asked))


# -- costs ------------------------------------------------------------------------------------------------------------


def scan_cost(scan: ScanOf) -> str:
    """``≈ 3.10 GiB, ≈ 406 k RCU, up to 6 h old``."""
    cost = estimate(scan)
    if cost is None:
        return "size unknown"
    return f"≈ {units.size(cost.bytes)}, ≈ {units.short_count(round(cost.read_units))} RCU, up to 6 h old"


def page_cost(scan: ScanOf) -> str:
    """What the first page takes: at most 1 MiB, or the whole table where that is less."""
    cost = estimate(scan)
    page_units = PAGE_BYTES / 4096 * (1.0 if scan.consistent else 0.5)
    if cost is None:
        return f"up to 1 MiB, {page_units:.0f} RCU"
    if cost.bytes <= PAGE_BYTES:
        return f"probably everything, ≈ {units.size(cost.bytes)}, ≈ {max(0.5, cost.read_units):g} RCU"
    return f"1 MiB of ≈ {units.size(cost.bytes)}, ≈ {page_units:.0f} RCU"


def segments(scan: ScanOf) -> int:
    """Parallel segments by size: a small table is read in one go, a large one by eight readers."""
    cost = estimate(scan)
    if cost is None or cost.bytes < 32 * _MIB:
        return 1
    return 4 if cost.bytes < _GIB else 8


def scan_question(scan: ScanOf) -> str:
    """What is said before everything is read."""
    name = escape(scan.table.id)
    what = f"the index {escape(scan.index)} of {name}" if scan.index else f"table {name}"
    index = index_named(scan.table, scan.index)
    count = scan.table.item_count if index is None else index.item_count
    ways = segments(scan)
    lines = [
        f"Read every item of {what}?",
        f"Items  ≈ {units.short_count(count)}" if count is not None else "Items  unknown",
        f"Cost   {scan_cost(scan)}",
        f"How    {ways} segment{'s at a time' if ways > 1 else ''}; esc stops it and keeps what is there",
    ]
    capacity = scan.table.throughput if index is None else index.throughput
    if scan.table.billing_mode != "PAY_PER_REQUEST" and capacity is not None and capacity.read:
        lines.append(f"Mind   {capacity.read:,} RCU a second are provisioned; the scan competes with everybody else")
    return "\n".join(lines)


# -- what stands where rows would be ----------------------------------------------------------------------------------

Line = tuple[str, str]


def opening_lines(table: Table, index: str) -> list[Line]:
    """Before anything was asked."""
    scan = ScanOf(table, index)
    return [
        ("Nothing was read yet. Type a key above and press enter, or esc and then:", ""),
        ("", ""),
        (f"f  the first page, by a Scan: {page_cost(scan)}", ""),
        (f"S  everything, after a question: {scan_cost(scan)}", ""),
        ("=  a query in one line", ""),
        *([("i  another index", "")] if table.indexes else []),
    ]


def empty_lines(facts: Facts) -> list[Line]:
    """After something was asked, while no rows are there or none match the filter."""
    asked = facts.asked
    if asked is None:
        return []
    if facts.failure is not None:
        title, more = wording.failure_text(facts.failure)
        return [(title, "danger"), *((line, "muted") for line in more.splitlines()), ("r tries again", "muted")]
    if facts.filtered and facts.rows:
        rest = "" if facts.totals.complete else f"; more may be there, {facts.more_key} reads on"
        return [(f"No loaded item matches the filter{rest}.", "muted"), ("esc shows everything again", "muted")]
    if facts.loading:
        return [(f"{verdict(asked)}: reading…", "muted"), ("esc stops", "muted")]
    if isinstance(asked, Lookup):
        return [(f"There is no item with {escape(query_text(asked))}.", ""), ("+ makes one with this key", "muted")]
    if not facts.totals.complete:
        return [
            ("Nothing in these pages, and there is more to read.", ""),
            (f"{facts.more_key} reads on", "muted"),
        ]
    if isinstance(asked, KeyQuery):
        return [(f"No items match {escape(query_text(asked))}.", ""), ("K changes the query", "muted")]
    read_from = f"Index {escape(asked.index)}" if asked.index else f"Table {escape(asked.table.id)}"
    return [(f"{read_from} holds no items.", ""), ("+ makes one", "muted")]


def tail(facts: Facts) -> str:
    """The line after the last row while there is more."""
    if facts.loading:
        return "Loading more…"
    return f"More to read: {facts.more_key}" if not facts.totals.complete else ""
