"""The terminal interface in a real terminal, by keys only, against the embedded AWS."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_support import DemoServer, wait_until
from program import CODE, Dbtui
from tmux_support import Screen, children_of, screen

COMMAND = [sys.executable, "-c", CODE]
TERMINAL = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "2") as demo:
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


def only(environment: dict[str, str]) -> dict[str, str]:
    wanted = ("AWS_", "DBTUI_", "HOME", "PYTHON")
    return TERMINAL | {name: value for name, value in environment.items() if name.startswith(wanted)}


def take_snapshot(shown: Screen) -> None:
    """From the first pane to a running snapshot of orders-db, by keys."""
    shown.until("aurora-main", "23 of 23")
    shown.keys("/")
    shown.type("orders-db")
    shown.keys("Enter")
    shown.until("1 of 23 match")
    shown.keys("s")
    shown.until("CreateDBSnapshot", "manual snapshots used", "Writes are locked")
    shown.keys("Enter")
    shown.until("enter: ")
    shown.settle()  # a button that was just pressed takes no second press for a moment
    shown.keys("Enter")
    shown.until_gone("CreateDBSnapshot")


def test_a_snapshot_by_keys_only_is_followed_to_its_end(demo: DemoServer, dbtui: Dbtui, tmp_path: Path) -> None:
    with screen(COMMAND, only(dbtui.environment), tmp_path, (120, 32)) as shown:
        take_snapshot(shown)
        shown.keys("5")
        shown.until("Snapshot instance/orders-db")
        shown.until("done", seconds=30)
        shown.keys("q")
        assert shown.until_ended() == 0
    assert [record["event"] for record in dbtui.journal()] == ["intent", "sent", "outcome"]
    assert len(demo.calls("CreateDBSnapshot")) == 1


def test_killed_in_between_the_next_start_follows_it(demo: DemoServer, dbtui: Dbtui, tmp_path: Path) -> None:
    demo.post("/_demo/clock", {"speed": 0.2})
    try:
        with screen(COMMAND, only(dbtui.environment), tmp_path, (120, 32)) as shown:
            take_snapshot(shown)
            wait_until(lambda: [r["event"] for r in dbtui.journal()] == ["intent", "sent"], 10)
            os.kill(shown.pid, signal.SIGKILL)
        with screen(COMMAND, only(dbtui.environment), tmp_path, (120, 32)) as shown:
            shown.until("Following 1 operation")
            shown.keys("5")
            shown.until("Snapshot instance/orders-db")
            demo.post("/_demo/clock", {"speed": 20})
            shown.until("done", seconds=30)
    finally:
        demo.post("/_demo/clock", {"speed": 4})
    assert len(demo.calls("CreateDBSnapshot")) == 1


def test_read_only_shows_the_plan_and_refuses(demo: DemoServer, dbtui: Dbtui, tmp_path: Path) -> None:
    with screen([*COMMAND, "--read-only"], only(dbtui.environment), tmp_path, (120, 32)) as shown:
        shown.until("23 of 23", "read-only")
        shown.keys("/")
        shown.type("orders-db")
        shown.keys("Enter")
        shown.until("1 of 23 match")
        shown.keys("s")
        shown.until("Refused", "read-only")
        shown.keys("Enter", "Escape")
        shown.until_gone("Refused")
    assert demo.calls("CreateDBSnapshot") == []


def test_a_protected_scope_is_armed_by_its_name(demo: DemoServer, dbtui: Dbtui, tmp_path: Path) -> None:
    with screen([*COMMAND, "-p", "demo-prod"], only(dbtui.environment), tmp_path, (120, 32)) as shown:
        shown.until("orders-db", "demo-prod")
        shown.keys("/")
        shown.type("orders-db")
        shown.keys("Enter")
        shown.until("1 of")
        shown.keys("s")
        shown.until("is protected", "Type demo-prod")
        shown.type("demo")
        shown.keys("Enter")
        assert "is protected" in shown.text
        shown.type("-prod")
        shown.keys("Enter")
        shown.until("enter: ")
        shown.keys("Escape")
    assert demo.calls("CreateDBSnapshot") == []


def test_three_regions_of_two_accounts_with_one_failing(demo: DemoServer, dbtui: Dbtui, tmp_path: Path) -> None:
    demo.faults("rds:DescribeDBInstances:denied@us-east-1,rds:DescribeDBClusters:denied@us-east-1")
    words = ["-p", "demo", "-p", "demo-prod", "-r", "eu-west-1", "-r", "us-east-1", "-r", "eu-central-1"]
    with screen([*COMMAND, *words], only(dbtui.environment), tmp_path, (140, 40)) as shown:
        text = shown.until("aurora-main", "rds:DescribeDBInstances", "could not be read")
        assert "us-east-1" in text


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (140, 40)])
def test_every_pane_and_dialog_at_every_size(dbtui: Dbtui, tmp_path: Path, size: tuple[int, int]) -> None:
    with screen(COMMAND, only(dbtui.environment), tmp_path, size) as shown:
        shown.until("aurora-main")
        for key in ("2", "3", "5", "1"):
            shown.keys(key)
        for key in ("?", ":", "p", "a", "o", "y"):
            shown.keys(key)
            shown.settle()
            shown.keys("Escape")
            shown.settle()  # escape and a quick key after it are one key to a terminal
        shown.keys("Enter")
        shown.until("Overview")
        shown.keys("v")
        shown.until("AllocatedStorage")
        shown.keys("Escape")
        shown.settle()
        shown.until("identifier")
        assert "Traceback" not in shown.text
        shown.keys("q")
        assert shown.until_ended() == 0


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ("*:*:expired", ("have expired",)),
        ("rds:*:denied", ("rds:DescribeDBInstances",)),
        ("rds:*:garbage", ("not AWS's",)),
        ("rds:*:500", ("RDS",)),
    ],
)
def test_a_failing_service_is_said_in_its_pane_and_the_others_work(
    demo: DemoServer, dbtui: Dbtui, tmp_path: Path, faults: str, words: tuple[str, ...]
) -> None:
    demo.faults(faults)
    with screen(COMMAND, only(dbtui.environment), tmp_path) as shown:
        shown.until(*words, seconds=40)
        if faults.startswith("rds"):
            shown.keys("2")
            shown.until("all-types", "on-demand")
        assert "Traceback" not in shown.text


def test_a_hanging_endpoint_leaves_every_key_alive(dbtui: Dbtui, tmp_path: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(50)
        threading.Thread(target=_accept_for_ever, args=(silent,), daemon=True).start()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with screen([*COMMAND, "--endpoint-url", url], only(dbtui.environment), tmp_path) as shown:
            shown.until("loading…")
            shown.keys("?")
            shown.until("Help")
            shown.keys("Escape")
            shown.settle()
            shown.keys("Escape")
            shown.until("stopped")
            shown.keys("q")
            assert shown.until_ended() == 0


def _accept_for_ever(silent: socket.socket) -> None:
    held = []
    while True:
        try:
            held.append(silent.accept())
        except OSError:
            return


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


@pytest.mark.parametrize("how", ["q", "kill -9"])
def test_the_demo_paints_at_once_and_leaves_no_process(tmp_path: Path, how: str) -> None:
    dbtui = Dbtui(tmp_path, {})
    started = time.monotonic()
    with screen([*COMMAND, "--demo"], only(dbtui.environment), tmp_path) as shown:
        shown.until("starting", seconds=3)
        shown.until("aurora-main", seconds=6)
        assert time.monotonic() - started < 6
        (server,) = children_of(shown.pid)
        if how == "q":
            shown.keys("q")
        else:
            os.kill(shown.pid, signal.SIGKILL)
        wait_until(lambda: not alive(server), 10)


def test_an_unwritable_state_folder_is_said(dbtui: Dbtui, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with screen(COMMAND, only(dbtui.environment), tmp_path, (120, 32)) as shown:
        shown.until("cannot be written", "aurora-main")


def test_a_missing_sso_token_names_the_login(tmp_path: Path) -> None:
    config = tmp_path / "aws-config"
    config.write_text(
        "[profile team]\nsso_start_url = https://example.invalid/start\nsso_region = eu-west-1\n"
        "sso_account_id = 111122223333\nsso_role_name = viewer\nregion = eu-west-1\n"
    )
    dbtui = Dbtui(tmp_path, {"AWS_CONFIG_FILE": str(config), "AWS_EC2_METADATA_DISABLED": "true"})
    with screen([*COMMAND, "-p", "team"], only(dbtui.environment), tmp_path) as shown:
        shown.until("aws sso login")
        assert "Traceback" not in shown.text
