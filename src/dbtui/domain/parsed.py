"""An item read from a text, and where in the text each of its values stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from dbtui.domain.json_text import Node, position
from dbtui.domain.values import Item, Path

Descend: TypeAlias = Callable[[Node, "str | int"], "Node | None"]


class Parsed:
    """`item` is what the text says; `position` finds a value of it in the text, for messages about the value."""

    def __init__(self, text: str, item: Item, root: Node, descend: Descend) -> None:
        self.item = item
        self._text = text
        self._root = root
        self._descend = descend

    def position(self, path: Path) -> tuple[int, int]:
        """Line and column, from 1, where the value at the path starts; of the nearest one around it if it is absent."""
        node = self._root
        for part in path:
            inner = self._descend(node, part)
            if inner is None:
                break
            node = inner
        return position(self._text, node.start)
