"""What is typed after ``:`` and what it means: panes, kinds with a filter, places, ARNs, loaded names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dbtui.domain.failures import UsageError
from dbtui.domain.models import Resource
from dbtui.domain.place import is_arn
from dbtui.domain.scope import Target
from dbtui.resources import ALL, Located, locate, short_place
from dbtui.ui.panes import ACTIVITY, NUMBERED, pane_named

LIMIT = 8
"""Suggestions shown at a time."""

COMMANDS = {
    "drafts": "what was typed into items and not written",
    "help": "the keys and signs of where you are",
    "quit": "leave dbtui",
}


@dataclass(frozen=True, slots=True)
class ToPane:
    """A pane, filtered by what was typed behind its word."""

    name: str
    filter_text: str | None


@dataclass(frozen=True, slots=True)
class ToPlace:
    """A resource still to be looked for."""

    located: Located


@dataclass(frozen=True, slots=True)
class ToResource:
    """A resource that is loaded."""

    model: Resource


@dataclass(frozen=True, slots=True)
class ToCommand:
    """One of :data:`COMMANDS`."""

    name: str


Jump = ToPane | ToPlace | ToResource | ToCommand


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to go on: the whole text, and what it leads to."""

    text: str
    hint: str


def understand(text: str, loaded: Iterable[Resource], targets: Sequence[Target]) -> Jump:
    """Where the text leads; raises :class:`UsageError` with near matches."""
    text = text.strip().removeprefix(":")
    word, _, rest = text.partition(" ")
    if not word:
        raise UsageError("Nothing was typed.", hint="A kind (tables), a place (instance/orders-db) or an ARN.")
    command = "quit" if word == "q" else word
    if command in COMMANDS and not rest:
        return ToCommand(command)
    if word == ACTIVITY:
        return ToPane(ACTIVITY, None)
    spec = pane_named(word)
    if spec is not None:
        return ToPane(spec.name, rest.strip() or None)
    named = [model for model in loaded if text in (model.id, model.name)]
    if named and not is_arn(text):
        return _one_of(text, named)
    if is_arn(text) or "/" in text:
        return ToPlace(locate(text, targets))
    raise _unknown(text, loaded)


def _one_of(text: str, named: list[Resource]) -> Jump:
    """A name several resources share leads to the databases and tables first."""
    kinds = [kind.name for kind in ALL]
    named.sort(key=lambda model: kinds.index(model.ref.kind))
    same = [model for model in named if model.ref.kind == named[0].ref.kind]
    if len(same) > 1:
        places = ", ".join(f"{model.ref.scope.label}:{short_place(model.ref)}" for model in same[:3])
        raise UsageError(f"{len(same)} resources are named {text}.", hint=f"Say which one: {places}")
    return ToResource(named[0])


def _unknown(text: str, loaded: Iterable[Resource]) -> UsageError:
    known = [word for word, _ in _words()] + [model.name for model in loaded]
    near = list(dict.fromkeys(difflib.get_close_matches(text, known, n=3, cutoff=0.6)))
    hint = f"Did you mean {' or '.join(near)}?" if near else "Type a kind (tables), a place (instance/NAME) or an ARN."
    return UsageError(f"Nothing here is called {text}.", hint=hint)


def _words() -> list[tuple[str, str]]:
    panes = [(spec.name, f"pane {spec.key}") for spec in NUMBERED] + [(ACTIVITY, "pane 5: running operations")]
    kinds = [(kind.plural, kind.title) for kind in ALL]
    seen: dict[str, str] = {}
    for word, hint in [*panes, *kinds, *COMMANDS.items()]:
        seen.setdefault(word, hint)
    return list(seen.items())


def suggest(text: str, loaded: Iterable[Resource]) -> list[Suggestion]:
    """Words, then loaded resources, that begin with or contain what was typed."""
    typed = text.strip().removeprefix(":").casefold()
    words = [Suggestion(word, hint) for word, hint in _words() if word.startswith(typed)]
    if not typed:
        return words[:LIMIT]
    starting, containing = [], []
    for model in loaded:
        place = short_place(model.ref)
        suggestion = Suggestion(place, model.ref.scope.label)
        if model.name.casefold().startswith(typed) or place.casefold().startswith(typed):
            starting.append(suggestion)
        elif typed in place.casefold():
            containing.append(suggestion)
    return [*words, *starting, *containing][:LIMIT]
