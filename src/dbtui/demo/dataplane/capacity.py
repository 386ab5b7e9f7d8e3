"""ConsumedCapacity by the documented rules: 4 KB a read unit, 1 KB a write unit, indexes apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dbtui.demo.protocol.errors import validation

_MODES = ("NONE", "TOTAL", "INDEXES")


def read_units(size: int, *, consistent: bool) -> float:
    """For reading `size` bytes at once: a page, or one item. Nothing read costs as much as a little."""
    blocks = max(1, -(-size // 4096))
    return float(blocks) if consistent else blocks / 2


def write_units(before: int, after: int) -> float:
    """For writing an item of `after` bytes over one of `before`: the larger counts."""
    return float(max(1, -(-max(before, after) // 1024)))


@dataclass
class Bill:
    """What one call costs one table and its indexes."""

    table: str
    kind: str = "Read"
    units: float = 0.0
    global_indexes: dict[str, float] = field(default_factory=dict)
    local_indexes: dict[str, float] = field(default_factory=dict)
    in_transaction: bool = False

    def add_index(self, name: str, units: float, *, local: bool) -> None:
        side = self.local_indexes if local else self.global_indexes
        side[name] = side.get(name, 0.0) + units

    @property
    def total(self) -> float:
        return self.units + sum(self.global_indexes.values()) + sum(self.local_indexes.values())

    def shown(self, mode: str) -> dict[str, Any]:
        found = self._units(self.total)
        if mode == "INDEXES":
            for name, side in (
                ("GlobalSecondaryIndexes", self.global_indexes),
                ("LocalSecondaryIndexes", self.local_indexes),
            ):
                if side:
                    found[name] = {index: self._units(units) for index, units in side.items()}
            found["Table"] = self._units(self.units)
        return found | {"TableName": self.table}

    def _units(self, units: float) -> dict[str, Any]:
        """Transactions tell reading and writing apart."""
        return {"CapacityUnits": units} | ({f"{self.kind}CapacityUnits": units} if self.in_transaction else {})


def wanted(params: Mapping[str, Any]) -> str:
    """ReturnConsumedCapacity, checked."""
    mode = str(params.get("ReturnConsumedCapacity", "NONE"))
    if mode not in _MODES:
        raise validation(
            f"1 validation error detected: Value '{mode}' at 'returnConsumedCapacity' failed to satisfy constraint: "
            "Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
        )
    return mode


def one(params: Mapping[str, Any], bill: Bill) -> dict[str, Any]:
    """The member of a reply about one table; nothing when it was not asked for."""
    mode = wanted(params)
    return {} if mode == "NONE" else {"ConsumedCapacity": bill.shown(mode)}


def several(params: Mapping[str, Any], bills: Iterable[Bill]) -> dict[str, Any]:
    """The member of a reply about several tables."""
    mode = wanted(params)
    return {} if mode == "NONE" else {"ConsumedCapacity": [bill.shown(mode) for bill in bills]}
