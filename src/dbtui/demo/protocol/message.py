"""One HTTP request told apart into service, operation, account and region, and one HTTP reply."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

Protocol = Literal["query", "json", "rest"]
Wire = Literal["whole", "reset", "truncated", "hang"]

_SCOPE = re.compile(r"Credential=([^/,\s]+)/(\d+)/([^/,\s]+)/([^/,\s]+)/aws4_request")
_TARGET_SERVICES = {"DynamoDBStreams_20120810": "dynamodbstreams"}
_SIGNING_ALIASES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class HttpRequest:
    """The request as it came in; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """The reply, and how it is to be put on the wire (faults cut or drop it)."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    wire: Wire = "whole"


@dataclass(frozen=True)
class AwsRequest:
    """A signed AWS call. `form` holds a query-protocol body, `document` a JSON one."""

    http: HttpRequest
    service: str
    operation: str
    protocol: Protocol
    region: str
    access_key: str
    account: str
    form: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def amz_json(self) -> str:
        """The JSON content type the caller speaks (DynamoDB 1.0, most others 1.1)."""
        return self.http.headers.get("content-type") or "application/x-amz-json-1.0"


def read_request(http: HttpRequest, default_account: str) -> AwsRequest | None:
    """Tell the call apart by the credential scope in `Authorization`; None when the request is not signed."""
    scope = _SCOPE.search(http.headers.get("authorization", ""))
    if scope is None:
        return None
    access_key, _, region, signing_name = scope.groups()
    service = _SIGNING_ALIASES.get(signing_name, signing_name)
    account = _account_in(access_key) or default_account
    target = http.headers.get("x-amz-target")
    if target:
        prefix, _, operation = target.rpartition(".")
        document = _json_object(http.body)
        return AwsRequest(
            http=http,
            service=_TARGET_SERVICES.get(prefix, service),
            operation=operation,
            protocol="json",
            region=region,
            access_key=access_key,
            account=account,
            document=document,
        )
    form = _form(http)
    if "Action" in form:
        return AwsRequest(http, service, form["Action"], "query", region, access_key, account, form=form)
    return AwsRequest(http, service, f"{http.method} {http.path}", "rest", region, access_key, account)


def _account_in(access_key: str) -> str | None:
    found = re.fullmatch(r"A[KS]IADEMO(\d{12})", access_key)
    return found.group(1) if found else None


def _form(http: HttpRequest) -> dict[str, str]:
    text = http.query
    if http.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        text = http.body.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body or b"{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
