"""The item commands over the fake data plane: words, output, conditions, confirmations, exit codes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dbtui.domain import typed_json
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.item_place import item_place
from dbtui.domain.models import Index, KeyPart, Table
from dbtui.domain.scope import Scope
from dbtui.domain.values import Item
from tests import torture

from .fake_cloud import DEV, DEV_US, PROD, FakeCloud, table
from .harness import Harness

PK, SK = KeyPart("pk", "HASH", "S"), KeyPart("sk", "RANGE", "N")
BY_STATE = Index(
    "by-state",
    is_global=True,
    keys=(KeyPart("state", "HASH", "S"), KeyPart("sk", "RANGE", "N")),
    projection="KEYS_ONLY",
    status="ACTIVE",
)
BY_PLACE = Index(
    "by-place",
    is_global=True,
    keys=(
        KeyPart("country", "HASH", "S"),
        KeyPart("city", "HASH", "S"),
        KeyPart("street", "RANGE", "S"),
        KeyPart("house", "RANGE", "N"),
    ),
    projection="ALL",
    status="ACTIVE",
)


def orders_table(target: Any = DEV, name: str = "orders", **more: Any) -> Table:
    values = {"keys": (PK, SK), "indexes": (BY_STATE, BY_PLACE), "item_count": 1240, **more}
    return msgspec.structs.replace(table(target, name), **values)


def order(pk: str, sk: int, **attributes: Any) -> Item:
    return {"pk": {"S": pk}, "sk": {"N": str(sk)}, **attributes}


@pytest.fixture(autouse=True)
def items(cloud: FakeCloud) -> None:
    """Five orders in two partitions, in a plain scope and a protected one; tables for binary keys and for torture."""
    for target in (DEV, PROD):
        name = "orders" if target is DEV else "prod-orders"
        cloud.add_table(orders_table(target, name))
        cloud.put_items(
            target,
            name,
            [
                order("a", 1, total={"N": "12.50"}, state={"S": "open"}),
                order("a", 2, total={"N": "1E+2"}, lines={"L": [{"M": {"qty": {"N": "1"}}}, {"S": "x"}]}),
                order("a", 10, note={"S": "=1+1"}, tags={"SS": ["b", "a"]}),
                order("b", 1, data={"B": b"\x00\xff"}, gone={"NULL": True}, empty={"S": ""}, negative={"N": "-5"}),
                order("b", 2, state={"S": "open"}, address={"M": {"city": {"S": "Köln"}, "a.b": {"BOOL": True}}}),
            ],
        )
    cloud.add_table(msgspec.structs.replace(table(DEV, "blobs"), keys=(KeyPart("digest", "HASH", "B"),)))
    cloud.add_table(msgspec.structs.replace(table(DEV, "torture"), keys=(KeyPart("id", "HASH", "S"),)))
    cloud.page_size = 2


def stored(cloud: FakeCloud, pk: str, sk: int, name: str = "orders") -> Item | None:
    target = DEV if name == "orders" else PROD
    return next((i for i in cloud.items_of(target, name) if (i["pk"]["S"], i["sk"]["N"]) == (pk, str(sk))), None)


def somebody_else(cloud: FakeCloud, change: Mapping[str, Any]) -> None:
    """Another client's write, right after ours was read and before it is sent."""

    def write(operation: str) -> None:
        cloud.before_execute = lambda operation: None
        cloud.put_items(DEV, "orders", [dict(change)])

    cloud.before_execute = write


# Keys


