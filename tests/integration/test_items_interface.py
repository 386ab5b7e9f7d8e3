"""The items screen in a real terminal, by keys only, against the embedded AWS and a second client."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_support import DemoServer, wait_until
from items_support import COMMAND, Shop, answer_plan, items_screen, place, terminal_environment
from program import Dbtui
from tests import requirements
from tmux_support import Screen, screen

from dbtui.domain.values import Item

NUMBERS = itertools.count(1)
NARROW, WIDE = (80, 24), (100, 30)
SIZES = [NARROW, WIDE] if requirements.FULL else [NARROW]
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with DemoServer("company", "--speed", "20") as demo:
        demo.wait_for_phase("ready")
        found = Shop(demo)
        found.make_table()
        for number in range(12):
            status = "PAID" if number % 2 else "OPEN"
            found.put("ann", f"o-{number:02}", status={"S": status}, at={"N": str(number)}, total={"N": f"{number}.5"})
        yield found


@pytest.fixture
def dbtui(shop: Shop, tmp_path: Path) -> Dbtui:
    return Dbtui.at(shop.demo, tmp_path)


@pytest.fixture
def order(shop: Shop) -> Item:
    """An item of the test's own, whose cell `note` is the fifth."""
    return shop.put("own", f"no-{next(NUMBERS)}", status={"S": "OPEN"}, at={"N": "1"}, note={"S": "first"})


def to_the_rows(shown: Screen) -> None:
    """Leaves the form in which the screen opens."""
    shown.until("nothing read")
    shown.keys("Escape")
    shown.settle()  # escape and a quick key after it are one key to a terminal


def edit_note(shown: Screen, typed: str) -> None:
    """Changes the attribute of the item that is shown, up to the plan."""
    shown.until("first", "complete")
    shown.keys("Right", "Right", "Right", "Right", "e")
    shown.until("note of own", "string")
    shown.type(typed)
    shown.until("first" + typed)
    shown.keys("Enter")


# -- reading ----------------------------------------------------------------------------------------------------------


@every_size
def test_a_table_is_opened_and_asked_by_keys(dbtui: Dbtui, tmp_path: Path, size: tuple[int, int]) -> None:
    with screen(COMMAND, terminal_environment(dbtui), tmp_path, size) as shown:
        shown.until("aurora-main")
        shown.keys("2")
        shown.until("all-types", "orders")
        shown.keys("/")
        shown.type("walk")
        shown.keys("Enter")
        shown.until("1 of")
        shown.keys("Enter")
        shown.until("partition key", "nothing read")
        # the form: a whole key is a Get, a part of it a Query
        shown.type("ann")
        shown.keys("Down")
        shown.type("o-03")
        shown.until("Get item")
        shown.keys("Enter")
        shown.until("3.5", "complete")
        assert "o-04" not in shown.text
        shown.keys("=")
        shown.until(" = ")
        shown.keys("C-u")
        shown.type('pk = ann and sk between "o-08" and o-10')
        shown.until("Query on table")
        shown.keys("Enter")
        text = shown.until("10.5", "matched 3", "complete")
        assert "o-07" not in text and "o-11" not in text
        # an index, by form
        shown.keys("i")
        shown.until("by-status", "keys only")
        shown.keys("Down", "Enter", *"PAID")
        shown.until("status:S at:N", "Query on by-status")
        shown.keys("Enter")
        text = shown.until("matched 6", "by-status holds keys only")
        assert "o-04" not in text
        shown.keys("=")
        shown.until(" = ")
        shown.keys("C-u")
        shown.type("status = OPEN and at >= 6")
        shown.keys("Enter")
        text = shown.until("o-06", "o-10", "matched 3")
        assert "o-04" not in text
        shown.keys("=", "C-u")
        shown.type("status = OPEN and at >= six")
        shown.keys("Enter")
        shown.until("'six' is not a number")
        assert "o-06" in shown.text


