"""Hypothesis strategies for attribute values and items: legal ones, with a liking for what is hard."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dbtui.domain.values import Item, Value, number_key
from tests import torture

_TAGS = ("S", "N", "M", "NULL", "$", "$$", "$n", "$b", "$ss", "$ns", "$bs", "$$ss", "$keep", "$$keep", "$other")


def texts(max_size: int = 20) -> SearchStrategy[str]:
    """Any text without lone surrogates, often a nasty one."""
    return st.one_of(st.sampled_from(tuple(torture.TEXTS.values())), st.text(max_size=max_size))


def names() -> SearchStrategy[str]:
    """Attribute names, often ones that look like a type's tag or need quoting."""
    hard = st.sampled_from((*_TAGS, *torture.NAMES))
    return st.one_of(hard, st.text(min_size=1, max_size=8), st.sampled_from("abc"))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """The text of a number DynamoDB stores, in any spelling: `12`, `-1.20`, `1E+125`, `.5`, `+3`, 1 and 50 zeros."""
    digits = draw(st.integers(0, 10 ** draw(st.integers(1, 38)) - 1).map(str)).strip("0") or "0"
    exponent = draw(st.one_of(st.integers(-5, 5), st.integers(-130, 125)))
    sign = draw(st.sampled_from(("", "", "-", "-", "+")))
    spelling = draw(st.sampled_from(("scientific", "plain", "zeros")))
    if spelling == "scientific" or abs(exponent) > 60:
        point = "." if len(digits) > 1 else ""
        letter = draw(st.sampled_from(("E", "e")))
        return f"{sign}{digits[0]}{point}{digits[1:]}{letter}{exponent:+d}"
    if exponent < 0:
        text = "0." + "0" * (-exponent - 1) + digits
    elif len(digits) <= exponent + 1:
        text = digits.ljust(exponent + 1, "0")
    else:
        text = f"{digits[: exponent + 1]}.{digits[exponent + 1 :]}"
    if spelling == "zeros":
        text = "00" + text + ("00" if "." in text else ".0")
    return sign + text


def binaries() -> SearchStrategy[bytes]:
    return st.binary(max_size=12)


def scalars() -> SearchStrategy[Value]:
    """Values of the types S, N, B, BOOL and NULL."""
    return st.one_of(
        _typed("S", texts()), _typed("N", numbers()), _typed("B", binaries()), _typed("BOOL", st.booleans()), _null()
    )


def sets() -> SearchStrategy[Value]:
    """Values of the types SS, NS and BS."""
    return st.one_of(
        _typed("SS", st.lists(texts(8), min_size=1, max_size=5, unique=True)),
        _typed("NS", st.lists(numbers(), min_size=1, max_size=5, unique_by=number_key)),
        _typed("BS", st.lists(binaries(), min_size=1, max_size=5, unique=True)),
    )


def values(max_leaves: int = 15) -> SearchStrategy[Value]:
    """Values of all ten types, nested."""
    return st.recursive(
        st.one_of(scalars(), sets()),
        lambda inner: st.one_of(
            _typed("L", st.lists(inner, max_size=5)), _typed("M", st.dictionaries(names(), inner, max_size=4))
        ),
        max_leaves=max_leaves,
    )


def items(max_size: int = 6) -> SearchStrategy[Item]:
    """Items of any attributes, without a key."""
    return st.dictionaries(names(), values(), max_size=max_size)


def keyed_items(key: str = "id", max_size: int = 6) -> SearchStrategy[Item]:
    """Items with a string key that is not empty."""
    keys = _typed("S", texts().filter(bool))
    return st.builds(lambda value, others: {**others, key: value}, keys, items(max_size))


def _typed(kind: str, contents: SearchStrategy[Any]) -> SearchStrategy[Value]:
    return contents.map(lambda content: {kind: content})


def _null() -> SearchStrategy[Value]:
    return st.just({"NULL": True})
