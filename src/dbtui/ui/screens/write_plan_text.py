"""One write of an item as text: differences, conditions in words, the request, effects, and the question. Escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from dbtui.domain.diff import Change
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.domain.values import Value, items_equal, key_of, path_text
from dbtui.items.writes import (
    CREATE_ITEM,
    DELETE_ITEM,
    EDIT_ITEM,
    MOVE_ITEM,
    REPLACE_ITEM,
    UNDO,
    ItemWrite,
)
from dbtui.ui import item_text
from dbtui.ui.screens.plan_ask import Ask, Stage
from dbtui.ui.screens.plan_text import labelled
from dbtui.ui.widgets.item_lines import size_text

SHOWN: Final = 24
"""Attributes of one write that are shown; of the others their number."""
VALUE_LIMIT: Final = 160
"""Characters of one side of a difference."""
CONDITIONS: Final = 6
"""Conditions that are said one by one."""
PARAMETER_LIMIT: Final = 700
"""Characters of one parameter of the request that are shown; ``y`` copies all of it."""
TYPED_LIMIT: Final = 60
"""A key longer than this, or one with invisible characters, is not asked to be typed; the table's name is."""

_VERBS: Final = {
    CREATE_ITEM: "Create",
    EDIT_ITEM: "Write",
    REPLACE_ITEM: "Replace",
    DELETE_ITEM: "Delete",
    MOVE_ITEM: "Move",
    UNDO: "Undo",
}


def title(write: ItemWrite) -> str:
    """What the dialog is called: ``Write user#42 / order#0007 of table/orders``."""
    key = item_text.key_title(write.table, write.key)
    shown = key if len(key) <= TYPED_LIMIT else f"{key[:TYPED_LIMIT]}…"
    return f"{_VERBS[write.verb]} {shown} of table/{escape(write.table.id)}"


def body(write: ItemWrite) -> RenderableType:
    """Everything between the scope and the question."""
    parts: list[RenderableType] = []
    if write.verb in (MOVE_ITEM, UNDO):
        parts += [Text(escape(write.title), style="bold"), ""]
    parts += [differences(write.changes, say_removed=write.after is not None)]
    parts += ["", labelled([("Only if", conditions(write)), ("Effects", write.effects)]), "", request(write)]
    return Group(*parts)


def differences(changes: Iterable[Change], *, say_removed: bool = True) -> Grid:
    """One line for each change: its path, what it was, what it becomes. Equal ones are left out."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold", max_width=30)
    grid.add_column(overflow="fold")
    made = [change for change in changes if change.before != change.after]
    for change in made[:SHOWN]:
        grid.add_row(
            Text(escape(path_text(change.path)), style="bold"),
            _difference(change.before, change.after, say_removed=say_removed),
        )
    if len(made) > SHOWN:
        grid.add_row(Text("…"), Text(f"and {len(made) - SHOWN:,} more", style="italic"))
    return grid


def _difference(before: Value | None, after: Value | None, *, say_removed: bool) -> Text:
    """``"PAID" → "REFUNDED"``; what comes and what goes has its sign."""
    if before is None:
        return Text.assemble(("+ ", "bold green"), (item_text.one_line(after, VALUE_LIMIT), "green"))
    if after is None:
        return Text.assemble(
            ("- ", "bold red"), (item_text.one_line(before, VALUE_LIMIT), "red"), "  removed" if say_removed else ""
        )
    was, will = item_text.before_and_after(before, after, VALUE_LIMIT)
    return Text.assemble((was, "red"), (" → ", "bold"), (will, "green"))


def conditions(write: ItemWrite) -> list[str]:
    """What must still hold when the write arrives, in words."""
    table, before = write.table, write.before
    if write.verb == CREATE_ITEM or (before is None and write.after is not None and write.verb != REPLACE_ITEM):
        return ["no item has this key"]
    said = ["the item still exists"]
    if write.request.name != "UpdateItem":
        if before is not None:
            said.append("all its attributes still are what is shown here")
        if write.verb == MOVE_ITEM or _moves(table, write):
            said.append("no item has the new key")
        return said
    for change in write.changes[:CONDITIONS]:
        path = escape(path_text(change.path))
        still = "is still absent" if change.before is None else f"still is {item_text.one_line(change.before, 60)}"
        said.append(f"{path} {still}")
    if len(write.changes) > CONDITIONS:
        said.append(f"and {len(write.changes) - CONDITIONS:,} more attributes are what they were")
    return said


def _moves(table: Table, write: ItemWrite) -> bool:
    if write.before is None or write.after is None:
        return False
    return not items_equal(key_of(write.before, table.keys), key_of(write.after, table.keys))


def request(write: ItemWrite) -> Grid:
    """The operation and its parameters as they are sent, binary as base64; long ones are cut here, not when copied."""
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text("1", style="bold"), Text(write.request.name, style="bold"))
    parameters: Mapping[str, Any] = write.dry_run()["parameters"]
    for name, value in parameters.items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        shown = escape(text if len(text) <= PARAMETER_LIMIT else text[:PARAMETER_LIMIT])
        rest = f"… {size_text(len(text.encode()))}, y copies all of it" if len(text) > PARAMETER_LIMIT else ""
        grid.add_row("", Text.assemble(f"{escape(name)}=", (shown, "bold"), (rest, "italic"), overflow="fold"))
    return grid


def question(write: ItemWrite) -> Ask:
    """Enter for what can be undone by a key; what destroys asks for the key of the item, typed as it is shown."""
    verb = _VERBS[write.verb]
    named = item_text.key_title(write.table, write.key)
    if write.verb == UNDO or not (write.destructive or write.verb == REPLACE_ITEM):
        doing = {UNDO: "undo it", MOVE_ITEM: "move the item", CREATE_ITEM: "create the item"}.get(write.verb, "write")
        return Ask(Stage.CONFIRM, f"enter: {doing}", yes=verb, no="Cancel", yes_first=True)
    can_be_typed = len(named) <= TYPED_LIMIT and "\\" not in named and named == named.strip()
    expected = named if can_be_typed else write.table.id
    whose = "" if can_be_typed else " (the table's name)"
    prompt = f"Type {escape(expected)}{whose} to {verb.lower()} the item:"
    return Ask(Stage.CONFIRM, prompt, yes=verb, no="Cancel", typed=True, expected=expected, danger=True)
