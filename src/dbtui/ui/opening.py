"""Which screen opens for a resource or a place: items for a table or an item, the detail for everything else."""

from __future__ import annotations

from textual.app import App
from textual.screen import Screen

from dbtui.domain.models import Resource, Table
from dbtui.resources import Located, kind_of
from dbtui.ui.screens.detail import DetailScreen
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.session import Session


async def resource(app: App[None], session: Session, model: Resource) -> None:
    """Opens a resource that is loaded."""
    if not isinstance(model, Table):
        await detail(app, session, model)
    elif not await _back_to(app, ItemsScreen, model):
        app.push_screen(ItemsScreen(session, model.id, (model.ref.scope.target,), model))


async def detail(app: App[None], session: Session, model: Resource) -> None:
    """Shows a resource that is loaded in full."""
    if not await _back_to(app, DetailScreen, model):
        app.push_screen(DetailScreen(session, kind_of(model.ref), model.id, (model.ref.scope.target,), model))


def located(app: App[None], session: Session, place: Located) -> None:
    """Opens what a place names; it may still have to be looked for."""
    same = [m for m in session.loaded() if m.ref.kind == place.kind.name and m.id == place.id]
    here = [model for model in same if model.ref.scope.target in place.targets]
    model = here[0] if len(here) == 1 else None
    if place.kind.name == "table":
        table = model if isinstance(model, Table) else None
        app.push_screen(ItemsScreen(session, place.id, place.targets, table, key=place.query))
    else:
        app.push_screen(DetailScreen(session, place.kind, place.id, place.targets, model))


async def _back_to(app: App[None], kind: type[Screen[None]], model: Resource) -> bool:
    """Goes back to a screen of the same resource right below this one; a table and its items lead to each other."""
    below = app.screen_stack[-2] if len(app.screen_stack) > 1 else None
    if not isinstance(below, kind) or not isinstance(below, (ItemsScreen, DetailScreen)):
        return False
    if below.model is None or below.model.ref != model.ref:
        return False
    await app.pop_screen()
    return True
