"""One person's edit of one item: the base image, what they made of it, and the write that follows from both."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from dbtui.domain.clock import Clock, system_clock
from dbtui.domain.diff import Change, Conflict, Merge, all_conflict, changes, merge, put_at
from dbtui.domain.failures import AwsError, Refused
from dbtui.domain.models import Table
from dbtui.domain.values import Item, Path, copy_item, key_of
from dbtui.gateway.protocol import Gateway
from dbtui.items.writes import (
    ItemWrite,
    WriteResult,
    WriteState,
    create_write,
    delete_write,
    edit_write,
    no_longer_there,
    replace_write,
)

__all__ = ["EditSession", "ItemWrite", "Side", "WriteResult", "WriteState", "delete_write", "replace_write"]


class Side(StrEnum):
    """Whose value is kept where both sides changed one."""

    MINE = "mine"
    THEIRS = "theirs"


class EditSession:
    """The base image, read consistently, and ``mine``, which the person changes at will.

    ``base`` is ``None`` for an item that is to be created. ``conflicts`` are those of the last :meth:`rebase` that are
    still to be decided; until then the write keeps mine.
    """

    def __init__(self, table: Table, base: Item | None, mine: Item, *, read_at: datetime | None = None) -> None:
        self.table = table
        self.base = base
        self.mine = mine
        self.read_at = read_at
        self.read_units: float | None = None
        self.conflicts: tuple[Conflict, ...] = ()

    @classmethod
    async def open(cls, gateway: Gateway, table: Table, key: Item, *, clock: Clock = system_clock) -> EditSession:
        """Reads the item consistently. Raises :class:`AwsError` NOT_FOUND when it is gone."""
        found = await gateway.item(table.ref.scope.target, table.id, key_of(key, table.keys), consistent=True)
        if found.item is None:
            raise AwsError(no_longer_there(table, key))
        session = cls(table, found.item, copy_item(found.item), read_at=clock())
        session.read_units = found.units
        return session

    @classmethod
    def new(cls, table: Table, template: Item | None = None) -> EditSession:
        """An item that does not exist yet; a template is copied, all of it."""
        return cls(table, None, copy_item(template or {}))

    @property
    def key(self) -> Item | None:
        """The key of the base image; ``None`` for a new item."""
        return None if self.base is None else key_of(self.base, self.table.keys)

    def changes(self) -> tuple[Change, ...]:
        """What was changed so far, path by path."""
        return changes(self.base or {}, self.mine)

    def write(self) -> ItemWrite | None:
        """The write that makes the item ``mine``; ``None`` when nothing was changed: then nothing is sent.

        Raises :class:`Refused` INVALID for an item DynamoDB would not take, or a request beyond its limits.
        """
        if self.base is None:
            return create_write(self.table, self.mine)
        return edit_write(self.table, self.base, self.mine)

    def delete(self) -> ItemWrite:
        """The deletion of the item as it was read; raises :class:`Refused` for a new one."""
        if self.base is None:
            raise Refused("There is nothing to delete: the item was not written yet.")
        return delete_write(self.table, self.base)

    def rebase(self, theirs: Item | None) -> Merge:
        """Merges what the item is by now with mine, and goes on from there: ``theirs`` becomes the base.

        ``None`` means that the item is gone: everything of mine conflicts, and writing it would create the item.
        """
        if theirs is None:
            merged = all_conflict(self.base or {}, self.mine)
        else:
            merged = merge(self.base or {}, theirs, self.mine)
        self.base = None if theirs is None else copy_item(theirs)
        self.mine = copy_item(merged.merged)
        self.conflicts = merged.conflicts
        return merged

    def choose(self, path: Path, side: Side) -> None:
        """Decides one conflict: the value of that side becomes mine. It may be decided again."""
        conflict = next(conflict for conflict in self.conflicts if conflict.path == path)
        put_at(self.mine, path, conflict.theirs if side is Side.THEIRS else conflict.mine)
