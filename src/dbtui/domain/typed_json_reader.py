"""Reads typed JSON as people write it, and says where and why it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NoReturn

from dbtui.domain import json_text
from dbtui.domain.json_text import ARRAY, NUMBER, OBJECT, STRING, Node, shown
from dbtui.domain.parsed import Parsed
from dbtui.domain.typed_json_writer import KEEP, TAGS, keep_token
from dbtui.domain.values import Item, Value, digits_of, from_base64, number_key

_TYPE_OF_TAG: Final = {tag: kind for kind, tag in TAGS.items()}
_NUMBER_TAG: Final = "$n"
_KEEP_TOKEN: Final = re.compile(r"[A-Z]+ [0-9]+B sha256:[0-9a-f]{16}")
_MEMBER_WORDS: Final = {"SS": 'texts: "a"', "NS": "numbers: 1.5", "BS": 'base64 texts: "AAE="'}
_TWICE: Final = "this member is in the set already"
_FOUND_WORDS: Final = {OBJECT: "a map", ARRAY: "a list", STRING: "a text", NUMBER: "a number"}


def parse(text: str, base: Item | None = None) -> Parsed:
    """The item of a text with the positions of its values; `base` is what ``$keep`` refers to. Raises `TextError`."""
    root = json_text.read(text)
    if root.kind != OBJECT:
        json_text.fail(text, root.start, "an item is an object of attributes: { … }")
    reader = _Reader(text)
    value = reader.value(root, None if base is None else {"M": base})
    if "M" not in value:
        (tag,) = root.content
        meant = f"an attribute named {shown(tag)} is written {shown('$' + tag)}"
        reader.fail(root, f"an item is an object of attributes; {meant}")
    return Parsed(text, value["M"], root, _descend)


def decode(text: str) -> Item:
    """The item of a text. Raises `TextError`."""
    return parse(text).item


def decode_value(text: str) -> Value:
    """The one value of a text. Raises `TextError`."""
    return _Reader(text).value(json_text.read(text), None)


class _Reader:
    """Makes values of nodes; keeps the text to tell where a mistake is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._readers: dict[str, Callable[[Node, Value | None], Value]] = {
            OBJECT: self._object,
            ARRAY: self._list,
            json_text.TRUE: lambda node, base: {"BOOL": True},
            json_text.FALSE: lambda node, base: {"BOOL": False},
            json_text.NULL: lambda node, base: {"NULL": True},
        }

    def fail(self, node: Node, reason: str) -> NoReturn:
        json_text.fail(self._text, node.start, reason)

    def value(self, node: Node, base: Value | None) -> Value:
        """The value of a node; `base` is the stored value in the same place."""
        if node.kind == STRING:
            return {"S": node.content}
        if node.kind == NUMBER:
            return {"N": node.content}
        return self._readers[node.kind](node, base)

    def _list(self, node: Node, base: Value | None) -> Value:
        stored = base.get("L", ()) if base else ()
        known = len(stored)
        return {
            "L": [self.value(each, stored[place] if place < known else None) for place, each in enumerate(node.content)]
        }

    def _object(self, node: Node, base: Value | None) -> Value:
        members: dict[str, Node] = node.content
        stored = base.get("M", {}) if base else {}
        if len(members) == 1:
            ((name, member),) = members.items()
            if name.startswith("$$"):
                return {"M": {name[1:]: self.value(member, stored.get(name[1:]))}}
            if name.startswith("$"):
                return self._tagged(name, member, base)
        return {"M": {name: self.value(member, stored.get(name)) for name, member in members.items()}}

    def _tagged(self, tag: str, node: Node, base: Value | None) -> Value:
        if tag == KEEP:
            return self._kept(node, base)
        if tag == _NUMBER_TAG:
            return {"N": self._number_text(node)}
        if tag == TAGS["B"]:
            return {"B": self._binary(node)}
        kind = _TYPE_OF_TAG.get(tag)
        if kind is None:
            known = ", ".join((*TAGS.values(), _NUMBER_TAG))
            meant = f"a map with that name is written {shown('$' + tag)}"
            reason = f"nobody knows the type {shown(tag)}; there are {known}; {meant}"
            json_text.fail(self._text, node.key_start, reason)
        return {kind: self._members(kind, node)}

    def _kept(self, node: Node, base: Value | None) -> Value:
        token = self._text_of(node, "what stands for the value left out")
        if _KEEP_TOKEN.fullmatch(token) is None:
            self.fail(node, "this no longer names the value left out; undo the change, or write a whole value")
        if base is None:
            self.fail(node, "nothing is stored here that could be kept; $keep works only in its own place")
        if keep_token(base) != token:
            self.fail(node, "the value stored here is not the one this stands for; $keep works only in its own place")
        return base

    def _members(self, kind: str, node: Node) -> list[Any]:
        if node.kind != ARRAY:
            self.fail(node, f"expected a list, found {_found(node)}")
        if not node.content:
            self.fail(node, "a set cannot be empty; remove the attribute instead")
        members = []
        seen = set()
        for each in node.content:
            member = self._member(kind, each)
            identity = number_key(member) if kind == "NS" else member
            if identity in seen:
                self.fail(each, _TWICE + ("; 1 and 1.0 are one number" if kind == "NS" else ""))
            seen.add(identity)
            members.append(member)
        return members

    def _member(self, kind: str, node: Node) -> Any:
        if kind == "NS" and node.kind == NUMBER:
            return node.content
        if kind == "NS" and node.kind == OBJECT and list(node.content) == [_NUMBER_TAG]:
            return self._number_text(node.content[_NUMBER_TAG])
        if kind == "NS" or node.kind != STRING:
            self.fail(node, f"this set holds {_MEMBER_WORDS[kind]}; found {_found(node)}")
        return node.content if kind == "SS" else self._binary(node)

    def _number_text(self, node: Node) -> str:
        text = self._text_of(node, "the number as a text")
        try:
            digits_of(text)
        except ValueError:
            self.fail(node, f"{shown(text)} is not a number")
        return text

    def _binary(self, node: Node) -> bytes:
        text = self._text_of(node, "binary as a base64 text")
        try:
            return from_base64(text)
        except ValueError as error:
            self.fail(node, str(error))

    def _text_of(self, node: Node, what: str) -> str:
        if node.kind != STRING:
            self.fail(node, f"expected {what}, found {_found(node)}")
        text: str = node.content
        return text


def _found(node: Node) -> str:
    return _FOUND_WORDS.get(node.kind, node.kind)


def _descend(node: Node, part: str | int) -> Node | None:
    """The node of a map's member, a list's element or a set's member, as the text has them."""
    content = node.content
    if node.kind == OBJECT and len(content) == 1:
        ((name, member),) = content.items()
        if name.startswith("$$"):
            return member if part == name[1:] else None
        if name.startswith("$"):
            return _descend(member, part) if isinstance(part, int) else None
    if node.kind == OBJECT and isinstance(part, str):
        found: Node | None = content.get(part)
        return found
    if node.kind == ARRAY and isinstance(part, int) and 0 <= part < len(content):
        element: Node = content[part]
        return element
    return None
