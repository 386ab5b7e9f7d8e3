"""Nothing typed is lost: the program killed, the terminal frozen, the token expired, the person's own editor broken."""

from __future__ import annotations

import itertools
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from demo_support import DemoServer, wait_until
from items_support import (
    COMMAND,
    Shop,
    answer_plan,
    draft_texts,
    drafts,
    items_screen,
    place,
    script,
    terminal_environment,
    until_drafted,
)
from program import Dbtui
from pty_support import Terminal, run_in_terminal
from test_terminal_helper import FREEZE_SECONDS
from tests.requirements import FULL
from tmux_support import Screen

from dbtui.domain.values import Item

ORDER = {"note": {"S": "first"}, "amount": {"N": "10"}, "status": {"S": "OPEN"}, "at": {"N": "1"}}
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with DemoServer("company", "--speed", "20") as demo:
        demo.wait_for_phase("ready")
        found = Shop(demo)
        found.make_table()
        yield found


@pytest.fixture
def order(shop: Shop) -> Item:
    """An item of the test's own."""
    shop.demo.faults("")
    return shop.put("order", f"no-{next(NUMBERS)}", **ORDER)


@pytest.fixture
def dbtui(shop: Shop, tmp_path: Path) -> Dbtui:
    return Dbtui.at(shop.demo, tmp_path)


def open_editor(shown: Screen) -> None:
    """The item that is shown in the editor, the cursor behind its partition key."""
    shown.until("first", "Get item")
    shown.keys("E")
    shown.until("▸ edit", '"note": "first"')


def open_amount(shown: Screen) -> None:
    """The attribute editor of ``amount``, the last column."""
    shown.until("note   amount", "Get item")
    shown.keys(*["Right"] * 5, "e")
    shown.until("amount of order", "number")


def kill(shown: Screen) -> None:
    os.kill(shown.pid, signal.SIGKILL)
    assert shown.until_ended() != 0


# -- kill -9 ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theirs", ["another attribute", "the same attribute", *(["nothing"] if FULL else [])])
def test_killed_in_the_item_editor_the_text_is_offered_and_written(
    dbtui: Dbtui, shop: Shop, order: Item, theirs: str
) -> None:
    with items_screen(dbtui, place(order)) as shown:
        open_editor(shown)
        shown.type(', "typed": "by hand"')
        until_drafted(dbtui, '"typed": "by hand"')
        kill(shown)
    [draft] = drafts(dbtui)
    changed = {"another attribute": "note", "the same attribute": "typed"}.get(theirs)
    if changed is not None:
        shop.update(order, changed, {"S": "theirs"})
    with items_screen(dbtui) as shown:
        shown.until("Drafts of table/walk", "order /", "enter opens")
        shown.keys("Enter")
        shown.until('"pk": "order", "typed": "by hand"')
        assert [kept["text"] for kept in drafts(dbtui)] == [draft["text"]]
        shown.keys("C-s")
        answer_plan(shown)
        if theirs == "the same attribute":
            shown.until("Somebody else changed this item", '"theirs"', '"by hand"')
            shown.keys("m")
            shown.until("▸ typed")
            shown.keys("Enter")
            answer_plan(shown)
        shown.until("Done: edit item")
        shown.until_gone("▸ edit")
    expected = {**order, "typed": {"S": "by hand"}}
    if theirs == "another attribute":
        expected["note"] = {"S": "theirs"}
    assert shop.get(order) == expected
    assert drafts(dbtui) == []


def test_a_text_that_does_not_parse_comes_back_as_it_was_typed(dbtui: Dbtui, shop: Shop, order: Item) -> None:
    with items_screen(dbtui, place(order), (80, 24)) as shown:
        open_editor(shown)
        shown.type(', "typed: [tru')
        shown.until("not typed JSON yet")
        until_drafted(dbtui, ', "typed: [tru')
        kill(shown)
    [draft] = drafts(dbtui)
    with items_screen(dbtui, size=(80, 24)) as shown:
        shown.until("Drafts of table/walk")
        shown.keys("Enter")
        shown.until('"pk": "order", "typed: [tru,', "not typed JSON yet")
        shown.keys("C-s")
        shown.until("line 2")
        assert "Only if" not in shown.text
        assert [kept["text"] for kept in drafts(dbtui)] == [draft["text"]]
        shown.keys("End", "Left", *["BSpace"] * len("typed: [tru"))
        shown.type('typed": true')
        shown.until("1 change")
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("Done: edit item")
    assert shop.get(order) == {**order, "typed": {"BOOL": True}}


