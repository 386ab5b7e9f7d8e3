"""What goes wrong ends in one clear message and the right exit code; nobody sees a traceback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_support import DemoServer
from program import Dbtui, Result


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer("company") as demo:
        yield demo


@pytest.fixture
def dbtui(server: DemoServer, tmp_path: Path) -> Dbtui:
    server.faults("")
    return Dbtui.at(server, tmp_path)


def one_message(result: Result, code: int, *words: str) -> None:
    assert result.code == code, result.err
    assert "Traceback" not in result.err + result.out
    assert len(result.err.strip().splitlines()) <= 3, result.err
    for word in words:
        assert word in result.err, result.err


def test_no_credentials(tmp_path: Path) -> None:
    result = Dbtui(tmp_path, {"AWS_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}).run("list", "instances")
    one_message(result, 5, "No AWS credentials were found")


@pytest.mark.parametrize("word", ["instances", "tables"])
def test_expired_credentials_in_both_spellings(server: DemoServer, dbtui: Dbtui, word: str) -> None:
    server.faults("*:*:expired")
    one_message(dbtui.run("list", word), 5, "expired")


def test_a_missing_sso_token(server: DemoServer, tmp_path: Path) -> None:
    config = tmp_path / "aws-config"
    config.write_text(
        "[profile team]\nsso_start_url = https://example.invalid/start\nsso_region = eu-west-1\n"
        "sso_account_id = 111122223333\nsso_role_name = viewer\nregion = eu-west-1\n"
    )
    environment = {"AWS_CONFIG_FILE": str(config), "AWS_EC2_METADATA_DISABLED": "true"}
    result = Dbtui(tmp_path, environment).run("list", "instances", "-p", "team")
    one_message(result, 5, "aws sso login", "team")


def test_a_wrong_region(tmp_path: Path) -> None:
    one_message(Dbtui(tmp_path, {}).run("list", "tables", "-r", "eu-wset-1"), 2, "eu-west-1")


def test_an_unknown_profile(dbtui: Dbtui) -> None:
    one_message(dbtui.run("list", "tables", "-p", "demo-prd"), 2, "There is no profile demo-prd", "demo-prod")


def test_a_refused_endpoint(dbtui: Dbtui) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    result = dbtui.run("list", "tables", "--endpoint-url", f"http://127.0.0.1:{port}")
    one_message(result, 7, f"127.0.0.1:{port}")


def test_no_permission_names_the_action(server: DemoServer, dbtui: Dbtui) -> None:
    server.faults("rds:DescribeDBInstances:denied")
    one_message(dbtui.run("list", "instances"), 5, "rds:DescribeDBInstances")


@pytest.mark.parametrize(
    ("operation", "word"), [("rds:DescribeDBInstances", "instances"), ("dynamodb:ListTables", "tables")]
)
def test_an_unparsable_reply_is_not_an_empty_list(server: DemoServer, dbtui: Dbtui, operation: str, word: str) -> None:
    server.faults(f"{operation}:garbage")
    result = dbtui.run("list", word)
    assert result.code != 0
    assert result.out.strip() in ("", "[]") or result.code == 1
    one_message(result, result.code)


def test_markup_and_escapes_in_names_and_tags_are_text(server: DemoServer, dbtui: Dbtui) -> None:
    hostile = "[red]x[/] \u009b31mred \u202eevil"  # XML cannot carry ESC itself; U+009B does the same in a terminal
    server.patch(
        "111122223333",
        "eu-west-1",
        "instance",
        "orders-db",
        DBName=hostile,
        TagList=[{"Key": hostile, "Value": hostile}],
    )
    table = dbtui.run("show", "instance/orders-db", "-o", "table")
    assert table.code == 0, table.err
    assert "[red]x[/]" in table.out
    as_json = dbtui.run("show", "instance/orders-db", "-o", "json")
    assert as_json.json["tags"] == {hostile: hostile}


def test_an_unknown_status_is_neutral(dbtui: Dbtui) -> None:
    result = dbtui.run("show", "instance/geo-db")
    assert (result.json["status"], result.json["state"]) == ("replatforming", "unknown")


def test_no_terminal_for_the_interface(dbtui: Dbtui) -> None:
    one_message(dbtui.run(), 2, "ssh -t")


def test_an_unwritable_state_folder(server: DemoServer, dbtui: Dbtui) -> None:
    (dbtui.folder / "state").write_text("a file where the folder should be")
    listed = dbtui.run("list", "tables", "-o", "csv")
    assert listed.code == 0, listed.err
    assert "cannot be written" in listed.err
    taken = dbtui.run("snapshot", "instance/billing-db")
    assert taken.code == 0, taken.err
    assert "journal" in taken.err
    refused = dbtui.run("-p", "demo-prod", "snapshot", "instance/orders-db")
    assert refused.code in (1, 4), refused.err
    assert "nothing was sent" in refused.err


def test_a_place_that_is_not_there(dbtui: Dbtui) -> None:
    one_message(dbtui.run("show", "instance/nobody"), 3, "There is no instance nobody")


def test_a_broken_configuration_names_file_and_line(dbtui: Dbtui) -> None:
    dbtui.configure("\ntheem = 3\n")
    one_message(dbtui.run("list", "tables"), 2, "config.toml:2", "theme")
