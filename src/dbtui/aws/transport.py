"""Sends calls: sessions and clients opened off the event loop and kept, every exception classified.

This module imports the SDK; :mod:`dbtui.aws.gateway` loads it in a thread at the first call.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from dbtui.aws.calls import Call, current_call
from dbtui.aws.credentials import MfaPrompt
from dbtui.aws.errors import SDK_ERRORS, Context, aws_error
from dbtui.aws.flights import Flights
from dbtui.aws.http import http_session_class, lane_tls
from dbtui.aws.lane import Lane
from dbtui.aws.limits import MAX_CONNECTIONS, Timeouts
from dbtui.aws.sessions import GatewayConfig, ProfileSession, open_session
from dbtui.aws.turns import Turns
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Notice


@dataclass(frozen=True, slots=True)
class OpenedClient:
    """A client of the SDK, and beside one that reads DynamoDB the fast lane for pages of items."""

    client: Any
    lane: Lane | None


class Transport:
    """One client per service, target and purpose (reads, mutations), opened at its first call."""

    def __init__(self, timeouts: Timeouts, tell: Callable[[Notice], None], mfa_prompt: MfaPrompt | None) -> None:
        self._timeouts = timeouts
        self._tell = tell
        self._mfa_prompt = mfa_prompt
        self._sessions: Flights[str, ProfileSession] = Flights()
        self._clients: Flights[tuple[str, Target, bool], OpenedClient] = Flights()
        self._building = asyncio.Lock()
        self._turns = Turns()
        self._threads = ThreadPoolExecutor(MAX_CONNECTIONS, "dbtui-page")
        self._stack = AsyncExitStack()

    async def read(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a read with the SDK's standard retries, bounded in all. Raises :class:`AwsError`."""
        return await self._send(Call(target, operation, self._tell), parameters, self._timeouts.read_total)

    async def page(self, target: Target, action: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Reads a page of Scan or Query in the fast lane, or like any read. Raises :class:`AwsError`; THROTTLED at
        once, as who reads page by page knows how to go on more slowly."""
        call = Call(target, f"dynamodb:{action}", self._tell, paced=True)
        try:
            opened = await self._client(call)
        except SDK_ERRORS as error:
            raise self._error(error, call) from error
        if opened.lane is None:
            return await self._send(call, parameters, self._timeouts.read_total)
        credentials = await self._credentials(target, call.operation)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._timeouts.read_total):
                reply = await opened.lane.page(credentials, action, parameters)
        except TimeoutError as error:  # a reply that trickles in
            raise self._error(error, call) from error
        if reply is not None:
            return reply
        return await self._send(call, parameters, self._timeouts.read_total - (time.monotonic() - begun))

    async def mutate(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a mutation once; the caller has spent its permit. Raises :class:`AwsError` with ``reply_lost``."""
        return await self._send(Call(target, operation, self._tell, permitted=True, mutation=True), parameters, None)

    async def fingerprint(self, target: Target, operation: str = "sts:GetCallerIdentity") -> int:
        """A number that changes whenever the target's credentials do. Raises :class:`AwsError` CREDENTIALS."""
        frozen = await self._credentials(target, operation)
        return hash((frozen.access_key, frozen.token))

    def endpoint_in_force(self, target: Target, service: str) -> str:
        """The custom endpoint a service of an opened target is asked at; ``""`` at AWS itself."""
        session = self._sessions.result(target.profile)
        return target.endpoint or (session.endpoint_in_force(service) if session else "")

    def ask_again(self, profile: str | None) -> None:
        """Asks for an MFA code again where none was given; ``None`` means every profile."""
        for session in self._sessions.results():
            if profile is None or session.profile == profile:
                session.credentials.ask_again()

    async def close(self) -> None:
        """Closes every client. Clients still being opened are abandoned."""
        await self._clients.close()
        await self._sessions.close()
        await self._stack.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _credentials(self, target: Target, operation: str) -> Any:
        """The frozen credentials a call would be signed with."""
        try:
            session = await self._session(target.profile)
            return await session.credentials.ready(target.region)
        except SDK_ERRORS as error:
            raise self._error(error, Call(target, operation, self._tell)) from error

    async def _send(self, call: Call, parameters: Mapping[str, Any], total: float | None) -> dict[str, Any]:
        await self.fingerprint(call.target, call.operation)
        token = current_call.set(call)
        try:
            opened = await self._client(call)
            method = getattr(opened.client, xform_name(call.action))
            await self._turns.next()
            async with asyncio.timeout(total):
                reply: dict[str, Any] = await method(**parameters)
        except TimeoutError as error:
            raise self._error(call.trouble or error, call) from error
        except SDK_ERRORS as error:
            raise self._error(error, call) from error
        finally:
            current_call.reset(token)
        return reply

    def _error(self, error: BaseException, call: Call) -> AwsError:
        session = self._sessions.result(call.target.profile)
        custom = self.endpoint_in_force(call.target, call.service)
        context = Context(
            profile=session.profile_name if session else call.target.profile,
            region=call.target.region,
            operation=call.operation,
            endpoint=custom,
            custom=bool(custom),
            sso=session is not None and session.uses_sso,
            status=call.status,
            content_type=call.content_type,
            waited=self._timeouts.read_total if isinstance(error, TimeoutError) else 0.0,
        )
        failed = aws_error(error, context, mutation_sent=call.mutation and call.sent > 0)
        if session is not None and failed.failure.kind is FailureKind.CREDENTIALS:
            session.credentials.start_over()  # a new login is noticed at the next call
        return failed

    async def _session(self, profile: str) -> ProfileSession:
        async def build() -> ProfileSession:
            async with self._building:
                return await asyncio.to_thread(open_session, profile, self._timeouts, self._mfa_prompt)

        return await self._sessions.get(profile, build)

    async def _client(self, call: Call) -> OpenedClient:
        async def build() -> OpenedClient:
            session = await self._session(call.target.profile)
            async with self._building:
                opened = await asyncio.to_thread(self._open_client, session, call)
            self._stack.push_async_callback(opened.client.close)
            if opened.lane is not None:
                self._stack.callback(opened.lane.close)
            return opened

        return await self._clients.get((call.service, call.target, call.mutation), build)

    def _open_client(self, session: ProfileSession, call: Call) -> OpenedClient:
        """Builds a client, in a thread: loads models, compiles endpoint rules, parses certificates. The coroutine that
        does so waits for nothing, so a loop of its own serves it."""
        target = call.target
        endpoint = target.endpoint or session.endpoint_in_force(call.service)
        http_options: dict[str, Any] = {}

        def http_session(**options: Any) -> Any:
            http_options.update(options)
            return http_session_class(endpoint)(**options)

        creating = session.boto.client(
            call.service,
            region_name=target.region,
            endpoint_url=target.endpoint or None,
            config=self._config(session, mutation=call.mutation, http_session=http_session),
        )

        async def enter() -> Any:
            return await creating.__aenter__()

        client = asyncio.run(enter())
        fast = call.service == "dynamodb" and not call.mutation
        return OpenedClient(client, self._lane(client, http_options) if fast else None)

    def _lane(self, client: Any, http_options: Mapping[str, Any]) -> Lane | None:
        """The fast lane beside a client; ``None`` where it would need a proxy or a client certificate."""
        url = client.meta.endpoint_url
        try:
            tls = lane_tls(url, http_options)
        except LookupError:
            return None
        return Lane(url, client.meta.region_name, tls, self._timeouts, self._threads)

    def _config(self, session: ProfileSession, *, mutation: bool, http_session: Callable[..., Any]) -> GatewayConfig:
        attempts = 1 if mutation else session.core.get_config_variable("max_attempts") or self._timeouts.attempts
        return GatewayConfig(  # type: ignore[no-untyped-call]
            connect_timeout=self._timeouts.connect,
            read_timeout=self._timeouts.mutation if mutation else self._timeouts.read,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=MAX_CONNECTIONS,
            tcp_keepalive=True,
            http_session_cls=http_session,
            # No connection is used twice: an idle one that AWS has dropped would leave a mutation's fate uncertain.
            connector_args={"keepalive_timeout": 0} if mutation else None,
        )
