"""Items as text for standard output: typed JSON or DynamoDB JSON, fit for a terminal or verbatim for a pipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dbtui.cli import render
from dbtui.cli.console import Console
from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.models import Table
from dbtui.domain.values import Item


def leading_names(table: Table) -> tuple[str, ...]:
    """The attributes that come first in an item's text: the table's keys, then the keys of its indexes."""
    parts = [*table.keys, *(part for index in table.indexes for part in index.keys)]
    return tuple(dict.fromkeys(part.name for part in parts))


@dataclass(frozen=True, slots=True)
class ItemText:
    """How items of one table are written in this run."""

    console: Console
    first: Sequence[str] = ()
    dynamodb: bool = False

    def line(self, item: Item) -> str:
        """The item on one line."""
        return self._safe(self._encoded(item, None))

    def pretty(self, item: Item) -> str:
        """The item over several lines."""
        return self._safe(self._encoded(item, 2))

    def _encoded(self, item: Item, indent: int | None) -> str:
        if self.dynamodb:
            return dynamodb_json.encode(item, self.first, indent=indent)
        return typed_json.encode(item, self.first, indent=indent)

    def _safe(self, text: str) -> str:
        terminal = self.console.out_is_terminal
        shown = text if terminal else render.json_verbatim(text)
        return render.json_escaped(shown, terminal=terminal, ascii_only=self.console.ascii_only)

    def record(self, fields: Mapping[str, Any], items: Mapping[str, Item | None], *, indent: int | None) -> str:
        """A JSON object of plain members, with items spliced in as their own text so that no number is touched."""
        texts = {name: self._plain(value, indent) for name, value in fields.items()}
        for name, item in items.items():
            texts[name] = "null" if item is None else self.line(item) if indent is None else self.pretty(item)
        return object_text(texts, indent=indent)

    def _plain(self, value: Any, indent: int | None) -> str:
        terminal, ascii_only = self.console.out_is_terminal, self.console.ascii_only
        return render.json_text(value, indent=indent, terminal=terminal, ascii_only=ascii_only)


def object_text(members: Mapping[str, str], *, indent: int | None) -> str:
    """A JSON object whose members are JSON texts already."""
    pairs = [f"{render.json_text(name)}: {text}" for name, text in members.items()]
    if indent is None or not pairs:
        return "{" + ", ".join(pairs) + "}"
    return "{\n" + ",\n".join(indented(pair, indent) for pair in pairs) + "\n}"


def indented(text: str, indent: int) -> str:
    """Every line of a JSON text moved to the right; its strings hold no raw line breaks."""
    room = " " * indent
    return room + text.replace("\n", f"\n{room}")
