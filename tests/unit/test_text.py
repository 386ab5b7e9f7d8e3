"""Escaping and measuring untrusted text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dbtui.domain.text import cell_width, character_width, escape, fit, graphemes, preview, truncate

TRICKY = ["日本語", "😀👍🏽", "e\u0301", "👨‍👩‍👧 f", "1️⃣", "🇩🇪", "한국어", "🏳️‍🌈", "नमस्ते", "Ωmega", "☰䷀", "⚠️ x", "٠١٢"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("[bold]", "[bold]"),
        ("a\tb\r\n", r"a\tb\r\n"),
        ("\x00\x1b\x7f", r"\x00\x1b\x7f"),
        ("\x85\x9b", r"\x85\x9b"),
        ("\u200e\u200f\u202a\u202e\u2066\u2069\u061c", r"\u200e\u200f\u202a\u202e\u2066\u2069\u061c"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ufeff\u200b\xad", r"\ufeff\u200b\xad"),
        ("\ud83d", r"\ud83d"),
        ("\U000e0041", r"\U000e0041"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        ("می‌خواهم", "می‌خواهم"),
        ("no-break\xa0space", "no-break\xa0space"),
    ],
)
def test_escape(text: str, shown: str) -> None:
    assert escape(text) == shown


@given(st.text(st.characters(), max_size=40))
def test_escaped_text_holds_nothing_a_terminal_obeys(text: str) -> None:
    shown = escape(text)
    shown.encode()
    assert not any(unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"} for character in shown)
    assert not any(unicodedata.bidirectional(character) in BIDI_CONTROLS for character in shown)
    assert escape(shown) == shown


BIDI_CONTROLS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_preview_cuts_before_it_escapes() -> None:
    assert preview("\n" * 1_000_000, 3) == r"\n\n\n…"
    assert preview("abc", 3) == "abc"


@pytest.mark.parametrize("text", TRICKY)
def test_widths_agree_with_rich(text: str) -> None:
    assert cell_width(text) == cell_len(text)


def test_every_assigned_character_has_richs_width() -> None:
    different = [
        hex(code)
        for code in range(0x20, 0x20000)
        if unicodedata.category(chr(code)) not in {"Cc", "Cf", "Cn", "Co", "Cs"}
        and escape(chr(code)) == chr(code)
        and character_width(chr(code)) != cell_len(chr(code))
    ]
    assert different == []


def test_graphemes_stay_whole() -> None:
    assert list(graphemes("e\u0301x👨‍👩‍👧⚠️")) == [("e\u0301", 1), ("x", 1), ("👨‍👩‍👧", 2), ("⚠️", 2)]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 5, "abcd…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("👨‍👩‍👧👨‍👩‍👧", 3, "👨‍👩‍👧…"),
    ],
)
def test_truncate(text: str, width: int, shown: str) -> None:
    assert truncate(text, width) == shown


def test_truncate_with_a_wide_ellipsis_that_does_not_fit() -> None:
    assert truncate("abcdef", 2, "...") == "ab"
    assert truncate("abcdef", 4, "...") == "a..."


def test_fit_pads_on_the_right_side() -> None:
    assert fit("日", 4) == "日  "
    assert fit("日", 4, "right") == "  日"


@given(st.text(max_size=60) | st.lists(st.sampled_from(TRICKY)).map("".join), st.integers(0, 50))
def test_fit_is_exact(text: str, width: int) -> None:
    shown = escape(text)
    fitted = fit(shown, width)
    assert cell_width(fitted) == width
    assert cell_width(truncate(shown, width)) <= width
