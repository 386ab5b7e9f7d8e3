"""One botocore session per profile, fitted with our parsers, loader, credentials and guard through public hooks."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

from aioboto3.session import Session
from aiobotocore.config import AioConfig
from aiobotocore.hooks import AioHierarchicalEmitter
from aiobotocore.session import AioSession
from botocore.exceptions import ClientError

from dbtui.aws.calls import current_call, refuse_unpermitted
from dbtui.aws.credentials import CredentialProvider, MfaPrompt, ProfileCredentials
from dbtui.aws.http import http_session_class, warm_tls
from dbtui.aws.limits import Timeouts
from dbtui.aws.models import shared_loader
from dbtui.aws.parsers import FastParserFactory
from dbtui.aws.words import THROTTLE_CODES, base
from dbtui.domain.failures import throttling_reasons
from dbtui.gateway.protocol import Notice

# These log request bodies at DEBUG, and failed credential refreshes with a traceback that Python's last resort would
# write over the screen.
for _name in ("botocore", "aiobotocore", "boto3"):
    logging.getLogger(_name).setLevel(logging.WARNING)
for _name in ("botocore", "aiobotocore", "boto3", "asyncio"):
    logging.getLogger(_name).addHandler(logging.NullHandler())


# A profile with one of these makes the SDK open clients of its own.
_NESTED = frozenset({"role_arn", "sso_session", "sso_start_url", "web_identity_token_file"})


class NoticingEmitter(AioHierarchicalEmitter):
    """The session's event emitter; it also sees what the retry handler decided and tells the user. The handler is not
    asked about a throttle that the caller answers: its budget of retries is for what it does retry."""

    async def emit(self, event_name: str, **kwargs: Any) -> Any:
        if event_name.startswith("needs-retry.") and _left_to_the_caller(kwargs):
            return []
        responses = await super().emit(event_name, **kwargs)
        if event_name.startswith("needs-retry."):
            delays = [answer for _, answer in responses if answer is not None]
            if delays:
                _tell_of_retry(kwargs, float(delays[0]))
        return responses


class GatewayConfig(AioConfig):
    """Settings of a client of ours: complete, never merged with others."""


class NestedConfig(AioConfig):
    """Settings of the clients the SDK makes for itself (assume role, SSO), merged with what it asks for there."""

    def merge(self, other_config: Any) -> Any:
        if isinstance(other_config, GatewayConfig):
            return other_config
        merged: Any = super().merge(other_config)  # type: ignore[no-untyped-call]
        merged.http_session_cls = self.http_session_cls  # the stock merge loses it
        return merged


@dataclass(frozen=True, slots=True)
class ProfileSession:
    """A profile's session. ``profile_name`` is the name in force, also when AWS_PROFILE chose it."""

    profile: str
    core: Any
    boto: Any
    credentials: ProfileCredentials
    profile_name: str

    @property
    def uses_sso(self) -> bool:
        config = self.core.get_scoped_config()
        return "sso_session" in config or "sso_start_url" in config

    def endpoint_in_force(self, service: str) -> str:
        """The endpoint URL that the environment or the profile sets for a service; ``""`` for AWS's own."""
        return configured_endpoint(self.core, service)


def open_session(profile: str, timeouts: Timeouts, mfa_prompt: MfaPrompt | None) -> ProfileSession:
    """Builds the session of a profile (``""``: the default chain). Reads files; run it in a thread.

    Raises botocore's ProfileNotFound and ConfigParseError.
    """
    core = AioSession(profile=profile or None, event_hooks=NoticingEmitter())  # type: ignore[no-untyped-call]
    core.register_component("data_loader", shared_loader(core.get_config_variable("data_path")))
    core.register_component("response_parser_factory", FastParserFactory())
    _warm_up(core)
    credentials = ProfileCredentials(core, mfa_prompt)
    core.register_component("credential_provider", CredentialProvider(credentials))
    core.set_default_client_config(
        NestedConfig(  # type: ignore[no-untyped-call]
            http_session_cls=http_session_class(configured_endpoint(core, "sts")),
            connect_timeout=timeouts.connect,
            read_timeout=timeouts.read,
            retries={"mode": "standard", "total_max_attempts": 2},
        )
    )
    core.register("before-call", _guard)
    core.register("before-send", _count)
    core.register("before-parse", _observe)
    boto = Session(botocore_session=core)  # type: ignore[no-untyped-call]
    return ProfileSession(profile, core, boto, credentials, profile or core.get_config_variable("profile") or "")


def _warm_up(core: Any) -> None:
    """Loads what the SDK's own clients will need, since it makes them on the event loop."""
    loader = core.get_component("data_loader")
    for kind in ("service-2", "endpoint-rule-set-1"):
        loader.load_service_model("sts", kind)
    for name in ("endpoints", "partitions"):
        loader.load_data(name)
    if _NESTED & core.get_scoped_config().keys() and not configured_endpoint(core, "sts").startswith("http://"):
        warm_tls(core.get_config_variable("ca_bundle") or True)


def configured_endpoint(core: Any, service: str) -> str:
    """The endpoint that AWS_ENDPOINT_URL, its per-service form, the profile's services section or the profile itself
    sets, in that order (AWS SDKs reference, "Service-specific endpoints"); ``""`` when none does."""
    if core.get_config_variable("ignore_configured_endpoint_urls"):
        return ""
    key = service.replace("-", "_")
    profile = core.get_scoped_config()
    services = core.full_config.get("services", {}).get(profile.get("services", ""), {})
    section = services.get(key, {})
    return str(
        os.environ.get(f"AWS_ENDPOINT_URL_{key.upper()}")
        or os.environ.get("AWS_ENDPOINT_URL")
        or (section.get("endpoint_url") if isinstance(section, dict) else "")
        or profile.get("endpoint_url")
        or ""
    )


def _guard(**event: Any) -> None:
    model = event["model"]
    refuse_unpermitted(model.service_model.service_name, model.name)


def _count(**event: Any) -> None:
    call = current_call.get()
    if call is not None and event["event_name"].rpartition(".")[2] == call.action:
        call.sent += 1


def _observe(**event: Any) -> None:
    call, response_dict = current_call.get(), event["response_dict"]
    if call is not None:
        call.status = response_dict["status_code"]
        call.content_type = response_dict["headers"].get("content-type", "")


def _left_to_the_caller(event: dict[str, Any]) -> bool:
    call = current_call.get()
    return call is not None and call.paced and base(_code(event.get("response"))) in THROTTLE_CODES


def _code(response: Any) -> str:
    """The error code of a parsed reply, ``""`` without one."""
    return "" if response is None else str(response[1].get("Error", {}).get("Code", ""))


def _tell_of_retry(event: dict[str, Any], delay: float) -> None:
    call = current_call.get()
    if call is None:
        return
    response, error = event.get("response"), event.get("caught_exception")
    code = _code(response)
    call.trouble = error if response is None else ClientError(response[1], call.action)
    throttled, attempt = base(code) in THROTTLE_CODES, event["attempts"] + 1
    reasons = ", ".join(throttling_reasons(response[1])) if response is not None else ""
    cause = (
        f"is throttled{f' ({reasons})' if reasons else ''}" if throttled else f"failed ({code or type(error).__name__})"
    )
    text = f"{call.action} {cause}; attempt {attempt} follows in {delay:.1f} s"
    kind = "throttled" if throttled else "retrying"
    call.tell(Notice(kind, call.target, call.operation, attempt=attempt, delay=delay, text=text))
