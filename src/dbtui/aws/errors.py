"""The one place that turns exceptions of the SDK into :class:`~dbtui.domain.failures.Failure`.

Codes are listed in both spellings: the query protocol (RDS, STS, IAM: ``DBInstanceNotFound``) and JSON (DynamoDB:
``ResourceNotFoundException``). Sources: RDS and DynamoDB API references, "Common Errors"; botocore.exceptions.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import ClientConnectorCertificateError, ClientConnectorError
from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError

from dbtui.aws import item_errors
from dbtui.aws.calls import CREDENTIAL_OPERATIONS
from dbtui.aws.credentials import MfaRequiredError
from dbtui.aws.words import (
    CLOCK_CODES,
    CONDITION_CODES,
    DENIED_CODES,
    EXPIRED_CODES,
    ILLEGAL_STATE_CODES,
    INVALID_CODES,
    NOT_FOUND_CODES,
    QUOTA_CODES,
    SERVICE_NAMES,
    THROTTLE_CODES,
    UNAVAILABLE_CODES,
    UNKNOWN_KEY_CODES,
    base,
)
from dbtui.domain.failures import AwsError, Failure, FailureKind
from dbtui.gateway.operations import iam_action

DETAIL_LENGTH = 400
"""Characters of the SDK's own text that a failure keeps: an unparsable reply is quoted whole otherwise."""

SDK_ERRORS = (sdk.BotoCoreError, sdk.ClientError, ResponseParserError, TimeoutError, OSError)
"""What a call of the SDK may raise besides our own refusals; everything else is a bug and is left alone."""

_NOT_AUTHORIZED = re.compile(r"not authorized to perform:? ([A-Za-z0-9-]+:[A-Za-z0-9*]+)")
_SKEW = re.compile(r"signature (expired|not yet current)|is now earlier than|is still later than", re.IGNORECASE)
_CREDENTIAL_CALLS = frozenset(name.partition(":")[2] for name in CREDENTIAL_OPERATIONS)


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about the call that failed, for the words of its failure.

    ``custom`` is true at an endpoint that is not AWS's own; ``status`` and ``content_type`` are the last reply's.
    """

    profile: str
    region: str
    operation: str
    endpoint: str = ""
    custom: bool = False
    sso: bool = False
    status: int = 0
    content_type: str = ""
    waited: float = 0.0

    @property
    def service(self) -> str:
        return self.operation.partition(":")[0]

    @property
    def action(self) -> str:
        return self.operation.partition(":")[2]

    @property
    def service_name(self) -> str:
        return SERVICE_NAMES.get(self.service, self.service)

    @property
    def whose(self) -> str:
        """The credentials' owner within a sentence; :attr:`who` at its start."""
        return f"profile {self.profile}" if self.profile else "the default credentials"

    @property
    def who(self) -> str:
        return f"Profile {self.profile}" if self.profile else "The default credentials"

    @property
    def where(self) -> str:
        """The service as a person would point at it: at its own endpoint, or in a region."""
        return f"{self.service_name} at {self.endpoint}" if self.custom else f"{self.service_name} in {self.region}"

    @property
    def login(self) -> str:
        if self.sso:
            return f"run: aws sso login --profile {self.profile or 'default'}"
        return "Renew them, then refresh."


def aws_error(error: BaseException, context: Context, *, mutation_sent: bool = False) -> AwsError:
    """The error to raise for one of :data:`SDK_ERRORS`; ``mutation_sent`` when a mutation had been put on the wire."""
    failure = classify(error, context)
    members = item_errors.members(error.response) if isinstance(error, sdk.ClientError) else None
    return AwsError(failure, reply_lost=mutation_sent and _reply_lost(error, failure), members=members)


def classify(error: BaseException, context: Context) -> Failure:
    """The failure for one of :data:`SDK_ERRORS`."""
    failure = _client_error(error, context) if isinstance(error, sdk.ClientError) else _local_error(error, context)
    return msgspec.structs.replace(failure, service=context.service, operation=context.operation)


