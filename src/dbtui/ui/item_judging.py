"""What is wrong with the text of an item, where, and what the item would weigh. Pure, so that a thread can do it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from dbtui.domain import typed_json
from dbtui.domain.json_text import TextError
from dbtui.domain.models import Table
from dbtui.domain.text import escape
from dbtui.domain.validation import problems
from dbtui.domain.values import Item
from dbtui.ui import item_text

INLINE = 6_000
"""Characters up to which judging takes less than a frame, and needs no thread."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The item the text says, or what is wrong; ``line`` and ``column`` count from 1, 0 where there is no place."""

    item: Item | None
    problem: str = ""
    line: int = 0
    column: int = 0
    gauge: str = ""
    is_json: bool = True
    """False when the text is not even typed JSON: then nothing can be said about the item."""


def judge(text: str, kept: Item | None, table: Table) -> Judgement:
    """Reads the text; ``kept`` is where the values come from that it leaves out."""
    try:
        parsed = typed_json.parse(text, kept)
    except TextError as error:
        return Judgement(None, escape(error.failure.title), error.line, error.column, is_json=False)
    gauge = item_text.gauge(table, parsed.item)
    found = problems(parsed.item, table)
    if not found:
        return Judgement(parsed.item, gauge=gauge)
    line, column = parsed.position(found[0].path)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Judgement(parsed.item, f"line {line}: {escape(found[0].sentence)}{more}", line, column, gauge)


async def judged(text: str, kept: Item | None, table: Table) -> Judgement:
    """:func:`judge`, in a thread where the text is long."""
    if len(text) <= INLINE:
        return judge(text, kept, table)
    return await asyncio.to_thread(judge, text, kept, table)
