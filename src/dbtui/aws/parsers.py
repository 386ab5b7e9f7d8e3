"""Reply parsers: botocore's own, with a fast timestamp parser, and large XML bodies kept off the event loop.

They enter through the public ``response_parser_factory`` component of a session. botocore hands every timestamp to
dateutil (0.2 ms each, three quarters of the time of a metrics reply); AWS writes ISO 8601 or epoch seconds, which the
standard library reads forty times faster. Items of DynamoDB are left undecoded. A protocol's parser is chosen in
:meth:`FastParserFactory.create_parser`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiobotocore.parsers import AioJSONParser, AioQueryParser, AioResponseParserFactory
from botocore.parsers import ResponseParserError, lowercase_dict
from botocore.utils import parse_timestamp

from dbtui.aws import items

# An XML body costs about 0.1 ms a kilobyte; beyond this many bytes it would be felt as a stall.
OFF_LOOP_BYTES = 50_000


def fast_timestamp(value: Any) -> datetime:
    """A timestamp as AWS writes it; anything unusual is left to botocore. Raises ``ValueError``."""
    try:
        if isinstance(value, str) and len(value) >= 19 and value[4] == "-" and value[10] == "T":
            return datetime.fromisoformat(value)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        pass  # a form or a year the standard library does not take
    return parse_timestamp(value)


# What botocore's parsers raise at a body that is well-formed and not this operation's: a proxy's page.
_MISSHAPEN = (KeyError, ValueError, TypeError, AttributeError)


class OffLoopQueryParser(AioQueryParser):
    """The stock parser of the query protocol (RDS, STS, IAM); large bodies are parsed in a thread."""

    async def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        try:
            if len(response["body"]) <= OFF_LOOP_BYTES:
                return await super().parse(response, shape)  # type: ignore[no-untyped-call]
            return await asyncio.to_thread(asyncio.run, super().parse(response, shape))  # type: ignore[no-untyped-call]
        except _MISSHAPEN as error:
            raise _unparsable(response["body"], error) from error


class StrictJsonParser(AioJSONParser):
    """The stock parser of the JSON protocol (DynamoDB), which takes a body that is not JSON for an empty reply; here
    that is an error, so that a list is never empty by mistake. Replies with items go their own way, see
    :mod:`dbtui.aws.items`; other large bodies (an error that tells the item) are parsed in a thread."""

    async def parse(self, response: Mapping[str, Any], shape: Any) -> Any:
        body, succeeded = response["body"], response["status_code"] < 300
        try:
            if succeeded and shape is not None and items.reads(shape.name):
                return self._with_metadata(items.read(shape.name, body), response)
            if len(body) <= OFF_LOOP_BYTES:
                parsed = await super().parse(response, shape)  # type: ignore[no-untyped-call]
            else:
                parsed = await asyncio.to_thread(asyncio.run, super().parse(response, shape))  # type: ignore[no-untyped-call]
            if succeeded and parsed.keys() <= {"ResponseMetadata"}:
                msgspec.json.decode(body or b"{}", type=dict[str, msgspec.Raw])
            if "Error" in parsed and (reasons := items.throttling_reasons(body)):
                parsed["ThrottlingReasons"] = reasons  # the model has them for some of the errors and in two spellings
        except _MISSHAPEN as error:
            raise _unparsable(body, error) from error
        return parsed

    def _with_metadata(self, parsed: dict[str, Any], response: Mapping[str, Any]) -> dict[str, Any]:
        headers = lowercase_dict(response["headers"])
        metadata = {"HTTPStatusCode": response["status_code"], "HTTPHeaders": headers}
        if "x-amzn-requestid" in headers:
            metadata["RequestId"] = headers["x-amzn-requestid"]
        return parsed | {"ResponseMetadata": metadata}


def _unparsable(body: bytes, error: Exception) -> ResponseParserError:
    start = body[:200].decode("utf-8", "backslashreplace")
    return ResponseParserError(f"Unable to parse response ({type(error).__name__}: {error}): {start}")


_PARSERS = {"query": OffLoopQueryParser, "json": StrictJsonParser}


class FastParserFactory(AioResponseParserFactory):
    """Builds the parser for a protocol, once per request."""

    def __init__(self) -> None:
        super().__init__()
        self.set_parser_defaults(timestamp_parser=fast_timestamp)

    def create_parser(self, protocol_name: str) -> Any:
        ours = _PARSERS.get(protocol_name)
        if ours is not None:
            return ours(timestamp_parser=fast_timestamp)
        return super().create_parser(protocol_name)  # type: ignore[no-untyped-call]
