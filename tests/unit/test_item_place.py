"""Places of items and keys as they are typed: every key survives, whatever it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.domain.failures import UsageError
from dbtui.domain.item_place import item_place, key_from_item, key_from_query, key_words
from dbtui.domain.models import KeyPart
from dbtui.domain.place import is_item, parse_place
from dbtui.domain.scope import Scope
from dbtui.domain.values import Item, Value

TEXTS = st.text(min_size=1, max_size=40).filter(lambda text: all(not 0xD800 <= ord(c) < 0xE000 for c in text))
VALUES: dict[str, st.SearchStrategy[Value]] = {
    "S": TEXTS.map(lambda text: {"S": text}),
    "N": st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**20).map(lambda n: {"N": str(n)}),
    "B": st.binary(min_size=1, max_size=40).map(lambda data: {"B": data}),
}


@st.composite
def keyed(draw: st.DrawFn) -> tuple[tuple[KeyPart, ...], Item]:
    """A key schema of one or two parts with any names, and a key that fits it."""
    names = draw(st.lists(TEXTS, min_size=1, max_size=2, unique=True))
    types = [draw(st.sampled_from("SNB")) for _ in names]
    keys = tuple(KeyPart(*part) for part in zip(names, ("HASH", "RANGE"), types, strict=False))
    return keys, {part.name: draw(VALUES[part.type]) for part in keys}


@given(keyed=keyed(), table=TEXTS)
def test_the_place_of_an_item_reads_back(keyed: tuple[tuple[KeyPart, ...], Item], table: str) -> None:
    keys, key = keyed
    place = parse_place(item_place(table, key, keys))
    assert is_item(place)
    assert place.id == table
    assert key_from_query(place.query, keys) == key


@given(keyed=keyed())
def test_the_words_of_a_key_read_back(keyed: tuple[tuple[KeyPart, ...], Item]) -> None:
    keys, key = keyed
    pairs = [(part.name, word[len(part.name) + 1 :]) for part, word in zip(keys, key_words(key, keys), strict=True)]
    assert key_from_query(pairs, keys) == key
    assert key_from_item(key, keys) == key


KEYS = (KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "N"))


def test_a_place_says_its_scope_and_takes_a_whole_item() -> None:
    item: Item = {"sk": {"N": "7"}, "other": {"S": "x"}, "pk": {"S": "a/b,c d&e=f?g"}}
    scope = Scope("dev", "1", "eu-west-1")
    assert item_place("t", item, KEYS, scope=scope) == "dev@eu-west-1:item/t?pk=a/b,c%20d%26e%3Df%3Fg&sk=7"
    with pytest.raises(KeyError):
        item_place("t", {"pk": {"S": "a"}}, KEYS)


def test_base64_may_be_typed_as_it_is() -> None:
    binary = (KeyPart("pk", "HASH", "B"),)
    assert key_from_query(parse_place("item/t?pk=+/+=").query, binary) == {"pk": {"B": b"\xfb\xff"}}


@pytest.mark.parametrize("text", ["item", "item/t", "item/t/x?pk=1", "items/t?"])
def test_half_a_place_of_an_item_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="item/TABLE"):
        is_item(parse_place(text))


@pytest.mark.parametrize("text", ["item/t?pk", "item/t?=1", "item/t?pk=1&", "item/t?pk=%ff"])
def test_a_broken_query_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_place(text)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("pk", "a")], "sk is missing"),
        ([("pk", "a"), ("sk", "1"), ("x", "2")], "x is no key attribute"),
        ([("pk", "a"), ("sk", "1"), ("sk", "1")], "twice"),
        ([("pk", ""), ("sk", "1")], "empty"),
        ([("pk", "é" * 1025), ("sk", "1")], "2,050 bytes"),
        ([("pk", "a"), ("sk", "1e999")], "sk: "),
    ],
)
def test_a_key_that_does_not_fit_names_the_schema(pairs: list[tuple[str, str]], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        key_from_query(pairs, KEYS)
    assert words in str(caught.value)