@every_size
def test_pages_are_read_one_by_one_and_arranged(dbtui: Dbtui, size: tuple[int, int]) -> None:
    with items_screen(dbtui, "table/orders", size) as shown:
        to_the_rows(shown)
        shown.keys("f")
        shown.until("evaluated 1,695", "> reads more")
        shown.keys(">")
        text = shown.until("> reads more", "evaluated 3,3")
        assert "CUSTOMER#000000" in text
        shown.keys("Right", "o")
        shown.until("Sort loaded rows by")
        shown.keys("Enter")
        shown.until("sk ▲", "ORDER#20250601#00")
        shown.keys("o", "Enter")
        shown.until("sk ▼")
        shown.keys("/")
        shown.type("delivered zip=00000")
        shown.keys("Enter")
        shown.until("delivered zip=00000", "loaded so far match")
        shown.settle()  # escape would only stop a filter that is still looking
        shown.keys("Escape")
        shown.until_gone("loaded so far")
        shown.keys("Space", "Space")
        shown.until("2 marked")
        shown.keys("y")
        shown.until("marked items, typed JSON lines")
        shown.keys("Down", "Enter")
        shown.until("Copied")
        wait_until(lambda: shown.run("show-buffer").count('"pk"') == 2)
        copied = [json.loads(line) for line in shown.run("show-buffer").splitlines()]
        assert all(item["pk"].startswith("CUSTOMER#") for item in copied)
        shown.keys("Escape")
        shown.until_gone("marked")


# -- writing ----------------------------------------------------------------------------------------------------------


@every_size
def test_an_attribute_is_edited_written_and_taken_back(
    dbtui: Dbtui, shop: Shop, order: Item, size: tuple[int, int]
) -> None:
    with items_screen(dbtui, place(order), size) as shown:
        edit_note(shown, " and more")
        shown.until("Only if", "note still is", "UpdateItem", "Writes are locked")
        assert shop.get(order) == order
        answer_plan(shown)
        shown.until("Done: edit item", "writes armed", "first and more")
        assert shop.get(order) == {**order, "note": {"S": "first and more"}}
        shown.keys("u")
        answer_plan(shown)
        shown.until("Done: undo")
        assert shop.get(order) == order
    assert [line["event"] for line in dbtui.journal()].count("outcome") == 2


@pytest.mark.parametrize(("key", "kept"), [("m", "first mine"), ("t", "theirs")], ids=["keep mine", "keep theirs"])
def test_a_conflict_is_shown_and_decided(dbtui: Dbtui, shop: Shop, order: Item, key: str, kept: str) -> None:
    with items_screen(dbtui, place(order), NARROW) as shown:
        edit_note(shown, " mine")
        shown.until("Writes are locked")
        shop.update(order, "note", {"S": "theirs"})
        shop.update(order, "at", {"N": "7"})
        answer_plan(shown)
        shown.until("Somebody else changed this item", "1 attribute was changed by both", '"theirs"', '"first mine"')
        shown.until("taken from theirs", "at")
        shown.keys("Enter")
        shown.until("Decide note first")
        shown.keys(key)
        shown.until({"m": "▸ note", "t": "◂ note"}[key])
        shown.keys("Enter")
        if key == "m":
            answer_plan(shown)
            shown.until("Done: edit item")
        else:
            shown.until("Nothing is changed")
    assert shop.get(order) == {**order, "at": {"N": "7"}, "note": {"S": kept}}


def test_our_own_command_is_a_second_client_too(dbtui: Dbtui, shop: Shop, order: Item, tmp_path: Path) -> None:
    """Another attribute, written between reading and writing, is no conflict and stays."""
    other = tmp_path / "other"
    other.mkdir()
    with items_screen(dbtui, place(order), WIDE) as shown:
        edit_note(shown, " mine")
        shown.until("Writes are locked")
        done = Dbtui.at(shop.demo, other).run("update", place(order), "--set", 'extra="theirs"')
        assert done.code == 0, done.err
        answer_plan(shown)
        shown.until("Done: edit item", "first mine", "theirs")
    assert shop.get(order) == {**order, "note": {"S": "first mine"}, "extra": {"S": "theirs"}}


