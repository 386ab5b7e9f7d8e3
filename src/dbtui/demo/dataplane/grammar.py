"""Condition, filter and key-condition expressions read into trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from dbtui.demo.dataplane.lexer import Words
from dbtui.demo.dataplane.placeholders import Path, Placeholders, read_path
from dbtui.demo.dataplane.values import Value, canonical, rank, type_of

COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
MOST_IN_LIST = 100
_ARITY = {"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2}
_ONLY_PATHS = ("attribute_exists", "attribute_not_exists")
_UPDATE_FUNCTIONS = ("if_not_exists", "list_append")
_TYPES = {"S", "N", "B", "SS", "NS", "BS", "BOOL", "NULL", "L", "M"}
_TYPE_NAMES = {
    "S": "STRING", "N": "NUMBER", "B": "BINARY", "SS": "STRING_SET", "NS": "NUMBER_SET", "BS": "BINARY_SET",
    "BOOL": "BOOLEAN", "NULL": "NULL", "L": "LIST", "M": "MAP",
}  # fmt: skip


@dataclass(frozen=True)
class PathOf:
    path: Path


@dataclass(frozen=True)
class Literal:
    value: Value


@dataclass(frozen=True)
class Size:
    path: Path


Operand: TypeAlias = PathOf | Literal | Size


@dataclass(frozen=True)
class Compare:
    operator: str
    left: Operand
    right: Operand


@dataclass(frozen=True)
class Between:
    operand: Operand
    low: Operand
    high: Operand


@dataclass(frozen=True)
class Among:
    operand: Operand
    choices: tuple[Operand, ...]


@dataclass(frozen=True)
class Function:
    name: str
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Not:
    inner: Condition


@dataclass(frozen=True)
class Both:
    left: Condition
    right: Condition


@dataclass(frozen=True)
class Either:
    left: Condition
    right: Condition


Condition: TypeAlias = Compare | Between | Among | Function | Not | Both | Either


def type_name(value: Value) -> str:
    """DynamoDB's word for a type in messages."""
    return _TYPE_NAMES[type_of(value)]


def read_condition(text: str, title: str, placeholders: Placeholders) -> Condition:
    reader = _Reader(Words(text, title), placeholders)
    condition = reader.either()
    reader.words.need_end()
    return condition


