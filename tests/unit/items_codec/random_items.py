"""Random items and random damage to texts, fast and repeatable, for the tests that need very many."""

from __future__ import annotations

from random import Random

from dbtui.domain.values import Item, Value, number_key
from tests import torture

_CHARACTERS = "abzAZ019 .,:;#$[]{}()\"'\\/\n\t\x00\x1b\x7f\x85éß日😀\u0301\u200d\u202e\u2028\ufeff\uffff\U0010ffff"
_NAMES = ("a", "b", "S", "N", "M", "$", "$$", "$n", "$b", "$ss", "$$ss", "$ns", "$bs", "$keep", *torture.NAMES)
_TOKENS = (
    *'{}[],:"\\/$#-+.eE0 ',
    "\n",
    "//",
    "\n// note\n",
    "\r\n",
    "\t",
    "\x00",
    "\ud800",
    "\\ud800",
    "\\ude00",
    "\\u00",
    "true",
    "false",
    "null",
    "NaN",
    "-Infinity",
    "01",
    "1e",
    "1.",
    ".5",
    "1E+999999999999",
    "9" * 45,
    '"$ss": ["a", "a"]',
    '{"$ns": [1, 1.0]}',
    '{"$keep": "S 1B sha256:0123456789abcdef"}',
    '{"$b": "A"}',
    '{"$n": "+1"}',
    '"$$',
    '{"S": "x"}',
    '{"N": 5}',
    '{"L": [',
    "[" * 200,
    '{"a":' * 170,
    "é",
    "😀",
    "'",
)


def text(random: Random) -> str:
    if random.random() < 0.2:
        return random.choice(tuple(torture.TEXTS.values()))
    return "".join(random.choices(_CHARACTERS, k=random.randrange(8)))


def number(random: Random) -> str:
    """A number DynamoDB stores, in any spelling."""
    digits = str(random.randrange(10 ** random.randint(1, 38))).strip("0") or "0"
    sign = random.choice(("", "", "-", "+"))
    spelling = random.randrange(4)
    if spelling == 0:
        return f"{sign}{digits[0]}{'.' + digits[1:] if digits[1:] else ''}E{random.randint(-130, 125):+d}"
    if spelling == 1:
        return f"{sign}{digits}{'0' * random.randrange(60)}"
    if spelling == 2:
        point = random.randint(0, len(digits))
        return f"{sign}{digits[:point]}.{digits[point:]}{'0' * random.randrange(3)}"
    return random.choice(tuple(torture.NUMBERS.values()))


def binary(random: Random) -> bytes:
    return random.randbytes(random.randrange(8))


def value(random: Random, depth: int = 3) -> Value:
    """A value of any type, lists and maps at most `depth` deep."""
    kind = random.choice(("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", *("LLMM" if depth else "")))
    if kind == "L":
        return {"L": [value(random, depth - 1) for _ in range(random.randrange(4))]}
    if kind == "M":
        return {"M": item(random, depth - 1)}
    if kind == "NS":
        return {"NS": list({number_key(each): each for each in (number(random), number(random), "7")}.values())}
    if kind == "SS":
        return {"SS": list({text(random), text(random), "x"})}
    if kind == "BS":
        return {"BS": list({binary(random), binary(random), b"x"})}
    scalars = {"S": text, "N": number, "B": binary, "BOOL": lambda random: random.random() < 0.5}
    return {kind: scalars[kind](random) if kind in scalars else True}


def item(random: Random, depth: int = 3) -> Item:
    """Up to four attributes, often with names that look like tags."""
    names = (random.choice(_NAMES) if random.random() < 0.8 else text(random) + "n" for _ in range(random.randrange(5)))
    return {name: value(random, depth) for name in names}


def damaged(random: Random, whole: str) -> str:
    """The text after one to four random edits."""
    for _ in range(random.randint(1, 4)):
        start = random.randint(0, len(whole))
        end = min(len(whole), start + random.choice((0, 1, 1, 1, 2, 5, 30)))
        what = random.randrange(6)
        if what == 0:
            whole = whole[:start] + whole[end:]
        elif what == 1:
            whole = whole[:start] + random.choice(_TOKENS) + whole[end:]
        elif what == 2:
            whole = whole[:start] + random.choice(_TOKENS) + whole[start:]
        elif what == 3:
            whole = whole[:end] + whole[start:]
        elif what == 4:
            whole = whole[:start] + random.choice(_CHARACTERS) + whole[end:]
        elif random.random() < 0.3:
            whole = whole[:start]
    return whole


def soup(random: Random) -> str:
    """A text of tokens that mean something to the codec, in no order."""
    return random.choice(("", "{", '{"a":')) + "".join(random.choices(_TOKENS, k=random.randrange(8)))