def _reply_lost(error: BaseException, failure: Failure) -> bool:
    """Whether a request that was sent may have been carried out although no reply, or none that says so, was read."""
    if isinstance(error, sdk.ClientError):
        return failure.status >= 500 and failure.kind not in (FailureKind.THROTTLED, FailureKind.UNAVAILABLE_HERE)
    if isinstance(error, ResponseParserError):
        return failure.kind is not FailureKind.UNAVAILABLE_HERE and not 400 <= failure.status < 500
    if isinstance(error, sdk.EndpointConnectionError):
        # aiobotocore uses this class for a refused connection and for one that broke after the request was sent.
        return not isinstance(error.kwargs.get("error"), ClientConnectorError | socket.gaierror)
    return isinstance(error, sdk.HTTPClientError | TimeoutError)


def _client_error(error: sdk.ClientError, context: Context) -> Failure:
    reply: Mapping[str, Any] = error.response
    code = str(reply.get("Error", {}).get("Code", ""))
    message = str(reply.get("Error", {}).get("Message", ""))
    metadata = reply.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    if error.operation_name in _CREDENTIAL_CALLS and error.operation_name != context.action:
        kind, title, hint = _role_words(code, message, context)
    else:
        kind, title, hint = _code_words(reply, code, message, status, context)
    return Failure(
        kind,
        title,
        detail=message,
        hint=hint,
        code=code,
        request_id=str(metadata.get("RequestId", "")),
        iam_action=_denied_action(message, context) if kind is FailureKind.PERMISSION else "",
        status=status,
    )


def _denied_action(message: str, context: Context) -> str:
    named = _NOT_AUTHORIZED.search(message)
    return named.group(1) if named else iam_action(context.operation)


Words = tuple[FailureKind, str, str]


def _code_words(reply: Mapping[str, Any], code: str, message: str, status: int, context: Context) -> Words:
    word = base(code)
    if word in CLOCK_CODES or (word in UNKNOWN_KEY_CODES and _SKEW.search(message)):
        hint = "Set this machine's clock (for example: timedatectl set-ntp true), then refresh."
        return FailureKind.CREDENTIALS, "The clock of this machine is wrong: AWS refuses its signatures.", hint
    if word in EXPIRED_CODES:
        title = f"Credentials of {context.profile} have expired." if context.profile else f"{context.who} have expired."
        return FailureKind.CREDENTIALS, title, context.login
    if word in UNKNOWN_KEY_CODES:
        hint = f"Check the keys of {context.whose}, and that {context.region} is enabled for the account."
        return FailureKind.CREDENTIALS, f"{context.service_name} does not accept {context.whose}.", hint
    if word in DENIED_CODES:
        action = _denied_action(message, context)
        return FailureKind.PERMISSION, f"{context.who} may not use {action}.", f"Ask for the IAM action {action}."
    if context.custom and (word in UNAVAILABLE_CODES or status == 501 or _html_not_found(message, status, context)):
        return FailureKind.UNAVAILABLE_HERE, f"{context.action} is not available at {context.endpoint}.", ""
    return _outcome_words(reply, code, message, status, context)


_OUTCOMES = (
    (THROTTLE_CODES, FailureKind.THROTTLED),
    (NOT_FOUND_CODES, FailureKind.NOT_FOUND),
    (ILLEGAL_STATE_CODES, FailureKind.ILLEGAL_STATE),
    (CONDITION_CODES, FailureKind.CONDITION),
    (QUOTA_CODES, FailureKind.QUOTA),
    (INVALID_CODES, FailureKind.INVALID),
)


def _outcome_words(reply: Mapping[str, Any], code: str, message: str, status: int, context: Context) -> Words:
    said = _sentence(message) or f"{context.service_name} answered {code or status}."
    kind = next((kind for codes, kind in _OUTCOMES if base(code) in codes), None)
    if base(code) == "TransactionCanceled":
        kind = item_errors.cancelled_kind(reply, message)
    if kind is FailureKind.THROTTLED:
        title = item_errors.throttled_title(code, reply, context.action, context.where)
        return kind, title, "Nothing is wrong; try again shortly."
    if kind is not None:
        return kind, said, ""
    if status >= 500 or not status:
        title = f"{context.where} failed ({code or status})."
        return FailureKind.SERVICE, title, "Try again; see the AWS Health Dashboard if it lasts."
    return _guess(base(code)), said, ""


