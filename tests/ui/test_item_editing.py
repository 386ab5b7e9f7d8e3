"""Editing items: what is shown, what is sent, who wins, and that nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.ui.conftest import HeldClock, toasts
from tests.ui.item_bench import KEY, ORDER, ORDERS, Bench, armed, bench
from textual.widgets import Input, OptionList

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.gateway.fake import FakeGateway
from dbtui.items.drafts import Drafts
from dbtui.items.edit import EditSession
from dbtui.items.writes import WriteState
from dbtui.ui import terminal
from dbtui.ui.app import DbtuiApp
from dbtui.ui.item_editing import tell_of_drafts
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.chooser import Chooser
from dbtui.ui.screens.conflict import ConflictScreen, ItemNotice
from dbtui.ui.screens.drafts import DraftsScreen
from dbtui.ui.screens.item_editor import ItemEditor
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.screens.jump import JumpScreen
from dbtui.ui.screens.notice import NoticeScreen
from dbtui.ui.screens.plan_ask import Stage
from dbtui.ui.screens.value_form import TruthField
from dbtui.ui.screens.write_plan import WritePlanScreen
from dbtui.ui.widgets.item_document import ItemDocument

MakeApp = Callable[..., DbtuiApp]
EXPIRED = Failure(FailureKind.CREDENTIALS, "The credentials of demo expired.", hint="Log in again: aws sso login.")


async def save(it: Bench) -> None:
    """From the editor through the plan."""
    await it.press("ctrl+s")
    await it.plan()
    await it.press("enter")


# -- the view ---------------------------------------------------------------------------------------------------------


async def test_the_view_shows_the_row_at_once_and_reads_the_item_again(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        gate = gateway.gate("dynamodb:GetItem")
        await it.view()
        await it.sees('"user#42"', "as the list has it", "108 B of 400 KB · 1 WCU + 1 on by-status")
        it.elsewhere(status={"S": "SHIPPED"})
        gate.set()
        await it.sees('"SHIPPED"', "1 RCU", "newer than the list")
        assert gateway.called("dynamodb:GetItem")[-1].parameters["ConsistentRead"] is True


async def test_the_view_says_that_the_item_is_gone_and_keeps_showing_it(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway, {**ORDER, "sk": {"S": "other"}}) as it:
        await it.view()
        await it.sees("DELETED", '"PAID"')


async def test_a_failed_read_is_said_and_the_row_stays(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        gateway.fail("dynamodb:GetItem", EXPIRED)
        await it.view()
        await it.sees("The credentials of demo expired.", '"PAID"')


async def test_the_tree_tells_types_and_sizes_and_folds(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.view()
        await it.press("t")
        await it.sees("map of 2 · 28 B", "string set of 2", "01234")
        await it.press("j", "j", "j", "enter")
        await it.until("the street is folded away", lambda: "Main St 5" not in it.text)
        await it.press("right")
        await it.sees("Main St 5")


async def test_control_characters_and_markup_are_shown_and_do_nothing(make_app: MakeApp, gateway: FakeGateway) -> None:
    nasty = {**ORDER, "note": {"S": "a\x1b[2J\u202eb[/bold]\u2028c"}, "od\x07d": {"N": "1"}}
    async with bench(make_app, gateway, nasty) as it:
        await it.view()
        await it.sees("a\\u001b[2J\\u202eb[/bold]\\u2028c", "od\\u0007d")
        await it.press("t")
        await it.sees("od\\x07d")


async def test_an_item_of_400_kb_opens_folded_and_unfolds_by_a_key(make_app: MakeApp, gateway: FakeGateway) -> None:
    huge = {**KEY, "body": {"S": "x" * 380_000}, "numbers": {"L": [{"N": str(n)} for n in range(2_000)]}}
    async with bench(make_app, gateway, huge, size=(80, 24)) as it:
        await it.view()
        await it.sees("371 KB")
        document = it.app.screen.query_one(ItemDocument)
        lines = document.virtual_size.height
        assert lines < 100
        document.move_to("body")
        await it.press("enter")
        await it.until("more of it is shown", lambda: document.virtual_size.height > lines + 500)
        document.move_to("numbers")
        await it.sees("2,000")
        await it.press("enter")
        await it.until("its first elements are shown", lambda: document.path[:1] == ("numbers",))
        await it.press("G")
        await it.sees("1,800 more")


async def test_values_and_items_are_copied_from_the_view(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        copied: list[str] = []
        it.app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        await it.view()
        it.app.screen.query_one(ItemDocument).move_to("amount")
        await it.press("y")
        await it.until("the value was copied", lambda: copied == [ORDER["amount"]["N"]])
        await it.press("Y")
        await it.on(Chooser)
        await it.sees("typed JSON", "DynamoDB JSON", "place")
        await it.press("enter")
        await it.until("chosen", lambda: isinstance(it.app.screen, ItemView))


# -- writing a whole item ---------------------------------------------------------------------------------------------


async def test_only_what_was_changed_travels_and_only_if_nobody_else_changed_it(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.sees("1 change")
        await it.press("ctrl+s")
        await it.plan()
        for words in (
            '"PAID"',
            "→",
            '"REFUNDED"',
            "status still is",
            "UpdateItem",
            "SET #1 = :1",
            "its entry is removed",
        ):
            assert words in it.text
        await it.press("enter")
        result = await it.write_done()
        assert result.state is WriteState.DONE
        assert it.items[0] == {**ORDER, "status": {"S": "REFUNDED"}}
        (sent,) = gateway.executed
        assert sent.parameters["ExpressionAttributeNames"] == {"#0": "pk", "#1": "status"}
        await it.until("the editor is closed", lambda: not isinstance(it.app.screen, ItemEditor))
        await it.until("told with its cost", lambda: "1 WCU. u undoes it." in " ".join(toasts(it.app).split()))
        await it.until("its draft is gone", lambda: not it.drafts)


async def test_an_unchanged_item_sends_nothing(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.editor()
        await it.press("ctrl+s")
        await it.sees("Nothing is changed, so nothing is sent.")
        assert not gateway.executed
        await it.press("escape")
        await it.until("closed", lambda: not isinstance(it.app.screen, ItemEditor))
        assert not it.drafts


async def test_an_item_that_is_gone_opens_no_editor(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        it.editing.edit({**KEY, "sk": {"S": "nowhere"}})
        await it.until("said", lambda: "There is no item" in toasts(it.app))
        assert not isinstance(it.app.screen, ItemEditor)


async def test_a_late_answer_opens_nothing_when_the_person_went_elsewhere(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        gate = gateway.gate("dynamodb:GetItem")
        it.editing.edit(KEY)
        await it.until("it is read", lambda: gateway.called("dynamodb:GetItem"))
        await it.press("question_mark")
        await it.sees("Help")
        gate.set()
        await it.until("the work ended", lambda: not any(w.group == "open item" for w in it.app.workers))
        assert not isinstance(it.app.screen, ItemEditor)


BAD: list[tuple[str, str, str, str]] = [
    ("bad JSON", '"PAID",', '"PAID"', "line 5, column 3: expected a comma or }"),
    ("a number out of range", "12345678901234567890123456789012345678", "1E+126", "line 9: amount: "),
    ("a number too precise", "12345678901234567890123456789012345678", "1" + "2" * 38, "39 significant digits"),
    ("an empty set", '["gift", "vip"]', "[]", "empty"),
    ("a mixed set", '["gift", "vip"]', '["gift", 1]', "line 11"),
    ("a wrong key type", '"user#42"', "42", "line 2: pk"),
    ("duplicate keys", '"note": null', '"status": null', 'the name "status" is here a second time'),
    ("a lone surrogate", '"PAID"', '"\\ud800"', "half a character (a lone surrogate)"),
    ("an index key of another type", '"PAID"', "7", "status"),
    ("an empty index key", '"PAID"', '""', "status"),
    ("over 400 KB", '"Main St 5"', '"' + "x" * 410_000 + '"', "address"),
    ("no key", '"pk": "user#42",', "", "pk: missing"),
]


@pytest.mark.parametrize(("name", "old", "new", "message"), BAD, ids=[case[0] for case in BAD])
async def test_bad_input_has_one_clear_message_and_keeps_the_text(
    make_app: MakeApp, gateway: FakeGateway, name: str, old: str, new: str, message: str
) -> None:
    async with bench(make_app, gateway, size=(140, 30)) as it:
        await it.editor()
        it.replace(old, new)
        typed = it.field.text
        await it.sees(message)
        await it.press("ctrl+s")
        await it.until("the save was refused", lambda: not any(w.group == "write item" for w in it.app.workers))
        assert isinstance(it.app.screen, ItemEditor)
        assert it.field.text == typed
        assert not gateway.executed
        await it.until("the draft holds it", lambda: it.drafts and it.drafts[0].text == typed)


async def test_a_key_goes_to_the_problem(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, size=(140, 30)) as it:
        await it.editor()
        it.replace('"zip": "01234"', '"zip": 01234')
        await it.sees("line 7, column 12", "ctrl+g to the problem")
        it.field.move_cursor((0, 0))
        await it.press("ctrl+g")
        assert it.field.cursor_location == (6, 11)


async def test_another_key_moves_the_item_in_one_transaction(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.editor()
        it.replace('"order#0007"', '"order#0008"')
        await it.sees("this moves the item")
        await it.press("ctrl+s")
        await it.plan()
        for words in ("Move user#42 / order#0007", "no item has the new key", "one transaction", "TransactWriteItems"):
            assert words in it.text
        await it.press("enter")
        await it.write_done()
        assert it.items == [{**ORDER, "sk": {"S": "order#0008"}}]


async def test_a_taken_key_is_shown_and_nothing_is_moved(make_app: MakeApp, gateway: FakeGateway) -> None:
    other = {**KEY, "sk": {"S": "order#0008"}, "status": {"S": "NEW"}}
    async with bench(make_app, gateway, ORDER, other) as it:
        await it.editor()
        it.replace('"order#0007"', '"order#0008"')
        await save(it)
        await it.on(ItemNotice)
        await it.sees("The new key is taken", '"NEW"', "Nothing has been moved.")
        await it.press("escape")
        await it.on(ItemEditor)
        await it.sees("choose another key")
        assert it.items == [ORDER, other]


async def test_a_huge_value_is_left_out_of_the_text_and_stays_as_it_is(make_app: MakeApp, gateway: FakeGateway) -> None:
    huge = {**ORDER, "body": {"S": "ü" * 100_000}}
    async with bench(make_app, gateway, huge) as it:
        await it.editor()
        assert '"body": {"$keep": ' in it.field.text
        it.replace('"PAID"', '"REFUNDED"')
        await save(it)
        await it.write_done()
        assert it.items == [{**huge, "status": {"S": "REFUNDED"}}]
        assert "body" not in gateway.executed[0].parameters["ExpressionAttributeNames"].values()


# -- conflicts --------------------------------------------------------------------------------------------------------


async def in_conflict(it: Bench, **theirs: Any) -> ConflictScreen:
    armed(it)
    await it.editor()
    it.replace('"PAID"', '"REFUNDED"')
    it.elsewhere(**theirs)
    await save(it)
    return await it.conflict()


async def test_a_conflict_shows_read_theirs_and_yours_and_writes_what_is_chosen(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway, size=(120, 30)) as it:
        await in_conflict(it, status={"S": "SHIPPED"}, note={"S": "left hub"})
        for words in (
            '"PAID"',
            '"SHIPPED"',
            '"REFUNDED"',
            "taken from theirs",
            '"left hub"',
            "Nothing has been written.",
        ):
            assert words in it.text
        await it.press("enter")
        await it.until("it must be decided", lambda: "Decide status first" in toasts(it.app))
        await it.press("m", "enter")
        await it.plan()
        await it.sees("status still is", '"SHIPPED"')
        await it.press("enter")
        await it.write_done()
        assert it.items[0] == {**ORDER, "status": {"S": "REFUNDED"}, "note": {"S": "left hub"}}


async def test_keeping_theirs_leaves_nothing_to_write(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await in_conflict(it, status={"S": "SHIPPED"})
        await it.press("t", "enter")
        await it.on(ItemEditor)
        await it.sees("Nothing is changed, so nothing is sent.", '"SHIPPED"')
        assert it.items[0]["status"] == {"S": "SHIPPED"}


async def test_a_conflict_can_be_edited(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await in_conflict(it, status={"S": "SHIPPED"})
        await it.press("e")
        await it.until("its value is in a form", lambda: bool(it.app.screen.query("#value-form")))
        await it.press(*"-2", "enter")
        await it.conflict()
        await it.press("enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["status"] == {"S": "REFUNDED-2"}


async def test_going_back_from_a_conflict_keeps_the_text_and_overwrites_nothing_later(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        await in_conflict(it, status={"S": "SHIPPED"}, note={"S": "left hub"})
        await it.press("escape")
        await it.on(ItemEditor)
        assert '"REFUNDED"' in it.field.text
        await save(it)
        await it.conflict()
        await it.press("m", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["note"] == {"S": "left hub"}, "their change was overwritten by the older text"


async def test_an_item_deleted_meanwhile_can_be_created_again(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        gateway.carry_out(ORDERS.ref.scope, "dynamodb:DeleteItem", {"TableName": "orders", "Key": KEY})
        await save(it)
        await it.on(NoticeScreen)
        await it.sees("Somebody deleted this item")
        await it.press("escape")
        await it.on(ItemEditor)
        assert '"REFUNDED"' in it.field.text
        await save(it)
        await it.on(NoticeScreen)
        await it.press("enter")
        await it.plan()
        await it.sees("no item has this key", "PutItem")
        await it.press("enter")
        await it.write_done()
        assert it.items == [{**ORDER, "status": {"S": "REFUNDED"}}]


async def test_the_same_change_by_somebody_else_is_no_conflict(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        it.elsewhere(status={"S": "REFUNDED"})
        await save(it)
        await it.until("closed", lambda: not isinstance(it.app.screen, (ItemEditor, WritePlanScreen)))
        assert len(it.written) == 1


# -- nothing typed is lost --------------------------------------------------------------------------------------------


async def test_what_is_typed_is_on_the_disk_shortly_after(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.editor()
        it.replace('"PAID"', '"REFUND')  # not even JSON
        typed = it.field.text
        await it.until("the draft is saved", lambda: it.drafts and it.drafts[0].text == typed)
        (draft,) = it.drafts
        assert (draft.table, draft.key, draft.base) == ("orders", KEY, ORDER)


async def test_escape_keeps_a_draft_that_is_offered_and_gone_once_written(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        typed = it.field.text
        await it.press("escape")
        await it.until("closed", lambda: not isinstance(it.app.screen, ItemEditor))
        await it.until("said", lambda: "Kept as a draft" in toasts(it.app))
        it.editing.edit(KEY)
        await it.on(Chooser)
        await it.sees("There is a draft of this", "what you typed")
        await it.press("enter")
        await it.on(ItemEditor)
        assert it.field.text == typed
        await save(it)
        await it.write_done()
        await it.until("no draft is left", lambda: not it.drafts)


async def test_a_draft_does_not_overwrite_what_was_written_since(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.press("escape")
        await it.until("kept", lambda: it.drafts and not isinstance(it.app.screen, ItemEditor))
        it.elsewhere(status={"S": "SHIPPED"}, amount={"N": "1"})
        it.editing.edit(KEY)
        await it.on(Chooser)
        await it.press("enter")
        await it.on(ItemEditor)
        await save(it)
        await it.conflict()
        await it.press("m", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0] == {**ORDER, "status": {"S": "REFUNDED"}, "amount": {"N": "1"}}


async def test_going_to_another_pane_keeps_the_text(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.app.action_pane("dynamodb")
        await it.until("the draft is there", lambda: it.drafts and "REFUNDED" in it.drafts[0].text)


async def test_a_late_answer_to_a_write_loses_nothing(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        gate = gateway.gate("dynamodb:UpdateItem")
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await save(it)
        await it.on(ItemEditor)
        await it.sees("Writing… the text is kept")
        await it.press("escape")
        await it.until("closed", lambda: not isinstance(it.app.screen, ItemEditor))
        assert it.drafts
        gate.set()
        assert (await it.write_done()).done
        assert it.items[0]["status"] == {"S": "REFUNDED"}
        await it.until("its draft is gone", lambda: not it.drafts)


async def test_a_late_failure_is_told_and_the_draft_stays(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        gate = gateway.gate("dynamodb:UpdateItem")
        gateway.fail("dynamodb:UpdateItem", EXPIRED)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await save(it)
        await it.on(ItemEditor)
        await it.sees("Writing…")
        await it.press("escape")
        await it.until("closed", lambda: not isinstance(it.app.screen, ItemEditor))
        gate.set()
        await it.until("told", lambda: "kept as a draft" in " ".join(toasts(it.app).split()))
        assert "REFUNDED" in it.drafts[0].text


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (EXPIRED, "Not written: The credentials of demo expired."),
        (Failure(FailureKind.PERMISSION, "Access denied: dynamodb:UpdateItem."), "Not written: Access denied"),
        (Failure(FailureKind.NOT_FOUND, "no table"), "Table orders no longer exists."),
    ],
    ids=["expired", "denied", "vanished"],
)
async def test_a_failed_write_is_said_and_keeps_text_and_draft(
    make_app: MakeApp, gateway: FakeGateway, failure: Failure, message: str
) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        gateway.fail("dynamodb:UpdateItem", failure)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await save(it)
        await it.on(ItemEditor)
        await it.sees(message)
        assert '"REFUNDED"' in it.field.text
        assert not it.field.read_only
        assert "REFUNDED" in it.drafts[0].text
        gateway.heal()
        await save(it)
        assert (await it.write_done()).done


async def test_a_table_that_was_replaced_gets_nothing(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        gateway.put(msgspec.structs.replace(ORDERS, table_id="another"))
        await save(it)
        await it.sees("Not written: Table orders is not the one that was read")
        assert '"REFUNDED"' in it.field.text


async def test_an_unknown_outcome_is_said_plainly(
    make_app: MakeApp, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        monkeypatch.setattr(it.app.session.core.items, "_pause", _no_pause)
        lost = Failure(FailureKind.UNREACHABLE, "The connection was reset.")
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.press("ctrl+s")
        await it.plan()
        gateway.fail("dynamodb:UpdateItem", AwsError(lost, reply_lost=True))
        gateway.fail("dynamodb:GetItem", lost)
        await it.press("enter")
        await it.sees("It is not known whether this was written.", "Writing again is safe")
        assert '"REFUNDED"' in it.field.text
        assert it.drafts


async def _no_pause(seconds: float) -> None:
    """Nothing is waited for."""


async def test_a_draft_that_cannot_be_saved_is_said_and_not_left_by_accident(
    make_app: MakeApp, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(make_app, gateway) as it:

        async def full(draft: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(it.app.session.core.drafts, "save_soon", full)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.sees("The draft cannot be saved: No space left on device.")
        await it.press("escape")
        await it.on(NoticeScreen)
        await it.press("escape")
        await it.on(ItemEditor)
        assert '"REFUNDED"' in it.field.text


def left_behind(it: Bench, clock: HeldClock, **changed: Any) -> None:
    """A program that ended left this draft."""
    other = Drafts(it.app.session.core.drafts.folder, clock)
    draft = it.editing._draft(_session_of(it), "item", text='{"pk": "user#42", "sk": "order#0007", "left": true')
    other.save(msgspec.structs.replace(draft, **changed))
    other.close()


def _session_of(it: Bench) -> Any:
    return EditSession(ORDERS, ORDER, ORDER)


async def test_the_draft_of_a_program_that_ended_is_offered_with_its_table(
    make_app: MakeApp, gateway: FakeGateway, clock: HeldClock
) -> None:
    async with bench(make_app, gateway) as it:
        left_behind(it, clock)
        clock.advance(300)
        it.editing.offer_drafts()
        await it.on(DraftsScreen)
        await it.sees("Drafts of table/orders", "user#42 / order#0007", "5 min ago")
        await it.press("enter")
        await it.on(ItemEditor)
        assert it.field.text == '{"pk": "user#42", "sk": "order#0007", "left": true'


async def test_all_drafts_are_listed_by_a_word_and_discarded_after_a_question(
    make_app: MakeApp, gateway: FakeGateway, clock: HeldClock
) -> None:
    async with bench(make_app, gateway) as it:
        left_behind(it, clock)
        await it.press("colon")
        await it.on(JumpScreen)
        await it.press(*"drafts", "enter")
        await it.on(DraftsScreen)
        await it.press("x")
        await it.on(NoticeScreen)
        await it.press("escape")
        await it.on(DraftsScreen)
        assert it.drafts
        await it.press("x")
        await it.on(NoticeScreen)
        await it.press("enter")
        await it.sees("There are no drafts.")
        assert not it.drafts


async def test_a_draft_of_a_table_made_anew_is_kept_but_not_opened(
    make_app: MakeApp, gateway: FakeGateway, clock: HeldClock
) -> None:
    async with bench(make_app, gateway) as it:
        left_behind(it, clock, table_id="the-old-one")
        it.app.action_drafts()
        await it.on(DraftsScreen)
        await it.press("enter")
        await it.until("said", lambda: "created again" in " ".join(toasts(it.app).split()))
        assert it.drafts


async def test_the_start_says_that_there_are_drafts(make_app: MakeApp, gateway: FakeGateway, clock: HeldClock) -> None:
    async with bench(make_app, gateway) as it:
        left_behind(it, clock)
        tell_of_drafts(it.app, it.app.session)
        await it.until("said", lambda: "1 draft from earlier, not written." in " ".join(toasts(it.app).split()))


# -- the person's own editor ------------------------------------------------------------------------------------------


class Outside:
    """Stands in for ``$EDITOR``: makes of the text what a test wants, and notes how it was started."""

    def __init__(self, *edits: Callable[[str], str]) -> None:
        self.edits = list(edits)
        self.started: list[list[str]] = []
        self.texts: list[str] = []

    async def __call__(self, app: object, argv: list[str], **options: Any) -> int:
        self.started.append(list(argv))
        path = Path(argv[-1])
        self.texts.append(path.read_text("utf-8"))
        path.write_text(self.edits.pop(0)(self.texts[-1]), "utf-8")
        return 0


async def test_the_outside_editor_gets_a_header_and_its_text_comes_back(
    make_app: MakeApp, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(lambda text: text.replace('"PAID"', '"REFUNDED"') + "\n")
    monkeypatch.setattr(terminal, "run_outside", outside)
    monkeypatch.setenv("VISUAL", "vim")
    async with bench(make_app, gateway) as it:
        await it.editor()
        await it.press("ctrl+o")
        await it.sees('"REFUNDED"')
        assert "// table orders" in outside.texts[0]
        assert "// Lines starting with // are ignored." in outside.texts[0]
        assert "//" not in it.field.text
        await save(it)
        assert (await it.write_done()).done


async def test_a_bad_text_is_kept_and_reopened_at_its_line_and_column(
    make_app: MakeApp, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = Outside(
        lambda text: text.replace('"PAID"', '"REFUNDED"').replace('"01234"', "01234"),
        lambda text: text.replace('"zip": 01234', '"zip": "01234"'),
    )
    monkeypatch.setattr(terminal, "run_outside", outside)
    monkeypatch.setenv("VISUAL", "vim")
    async with bench(make_app, gateway) as it:
        await it.editor()
        await it.press("ctrl+o")
        await it.on(NoticeScreen)
        await it.sees("line 7, column 12", "enter opens your editor there")
        assert "REFUNDED" in it.drafts[0].text
        await it.press("enter")
        await it.until("opened again", lambda: len(outside.started) == 2)
        header = outside.texts[1].split("{", maxsplit=1)[0].count("\n")
        assert outside.started[1][:3] == ["vim", f"+{7 + header}", "+normal! 12|"]
        assert '"zip": 01234' in outside.texts[1]
        await it.on(ItemEditor)
        await it.sees("1 change")


async def test_an_untouched_text_changes_nothing(
    make_app: MakeApp, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal, "run_outside", Outside(lambda text: text))
    monkeypatch.setenv("VISUAL", "nano")
    async with bench(make_app, gateway) as it:
        await it.editor()
        await it.press("ctrl+o")
        await it.sees("Your editor left the text as it was.")
        assert not it.drafts


# -- new, clone, delete, undo -----------------------------------------------------------------------------------------


async def test_a_new_item_starts_from_the_key_schema_and_must_not_exist(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        it.editing.new()
        await it.on(ItemEditor)
        assert '"pk": ""' in it.field.text
        assert "partition key of index by-status" in it.field.text
        it.field.rewrite('{"pk": "user#43", "sk": "a", "n": 1}')
        await it.press("ctrl+s")
        await it.plan()
        await it.sees("Create user#43 / a", "no item has this key", "attribute_not_exists")
        await it.press("enter")
        await it.write_done()
        assert it.items[-1] == {"pk": {"S": "user#43"}, "sk": {"S": "a"}, "n": {"N": "1"}}


async def test_an_existing_item_is_shown_and_replaced_only_after_its_key_was_typed(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        it.editing.new({**KEY, "status": {"S": "NEW"}})
        await it.on(ItemEditor)
        await save(it)
        await it.on(ItemNotice)
        await it.sees("This item exists", '"PAID"', "replace it with yours")
        await it.press("r")
        plan = await it.asks(Stage.CONFIRM)
        await it.sees("Type user#42 / order#0007 to replace the item:")
        plan.query_one(Input).value = "user#42 / order#0007"
        await it.press("enter")
        await it.write_done()
        assert it.items == [{**KEY, "status": {"S": "NEW"}}]


async def test_an_existing_item_can_be_opened_instead(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        it.editing.new({**KEY, "status": {"S": "NEW"}})
        await it.on(ItemEditor)
        await save(it)
        await it.on(ItemNotice)
        await it.press("o")
        await it.until("it is opened", lambda: isinstance(it.app.screen, ItemEditor) and '"PAID"' in it.field.text)
        assert it.items == [ORDER]
        assert [draft.kind for draft in it.drafts] == ["new"], "what was typed is kept"


async def test_a_clone_is_a_copy_whose_key_must_be_another(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        it.editing.clone(KEY)
        await it.on(ItemEditor)
        it.replace('"order#0007"', '"order#0008"')
        it.replace('"Main St 5"', '"Other St 1"')
        await save(it)
        await it.write_done()
        clone = {
            **ORDER,
            "sk": {"S": "order#0008"},
            "address": {"M": {"street": {"S": "Other St 1"}, "zip": {"S": "01234"}}},
        }
        assert it.items == [ORDER, clone]


async def test_deleting_shows_the_item_and_asks_for_its_key(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, size=(100, 40)) as it:
        armed(it)
        it.editing.delete(KEY)
        plan = await it.asks(Stage.CONFIRM)
        await it.sees("Delete user#42 / order#0007", '"PAID"', "all its attributes still are what is shown here")
        await it.press("enter")
        assert it.items
        plan.query_one(Input).value = "user#42 / order#0007"
        await it.press("enter")
        result = await it.write_done()
        assert result.item is None
        assert not it.items


async def test_an_item_that_changed_is_shown_again_instead_of_deleted(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, size=(100, 40)) as it:
        armed(it)
        it.editing.delete(KEY)
        plan = await it.asks(Stage.CONFIRM)
        it.elsewhere(status={"S": "SHIPPED"})
        plan.query_one(Input).value = "user#42 / order#0007"
        await it.press("enter")
        await it.until("another plan", lambda: isinstance(it.app.screen, WritePlanScreen) and it.app.screen is not plan)
        await it.sees('"SHIPPED"')
        assert it.items


async def test_undo_takes_the_last_write_back_unless_somebody_changed_it(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await save(it)
        await it.write_done()
        await it.until("closed", lambda: not isinstance(it.app.screen, ItemEditor))
        it.elsewhere(status={"S": "SHIPPED"})
        it.editing.undo()
        await it.plan()
        await it.press("enter")
        await it.until("not undone", lambda: "Not undone." in toasts(it.app))
        it.elsewhere(status={"S": "REFUNDED"})
        it.editing.undo()
        await it.plan()
        await it.sees("Undo user#42 / order#0007")
        await it.press("enter")
        await it.until("undone", lambda: it.items == [ORDER])
        await it.until("told", lambda: len(it.written) == 2)
        it.editing.undo()
        await it.until("nothing is left", lambda: "Nothing to undo" in toasts(it.app))


# -- consent ----------------------------------------------------------------------------------------------------------


async def test_a_protected_scope_wants_its_name_before_anything(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, protected=True) as it:
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.press("ctrl+s")
        plan = await it.asks(Stage.ARM)
        await it.sees("PROTECTED", "Type demo to arm")
        await it.press("enter")
        assert not gateway.executed
        plan.query_one(Input).value = "demo"
        await it.press("enter")
        await it.asks(Stage.CONFIRM)
        await it.press("escape")
        await it.on(ItemEditor)
        assert not gateway.executed


async def test_the_plan_is_copied_as_aws_cli(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        copied: list[str] = []
        it.app.copy_to_clipboard = copied.append  # type: ignore[method-assign]
        await it.editor()
        it.replace('"PAID"', '"REFUNDED"')
        await it.press("ctrl+s")
        await it.plan()
        await it.press("y")
        await it.until("copied", lambda: copied)
        assert copied[0].startswith("aws dynamodb update-item --region eu-west-1 --profile demo --cli-input-json")


# -- one attribute ----------------------------------------------------------------------------------------------------


async def test_one_attribute_is_edited_in_place_and_enter_plans_it(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.attribute("status")
        await it.sees("status of user#42 / order#0007", "string", "A key of by-status")
        await it.press(*"-X", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items == [{**ORDER, "status": {"S": "PAID-X"}}]
        assert len(gateway.executed[0].parameters["ExpressionAttributeNames"]) == 2


async def test_a_number_is_checked_at_every_key(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.attribute("amount")
        await it.press("9")
        await it.sees("39 significant digits")
        await it.press("backspace")
        await it.until("it is right again", lambda: "39 significant" not in it.text)
        await it.press("x", "enter")
        await it.sees("Not yet a value:")
        assert not gateway.executed


async def test_a_boolean_turns_and_null_has_nothing_to_type(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, {**ORDER, "paid": {"BOOL": True}}) as it:
        armed(it)
        await it.attribute("note")
        await it.sees("NULL has nothing to type")
        await it.press("escape")
        await it.until("closed", lambda: not isinstance(it.app.screen, AttributeEditor))
        await it.attribute("paid")
        await it.until("it has the focus", lambda: isinstance(it.app.focused, TruthField))
        await it.press("space", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["paid"] == {"BOOL": False}


async def test_a_set_has_one_element_a_line(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.attribute("tags")
        assert it.field.text == "gift\nvip"
        await it.press("enter", *"vip")
        await it.sees("line 3: this element is in the set already")
        await it.press(*"2", "ctrl+s")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert sorted(it.items[0]["tags"]["SS"]) == ["gift", "vip", "vip2"]


async def test_removing_an_attribute_removes_it(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.attribute("status")
        await it.press("ctrl+r")
        await it.sees("absent: it is removed when written")
        await it.press("enter")
        await it.plan()
        await it.sees("REMOVE #1", "its entry is removed")
        await it.press("enter")
        await it.write_done()
        assert "status" not in it.items[0]


async def test_an_absent_attribute_comes_to_be(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.attribute("memo")
        await it.press(*"hi", "enter")
        await it.plan()
        await it.sees("memo is still absent")
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["memo"] == {"S": "hi"}


async def test_an_empty_index_key_is_refused_with_the_reason(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.attribute("status")
        await it.press(*["backspace"] * 4, "enter")
        await it.until("refused", lambda: "by-status" in it.text and "empty" in it.text)
        assert isinstance(it.app.screen, AttributeEditor)
        assert not gateway.executed


async def test_the_type_changes_by_a_key_with_a_preview(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, {**ORDER, "size": {"S": "12"}}) as it:
        armed(it)
        await it.attribute("size")
        await it.press("ctrl+t")
        await it.on(Chooser)
        await it.sees('"12" → 12', "not possible: the text is not the typed JSON of a map")
        await it.press("enter")
        await it.on(AttributeEditor)
        await it.sees("number, was string")
        await it.press("enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["size"] == {"N": "12"}


async def test_a_key_attribute_keeps_its_type(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.attribute("pk")
        await it.press("ctrl+t")
        await it.sees("A key attribute keeps its type")
        await it.press("ctrl+r")
        assert it.app.screen.form.value == ORDER["pk"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["", "two\nlines\n", "tab\tand \\ and \x1b", "a\u2028b\x85c\x0bd", "\r\n", "e\u0301 \u200d"]
)
async def test_a_string_comes_back_exactly_as_it_was(make_app: MakeApp, gateway: FakeGateway, text: str) -> None:
    async with bench(make_app, gateway, {**ORDER, "memo": {"S": text}}) as it:
        armed(it)
        await it.attribute("memo")
        await it.press("enter")
        await it.sees("Nothing is changed")
        it.field.move_cursor(it.field.document.end)
        await it.press("Z", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["memo"] == {"S": f"{text}Z"}


async def test_binary_is_written_as_base64_hex_or_text(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway, {**ORDER, "blob": {"B": b"\x00hi"}}) as it:
        armed(it)
        await it.attribute("blob")
        assert it.field.text == "AGhp"
        await it.press("ctrl+n")
        await it.until("hex", lambda: it.field.text == "00 68 69")
        await it.press(*" ff", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["blob"] == {"B": b"\x00hi\xff"}


async def test_escape_keeps_what_was_typed_into_an_attribute(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        await it.attribute("amount")
        await it.press(*"oops", "escape")
        await it.until("closed", lambda: not isinstance(it.app.screen, AttributeEditor))
        assert it.drafts[0].attribute == "amount"
        it.editing.edit_attribute(KEY, "amount")
        await it.on(Chooser)
        await it.press("enter")
        await it.on(AttributeEditor)
        assert it.field.text == ORDER["amount"]["N"] + "oops"


async def test_a_conflict_on_one_attribute_comes_back_to_its_form(make_app: MakeApp, gateway: FakeGateway) -> None:
    async with bench(make_app, gateway) as it:
        armed(it)
        await it.attribute("status")
        await it.press(*"-X")
        it.elsewhere(status={"S": "SHIPPED"})
        await it.press("enter")
        await it.plan()
        await it.press("enter")
        await it.conflict()
        assert it.app.screen.query_one(OptionList).option_count == 1
        await it.press("m", "enter")
        await it.plan()
        await it.press("enter")
        await it.write_done()
        assert it.items[0]["status"] == {"S": "PAID-X"}
