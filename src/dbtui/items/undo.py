"""What this run wrote, in memory, and how each write is taken back: conditionally, like any other."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from dbtui.domain.failures import Refused
from dbtui.domain.item_requests import DELETE, PUT, TRANSACT, UPDATE, update_request
from dbtui.domain.scope import ResourceRef
from dbtui.domain.values import Item
from dbtui.items.effects import effects_of
from dbtui.items.writes import (
    UNDO,
    ItemWrite,
    WriteResult,
    create_write,
    delete_write,
    edit_write,
    replace_write,
)

KEPT: Final = 100
"""Writes that can be taken back, the newest ones."""


class UndoEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One write of this run and the item as it left it."""

    id: str
    write: ItemWrite
    item: Item | None
    old: Item | None

    @property
    def title(self) -> str:
        return f"undo: {self.write.title}"

    def inverse(self) -> ItemWrite:
        """The write that takes it back, on the condition that what it wrote still stands.

        Raises :class:`Refused` when that cannot be said: the item that was replaced had not been seen.
        """
        found = _INVERSES[self.write.request.operation](self)
        return msgspec.structs.replace(found, verb=UNDO, title=self.title, undoes=self.id, additive=False)


class UndoLog:
    """The writes of this run that can be taken back. Values live in memory only."""

    def __init__(self) -> None:
        self._entries: deque[UndoEntry] = deque(maxlen=KEPT)

    def push(self, write: ItemWrite, result: WriteResult) -> None:
        """Notes a write that was done. The undoing of another removes that one instead."""
        if write.undoes:
            kept = [entry for entry in self._entries if entry.id != write.undoes]
            self._entries.clear()
            self._entries.extend(kept)
            return
        item = result.item if result.item is not None else write.after
        entry = UndoEntry(id=secrets.token_hex(8), write=write, item=item, old=result.old or write.before)
        self._entries.append(entry)

    def last(self, table: ResourceRef) -> UndoEntry | None:
        """The newest write to a table that was not taken back; ``None`` when there is none."""
        return next((entry for entry in reversed(self._entries) if entry.write.table.ref == table), None)


def _undo_update(entry: UndoEntry) -> ItemWrite:
    """Puts the old values back where the new ones still stand; other attributes are left alone."""
    write = entry.write
    inverse = tuple(change.inverse for change in write.changes)
    return msgspec.structs.replace(
        write,
        request=update_request(write.table, write.key, inverse),
        before=write.after,
        after=write.before,
        effects=effects_of(write.table, write.after, write.before),
    )


def _undo_put(entry: UndoEntry) -> ItemWrite:
    """Deletes what was created, or puts back what was replaced."""
    write = entry.write
    assert write.after is not None
    if entry.old is not None:
        inverse = replace_write(write.table, entry.old, write.after)
        if inverse is not None:
            return inverse
        raise Refused(f"There is nothing to undo: {write.title} changed nothing.")
    if write.creates:
        return delete_write(write.table, write.after)
    raise Refused(f"{write.title} cannot be undone: what it replaced was not seen.")


def _undo_delete(entry: UndoEntry) -> ItemWrite:
    """Creates the item again, all of it as DynamoDB returned it when it was deleted."""
    if entry.old is None:
        raise Refused(f"{entry.write.title} cannot be undone: what it deleted was not seen.")
    return create_write(entry.write.table, entry.old)


def _undo_move(entry: UndoEntry) -> ItemWrite:
    """Moves the item back to its old key."""
    write = entry.write
    assert write.before is not None and write.after is not None
    back = edit_write(write.table, write.after, write.before)
    assert back is not None
    return back


_INVERSES: dict[str, Callable[[UndoEntry], ItemWrite]] = {
    UPDATE: _undo_update,
    PUT: _undo_put,
    DELETE: _undo_delete,
    TRANSACT: _undo_move,
}
