"""What a list is narrowed to: the words of its filter, and whether only problems are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dbtui.domain import filters
from dbtui.domain.clock import Clock
from dbtui.domain.models import Resource
from dbtui.domain.row_view import ViewSource
from dbtui.domain.rows import ListSource
from dbtui.domain.states import State
from dbtui.resources.filters import attribute
from dbtui.ui.fleet import Fleet

Predicate = Callable[[int], bool]
WARNING_SIGN = "⚠"


class Search:
    """Builds the predicates of a fleet's view; positions are those of the fleet's rows."""

    def __init__(self, fleet: Fleet, view: ViewSource, now: Clock) -> None:
        self._fleet = fleet
        self._now = now
        self._view = view
        self.text = ""
        self.last_text = ""
        self.problems_only = False

    @property
    def active(self) -> bool:
        return bool(filters.parse(self.text)) or self.problems_only

    def set_text(self, text: str) -> None:
        self.text = text.strip()
        if filters.parse(self.text):
            self.last_text = self.text

    def clear(self) -> bool:
        """Shows everything again; false when it did already."""
        was_active, self.text, self.problems_only = bool(self.text or self.problems_only), "", False
        return was_active

    @property
    def predicate(self) -> Predicate | None:
        """What the view shall keep; ``None`` keeps all."""
        if not self.active:
            return None
        words = self._words(self.text)
        return lambda row: (not self.problems_only or self._is_problem(row)) and words(row)

    @property
    def matcher(self) -> Predicate:
        """What ``n`` and ``N`` go to, by position in the view: the last filter's matches, even when it was dropped."""
        words = self._words(self.last_text)
        return lambda row: words(self._view.base_row(row))

    def _words(self, text: str) -> Predicate:
        terms, rows = filters.parse(text), self._fleet.rows
        return lambda row: filters.matches(
            terms, lambda: (cell.text for cell in rows.cells(row)), lambda name: self._attribute(rows, row, name)
        )

    def _attribute(self, rows: ListSource[Resource], row: int, name: str) -> Sequence[str] | None:
        """A column of the pane as it is shown, or whatever else a filter understands of the resource."""
        for spec, cell in zip(rows.columns, rows.cells(row), strict=True):
            if name in (spec.key, spec.title.casefold()):
                return [cell.text]
        return attribute(rows.models[row], name, self._now())

    def _is_problem(self, row: int) -> bool:
        """A status that needs a person, or a warning sign in some column."""
        model = self._fleet.rows.models[row]
        if self._fleet.kind_of(model).status(model).state is State.ATTENTION:
            return True
        return any(WARNING_SIGN in cell.text for cell in self._fleet.rows.cells(row))
