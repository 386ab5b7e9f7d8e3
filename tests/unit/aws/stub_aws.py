"""A server on the test's own loop that answers for AWS exactly what a test tells it to, and counts what arrives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

from aiohttp import web

ACCOUNT = "123456789012"
Parameters = Mapping[str, Any]


@dataclass(frozen=True)
class Reply:
    """What goes over the wire."""

    body: str
    status: int = 200
    content_type: str = "text/xml"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """No reply until the server ends."""


@dataclass(frozen=True)
class Reset:
    """The connection breaks after the request has been read."""


@dataclass(frozen=True)
class Late:
    """The operation's next answer, once :meth:`StubAws.let_late_ones_go` is called."""


Answer = Reply | Hang | Reset | Late


def xml(action: str, body: str = "") -> Reply:
    """A reply of the query protocol."""
    return Reply(
        f'<{action}Response xmlns="http://x/"><{action}Result>{body}</{action}Result>'
        f"<ResponseMetadata><RequestId>req-{action}</RequestId></ResponseMetadata></{action}Response>"
    )


def xml_error(code: str, message: str = "", status: int = 400) -> Reply:
    return Reply(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        "<RequestId>req-error</RequestId></ErrorResponse>",
        status,
    )


def js(body: Any) -> Reply:
    """A reply of the JSON protocol."""
    return Reply(json.dumps(body), 200, "application/x-amz-json-1.0")


def js_error(code: str, message: str = "", status: int = 400) -> Reply:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message})
    return Reply(body, status, "application/x-amz-json-1.0")


def caller(account: str = ACCOUNT, user: str = "ann") -> Reply:
    """The reply of GetCallerIdentity."""
    arn = f"arn:aws:iam::{account}:user/{user}"
    return xml("GetCallerIdentity", f"<Arn>{arn}</Arn><UserId>U</UserId><Account>{account}</Account>")


@dataclass
class StubAws:
    """``answers`` maps an operation's name to a reply, a list of replies (the last one repeats), or a function of the
    request's parameters. Requests are recorded as ``(operation, parameters)``."""

    answers: dict[str, Answer | list[Answer] | Callable[[Parameters], Answer]] = field(
        default_factory=lambda: {"GetCallerIdentity": caller()}
    )
    requests: list[tuple[str, Parameters]] = field(default_factory=list)
    url: str = ""

    async def __aenter__(self) -> Self:
        self._ending = asyncio.Event()
        self._go = asyncio.Event()
        self._arrived = asyncio.Condition()
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        await self._runner.cleanup()

    def let_late_ones_go(self) -> None:
        self._go.set()

    def sent(self, operation: str) -> list[Parameters]:
        """The parameters of every request of an operation."""
        return [parameters for name, parameters in self.requests if name == operation]

    async def until_sent(self, operation: str, times: int = 1) -> None:
        """Returns once an operation has arrived so many times."""
        async with asyncio.timeout(10), self._arrived:
            await self._arrived.wait_for(lambda: len(self.sent(operation)) >= times)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        operation, parameters = _read(request, await request.text())
        self.requests.append((operation, parameters))
        async with self._arrived:
            self._arrived.notify_all()
        answer = self._answer(operation, parameters)
        if isinstance(answer, Late):
            await self._go.wait()
            answer = self._answer(operation, parameters)
        if isinstance(answer, Hang | Late):
            await self._ending.wait()
            return web.Response(status=503)
        if isinstance(answer, Reset):
            assert request.transport is not None
            request.transport.abort()
            return web.Response(status=503)
        return web.Response(
            text=answer.body, status=answer.status, content_type=answer.content_type, headers=answer.headers
        )

    def _answer(self, operation: str, parameters: Parameters) -> Answer:
        answer = self.answers.get(operation)
        if answer is None:
            return xml_error("InvalidAction", f"no such action {operation}")
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        return answer(parameters) if callable(answer) else answer


def _read(request: web.Request, body: str) -> tuple[str, Parameters]:
    target = request.headers.get("X-Amz-Target", "")
    if target:
        return target.rpartition(".")[2], json.loads(body)
    form = dict(parse_qsl(body))
    return form.pop("Action", ""), form