def _guess(word: str) -> FailureKind:
    """The kind of a code nobody listed, by AWS's naming habits."""
    for ending, kind in (
        ("NotFound", FailureKind.NOT_FOUND),
        ("AlreadyExists", FailureKind.CONDITION),
        ("QuotaExceeded", FailureKind.QUOTA),
        ("LimitExceeded", FailureKind.QUOTA),
    ):
        if word.endswith(ending):
            return kind
    if word.startswith("Invalid") and word.endswith("State"):
        return FailureKind.ILLEGAL_STATE
    return FailureKind.INVALID


def _role_words(code: str, message: str, context: Context) -> Words:
    """A call that the credentials themselves needed has failed (AssumeRole, GetRoleCredentials)."""
    word = base(code)
    if "MultiFactorAuthentication" in message:
        return FailureKind.CREDENTIALS, f"The MFA code for {context.whose} was not accepted.", "Refresh to try another."
    if word in EXPIRED_CODES or word == "Unauthorized":
        return FailureKind.CREDENTIALS, f"The login behind {context.whose} has expired.", context.login
    hint = "Check the role's trust policy and the credentials it is assumed with."
    return FailureKind.CREDENTIALS, f"The role of {context.whose} cannot be assumed.", hint


def _html_not_found(message: str, status: int, context: Context) -> bool:
    return status == 404 and ("html" in context.content_type or "<html" in message.lower())


def _sentence(message: str) -> str:
    """AWS's message as one clean line with a full stop."""
    line = " ".join(message.split())
    return line if not line or line[-1] in ".!?" else f"{line}."


def _local_error(error: BaseException, context: Context) -> Failure:
    kind, title, hint = _local_words(error, context)
    status = context.status if isinstance(error, ResponseParserError) else 0
    return Failure(kind, title, detail=_detail(error), hint=hint, code=type(error).__name__, status=status)


def _detail(error: BaseException) -> str:
    return " ".join(str(error).split())[:DETAIL_LENGTH]


def _local_words(error: BaseException, context: Context) -> Words:
    for words in (_credential_words, _config_words, _network_words):
        found = words(error, context)
        if found is not None:
            return found
    if isinstance(error, ResponseParserError):
        return _unparsable_words(context)
    if isinstance(error, sdk.ParamValidationError | sdk.ValidationError):
        return FailureKind.INVALID, _validation_sentence(error), ""
    if isinstance(error, OSError):
        return FailureKind.LOCAL, _sentence(str(error)), ""
    return FailureKind.SERVICE, f"{context.where}: {_sentence(str(error))}", ""


def _unparsable_words(context: Context) -> Words:
    if context.custom and context.status in (404, 501):
        return FailureKind.UNAVAILABLE_HERE, f"{context.action} is not available at {context.endpoint}.", ""
    title = f"{context.where} sent a reply that is not AWS's (HTTP {context.status or '?'})."
    return FailureKind.SERVICE, title, "A proxy or an emulator may have answered; see the detail."


