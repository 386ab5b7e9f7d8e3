"""The mutating verbs: plans, confirmations, several places, results, waiting."""

from __future__ import annotations

import pytest

from dbtui.domain.failures import FailureKind
from dbtui.domain.scope import Target

from .fake_cloud import DEV, DEV_US, PROD, FakeCloud, instance
from .harness import Harness

ORDERS = "dev@eu-west-1:instance/orders-db"


def test_a_snapshot_of_one_place_gives_one_object(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/orders-db")
    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "place": ORDERS,
        "action": "snapshot",
        "outcome": "running",
        "request_id": "req-1",
        "result": {
            "kind": "instance-snapshot",
            "id": "orders-db-20261123-0915",
            "place": "dev@eu-west-1:instance-snapshot/orders-db-20261123-0915",
        },
        "error": None,
    }
    assert dbtui.cloud.sent == [
        (
            "dev@eu-west-1",
            "rds:CreateDBSnapshot",
            {"DBSnapshotIdentifier": "orders-db-20261123-0915", "DBInstanceIdentifier": "orders-db"},
        )
    ]


def test_name_and_tags_are_passed_on(dbtui: Harness) -> None:
    dbtui.run("snapshot", "instance/orders-db", "--name", "before-v2", "--tag", "why=release", "--tag", "empty=")
    ((_, _, parameters),) = dbtui.cloud.sent
    assert parameters["DBSnapshotIdentifier"] == "before-v2"
    assert parameters["Tags"] == [{"Key": "why", "Value": "release"}, {"Key": "empty", "Value": ""}]


