"""What differs between two images of an item, and the three-way merge of two people's changes.

Paths go into maps as long as both sides are maps; a list is one value, because its positions move.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from dbtui.domain.values import Item, Path, Value, at, copy_item, copy_value, equal


class Change(msgspec.Struct, frozen=True):
    """One path whose value is another; ``None`` stands for absent."""

    path: Path
    before: Value | None
    after: Value | None

    @property
    def inverse(self) -> Change:
        return Change(self.path, self.after, self.before)


class Conflict(msgspec.Struct, frozen=True):
    """One path that both sides changed, each in its own way; ``None`` stands for absent."""

    path: Path
    base: Value | None
    theirs: Value | None
    mine: Value | None


class Merge(msgspec.Struct, frozen=True):
    """Both sides' changes together. ``merged`` keeps mine where the sides conflict; ``taken`` are theirs alone."""

    merged: Item
    conflicts: tuple[Conflict, ...]
    taken: tuple[Change, ...]


def changes(base: Item, mine: Item, *, nested: bool = True) -> tuple[Change, ...]:
    """What turns ``base`` into ``mine``; without ``nested``, by whole attributes."""
    return tuple(_changes((), base, mine, nested=nested))


def changes_at(paths: Iterable[Path], before: Item, after: Item) -> tuple[Change, ...]:
    """The changes of two images at these paths, equal ones included."""
    return tuple(Change(path, at(before, path), at(after, path)) for path in paths)


def apply(base: Item, made: Sequence[Change]) -> Item:
    """A copy of ``base`` with the changes made."""
    image = copy_item(base)
    for change in made:
        put_at(image, change.path, change.after)
    return image


def put_at(item: Item, path: Path, value: Value | None) -> None:
    """Sets or removes one path of an item in place; for a value that is set, maps that are missing on the way are made.

    What stands on the way and is no map gives way to one.
    """
    holder = item
    for part in path[:-1]:
        inner = holder.get(str(part), {}).get("M")
        if inner is None:
            if value is None:
                return
            inner = {}
            holder[str(part)] = {"M": inner}
        holder = inner
    if value is None:
        holder.pop(str(path[-1]), None)
    else:
        holder[str(path[-1])] = copy_value(value)


def merge(base: Item, theirs: Item, mine: Item) -> Merge:
    """Three-way merge, path by path: a change of one side is taken, the same change of both is no conflict."""
    conflicts: list[Conflict] = []
    taken: list[Change] = []
    merged = _merge_maps((), (base, theirs, mine), conflicts, taken)
    return Merge(copy_item(merged), tuple(conflicts), tuple(taken))


def all_conflict(base: Item, mine: Item) -> Merge:
    """The merge of my changes with a deletion of the whole item: each of them conflicts with nothing being there."""
    found = tuple(Conflict(c.path, c.before, None, c.after) for c in changes(base, mine, nested=False))
    return Merge(copy_item(mine), found, ())


def _changes(path: Path, base: Item, mine: Item, *, nested: bool) -> Iterator[Change]:
    for name in _names(base, mine):
        before, after = base.get(name), mine.get(name)
        if equal(before, after):
            continue
        here = (*path, name)
        inside = (_map(before), _map(after))
        if nested and inside[0] is not None and inside[1] is not None:
            yield from _changes(here, inside[0], inside[1], nested=True)
        else:
            yield Change(here, before, after)


def _merge_maps(path: Path, images: tuple[Item, Item, Item], conflicts: list[Conflict], taken: list[Change]) -> Item:
    merged: Item = {}
    for name in _names(*images):
        sides = (images[0].get(name), images[1].get(name), images[2].get(name))
        value = _merge_values((*path, name), sides, conflicts, taken)
        if value is not None:
            merged[name] = value
    return merged


def _merge_values(
    path: Path,
    sides: tuple[Value | None, Value | None, Value | None],
    conflicts: list[Conflict],
    taken: list[Change],
) -> Value | None:
    base, theirs, mine = sides
    if equal(theirs, mine) or equal(theirs, base):
        return theirs if equal(theirs, mine) else mine
    if equal(mine, base):
        taken.append(Change(path, base, theirs))
        return theirs
    maps = (_map(base), _map(theirs), _map(mine))
    if maps[0] is not None and maps[1] is not None and maps[2] is not None:
        return {"M": _merge_maps(path, (maps[0], maps[1], maps[2]), conflicts, taken)}
    conflicts.append(Conflict(path, base, theirs, mine))
    return mine


def _names(*images: Item) -> Iterable[str]:
    return dict.fromkeys(name for image in images for name in image)


def _map(value: Value | None) -> Item | None:
    """What a map holds; ``None`` for every other value."""
    return None if value is None else value.get("M")
