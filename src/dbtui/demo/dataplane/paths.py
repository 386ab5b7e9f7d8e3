"""Attribute paths followed into items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dbtui.demo.dataplane.placeholders import Path
from dbtui.demo.dataplane.values import Item, Value


def at(item: Mapping[str, Value], path: Path) -> Value | None:
    """What stands at the path; None where it leads nowhere."""
    value = item.get(path[0])  # type: ignore[arg-type]
    for part in path[1:]:
        if value is None:
            return None
        value = child(value, part)
    return value


def child(value: Value, part: str | int) -> Value | None:
    if isinstance(part, int):
        members = value.get("L")
        return members[part] if members is not None and part < len(members) else None
    inner = value.get("M")
    return inner.get(part) if inner is not None else None


def project(item: Mapping[str, Value], paths: Iterable[Path]) -> Item:
    """The item reduced to the paths; what remains of a list keeps its order and closes its gaps."""
    tree: dict[str | int, Any] = {}
    for path in paths:
        node = tree
        for part in path:
            node = node.setdefault(part, {})
    kept = {part: _reduced(item[part], inner) for part, inner in tree.items() if part in item}  # type: ignore[index]
    return {name: kept[name] for name in item if kept.get(name) is not None}  # type: ignore[misc]


def _reduced(value: Value, tree: dict[str | int, Any]) -> Value | None:
    """`tree` maps the wanted parts to what is wanted of them; an empty one wants everything."""
    if not tree:
        return value
    found = {part: child(value, part) for part in tree}
    kept = {part: _reduced(inner, tree[part]) for part, inner in found.items() if inner is not None}
    chosen = {part: inner for part, inner in kept.items() if inner is not None}
    if not chosen:
        return None
    if "L" in value:
        return {"L": [chosen[part] for part in sorted(chosen)]}
    return {"M": chosen}
