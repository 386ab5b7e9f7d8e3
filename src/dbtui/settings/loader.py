"""Reads the configuration file; every mistake is one message with the file and the line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbtui.domain.failures import UsageError
from dbtui.settings import paths
from dbtui.settings.model import Rule, Settings

_TOP = {"theme": str, "ascii": bool, "refresh_seconds": int, "open": str, "keys": dict, "rule": list}
_RULE = {"profile": str, "account": str, "alias": str, "region": str, "protected": bool, "read_only": bool}
_WORDS = {str: "a text in quotes", bool: "true or false", int: "a whole number", dict: "a table", list: "a list"}
_MIN_REFRESH = 10
_OPEN = ("keys", "first-page")


def load(path: Path | None = None) -> Settings:
    """The settings of ``path``, or of the usual file, which may be missing. Raises :class:`UsageError`."""
    chosen = path or paths.config_file()
    try:
        text = chosen.read_text(encoding="utf-8")
    except FileNotFoundError:
        if path is not None:
            raise UsageError(f"the configuration file {path} does not exist.") from None
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the configuration file {chosen} cannot be read: {error}.") from error
    return parse(text, str(chosen))


def parse(text: str, source: str) -> Settings:
    """Settings from TOML text; ``source`` names it in messages."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: {_located(str(error))}") from error
    lines = text.splitlines()

    def fail(key: str, section: str, nth: int, problem: str, hint: str = "") -> UsageError:
        return UsageError(f"{source}:{_line_of(lines, key, section, nth)}: {problem}", hint=hint)

    _check(document, _TOP, "", 0, fail)
    if "refresh_seconds" in document and document["refresh_seconds"] < _MIN_REFRESH:
        raise fail("refresh_seconds", "", 0, f"refresh_seconds must be at least {_MIN_REFRESH}.")
    if document.get("open", _OPEN[0]) not in _OPEN:
        raise fail("open", "", 0, f"open must be {' or '.join(map(repr, _OPEN))}.")
    for key, value in document.get("keys", {}).items():
        if not isinstance(value, str) or not value.strip():
            raise fail(key, "keys", 0, f"the key for {key} must be {_WORDS[str]}, for example 'ctrl+r'.")
    rules = tuple(_rule(entry, nth, lines, fail) for nth, entry in enumerate(document.get("rule", [])))
    return Settings(
        theme=document.get("theme", Settings().theme),
        ascii=document.get("ascii"),
        refresh_seconds=document.get("refresh_seconds", Settings().refresh_seconds),
        open=document.get("open", Settings().open),
        keys=document.get("keys", {}),
        rules=rules,
        source=source,
    )


Fail = Callable[..., UsageError]


def _rule(entry: Any, nth: int, lines: list[str], fail: Fail) -> Rule:
    if not isinstance(entry, dict):
        raise fail("rule", "", 0, "rules are written as [[rule]].")
    _check(entry, _RULE, "rule", nth, fail)
    if "protected" not in entry and "read_only" not in entry:
        raise fail("", "rule", nth, "this rule says neither protected nor read_only.")
    return Rule(**entry, line=_line_of(lines, "", "rule", nth))


def _check(values: dict[str, Any], allowed: dict[str, type], section: str, nth: int, fail: Fail) -> None:
    for key, value in values.items():
        if key not in allowed:
            near = difflib.get_close_matches(key, list(allowed), n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(allowed)}."
            raise fail(key, section, nth, f"unknown setting {key}.", hint)
        expected = allowed[key]
        if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
            raise fail(key, section, nth, f"{key} must be {_WORDS[expected]}.")


def _line_of(lines: list[str], key: str, section: str, nth: int) -> int:
    """The line of a key in the nth section of that name; the section's own line when the key is empty."""
    header = re.compile(rf"\s*\[\[?\s*{re.escape(section)}\s*\]\]?") if section else None
    wanted = re.compile(rf"""\s*(\[\[?\s*)?["']?{re.escape(key)}["']?\s*(=|\]|\.)""")
    seen = -1
    for number, line in enumerate(lines, 1):
        if header is not None and header.match(line):
            seen += 1
            if seen == nth and not key:
                return number
        elif (header is None or seen == nth) and key and wanted.match(line):
            return number
    return 1


def _located(message: str) -> str:
    """tomllib's ``… (at line 3, column 5)`` as ``line 3, column 5: …``."""
    match = re.search(r"^(.*) \(at (line \d+, column \d+|end of document)\)$", message)
    return f"{match[2]}: {match[1]}" if match else message