@pytest.mark.parametrize(
    "words",
    [
        ["table/orders", "pk=a", "sk=1"],
        ["table/orders", "sk=1.0", "pk=a"],
        ["table/orders", "--key", '{"pk": "a", "sk": 1}'],
        ["table/orders", "--dynamodb-json", "--key", '{"pk": {"S": "a"}, "sk": {"N": "1"}}', "-o", "jsonl"],
        ["item/orders?pk=a&sk=1"],
        ["dev@eu-west-1:item/orders?pk=a&sk=1"],
        ["arn:aws:dynamodb:eu-west-1:111122223333:table/orders", "pk=a", "sk=1"],
        ["ddb/orders", "pk=a", "sk=1", "--eventual"],
    ],
)
def test_an_item_is_got_by_its_key_however_that_is_given(words: list[str], dbtui: Harness) -> None:
    done = dbtui.run("get", *words)
    assert (done.code, done.err) == (0, "")
    if "--dynamodb-json" not in words:
        assert done.out == '{"pk": "a", "sk": 1, "state": "open", "total": 12.50}\n'
    (call,) = dbtui.cloud.called("dynamodb:GetItem")
    assert call.parameters["ConsistentRead"] is ("--eventual" not in words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pk=a"], "the key attribute sk is missing. Its key is pk (partition key, string) and sk (sort key, number)."),
        (["pk=a", "sk=x"], "sk:"),
        (["pk=a", "sk=1", "sk=2"], "sk is given twice"),
        (["pk=a", "sk=1", "other=2"], "other is no key attribute of the table. Its key is pk"),
        (["pk=", "sk=1"], "empty"),
        (["pk=" + "x" * 2049, "sk=1"], "at most 2,048"),
        (["--key", '{"pk": "a", "sk": "1"}'], "sk is a number, not a string"),
        (["--key", '{"pk": "a"}'], "sk is missing"),
        (["--key", '{"pk": "a", "sk": 1, "x": 2}'], "x is no key attribute"),
        (["--key", '{"pk": "a", "sk": 1'], "line 1, column"),
        (["--key", "{}", "pk=a"], "the key is given twice"),
        (["pk=\udcff", "sk=1"], "not UTF-8"),
        (["--key", '{"pk": "a", "sk": 1e999}'], "out of range"),
        (["pk"], "NAME=VALUE"),
        ([], "which item of table/orders?"),
    ],
)
@pytest.mark.parametrize("verb", ["get", "update", "delete-item"])
def test_a_wrong_key_names_the_schema_and_sends_nothing(verb: str, words: list[str], said: str, dbtui: Harness) -> None:
    more = ["--set", "x=1"] if verb == "update" else []
    done = dbtui.run(verb, "table/orders", *words, *more)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert dbtui.cloud.sent == [] and not dbtui.cloud.called("dynamodb:GetItem")


def test_binary_keys_are_base64_and_come_back_the_same(dbtui: Harness) -> None:
    key = bytes(range(256))
    dbtui.cloud.put_items(DEV, "blobs", [{"digest": {"B": key}, "n": {"N": "1"}}])
    text = base64.b64encode(key).decode()
    for words in (["table/blobs", f"digest={text}"], [f"item/blobs?digest={text}"]):
        done = dbtui.run("get", *words)
        assert done.json == {"digest": {"$b": text}, "n": 1}
    assert dbtui.run("get", "table/blobs", "digest=%%").code == 2


@pytest.mark.parametrize("key", ["a,b", "a/b", "a=b&c=d", "a?b#c", "one\ntwo", " x ", "100%", "é😀", "a+b", "..", "="])
def test_places_of_items_survive_every_key(key: str, dbtui: Harness, cloud: FakeCloud) -> None:
    cloud.put_items(DEV, "orders", [order(key, 7)])
    place = item_place("orders", {"pk": {"S": key}, "sk": {"N": "7"}}, (PK, SK))
    assert dbtui.run("get", place).json == {"pk": key, "sk": 7}
    assert dbtui.run("get", "table/orders", f"pk={key}", "sk=7").json == {"pk": key, "sk": 7}


def test_what_is_not_there_exits_3(dbtui: Harness) -> None:
    missing = dbtui.run("get", "table/orders", "pk=a", "sk=3")
    assert (missing.code, missing.out) == (3, "")
    assert missing.err == "dbtui: there is no item/orders?pk=a&sk=3 in dev@eu-west-1.\n"
    for words in (["get", "table/none", "pk=a"], ["scan", "table/none"], ["put", "table/none", '{"pk": "a"}']):
        assert dbtui.run(*words).code == 3, words


def test_a_table_in_two_scopes_must_be_said_which(dbtui: Harness, cloud: FakeCloud) -> None:
    cloud.add_table(orders_table(DEV_US))
    dbtui.wiring.targets = (DEV, DEV_US)
    done = dbtui.run("get", "table/orders", "pk=a", "sk=1")
    assert done.code == 2
    assert "dev@eu-west-1:table/orders, dev@us-east-1:table/orders" in done.err
    assert dbtui.run("get", "dev@eu-west-1:table/orders", "pk=a", "sk=1").code == 0


# Output


def test_an_item_on_a_terminal_is_typed_json_over_several_lines(dbtui: Harness) -> None:
    expected = '{\n  "pk": "a",\n  "sk": 1,\n  "state": "open",\n  "total": 12.50\n}\n'
    assert dbtui.terminal("get", "table/orders", "pk=a", "sk=1").out == expected
    assert dbtui.run("get", "table/orders", "pk=a", "sk=1", "-o", "json").out == expected


