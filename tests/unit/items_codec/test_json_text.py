"""Reading JSON: what is right is read exactly, what is wrong is told with its place and in plain words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.domain.failures import FailureKind
from dbtui.domain.json_text import MAX_DEPTH, Node, TextError, quoted, read

HALF = "half a character (a lone surrogate): it cannot be stored; write the whole character"
MISTAKES = [
    ("", 1, 1, "the text ends here; expected a value"),
    ("  \n ", 2, 2, "the text ends here; expected a value"),
    ("// only a comment", 1, 18, "the text ends here; expected a value"),
    ("{", 1, 2, "the text ends here; expected a name in quotes"),
    ('{"a"', 1, 5, "the text ends here; expected a colon after the name"),
    ('{"a":', 1, 6, "the text ends here; expected a value"),
    ('{"a": 1', 1, 8, "the text ends here; the { of line 1 is not closed with }"),
    ('{\n"a": [1,\n2', 3, 2, "the text ends here; the [ of line 2 is not closed with ]"),
    ('{"a": 1,}', 1, 8, "remove this comma: nothing follows it before the }"),
    ('{"a": [1,\n]}', 1, 9, "remove this comma: nothing follows it before the ]"),
    ('{"a": [,1]}', 1, 8, "expected a value, found ,"),
    ('{"a": 1,,}', 1, 9, "expected a name in double quotes, found ,"),
    ('{"a": }', 1, 7, "expected a value, found }"),
    ("{,}", 1, 2, "expected a name in double quotes, found ,"),
    ("{1: 2}", 1, 2, 'names are written in double quotes: "1"'),
    ("{a: 1}", 1, 2, 'names are written in double quotes: "a"'),
    ("{'a': 1}", 1, 2, "texts are written in double quotes"),
    ("{\"a\": 'b'}", 1, 7, "texts are written in double quotes"),
    ('{"a": b c}', 1, 7, 'expected a value; texts are written in double quotes: "b"'),
    ('{"a" 1}', 1, 6, "expected a colon after the name, found 1"),
    ('{"a", 1}', 1, 5, "expected a colon after the name, found ,"),
    ('{"a": 1 "b": 2}', 1, 9, 'expected a comma or }, found "'),
    ('{"a": "b" "c"}', 1, 11, 'expected a comma or }, found "'),
    ('{"a": [1}', 1, 9, "expected a comma or ], found }"),
    ('{"a": [1 2]}', 1, 10, "expected a comma or ], found 2"),
    ('{"a": 1]', 1, 8, "expected a comma or }, found ]"),
    ("{]", 1, 2, "expected a name in double quotes, found ]"),
    ("[}", 1, 2, "expected a value, found }"),
    ('{"a": 1} x', 1, 10, "the value ended before this; found x"),
    ("{}\n\n{}", 3, 1, "the value ended before this; found {"),
    ('{"a": "b', 1, 7, "the closing quote of this text is missing"),
    ('{"a": "b,\n"c": 1}', 1, 7, "the closing quote of this text is missing"),
    ('{"a: 1}', 1, 2, "the closing quote of this text is missing"),
    ('{"a": "b\\', 1, 7, "the closing quote of this text is missing"),
    ('{"a": "\\x41"}', 1, 8, "\\x means nothing in JSON; a backslash is written \\\\"),
    ('{"a": "C:\\temp\\\'s"}', 1, 15, "\\' means nothing in JSON; a backslash is written \\\\"),
    ('{"a": "\\u12"}', 1, 8, "\\u takes four hexadecimal digits"),
    ('{"a": "b\tc"}', 1, 9, "a tab is written \\t inside quotes"),
    ('{"a": "b\x00c"}', 1, 9, "this control character is written \\u0000 inside quotes"),
    ('{"a": 01}', 1, 7, 'a number has no zero before it; a text is written in quotes: "01"'),
    ('{"a": -01.5}', 1, 7, 'a number has no zero before it; a text is written in quotes: "-01.5"'),
    ('{"a": .5}', 1, 7, "a number needs a digit before the point: 0.5"),
    ('{"a": -.5}', 1, 7, "a number needs a digit before the point: -0.5"),
    ('{"a": 5.}', 1, 7, "a number needs a digit after the point"),
    ('{"a": 5.e3}', 1, 7, "a number needs a digit after the point"),
    ('{"a": 1e}', 1, 7, "a number needs a digit after the E"),
    ('{"a": 1E+}', 1, 7, "a number needs a digit after the E"),
    ('{"a": +5}', 1, 7, "a number has no + before it: 5"),
    ('{"a": 0x10}', 1, 7, 'not a number; a text is written in quotes: "0x10"'),
    ('{"a": 2024-01-01}', 1, 7, 'not a number; a text is written in quotes: "2024-01-01"'),
    ('{"a": 12abc}', 1, 7, 'not a number; a text is written in quotes: "12abc"'),
    ('{"a": 1_000}', 1, 7, 'not a number; a text is written in quotes: "1_000"'),
    ("12abc", 1, 1, 'not a number; a text is written in quotes: "12abc"'),
    ('{"a": NaN}', 1, 7, "DynamoDB has no number NaN"),
    ('{"a": -Infinity}', 1, 7, "DynamoDB has no number Infinity"),
    ('{"a": True}', 1, 7, "write true"),
    ('{"a": None}', 1, 7, "write null"),
    ('{"a": truex}', 1, 7, 'expected a value; texts are written in double quotes: "truex"'),
    ('{"a": 1 // why\n}', 1, 9, "a comment takes a line of its own that starts with //"),
    ('{"a": /* why */ 1}', 1, 7, "a comment takes a line of its own that starts with //"),
    ("# why\n{}", 1, 1, "a comment takes a line of its own that starts with //"),
    ('{"a": 1, "b": 2,\n "a": 3}', 2, 2, 'the name "a" is here a second time'),
    ('{"m": {"é": 1, "\\u00e9": 2}}', 1, 16, 'the name "é" is here a second time'),
    ('{"a": "\\ud800"}', 1, 8, HALF),
    ('{"a": "\\udc00\\ud800"}', 1, 8, HALF),
    ('{"a": "x\\\\\\ud83d"}', 1, 11, HALF),
    ('{"\\udfff": 1}', 1, 3, HALF),
    ('{"a": "\ud83d"}', 1, 8, HALF),
    ('{"a":\x0b1}', 1, 6, "expected a value, found \\x0b"),
    ('{"a": \u201cb\u201d}', 1, 7, "expected a value, found “"),
    ('{"a": 1}\x1b', 1, 9, "the value ended before this; found \\x1b"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason"), MISTAKES)
def test_a_mistake_is_told_where_and_why(text: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(TextError) as error:
        read(text)
    assert (error.value.line, error.value.column, error.value.reason) == (line, column, reason)
    assert error.value.failure.title == f"line {line}, column {column}: {reason}"
    assert error.value.failure.kind is FailureKind.INVALID


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"a":[', " [\n"])
def test_a_bomb_of_brackets_is_an_error_like_any_other(opening: str) -> None:
    with pytest.raises(TextError, match=f"brackets more than {MAX_DEPTH} deep"):
        read(opening * 100_000)


def test_brackets_up_to_the_limit_are_read() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).kind == "array"


@pytest.mark.parametrize(
    "number", ["0", "-0", "1.10", "1E+125", "1e-130", "12345678901234567890123456789012345678", "-0.0e0"]
)
def test_a_number_keeps_its_text(number: str) -> None:
    assert read(f"[{number}]").content == [Node("number", 1, number)]
    assert read(number) == Node("number", 0, number)


def test_every_value_knows_where_it_starts() -> None:
    root = read('{"a": [1, "x\\n", true],\n "b\\u0041": null}')
    a, b = root.content["a"], root.content["bA"]
    assert (a.key_start, a.start) == (1, 6)
    assert [(node.kind, node.start) for node in a.content] == [("number", 7), ("string", 10), ("true", 17)]
    assert (b.key_start, b.start, b.kind) == (25, 36, "null")


def test_lines_that_start_with_slashes_are_comments_and_positions_stay() -> None:
    root = read('// table Orders\n{\n  // "a": 2,\n"a": "// text",\r\n\t//\n"b": 1\n}\n// end')
    assert root.content["a"] == Node("string", 36, "// text", 31)
    assert root.content["b"].content == "1"


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm() -> None:
    assert read('\ufeff{"a":\r\n 1}\r\n').content["a"].start == 9


def test_surrogate_pairs_are_one_character() -> None:
    assert read('"\\ud83d\\ude00 \\\\ud83d \\u00e9"').content == "😀 \\ud83d é"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("é日😀 a/b", '"é日😀 a/b"'),
        ('"\\', '"\\"\\\\"'),
        ("\n\t\x00\x1b\x7f\x85", '"\\n\\t\\u0000\\u001b\\u007f\\u0085"'),
        ("\u2028\u2029\u202e\u2066\u061c\ufeff\u200b", '"\\u2028\\u2029\\u202e\\u2066\\u061c\\ufeff\\u200b"'),
        ("\U000e0041", '"\\udb40\\udc41"'),
        ("\ud800", '"\\ud800"'),
        ("👩\u200d👩", '"👩\u200d👩"'),
    ],
)
def test_text_is_written_so_that_an_editor_shows_all_of_it(text: str, written: str) -> None:
    assert quoted(text) == written
    assert json.loads(written) == text


def plain(node: Node) -> object:
    """The node as the standard library would decode it, numbers as text."""
    if node.kind == "object":
        return {name: plain(member) for name, member in node.content.items()}
    if node.kind == "array":
        return [plain(element) for element in node.content]
    words = {"true": True, "false": False, "null": None}
    return words.get(node.kind, (node.kind, node.content))


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=4)),
    max_leaves=12,
)


@given(JSON_VALUES, st.sampled_from((None, 0, 2, "\t")), st.booleans())
def test_all_json_of_the_standard_library_is_read(value: object, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)

    def shape(part: object) -> object:
        if isinstance(part, dict):
            return {name: shape(each) for name, each in part.items()}
        if isinstance(part, list):
            return [shape(each) for each in part]
        if isinstance(part, str):
            return ("string", part)
        return part if isinstance(part, bool) or part is None else ("number", json.dumps(part))

    assert plain(read(text)) == shape(value)


@given(st.text(alphabet='{}[],:"\\ \n/01-+.eEtrufalsn\t', max_size=12))
def test_it_accepts_what_the_standard_library_accepts(text: str) -> None:
    """Apart from comments, duplicate names and Python's own NaN and Infinity, which the alphabet cannot spell."""
    try:
        json.loads(text)
    except ValueError:
        expected = False
    else:
        expected = True
    try:
        read(text)
    except TextError as error:
        accepted = "second time" in error.reason
    else:
        accepted = True
    assert accepted == expected or "//" in text
