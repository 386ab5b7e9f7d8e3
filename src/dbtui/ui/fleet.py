"""The rows of one list: what was loaded, from which scopes, how old it is, and what failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from dbtui.domain.clock import Clock
from dbtui.domain.failures import AwsError, DbtuiError, Failure, FailureKind
from dbtui.domain.models import Resource, Table
from dbtui.domain.rows import Column, ListSource, RowId
from dbtui.domain.scope import ResourceRef, Target
from dbtui.gateway.protocol import Gateway
from dbtui.resources import Kind, Query
from dbtui.ui.loading import INTERNAL


class Part(NamedTuple):
    """What one list call covers: one kind in one target."""

    target: Target
    kind: str


def part_of(ref: ResourceRef) -> Part:
    return Part(ref.scope.target, ref.kind)


def needs_description(model: Resource) -> bool:
    """Whether only the name is known so far."""
    return isinstance(model, Table) and not model.described


class Fleet:
    """Rows of several kinds in several targets, loaded part by part.

    Every load has a generation; what an older one still brings is dropped. A part that fails keeps its old rows.
    ``on_change`` is called when anything but the rows changed (they announce themselves), ``on_lit`` with the ids of
    rows that differ from what was shown before.
    """

    def __init__(
        self,
        kinds: Sequence[Kind[Any]],
        gateway: Gateway,
        clock: Clock,
        *,
        on_change: Callable[[], None],
        on_lit: Callable[[frozenset[RowId]], None],
    ) -> None:
        self.kinds = {kind.name: kind for kind in kinds}
        self.rows: ListSource[Resource] = ListSource((), lambda model: model.ref, complete=False)
        self.pending: set[Part] = set()
        self.failures: dict[Part, Failure] = {}
        self.answered: dict[Part, datetime] = {}
        self.stopped = False
        self.quiet = False
        self._gateway = gateway
        self._clock = clock
        self._on_change = on_change
        self._on_lit = on_lit
        self._generation = 0

    @property
    def generation(self) -> int:
        """Changes whenever what is under way must no longer be taken in."""
        return self._generation

    @property
    def loading(self) -> bool:
        return bool(self.pending)

    @property
    def complete(self) -> bool:
        """Whether the rows are all there are in every part that can be read."""
        return not self.pending and not self.stopped

    @property
    def fresh(self) -> tuple[Part, ...]:
        """The parts whose last answer was not a failure."""
        return tuple(part for part in self.answered if part not in self.failures)

    @property
    def as_of(self) -> datetime | None:
        """The age of the oldest rows that are not marked stale."""
        return min((self.answered[part] for part in self.fresh), default=None)

    @property
    def undescribed(self) -> tuple[Resource, ...]:
        return tuple(model for model in self.rows.models if needs_description(model))

    def kind_of(self, model: Resource) -> Kind[Any]:
        return self.kinds[model.ref.kind]

    def is_stale(self, ref: ResourceRef) -> bool:
        """Whether the row is older than the last attempt to read it."""
        return part_of(ref) in self.failures

    def moving(self) -> dict[Part, list[ResourceRef]]:
        """Rows whose status passes by itself, by the call that reads them."""
        found: dict[Part, list[ResourceRef]] = {}
        for model in self.rows.models:
            if self.kind_of(model).status(model).transitional:
                found.setdefault(part_of(model.ref), []).append(model.ref)
        return found

    def set_columns(self, columns: Sequence[Column[Resource]]) -> None:
        self.rows.set_columns(columns)

    def clear(self) -> None:
        """Forgets everything, and whatever is still under way."""
        self._generation += 1
        self.pending.clear()
        self.failures.clear()
        self.answered.clear()
        self.stopped = False
        self.rows.complete = False
        self.rows.replace_all(())
        self._on_change()

    def begin(self, targets: Iterable[Target], *, quietly: bool = False) -> tuple[int, tuple[Part, ...]]:
        """Starts a load: its generation and its parts, for :meth:`load_all`. A quiet one is not worth a word."""
        self._generation += 1
        self.stopped = False
        self.quiet = quietly
        parts = tuple(Part(target, kind) for target in targets for kind in self.kinds)
        self.pending = set(parts)
        self._tell_complete()
        self._on_change()
        return self._generation, parts

    def _tell_complete(self) -> None:
        """What was read before is all there was, so a refresh does not make the list incomplete."""
        self.rows.complete = all(part in self.answered for part in self.pending)

    def stop(self) -> bool:
        """Gives up what is under way and keeps the rows; false when nothing was."""
        if not self.pending:
            return False
        self._generation += 1
        self.pending.clear()
        self.stopped = True
        self.rows.complete = True
        self._on_change()
        return True

    async def load_all(self, parts: Iterable[Part], generation: int) -> None:
        """Reads all parts at the same time."""
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(self.load(part, generation))

    async def load(self, part: Part, generation: int) -> None:
        """Reads every page of one part, showing each as it comes; failures are kept, not raised."""
        seen: set[RowId] = set()
        try:
            async for page in self.kinds[part.kind].listing(self._gateway, part.target, Query()):
                if generation != self._generation:
                    return
                seen.update(model.ref for model in page.items)
                self.take(page.items)
        except DbtuiError as error:
            self._end(part, generation, error.failure)
        else:
            if generation == self._generation:
                self._drop(part, seen)
            self._end(part, generation, None)

    def fail(self, generation: int, failure: Failure = INTERNAL) -> None:
        """Every part still under way failed for a reason of our own."""
        for part in tuple(self.pending):
            self._end(part, generation, failure)

    def take(self, models: Iterable[Resource]) -> None:
        """Shows these models, lit where they changed; a bare name never replaces a description."""
        shown = [model for model in models if not (needs_description(model) and self.rows.model(model.ref))]
        known = {model.ref for model in shown if (old := self.rows.model(model.ref)) and not needs_description(old)}
        changed = self.rows.update(shown) & known
        if changed:
            self._on_lit(frozenset(changed))
        if shown:
            self._on_change()

    def remove(self, ids: Iterable[RowId]) -> None:
        """Takes out rows that are no more."""
        self.rows.remove(ids)
        self._on_change()

    def _drop(self, part: Part, seen: set[RowId]) -> None:
        gone = [model.ref for model in self.rows.models if part_of(model.ref) == part and model.ref not in seen]
        if gone:
            self.rows.remove(gone)

    def _end(self, part: Part, generation: int, failure: Failure | None) -> None:
        if generation != self._generation or part not in self.pending:
            return
        self.pending.discard(part)
        if failure is None:
            self.failures.pop(part, None)
            self.answered[part] = self._clock()
        else:
            self.failures[part] = failure
        self._tell_complete()
        self._on_change()

    async def refresh(self, ids: Sequence[ResourceRef]) -> None:
        """Reads these rows of one part again, in one call where AWS can filter; rows that are gone are taken out."""
        generation, part = self._generation, part_of(ids[0])
        kind = self.kinds[part.kind]
        if kind.filterable_by_ids:
            found = [
                model
                async for page in kind.listing(self._gateway, part.target, Query(ids=tuple(ref.id for ref in ids)))
                for model in page.items
            ]
        else:
            looks = await asyncio.gather(*(self._look(kind, ref) for ref in ids))
            found = [model for model in looks if model is not None]
        if generation == self._generation:
            self.take(found)
            present = {model.ref for model in found}
            if gone := [ref for ref in ids if ref not in present]:
                self.remove(gone)

    async def _look(self, kind: Kind[Any], ref: ResourceRef) -> Resource | None:
        known = self.rows.model(ref)
        try:
            if kind.describe is not None and known is not None:
                return cast(Resource, await kind.describe(self._gateway, known))
            return cast(Resource, await kind.get(self._gateway, ref.scope.target, ref.id))
        except AwsError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return None
            raise
