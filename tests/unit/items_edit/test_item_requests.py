"""The requests: what they hold, what they do to an item, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from dbtui.domain.diff import apply, changes
from dbtui.domain.failures import AwsError, FailureKind, Refused
from dbtui.domain.item_requests import (
    Request,
    create_request,
    delete_request,
    move_request,
    replace_request,
    update_request,
)
from dbtui.domain.models import Table
from dbtui.domain.values import Item, at, equal, items_equal
from dbtui.gateway.fake import FakeGateway
from tests import requirements
from tests.unit.items_edit.world import SCOPE, images, index, item, m, n, s, table

EXAMPLES = 2000 if requirements.FULL else 200
TABLE = table(indexes=())
TABLE_WITHOUT_SORT_KEY = table(keys=TABLE.keys[:1], indexes=())


def parts(request: Request) -> tuple[str, str, dict[str, str], dict[str, Any]]:
    found = request.parameters
    return (
        found.get("UpdateExpression", ""),
        found["ConditionExpression"],
        found["ExpressionAttributeNames"],
        found.get("ExpressionAttributeValues", {}),
    )


def over(found: Item | None, request: Request, model: Table = TABLE) -> Item | None:
    """What the request makes of the one item there is (or is not)."""
    gateway = FakeGateway(account=SCOPE.account)
    gateway.put(model)
    gateway.put_items(SCOPE.target, "orders", [found] if found is not None else [])
    gateway.carry_out(SCOPE, request.operation, request.parameters)
    left = gateway.items_of(SCOPE.target, "orders")
    return left[0] if left else None


def test_a_changed_attribute_is_set_if_it_still_has_its_old_value() -> None:
    base, mine = item(status=s("OPEN"), total=n(5)), item(status=s("PAID"), total=n(5))
    request = update_request(TABLE, item(), changes(base, mine))

    assert request.operation == "dynamodb:UpdateItem"
    assert parts(request) == (
        "SET #1 = :1",
        "attribute_exists(#0) AND #1 = :0",
        {"#0": "pk", "#1": "status"},
        {":0": s("OPEN"), ":1": s("PAID")},
    )
    assert request.parameters["Key"] == item()
    assert request.parameters["ReturnValues"] == "ALL_NEW"
    assert request.parameters["ReturnValuesOnConditionCheckFailure"] == "ALL_OLD"
    assert request.parameters["ReturnConsumedCapacity"] == "INDEXES"


def test_an_added_attribute_must_not_be_there_and_a_removed_one_must_be_what_it_was() -> None:
    update, condition, names, values = parts(update_request(TABLE, item(), changes({"old": n(1)}, {"new": n(2)})))

    assert update == "SET #2 = :1 REMOVE #1"
    assert condition == "attribute_exists(#0) AND #1 = :0 AND attribute_not_exists(#2)"
    assert names == {"#0": "pk", "#1": "old", "#2": "new"}
    assert values == {":0": n(1), ":1": n(2)}


def test_a_nested_addition_requires_the_map_it_goes_into() -> None:
    made = changes({"a": m(x=n(1))}, {"a": m(x=n(1), y=n(2))})
    update, condition, _, values = parts(update_request(TABLE, item(), made))

    assert update == "SET #1.#2 = :1"
    assert condition == "attribute_exists(#0) AND attribute_type(#1, :0) AND attribute_not_exists(#1.#2)"
    assert values == {":0": s("M"), ":1": n(2)}


@pytest.mark.parametrize("name", ["a.b", "a[0]", "#x", ":x", "name", "size", "with space", "ключ", '"'])
def test_names_never_stand_in_an_expression(name: str) -> None:
    update, condition, names, _ = parts(update_request(TABLE, item(), changes({name: n(1)}, {name: n(2)})))

    assert names["#1"] == name
    assert name not in update.replace("#1", "") or name == ":x"
    assert condition == "attribute_exists(#0) AND #1 = :0"


def test_what_is_there_in_another_form_does_not_break_the_condition() -> None:
    base, mine = item(a=n("1.10"), t={"SS": ["x", "y"]}), item(a=n(2), t={"SS": ["x"]})
    request = update_request(TABLE, item(), changes(base, mine))

    assert over(item(a=n("1.1"), t={"SS": ["y", "x"]}), request) == mine


@pytest.mark.parametrize("there", [item(), item(a=s("no map")), item(a={"L": []}), item(a=m(y=n(9)))])
def test_a_nested_addition_without_its_map_fails_its_condition_and_is_no_error(there: Item) -> None:
    request = update_request(TABLE, item(), changes({"a": m()}, {"a": m(y=n(2))}))

    with pytest.raises(AwsError) as caught:
        over(there, request)

    assert caught.value.failure.kind is FailureKind.CONDITION
    assert caught.value.members["Item"] == there


@settings(max_examples=EXAMPLES, deadline=None)
@given(images(2))
def test_the_update_makes_mine_of_the_base(pair: tuple[Item, ...]) -> None:
    base, mine = (item(**attributes) for attributes in pair)
    made = changes(base, mine)
    if not made:
        return

    assert items_equal(over(base, update_request(TABLE, item(), made)), mine)


@settings(max_examples=EXAMPLES, deadline=None)
@given(images(3))
def test_an_update_over_someone_elses_change_fails_or_touches_only_what_was_seen(triple: tuple[Item, ...]) -> None:
    base, theirs, mine = (item(**attributes) for attributes in triple)
    made = changes(base, mine)
    if not made:
        return
    unseen = [change for change in made if not equal(at(theirs, change.path), change.before)]
    try:
        left = over(theirs, update_request(TABLE, item(), made))
    except AwsError as error:
        assert error.failure.kind is FailureKind.CONDITION, "a path that is gone is a conflict, not an invalid request"
        parents_gone = any(len(c.path) > 1 and "M" not in (at(theirs, c.path[:-1]) or {}) for c in made)
        assert unseen or parents_gone
    else:
        assert not unseen
        assert items_equal(left, apply(theirs, made))


def test_an_update_never_makes_an_item() -> None:
    with pytest.raises(AwsError) as caught:
        over(None, update_request(TABLE, item(), changes({}, {"a": n(1)})))

    assert caught.value.failure.kind is FailureKind.CONDITION


def test_a_new_item_must_not_exist() -> None:
    request = create_request(TABLE, item(a=n(1)))

    assert parts(request) == ("", "attribute_not_exists(#0)", {"#0": "pk"}, {})
    assert over(None, request) == item(a=n(1))
    with pytest.raises(AwsError) as caught:
        over(item(a=n(2)), request)
    assert caught.value.members["Item"] == item(a=n(2))


def test_a_replacement_without_a_base_must_find_an_item() -> None:
    request = replace_request(TABLE, item(a=n(1)))

    assert over(item(b=n(2)), request) == item(a=n(1))
    with pytest.raises(AwsError):
        over(None, request)


def test_a_replacement_with_a_base_must_find_all_of_it() -> None:
    request = replace_request(TABLE, item(a=n(1)), item(b=n(2), c=n(3)))

    assert over(item(b=n(2), c=n(3)), request) == item(a=n(1))
    with pytest.raises(AwsError):
        over(item(b=n(2), c=n(4)), request)


def test_a_deletion_requires_every_attribute_that_was_shown() -> None:
    request = delete_request(TABLE, item(a=n(1), b=m(x=n(1))))

    assert parts(request)[1] == "attribute_exists(#0) AND #1 = :0 AND #2 = :1"
    assert request.parameters["ReturnValues"] == "ALL_OLD"
    assert over(item(a=n(1), b=m(x=n(1))), request) is None
    with pytest.raises(AwsError):
        over(item(a=n(1), b=m(x=n(2))), request)


def test_an_index_key_that_was_not_there_must_still_not_be_there() -> None:
    request = delete_request(table(), item(a=n(1)))

    with pytest.raises(AwsError):
        over(item(a=n(1), status=s("OPEN")), request)


def test_a_move_is_one_transaction_with_a_token_of_its_own() -> None:
    base, mine = item("a", a=n(1)), item("b", a=n(1))
    request, other = move_request(TABLE, base, mine), move_request(TABLE, base, mine)

    assert request.operation == "dynamodb:TransactWriteItems"
    delete, put = request.parameters["TransactItems"]
    assert delete["Delete"]["Key"] == item("a")
    assert delete["Delete"]["ConditionExpression"] == "attribute_exists(#0) AND #1 = :0"
    assert put["Put"]["Item"] == mine
    assert put["Put"]["ConditionExpression"] == "attribute_not_exists(#0)"
    assert request.parameters["ClientRequestToken"] != other.parameters["ClientRequestToken"]
    assert over(base, request) == mine


def many(count: int, value: int) -> Item:
    return {f"attribute{number}": n(value) for number in range(count)}


def test_too_many_operators_are_refused_with_the_reason() -> None:
    with pytest.raises(Refused, match="operators, DynamoDB takes 300") as caught:
        update_request(TABLE, item(), changes(many(151, 1), many(151, 2)))

    assert caught.value.failure.kind is FailureKind.INVALID


def test_as_many_changes_as_fit_are_sent() -> None:
    request = update_request(TABLE, item(), changes(many(140, 1), many(140, 2)))

    assert len(request.parameters["ConditionExpression"]) <= 4096
    assert over(item(**many(140, 1)), request) == item(**many(140, 2))


def test_too_long_an_expression_is_refused_with_the_reason() -> None:
    with pytest.raises(Refused, match=r"its condition would have 4,\d+ characters, DynamoDB takes 4,096"):
        update_request(TABLE, item(), changes({}, many(149, 1)))


def test_more_than_two_megabytes_of_values_are_refused() -> None:
    large = s("x" * 1_100_000)

    with pytest.raises(Refused, match=r"its values would have 2\.1"):
        update_request(TABLE, item(), changes({"a": large}, {"a": s("y" * 1_100_000)}))


def test_an_item_is_known_by_its_partition_key_alone_where_the_table_has_no_sort_key() -> None:
    request = create_request(TABLE_WITHOUT_SORT_KEY, {"pk": s("a")})

    assert over(None, request, TABLE_WITHOUT_SORT_KEY) == {"pk": s("a")}


def test_a_deletion_names_what_its_table_has_as_keys() -> None:
    request = delete_request(table(indexes=(index("by-sk", "sk"),)), item(a=n(1)))

    assert request.parameters["Key"] == item()
    assert parts(request)[2] == {"#0": "pk", "#1": "a"}
