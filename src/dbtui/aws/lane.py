"""The fast lane: pages of Scan and Query over connections of their own, each read whole in a thread.

A call of the SDK costs the event loop 0.8 ms, and reading a megabyte through asyncio as much again. Here a thread signs
the request, receives the reply in one go and checks its checksum, most of that without Python's lock. The lane gives
good pages only: an error, a lost connection or a reply that is not quite AWS's is answered with ``None``, and the call
goes the ordinary way through the SDK, with its retries, notices and words. It knows no proxies and no client
certificates. Reads are all it ever sends.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
import zlib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

from dbtui.aws import items
from dbtui.aws.calls import refuse_unpermitted
from dbtui.aws.limits import Timeouts
from dbtui.aws.signature import Signer

IDLE_SECONDS = 10.0
"""How long an unused connection is trusted to be open still; DynamoDB closes idle ones."""

REST_SECONDS = 5.0
"""How long everything goes the ordinary way after a failure, so that a throttled table is not asked twice each time."""

# The last two: a page of another shape, or parameters that the SDK will refuse with better words.
_NO_REPLY = (OSError, HTTPException, ValueError, TypeError)


class Lane:
    """One endpoint's connections. ``tls`` is ``None`` for plain ``http``."""

    def __init__(
        self, url: str, region: str, tls: ssl.SSLContext | None, timeouts: Timeouts, threads: ThreadPoolExecutor
    ) -> None:
        self._place = urlsplit(url)
        self._signer = Signer("dynamodb", region, url)
        self._tls = tls
        self._timeouts = timeouts
        self._threads = threads
        self._idle: list[tuple[float, HTTPConnection]] = []
        self._busy: set[_Exchange] = set()
        self._resting_until = 0.0

    async def page(self, credentials: Any, action: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
        """The reply to one Scan or Query as :func:`dbtui.aws.items.read_uncut` gives it; ``None``: ask the SDK."""
        refuse_unpermitted("dynamodb", action)
        if time.monotonic() < self._resting_until:
            return None
        exchange = _Exchange(self, credentials, action, parameters)
        self._busy.add(exchange)
        try:
            reply = await asyncio.get_running_loop().run_in_executor(self._threads, exchange.run)
        except asyncio.CancelledError:
            exchange.abort()
            raise
        finally:
            self._busy.discard(exchange)
        if reply is None:
            self._resting_until = time.monotonic() + REST_SECONDS
        return reply

    def close(self) -> None:
        """Ends every connection; requests on their way end with it."""
        for exchange in tuple(self._busy):
            exchange.abort()
        with suppress(IndexError):
            while True:
                self._idle.pop()[1].close()

    # In a thread

    def signed(self, credentials: Any, action: str, body: bytes) -> dict[str, str]:
        """The headers of a request."""
        headers = self._signer.headers(credentials, f"DynamoDB_20120810.{action}", body, datetime.now(UTC))
        return headers | {"user-agent": "dbtui"}

    def connection(self) -> HTTPConnection:
        """One that is open and free, or a new one."""
        with suppress(IndexError):  # threads share the list: it may be empty at any time
            while True:
                since, connection = self._idle.pop()
                if time.monotonic() - since < IDLE_SECONDS:
                    return connection
                connection.close()
        connection = self._new_connection()
        connection.connect()
        opened: socket.socket = connection.sock
        opened.settimeout(self._timeouts.read)
        return connection

    def keep(self, connection: HTTPConnection) -> None:
        """Takes back a connection whose reply has been read to its end."""
        self._idle.append((time.monotonic(), connection))

    def _new_connection(self) -> HTTPConnection:
        host, port, timeout = self._place.hostname or "", self._place.port, self._timeouts.connect
        if self._tls is None:
            return HTTPConnection(host, port, timeout=timeout)
        return HTTPSConnection(host, port, timeout=timeout, context=self._tls)


class _Exchange:
    """One request and its reply."""

    def __init__(self, lane: Lane, credentials: Any, action: str, parameters: Mapping[str, Any]) -> None:
        self._lane = lane
        self._credentials = credentials
        self._action = action
        self._parameters = parameters
        self._connection: HTTPConnection | None = None
        self._aborted = False

    def abort(self) -> None:
        """Wakes the thread that waits for the reply."""
        self._aborted = True
        connection = self._connection  # the thread may let go of it at any time
        waiting = None if connection is None else connection.sock
        if waiting is not None:
            with suppress(OSError):  # it is closed already
                waiting.shutdown(socket.SHUT_RDWR)

    def run(self) -> dict[str, Any] | None:
        """Sends, receives and reads; ``None`` unless all of it went well."""
        try:
            body, checksum = self._exchanged()
            if checksum is None:  # an emulator: nothing vouches for the body but its shape
                return items.read(f"{self._action}Output", body)
            return items.read_uncut(self._action, body) if checksum == str(zlib.crc32(body)) else None
        except _NO_REPLY:
            return None

    def _exchanged(self) -> tuple[bytes, str | None]:
        """The body of a reply with status 200, and the checksum AWS sent with it. Raises ``OSError`` or
        ``HTTPException`` for every other outcome."""
        asked = msgspec.json.encode(self._parameters)
        headers = self._lane.signed(self._credentials, self._action, asked)
        connection = self._connection = self._lane.connection()
        kept = False
        try:
            if self._aborted:
                raise ConnectionAbortedError
            connection.request("POST", "/", asked, headers)
            response = connection.getresponse()
            body = response.read()
            kept = not response.will_close and not self._aborted
            if response.status != HTTPStatus.OK:
                raise HTTPException(response.status)
            return body, response.headers.get("x-amz-crc32")
        finally:
            self._connection = None
            if kept:
                self._lane.keep(connection)
            else:
                connection.close()
