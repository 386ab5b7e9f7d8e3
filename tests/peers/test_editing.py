"""Editing, cloning, moving and deleting on the items screen, by keys: the right item, exactly, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.widgets import Input

from dbtui.domain import typed_json
from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item, copy_item
from dbtui.gateway.fake import FakeGateway
from dbtui.items.edit import EditSession
from dbtui.ui import terminal
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.conflict import ConflictScreen
from dbtui.ui.screens.drafts import DraftsScreen
from dbtui.ui.screens.item_editor import ItemEditor
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.screens.items import ItemsScreen
from dbtui.ui.screens.notice import NoticeScreen
from tests import torture
from tests.peers.items_bench import ORDERS, MakeApp, order, sent, sheet, stored
from tests.ui.conftest import HOME, table

SIX = [order(number) for number in range(6)]
READINGS = table("readings", keys=(KeyPart("sensor", "HASH", "N"), KeyPart("raw", "RANGE", "B")))


def places(*numbers: int) -> list[str]:
    return [f"order#{number:04}" for number in numbers]


# -- 2: marks and rows ------------------------------------------------------------------------------------------------


async def test_02_sorting_never_moves_marks_to_other_items(make_app: MakeApp, gateway: FakeGateway) -> None:
    """Sorting moved the items but not their marks, so that a bulk action struck other items than those marked."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.press("space", "space")
        assert it.marked == places(0, 1)

        await it.sorts("amount")
        assert it.column("sk") == places(5, 4, 3, 2, 1, 0)
        assert it.marked == places(1, 0)
        lines = await it.copies("marked items, typed JSON lines")
        assert [typed_json.decode(line) for line in lines.splitlines()] == [SIX[1], SIX[0]]

        await it.sorts("amount", descending=True)
        assert it.marked == places(0, 1)


async def test_02_a_filter_and_a_write_never_move_marks_to_other_items(make_app: MakeApp, gateway: FakeGateway) -> None:
    """Marks were kept by position: with fewer rows, or rows in another order, they stood for other items."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.press("j", "j", "j", "space")
        await it.narrows("sk=order#0003", 1)
        assert it.marked == places(3)
        await it.press("escape")
        await it.rows_are(6)
        assert it.marked == places(3)

        await it.press("g")
        await it.press("D")
        plan = await it.plan()
        plan.query_one(Input).value = "user#1 / order#0000"
        await it.press("enter")
        await it.on(ItemsScreen)
        await it.rows_are(5)
        assert it.marked == places(3)


async def test_02_after_sorting_delete_strikes_the_item_in_sight(make_app: MakeApp, gateway: FakeGateway) -> None:
    """After sorting, the position on the screen was taken for the position in what had been read."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.sorts("amount")
        await it.press("g")
        assert it.column("sk")[0] == "order#0005"
        await it.press("D")
        plan = await it.plan()
        await it.sees("Delete user#1 / order#0005")
        plan.query_one(Input).value = "user#1 / order#0005"
        await it.press("enter")
        await it.on(ItemsScreen)
        await it.rows_are(5)
        assert [call.parameters["Key"]["sk"]["S"] for call in sent(gateway)] == places(5)
        assert gateway.items_of(HOME, "orders") == SIX[:5]


# -- 3, 32: numbers ---------------------------------------------------------------------------------------------------

LONG_NUMBERS = {
    "milliseconds": "1712345678901",
    "19 digits": "1234567890123456789",
    "beyond 64 bits": "18446744073709551617",
    "38 digits": "12345678901234567890123456789012345678",
    "a long decimal": "-1234567890123456789.0123456789012345678",
    "a trailing zero": "1.10",
}


@pytest.mark.parametrize("number", LONG_NUMBERS.values(), ids=LONG_NUMBERS)
async def test_03_an_edited_number_is_never_rounded(make_app: MakeApp, gateway: FakeGateway, number: str) -> None:
    """A number set in place went through a binary float and its default formatting: its last digits became zeros."""
    wanted = f"{number[:-1]}3"
    async with sheet(make_app, gateway, [order(1, at={"N": number})]) as it:
        await it.asks("user#1", 1)
        await it.goes_to("at")
        await it.press("e")
        await it.on(AttributeEditor)
        assert it.field.text == number
        await it.press("end", "backspace", "3")
        await it.writes("enter")
        (call,) = sent(gateway)
        assert {"N": wanted} in call.parameters["ExpressionAttributeValues"].values()
        assert gateway.items_of(HOME, "orders") == [order(1, at={"N": wanted})]
        assert it.column("at") == [wanted]


