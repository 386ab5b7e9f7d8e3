"""The table a request means, as it is now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dbtui.demo.dataplane.keys import KeySchema
from dbtui.demo.dataplane.tabledata import IndexData, TableData
from dbtui.demo.dynamodb.store import DynamoStore, table_name
from dbtui.demo.protocol.errors import AwsError, validation
from dbtui.demo.record import Members


@dataclass(frozen=True)
class Target:
    """`view` is the table's description now; its items exist while it can be used."""

    name: str
    view: Members
    data: TableData

    @property
    def schema(self) -> KeySchema:
        return self.data.schema

    def descriptions(self) -> Iterator[Members]:
        """Of every index."""
        yield from self.view.get("GlobalSecondaryIndexes", [])
        yield from self.view.get("LocalSecondaryIndexes", [])

    def index(self, name: str) -> IndexData:
        """An index to read from, ready."""
        members = next((index for index in self.descriptions() if index["IndexName"] == name), None)
        if members is None:
            raise validation(f"The table does not have the specified index: {name}")
        if members.get("IndexStatus") == "CREATING":
            raise validation(f"Cannot read from backfilling global secondary index: {name}")
        return self.data.index(members, self.view["AttributeDefinitions"])

    def indexes(self) -> Iterator[IndexData]:
        """Every index that a write goes to, without building it."""
        for members in self.descriptions():
            yield IndexData(members, self.schema, self.view["AttributeDefinitions"])

    def has_stream(self) -> bool:
        return bool(self.view.get("StreamSpecification", {}).get("StreamEnabled"))


def find_target(store: DynamoStore, name: object, now: datetime) -> Target:
    if not isinstance(name, str) or not name:
        raise validation(
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
            "Member must not be null"
        )
    table = store.find(name, now)
    view = table.view(now) if table else None
    if table is None or view is None or view["TableStatus"] in ("CREATING", "DELETING"):
        raise AwsError("ResourceNotFoundException", "Requested resource not found")
    return Target(table_name(name), view, table.data)
