"""The worlds the demo can begin with."""

from __future__ import annotations

from dbtui.demo.seeds import bulk, company_dynamodb, company_rds, fleet
from dbtui.demo.seedspec import SeedSpec
from dbtui.demo.world import World


def plant(world: World, seed: SeedSpec) -> None:
    """Fill an empty world; all times count back from the clock's present."""
    if seed.name == "company":
        company_rds.plant(world)
        company_dynamodb.plant(world)
    elif seed.name == "fleet":
        fleet.plant(world, seed)
    elif seed.name == "items":
        bulk.plant(world, seed)
