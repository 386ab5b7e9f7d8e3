"""Names that are proposed are names AWS accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.actions.names import LIMITS, check_name, propose
from tests.unit.actions.builders import NOW

SOURCES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,250}", fullmatch=True)


@given(source=SOURCES, kind=st.sampled_from(list(LIMITS)), taken=st.integers(0, 12))
def test_a_proposed_name_is_legal_and_free(source: str, kind: str, taken: int) -> None:
    used: list[str] = []
    for _ in range(taken):
        used.append(propose(source, kind, NOW, used))
    name = propose(source, kind, NOW, used)
    assert check_name(name, kind) is None
    assert name.lower() not in {other.lower() for other in used}


def test_the_usual_name() -> None:
    assert propose("orders-db", "instance", NOW, ()) == "orders-db-20261123-0915"
    assert propose("orders-db", "instance", NOW, ("ORDERS-DB-20261123-0915",)) == "orders-db-20261123-0915-2"
    assert len(propose("x" * 63, "cluster", NOW, ())) == 63


@pytest.mark.parametrize(
    ("name", "kind", "problem"),
    [
        ("", "instance", "a name is needed"),
        ("1abc", "instance", "the first character must be a letter"),
        ("élan", "instance", "the first character must be a letter"),
        ("a_b", "instance", "only letters, digits and hyphens"),
        ("a--b", "cluster", "no two hyphens in a row and none at the end"),
        ("a-", "cluster", "no two hyphens in a row and none at the end"),
        ("x" * 64, "cluster", "at most 63 characters, this has 64"),
        ("ab", "table", "at least 3 characters"),
        ("a b c", "table", "only letters, digits, underscore, dot and hyphen"),
        ("ab\n", "table", "only letters, digits, underscore, dot and hyphen"),
    ],
)
def test_names_aws_would_refuse(name: str, kind: str, problem: str) -> None:
    assert check_name(name, kind) == problem
