"""Where the columns of a RecordTable go: measured widths, sharing of spare width, giving way when there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dbtui.domain.rows import ColumnSpec

GUTTER: Final = 3
"""Cells left of the first column: cursor, mark or state, space."""
GAP: Final = 2
FROZEN_SHARE: Final = 0.6
"""Frozen columns may take at most this share of a viewport that has to scroll sideways."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A column as placed: `x` in cells from the start of the frozen or of the scrolled part."""

    column: int
    spec: ColumnSpec
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Layout:
    """All columns placed. The scrolled part starts at `frozen_width`, gutter included."""

    frozen: tuple[Slot, ...]
    scrolled: tuple[Slot, ...]
    frozen_width: int
    total_width: int

    def window(self, scroll_x: int, width: int) -> Sequence[Slot]:
        """The scrolled columns of which something shows in `width` cells from `scroll_x` on."""
        return [slot for slot in self.scrolled if slot.x < scroll_x + width and slot.x + slot.width > scroll_x]

    def slot_at(self, x: int, scroll_x: int) -> Slot | None:
        """The column at this cell of the viewport."""
        for slot in self.frozen:
            if slot.x <= x < slot.x + slot.width:
                return slot
        if x < self.frozen_width:
            return None
        x += scroll_x - self.frozen_width
        return next((slot for slot in self.scrolled if slot.x <= x < slot.x + slot.width), None)


class Widths:
    """What the contents of each column want, as far as they were seen. Grows, and never shrinks by itself."""

    def __init__(self) -> None:
        self._columns: Sequence[ColumnSpec] = ()
        self._seen: list[int] = []
        self._by_hand: dict[str, int] = {}

    def start(self, columns: Sequence[ColumnSpec]) -> bool:
        """Forget what was seen, unless the columns are the same. True if they are others."""
        if list(columns) == list(self._columns):
            return False
        self._columns = columns
        self._seen = [spec.min_width for spec in columns]
        return True

    def change(self, columns: Sequence[ColumnSpec]) -> None:
        """Other columns of the same rows: those that stay keep what was seen, so that nothing jumps."""
        seen = {spec.key: width for spec, width in zip(self._columns, self._seen, strict=True)}
        self._columns = columns
        self._seen = [
            max(spec.min_width, min(seen.get(spec.key, 0), max(spec.max_width, spec.min_width))) for spec in columns
        ]

    def see(self, column: int, width: int) -> None:
        """Something this wide is shown in the column."""
        if width > self._seen[column]:
            self._seen[column] = min(width, max(self._columns[column].max_width, self._columns[column].min_width))

    def adjust(self, key: str, cells: int) -> None:
        """Make a column wider or narrower than it would be."""
        self._by_hand[key] = self._by_hand.get(key, 0) + cells

    def wanted(self) -> list[int]:
        """Cells wanted by column."""
        return [
            max(1, seen + self._by_hand.get(spec.key, 0)) for seen, spec in zip(self._seen, self._columns, strict=True)
        ]


def lay_out(columns: Sequence[ColumnSpec], widths: Sequence[int], available: int) -> Layout:
    """Place the columns, frozen ones first. `widths` are what the contents want, `available` is the viewport."""
    order = sorted(range(len(columns)), key=lambda column: not columns[column].frozen)
    wanted = [max(1, widths[column]) for column in order]
    specs = [columns[column] for column in order]
    room = available - GUTTER - GAP * max(0, len(order) - 1) - 1
    spare = room - sum(wanted)
    placed = _stretched(specs, wanted, spare) if spare >= 0 else _squeezed(specs, wanted, room)
    if sum(placed) > room:
        _cap_frozen(specs, placed, int(available * FROZEN_SHARE) - GUTTER)
    return _placed(order, specs, placed)


def _placed(order: Sequence[int], specs: Sequence[ColumnSpec], widths: Sequence[int]) -> Layout:
    frozen: list[Slot] = []
    scrolled: list[Slot] = []
    frozen_width, x = GUTTER, 0
    for column, spec, width in zip(order, specs, widths, strict=True):
        if spec.frozen:
            frozen.append(Slot(column, spec, frozen_width, width))
            frozen_width += width + GAP
        else:
            scrolled.append(Slot(column, spec, x, width))
            x += width + GAP
    # One cell of air after the last column instead of a gap.
    total = frozen_width + x - GAP + 1 if specs else GUTTER
    return Layout(tuple(frozen), tuple(scrolled), frozen_width, total)


def _stretched(specs: Sequence[ColumnSpec], wanted: Sequence[int], spare: int) -> list[int]:
    """Hand out spare cells by weight; without weights to the last column, if it is aligned left."""
    weights = [spec.weight for spec in specs]
    if not any(weights) and specs and specs[-1].align == "left":
        weights[-1] = 1
    total = sum(weights)
    widths, given = list(wanted), 0
    for index, weight in enumerate(weights):
        if weight:
            share = spare * weight // total
            widths[index] += share
            given += share
    if total:
        last = max(index for index, weight in enumerate(weights) if weight)
        widths[last] += spare - given
    return widths


def _squeezed(specs: Sequence[ColumnSpec], wanted: Sequence[int], room: int) -> list[int]:
    """Take cells away down to the minimum: from the lowest priority first, there from the widest.

    Right-aligned columns give way only if everything fits then: a number that lost its end misleads more than a name
    that did, and who must scroll sideways anyway can scroll to the whole number.
    """
    names = list(wanted)
    for priority in sorted({spec.priority for spec in specs}):
        _take(specs, names, room, [spec.priority == priority and spec.align == "left" for spec in specs])
    everything = list(names)
    for priority in sorted({spec.priority for spec in specs}):
        _take(specs, everything, room, [spec.priority == priority for spec in specs])
    if sum(everything) <= room:
        return everything
    # One has to scroll sideways anyway, so what matters most (the name) stays whole.
    most = max((spec.priority for spec in specs), default=0)
    return [wanted[index] if spec.priority == most else names[index] for index, spec in enumerate(specs)]


def _take(specs: Sequence[ColumnSpec], widths: list[int], room: int, gives: Sequence[bool]) -> None:
    """Narrow the columns that give way, always the one furthest above its minimum, until all fit or none can."""
    floors = {
        index: max(specs[index].min_width, min(widths[index], specs[index].comfort))
        for index, giving in enumerate(gives)
        if giving
    }
    while floors and sum(widths) > room:
        widest = max(floors, key=lambda index: widths[index] - floors[index])
        if widths[widest] <= floors[widest]:
            return
        widths[widest] -= 1


def _cap_frozen(specs: Sequence[ColumnSpec], widths: list[int], room: int) -> None:
    """Shrink frozen columns below their minimum rather than let them hide all others."""
    frozen = [index for index, spec in enumerate(specs) if spec.frozen]
    while frozen and sum(widths[index] + GAP for index in frozen) > room:
        widest = max(frozen, key=lambda index: widths[index])
        if widths[widest] <= 1:
            return
        widths[widest] -= 1
