"""What each fault does to a call."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from dbtui.demo.faults import FaultRule
from dbtui.demo.identity import caller_arn
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.message import AwsRequest, Reply
from dbtui.demo.protocol.reply import error_reply, json_bytes_reply


@dataclass(frozen=True)
class Services:
    """What stands behind the faults."""

    answer: Callable[[AwsRequest], Reply]
    """The reply to a call that goes well."""
    dynamodb_throttled: Callable[[AwsRequest], AwsError]
    """DynamoDB's refusal for lack of capacity."""


def answer_with_faults(
    request: AwsRequest, rules: list[FaultRule], services: Services, ending: threading.Event
) -> Reply:
    """The reply to a call that `rules` strike; `ending` cuts delays short when the program ends."""
    for rule in rules:
        if rule.action == "delay":
            ending.wait(rule.seconds)
    struck = next((rule.action for rule in rules if rule.action != "delay"), None)
    if struck is None:
        return services.answer(request)
    return _ACTIONS[struck](request, services)


def _throttle(request: AwsRequest, services: Services) -> Reply:
    if request.service == "dynamodb":
        return error_reply(request, services.dynamodb_throttled(request))
    code = "ThrottlingException" if request.protocol == "json" else "Throttling"
    return error_reply(request, AwsError(code, "Rate exceeded"))


def _internal(request: AwsRequest, _: Services) -> Reply:
    code = "InternalServerError" if request.protocol == "json" else "InternalFailure"
    return error_reply(request, AwsError(code, "An internal error has occurred. Retry your request.", 500))


def _internal_after(request: AwsRequest, services: Services) -> Reply:
    """The call takes effect, but AWS says that it failed: a client cannot know which of the two 500s it has got."""
    services.answer(request)
    return _internal(request, services)


def _html(_: AwsRequest, __: Services) -> Reply:
    page = b"<html><head><title>503 Service Unavailable</title></head><body><h1>503</h1></body></html>"
    return Reply(503, page, "text/html")


def _garbage(request: AwsRequest, _: Services) -> Reply:
    """A 200 that is no reply, as from a captive portal. Stock botocore takes it for an empty JSON result."""
    content_type = request.amz_json if request.protocol == "json" else "text/xml"
    return Reply(200, b"<<neither XML & nor JSON", content_type)


def _expired(request: AwsRequest, _: Services) -> Reply:
    message = "The security token included in the request is expired"
    if request.protocol == "json":
        return error_reply(request, AwsError("ExpiredTokenException", message))
    return error_reply(request, AwsError("ExpiredToken", message, 403))


def _denied(request: AwsRequest, _: Services) -> Reply:
    code, status = ("AccessDeniedException", 400) if request.protocol == "json" else ("AccessDenied", 403)
    arn = f"arn:aws:{request.service}:{request.region}:{request.account}:*"
    message = (
        f"User: {caller_arn(request)} is not authorized to perform: {request.service}:{request.operation} "
        f"on resource: {arn} because no identity-based policy allows the {request.service}:{request.operation} action"
    )
    return error_reply(request, AwsError(code, message, status))


def _hang(_: AwsRequest, __: Services) -> Reply:
    return Reply(200, b"", "text/plain", wire="hang")


def _reset(_: AwsRequest, __: Services) -> Reply:
    return Reply(200, b"", "text/plain", wire="reset")


def _lost(request: AwsRequest, services: Services) -> Reply:
    """The call takes effect, but its reply never arrives."""
    return replace(services.answer(request), wire="reset")


def _truncated(request: AwsRequest, services: Services) -> Reply:
    return replace(services.answer(request), wire="truncated")


def _unprocessed(request: AwsRequest, services: Services) -> Reply:
    """Half of a batch (all of a batch of one) comes back undone, as when a table is short of capacity."""
    key = {"BatchWriteItem": "UnprocessedItems", "BatchGetItem": "UnprocessedKeys"}.get(request.operation)
    asked: dict[str, Any] = dict(request.document.get("RequestItems", {}))
    if key is None or not asked:
        return services.answer(request)
    done, left = _halves(asked, request.operation)
    reply = services.answer(_with_items(request, done)) if done else json_bytes_reply(request, b'{"Responses": {}}')
    if reply.status != 200:
        return reply
    result = json.loads(reply.body)
    if request.operation == "BatchWriteItem":
        result.pop("Responses", None)
    result[key] = left
    return json_bytes_reply(request, json.dumps(result).encode())


def _halves(asked: dict[str, Any], operation: str) -> tuple[dict[str, Any], dict[str, Any]]:
    done: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for table, part in asked.items():
        rows = part if operation == "BatchWriteItem" else part["Keys"]
        cut = len(rows) // 2
        for side, chosen in ((done, rows[:cut]), (left, rows[cut:])):
            if chosen:
                side[table] = chosen if operation == "BatchWriteItem" else {**part, "Keys": chosen}
    return done, left


def _with_items(request: AwsRequest, items: dict[str, Any]) -> AwsRequest:
    document = {**request.document, "RequestItems": items}
    http = replace(request.http, body=json.dumps(document).encode())
    return replace(request, document=document, http=http)


_ACTIONS: dict[str, Callable[[AwsRequest, Services], Reply]] = {
    "throttle": _throttle,
    "500": _internal,
    "500-after": _internal_after,
    "503-html": _html,
    "hang": _hang,
    "reset": _reset,
    "truncated": _truncated,
    "lost": _lost,
    "expired": _expired,
    "denied": _denied,
    "unprocessed": _unprocessed,
    "garbage": _garbage,
}
