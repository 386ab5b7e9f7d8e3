"""The showcase table: all ten types, and the values, names and keys that programs get wrong."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from dbtui.demo.dataplane.values import LARGEST_ITEM, Item, Value, checked_item, item_size
from dbtui.demo.seeds.items import b, n, s

_ORDINARY = 30
_DIGITS_38 = "12345678901234567890123456789012345678"


def all_types(now: datetime) -> list[Item]:
    """Thirty ordinary specimens and one item for every sort of trouble."""
    ordinary = [_specimen(position, now) for position in range(_ORDINARY)]
    return [checked_item(item) for item in (*ordinary, *_special(now))]


def _specimen(position: int, now: datetime) -> Item:
    numbers = ("0", "-0.1", "1E+125", "1E-130", _DIGITS_38, "3.14")
    texts = ("", "plain", "naïve – “quotes”", "line\nbreak\ttab", "\u202edlrow", "[bold]x[/]")
    return {
        "id": s(f"specimen-{position:03d}"),
        "string": s(texts[position % len(texts)]),
        "number": n(numbers[position % len(numbers)]),
        "binary": b(bytes(range(position % 32))),
        "yes": {"BOOL": position % 2 == 0},
        "nothing": {"NULL": True},
        "strings": {"SS": ["a", "b", f"c{position}"]},
        "numbers": {"NS": ["1", "2.5", str(1000 + position)]},
        "binaries": {"BS": [base64.b64encode(bytes([position, 255])).decode()]},
        "list": {"L": [s("x"), n(position), {"NULL": True}, {"L": []}]},
        "map": {"M": {"deep": {"M": {"deeper": {"L": [{"M": {"deepest": {"BOOL": True}}}]}}}, "empty": {"M": {}}}},
        "expires_at": _expiry(position, now),
    }


def _expiry(position: int, now: datetime) -> Value:
    """Seconds, half of them past; every tenth in milliseconds by mistake, too far off to expire."""
    at = now + timedelta(days=position - 15, hours=3)
    seconds = int(at.timestamp())
    return n(seconds * 1000 if position % 10 == 7 else seconds)


def _special(now: datetime) -> list[Item]:
    return [
        _numbers(),
        _texts(),
        _controls(),
        _empties(),
        _lookalikes(),
        _sets(),
        _names(),
        _nested(32),
        _binary(),
        _times(now),
        _large(),
        *({"id": s(key), "note": s("A key that paths, shells and URLs trip over.")} for key in _KEYS),
    ]


_KEYS = (
    "key, with, commas",
    "key/with/slashes",
    "key with  two  spaces ",
    "key\nwith\nnewlines",
    "key='quoted' \"twice\" `and` \\ back",
    "ключ-日本語-🔑",
    "#?&%20=+;:@$!*()[]{}|~^<>",
)


def _numbers() -> Item:
    return {
        "id": s("numbers"),
        "beyond_doubles": n("9007199254740993"),
        "digits_38": n(_DIGITS_38),
        "decimals_38": n("0." + _DIGITS_38),
        "largest": n("9.9999999999999999999999999999999999999E+125"),
        "smallest": n("1E-130"),
        "negative_largest": n("-9.9999999999999999999999999999999999999E+125"),
        "one_and_50_zeros": n("1" + "0" * 50),
        "trailing_zeros": n("1.10"),
        "minus_zero": n("-0"),
        "milliseconds": n("1767225600123"),
        "pi": n("3.1415926535897932384626433832795028841"),
    }


def _texts() -> Item:
    return {
        "id": s("text: wide, combining, right to left"),
        "wide": s("東京都千代田区 — ｆｕｌｌｗｉｄｔｈ"),
        "combining": s("e\u0301 (two code points) and é (one); Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘"),
        "emoji": s("👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇮🇪 ☕️ 🧑🏿‍🚀"),
        "right_to_left": s("שלום עולם — مرحبا بالعالم, mixed with English (and) digits 123"),
        "json": s('{"looks": "like", "json": [1, 2, {"S": "x"}]}'),
        "markup": s("[bold red]not markup[/] <b>nor html</b> &amp; \x1b[31mnor colour\x1b[0m"),
        "long_line": s("A sentence that goes on and on without a line break. " * 40),
        "lines": s("first\nsecond\r\nthird\twith a tab\n\nlast, with an end of line\n"),
    }


def _controls() -> Item:
    return {
        "id": s("control and bidi characters"),
        "controls": s("".join(map(chr, range(1, 32))) + "\x7f\x85"),
        "nul": s("before\x00after"),
        "bidi": s("user\u202egnp.exe\u202c \u2066isolate\u2069 \u200fmark\u200e"),
        "invisible": s("zero\u200bwidth\u200djoin\ufeffbom\u00a0nbsp\u00adshy"),
        "name\twith\ttabs": s("and an escape: \x1b]0;title\x07"),
        "\u202eeman": s("a name that reads backwards"),
    }


def _empties() -> Item:
    return {
        "id": s("empty values"),
        "string": s(""),
        "binary": b(b""),
        "list": {"L": []},
        "map": {"M": {}},
        "null": {"NULL": True},
        "list_of_empties": {"L": [s(""), b(b""), {"L": []}, {"M": {}}, {"NULL": True}]},
    }


def _lookalikes() -> Item:
    return {
        "id": s("typed alike"),
        "agent": s("007"),
        "seven": n("7"),
        "true_text": s("true"),
        "true": {"BOOL": True},
        "null_text": s("null"),
        "exponent_text": s("1e3"),
        "base64_text": s("aGVsbG8="),
        "date_text": s("2025-12-31T23:59:59.999Z"),
        "list_of_one": {"L": [s("one")]},
        "set_of_one": {"SS": ["one"]},
    }


def _sets() -> Item:
    return {
        "id": s("sets"),
        "strings": {"SS": ["zebra", "Äpfel", "apple", "10", "9", "[b]", "a, b"]},
        "numbers": {"NS": ["10", "9", "-1.5", _DIGITS_38, "1E-130", "0"]},
        "binaries": {"BS": [base64.b64encode(bytes(part)).decode() for part in ([0], [255, 254], range(16))]},
        "inside": {"L": [{"SS": ["x"]}, {"M": {"numbers": {"NS": ["1"]}}}]},
        "many": {"SS": [f"member-{number:04d}" for number in range(400)]},
    }


def _names() -> Item:
    return {
        "id": s("names"),
        "with.dots": s("1"),
        "with[0]brackets": s("2"),
        "with spaces": s("3"),
        "#hash": s("4"),
        ":colon": s("5"),
        "$ss": {"L": [s("a list under a name like a tag")]},
        "$keep": s("6"),
        "status": s("a reserved word"),
        "S": s("a name like a type"),
        "N": n(1),
        "quoted\"'`": s("7"),
        "日本語": s("8"),
        "tag": {"M": {"S": s("a real map that looks like a string in DynamoDB JSON")}},
        "set_tag": {"M": {"$ss": {"L": [s("x")]}, "$b": s("aGVsbG8=")}},
        "path": {"M": {"a.b": {"M": {"c d": {"L": [{"M": {"[0]": n(1)}}]}}}}},
    }


def _nested(levels: int) -> Item:
    """As deep as DynamoDB allows: lists and maps in turn."""
    deep = s("the bottom")
    for level in range(levels):
        deep = {"L": [deep]} if level % 2 else {"M": {"in": deep}}
    return {"id": s("nested as deep as it goes"), "deep": deep}


def _binary() -> Item:
    return {
        "id": s("binary"),
        "png": b(b"\x89PNG\r\n\x1a\n" + bytes(64)),
        "utf8": b("naïve ☕".encode()),
        "all_bytes": b(bytes(range(256))),
        "one": b(b"\xff"),
    }


def _times(now: datetime) -> Item:
    seconds = int(now.timestamp())
    return {
        "id": s("times"),
        "expires_at": n(seconds - 86_400 * 40),
        "seconds": n(seconds),
        "milliseconds": n(seconds * 1000 + 123),
        "microseconds": n(seconds * 1_000_000 + 123_456),
        "iso": s(now.isoformat()),
        "text_seconds": s(str(seconds)),
        "ancient": n(-2_208_988_800),
    }


def _large() -> Item:
    """Just under 400 KB."""
    item: Item = {"id": s("close to 400 KB"), "chapters": s(""), "text": s("")}
    item["chapters"] = {
        "L": [{"M": {"number": n(part), "text": s(f"Chapter {part}. " * 600)}} for part in range(1, 21)]
    }
    room = LARGEST_ITEM - item_size(item) - 64
    item["text"] = s(("All work and no play makes Jack a dull boy. " * (room // 44 + 1))[:room])
    return item
