"""Data as text: JSON, CSV and tables. Pure functions; nothing here writes anywhere."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, Final

from dbtui.domain import units
from dbtui.domain.text import Align, cell_width, escape, fit

# What a terminal would obey or reorder although JSON allows it raw. Lone surrogates are no characters at all.
_UNSAFE_ON_TERMINAL: Final = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_JSON_ESCAPES: Final = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|\\.")
_NEEDS_ESCAPE: Final = re.compile('[\x00-\x1f"\\\\\x85\u2028\u2029\ud800-\udfff]')
_NOT_ASCII: Final = re.compile("[^\\x00-\\x7e]")
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SGR: Final = {
    "status-ok": "32",
    "status-busy": "36",
    "status-stopped": "2",
    "status-attention": "1;31",
    "muted": "2",
    "warn": "33",
    "accent": "36",
    "error": "1;31",
}
_ASCII: Final = str.maketrans(dict(zip("●◐■▲○–…→⚠·", "*~#!?-.>!|", strict=True)))
GAP: Final = "  "
EXPENDABLE_PRIORITY: Final = 3
"""Columns from this priority on are left out before any value is cut."""


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell of a table: untrusted text and a style key."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column: columns of the highest ``priority`` number are dropped first where the width is limited.

    A ``verbatim`` title is a name whose case matters; others are shown in capitals.
    """

    title: str
    align: Align = "left"
    min_width: int = 4
    priority: int = 0
    verbatim: bool = False

    @property
    def heading(self) -> str:
        return self.title if self.verbatim else self.title.upper()


def json_text(value: Any, *, indent: int | None = 2, terminal: bool = False, ascii_only: bool = False) -> str:
    """A JSON document. For a terminal, C1 and bidirectional controls are escaped, which JSON reads the same."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, default=_plain, allow_nan=False)
    return (_UNSAFE_ON_TERMINAL if terminal else _SURROGATES).sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def json_escaped(text: str, *, terminal: bool, ascii_only: bool) -> str:
    """A JSON text as it is, or with what a terminal would obey or cannot show as escapes that JSON reads the same."""
    if ascii_only and not text.isascii():
        return _NOT_ASCII.sub(_escapes, text)
    return _UNSAFE_ON_TERMINAL.sub(_escapes, text) if terminal else text


def json_verbatim(text: str) -> str:
    """A JSON text with no more escapes than JSON needs: what is hard to see is then there as it is.

    Line separators stay escaped: an item on one line is one line for readers that know Unicode's line ends, too.
    """
    return _JSON_ESCAPES.sub(_bare, text) if "\\u" in text else text


def _bare(match: re.Match[str]) -> str:
    if not match.group().startswith("\\u"):
        return match.group()
    code_units = bytes.fromhex(match.group().replace("\\u", ""))
    characters = code_units.decode("utf-16-be", "surrogatepass")
    return "".join(json.dumps(c)[1:-1] if _NEEDS_ESCAPE.match(c) else c for c in characters)


def _escapes(match: re.Match[str]) -> str:
    code_units = match.group().encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{code_units[at]:02x}{code_units[at + 1]:02x}" for at in range(0, len(code_units), 2))


def _plain(value: Any) -> Any:
    """What JSON has no form for, as it appears in AWS's raw replies."""
    if isinstance(value, datetime):
        return units.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def csv_text(records: Sequence[Mapping[str, Any]], *, guard: bool) -> tuple[str, int]:
    """The records as CSV with one header, and how many cells were guarded against being read as a formula.

    The scope becomes columns (``scope.region``), other nested values JSON in their cell, null an empty cell.
    """
    rows = [flattened(record) for record in records]
    header = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    guarded = 0
    writer.writerow(header)
    for row in rows:
        cells = []
        for name in header:
            cell, changed = _csv_cell(row.get(name), guard)
            cells.append(cell)
            guarded += changed
        writer.writerow(cells)
    return _SURROGATES.sub("\ufffd", buffer.getvalue()) if header else "", guarded


def csv_lines(
    header: Sequence[tuple[str, bool]], rows: Iterable[Sequence[tuple[str, bool]]], *, guard: bool
) -> Iterator[tuple[str, int]]:
    """Lines of CSV one by one, each with how many of its cells were guarded.

    A cell is its text and whether it may be run as a formula; one that may begins with an apostrophe under ``guard``.
    """
    if not header:
        return
    for row in chain([header], rows):
        buffer = io.StringIO()
        risky = [guard and may_be and text.startswith(_FORMULA_STARTS) for text, may_be in row]
        cells = [f"'{text}" if at_risk else text for (text, _), at_risk in zip(row, risky, strict=True)]
        csv.writer(buffer, lineterminator="\n").writerow(cells)
        yield _SURROGATES.sub("\ufffd", buffer.getvalue()), sum(risky)