def test_killed_in_the_attribute_editor_the_form_is_offered_and_written(dbtui: Dbtui, shop: Shop, order: Item) -> None:
    with items_screen(dbtui, place(order)) as shown:
        open_amount(shown)
        shown.type("5x")
        until_drafted(dbtui, "105x")
        kill(shown)
    with items_screen(dbtui) as shown:
        shown.until("Drafts of table/walk", ", amount")
        shown.keys("Enter")
        shown.until("105x", "number")
        shown.keys("Enter")
        shown.until("Not yet a value")
        shown.keys("BSpace")
        shown.keys("Enter")
        answer_plan(shown)
        shown.until("Done: edit item")
    assert shop.get(order) == {**order, "amount": {"N": "105"}}
    assert drafts(dbtui) == []


def test_killed_while_a_new_item_is_typed(dbtui: Dbtui, shop: Shop, order: Item) -> None:
    with items_screen(dbtui) as shown:
        shown.until("nothing read")
        shown.keys("Escape")
        shown.settle()
        shown.keys("+")
        shown.until("new item")
        shown.type("brand-new")
        until_drafted(dbtui, '"pk": "brand-new"')
        kill(shown)
    with items_screen(dbtui) as shown:
        shown.until("Drafts of table/walk", "a new item")
        shown.keys("Enter")
        shown.until('"pk": "brand-new"')
        shown.type("1")  # the cursor is where a value is missing
        until_drafted(dbtui, '"sk": "1"')
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("Done: create item")
    made = {"pk": {"S": "brand-new"}, "sk": {"S": "1"}}
    assert shop.get(made) == made


def test_who_never_rests_while_typing_loses_at_most_the_last_moment(dbtui: Dbtui, order: Item) -> None:
    """Saving must not wait for a pause: a key comes every tenth of a second until the program is killed."""
    with items_screen(dbtui, place(order)) as shown:
        open_editor(shown)
        shown.type(', "typed": "')
        typed, ends = 0, time.monotonic() + 4
        while time.monotonic() < ends:
            shown.type("x")
            typed += 1
            time.sleep(0.1)
        kill(shown)
    assert draft_texts(dbtui).count("x") > typed * 0.5


# -- a terminal that stands still -------------------------------------------------------------------------------------


def test_a_frozen_terminal_loses_nothing(dbtui: Dbtui, shop: Shop, order: Item) -> None:
    """Nobody reads what is painted, as when an ssh connection hangs, while keys still come."""
    command = [*COMMAND, "--open", place(order)]
    with run_in_terminal(command, env=terminal_environment(dbtui), cwd=dbtui.folder, size=(100, 30)) as terminal:
        terminal.until_painted("first", "Get item")
        terminal.send("E")
        terminal.until_painted("▸ edit", '"note"')
        words = [f"word-{number:03}" for number in range(120)]
        terminal.send(', "typed": "')
        for word in words:
            terminal.send(word + " ")
            terminal.send("\x1b[H\x1b[F\x1b[D")  # home, end, and back before the comma: every key paints
            time.sleep(0.01)
        terminal.send('"')
        until_drafted(dbtui, f'"typed": "{" ".join(words)} "')
        terminal.freeze(FREEZE_SECONDS)
        terminal.forget()
        terminal.until_painted(words[-1])
        terminal.send("\x13")  # ctrl+s
        terminal.until_painted("Only if", "Writes are locked")
        written = {**order, "typed": {"S": " ".join(words) + " "}}
        terminal.until("armed, agreed to and written", lambda: press_enter(terminal) and shop.get(order) == written)
    assert "Traceback" not in terminal.text


def press_enter(terminal: Terminal) -> bool:
    terminal.send("\r")
    return True


