"""List panes: rows and tree, honest counts, failures by scope, cancelling, late answers, filter, sort, marks."""

from __future__ import annotations

import pytest
from tests.ui.conftest import (
    AWAY,
    BUSY,
    DENIED,
    HOME,
    cluster,
    instance,
    names,
    pane_of,
    ref,
    running,
    screen_text,
    table,
    wait_for,
)
from textual import events

from dbtui.domain.failures import Failure, FailureKind
from dbtui.gateway.fake import FakeGateway
from dbtui.ui.widgets.filter_bar import FilterBar


async def test_clusters_hold_their_writer_and_readers(make_app):
    app = make_app()
    async with running(app):
        pane = pane_of(app)
        assert names(pane) == [
            "aurora-main",
            "aurora-main-1",
            "aurora-main-2",
            "billing-db",
            "legacy-crm",
            "orders-db",
            "reports-db",
        ]
        roles = [pane.view.cells(row)[1].text.strip() for row in range(3)]
        assert roles == ["", "W", "R"]
        assert pane.table.cursor_row == 0


async def test_status_line_counts_everything_and_says_how_old_it_is(make_app):
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "as of" in screen_text(app), "the status line")
        assert "7 of 7 · 1 cluster, 6 instances · as of 09:12:05 UTC" in screen_text(app)


