"""Signature Version 4 for the one kind of request the fast lane sends: a POST of JSON to the root of an endpoint.

The SDK's signer is made for every request there is and takes 0.1 ms of Python's lock; with several pages on their way
that is what they wait for. This one derives its key once a day (AWS General Reference, "Signature Version 4").
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

CONTENT_TYPE = "application/x-amz-json-1.0"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Signer:
    """Signs for one service at one endpoint in one region."""

    def __init__(self, service: str, region: str, url: str) -> None:
        place = urlsplit(url)
        host = f"[{place.hostname}]" if ":" in (place.hostname or "") else place.hostname or ""
        self._host = host if place.port in (None, _DEFAULT_PORTS.get(place.scheme)) else f"{host}:{place.port}"
        self._service = service
        self._region = region
        self._key: tuple[str, str, bytes] = ("", "", b"")

    def headers(self, credentials: Any, operation: str, body: bytes, now: datetime) -> dict[str, str]:
        """All headers of a request, signed with frozen credentials of botocore's; ``now`` is in UTC."""
        moment = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {"content-type": CONTENT_TYPE, "host": self._host, "x-amz-date": moment}
        if credentials.token:
            headers["x-amz-security-token"] = credentials.token
        headers["x-amz-target"] = operation
        lines, names = "".join(f"{name}:{value}\n" for name, value in headers.items()), ";".join(headers)
        request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        signature = _hmac(self._key_of(credentials.secret_key, moment[:8]), text).hex()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return headers

    def _key_of(self, secret: str, day: str) -> bytes:
        known_secret, known_day, key = self._key
        if (known_secret, known_day) != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = _hmac(key, part)
            self._key = (secret, day, key)
        return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
