"""``list`` and ``show``: shapes, scopes, failures, formats."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from dbtui.domain.failures import FailureKind
from dbtui.domain.scope import ResourceRef

from .fake_cloud import ACCOUNT, DEV, DEV_US, PROD, instance, scope_of, table
from .harness import Harness

SHARED = ["schema", "kind", "id", "name", "place", "arn", "status", "state", "scope", "created_at"]


def test_a_list_in_a_pipe_is_one_json_array_with_the_stated_members(dbtui: Harness) -> None:
    done = dbtui.run("list", "instances")
    assert (done.code, done.err) == (0, "")
    first = done.json[0]
    assert list(first)[:10] == SHARED
    assert {name: first[name] for name in SHARED} == {
        "schema": 1,
        "kind": "instance",
        "id": "orders-db",
        "name": "orders-db",
        "place": "dev@eu-west-1:instance/orders-db",
        "arn": f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders-db",
        "status": "available",
        "state": "ok",
        "scope": {"profile": "dev", "account": ACCOUNT, "region": "eu-west-1", "endpoint": None},
        "created_at": "2026-10-12T04:10:00Z",
    }
    assert first["allocated_bytes"] == 200 * 1024**3
    assert [row["state"] for row in done.json] == ["ok", "busy", "stopped", "ok"]


def test_an_empty_list_is_an_empty_array(dbtui: Harness) -> None:
    assert dbtui.run("list", "cluster-snapshots").out == "[]\n"


def test_json_lines_are_one_object_a_line(dbtui: Harness) -> None:
    lines = dbtui.run("list", "tables", "-o", "jsonl").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["orders", "sessions", "ledger"]


def test_tables_are_names_at_one_call_a_page_and_described_when_asked(dbtui: Harness) -> None:
    full = dbtui.run("list", "tables", "--describe").json
    assert (full[0]["status"], full[0]["items_approximate"]) == ("ACTIVE", 1240)
    dbtui.cloud.calls.clear()
    names = dbtui.run("list", "tables").json
    assert [row["id"] for row in names] == ["orders", "sessions", "ledger"]
    assert names[0]["status"] is None
    assert dbtui.cloud.read == {"dynamodb:ListTables": 2}, "two pages"


def test_a_terminal_gets_a_table(dbtui: Harness) -> None:
    done = dbtui.terminal("list", "instances")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.out).splitlines()
    assert lines[0].split()[:4] == ["IDENTIFIER", "STATUS", "ENGINE", "CLASS"]
    assert re.fullmatch(r"billing-db\s+◐ backing-up\s+mysql 8.0.39 .*", lines[2])
    assert "\x1b[32m" in done.out
    assert done.err.endswith("4 instances\n")
    assert all(len(line) <= 120 for line in lines)


def test_a_narrow_terminal_leaves_columns_out_and_says_so(dbtui: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    done = dbtui.terminal("list", "instances")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.out).splitlines()
    assert all(len(line) <= 50 for line in lines)
    assert lines[0].startswith("IDENTIFIER")
    assert "columns left out for want of width: " in done.err
    assert "created" in done.err


@pytest.mark.parametrize("output", ["table", "json", "jsonl", "csv"])
def test_no_colour_in_a_pipe(output: str, dbtui: Harness) -> None:
    done = dbtui.run("list", "instances", "-o", output)
    assert "\x1b" not in done.out + done.err


def test_no_colour_when_told_so(dbtui: Harness) -> None:
    dbtui.environment["NO_COLOR"] = "1"
    assert "\x1b[" not in dbtui.terminal("list", "instances").out


def test_a_table_in_a_pipe_is_not_cut(dbtui: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    dbtui.cloud.put(instance(DEV, "a-very-long-identifier-" + "x" * 40))
    assert "a-very-long-identifier-" + "x" * 40 in dbtui.run("list", "instances", "-o", "table").out


def test_csv_has_one_header_and_guards_formulas(dbtui: Harness) -> None:
    dbtui.cloud.put(instance(DEV, "x", engine_version='=HYPERLINK("http://evil")'))
    done = dbtui.run("list", "instances", "-o", "csv")
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert len(rows) == 5
    assert rows[0]["scope.region"] == "eu-west-1"
    assert rows[4]["engine_version"] == '\'=HYPERLINK("http://evil")'
    assert "--csv-raw" in done.err
    raw = dbtui.run("list", "instances", "-o", "csv", "--csv-raw")
    assert '"=HYPERLINK' in raw.out
    assert raw.err == ""


def test_untrusted_text_is_escaped_for_a_terminal_and_verbatim_in_a_pipe(dbtui: Harness) -> None:
    dbtui.cloud.put(instance(DEV, "x", engine="e", engine_version="\x9b\u202e\x1b[3m"))
    assert "\\x9b\\u202e\\x1b[3m" in dbtui.terminal("list", "instances", "-o", "table").out
    on_terminal = dbtui.terminal("list", "instances", "-o", "json").out
    assert "\\u009b" in on_terminal
    assert "\\u202e" in on_terminal
    assert json.loads(on_terminal)[4]["engine_version"] == "\x9b\u202e\x1b[3m"
    assert "\x9b\u202e\\u001b" in dbtui.run("list", "instances", "-o", "json").out


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("orders", ["orders-db"]),
        ("ORDERS", ["orders-db"]),
        ("postgres available", ["orders-db"]),
        ("state=stopped", ["legacy-crm"]),
        ("engine=mysql", ["billing-db"]),
        ("status=back", ["billing-db"]),
        ("!aurora !state=ok", ["billing-db", "legacy-crm"]),
        ("storage=200 !status=stopped !engine=mysql", ["orders-db"]),
        ("tag=team", []),
        ("nothing-like-it", []),
    ],
)
def test_filter(text: str, ids: list[str], dbtui: Harness) -> None:
    assert [row["id"] for row in dbtui.run("list", "instances", "--filter", text).json] == ids


def test_a_filtered_table_says_how_many_there_are(dbtui: Harness) -> None:
    assert dbtui.terminal("list", "instances", "--filter", "orders").err.endswith("1 of 4 instances\n")


def test_the_union_of_snapshots_and_one_kind_of_it(dbtui: Harness) -> None:
    kinds = {row["kind"] for row in dbtui.run("list", "snapshots").json}
    assert kinds == {"backup"}
    assert dbtui.run("list", "snapshots", "--kind", "instance-snapshot").json == []
    done = dbtui.terminal("list", "snapshots")
    assert "KIND" in done.out
    assert "3 snapshots" in done.err


def test_several_scopes_are_merged_in_their_order_with_a_scope_column(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, DEV_US)
    places = [row["place"] for row in dbtui.run("list", "instances").json]
    assert places[0] == "dev@eu-west-1:instance/orders-db"
    assert places[4:] == ["dev@us-east-1:instance/orders-db", "dev@us-east-1:instance/reports-db"]
    assert "SCOPE" in dbtui.run("list", "instances", "-o", "table").out
    dbtui.wiring.targets = (DEV,)
    assert "SCOPE" not in dbtui.run("list", "instances", "-o", "table").out


def test_a_scope_that_fails_is_named_and_the_rest_still_printed(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, PROD)
    dbtui.cloud.break_(PROD, "rds:DescribeDBInstances", FailureKind.PERMISSION, "Not allowed: rds:DescribeDBInstances.")
    done = dbtui.run("list", "instances")
    assert done.code == 1
    assert len(done.json) == 4
    assert done.err == "prod@eu-west-1: instances: Not allowed: rds:DescribeDBInstances.\n"


@pytest.mark.parametrize(
    ("kind", "code"), [(FailureKind.CREDENTIALS, 5), (FailureKind.UNREACHABLE, 7), (FailureKind.SERVICE, 1)]
)
def test_when_every_scope_fails_alike_the_exit_code_tells_how(kind: FailureKind, code: int, dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, PROD)
    dbtui.cloud.break_(DEV, "*", kind)
    dbtui.cloud.break_(PROD, "*", kind)
    done = dbtui.run("list", "instances")
    assert (done.code, done.out) == (code, "")


def test_scopes_that_fail_differently_are_a_mixture(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, PROD)
    dbtui.cloud.break_(DEV, "*", FailureKind.CREDENTIALS)
    dbtui.cloud.break_(PROD, "*", FailureKind.UNREACHABLE)
    assert dbtui.run("list", "instances").code == 1


def test_tables_that_cannot_be_described_keep_their_names(dbtui: Harness) -> None:
    dbtui.cloud.break_(DEV, "dynamodb:DescribeTable", FailureKind.PERMISSION, "Not allowed: dynamodb:DescribeTable.")
    done = dbtui.run("list", "tables", "--describe")
    assert [row["id"] for row in done.json] == ["orders", "sessions", "ledger"]
    assert done.code == 5
    assert done.err == "dev@eu-west-1: orders, sessions, ledger: Not allowed: dynamodb:DescribeTable.\n"


def test_a_table_that_vanishes_between_name_and_description_is_left_out(dbtui: Harness) -> None:
    dbtui.cloud.break_(DEV, "dynamodb:DescribeTable", FailureKind.NOT_FOUND)
    done = dbtui.run("list", "tables", "--describe")
    assert (done.code, done.json, done.err) == (0, [], "")


def test_show_gives_one_object_with_everything(dbtui: Harness) -> None:
    done = dbtui.run("show", "table/orders")
    assert done.code == 0
    assert list(done.json)[:10] == SHARED
    assert done.json["tags"] == {"team": "shop"}
    assert done.json["ttl"] == {"status": "ENABLED", "attribute": "expires"}
    assert dbtui.run("describe", "table/orders").out == done.out


def test_show_on_a_terminal_gives_sections(dbtui: Harness) -> None:
    dbtui.environment["NO_COLOR"] = "1"
    text = dbtui.terminal("show", "instance/orders-db").out
    assert text.startswith("dev@eu-west-1:instance/orders-db\n")
    assert "\nBackup\n" in text
    assert re.search(r"^  engine +postgres 16\.3$", text, re.M)


def test_show_raw_prints_what_aws_said(dbtui: Harness) -> None:
    assert dbtui.run("show", "instance/orders-db", "--raw").json == {
        "DBInstanceIdentifier": "orders-db",
        "InstanceCreateTime": "2026-10-12T04:10:00Z",
        "NewMember": "AAE=",
    }


def test_an_arn_and_a_full_place_lead_to_the_same(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, DEV_US)
    place = "dev@us-east-1:instance/orders-db"
    arn = f"arn:aws:rds:us-east-1:{ACCOUNT}:db:orders-db"
    assert dbtui.run("show", place).json["place"] == place
    assert dbtui.run("show", arn).json["place"] == place


def test_an_arn_of_another_account_is_not_found(dbtui: Harness) -> None:
    done = dbtui.run("show", "arn:aws:rds:eu-west-1:999999999999:db:orders-db")
    assert (done.code, done.out) == (3, "")
    assert "of account 999999999999" in done.err


def test_what_is_not_there_exits_3(dbtui: Harness) -> None:
    done = dbtui.run("show", "instance/nobody")
    assert (done.code, done.out) == (3, "")
    assert "There is no instance nobody" in done.err


def test_a_name_in_several_scopes_lists_the_candidates(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, DEV_US)
    done = dbtui.run("show", "instance/orders-db")
    assert (done.code, done.out) == (2, "")
    assert "dev@eu-west-1:instance/orders-db, dev@us-east-1:instance/orders-db" in done.err


def test_a_scope_that_cannot_be_searched_is_named_when_another_has_it(dbtui: Harness) -> None:
    dbtui.wiring.targets = (DEV, PROD)
    dbtui.cloud.break_(PROD, "*", FailureKind.CREDENTIALS, "No credentials.")
    done = dbtui.run("show", "instance/billing-db")
    assert done.code == 0
    assert done.err == "prod@eu-west-1 was not searched: No credentials.\n"
    assert dbtui.run("show", "instance/nobody").code == 5


def test_a_backup_by_id_by_unique_name_and_by_a_name_used_twice(dbtui: Harness) -> None:
    assert dbtui.run("show", "backup/orders/0171-aaa").json["name"] == "nightly"
    assert dbtui.run("show", "backup/orders/pre-migration").json["id"] == "orders/0173-ccc"
    done = dbtui.run("show", "backup/orders/nightly")
    assert (done.code, done.out) == (2, "")
    assert "backup/orders/0171-aaa, backup/orders/0172-bbb" in done.err


def test_names_with_odd_characters_survive_as_places(dbtui: Harness) -> None:
    odd = table(DEV, "a.b_c-d")
    dbtui.cloud.put(odd)
    assert odd.ref == ResourceRef(scope_of(DEV), "table", "a.b_c-d")
    place = dbtui.run("show", "table/a.b_c-d").json["place"]
    assert dbtui.run("show", place).json["place"] == place


@pytest.mark.parametrize("text", ["stauts=available", "!stauts=available", "color=red"])
def test_a_misspelt_attribute_of_a_filter_is_a_usage_error(dbtui: Harness, text: str) -> None:
    done = dbtui.run("list", "instances", "--filter", text)
    assert (done.code, done.out) == (2, "")
    assert "there is no attribute" in done.err
    assert "status" in done.err


def test_raw_json_lines_are_one_line(dbtui: Harness) -> None:
    assert len(dbtui.run("show", "instance/orders-db", "--raw", "-o", "jsonl").out.splitlines()) == 1
    assert dbtui.run("show", "instance/orders-db", "--raw", "-o", "csv").code == 2


def test_tables_none_of_which_may_be_described_exit_like_a_denied_list(dbtui: Harness) -> None:
    dbtui.cloud.break_(DEV, "dynamodb:DescribeTable", FailureKind.PERMISSION, "Not allowed: dynamodb:DescribeTable.")
    assert dbtui.run("list", "tables", "--filter", "status=active").code == 5