def test_waiting_ends_with_the_finished_resource(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/orders-db", "--wait")
    assert done.code == 0
    assert done.json["outcome"] == "done"
    assert done.json["result"]["status"] == "available"
    assert done.err == "instance-snapshot/orders-db-20261123-0915: started 0:00\n"


def test_a_backup_is_followed_by_the_id_aws_gave_it(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "table/orders", "--wait")
    assert done.code == 0
    assert done.json["result"]["place"] == "dev@eu-west-1:backup/orders/017-abc"


def test_a_bad_end_exits_1_with_the_reason(dbtui: Harness) -> None:
    dbtui.cloud.script["new snapshot"] = ["creating", "failed"]
    done = dbtui.run("snapshot", "instance/orders-db", "--wait")
    assert (done.code, done.json["outcome"]) == (1, "failed")
    assert "is failed" in done.json["error"]["message"]
    assert "is failed" in done.err


def test_the_timeout_exits_6_and_says_how_to_go_on(dbtui: Harness) -> None:
    dbtui.cloud.script["new snapshot"] = ["creating"]
    done = dbtui.run("snapshot", "instance/orders-db", "--wait", "--timeout", "0", "--endpoint-url", "http://x")
    assert (done.code, done.json["outcome"]) == (6, "running")
    resume = "dbtui wait dev@eu-west-1:instance-snapshot/orders-db-20261123-0915 --endpoint-url http://x"
    assert done.err.endswith(f"AWS goes on with it. To wait for it again:\n  {resume}\n")


def test_a_member_of_a_cluster_is_refused_with_its_cluster(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/aurora-main-1")
    assert (done.code, done.out, dbtui.cloud.sent) == (4, "", [])
    assert "use cluster/aurora-main" in done.err


def test_what_is_not_there_exits_3(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/nobody")
    assert (done.code, done.out, dbtui.cloud.sent) == (3, "", [])


def test_a_taken_name_is_refused(dbtui: Harness) -> None:
    dbtui.run("snapshot", "instance/orders-db", "--name", "same")
    assert dbtui.run("snapshot", "instance/orders-db", "--name", "same").code == 4


def test_a_failure_of_aws_is_a_result_with_its_exit_code(dbtui: Harness) -> None:
    dbtui.cloud.break_(
        DEV, "rds:CreateDBSnapshot", FailureKind.PERMISSION, "Not allowed.", iam_action="rds:CreateDBSnapshot"
    )
    done = dbtui.run("snapshot", "instance/orders-db")
    assert done.code == 5
    assert done.json["outcome"] == "failed"
    assert done.json["result"] is None
    assert done.json["error"]["kind"] == "permission"
    assert done.json["error"]["iam_action"] == "rds:CreateDBSnapshot"
    assert done.err == f"{ORDERS}: Not allowed.\n"


def test_several_places_give_an_array_in_the_order_typed(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "table/orders", "instance/orders-db", "cluster/aurora-main", "table/orders")
    assert done.code == 0
    assert [row["place"].partition(":")[2] for row in done.json] == [
        "table/orders",
        "instance/orders-db",
        "cluster/aurora-main",
    ]
    assert [operation for _, operation, _ in dbtui.cloud.sent] == [
        "dynamodb:CreateBackup",
        "rds:CreateDBSnapshot",
        "rds:CreateDBClusterSnapshot",
    ]


def test_nothing_is_sent_when_one_of_several_places_is_not_fine(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/orders-db", "instance/nobody", "instance/billing-db")
    assert (done.code, done.out, dbtui.cloud.sent) == (1, "", [])
    assert "instance/nobody: There is no instance nobody" in done.err
    assert "instance/billing-db: snapshot is not possible" in done.err
    assert done.err.endswith("Nothing was sent.\n")


def test_all_places_failing_alike_keep_their_exit_code(dbtui: Harness) -> None:
    assert dbtui.run("snapshot", "instance/nobody", "instance/noone").code == 3


def test_keep_going_acts_on_the_rest(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/nobody", "instance/orders-db", "--keep-going")
    assert done.code == 1
    assert [row["outcome"] for row in done.json] == ["failed", "running"]
    assert done.json[0]["error"]["kind"] == "not-found"
    assert len(dbtui.cloud.sent) == 1


def test_a_failed_call_stops_the_rest_unless_told_otherwise(dbtui: Harness) -> None:
    dbtui.cloud.break_(DEV, "dynamodb:CreateBackup", FailureKind.QUOTA, "Too many backups.")
    argv = ["snapshot", "table/orders", "instance/orders-db"]
    done = dbtui.run(*argv)
    assert done.code == 1
    assert [row["outcome"] for row in done.json] == ["failed", "failed"]
    assert done.json[1]["error"]["kind"] == "not-sent"
    assert dbtui.cloud.sent == []
    assert [row["outcome"] for row in dbtui.run(*argv, "--keep-going").json] == ["failed", "running"]


def test_a_dry_run_prints_the_calls_and_sends_nothing(dbtui: Harness) -> None:
    done = dbtui.run("snapshot", "instance/orders-db", "table/orders", "--dry-run")
    assert (done.code, dbtui.cloud.sent) == (0, [])
    assert done.json == [
        {
            "service": "rds",
            "operation": "CreateDBSnapshot",
            "parameters": {"DBSnapshotIdentifier": "orders-db-20261123-0915", "DBInstanceIdentifier": "orders-db"},
            "region": "eu-west-1",
            "endpoint": None,
        },
        {
            "service": "dynamodb",
            "operation": "CreateBackup",
            "parameters": {"TableName": "orders", "BackupName": "orders-20261123-0915"},
            "region": "eu-west-1",
            "endpoint": None,
        },
    ]
    assert done.err.endswith("Dry run: nothing was sent.\n")


def test_a_dry_run_works_under_read_only_and_the_real_run_does_not(dbtui: Harness) -> None:
    dbtui.wiring.cloud = FakeCloud(read_only=True)
    dbtui.cloud.put(instance(DEV, "orders-db"))
    assert dbtui.run("--read-only", "snapshot", "instance/orders-db", "--dry-run").code == 0
    done = dbtui.run("--read-only", "snapshot", "instance/orders-db")
    assert (done.code, done.out, dbtui.cloud.sent) == (4, "", [])
    assert "read-only" in done.err


def test_a_read_only_rule_refuses_with_its_reason(dbtui: Harness) -> None:
    audit = Target("audit", "eu-west-1")
    dbtui.wiring.targets = (audit,)
    dbtui.cloud.put(instance(audit, "orders-db"))
    done = dbtui.run("snapshot", "instance/orders-db")
    assert (done.code, dbtui.cloud.sent) == (4, [])
    assert "a rule of the configuration" in done.err


@pytest.mark.parametrize(
    ("place", "extra", "code"),
    [
        ("instance/nobody", [], 3),
        ("instance/legacy-crm", [], 4),
        ("instance/orders-db", [], 4),
        ("instance/orders-db", ["--yes"], 0),
    ],
)
def test_a_dry_run_exits_as_the_real_run_would(place: str, extra: list[str], code: int, dbtui: Harness) -> None:
    assert dbtui.run("stop", place, "--dry-run", *extra).code == code
    assert dbtui.run("stop", place, *extra).code == code


def test_without_a_terminal_a_confirmation_is_an_option_or_exit_4(dbtui: Harness) -> None:
    done = dbtui.run("stop", "instance/orders-db")
    assert (done.code, done.out, dbtui.cloud.sent) == (4, "", [])
    assert "Without a terminal give --yes." in done.err
    assert "clients lose the database" in done.err
    assert dbtui.run("stop", "instance/orders-db", "--yes").code == 0


@pytest.mark.parametrize(("typed", "code", "calls"), [("y\n", 0, 1), ("yes\n", 0, 1), ("\n", 4, 0), ("", 4, 0)])
def test_on_a_terminal_one_is_asked(typed: str, code: int, calls: int, dbtui: Harness) -> None:
    done = dbtui.terminal("stop", "instance/orders-db", typed=typed)
    assert (done.code, len(dbtui.cloud.sent)) == (code, calls)
    assert "Stop instance/orders-db? [y/N]" in done.err
    assert "StopDBInstance DBInstanceIdentifier=orders-db" in done.err


def test_a_snapshot_needs_nothing_more_even_in_a_protected_scope(dbtui: Harness) -> None:
    dbtui.wiring.targets = (PROD,)
    assert dbtui.run("snapshot", "instance/prod-db").code == 0


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ([], 4),
        (["--yes"], 4),
        (["--confirm-scope", "dev"], 4),
        (["--confirm-scope", "prod"], 0),
        (["--confirm-scope", "111122223333"], 0),
    ],
)
def test_other_verbs_need_the_name_of_a_protected_scope(extra: list[str], code: int, dbtui: Harness) -> None:
    dbtui.wiring.targets = (PROD,)
    done = dbtui.run("stop", "instance/prod-db", *extra)
    assert done.code == code
    assert len(dbtui.cloud.sent) == (code == 0)
    if code:
        assert "--confirm-scope" in done.err


@pytest.mark.parametrize(("typed", "code"), [("prod\n", 0), ("dev\n", 4), ("y\n", 4)])
def test_on_a_terminal_the_name_of_a_protected_scope_is_typed(typed: str, code: int, dbtui: Harness) -> None:
    dbtui.wiring.targets = (PROD,)
    done = dbtui.terminal("stop", "instance/prod-db", typed=typed)
    assert done.code == code
    assert "the profile is named prod" in done.err


def test_a_place_in_several_scopes_is_never_guessed(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, DEV_US)
    done = dbtui.run("stop", "instance/orders-db", "--yes")
    assert (done.code, dbtui.cloud.sent) == (2, [])
    assert "dev@us-east-1:instance/orders-db" in done.err
    assert dbtui.run("stop", "dev@us-east-1:instance/orders-db", "--yes").code == 0


def test_a_scope_that_cannot_be_searched_stops_a_change(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, PROD)
    dbtui.cloud.break_(PROD, "*", FailureKind.UNREACHABLE, "No route to eu-west-1.")
    done = dbtui.run("stop", "instance/orders-db", "--yes")
    assert (done.code, dbtui.cloud.sent) == (7, [])


def test_on_a_terminal_the_results_are_a_table_without_an_error_column(dbtui: Harness) -> None:
    dbtui.environment["NO_COLOR"] = "1"
    done = dbtui.terminal("snapshot", "instance/orders-db")
    header, row = done.out.splitlines()
    assert header.split() == ["PLACE", "ACTION", "OUTCOME", "RESULT"]
    assert row.split()[:3] == [ORDERS, "snapshot", "running"]


def test_activity_lists_what_was_started_and_what_became_of_it(dbtui: Harness) -> None:
    dbtui.run("snapshot", "instance/orders-db")
    done = dbtui.run("activity")
    assert done.code == 0
    (operation,) = done.json
    assert (operation["action"], operation["place"], operation["outcome"]) == ("snapshot", ORDERS, "running")
    assert operation["request_id"] == "req-1"
    assert operation["result"] == "dev@eu-west-1:instance-snapshot/orders-db-20261123-0915"
    (later,) = dbtui.run("activity").json
    assert later["outcome"] == "done"
    assert dbtui.run("activity", "--running").json == []
    assert "done" in dbtui.terminal("activity").out


def test_activity_without_operations(dbtui: Harness) -> None:
    assert dbtui.run("activity").out == "[]\n"
    assert dbtui.terminal("activity").err == "No operations.\n"


def test_one_resource_under_three_names_is_acted_on_once(dbtui: Harness) -> None:
    arn = instance(DEV, "orders-db").arn
    done = dbtui.run("snapshot", "instance/orders-db", ORDERS, arn)
    assert done.code == 0, done.err
    assert len(dbtui.cloud.sent) == 1
    assert [result["place"] for result in done.json] == [ORDERS]
    assert done.err.count("acted on once") == 2


def test_a_wait_that_may_not_look_says_so_and_ends(dbtui: Harness) -> None:
    dbtui.cloud.break_(DEV, "rds:DescribeDBSnapshots", FailureKind.PERMISSION, "Not allowed: rds:DescribeDBSnapshots.")
    done = dbtui.run("snapshot", "instance/orders-db", "--wait")
    assert done.code == 5
    assert done.json["outcome"] == "running"
    assert "Not allowed: rds:DescribeDBSnapshots" in done.err
    assert "It cannot be followed" in done.err
