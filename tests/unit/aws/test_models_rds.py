"""RDS replies become models; whatever is missing or new never breaks them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.aws import rds
from dbtui.domain.models import ClusterMember, PendingChange, SecurityGroup
from tests.unit.aws.replies import CREATED, INSTANCE, SCOPE


def test_an_instance_has_every_field_of_its_reply() -> None:
    found = rds.instance(SCOPE, INSTANCE)

    assert (found.id, found.ref.kind, found.ref.scope) == ("orders-db", "instance", SCOPE)
    assert (found.status, found.created_at, found.resource_id) == ("available", CREATED, "db-ABC")
    assert (found.host, found.port) == ("orders-db.abc.eu-central-1.rds.amazonaws.com", 5432)
    assert (found.allocated_gib, found.max_allocated_gib, found.iops, found.throughput_mibps) == (200, 1000, 3000, 125)
    assert (found.multi_az, found.publicly_accessible, found.auto_minor_upgrade) == (True, False, False)
    assert (found.vpc_id, found.subnet_group, found.subnets) == ("vpc-1", "private", ("subnet-1", "subnet-2"))
    assert found.security_groups == (SecurityGroup("sg-1", "active"),)
    assert found.parameter_groups == (("pg16", "pending-reboot"),)
    assert found.tags == (("team", "orders"), ("empty", ""))
    assert (found.replicas, found.replication_states) == (("orders-replica",), ("replicating",))
    assert (found.percent_progress, found.certificate_valid_till) == (42, CREATED)
    assert found.master_secret_arn == "arn:secret"
    assert found.raw is INSTANCE


def test_pending_changes_are_readable_flat_and_without_secrets() -> None:
    assert rds.instance(SCOPE, INSTANCE).pending == (
        PendingChange("instance class", "db.r6g.xlarge"),
        PendingChange("master password", "***"),
        PendingChange("Multi-AZ", "yes"),
        PendingChange("log exports to enable", "postgresql, upgrade"),
        PendingChange("processor coreCount", "4"),
        PendingChange("SomethingNew", "7"),
    )


def test_an_empty_reply_is_an_instance_of_which_nothing_is_known() -> None:
    found = rds.instance(SCOPE, {})

    assert (found.id, found.status, found.host) == ("", "", "")
    assert (found.created_at, found.allocated_gib, found.multi_az, found.port) == (None, None, None, None)
    assert (found.tags, found.pending, found.security_groups) == ((), (), ())


def test_a_cluster_knows_its_writer_and_capacity() -> None:
    found = rds.cluster(
        SCOPE,
        {
            "DBClusterIdentifier": "shop",
            "Status": "available",
            "DbClusterResourceId": "cluster-1",
            "Engine": "aurora-postgresql",
            "DBClusterMembers": [
                {"DBInstanceIdentifier": "shop-2", "IsClusterWriter": False, "PromotionTier": 1},
                {"DBInstanceIdentifier": "shop-1", "IsClusterWriter": True, "PromotionTier": 0},
            ],
            "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 16},
            "PendingModifiedValues": {"EngineVersion": "16.4", "MasterUserPassword": "x"},
            "PercentProgress": "not a number",
        },
    )

    assert found.members[0] == ClusterMember("shop-2", False, 1)
    assert (found.writer, found.serverless_min_acu, found.serverless_max_acu) == ("shop-1", 0.5, 16.0)
    assert found.pending == (PendingChange("engine version", "16.4"), PendingChange("master password", "***"))
    assert found.percent_progress is None


def test_a_snapshot_being_created_shows_when_its_original_was() -> None:
    found = rds.instance_snapshot(
        SCOPE,
        {
            "DBSnapshotIdentifier": "s-1",
            "DBInstanceIdentifier": "orders-db",
            "Status": "creating",
            "PercentProgress": 10,
            "OriginalSnapshotCreateTime": CREATED,
        },
    )

    assert (found.created_at, found.percent_progress, found.source_id) == (CREATED, 10, "orders-db")


def test_times_without_a_zone_are_utc() -> None:
    naive = datetime(2024, 5, 2, 9, 15)
    found = rds.cluster_snapshot(SCOPE, {"DBClusterSnapshotIdentifier": "s", "SnapshotCreateTime": naive})

    assert found.created_at == naive.replace(tzinfo=UTC)


def test_a_parameter_group() -> None:
    found = rds.parameter_group(SCOPE, {"DBParameterGroupName": "pg16", "DBParameterGroupFamily": "postgres16"})

    assert (found.id, found.family, found.status) == ("pg16", "postgres16", "")


_LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.datetimes()
_ANYTHING = st.recursive(_LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=4)


@pytest.mark.parametrize("convert", [rds.instance, rds.cluster, rds.instance_snapshot, rds.cluster_snapshot])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_no_value_of_any_type_breaks_a_model(convert: Any, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(INSTANCE)), max_size=6, unique=True))
    raw = {name: data.draw(_ANYTHING) for name in names}

    assert convert(SCOPE, raw).raw is raw
