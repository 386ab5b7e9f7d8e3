"""Our signature is botocore's, to the letter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore import auth
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from dbtui.aws.signature import CONTENT_TYPE, Signer

MOMENTS = [datetime(2024, 5, 2, 9, 15, 7, tzinfo=UTC), datetime(2024, 5, 3, 0, 0, 0, tzinfo=UTC)]


@pytest.mark.parametrize("token", [None, "", "session/token+=="])
@pytest.mark.parametrize(
    "url",
    [
        "https://dynamodb.eu-central-1.amazonaws.com",
        "https://dynamodb.cn-north-1.amazonaws.com.cn:443/",
        "http://127.0.0.1:4566/",
        "http://localhost:80",
        "http://[::1]:8000",
    ],
)
def test_it_signs_as_botocore_does(url: str, token: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = Signer("dynamodb", "eu-central-1", url)
    for moment in MOMENTS:
        monkeypatch.setattr(auth, "get_current_datetime", lambda moment=moment: moment)
        for secret in ("secret/one+", "other"):
            credentials = ReadOnlyCredentials("AKIATEST", secret, token, None)
            for body in (b"{}", '{"TableName":"žlté"}'.encode()):
                target = "DynamoDB_20120810.Scan"
                headers = {"X-Amz-Target": target, "Content-Type": CONTENT_TYPE}
                request = AWSRequest("POST", url.rstrip("/") + "/", headers, body)
                SigV4Auth(credentials, "dynamodb", "eu-central-1").add_auth(request)

                ours = signer.headers(credentials, target, body, moment)

                assert ours["authorization"] == request.headers["Authorization"]
                assert ours["x-amz-date"] == request.headers["X-Amz-Date"]
                assert ours.get("x-amz-security-token") == request.headers.get("X-Amz-Security-Token")
