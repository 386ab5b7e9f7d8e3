"""A throttled item operation, with the reason and the resource that AWS names."""

from __future__ import annotations

from typing import Any

from dbtui.demo.dynamodb.naming import tables_of
from dbtui.demo.dynamodb.store import DynamoStore
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.message import AwsRequest
from dbtui.demo.world import World

_READS = frozenset({"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"})
_PROVISIONED = (
    "The level of configured provisioned throughput for the table was exceeded. "
    "Consider increasing your provisioning level with the UpdateTable API."
)
_ON_DEMAND = (
    "Throughput exceeds the current throughput limit for your table or index. DynamoDB is automatically scaling your "
    "table or index so please try again shortly. If exceptions persist, check if you have a hot key."
)


def throttled(world: World, request: AwsRequest) -> AwsError:
    """The refusal for lack of capacity: of the table's own in provisioned mode, of a key range's in on-demand mode."""
    with world.lock:
        store = world.dynamodb_at(request.account, request.region)
        names = [name for name in tables_of(request) if name in store.tables]
        if not names:
            return AwsError("ProvisionedThroughputExceededException", _PROVISIONED)
        on_demand = _is_on_demand(store, names[0])
        reasons = [_reason(request, store, name) for name in names]
    return AwsError(
        "ProvisionedThroughputExceededException",
        _ON_DEMAND if on_demand else _PROVISIONED,
        members={"ThrottlingReasons": reasons},
    )


def _reason(request: AwsRequest, store: DynamoStore, name: str) -> dict[str, Any]:
    index = request.document.get("IndexName")
    kind = "Read" if request.operation in _READS or _is_select(request) else "Write"
    limit = "KeyRangeThroughputExceeded" if _is_on_demand(store, name) else "ProvisionedThroughputExceeded"
    resource = store.arn(name) + (f"/index/{index}" if index else "")
    return {"reason": f"{'Index' if index else 'Table'}{kind}{limit}", "resource": resource}


def _is_on_demand(store: DynamoStore, name: str) -> bool:
    summary = store.tables[name].record.members.get("BillingModeSummary", {})
    return bool(summary.get("BillingMode") == "PAY_PER_REQUEST")


def _is_select(request: AwsRequest) -> bool:
    return str(request.document.get("Statement", "")).lstrip().upper().startswith("SELECT")
