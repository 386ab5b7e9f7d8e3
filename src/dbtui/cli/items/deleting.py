"""``delete-item``: one item as it was read and shown, for good."""

from __future__ import annotations

from dbtui.cli.items import subject
from dbtui.cli.items.updating import absent
from dbtui.cli.items.words import KeyWords
from dbtui.cli.items.writing import Manner, Writing
from dbtui.cli.options import Invocation
from dbtui.cli.wiring import Session
from dbtui.domain import dynamodb_json, typed_json
from dbtui.items.writes import delete_write

_SHOWN_VALUE_BYTES = 2000
_SHOWN_LINES = 60


async def delete(
    invocation: Invocation, session: Session, place: str, *, words: KeyWords, typed: str, manner: Manner
) -> int:
    """Reads and shows the item, and deletes it if it still is what was shown. ``typed``: its KEY words."""
    console = invocation.console
    found = await subject.find(session, place, everywhere=True)
    key = words.key(found.table)
    if not manner.dry_run:
        subject.check_writable(session, found)
    writing = Writing(invocation, session, found, verb="delete-item", key=key, manner=manner)
    base = (await session.core.gateway.item(found.target, found.table.id, key)).item
    if base is None:
        return writing.failed(absent(found, key))
    names = [part.name for part in found.table.keys]
    shown = (
        dynamodb_json.encode(base, names)
        if manner.dynamodb
        else typed_json.encode(base, names, elide_over=_SHOWN_VALUE_BYTES)
    ).splitlines()
    for line in shown[:_SHOWN_LINES]:
        console.say(line)
    if len(shown) > _SHOWN_LINES:
        console.say(f"… and {len(shown) - _SHOWN_LINES} lines more")
    return await writing.run(delete_write(found.table, base), typed=typed)
