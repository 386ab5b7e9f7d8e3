"""Items that break tools which are not exact, for a table keyed by a string ``id``: each id names its hazard."""

from __future__ import annotations

from dbtui.domain.values import Item, Value, item_size

MAX_ITEM_BYTES = 400 * 1024
# Emulators count a little differently and refuse sooner (moto beyond 405,000 bytes of its own counting).
_SPARE = 8_000

NUMBERS = {
    "zero": "0",
    "negative zero": "-0",
    "beyond a float's integers": "9007199254740993",
    "nineteen digits": "1234567890123456789",
    "beyond 64 bits": "18446744073709551617",
    "38 digits": "12345678901234567890123456789012345678",
    "38 digits negative": "-12345678901234567890123456789012345678",
    "38 digits decimal": "1234567890123456789.0123456789012345678",
    "38 digits small": "0.00000000001234567890123456789012345678901234567",
    "the largest": "9.9999999999999999999999999999999999999E+125",
    "the largest negative": "-9.9999999999999999999999999999999999999E+125",
    "1E+125": "1E+125",
    "1E-130": "1E-130",
    "-1E-130": "-1E-130",
    "1 and 50 zeros": "1" + "0" * 50,
    "38 nines and 88 zeros": "9" * 38 + "0" * 88,
    "trailing zero": "1.10",
    "milliseconds": "1712345678901",
    "a tenth": "0.1",
}

NAMES = (
    "a.b",
    "a[0]",
    "[0]",
    "two words",
    " ",
    "#name",
    ":value",
    "$ss",
    "$keep",
    "$",
    "$$",
    "size",
    "status",
    "naïve",
    "é",
    "e\u0301",  # the same two letters to a reader, two names to DynamoDB
    "日本語",
    "😀",
    "a/b,c=d",
    'quo"te',
    "back\\slash",
    "new\nline",
    "__proto__",
    "0",
)

TEXTS = {
    "empty": "",
    "like a number": "007",
    "like a boolean": "true",
    "like null": "null",
    "blanks": "  two  blanks  ",
    "newlines": "one\ntwo\r\nthree\n",
    "tab": "a\tb",
    "quotes": "\"'`\\",
    "JSON": '{"a": [1, "two"]}',
    "comment": "// not a comment\n// either",
    "markup": "[bold red]not markup[/]",
    "escape sequence": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "control": "".join(map(chr, range(32))) + "\x7f" + "".join(map(chr, range(0x80, 0xA0))),
    "bidi": "abc\u202etxt.exe\u202c\u2066x\u2069\u200f\u061c",
    "separators": "line\u2028paragraph\u2029byte order mark\ufeff",
    "invisible": "zero\u200bwidth\u200d\u00ad",
    "emoji": "😀👩‍👩‍👧‍👦🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f🇩🇪👍🏽",
    "composed": "é",
    "decomposed": "e\u0301",
    "wide": "日本語テキスト",
    "last character": "\U0010ffff\ufffe\uffff",
}


def items() -> list[Item]:
    """The whole set, one item for each group of hazards and one with everything small."""
    groups: dict[str, Item] = {
        "numbers": {name: {"N": text} for name, text in NUMBERS.items()},
        "texts": {name: {"S": text} for name, text in TEXTS.items()},
        "names": {name: {"N": str(place)} for place, name in enumerate(NAMES)},
        "all ten types": _ten_types(),
        "binary": {"every byte": {"B": bytes(range(256))}, "empty": {"B": b""}, "url-safe": {"B": b"\xfb\xff\xfe"}},
        "sets": _sets(),
        "tag-like maps": _tag_like_maps(),
        "tag-like attributes": {"S": {"S": "x"}, "N": {"N": "1"}, "M": {"M": {}}, "$b": {"B": b"b"}},
        "nested to 32": {"maps": nested(32, "M"), "lists": nested(32, "L"), "both": nested(32, "LM")},
        "empty containers": {
            "list": {"L": []},
            "map": {"M": {}},
            "in a list": {"L": [{"L": []}, {"M": {}}, {"S": ""}]},
        },
        "null, absent and empty": {"null": {"NULL": True}, "empty": {"S": ""}, "false": {"BOOL": False}},
    }
    every: Item = {"M": {"M": {name: {"M": group} for name, group in groups.items() if name != "nested to 32"}}}
    named = [{"id": {"S": name}, **group} for name, group in {**groups, "everything": every}.items()]
    strange_keys: list[Item] = [{"id": {"S": text}, "n": {"N": "1"}} for name, text in TEXTS.items() if text]
    return [*named, *strange_keys, near_limit(_SPARE)]


