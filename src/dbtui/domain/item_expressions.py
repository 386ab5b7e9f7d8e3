"""Builds DynamoDB expressions within its limits: placeholders for every name and value, conditions joined by AND.

Limits: 4 KB an expression, 300 operators or functions in it, 2 MB of names and values (DynamoDB, "Constraints").
"""

from __future__ import annotations

import re
from typing import Any, Final

from dbtui.domain import units
from dbtui.domain.failures import FailureKind, Refused
from dbtui.domain.models import Table
from dbtui.domain.values import Item, Path, Value, value_size

EXPRESSION_BYTES: Final = 4096
OPERATORS: Final = 300
SUBSTITUTION_BYTES: Final = 2 * 1024 * 1024

_OPERATOR: Final = re.compile(r"=|\bAND\b|\w+\(|\.|,")


class Expressions:
    """The condition and the update of one request, and the names and values they share."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: list[Value] = []
        self._conditions: dict[str, None] = {}

    def item_exists(self, table: Table) -> None:
        self._require(f"attribute_exists({self._name(_partition(table))})")

    def item_absent(self, table: Table) -> None:
        self._require(f"attribute_not_exists({self._name(_partition(table))})")

    def unchanged(self, table: Table, base: Item) -> None:
        """Requires every attribute of ``base`` but its key; and that no attribute came to be that is an index key.

        No condition can tell that attributes with other names were added.
        """
        keys = {part.name for part in table.keys}
        for name, value in base.items():
            if name not in keys:
                self.still((name,), value, None)
        for name in sorted({part.name for index in table.indexes for part in index.keys} - keys - base.keys()):
            self.still((name,), None, None)

    def still(self, path: Path, value: Value | None, after: Value | None) -> None:
        """Requires that ``path`` still has this value, or nothing.

        Where something is to be put into a map, the map must be there: the update would be invalid without it.
        """
        if value is not None:
            self._require(f"{self.path(path)} = {self._value(value)}")
            return
        if len(path) > 1 and after is not None:
            self._require(f"attribute_type({self.path(path[:-1])}, {self._value({'S': 'M'})})")
        self._require(f"attribute_not_exists({self.path(path)})")

    def assignment(self, path: Path, value: Value) -> str:
        return f"{self.path(path)} = {self._value(value)}"

    def path(self, path: Path) -> str:
        return ".".join(self._name(str(part)) for part in path)

    def parameters(self, *, update: str = "") -> dict[str, Any]:
        """The request's expression parameters; raises :class:`Refused` INVALID when they are beyond the limits."""
        condition = " AND ".join(self._conditions)
        self._check_size(condition, "condition")
        self._check_size(update, "update")
        found: dict[str, Any] = {"UpdateExpression": update} if update else {}
        found["ConditionExpression"] = condition
        found["ExpressionAttributeNames"] = {short: name for name, short in self._names.items()}
        if self._values:
            found["ExpressionAttributeValues"] = {f":{_digits(n)}": value for n, value in enumerate(self._values)}
        return found

    def _require(self, condition: str) -> None:
        self._conditions[condition] = None

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#{_digits(len(self._names))}")

    def _value(self, value: Value) -> str:
        """The placeholder of a value; one that is given twice in the same form has one."""
        for number, known in enumerate(self._values):
            if known == value:
                return f":{_digits(number)}"
        self._values.append(value)
        return f":{_digits(len(self._values) - 1)}"

    def _check_size(self, expression: str, what: str) -> None:
        length, operators = len(expression), len(_OPERATOR.findall(expression))
        sizes = [len(name.encode()) for name in self._names] + [value_size(value) for value in self._values]
        reason = ""
        if length > EXPRESSION_BYTES:
            reason = f"its {what} would have {units.count(length)} characters, DynamoDB takes {EXPRESSION_BYTES:,}"
        elif operators > OPERATORS:
            reason = f"its {what} would have {operators} operators, DynamoDB takes {OPERATORS}"
        elif sum(sizes) > SUBSTITUTION_BYTES:
            reason = f"its values would have {units.size(sum(sizes))}, DynamoDB takes {units.size(SUBSTITUTION_BYTES)}"
        if reason:
            raise Refused(
                f"Too many changes for one write: {reason}.",
                hint="Nothing was sent. Write them in two or more steps.",
                kind=FailureKind.INVALID,
            )


_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def _digits(number: int) -> str:
    """A short placeholder name: 0 … z, 10 …"""
    text = ""
    while True:
        number, digit = divmod(number, len(_ALPHABET))
        text = _ALPHABET[digit] + text
        if not number:
            return text


def _partition(table: Table) -> str:
    """The partition key's name: every item of the table has it."""
    return next(part.name for part in table.keys if part.role == "HASH")
