"""Our parsers give what botocore's give, and notice what botocore's overlook."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from aiobotocore.parsers import AioResponseParserFactory
from botocore.parsers import ResponseParserError
from botocore.utils import parse_timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from dbtui.aws.parsers import OFF_LOOP_BYTES, FastParserFactory, fast_timestamp
from tests.unit.aws.replies import service_model

RDS, DYNAMODB = service_model("rds"), service_model("dynamodb")
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def scalars(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a leaf shape as they stand in XML."""
    kind = shape.type_name
    if kind == "boolean":
        return st.sampled_from(["true", "false"])
    if kind in ("integer", "long"):
        return st.integers(-(2**31), 2**31).map(str)
    if kind in ("float", "double"):
        return st.floats(allow_nan=False, allow_infinity=False, width=32).map(repr)
    if kind == "timestamp":
        return MOMENTS.map(lambda moment: moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    return TEXT


@st.composite
def xml_of(draw: st.DrawFn, shape: Any, depth: int = 0) -> str:
    """The inside of an element of this shape, members present or absent at random."""
    if shape.type_name == "structure":
        members = draw(st.lists(st.sampled_from(sorted(shape.members)), unique=True, max_size=6))
        inner = []
        for name in members:
            member = shape.members[name]
            if depth < 4:
                tag = member.serialization.get("name", name)
                inner.append(f"<{tag}>{draw(xml_of(member, depth + 1))}</{tag}>")
        return "".join(inner)
    if shape.type_name == "list":
        tag = shape.member.serialization.get("name", "member")
        count = draw(st.integers(0, 2))
        return "".join(f"<{tag}>{draw(xml_of(shape.member, depth + 1))}</{tag}>" for _ in range(count))
    return escape(draw(scalars(shape)))


def response(body: bytes, content_type: str = "text/xml", status: int = 200) -> dict[str, Any]:
    headers = {"content-type": content_type, "x-amzn-requestid": "req-1"}
    return {"status_code": status, "headers": headers, "body": body, "context": {"operation_name": "x"}}


def parse(factory: AioResponseParserFactory, protocol: str, reply: dict[str, Any], shape: Any) -> Any:
    return asyncio.run(factory.create_parser(protocol).parse(reply, shape))  # type: ignore[no-untyped-call]


def query_body(operation: str, inner: str) -> bytes:
    return (
        f"<{operation}Response><{operation}Result>{inner}</{operation}Result>"
        f"<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


@pytest.mark.parametrize("operation", ["DescribeDBInstances", "DescribeDBClusters", "DescribeDBSnapshots"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_rds_replies_parse_as_botocore_parses_them(operation: str, data: st.DataObject) -> None:
    shape = RDS.operation_model(operation).output_shape
    reply = response(query_body(operation, data.draw(xml_of(shape))))

    assert parse(FastParserFactory(), "query", reply, shape) == parse(AioResponseParserFactory(), "query", reply, shape)


def test_a_large_reply_is_parsed_the_same_away_from_the_loop() -> None:
    shape = RDS.operation_model("DescribeDBInstances").output_shape
    one = (
        "<DBInstance><DBInstanceIdentifier>a</DBInstanceIdentifier><AllocatedStorage>5</AllocatedStorage></DBInstance>"
    )
    reply = response(query_body("DescribeDBInstances", f"<DBInstances>{one * 1000}</DBInstances>"))
    assert len(reply["body"]) > OFF_LOOP_BYTES

    ours = parse(FastParserFactory(), "query", reply, shape)

    assert ours == parse(AioResponseParserFactory(), "query", reply, shape)
    assert len(ours["DBInstances"]) == 1000


def test_errors_parse_as_botocore_parses_them() -> None:
    shape = RDS.operation_model("DescribeDBInstances").output_shape
    xml = b"<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>"
    table = DYNAMODB.operation_model("DescribeTable").output_shape
    js = json.dumps({"__type": "x#ResourceNotFoundException", "message": "none"}).encode()

    for protocol, reply, output in (
        ("query", response(xml, status=400), shape),
        ("json", response(js, status=400), table),
    ):
        assert parse(FastParserFactory(), protocol, reply, output) == parse(
            AioResponseParserFactory(), protocol, reply, output
        )


def test_json_replies_parse_as_botocore_parses_them() -> None:
    shape = DYNAMODB.operation_model("DescribeTable").output_shape
    body = {"Table": {"TableName": "t", "CreationDateTime": 1714641307.123, "ItemCount": 5, "Unknown": {"x": 1}}}
    reply = response(json.dumps(body).encode(), "application/x-amz-json-1.0")

    assert parse(FastParserFactory(), "json", reply, shape) == parse(AioResponseParserFactory(), "json", reply, shape)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_timestamps_are_botocores(moment: datetime) -> None:
    for text in (
        moment.isoformat(),
        moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        moment.replace(tzinfo=None).isoformat(),
    ):
        assert fast_timestamp(text) == parse_timestamp(text)


@pytest.mark.parametrize(
    "value",
    [0, 1714641307, 1714641307.123, "1714641307", "1714641307.5", "Thu, 02 May 2024 09:15:07 GMT", "20240502T091507Z"],
)
def test_timestamps_in_other_forms_are_botocores(value: Any) -> None:
    assert fast_timestamp(value) == parse_timestamp(value)


def test_nonsense_is_no_timestamp() -> None:
    for value in ("", "yesterday at noonish", "2024-99-99T00:00:00Z"):
        with pytest.raises(ValueError):
            fast_timestamp(value)


@pytest.mark.parametrize("body", [b"<html>log in</html>", b'{"Table": [}', b"[]", b"\xff\xfe"])
def test_a_body_that_is_not_json_is_an_error_and_not_an_empty_list(body: bytes) -> None:
    shape = DYNAMODB.operation_model("ListTables").output_shape

    with pytest.raises(ResponseParserError):
        parse(FastParserFactory(), "json", response(body), shape)


@pytest.mark.parametrize("body", [b"{}", b""])
def test_an_empty_json_reply_is_empty(body: bytes) -> None:
    shape = DYNAMODB.operation_model("ListTables").output_shape

    assert parse(FastParserFactory(), "json", response(body), shape).keys() == {"ResponseMetadata"}


def test_a_page_of_a_proxy_is_an_error() -> None:
    shape = RDS.operation_model("DescribeDBInstances").output_shape

    with pytest.raises(ResponseParserError):
        parse(FastParserFactory(), "query", response(b"<html><body>log in</body></html>"), shape)
