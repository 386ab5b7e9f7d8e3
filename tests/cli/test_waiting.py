"""``wait``: goals, bad ends, timeouts, and what passes by itself."""

from __future__ import annotations

import pytest

from dbtui.cli import following
from dbtui.domain.failures import AwsError, Failure, FailureKind

from .harness import Harness


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "POLL_SECONDS", 0.001)


@pytest.mark.parametrize(
    ("script", "argv", "code", "outcome"),
    [
        (["creating", "backing-up", "available"], [], 0, "done"),
        (["available"], [], 0, "done"),
        (["stopped"], [], 0, "done"),
        (["available", "stopping", "stopped"], ["--for", "stopped"], 0, "done"),
        (["available", "stopping", "STOPPED"], ["--for", "Stopped"], 0, "done"),
        (["creating", "failed"], [], 1, "failed"),
        (["creating", "failed"], ["--for", "available"], 1, "failed"),
        (["creating", "failed"], ["--for", "failed"], 0, "done"),
        (["deleting", "deleting", None], ["--for", "deleted"], 0, "done"),
        (["deleting", None], [], 1, "failed"),
        (["something-new"], [], 0, "done"),
    ],
)
def test_goals(script: list[str | None], argv: list[str], code: int, outcome: str, dbtui: Harness) -> None:
    dbtui.cloud.script["orders-db"] = script
    done = dbtui.run("wait", "instance/orders-db", *argv)
    assert (done.code, done.json["outcome"], done.json["action"]) == (code, outcome, "wait")
    assert done.json["place"] == "dev@eu-west-1:instance/orders-db"


def test_what_is_not_there(dbtui: Harness) -> None:
    assert dbtui.run("wait", "instance/nobody").code == 3
    assert dbtui.run("wait", "instance/nobody", "--for", "deleted").code == 0


def test_the_timeout_exits_6_and_says_how_to_go_on(dbtui: Harness) -> None:
    dbtui.cloud.script["orders-db"] = ["creating"]
    done = dbtui.run("wait", "instance/orders-db", "--for", "available", "--timeout", "0s")
    assert done.code == 6
    assert done.err.endswith("dbtui wait instance/orders-db --for available\n")
    dbtui.cloud.script["legacy-crm"] = ["starting"]
    done = dbtui.run("wait", "instance/legacy-crm", "table/orders", "--for", "active", "--timeout", "1")
    assert done.code == 6
    assert [row["outcome"] for row in done.json] == ["running", "done"]
    assert "dbtui wait dev@eu-west-1:instance/legacy-crm --for active\n" in done.err


@pytest.mark.parametrize("kind", [FailureKind.THROTTLED, FailureKind.UNREACHABLE, FailureKind.SERVICE])
def test_trouble_that_passes_is_waited_out(kind: FailureKind, dbtui: Harness) -> None:
    trouble = AwsError(Failure(kind, "slow down", operation="rds:DescribeDBInstances"))
    dbtui.cloud.script["orders-db"] = ["creating", trouble, trouble, "available"]
    assert dbtui.run("wait", "instance/orders-db").code == 0


def test_expired_credentials_end_the_wait(dbtui: Harness) -> None:
    expired = AwsError(Failure(FailureKind.CREDENTIALS, "The token has expired."))
    dbtui.cloud.script["orders-db"] = ["creating", expired]
    done = dbtui.run("wait", "instance/orders-db")
    assert done.code == 5
    assert "The token has expired." in done.err


def test_a_status_nobody_knows_is_remarked_upon(dbtui: Harness) -> None:
    done = dbtui.run("wait", "instance/orders-db", "--for", "availble", "--timeout", "0")
    assert done.code == 6
    assert "Did you mean available" in done.err
