"""Whether an item belongs to what was asked, and what of it a row holds: for rows after a write."""

from __future__ import annotations

from collections.abc import Sequence

from dbtui.domain.key_query import KeyQuery, SortCondition, index_of, key_parts, partition_parts, sort_parts_of
from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item, Value, content, equal, order, type_of
from dbtui.ui.item_query import Asked, Lookup


def as_row(asked: Asked, item: Item) -> Item | None:
    """The item as the table or index shows it; ``None`` when it is not in there or was not asked for."""
    if isinstance(asked, Lookup):
        return item if all(equal(item.get(name), value) for name, value in asked.key.items()) else None
    if not _has_keys(item, key_parts(asked.table, asked.index)):
        return None
    if isinstance(asked, KeyQuery) and not _meets(asked, item):
        return None
    return _projected(asked, item)


def _has_keys(item: Item, keys: Sequence[KeyPart]) -> bool:
    return all(part.name in item and type_of(item[part.name]) == part.type for part in keys)


def _projected(asked: Asked, item: Item) -> Item:
    index = None if isinstance(asked, Lookup) else index_of(asked.table, asked.index)
    if index is None or index.projection in ("", "ALL"):
        return item
    names = {part.name for part in (*asked.table.keys, *index.keys)} | set(index.projected)
    return {name: value for name, value in item.items() if name in names}


def _meets(query: KeyQuery, item: Item) -> bool:
    partition = zip(partition_parts(query.table, query.index), query.partition, strict=False)
    sort = zip(sort_parts_of(query.table, query.index), query.sort, strict=False)
    return all(equal(item[part.name], value) for part, value in partition) and all(
        _holds(condition, item[part.name]) for part, condition in sort
    )


def _holds(condition: SortCondition, value: Value) -> bool:
    first, *more = condition.values
    if condition.operator == "=":
        return equal(value, first)
    if condition.operator == "begins_with":
        return bool(content(value).startswith(content(first)))
    if condition.operator == "between":
        return order(first) <= order(value) <= order(more[0])
    mine, theirs = order(value), order(first)
    return {"<": mine < theirs, "<=": mine <= theirs, ">": mine > theirs, ">=": mine >= theirs}[condition.operator]
