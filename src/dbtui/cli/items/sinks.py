"""Where items of a scan or query go: written as they come (JSON), or kept and laid out at the end (CSV, tables)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

import msgspec

from dbtui.cli import render
from dbtui.cli.console import Console
from dbtui.cli.items.text import ItemText, indented, leading_names
from dbtui.domain import typed_json
from dbtui.domain.models import Table
from dbtui.domain.values import Item, Value, content, key_text, type_of
from dbtui.domain.wire import attribute_names, decode_item, encode_item

_SCALARS: Final = ("S", "N", "B")


class ItemSink(Protocol):
    """Takes items as they come over the wire. ``keeps``: it holds on to them until it is closed."""

    keeps: bool

    def put(self, raw: msgspec.Raw) -> None: ...

    def close(self) -> None: ...


class JsonLines:
    """One item a line, at once."""

    keeps = False

    def __init__(self, text: ItemText) -> None:
        self._text = text

    def put(self, raw: msgspec.Raw) -> None:
        self._text.console.data(self._text.line(decode_item(raw)) + "\n")

    def close(self) -> None:
        self._text.console.flush()


class JsonArray:
    """One array, written as it grows; closed in any case, so that what stands is JSON."""

    keeps = False

    def __init__(self, text: ItemText) -> None:
        self._text = text
        self._begun = False

    def put(self, raw: msgspec.Raw) -> None:
        lead = ",\n" if self._begun else "[\n"
        self._begun = True
        self._text.console.data(lead + indented(self._text.pretty(decode_item(raw)), 2))

    def close(self) -> None:
        self._text.console.data("\n]\n" if self._begun else "[]\n")
        self._text.console.flush()


class Csv:
    """Values only: keys first, then the other attributes by how often they occur."""

    keeps = True

    def __init__(self, console: Console, first: Sequence[str], *, guard: bool) -> None:
        self._console = console
        self._first = first
        self._guard = guard
        self._raws: list[msgspec.Raw] = []

    def put(self, raw: msgspec.Raw) -> None:
        self._raws.append(raw)

    def close(self) -> None:
        names = column_names(self._raws, self._first)
        cells = ([_csv_cell(item.get(name)) for name in names] for item in map(decode_item, self._raws))
        guarded = 0
        for line, changed in render.csv_lines([(name, True) for name in names], cells, guard=self._guard):
            self._console.data(line)
            guarded += changed
        self._console.flush()
        if not self._raws:
            return
        self._console.say("note: CSV has values only, not their types; -o jsonl has both")
        if guarded:
            count = "1 cell starts" if guarded == 1 else f"{guarded} cells start"
            self._console.say(f"note: {count} like a formula and got an apostrophe in front; --csv-raw leaves it out")


def column_names(raws: Iterable[msgspec.Raw], first: Sequence[str]) -> list[str]:
    """The attributes of the items: the ``first`` that occur, then by how often they occur."""
    counts = Counter(name for raw in raws for name in attribute_names(raw))
    led = [name for name in first if name in counts]
    return led + sorted(counts.keys() - set(led), key=lambda name: (-counts[name], name))


def _csv_cell(value: Value | None) -> tuple[str, bool]:
    """The text of a cell, and whether it may be a formula: a number never is, whatever its sign."""
    if value is None:
        return "", False
    kind = type_of(value)
    if kind in _SCALARS:
        return key_text(value), kind == "S"
    if kind == "BOOL":
        return ("true" if content(value) else "false"), False
    return ("null" if kind == "NULL" else typed_json.encode_value(value)), False


def make_sink(text: ItemText, output: str, table: Table, index: str, *, guard: bool) -> ItemSink:
    """The sink of a scan or query for an output format."""
    if output == "jsonl":
        return JsonLines(text)
    if output == "json":
        return JsonArray(text)
    if output == "csv":
        return Csv(text.console, leading_names(table), guard=guard)
    from dbtui.cli.items.grid import Grid

    return Grid(text.console, table, index)


def print_item(item: Item, text: ItemText, output: str, table: Table, *, guard: bool) -> None:
    """One item as ``get`` shows it: laid out over several lines, on one in ``jsonl``, or as CSV."""
    if output == "csv":
        sink = Csv(text.console, leading_names(table), guard=guard)
        sink.put(msgspec.Raw(encode_item(item)))
        sink.close()
        return
    text.console.data((text.line(item) if output == "jsonl" else text.pretty(item)) + "\n")
    text.console.flush()
