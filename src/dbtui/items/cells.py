"""Attribute values as cells of a table: what is missing, NULL, empty or of another type can be told apart at a glance.

Numbers are shown as they came. Texts stand for themselves unless they could be taken for another type or have blanks
around them; then they are quoted. Collections show their beginning. Whatever the size of a value, only so much of it
is looked at as fits into a cell.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Final, TypeAlias

import msgspec

from dbtui.domain.rows import ABSENT, NULL, Cell, CellKind, SortKey
from dbtui.domain.text import ELLIPSIS, preview
from dbtui.domain.units import moment, size
from dbtui.domain.values import SETS, Value, content, type_of
from dbtui.domain.wire import decode_value, outline

TextOf: TypeAlias = Callable[[Any, int], str]
"""Makes a text of about so many characters at most of a value or of its wire bytes."""

TEXT_LENGTH: Final = 256
"""Characters of a value that a cell shows at most."""
SORT_LENGTH: Final = 256
"""Characters or bytes of a value that count when sorting."""
ENTRIES: Final = 12
"""Entries of a collection that a cell shows at most."""
SMALL_RAW: Final = 2048
"""Values of so many bytes are simply decoded; of larger ones only the beginning."""
WHOLE_BINARY: Final = 24

STYLES: Final = {
    "S": "",
    "N": "number",
    "B": "type-binary",
    "BOOL": "type-boolean",
    "NULL": "",
    "SS": "type-set",
    "NS": "type-set",
    "BS": "type-set",
    "L": "type-list",
    "M": "type-map",
}
"""The style key of each type."""

_NUMBER_LIKE: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)
_WORD_LIKE: Final = frozenset({"true", "false", "null", "–", "-"})
_FIRST_LETTERS: Final = frozenset("tTfFnNb")
"""Texts that begin with another letter are safe at a glance; ``b"`` begins a binary value."""
_SIGNS: Final = ("{", "[", '"', 'b"')
_INNER_SIGNS: Final = re.compile(r'[,:{}\[\]"]')
_PLAIN: Final = re.compile(rb'\{"([SN])":"([^"\\]*)"\}')
"""Texts and numbers without escapes, the bulk of all values, need no decoder."""
_RAW_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECONDS_FROM: Final = 100_000_000_000
"""As seconds this is the year 5138; as milliseconds, 1973."""
_MILLISECONDS_TO: Final = 100_000_000_000_000


def cell_of(value: Value | None, *, ambiguous: bool = True) -> Cell:
    """The value as a cell; None is absent. `ambiguous` is false where the type is known, as for a key attribute."""
    if value is None:
        return ABSENT
    kind, inner = type_of(value), content(value)
    if kind == "S":
        return _string_cell(inner, ambiguous)
    if kind == "N":
        return _number_cell(inner)
    if kind == "BOOL":
        return Cell("true" if inner else "false", STYLES[kind], sort_key=bool(inner))
    if kind == "NULL":
        return NULL
    if kind == "B":
        return _binary_cell(inner, ambiguous)
    return Cell(_text_of(value), STYLES[kind])


def raw_cell(raw: msgspec.Raw | None, name: str, *, ambiguous: bool = True) -> Cell:
    """The same from the value's wire bytes, of which no more is decoded than is shown.

    Bytes that are no value show as such: a list is not lost for one item.
    """
    if raw is None:
        return ABSENT
    try:
        if plain := _PLAIN.fullmatch(raw):
            kind, text = plain.groups()
            return _number_cell(text.decode()) if kind == b"N" else _string_cell(text.decode(), ambiguous)
        if memoryview(raw).nbytes <= SMALL_RAW:
            return cell_of(decode_value(raw, name), ambiguous=ambiguous)
        ((kind, _),) = outline(raw).items()
        if kind in ("S", "N", "B"):
            return cell_of(decode_value(raw, name), ambiguous=ambiguous)
        return Cell(_raw_text(raw), STYLES.get(kind, ""))
    except (ValueError, msgspec.DecodeError):
        return Cell(preview(bytes(memoryview(raw)[:TEXT_LENGTH]).decode("utf-8", "replace"), TEXT_LENGTH), "danger")


def time_cell(value: Value | None, now: datetime, *, expires: bool = False) -> Cell:
    """A number as a moment in UTC: epoch seconds, or milliseconds by its magnitude. Other values show as always.

    `expires` is for the time-to-live attribute. DynamoDB takes it in seconds only, so milliseconds there are a mistake.
    """
    plain = cell_of(value)
    number = plain.sort_key
    if value is None or type_of(value) != "N" or not isinstance(number, (int, Decimal)):
        return plain
    number = Decimal(number)
    magnitude = number.copy_abs()
    in_milliseconds = _MILLISECONDS_FROM <= magnitude < _MILLISECONDS_TO
    try:
        at = _EPOCH + timedelta(seconds=float(number / 1000 if in_milliseconds else number))
    except OverflowError:
        return plain
    text, style = moment(at.replace(microsecond=0)), ""
    if in_milliseconds:
        text, style = f"{text} (ms)", "warn" if expires else ""
    elif expires and at <= now:
        text, style = f"{text} expired", "muted"
    return Cell(text, style, sort_key=number)


def lettered(cell: Cell, raw: msgspec.Raw) -> Cell:
    """The cell with its type before it, sorting as before: `N 12`, `SS {a, b}`. Bytes that are no value stay as is."""
    try:
        letters = next(iter(outline(raw)), "")
    except ValueError:
        return cell
    text = cell.text or {CellKind.NULL: "NULL", CellKind.EMPTY: '""'}.get(cell.kind, "")
    key = cell.text if cell.sort_key is None and cell.kind is CellKind.VALUE else cell.sort_key
    return cell._replace(text=text if letters == "NULL" else f"{letters} {text}", sort_key=key)


