"""Models for tests of verbs: one believable instance, cluster and table, changed by keyword."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dbtui.domain.models import Cluster, ClusterMember, Instance, Table
from dbtui.domain.scope import ResourceRef, Scope

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
SCOPE = Scope("dev", "111122223333", "eu-west-1")
PROD = Scope("acme-prod", "444455556666", "eu-west-1")


def instance(name: str = "orders-db", scope: Scope = SCOPE, **changes: Any) -> Instance:
    members: dict[str, Any] = {
        "ref": ResourceRef(scope, "instance", name),
        "arn": f"arn:aws:rds:{scope.region}:{scope.account}:db:{name}",
        "status": "available",
        "resource_id": f"db-{name.upper()}",
        "engine": "postgres",
        "engine_version": "16.3",
        "instance_class": "db.m7g.large",
        "multi_az": False,
    }
    return Instance(**(members | changes))


def cluster(name: str = "aurora-main", scope: Scope = SCOPE, **changes: Any) -> Cluster:
    members: dict[str, Any] = {
        "ref": ResourceRef(scope, "cluster", name),
        "arn": f"arn:aws:rds:{scope.region}:{scope.account}:cluster:{name}",
        "status": "available",
        "resource_id": f"cluster-{name.upper()}",
        "engine": "aurora-postgresql",
        "engine_version": "16.4",
        "members": (ClusterMember(f"{name}-1", writer=True), ClusterMember(f"{name}-2", writer=False)),
    }
    return Cluster(**(members | changes))


def table(name: str = "orders", scope: Scope = SCOPE, **changes: Any) -> Table:
    members: dict[str, Any] = {
        "ref": ResourceRef(scope, "table", name),
        "arn": f"arn:aws:dynamodb:{scope.region}:{scope.account}:table/{name}",
        "status": "ACTIVE",
        "table_id": f"id-{name}",
    }
    return Table(**(members | changes))
