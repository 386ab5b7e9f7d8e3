"""Replies that hold items, read from their bytes: pages whose items stay as they came, and single items.

botocore's parser takes 0.3 s for a page of 1 MB, all of it on the event loop. Here a page is cut into its items, each
left as the bytes AWS sent, in a millisecond. What goes back to AWS (LastEvaluatedKey, the image of an edited item) is
decoded, binary to ``bytes``: as base64 text it would be encoded twice and page wrongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.domain.values import Item
from dbtui.domain.wire import decode_item
from dbtui.gateway.protocol import ItemFound, ItemPage
from dbtui.gateway.raw_items import UncutItems

NOTHING = msgspec.Raw()
NULL = msgspec.Raw(b"null")


class PageBody(msgspec.Struct):
    """ScanOutput and QueryOutput. There are no ``Items`` with Select COUNT."""

    Count: int
    ScannedCount: int
    Items: list[msgspec.Raw] | None = None
    LastEvaluatedKey: msgspec.Raw = NOTHING
    ConsumedCapacity: dict[str, Any] | None = None


class ItemBody(msgspec.Struct):
    """GetItemOutput."""

    Item: msgspec.Raw = NOTHING
    ConsumedCapacity: dict[str, Any] | None = None


class WriteBody(msgspec.Struct):
    """What PutItem, UpdateItem and DeleteItem answer; ItemCollectionMetrics are not asked for."""

    Attributes: msgspec.Raw = NOTHING
    ConsumedCapacity: dict[str, Any] | None = None


_BODIES: Mapping[str, msgspec.json.Decoder[Any]] = {
    "ScanOutput": msgspec.json.Decoder(PageBody),
    "QueryOutput": msgspec.json.Decoder(PageBody),
    "GetItemOutput": msgspec.json.Decoder(ItemBody),
    "PutItemOutput": msgspec.json.Decoder(WriteBody),
    "UpdateItemOutput": msgspec.json.Decoder(WriteBody),
    "DeleteItemOutput": msgspec.json.Decoder(WriteBody),
}


_ITEMS = b'"Items":['
_BEHIND_ITEMS = (b'],"LastEvaluatedKey":{', b'],"ScannedCount":')
_AROUND = 8192  # bytes within which the other members stand, a key of 3 kB and an index's among them

_OUTLINE = msgspec.json.Decoder(dict[str, msgspec.Raw])
_REASONS = msgspec.json.Decoder(list[dict[str, str]])


def reads(shape_name: str) -> bool:
    """Whether :func:`read` knows the reply of this shape."""
    return shape_name in _BODIES


def read(shape_name: str, body: bytes, *, count_items: bool = True) -> dict[str, Any]:
    """The members of a reply, those that AWS left out absent. ``Items`` are undecoded; ``LastEvaluatedKey``, ``Item``
    and ``Attributes`` are decoded. Raises ``ValueError`` for a body of another shape."""
    decoded = _BODIES[shape_name].decode(body or b"{}")
    found = {name: getattr(decoded, name) for name in decoded.__struct_fields__}
    reply = {
        name: decode_item(value) if isinstance(value, msgspec.Raw) else value
        for name, value in found.items()
        if value is not None and value not in (NOTHING, NULL)
    }
    if count_items and "Items" in reply and len(reply["Items"]) != reply["Count"]:
        raise ValueError(f"{len(reply['Items'])} items where Count is {reply['Count']}")
    return reply


def read_uncut(action: str, body: bytes) -> dict[str, Any]:
    """The reply of Scan or Query from a body that is known to be whole, its ``Items`` not even cut apart.

    AWS writes the members in alphabetical order, so what stands around ``Items`` is found from both ends: a ``]`` that
    a member follows closes ``Items``, as within an item every list ends its own value. What does not look so is read
    by :func:`read`. Raises ``ValueError`` for a body of another shape.
    """
    shape_name = f"{action}Output"
    start, end = body.find(_ITEMS, 0, _AROUND), max(body.rfind(mark, -_AROUND) for mark in _BEHIND_ITEMS)
    if start < 0 or end < start:
        return read(shape_name, body)
    reply = read(shape_name, body[: start + len(_ITEMS)] + body[end:], count_items=False)
    reply["Items"] = UncutItems(body, reply["Count"], _cut)
    return reply


def _cut(body: bytes) -> list[msgspec.Raw]:
    try:
        items: list[msgspec.Raw] = read("ScanOutput", body)["Items"]
    except (ValueError, KeyError) as error:
        title = "A page of items cannot be read: it is not DynamoDB's JSON."
        raise AwsError(Failure(FailureKind.SERVICE, title, detail=str(error), service="dynamodb")) from error
    return items


def throttling_reasons(body: bytes) -> list[dict[str, str]]:
    """The ThrottlingReasons in the body of an error, in either spelling; empty when there are none."""
    try:
        members = _OUTLINE.decode(body)
        return _REASONS.decode(members.get("ThrottlingReasons") or members.get("throttlingReasons") or b"[]")
    except msgspec.DecodeError:
        return []


def item_page(operation: str, asked: Mapping[str, Any], reply: Mapping[str, Any]) -> ItemPage:
    """The page in the reply of Scan or Query.

    Raises :class:`AwsError` SERVICE when it continues where it began, which would never end, and when items were asked
    for and there is no list of them.
    """
    last_key: Item | None = reply.get("LastEvaluatedKey") or None
    title = ""
    if last_key is not None and last_key == asked.get("ExclusiveStartKey"):
        title = f"{operation} repeats a page: the items cannot be read to their end."
    elif "Items" not in reply and asked.get("Select") != "COUNT":
        title = f"{operation} answered without items: the reply is not AWS's."
    if title:
        raise AwsError(Failure(FailureKind.SERVICE, title, service="dynamodb", operation=f"dynamodb:{operation}"))
    return ItemPage(reply.get("Items", []), reply["ScannedCount"], last_key, _units(reply))


def item_found(reply: Mapping[str, Any]) -> ItemFound:
    """The reply of GetItem."""
    return ItemFound(reply.get("Item"), _units(reply))


def _units(reply: Mapping[str, Any]) -> float | None:
    units = reply.get("ConsumedCapacity", {}).get("CapacityUnits")
    return float(units) if isinstance(units, int | float) else None
