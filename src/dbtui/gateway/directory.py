"""What can be chosen before any AWS call: profiles, regions and the targets they make."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from dbtui.domain.scope import Target


class Directory(Protocol):
    """The local AWS configuration: nothing here goes over the network."""

    async def profiles(self) -> tuple[str, ...]:
        """Names of the configured profiles."""
        ...

    async def regions(self) -> tuple[str, ...]:
        """Regions the SDK knows, of the commercial partition first."""
        ...

    async def targets(self, profiles: Sequence[str], regions: Sequence[str]) -> tuple[Target, ...]:
        """The product of profiles and regions, defaults filled in; raises ``DbtuiError`` naming near matches."""
        ...
