"""Sends calls: sessions and clients opened off the event loop and kept, every exception classified.

This module imports the SDK; :mod:`dbtui.aws.gateway` loads it in a thread at the first call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

from botocore import xform_name

from dbtui.aws.calls import Call, current_call
from dbtui.aws.credentials import MfaPrompt
from dbtui.aws.errors import SDK_ERRORS, Context, aws_error
from dbtui.aws.flights import Flights
from dbtui.aws.http import http_session_class
from dbtui.aws.limits import MAX_CONNECTIONS, Timeouts
from dbtui.aws.sessions import GatewayConfig, ProfileSession, open_session
from dbtui.aws.turns import Turns
from dbtui.domain.failures import AwsError, FailureKind
from dbtui.domain.scope import Target
from dbtui.gateway.protocol import Notice


class Transport:
    """One client per service, target and purpose (reads, mutations), opened at its first call."""

    def __init__(self, timeouts: Timeouts, tell: Callable[[Notice], None], mfa_prompt: MfaPrompt | None) -> None:
        self._timeouts = timeouts
        self._tell = tell
        self._mfa_prompt = mfa_prompt
        self._sessions: Flights[str, ProfileSession] = Flights()
        self._clients: Flights[tuple[str, Target, bool], Any] = Flights()
        self._building = asyncio.Lock()
        self._turns = Turns()
        self._stack = AsyncExitStack()

    async def read(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a read with the SDK's standard retries, bounded in all. Raises :class:`AwsError`."""
        return await self._send(Call(target, operation, self._tell), parameters, self._timeouts.read_total)

    async def mutate(self, target: Target, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a mutation once; the caller has spent its permit. Raises :class:`AwsError` with ``reply_lost``."""
        return await self._send(Call(target, operation, self._tell, permitted=True, mutation=True), parameters, None)

    async def fingerprint(self, target: Target, operation: str = "sts:GetCallerIdentity") -> int:
        """A number that changes whenever the target's credentials do. Raises :class:`AwsError` CREDENTIALS."""
        call = Call(target, operation, self._tell)
        try:
            session = await self._session(target.profile)
            frozen = await session.credentials.ready(target.region)
        except SDK_ERRORS as error:
            raise self._error(error, call) from error
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

    async def _send(self, call: Call, parameters: Mapping[str, Any], total: float | None) -> dict[str, Any]:
        await self.fingerprint(call.target, call.operation)
        token = current_call.set(call)
        try:
            client = await self._client(call)
            method = getattr(client, xform_name(call.action))
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

    async def _client(self, call: Call) -> Any:
        async def build() -> Any:
            session = await self._session(call.target.profile)
            async with self._building:
                client = await asyncio.to_thread(self._open_client, session, call)
            self._stack.push_async_callback(client.close)
            return client

        return await self._clients.get((call.service, call.target, call.mutation), build)

    def _open_client(self, session: ProfileSession, call: Call) -> Any:
        """Builds a client, in a thread: loads models, compiles endpoint rules, parses certificates. The coroutine that
        does so waits for nothing, so a loop of its own serves it."""
        target = call.target
        endpoint = target.endpoint or session.endpoint_in_force(call.service)
        creating = session.boto.client(
            call.service,
            region_name=target.region,
            endpoint_url=target.endpoint or None,
            config=self._config(session, mutation=call.mutation, endpoint=endpoint),
        )

        async def enter() -> Any:
            return await creating.__aenter__()

        return asyncio.run(enter())

    def _config(self, session: ProfileSession, *, mutation: bool, endpoint: str) -> GatewayConfig:
        attempts = 1 if mutation else session.core.get_config_variable("max_attempts") or self._timeouts.attempts
        return GatewayConfig(  # type: ignore[no-untyped-call]
            connect_timeout=self._timeouts.connect,
            read_timeout=self._timeouts.mutation if mutation else self._timeouts.read,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=MAX_CONNECTIONS,
            tcp_keepalive=True,
            http_session_cls=http_session_class(endpoint),
            # No connection is used twice: an idle one that AWS has dropped would leave a mutation's fate uncertain.
            connector_args={"keepalive_timeout": 0} if mutation else None,
        )
