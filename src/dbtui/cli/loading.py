"""Lists over several kinds and targets at once: every page of each, described where only names are listed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final

from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Gateway
from dbtui.resources import Kind, Query

Batch = tuple[int, tuple[Resource, ...]]

_LISTS_IN_FLIGHT: Final = 16
_DESCRIPTIONS_IN_FLIGHT: Final = 16


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be read, and where."""

    target: Target
    kind: Kind[Any]
    failure: Failure
    subject: str = ""
    """The one resource it was about, or empty for the whole list."""


@dataclass(slots=True)
class Loader:
    """Loads lists side by side and collects what failed instead of stopping at it."""

    gateway: Gateway
    describe: bool = True
    problems: list[Problem] = field(default_factory=list)
    succeeded: int = 0
    """Lists that were read to their end."""
    _given: int = 0
    _refused: int = 0
    _lists: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_LISTS_IN_FLIGHT))
    _descriptions: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_DESCRIPTIONS_IN_FLIGHT))

    async def batches(self, kinds: Sequence[Kind[Any]], targets: Sequence[Target]) -> AsyncIterator[Batch]:
        """(position of the list, resources) as they arrive; pages of one list keep their order."""
        queue: asyncio.Queue[Batch | None] = asyncio.Queue()

        async def read_all() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for position, (target, kind) in enumerate(product(targets, kinds)):
                        group.create_task(self._read(position, kind, target, queue, group))
            finally:
                queue.put_nowait(None)

        reading = asyncio.ensure_future(read_all())
        try:
            while (batch := await queue.get()) is not None:
                yield batch
            await reading
        finally:
            reading.cancel()

    async def _read(
        self,
        position: int,
        kind: Kind[Any],
        target: Target,
        queue: asyncio.Queue[Batch | None],
        group: asyncio.TaskGroup,
    ) -> None:
        """Reads one list; while the rows of a page are described, the next page is already under way."""
        described: asyncio.Task[tuple[Resource, ...]] | None = None
        try:
            async with self._lists:
                async for page in kind.listing(self.gateway, target, Query()):
                    if described is not None:
                        queue.put_nowait((position, await described))
                    described = group.create_task(self._described(kind, page.items))
        except DbtuiError as error:
            self.problems.append(Problem(target, kind, error.failure))
        else:
            self.succeeded += 1
        if described is not None:
            queue.put_nowait((position, await described))

    async def _described(self, kind: Kind[Any], rows: tuple[Resource, ...]) -> tuple[Resource, ...]:
        """The rows in full; one that vanished meanwhile is left out, one that cannot be read keeps its name."""
        if kind.describe is None or not self.describe:
            return rows
        found = await asyncio.gather(*(self._describe(kind, row) for row in rows))
        return tuple(row for row in found if row is not None)

    async def _describe(self, kind: Kind[Any], row: Resource) -> Resource | None:
        assert kind.describe is not None
        try:
            async with self._descriptions:
                described: Resource = await kind.describe(self.gateway, row)
        except DbtuiError as error:
            if error.failure.kind is FailureKind.NOT_FOUND:
                return None
            self.problems.append(Problem(row.ref.scope.target, kind, error.failure, subject=row.id))
            self._refused += 1
            return row
        self._given += 1
        return described

    @property
    def described_nothing(self) -> bool:
        """Whether descriptions were asked for and not one was given."""
        return bool(self._refused) and not self._given
