from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest

from dbtui.demo.options import parse_options
from dbtui.demo.protocol.message import AwsRequest, HttpRequest, read_request
from dbtui.demo.recorder import Recorder
from dbtui.demo.seedspec import SeedSpec, SeedSyntaxError, parse_seed

SCOPE = "AWS4-HMAC-SHA256 Credential={}/20260301/eu-west-1/{}/aws4_request, SignedHeaders=host, Signature=0"


def request(service: str, body: str, key: str = "AKIADEMO444455556666", **headers: str) -> AwsRequest:
    lower = {name.replace("_", "-"): value for name, value in headers.items()}
    http = HttpRequest("POST", "/", "", {"authorization": SCOPE.format(key, service), **lower}, body.encode())
    found = read_request(http, "111122223333")
    assert found is not None
    return found


def test_the_access_key_decides_the_account() -> None:
    form = {"content_type": "application/x-www-form-urlencoded; charset=utf-8"}
    found = request("rds", "Action=DescribeDBInstances&Version=2014-10-31", **form)
    assert (found.service, found.operation, found.account, found.region) == (
        "rds",
        "DescribeDBInstances",
        "444455556666",
        "eu-west-1",
    )
    assert request("rds", "Action=X", "AKIAOTHER", **form).account == "111122223333"
    target = {"x_amz_target": "DynamoDBStreams_20120810.GetRecords"}
    assert request("dynamodb", "{}", **target).service == "dynamodbstreams"


def test_unsigned_requests_are_nobodys() -> None:
    assert read_request(HttpRequest("GET", "/", "", {}, b""), "1") is None


def test_passwords_are_not_recorded() -> None:
    body = urlencode({"Action": "CreateDBInstance", "MasterUserPassword": "hunter22", "DBInstanceIdentifier": "x"})
    recorder = Recorder(size=2)
    call = request("rds", body, content_type="application/x-www-form-urlencoded")
    recorder.add(call, datetime.now(UTC))
    assert recorder.calls()[0]["params"] == {"MasterUserPassword": "***", "DBInstanceIdentifier": "x"}
    secret = request("secretsmanager", '{"SecretString": "s", "Name": "n"}', x_amz_target="secretsmanager.CreateSecret")
    recorder.add(secret, datetime.now(UTC))
    recorder.add(secret, datetime.now(UTC))
    assert len(recorder.calls()) == 2, "a ring"
    assert recorder.calls()[-1]["params"] == {"SecretString": "***", "Name": "n"}
    recorder.clear()
    assert recorder.calls() == []


def test_seeds() -> None:
    assert parse_seed("fleet:1000,tables:200,snapshots:3000") == SeedSpec("fleet", 1000, 200, 3000)
    assert parse_seed("items:1000000,size:350") == SeedSpec("items", items=1_000_000, item_size=350)
    for wrong in (
        "", "Company", "fleet", "fleet:x", "fleet:1,cows:2", "tables:3", "items", "items:5,size:9", "items:5,tables:1",
    ):  # fmt: skip
        with pytest.raises(SeedSyntaxError):
            parse_seed(wrong)


def test_options() -> None:
    options = parse_options(["--seed", "empty", "--speed", "60", "--page-size", "3", "--empty-pages", "--no-stdin"])
    assert (options.seed.name, options.speed, options.page_size, options.empty_pages, options.watch_stdin) == (
        "empty",
        60.0,
        3,
        True,
        False,
    )


@pytest.mark.parametrize("wrong", [["--seed", "x"], ["--speed", "-1"], ["--page-size", "0"], ["--port", "99999"]])
def test_wrong_options_end_with_status_2(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse_options(wrong)
    assert caught.value.code == 2
    assert wrong[1] in capsys.readouterr().err
