"""Targets come from the local configuration, with words for what is mistyped."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbtui.aws.directory import AwsDirectory
from dbtui.aws.targets import available_profiles, available_regions, resolve_targets
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target

CONFIG = """
[default]
region = eu-west-1
[profile prod-eu]
region = eu-central-1
[profile prod-us]
region = us-east-1
[profile bare]
[profile local]
region = eu-west-1
endpoint_url = http://localhost:4566
[profile mixed]
region = eu-west-1
services = mine
[services mine]
dynamodb =
  endpoint_url = http://localhost:8000
"""


@pytest.fixture(autouse=True)
def config(aws_files: Path) -> None:
    (aws_files / "config").write_text(CONFIG)


def failure_of(*arguments: object, **options: object) -> str:
    with pytest.raises(AwsError) as caught:
        resolve_targets(*arguments, **options)  # type: ignore[arg-type]
    assert caught.value.failure.kind is FailureKind.CONFIG
    return caught.value.failure.sentence


def test_profiles_and_regions_combine() -> None:
    assert resolve_targets(["prod-eu", "prod-us"], ["eu-west-1", "us-west-2"]) == (
        Target("prod-eu", "eu-west-1"),
        Target("prod-eu", "us-west-2"),
        Target("prod-us", "eu-west-1"),
        Target("prod-us", "us-west-2"),
    )


def test_each_profile_has_its_own_region() -> None:
    found = resolve_targets(["prod-eu", "prod-us", "prod-eu"], [])

    assert found == (Target("prod-eu", "eu-central-1"), Target("prod-us", "us-east-1"))


def test_without_a_choice_it_is_the_default_profile() -> None:
    assert resolve_targets([], []) == (Target("", "eu-west-1"),)


def test_the_environment_chooses_profile_and_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod-us")
    assert resolve_targets([], []) == (Target("", "us-east-1"),), "keys in the environment win over AWS_PROFILE"
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert resolve_targets([], []) == (Target("prod-us", "us-east-1"),)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-3")
    assert resolve_targets([], []) == (Target("prod-us", "eu-west-3"),)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert resolve_targets([], []) == (Target("prod-us", "eu-north-1"),)


def test_no_region_at_all_says_what_to_do() -> None:
    assert "--region" in failure_of(["bare"], [])


def test_an_unknown_profile_names_near_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "prod-eu?" in failure_of(["prod-ue"], [])
    assert "There are: default, prod-eu" in failure_of(["zzz"], [])
    monkeypatch.setenv("AWS_PROFILE", "local2")
    assert "no profile local2" in failure_of([], [])
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "Did you mean local?" in failure_of([], [])


@pytest.mark.parametrize(
    ("region", "words"),
    [("eu-wset-1", "eu-west-1"), ("us-esat-1", "us-east-1"), ("eucentral1", "reads like"), ("eu west", "reads like")],
)
def test_a_mistyped_region_is_not_asked(region: str, words: str) -> None:
    sentence = failure_of(["prod-eu"], [region])

    assert region in sentence and words in sentence


@pytest.mark.parametrize("region", ["eu-central-9", "xx-newland-1", "us-gov-west-1", "cn-north-1"])
def test_a_region_newer_than_the_sdk_is(region: str) -> None:
    assert resolve_targets(["prod-eu"], [region]) == (Target("prod-eu", region),)


def test_all_regions_are_those_of_the_partition() -> None:
    found = resolve_targets(["prod-eu"], [], all_regions=True)
    china = resolve_targets(["prod-eu"], ["cn-north-1"], all_regions=True)

    assert {"eu-central-1", "us-east-1"} <= {target.region for target in found}
    assert {target.region for target in china} == {"cn-north-1", "cn-northwest-1"}


def test_an_endpoint_given_or_configured_for_everything_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert resolve_targets(["prod-eu"], ["local"], "http://x:1") == (Target("prod-eu", "local", "http://x:1"),)
    assert resolve_targets(["local"], []) == (Target("local", "eu-west-1", "http://localhost:4566"),)
    assert resolve_targets(["mixed"], []) == (Target("mixed", "eu-west-1"),)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://env:2")
    assert resolve_targets(["prod-eu"], []) == (Target("prod-eu", "eu-central-1", "http://env:2"),)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    assert resolve_targets(["prod-eu"], []) == (Target("prod-eu", "eu-central-1"),)


def test_a_broken_configuration_file_is_named(aws_files: Path) -> None:
    (aws_files / "config").write_text("[unclosed\n")

    assert str(aws_files / "config") in failure_of([], [])


def test_what_there_is_to_choose() -> None:
    assert set(available_profiles()) == {"default", "prod-eu", "prod-us", "bare", "local", "mixed"}
    regions = available_regions()
    assert "eu-central-1" in regions
    assert regions.index("eu-central-1") < regions.index("cn-north-1")


async def test_the_directory_answers_off_the_loop() -> None:
    directory = AwsDirectory(endpoint="http://x:1")

    assert "prod-eu" in await directory.profiles()
    assert "eu-west-1" in await directory.regions()
    assert await directory.targets(["prod-eu"], []) == (Target("prod-eu", "eu-central-1", "http://x:1"),)