def test_a_terminal_gets_no_controls_and_a_pipe_gets_them_verbatim(dbtui: Harness, cloud: FakeCloud) -> None:
    evil = "\u202etxt\x9b2J\x7f"
    cloud.put_items(DEV, "orders", [order(evil, 1)])
    cloud.put_items(DEV, "blobs", [])
    place = item_place("orders", order(evil, 1), (PK, SK))
    piped = dbtui.run("get", place)
    assert piped.json["pk"] == evil
    assert "\u202e" in piped.out
    for output in ("jsonl", "json", "table"):
        shown = dbtui.terminal("get", place, "-o", output).out
        assert not re.search("[\x7f-\x9f\u202e]", shown)
        assert json.loads(shown)["pk"] == evil
        listed = dbtui.terminal("query", "table/orders", "--pk", evil, "-o", output).out
        assert not re.search("[\x7f-\x9f\u202e]", listed)


def test_a_scan_streams_one_item_a_line_and_tells_the_truth(dbtui: Harness) -> None:
    done = dbtui.run("scan", "table/orders")
    lines = done.out.splitlines()
    assert done.code == 0
    assert [json.loads(line)["pk"] for line in lines] == ["a", "a", "a", "b", "b"]
    assert '"total": 1E+2' in lines[1]
    assert re.fullmatch(r"evaluated 5 of ≈1\.24 k · matched 5 · [\d.]+ RCU · complete\n", done.err)


def test_segments_give_every_item_once(dbtui: Harness) -> None:
    done = dbtui.run("scan", "table/orders", "--segments", "3")
    assert len({(i["pk"], i["sk"]) for i in map(json.loads, done.out.splitlines())}) == 5
    assert len(done.out.splitlines()) == 5
    assert done.err.endswith("complete\n")


@pytest.mark.parametrize("segments", ["1", "4"])
def test_a_limit_is_kept_exactly_and_said(segments: str, dbtui: Harness) -> None:
    done = dbtui.run("scan", "table/orders", "--limit", "3", "--segments", segments)
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert "more: --limit was reached" in done.err


def test_a_capacity_budget_ends_a_scan_and_says_so(dbtui: Harness) -> None:
    done = dbtui.run("scan", "table/orders", "--max-rcu", "0.5")
    assert (done.code, len(done.out.splitlines())) == (0, 2)
    assert "more: --max-rcu was reached" in done.err


def test_json_is_one_array_even_when_empty(dbtui: Harness) -> None:
    assert len(dbtui.run("scan", "table/orders", "-o", "json").json) == 5
    assert dbtui.run("scan", "table/blobs", "-o", "json").out == "[]\n"
    assert dbtui.run("scan", "table/blobs").out == ""


def test_csv_has_keys_first_every_value_and_guards_formulas_but_not_numbers(dbtui: Harness) -> None:
    done = dbtui.run("scan", "table/orders", "-o", "csv")
    header, *rows = done.out.splitlines()
    assert header.split(",")[:3] == ["pk", "sk", "state"]
    assert "'=1+1" in rows[2] and '"{""$ss"": [""a"", ""b""]}"' in rows[2]
    assert ",-5," in f"{rows[3]}," and "AP8=" in rows[3] and "null" in rows[3]
    assert "CSV has values only" in done.err and "1 cell starts like a formula" in done.err
    raw = dbtui.run("scan", "table/orders", "-o", "csv", "--csv-raw")
    assert ",=1+1," in raw.out and "formula" not in raw.err


def test_csv_guards_attribute_names_too(dbtui: Harness, cloud: FakeCloud) -> None:
    cloud.put_items(DEV, "orders", [order("z", 1, **{"=cmd()": {"N": "1"}})])
    assert ",'=cmd()" in dbtui.run("query", "table/orders", "--pk", "z", "-o", "csv").out


def test_a_table_on_a_terminal_has_keys_first_and_tells_types_apart(dbtui: Harness) -> None:
    shown = dbtui.terminal("query", "table/orders", "--pk", "b")
    lines = re.sub(r"\x1b\[\d*(;\d+)?m", "", shown.out).splitlines()
    assert lines[0].split()[:3] == ["pk", "sk", "state"]
    assert "NULL" in lines[1] and '""' in lines[1] and "-5" in lines[1]
    assert "matched 2" in shown.err


def test_attribute_names_cannot_steer_the_terminal(dbtui: Harness, cloud: FakeCloud) -> None:
    cloud.put_items(DEV, "orders", [order("evil", 1, **{"\x1b]0;title\x07": {"N": "1"}})])
    shown = dbtui.terminal("query", "table/orders", "--pk", "evil")
    assert "\\x1b]0;title" in shown.out
    assert "\x1b]" not in shown.out + shown.err


def test_attributes_that_do_not_fit_are_named(dbtui: Harness, cloud: FakeCloud) -> None:
    cloud.put_items(DEV, "orders", [order("wide", 1, **{f"attribute-{n:03}": {"N": str(n)} for n in range(60)})])
    shown = dbtui.terminal("query", "table/orders", "--pk", "wide")
    assert "attributes left out for want of width" in shown.err and "-o jsonl has all" in shown.err


