"""What to read of a table: a Query by key conditions or a Scan, as the parameters of one request."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from dbtui.domain.failures import FailureKind, Refused, UsageError
from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.values import TYPE_WORDS, Value, content, order, read_key_value, type_of

READ_UNIT_BYTES: Final = 4096
OPERATORS: Final = ("=", "<", "<=", ">", ">=", "between", "begins_with")


class SortCondition(msgspec.Struct, frozen=True):
    """A condition on one sort key part: `between` has two values, every other operator one."""

    operator: str
    values: tuple[Value, ...]


class ScanOf(msgspec.Struct, frozen=True):
    """All items of a table or index. ``index`` is ``""`` for the table itself."""

    table: Table
    index: str = ""
    consistent: bool = False

    @property
    def operation(self) -> Literal["Scan"]:
        return "Scan"

    def check(self) -> None:
        """Raises UsageError for an unknown index, Refused for what DynamoDB does not offer."""
        _check_consistency(self.table, self.index, self.consistent)

    def parameters(self) -> dict[str, Any]:
        """The parameters of every request of this Scan, without page and segment."""
        return _target_parameters(self.table, self.index, self.consistent)


class KeyQuery(msgspec.Struct, frozen=True):
    """The items of one partition of a table or index, by sort key conditions.

    ``partition`` holds one value for each partition key part in the order of the key schema; ``sort`` the conditions on
    the sort key parts from left to right, of which only the last may be a range.
    """

    table: Table
    index: str = ""
    partition: tuple[Value, ...] = ()
    sort: tuple[SortCondition, ...] = ()
    descending: bool = False
    consistent: bool = False

    @property
    def operation(self) -> Literal["Query"]:
        return "Query"

    def check(self) -> None:
        """Raises UsageError where the words make no sense, Refused for what DynamoDB does not offer."""
        _check_consistency(self.table, self.index, self.consistent)
        hash_parts, sort_parts = partition_parts(self.table, self.index), sort_parts_of(self.table, self.index)
        if len(self.partition) != len(hash_parts):
            names = ", ".join(part.name for part in hash_parts)
            raise UsageError(f"A query needs a value for each partition key attribute: {names}.")
        if len(self.sort) > len(sort_parts):
            raise UsageError(_too_many_conditions(self.table, self.index, sort_parts))
        for part, value in zip(hash_parts, self.partition, strict=True):
            _check_type(part, value)
        for place, (part, condition) in enumerate(zip(sort_parts, self.sort, strict=False), 1):
            _check_condition(part, condition)
            if condition.operator != "=" and place < len(self.sort):
                raise Refused(
                    f"Only the last sort key condition may be a range; {part.name} needs =.", kind=FailureKind.INVALID
                )

    def parameters(self) -> dict[str, Any]:
        """The parameters of every request of this Query, without page. Names and values are always placeholders."""
        expression = _Expression()
        parts = zip(partition_parts(self.table, self.index), self.partition, strict=True)
        conditions = zip(sort_parts_of(self.table, self.index), self.sort, strict=False)
        terms = [expression.term(part.name, SortCondition("=", (value,))) for part, value in parts]
        terms += [expression.term(part.name, condition) for part, condition in conditions]
        parameters = _target_parameters(self.table, self.index, self.consistent) | {
            "KeyConditionExpression": " AND ".join(terms),
            "ExpressionAttributeNames": expression.names,
            "ExpressionAttributeValues": expression.values,
        }
        if self.descending:
            parameters["ScanIndexForward"] = False
        return parameters


class Estimate(msgspec.Struct, frozen=True):
    """What a Scan will cost, by DynamoDB's own figures, which are up to six hours old."""

    bytes: int
    read_units: float


def estimate(scan: ScanOf) -> Estimate | None:
    """The size and the cost in read capacity units of reading all; ``None`` while AWS has told no size."""
    index = index_of(scan.table, scan.index)
    size = scan.table.size_bytes if index is None else index.size_bytes
    if size is None:
        return None
    return Estimate(size, read_units(size, consistent=scan.consistent))


def read_units(size: int, *, consistent: bool = False) -> float:
    """Read capacity units for so many bytes read together: one for each 4 KB, half of that if eventually consistent."""
    return math.ceil(size / READ_UNIT_BYTES) * (1.0 if consistent else 0.5)


def read_query(
    table: Table,
    index: str,
    partition: Sequence[str],
    conditions: Sequence[tuple[str, Sequence[str]]] = (),
    *,
    descending: bool = False,
    consistent: bool = False,
) -> KeyQuery:
    """A checked query from what was typed: texts are read by the types of the key schema (binary as base64).

    ``conditions`` are pairs of operator and texts, in the order of the sort key parts.
    """
    hash_parts, sort_parts = partition_parts(table, index), sort_parts_of(table, index)
    if len(conditions) > len(sort_parts):
        raise UsageError(_too_many_conditions(table, index, sort_parts))
    query = KeyQuery(
        table,
        index,
        tuple(_read(part, text) for part, text in zip(hash_parts, partition, strict=False)),
        tuple(
            SortCondition(operator, tuple(_read(part, text) for text in texts))
            for part, (operator, texts) in zip(sort_parts, conditions, strict=False)
        ),
        descending,
        consistent,
    )
    query.check()
    if len(partition) > len(hash_parts):
        raise UsageError(f"There are {len(partition)} partition values for {len(hash_parts)} key attributes.")
    return query


