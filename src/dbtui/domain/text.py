"""Untrusted text on a terminal: escaping, cell widths, truncation.

Every text that comes from AWS or from a user's data passes through `escape` before it is shown. Widths are in
terminal cells: 0 for combining marks, 2 for wide characters and emoji, 1 for the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

Align = Literal["left", "right"]

ELLIPSIS: Final = "…"

# What a terminal would obey, what reorders or breaks a line, what hides, and what cannot be encoded. The zero-width
# joiner and non-joiner stay, because emoji and several scripts need them.
_UNSAFE: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\xad\u180e\u200b\u2060-\u2064\ufeff"  # soft hyphen, zero-width spaces, invisible operators, byte order mark
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # bidi marks, embeddings, overrides, isolates
    "\u2028\u2029"  # line and paragraph separator
    "\u115f\u1160\u3164\uffa0"  # Hangul fillers: letters that show nothing
    "\ufff9-\ufffb\ufffe\uffff"  # interlinear annotation, non-characters
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # invisible tags
    "]"
)
_SHORT_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

_ZERO_WIDTH_JOINER: Final = "\u200d"
_EMOJI_PRESENTATION: Final = "\ufe0f"
# Visible although their category says "format": Arabic, Syriac and Kaithi number signs.
_VISIBLE_FORMAT: Final = frozenset(
    [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD],
)
# Became wide in Unicode 16, later than the tables of the Pythons we support.
_WIDE_SINCE_UNICODE_16: Final = (
    (0x2630, 0x2637),
    (0x268A, 0x268F),
    (0x4DC0, 0x4DFF),
    (0x1D300, 0x1D356),
    (0x1D360, 0x1D376),
)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_HANGUL_MEDIALS_AND_FINALS: Final = (range(0x1160, 0x1200), range(0xD7B0, 0xD800))
# Narrow on their own, wide when the emoji presentation selector follows (besides symbols).
_KEYCAPS: Final = frozenset("#*0123456789‼⁉")


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    if short := _SHORT_ESCAPES.get(character):
        return short
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escape(text: str) -> str:
    """The text with everything a terminal would obey, reorder or hide shown as `\\n`, `\\x1b`, `\\u202e`."""
    return text if text.isascii() and text.isprintable() else _UNSAFE.sub(_escaped, text)


def preview(text: str, limit: int) -> str:
    """`escape` of at most `limit` characters; what was cut off shows as an ellipsis. For texts of any length."""
    return escape(text) if len(text) <= limit else escape(text[:limit]) + ELLIPSIS


@lru_cache(maxsize=8192)
def character_width(character: str) -> int:
    """Cells one character takes on its own: 0, 1 or 2."""
    code = ord(character)
    category = unicodedata.category(character)
    if category in {"Mn", "Me", "Mc", "Cc", "Cs", "Zl", "Zp"} or (category == "Cf" and code not in _VISIBLE_FORMAT):
        return 0
    if code in _SKIN_TONES or any(code in jamo for jamo in _HANGUL_MEDIALS_AND_FINALS):
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 2
    return 2 if any(first <= code <= last for first, last in _WIDE_SINCE_UNICODE_16) else 1


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """What the eye takes for one character, and its width in cells: base plus marks, joined emoji."""
    cluster, width, joined = "", 0, False
    for character in text:
        own = character_width(character)
        if cluster and (own == 0 or joined):
            cluster += character
            joined = character == _ZERO_WIDTH_JOINER
            if character == _EMOJI_PRESENTATION and width == 1 and _takes_emoji_form(cluster[0]):
                width = 2
            continue
        if cluster:
            yield cluster, width
        cluster, width, joined = character, own, character == _ZERO_WIDTH_JOINER
    if cluster:
        yield cluster, width


def _takes_emoji_form(character: str) -> bool:
    return character in _KEYCAPS or unicodedata.category(character) in {"So", "Sm"}


def cell_width(text: str) -> int:
    """Cells the text takes on a terminal. The text is expected to be escaped."""
    if text.isascii():
        return len(text)
    return sum(width for _, width in graphemes(text))


def truncate(text: str, width: int, ellipsis: str = ELLIPSIS) -> str:
    """The text cut to at most `width` cells, never inside a grapheme; a cut shows as `ellipsis`."""
    if len(text) <= width and text.isascii():
        return text
    if width <= 0:
        return ""
    # Every character but a combining one takes a cell, so what is far longer need not be measured to its end.
    if len(text) <= 4 * width + 64 and cell_width(text) <= width:
        return text
    room = width - cell_width(ellipsis)
    if room < 0:
        return truncate(text, width, "")
    if text.isascii():
        return text[:room] + ellipsis
    kept, used = [], 0
    for cluster, cells in graphemes(text):
        if used + cells > room:
            break
        kept.append(cluster)
        used += cells
    return "".join(kept) + ellipsis


def fit(text: str, width: int, align: Align = "left", ellipsis: str = ELLIPSIS) -> str:
    """The text truncated and padded with spaces to exactly `width` cells."""
    text = truncate(text, width, ellipsis)
    padding = " " * (width - cell_width(text))
    return padding + text if align == "right" else text + padding
