"""What DynamoDB would refuse about an item, told before anything is sent, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from dbtui.domain.failures import FailureKind, Refused
from dbtui.domain.json_text import shown
from dbtui.domain.models import KeyPart, Table
from dbtui.domain.values import (
    MAX_DIGITS,
    SETS,
    TYPE_WORDS,
    Item,
    Path,
    Value,
    attribute_size,
    content,
    depth,
    item_size,
    key_text,
    number,
    number_key,
    path_text,
    type_of,
    value_size,
)

MAX_ITEM_BYTES: Final = 400 * 1024
MAX_DEPTH: Final = 32
MAX_NAME_BYTES: Final = 65_535
MAX_KEY_BYTES: Final = {"HASH": 2048, "RANGE": 1024}

_LARGEST_NAMED: Final = 3
_BROKEN: Final = "holds half a character (a lone surrogate)"
_ROLE_WORDS: Final = {"HASH": "partition key", "RANGE": "sort key"}


class Problem(msgspec.Struct, frozen=True):
    """One thing DynamoDB would refuse: where (empty path: the whole item), and why."""

    path: Path
    text: str

    @property
    def sentence(self) -> str:
        """The reason with the place before it."""
        return f"{path_text(self.path)}: {self.text}" if self.path else self.text


def problems(item: Item, table: Table | None) -> list[Problem]:
    """Everything DynamoDB would refuse about the item; without a table, what holds for every table."""
    found = list(_key_problems(item, table)) if table is not None else []
    for name, value in item.items():
        found += _name_problems(name)
        levels = depth(value)
        if levels > MAX_DEPTH:
            found.append(Problem((name,), f"nested {levels} levels deep; DynamoDB allows {MAX_DEPTH}"))
        _value_problems(value, (name,), found)
    found += _size_problems(item)
    return found


def check(item: Item, table: Table | None) -> None:
    """Raises `Refused` with the first problem as its title, if there is one."""
    found = problems(item, table)
    if found:
        others = "\n".join(problem.sentence for problem in found[1:])
        raise Refused(found[0].sentence, detail=others, kind=FailureKind.INVALID)


def _key_problems(item: Item, table: Table) -> Iterator[Problem]:
    for part in table.keys:
        role = _ROLE_WORDS.get(part.role, "key")
        if part.name not in item:
            yield Problem((part.name,), f"missing; it is the {role} of {table.id}")
        else:
            yield from _key_value_problems(item[part.name], part, f"the {role} of {table.id}")
    keys = {part.name for part in table.keys}
    for index in table.indexes:
        for part in index.keys:
            if part.name in item and part.name not in keys:
                role = f"the {_ROLE_WORDS.get(part.role, 'key')} of the index {index.name}"
                yield from _key_value_problems(item[part.name], part, role)


def _key_value_problems(value: Value, part: KeyPart, role: str) -> Iterator[Problem]:
    kind = type_of(value)
    if part.type and kind != part.type:
        wanted = TYPE_WORDS.get(part.type, part.type)
        yield Problem((part.name,), f"of type {TYPE_WORDS[kind]}; {role} is of type {wanted}")
        return
    if kind not in ("S", "B"):
        return
    if not content(value):
        yield Problem((part.name,), f"empty; {role} cannot be empty")
    limit = MAX_KEY_BYTES.get(part.role, 2048)
    size = value_size(value)
    if size > limit:
        yield Problem((part.name,), f"{size:,} bytes; {role} takes up to {limit:,}")


def _name_problems(name: str) -> Iterator[Problem]:
    if not name:
        yield Problem((name,), "an attribute needs a name")
    if _is_broken(name):
        yield Problem((name,), f"the name {_BROKEN}")
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > MAX_NAME_BYTES:
        yield Problem((), f"an attribute's name has {size:,} bytes; DynamoDB allows {MAX_NAME_BYTES:,}")


def _value_problems(value: Value, path: Path, found: list[Problem]) -> None:
    ((kind, inner),) = value.items()
    if kind == "S":
        if _is_broken(inner):
            found.append(Problem(path, f"the text {_BROKEN}"))
    elif kind == "N":
        _number_problems(inner, path, found)
    elif kind == "M":
        for name, each in inner.items():
            if _is_broken(name):
                found.append(Problem((*path, name), f"the name {_BROKEN}"))
            _value_problems(each, (*path, name), found)
    elif kind == "L":
        for place, each in enumerate(inner):
            _value_problems(each, (*path, place), found)
    elif kind in SETS:
        _set_problems(kind, inner, path, found)


def _set_problems(kind: str, members: list[str] | list[bytes], path: Path, found: list[Problem]) -> None:
    if not members:
        found.append(Problem(path, "a set cannot be empty; remove the attribute instead"))
    seen = set()
    for member in members:
        identity = number_key(str(member)) if kind == "NS" else member
        if identity in seen:
            text = key_text({kind[0]: member})
            found.append(Problem(path, f"the set has {text if kind == 'NS' else shown(text)} twice"))
        seen.add(identity)
        _value_problems({kind[0]: member}, path, found)


def _number_problems(text: str, path: Path, found: list[Problem]) -> None:
    if len(text) <= MAX_DIGITS and text.isdigit() and text.isascii():
        return
    try:
        number(text)
    except ValueError as error:
        found.append(Problem(path, str(error)))


def _is_broken(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _size_problems(item: Item) -> Iterator[Problem]:
    size = item_size(item)
    if size <= MAX_ITEM_BYTES:
        return
    sizes = sorted(((attribute_size(name, value), name) for name, value in item.items()), reverse=True)
    largest = ", ".join(f"{path_text((name,))} {each:,}" for each, name in sizes[:_LARGEST_NAMED])
    yield Problem((), f"{size:,} bytes; an item has up to {MAX_ITEM_BYTES:,}. The largest attributes: {largest}")
