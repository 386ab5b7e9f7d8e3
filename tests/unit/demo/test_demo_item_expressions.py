"""Condition, update, projection and key-condition expressions: what they do and in which words they are refused."""

from __future__ import annotations

from typing import Any

import pytest
from demo_world import Still

from dbtui.demo.protocol.errors import AwsError

ITEM: dict[str, Any] = {
    "id": {"S": "a"},
    "n": {"N": "5"},
    "s": {"S": "hello"},
    "b": {"B": "AQID"},
    "t": {"BOOL": True},
    "z": {"NULL": True},
    "e": {"S": ""},
    "ss": {"SS": ["x", "y"]},
    "ns": {"NS": ["1", "2"]},
    "l": {"L": [{"S": "one"}, {"N": "2"}, {"M": {"k": {"S": "v"}}}]},
    "m": {"M": {"a": {"M": {"b": {"N": "1"}}}, "s": {"S": "deep"}, "x.y": {"N": "7"}}},
}


@pytest.fixture
def still() -> Still:
    world = Still("empty")
    world.new_table("t", "id", id="S")
    world.call("PutItem", TableName="t", Item=ITEM)
    return world


@pytest.fixture(scope="module")
def company() -> Still:
    """Only read."""
    return Still()


def options(values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if values:
        found["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    if names:
        found["ExpressionAttributeNames"] = {f"#{name}": value for name, value in names.items()}
    return found


def holds(still: Still, text: str, names: dict[str, str] | None = None, **values: Any) -> bool:
    found = still.call("Scan", TableName="t", FilterExpression=text, **options(values, names or {}))
    return bool(found["Count"])


N, S = {"N": "5"}, {"S": "hello"}


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("n = :v", {"v": {"N": "5.00"}}, True),
        ("n = :v", {"v": {"S": "5"}}, False),
        ("n <> :v", {"v": {"S": "5"}}, True),
        ("absent = :v", {"v": N}, False),
        ("absent <> :v", {"v": N}, True),
        ("n < :v", {"v": {"N": "10"}}, True),
        ("n >= :v", {"v": {"N": "5"}}, True),
        ("s > :v", {"v": {"S": "hell"}}, True),
        ("s > :v", {"v": {"N": "1"}}, False),
        ("b < :v", {"v": {"B": "/w=="}}, True),
        ("n BETWEEN :a AND :b", {"a": {"N": "5"}, "b": {"N": "5"}}, True),
        ("n between :a and :b and s = :s", {"a": {"N": "6"}, "b": {"N": "9"}, "s": S}, False),
        ("n IN (:a, :b)", {"a": {"N": "1"}, "b": {"N": "5"}}, True),
        ("ss = :v", {"v": {"SS": ["y", "x"]}}, True),
        ("l[1] = :v", {"v": {"N": "2"}}, True),
        ("l[2].k = :v", {"v": {"S": "v"}}, True),
        ("l[9] = :v", {"v": {"N": "2"}}, False),
        ("m.a.b = :v", {"v": {"N": "1"}}, True),
        ("m.a = :v", {"v": {"M": {"b": {"N": "1"}}}}, True),
        ("attribute_exists(m.a.b) AND attribute_not_exists(m.q)", {}, True),
        ("attribute_exists(e) and attribute_exists(z)", {}, True),
        ("attribute_type(z, :v)", {"v": {"S": "NULL"}}, True),
        ("attribute_type(n, :v)", {"v": {"S": "S"}}, False),
        ("begins_with(s, :v)", {"v": {"S": "he"}}, True),
        ("begins_with(b, :v)", {"v": {"B": "AQ=="}}, True),
        ("contains(s, :v)", {"v": {"S": "ell"}}, True),
        ("contains(ss, :v)", {"v": {"S": "x"}}, True),
        ("contains(ns, :v)", {"v": {"N": "2.0"}}, True),
        ("contains(l, :v)", {"v": {"N": "2"}}, True),
        ("contains(n, :v)", {"v": {"N": "5"}}, False),
        ("size(s) = :v", {"v": {"N": "5"}}, True),
        ("size(b) = :v AND size(ss) < :v", {"v": {"N": "3"}}, True),
        ("size(l) = :v", {"v": {"N": "3"}}, True),
        ("size(n) > :v", {"v": {"N": "0"}}, False),
        ("NOT n = :v OR s = :w", {"v": N, "w": S}, True),
        ("NOT (n = :v OR s = :w)", {"v": N, "w": S}, False),
        ("n = :x OR n = :v AND s = :w", {"x": {"N": "0"}, "v": N, "w": S}, True),
        (":v = n", {"v": N}, True),
        ("((n = :v) AND (s = :w)) OR (n = :w)", {"v": N, "w": S}, True),
    ],
)
def test_conditions(still: Still, text: str, values: dict[str, Any], expected: bool) -> None:
    assert holds(still, text, **values) is expected


