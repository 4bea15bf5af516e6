"""Tunnels through proxies: CONNECT (RFC 9110, 9.3.6) and SOCKS 5 (RFC 1928, 1929)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Literal

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.connection import Connection
from monitor.wire.hosts import bracketed
from monitor.wire.http1 import ResponseReader
from monitor.wire.messages import Response
from monitor.wire.urls import split

_PORTS = {"http": 3128, "socks5": 1080, "socks5h": 1080}
_CANNOT_REACH = {502, 503, 504}
_SOCKS_FAULTS = {
    2: (Reason.PROTOCOL_ERROR, "its rules forbid the connection"),
    3: (Reason.UNREACHABLE, "network unreachable"),
    4: (Reason.UNREACHABLE, "host unreachable"),
    5: (Reason.CONNECTION_REFUSED, "connection refused"),
    6: (Reason.UNREACHABLE, "time to live expired"),
}


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A configured proxy: ``http`` (forwarding, CONNECT for TLS) or ``socks5``."""

    kind: Literal["http", "socks5"]
    host: str
    port: int
    user: str | None = None
    password: str = ""

    @property
    def authorization(self) -> tuple[tuple[str, str], ...]:
        """The header that an HTTP proxy needs, if any."""
        if self.user is None:
            return ()
        return (("Proxy-Authorization", basic(self.user, self.password)),)

    def __str__(self) -> str:
        return f"{self.kind}://{bracketed(self.host)}:{self.port}"


def basic(user: str, password: str) -> str:
    """Basic credentials (RFC 7617), in UTF-8."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def parse(text: str) -> Proxy:
    """``http://[user:password@]host[:3128]`` or ``socks5://host[:1080]``. Raises ValueError."""
    try:
        parts = split(text)
    except ValueError as error:
        raise ValueError(f"is no proxy: {error}") from None
    if parts.scheme not in _PORTS:
        raise ValueError("is no proxy; write http://host:port or socks5://host:port")
    if parts.path not in ("", "/") or parts.query or not parts.host:
        raise ValueError("is no proxy; write only a host and a port after the scheme")
    password = parts.password or ""
    if parts.scheme == "http" and ":" in (parts.user or ""):
        raise ValueError("has a user with a colon, which HTTP cannot send (RFC 7617)")
    if max(len((parts.user or "").encode()), len(password.encode())) > 255:
        raise ValueError("has a user or password longer than 255 bytes")
    kind: Literal["http", "socks5"] = "http" if parts.scheme == "http" else "socks5"
    port = parts.port or _PORTS[parts.scheme]
    return Proxy(kind=kind, host=parts.host, port=port, user=parts.user, password=password)


def exempt(host: str, patterns: Iterable[str]) -> bool:
    """Whether ``host`` is reached without a proxy, by curl's rules.

    ``example.com`` and ``.example.com`` are that host and all below it, ``10.0.0.0/8`` a network,
    ``*`` everything.
    """
    return any(_covers(pattern.strip().lower(), host) for pattern in patterns)


def _covers(pattern: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(pattern.strip("[]"), strict=False)
    except ValueError:  # one of them is a name
        name = pattern.strip(".")
        return pattern == "*" or host == name or (name != "" and host.endswith(f".{name}"))


async def tunnel(connection: Connection, proxy: Proxy, host: str, port: int) -> None:
    """Ask ``proxy``, the peer of ``connection``, to connect it to ``host``, whose name it looks up.

    Raises ProbeError: ``auth_error`` if the proxy refuses the credentials; its own error for the
    host, such as ``connection_refused``; ``protocol_error`` for anything else.
    """
    if proxy.kind == "http":
        await _connect(connection, proxy, f"{bracketed(host)}:{port}")
    else:
        await _log_in(connection, proxy)
        await _socks_connect(connection, proxy, host, port)


async def _connect(connection: Connection, proxy: Proxy, netloc: str) -> None:
    lines = [f"CONNECT {netloc} HTTP/1.1", f"Host: {netloc}"]
    lines += [f"{name}: {value}" for name, value in proxy.authorization]
    await connection.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    response = await _answer(connection, proxy)
    if not 200 <= response.status < 300:
        refused = f"the proxy {proxy} refuses the tunnel: {response.line}"
        raise ProbeError(_refusal(response.status), refused)


async def _answer(connection: Connection, proxy: Proxy) -> Response:
    """The answer to CONNECT, read as leniently as any other; one that opens the tunnel has no body."""
    reader = ResponseReader("HEAD", 0)
    try:
        while not reader.feed(await connection.read()):
            pass
    except ProbeError as error:
        raise ProbeError(error.reason, f"the proxy {proxy}: {error.message}") from None
    response = reader.response()
    if reader.rest and response.status < 300:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the proxy {proxy} sends data of its own into the tunnel")
    return response


def _refusal(code: int) -> Reason:
    if code == 407:
        return Reason.AUTH_ERROR
    return Reason.UNREACHABLE if code in _CANNOT_REACH else Reason.PROTOCOL_ERROR


async def _log_in(connection: Connection, proxy: Proxy) -> None:
    methods = b"\x00" if proxy.user is None else b"\x00\x02"
    await connection.write(bytes((5, len(methods))) + methods)
    version, method = await connection.read_exactly(2)
    if version != 5:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the proxy {proxy} does not speak SOCKS 5")
    if method == 0:
        return
    if method != 2 or proxy.user is None:
        raise ProbeError(Reason.AUTH_ERROR, f"the proxy {proxy} requires a login")
    await connection.write(b"\x01" + _counted(proxy.user) + _counted(proxy.password))
    if (await connection.read_exactly(2))[1] != 0:
        raise ProbeError(Reason.AUTH_ERROR, f"the proxy {proxy} rejects the user or the password")


async def _socks_connect(connection: Connection, proxy: Proxy, host: str, port: int) -> None:
    await connection.write(b"\x05\x01\x00" + _socks_address(host) + port.to_bytes(2, "big"))
    _, code, _, kind = await connection.read_exactly(4)
    if code != 0:
        reason, words = _SOCKS_FAULTS.get(code, (Reason.PROTOCOL_ERROR, f"error {code}"))
        raise ProbeError(reason, f"the proxy {proxy} cannot connect: {words}")
    lengths = {1: 4, 4: 16}
    length = lengths.get(kind) or (await connection.read_exactly(1))[0]
    await connection.read_exactly(length + 2)


def _socks_address(host: str) -> bytes:
    """``host`` with its type (RFC 1928, section 5): so that a proxy need not look up an address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return b"\x03" + _counted(host)
    return (b"\x01" if address.version == 4 else b"\x04") + address.packed


def _counted(text: str) -> bytes:
    data = text.encode()
    return bytes((len(data),)) + data
