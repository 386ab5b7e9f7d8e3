"""DynamoDB's own JSON, ``{"id": {"S": "a"}, "n": {"N": "1.0"}}``, binary in base64: exact, and twice as long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

from dbtui.domain import json_text
from dbtui.domain.json_text import ARRAY, FALSE, NUMBER, OBJECT, STRING, TRUE, Node, quoted, shown
from dbtui.domain.parsed import Parsed
from dbtui.domain.values import (
    SETS,
    TYPES,
    Item,
    Value,
    digits_of,
    from_base64,
    number_key,
    sorted_members,
    to_base64,
)

_EXAMPLES: Final = {
    "S": '"text"',
    "N": '"1.5", a number in quotes',
    "B": '"AAE=", base64 in quotes',
    "BOOL": "true or false",
    "NULL": "true",
    "SS": '["a", "b"]',
    "NS": '["1", "2.5"], numbers in quotes',
    "BS": '["AAE="], base64 in quotes',
    "L": '[{"S": "a"}]',
    "M": '{"name": {"S": "a"}}',
}


def encode(item: Item, first: Sequence[str] = (), *, indent: int | None = 2) -> str:
    """The item as text without a newline at its end: names sorted after the `first` ones, sets in order."""
    led = [name for name in dict.fromkeys(first) if name in item]
    return _map(item, led + sorted(item.keys() - set(led)), indent, "")


def encode_value(value: Value, *, indent: int | None = None) -> str:
    """One value as text."""
    return _written(value, indent, "")


def parse(text: str) -> Parsed:
    """The item of a text with the positions of its values. Raises `TextError`."""
    root = json_text.read(text)
    if root.kind != OBJECT:
        json_text.fail(text, root.start, 'an item is an object of attributes: {"name": {"S": "text"}}')
    return Parsed(text, _Reader(text).attributes(root), Node(OBJECT, root.start, {"M": root}), _descend)


def decode(text: str) -> Item:
    """The item of a text. Raises `TextError`."""
    return parse(text).item


def decode_value(text: str) -> Value:
    """The one value of a text. Raises `TextError`."""
    return _Reader(text).value(json_text.read(text))


def _written(value: Value, indent: int | None, pad: str) -> str:
    ((kind, inner),) = value.items()
    if kind == "M":
        return f'{{"M": {_map(inner, sorted(inner), indent, pad)}}}'
    if kind == "L":
        return f'{{"L": {_list([_written(each, indent, _deeper(pad, indent)) for each in inner], indent, pad)}}}'
    if kind in SETS:
        members = [quoted(_text(each)) for each in sorted_members(kind, inner)]
        return f'{{"{kind}": [{", ".join(members)}]}}'
    if kind in ("BOOL", "NULL"):
        return f'{{"{kind}": {"true" if inner else "false"}}}'
    return f'{{"{kind}": {quoted(_text(inner))}}}'


def _text(content: str | bytes) -> str:
    return to_base64(content) if isinstance(content, bytes) else content


def _deeper(pad: str, indent: int | None) -> str:
    return pad + " " * (indent or 0)


def _list(written: list[str], indent: int | None, pad: str) -> str:
    if indent is None or not written:
        return f"[{', '.join(written)}]"
    inner = _deeper(pad, indent)
    return f"[\n{inner}" + f",\n{inner}".join(written) + f"\n{pad}]"


def _map(members: Item, names: Sequence[str], indent: int | None, pad: str) -> str:
    inner = _deeper(pad, indent)
    written = [f"{quoted(name)}: {_written(members[name], indent, inner)}" for name in names]
    if indent is None or not written:
        return f"{{{', '.join(written)}}}"
    return f"{{\n{inner}" + f",\n{inner}".join(written) + f"\n{pad}}}"


class _Reader:
    """Makes values of nodes; keeps the text to tell where a mistake is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._readers: dict[str, Callable[[Node, str], Any]] = {
            "S": self._string,
            "N": self._number,
            "B": self._binary,
            "BOOL": self._boolean,
            "NULL": self._null,
            "L": self._list,
            "M": self._map,
        }

    def attributes(self, node: Node) -> Item:
        """The values of an object's members."""
        return {name: self.value(member) for name, member in node.content.items()}

    def value(self, node: Node) -> Value:
        """The value of a node such as ``{"S": "a"}``."""
        if node.kind != OBJECT:
            self._fail(node, 'expected a value with its type, such as {"S": "text"} or {"N": "1.5"}')
        members: dict[str, Node] = node.content
        if not members:
            self._fail(node, 'a type is missing here, such as {"S": "text"}')
        if len(members) > 1:
            second = list(members.items())[1]
            json_text.fail(self._text, second[1].key_start, f"a value has one type; {shown(second[0])} is a second one")
        ((kind, inner),) = members.items()
        if kind in SETS:
            return {kind: self._set(inner, kind)}
        reader = self._readers.get(kind)
        if reader is None:
            json_text.fail(
                self._text, inner.key_start, f"nobody knows the type {shown(kind)}; there are {', '.join(TYPES)}"
            )
        return {kind: reader(inner, kind)}

    def _string(self, node: Node, kind: str) -> str:
        self._expect(node, kind, STRING)
        text: str = node.content
        return text

    def _number(self, node: Node, kind: str) -> str:
        if node.kind == NUMBER:
            self._fail(node, f'a number stands in quotes here: "{node.content}"')
        text = self._string(node, kind)
        try:
            digits_of(text)
        except ValueError:
            self._fail(node, f"{shown(text)} is not a number")
        return text

    def _binary(self, node: Node, kind: str) -> bytes:
        try:
            return from_base64(self._string(node, kind))
        except ValueError as error:
            self._fail(node, str(error))

    def _boolean(self, node: Node, kind: str) -> bool:
        self._expect(node, kind, TRUE, FALSE)
        return node.kind == TRUE

    def _null(self, node: Node, kind: str) -> bool:
        self._expect(node, kind, TRUE)
        return True

    def _list(self, node: Node, kind: str) -> list[Value]:
        self._expect(node, kind, ARRAY)
        return [self.value(each) for each in node.content]

    def _map(self, node: Node, kind: str) -> Item:
        self._expect(node, kind, OBJECT)
        return self.attributes(node)

    def _set(self, node: Node, kind: str) -> list[Any]:
        self._expect(node, kind, ARRAY)
        if not node.content:
            self._fail(node, "a set cannot be empty; remove the attribute instead")
        read = self._readers[kind[0]]
        members: dict[Any, Any] = {}
        for each in node.content:
            member = read(each, kind)
            identity = number_key(member) if kind == "NS" else member
            if identity in members:
                why = "; 1 and 1.0 are one number" if kind == "NS" else ""
                self._fail(each, f"this member is in the set already{why}")
            members[identity] = member
        return list(members.values())

    def _expect(self, node: Node, kind: str, *kinds: str) -> None:
        if node.kind not in kinds:
            self._fail(node, f"the type {kind} holds {_EXAMPLES[kind]}")

    def _fail(self, node: Node, reason: str) -> NoReturn:
        json_text.fail(self._text, node.start, reason)


def _descend(node: Node, part: str | int) -> Node | None:
    """The node of a value's member or element: a value is an object with its type, which holds the content."""
    (content_node,) = node.content.values()
    content = content_node.content
    found: Node | None = None
    if isinstance(part, str) and content_node.kind == OBJECT:
        found = content.get(part)
    elif isinstance(part, int) and content_node.kind == ARRAY and 0 <= part < len(content):
        found = content[part]
    return found
