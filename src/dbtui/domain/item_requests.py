"""The requests that change one item, every one of them with its condition. Names and values are placeholders always.

A request that DynamoDB would not take for its size is refused with the reason; a condition is never dropped for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import msgspec

from dbtui.domain.diff import Change
from dbtui.domain.item_expressions import Expressions
from dbtui.domain.models import Table
from dbtui.domain.values import Item, key_of

UPDATE = "dynamodb:UpdateItem"
PUT = "dynamodb:PutItem"
DELETE = "dynamodb:DeleteItem"
TRANSACT = "dynamodb:TransactWriteItems"


class Request(msgspec.Struct, frozen=True):
    """One call, ``service:Operation``, with the parameters botocore's client takes (B and BS are ``bytes``)."""

    operation: str
    parameters: dict[str, Any]

    @property
    def name(self) -> str:
        return self.operation.partition(":")[2]


def update_request(table: Table, key: Item, changes: Sequence[Change]) -> Request:
    """UpdateItem that makes these changes if none of their paths has another value by now.

    Raises :class:`~dbtui.domain.failures.Refused` INVALID beyond DynamoDB's limits for an expression.
    """
    expressions = Expressions()
    expressions.item_exists(table)
    for change in changes:
        expressions.still(change.path, change.before, change.after)
    sets = [expressions.assignment(change.path, change.after) for change in changes if change.after is not None]
    removes = [expressions.path(change.path) for change in changes if change.after is None]
    clauses = [f"SET {', '.join(sets)}"] if sets else []
    clauses += [f"REMOVE {', '.join(removes)}"] if removes else []
    parameters = expressions.parameters(update=" ".join(clauses))
    return Request(UPDATE, {"TableName": table.id, "Key": key, **parameters, **_returning("ALL_NEW")})


def create_request(table: Table, item: Item) -> Request:
    """PutItem of an item that must not exist."""
    expressions = Expressions()
    expressions.item_absent(table)
    return Request(PUT, {"TableName": table.id, "Item": item, **expressions.parameters(), **_returning("ALL_OLD")})


def replace_request(table: Table, item: Item, base: Item | None = None) -> Request:
    """PutItem over an item that must exist and, when ``base`` is known, must still have all its values.

    Raises :class:`~dbtui.domain.failures.Refused` INVALID when the condition on ``base`` does not fit.
    """
    expressions = Expressions()
    expressions.item_exists(table)
    if base is not None:
        expressions.unchanged(table, base)
    return Request(PUT, {"TableName": table.id, "Item": item, **expressions.parameters(), **_returning("ALL_OLD")})


def delete_request(table: Table, base: Item, names: Sequence[str] | None = None) -> Request:
    """DeleteItem if the item still has the values of ``base``, or of ``names`` in it.

    Raises :class:`~dbtui.domain.failures.Refused` INVALID when the condition does not fit.
    """
    expressions = Expressions()
    expressions.item_exists(table)
    expressions.unchanged(table, base if names is None else {name: base[name] for name in names})
    parameters = {"TableName": table.id, "Key": key_of(base, table.keys), **expressions.parameters()}
    return Request(DELETE, {**parameters, **_returning("ALL_OLD")})


def move_request(table: Table, base: Item, mine: Item) -> Request:
    """One TransactWriteItems: deletes the unchanged ``base`` and puts ``mine`` where no item may be.

    Its ClientRequestToken is made here, once: the same request may be sent again and takes effect once. Raises
    :class:`~dbtui.domain.failures.Refused` INVALID when the condition on ``base`` does not fit.
    """
    leaving, arriving = Expressions(), Expressions()
    leaving.item_exists(table)
    leaving.unchanged(table, base)
    arriving.item_absent(table)
    told = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    delete = {"TableName": table.id, "Key": key_of(base, table.keys), **leaving.parameters(), **told}
    put = {"TableName": table.id, "Item": mine, **arriving.parameters(), **told}
    parameters = {
        "TransactItems": [{"Delete": delete}, {"Put": put}],
        "ClientRequestToken": str(uuid.uuid4()),
        "ReturnConsumedCapacity": "INDEXES",
    }
    return Request(TRANSACT, parameters)


def _returning(values: str) -> dict[str, str]:
    return {
        "ReturnValues": values,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ReturnConsumedCapacity": "INDEXES",
    }
