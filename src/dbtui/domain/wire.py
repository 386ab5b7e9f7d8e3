"""Items as they travel: AWS's JSON bytes to values and back, as little of them as is needed."""

from __future__ import annotations

import binascii
from functools import lru_cache
from typing import Any, Final

import msgspec

from dbtui.domain.values import Item, Value

_MAX_DEPTH: Final = 160  # far beyond the 32 of DynamoDB, well within Python's stack
_WHOLE: Final = msgspec.json.Decoder(dict[str, dict[str, Any]])
_OUTLINE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ONE: Final = msgspec.json.Decoder(dict[str, Any])
_TEXTS: Final = frozenset({"S", "N"})
_TEXT_SETS: Final = frozenset({"SS", "NS"})


def decode_item(raw: bytes | msgspec.Raw) -> Item:
    """The item of a reply. Raises ValueError, with a sentence, for bytes that are none."""
    item: Item = _decoded(_WHOLE, raw)
    for name, value in item.items():
        _settle(value, name, 0)
    return item


def encode_item(item: Item) -> bytes:
    """The item as AWS's JSON, binary in base64. Raises ValueError for text that cannot be encoded."""
    return msgspec.json.encode(item)


def attribute_names(raw: bytes | msgspec.Raw) -> list[str]:
    """The names in the order they came; the values stay undecoded."""
    return list(outline(raw))


def attribute(raw: bytes | msgspec.Raw, name: str) -> Value | None:
    """One attribute of the item, or None; the others are skipped, not decoded."""
    found = raw_attribute(raw, name)
    return None if found is None else decode_value(found, name)


def outline(raw: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """The attributes by name in the order they came, their values undecoded."""
    attributes: dict[str, msgspec.Raw] = _decoded(_OUTLINE, raw)
    return attributes


def raw_attribute(raw: bytes | msgspec.Raw, name: str) -> msgspec.Raw | None:
    """One attribute's value as it travels, or None; nothing is decoded, so its size costs next to nothing."""
    decoder = _finder_of(name)
    found = outline(raw).get(name) if decoder is None else _decoded(decoder, raw).value
    return found or None  # nothing at all is no JSON


def raw_attributes(raw: bytes | msgspec.Raw, names: tuple[str, ...]) -> list[msgspec.Raw | None]:
    """Several attributes' values as they travel, in this order, in one pass over the item."""
    decoder = _finder_of_all(names)
    if decoder is None:
        attributes = outline(raw)
        return [attributes.get(name) for name in names]
    return [found or None for found in msgspec.structs.astuple(_decoded(decoder, raw))]


def decode_value(raw: bytes | msgspec.Raw, name: str) -> Value:
    """The value of the attribute of this name. Raises ValueError, with a sentence, for bytes that are none."""
    value: Value = _decoded(_ONE, raw)
    _settle(value, name, 0)
    return value


@lru_cache(maxsize=1024)
def _finder_of(name: str) -> msgspec.json.Decoder[Any] | None:
    """A decoder that sees this attribute only; None for a name it cannot be told (quotes, control characters)."""
    if not _tellable(name):
        return None
    field = ("value", msgspec.Raw, msgspec.Raw())
    return msgspec.json.Decoder(msgspec.defstruct("OneAttribute", [field], rename={"value": name}))


@lru_cache(maxsize=64)
def _finder_of_all(names: tuple[str, ...]) -> msgspec.json.Decoder[Any] | None:
    """The same for several attributes."""
    if not all(map(_tellable, names)) or len(set(names)) < len(names):
        return None
    places = {f"value{place}": name for place, name in enumerate(names)}
    fields = [(place, msgspec.Raw, msgspec.Raw()) for place in places]
    return msgspec.json.Decoder(msgspec.defstruct("SomeAttributes", fields, rename=places))


def _tellable(name: str) -> bool:
    return name.isprintable() and '"' not in name and "\\" not in name


def _decoded(decoder: msgspec.json.Decoder[Any], raw: bytes | msgspec.Raw) -> Any:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError("the reply holds an item that is not in DynamoDB's JSON") from None


def _settle(value: Any, name: str, depth: int) -> None:
    """Checks a value as it came and turns its base64 into bytes, in place."""
    if not isinstance(value, dict) or len(value) != 1 or depth > _MAX_DEPTH:
        raise _bad(name, "is not one value of one type")
    for type_, inner in value.items():
        if type_ in _TEXTS:
            _require(isinstance(inner, str), name, type_)
        elif type_ == "M":
            _require(isinstance(inner, dict), name, type_)
            for each in inner.values():
                _settle(each, name, depth + 1)
        elif type_ == "L":
            _require(isinstance(inner, list), name, type_)
            for each in inner:
                _settle(each, name, depth + 1)
        else:
            value[type_] = _rarer(type_, inner, name)


def _rarer(type_: str, inner: Any, name: str) -> Any:
    if type_ == "B":
        return _bytes(inner, name)
    if type_ in ("BOOL", "NULL"):
        _require(isinstance(inner, bool), name, type_)
        return inner
    if type_ == "BS":
        _require(isinstance(inner, list), name, type_)
        return [_bytes(each, name) for each in inner]
    if type_ in _TEXT_SETS:
        _require(isinstance(inner, list) and all(isinstance(each, str) for each in inner), name, type_)
        return inner
    raise _bad(name, f"has a type nobody knows, {type_!r}")


def _bytes(text: Any, name: str) -> bytes:
    _require(isinstance(text, str), name, "B")
    try:
        return binascii.a2b_base64(text.encode(), strict_mode=True)
    except ValueError:
        raise _bad(name, "holds binary that is not base64") from None


def _require(fits: bool, name: str, type_: str) -> None:
    if not fits:
        raise _bad(name, f"does not hold what its type {type_} says")


def _bad(name: str, what: str) -> ValueError:
    return ValueError(f"the attribute {name!r} of the reply {what}")
