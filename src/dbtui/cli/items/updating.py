"""``update``: some attributes of one item, on the condition that nobody else has changed them meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbtui.cli.items import subject
from dbtui.cli.items.paths import check_apart, put_at, read_path, remove_at, split_assignment
from dbtui.cli.items.words import KeyWords, decode_value
from dbtui.cli.items.writing import Manner, Writing
from dbtui.cli.options import Invocation
from dbtui.cli.wiring import Session
from dbtui.domain.failures import Failure, FailureKind, UsageError
from dbtui.domain.item_place import schema_hint
from dbtui.domain.models import Table
from dbtui.domain.values import Item, Path, Value, copy_item
from dbtui.items.writes import edit_write


@dataclass(frozen=True, slots=True)
class Edit:
    """What is to be set and removed."""

    sets: tuple[tuple[Path, Value], ...]
    removes: tuple[Path, ...]

    def check(self, table: Table) -> None:
        """Raises :class:`UsageError` for a path into the key."""
        keys = {part.name for part in table.keys}
        for path in (*(path for path, _ in self.sets), *self.removes):
            if path[0] in keys:
                raise UsageError(
                    f"{path[0]} is a key attribute; the key of an item does not change.",
                    hint=f"{schema_hint(table.keys)} Put an item with the new key, then delete this one.",
                )

    def applied(self, base: Item) -> Item:
        """A copy of the item with the changes made; raises ``Refused`` where a path leads nowhere."""
        mine = copy_item(base)
        for path, value in self.sets:
            put_at(mine, path, value)
        remove_at(mine, self.removes)
        return mine


def read_edit(sets: Sequence[str], removes: Sequence[str], *, dynamodb: bool) -> Edit:
    """The words of ``--set`` and ``--remove``; raises :class:`UsageError`."""
    if not sets and not removes:
        raise UsageError("update what?", hint="Give --set PATH=VALUE or --remove PATH.")
    assignments = []
    for text in sets:
        path, value = split_assignment(text)
        typed = text[: len(text) - len(value) - 1]
        assignments.append((path, decode_value(value, typed, dynamodb=dynamodb)))
    edit = Edit(tuple(assignments), tuple(read_path(text) for text in removes))
    check_apart([*(path for path, _ in edit.sets), *edit.removes])
    return edit


async def update(
    invocation: Invocation, session: Session, place: str, *, words: KeyWords, edit: Edit, manner: Manner
) -> int:
    """Reads the item, makes the changes and writes what differs."""
    found = await subject.find(session, place, everywhere=True)
    key = words.key(found.table)
    edit.check(found.table)
    if not manner.dry_run:
        subject.check_writable(session, found)
    writing = Writing(invocation, session, found, verb="update", key=key, manner=manner)
    base = (await session.core.gateway.item(found.target, found.table.id, key)).item
    if base is None:
        return writing.failed(absent(found, key))
    write = edit_write(found.table, base, edit.applied(base))
    return writing.unchanged(base) if write is None else await writing.run(write)


def absent(found: subject.Subject, key: Item) -> Failure:
    """The failure for an item that is not there."""
    return Failure(FailureKind.NOT_FOUND, f"There is no {found.short_place(key)} in {found.scope.label}.")
