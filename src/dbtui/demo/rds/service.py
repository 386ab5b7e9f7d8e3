"""Every RDS operation the demo answers. Others get AWS's InvalidAction, so that nothing diverges in silence."""

from __future__ import annotations

from typing import Any

from dbtui.demo.paging import marker_page
from dbtui.demo.protocol import query
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.models import service_model
from dbtui.demo.protocol.reply import xml_reply
from dbtui.demo.rds import around, cluster_snapshots, clusters, instance_life, instance_verbs, instances, snapshots
from dbtui.demo.world import Params, RdsCall, RdsHandler, World


def _nothing(member: str) -> RdsHandler:
    """A list of things that this company does not have."""

    def handler(call: RdsCall, params: Params) -> dict[str, Any]:
        page, marker = marker_page(call.pages, call.operation, [], params)
        return {member: page, "Marker": marker}

    return handler


_EMPTY_LISTS = {
    "DescribeBlueGreenDeployments": "BlueGreenDeployments",
    "DescribeDBClusterAutomatedBackups": "DBClusterAutomatedBackups",
    "DescribeDBClusterEndpoints": "DBClusterEndpoints",
    "DescribeDBProxies": "DBProxies",
    "DescribeEventSubscriptions": "EventSubscriptionsList",
    "DescribeExportTasks": "ExportTasks",
    "DescribeGlobalClusters": "GlobalClusters",
    "DescribeReservedDBInstances": "ReservedDBInstances",
}

OPERATIONS: dict[str, RdsHandler] = {
    **instances.OPERATIONS,
    **instance_verbs.OPERATIONS,
    **instance_life.OPERATIONS,
    **snapshots.OPERATIONS,
    **clusters.OPERATIONS,
    **cluster_snapshots.OPERATIONS,
    **around.OPERATIONS,
    **{operation: _nothing(member) for operation, member in _EMPTY_LISTS.items()},
}


def answer(world: World, request: AwsRequest) -> Reply:
    handler = OPERATIONS.get(request.operation)
    if handler is None:
        raise AwsError("InvalidAction", f"Could not find operation {request.operation} for version 2014-10-31")
    model = service_model("rds").operation_model(request.operation)
    params = query.read_parameters(request.form, model.input_shape)
    with world.lock:
        store = world.rds_at(request.account, request.region)
        result = handler(RdsCall(store, world.clock.now(), world.pages, request.operation), params)
    return xml_reply(model, result)
