"""Results and errors as replies in the protocol of their request."""

from __future__ import annotations

import base64
import json
import uuid
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dbtui.demo.protocol import query
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.message import AwsRequest, Reply

_DYNAMODB_NAMESPACES = {
    "dynamodb": "com.amazonaws.dynamodb.v20120810",
    "dynamodbstreams": "com.amazonaws.dynamodb.v20120810",
}
_COMMON_CODES = {"ThrottlingException", "ValidationException", "AccessDeniedException", "ExpiredTokenException"}
_MESSAGES = {"TransactionCanceledException": "Message"}
"""Errors that AWS writes with a capital."""
_COMMON_NAMESPACE = "com.amazon.coral.service"


def request_id() -> str:
    return str(uuid.uuid4())


def xml_reply(operation_model: Any, result: Mapping[str, Any]) -> Reply:
    rid = request_id()
    return Reply(200, query.write_result(operation_model, result, rid), "text/xml", {"x-amzn-RequestId": rid})


def json_reply(request: AwsRequest, result: Mapping[str, Any]) -> Reply:
    return json_bytes_reply(request, json.dumps(result, default=_plain, separators=(",", ":")).encode())


def json_bytes_reply(request: AwsRequest, body: bytes, status: int = 200) -> Reply:
    """DynamoDB's clients check `x-amz-crc32`, so it is always right for the body sent."""
    headers = {"x-amzn-RequestId": request_id(), "x-amz-crc32": str(zlib.crc32(body))}
    return Reply(status, body, request.amz_json, headers)


def error_reply(request: AwsRequest | None, error: AwsError) -> Reply:
    """The refusal as the caller's protocol spells it."""
    rid = request_id()
    if request is None or request.protocol == "query":
        return Reply(error.status, query.write_error(error, rid), "text/xml", {"x-amzn-RequestId": rid})
    if request.protocol == "json":
        name = _MESSAGES.get(error.code, "message")
        body = {"__type": f"{_namespace(request, error)}#{error.code}", **error.members, name: error.message}
        return json_bytes_reply(request, json.dumps(body).encode(), error.status)
    body = {"message": error.message}
    headers = {"x-amzn-RequestId": rid, "x-amzn-ErrorType": error.code}
    return Reply(error.status, json.dumps(body).encode(), "application/json", headers)


def _namespace(request: AwsRequest, error: AwsError) -> str:
    if error.code in _COMMON_CODES:
        return _COMMON_NAMESPACE
    return _DYNAMODB_NAMESPACES.get(request.service, _COMMON_NAMESPACE)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"cannot write {type(value).__name__} as JSON")
