"""The list panes: the numbered ones, and one for each kind that ``:`` can open."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

from dbtui.domain.models import Resource
from dbtui.domain.row_order import SortSpec
from dbtui.domain.rows import RowId
from dbtui.resources import ALL, UNIONS, Column, Kind, kind_named
from dbtui.ui import rows_rds, rows_snapshots
from dbtui.ui.rows_rds import Lookup

ColumnsFor = Callable[[Lookup, Container[RowId]], tuple[Column[Any], ...]]


@dataclass(frozen=True, slots=True)
class PaneSpec:
    """One list: the kinds it merges and how they are shown. ``key`` is the pane's number, if it has one."""

    name: str
    title: str
    kinds: tuple[Kind[Any], ...]
    columns: ColumnsFor
    nouns: str
    key: str = ""
    sort: SortSpec | None = None
    group_of: Callable[[Resource], RowId | None] | None = None
    summary: Callable[[list[Resource]], str] | None = None
    help: str = ""

    @property
    def place(self) -> str:
        """The word that ``:`` takes to come here."""
        return self.name


RDS = PaneSpec(
    name="rds",
    title="RDS",
    key="1",
    kinds=(kind_named("instance"), kind_named("cluster")),
    columns=rows_rds.columns,
    nouns="instances or clusters",
    sort=SortSpec("identifier"),
    group_of=rows_rds.group_of,
    summary=rows_rds.summary,
    help="RDS, Aurora, Neptune and DocumentDB. Clusters hold their writer (W) and readers (R); z folds a cluster.",
)
TABLES = PaneSpec(
    name="dynamodb",
    title="DynamoDB",
    key="2",
    kinds=(kind_named("table"),),
    columns=lambda lookup, collapsed: kind_named("table").columns,
    nouns="tables",
    sort=SortSpec("table"),
    help=kind_named("table").help,
)
SNAPSHOTS = PaneSpec(
    name="snapshots",
    title="Snapshots",
    key="3",
    kinds=UNIONS["snapshots"],
    columns=lambda lookup, collapsed: rows_snapshots.COLUMNS,
    nouns="snapshots or backups",
    sort=SortSpec("created", descending=True),
    summary=rows_snapshots.summary,
    help="Snapshots of instances and clusters and backups of tables, manual and automatic.",
)
NUMBERED = (RDS, TABLES, SNAPSHOTS)
ACTIVITY = "activity"
ACTIVITY_KEY = "5"


def pane_of_kind(kind: Kind[Any]) -> PaneSpec:
    """The pane that shows nothing but this kind; the numbered pane where there is one."""
    if kind.name == "table":
        return TABLES
    return PaneSpec(
        name=kind.plural,
        title=kind.title,
        kinds=(kind,),
        columns=lambda lookup, collapsed: kind.columns,
        nouns=kind.title,
        sort=SortSpec(kind.columns[0].key),
        help=kind.help,
    )


def pane_named(word: str) -> PaneSpec | None:
    """The numbered pane, or the pane of the kind, that a word names."""
    lowered = word.casefold()
    for spec in NUMBERED:
        if lowered in (spec.name, spec.title.casefold()):
            return spec
    for kind in ALL:
        if lowered in (kind.name, kind.plural, *kind.aliases):
            return pane_of_kind(kind)
    return None
