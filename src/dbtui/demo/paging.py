"""Pages of every list: sizes, markers, and the forced small or empty pages that find clients' paging faults."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dbtui.demo.protocol.errors import invalid_parameter


@dataclass
class PageRules:
    """`size` caps every page; `empty` slips one empty page with a token into every listing."""

    size: int | None = None
    empty: bool = False

    def limit(self, asked: int) -> int:
        return min(asked, self.size) if self.size else asked


@dataclass(frozen=True)
class _Position:
    """Where a listing stands: after which key, and whether its empty page is still to come."""

    after: str | None
    empty_due: bool


def marker_page(
    rules: PageRules, operation: str, entries: Sequence[tuple[str, Any]], params: dict[str, Any]
) -> tuple[list[Any], str | None]:
    """One page of `entries` (sorted by key) and the Marker of the next, as RDS pages: 100 unless MaxRecords says less.

    Markers name the last key sent, so rows that come or go between two pages do not shift the others.
    """
    size = rules.limit(max_records(params))
    position = _read_marker(operation, params.get("Marker"), rules.empty)
    rest = [entry for entry in entries if position.after is None or entry[0] > position.after]
    fits = len(rest) <= size
    if position.empty_due and (position.after is not None or fits):
        return [], _write_marker(operation, _Position(position.after, empty_due=False))
    page = rest[:size]
    values = [value for _, value in page]
    if fits:
        return values, None
    return values, _write_marker(operation, _Position(page[-1][0], position.empty_due))


def max_records(params: dict[str, Any]) -> int:
    asked = params.get("MaxRecords", 100)
    if not isinstance(asked, int) or not 20 <= asked <= 100:
        raise invalid_parameter(f"Invalid value {asked} for MaxRecords. Must be between 20 and 100")
    return asked


def _write_marker(operation: str, position: _Position) -> str:
    text = json.dumps([operation, position.after, position.empty_due])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_marker(operation: str, marker: str | None, empty_due: bool) -> _Position:
    if not marker:
        return _Position(None, empty_due)
    try:
        origin, after, due = json.loads(base64.urlsafe_b64decode(marker.encode()))
    except (ValueError, TypeError, binascii.Error):
        raise invalid_parameter("Invalid or expired marker") from None
    if origin != operation:
        raise invalid_parameter("Invalid or expired marker")
    return _Position(after, bool(due))


def named_page(
    rules: PageRules, keys: Sequence[str], *, start: str | None, limit: int, empty_token: str
) -> tuple[list[str], str | None]:
    """One page of sorted `keys` after `start`, and the last key if more follow, as DynamoDB pages.

    `empty_token` sorts before every key: it is the token of the empty first page and stands for the beginning.
    """
    if start is None and rules.empty:
        return [], empty_token
    rest = [key for key in keys if start is None or start == empty_token or key > start]
    size = rules.limit(limit)
    page = rest[:size]
    return page, page[-1] if len(rest) > size else None
