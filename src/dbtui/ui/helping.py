"""The help text: what this pane is, the keys that work here, the signs, and how to filter, jump and copy."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.widget import Widget

from dbtui.domain import states
from dbtui.resources import ALL
from dbtui.ui.screens.detail import DetailScreen
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.screens.main import MainScreen
from dbtui.ui.widgets.document import Entry, Heading, Item, Plain
from dbtui.ui.widgets.frame import key_name

_LAST = ("moving and marking", "the column cursor")
_STATE_WORDS = {
    states.State.OK: ("in order", "status-ok"),
    states.State.BUSY: ("busy: it passes by itself and is followed every few seconds", "status-busy"),
    states.State.STOPPED: ("stopped", "status-stopped"),
    states.State.ATTENTION: ("needs a person; the detail says what to do", "status-attention"),
    states.State.UNKNOWN: ("a status this version does not know", "status-unknown"),
}


def help_items(screen: Screen[object], about: Iterable[tuple[str, str]]) -> list[Item]:
    """Everything the help of a screen says; ``about`` are (title, text) of what is in sight."""
    shown: list[Item] = []
    for title, text in about:
        shown += [Heading(title), Plain(text)]
    shown += _keys(screen)
    shown += [Heading("Signs"), *(_sign(state) for state in states.State)]
    shown.append(Entry("⚠", "a finding: something past its support, for example", "warn"))
    shown += [
        Heading("Filter ( / )"),
        Entry("two words", "both must occur somewhere in the row"),
        Entry("status=stopped", "the column, or one of the kind's words, holds the text"),
        Entry("!word", "must not occur; also !status=available"),
        Entry("n  N", "the next and the previous match, also after the filter was dropped"),
        Heading("Jump ( : )"),
        Entry(":tables prod", "a kind of resource, filtered"),
        Entry(":instance/orders-db", "a place: [PROFILE@REGION:]KIND/NAME; or any ARN; or a loaded name"),
    ]
    shown += [Entry(f":{kind.plural}", kind.help) for kind in ALL]
    return shown


def _sign(state: states.State) -> Entry:
    text, style = _STATE_WORDS[state]
    return Entry(states.GLYPHS[state], text, style)


def _keys(screen: Screen[object]) -> list[Item]:
    """The keys in force by the part of the screen they belong to, nearest first, with the ids a config can rebind."""
    sections: dict[str, dict[str, list[ActiveBinding]]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.description and not binding.system and binding.id:
            title = _section(binding.id, active)
            sections.setdefault(title, {}).setdefault(binding.id, []).append(active)
    shown: list[Item] = []
    for title, bindings in sorted(sections.items(), key=lambda section: section[0] in _LAST):
        shown.append(Heading(f"Keys: {title}"))
        shown += [_key_line(screen, active) for active in bindings.values()]
    return shown


def _section(binding_id: str, active: ActiveBinding) -> str:
    return {"app": "everywhere", "list": "this list", "table": "moving and marking", "cells": "the column cursor"}.get(
        binding_id.partition(".")[0], binding_id.partition(".")[0]
    )


def _key_line(screen: Widget, actives: list[ActiveBinding]) -> Entry:
    keys = " ".join(dict.fromkeys(key_name(screen, active.binding) for active in actives))
    binding = actives[0].binding
    text = binding.tooltip or binding.description
    return Entry(keys, f"{text}  ({binding.id})", "" if actives[0].enabled else "muted", copy=binding.id or "")


def subject(screen: Screen[object]) -> tuple[str, list[tuple[str, str]]]:
    """The title of the help, and what there is to say about what is in sight."""
    if isinstance(screen, DetailScreen):
        return f"Help: {screen.kind.name}", [(screen.kind.title, screen.kind.help)]
    if isinstance(screen, ItemsScreen):
        return "Help: items", [("Items", screen.ABOUT)]
    if isinstance(screen, MainScreen) and screen.pane is not None:
        spec = screen.pane.spec
        return f"Help: {spec.title}", [(spec.title, spec.help)]
    return "Help", [("Activity", "What dbtui started in AWS, the newest first. Operations go on when dbtui is closed.")]