def index_of(table: Table, index: str) -> Index | None:
    """The index of this name; ``None`` for the table itself (``""``). Raises UsageError if there is no such index."""
    if not index:
        return None
    for candidate in table.indexes:
        if candidate.name == index:
            return candidate
    known = ", ".join(candidate.name for candidate in table.indexes) or "none"
    raise UsageError(f"Table {table.ref.id} has no index {index}.", hint=f"Indexes: {known}.")


def key_parts(table: Table, index: str = "") -> tuple[KeyPart, ...]:
    """The key schema of the table or of one of its indexes."""
    found = index_of(table, index)
    return table.keys if found is None else found.keys


def partition_parts(table: Table, index: str = "") -> tuple[KeyPart, ...]:
    """The partition key attributes; a global index may have four."""
    return tuple(part for part in key_parts(table, index) if part.role == "HASH")


def sort_parts_of(table: Table, index: str = "") -> tuple[KeyPart, ...]:
    """The sort key attributes: none, one, or up to four for a global index."""
    return tuple(part for part in key_parts(table, index) if part.role == "RANGE")


class _Expression:
    """Placeholders for names and values in the order in which they come."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}

    def term(self, name: str, condition: SortCondition) -> str:
        placeholder = f"#{len(self.names)}"
        self.names[placeholder] = name
        values = [self._value(value) for value in condition.values]
        if condition.operator == "between":
            return f"{placeholder} BETWEEN {values[0]} AND {values[1]}"
        if condition.operator == "begins_with":
            return f"begins_with({placeholder}, {values[0]})"
        return f"{placeholder} {condition.operator} {values[0]}"

    def _value(self, value: Value) -> str:
        placeholder = f":{len(self.values)}"
        self.values[placeholder] = value
        return placeholder


def _target_parameters(table: Table, index: str, consistent: bool) -> dict[str, Any]:
    parameters: dict[str, Any] = {"TableName": table.ref.id}
    if index:
        parameters["IndexName"] = index
    if consistent:
        parameters["ConsistentRead"] = True
    return parameters


def _check_consistency(table: Table, index: str, consistent: bool) -> None:
    found = index_of(table, index)
    if consistent and found is not None and found.is_global:
        raise Refused(
            f"A consistent read of {index} is not possible: a global index is only ever eventually consistent.",
            hint="Read the table, or without consistency.",
            kind=FailureKind.INVALID,
        )


def _check_condition(part: KeyPart, condition: SortCondition) -> None:
    operator, values = condition.operator, condition.values
    if operator not in OPERATORS:
        raise UsageError(f"{operator!r} is no key condition.", hint=f"There are {', '.join(OPERATORS)}.")
    if len(values) != (2 if operator == "between" else 1):
        raise UsageError(f"{operator} on {part.name} takes {'two values' if operator == 'between' else 'one value'}.")
    if operator == "begins_with" and part.type == "N":
        raise Refused(
            f"begins_with cannot be used on {part.name}: it is a number, and numbers have no beginning.",
            hint="Use between or a comparison.",
            kind=FailureKind.INVALID,
        )
    for value in values:
        _check_type(part, value)
    if operator == "between" and order(values[0]) > order(values[1]):
        raise UsageError(f"between on {part.name}: the first value is above the second.")


def _check_type(part: KeyPart, value: Mapping[str, Any]) -> None:
    if part.type and type_of(dict(value)) != part.type:
        has = TYPE_WORDS[type_of(dict(value))]
        raise UsageError(f"{part.name} is a {TYPE_WORDS[part.type]}, not a {has}.")
    if content(dict(value)) in ("", b""):
        raise UsageError(f"{part.name}: a key value cannot be empty.")


def _read(part: KeyPart, text: str) -> Value:
    if not part.type:
        raise Refused(f"The type of {part.name} is not known.", hint="Describe the table first.")
    try:
        return read_key_value(text, part.type)
    except UsageError as error:
        raise UsageError(f"{part.name}: {error.failure.title}") from None


def _too_many_conditions(table: Table, index: str, sort_parts: Sequence[KeyPart]) -> str:
    whose = f"Index {index}" if index else f"Table {table.ref.id}"
    if not sort_parts:
        return f"{whose} has no sort key."
    return f"{whose} has {len(sort_parts)} sort key attribute{'s' * (len(sort_parts) > 1)}, not more."