# Scans and queries


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--pk", "a"], [1, 2, 10]),
        (["--pk", "a", "--desc"], [10, 2, 1]),
        (["--pk", "a", "--sk", "2"], [2]),
        (["--pk", "a", "--sk-between", "2", "10"], [2, 10]),
        (["--pk", "a", "--sk-lt", "2"], [1]),
        (["--pk", "a", "--sk-le", "2"], [1, 2]),
        (["--pk", "a", "--sk-gt", "2"], [10]),
        (["--pk", "a", "--sk-ge", "2"], [2, 10]),
        (["--pk", "a", "--sk-gt", "-1", "--limit", "2"], [1, 2]),
        (["--pk", "open", "--index", "by-state"], [1, 2]),
        (["--pk", "nothing"], []),
        (["--pk", "a", "--consistent"], [1, 2, 10]),
    ],
)
def test_queries_by_key(options: list[str], found: list[int], dbtui: Harness) -> None:
    done = dbtui.run("query", "table/orders", *options)
    assert done.code == 0, done.err
    assert [json.loads(line)["sk"] for line in done.out.splitlines()] == found
    assert " of ≈" not in done.err


def test_an_index_with_several_key_parts_takes_each(dbtui: Harness, cloud: FakeCloud) -> None:
    for house in range(3):
        place = {"country": {"S": "DE"}, "city": {"S": "Köln"}, "street": {"S": "Ring"}, "house": {"N": str(house)}}
        cloud.put_items(DEV, "orders", [order("p", house, **place)])
    words = ["query", "table/orders", "--index", "by-place", "--pk", "DE", "--pk", "Köln"]
    done = dbtui.run(*words, "--sk", "Ring", "--sk-ge", "1")
    assert [json.loads(line)["house"] for line in done.out.splitlines()] == [1, 2]
    assert dbtui.run(*words[:-2]).code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--pk", "a", "--sk-begins-with", "1"], "begins_with"),
        (["--pk", "a", "--sk", "x"], "not a number"),
        (["--pk", "open", "--index", "by-state", "--consistent"], "consistent"),
        (["--pk", "a", "--index", "nope"], "no index nope"),
        (["--pk", "a", "--sk-lt", "1", "--sk-gt", "0"], "do not go together"),
        (["--sk", "1"], "--sk goes with --pk"),
        (["--pk", "a", "--sk", "1", "--sk", "2"], "1 sort key attribute"),
        (["--pk", "a", "--pk", "b"], "2 partition values"),
    ],
)
def test_a_query_that_makes_no_sense_exits_2(options: list[str], said: str, dbtui: Harness) -> None:
    done = dbtui.run("query", "table/orders", *options)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert not dbtui.cloud.called("dynamodb:Query")


def test_a_query_that_would_scan_is_refused_with_the_cost(dbtui: Harness) -> None:
    done = dbtui.run("query", "table/orders")
    assert (done.code, done.out) == (4, "")
    assert "Without the partition key (pk) this would scan all of orders: ≈1.24 k items, 4.00 KiB, ≈" in done.err
    assert "--allow-scan" in done.err
    assert not dbtui.cloud.called("dynamodb:Scan")
    assert len(dbtui.run("query", "table/orders", "--allow-scan").out.splitlines()) == 5


def test_a_large_scan_needs_a_yes(dbtui: Harness, cloud: FakeCloud) -> None:
    cloud.add_table(orders_table(size_bytes=2_000_000_000))
    refused = dbtui.run("scan", "table/orders")
    assert (refused.code, refused.out) == (4, "")
    assert "larger than 1 GB" in refused.err and "1.86 GiB" in refused.err and "--yes" in refused.err
    assert not cloud.called("dynamodb:Scan")
    for words in (["--yes"], ["--limit", "5"], ["--max-rcu", "100"]):
        assert dbtui.run("scan", "table/orders", *words).code == 0
    assert dbtui.terminal("scan", "table/orders", typed="n\n").code == 4
    assert dbtui.terminal("scan", "table/orders", typed="y\n").code == 0


def test_a_protected_scope_is_not_scanned_unasked(dbtui: Harness) -> None:
    dbtui.wiring.targets = (PROD,)
    refused = dbtui.run("scan", "table/prod-orders")
    assert refused.code == 4
    assert "prod@eu-west-1 is protected (the profile is named prod)" in refused.err
    assert dbtui.run("scan", "table/prod-orders", "--limit", "1").code == 0
    assert dbtui.run("query", "table/prod-orders", "--pk", "a").code == 0


