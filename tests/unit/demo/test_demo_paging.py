from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from demo_world import Still

from dbtui.demo.paging import PageRules, marker_page, named_page
from dbtui.demo.protocol.errors import AwsError

ROWS = [(f"k{number:03d}", number) for number in range(45)]


def walk(rules: PageRules, rows: list[tuple[str, int]], **params: Any) -> list[list[int]]:
    pages: list[list[int]] = []
    marker: str | None = None
    while len(pages) < 200:
        page, marker = marker_page(rules, "Op", rows, {**params, "Marker": marker} if marker else params)
        pages.append(page)
        if marker is None:
            return pages
    raise AssertionError("the listing does not end")


def test_marker_pages_hold_everything_once() -> None:
    for rules in (PageRules(), PageRules(7), PageRules(7, empty=True), PageRules(empty=True), PageRules(45)):
        pages = walk(rules, ROWS)
        assert [row for page in pages for row in page] == [value for _, value in ROWS]
        assert sum(page == [] for page in pages) == int(rules.empty)
    assert [len(page) for page in walk(PageRules(), ROWS, MaxRecords=20)] == [20, 20, 5]


def test_an_empty_listing_ends() -> None:
    assert walk(PageRules(), []) == [[]]
    assert walk(PageRules(empty=True), []) == [[], []]


def test_rows_that_go_do_not_shift_the_next_page() -> None:
    page, marker = marker_page(PageRules(10), "Op", ROWS, {})
    following, _ = marker_page(PageRules(10), "Op", ROWS[5:], {"Marker": marker})
    assert page[-1] + 1 == following[0]


@pytest.mark.parametrize("marker", ["garbage", "W10=", "!!!"])
def test_bad_markers_are_refused(marker: str) -> None:
    with pytest.raises(AwsError) as caught:
        marker_page(PageRules(), "Op", ROWS, {"Marker": marker})
    assert caught.value.code == "InvalidParameterValue"


def test_a_marker_of_another_operation_is_refused() -> None:
    _, marker = marker_page(PageRules(10), "Op", ROWS, {})
    with pytest.raises(AwsError):
        marker_page(PageRules(10), "Other", ROWS, {"Marker": marker})


@pytest.mark.parametrize("size", [0, 19, 101])
def test_max_records_outside_aws_limits(size: int) -> None:
    with pytest.raises(AwsError):
        marker_page(PageRules(), "Op", ROWS, {"MaxRecords": size})


def test_named_pages_hold_everything_once() -> None:
    keys = [key for key, _ in ROWS]
    for rules in (PageRules(), PageRules(4), PageRules(4, empty=True)):
        start: str | None = None
        found: list[str] = []
        empty = 0
        for _ in range(100):
            page, start = named_page(rules, keys, start=start, limit=100, empty_token="-")
            found += page
            empty += page == []
            if start is None:
                break
        assert found == keys
        assert empty == int(rules.empty)


LISTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("DescribeDBInstances", {}, "DBInstances", "Marker"),
    ("DescribeDBClusters", {}, "DBClusters", "Marker"),
    ("DescribeDBSnapshots", {}, "DBSnapshots", "Marker"),
    ("DescribeDBClusterSnapshots", {}, "DBClusterSnapshots", "Marker"),
    ("DescribeDBParameterGroups", {}, "DBParameterGroups", "Marker"),
    ("DescribeDBInstanceAutomatedBackups", {}, "DBInstanceAutomatedBackups", "Marker"),
    ("DescribeEvents", {"Duration": 20160}, "Events", "Marker"),
    ("DescribePendingMaintenanceActions", {}, "PendingMaintenanceActions", "Marker"),
    ("ListTables", {}, "TableNames", "ExclusiveStartTableName LastEvaluatedTableName"),
    ("ListBackups", {}, "BackupSummaries", "ExclusiveStartBackupArn LastEvaluatedBackupArn"),
]


@pytest.mark.parametrize(("operation", "params", "member", "tokens"), LISTS, ids=lambda value: str(value)[:30])
def test_every_list_obeys_the_page_rules(operation: str, params: dict[str, Any], member: str, tokens: str) -> None:
    still = Still()
    call: Callable[..., dict[str, Any]] = still.rds if tokens == "Marker" else still.dynamodb
    given, returned = (tokens.split() * 2)[:2]
    whole = call(operation, **params)[member]
    still.world.pages.size, still.world.pages.empty = 3, True
    found: list[Any] = []
    token: str | None = None
    for _ in range(100):
        reply = call(operation, **params, **({given: token} if token else {}))
        assert len(reply[member]) <= 3
        found += reply[member]
        token = reply.get(returned)
        if token is None:
            break
    assert found == whole
    assert len(whole) > 2
