from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.domain.values import Item
from dbtui.domain.wire import encode_item
from dbtui.items.needles import Needles
from dbtui.ui.item_search import texts_of
from tests.requirements import FULL
from tests.unit.items_read.world import n, s


def raw_of(item: Item) -> msgspec.Raw:
    return msgspec.Raw(encode_item(item))


def truly(item: Item, words: list[str]) -> bool:
    texts = [text.casefold() for value in item.values() for text in texts_of(value)]
    return all(any(word in text for text in texts) for word in words)


ITEM: Item = {
    "street": s("Königsallee 5"),
    "amount": n("12.50"),
    "vip": {"BOOL": True},
    "address": {"M": {"city": s("Bonn"), "tags": {"L": [s("x/y"), {"NULL": True}]}}},
}


@pytest.mark.parametrize("word", ["bonn", "12.50", "königs", "allee"])
def test_words_in_values_are_found_in_the_bytes(word: str) -> None:
    assert Needles([word]).verdict(raw_of(ITEM)) is not False
    assert truly(ITEM, [word])


def test_words_that_occur_nowhere_rule_an_item_out() -> None:
    assert Needles(["nowhere"]).verdict(raw_of(ITEM)) is False
    assert Needles(["bonn", "nowhere"]).verdict(raw_of(ITEM)) is False


def test_most_finds_need_no_decoding() -> None:
    assert Needles(["bonn"]).verdict(raw_of(ITEM)) is True


@pytest.mark.parametrize("word", ["street", "reet", "city", "bool", "s", "m", "x/y", "true", ":", "},"])
def test_what_may_be_a_name_or_syntax_needs_a_look(word: str) -> None:
    assert Needles([word]).verdict(raw_of(ITEM)) is None


def test_escaped_letters_are_not_missed() -> None:
    item = {"a": s("Größe\n/")}
    escaped = msgspec.Raw(json.dumps(item).encode())
    assert Needles(["größe"]).verdict(escaped) is None
    assert Needles(["größe"]).verdict(raw_of(item)) is None
    assert Needles(["k"]).verdict(raw_of({"a": s("\u212a")})) is not False  # the Kelvin sign folds to k


TEXT = st.text(st.sampled_from('abnsKk\u212aßſ12.:,/"\\{}[]é日\n true'), max_size=8)
WORD = TEXT.map(str.casefold).filter(lambda word: word and not any(character.isspace() for character in word))


@settings(max_examples=5000 if FULL else 500, deadline=None)
@given(st.dictionaries(TEXT, TEXT, min_size=1, max_size=4), st.lists(WORD, min_size=1, max_size=2), st.booleans())
def test_a_verdict_is_never_wrong(texts: dict[str, str], words: list[str], ascii_only: bool) -> None:
    item: dict[str, Any] = {name: {"M": {text: s(text)}} if len(text) % 2 else s(text) for name, text in texts.items()}
    raw = msgspec.Raw(json.dumps(item, ensure_ascii=ascii_only).encode())
    verdict = Needles(words).verdict(raw)
    assert verdict is None or verdict == truly(item, words)