def test_a_failure_in_the_middle_keeps_what_came_and_its_exit_code(dbtui: Harness, cloud: FakeCloud) -> None:
    class FailsLater(Exception):
        pass

    pages = cloud.item_page
    asked: list[int] = []

    async def item_page(target: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        asked.append(1)
        if len(asked) > 1:
            raise AwsError(Failure(FailureKind.UNREACHABLE, "gone", operation="dynamodb:Scan"))
        return await pages(target, operation, parameters)

    cloud.item_page = item_page  # type: ignore[method-assign]
    done = dbtui.run("scan", "table/orders", "-o", "json")
    assert (done.code, len(done.json)) == (7, 2)
    assert "evaluated 2 of" in done.err and "more: " in done.err and "dbtui: gone" in done.err


# Put


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1, column"),
        ('{"pk": "a",\n "sk": 1,\n oops}', "line 3, column 2"),
        ('{"pk": "a", "pk": "b", "sk": 1}', "line 1, column"),
        ('{"pk": "a", "sk": 1e200}', ""),
        ('{"pk": "a", "sk": 1, "n": 1234567890123456789012345678901234567890}', "38"),
        ('{"pk": "a", "sk": 1, "s": {"$ss": []}}', ""),
        ('{"pk": "a", "sk": 1, "s": {"$ss": ["a", 1]}}', ""),
        ('{"pk": 1, "sk": 1}', "pk"),
        ('{"pk": "", "sk": 1}', "pk"),
        ('{"pk": "a"}', "the key attribute sk is missing"),
        ('{"pk": "a", "sk": 1, "x": "\\ud800"}', ""),
        ('{"pk": "a", "sk": 1}\n{"pk": "b", "sk": 1}\n', "one item at a time"),
        ('[{"pk": "a", "sk": 1}]', "one item at a time"),
        ("", "is empty"),
        ("not JSON", "line 1, column 1"),
        ('{"pk": "a", "sk": 1, "state": 5}', "state"),
        (json.dumps({"pk": "a", "sk": 9, "big": "x" * 410_000, "less": "y" * 5000}), "big"),
    ],
)
@pytest.mark.parametrize("way", ["argument", "file", "pipe"])
def test_bad_input_is_one_clear_message_and_sends_nothing(
    text: str, said: str, way: str, dbtui: Harness, tmp_path: Path
) -> None:
    path = tmp_path / "item.json"
    path.write_text(text)
    argument = {"argument": text, "file": f"@{path}", "pipe": "-"}[way]
    done = dbtui.piped(text, "put", "table/orders", argument)
    assert (done.code, done.out) == (2, "")
    assert said in done.err and len(done.err.splitlines()) == 1, done.err
    assert dbtui.cloud.sent == []


def test_an_item_is_put_and_told(dbtui: Harness, cloud: FakeCloud) -> None:
    text = '{"pk": "new", "sk": 12345678901234567890123456789012345678, "total": 1.10}'
    done = dbtui.run("put", "table/orders", text)
    assert (done.code, done.err) == (0, "")
    assert done.json["place"] == "dev@eu-west-1:item/orders?pk=new&sk=12345678901234567890123456789012345678"
    assert (done.json["action"], done.json["outcome"], done.json["error"]) == ("put", "done", None)
    assert done.json["request_id"] == "req-1"
    assert "12345678901234567890123456789012345678" in done.out and "1.10" in done.out
    ((_, operation, parameters),) = cloud.sent
    assert operation == "dynamodb:PutItem"
    assert "attribute_not_exists" in parameters["ConditionExpression"]


def test_on_a_terminal_a_put_is_one_sentence(dbtui: Harness) -> None:
    done = dbtui.terminal("put", "table/orders", '{"pk": "new", "sk": 1}')
    assert done.out == "Put dev@eu-west-1:item/orders?pk=new&sk=1: 9 B · 1 WCU\n"


def test_an_item_that_exists_is_not_overwritten(dbtui: Harness, cloud: FakeCloud) -> None:
    before = stored(cloud, "a", 1)
    done = dbtui.run("put", "table/orders", '{"pk": "a", "sk": 1, "total": 99}')
    assert done.code == 4
    assert done.json["error"]["kind"] == "condition"
    assert "item/orders?pk=a&sk=1 exists already, with 4 attributes" in done.err
    assert stored(cloud, "a", 1) == before


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_an_equal_item_that_exists_was_not_put(options: list[str], dbtui: Harness, cloud: FakeCloud) -> None:
    got = dbtui.run("get", "table/orders", "pk=a", "sk=1").out
    assert dbtui.piped(got, "put", "table/orders", "-", *options).code == 4


