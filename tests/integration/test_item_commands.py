"""The item commands of the real program: against the demo (moto) and against MiniStack, an independent DynamoDB."""

from __future__ import annotations

import io
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from demo_support import DemoServer, wait_until
from ministack_support import ministack
from program import Dbtui, Result
from tests import requirements, torture

from dbtui.cli.console import Console
from dbtui.cli.main import run
from dbtui.compose import Program
from dbtui.domain.item_place import item_place
from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item, items_equal

KEYS = (KeyPart("id", "HASH", "S"),)
DEADLINE = 60

_NAMING_RULES = "DynamoDB developer guide, Supported data types and naming rules"
DEVIATIONS = {
    ("moto", "write", "sets"): f"moto takes no empty string in a string set ({_NAMING_RULES}: allowed)",
    ("moto", "write", "everything"): f"moto takes no empty string in a string set ({_NAMING_RULES}: allowed)",
    ("MiniStack", "update", "all ten types"): "MiniStack updates no item with an attribute named M",
    ("MiniStack", "update", "tag-like attributes"): "MiniStack updates no item with an attribute named M",
    ("MiniStack", "update", "everything"): "MiniStack updates no item with an attribute named M",
    ("MiniStack", "key", "-300.0"): f"MiniStack compares number keys by their text ({_NAMING_RULES}: numbers by value)",
}
"""Where an emulator contradicts AWS's documentation: (back end, step, case) and why."""


@dataclass(frozen=True)
class Backend:
    """A running DynamoDB and how programs reach it."""

    name: str
    environment: dict[str, str]

    @property
    def client(self) -> Any:
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="eu-west-1")
        return session.client("dynamodb", endpoint_url=self.environment["AWS_ENDPOINT_URL"])

    def may_deviate(self, step: str, case: str) -> None:
        """Ends the test as expected where the back end is known to be wrong here."""
        reason = DEVIATIONS.get((self.name, step, case))
        if reason is not None:
            pytest.xfail(reason)


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer("company", "--speed", "20") as server:
        server.wait_for_phase("ready")
        yield server


@pytest.fixture(scope="module")
def second() -> Iterator[str]:
    with ministack() as url:
        yield url


@pytest.fixture(scope="module", params=["moto", "MiniStack"])
def backend(request: pytest.FixtureRequest) -> Backend:
    if request.param == "moto":
        return Backend("moto", request.getfixturevalue("demo").env)
    return Backend(
        "MiniStack",
        {
            "AWS_ENDPOINT_URL": request.getfixturevalue("second"),
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_EC2_METADATA_DISABLED": "true",
        },
    )


@pytest.fixture(scope="module")
def tables(backend: Backend) -> Backend:
    """A table for the torture set, and one with a binary partition key and a numeric sort key."""
    _create(backend, "torture", id="S")
    _create(backend, "binary", digest="B", at="N")
    return backend


def _create(backend: Backend, name: str, **keys: str) -> None:
    roles = zip(keys, ("HASH", "RANGE"), strict=False)
    backend.client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": role} for key, role in roles],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in keys.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    backend.client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


@pytest.fixture
def dbtui(tables: Backend, tmp_path: Path) -> Dbtui:
    return Dbtui(tmp_path, tables.environment)