def test_placeholders_reach_any_name(still: Still) -> None:
    assert holds(still, "#m.#k = :v", {"m": "m", "k": "x.y"}, v={"N": "7"})
    assert not holds(still, "m.x.y = :v", v={"N": "7"})


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        ("n = ", {}, 'Syntax error; token: "<EOF>", near: "="'),
        ("n == :v", {"v": N}, 'Syntax error; token: "="'),
        ("n = :v extra", {"v": N}, 'Syntax error; token: "extra"'),
        ("n & :v", {"v": N}, 'Syntax error; token: "&"'),
        ("", {}, "The expression can not be empty"),
        ("status = :v", {"v": N}, "reserved keyword: status"),
        ("n = :w", {"v": N}, "attribute value: :w"),
        ("#q = :v", {"v": N}, "attribute name: #q"),
        ("n = :v", {"v": N, "w": N}, r"unused in expressions: keys: \{:w\}"),
        ("n < :v", {"v": {"BOOL": True}}, "operator or function: <, operand type: BOOLEAN"),
        ("n BETWEEN :a AND :b", {"a": {"N": "5"}, "b": {"N": "1"}}, "greater than or equal to lower bound"),
        ("n BETWEEN :a AND :b", {"a": {"N": "5"}, "b": {"S": "1"}}, "requires same data type"),
        ("n = n", {}, "The first operand must be distinct"),
        ("foo(n)", {}, "Invalid function name; function: foo"),
        ("if_not_exists(n, :v)", {"v": N}, "not allowed in a condition expression; function: if_not_exists"),
        ("begins_with(s)", {}, "number of operands: 1"),
        ("begins_with(s, :v)", {"v": N}, "operand type: N"),
        ("attribute_exists(:v)", {"v": N}, "requires a document path"),
        ("attribute_type(n, :v)", {"v": {"S": "Q"}}, "Invalid attribute type name found; type: Q"),
        ("size(n)", {}, "not allowed to be used this way"),
        ("((n = :v))", {"v": N}, "redundant parentheses"),
        ("NOT ((n = :v OR n = :w))", {"v": N, "w": S}, "redundant parentheses"),
        ("n IN (" + ",".join([":v"] * 101) + ")", {"v": N}, "number of operands: 102"),
        ("n = :v " + "OR n = :v " * 500, {"v": N}, "Expression size has exceeded the maximum allowed size"),
        ("n = :v", {"v": {"N": "x"}}, "ExpressionAttributeValues contains invalid value: .* for key :v"),
    ],
)
def test_bad_conditions_are_refused(still: Still, text: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(AwsError, match=words) as caught:
        holds(still, text, **values)
    assert caught.value.code == "ValidationException"


def updated(still: Still, text: str, names: dict[str, str] | None = None, **values: Any) -> dict[str, Any]:
    still.call(
        "UpdateItem", TableName="t", Key={"id": ITEM["id"]}, UpdateExpression=text, **options(values, names or {})
    )
    found: dict[str, Any] = still.call("GetItem", TableName="t", Key={"id": ITEM["id"]})["Item"]
    return found


@pytest.mark.parametrize(
    ("text", "values", "changed"),
    [
        ("SET n = n + :v", {"v": {"N": "0.5"}}, {"n": {"N": "5.5"}}),
        ("SET n = :v - n", {"v": {"N": "5"}}, {"n": {"N": "0"}}),
        ("SET s = n, n = s", {}, {"s": {"N": "5"}, "n": {"S": "hello"}}),
        ("SET q = if_not_exists(q, :v) + :v", {"v": {"N": "1"}}, {"q": {"N": "2"}}),
        ("SET n = if_not_exists(n, :v)", {"v": {"N": "1"}}, {}),
        ("SET l = list_append(l, :v)", {"v": {"L": [{"S": "end"}]}}, {"l": {"L": [*ITEM["l"]["L"], {"S": "end"}]}}),
        ("SET l[0] = :v", {"v": {"N": "9"}}, {"l": {"L": [{"N": "9"}, *ITEM["l"]["L"][1:]]}}),
        ("SET l[7] = :v, l[5] = :w", {"v": S, "w": N}, {"l": {"L": [*ITEM["l"]["L"], N, S]}}),
        ("SET l[0] = :v REMOVE l[1]", {"v": N}, {"l": {"L": [N, ITEM["l"]["L"][2]]}}),
        ("REMOVE l[0], l[2]", {}, {"l": {"L": [ITEM["l"]["L"][1]]}}),
        ("REMOVE l[9], q, m.q", {}, {}),
        ("SET m.a.c = :v", {"v": S}, {"m": {"M": {**ITEM["m"]["M"], "a": {"M": {"b": {"N": "1"}, "c": S}}}}}),
        ("REMOVE m.a", {}, {"m": {"M": {"s": {"S": "deep"}, "x.y": {"N": "7"}}}}),
        ("ADD n :v", {"v": {"N": "-7"}}, {"n": {"N": "-2"}}),
        ("ADD q :v", {"v": {"N": "3"}}, {"q": {"N": "3"}}),
        ("ADD ss :v", {"v": {"SS": ["y", "z"]}}, {"ss": {"SS": ["x", "y", "z"]}}),
        ("DELETE ss :v", {"v": {"SS": ["y", "q"]}}, {"ss": {"SS": ["x"]}}),
        ("SET e = :v", {"v": {"B": ""}}, {"e": {"B": ""}}),
    ],
)
def test_updates(still: Still, text: str, values: dict[str, Any], changed: dict[str, Any]) -> None:
    assert updated(still, text, **values) == ITEM | changed


def test_a_set_without_members_is_gone(still: Still) -> None:
    assert "ss" not in updated(still, "DELETE ss :v", v={"SS": ["x", "y"]})


@pytest.mark.parametrize(
    ("text", "values", "words"),
    [
        ("SET q.r = :v", {"v": N}, "document path provided in the update expression is invalid for update"),
        ("SET s[0] = :v", {"v": N}, "invalid for update"),
        ("REMOVE q.r", {}, "invalid for update"),
        ("SET n = q", {}, "attribute that does not exist in the item"),
        ("SET n = s + :v", {"v": N}, "incorrect data type"),
        ("SET l = list_append(l, :v)", {"v": N}, "incorrect data type"),
        ("ADD s :v", {"v": N}, "incorrect data type"),
        ("ADD n :v", {"v": S}, "operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
        ("DELETE ss :v", {"v": N}, "operator: DELETE, operand type: NUMBER"),
        ("SET m = :v, m.a = :v", {"v": N}, r"paths overlap .* path one: \[m\], path two: \[m, a\]"),
        ("SET m.a = :v, m[0] = :v", {"v": N}, "paths conflict"),
        ("SET n = :v SET s = :v", {"v": N}, 'The "SET" section can only be used once'),
        ("SET id = :v", {"v": S}, "Cannot update attribute id. This attribute is part of the key"),
        ("SET n = begins_with(s, :v)", {"v": S}, "not allowed in an update expression; function: begins_with"),
        ("SET n = foo(s)", {}, "Invalid function name; function: foo"),
        ("FROB n", {}, 'Syntax error; token: "FROB"'),
        ("SET n = :v + ", {"v": N}, 'token: "<EOF>"'),
        ("SET n = n + :v", {"v": {"N": "1" + "0" * 60}}, "38 significant digits"),
        ("SET " + ",".join(f"q{number}=n+n" for number in range(301)), {}, "too many operators"),
        ("SET big = :v", {"v": {"S": "x" * 409_600}}, "Item size to update has exceeded the maximum allowed size"),
    ],
)
def test_bad_updates_are_refused_and_change_nothing(
    still: Still, text: str, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(AwsError, match=words):
        updated(still, text, **values)
    assert still.call("GetItem", TableName="t", Key={"id": ITEM["id"]})["Item"] == ITEM


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("n, s", {"n": N, "s": S}),
        ("l[2], l[0]", {"l": {"L": [{"S": "one"}, {"M": {"k": {"S": "v"}}}]}}),
        ("m.a.b, l[2].k", {"m": {"M": {"a": {"M": {"b": {"N": "1"}}}}}, "l": {"L": [{"M": {"k": {"S": "v"}}}]}}),
        ("q, m.q, l[8]", {}),
    ],
)
def test_projections(still: Still, text: str, shown: dict[str, Any]) -> None:
    get = {"TableName": "t", "Key": {"id": ITEM["id"]}, "ProjectionExpression": text}
    assert still.call("GetItem", **get)["Item"] == shown
    assert still.call("Scan", TableName="t", ProjectionExpression=text)["Items"] == [shown]


@pytest.mark.parametrize(
    ("wanted", "old", "new"),
    [("ALL_NEW", False, True), ("ALL_OLD", True, False), ("UPDATED_OLD", True, False), ("UPDATED_NEW", False, True)],
)
def test_return_values_of_an_update(still: Still, wanted: str, old: bool, new: bool) -> None:
    found = still.call(
        "UpdateItem",
        TableName="t",
        Key={"id": ITEM["id"]},
        UpdateExpression="SET n = :v, m.s = :v",
        ExpressionAttributeValues={":v": {"N": "6"}},
        ReturnValues=wanted,
    )["Attributes"]
    assert found["n"]["N"] == ("5" if old else "6")
    assert found["m"]["M"]["s"] == ({"S": "deep"} if old else {"N": "6"})
    assert len(found) == (2 if wanted.startswith("UPDATED") else len(ITEM))
    assert ("a" in found["m"]["M"]) == wanted.startswith("ALL")
    assert new != old


KEY_QUERY = {":p": {"S": "acc-0001"}, ":n": {"N": "5"}, ":m": {"N": "7"}}


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("account_id = :p", list(range(20))),
        ("account_id = :p AND entry = :n", [5]),
        ("account_id = :p AND entry < :n", list(range(5))),
        ("account_id = :p AND entry <= :n", list(range(6))),
        ("account_id = :p AND entry > :n", list(range(6, 20))),
        (":n <= entry AND account_id = :p", list(range(5, 20))),
        ("(entry BETWEEN :n AND :m) AND (account_id = :p)", [5, 6, 7]),
    ],
)
@pytest.mark.parametrize("forward", [True, False])
def test_key_conditions(company: Still, text: str, entries: list[int], forward: bool) -> None:
    values = {name: value for name, value in KEY_QUERY.items() if name in text}
    found = company.call(
        "Query",
        TableName="ledger",
        KeyConditionExpression=text,
        ExpressionAttributeValues=values,
        ScanIndexForward=forward,
    )
    assert [int(item["entry"]["N"]) for item in found["Items"]] == (entries if forward else entries[::-1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("entry = :n", "Query condition missed key schema element: account_id"),
        ("account_id > :p", "Query key condition not supported"),
        ("account_id = :p AND amount = :n", "Query condition missed key schema element: entry"),
        ("account_id = :p AND entry > :n AND entry < :m", "must only contain one condition per key"),
        ("account_id = :p OR entry = :n", "Invalid operator used in KeyConditionExpression: OR"),
        ("account_id = :p AND entry <> :n", "Invalid operator used in KeyConditionExpression: <>"),
        ("account_id = :p AND NOT entry = :n", "Invalid operator used in KeyConditionExpression: NOT"),
        ("account_id = :p AND entry IN (:n)", "Invalid operator used in KeyConditionExpression: IN"),
        ("account_id = :n", "Condition parameter type does not match schema type"),
        ("account_id = :p AND begins_with(entry, :n)", "operator or function: begins_with, operand type: N"),
    ],
)
def test_bad_key_conditions_are_refused(company: Still, text: str, words: str) -> None:
    values = {name: value for name, value in KEY_QUERY.items() if name in text}
    with pytest.raises(AwsError, match=words):
        company.call("Query", TableName="ledger", KeyConditionExpression=text, ExpressionAttributeValues=values)


