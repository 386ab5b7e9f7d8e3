"""Every kind shows every model: the barest AWS can send, and words nobody knows yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from dbtui import resources
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import (
    Backup,
    Cluster,
    ClusterSnapshot,
    Index,
    Instance,
    InstanceSnapshot,
    KeyPart,
    ParameterGroup,
    PointInTimeRecovery,
    Resource,
    Table,
    TimeToLive,
)
from dbtui.domain.scope import ResourceRef, Scope
from dbtui.domain.states import State
from dbtui.gateway.fake import FakeGateway
from dbtui.resources import Kind

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
SCOPE = Scope("dev", "111122223333", "eu-west-1")
BARE: dict[str, tuple[type[Resource], dict[str, Any]]] = {
    "instance": (Instance, {"resource_id": "", "engine": ""}),
    "cluster": (Cluster, {"resource_id": "", "engine": ""}),
    "instance-snapshot": (InstanceSnapshot, {"source_id": ""}),
    "cluster-snapshot": (ClusterSnapshot, {"source_id": ""}),
    "table": (Table, {}),
    "backup": (Backup, {"backup_name": "nightly", "table_name": "orders"}),
    "parameter-group": (ParameterGroup, {"family": "postgres16"}),
}


def bare(kind: str, status: str = "a-word-from-the-future", **changes: Any) -> Any:
    model, members = BARE[kind]
    return model(ref=ResourceRef(SCOPE, kind, "x"), arn="", status=status, **(members | changes))


def all_kinds() -> Any:
    return pytest.mark.parametrize("kind", resources.ALL, ids=lambda kind: kind.name)


@all_kinds()
def test_a_bare_model_with_an_unknown_status_renders_neutrally(kind: Kind[Any]) -> None:
    model = bare(kind.name)
    cells = [column.value(model, NOW) for column in kind.columns]
    assert all(isinstance(cell.text, str) and "None" not in cell.text for cell in cells)
    sections = kind.sections(model, NOW)
    assert all("None" not in field.text for section in sections for field in section.fields)
    assert "None" not in kind.headline(model)
    if kind.name != "parameter-group":
        assert kind.status(model).state is State.UNKNOWN
        assert not kind.status(model).transitional


@all_kinds()
def test_a_json_object_has_the_shared_members_and_nulls_for_what_is_absent(kind: Kind[Any]) -> None:
    exported = resources.to_json(bare(kind.name))
    assert list(exported)[:10] == [
        "schema", "kind", "id", "name", "place", "arn", "status", "state", "scope", "created_at",
    ]  # fmt: skip
    assert exported["scope"] == {"profile": "dev", "account": "111122223333", "region": "eu-west-1", "endpoint": None}
    assert exported["arn"] is None
    assert "" not in [value for value in exported.values() if isinstance(value, str)]
    msgspec.json.encode(exported)


@all_kinds()
def test_a_place_and_every_word_lead_back_to_the_kind(kind: Kind[Any]) -> None:
    place = resources.place_of(bare(kind.name).ref)
    assert resources.locate(place, [SCOPE.target]).kind is kind
    assert all(resources.kind_named(word) is kind for word in resources.words(kind))


def test_related_and_linked_places_can_be_opened() -> None:
    models = [
        bare("instance", cluster_id="c", replicas=("r",), replica_source="s"),
        bare("instance-snapshot", source_id="orders-db"),
        bare("backup"),
    ]
    for model in models:
        kind = resources.kind_of(model.ref)
        links = [field.place for section in kind.sections(model, NOW) for field in section.fields if field.place]
        for place in [*links, *(place for _, place in kind.related(model))]:
            assert resources.locate(place, [SCOPE.target]).id


def test_backups_are_located_by_table_and_id_and_by_arn() -> None:
    located = resources.locate("backup/orders/0177-abc", [SCOPE.target])
    assert located.id == "orders/0177-abc"
    arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders/backup/0177-abc"
    assert resources.locate(arn, [SCOPE.target]).id == "orders/0177-abc"
    assert resources.locate(arn, [SCOPE.target]).account == "111122223333"


def test_an_arn_of_an_index_is_its_tables() -> None:
    located = resources.locate("arn:aws:dynamodb:eu-west-1:1:table/orders/index/by-status", [SCOPE.target])
    assert (located.kind.name, located.id, located.sub) == ("table", "orders", ("index", "by-status"))


def test_an_unknown_kind_names_near_ones() -> None:
    with pytest.raises(Exception, match=r"unknown kind: instanse\..*instance"):
        resources.kind_named("instanse")


def test_a_place_in_another_region_is_looked_for_there() -> None:
    assert [target.region for target in resources.locate("dev@us-east-1:table/x", [SCOPE.target]).targets] == [
        "us-east-1"
    ]


def test_a_building_index_makes_an_active_table_busy() -> None:
    index = Index(
        "by-status", is_global=True, keys=(KeyPart("status", "HASH", "S"),), status="CREATING", backfilling=True
    )
    table = bare("table", "ACTIVE", indexes=(index,))
    kind = resources.kind_named("table")
    assert kind.status(table).transitional
    status = next(column for column in kind.columns if column.key == "status").value(table, NOW)
    assert status.text == "● active, index creating"


def test_a_gsi_with_several_key_attributes_shows_them_all() -> None:
    keys = tuple(KeyPart(f"p{n}", "HASH", "S") for n in range(4)) + tuple(
        KeyPart(f"s{n}", "RANGE", "N") for n in range(4)
    )
    table = bare("table", "ACTIVE", indexes=(Index("wide", is_global=True, keys=keys),))
    section = next(s for s in resources.kind_named("table").sections(table, NOW) if s.title == "Global index wide")
    assert [field.copy for field in section.fields if field.copy] == [part.name for part in keys]


def test_shared_cluster_storage_is_not_given_as_the_members_own() -> None:
    member = bare("instance", "available", engine="aurora-postgresql", allocated_gib=1)
    assert resources.to_json(member)["allocated_bytes"] is None


async def test_a_forbidden_part_of_a_table_is_said_in_its_own_line() -> None:
    gateway = FakeGateway(account=SCOPE.account)
    gateway.put(bare("table", "ACTIVE"))
    denied = Failure(FailureKind.PERMISSION, "Access denied")
    for operation in ("DescribeTimeToLive", "DescribeContinuousBackups", "ListTagsOfResource"):
        gateway.fail(f"dynamodb:{operation}", denied)
    kind = resources.kind_named("table")
    assert kind.complete is not None
    table = await kind.complete(gateway, bare("table", "ACTIVE"))
    lines = [field.text for section in kind.sections(table, NOW) for field in section.fields]
    assert "no permission for dynamodb:DescribeTimeToLive" in lines
    assert "no permission for dynamodb:DescribeContinuousBackups" in lines
    assert "no permission for dynamodb:ListTagsOfResource" in lines
    assert resources.to_json(table)["tags"] is None


async def test_other_failures_of_a_detail_are_raised() -> None:
    gateway = FakeGateway(account=SCOPE.account)
    gateway.put(bare("table", "ACTIVE"))
    gateway.fail("dynamodb:DescribeTimeToLive", Failure(FailureKind.UNREACHABLE, "No route."))
    kind = resources.kind_named("table")
    assert kind.complete is not None
    with pytest.raises(AwsError, match="No route"):
        await kind.complete(gateway, bare("table", "ACTIVE"))


async def test_a_backup_of_a_name_used_twice_lists_the_candidates() -> None:
    gateway = FakeGateway(account=SCOPE.account)
    for number in (1, 2):
        ref = ResourceRef(SCOPE, "backup", f"orders/0{number}")
        gateway.put(Backup(ref=ref, arn=f"arn{number}", status="AVAILABLE", backup_name="nightly", table_name="orders"))
    kind = resources.kind_named("backup")
    with pytest.raises(AwsError, match=r"2 backups are named nightly.*backup/orders/01, backup/orders/02"):
        await kind.get(gateway, SCOPE.target, "orders/nightly")
    assert (await kind.get(gateway, SCOPE.target, "orders/02")).arn == "arn2"


def test_ttl_and_pitr_columns_tell_off_from_unknown() -> None:
    kind = resources.kind_named("table")
    shown = {column.key: column.value for column in kind.columns}
    unknown = bare("table", "ACTIVE")
    known = bare("table", "ACTIVE", ttl=TimeToLive("ENABLED", "expires"), pitr=PointInTimeRecovery("ENABLED", 35))
    off = bare("table", "ACTIVE", ttl=TimeToLive("DISABLED"), pitr=PointInTimeRecovery("DISABLED"))
    assert [shown["ttl"](table, NOW).text for table in (unknown, known, off)] == ["", "expires", "–"]
    assert [shown["pitr"](table, NOW).text for table in (unknown, known, off)] == ["", "35 d", "off"]
