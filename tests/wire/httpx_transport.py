"""Our timed exchange as an httpx transport: whatever httpx does around it is timed by phase too."""

from __future__ import annotations

from dataclasses import replace

import httpx

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire import urls
from monitor.wire.fetch import Route, fetch
from monitor.wire.messages import Request, Response, without

_ERRORS: dict[Reason, type[httpx.TransportError]] = {
    Reason.DNS_ERROR: httpx.ConnectError,
    Reason.CONNECTION_REFUSED: httpx.ConnectError,
    Reason.UNREACHABLE: httpx.ConnectError,
    Reason.TLS_ERROR: httpx.ConnectError,
    Reason.CERTIFICATE_EXPIRED: httpx.ConnectError,
    Reason.CERTIFICATE_UNTRUSTED: httpx.ConnectError,
    Reason.CERTIFICATE_NAME_MISMATCH: httpx.ConnectError,
    Reason.CONNECT_TIMEOUT: httpx.ConnectTimeout,
    Reason.CONNECTION_RESET: httpx.ReadError,
    Reason.READ_TIMEOUT: httpx.ReadTimeout,
    Reason.PROTOCOL_ERROR: httpx.RemoteProtocolError,
}
_DECODED = frozenset({"content-encoding", "content-length", "transfer-encoding"})
"""Headers that no longer describe a body once it is decompressed."""


class Transport(httpx.AsyncBaseTransport):
    """Carries the requests of an ``httpx.AsyncClient``, each over a connection of its own.

    Phases, address, certificate and TLS facts of all requests add up in ``trace``. A response's
    body is decompressed, and cut at the route's ``max_body``. Deadlines are the caller's: httpx's
    own ``timeout`` is not looked at. Errors are httpx's, with our ProbeError as their cause.
    """

    def __init__(self, trace: Trace, route: Route | None = None) -> None:
        self._trace = trace
        self._route = route or Route()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make one exchange."""
        try:
            response = await fetch(await _ours(request), self._route_of(request), self._trace)
        except ProbeError as error:
            raise _ERRORS.get(error.reason, httpx.TransportError)(error.message, request=request) from error
        return _theirs(response)

    def _route_of(self, request: httpx.Request) -> Route:
        name = request.extensions.get("sni_hostname")
        if not name:
            return self._route
        origin = urls.parse(str(request.url)).origin
        return replace(self._route, home=origin, tls=replace(self._route.tls, server_name=name))


async def _ours(request: httpx.Request) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
    return Request(
        method=request.method,
        url=urls.parse(str(request.url)),
        headers=(*without(headers, ("connection", "transfer-encoding")), ("Connection", "close")),
        body=await request.aread(),
    )


def _theirs(response: Response) -> httpx.Response:
    kept = [(name, value) for name, value in response.headers if name not in _DECODED]
    return httpx.Response(
        response.status,
        headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept],
        content=response.body,
        extensions={
            "http_version": f"HTTP/{response.version}".encode(),
            "reason_phrase": response.phrase.encode("latin-1"),
        },
    )