def test_a_filter_may_not_look_at_the_keys_of_a_query(company: Still) -> None:
    with pytest.raises(AwsError, match="Primary key attribute: entry"):
        company.call(
            "Query",
            TableName="ledger",
            KeyConditionExpression="account_id = :p",
            FilterExpression="entry > :n",
            ExpressionAttributeValues={":p": {"S": "acc-0001"}, ":n": {"N": "5"}},
        )


@pytest.mark.parametrize(
    ("text", "values", "count"),
    [
        ("carrier = :c AND #r = :r", {}, 15),
        ("carrier = :c AND #r = :r AND #s = :s", {":s": {"S": "waiting"}}, 5),
        (
            "carrier = :c AND #r = :r AND #s = :s AND begins_with(eta, :e)",
            {":s": {"S": "waiting"}, ":e": {"S": "2025-06"}},
            2,
        ),
    ],
)
def test_keys_of_several_attributes(company: Still, text: str, values: dict[str, Any], count: int) -> None:
    names = {"#r": "region"} | ({"#s": "state"} if "#s" in text else {})
    found = company.call(
        "Query",
        TableName="shipments",
        IndexName="by-route",
        KeyConditionExpression=text,
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={":c": {"S": "dhl"}, ":r": {"S": "eu"}, **values},
    )
    assert found["Count"] == count


@pytest.mark.parametrize("text", ["carrier = :c", "carrier = :c AND #r = :r AND eta = :e"])
def test_keys_of_several_attributes_count_from_the_left(company: Still, text: str) -> None:
    values = {":c": {"S": "dhl"}, ":r": {"S": "eu"}, ":e": {"S": "x"}}
    with pytest.raises(AwsError, match=r"missed key schema element|not supported"):
        company.call(
            "Query",
            TableName="shipments",
            IndexName="by-route",
            KeyConditionExpression=text,
            ExpressionAttributeValues={name: value for name, value in values.items() if name in text},
            **({"ExpressionAttributeNames": {"#r": "region"}} if "#r" in text else {}),
        )
