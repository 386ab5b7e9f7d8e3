"""The rules behind the screens, without a terminal: filter words, jumps, copies, wording, ASCII, style sheets, keys."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.segment import Segment
from tests.ui.conftest import AWAY, HOME, cluster, instance, table
from textual.color import Color

from dbtui.domain import filters
from dbtui.domain.failures import Failure, FailureKind, UsageError
from dbtui.domain.rows import CellKind
from dbtui.domain.scope import Scope, Target
from dbtui.gateway.protocol import Notice
from dbtui.resources import Text
from dbtui.ui import copying, jumping, keymap, styles, wording
from dbtui.ui.ascii import AsciiFilter, needs_ascii, to_ascii
from dbtui.ui.cells import to_cell
from dbtui.ui.widgets.frame import spread


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("", True),
        ("!", True),
        ("status=", True),
        ("ORD", True),
        ("ord avail", True),
        ("ord stopped", False),
        ("!stopped", True),
        ("!ord", False),
        ("status=avail", True),
        ("status=orders", False),
        ("!status=stopped", True),
        ("engine=postgres", True),
        ("nosuchkey=1", False),
        ("a=b", True),
    ],
)
def test_filter_words(text, matches):
    known = {"status": ["available"], "engine": ["postgres"]}
    assert filters.matches(filters.parse(text), lambda: ["orders a=b", "available"], known.get) is matches


LOADED = [instance("orders-db"), instance("billing-db"), cluster("aurora", []), table("orders-db")]


def test_jump_to_panes_kinds_and_commands():
    assert jumping.understand(":rds", LOADED, (HOME,)) == jumping.ToPane("rds", None)
    assert jumping.understand("tables prod eu", LOADED, (HOME,)) == jumping.ToPane("dynamodb", "prod eu")
    assert jumping.understand("activity", LOADED, (HOME,)) == jumping.ToPane("activity", None)
    assert jumping.understand("pg", LOADED, (HOME,)) == jumping.ToPane("parameter-groups", None)
    assert jumping.understand("q", LOADED, (HOME,)) == jumping.ToCommand("quit")


def test_jump_to_resources_prefers_databases():
    found = jumping.understand("orders-db", LOADED, (HOME,))
    assert isinstance(found, jumping.ToResource)
    assert found.model.ref.kind == "instance"
    place = jumping.understand("dev@us-east-1:table/x", LOADED, (HOME,))
    assert isinstance(place, jumping.ToPlace)
    assert place.located.targets == (AWAY,)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("instnaces", "instances"), ("orders-dbb", "orders-db"), ("instance/", "")],
)
def test_jump_that_leads_nowhere_names_near_matches(text, hint):
    with pytest.raises(UsageError) as caught:
        jumping.understand(text, LOADED, (HOME,))
    assert hint in caught.value.failure.sentence


def test_jump_to_a_name_in_two_scopes_asks_which():
    twice = [instance("orders-db"), instance("orders-db", target=AWAY)]
    with pytest.raises(UsageError, match="2 resources are named orders-db"):
        jumping.understand("orders-db", twice, (HOME, AWAY))


def test_suggestions_begin_with_what_begins_alike():
    texts = [suggestion.text for suggestion in jumping.suggest("or", LOADED)]
    assert texts[0] == "instance/orders-db"
    assert "rds" in [suggestion.text for suggestion in jumping.suggest("", LOADED)]


def test_copies_of_an_instance():
    labels = {choice.label: choice.value for choice in copying.choices(instance("orders-db"), "orders-db  available")}
    assert labels["place"] == "demo@eu-west-1:instance/orders-db"
    assert labels["endpoint"] == "orders-db.c9abcdef.eu-west-1.rds.amazonaws.com:5432"
    command = "aws rds describe-db-instances --db-instance-identifier orders-db --region eu-west-1 --profile demo"
    assert labels["AWS CLI command"] == command
    assert "database:id=orders-db" in labels["console URL"]
    assert labels["row as text"] == "orders-db  available"


def test_no_console_for_a_custom_endpoint():
    assert copying.console_url(table("t", target=Target("demo", "local", "http://127.0.0.1:1"))) == ""


def test_where_summarises_several_scopes():
    scopes = {HOME: Scope("demo", "123456789012", "eu-west-1")}
    assert wording.where((HOME,), scopes) == "demo ▸ 1234-5678-9012 ▸ eu-west-1"
    assert wording.where((HOME,), {}) == "demo ▸ … ▸ eu-west-1"
    assert wording.where((HOME, AWAY), scopes).startswith("2 scopes: demo, dev ▸ 1234-5678-9012, … ▸ ")
    assert wording.where((Target("", "r", "http://x"),), {}) == "default ▸ … ▸ r ▸ http://x"


def test_notices_and_failures_in_words():
    notice = Notice("throttled", HOME, operation="rds:X", attempt=2, delay=4)
    assert wording.notice_text(notice) == "throttled, retrying 2 in 4 s · rds:X in eu-west-1 demo"
    title, more = wording.failure_text(
        Failure(FailureKind.SERVICE, "AWS said\x1b no.", detail="why", hint="Wait.", request_id="r-1")
    )
    assert title == "AWS said\\x1b no."
    assert more == "Wait.\nwhy\nRequest r-1"


def test_missing_texts_sort_last_and_tuples_by_their_parts():
    assert to_cell(Text("–", "muted", None)).kind is CellKind.ABSENT
    assert to_cell(Text("", "", None)).text == " "
    attention, fine = to_cell(Text("▲", "", (0, "z"))), to_cell(Text("●", "", (4, "a")))
    assert attention.sort_key < fine.sort_key


def test_ascii_keeps_widths():
    for text in ("● available · 3 min", "▾ aurora ⚠", "日本", "éa"):
        assert to_ascii(text).isascii()
    assert to_ascii("▸ x") == "> x"
    assert len(to_ascii("日本")) == 4
    segments = AsciiFilter().apply([Segment("│x│"), Segment("plain")], Color(0, 0, 0))
    assert [segment.text for segment in segments] == ["|x|", "plain"]


@pytest.mark.parametrize(
    ("wish", "environ", "expected"),
    [
        (True, {"LANG": "en_US.UTF-8"}, True),
        (False, {"LANG": "C"}, False),
        (None, {"LANG": "en_US.UTF-8"}, False),
        (None, {"LANG": "en_US.utf8"}, False),
        (None, {"LC_ALL": "C", "LANG": "en_US.UTF-8"}, True),
        (None, {"LANG": "de_DE.ISO-8859-1"}, True),
    ],
)
def test_ascii_follows_wish_then_locale(wish, environ, expected):
    assert needs_ascii(wish, environ) is expected


@pytest.mark.parametrize("width", [1, 5, 16, 40, 200])
def test_spread_fills_exactly_the_width(width):
    line = spread([(" dbtui", "bold"), ("  demo ▸ 日本 ▸ eu-west-1", "")], [("writes locked ", "")], width)
    assert line.cell_length == width


def test_style_sheets_are_all_listed_and_all_there():
    folder = styles.styles_folder()
    assert sorted(path.name for path in folder.glob("*.tcss")) == sorted(styles.SHEETS)


def test_style_sheets_use_no_colour_of_their_own_and_no_focus_within():
    for name in styles.SHEETS:
        text = re.sub(r"/\*.*?\*/", "", (styles.styles_folder() / name).read_text(), flags=re.S)
        values = re.findall(r":\s*([^;{}]+);", text)
        assert not [value for value in values if re.search(r"#[0-9a-fA-F]{3,8}\b|rgb\(", value)], name
        assert ":focus-within" not in text, name


def test_missing_style_sheets_are_a_packaging_error(tmp_path: Path):
    with pytest.raises(styles.PackagingError, match="without its style sheets"):
        styles.styles_folder(tmp_path / "package", tmp_path / "ui" / "styles.py")


def test_packaged_style_sheets_win(tmp_path: Path):
    (tmp_path / "styles").mkdir()
    assert styles.styles_folder(tmp_path) == tmp_path / "styles"


def test_keys_are_written_as_people_do():
    assert keymap.key_words("slash") == "/"
    assert keymap.key_words("ctrl+p") == "ctrl+p"
    assert keymap.key_words("escape") == "esc"


def test_rebinding_warns_of_unknown_ids_and_taken_keys():
    warnings: list[str] = []
    good = keymap.usable({"list.filter": "r", "no.such": "x"}, warnings)
    assert good == {"list.filter": "r"}
    assert any("no.such, which does not exist" in warning for warning in warnings)
    assert any("list.filter on r, which list.refresh has" in warning for warning in warnings)
