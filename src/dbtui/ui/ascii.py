"""Plain ASCII for terminals that cannot show more: one filter over everything that is drawn."""

from __future__ import annotations

import locale
import os
from collections.abc import Mapping
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from dbtui.domain.states import ASCII_GLYPHS, GLYPHS
from dbtui.domain.text import character_width

_SIGNS: Final = {
    **{GLYPHS[state]: ASCII_GLYPHS[state] for state in GLYPHS},
    "▾": "v", "▸": ">", "‹": "<", "›": ">", "❯": ">", "→": ">", "←": "<", "↑": "^", "↓": "v", "–": "-", "—": "-",
    "…": "~", "·": "|", "•": "*", "⚠": "!", "≈": "~", "×": "x", "∅": "0", "▏": "|", "▎": "|", "▌": "|", "▐": "|",
    "█": "#", "▀": " ", "▄": " ", "▁": "_", "▔": "-", "▊": "|", "▕": "|", "✎": "e", "✓": "x", "☑": "x", "☐": "o",
    "─": "-", "━": "-", "│": "|", "┃": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+", "╭": "+",
    "╮": "+", "╰": "+", "╯": "+", "┬": "+", "┴": "+", "┼": "+", "╺": "-", "╸": "-", "“": '"', "”": '"', "’": "'",
}  # fmt: skip
_TABLE: Final = str.maketrans(_SIGNS)


def to_ascii(text: str) -> str:
    """The text with its typographic signs in ASCII; other letters become ``?``, one for each of their cells."""
    if text.isascii():
        return text
    plain = text.translate(_TABLE)
    return plain if plain.isascii() else "".join(_plain(character) for character in plain)


def _plain(character: str) -> str:
    return character if character.isascii() else "?" * character_width(character)


class AsciiFilter(LineFilter):
    """Rewrites every drawn segment; widths stay as they are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.control or segment.text.isascii() else Segment(to_ascii(segment.text), segment.style)
            for segment in segments
        ]


def needs_ascii(wish: bool | None, environ: Mapping[str, str] = os.environ) -> bool:
    """What the settings say, else whether the locale cannot encode UTF-8."""
    if wish is not None:
        return wish
    set_in = (environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    named = next(filter(None, set_in), "") or locale.getpreferredencoding(False)
    return named.upper() in {"C", "POSIX"} or not named.replace("-", "").upper().endswith(("UTF8",))
