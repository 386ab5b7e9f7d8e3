"""The plan screen: it shows what would be sent, takes consent at the right level, and only for what it shows."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.ui.action_fakes import READ_ONLY, FakeGateway, Hand, Host, make_core, shown, until
from tests.unit.actions.builders import PROD, SCOPE, instance, table
from textual.pilot import Pilot
from textual.widgets import Button, Input

from dbtui.actions import by_name
from dbtui.actions.guards import ArmState
from dbtui.actions.model import Action, Call, Confirm, Plan, PlanContext, Values
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.models import Resource
from dbtui.ui.screens.plan import PlanScreen
from dbtui.ui.screens.plan_ask import Stage
from dbtui.ui.screens.plan_fields import TagsError, parse_tags, tags_text

SNAPSHOT = by_name("snapshot")
REBOOT = by_name("reboot")
PROPOSED = "orders-db-20261123-0915"


async def plan_deletion(context: PlanContext, resource: Resource, values: Values) -> Plan:
    return Plan(
        action="delete",
        title=f"Delete instance/{resource.id}",
        subject=resource.ref,
        watch=resource.ref,
        incarnation="db-1",
        steps=(Call(operation="rds:DeleteDBInstance", parameters={"DBInstanceIdentifier": resource.id}),),
        confirm=Confirm.YES_NO,
        destructive=True,
    )


DELETE = dataclasses.replace(
    by_name("stop"), name="delete", title="Delete…", legal=lambda resource: None, plan=plan_deletion, destructive=True
)


class Bench:
    """A plan screen on an app of its own, with what it was given."""

    def __init__(self, action: Action, resources: Sequence[Resource], *, armed: bool, names: Sequence[str]) -> None:
        self.gateway = FakeGateway(names)
        self.clock = Hand()
        self.core = make_core(self.gateway, self.clock, armed=armed)
        self.screen = PlanScreen(self.core, action, resources)
        self.app = Host()
        self.pilot: Pilot[Any]

    async def ready(self, stage: Stage) -> None:
        await until(self.pilot, f"asks: {stage}", lambda: self.screen.stage is stage and self.screen.ready)

    async def reading(self) -> None:
        await until(self.pilot, "reads", lambda: self.screen.stage is Stage.READING)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def dismissed(self) -> tuple[Plan, ...] | None:
        await until(self.pilot, "dismissed", lambda: self.app.dismissed)
        assert self.app.result is None or isinstance(self.app.result, tuple)
        return self.app.result

    @property
    def text(self) -> str:
        return shown(self.app)

    @property
    def copied(self) -> str:
        return "".join(self.app.copied)


@asynccontextmanager
async def bench(
    action: Action,
    *resources: Resource,
    armed: bool = True,
    held: bool = False,
    fail: AwsError | None = None,
    names: Sequence[str] = (),
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[Bench]:
    it = Bench(action, resources, armed=armed, names=names)
    it.gateway.fail = fail
    if held:
        it.gateway.open.clear()
    async with it.app.run_test(size=size) as pilot:
        it.pilot = pilot
        it.app.push_screen(it.screen, it.app.keep)
        await until(pilot, "the screen is there", lambda: it.app.screen is it.screen)
        yield it


async def test_it_opens_at_once_and_says_that_it_reads() -> None:
    async with bench(SNAPSHOT, instance(), held=True) as it:
        await it.reading()
        await until(it.pilot, "it says so", lambda: "Reading" in it.text)
        await it.press("enter", "Y")
        it.gateway.open.set()
        await it.ready(Stage.CONFIRM)
        assert not it.app.dismissed, "a key pressed while reading was taken for an answer"


async def test_it_shows_steps_effects_undo_and_scope() -> None:
    async with bench(SNAPSHOT, instance(), names=["a", "b"]) as it:
        await it.ready(Stage.CONFIRM)
        text = it.text
    for words in (
        "dev ▸ 1111-2222-3333 ▸ eu-west-1",
        "CreateDBSnapshot",
        f"DBSnapshotIdentifier={PROPOSED}".split("=", maxsplit=1)[0],
        PROPOSED,
        "I/O pauses briefly",
        "manual snapshots used: 2 of 100",
        f"delete instance-snapshot/{PROPOSED}",
    ):
        assert words in text


async def test_enter_runs_a_snapshot_once() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("enter", "enter")
        plans = await it.dismissed()
    assert plans is not None
    assert [plan.values["name"] for plan in plans] == [PROPOSED]


async def test_escape_sends_nothing() -> None:
    async with bench(SNAPSHOT, instance(), held=True) as it:
        await it.press("escape")
        assert await it.dismissed() is None


async def test_an_edited_name_is_planned_anew() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("e", *"-x")
        await it.ready(Stage.CONFIRM)
        await it.press("enter")
        plans = await it.dismissed()
    assert plans is not None
    assert plans[0].values["name"] == f"{PROPOSED}-x"
    assert plans[0].calls[0].parameters["DBSnapshotIdentifier"] == f"{PROPOSED}-x"


async def test_a_stale_plan_cannot_be_confirmed_and_a_late_answer_is_ignored() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        it.gateway.open.clear()
        await it.press("e", *"-1")
        await it.reading()
        await it.press("enter", "enter", "enter")
        await until(it.pilot, "a first late question is under way", lambda: it.gateway.reads == 2)
        await it.press("e", *"2")
        await it.press("enter")
        await until(it.pilot, "a second question is under way", lambda: it.gateway.reads == 3)
        assert not it.app.dismissed
        it.gateway.open.set()
        await it.ready(Stage.CONFIRM)
        assert [plan.values["name"] for plan in it.screen.plans] == [f"{PROPOSED}-12"]


async def test_an_impossible_name_is_told_at_the_field_and_not_asked_for() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("e", "minus", "minus")
        await it.ready(Stage.INVALID)
        assert "no two hyphens" in it.text
        await it.press("enter", "enter")
        assert it.gateway.reads == 1
        assert it.screen.focused is it.screen.query_one("#param-name")
        await it.press("backspace", "backspace")
        await it.ready(Stage.CONFIRM)


async def test_a_taken_name_is_refused_with_the_field_still_there() -> None:
    async with bench(SNAPSHOT, instance(), names=[f"{PROPOSED}-2x"]) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("e", *"-2x")
        await it.ready(Stage.FAILED)
        assert "already taken" in it.text
        await it.press("backspace")
        await it.ready(Stage.CONFIRM)


async def test_tags_are_edited_and_the_proposed_name_stays() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        it.clock.pass_(minutes=1)
        await it.press("e", "tab", *"env=dev")
        await it.ready(Stage.CONFIRM)
        await it.press("enter")
        plans = await it.dismissed()
    assert plans is not None
    assert plans[0].values == {"name": PROPOSED, "tag": {"env": "dev"}}


async def test_yes_no_defaults_to_no() -> None:
    async with bench(REBOOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("enter")
        assert await it.dismissed() is None


@pytest.mark.parametrize("keys", [("Y",), ("left", "enter")])
async def test_yes_is_a_key_or_a_button(keys: tuple[str, ...]) -> None:
    async with bench(REBOOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press(*keys)
        assert await it.dismissed() is not None


async def test_the_copy_key_is_never_a_yes() -> None:
    async with bench(REBOOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("y")
        await until(it.pilot, "copied", lambda: bool(it.copied))
        assert not it.app.dismissed


async def test_no_is_a_key() -> None:
    async with bench(REBOOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("n")
        assert await it.dismissed() is None


async def test_what_destroys_needs_the_name() -> None:
    async with bench(DELETE, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("enter", "y", "enter")
        assert "That is not orders-db" in it.text
        assert it.screen.query_one("#plan-yes", Button).disabled
        await it.press("backspace", *"orders-db", "enter")
        assert await it.dismissed() is not None


async def test_several_rows_to_destroy_need_their_number() -> None:
    async with bench(DELETE, instance(), instance("crm")) as it:
        await it.ready(Stage.CONFIRM)
        assert "Type 2 to delete 2 resources" in it.text
        await it.press(*"2", "enter")
        plans = await it.dismissed()
    assert plans is not None
    assert [plan.subject.id for plan in plans] == ["orders-db", "crm"]


async def test_rows_that_cannot_take_part_are_left_out_and_named() -> None:
    rows = (instance(), instance("billing-db", status="stopped"), instance("crm"))
    async with bench(SNAPSHOT, *rows, size=(100, 40)) as it:
        await it.ready(Stage.CONFIRM)
        text = it.text
        assert "instance/billing-db: is stopped, must be available" in text
        assert "Snapshot 2 resources" in text
        assert not it.screen.query("#param-name"), "one name for several snapshots"
        await it.press("enter")
        plans = await it.dismissed()
    assert plans is not None
    assert [plan.subject.id for plan in plans] == ["orders-db", "crm"]


async def test_a_field_that_one_kind_lacks_is_not_offered() -> None:
    async with bench(SNAPSHOT, instance(), table()) as it:
        await it.ready(Stage.CONFIRM)
        assert not it.screen.query(Input).filter("#param-tag")


async def test_locked_writes_are_armed_by_enter_and_the_plan_is_still_to_confirm() -> None:
    async with bench(SNAPSHOT, instance(), armed=False) as it:
        await it.ready(Stage.ARM)
        assert "Writes are locked" in it.text
        await it.press("enter")
        await it.ready(Stage.CONFIRM)
        assert it.core.arming.state(SCOPE) is ArmState.ARMED
        assert not it.app.dismissed
        await it.press("enter")
        assert await it.dismissed() is not None


async def test_a_protected_scope_is_armed_by_its_name_only() -> None:
    async with bench(SNAPSHOT, instance(scope=PROD), armed=False) as it:
        await it.ready(Stage.ARM)
        assert "PROTECTED" in it.text
        assert it.screen.query_one("#plan").has_class("-protected")
        await it.press(*"acme", "enter")
        assert it.core.arming.state(PROD) is ArmState.LOCKED
        assert "That is not acme-prod" in it.text
        await it.press(*"-prod", "enter")
        await it.ready(Stage.CONFIRM)
        assert it.core.arming.state(PROD) is ArmState.ARMED


async def test_every_scope_of_the_plan_is_armed() -> None:
    async with bench(SNAPSHOT, instance(), instance(scope=PROD), armed=False) as it:
        await it.ready(Stage.ARM)
        await it.press("enter")
        await it.ready(Stage.ARM)
        assert it.core.arming.state(SCOPE) is ArmState.ARMED
        await it.press(*"acme-prod", "enter")
        await it.ready(Stage.CONFIRM)


async def test_arming_that_ran_out_is_asked_for_again() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        it.clock.pass_(minutes=16)
        await it.press("enter")
        await it.ready(Stage.ARM)
        assert not it.app.dismissed


async def test_read_only_refuses_and_offers_only_close_and_copy() -> None:
    async with bench(SNAPSHOT, instance(scope=READ_ONLY)) as it:
        await it.ready(Stage.READ_ONLY)
        assert "read-only" in it.text
        shown_buttons = {button.id for button in it.screen.query(Button) if button.display}
        assert shown_buttons == {"plan-no", "plan-copy"}
        await it.press("c")
        await until(it.pilot, "copied", lambda: bool(it.copied))
        await it.press("enter")
        assert await it.dismissed() is None


async def test_the_plan_is_copied_as_aws_cli() -> None:
    async with bench(SNAPSHOT, instance()) as it:
        await it.ready(Stage.CONFIRM)
        await it.press("y")
        await until(it.pilot, "copied", lambda: bool(it.copied))
        assert it.copied.startswith("aws rds create-db-snapshot --region eu-west-1 --profile dev --cli-input-json")
        assert not it.app.dismissed


async def test_a_failure_is_shown_with_its_hint_and_can_be_tried_again() -> None:
    failure = Failure(FailureKind.UNREACHABLE, "RDS cannot be reached.", hint="Check the proxy.", request_id="r-1")
    async with bench(SNAPSHOT, instance(), fail=AwsError(failure)) as it:
        await it.ready(Stage.FAILED)
        for words in ("RDS cannot be reached.", "Check the proxy.", "r-1", "Nothing was sent."):
            assert words in it.text
        it.gateway.fail = None
        await it.press("r")
        await it.ready(Stage.CONFIRM)


async def test_an_illegal_state_is_told() -> None:
    async with bench(SNAPSHOT, instance(status="stopped")) as it:
        await it.ready(Stage.FAILED)
        assert "is stopped, must be available" in it.text


async def test_text_from_aws_is_never_markup() -> None:
    row = instance("[/bold][red]x\x1b[2J", replica_source="[@click=app.quit]y[/]")
    async with bench(REBOOT, row, size=(120, 30)) as it:
        await it.ready(Stage.CONFIRM)
        assert "[/bold][red]x\\x1b[2J" in it.text


@pytest.mark.parametrize("size", [(80, 24), (40, 10)])
async def test_every_part_can_be_reached_by_keys(size: tuple[int, int]) -> None:
    async with bench(SNAPSHOT, instance(), size=size) as it:
        await it.ready(Stage.CONFIRM)
        bar = it.screen.query_one("#plan-ask").region
        assert bar.height >= 2
        assert bar.bottom <= size[1], "the question is out of sight"
        dialog = it.screen.query_one("#plan")
        await it.press(*["down"] * 20)
        await until(it.pilot, "scrolled to the end", lambda: dialog.scroll_offset.y == dialog.max_scroll_y)
        assert "Undo" in it.text
        await it.press("e")
        assert it.screen.focused is it.screen.query_one("#param-name")
        await it.press("tab", "tab")
        assert isinstance(it.screen.focused, Button)


def test_tags_are_read_as_typed() -> None:
    tags = {"env": "prod", "owner": "team a", "url": "a=b"}
    assert parse_tags('env=prod owner="team a" url=a=b') == tags
    assert parse_tags(tags_text(tags)) == tags
    assert parse_tags("  ") == {}


@pytest.mark.parametrize(
    ("text", "reason"), [("env", "not KEY=VALUE"), ("=x", "not KEY=VALUE"), ('a="b', "quote"), ("a=1 a=2", "twice")]
)
def test_what_is_not_a_tag_is_told(text: str, reason: str) -> None:
    with pytest.raises(TagsError, match=reason):
        parse_tags(text)
