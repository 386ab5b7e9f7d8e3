"""HTTP/1.1 on loopback with connections kept alive.

Not werkzeug's handler: it closes the connection after every reply, which costs a connect for every call and hides
faults of the client's connection reuse.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from urllib.parse import unquote

from dbtui.demo.protocol.message import HttpRequest, Reply

Handle = Callable[[HttpRequest], Reply]
_HANG_LOOK_SECONDS = 0.25


class DemoServer(ThreadingMixIn, TCPServer):
    """Serves an already listening socket, one thread a connection."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, handle: Handle, ending: threading.Event) -> None:
        super().__init__(listening.getsockname(), DemoHandler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.handle_request_with = handle
        self.ending = ending

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away in mid-request are everyday business."""


class DemoHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without this, the small writes of two replies in a row wait 40 ms for each other's acknowledgement.
    disable_nagle_algorithm = True
    server: DemoServer

    def do_POST(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.handle_request_with(HttpRequest(self.command, unquote(path), query, headers, body))
        with contextlib.suppress(ConnectionError):
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        if reply.wire == "hang":
            self._hold()
        if reply.wire in ("hang", "reset"):
            self._reset()
            return
        body = reply.body if self.command != "HEAD" else b""
        sent = body[: len(body) // 2] if reply.wire == "truncated" else body
        self.wfile.write(self._head(reply) + sent)
        if reply.wire == "truncated":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

    def _head(self, reply: Reply) -> bytes:
        reason = self.responses.get(reply.status, ("", ""))[0]
        lines = [f"HTTP/1.1 {reply.status} {reason}", f"Content-Type: {reply.content_type}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        lines += [f"Content-Length: {len(reply.body)}", f"Date: {self.date_time_string()}", "", ""]
        return "\r\n".join(lines).encode("latin-1", "replace")

    def _reset(self) -> None:
        """Drop the connection with an RST: close alone would leave the client waiting for its read timeout."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()

    def _hold(self) -> None:
        """Say nothing until the client gives up or the program ends."""
        while not self.server.ending.is_set():
            readable, _, _ = select.select([self.connection], [], [], _HANG_LOOK_SECONDS)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """The recorder keeps the calls; nothing is printed."""
