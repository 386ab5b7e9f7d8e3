"""Filling in rows of which only the name is known: what is in sight first, a few at a time, the rest behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from dbtui.domain.failures import AwsError, DbtuiError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.rows import RowId
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Gateway
from dbtui.resources import Kind
from dbtui.ui.fleet import Fleet

IN_FLIGHT = 16
"""Descriptions under way at a time: quick to fill a screen, far below DynamoDB's control-plane limits."""
FAILURES_BEFORE_GIVING_UP = 3
"""Descriptions of one target that may fail before the rest of it is left alone."""


class Describer:
    """Describes rows of one kind for a fleet. A refused permission is remembered and not asked again."""

    def __init__(self, fleet: Fleet, kind: Kind[Any], gateway: Gateway) -> None:
        self._fleet = fleet
        self._kind = kind
        self._gateway = gateway
        self._wanted: dict[RowId, Resource] = {}
        self._visible: tuple[RowId, ...] = ()
        self._refused: set[Target] = set()
        self._failed: dict[Target, int] = {}
        self._active = 0
        self._under_way: set[RowId] = set()
        self.failure: Failure | None = None

    @property
    def waiting(self) -> int:
        return len(self._wanted)

    def want(self, models: Iterable[Resource]) -> None:
        """These shall be described, unless they are being described or their target refused."""
        self._wanted.update(
            (model.ref, model)
            for model in models
            if model.ref not in self._under_way and model.ref.scope.target not in self._refused
        )

    def look_at(self, visible: Iterable[RowId]) -> None:
        """These rows are in sight, so they come first."""
        self._visible = tuple(visible)

    def forget(self) -> None:
        """Nothing is wanted any more, and what was refused may be asked again."""
        self._wanted.clear()
        self._refused.clear()
        self._failed.clear()
        self.failure = None

    async def run(self) -> None:
        """Describes until nothing is wanted. May be started again meanwhile; never more than a few are in flight."""
        generation = self._fleet.generation
        async with asyncio.TaskGroup() as group:
            for _ in range(min(IN_FLIGHT - self._active, len(self._wanted))):
                group.create_task(self._describe_all(generation))

    async def _describe_all(self, generation: int) -> None:
        self._active += 1
        try:
            while generation == self._fleet.generation and (model := self._next()) is not None:
                await self._describe(model, generation)
        finally:
            self._active -= 1

    def _next(self) -> Resource | None:
        for row_id in self._visible:
            if (model := self._wanted.pop(row_id, None)) is not None:
                return model
        return self._wanted.pop(next(iter(self._wanted))) if self._wanted else None

    async def _describe(self, model: Resource, generation: int) -> None:
        assert self._kind.describe is not None
        self._under_way.add(model.ref)
        try:
            described = await self._kind.describe(self._gateway, model)
        except DbtuiError as error:
            if generation == self._fleet.generation:
                self._failed_for(model, error)
        else:
            if generation == self._fleet.generation:
                self._fleet.take((described,))
        finally:
            self._under_way.discard(model.ref)

    def _failed_for(self, model: Resource, error: DbtuiError) -> None:
        target, kind = model.ref.scope.target, error.failure.kind
        if isinstance(error, AwsError) and kind is FailureKind.NOT_FOUND:
            self._fleet.remove((model.ref,))
            return
        self.failure = error.failure
        self._failed[target] = self._failed.get(target, 0) + 1
        if kind is FailureKind.PERMISSION or self._failed[target] >= FAILURES_BEFORE_GIVING_UP:
            self._refused.add(target)
            for row_id in [ref for ref, waiting in self._wanted.items() if waiting.ref.scope.target == target]:
                del self._wanted[row_id]
