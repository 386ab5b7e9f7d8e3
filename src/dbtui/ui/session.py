"""What every screen shares: the core, the chosen targets with their scopes, and the rows that were loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakSet

from dbtui.domain.clock import Clock
from dbtui.domain.failures import Failure
from dbtui.domain.models import Resource
from dbtui.domain.policy import ScopePolicy
from dbtui.domain.scope import ResourceRef, Scope, Target
from dbtui.gateway.protocol import Gateway
from dbtui.ui.fleet import Fleet

if TYPE_CHECKING:
    from dbtui.actions.core import Core
    from dbtui.settings.model import Settings
    from dbtui.ui.item_editing import ItemEditing


@dataclass(frozen=True, slots=True)
class Pace:
    """How often things happen by themselves, in seconds."""

    fleet: float = 45.0
    transitional: float = 5.0
    lit: float = 4.0
    idle: float = 900.0
    settle: float = 0.15
    """How long the cursor rests on a row before its detail is drawn beside the list."""


@dataclass(slots=True)
class Session:
    """One front end's view of the core. ``epoch`` grows whenever the targets or the account behind them change."""

    core: Core
    settings: Settings
    pace: Pace
    read_only: bool = False
    targets: tuple[Target, ...] = ()
    epoch: int = 0
    scopes: dict[Target, Scope] = field(default_factory=dict)
    scope_failures: dict[Target, Failure] = field(default_factory=dict)
    starting: str = ""
    start_failure: Failure | None = None
    last_key: datetime = field(init=False)
    keys_pressed: int = 0
    editings: WeakSet[ItemEditing] = field(default_factory=WeakSet)
    """Whoever shows items and wants to hear of every write to them."""
    _fleets: WeakSet[Fleet] = field(default_factory=WeakSet)
    _completed: dict[ResourceRef, tuple[Resource, Resource]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.last_key = self.clock()

    @property
    def clock(self) -> Clock:
        return self.core.clock

    @property
    def gateway(self) -> Gateway:
        return self.core.gateway

    @property
    def ready(self) -> bool:
        """Whether there is anything to load from."""
        return bool(self.targets)

    @property
    def idle(self) -> bool:
        """Whether nobody has touched a key for so long that refreshing serves nobody."""
        return self.clock() - self.last_key > timedelta(seconds=self.pace.idle)

    def key_pressed(self) -> None:
        """Somebody is there: writes stay armed and lists are refreshed for a while longer."""
        self.last_key = self.clock()
        self.keys_pressed += 1
        self.core.arming.touch()

    def retarget(self, targets: tuple[Target, ...]) -> None:
        """Works with other targets from now on; nothing that was read before is kept."""
        self.targets = targets
        self.forget()

    def forget(self) -> None:
        """Drops everything read so far, because the targets or the account behind them changed."""
        self.epoch += 1
        self.scopes = {}
        self.scope_failures = {}
        self._completed.clear()
        self.core.arming.lock_all()

    def policy(self, scope: Scope) -> ScopePolicy:
        return self.core.policy(scope)

    def register(self, fleet: Fleet) -> None:
        """Lets the rows of a list be found by ``:`` and by links while the list lives."""
        self._fleets.add(fleet)

    def loaded(self) -> Iterator[Resource]:
        """Every resource some list holds, once."""
        seen: set[ResourceRef] = set()
        for fleet in tuple(self._fleets):
            for model in fleet.rows.models:
                if model.ref not in seen:
                    seen.add(model.ref)
                    yield model

    def find(self, ref: ResourceRef) -> Resource | None:
        """The resource as some list holds it."""
        for fleet in tuple(self._fleets):
            if (model := fleet.rows.model(ref)) is not None:
                return model
        return None

    def remember_completed(self, model: Resource, completed: Resource) -> None:
        """Keeps what a detail read in addition, for as long as the row stays as it is."""
        self._completed[model.ref] = (model, completed)

    def completed(self, model: Resource) -> Resource | None:
        """What was read in addition for exactly this model."""
        kept = self._completed.get(model.ref)
        return kept[1] if kept is not None and kept[0] == model else None