@every_size
def test_an_item_is_made_copied_moved_and_deleted(dbtui: Dbtui, shop: Shop, size: tuple[int, int]) -> None:
    name = f"made-{next(NUMBERS)}"
    made: Item = {"pk": {"S": name}, "sk": {"S": "1"}}
    copied = {**made, "sk": {"S": "12"}, "copy": {"BOOL": True}}
    moved = {**made, "sk": {"S": "13"}}
    with items_screen(dbtui, size=size) as shown:
        to_the_rows(shown)
        shown.keys("+")
        shown.until("▸ new item", '"pk": ""')
        shown.type(name)
        shown.keys("Down", "End", "Left")
        shown.type("1")
        shown.until(f'"pk": "{name}"', '"sk": "1"')
        shown.keys("C-s")
        shown.until("no item has this key", "PutItem")
        answer_plan(shown)
        shown.until("Done: create item", "Get item")
        assert shop.get(made) == made
        shown.keys("c")
        shown.until("A copy: give it another key")
        shown.type(', "copy": true')
        shown.until('"copy": true')
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("This item exists", "r replace")
        shown.keys("Escape")
        shown.until("An item with this key exists", "nothing has been written")
        shown.keys("Down", "End", "Left")
        shown.type("2")
        shown.until('"sk": "12"')
        shown.keys("C-s")
        answer_plan(shown)
        shown.until_gone("▸ new item")
        wait_until(lambda: shop.get(copied) == copied)
        # a changed key moves the item: the row under the cursor is the first one still
        shown.settle()
        shown.keys("E")
        shown.until("▸ edit", '"sk": "1"')
        shown.keys("Down", "End", "Left")
        shown.type("3")
        shown.until('"sk": "13"')
        shown.keys("C-s")
        shown.until("Move", "TransactWriteItems", "no item has the new key")
        answer_plan(shown)
        shown.until("Done: move item")
        wait_until(lambda: shop.get(moved) == moved)
        assert (shop.get(made), shop.get(copied)) == (None, copied)
        # delete, only after the key was typed
        shown.keys("=", "C-u", *f"pk={name} and sk=13", "Enter")
        shown.until('sk = "13"', "Get item", "❯")
        shown.keys("D")
        shown.until("Type ", "to delete the item")
        shown.settle()
        shown.type(name)
        shown.keys("Enter")
        shown.settle()
        assert shop.get(moved) == moved
        shown.type(" / 13")
        shown.keys("Enter")
        wait_until(lambda: shop.get(moved) is None)
        shown.until("Done: delete item")
        shown.keys("u")
        answer_plan(shown)
        wait_until(lambda: shop.get(moved) == moved)


# -- typing fast ------------------------------------------------------------------------------------------------------


def test_a_burst_of_keys_does_not_go_astray(dbtui: Dbtui, shop: Shop, order: Item) -> None:
    """What comes in one piece does what the same keys do one by one."""
    with items_screen(dbtui, size=NARROW) as shown:
        shown.until("nothing read")
        shown.keys("a", "n", "n", "Down", "o", "-", "0", "2", "Enter", "=", "C-u", *'pk=ann and sk<"o-04"', "Enter")
        shown.until("o-03", "matched 4", "complete")
        shown.keys("/", *"PAID", "Enter", "End", "Space", "=", "C-u", *f"pk=own and sk={order['sk']['S']}", "Enter")
        shown.until("first", "Get item", "complete")
        shown.keys("E")
        shown.until("▸ edit", '"note": "first"')
        words = " ".join(f"word-{number}" for number in range(60))
        shown.type(f', "typed": "{words}"')
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("Done: edit item")
    assert shop.get(order) == {**order, "typed": {"S": words}}