class _Reader:
    def __init__(self, words: Words, placeholders: Placeholders) -> None:
        self.words = words
        self.placeholders = placeholders
        self._group = (0, 0)
        """From which word to which the last parentheses reach."""

    def either(self) -> Condition:
        found = self.both()
        while self.words.took_keyword("OR"):
            found = Either(found, self.both())
        return found

    def both(self) -> Condition:
        found = self.negation()
        while self.words.took_keyword("AND"):
            found = Both(found, self.negation())
        return found

    def negation(self) -> Condition:
        if self.words.took_keyword("NOT"):
            return Not(self.negation())
        return self.primary()

    def primary(self) -> Condition:
        words = self.words
        if words.took_sign("("):
            return self._parenthesised()
        if words.next.kind == "name" and words.following.text == "(" and words.next.text != "size":
            return self._function()
        return self._comparison(self.operand())

    def _parenthesised(self) -> Condition:
        words = self.words
        start = words.position
        found = self.either()
        if self._group == (start, words.position):
            raise words.refused("The expression has redundant parentheses;")
        words.need_sign(")")
        self._group = (start - 1, words.position)
        return found

    def operand(self) -> Operand:
        words = self.words
        if words.next.kind == "value":
            return Literal(self.placeholders.value(words, words.take().text))
        if words.next.text == "size" and words.following.text == "(":
            return self._size()
        return PathOf(read_path(words, self.placeholders))

    def _size(self) -> Operand:
        words = self.words
        words.take()
        words.need_sign("(")
        operand = self.operand()
        words.need_sign(")")
        if not isinstance(operand, PathOf):
            raise words.refused("Operator or function requires a document path; operator or function: size")
        return Size(operand.path)

    def _comparison(self, left: Operand) -> Condition:
        words = self.words
        if words.is_sign(*COMPARISONS):
            return self._compare(left, words.take().text)
        if words.took_keyword("BETWEEN"):
            return self._between(left)
        if words.took_keyword("IN"):
            return self._among(left)
        if isinstance(left, Size):
            raise words.refused("The function is not allowed to be used this way in an expression; function: size")
        raise words.unexpected()

    def _compare(self, left: Operand, operator: str) -> Condition:
        right = self.operand()
        if isinstance(left, PathOf) and left == right:
            path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in left.path)[1:]
            raise self.words.refused(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {operator}, first operand: [{path}]"
            )
        if operator not in ("=", "<>"):
            self._need_ordered(operator, left, right)
        return Compare(operator, left, right)

    def _need_ordered(self, operator: str, *operands: Operand) -> None:
        for operand in operands:
            if isinstance(operand, Literal) and type_of(operand.value) not in ("S", "N", "B"):
                raise self.words.refused(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {operator}, operand type: {type_name(operand.value)}"
                )

    def _between(self, left: Operand) -> Condition:
        low = self.operand()
        if not self.words.took_keyword("AND"):
            raise self.words.unexpected()
        high = self.operand()
        self._need_ordered("BETWEEN", left, low, high)
        if isinstance(low, Literal) and isinstance(high, Literal):
            self._need_sound_bounds(low.value, high.value)
        return Between(left, low, high)

    def _need_sound_bounds(self, low: Value, high: Value) -> None:
        kind = type_of(low)
        if kind != type_of(high):
            raise self.words.refused(
                "The BETWEEN operator requires same data type for lower and upper bounds; "
                f"lower bound operand: AttributeValue: {_shown(low)}, "
                f"upper bound operand: AttributeValue: {_shown(high)}"
            )
        if rank(kind, low[kind]) > rank(kind, high[kind]):  # type: ignore[operator]
            raise self.words.refused(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                f"lower bound operand: AttributeValue: {_shown(low)}, "
                f"upper bound operand: AttributeValue: {_shown(high)}"
            )

    def _among(self, left: Operand) -> Condition:
        self.words.need_sign("(")
        choices = self._operands()
        if len(choices) > MOST_IN_LIST:
            raise self.words.refused(
                "Incorrect number of operands for operator or function; "
                f"operator or function: IN, number of operands: {len(choices) + 1}"
            )
        return Among(left, choices)

    def _operands(self) -> tuple[Operand, ...]:
        """The rest of an operand list whose parenthesis is open."""
        found = [self.operand()]
        while self.words.took_sign(","):
            found.append(self.operand())
        self.words.need_sign(")")
        return tuple(found)

    def _function(self) -> Condition:
        words = self.words
        name = words.take().text
        if name in _UPDATE_FUNCTIONS:
            raise words.refused(f"The function is not allowed in a condition expression; function: {name}")
        if name not in _ARITY:
            raise words.refused(f"Invalid function name; function: {name}")
        words.need_sign("(")
        operands = self._operands()
        if len(operands) != _ARITY[name]:
            raise words.refused(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(operands)}"
            )
        self._check_function(name, operands)
        return Function(name, operands)

    def _check_function(self, name: str, operands: tuple[Operand, ...]) -> None:
        words = self.words
        if name in _ONLY_PATHS and not isinstance(operands[0], PathOf):
            raise words.refused(f"Operator or function requires a document path; operator or function: {name}")
        if len(operands) == 1:
            return
        if operands[0] == operands[1]:
            raise words.refused(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {name}"
            )
        second = operands[1]
        if name == "attribute_type":
            self._check_type_operand(second)
        elif name == "begins_with" and isinstance(second, Literal) and type_of(second.value) not in ("S", "B"):
            raise words.refused(
                "Incorrect operand type for operator or function; "
                f"operator or function: begins_with, operand type: {type_of(second.value)}"
            )

    def _check_type_operand(self, operand: Operand) -> None:
        words = self.words
        if not isinstance(operand, Literal) or type_of(operand.value) != "S":
            kind = type_of(operand.value) if isinstance(operand, Literal) else "path"
            raise words.refused(
                "Incorrect operand type for operator or function; "
                f"operator or function: attribute_type, operand type: {kind}"
            )
        if operand.value["S"] not in _TYPES:
            raise words.refused(
                f"Invalid attribute type name found; type: {operand.value['S']}, "
                "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
            )


def _shown(value: Value) -> str:
    kind, content = canonical(value)
    return f"{{{kind}:{content}}}"
