"""Rows under rows: which cluster a row belongs to, which clusters are folded, and who must be drawn anew."""

from __future__ import annotations

from collections.abc import Callable

from dbtui.domain.models import Resource
from dbtui.domain.rows import ListSource, RowId

GroupOf = Callable[[Resource], RowId | None]


class Folding:
    """The tree over a list's rows; without ``group_of`` the list is flat."""

    def __init__(self, rows: ListSource[Resource], group_of: GroupOf | None, owner_kind: str = "cluster") -> None:
        self.collapsed: set[RowId] = set()
        self._rows = rows
        self._group_of = group_of
        self._owner_kind = owner_kind
        self._owners: dict[RowId, Resource] = {}

    @property
    def is_tree(self) -> bool:
        return self._group_of is not None

    def parent(self, row_id: RowId) -> RowId | None:
        """The id of the row this one is shown under."""
        model = self._rows.model(row_id)
        return None if model is None or self._group_of is None else self._group_of(model)

    def owner_of(self, model: Resource | None) -> RowId | None:
        """The cluster that folding would fold: the row's own, or the row itself."""
        found = None if model is None else self.parent(model.ref) or model.ref
        return found if found in self._owners else None

    def follow(self) -> None:
        """Members take their role and place from their cluster, so they are made anew when it changed."""
        group_of, models = self._group_of, self._rows.models
        if group_of is None:
            return
        owners: dict[RowId, Resource] = {model.ref: model for model in models if model.ref.kind == self._owner_kind}
        changed = {ref for ref, owner in owners.items() if self._owners.get(ref) != owner}
        self._owners = owners
        if changed:
            self._rows.touch([model.ref for model in models if group_of(model) in changed])

    def toggle(self, owner: RowId) -> None:
        self._fold(self.collapsed ^ {owner})

    def toggle_all(self) -> None:
        """Folds everything, or unfolds everything if anything is folded."""
        self._fold(set() if self.collapsed else set(self._owners))

    def _fold(self, collapsed: set[RowId]) -> None:
        changed = self.collapsed ^ collapsed
        self.collapsed.clear()
        self.collapsed.update(collapsed)
        self._rows.touch(changed)
