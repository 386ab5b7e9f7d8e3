"""What values, keys and texts do to programs that are not careful with them. The number is that of the hazard.

Most are covered where the code is; this table says by which tests, and the tests below add what was left.

== ================================= ==========================================================================
 1 numbers at every limit             items_codec: test_a_number_keeps_every_character, test_a_number_is_exact,
                                      test_what_is_no_number_of_dynamodb; here: each of them negative
 2 numbers kept as text               items_read: TestTexts.test_are_quoted_where_they_could_be_taken_for_another_type;
                                      items_codec: test_the_canonical_form; here: in the attribute editor
 3 sets and lists                     items_codec: test_equal_as_dynamodb_compares, test_what_no_table_takes,
                                      test_the_canonical_form; here: an empty one, and one element, in the editor
 4 binary                             items_codec: test_base64_as_people_paste_it, test_what_is_not_base64
 5 empty text and index keys          ui: test_removing_an_attribute_removes_it, test_an_empty_index_key_is_refused…;
                                      items_codec: test_what_this_table_does_not_take
 6 null, absent and empty             items_read: TestWhatIsThere; items_codec: test_different_as_dynamodb_compares;
                                      here: from one to the other by an edit
 7 names                              items_codec: test_the_torture_set_there_and_back, test_what_no_table_takes,
                                      test_an_item_of_one_attribute_that_looks_like_a_tag; items_edit:
                                      test_names_never_stand_in_an_expression; here: a change of each, as it is sent
 8 texts                              items_codec: test_a_text_keeps_every_character; ui:
                                      test_a_string_comes_back_exactly_as_it_was; here: through an outside editor
 9 duplicate names in JSON            items_codec: MISTAKES; cli: test_bad_input_is_one_clear_message…; here: in keys
                                      and values given to commands
10 rows that are not the item         here: test_05_…, test_12_…
11 a changed key                      here: test_13_…
12 control sequences on the screen    ui: test_control_characters_and_markup_are_shown_and_do_nothing; cli:
                                      test_a_terminal_gets_no_controls…; here: rows, names, keys, toasts and the plan
13 wide and combined characters       here: test_15_…
14 depth and size                     items_codec: test_depth_counts_levels_as_dynamodb_does,
                                      test_an_item_of_400_kb_is_legal_and_one_byte_more_is_not; ui:
                                      test_an_item_of_400_kb_opens_folded…; here: both in the editor
== ================================= ==========================================================================
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dbtui.domain import dynamodb_json, typed_json
from dbtui.domain.item_requests import update_request
from dbtui.domain.models import KeyPart
from dbtui.domain.values import Item, Value, key_of
from dbtui.domain.wire import decode_item, encode_item
from dbtui.gateway.fake import FakeGateway
from dbtui.items.writes import edit_write
from dbtui.ui import terminal
from dbtui.ui.screens.attribute_editor import AttributeEditor
from dbtui.ui.screens.item_view import ItemView
from dbtui.ui.screens.items import ItemsScreen
from tests import torture
from tests.cli.fake_cloud import DEV, FakeCloud
from tests.cli.harness import Harness
from tests.peers.items_bench import ORDERS, MakeApp, order, sent, sheet, stored
from tests.ui.conftest import HOME, table

NEGATIVE = {name: f"-{text}" for name, text in torture.NUMBERS.items() if not text.startswith("-")}


@pytest.mark.parametrize("text", NEGATIVE.values(), ids=NEGATIVE)
def test_hazard_01_a_negative_number_keeps_every_character(text: str) -> None:
    item: Item = {"n": {"N": text}, "s": {"NS": [text, "1"]}, "l": {"L": [{"N": text}]}}
    for there, back in (
        (typed_json.encode, typed_json.decode),
        (dynamodb_json.encode, dynamodb_json.decode),
    ):
        found = back(there(item))
        assert (found["n"], found["l"]) == (item["n"], item["l"])
        assert sorted(found["s"]["NS"]) == sorted(item["s"]["NS"])
    assert decode_item(encode_item(item)) == item


@pytest.mark.parametrize("text", ["007", "true", "null", "1e3", "[1]", '{"a": 1}'])
async def test_hazard_02_a_text_that_looks_typed_stays_text(make_app: MakeApp, gateway: FakeGateway, text: str) -> None:
    async with sheet(make_app, gateway, [order(1, memo={"S": text})]) as it:
        await it.asks("user#1", 1)
        assert it.column("memo") == [f'"{text}"']
        await it.goes_to("memo")
        await it.press("e")
        await it.on(AttributeEditor)
        await it.press("end", "backspace", text[-1], "1")
        await it.writes("enter")
        assert gateway.items_of(HOME, "orders") == [order(1, memo={"S": f"{text}1"})]


async def test_hazard_03_a_set_keeps_its_last_element_or_goes_as_a_whole(
    make_app: MakeApp, gateway: FakeGateway
) -> None:
    async with sheet(make_app, gateway, [order(1, tags={"SS": ["only"]})]) as it:
        await it.asks("user#1", 1)
        await it.goes_to("tags")
        await it.press("e")
        await it.on(AttributeEditor)
        await it.press(*["backspace"] * 4, "ctrl+s")
        await it.until("an empty set is refused", lambda: not any(w.group == "write item" for w in it.app.workers))
        assert isinstance(it.app.screen, AttributeEditor)
        await it.types("one")
        await it.writes()
        assert gateway.items_of(HOME, "orders") == [order(1, tags={"SS": ["one"]})]
        assert len(sent(gateway)) == 1


@pytest.mark.parametrize(
    "value",
    [{"SS": ["", "a"]}, {"SS": ["two\nlines", "a"]}, {"BS": [b"", b"a"]}, {"NS": ["1.0", "-0.50"]}],
    ids=["empty text", "line break", "empty binary", "numbers"],
)
async def test_hazard_03_every_legal_set_can_be_opened_in_place(
    make_app: MakeApp, gateway: FakeGateway, value: Value
) -> None:
    """An element that has no line of its own must not keep the editor from opening, nor be lost by it."""
    async with sheet(make_app, gateway, [order(1, tags=value)]) as it:
        await it.asks("user#1", 1)
        await it.goes_to("tags")
        await it.press("e")
        await it.on(AttributeEditor)
        await it.press("ctrl+s")
        await it.sees("Nothing is changed")
        assert not sent(gateway)


@pytest.mark.parametrize("before", ['""', "null", None])
@pytest.mark.parametrize("after", ['""', "null", None])
async def test_hazard_06_null_absent_and_empty_are_three_values(
    make_app: MakeApp, gateway: FakeGateway, before: str | None, after: str | None
) -> None:
    made: dict[str | None, Item] = {'""': {"memo": {"S": ""}}, "null": {"memo": {"NULL": True}}, None: {}}
    first, second = order(1, **made[before]), order(1, **made[after])
    write = edit_write(ORDERS, first, second)
    assert (write is None) is (before == after)
    if write is None:
        return
    gateway.put(ORDERS)
    gateway.put_items(HOME, "orders", [first])
    gateway.carry_out(ORDERS.ref.scope, write.request.operation, write.request.parameters)
    assert gateway.items_of(HOME, "orders") == [second]
    async with sheet(make_app, gateway, []) as it:
        await it.asks("user#1", 1)
        assert it.held == [second]


@pytest.mark.parametrize("name", torture.NAMES)
def test_hazard_07_a_value_of_any_name_can_be_changed(gateway: FakeGateway, name: str) -> None:
    before = order(1, **{name: {"S": "old"}, "within": {"M": {name: {"M": {name: {"N": "1"}}}, "x": {"S": "y"}}}})
    after = order(1, **{name: {"S": "new"}, "within": {"M": {name: {"M": {name: {"N": "2"}}}, "x": {"S": "y"}}}})
    gateway.put(ORDERS)
    gateway.put_items(HOME, "orders", [before])
    write = edit_write(ORDERS, before, after)
    assert write is not None
    assert (name,) in write.touched or name == "status"
    assert ("within", name, name) in write.touched
    gateway.carry_out(ORDERS.ref.scope, write.request.operation, write.request.parameters)
    assert gateway.items_of(HOME, "orders") == [after]


OUTSIDE = {
    "a trailing newline": lambda text: text + "\n\n",
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "blanks": lambda text: text.replace("\n", "  \n"),
}


@pytest.mark.parametrize("habit", OUTSIDE)
async def test_hazard_08_the_habits_of_an_editor_change_nothing(
    make_app: MakeApp, gateway: FakeGateway, habit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: Item = {name: {"S": text} for name, text in torture.TEXTS.items()}

    async def outside(app: object, argv: list[str], **options: object) -> int:
        path = Path(argv[-1])
        text = OUTSIDE[habit](path.read_bytes().decode().replace('"a note to 1"', '"new"'))
        path.write_bytes(text.encode())
        return 0

    monkeypatch.setattr(terminal, "run_outside", outside)
    monkeypatch.setenv("VISUAL", "nano")
    async with sheet(make_app, gateway, [order(1, **texts)]) as it:
        await it.asks("user#1", 1)
        await it.editor()
        await it.press("ctrl+o")
        await it.sees("1 change")
        await it.writes()
        (call,) = sent(gateway)
        assert set(call.parameters["ExpressionAttributeNames"].values()) == {"pk", "note"}
        assert gateway.items_of(HOME, "orders") == [order(1, **texts, note={"S": "new"})]


@pytest.mark.parametrize(
    "words",
    [
        ["get", "table/orders", "--key", '{"pk": "a", "pk": "b"}'],
        ["update", "table/orders", "pk=a", "--set", 'm={"x": 1, "x": 2}'],
        ["update", "table/orders", "pk=a", "--set", "m=1", "--set", "m=2"],
        ["put", "table/orders", '{"pk": "a", "m": {"x": 1, "x": 2}}'],
        ["put", "table/orders", '{"pk": "a", "e\\u0301": 1, "e\u0301": 2}'],
        [
            "put",
            "table/orders",
            "--dynamodb-json",
            '{"pk": {"S": "a"}, "m": {"M": {"x": {"N": "1"}, "x": {"N": "2"}}}}',
        ],
    ],
)
def test_hazard_09_a_name_given_twice_is_refused(dbtui: Harness, cloud: FakeCloud, words: list[str]) -> None:
    cloud.put_items(DEV, "orders", [{"pk": {"S": "a"}}, {"pk": {"S": "b"}}])
    done = dbtui.run(*words)
    assert (done.code, done.out, cloud.sent) == (2, "", [])
    assert done.err.startswith("dbtui: ") and len(done.err.splitlines()) == 1


NASTY = "a\x1b[2J\x07\u202eb[/bold]\u2028\x00c"
ESCAPED = "a\\x1b[2J\\x07\\u202eb[/bold]\\u2028\\x00c"


async def test_hazard_12_no_control_character_reaches_the_terminal(make_app: MakeApp, gateway: FakeGateway) -> None:
    nasty: Item = {"pk": {"S": "user#1"}, "sk": {"S": NASTY}, NASTY: {"S": NASTY}, "m": {"M": {NASTY: {"S": NASTY}}}}
    async with sheet(make_app, gateway, [nasty, order(1)], size=(200, 40)) as it:
        await it.asks("user#1", 2)
        await it.sees(ESCAPED)
        await it.goes_to(NASTY)
        await it.press("T", "y")
        await it.until("the menu", lambda: it.app.screen is not it.screen)
        _clean(it.text)
        await it.press("escape", "enter")
        await it.on(ItemView)
        _clean(it.text)
        await it.press("escape")
        await it.on(ItemsScreen)
        await it.press("e")
        await it.on(AttributeEditor)
        _clean(it.text)
        await it.press("end", "Z", "enter")
        await it.plan()
        _clean(it.text)
        await it.press("enter")
        await it.on(ItemsScreen)
        await it.until("the outcome", lambda: it.said)
        _clean(it.text + it.said)
        assert stored(gateway, nasty) == {**nasty, NASTY: {"S": f"{NASTY}Z"}}


def _clean(shown: str) -> None:
    assert "a\\" in shown
    bad = [character for character in shown if not character.isprintable() and character not in "\n"]
    assert not bad, bad


async def test_hazard_14_an_item_of_400_kb_is_edited(make_app: MakeApp, gateway: FakeGateway) -> None:
    model = table("large", keys=(KeyPart("id", "HASH", "S"),))
    large = torture.near_limit(100)
    large["memo"] = {"S": "old"}
    async with sheet(make_app, gateway, [large], model) as it:
        await it.form()
        await it.types("close to 400 KB")
        await it.press("enter")
        await it.rows_are(1)
        await it.editor()
        it.replace('"memo": "old"', '"memo": "new"')
        await it.writes()
        (call,) = sent(gateway)
        assert set(call.parameters["ExpressionAttributeNames"].values()) == {"id", "memo"}
        assert gateway.items_of(HOME, "large") == [{**large, "memo": {"S": "new"}}]


async def test_hazard_14_the_deepest_item_is_edited_at_its_end(make_app: MakeApp, gateway: FakeGateway) -> None:
    before = order(1, maps=torture.nested(32, "M"), both=torture.nested(32, "LM"))
    async with sheet(make_app, gateway, [before], size=(160, 40)) as it:
        await it.asks("user#1", 1)
        await it.editor()
        it.replace('"the end"', '"another end"')
        await it.writes()
        found = gateway.items_of(HOME, "orders")[0]
        assert json.dumps(found) == json.dumps(before).replace("the end", "another end")
        await it.editor()
        it.replace('"another end"', '["too deep"]')
        await it.sees("nested 33 levels deep")


def test_hazard_14_a_change_at_the_deepest_place_has_a_request_that_fits() -> None:
    before, after = order(1, maps=torture.nested(32, "M")), order(1, maps=torture.nested(32, "M"))
    inner = after["maps"]
    while "M" in inner:
        holder, inner = inner, inner["M"]["inner"]
    holder["M"]["inner"] = {"N": "1"}
    write = edit_write(ORDERS, before, after)
    assert write is not None and len(write.touched[0]) == 32
    again = update_request(ORDERS, key_of(before, ORDERS.keys), write.changes)
    assert again.parameters == write.request.parameters
