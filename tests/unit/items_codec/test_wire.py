"""Items as AWS sends them: all of one, one attribute of one, and what is not an item."""

from __future__ import annotations

import msgspec
import pytest

from dbtui.domain.values import Item
from dbtui.domain.wire import attribute, attribute_names, decode_item, encode_item
from tests import torture


@pytest.mark.parametrize("item", torture.items(), ids=lambda item: ascii(item["id"]["S"])[:30])
def test_the_torture_set_there_and_back(item: Item) -> None:
    raw = encode_item(item)
    assert decode_item(raw) == item
    assert attribute_names(raw) == list(item)
    for name, value in item.items():
        assert attribute(raw, name) == value


def test_items_of_a_page_stay_undecoded_until_asked() -> None:
    page = msgspec.json.decode(
        b'{"Items": [{"a": {"B": "AP8="}, "b": {"N": "1.10"}}]}', type=dict[str, list[msgspec.Raw]]
    )
    (raw,) = page["Items"]
    assert attribute(raw, "b") == {"N": "1.10"}
    assert attribute(raw, "c") is None
    assert attribute_names(raw) == ["a", "b"]
    assert decode_item(raw) == {"a": {"B": b"\x00\xff"}, "b": {"N": "1.10"}}


@pytest.mark.parametrize("name", ["a.b", 'quo"te', "back\\slash", "new\nline", "é😀", "\u202e", "$", "value", ""])
def test_an_attribute_of_any_name_is_found(name: str) -> None:
    raw = encode_item({"other": {"S": "x"}, name: {"S": "found"}})
    assert attribute(raw, name) == {"S": "found"}
    assert attribute(encode_item({"other": {"S": "x"}}), name) is None


def test_the_attributes_not_asked_for_are_not_looked_at() -> None:
    raw = b'{"odd": {"X": []}, "id": {"S": "a"}}'
    assert attribute(raw, "id") == {"S": "a"}
    assert attribute_names(raw) == ["odd", "id"]


NOT_AN_ITEM = "the reply holds an item that is not in DynamoDB's JSON"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", NOT_AN_ITEM),
        (b"[]", NOT_AN_ITEM),
        (b"null", NOT_AN_ITEM),
        (b'{"a": {"S": "x"}', NOT_AN_ITEM),
        (b'{"a": {"S": "\xff"}}', NOT_AN_ITEM),
        (b'{"a": {"S": "\\ud800"}}', NOT_AN_ITEM),
        (b'{"a": 5}', NOT_AN_ITEM),
        (b'{"a": ' + b'{"L": [' * 100_000 + b"]}" * 100_000 + b"}", NOT_AN_ITEM),
        (b'{"a": {}}', "the attribute 'a' of the reply is not one value of one type"),
        (b'{"a": {"S": "x", "N": "1"}}', "the attribute 'a' of the reply is not one value of one type"),
        (b'{"a": {"L": ["x"]}}', "the attribute 'a' of the reply is not one value of one type"),
        (
            b'{"a": ' + b'{"L": [' * 200 + b"]}" * 200 + b"}",
            "the attribute 'a' of the reply is not one value of one type",
        ),
        (b'{"a": {"X": "x"}}', "the attribute 'a' of the reply has a type nobody knows, 'X'"),
        (b'{"a": {"N": 5}}', "the attribute 'a' of the reply does not hold what its type N says"),
        (b'{"a": {"S": null}}', "the attribute 'a' of the reply does not hold what its type S says"),
        (b'{"a": {"BOOL": "true"}}', "the attribute 'a' of the reply does not hold what its type BOOL says"),
        (b'{"a": {"SS": ["x", 1]}}', "the attribute 'a' of the reply does not hold what its type SS says"),
        (b'{"a": {"BS": "AA=="}}', "the attribute 'a' of the reply does not hold what its type BS says"),
        (b'{"a": {"M": {"b": {"L": {}}}}}', "the attribute 'a' of the reply does not hold what its type L says"),
        (b'{"a": {"B": "A"}}', "the attribute 'a' of the reply holds binary that is not base64"),
        (b'{"a": {"B": "AA==\\n"}}', "the attribute 'a' of the reply holds binary that is not base64"),
        (b'{"a": {"B": "-_8="}}', "the attribute 'a' of the reply holds binary that is not base64"),
        ('{"a": {"B": "é"}}'.encode(), "the attribute 'a' of the reply holds binary that is not base64"),
    ],
)
def test_what_is_not_an_item(raw: bytes, reason: str) -> None:
    with pytest.raises(ValueError) as error:
        decode_item(raw)
    assert str(error.value) == reason


def test_what_is_not_an_item_is_told_for_one_attribute_too() -> None:
    for raw in (b"", b"[]", b'{"a": 5}', b'{"a": {"B": "A"}}', b'{"a": null}'):
        with pytest.raises(ValueError, match="the reply"):
            attribute(raw, "a")
    with pytest.raises(ValueError, match="the reply"):
        attribute_names(b"[1]")


def test_half_a_character_is_not_sent() -> None:
    with pytest.raises(ValueError, match="surrogates not allowed"):
        encode_item({"a": {"S": "\ud800"}})
