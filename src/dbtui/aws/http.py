"""HTTP sessions whose TLS context is built once, where the client is built: in a thread.

aiobotocore builds a context (20 ms of parsing certificates) for each client at its first request, on the event loop,
even for a plain ``http`` endpoint. Its context also leaves host names to be checked by urllib3, which aiohttp does not
do, and behind an HTTPS proxy it verifies nothing at all; ours checks certificate and host name on both ways.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiobotocore.httpsession import AIOHTTPSession
from botocore.httpsession import create_urllib3_context, get_cert_path


def warm_tls(verify: Any = True) -> None:
    """Builds the context for a certificate bundle (``True``: the SDK's own) ahead of its first use; run it in a thread.

    Raises ``OSError`` when the bundle cannot be read.
    """
    _tls_context(str(get_cert_path(verify)))


@cache
def _tls_context(certificates: str) -> ssl.SSLContext:
    context: ssl.SSLContext = create_urllib3_context()
    context.check_hostname = True
    context.load_verify_locations(certificates)
    return context


class WarmHttpSession(AIOHTTPSession):
    """The stock session with its TLS context ready. Client certificates and proxies with settings of their own take
    the stock way.

    ``_create_connector`` is a private name of aiobotocore, the only one here; see :func:`http_session_class`.
    """

    tls = True

    def __init__(
        self,
        verify: Any = True,
        client_cert: Any = None,
        proxies_config: Any = None,
        max_pool_connections: int = 10,
        connector_args: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(
            verify=verify,
            client_cert=client_cert,
            proxies_config=proxies_config,
            max_pool_connections=max_pool_connections,
            connector_args=connector_args,
            **options,
        )
        self._stock = not verify or bool(client_cert)
        self._stock_proxy = bool(proxies_config)
        self._connector_options = {"limit": max_pool_connections, **(connector_args or {})}
        # ``True`` is aiohttp's own verifying context, built when it was imported.
        self._tls = _tls_context(str(get_cert_path(verify))) if self.tls and not self._stock else True

    def _create_connector(self, proxy_url: str | None) -> Any:
        if self._stock or (proxy_url and self._stock_proxy):
            return super()._create_connector(proxy_url)  # type: ignore[no-untyped-call]
        return aiohttp.TCPConnector(ssl=self._tls, **self._connector_options)


class PlainHttpSession(WarmHttpSession):
    """For ``http`` endpoints, which need no certificates."""

    tls = False


def lane_tls(url: str, options: Mapping[str, Any]) -> ssl.SSLContext | None:
    """The context for connections outside aiohttp to a URL, from the options botocore gives its HTTP session; ``None``
    for plain ``http``. Raises ``LookupError`` when only the session itself can do what they ask for, and for an
    endpoint that is not the root of its host."""
    beneath = urlsplit(url).path not in ("", "/")
    if beneath or options.get("proxies") or options.get("client_cert") or not options.get("verify"):
        raise LookupError(url)
    return None if url.startswith("http://") else _tls_context(str(get_cert_path(options["verify"])))


def http_session_class(endpoint: str) -> Any:
    """The session class for an endpoint URL; the stock one should aiobotocore no longer have the private name."""
    if not hasattr(AIOHTTPSession, "_create_connector"):
        return AIOHTTPSession
    return PlainHttpSession if endpoint.startswith("http://") else WarmHttpSession
