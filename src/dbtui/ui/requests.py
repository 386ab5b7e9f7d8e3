"""What widgets and screens ask of the app: messages that bubble up to it."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from dbtui.domain.models import Resource
from dbtui.domain.scope import Target


@dataclass
class OpenPane(Message):
    """Bring a pane to sight, narrowed by ``filter_text`` unless that is ``None``."""

    name: str
    filter_text: str | None = None


@dataclass
class OpenResource(Message):
    """Open a resource that is loaded: a table shows its items, everything else is shown in full."""

    model: Resource


@dataclass
class OpenDetail(Message):
    """Show a resource that is loaded in full."""

    model: Resource


@dataclass
class OpenPlace(Message):
    """Show the resource at a place; ``near`` is where a place without a scope is looked for."""

    place: str
    near: Target | None = None


@dataclass
class Act(Message):
    """Plan the verb of this name for these resources, and run it when confirmed."""

    action: str
    models: tuple[Resource, ...]


@dataclass
class ActionsMenuWanted(Message):
    """Let the person choose a verb for these resources."""

    models: tuple[Resource, ...]


@dataclass
class CopyMenuWanted(Message):
    """Let the person choose what to copy of this resource; ``row`` is its line in the list."""

    model: Resource
    row: str = ""


@dataclass
class CopyText(Message):
    """Copy this."""

    text: str


class ScopesWanted(Message):
    """Ask again for the accounts that are not known."""


class FrameStale(Message):
    """The lines shared by all screens may say something else now."""
