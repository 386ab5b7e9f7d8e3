"""Fetching one resource, or all of them, out of pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Page

M = TypeVar("M", bound=Resource)


def not_found(kind: str, identifier: str, target: Target) -> AwsError:
    """The error for something that is not there, worded the same everywhere."""
    where = f"{target.region} for {target.profile}" if target.profile else target.region
    return AwsError(Failure(FailureKind.NOT_FOUND, f"There is no {kind} {identifier} in {where}."))


async def one(pages: AsyncIterator[Page[M]], kind: str, identifier: str, target: Target) -> M:
    """The model with that id out of a filtered list; raises NOT_FOUND. Identifiers of RDS ignore case."""
    async for page in pages:
        for model in page.items:
            if model.id.lower() == identifier.lower():
                return model
    raise not_found(kind, identifier, target)


async def everything(pages: AsyncIterator[Page[M]]) -> tuple[M, ...]:
    """All models of all pages."""
    return tuple([model async for page in pages for model in page.items])
