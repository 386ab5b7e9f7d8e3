"""One resource in full: its sections, what only a detail reads, and AWS's own structure."""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.message import Message

from dbtui.domain.failures import Failure
from dbtui.domain.models import Resource
from dbtui.resources import Kind, kind_of
from dbtui.ui import details, loading
from dbtui.ui.session import Session
from dbtui.ui.widgets.document import Document


class DetailPanel(Document):
    """A document of a resource. It completes what it shows in the background and keeps the reader's place."""

    class Completed(Message):
        """More is known of the resource than before."""

    def __init__(self, session: Session, *, id: str | None = None) -> None:  # noqa: A002 - as in every Textual widget
        super().__init__(id=id)
        self._session = session
        self._failure: Failure | None = None
        self.model: Resource | None = None
        self.raw = False

    @property
    def kind(self) -> Kind[Any] | None:
        return None if self.model is None else kind_of(self.model.ref)

    def show_model(self, model: Resource | None) -> None:
        """Shows this resource, at once what is known, then what has to be asked for."""
        if model is None:
            self.model = None
            self.show(())
            return
        same = self.model is not None and self.model.ref == model.ref
        if same and self.model == model:
            return
        self.model, self._failure = model, None
        self._draw(keep_place=same)
        kind = kind_of(model.ref)
        if kind.complete is not None and self._session.completed(model) is None:
            work = partial(self._complete, kind, model)
            loading.run(self, work, group="complete", on_failure=partial(self._not_completed, model), exclusive=True)

    def toggle_raw(self) -> None:
        """Between the sections and AWS's own structure."""
        self.raw = not self.raw
        self._draw(keep_place=False)

    @property
    def shown(self) -> Resource | None:
        """The resource with everything that was read in addition."""
        return None if self.model is None else self._session.completed(self.model) or self.model

    async def _complete(self, kind: Kind[Any], model: Resource) -> None:
        assert kind.complete is not None
        epoch = self._session.epoch
        completed = await kind.complete(self._session.gateway, model)
        if epoch == self._session.epoch:
            self._session.remember_completed(model, completed)
            if model is self.model:
                self._draw(keep_place=True)
                self.post_message(self.Completed())

    def _not_completed(self, model: Resource, failure: Failure) -> None:
        if model is self.model:
            self._failure = failure
            self._draw(keep_place=True)

    def _draw(self, *, keep_place: bool) -> None:
        shown, kind = self.shown, self.kind
        if shown is None or kind is None:
            return
        if self.raw:
            self.show(details.raw_items(shown), keep_place=keep_place)
        else:
            self.show(details.items(kind, shown, self._session.clock(), self._failure), keep_place=keep_place)
