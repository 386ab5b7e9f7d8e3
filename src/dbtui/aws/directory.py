"""The local AWS configuration, read off the event loop; implements :class:`dbtui.gateway.directory.Directory`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from dbtui.domain.scope import Target


class AwsDirectory:
    """Profiles, regions and targets. ``endpoint`` and ``all_regions`` are the command line's and hold for the run."""

    def __init__(self, *, endpoint: str = "", all_regions: bool = False) -> None:
        self._endpoint = endpoint
        self._all_regions = all_regions

    async def profiles(self) -> tuple[str, ...]:
        return await asyncio.to_thread(_profiles)

    async def regions(self) -> tuple[str, ...]:
        return await asyncio.to_thread(_regions)

    async def targets(self, profiles: Sequence[str], regions: Sequence[str]) -> tuple[Target, ...]:
        return await asyncio.to_thread(_targets, profiles, regions, self._endpoint, self._all_regions)


def _profiles() -> tuple[str, ...]:
    from dbtui.aws.targets import available_profiles

    return available_profiles()


def _regions() -> tuple[str, ...]:
    from dbtui.aws.targets import available_regions

    return available_regions()


def _targets(profiles: Sequence[str], regions: Sequence[str], endpoint: str, all_regions: bool) -> tuple[Target, ...]:
    from dbtui.aws.targets import resolve_targets

    return resolve_targets(profiles, regions, endpoint, all_regions=all_regions)
