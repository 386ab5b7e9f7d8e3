"""The write lock of the TUI and the confirmations of commands."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
import pytest

from dbtui.actions.guards import Arming, ArmState, command_needs
from dbtui.actions.model import Confirm, Plan
from dbtui.settings import Rule, Settings, policy_from
from tests.unit.actions.builders import NOW, PROD, SCOPE, instance

POLICY = policy_from(Settings(rules=(Rule(region="us-*", read_only=True, line=1),)))


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def arming(watch: Watch) -> Arming:
    return Arming(POLICY, watch)


def test_writes_are_locked_at_start_and_armed_for_one_scope(arming: Arming) -> None:
    assert arming.state(SCOPE) is ArmState.LOCKED
    assert arming.phrase(SCOPE) == ""
    assert arming.arm(SCOPE)
    assert arming.state(SCOPE) is ArmState.ARMED
    assert arming.state(PROD) is ArmState.LOCKED


def test_a_protected_scope_needs_its_name(arming: Arming) -> None:
    assert arming.phrase(PROD) == "acme-prod"
    assert not arming.arm(PROD)
    assert not arming.arm(PROD, "acme-dev")
    assert arming.arm(PROD, "acme-prod")
    assert arming.state(PROD) is ArmState.ARMED


def test_a_read_only_scope_cannot_be_armed(arming: Arming) -> None:
    scope = msgspec.structs.replace(SCOPE, region="us-east-1")
    assert not arming.arm(scope)
    assert arming.state(scope) is ArmState.READ_ONLY


def test_arming_ends_after_fifteen_idle_minutes(arming: Arming, watch: Watch) -> None:
    heard: list[str] = []
    arming.arm(SCOPE)
    arming.subscribe(lambda: heard.append(arming.state(SCOPE)))
    watch.now += timedelta(minutes=14)
    arming.touch()
    watch.now += timedelta(minutes=14)
    assert arming.state(SCOPE) is ArmState.ARMED
    watch.now += timedelta(minutes=2)
    assert arming.state(SCOPE) is ArmState.LOCKED
    assert heard == ["locked"]


def test_a_key_after_the_idle_time_does_not_arm_again(arming: Arming, watch: Watch) -> None:
    arming.arm(SCOPE)
    watch.now += timedelta(minutes=16)
    arming.touch()
    assert arming.state(SCOPE) is ArmState.LOCKED


def a_plan(scope: object = SCOPE, **changes: object) -> Plan:
    subject = instance(scope=scope).ref  # type: ignore[arg-type]
    plan = Plan(
        action="stop",
        title="Stop instance/orders-db",
        subject=subject,
        watch=subject,
        incarnation="db-1",
        steps=(),
        confirm=Confirm.YES_NO,
    )
    return msgspec.structs.replace(plan, **changes)


def test_additive_verbs_need_nothing_more_even_in_production() -> None:
    assert not command_needs(a_plan(PROD, additive=True), POLICY)


def test_other_verbs_need_a_yes() -> None:
    assert command_needs(a_plan(), POLICY).yes
    assert not command_needs(a_plan(), POLICY, yes=True)
    assert not command_needs(a_plan(), POLICY, confirm=["orders-db"])


def test_in_a_protected_scope_a_yes_is_not_enough() -> None:
    need = command_needs(a_plan(PROD), POLICY, yes=True)
    assert "acme-prod@eu-west-1 is protected" in need.scope
    assert not command_needs(a_plan(PROD), POLICY, confirm_scope=["444455556666"])
    assert command_needs(a_plan(PROD), POLICY, confirm_scope=["dev"]).scope


def test_destructive_verbs_need_the_resources_name_everywhere() -> None:
    destructive = a_plan(destructive=True)
    assert command_needs(destructive, POLICY, yes=True).resource
    assert not command_needs(destructive, POLICY, confirm=["orders-db"])
    both = a_plan(PROD, destructive=True)
    assert command_needs(both, POLICY, confirm=["orders-db"]).scope
    assert command_needs(both, POLICY, confirm_scope=["acme-prod"]).resource
    assert not command_needs(both, POLICY, confirm=["orders-db"], confirm_scope=["acme-prod"])
