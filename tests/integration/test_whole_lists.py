"""Lists are whole: every page of every scope, whatever the pages look like, and a failing scope is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_support import DemoServer
from program import Dbtui

MANY = 250
KINDS = {"instances": MANY, "tables": MANY, "snapshots": MANY}


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(f"fleet:{MANY},tables:{MANY},snapshots:{MANY}") as demo:
        yield demo


@pytest.fixture
def dbtui(server: DemoServer, tmp_path: Path) -> Dbtui:
    server.faults("")
    server.pages(None)
    server.post("/_demo/calls/clear")
    return Dbtui.at(server, tmp_path)


@pytest.mark.parametrize("word", KINDS)
def test_all_pages_are_listed(dbtui: Dbtui, word: str) -> None:
    result = dbtui.run("list", word)
    assert result.code == 0, result.err
    assert len({entry["place"] for entry in result.json}) >= KINDS[word]
    assert len(result.json) == len({entry["place"] for entry in result.json})


@pytest.mark.parametrize("word", KINDS)
def test_pages_of_twenty_and_an_empty_page_with_a_token(server: DemoServer, dbtui: Dbtui, word: str) -> None:
    whole = dbtui.run("list", word).json
    server.pages(20, empty=True)
    paged = dbtui.run("list", word)
    assert paged.code == 0, paged.err
    assert [entry["place"] for entry in paged.json] == [entry["place"] for entry in whole]


def test_a_list_costs_one_call_a_page(server: DemoServer, dbtui: Dbtui) -> None:
    dbtui.run("list", "instances")
    assert len(server.calls("DescribeDBInstances")) == -(-MANY // 100)


def test_three_regions_of_two_accounts_with_one_region_failing(server: DemoServer, dbtui: Dbtui) -> None:
    server.reset("company")
    try:
        server.faults("rds:DescribeDBInstances:denied@us-east-1")
        scopes = ["-p", "demo", "-p", "demo-prod", "-r", "eu-west-1", "-r", "us-east-1", "-r", "eu-central-1"]
        result = dbtui.run(*scopes, "list", "instances")
        assert result.code == 1
        seen = {(entry["scope"]["profile"], entry["scope"]["region"]) for entry in result.json}
        assert {("demo", "eu-west-1"), ("demo-prod", "eu-west-1")} <= seen
        assert not any(region == "us-east-1" for _, region in seen)
        for name in ("demo@us-east-1", "demo-prod@us-east-1"):
            assert name in result.err
        assert "rds:DescribeDBInstances" in result.err
        accounts = {entry["scope"]["account"] for entry in result.json}
        assert accounts == {"111122223333", "444455556666"}
    finally:
        server.reset(f"fleet:{MANY},tables:{MANY},snapshots:{MANY}")
