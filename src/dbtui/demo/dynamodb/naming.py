"""Which tables a call is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from dbtui.demo.dynamodb.store import table_name
from dbtui.demo.protocol.message import AwsRequest


def tables_of(request: AwsRequest) -> list[str]:
    """Every table the call names, in transactions and in the statements of PartiQL, too."""
    document = request.document
    if "TableName" in document:
        return [table_name(str(document["TableName"]))]
    inner = [part for entry in document.get("TransactItems", ()) for part in entry.values()]
    names = [str(part.get("TableName", "")) for part in inner]
    names += [*document.get("RequestItems", ()), *_statement_tables(document)]
    return sorted({table_name(name) for name in names})


def _statement_tables(document: Mapping[str, Any]) -> Iterator[str]:
    statements = [document, *document.get("Statements", []), *document.get("TransactStatements", [])]
    for entry in statements:
        name = statement_table(entry.get("Statement", ""))
        if name is not None:
            yield name


def statement_table(statement: str) -> str | None:
    """The table of a PartiQL statement: the word after FROM, INTO or UPDATE."""
    words = statement.replace('"', " ").split()
    for word, following in pairwise(words):
        if word.upper() in ("FROM", "INTO", "UPDATE"):
            return following.partition(".")[0]
    return None
