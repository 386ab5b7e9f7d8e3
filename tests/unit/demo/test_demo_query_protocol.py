"""What the demo writes is what botocore reads, and the other way round."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from demo_world import Still

from dbtui.demo.protocol import query
from dbtui.demo.protocol.errors import AwsError
from dbtui.demo.protocol.models import service_model


def model(operation: str) -> Any:
    return service_model("rds").operation_model(operation)


def parsed(operation: str, result: dict[str, Any]) -> dict[str, Any]:
    body = query.write_result(model(operation), result, "req-1")
    reply = {"status_code": 200, "headers": {}, "body": body}
    found: dict[str, Any] = create_parser("query").parse(reply, model(operation).output_shape)
    assert found.pop("ResponseMetadata")["RequestId"] == "req-1"
    return found


def millis(value: Any) -> Any:
    """Times as the wire carries them: in UTC, to the millisecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, dict):
        return {key: millis(inner) for key, inner in value.items() if inner is not None}
    return [millis(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "operation",
    ["DescribeDBInstances", "DescribeDBClusters", "DescribeDBSnapshots", "DescribeDBClusterSnapshots", "DescribeEvents",
     "DescribeDBParameterGroups", "DescribeDBInstanceAutomatedBackups", "DescribePendingMaintenanceActions",
     "DescribeAccountAttributes", "DescribeDBSubnetGroups", "DescribeCertificates", "DescribeBlueGreenDeployments"],
)  # fmt: skip
def test_results_survive_botocores_parser(operation: str) -> None:
    params = {"Duration": 20160} if operation == "DescribeEvents" else {}
    result = Still().rds(operation, **params)
    assert millis(parsed(operation, result)) == millis(result), "every member we keep must be one that AWS has"


def test_parameters_survive_botocores_serializer() -> None:
    params = {
        "DBInstanceIdentifier": "a&b",
        "Filters": [{"Name": "engine", "Values": ["mysql", "postgres"]}, {"Name": "db-instance-id", "Values": ["ü"]}],
        "MaxRecords": 20,
    }
    operation = model("DescribeDBInstances")
    form = create_serializer("query").serialize_to_request(params, operation)["body"]
    assert query.read_parameters({key: str(value) for key, value in form.items()}, operation.input_shape) == params


def test_eleven_list_items_keep_their_order() -> None:
    keys = [f"k{number}" for number in range(11)]
    operation = model("RemoveTagsFromResource")
    params = {"ResourceName": "arn", "TagKeys": keys}
    form = create_serializer("query").serialize_to_request(params, operation)["body"]
    assert query.read_parameters(dict(sorted(form.items())), operation.input_shape) == params


def test_text_that_looks_like_markup_is_escaped() -> None:
    tags = [{"Key": "<&>", "Value": "[bold]x[/] 🦊 ]]>\r\n"}]
    assert parsed("ListTagsForResource", {"TagList": tags})["TagList"] == tags


@pytest.mark.parametrize(
    ("form", "code"),
    [({}, "MissingParameter"), ({"DBInstanceIdentifier": "x", "AllocatedStorage": "big"}, "InvalidParameterValue")],
)
def test_bad_parameters_are_refused(form: dict[str, str], code: str) -> None:
    with pytest.raises(AwsError) as caught:
        query.read_parameters(form, model("ModifyDBInstance").input_shape)
    assert caught.value.code == code


def test_errors_survive_botocores_parser() -> None:
    body = query.write_error(AwsError("DBInstanceNotFound", "DBInstance <x> not found.", 404), "req-2")
    parser: Any = create_parser("query")
    found = parser.parse({"status_code": 404, "headers": {}, "body": body}, None)
    assert found["Error"] == {"Type": "Sender", "Code": "DBInstanceNotFound", "Message": "DBInstance <x> not found."}
