"""Taking a snapshot with the real program over the real client: followed, journaled, found again, never repeated."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_support import DemoServer, wait_until
from program import Dbtui


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "4") as demo:
        yield demo


@pytest.fixture
def demo(server: DemoServer) -> DemoServer:
    server.faults("")
    server.reset("company")
    server.post("/_demo/calls/clear")
    return server


@pytest.fixture
def dbtui(demo: DemoServer, tmp_path: Path) -> Dbtui:
    return Dbtui.at(demo, tmp_path)


def created(demo: DemoServer) -> int:
    return len(demo.calls("CreateDBSnapshot"))


def test_a_snapshot_is_taken_followed_and_journaled(demo: DemoServer, dbtui: Dbtui) -> None:
    result = dbtui.run("snapshot", "instance/orders-db", "--wait", "--tag", "team=shop")
    assert result.code == 0, result.err
    assert result.json["outcome"] == "done"
    assert result.json["result"]["status"] == "available"
    assert result.json["result"]["tags"]["team"] == "shop"
    journal = dbtui.journal()
    assert [record["event"] for record in journal] == ["intent", "sent", "outcome"]
    assert journal[0]["steps"][0]["parameters"]["DBInstanceIdentifier"] == "orders-db"
    assert journal[1]["request_id"] == result.json["request_id"] != ""
    assert journal[2]["outcome"] == "done"
    assert created(demo) == 1


def test_the_three_sources_make_the_three_kinds(dbtui: Dbtui) -> None:
    places = ["instance/orders-db", "cluster/shop-mysql", "table/orders"]
    result = dbtui.run("snapshot", *places, "--wait")
    assert result.code == 0, result.err
    kinds = [entry["result"]["kind"] for entry in result.json]
    assert kinds == ["instance-snapshot", "cluster-snapshot", "backup"]
    assert {entry["result"]["state"] for entry in result.json} == {"ok"}


def test_a_reply_lost_after_the_effect_is_done_and_not_repeated(demo: DemoServer, dbtui: Dbtui) -> None:
    demo.faults("rds:CreateDBSnapshot:lost")
    result = dbtui.run("snapshot", "instance/orders-db", "--wait")
    assert result.code == 0, result.err
    assert result.json["outcome"] == "done"
    assert created(demo) == 1
    assert [record["event"] for record in dbtui.journal()] == ["intent", "sent", "outcome"]


def test_throttling_is_told_and_waited_out(demo: DemoServer, dbtui: Dbtui) -> None:
    demo.faults("rds:CreateDBSnapshot:throttle#2,rds:DescribeDBInstances:throttle#1")
    result = dbtui.run("snapshot", "instance/orders-db", "--wait")
    assert result.code == 0, result.err
    assert "throttled" in result.err


def test_killed_in_between_it_is_found_and_followed_by_the_next(demo: DemoServer, dbtui: Dbtui) -> None:
    process = dbtui.start("snapshot", "instance/orders-db", "--wait")
    wait_until(lambda: [record["event"] for record in dbtui.journal()] == ["intent", "sent"], 20)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    wait_until(lambda: _finds_it_done(dbtui), 30)
    assert created(demo) == 1
    assert [record["event"] for record in dbtui.journal()] == ["intent", "sent", "outcome"]


def _finds_it_done(dbtui: Dbtui) -> bool:
    (operation,) = dbtui.run("activity", "-o", "json").json
    return bool(operation["outcome"] == "done" or operation.get("state") == "done")


def test_killed_before_the_answer_it_is_settled_by_aws_state(demo: DemoServer, dbtui: Dbtui) -> None:
    demo.faults("rds:CreateDBSnapshot:delay:3s")
    process = dbtui.start("snapshot", "instance/orders-db", "--wait")
    wait_until(lambda: created(demo) == 1, 20)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    assert [record["event"] for record in dbtui.journal()] == ["intent"]
    demo.faults("")
    wait_until(lambda: _finds_it_done(dbtui), 30)
    assert created(demo) == 1


def test_a_refused_name_sends_nothing(demo: DemoServer, dbtui: Dbtui) -> None:
    result = dbtui.run("snapshot", "instance/orders-db", "--name", "1--")
    assert result.code == 2
    assert "must be a letter" in result.err
    assert created(demo) == 0


def test_a_member_of_a_cluster_is_sent_to_its_cluster(demo: DemoServer, dbtui: Dbtui) -> None:
    result = dbtui.run("snapshot", "instance/aurora-main-1")
    assert result.code == 4
    assert "use cluster/aurora-main" in result.err
    assert created(demo) == 0


def test_read_only_refuses_and_dry_run_still_plans(demo: DemoServer, dbtui: Dbtui) -> None:
    refused = dbtui.run("snapshot", "instance/orders-db", "--read-only")
    assert refused.code == 4
    assert "read-only" in refused.err
    planned = dbtui.run("--read-only", "snapshot", "instance/orders-db", "--dry-run", "--name", "planned")
    assert planned.json[0]["parameters"] == {"DBSnapshotIdentifier": "planned", "DBInstanceIdentifier": "orders-db"}
    assert created(demo) == 0


def test_production_takes_additive_verbs_and_wants_its_name_for_the_rest(demo: DemoServer, dbtui: Dbtui) -> None:
    assert dbtui.run("-p", "demo-prod", "snapshot", "instance/orders-db").code == 0
    refused = dbtui.run("-p", "demo-prod", "reboot", "instance/payments-db", "--yes")
    assert refused.code == 4
    assert "demo-prod" in refused.err
    assert demo.calls("RebootDBInstance") == []
    agreed = dbtui.run("-p", "demo-prod", "reboot", "instance/payments-db", "--confirm-scope", "444455556666")
    assert agreed.code == 0, agreed.err


def test_rules_by_account_and_region(demo: DemoServer, dbtui: Dbtui) -> None:
    dbtui.configure(
        '[[rule]]\naccount = "111122223333"\nprotected = true\n\n[[rule]]\nregion = "us-*"\nread_only = true\n'
    )
    assert dbtui.run("reboot", "instance/billing-db", "--yes").code == 4
    result = dbtui.run("-r", "us-east-1", "list", "instances", "-o", "json")
    first = next(entry["id"] for entry in result.json if entry["status"] == "available" and not entry["cluster"])
    refused = dbtui.run("-r", "us-east-1", "snapshot", f"instance/{first}")
    assert refused.code == 4
    assert "read-only" in refused.err
