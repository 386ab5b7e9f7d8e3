"""Places: what people type, copy and paste names exactly one resource, whatever its name contains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbtui.domain.failures import UsageError
from dbtui.domain.place import Place, parse_arn, parse_place

NAMES = st.text(min_size=1, max_size=30).filter(lambda text: text == text.strip() and "\ud800" not in text)


@given(kind=st.sampled_from(["instance", "table", "backup"]), identifier=NAMES, sub=st.lists(NAMES, max_size=3))
def test_a_place_reads_back_whatever_its_parts_contain(kind: str, identifier: str, sub: list[str]) -> None:
    place = Place(kind, identifier, tuple(sub))
    assert parse_place(str(place)) == place


@given(profile=NAMES, region=st.sampled_from(["eu-west-1", "us-gov-west-1"]), identifier=NAMES)
def test_a_scope_prefix_reads_back(profile: str, region: str, identifier: str) -> None:
    place = Place("instance", identifier, profile=profile, region=region)
    assert parse_place(str(place)) == place


def test_the_default_credential_chain_is_an_empty_profile() -> None:
    place = parse_place("@eu-west-1:instance/orders-db")
    assert (place.profile, place.region, place.kind, place.id) == ("", "eu-west-1", "instance", "orders-db")


@pytest.mark.parametrize("text", ["", " instance/x", "instance//x", "/x", "prod:instance/x", "prod@:instance/x"])
def test_nonsense_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_place(text)


@pytest.mark.parametrize(
    ("text", "resource_type", "path"),
    [
        ("arn:aws:rds:eu-west-1:123456789012:db:orders-db", "db", "orders-db"),
        ("arn:aws:rds:eu-west-1:123456789012:snapshot:rds:orders-2026", "snapshot", "rds:orders-2026"),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/orders/backup/01", "table", "orders/backup/01"),
    ],
)
def test_an_arn_splits_into_type_and_path(text: str, resource_type: str, path: str) -> None:
    arn = parse_arn(text)
    assert (arn.resource_type, arn.resource_path) == (resource_type, path)


@pytest.mark.parametrize("text", ["arn:aws:rds", "arn:aws::r:a:db:x", "arn:aws:rds:r:a:"])
def test_half_an_arn_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_arn(text)
