"""``put``: one whole item, new or over another."""

from __future__ import annotations

from dbtui.cli.items import subject
from dbtui.cli.items.subject import Subject
from dbtui.cli.items.writing import Manner, Writing, conflict
from dbtui.cli.options import Invocation
from dbtui.cli.wiring import Session
from dbtui.domain.failures import Refused, UsageError
from dbtui.domain.item_place import schema_hint
from dbtui.domain.validation import problems
from dbtui.domain.values import Item, key_of
from dbtui.items.edit import WriteResult, WriteState
from dbtui.items.writes import ItemWrite, create_write, replace_write


async def put(
    invocation: Invocation, session: Session, place: str, *, item: Item, name: str, manner: Manner, replace: bool
) -> int:
    """Writes the item; without ``replace`` only where none is. ``name`` is what its text is called in messages."""
    found = await subject.find(session, place, everywhere=True)
    _check(item, name, found)
    key = key_of(item, found.table.keys)
    writing = Writing(invocation, session, found, verb="put", key=key, manner=manner)
    if not manner.dry_run:
        subject.check_writable(session, found)
    if not replace:
        return await _create(session, found, writing, item, manner)
    there = await _read(session, found, key)
    if there is None:
        return await writing.run(create_write(found.table, item))
    write = _replacement(found, item, there)
    return writing.unchanged(there) if write is None else await writing.run(write)


def _replacement(found: Subject, item: Item, there: Item) -> ItemWrite | None:
    """Over exactly what is there, so that a lost reply can be settled; over anything where that is too large to say."""
    try:
        return replace_write(found.table, item, there)
    except Refused:
        return replace_write(found.table, item)


async def _create(session: Session, found: Subject, writing: Writing, item: Item, manner: Manner) -> int:
    """A new item. What its condition will find is looked up for a dry run only; else AWS itself judges."""
    write: ItemWrite = create_write(found.table, item)
    if manner.dry_run:
        there = await _read(session, found, write.key)
        if there is not None:
            result = WriteResult(state=WriteState.CONFLICT, current=there)
            return writing.failed(conflict(found, write.key, write, result))
    return await writing.run(write)


async def _read(session: Session, found: Subject, key: Item) -> Item | None:
    return (await session.core.gateway.item(found.target, found.table.id, key)).item


def _check(item: Item, name: str, found: Subject) -> None:
    """Raises :class:`UsageError` naming everything DynamoDB would not take."""
    missing = [part.name for part in found.table.keys if part.name not in item]
    if missing:
        raise UsageError(f"{name}: the key attribute {missing[0]} is missing.", hint=schema_hint(found.table.keys))
    wrong = problems(item, found.table)
    if wrong:
        others = len(wrong) - 1
        more = f" (and {others} more problem{'s' * (others > 1)})" if others else ""
        raise UsageError(f"{name}: {wrong[0].sentence}{more}.")
