"""What happened in one race, and whether it can be told as a story in which nothing was lost.

A **lost update** is a value that a write of somebody else put there (or took away), and that an edit of ours replaced
without having seen it. A history is free of lost updates when its writes can be put into one order, which keeps the
order of what did not overlap in time, such that

* every image that anybody was shown (ALL_OLD, ALL_NEW, the item of a conflict, the last read) is what was there then;
* every write of ours that says DONE took effect once, on an item whose touched paths were those of its base image
  (or found that what it intends was so: somebody else had deleted the item, too);
* a deletion of ours says which attributes had come since the item was read: no condition can hold those;
* a write of ours that says CONFLICT met an item on which its condition does not hold; where it met none, DynamoDB
  returns none, and the item of its conflict is what a read right after it found;
* one that says CONFLICT, FAILED or REFUSED took no effect, or, where its own reply had been lost and it
  says so, took effect once in the same way before somebody else's change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from dbtui.actions.item_writes import WriteResult, WriteState
from dbtui.domain.diff import apply
from dbtui.domain.item_requests import DELETE, PUT, TRANSACT, UPDATE
from dbtui.domain.values import Item, at, equal, items_equal, key_of
from dbtui.items.writes import ItemWrite

UNSHOWN: Final = "nobody was shown anything"
State = dict[str, Item]
"""The items of one race by partition key."""


@dataclass(frozen=True)
class Look:
    """A read that found ``item`` (or nothing) at a place, not later than ``end``."""

    place: str
    item: Item | None
    end: float


@dataclass(frozen=True)
class Theirs:
    """One write of the second client: ``effect`` on the items, ``old`` what it was shown.

    ``happened`` is None when its reply was lost.
    """

    start: float
    end: float
    effect: Callable[[State], State]
    place: str
    happened: bool | None
    old: Item | str | None = UNSHOWN


@dataclass(frozen=True)
class Ours:
    """One write of ours and what it said came of it."""

    start: float
    end: float
    write: ItemWrite
    result: WriteResult

    @property
    def place(self) -> str:
        return str(self.write.key["pk"]["S"])

    @property
    def doubtful(self) -> bool:
        """Whether the reply of a try was lost."""
        return "answer was lost" in self.result.note or "earlier try" in self.result.note

    @property
    def already(self) -> bool:
        """Whether it found that somebody else had made the same change."""
        return self.result.note.startswith("It already was")

    def fits(self, state: State) -> bool:
        """Whether everything it touches is as the person had seen it."""
        current, write = state.get(self.place), self.write
        if write.request.operation == PUT and write.before is None:
            return current is None
        if current is None or write.before is None:
            return False
        came = current.keys() - write.before.keys()
        if write.request.operation == TRANSACT and (came or _destination(write) in state):
            return False
        if write.request.operation == DELETE and not (self.doubtful or self.tells_of(came)):
            return False
        return all(
            equal(at(current, path), at(write.before, path)) and "M" in (at(current, path[:-1]) or {"M": {}})
            for path in write.touched
        )

    def tells_of(self, names: Collection[str]) -> bool:
        """Whether the attributes a deletion took away unseen, which no condition can hold, are told."""
        return all(name in self.result.note for name in names)

    def done(self, state: State) -> State:
        left = {place: found for place, found in state.items() if place != self.place}
        if self.write.request.operation == DELETE:
            return left
        if self.write.request.operation == UPDATE:
            return {**left, self.place: apply(state[self.place], self.write.changes)}
        assert self.write.after is not None
        return {**left, _destination(self.write): self.write.after}

    def shows(self, state: State) -> bool:
        """Whether the item it returned is what is there."""
        return items_equal(state.get(_destination(self.write)), self.result.item)

    def conflicts_with(self, state: State) -> bool:
        """Whether the item of its conflict is what is there."""
        return items_equal(state.get(self.place), self.result.current)


def explains(initial: State, ours: Sequence[Ours], theirs: Sequence[Theirs], final: State) -> bool:
    """Whether an order of the writes exists as described above."""
    return _search(initial, tuple(ours), tuple(theirs), final, None)


def _search(state: State, ours: tuple[Ours, ...], theirs: tuple[Theirs, ...], final: State, look: Look | None) -> bool:
    """``look`` is still to be explained: nothing of ours comes before it, nothing of theirs that began after it."""
    if look is not None and items_equal(state.get(look.place), look.item):
        look = None
    if not ours and not theirs:
        same = state.keys() == final.keys() and all(items_equal(state[name], final[name]) for name in state)
        return same and look is None
    limit = look.end if look is not None else ours[0].end if ours else None
    if theirs and not (limit is not None and limit < theirs[0].start):
        for after in _after_theirs(state, theirs[0]):
            if _search(after, ours, theirs[1:], final, look):
                return True
    if look is not None or not ours or (theirs and theirs[0].end < ours[0].start):
        return False
    return _ours_first(state, ours, theirs, final)


def _after_theirs(state: State, write: Theirs) -> list[State]:
    """The states the write may leave behind; none when it was shown something else than what is there."""
    if write.happened is False:
        return [state]
    if not isinstance(write.old, str) and not items_equal(write.old, state.get(write.place)):
        return []
    return [write.effect(state)] if write.happened else [write.effect(state), state]


def _ours_first(state: State, ours: tuple[Ours, ...], theirs: tuple[Theirs, ...], final: State) -> bool:
    first, said = ours[0], ours[0].result.state
    took_effect = said in (WriteState.DONE, WriteState.UNKNOWN) or first.doubtful
    if took_effect and first.fits(state):
        after = first.done(state)
        shown = first.doubtful or said is not WriteState.DONE or first.shows(after)
        if shown and _search(after, ours[1:], theirs, final, None):
            return True
    if said is WriteState.DONE and not ((first.doubtful or first.already) and first.shows(state)):
        return False
    if said is WriteState.CONFLICT:
        if first.place not in state and not first.fits(state):
            return _search(state, ours[1:], theirs, final, Look(first.place, first.result.current, first.end))
        if not (first.conflicts_with(state) and (first.doubtful or not first.fits(state))):
            return False
    return _search(state, ours[1:], theirs, final, None)


def _destination(write: ItemWrite) -> str:
    if write.after is None:
        return str(write.key["pk"]["S"])
    return str(key_of(write.after, write.table.keys)["pk"]["S"])