def nested(levels: int, kinds: str) -> Value:
    """A value so many levels deep: a scalar, which is the last level, inside lists or maps, the kinds taking turns."""
    value: Value = {"S": "the end"}
    for level in range(levels - 1):
        value = {"M": {"inner": value}} if kinds[level % len(kinds)] == "M" else {"L": [value]}
    return value


def near_limit(missing: int = 0) -> Item:
    """An item of exactly the 400 KB DynamoDB allows, less the `missing` bytes."""
    item: Item = {
        "id": {"S": "close to 400 KB"},
        "binary": {"B": bytes(range(256)) * 400},
        "numbers": {"L": [{"N": f"{number}.5"} for number in range(5000)]},
        "map": {"M": {f"name {place}": {"S": f"ünïcode {place}"} for place in range(2000)}},
        "text": {"S": ""},
    }
    item["text"] = {"S": "x" * (MAX_ITEM_BYTES - missing - item_size(item))}
    return item


def _ten_types() -> Item:
    return {
        "S": {"S": "text"},
        "N": {"N": "12.50"},
        "B": {"B": b"\x00\x01\xff"},
        "BOOL": {"BOOL": True},
        "NULL": {"NULL": True},
        "SS": {"SS": ["a", "b"]},
        "NS": {"NS": ["1", "2.5"]},
        "BS": {"BS": [b"\x00", b"\xff"]},
        "L": {"L": [{"S": "a"}, {"N": "1"}, {"NULL": True}]},
        "M": {"M": {"inner": {"S": "a"}}},
    }


def _sets() -> Item:
    return {
        "one text": {"SS": ["only"]},
        "empty text": {"SS": ["", "a"]},
        "texts": {"SS": ["b", "a", "é", "e\u0301", "😀", "\uffff", "\n"]},
        "one number": {"NS": ["7"]},
        "numbers": {"NS": ["10", "9", "-1", "1E+125", "1E-130", "1" + "0" * 50]},
        "one binary": {"BS": [b"\x00"]},
        "binaries": {"BS": [b"\xff", b"\x00", b"\x00\x00", b"\x7f"]},
        "in a list": {"L": [{"SS": ["a"]}, {"NS": ["1"]}, {"BS": [b"b"]}]},
        "in a map": {"M": {"set": {"SS": ["a"]}}},
        "list of the same": {"L": [{"S": "a"}, {"S": "a"}]},
    }


def _tag_like_maps() -> Item:
    """Real maps that look like a type's tag in one notation or the other."""
    tags = (
        "S",
        "N",
        "B",
        "BOOL",
        "NULL",
        "SS",
        "NS",
        "BS",
        "L",
        "M",
        "$n",
        "$b",
        "$ns",
        "$bs",
        "$keep",
        "$",
        "$$",
        "$x",
    )
    return {
        "text": {"M": {"S": {"S": "x"}}},
        "set": {"M": {"$ss": {"L": [{"S": "a"}]}}},
        "escaped": {"M": {"$$ss": {"L": [{"S": "a"}]}}},
        "twice": {"M": {"$ss": {"M": {"$ss": {"M": {"$$ss": {"SS": ["a"]}}}}}}},
        "not alone": {"M": {"$ss": {"L": [{"S": "a"}]}, "other": {"NULL": True}}},
        "every tag": {"L": [{"M": {tag: {"S": "x"}}} for tag in tags]},
    }
