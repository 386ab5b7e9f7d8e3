"""The command palette: panes, kinds, the verbs of the row, themes and every key, all generated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from textual import markup
from textual.app import App
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

from dbtui import resources
from dbtui.actions.model import Action
from dbtui.actions.registry import for_kind
from dbtui.domain.models import Resource
from dbtui.domain.text import escape
from dbtui.ui import requests
from dbtui.ui.panes import ACTIVITY, NUMBERED, pane_of_kind
from dbtui.ui.screens.frame import FrameScreen
from dbtui.ui.widgets.frame import key_name

_MOVING = ("table.", "document.")


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the palette; ``title`` is escaped."""

    title: str
    help: str
    run: Callable[[], object]


def commands(app: App[object], screen: Screen[object], chosen: tuple[Resource, ...]) -> list[Command]:
    """Everything the palette offers on this screen."""
    return [*_verbs(screen, chosen), *_panes(app), *_keys(app, screen), *_themes(app)]


def _verbs(screen: Screen[object], chosen: tuple[Resource, ...]) -> list[Command]:
    if not chosen:
        return []
    names = chosen[0].name if len(chosen) == 1 else f"{len(chosen)} marked"
    kinds = {model.ref.kind for model in chosen}
    shared = [action for action in for_kind(chosen[0].ref.kind) if kinds <= action.kinds]
    return [
        Command(
            escape(f"{action.title.rstrip('…')}: {names}"),
            _verb_help(action, chosen),
            partial(screen.post_message, requests.Act(action.name, chosen)),
        )
        for action in shared
    ]


def _verb_help(action: Action, chosen: tuple[Resource, ...]) -> str:
    refused = next((reason for model in chosen if (reason := action.legal(model))), None)
    return f"not possible: {refused}" if refused else action.note or action.help


def _panes(app: App[object]) -> list[Command]:
    found = [Command(f"Go to {spec.title}", spec.help, _opener(app, spec.name)) for spec in NUMBERED]
    found.append(Command("Go to Activity", "Running and ended operations", _opener(app, ACTIVITY)))
    found.append(Command("Drafts", "What was typed into items and not written", partial(app.run_action, "drafts")))
    specs = {spec.name: spec for spec in map(pane_of_kind, resources.ALL) if not spec.key}
    return found + [Command(f"List {spec.title}", spec.help, _opener(app, spec.name)) for spec in specs.values()]


def _opener(app: App[object], name: str) -> Callable[[], object]:
    return partial(app.post_message, requests.OpenPane(name))


def _keys(app: App[object], screen: Screen[object]) -> list[Command]:
    """The keys in force that do something of their own, as commands."""
    found: dict[str, Command] = {}
    for active in screen.active_bindings.values():
        binding, node = active.binding, active.node
        if (
            not binding.id
            or not active.enabled
            or not binding.description
            or binding.id.startswith(("table.", "document."))
        ):
            continue
        title = f"{binding.description[:1].upper()}{binding.description[1:]}"
        found.setdefault(
            binding.id,
            Command(
                title,
                f"key {key_name(screen, binding)}, {binding.id}",
                partial(app.call_next, app.run_action, binding.action, node),
            ),
        )
    return list(found.values())


def _themes(app: App[object]) -> list[Command]:
    def use(name: str) -> None:
        app.theme = name

    return [
        Command(f"Theme {name}", "the colours of everything", partial(use, name))
        for name in sorted(app.available_themes)
    ]


def _help(command: Command) -> str:
    """The palette parses help texts for markup, so brackets are escaped for it."""
    return markup.escape(escape(command.help))


class DbtuiCommands(Provider):
    """Searches :func:`commands` for the screen the palette was opened on."""

    async def startup(self) -> None:
        chosen = self.screen.chosen if isinstance(self.screen, FrameScreen) else ()
        self._commands = commands(self.app, self.screen, chosen)

    async def discover(self) -> Hits:
        for command in self._commands:
            if not command.title.startswith("Theme "):
                yield DiscoveryHit(Content(command.title), command.run, text=command.title, help=_help(command))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands:
            if (score := matcher.match(command.title)) > 0:
                shown = Content(command.title) if "[" in command.title else matcher.highlight(command.title)
                yield Hit(score, shown, command.run, text=command.title, help=_help(command))
