"""Every exception the SDK can raise becomes a failure of the right kind, in plain words."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest
from aiohttp import ClientConnectorCertificateError, ClientConnectorError, ClientOSError
from aiohttp.client_reqrep import ConnectionKey
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from dbtui.aws.credentials import MfaRequiredError
from dbtui.aws.errors import Context, aws_error, classify
from dbtui.domain.failures import FailureKind as K

AWS = Context("prod-eu", "eu-central-1", "rds:DescribeDBInstances")
SSO = Context("prod-eu", "eu-central-1", "rds:DescribeDBInstances", sso=True)
LOCAL = Context("", "eu-central-1", "rds:DescribeDBInstances", endpoint="http://localhost:4566", custom=True)
CHANGE = Context("prod-eu", "eu-central-1", "rds:CreateDBSnapshot")
_KEY = ConnectionKey("rds.eu-central-1.amazonaws.com", 443, True, True, None, None, None)
REFUSED = ClientConnectorError(_KEY, ConnectionRefusedError(111, "Connection refused"))
NO_NAME = ClientConnectorError(_KEY, socket.gaierror(-2, "Name or service not known"))
UNTRUSTED = ClientConnectorCertificateError(_KEY, ssl.SSLCertVerificationError("self-signed"))


def client_error(code: str, message: str = "", status: int = 400, operation: str = "DescribeDBInstances") -> Any:
    metadata = {"HTTPStatusCode": status, "RequestId": "req-1"}
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return sdk.ClientError(reply, operation)


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ("ExpiredToken ExpiredTokenException RequestExpired", K.CREDENTIALS),
        ("UnrecognizedClientException InvalidClientTokenId InvalidSignatureException", K.CREDENTIALS),
        ("SignatureDoesNotMatch MissingAuthenticationToken AuthFailure OptInRequired", K.CREDENTIALS),
        ("RequestTimeTooSkewed", K.CREDENTIALS),
        ("AccessDenied AccessDeniedException UnauthorizedOperation", K.PERMISSION),
        ("Throttling ThrottlingException RequestLimitExceeded TooManyRequestsException", K.THROTTLED),
        ("ProvisionedThroughputExceededException SlowDown RequestThrottled", K.THROTTLED),
        ("TransactionInProgressException TransactionConflictException ReplicatedWriteConflictException", K.THROTTLED),
        ("ItemCollectionSizeLimitExceededException", K.QUOTA),
        ("DBInstanceNotFound DBInstanceNotFoundFault DBClusterNotFoundFault DBSnapshotNotFound", K.NOT_FOUND),
        ("ResourceNotFoundException TableNotFoundException BackupNotFoundException", K.NOT_FOUND),
        ("SomethingNewNotFoundFault", K.NOT_FOUND),
        ("InvalidDBInstanceState InvalidDBInstanceStateFault InvalidDBClusterStateFault", K.ILLEGAL_STATE),
        ("ResourceInUseException TableInUseException BackupInUseException InvalidThingStateFault", K.ILLEGAL_STATE),
        ("DBSnapshotAlreadyExists DBClusterSnapshotAlreadyExistsFault TableAlreadyExistsException", K.CONDITION),
        ("ConditionalCheckFailedException NewThingAlreadyExistsFault", K.CONDITION),
        ("SnapshotQuotaExceeded SnapshotQuotaExceededFault LimitExceededException NewQuotaExceeded", K.QUOTA),
        ("ValidationException ValidationError InvalidParameterValue InvalidParameterCombination", K.INVALID),
        ("WhoKnows", K.INVALID),
    ],
)
def test_codes_in_both_spellings(codes: str, kind: K) -> None:
    for code in codes.split():
        failure = classify(client_error(code, "AWS says so"), AWS)
        assert failure.kind is kind, code
        assert (failure.code, failure.request_id, failure.service) == (code, "req-1", "rds")
        assert failure.operation == "rds:DescribeDBInstances"
        assert failure.title.endswith("."), failure.title


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_at_aws_is_the_services(status: int) -> None:
    failure = classify(client_error("InternalFailure", status=status), AWS)

    assert (failure.kind, failure.status) == (K.SERVICE, status)
    assert "RDS in eu-central-1" in failure.title


@pytest.mark.parametrize(
    "message",
    [
        "Signature expired: 20260101T000000Z is now earlier than 20260101T010000Z",
        "Signature not yet current: 20260101T010000Z is still later than 20260101T001500Z",
    ],
)
@pytest.mark.parametrize("code", ["InvalidSignatureException", "SignatureDoesNotMatch"])
def test_a_wrong_clock_is_called_a_wrong_clock(code: str, message: str) -> None:
    assert "clock" in classify(client_error(code, message), AWS).title


def test_expired_credentials_name_the_profile_and_how_to_log_in() -> None:
    assert classify(client_error("ExpiredToken"), SSO).title == "Credentials of prod-eu have expired."
    assert classify(client_error("ExpiredToken"), SSO).hint == "run: aws sso login --profile prod-eu"
    assert "aws sso login" not in classify(client_error("ExpiredToken"), AWS).hint


def test_a_denial_names_the_action_aws_names() -> None:
    message = "User: arn:aws:iam::1:user/a is not authorized to perform: rds:ListTagsForResource on resource: x"

    assert classify(client_error("AccessDenied", message), AWS).iam_action == "rds:ListTagsForResource"
    assert classify(client_error("AccessDenied", "no"), AWS).iam_action == "rds:DescribeDBInstances"


@pytest.mark.parametrize(
    "error",
    [
        client_error("InvalidAction"),
        client_error("UnknownOperationException"),
        client_error("501", status=501),
        client_error("404", "<!DOCTYPE html><html>", status=404),
    ],
)
def test_only_a_custom_endpoint_can_lack_an_operation(error: Any) -> None:
    assert classify(error, LOCAL).kind is K.UNAVAILABLE_HERE
    assert classify(error, AWS).kind is not K.UNAVAILABLE_HERE


def test_a_server_error_at_a_custom_endpoint_stays_an_error() -> None:
    assert classify(client_error("500", "<html>", status=500), LOCAL).kind is K.SERVICE


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (sdk.NoCredentialsError(), K.CREDENTIALS, "no credentials"),
        (sdk.PartialCredentialsError(provider="env", cred_var="secret"), K.CREDENTIALS, "secret"),
        (sdk.CredentialRetrievalError(provider="process", error_msg="exit 1"), K.CREDENTIALS, "could not be read"),
        (sdk.SSOTokenLoadError(error_msg="none"), K.CREDENTIALS, "SSO login"),
        (sdk.UnauthorizedSSOTokenError(), K.CREDENTIALS, "SSO login"),
        (sdk.TokenRetrievalError(provider="sso", error_msg="expired"), K.CREDENTIALS, "SSO login"),
        (sdk.RefreshWithMFAUnsupportedError(), K.CREDENTIALS, "MFA session"),
        (MfaRequiredError(prompt="code"), K.CREDENTIALS, "MFA code"),
        (sdk.MetadataRetrievalError(error_msg="x"), K.CREDENTIALS, "could not be read"),
        (sdk.ProfileNotFound(profile="prd"), K.CONFIG, "prd"),
        (sdk.ConfigParseError(path="/etc/aws"), K.CONFIG, "/etc/aws"),
        (sdk.InfiniteLoopConfigError(source_profile="a", visited_profiles=["a"]), K.CONFIG, "circle"),
        (sdk.InvalidConfigError(error_msg="role_arn without source"), K.CONFIG, "role_arn without source"),
        (sdk.NoRegionError(), K.CONFIG, "No region"),
        (sdk.InvalidRegionError(region_name="eu west"), K.CONFIG, "not a region"),
        (sdk.EndpointConnectionError(endpoint_url="https://x", error=REFUSED), K.UNREACHABLE, "refused"),
        (sdk.EndpointConnectionError(endpoint_url="https://x", error=NO_NAME), K.UNREACHABLE, "not known"),
        (sdk.ConnectTimeoutError(endpoint_url="https://x", error="t"), K.UNREACHABLE, "connect timeout"),
        (sdk.ReadTimeoutError(endpoint_url="https://x", error="t"), K.UNREACHABLE, "no reply"),
        (sdk.ConnectionClosedError(endpoint_url="https://x", error="t"), K.UNREACHABLE, "closed the connection"),
        (sdk.ProxyConnectionError(proxy_url="http://p:3128", error="t"), K.UNREACHABLE, "http://p:3128"),
        (sdk.SSLError(endpoint_url="https://x", error=UNTRUSTED), K.UNREACHABLE, "certificate"),
        (sdk.SSLError(endpoint_url="https://x", error=OSError("wrong version")), K.UNREACHABLE, "wrong version"),
        (sdk.HTTPClientError(error=ValueError("odd")), K.UNREACHABLE, "odd"),
        (TimeoutError(), K.UNREACHABLE, "no reply"),
        (sdk.ParamValidationError(report="Invalid length for TableName, value: 2"), K.INVALID, "Invalid length"),
        (ResponseParserError("not XML"), K.SERVICE, "not AWS's"),
        (FileNotFoundError(2, "No such file", "/ca.pem"), K.LOCAL, "No such file"),
    ],
)
def test_errors_on_this_side(error: Exception, kind: K, words: str) -> None:
    failure = classify(error, AWS)

    assert failure.kind is kind
    assert words in failure.title
    assert "\n" not in failure.title


SDK_CLASSES = [c for c in vars(sdk).values() if isinstance(c, type) and issubclass(c, sdk.BotoCoreError)]


@pytest.mark.parametrize("error_class", SDK_CLASSES, ids=lambda c: c.__name__)
def test_every_exception_of_the_sdk_has_words(error_class: type[sdk.BotoCoreError]) -> None:
    error = error_class.__new__(error_class)
    Exception.__init__(error, "something happened")
    error.kwargs = {}

    assert classify(error, AWS).title


def test_a_role_that_cannot_be_assumed_is_a_credential_failure() -> None:
    failure = classify(
        client_error("AccessDenied", "not authorized to perform: sts:AssumeRole", 403, "AssumeRole"), AWS
    )
    wrong_code = "MultiFactorAuthentication failed with invalid MFA one time pass code."

    assert (failure.kind, failure.title) == (K.CREDENTIALS, "The role of profile prod-eu cannot be assumed.")
    assert "MFA code" in classify(client_error("AccessDenied", wrong_code, 403, "AssumeRole"), AWS).title


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (sdk.ReadTimeoutError(endpoint_url="u", error="t"), True),
        (sdk.ConnectionClosedError(endpoint_url="u", error="t"), True),
        (sdk.HTTPClientError(error=ValueError("odd")), True),
        (sdk.EndpointConnectionError(endpoint_url="u", error=ClientOSError(104, "reset by peer")), True),
        (ResponseParserError("garbage"), True),
        (client_error("InternalFailure", status=500), True),
        (client_error("ServiceUnavailable", status=503), True),
        (sdk.EndpointConnectionError(endpoint_url="u", error=REFUSED), False),
        (sdk.EndpointConnectionError(endpoint_url="u", error=NO_NAME), False),
        (sdk.ConnectTimeoutError(endpoint_url="u", error="t"), False),
        (sdk.ProxyConnectionError(proxy_url="p", error="t"), False),
        (sdk.SSLError(endpoint_url="u", error=OSError("t")), False),
        (sdk.NoCredentialsError(), False),
        (sdk.ParamValidationError(report="x"), False),
        (client_error("InvalidDBInstanceState"), False),
        (client_error("Throttling", status=503), False),
    ],
)
def test_a_reply_is_lost_only_when_the_change_may_have_happened(error: Exception, lost: bool) -> None:
    assert aws_error(error, CHANGE, mutation_sent=True).reply_lost is lost
    assert aws_error(error, CHANGE).reply_lost is False


PUT = Context("prod-eu", "eu-central-1", "dynamodb:PutItem")


def told(code: str, message: str = "", status: int = 400, **members: Any) -> Any:
    """An error of DynamoDB with members besides code and message."""
    error = client_error(code, message, status, "PutItem")
    error.response.update(members)
    return error


def test_a_failed_condition_brings_the_item_as_it_stands() -> None:
    item = {"id": {"S": "a"}, "photo": {"B": b"\x00\xff"}}

    error = aws_error(told("ConditionalCheckFailedException", "The conditional request failed", Item=item), PUT)

    assert (error.failure.kind, error.members) == (K.CONDITION, {"Item": item})
    assert error.throttling == ()


def test_a_throttle_says_what_is_too_narrow() -> None:
    arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/orders"
    reasons = [
        {"reason": "IndexWriteProvisionedThroughputExceeded", "resource": f"{arn}/index/by-status"},
        {"reason": "TableWriteKeyRangeThroughputExceeded", "resource": arn},
    ]

    error = aws_error(told("ProvisionedThroughputExceededException", ThrottlingReasons=reasons), PUT)

    assert error.throttling == (
        "IndexWriteProvisionedThroughputExceeded (by-status)",
        "TableWriteKeyRangeThroughputExceeded (orders)",
    )
    assert error.failure.title == (
        "DynamoDB in eu-central-1 is throttling PutItem: IndexWriteProvisionedThroughputExceeded (by-status), "
        "TableWriteKeyRangeThroughputExceeded (orders)."
    )
    assert not aws_error(
        told("ProvisionedThroughputExceededException", ThrottlingReasons=reasons), PUT, mutation_sent=True
    ).reply_lost


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        ("ConditionalCheckFailed None", K.CONDITION),
        ("TransactionConflict ConditionalCheckFailed", K.CONDITION),
        ("None TransactionConflict", K.THROTTLED),
        ("ThrottlingError", K.THROTTLED),
        ("ProvisionedThroughputExceeded None", K.THROTTLED),
        ("ValidationError ThrottlingError", K.INVALID),
        ("ItemCollectionSizeLimitExceeded TransactionConflict", K.QUOTA),
    ],
)
def test_a_cancelled_transaction_is_what_its_reasons_say(codes: str, kind: K) -> None:
    listed = codes.split()
    reasons = [{"Code": code} for code in listed]
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(listed)}]"

    with_members = aws_error(told("TransactionCanceledException", message, CancellationReasons=reasons), PUT)
    with_message = aws_error(told("TransactionCanceledException", message), PUT)

    assert with_members.failure.kind is with_message.failure.kind is kind
    assert with_members.failure.retry_is_safe is (kind is K.THROTTLED)
    assert with_members.members["CancellationReasons"] == reasons


@pytest.mark.parametrize(
    "message",
    [
        "One or more parameter values were invalid: Type mismatch for Index Key n Expected: N Actual: S",
        "One or more parameter values are not valid. A value of an empty string is not supported for a key attribute",
        "Item size has exceeded the maximum allowed size",
        "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name",
    ],
)
def test_what_dynamodb_says_of_a_bad_item_is_kept(message: str) -> None:
    failure = classify(told("ValidationException", message), PUT)

    assert (failure.kind, failure.detail, failure.title) == (K.INVALID, message, f"{message}.")


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (told("InternalServerError", status=500), True),
        (told("ServiceUnavailable", status=503), True),
        (told("TransactionConflictException"), False),
        (told("TransactionInProgressException"), False),
        (told("ReplicatedWriteConflictException"), False),
        (told("ConditionalCheckFailedException"), False),
        (told("ItemCollectionSizeLimitExceededException"), False),
    ],
)
def test_a_write_of_an_item_may_have_happened_after_a_server_error_only(error: Any, lost: bool) -> None:
    assert aws_error(error, PUT, mutation_sent=True).reply_lost is lost