# -- an expired token -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["after another write", *(["before the first write"] if FULL else [])])
def test_an_expired_token_keeps_text_and_draft_until_it_is_renewed(
    dbtui: Dbtui, shop: Shop, order: Item, when: str
) -> None:
    with items_screen(dbtui, place(order)) as shown:
        open_editor(shown)
        if when == "after another write":
            shown.type(', "earlier": 1')
            shown.keys("C-s")
            answer_plan(shown)
            shown.until("Done: edit item")
            shown.until_gone("▸ edit")
            shown.keys("E")
            shown.until("▸ edit")
        shown.type(', "typed": "by hand"')
        shown.until("1 change")
        shop.demo.faults("*:*:expired")
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("expired", '"typed": "by hand"')
        until_drafted(dbtui, '"typed": "by hand"')
        assert "typed" not in (shop_view(shop, order) or {})
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("expired", '"typed": "by hand"')
        shop.demo.faults("")
        shown.keys("C-s")
        answer_plan(shown)
        wait_until(lambda: (shop.get(order) or {}).get("typed") == {"S": "by hand"}, 20)
        shown.until_gone("▸ edit")
    assert drafts(dbtui) == []


def shop_view(shop: Shop, order: Item) -> Item | None:
    """What is stored, while the person's own token is refused."""
    shop.demo.faults("")
    found = shop.get(order)
    shop.demo.faults("*:*:expired")
    return found


# -- the person's own editor ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("end", "status"), [("kill -9 $$", "-9"), ("exit 3", "3")], ids=["killed", "with a status"])
def test_an_editor_that_fails_takes_nothing_over_and_leaves_its_file(
    dbtui: Dbtui, shop: Shop, order: Item, end: str, status: str, tmp_path: Path
) -> None:
    editor = script(tmp_path, f'sed -i \'s/first/second/\' "$1"; echo "$1" > where; {end}')
    with items_screen(dbtui, place(order), EDITOR=editor) as shown:
        open_editor(shown)
        shown.type(', "typed": 1')
        shown.keys("C-o")
        shown.until(f"ended with status {status}", '"note": "first"', '"typed": 1')
        file = Path((tmp_path / "where").read_text().strip())
        try:
            assert '"note": "second"' in file.read_text()
        finally:
            file.unlink()
            file.parent.rmdir()
        assert '"typed": 1' in draft_texts(dbtui)
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("Done: edit item")
    assert shop.get(order) == {**order, "typed": {"N": "1"}}


def test_an_editor_that_leaves_bad_json_is_opened_again_with_the_same_text(
    dbtui: Dbtui, shop: Shop, order: Item, tmp_path: Path
) -> None:
    spoil = 'sed -i \'s/"note": "first"/"note": first/\' "$1"'
    mend = 'sed -i \'s/"note": first/"note": "mended"/\' "$1"'
    editor = script(tmp_path, spoil, "exit 0", mend)
    with items_screen(dbtui, place(order), EDITOR=editor) as shown:
        open_editor(shown)
        shown.keys("C-o")
        shown.until("Not an item yet", "enter opens your editor there")
        assert '"note": first' in draft_texts(dbtui)
        shown.keys("Enter")
        shown.until("left the text as it was", '"note": first')
        shown.keys("C-o")
        shown.until('"note": "mended"', "1 change")
        shown.keys("C-s")
        answer_plan(shown)
        shown.until("Done: edit item")
    header_and_text = (tmp_path / "seen-2").read_text()
    assert '"note": first' in header_and_text
    assert header_and_text == (tmp_path / "seen-3").read_text()
    assert shop.get(order) == {**order, "note": {"S": "mended"}}


def test_killed_while_the_editor_has_the_terminal(dbtui: Dbtui, order: Item, tmp_path: Path) -> None:
    """What was typed before is a draft; what was typed in the editor is in its file."""
    editor = script(tmp_path, "echo $$ > pid; exec sleep 60")
    with items_screen(dbtui, place(order), EDITOR=editor) as shown:
        open_editor(shown)
        shown.type(', "typed": 1')
        shown.keys("C-o")
        wait_until((tmp_path / "pid").exists)
        assert '"typed": 1' in draft_texts(dbtui)
        kill(shown)
        with suppress(ProcessLookupError):
            os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert '"typed": 1' in draft_texts(dbtui)
