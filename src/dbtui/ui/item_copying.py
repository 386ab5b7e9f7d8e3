"""What can be copied of items, and how it is written; it is written only when it was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.item_place import item_place
from dbtui.domain.models import Table
from dbtui.domain.text import preview
from dbtui.domain.values import Item, Value, content, key_of, to_base64, type_of
from dbtui.items.store import ItemStore
from dbtui.ui.clipboard import MAX_BYTES
from dbtui.ui.screens.chooser import Choice

HINT_LENGTH = 60


class What(StrEnum):
    """One line of the menu."""

    VALUE = "value"
    KEY = "key"
    TYPED = "typed JSON"
    DYNAMODB = "DynamoDB JSON"
    PLACE = "place"
    LINES = "marked items, typed JSON lines"
    DYNAMODB_LINES = "marked items, DynamoDB JSON lines"
    PLACES = "marked items, places"


MANY = frozenset({What.LINES, What.DYNAMODB_LINES, What.PLACES})
"""What is made of the marked rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """The row under the cursor and the attribute under the column cursor."""

    table: Table
    item: Item
    name: str

    @property
    def first(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.table.keys)


def value_text(value: Value) -> str:
    """A value for another program: text, number and binary as they are typed, everything else as typed JSON."""
    if type_of(value) in ("S", "N"):
        return str(content(value))
    return to_base64(content(value)) if type_of(value) == "B" else typed_json.encode_value(value)


def choices(row: Row, marked: int) -> list[Choice[What]]:
    """What the row, or the marked ones, can be copied as."""
    found = []
    if row.name in row.item:
        hint = preview(value_text(row.item[row.name]), HINT_LENGTH)
        found.append(Choice(f"{What.VALUE} of {row.name}", What.VALUE, hint))
    if marked:
        found += [Choice(what.value, what, f"{marked:,} items") for what in (What.LINES, What.DYNAMODB_LINES)]
        found.append(Choice(What.PLACES.value, What.PLACES, f"{marked:,} items"))
    for what in (What.TYPED, What.DYNAMODB, What.PLACE, What.KEY):
        found.append(Choice(what.value, what, preview(text(what, row, indent=None), HINT_LENGTH)))
    return found


def text(what: What, row: Row, *, indent: int | None = 2) -> str:
    """The row, written as chosen."""
    item, table = row.item, row.table
    if what is What.VALUE:
        return value_text(item[row.name])
    if what is What.TYPED:
        return typed_json.encode(item, row.first, indent=indent)
    if what is What.DYNAMODB:
        return dynamodb_json.encode(item, row.first, indent=indent)
    if what is What.KEY:
        return typed_json.encode(key_of(item, table.keys), row.first, indent=None)
    return item_place(table.ref.id, item, table.keys, scope=table.ref.scope)


def lines(what: What, table: Table, store: ItemStore, ordinals: Sequence[int]) -> str:
    """The marked rows, one a line. Ends soon after it is more than can be copied, which then says so."""
    each = {What.LINES: What.TYPED, What.DYNAMODB_LINES: What.DYNAMODB, What.PLACES: What.PLACE}[what]
    written, size = [], 0
    for ordinal in ordinals:
        written.append(text(each, Row(table, store.item(ordinal), ""), indent=None))
        size += len(written[-1])
        if size > 2 * MAX_BYTES:
            break
    return "\n".join(written)
