"""``wait``: looks at resources until they settle, reach a status or are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dbtui.actions.judging import progress
from dbtui.actions.model import Operation
from dbtui.cli import exits, results
from dbtui.cli.progress import bar
from dbtui.cli.resolving import resolve
from dbtui.cli.results import Result
from dbtui.domain import units
from dbtui.domain.failures import DbtuiError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.states import State
from dbtui.gateway.protocol import Gateway
from dbtui.resources import Located, kind_of, place_of, short_place

DELETED: Final = "deleted"
POLL_SECONDS: Final = 5.0
_PASSING: Final = (FailureKind.THROTTLED, FailureKind.UNREACHABLE, FailureKind.SERVICE)

Pause = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class Wait:
    """One place being waited for. ``goal`` is a status, ``deleted``, or empty for any status that lasts."""

    gateway: Gateway
    text: str
    place: Located
    goal: str
    pause: Pause = asyncio.sleep
    resource: Resource | None = None
    remark: str = ""
    """Why the last look failed, while that may pass by itself."""
    result: Result | None = field(default=None)

    async def run(self) -> Result:
        """Looks until there is a result; cancelled at the timeout."""
        self.result = await self._first_look()
        while self.result is None:
            await self.pause(POLL_SECONDS)
            self.result = await self._look()
        return self.result

    async def _first_look(self) -> Result | None:
        found = await resolve(self.gateway, self.text, self.place, everywhere=True)
        if found.resource is not None:
            self.resource = found.resource
            return self._judge(found.resource)
        assert found.error is not None
        if self.goal == DELETED and found.error.failure.kind is FailureKind.NOT_FOUND:
            return results.of_wait(self.text, "done", exits.Exit.DONE, None)
        return results.of_error(self.text, "wait", found.error)

    async def _look(self) -> Result | None:
        assert self.resource is not None
        ref = self.resource.ref
        try:
            resource: Resource = await kind_of(ref).get(self.gateway, ref.scope.target, ref.id)
        except DbtuiError as error:
            return self._failed(error.failure, error)
        self.resource, self.remark = resource, ""
        return self._judge(resource)

    def _failed(self, failure: Failure, error: DbtuiError) -> Result | None:
        if failure.kind is FailureKind.NOT_FOUND:
            if self.goal == DELETED:
                return results.of_wait(self.name, "done", exits.Exit.DONE, None)
            return results.of_wait(self.name, "failed", exits.Exit.FAILED, None, f"{self.text} is gone.")
        if failure.kind in _PASSING:
            self.remark = failure.title
            return None
        return results.of_error(self.name, "wait", error)

    def _judge(self, resource: Resource) -> Result | None:
        """Done at the goal; failed in a status that needs a person; else go on."""
        info = kind_of(resource.ref).status(resource)
        status = resource.status.casefold()
        if self.goal and status == self.goal:
            return results.of_wait(self.name, "done", exits.Exit.DONE, resource)
        if info.state is State.ATTENTION:
            message = f"{short_place(resource.ref)} is {resource.status}. {info.remedy}".strip()
            return results.of_wait(self.name, "failed", exits.Exit.FAILED, resource, message)
        if not self.goal and not info.transitional:
            return results.of_wait(self.name, "done", exits.Exit.DONE, resource)
        return None

    @property
    def name(self) -> str:
        """The full place once it is known."""
        return self.text if self.resource is None else place_of(self.resource.ref)

    def still_running(self) -> Result:
        """The result at the timeout, or when interrupted."""
        return self.result or results.of_wait(self.name, "running", exits.Exit.RUNNING, self.resource)

    def progress_text(self) -> str:
        """``instance/orders-db: creating [####----] 42 %``"""
        if self.resource is None:
            return f"{self.text}: looking"
        percent = progress(self.resource)
        shown = f" {bar(percent)}" if percent is not None else ""
        remark = f" ({self.remark})" if self.remark else ""
        return f"{short_place(self.resource.ref)}: {self.resource.status}{shown}{remark}"


def operation_text(operation: Operation, now: datetime) -> str:
    """``instance-snapshot/x: creating [####----] 42 % 0:42``, for an operation being followed."""
    shown = f" {bar(operation.percent)}" if operation.percent is not None else ""
    since = units.stopwatch((now - operation.started_at).total_seconds())
    return f"{short_place(operation.watch)}: {operation.status or 'started'}{shown} {since}"