@pytest.fixture
def here(tables: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Here:
    """The same program within this process: a hundred runs of it are then no matter."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in tables.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DBTUI_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DBTUI_CONFIG", str(tmp_path / "config.toml"))
    return Here()


class Here:
    def run(self, *words: str, text: str = "") -> Result:
        out, err = io.StringIO(), io.StringIO()
        code = run(words, Program(), Console(out, err, io.StringIO(text), dict(os.environ)))
        return Result(code, out.getvalue(), err.getvalue())


TORTURE = torture.items() if requirements.FULL else [i for i in torture.items() if i.keys() != {"id", "n"}][::3]
"""In full with every strange text as a key as well."""


@pytest.mark.parametrize("item", TORTURE, ids=lambda item: item["id"]["S"][:20].encode("unicode_escape"))
def test_the_torture_set_comes_back_byte_for_byte(item: Item, here: Here, tables: Backend, tmp_path: Path) -> None:
    client, name = tables.client, item["id"]["S"]
    try:
        client.put_item(TableName="torture", Item=item)
    except ClientError:
        tables.may_deviate("write", name)
        raise
    place = item_place("torture", item, KEYS)
    got = here.run("get", place)
    assert got.code == 0, got.err
    path = tmp_path / "item.json"
    path.write_text(got.out, encoding="utf-8", newline="")
    assert "nothing was sent" in here.run("put", "table/torture", f"@{path}", "--replace").err

    client.put_item(TableName="torture", Item={"id": item["id"], "other": {"N": "1"}})
    replaced = here.run("put", "table/torture", f"@{path}", "--replace")
    assert replaced.code == 0, replaced.err
    assert here.run("get", place).out == got.out
    stored = client.get_item(TableName="torture", Key={"id": item["id"]}, ConsistentRead=True)["Item"]
    assert items_equal(stored, item)

    changed = here.run("update", place, "--set", "one more=true")
    if changed.code:
        tables.may_deviate("update", name)
    assert changed.code == 0, changed.err
    stored = client.get_item(TableName="torture", Key={"id": item["id"]}, ConsistentRead=True)["Item"]
    assert items_equal(stored, {**item, "one more": {"BOOL": True}})


def test_binary_and_numeric_keys_by_segments_give_every_item_once(here: Here, tables: Backend) -> None:
    client = tables.client
    keys = [(bytes([255 - number, number, 0, 10]), number * 7 - 300) for number in range(90)]
    for digest, at in keys:
        item = {"digest": {"B": digest}, "at": {"N": str(at)}, "filler": {"S": "x" * 200}}
        client.put_item(TableName="binary", Item=item)
    for words in ([], ["--segments", "4"], ["--rate", "1000"]):
        done = here.run("scan", "table/binary", *words)
        assert done.code == 0, done.err
        found = [json.loads(line) for line in done.out.splitlines()]
        assert sorted(item["at"] for item in found) == sorted(at for _, at in keys)
        assert done.err.rstrip().endswith("complete")
    one = here.run("query", "table/binary", "--pk", "/wAACg==", "--sk-le", "-299.5").json
    assert one == {"digest": {"$b": "/wAACg=="}, "at": -300, "filler": "x" * 200}
    assert here.run("get", "item/binary?digest=/wAACg==&at=-300").code == 0
    if here.run("get", "table/binary", "digest=/wAACg==", "at=-300.0").code:
        tables.may_deviate("key", "-300.0")
        pytest.fail("-300.0 is the key -300")


def test_one_item_from_its_making_to_its_end(dbtui: Dbtui) -> None:
    made = dbtui.run("put", "table/torture", '{"id": "life", "total": 12.50, "deep": {"list": [1, 2]}}')
    assert (made.code, made.json["outcome"]) == (0, "done"), made.err
    again = dbtui.run("put", "table/torture", '{"id": "life"}')
    assert again.code == 4 and "exists already" in again.err
    changed = dbtui.run("update", "table/torture", "id=life", "--set", "deep.list[1]=5", "--remove", "total")
    assert changed.json["result"] == {"id": "life", "deep": {"list": [1, 5]}}
    assert dbtui.run("delete-item", "table/torture", "id=life").code == 4
    gone = dbtui.run("delete-item", "table/torture", "id=life", "--confirm", "id=life")
    assert gone.code == 0, gone.err
    assert dbtui.run("get", "table/torture", "id=life").code == 3
    events = [entry["event"] for entry in dbtui.journal()]
    assert events.count("intent") == 4 and events.count("outcome") == 4
    assert "12.50" not in (dbtui.folder / "state" / "journal.jsonl").read_text()


def test_a_scan_ended_by_ctrl_c_keeps_its_rows_and_exits_130(demo: DemoServer, tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    with path.open("w") as out:
        process = Dbtui.at(demo, tmp_path).start("scan", "table/orders", "--rate", "20", "-o", "json", stdout=out)
    wait_until(lambda: path.stat().st_size, DEADLINE)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert 0 < len(json.loads(path.read_text())) < 20_000
    assert "more: interrupted" in err


def test_a_reader_that_leaves_ends_a_scan_silently(demo: DemoServer, tmp_path: Path) -> None:
    process = Dbtui.at(demo, tmp_path).start("scan", "table/orders")
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(DEADLINE) == 0


def test_a_throttled_scan_goes_on_and_says_so(demo: DemoServer, tmp_path: Path) -> None:
    dbtui = Dbtui.at(demo, tmp_path)
    every = dbtui.run("scan", "table/all-types")
    demo.faults("dynamodb:Scan:throttle#5")
    try:
        done = dbtui.run("scan", "table/all-types")
    finally:
        demo.faults([])
    assert done.code == 0, done.err
    assert done.out == every.out
    assert "throttled: " in done.err and done.err.rstrip().endswith("complete")