def looks_typed(text: str) -> bool:
    """Whether a string, shown bare, could be taken for a value of another type or for none."""
    if text[:1].isalpha() and text[0] not in _FIRST_LETTERS and not text[-1].isspace():
        return False
    return (
        text != text.strip()
        or text.lower() in _WORD_LIKE
        or text.startswith(_SIGNS)
        or _NUMBER_LIKE.fullmatch(text) is not None
    )


def _number_cell(text: str) -> Cell:
    return Cell(preview(text, TEXT_LENGTH), STYLES["N"], CellKind.VALUE, _sortable_number(text))


def _string_cell(text: str, ambiguous: bool) -> Cell:
    if not text:
        return Cell(kind=CellKind.EMPTY, sort_key="")
    head = text[:TEXT_LENGTH]
    if looks_typed(text) if ambiguous and len(text) <= TEXT_LENGTH else text[:1].isspace() or text[-1:].isspace():
        shown = f'"{preview(text, TEXT_LENGTH)}"'
    else:
        shown = preview(text, TEXT_LENGTH)
    return Cell(shown, STYLES["S"], CellKind.VALUE, head)


def _binary_cell(data: bytes, ambiguous: bool) -> Cell:
    if not data:
        return Cell('b""', STYLES["B"], CellKind.EMPTY, b"")
    if not ambiguous:
        return Cell(preview(base64.b64encode(data[:TEXT_LENGTH]).decode(), TEXT_LENGTH), STYLES["B"], sort_key=data)
    return Cell(_binary_text(data), STYLES["B"], sort_key=data[:SORT_LENGTH])


def _binary_text(data: bytes) -> str:
    if len(data) <= WHOLE_BINARY:
        return f'b"{base64.b64encode(data).decode()}"'
    return f'b"{base64.b64encode(data[:WHOLE_BINARY]).decode()}{ELLIPSIS}" {size(len(data))}'


def _sortable_number(text: str) -> SortKey:
    """The exact value; a number that is none sorts among the texts."""
    if text.isascii() and text.isdigit() and len(text) < SORT_LENGTH:
        return int(text)
    if len(text) >= SORT_LENGTH or not _NUMBER_LIKE.fullmatch(text):
        return text
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal can hold
        return text


def _text_of(value: Value, room: int = TEXT_LENGTH) -> str:
    """The beginning of any value, on one line."""
    kind, inner = type_of(value), content(value)
    if kind == "M":
        return _map_text(inner, _text_of, room)
    if kind == "L":
        return _list_text(inner, _text_of, room)
    if kind in SETS:
        return _set_text(inner, partial(_member_text, kind[0]), room)
    return _scalar_text(kind, inner, room)


def _raw_text(raw: msgspec.Raw, room: int = TEXT_LENGTH) -> str:
    """The same from wire bytes: entries beyond the first few are skipped, not decoded."""
    if memoryview(raw).nbytes <= SMALL_RAW:
        return _text_of(decode_value(raw, ""), room)
    ((kind, inner),) = outline(raw).items()
    if kind == "M":
        return _map_text(outline(inner), _raw_text, room)
    if kind == "L":
        return _list_text(_RAW_LIST.decode(inner), _raw_text, room)
    if kind in SETS:
        return _set_text(_RAW_LIST.decode(inner), partial(_raw_member_text, kind[0]), room)
    return _text_of(decode_value(raw, ""), room)


def _member_text(kind: str, member: Any, room: int) -> str:
    return _scalar_text(kind, member, room)


def _raw_member_text(kind: str, member: msgspec.Raw, room: int) -> str:
    return _text_of(decode_value(b'{"%s":%s}' % (kind.encode(), bytes(member)), ""), room)


def _scalar_text(kind: str, inner: Any, room: int) -> str:
    if kind == "S":
        text = preview(inner, max(8, room))
        plain = inner and not (len(inner) <= TEXT_LENGTH and looks_typed(inner)) and not _INNER_SIGNS.search(text)
        return text if plain else f'"{text}"'
    if kind == "B":
        return _binary_text(inner)
    if kind == "BOOL":
        return "true" if inner else "false"
    return "NULL" if kind == "NULL" else preview(inner, TEXT_LENGTH)


def _list_text(entries: Sequence[Any], text_of: TextOf, room: int) -> str:
    return f"[{len(entries)}] {_joined(entries, text_of, room)}".rstrip()


def _set_text(members: Sequence[Any], text_of: TextOf, room: int) -> str:
    return f"{{{_joined(members, text_of, room)}}}"


def _map_text(entries: Mapping[str, Any], text_of: TextOf, room: int) -> str:
    def entry_text(entry: tuple[str, Any], room: int) -> str:
        return f"{preview(entry[0], 40)}: {text_of(entry[1], room)}"

    return f"{{{_joined(entries.items(), entry_text, room)}}}"


def _joined(entries: Collection[Any], text_of: TextOf, room: int) -> str:
    """As many entries as there is room for; an ellipsis and the count stand for the rest."""
    shown: list[str] = []
    used = 0
    for entry in entries:
        if used >= room or len(shown) == ENTRIES:
            break
        shown.append(text_of(entry, room - used))
        used += len(shown[-1]) + 2
    if len(shown) < len(entries):
        shown.append(f"{ELLIPSIS} {len(entries)} in all" if shown else ELLIPSIS)
    return ", ".join(shown)