async def test_11_numbers_beyond_64_bits_survive_the_editor(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The editor's JSON was read without arbitrary precision: long integers and decimals came back as floats."""
    numbers: Item = {name: {"N": text} for name, text in torture.NUMBERS.items()}
    async with sheet(make_app, gateway, [order(1, **numbers)]) as it:
        await it.asks("user#1", 1)
        await it.editor()
        for name, text in torture.NUMBERS.items():
            assert f'"{name}": {text}' in it.field.text
        it.replace("1234567890123456789.0123456789012345678", "1234567890123456789.0123456789012345679")
        await it.writes()
        (call,) = sent(gateway)
        assert set(call.parameters["ExpressionAttributeNames"].values()) == {"pk", "38 digits decimal"}
        changed = {**numbers, "38 digits decimal": {"N": "1234567890123456789.0123456789012345679"}}
        assert gateway.items_of(HOME, "orders") == [order(1, **changed)]


async def test_11_numbers_inside_lists_maps_and_sets_survive_the_editor(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    """The same, deeper: what holds the number travels as a whole, and so do its neighbours."""
    texts = list(torture.NUMBERS.values())
    inner = {"L": [{"N": text} for text in texts]}
    before = order(1, deep={"M": {"list": inner, "set": {"NS": texts[2:8]}, "word": {"S": "old"}}})
    async with sheet(make_app, gateway, [before]) as it:
        await it.asks("user#1", 1)
        await it.editor()
        it.replace('"Main St 1"', '"Main St 2"')
        it.replace("[\n      0,", "[\n      0, 5,")
        await it.writes()
        after = gateway.items_of(HOME, "orders")[0]["deep"]["M"]
        assert after["list"] == {"L": [{"N": "0"}, {"N": "5"}, *inner["L"][1:]]}
        assert after["set"] == before["deep"]["M"]["set"]
        (call,) = sent(gateway)
        assert "set" not in call.parameters["ExpressionAttributeNames"].values()


async def test_32_a_long_number_is_never_shown_rounded(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The editor showed a 19-digit number rounded, and saving wrote what it showed."""
    number = "1234567890123456789"
    async with sheet(make_app, gateway, [order(1, at={"N": number})]) as it:
        await it.asks("user#1", 1)
        await it.goes_to("at")
        await it.sees(number)
        await it.press("enter")
        await it.on(ItemView)
        await it.sees(number)
        await it.press("t")
        await it.sees(number)
        await it.press("escape")
        await it.on(ItemsScreen)
        await it.press("e")
        await it.on(AttributeEditor)
        await it.sees(number)
        await it.press("escape")
        await it.on(ItemsScreen)
        await it.editor()
        await it.sees(f'"at": {number}')
        it.replace(number, "1234567890123456788")
        await it.press("ctrl+s")
        await it.plan()
        await it.sees(number, "1234567890123456788")


# -- 4: the right item ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["", "sk=order#0003"])
async def test_04_a_write_never_strikes_another_row(make_app: MakeApp, gateway: FakeGateway, words: str) -> None:
    """A write struck the first row whichever was selected, as a delete and a put that could come apart."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        if words:
            await it.narrows(words, 1)
        else:
            await it.press("j", "j", "j")
        await it.editor()
        it.replace('"a note to 3"', '"touched"')
        await it.writes()
        (call,) = sent(gateway)
        assert call.operation == "dynamodb:UpdateItem"
        assert call.parameters["Key"] == {"pk": {"S": "user#1"}, "sk": {"S": "order#0003"}}
        touched = order(3, note={"S": "touched"})
        assert gateway.items_of(HOME, "orders") == [*SIX[:3], touched, *SIX[4:]]
        assert it.held == [*SIX[:3], touched, *SIX[4:]]


# -- 5, 12: rows of an index ------------------------------------------------------------------------------------------


async def test_05_an_edited_index_row_keeps_what_the_index_does_not_hold(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    """A row read through an index with a partial projection was put back whole: all else the item had was gone."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.index(1, "status", "created")
        await it.asks("PAID", 6)
        assert all(set(row) == {"pk", "sk", "status", "created", "amount"} for row in it.held)
        await it.goes_to("amount")
        await it.press("e")
        await it.on(AttributeEditor)
        await it.press("end", "backspace", "1")
        await it.writes("enter")
        assert gateway.items_of(HOME, "orders") == [order(0, amount={"N": "90.51"}), *SIX[1:]]
        assert [call.operation for call in sent(gateway)] == ["dynamodb:UpdateItem"]


async def test_05_a_clone_of_an_index_row_has_what_the_index_does_not_hold(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    """The same for a copy: it was made from the columns that happened to be loaded."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.index(1, "status", "created")
        await it.asks("PAID", 6)
        await it.editor("c")
        it.replace('"order#0000"', '"order#0100"')
        await it.writes()
        assert stored(gateway, order(100)) == {**order(0), "sk": {"S": "order#0100"}}


async def test_05_a_deleted_index_row_comes_back_whole_when_undone(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The same for taking a deletion back: only what the row had shown would be there again."""
    async with sheet(make_app, gateway, SIX, size=(120, 50)) as it:
        await it.index(1, "status", "created")
        await it.asks("PAID", 6)
        await it.press("D")
        plan = await it.plan()
        await it.sees('"a note to 0"')
        plan.query_one(Input).value = "user#1 / order#0000"
        await it.press("enter")
        await it.on(ItemsScreen)
        await it.rows_are(5)
        assert stored(gateway, order(0)) is None
        await it.press("u")
        await it.plan()
        await it.press("enter")
        await it.on(ItemsScreen)
        await it.until("it is back", lambda: stored(gateway, order(0)) == order(0))


async def test_12_an_index_row_is_read_again_before_it_is_edited(make_app: MakeApp, gateway: FakeGateway) -> None:
    """An edit began from the row as an eventually consistent, partial index had shown it, and was written unasked."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.index(1, "status", "created")
        await it.asks("PAID", 6)
        gateway.put_items(HOME, "orders", [order(0, amount={"N": "77"}, note={"S": "theirs, before"})])
        await it.editor()
        (read,) = gateway.called("dynamodb:GetItem")
        assert read.parameters["ConsistentRead"] is True
        assert '"amount": 77' in it.field.text
        assert '"theirs, before"' in it.field.text

        gateway.put_items(HOME, "orders", [order(0, amount={"N": "78"}, note={"S": "theirs, later"})])
        it.replace('"amount": 77', '"amount": 1')
        await it.press("ctrl+s")
        await it.plan()
        await it.press("enter")
        await it.on(ConflictScreen)
        assert stored(gateway, order(0)) == order(0, amount={"N": "78"}, note={"S": "theirs, later"})


# -- 6, 7: clones and new items ---------------------------------------------------------------------------------------


async def test_06_editing_a_clone_never_changes_the_original(make_app: MakeApp, gateway: FakeGateway) -> None:
    """A clone shared its nested maps with the original: an edit of one showed in both and was written to both."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.editor("c")
        it.replace('"order#0000"', '"order#0100"')
        it.replace('"Main St 0"', '"Other St 9"')
        await it.writes()
        await it.rows_are(7)
        clone = copy_item(order(0, sk={"S": "order#0100"}))
        clone["address"]["M"]["street"] = {"S": "Other St 9"}
        assert gateway.items_of(HOME, "orders") == [*SIX, clone]
        assert it.held == [*SIX, clone]
        (call,) = sent(gateway)
        assert call.operation == "dynamodb:PutItem"
        assert "attribute_not_exists" in call.parameters["ConditionExpression"]


def test_06_an_edit_never_reaches_into_what_it_was_made_from() -> None:
    """The same below the screens: neither the template of a new item nor the base of an edit is shared."""
    original = order(0)
    clone = EditSession.new(ORDERS, original)
    clone.mine["address"]["M"]["street"]["S"] = "Other St 9"
    clone.mine["tags"]["SS"].append("clone")
    assert original == order(0)

    base = order(0)
    edit = EditSession(ORDERS, base, copy_item(base))
    edit.mine["sk"] = {"S": "order#0001"}
    edit.mine["address"]["M"]["street"]["S"] = "Other St 9"
    write = edit.write()
    assert write is not None and write.before == order(0)
    edit.mine["address"]["M"]["street"]["S"] = "typed after the plan was shown"
    assert write.after is not None and write.after["address"]["M"]["street"] == {"S": "Other St 9"}
    put = write.request.parameters["TransactItems"][1]["Put"]["Item"]
    assert put["address"]["M"]["street"] == {"S": "Other St 9"}


async def test_07_a_new_key_has_the_type_of_its_schema(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The key of a new item was always a string, so that tables keyed by numbers or bytes could get none."""
    async with sheet(make_app, gateway, [], READINGS) as it:
        await it.form()
        await it.types("7")
        await it.press("down")
        await it.types("AAE=")
        await it.press("enter")
        await it.sees("There is no item with")
        await it.editor("plus")
        assert '"sensor": 7' in it.field.text
        assert '"raw": {"$b": "AAE="}' in it.field.text
        await it.writes()
        assert gateway.items_of(HOME, "readings") == [{"sensor": {"N": "7"}, "raw": {"B": b"\x00\x01"}}]


async def test_07_a_cloned_key_has_the_type_of_its_schema(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The same for a clone; and a key typed as text where the schema has a number is refused, not sent."""
    first: Item = {"sensor": {"N": "7"}, "raw": {"B": b"\x00\x01"}, "celsius": {"N": "18.50"}}
    async with sheet(make_app, gateway, [first], READINGS) as it:
        await it.asks("7", 1)
        await it.editor("c")
        it.replace('"sensor": 7', '"sensor": "8"')
        await it.sees("sensor: of type string")
        await it.press("ctrl+s")
        await it.until("it was refused", lambda: not any(w.group == "write item" for w in it.app.workers))
        assert not sent(gateway)
        it.replace('"sensor": "8"', '"sensor": 8')
        it.replace('{"$b": "AAE="}', '{"$b": "/w=="}')
        await it.writes()
        assert gateway.items_of(HOME, "readings") == [first, {**first, "sensor": {"N": "8"}, "raw": {"B": b"\xff"}}]


async def test_07_the_skeleton_of_a_new_item_shows_the_types_of_its_key(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    """The same without a key that was looked for."""
    async with sheet(make_app, gateway, [], READINGS) as it:
        await it.form()
        await it.press("escape")
        await it.editor("plus")
        assert '"sensor": 0' in it.field.text
        assert '"raw": {"$b": ""}' in it.field.text


# -- 13: a changed key ------------------------------------------------------------------------------------------------


async def test_13_a_changed_key_never_leaves_the_old_item_behind(make_app: MakeApp, gateway: FakeGateway) -> None:
    """An item whose key was changed in the editor was put under the new key, and the old one stayed."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.editor()
        it.replace('"order#0000"', '"order#0100"')
        await it.writes()
        await it.rows_are(6)
        (call,) = sent(gateway)
        assert call.operation == "dynamodb:TransactWriteItems"
        assert gateway.items_of(HOME, "orders") == [*SIX[1:], order(0, sk={"S": "order#0100"})]
        assert sorted(it.column("sk")) == places(1, 2, 3, 4, 5, 100)


async def test_13_a_changed_key_never_overwrites_the_item_that_has_it(make_app: MakeApp, gateway: FakeGateway) -> None:
    """Nor may the new key's own item be replaced by it, or the old one go although the new one is taken."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.editor()
        it.replace('"order#0000"', '"order#0003"')
        await it.press("ctrl+s")
        await it.plan()
        await it.press("enter")
        await it.sees("The new key is taken")
        assert gateway.items_of(HOME, "orders") == SIX


# -- 14: a typo -------------------------------------------------------------------------------------------------------


async def test_14_a_typo_never_discards_what_was_typed(make_app: MakeApp, gateway: FakeGateway) -> None:
    """The text was thrown away before it was parsed: one missing comma cost the whole edit."""
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.editor()
        it.replace('"note": "a note to 0",', '"note": "half an hour of work"')
        typed = it.field.text
        await it.sees("expected a comma or }")
        await it.press("ctrl+s")
        await it.until("it was refused", lambda: not any(w.group == "write item" for w in it.app.workers))
        assert isinstance(it.app.screen, ItemEditor)
        assert it.field.text == typed
        await it.press("escape")
        await it.on(ItemsScreen)
    it.app.session.core.drafts.close()  # as the program does at its end
    async with sheet(make_app, gateway, []) as again:  # as after a restart: only what is on the disk is left
        await again.on(DraftsScreen)
        await again.press("enter")
        await again.on(ItemEditor)
        assert again.field.text == typed
        again.replace('"half an hour of work"', '"half an hour of work",')
        await again.writes()
        assert stored(gateway, order(0)) == order(0, note={"S": "half an hour of work"})


async def test_14_a_typo_in_the_outside_editor_never_discards_its_file(
    make_app: MakeApp, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The temporary file was removed before it was parsed: closing the editor on a typo lost everything."""
    edits: list[Callable[[str], str]] = [
        lambda text: text.replace('"note": "a note to 0",', '"note": "half an hour of work"'),
        lambda text: text.replace('"half an hour of work"', '"half an hour of work",'),
    ]
    opened: list[str] = []

    async def outside(app: object, argv: list[str], **options: object) -> int:
        path = Path(argv[-1])
        opened.append(path.read_text("utf-8"))
        path.write_text(edits[len(opened) - 1](opened[-1]), "utf-8")
        return 0

    monkeypatch.setattr(terminal, "run_outside", outside)
    monkeypatch.setenv("VISUAL", "vim")
    async with sheet(make_app, gateway, SIX) as it:
        await it.asks("user#1", 6)
        await it.editor()
        await it.press("ctrl+o")
        await it.on(NoticeScreen)
        assert "half an hour of work" in it.app.session.core.drafts.all()[0].text
        await it.press("enter")
        await it.until("it is opened again", lambda: len(opened) == 2)
        assert '"half an hour of work"\n' in opened[1]
        await it.on(ItemEditor)
        await it.writes()
        assert stored(gateway, order(0)) == order(0, note={"S": "half an hour of work"})


# -- 29: sets, binary, conditions -------------------------------------------------------------------------------------

TEN = next(item for item in torture.items() if item["id"]["S"] == "all ten types")


async def test_29_an_unchanged_item_of_all_types_is_not_written(make_app: MakeApp, gateway: FakeGateway) -> None:
    """Saving without a change rewrote the item: sets became lists, binary became text, long numbers were rounded."""
    before = order(1, **{name: value for name, value in TEN.items() if name != "id"})
    async with sheet(make_app, gateway, [before]) as it:
        await it.asks("user#1", 1)
        await it.editor()
        await it.press("ctrl+s")
        await it.sees("Nothing is changed, so nothing is sent.")
        it.replace('"a note to 1"', '"another"')
        await it.writes()
        (call,) = sent(gateway)
        assert call.operation == "dynamodb:UpdateItem"
        assert set(call.parameters["ExpressionAttributeNames"].values()) == {"pk", "note"}
        assert gateway.items_of(HOME, "orders") == [{**before, "note": {"S": "another"}}]


async def test_29_an_item_that_was_rewritten_in_the_editor_keeps_its_types(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    """The same for what does travel: the text of every type comes back as that type."""
    before = order(1, **{name: value for name, value in TEN.items() if name != "id"})
    async with sheet(make_app, gateway, [before]) as it:
        await it.asks("user#1", 1)
        await it.editor("c")
        it.replace('"order#0001"', '"order#0100"')
        await it.writes()
        assert stored(gateway, order(100)) == {**before, "sk": {"S": "order#0100"}}
