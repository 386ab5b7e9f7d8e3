"""What the items screen understands and says, without a screen: queries as text and fields, filters, rows, costs."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.requirements import FULL
from tests.ui.conftest import table

from dbtui.domain.failures import Failure, FailureKind, UsageError
from dbtui.domain.key_query import KeyQuery, ScanOf, SortCondition
from dbtui.domain.models import Index, KeyPart, Throughput
from dbtui.domain.row_view import ViewSource
from dbtui.domain.values import Item
from dbtui.domain.wire import encode_item
from dbtui.gateway.protocol import ItemPage
from dbtui.items.pager import Stop, Totals
from dbtui.items.rows import ItemRows
from dbtui.items.store import ItemStore
from dbtui.settings.loader import parse as parse_settings
from dbtui.ui import item_words
from dbtui.ui.item_matching import as_row
from dbtui.ui.item_query import (
    Asked,
    Condition,
    FieldErrors,
    Lookup,
    Options,
    QueryTextError,
    conditions_of,
    from_fields,
    query_text,
    read_query,
    verdict,
)
from dbtui.ui.item_search import ItemSearch
from dbtui.ui.widgets.query_form import _OPERATORS

BY_STATUS = Index("by-status", True, (KeyPart("status", "HASH", "S"), KeyPart("created", "RANGE", "N")), "KEYS_ONLY")
BY_PLACE = Index(
    "by-place",
    True,
    (
        KeyPart("country", "HASH", "S"),
        KeyPart("city", "HASH", "S"),
        KeyPart("day", "RANGE", "S"),
        KeyPart("hour", "RANGE", "N"),
    ),
    "ALL",
)
ORDERS = table("orders", indexes=(BY_STATUS, BY_PLACE))
ODD = table("odd", keys=(KeyPart("my key", "HASH", "N"), KeyPart("raw", "RANGE", "B")))


def s(text: str) -> dict[str, str]:
    return {"S": text}


def query(*sort: SortCondition, index: str = "", partition: tuple[dict[str, str], ...] = (s("u"),)) -> KeyQuery:
    return KeyQuery(table=ORDERS, index=index, partition=partition, sort=sort)


# -- the line ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("u", query()),
        ('"u"', query()),
        ("  u  ", query()),
        ("pk = u", query()),
        ("pk=u", query()),
        ("PK", query(partition=(s("PK"),))),
        ("John Smith", query(partition=(s("John Smith"),))),
        ('"a = b"', query(partition=(s("a = b"),))),
        ('"say \\"hi\\""', query(partition=(s('say "hi"'),))),
        ('pk = u and sk begins_with "order#"', query(SortCondition("begins_with", (s("order#"),)))),
        ("pk = u AND sk BETWEEN a and b", query(SortCondition("between", (s("a"), s("b"))))),
        ("sk >= a and pk = u", query(SortCondition(">=", (s("a"),)))),
        ("sk<a and pk=u", query(SortCondition("<", (s("a"),)))),
        ("pk = u and sk = v", Lookup(ORDERS, {"pk": s("u"), "sk": s("v")})),
    ],
)
def test_what_the_line_means_on_the_table(text: str, asked: Asked) -> None:
    assert read_query(text, ORDERS) == asked


def test_the_line_is_typed_by_the_schema_of_the_index() -> None:
    asked = read_query("status = PAID and created between 1 and 2.50", ORDERS, "by-status")
    condition = SortCondition("between", ({"N": "1"}, {"N": "2.50"}))
    assert asked == query(condition, index="by-status", partition=(s("PAID"),))
    assert verdict(asked) == "Query on by-status"


def test_indexes_with_several_key_parts() -> None:
    asked = read_query("country = DE and city = Köln and day = d and hour > 7", ORDERS, "by-place")
    assert isinstance(asked, KeyQuery)
    assert asked.partition == (s("DE"), s("Köln"))
    assert [condition.operator for condition in asked.sort] == ["=", ">"]


def test_odd_names_are_quoted_and_numbers_and_binary_are_keys() -> None:
    asked = read_query('"my key" = 7 and raw = AAE=', ODD)
    assert asked == Lookup(ODD, {"my key": {"N": "7"}, "raw": {"B": b"\x00\x01"}})


@pytest.mark.parametrize(
    ("text", "index", "position", "reason"),
    [
        ("", "", 0, "type a value of pk"),
        ("pk =", "", 4, "expected a value"),
        ('pk = "u', "", 5, "not closed"),
        ("pk = u sk = v", "", 7, "expected and"),
        ("pk = u and", "", 10, "expected a value"),
        ("pk = u and status = PAID", "", 11, "status is no key here; keys: pk, sk"),
        ("pk > u", "", 5, "takes = only"),
        ("sk = v", "", 6, "pk = … is needed"),
        ("pk = u and pk = v", "", 11, "given twice"),
        ("pk = u and sk between a", "", 23, "expected and with the upper value"),
        ("pk = u and sk between b and a", "", 0, "the first value is above the second"),
        ("status = PAID and created = soon", "by-status", 28, "not a number"),
        ("status = PAID and created begins_with 1", "by-status", 38, "not for numbers"),
        ("country = DE", "by-place", 12, "city = … is needed"),
        ("country = DE and city = K and hour = 1", "by-place", 0, "day: Needed before hour"),
        ("country = DE and city = K and day > 1 and hour = 1", "by-place", 36, "Only = may stand before hour"),
        ('"u" v', "", 4, "nothing may follow"),
    ],
)
def test_what_is_wrong_with_the_line_and_where(text: str, index: str, position: int, reason: str) -> None:
    with pytest.raises(QueryTextError) as caught:
        read_query(text, ORDERS, index)
    assert reason in caught.value.reason
    assert caught.value.position == position


KEY_TEXT = st.text(min_size=1, max_size=12).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)


@given(KEY_TEXT, st.sampled_from([operator for operator, _ in _OPERATORS]), KEY_TEXT, KEY_TEXT)
@settings(max_examples=1000 if FULL else 100, deadline=None)
def test_a_query_written_as_text_reads_as_the_same_query(pk: str, operator: str, one: str, other: str) -> None:
    low, high = sorted((one, other), key=lambda text: text.encode())
    values = (s(low), s(high)) if operator == "between" else (s(low),)
    asked: Asked = query(SortCondition(operator, values), partition=(s(pk),))
    if operator == "=":
        asked = Lookup(ORDERS, {"pk": s(pk), "sk": s(low)})
    assert read_query(query_text(asked), ORDERS) == asked
    assert from_fields(ORDERS, "", conditions_of(asked), Options()) == asked


@given(st.text(max_size=40))
@settings(max_examples=2000 if FULL else 200, deadline=None)
def test_whatever_is_typed_is_a_query_or_a_located_mistake(text: str) -> None:
    try:
        read_query(text, ORDERS)
    except QueryTextError as error:
        assert 0 <= error.position <= len(text)


# -- the form ---------------------------------------------------------------------------------------------------------


def test_mistakes_are_told_at_their_fields() -> None:
    fields = {"status": Condition("=", ("",)), "created": Condition("between", ("1", ""))}
    with pytest.raises(FieldErrors) as caught:
        from_fields(ORDERS, "by-status", fields, Options())
    assert caught.value.reasons == {"status": "The partition key is needed.", "created": "A value is missing."}


def test_a_key_that_is_too_long_is_told() -> None:
    with pytest.raises(FieldErrors) as caught:
        from_fields(ORDERS, "", {"pk": Condition("=", ("x" * 2049,))}, Options())
    assert "2,049 bytes" in caught.value.reasons["pk"]


# -- rows after a write -----------------------------------------------------------------------------------------------

ITEM: Item = {"pk": s("u"), "sk": s("order#7"), "status": s("PAID"), "created": {"N": "7"}, "note": s("n")}


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        (SortCondition("=", (s("order#7"),)), True),
        (SortCondition("begins_with", (s("order#"),)), True),
        (SortCondition("begins_with", (s("x"),)), False),
        (SortCondition("between", (s("order#6"), s("order#8"))), True),
        (SortCondition("<", (s("order#7"),)), False),
        (SortCondition("<=", (s("order#7"),)), True),
        (SortCondition(">", (s("order#7"),)), False),
        (SortCondition(">=", (s("order#7"),)), True),
    ],
)
def test_which_written_items_belong_to_a_query(condition: SortCondition, kept: bool) -> None:
    assert (as_row(query(condition), ITEM) is not None) is kept


def test_an_index_shows_its_projection_and_only_items_with_its_keys() -> None:
    shown = as_row(ScanOf(ORDERS, "by-status"), ITEM)
    assert shown == {name: ITEM[name] for name in ("pk", "sk", "status", "created")}
    without = {name: value for name, value in ITEM.items() if name != "created"}
    assert as_row(ScanOf(ORDERS, "by-status"), without) is None
    assert as_row(ScanOf(ORDERS, "by-status"), {**ITEM, "created": s("7")}) is None
    assert as_row(ScanOf(ORDERS), without) == without


# -- the filter -------------------------------------------------------------------------------------------------------


def found(text: str, *items: Item) -> list[int]:
    store = ItemStore(ORDERS.keys)
    rows = ItemRows(store, ORDERS)
    store.append(ItemPage([msgspec.Raw(encode_item(item)) for item in items], len(items), None, None))
    predicate = ItemSearch(store, rows, ViewSource(rows)).predicate(text)
    return [row for row in range(rows.row_count) if predicate is None or predicate(row)]


def test_the_filter_finds_words_in_values_and_not_in_names() -> None:
    deep: Item = {**ITEM, "m": {"M": {"paid": {"L": [s("Straße 7"), {"N": "1.10"}, {"BOOL": True}]}}}, "status": s("x")}
    binary: Item = {**ITEM, "b": {"B": b"\x00\x01"}, "status": {"NULL": True}}
    items = (ITEM, deep, binary)
    assert found("", *items) == [0, 1, 2]
    assert found("paid", *items) == [0]
    assert found("STRASSE", *items) == [1]  # as case folding has it
    assert found("1.10 true", *items) == [1]
    assert found("aae", *items) == [2]
    assert found("status=paid", *items) == [0]
    assert found("!status=paid", *items) == [1, 2]
    assert found("status=null", *items) == [2]
    assert found('"quoted"', {**ITEM, "note": s('a "quoted" word')}) == [0]


# -- words ------------------------------------------------------------------------------------------------------------


def facts(**more: object) -> item_words.Facts:
    totals = Totals(evaluated=12_400, matched=3, units=310.0, requests=9)
    return item_words.Facts(**{"asked": ScanOf(ORDERS), "totals": totals, "rows": 3, "stop": Stop.BUDGET, **more})  # type: ignore[arg-type]


def test_the_footer_tells_the_truth() -> None:
    assert item_words.footer(facts()) == "evaluated 12,400 of ≈1.24 M · matched 3 · 310 RCU · > reads more"
    complete = Totals(evaluated=212, matched=31, units=2.5, requests=1, complete=True)
    assert item_words.footer(facts(totals=complete, asked=query())) == "evaluated 212 · matched 31 · 2.5 RCU · complete"


def test_throttling_memory_and_stops_are_said() -> None:
    throttled = Totals(requests=1, throttled="TableReadProvisionedThroughputExceeded (orders)")
    said = item_words.footer(facts(totals=throttled, loading=True))
    assert said.startswith("throttled: TableReadProvisionedThroughputExceeded (orders)")
    assert "memory for items is full" in item_words.footer(facts(stop=Stop.MEMORY))
    assert "stopped, incomplete · > goes on" in item_words.footer(facts(stopped=True))
    lost = Failure(FailureKind.THROTTLED, "AWS throttles.")
    said = item_words.footer(facts(totals=throttled, failure=lost, as_of="09:12:05 UTC", stale=True))
    assert "AWS throttles. What you see is from 09:12:05 UTC. r tries again" in said
    assert "TableReadProvisionedThroughputExceeded" in said
    said = item_words.footer(facts(totals=throttled, failure=lost, as_of="09:12:05 UTC"))
    assert said.endswith("AWS throttles. > goes on")


def test_an_endpoint_that_tells_no_units_is_said() -> None:
    assert "RCU not told" in item_words.footer(facts(totals=Totals(evaluated=1, matched=1, requests=1)))


def test_what_a_page_and_a_scan_cost() -> None:
    assert item_words.page_cost(ScanOf(ORDERS)) == "1 MiB of ≈ 858 MiB, ≈ 128 RCU"
    small = msgspec.structs.replace(ORDERS, size_bytes=5 * 1024)
    assert item_words.page_cost(ScanOf(small)) == "probably everything, ≈ 5.00 KiB, ≈ 1 RCU"
    assert item_words.segments(ScanOf(small)) == 1
    huge = msgspec.structs.replace(ORDERS, size_bytes=3 * 1024**3, item_count=None)
    assert item_words.scan_cost(ScanOf(huge)) == "≈ 3.00 GiB, ≈ 393 k RCU, up to 6 h old"
    assert item_words.segments(ScanOf(huge)) == 8
    unknown = msgspec.structs.replace(ORDERS, size_bytes=None)
    assert item_words.scan_cost(ScanOf(unknown)) == "size unknown"


def test_a_scan_of_a_provisioned_table_says_whom_it_competes_with() -> None:
    provisioned = msgspec.structs.replace(ORDERS, billing_mode="PROVISIONED", throughput=Throughput(read=5, write=5))
    assert "5 RCU a second are provisioned" in item_words.scan_question(ScanOf(provisioned))


def test_nothing_in_these_pages_is_not_nothing_there() -> None:
    empty = Totals(evaluated=5000, matched=0, requests=1)
    lines = item_words.empty_lines(facts(totals=empty, rows=0))
    assert lines[0][0] == "Nothing in these pages, and there is more to read."


# -- the configuration ------------------------------------------------------------------------------------------------


def test_how_a_table_opens_is_configured(tmp_path: Path) -> None:
    assert parse_settings('open = "first-page"', "config").open == "first-page"
    assert parse_settings("", "config").open == "keys"
    with pytest.raises(UsageError, match="open must be 'keys' or 'first-page'"):
        parse_settings('open = "everything"', "config")
