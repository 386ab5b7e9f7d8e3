"""What the present form of a watched resource means for a verb: still going, ended well, ended badly."""

from __future__ import annotations

from collections.abc import Callable, Collection

from dbtui.actions.model import Observation, Plan
from dbtui.domain.models import ClusterSnapshot, InstanceSnapshot, Resource
from dbtui.domain.states import State
from dbtui.resources import kind_of


def reaches(*goals: str, or_usable: bool = False) -> Callable[[Plan, Resource | None], Observation]:
    """Settles well on a goal status, badly on a status that needs a person or when the resource is gone.

    With ``or_usable`` any status in which the resource works counts as well (``storage-optimization``).
    """

    def judge(plan: Plan, resource: Resource | None) -> Observation:
        if resource is None:
            return Observation(status="gone", settled=True, good=False, gone=True)
        return _observe(resource, goals, or_usable=or_usable)

    return judge


def _observe(resource: Resource, goals: Collection[str], *, or_usable: bool) -> Observation:
    info = kind_of(resource.ref).status(resource)
    bad = info.state is State.ATTENTION
    good = resource.status in goals or (or_usable and info.state is State.OK)
    return Observation(
        status=resource.status,
        settled=good or bad,
        good=not bad,
        percent=progress(resource),
        resource=resource,
    )


def progress(resource: Resource) -> int | None:
    """How far AWS says it is, where it says so."""
    if isinstance(resource, (InstanceSnapshot, ClusterSnapshot)):
        return resource.percent_progress
    return None