async def test_folding_hides_members_until_a_filter_looks_for_them(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        await pilot.press("down", "z")
        await wait_for(pilot, lambda: pane.view.row_count == 5, "the cluster to fold")
        assert names(pane)[0] == "aurora-main"
        assert pane.table.cursor_id == ref("cluster", "aurora-main")
        await pilot.press("slash", *"aurora-main-2")
        await wait_for(pilot, lambda: "aurora-main-2" in names(pane), "the member to be found")
        await pilot.press("escape", "z")
        await wait_for(pilot, lambda: pane.view.row_count == 7, "the cluster to unfold")


async def test_first_page_shows_while_more_is_loading(make_app, gateway: FakeGateway):
    gateway.page_size = 2
    for number in range(5):
        gateway.put(table(f"t{number}"))
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb", "the pane")
        await wait_for(pilot, lambda: pane_of(app).fleet.answered, "the list")
        pane = pane_of(app)
        gate = gateway.gate("dynamodb:ListTables")
        await pilot.press("r")
        await wait_for(pilot, lambda: pane.fleet.loading, "the refresh")
        assert "refreshing" in pane.status
        gate.set()
        await wait_for(pilot, lambda: not pane.fleet.loading, "the end of the refresh")


async def test_stopped_load_keeps_its_rows_and_says_that_they_are_not_all(make_app, gateway: FakeGateway):
    gateway.page_size = 2
    gateway.put(*(table(f"t{number}") for number in range(5)))
    app = make_app()
    async with running(app) as pilot:
        gate = gateway.gate("dynamodb:ListTables")
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb", "the pane")
        pane = pane_of(app)
        await wait_for(pilot, lambda: pane.fleet.loading, "the load")
        assert "loading… esc stops" in pane.status
        gateway.heal()
        second = gateway.gate("dynamodb:DescribeTable")
        gate.set()
        await wait_for(pilot, lambda: pane.fleet.rows.row_count >= 2, "the first page")
        second.set()
        await wait_for(pilot, lambda: not pane.fleet.loading, "the rest")
        assert "8 of 8" in pane.status


async def test_escape_stops_and_late_pages_change_nothing(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        gate = gateway.gate("rds:DescribeDBInstances")
        gateway.put(instance("newcomer"))
        await pilot.press("r")
        await wait_for(pilot, lambda: pane.fleet.loading, "the refresh")
        await pilot.press("escape")
        await wait_for(pilot, lambda: not pane.fleet.loading, "the stop")
        gate.set()
        await pilot.pause()
        assert "newcomer" not in names(pane)
        assert "stopped at 7, incomplete · r reloads" in pane.status
        gateway.heal()
        await pilot.press("r")
        await wait_for(pilot, lambda: "newcomer" in names(pane), "the reload")
        assert "8 of 8" in pane.status


async def test_answers_of_an_older_load_never_overwrite_newer_ones(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app):
        fleet = pane_of(app).fleet
        old, parts = fleet.begin((HOME,))
        newer, _ = fleet.begin((HOME,))
        gateway.put(instance("late"))
        await fleet.load_all(parts, old)
        assert fleet.rows.model(ref("instance", "late")) is None
        assert fleet.loading
        await fleet.load_all(parts, newer)
        assert fleet.rows.model(ref("instance", "late")) is not None
        assert not fleet.loading


async def test_refresh_removes_what_is_gone_and_keeps_the_cursor(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        pane.table.move_to(ref("instance", "orders-db"))
        gateway.remove(ref("instance", "billing-db"))
        await pilot.press("r")
        await wait_for(pilot, lambda: "billing-db" not in names(pane), "the row to go")
        assert pane.table.cursor_id == ref("instance", "orders-db")


async def test_refresh_that_finds_nothing_new_draws_no_row(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        before, generation = pane.view.revision, pane.fleet.generation
        await pilot.press("r")
        await wait_for(pilot, lambda: pane.fleet.generation > generation, "the refresh")
        await wait_for(pilot, lambda: not pane.fleet.loading, "its end")
        assert pane.view.revision == before


async def test_failure_of_one_scope_is_named_while_the_other_shows(make_app, gateway: FakeGateway):
    gateway.put(instance("far-db", target=AWAY))
    gateway.fail("rds:DescribeDBInstances", DENIED, HOME)
    app = make_app(HOME, AWAY)
    async with running(app, (140, 40)) as pilot:
        await wait_for(pilot, lambda: "Access denied" in screen_text(app), "the failure")
        text = screen_text(app)
        assert "eu-west-1 demo: Access denied: rds:DescribeDBInstances." in text
        assert "far-db" in text
        assert "lists could not be read" in pane_of(app).status


async def test_everything_denied_fills_the_pane_with_the_reason(make_app, gateway: FakeGateway):
    gateway.fail("*", DENIED)
    app = make_app()
    async with running(app, (40, 10)) as pilot:
        await wait_for(pilot, lambda: "Access denied" in screen_text(app), "the reason")
        assert "Ask for this action" in screen_text(app)


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_expired_credentials_keep_old_rows_and_say_so(make_app, gateway: FakeGateway, size):
    app = make_app()
    expired = Failure(FailureKind.CREDENTIALS, "The credentials of demo expired.", hint="Log in: aws sso login.")
    async with running(app, size) as pilot:
        gateway.fail("*", expired)
        await pilot.press("r")
        await wait_for(pilot, lambda: pane_of(app).fleet.failures, "the failure")
        assert names(pane_of(app))
        await wait_for(pilot, lambda: "expired" in screen_text(app), "the words")
        assert pane_of(app).fleet.is_stale(ref("instance", "orders-db"))


async def test_empty_list_says_where_it_looked(make_app, gateway: FakeGateway):
    app = make_app(AWAY)
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "No instances or clusters in us-east-1 for dev." in screen_text(app), "it")
        assert "p another region or profile" in screen_text(app)


async def test_filter_words_keys_and_negation(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        for text, expected in [
            ("-db", ["billing-db", "orders-db", "reports-db"]),
            ("-DB postgres", ["orders-db", "reports-db"]),
            ("status=stopped", ["legacy-crm"]),
            ("!aurora -db !billing", ["orders-db", "reports-db"]),
            ("class=m7g engine=mysql", ["billing-db", "legacy-crm"]),
            ("nothing-of-the-kind", []),
        ]:
            pane.filter_by(text)
            await wait_for(pilot, lambda want=expected: names(pane) == want, f"filter {text}")


async def test_typing_filters_at_once_and_escape_shows_all(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        await pilot.press("slash", *"billing")
        await wait_for(pilot, lambda: names(pane) == ["billing-db"], "the filter")
        assert "1 of 7 match" in pane.status
        await pilot.press("enter")
        await wait_for(pilot, lambda: pane.table.has_focus, "the list to have the focus")
        assert pane.query_one(FilterBar).display
        await pilot.press("escape")
        await wait_for(pilot, lambda: len(names(pane)) == 7, "all rows")
        assert not pane.query_one(FilterBar).display


async def test_next_match_works_after_the_filter_was_dropped(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        await pilot.press("slash", *"-db", "escape")
        await wait_for(pilot, lambda: len(names(pane)) == 7 and pane.table.has_focus, "all rows")
        await pilot.press("home", "n")
        await wait_for(pilot, lambda: pane.table.cursor_id == ref("instance", "billing-db"), "the next match")
        await pilot.press("N")
        await wait_for(pilot, lambda: pane.table.cursor_id == ref("instance", "reports-db"), "the one before, around")


async def test_filter_while_loading_says_that_there_may_be_more(make_app, gateway: FakeGateway):
    gate = gateway.gate("rds:DescribeDBClusters")
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await wait_for(pilot, lambda: app.main.pane and app.main.pane.fleet.rows.row_count == 6, "the instances")
        pane = pane_of(app)
        pane.filter_by("orders")
        await wait_for(pilot, lambda: names(pane) == ["orders-db"], "the filter")
        pane.fleet.answered.clear()
        assert "1 of 6+ loaded so far match" in pane.status
        gate.set()
        await wait_for(pilot, lambda: not pane.fleet.loading, "the rest")
        assert "1 of 7 match" in pane.status


async def test_problems_only(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        await pilot.press("exclamation_mark")
        await wait_for(pilot, lambda: names(pane) == ["legacy-crm", "reports-db"], "the problems")
        assert "2 of 7 with problems" in pane.status
        await pilot.press("exclamation_mark")
        await wait_for(pilot, lambda: len(names(pane)) == 7, "all rows")


async def test_sort_chooser_sorts_and_turns_around(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        await pilot.press("o")
        await wait_for(pilot, lambda: app.screen is not app.main, "the chooser")
        await pilot.press("down", "enter")
        await wait_for(pilot, lambda: pane.table.sort_spec.column == "status", "the order")
        await wait_for(pilot, lambda: names(pane)[0] == "reports-db", "what needs attention first")
        await pilot.press("o", "enter")
        await wait_for(pilot, lambda: pane.table.sort_spec.descending, "the other way round")


async def test_marks_survive_sorting_and_are_counted(make_app):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        pane.table.move_to(ref("instance", "billing-db"))
        await pilot.press("space", "space")
        assert {model.id for model in pane.chosen} == {"billing-db", "legacy-crm"}
        pane.sort_by("status")
        await wait_for(pilot, lambda: names(pane)[0] == "reports-db", "the order")
        assert "2 marked" in pane.status
        await pilot.press("escape")
        assert not pane.table.marks


async def test_names_with_markup_and_control_characters_are_shown_as_they_are(make_app, gateway: FakeGateway):
    gateway.put(instance("evil[/b]\x1b[31m[red]"))
    app = make_app()
    async with running(app) as pilot:
        await wait_for(pilot, lambda: "evil[/b]\\x1b[31m[red]" in screen_text(app), "the escaped name")
        pane_of(app).table.move_to(ref("instance", "evil[/b]\x1b[31m[red]"))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.screen is not app.main, "the detail")
        await pilot.press("escape", "y")
        await wait_for(pilot, lambda: "Copy of evil[/b]" in screen_text(app), "the copy menu")


async def test_rows_in_transition_are_followed_in_one_call(make_app, gateway: FakeGateway):
    app = make_app(pace=BUSY)
    async with running(app) as pilot:
        pane = pane_of(app)
        gateway.put(instance("billing-db", "available"))
        await wait_for(
            pilot, lambda: pane.fleet.rows.model(ref("instance", "billing-db")).status == "available", "the change"
        )
        polls = [call for call in gateway.called("rds:DescribeDBInstances") if call.parameters["ids"]]
        assert set(polls[0].parameters["ids"]) == {"aurora-main-2", "billing-db"}
        gateway.remove(ref("instance", "aurora-main-2"))
        await wait_for(pilot, lambda: "aurora-main-2" not in names(pane), "the row that vanished")


async def test_changed_rows_are_lit_and_released(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        gateway.put(instance("orders-db", "modifying"))
        await pilot.press("r")
        orders = ref("instance", "orders-db")
        await wait_for(pilot, lambda: pane._row_state(orders) == "changed", "the light")
        pane._unlight(frozenset({orders}))
        assert pane._row_state(orders) == ""


async def test_refreshing_pauses_when_nobody_is_there(make_app, gateway: FakeGateway, clock):
    for row in ("billing-db", "aurora-main-2"):
        gateway.remove(ref("instance", row))
    app = make_app(pace=BUSY)
    async with running(app) as pilot:
        pane = pane_of(app)
        clock.advance(901)
        await wait_for(pilot, lambda: pane.loader.poller.paused, "the pause")
        assert "refresh paused after 15 min without a key" in pane.status
        await pilot.press("down")
        await wait_for(pilot, lambda: not pane.loader.poller.paused, "to go on")


async def test_tables_are_described_from_the_top_until_all_are(make_app, gateway: FakeGateway):
    gateway.put(*(table(f"table-{number:03}") for number in range(250)))
    app = make_app()
    async with running(app) as pilot:
        gate = gateway.gate("dynamodb:DescribeTable")
        await pilot.press("2")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "dynamodb", "the pane")
        pane = pane_of(app)
        await wait_for(pilot, lambda: pane.fleet.rows.row_count == 253, "the names")
        await wait_for(pilot, lambda: "of 253 described" in pane.status, "the count of described ones")
        await wait_for(pilot, lambda: len(gateway.called("dynamodb:DescribeTable")) == 16, "sixteen in flight")
        assert len(gateway.called("dynamodb:DescribeTable")) == 16
        gate.set()
        await wait_for(pilot, lambda: not pane.fleet.undescribed, "all descriptions")
        assert "described" not in pane.status
        asked = [call.parameters["table"] for call in gateway.called("dynamodb:DescribeTable")]
        assert len(asked) == len(set(asked)) == 253
        assert set(asked[:16]) <= set(names(pane)[:30])


async def test_a_kind_opens_as_a_list_of_its_own(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        await pilot.press("colon", *"parameter-groups", "enter")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "parameter-groups", "the pane")
        await wait_for(pilot, lambda: names(pane_of(app)) == ["pg16-tuned"], "the rows")
        await pilot.press("escape")
        await wait_for(pilot, lambda: pane_of(app).spec.name == "rds", "the pane before")


async def test_members_follow_a_failover_of_their_cluster(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        gateway.put(cluster("aurora-main", ["aurora-main-2", "aurora-main-1"]))
        await pilot.press("r")
        await wait_for(pilot, lambda: names(pane)[1] == "aurora-main-2", "the new writer on top")
        assert pane.view.cells(1)[1].text == "W"


async def test_a_row_that_the_filter_hides_cannot_be_acted_on(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        pane = pane_of(app)
        assert pane.current is not None
        pane.filter_by("nothing-has-this-name")
        await wait_for(pilot, lambda: pane.view.row_count == 0, "the empty list")
        assert pane.current is None
        await pilot.press("s")
        await wait_for(pilot, lambda: len(app.screen_stack) == 1, "no plan")
        assert gateway.executed == []


async def test_a_burst_of_keys_goes_where_each_of_them_belongs(make_app, gateway: FakeGateway):
    app = make_app()
    async with running(app) as pilot:
        for key in ("/", *"orders-db", "enter", "down", "up"):
            name = {"/": "slash", "-": "minus"}.get(key, key)
            app.post_message(events.Key(name, key if len(key) == 1 else None))  # all at once, as from a slow link
        pane = pane_of(app)
        await wait_for(pilot, lambda: pane.search.text == "orders-db" and app.focused is pane.table, "the filter")
        await wait_for(pilot, lambda: names(pane) == ["orders-db"], "the filtered list")
        assert len(app.screen_stack) == 1
        for key in (":", *"tables", "enter"):
            app.post_message(events.Key({":": "colon"}.get(key, key), key if len(key) == 1 else None))
        await wait_for(pilot, lambda: app.main.active_name == "dynamodb", "the jump")
        assert len(app.screen_stack) == 1
        assert gateway.executed == []


async def test_a_key_right_after_the_filter_is_for_the_list(make_app, gateway: FakeGateway):
    for _ in range(10):
        app = make_app()
        async with running(app) as pilot:
            pane = pane_of(app)
            for key in ("/", *"billing", "enter", "space"):
                name = {"/": "slash"}.get(key, key)
                app.post_message(events.Key(name, " " if key == "space" else key if len(key) == 1 else None))
            await wait_for(pilot, lambda pane=pane: len(pane.table.marks) == 1, "the mark on the filtered row")
            assert pane.search.text == "billing"
