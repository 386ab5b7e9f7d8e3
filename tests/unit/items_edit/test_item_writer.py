"""Carrying a write out: re-checks, conflicts, lost replies, throttling; and that nothing is ever sent without its
conditions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dbtui.actions.item_writes import ItemWrite, WriteResult, WriteState
from dbtui.actions.model import OperationState
from dbtui.domain.failures import AwsError, Failure, FailureKind, Refused
from dbtui.domain.models import KeyPart
from dbtui.domain.scope import Scope
from dbtui.domain.values import Item
from dbtui.gateway.fake_expressions import aws_failure
from dbtui.items.writes import create_write, delete_write, edit_write, replace_write
from tests.unit.items_edit.world import INTERNAL, PROD, RESET, THROTTLED, Network, World, item, m, n, s

BASE = item(a=n(1), b=n(1))
MINE = item(a=n(2), b=n(1))
DENIED = aws_failure(FailureKind.PERMISSION, "UpdateItem", "AccessDeniedException", "You may not.")


def change(world: World, base: Item = BASE, mine: Item = MINE) -> ItemWrite:
    write = edit_write(world.table, base, mine)
    assert write is not None
    return write


async def test_a_write_is_done_and_returns_the_item_as_it_is(world: World) -> None:
    world.put({**BASE, "theirs": n(7)})
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE
    assert result.item == {**MINE, "theirs": n(7)}
    assert result.units == 1.0
    assert result.request_id
    assert world.get() == {**MINE, "theirs": n(7)}
    assert world.events() == ["intent", "sent", "outcome"]


async def test_each_call_spends_a_permit_for_exactly_its_parameters(world: World) -> None:
    world.put(BASE)
    write = change(world)
    await world.writer.run(write)

    assert [(call.operation, call.parameters) for call in world.gateway.executed] == [
        ("dynamodb:UpdateItem", write.request.parameters)
    ]


# Conflicts


async def test_a_change_of_the_same_attribute_is_a_conflict_with_their_item(world: World) -> None:
    world.put(item(a=n(9), b=n(1)))
    result = await world.writer.run(change(world))

    assert result.state is WriteState.CONFLICT
    assert result.current == item(a=n(9), b=n(1))
    assert result.failure is not None and result.failure.kind is FailureKind.CONDITION
    assert result.failure.title == "The item pk=a, sk=1 of orders was changed since it was read: a."
    assert world.get() == item(a=n(9), b=n(1))
    assert not world.gateway.called("dynamodb:GetItem"), "the error itself shows the item"


async def test_a_deleted_item_is_a_conflict_with_nothing(world: World) -> None:
    result = await world.writer.run(change(world))

    assert (result.state, result.current) == (WriteState.CONFLICT, None)
    assert result.failure is not None and "was deleted since it was read" in result.failure.title
    assert len(world.gateway.called("dynamodb:GetItem")) == 1, "the error shows no item: that may mean two things"


async def test_an_endpoint_that_does_not_return_the_item_is_read_instead(world: World) -> None:
    world.put(item(a=n(9), b=n(1)))
    world.gateway.script = [
        aws_failure(FailureKind.CONDITION, "UpdateItem", "ConditionalCheckFailedException", "The request failed")
    ]
    result = await world.writer.run(change(world))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(9), b=n(1)))


async def test_an_invalid_document_path_is_a_conflict(world: World) -> None:
    world.put(item(a=s("no map any more")))
    title = "The document path provided in the update expression is invalid for update"
    world.gateway.script = [aws_failure(FailureKind.INVALID, "UpdateItem", "ValidationException", title)]
    result = await world.writer.run(change(world, item(a=m(x=n(1))), item(a=m(x=n(1), y=n(1)))))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=s("no map any more")))


async def test_the_same_change_by_someone_else_is_done_and_not_ours_to_undo(world: World) -> None:
    world.put({**MINE, "a": n("2.0")})
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE
    assert "someone else" in result.note
    assert world.undo.last(world.table.ref) is None


async def test_a_new_item_that_exists_is_shown(world: World) -> None:
    world.put(item(a=n(9)))
    result = await world.writer.run(create_write(world.table, item(a=n(1))))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(9)))
    assert result.failure is not None
    assert result.failure.title == "There already is an item pk=a, sk=1 of orders."


async def test_of_two_who_create_the_same_item_only_one_has(world: World) -> None:
    world.put(item(a=n(1)))
    result = await world.writer.run(create_write(world.table, item(a=n(1))))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(1)))


async def test_a_deletion_of_a_changed_item_is_a_conflict(world: World) -> None:
    world.put(item(a=n(9), b=n(1)))
    result = await world.writer.run(delete_write(world.table, BASE))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(9), b=n(1)))
    assert world.get() is not None


async def test_a_deletion_tells_what_had_come_since_the_item_was_read(world: World) -> None:
    world.put({**BASE, "new": n(1)})
    result = await world.writer.run(delete_write(world.table, BASE))

    assert result.state is WriteState.DONE and result.item is None
    assert result.old == {**BASE, "new": n(1)}
    assert result.note == "It held attributes that had come since it was read: new."


async def test_a_deletion_tells_of_values_that_did_not_fit_into_its_condition(world: World) -> None:
    read = item(**{f"name-{number:03}": n(number) for number in range(300)})
    world.put({**read, "name-000": n(7), "name-299": n(7)})
    assert (await world.writer.run(delete_write(world.table, read))).state is WriteState.CONFLICT
    world.put({**read, "name-299": n(7)})
    result = await world.writer.run(delete_write(world.table, read))

    assert result.state is WriteState.DONE
    assert result.note == "It held other values than were read: name-299."


async def test_deleting_what_is_gone_already_is_done(world: World) -> None:
    result = await world.writer.run(delete_write(world.table, BASE))

    assert result.state is WriteState.DONE
    assert "someone else" in result.note


# Moves


def a_move(world: World) -> ItemWrite:
    return change(world, item("a", x=n(1)), item("b", x=n(2)))


async def test_a_move_is_all_or_nothing(world: World) -> None:
    world.put(item("a", x=n(1)))
    result = await world.writer.run(a_move(world))

    assert result.state is WriteState.DONE and result.item == item("b", x=n(2))
    assert world.get("a") is None and world.get("b") == item("b", x=n(2))
    assert result.units == 4.0


async def test_a_move_onto_an_item_shows_that_item(world: World) -> None:
    world.put(item("a", x=n(1)), item("b", x=n(9)))
    result = await world.writer.run(a_move(world))

    assert result.state is WriteState.CONFLICT
    assert (result.current, result.occupant) == (item("a", x=n(1)), item("b", x=n(9)))
    assert result.failure is not None
    assert result.failure.title == "There already is an item pk=b, sk=1 of orders."


async def test_a_move_of_a_changed_item_shows_what_it_is_now(world: World) -> None:
    world.put(item("a", x=n(9)))
    result = await world.writer.run(a_move(world))

    assert (result.state, result.current, result.occupant) == (WriteState.CONFLICT, item("a", x=n(9)), None)
    assert world.get("b") is None


async def test_a_move_does_not_leave_behind_an_attribute_that_had_come(world: World) -> None:
    world.put(item("a", x=n(1), new=n(1)))
    result = await world.writer.run(a_move(world))

    assert (result.state, result.current) == (WriteState.CONFLICT, item("a", x=n(1), new=n(1)))
    assert not world.gateway.sent


async def test_a_move_whose_reply_was_lost_is_recognised(world: World) -> None:
    world.put(item("a", x=n(1)))
    world.gateway.script = [("after", RESET)]
    result = await world.writer.run(a_move(world))

    assert result.state is WriteState.DONE and result.item == item("b", x=n(2))
    assert len(world.gateway.sent) == 1


async def test_a_move_that_did_not_arrive_is_sent_again_with_the_same_token(world: World) -> None:
    world.put(item("a", x=n(1)))
    world.gateway.script = [RESET, THROTTLED]
    result = await world.writer.run(a_move(world))

    assert result.state is WriteState.DONE
    assert len(world.gateway.sent) == 3
    assert len({parameters["ClientRequestToken"] for _, parameters in world.gateway.sent}) == 1


def cancelled(*codes: str) -> AwsError:
    reasons = [{"Code": code, "Message": "because"} for code in codes]
    return aws_failure(
        FailureKind.CONDITION,
        "TransactWriteItems",
        "TransactionCanceledException",
        "Transaction cancelled",
        {"CancellationReasons": reasons},
    )


@pytest.mark.parametrize(
    "codes", [("TransactionConflict", "None"), ("None", "ThrottlingError"), ("ProvisionedThroughputExceeded", "None")]
)
async def test_a_transaction_that_met_another_one_is_sent_again(world: World, codes: tuple[str, str]) -> None:
    world.put(item("a", x=n(1)))
    world.gateway.script = [cancelled(*codes)]
    result = await world.writer.run(a_move(world))

    assert result.state is WriteState.DONE
    assert len(world.gateway.sent) == 2


async def test_a_transaction_cancelled_for_good_says_why(world: World) -> None:
    world.put(item("a", x=n(1)))
    world.gateway.script = [cancelled("None", "ValidationError")]
    result = await world.writer.run(a_move(world))

    assert result.state is WriteState.FAILED
    assert result.failure is not None
    assert result.failure.title == "The transaction was cancelled: ValidationError: because."


# Lost replies


@pytest.mark.parametrize("error", [RESET, INTERNAL])
async def test_a_write_whose_reply_was_lost_is_found_done(world: World, error: AwsError) -> None:
    world.put(BASE)
    world.gateway.script = [("after", error)]
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE and result.item == MINE
    assert "answer was lost" in result.note
    assert len(world.gateway.sent) == 1
    assert world.undo.last(world.table.ref) is not None


@pytest.mark.parametrize("error", [RESET, INTERNAL])
async def test_a_write_that_did_not_arrive_is_sent_again_as_it_was(world: World, error: AwsError) -> None:
    world.put(BASE)
    world.gateway.script = [error, error, error]
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE and world.get() == MINE
    assert len(world.gateway.sent) == 4
    assert all(sent == world.gateway.sent[0] for sent in world.gateway.sent)


async def test_a_write_that_arrived_before_someone_elses_is_a_conflict(world: World) -> None:
    world.put(BASE)
    error = RESET

    class Meanwhile(Network):
        async def item(self, *args: Any, **named: Any) -> Any:
            world.put(item(a=n(9), b=n(1)))
            return await super().item(*args, **named)

    world.gateway.__class__ = Meanwhile
    world.gateway.script = [("after", error)]
    result = await world.writer.run(change(world))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(9), b=n(1)))
    assert "earlier try" in result.note


async def test_someone_elses_change_after_a_lost_write_is_not_written_over(world: World) -> None:
    world.put(BASE)
    world.gateway.script = [RESET]

    def theirs() -> None:
        world.gateway.before_execute = lambda: world.put(item(a=n(9), b=n(1)))

    world.gateway.before_execute = theirs
    result = await world.writer.run(change(world))

    assert (result.state, result.current) == (WriteState.CONFLICT, item(a=n(9), b=n(1)))
    assert world.get() == item(a=n(9), b=n(1))


async def test_a_write_that_never_arrives_fails_and_is_safe_to_repeat(world: World) -> None:
    world.put(BASE)
    world.gateway.script = [INTERNAL] * 20
    result = await world.writer.run(change(world))

    assert result.state is WriteState.FAILED
    assert result.note == "It was not carried out; it is safe to try again."
    assert len(world.gateway.sent) == 5
    assert world.events() == ["intent", "outcome"]


async def test_when_nothing_can_be_read_back_nobody_can_tell(world: World) -> None:
    world.put(BASE)
    world.gateway.script = [("after", RESET)]
    world.gateway.fail("dynamodb:GetItem", RESET)
    result = await world.writer.run(change(world))

    assert result.state is WriteState.UNKNOWN
    assert result.note == "Nobody can tell whether it was written: look at item pk=a, sk=1 of orders."
    assert world.reported[-1].state is OperationState.UNKNOWN
    assert world.undo.last(world.table.ref) is None


async def test_a_lost_creation_and_a_lost_deletion_are_recognised(world: World) -> None:
    world.gateway.script = [("after", RESET)]
    assert (await world.writer.run(create_write(world.table, BASE))).state is WriteState.DONE
    world.gateway.script = [("after", INTERNAL)]
    result = await world.writer.run(delete_write(world.table, BASE))

    assert result.state is WriteState.DONE and result.old == BASE
    assert world.get() is None and len(world.gateway.sent) == 2


async def test_a_lost_replacement_of_an_unseen_item_is_not_repeated(world: World) -> None:
    world.put(item(a=n(9)))
    world.gateway.script = [RESET]
    write = replace_write(world.table, item(a=n(1)))
    assert write is not None
    result = await world.writer.run(write)

    assert (result.state, result.current) == (WriteState.UNKNOWN, item(a=n(9)))
    assert len(world.gateway.sent) == 1


# Throttling and other refusals of AWS


async def test_a_throttled_write_backs_off_and_is_sent_again(world: World) -> None:
    world.put(BASE)
    world.gateway.script = [THROTTLED, THROTTLED]
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE
    assert world.pauses == [1.0, 2.0]


async def test_a_write_throttled_for_long_fails(world: World) -> None:
    world.put(BASE)
    world.gateway.script = [THROTTLED] * 9
    result = await world.writer.run(change(world))

    assert result.state is WriteState.FAILED
    assert result.failure == THROTTLED.failure
    assert world.get() == BASE


@pytest.mark.parametrize("code", ["TransactionConflictException", "ReplicatedWriteConflictException"])
async def test_a_write_that_met_a_transaction_is_sent_again(world: World, code: str) -> None:
    world.put(BASE)
    world.gateway.script = [aws_failure(FailureKind.CONDITION, "UpdateItem", code, "Another one is under way.")]
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE


async def test_what_aws_does_not_allow_fails_at_once(world: World) -> None:
    world.put(BASE)
    world.gateway.script = [DENIED]
    result = await world.writer.run(change(world))

    assert (result.state, result.failure) == (WriteState.FAILED, DENIED.failure)
    assert len(world.gateway.sent) == 1


# Before anything is sent


async def refused(world: World, write: ItemWrite) -> Failure:
    result: WriteResult = await world.writer.run(write)
    assert result.state is WriteState.REFUSED
    assert not world.gateway.sent
    assert result.failure is not None
    return result.failure


async def test_another_table_of_the_same_name_is_refused(world: World) -> None:
    world.put(BASE)
    world.gateway.put(msgspec.structs.replace(world.table, table_id="id-other"))

    assert "replaced by another of the same name" in (await refused(world, change(world))).title


async def test_a_table_with_another_key_is_refused(world: World) -> None:
    world.put(BASE)
    write = change(world)
    world.gateway.put(msgspec.structs.replace(world.table, keys=(KeyPart("pk", "HASH", "S"),)))

    assert (await refused(world, write)).title == "The key of table orders is another by now."


async def test_a_vanished_table_is_one_clear_message(world: World) -> None:
    world.put(BASE)
    write = change(world)
    world.gateway.remove(world.table.ref)
    failure = await refused(world, write)

    assert failure.sentence == "Table orders no longer exists.  Nothing was written."
    assert failure.kind is FailureKind.NOT_FOUND


async def test_a_table_that_vanishes_under_the_write_is_the_same_message(world: World) -> None:
    world.put(BASE)
    world.gateway.before_execute = lambda: world.gateway.remove(world.table.ref)
    result = await world.writer.run(change(world))

    assert result.state is WriteState.FAILED
    assert result.failure is not None
    assert result.failure.title == "Table orders no longer exists."


async def test_another_account_is_refused(world: World) -> None:
    world.put(BASE)
    world.gateway.account = "999999999999"

    assert "999999999999" in (await refused(world, change(world))).title


async def test_a_read_only_scope_is_refused_by_the_gateway(world: World) -> None:
    world.put(BASE)
    world.gateway.read_only = lambda scope: True
    result = await world.writer.run(change(world))

    assert result.state is WriteState.REFUSED and not world.gateway.executed
    assert world.get() == BASE


async def test_without_credentials_nothing_is_sent(world: World) -> None:
    world.put(BASE)
    write = change(world)
    world.gateway.fail("sts:GetCallerIdentity", Failure(FailureKind.CREDENTIALS, "The login has expired."))
    result = await world.writer.run(write)

    assert (result.state, result.note) == (WriteState.FAILED, "Nothing was sent.")
    assert world.events() == []


# Journal and Activity


async def test_the_journal_holds_key_and_attribute_names_and_no_value(world: World) -> None:
    base, mine = item("a", secret=s("OLDVALUE"), gone=s("GONEVALUE")), item("a", secret=s("NEWVALUE"))
    world.put(base)
    await world.writer.run(change(world, base, mine))
    moved = change(world, mine, {**mine, "pk": s("b")})
    assert (await world.writer.run(moved)).done

    text = world.journal.path.read_text()
    assert "VALUE" not in text
    intent, _, outcome, move, *_ = world.journal.records()
    assert intent["action"] == "edit-item"
    assert intent["steps"] == [
        {
            "operation": "dynamodb:UpdateItem",
            "parameters": {
                "TableName": "orders",
                "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}},
                "Attributes": ["secret", "gone"],
            },
        }
    ]
    assert outcome["outcome"] == "done"
    assert move["steps"][0]["parameters"]["NewKey"] == {"pk": {"S": "b"}, "sk": {"N": "1"}}


async def test_binary_keys_can_be_journaled(world: World) -> None:
    world.table = msgspec.structs.replace(world.table, keys=(KeyPart("pk", "HASH", "B"),), indexes=())
    world.gateway.put(world.table)
    result = await world.writer.run(create_write(world.table, {"pk": {"B": b"\x00\xff"}}))

    assert result.done
    assert next(world.journal.records())["steps"][0]["parameters"]["Key"] == {"pk": {"B": "AP8="}}


async def test_a_conflict_is_journaled_as_failed(world: World) -> None:
    world.put(item(a=n(9), b=n(1)))
    await world.writer.run(change(world))
    *_, outcome = world.journal.records()

    assert outcome["outcome"] == "failed"
    assert "was changed since it was read" in outcome["error"]


@pytest.mark.parametrize(("scope", "state"), [(PROD, WriteState.REFUSED), (None, WriteState.DONE)])
async def test_an_unwritable_journal_refuses_in_a_protected_scope_and_warns_elsewhere(
    tmp_path: Path, scope: Scope | None, state: WriteState
) -> None:
    (tmp_path / "file").write_text("no folder")
    world = World(tmp_path / "file") if scope is None else World(tmp_path / "file", scope)
    world.put(BASE)
    result = await world.writer.run(change(world))

    assert result.state is state
    assert bool(result.warning) is (state is WriteState.DONE)


async def test_a_journal_that_fails_after_the_write_is_warned_of(world: World) -> None:
    world.put(BASE)

    def fill_the_disk() -> None:
        world.journal.path.unlink()
        world.journal.path.mkdir()

    world.gateway.before_execute = fill_the_disk
    result = await world.writer.run(change(world))

    assert result.state is WriteState.DONE
    assert "cannot be written" in result.warning


async def test_every_ended_write_is_reported(world: World) -> None:
    world.put(BASE)
    await world.writer.run(change(world))
    await world.writer.run(change(world, MINE, item(a=n(3), b=n(1))))
    await world.writer.run(change(world))

    assert [operation.state for operation in world.reported] == [
        OperationState.DONE,
        OperationState.DONE,
        OperationState.FAILED,
    ]
    assert all(operation.ended_at is not None for operation in world.reported)


async def test_a_refusal_of_the_gateway_is_never_raised(world: World) -> None:
    world.put(BASE)

    def no(scope: Scope, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Refused("no")

    world.gateway.on_execute = no
    assert (await world.writer.run(change(world))).state is WriteState.REFUSED
