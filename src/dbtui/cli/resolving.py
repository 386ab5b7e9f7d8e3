"""Places of a command line, looked up: each leads to exactly one resource, or the reason why not."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbtui.domain.failures import AwsError, DbtuiError, Failure, FailureKind, UsageError
from dbtui.domain.models import Resource
from dbtui.domain.place import parse_arn
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Gateway
from dbtui.resources import Kind, Located, locate, place_of


@dataclass(frozen=True, slots=True)
class Found:
    """One place and what it led to: the resource, or the error."""

    text: str
    kind: Kind[Any]
    resource: Resource | None = None
    error: DbtuiError | None = None
    unsearched: tuple[tuple[Target, Failure], ...] = ()
    """Targets that could not be asked although the resource was found elsewhere."""


def understood(texts: Sequence[str], targets: Sequence[Target]) -> list[tuple[str, Located]]:
    """Every place parsed before any is looked up; raises :class:`UsageError` for the first that makes no sense."""
    located = []
    for text in dict.fromkeys(texts):
        place = locate(text, targets)
        if place.sub:
            raise UsageError(
                f"{text} names something inside the {place.kind.name}.", hint=f"Use {place.kind.name}/NAME."
            )
        if place.query:
            raise UsageError(f"{text} is an item of a table.", hint=f"Use: dbtui get {shlex.quote(text)}")
        located.append((text, place))
    return located


async def resolve(gateway: Gateway, text: str, place: Located, *, everywhere: bool) -> Found:
    """Looks a place up in each of its targets.

    With ``everywhere`` (a change is about to be made) a target that could not be asked is an error: the resource might
    be there as well.
    """
    results = await asyncio.gather(*(_look(gateway, place, target) for target in place.targets))
    resources = [result for result in results if isinstance(result, Resource)]
    failed = [
        (target, result)
        for target, result in zip(place.targets, results, strict=True)
        if isinstance(result, DbtuiError) and result.failure.kind is not FailureKind.NOT_FOUND
    ]
    if len(resources) > 1:
        return Found(text, place.kind, error=_ambiguous(text, resources))
    if resources and not (failed and everywhere):
        unsearched = tuple((target, error.failure) for target, error in failed)
        return Found(text, place.kind, resource=resources[0], unsearched=unsearched)
    if failed:
        return Found(text, place.kind, error=failed[0][1])
    return Found(text, place.kind, error=_not_found(text, place, results))


async def _look(gateway: Gateway, place: Located, target: Target) -> Resource | DbtuiError:
    try:
        resource: Resource = await place.kind.get(gateway, target, place.id)
    except DbtuiError as error:
        return error
    if place.account and (own := _account(resource)) and own != place.account:
        return _other_account(place, own)
    return resource


def _account(resource: Resource) -> str:
    if resource.arn:
        return parse_arn(resource.arn).account
    return resource.ref.scope.account if resource.ref.scope.account_known else ""


def _other_account(place: Located, own: str) -> AwsError:
    return AwsError(
        Failure(
            FailureKind.NOT_FOUND,
            f"The ARN is of account {place.account}; these credentials belong to account {own}.",
            hint="Choose the right profile with -p.",
        )
    )


def _ambiguous(text: str, resources: Sequence[Resource]) -> UsageError:
    candidates = ", ".join(place_of(resource.ref) for resource in resources)
    return UsageError(f"{text} is in {len(resources)} scopes.", hint=f"Choose one of: {candidates}")


def _not_found(text: str, place: Located, results: Sequence[Resource | DbtuiError]) -> DbtuiError:
    errors = [result for result in results if isinstance(result, DbtuiError)]
    if len(errors) == 1:
        return errors[0]
    where = ", ".join(target.label for target in place.targets)
    return AwsError(Failure(FailureKind.NOT_FOUND, f"There is no {text} in {where}."))