def flattened(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """The scope, which every resource has, as dotted names; other nested values stay one cell."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, Mapping) and name == "scope":
            flat.update(flattened(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _csv_cell(value: Any, guard: bool) -> tuple[str, bool]:
    if value is None:
        return "", False
    if isinstance(value, bool):
        return ("true" if value else "false"), False
    if isinstance(value, str):
        risky = guard and value.startswith(_FORMULA_STARTS)
        return (f"'{value}" if risky else value), risky
    if isinstance(value, int | float):
        return str(value), False
    return json_text(value, indent=None), False


def table(
    columns: Sequence[TableColumn],
    rows: Sequence[Sequence[TableCell]],
    *,
    width: int | None = None,
    colour: bool = False,
    ascii_only: bool = False,
) -> tuple[list[str], list[str]]:
    """The lines of a table and the titles of the columns left out because they did not fit into ``width``.

    Without a width nothing is cut. The first column always stays.
    """
    texts = [[TableCell(_shown(cell.text, ascii_only), cell.style) for cell in row] for row in rows]
    widths = [
        max([cell_width(column.title), *(cell_width(row[index].text) for row in texts)])
        for index, column in enumerate(columns)
    ]
    kept, widths = _fitted(columns, widths, width)
    header = _line([(TableCell(columns[i].heading, "muted"), widths[i], columns[i].align) for i in kept], colour)
    lines = [header]
    lines += [_line([(row[i], widths[i], columns[i].align) for i in kept], colour) for row in texts]
    return lines, [columns[i].title for i in range(len(columns)) if i not in kept]


def _shown(text: str, ascii_only: bool) -> str:
    shown = escape(text)
    return shown.translate(_ASCII) if ascii_only else shown


def _fitted(columns: Sequence[TableColumn], widths: list[int], width: int | None) -> tuple[list[int], list[int]]:
    """Which columns fit, and how wide each is: expendable columns go first, then the widest values are cut.

    The first column, the name, is cut only beyond half of the width.
    """
    kept = list(range(len(columns)))
    if width is None:
        return kept, widths
    least = [min(own, column.min_width) for own, column in zip(widths, columns, strict=True)]
    least[0] = min(widths[0], max(columns[0].min_width, width // 2))

    def needed(minimal: bool) -> int:
        return sum((least if minimal else widths)[i] for i in kept) + len(GAP) * (len(kept) - 1)

    def least_important() -> int:
        return max(kept[1:], key=lambda i: (columns[i].priority, i))

    while (
        len(kept) > 1 and needed(minimal=False) > width and columns[least_important()].priority >= EXPENDABLE_PRIORITY
    ):
        kept.remove(least_important())
    while len(kept) > 1 and needed(minimal=True) > width:
        kept.remove(least_important())
    widths = list(widths)
    while (excess := needed(minimal=False) - width) > 0:
        room = {i: widths[i] - least[i] for i in kept}
        widest = max(kept, key=lambda i: (room[i], widths[i]))
        if room[widest] == 0:
            widths[widest] = max(1, widths[widest] - excess)
            break
        widths[widest] -= min(excess, room[widest], max(1, room[widest] // 2))
    return kept, widths


def _line(cells: Iterable[tuple[TableCell, int, Align]], colour: bool) -> str:
    parts = []
    for cell, width, align in cells:
        text = fit(cell.text, width, align)
        code = _SGR.get(cell.style, "") if colour else ""
        parts.append(f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text)
    return GAP.join(parts).rstrip()


def titled_fields(
    sections: Sequence[tuple[str, Sequence[tuple[str, TableCell]]]], *, colour: bool = False, ascii_only: bool = False
) -> list[str]:
    """Sections of labelled lines, as ``show`` prints them; nothing is cut."""
    lines: list[str] = []
    labels = [cell_width(_shown(label, ascii_only)) for _, fields in sections for label, _ in fields]
    width = min(max(labels, default=0), 40)
    for title, fields in sections:
        if lines:
            lines.append("")
        lines.append(_styled(_shown(title, ascii_only), "1", colour))
        for label, cell in fields:
            value = _styled(_shown(cell.text, ascii_only), _SGR.get(cell.style, ""), colour)
            shown = _shown(label, ascii_only)
            lines.append(f"  {shown}{' ' * max(0, width - cell_width(shown))}  {value}".rstrip())
    return lines


def _styled(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour and code and text else text
