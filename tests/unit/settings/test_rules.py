"""Protection: production is recognised by whole words, and the configuration's rules decide first."""

from __future__ import annotations

import pytest

from dbtui.domain.policy import scope_names
from dbtui.domain.scope import UNKNOWN_ACCOUNT, Scope
from dbtui.settings import Rule, Settings, policy_from
from dbtui.settings.rules import production_word


def scope(profile: str = "dev", *, account: str = "111122223333", alias: str = "", region: str = "eu-west-1") -> Scope:
    return Scope(profile, account, region, alias=alias)


@pytest.mark.parametrize(
    "name", ["prod", "prod-eu", "acme_production", "PRD", "eu.live", "AcmeProd", "prod2", "my-prod-eu"]
)
def test_names_that_say_production(name: str) -> None:
    assert production_word(name)
    assert policy_from(Settings())(scope(name)).protected


@pytest.mark.parametrize(
    "name",
    ["nonprod", "non-prod", "pre_prod", "preprod", "product", "delivery", "livestream", "dev", "", "reproduction"],
)
def test_names_that_do_not(name: str) -> None:
    assert not production_word(name)
    assert not policy_from(Settings())(scope(name)).protected


def test_an_account_alias_protects_as_well() -> None:
    verdict = policy_from(Settings())(scope("default", alias="acme-production"))
    assert verdict.protected
    assert "acme-production" in verdict.protected_why


def test_an_unknown_account_is_protected() -> None:
    assert policy_from(Settings())(scope(account=UNKNOWN_ACCOUNT)).protected


def test_the_first_matching_rule_decides() -> None:
    rules = (
        Rule(account="111122223333", protected=True, line=3),
        Rule(profile="prod*", protected=False, line=7),
    )
    policy = policy_from(Settings(rules=rules))
    assert policy(scope("prod-eu")).protected
    assert not policy(scope("prod-eu", account="999999999999")).protected


def test_a_rule_makes_a_region_read_only() -> None:
    policy = policy_from(Settings(rules=(Rule(region="us-*", read_only=True, line=2),)))
    assert policy(scope(region="us-east-1")).read_only
    assert "line 2" in policy(scope(region="us-east-1")).read_only_why
    assert not policy(scope()).read_only


def test_the_option_read_only_holds_everywhere() -> None:
    policy = policy_from(Settings(rules=(Rule(read_only=False, line=1),)), read_only=True)
    assert policy(scope()).read_only


def test_a_scope_is_named_by_profile_alias_or_account() -> None:
    named = scope("prod", alias="acme-prod")
    verdict = policy_from(Settings())(named)
    assert scope_names(named) == ("prod", "acme-prod", "111122223333")
    assert verdict.accepts_name(named, "111122223333")
    assert not verdict.accepts_name(named, "")
    assert not verdict.accepts_name(named, "Prod")
    assert not policy_from(Settings())(scope("", account="?")).accepts_name(scope("", account="?"), "?")
