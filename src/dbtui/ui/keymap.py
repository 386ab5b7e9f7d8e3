"""The user's own keys: which of them can be used, and what to say about the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.dom import DOMNode

_WORDS = {
    "escape": "esc",
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pagedown": "page down",
    "pageup": "page up",
}


def key_words(key: str) -> str:
    """A key as people write it: ``enter``, ``ctrl+p``, ``/``."""
    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _WORDS.get(last, last)])


def own_nodes() -> Iterator[type[DOMNode]]:
    """Every widget, screen and app class of dbtui that is loaded."""
    return (node for node in _subclasses(DOMNode) if node.__module__.startswith("dbtui."))


def known_ids() -> dict[str, set[str]]:
    """Every id a configuration may rebind, with its default keys."""
    found: dict[str, set[str]] = {}
    for node in own_nodes():
        for binding in vars(node).get("BINDINGS", ()):
            if isinstance(binding, Binding) and binding.id:
                found.setdefault(binding.id, set()).update(binding.key.split(","))
    return found


def _subclasses(node: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for child in node.__subclasses__():
        yield child
        yield from _subclasses(child)


def usable(keys: Mapping[str, str], warnings: list[str]) -> dict[str, str]:
    """The keys that name a known binding and take no key from another of the same place; adds to ``warnings``."""
    known = known_ids()
    for unknown in sorted(set(keys) - set(known)):
        warnings.append(f"The configuration rebinds {unknown}, which does not exist; ? lists the ids.")
    good = {name: key for name, key in keys.items() if name in known}
    for name, key in good.items():
        for other, others in known.items():
            same_place = other.partition(".")[0] == name.partition(".")[0]
            taken = set(good.get(other, ",".join(others)).split(",")) & set(key.split(","))
            if other != name and same_place and taken:
                warnings.append(f"The configuration puts {name} on {', '.join(sorted(taken))}, which {other} has.")
    return good