def _validation_sentence(error: BaseException) -> str:
    """ "Parameter validation failed" and its lines as one sentence."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return _sentence("; ".join(lines[1:]) if len(lines) > 1 else lines[0] if lines else type(error).__name__)


def _credential_words(error: BaseException, context: Context) -> Words | None:
    kind, who, whose = FailureKind.CREDENTIALS, context.who, context.whose
    match error:
        case MfaRequiredError():
            return kind, f"{who}: the role wants an MFA code.", "Refresh to be asked, or run in a terminal."
        case sdk.RefreshWithMFAUnsupportedError():
            return kind, f"The MFA session of {whose} has ended.", "Refresh to be asked for a new code."
        case sdk.NoCredentialsError() if context.profile:
            return kind, f"{who} has no credentials.", "Run aws configure, or choose another profile with --profile."
        case sdk.NoCredentialsError():
            return kind, "No AWS credentials were found.", "Choose a profile with --profile, or run aws configure."
        case sdk.PartialCredentialsError():
            missing = error.kwargs.get("cred_var", "a part")
            return kind, f"{who}: half the credentials are missing ({missing}).", "Complete the profile's keys."
        case sdk.SSOTokenLoadError() | sdk.UnauthorizedSSOTokenError() | sdk.TokenRetrievalError() | sdk.SSOError():
            login = f"run: aws sso login --profile {context.profile or 'default'}"
            return kind, f"The SSO login of {whose} is missing or has expired.", login
        case sdk.CredentialRetrievalError() | sdk.MetadataRetrievalError() | sdk.NoAuthTokenError():
            return kind, f"The credentials of {whose} could not be read.", "See the detail; then refresh."
    return None


def _config_words(error: BaseException, context: Context) -> Words | None:
    kind = FailureKind.CONFIG
    match error:
        case sdk.ProfileNotFound():
            return kind, f"There is no profile {error.kwargs.get('profile')}.", "See: aws configure list-profiles"
        case sdk.ConfigParseError() | sdk.ConfigNotFound():
            return kind, f"The AWS configuration file cannot be read: {error.kwargs.get('path')}.", "Correct the file."
        case sdk.InfiniteLoopConfigError():
            return kind, f"The source profiles of {context.whose} go round in a circle.", "Correct source_profile."
        case sdk.InvalidConfigError() | sdk.UnknownCredentialError():
            return (
                kind,
                f"The configuration of {context.whose} is wrong: {_sentence(str(error))}",
                "Correct the profile.",
            )
        case sdk.NoRegionError():
            return kind, "No region is chosen.", "Give one with --region, or set AWS_REGION."
        case sdk.InvalidRegionError():
            return kind, f"{context.region} is not a region.", "A region reads like eu-central-1."
        case sdk.BaseEndpointResolverError() | sdk.EndpointProviderError() | sdk.UnknownRegionError():
            return kind, f"{context.service_name} has no endpoint in {context.region}: {_sentence(str(error))}", ""
        case sdk.InvalidProxiesConfigError() | sdk.InvalidRetryConfigurationError() | sdk.InvalidDefaultsMode():
            return kind, _sentence(str(error)), "Correct the AWS configuration."
    return None


def _network_words(error: BaseException, context: Context) -> Words | None:
    kind, where = FailureKind.UNREACHABLE, context.where
    match error:
        case sdk.SSLError() if not isinstance(error.kwargs.get("error"), ClientConnectorCertificateError):
            return kind, f"{where} cannot be reached over TLS: {_cause(error)}.", "Check the endpoint and the proxy."
        case sdk.SSLError():
            hint = "Behind a TLS proxy, set AWS_CA_BUNDLE to its certificate."
            return kind, f"{where} shows a certificate that cannot be verified.", hint
        case sdk.ProxyConnectionError():
            return (
                kind,
                f"The proxy {error.kwargs.get('proxy_url')} cannot be reached.",
                "Check HTTPS_PROXY and NO_PROXY.",
            )
        case sdk.ConnectTimeoutError():
            return kind, f"{where} does not answer (connect timeout).", "Check the network, VPN and security groups."
        case sdk.ReadTimeoutError() | TimeoutError():
            waited = f" within {context.waited:.0f} s" if context.waited else ""
            return kind, f"{where} sent no reply{waited}.", "Check the network; then try again."
        case sdk.EndpointConnectionError():
            url = error.kwargs.get("endpoint_url", context.endpoint)
            return (
                kind,
                f"{where} cannot be reached: {_cause(error)}.",
                f"Tried {url}; check the region and the network.",
            )
        case sdk.ConnectionClosedError() | sdk.ResponseStreamingError() | sdk.IncompleteReadError():
            return kind, f"{where} closed the connection before its reply was complete.", "Try again."
        case sdk.HTTPClientError() | sdk.ConnectionError():
            return kind, f"{where} cannot be reached: {_cause(error)}.", "Check the network; then try again."
    return None


def _cause(error: Any) -> str:
    """The operating system's word for a failed connection: name not resolved, refused, reset."""
    cause = error.kwargs.get("error", "")
    system = getattr(cause, "os_error", None)
    text = (system.strerror if isinstance(system, OSError) else "") or str(cause) or "no connection"
    return " ".join(text.split()).rstrip(".")
