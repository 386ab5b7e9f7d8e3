"""Where records go: one sink per ``-o`` format. A record is its JSON object and, for tables, its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dbtui.cli import render
from dbtui.cli.console import Console
from dbtui.cli.render import TableCell, TableColumn


@dataclass(frozen=True, slots=True)
class Record:
    """One thing to print."""

    json: Mapping[str, Any]
    cells: Sequence[TableCell] = ()


class Sink(Protocol):
    """Takes records as they come; what it needs to see whole, it prints at the end."""

    def put(self, record: Record) -> None: ...

    def close(self) -> None: ...


class JsonLines:
    """One object a line, at once."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def put(self, record: Record) -> None:
        self._console.data(json_of(self._console, record.json, indent=None) + "\n")

    def close(self) -> None:
        self._console.flush()


class JsonDocument:
    """An array of objects, or the one object where ``single``."""

    def __init__(self, console: Console, *, single: bool) -> None:
        self._console = console
        self._single = single
        self._records: list[Mapping[str, Any]] = []

    def put(self, record: Record) -> None:
        self._records.append(record.json)

    def close(self) -> None:
        if self._single and not self._records:
            return
        self._console.data(json_of(self._console, self._records[0] if self._single else self._records) + "\n")


class Csv:
    """A header and a line per record. Cells that a spreadsheet would run as formulas get an apostrophe."""

    def __init__(self, console: Console, *, guard: bool) -> None:
        self._console = console
        self._guard = guard
        self._records: list[Mapping[str, Any]] = []

    def put(self, record: Record) -> None:
        self._records.append(record.json)

    def close(self) -> None:
        text, guarded = render.csv_text(self._records, guard=self._guard)
        self._console.data(text)
        if guarded:
            cells = "1 cell starts" if guarded == 1 else f"{guarded} cells start"
            self._console.say(f"note: {cells} like a formula and got an apostrophe in front; --csv-raw leaves it out")


class Table:
    """Aligned columns. With ``fit``, a terminal limits the width: columns left out are named, never silently lost."""

    def __init__(self, console: Console, columns: Sequence[TableColumn], *, fit: bool) -> None:
        self._fit = fit
        self._console = console
        self._columns = columns
        self._rows: list[Sequence[TableCell]] = []

    def put(self, record: Record) -> None:
        self._rows.append(record.cells)

    def close(self) -> None:
        if not self._rows:
            return
        lines, hidden = render.table(
            self._columns,
            self._rows,
            width=self._console.width if self._fit else None,
            colour=self._console.colour,
            ascii_only=self._console.ascii_only,
        )
        self._console.lines(lines)
        if hidden:
            self._console.flush()
            self._console.say(f"columns left out for want of width: {', '.join(hidden)}")


def make_sink(
    output: str,
    console: Console,
    columns: Sequence[TableColumn],
    *,
    single: bool = False,
    guard: bool = True,
    fit: bool = True,
) -> Sink:
    """The sink for an output format."""
    if output == "jsonl":
        return JsonLines(console)
    if output == "json":
        return JsonDocument(console, single=single)
    return Csv(console, guard=guard) if output == "csv" else Table(console, columns, fit=fit)


def json_of(console: Console, value: Any, *, indent: int | None = 2) -> str:
    """A JSON document fit for where standard output goes."""
    return render.json_text(value, indent=indent, terminal=console.out_is_terminal, ascii_only=console.ascii_only)
