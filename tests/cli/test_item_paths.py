"""Attribute paths as they are typed, and JSON as it is handed to terminals and pipes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.cli.items.paths import check_apart, put_at, read_path, remove_at, split_assignment
from dbtui.cli.render import json_escaped, json_verbatim
from dbtui.domain.failures import Refused, UsageError
from dbtui.domain.values import Item, Path, copy_item, path_text

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: all(not 0xD800 <= ord(c) < 0xE000 for c in text))
PATHS = st.tuples(NAMES, st.lists(NAMES | st.integers(0, 99), max_size=4)).map(lambda parts: (parts[0], *parts[1]))


@given(PATHS)
def test_a_path_reads_back_from_how_it_is_shown(path: Path) -> None:
    assert read_path(path_text(path)) == path
    assert split_assignment(f'{path_text(path)}="a=b"') == (path, '"a=b"')


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b[0]", ("a", "b", 0)),
        ("two words[1][2].x", ("two words", 1, 2, "x")),
        ('"a.b"."c=d"[3]', ("a.b", "c=d", 3)),
        ("#name.$ss", ("#name", "$ss")),
    ],
)
def test_paths(text: str, path: Path) -> None:
    assert read_path(text) == path


@pytest.mark.parametrize(
    "text", ["", ".a", "a.", "a..b", "[0]", "a[", "a[x]", "a[-1]", '"a', '"a"b', "a[0]b", "a=1", " a", "a ", "a .b"]
)
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(UsageError):
        read_path(text)


def test_paths_may_not_overlap() -> None:
    check_apart([("a", "b"), ("a", "c"), ("ab",)])
    for paths in ([("a",), ("a",)], [("a", "b"), ("a",)], [("a", 0), ("a", 0, "x")]):
        with pytest.raises(UsageError, match="overlap"):
            check_apart(paths)


ITEM: Item = {"m": {"M": {"x": {"S": "1"}}}, "l": {"L": [{"S": "0"}, {"S": "1"}, {"M": {}}]}, "s": {"S": ""}}


def test_setting_and_removing_inside_maps_and_lists() -> None:
    item = copy_item(ITEM)
    put_at(item, ("m", "y"), {"N": "1"})
    put_at(item, ("l", 2, "z"), {"BOOL": True})
    put_at(item, ("l", 3), {"S": "new"})
    assert item["m"] == {"M": {"x": {"S": "1"}, "y": {"N": "1"}}}
    assert item["l"]["L"][2:] == [{"M": {"z": {"BOOL": True}}}, {"S": "new"}]
    absent = remove_at(item, [("l", 0), ("l", 2), ("s",), ("nothing", "here")])
    assert absent == [("nothing", "here")]
    assert item == {"m": item["m"], "l": {"L": [{"S": "1"}, {"S": "new"}]}}


@pytest.mark.parametrize("path", [("m", 0), ("l", "x"), ("l", 4), ("s", "x"), ("gone", "x"), ("l", 0, 0)])
def test_what_cannot_hold_a_value_is_refused(path: Path) -> None:
    with pytest.raises(Refused, match="cannot be set"):
        put_at(copy_item(ITEM), path, {"N": "1"})


@given(st.text(), st.booleans())
def test_json_means_the_same_verbatim_and_escaped(text: str, escaped: bool) -> None:
    document = json.dumps({"v": text}, ensure_ascii=escaped)
    verbatim = json_verbatim(document)
    assert json.loads(verbatim) == {"v": text}
    assert not escaped or verbatim.splitlines() == [verbatim]
    assert json.loads(json_escaped(verbatim, terminal=True, ascii_only=False)) == {"v": text}
    assert json_escaped(verbatim, terminal=True, ascii_only=True).isascii()
    assert json.loads(json_escaped(verbatim, terminal=False, ascii_only=True)) == {"v": text}
