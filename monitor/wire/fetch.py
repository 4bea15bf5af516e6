"""One request to its response: the route (proxy, TLS, version of HTTP) and the exchange."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Literal

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire import http1, http2, http3, quic, tls
from monitor.wire.connection import ALLOWANCE, Connection, connect, prepare_tls
from monitor.wire.messages import Request, Response
from monitor.wire.proxy import Proxy, exempt, tunnel
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import TlsOptions
from monitor.wire.urls import Url

HttpVersion = Literal["auto", "1.1", "2", "3"]

_ALPN: dict[HttpVersion, tuple[str, ...]] = {
    "auto": ("h2", "http/1.1"),
    "1.1": ("http/1.1",),
    "2": ("h2",),
    "3": ("h3",),
}
SAFE_TO_REPEAT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
"""Methods that are idempotent (RFC 9110, section 9.2.2)."""
_IDLE_MOST = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The route of requests. ``dial`` and ``tls.server_name`` are for the origin ``home`` only."""

    tls: TlsOptions = tls.DEFAULT
    http_version: HttpVersion = "auto"
    ip_version: IpVersion = "auto"
    proxy: Proxy | None = None
    no_proxy: tuple[str, ...] = ()
    """Hosts to reach without the proxy; see :func:`monitor.wire.proxy.exempt`."""
    dial: tuple[str, int] | None = None
    home: tuple[str, str, int] | None = None
    reuse: bool = False
    max_body: int = 1 << 20

    @property
    def version(self) -> HttpVersion:
        """The version of HTTP to ask for: connections are kept for HTTP/1.1 only."""
        return "1.1" if self.reuse else self.http_version

    def proxy_to(self, url: Url) -> Proxy | None:
        """The proxy for ``url``, if there is one."""
        if self.proxy is None or exempt(url.host, self.no_proxy):
            return None
        return self.proxy

    def forwarder(self, url: Url) -> Proxy | None:
        """The HTTP proxy that forwards requests for ``url``; other proxies open a tunnel.

        Where the address to dial is given, only a tunnel leads there.
        """
        proxy = self.proxy_to(url)
        tunnelled = url.scheme == "https" or self._dials(url)
        return None if proxy is None or proxy.kind != "http" or tunnelled else proxy

    def _dials(self, url: Url) -> bool:
        return self.dial is not None and url.origin == self.home

    def address_of(self, url: Url) -> tuple[str, int]:
        """The host and port to connect to for ``url``."""
        return self.dial if self.dial is not None and self._dials(url) else (url.host, url.port)

    def name_of(self, url: Url) -> str:
        """The name that the certificate of the server at ``url`` must have."""
        at_home = self.home is not None and url.host == self.home[1]
        return (at_home and self.tls.server_name) or url.host


def prepare(url: Url, route: Route) -> None:
    """Load the libraries that ``url`` needs; see :meth:`monitor.probe.BaseProbe.prepare`."""
    version, secure = route.version, url.scheme == "https"
    if secure and version == "3":
        quic.prepare(route.tls)
    if secure:
        prepare_tls(route.tls, _ALPN[version])
    if version == "2" or (version == "auto" and secure):
        http2.load()


async def fetch(request: Request, route: Route, trace: Trace) -> Response:
    """The response to ``request``, by a fresh connection unless the route reuses them.

    Phases ``dns``, ``connect`` (a proxy's dialogue included), ``tls``, ``wait`` and ``transfer``.
    Raises ProbeError.
    """
    if route.reuse:
        return await _fetch_reusing(request, route, trace)
    if route.version == "3" and request.url.scheme == "https":
        return await _fetch3(request, route, trace)
    with await _opened(request.url, route, trace) as connection:
        connection.allowance = _allowance(route)
        if connection.protocol == "h2" or (route.http_version == "2" and request.url.scheme == "http"):
            return await http2.exchange(connection, request, trace, route.max_body)
        return await _exchange1(connection, request, route, trace)


async def _fetch3(request: Request, route: Route, trace: Trace) -> Response:
    where, name = route.address_of(request.url), route.name_of(request.url)
    allowance = _allowance(route)
    opened = quic.open_quic(where, name, route.tls, trace, ip_version=route.ip_version, allowance=allowance)
    with await opened as connection:
        return await http3.exchange(connection, request, trace, route.max_body)


def _exchange1(connection: Connection, request: Request, route: Route, trace: Trace) -> Awaitable[Response]:
    data = request.http1
    proxy = route.forwarder(request.url)
    if proxy is not None:
        data = replace(request, headers=request.headers + proxy.authorization).http1_absolute
    return http1.exchange(connection, data, request.method, trace, route.max_body)


def _allowance(route: Route) -> int:
    """Limit of bytes of an exchange: a chunk of one byte takes six, and there are headers."""
    return max(ALLOWANCE, 8 * route.max_body)


async def _opened(url: Url, route: Route, trace: Trace) -> Connection:
    host, port = route.address_of(url)
    proxy = route.proxy_to(url)
    first = (host, port) if proxy is None else (proxy.host, proxy.port)
    connection = await connect(*first, trace, route.ip_version)
    try:
        if proxy is not None and route.forwarder(url) is None:
            await tunnel(connection, proxy, host, port)
        if url.scheme == "https":
            await _secure(connection, url, route, trace)
    except BaseException:
        connection.close()
        raise
    return connection


async def _secure(connection: Connection, url: Url, route: Route, trace: Trace) -> None:
    trace.enter(None)  # a redirect may be the first to need this context
    context = tls.ready_context(route.tls, _ALPN[route.version])
    trace.skip_gap()
    await connection.start_tls(context, route.name_of(url), trace)
    if route.version == "2" and connection.protocol != "h2":
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server does not agree to HTTP/2")


# ── connections that are kept, for `reuse_connection` ───────────────────────────────────────────


class _Idle:
    """Connections kept for the next check, one for each route and origin."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], Connection] = {}

    def take(self, key: tuple[object, ...]) -> Connection | None:
        return self._kept.pop(key, None)

    def keep(self, key: tuple[object, ...], connection: Connection) -> None:
        if key in self._kept or len(self._kept) >= _IDLE_MOST:
            connection.close()
        else:
            self._kept[key] = connection

    def __del__(self) -> None:
        for connection in self._kept.values():
            connection.close()


async def _fetch_reusing(request: Request, route: Route, trace: Trace) -> Response:
    idle = trace.resources.of(_Idle)
    key = (route, request.url.origin)
    kept = idle.take(key)
    if kept is not None and request.method in SAFE_TO_REPEAT:
        kept.note_tls(trace)
        try:
            return await _on(kept, idle, key, request, route, trace)
        except ProbeError:
            if trace.phase == "transfer":
                raise
            # No byte of an answer: the server had closed it meanwhile, which says nothing.
    elif kept is not None:
        kept.close()
    fresh = await _opened(request.url, route, trace)
    return await _on(fresh, idle, key, request, route, trace)


async def _on(
    connection: Connection,
    idle: _Idle,
    key: tuple[object, ...],
    request: Request,
    route: Route,
    trace: Trace,
) -> Response:
    trace.address = connection.peer or trace.address
    connection.allowance = _allowance(route)
    try:
        response = await _exchange1(connection, request, route, trace)
    except BaseException:
        connection.close()
        raise
    if response.reusable:
        idle.keep(key, connection)
    else:
        connection.close()
    return response
