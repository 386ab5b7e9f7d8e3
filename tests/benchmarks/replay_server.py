"""A DynamoDB that answers Scan from memory as fast as loopback allows: a child process, standard library only.

`async with`/`with ReplayServer(items=20_000, segments=4) as server:` gives `server.url`. Every page is recorded
beforehand as AWS writes it (members in alphabetical order, no white space, x-amz-crc32) and sent whole by a thread of
its connection, so that the client's own work is what a benchmark measures. It also answers DescribeTable, Query (as a
Scan of one segment) and GetCallerIdentity.
"""

from __future__ import annotations

import argparse
import base64
import json
import socket
import subprocess
import sys
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PAGE_BYTES = 1_000_000
TABLE = "replayed"
SEND_BUFFER = 4 * 1024 * 1024
CALLER = (
    b'<GetCallerIdentityResponse xmlns="http://x/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ann'
    b"</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult><ResponseMetadata>"
    b"<RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)


def item(number: int, size: int) -> dict[str, Any]:
    """An item of about `size` bytes on the wire: a binary and a number for a key, attributes of all ten types."""
    made: dict[str, Any] = {
        "pk": {"B": base64.b64encode(f"customer-{number % 997:04}".encode()).decode()},
        "sk": {"N": str(number)},
        "status": {"S": ("open", "paid", "sent", "späť ✓")[number % 4]},
        "total": {"N": f"{number * 7 % 100_000}.{number % 100:02}"},
        "gift": {"BOOL": number % 3 == 0},
        "cancelled_at": {"NULL": True},
        "tags": {"SS": ["alpha", "beta", f"t{number % 50}"]},
        "sizes": {"NS": ["1", "2.5", str(number % 9 + 3)]},
        "proofs": {"BS": [base64.b64encode(f"proof-{number}".encode()).decode()]},
        "address": {"M": {"city": {"S": "Bratislava"}, "zip": {"S": "81101"}, "lines": {"L": [{"S": "Main 1"}]}}},
        "lines": {"L": [{"M": {"sku": {"S": f"SKU-{number % 777}"}, "count": {"N": str(number % 5 + 1)}}}]},
    }
    filler = size - len(_compact(made)) - len(',"note":{"S":""}')
    made["note"] = {"S": ("the quick brown fox jumps over the lazy dog " * (filler // 44 + 1))[: max(filler, 0)]}
    return made


def pages(items: int, size: int, segments: int, page_bytes: int = PAGE_BYTES) -> list[list[bytes]]:
    """The bodies of every segment, page by page."""
    recorded: list[list[bytes]] = []
    for segment in range(segments):
        texts, keys = [], []
        for number in range(segment, items, segments):
            made = item(number, size)
            texts.append(_compact(made))
            keys.append(_compact({"pk": made["pk"], "sk": made["sk"]}))
        per_page = max(1, page_bytes // size)
        starts = range(0, max(len(texts), 1), per_page)
        recorded.append(
            [
                _body(texts[start : start + per_page], keys[start + per_page - 1 : start + per_page], more)
                for start in starts
                for more in [start + per_page < len(texts)]
            ]
        )
    return recorded


def _body(texts: list[bytes], last: list[bytes], more: bool) -> bytes:
    units = max(1, len(texts) * 1024 // 8192) / 2
    head = b'{"ConsumedCapacity":{"CapacityUnits":%.1f,"TableName":"%s"},"Count":%d,"Items":[' % (
        units,
        TABLE.encode(),
        len(texts),
    )
    tail = b'],"LastEvaluatedKey":' + last[0] if more else b"]"
    return head + b",".join(texts) + tail + b',"ScannedCount":%d}' % len(texts)


def _compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _reply(body: bytes, content_type: bytes = b"application/x-amz-json-1.0", status: bytes = b"200 OK") -> bytes:
    return (
        b"HTTP/1.1 %s\r\nServer: Server\r\nDate: Thu, 02 May 2024 09:15:07 GMT\r\nContent-Type: %s\r\n"
        b"Content-Length: %d\r\nConnection: keep-alive\r\nx-amzn-RequestId: REPLAYED\r\nx-amz-crc32: %d\r\n\r\n%s"
        % (status, content_type, len(body), zlib.crc32(body), body)
    )


class _Recorded:
    """Whole replies: by operation, and pages by segment and the key they continue from."""

    def __init__(self, items: int, size: int, segments: int) -> None:
        self.caller = _reply(CALLER, b"text/xml")
        description = {"TableName": TABLE, "TableStatus": "ACTIVE", "ItemCount": items, "TableSizeBytes": items * size}
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        types = [{"AttributeName": "pk", "AttributeType": "B"}, {"AttributeName": "sk", "AttributeType": "N"}]
        table = description | {"KeySchema": keys, "AttributeDefinitions": types}
        self.table = _reply(_compact({"Table": table}))
        self.unknown = _reply(
            _compact({"__type": "x#ValidationException", "message": "not recorded"}), status=b"400 Bad Request"
        )
        self.pages: dict[tuple[int, str], bytes] = {}
        for segment, bodies in enumerate(pages(items, size, segments)):
            start = ""
            for body in bodies:
                self.pages[segment, start] = _reply(body)
                start = _key(json.loads(body).get("LastEvaluatedKey"))

    def answer(self, head: bytes, body: bytes) -> bytes:
        operation = _header(head, b"x-amz-target").rpartition(b".")[2]
        if operation in (b"Scan", b"Query"):
            asked = json.loads(body)
            return self.pages.get((asked.get("Segment", 0), _key(asked.get("ExclusiveStartKey"))), self.unknown)
        if operation == b"DescribeTable":
            return self.table
        return self.caller if b"GetCallerIdentity" in body else self.unknown


def _key(key: dict[str, Any] | None) -> str:
    return json.dumps(key, sort_keys=True) if key else ""


def _header(head: bytes, name: bytes) -> bytes:
    at = head.lower().find(b"\r\n" + name + b":")
    return head[at:].split(b"\r\n")[1].split(b":", 1)[1].strip() if at >= 0 else b""


def _serve(connection: socket.socket, recorded: _Recorded) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    got = b""
    with connection:
        while True:
            while (end := got.find(b"\r\n\r\n")) < 0:
                more = connection.recv(65536)
                if not more:
                    return
                got += more
            head, got = got[:end], got[end + 4 :]
            length = int(_header(head, b"content-length") or 0)
            while len(got) < length:
                got += connection.recv(65536)
            body, got = got[:length], got[length:]
            connection.sendall(recorded.answer(head, body))


def main() -> None:
    """Serves until its parent closes standard input; the port is the first line of output."""
    parser = argparse.ArgumentParser()
    for name in ("items", "size", "segments"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    recorded = _Recorded(options.items, options.size, options.segments)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    print(listener.getsockname()[1], flush=True)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, recorded), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()


@dataclass
class ReplayServer:
    """The child process; ready when entered."""

    items: int
    size: int = 800
    segments: int = 4
    url: str = ""

    def __enter__(self) -> Self:
        options = ("--items", self.items, "--size", self.size, "--segments", self.segments)
        command = [sys.executable, str(Path(__file__)), *map(str, options)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()


if __name__ == "__main__":
    main()
