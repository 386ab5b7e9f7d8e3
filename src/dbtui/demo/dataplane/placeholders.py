"""The names and values that expressions stand for, and the attribute paths made of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import combinations
from typing import Any, TypeAlias

from dbtui.demo.dataplane.lexer import Words
from dbtui.demo.dataplane.reserved import RESERVED
from dbtui.demo.dataplane.values import Value, checked
from dbtui.demo.protocol.errors import AwsError, validation

Path: TypeAlias = tuple[str | int, ...]
_NAME = re.compile(r"#[A-Za-z0-9_]+")
_VALUE = re.compile(r":[A-Za-z0-9_]+")


class Placeholders:
    """ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them have been used."""

    def __init__(self, params: Mapping[str, Any], expressions: tuple[str, ...]) -> None:
        names, values = params.get("ExpressionAttributeNames"), params.get("ExpressionAttributeValues")
        self._check_presence(names, "Names", params, expressions)
        self._check_presence(values, "Values", params, expressions)
        self._names: Mapping[str, str] = names or {}
        for name in self._names:
            if not _NAME.fullmatch(name):
                raise validation(f'ExpressionAttributeNames contains invalid key: Syntax error; key: "{name}"')
        self._values = {name: _value(name, value) for name, value in (values or {}).items()}
        self._used: set[str] = set()

    @staticmethod
    def _check_presence(given: Any, kind: str, params: Mapping[str, Any], expressions: tuple[str, ...]) -> None:
        if given is None:
            return
        able = [name for name in expressions if kind == "Names" or name != "ProjectionExpression"]
        if not any(name in params for name in able):
            verb = "is" if len(able) == 1 else "are"
            raise validation(
                f"ExpressionAttribute{kind} can only be specified when using expressions: "
                f"{' and '.join(able)} {verb} null"
            )
        if not given:
            raise validation(f"ExpressionAttribute{kind} must not be empty")

    def name(self, words: Words, placeholder: str) -> str:
        if placeholder not in self._names:
            raise words.refused(
                f"An expression attribute name used in the document path is not defined; attribute name: {placeholder}"
            )
        self._used.add(placeholder)
        return self._names[placeholder]

    def value(self, words: Words, placeholder: str) -> Value:
        if placeholder not in self._values:
            raise words.refused(
                f"An expression attribute value used in expression is not defined; attribute value: {placeholder}"
            )
        self._used.add(placeholder)
        return self._values[placeholder]

    def check_all_used(self) -> None:
        for kind, known in (("Names", self._names), ("Values", self._values)):
            unused = [name for name in known if name not in self._used]
            if unused:
                raise validation(
                    f"Value provided in ExpressionAttribute{kind} unused in expressions: "
                    f"keys: {{{', '.join(sorted(unused))}}}"
                )


def _value(name: str, value: Any) -> Value:
    if not _VALUE.fullmatch(name):
        raise validation(f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{name}"')
    try:
        return checked(value)
    except AwsError as error:
        if error.code != "ValidationException":
            raise
        raise validation(f"ExpressionAttributeValues contains invalid value: {error.message} for key {name}") from None


def read_path(words: Words, placeholders: Placeholders) -> Path:
    """`a.#b[3].c` as ("a", "b", 3, "c")."""
    path: list[str | int] = [_attribute(words, placeholders)]
    while words.is_sign(".", "["):
        if words.take().text == ".":
            path.append(_attribute(words, placeholders))
        else:
            if words.next.kind != "index":
                raise words.unexpected()
            path.append(int(words.take().text))
            words.need_sign("]")
    return tuple(path)


def _attribute(words: Words, placeholders: Placeholders) -> str:
    word = words.next
    if word.kind == "hash":
        words.take()
        return placeholders.name(words, word.text)
    if word.kind != "name":
        raise words.unexpected()
    if word.text.upper() in RESERVED:
        raise words.refused(f"Attribute name is a reserved keyword; reserved keyword: {word.text}")
    return words.take().text


def read_projection(text: str, title: str, placeholders: Placeholders) -> list[Path]:
    """The paths of a ProjectionExpression."""
    words = Words(text, title)
    paths = [read_path(words, placeholders)]
    while words.took_sign(","):
        paths.append(read_path(words, placeholders))
    words.need_end()
    refuse_overlaps(words, paths)
    return paths


def refuse_overlaps(words: Words, paths: list[Path]) -> None:
    """No path may lead into what another replaces, nor take for a list what another takes for a map."""
    if len({path[0] for path in paths}) == len(paths):
        return
    for one, other in combinations(paths, 2):
        clash = _clash(one, other)
        if clash:
            raise words.refused(
                f"Two document paths {clash} with each other; must remove or rewrite one of these paths; "
                f"path one: {_shown(one)}, path two: {_shown(other)}"
            )


def _clash(one: Path, other: Path) -> str:
    for mine, theirs in zip(one, other, strict=False):
        if type(mine) is not type(theirs):
            return "conflict"
        if mine != theirs:
            return ""
    return "overlap"


def _shown(path: Path) -> str:
    return "[" + ", ".join(f"[{part}]" if isinstance(part, int) else part for part in path) + "]"