def test_replace_puts_all_of_it(dbtui: Harness, cloud: FakeCloud) -> None:
    assert dbtui.run("put", "table/orders", '{"pk": "a", "sk": 1, "x": null}', "--replace").code == 0
    assert stored(cloud, "a", 1) == order("a", 1, x={"NULL": True})
    assert dbtui.run("put", "table/orders", '{"pk": "n", "sk": 1}', "--replace").code == 0
    assert stored(cloud, "n", 1) == order("n", 1)


def test_replacing_with_the_same_sends_nothing(dbtui: Harness, cloud: FakeCloud) -> None:
    got = dbtui.run("get", "table/orders", "pk=b", "sk=2").out
    done = dbtui.piped(got, "put", "table/orders", "-", "--replace")
    assert (done.code, done.json["outcome"]) == (0, "done")
    assert "nothing was sent" in done.err
    assert cloud.sent == []


@pytest.mark.parametrize("item", torture.items(), ids=lambda item: item["id"]["S"][:20].encode("unicode_escape"))
@pytest.mark.parametrize("dynamodb", [[], ["--dynamodb-json"]], ids=["typed", "dynamodb"])
def test_what_get_prints_put_takes_byte_for_byte(
    item: Item, dynamodb: list[str], dbtui: Harness, cloud: FakeCloud, tmp_path: Path
) -> None:
    cloud.put_items(DEV, "torture", [item])
    place = item_place("torture", item, (KeyPart("id", "HASH", "S"),))
    first = dbtui.run("get", place, *dynamodb)
    assert first.code == 0, first.err
    path = tmp_path / "item"
    path.write_text(first.out, encoding="utf-8", newline="")
    cloud.put_items(DEV, "torture", [{"id": item["id"], "other": {"N": "1"}}])
    put = dbtui.run("put", "table/torture", f"@{path}", "--replace", *dynamodb)
    assert put.code == 0, put.err
    assert dbtui.run("get", place, *dynamodb).out == first.out
    assert typed_json.encode(cloud.items_of(DEV, "torture")[0]) == typed_json.encode(item)
    assert dbtui.run("put", "table/torture", f"@{path}", "--replace", *dynamodb).err.count("nothing was sent") == 1


# Update


def test_only_what_differs_travels(dbtui: Harness, cloud: FakeCloud) -> None:
    words = ["--set", "total=13", "--set", 'address.zip="50667"', "--set", '"a.b"={"$ns": [2, 1]}', "--remove", "state"]
    cloud.put_items(
        DEV, "orders", [order("u", 1, total={"N": "12.50"}, address={"M": {}}, state={"S": "x"}, s={"S": ""})]
    )
    done = dbtui.run("update", "table/orders", "pk=u", "sk=1", *words)
    assert done.code == 0, done.err
    assert stored(cloud, "u", 1) == order(
        "u", 1, total={"N": "13"}, address={"M": {"zip": {"S": "50667"}}}, s={"S": ""}, **{"a.b": {"NS": ["2", "1"]}}
    )
    ((_, operation, parameters),) = cloud.sent
    assert operation == "dynamodb:UpdateItem"
    assert "s" not in parameters["ExpressionAttributeNames"].values()
    assert done.json["result"]["total"] == 13


def test_list_elements_and_removes_mean_the_list_as_it_was(dbtui: Harness, cloud: FakeCloud) -> None:
    done = dbtui.run(
        "update", "table/orders", "pk=a", "sk=2", "--set", "lines[0].qty=7", "--remove", "lines[1]", "--set", "new=[]"
    )
    assert done.code == 0, done.err
    item = stored(cloud, "a", 2)
    assert item is not None
    assert item["lines"] == {"L": [{"M": {"qty": {"N": "7"}}}]}
    assert item["new"] == {"L": []}


def test_an_update_that_changes_nothing_sends_nothing(dbtui: Harness, cloud: FakeCloud) -> None:
    done = dbtui.run("update", "table/orders", "pk=a", "sk=1", "--set", "total=12.5", "--remove", "nothing")
    assert (done.code, cloud.sent) == (0, [])
    assert done.err == "Nothing changed: item/orders?pk=a&sk=1; nothing was sent.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "name=Ann"], "--set 'name=\"Ann\"'"),
        (["--set", "name="], "no JSON value"),
        (["--set", "name"], "PATH=VALUE"),
        (["--set", "a..b=1"], "no attribute path"),
        (["--set", "a[x]=1"], "PATH=VALUE"),
        (["--set", "total = 12"], "is quoted"),
        (["--set", f"note=two\nlines, and long: {'x' * 99}"], "two\\nlines, and long"),
        (["--dynamodb-json", "--set", 'a={"N": "1"}, "b": {"N": "2"}'], "ended before this"),
        (["--set", "pk=1"], "pk is a key attribute"),
        (["--remove", "sk"], "sk is a key attribute"),
        (["--set", "a=1", "--remove", "a.b"], "overlap"),
        (["--set", 'a={"$ss": []}'], ""),
        (["--set", "a=1e300"], ""),
        ([], "update what?"),
    ],
)
def test_words_of_an_update_that_make_no_sense_exit_2(words: list[str], said: str, dbtui: Harness) -> None:
    done = dbtui.run("update", "table/orders", "pk=a", "sk=1", *words)
    assert (done.code, done.out) == (2, ""), done
    assert said in done.err and len(done.err.splitlines()) == 1
    assert dbtui.cloud.sent == []


