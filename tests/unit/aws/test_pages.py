"""Lists follow every page, whatever AWS puts on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from dbtui.aws.pages import BACKUPS, INSTANCES, TABLES, TAGS, Listing, pages
from dbtui.domain.failures import AwsError, FailureKind

ALL = [INSTANCES, TABLES, BACKUPS, TAGS]


class Source:
    """Answers with prepared pages and keeps the requests."""

    def __init__(self, *replies: Mapping[str, Any]) -> None:
        self.replies = list(replies)
        self.requests: list[Mapping[str, Any]] = []

    async def __call__(self, operation: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        self.requests.append(parameters)
        return self.replies.pop(0)


@pytest.mark.parametrize("listing", ALL, ids=lambda listing: listing.operation)
async def test_tokens_are_handed_back_until_there_is_none(listing: Listing) -> None:
    source = Source(
        {listing.items: ["a"], listing.tells: "token-1"},
        {listing.items: [], listing.tells: "token-2"},
        {listing.items: ["b"], listing.tells: ""},
    )

    found = [page async for page in pages(source, listing, {"Given": "x"})]

    assert found == [(["a"], False), ([], False), (["b"], True)]
    assert [request.get(listing.asks) for request in source.requests] == [None, "token-1", "token-2"]
    assert all(request["Given"] == "x" for request in source.requests)
    if listing.size:
        assert all(request[listing.size] == 100 for request in source.requests)


@pytest.mark.parametrize("listing", ALL, ids=lambda listing: listing.operation)
async def test_a_repeated_token_ends_in_an_error(listing: Listing) -> None:
    again = {listing.items: ["a"], listing.tells: "same"}

    with pytest.raises(AwsError) as caught:
        [page async for page in pages(Source(again, again, again), listing, {})]

    assert caught.value.failure.kind is FailureKind.SERVICE


async def test_ids_become_filters_in_chunks_and_only_the_very_last_page_is_last() -> None:
    ids = [f"db-{number}" for number in range(250)]
    source = Source({"DBInstances": ["a"], "Marker": "m"}, {"DBInstances": ["b"]}, {"DBInstances": []}, {})

    found = [page async for page in pages(source, INSTANCES, {}, ids)]

    assert [last for _, last in found] == [False, False, False, True]
    values = [request["Filters"][0]["Values"] for request in source.requests]
    assert [len(chunk) for chunk in values] == [100, 100, 100, 50]
    assert values[0] == values[1] and values[3][-1] == "db-249"


async def test_an_empty_list_is_one_empty_last_page() -> None:
    assert [page async for page in pages(Source({}), TABLES, {})] == [([], True)]
