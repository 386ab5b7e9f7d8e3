"""Very many generated items and texts: an item comes back whole, a text gives an item or one located error."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.typed_json import TextError
from dbtui.domain.values import Item, items_equal
from dbtui.domain.wire import decode_item, encode_item
from tests.requirements import FULL
from tests.unit.items_codec import random_items

COUNT = 100_000 if FULL else 10_000
SEED = 20_240_229

Decode = Callable[[str], Item]
Encode = Callable[..., str]
CODECS = [
    pytest.param(typed_json.encode, typed_json.decode, id="typed JSON"),
    pytest.param(dynamodb_json.encode, dynamodb_json.decode, id="DynamoDB JSON"),
]


@pytest.mark.parametrize(("encode", "decode"), CODECS)
def test_every_generated_item_comes_back(encode: Encode, decode: Decode) -> None:
    random = Random(SEED)
    for _ in range(COUNT):
        item = random_items.item(random)
        text = encode(item, indent=random.choice((2, None)))
        assert items_equal(decode(text), item), text


def test_every_generated_item_travels() -> None:
    random = Random(SEED)
    for _ in range(COUNT):
        item = random_items.item(random)
        assert decode_item(encode_item(item)) == item


def check_one(text: str, encode: Encode, decode: Decode) -> bool:
    """Whether the text is an item; fails if it is neither that nor one error with a place inside the text."""
    try:
        item = decode(text)
    except TextError as error:
        lines = text.split("\n")
        assert 1 <= error.line <= len(lines), text
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1, text
        assert error.reason, text
        return False
    assert items_equal(decode(encode(item)), item), text
    return True


@pytest.mark.parametrize(("encode", "decode"), CODECS)
def test_every_damaged_text_gives_an_item_or_a_located_error(encode: Encode, decode: Decode) -> None:
    random = Random(SEED)
    accepted = 0
    for _ in range(COUNT):
        text = encode(random_items.item(random), indent=random.choice((2, None)))
        accepted += check_one(random_items.damaged(random, text), encode, decode)
    assert COUNT // 50 < accepted < COUNT // 2, "the damage is neither always fatal nor mostly harmless"


@pytest.mark.parametrize(("encode", "decode"), CODECS)
def test_every_soup_of_tokens_gives_an_item_or_a_located_error(encode: Encode, decode: Decode) -> None:
    random = Random(SEED)
    for _ in range(COUNT // 2):
        check_one(random_items.soup(random), encode, decode)