@pytest.mark.parametrize(
    ("word", "said"), [("none.b=1", "there is no none"), ("total.b=1", "is no map"), ("lines[5]=1", "2 elements")]
)
def test_a_path_that_leads_nowhere_exits_4(word: str, said: str, dbtui: Harness) -> None:
    done = dbtui.run("update", "table/orders", "pk=a", "sk=2", "--set", word)
    assert done.code == 4
    assert said in done.err


def test_a_race_on_the_same_attribute_is_a_conflict_that_says_what_changed(dbtui: Harness, cloud: FakeCloud) -> None:
    somebody_else(cloud, order("a", 1, total={"N": "77"}, state={"S": "open"}))
    done = dbtui.run("update", "table/orders", "pk=a", "sk=1", "--set", "total=13")
    assert done.code == 4
    assert "changed by somebody else" in done.err and "total: 12.50 → 77" in done.err
    assert stored(cloud, "a", 1) == order("a", 1, total={"N": "77"}, state={"S": "open"})


def test_a_race_on_another_attribute_is_none(dbtui: Harness, cloud: FakeCloud) -> None:
    somebody_else(cloud, order("a", 1, total={"N": "12.50"}, state={"S": "paid"}))
    assert dbtui.run("update", "table/orders", "pk=a", "sk=1", "--set", "total=13").code == 0
    assert stored(cloud, "a", 1) == order("a", 1, total={"N": "13"}, state={"S": "paid"})


def test_an_update_of_nothing_exits_3(dbtui: Harness) -> None:
    done = dbtui.run("update", "table/orders", "pk=a", "sk=5", "--set", "total=13")
    assert done.code == 3
    assert dbtui.cloud.sent == []


# Delete


@pytest.mark.parametrize(
    "confirm",
    ["pk=b sk=1", "sk=1.0 pk=b", "item/orders?pk=b&sk=1", "dev@eu-west-1:item/orders?pk=b&sk=1"],
)
def test_a_confirmed_item_is_shown_and_deleted(confirm: str, dbtui: Harness, cloud: FakeCloud) -> None:
    words = confirm.split() if "=" in confirm and "/" not in confirm else ["pk=b", "sk=1"]
    done = dbtui.run("delete-item", "table/orders", *words, "--confirm", confirm)
    assert done.code == 0, done.err
    assert '"negative": -5' in done.err
    assert stored(cloud, "b", 1) is None
    assert (done.json["action"], done.json["outcome"]) == ("delete-item", "done")


def test_without_a_confirmation_nothing_is_deleted(dbtui: Harness, cloud: FakeCloud) -> None:
    done = dbtui.run("delete-item", "table/orders", "pk=b", "sk=1")
    assert (done.code, cloud.sent) == (4, [])
    assert "--confirm 'pk=b sk=1'" in done.err
    wrong = dbtui.run("delete-item", "table/orders", "pk=b", "sk=1", "--confirm", "pk=b sk=2")
    assert (wrong.code, cloud.sent) == (4, [])


def test_a_terminal_asks_to_type_the_key(dbtui: Harness, cloud: FakeCloud) -> None:
    refused = dbtui.terminal("delete-item", "table/orders", "pk=b", "sk=1", typed="y\n")
    assert (refused.code, cloud.sent) == (4, [])
    assert "Type pk=b sk=1 to go on:" in refused.err
    done = dbtui.terminal("delete-item", "table/orders", "pk=b", "sk=1", typed="pk=b sk=1\n")
    assert done.code == 0
    assert done.out == "Deleted dev@eu-west-1:item/orders?pk=b&sk=1: 1 WCU\n"


def test_an_item_changed_after_it_was_shown_is_not_deleted(dbtui: Harness, cloud: FakeCloud) -> None:
    somebody_else(cloud, order("b", 1, negative={"N": "-6"}))
    done = dbtui.run("delete-item", "table/orders", "pk=b", "sk=1", "--confirm", "pk=b sk=1")
    assert done.code == 4
    assert "negative: -5 → -6" in done.err
    assert stored(cloud, "b", 1) is not None


