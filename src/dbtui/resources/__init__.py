"""One descriptor per resource kind, and ALL, the explicit tuple of them."""

from dbtui.resources.model import Column, Field, Kind, Query, Section, Text
from dbtui.resources.registry import (
    ALL,
    UNIONS,
    Located,
    kind_named,
    kind_of,
    kinds_named,
    locate,
    place_of,
    scope_json,
    short_place,
    to_json,
    words,
)

__all__ = [
    "ALL",
    "UNIONS",
    "Column",
    "Field",
    "Kind",
    "Located",
    "Query",
    "Section",
    "Text",
    "kind_named",
    "kind_of",
    "kinds_named",
    "locate",
    "place_of",
    "scope_json",
    "short_place",
    "to_json",
    "words",
]