# Guards


WRITES = (
    ["put", "table/prod-orders", '{"pk": "a", "sk": 1}', "--replace"],
    ["update", "table/prod-orders", "pk=a", "sk=1", "--set", "total=1"],
    ["delete-item", "table/prod-orders", "pk=a", "sk=1", "--confirm", "pk=a sk=1"],
)


@pytest.mark.parametrize("words", WRITES, ids=lambda words: words[0])
def test_a_protected_scope_must_be_named(words: list[str], dbtui: Harness, cloud: FakeCloud) -> None:
    dbtui.wiring.targets = (PROD,)
    refused = dbtui.run(*words)
    assert (refused.code, cloud.sent) == (4, [])
    assert "prod@eu-west-1 is protected" in refused.err and "--confirm-scope" in refused.err
    assert dbtui.terminal(*words, typed="dev\n").code == 4
    assert dbtui.run(*words, "--confirm-scope", "prod").code == 0


def test_a_new_item_adds_so_it_needs_no_confirmation(dbtui: Harness) -> None:
    dbtui.wiring.targets = (PROD,)
    assert dbtui.run("put", "table/prod-orders", '{"pk": "new", "sk": 1}').code == 0


READ_ONLY = [[w.replace("prod-orders", "orders") for w in words] for words in WRITES]


@pytest.mark.parametrize("words", READ_ONLY, ids=lambda words: words[0])
def test_read_only_refuses_writes_but_not_a_dry_run(words: list[str], dbtui: Harness) -> None:
    cloud = dbtui.cloud
    cloud.read_only = lambda scope: True
    refused = dbtui.run(*words, "--read-only")
    assert (refused.code, refused.out) == (4, "")
    assert "read-only" in refused.err
    shown = dbtui.run(*words, "--read-only", "--dry-run")
    assert shown.code == 0, shown.err
    (call,) = shown.json
    assert sorted(call) == ["endpoint", "operation", "parameters", "region", "service"]
    assert (call["service"], call["region"]) == ("dynamodb", "eu-west-1")
    assert "ConditionExpression" in call["parameters"]
    assert cloud.sent == []


def test_a_dry_run_writes_binary_as_base64(dbtui: Harness) -> None:
    shown = dbtui.run("put", "table/blobs", '{"digest": {"$b": "AP8="}}', "--dry-run")
    assert shown.json[0]["parameters"]["Item"] == {"digest": {"B": "AP8="}}
    assert "nothing was sent" in shown.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["put", "table/orders", '{"pk": "a", "sk": 1}'], 4),
        (["put", "table/orders", '{"pk": "n", "sk": 1}'], 0),
        (["update", "table/orders", "pk=n", "sk=1", "--set", "a=1"], 3),
        (["update", "table/orders", "pk=a", "sk=1", "--set", "total=12.50"], 0),
        (["delete-item", "table/orders", "pk=a", "sk=1"], 4),
        (["delete-item", "table/orders", "pk=n", "sk=1"], 3),
    ],
)
def test_a_dry_run_exits_as_the_real_run_would(words: list[str], code: int, dbtui: Harness) -> None:
    assert dbtui.run(*words, "--dry-run").code == code
    assert dbtui.cloud.sent == []
    assert dbtui.run(*words).code == code


def test_a_denied_write_names_the_permission_and_exits_5(dbtui: Harness, cloud: FakeCloud) -> None:
    def deny(operation: str) -> None:
        raise AwsError(
            Failure(FailureKind.PERMISSION, "Not allowed.", operation=operation, iam_action="dynamodb:PutItem")
        )

    cloud.before_execute = deny
    done = dbtui.run("put", "table/orders", '{"pk": "n", "sk": 1}')
    assert (done.code, done.json["outcome"]) == (5, "failed")
    assert done.json["error"]["iam_action"] == "dynamodb:PutItem"


def test_the_journal_holds_the_key_and_names_but_no_values(dbtui: Harness, tmp_path: Path) -> None:
    dbtui.run("put", "table/orders", '{"pk": "n", "sk": 1, "secret": "hunter2"}')
    text = (tmp_path / "journal.jsonl").read_text()
    assert "secret" in text and "hunter2" not in text


def test_scope_is_part_of_every_result(dbtui: Harness) -> None:
    scope = Scope("dev", "111122223333", "eu-west-1")
    place = item_place("orders", order("a", 1), (PK, SK), scope=scope)
    assert place == "dev@eu-west-1:item/orders?pk=a&sk=1"
    assert dbtui.run("update", place, "--set", "total=1").json["place"] == place
