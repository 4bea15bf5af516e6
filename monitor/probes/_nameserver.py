"""A DNS server, and the ways to ask it: UDP, TCP (RFC 7766), TLS (RFC 7858) and HTTPS (RFC 8484)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from monitor.errors import FieldError, ProbeError
from monitor.model import Reason
from monitor.text import plain
from monitor.trace import Phase, Trace
from monitor.wire import tls
from monitor.wire.connection import Connection, connect, prepare_tls
from monitor.wire.datagram import Datagram, converse
from monitor.wire.fetch import Route, fetch, prepare
from monitor.wire.hosts import bracketed
from monitor.wire.messages import Headers, Request
from monitor.wire.proxy import basic
from monitor.wire.resolve import IpVersion
from monitor.wire.tls import TlsOptions
from monitor.wire.urls import Url, split

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage

Transport = Literal["udp", "tcp", "tls", "https"]

PORTS = {"udp": 53, "tcp": 53, "tls": 853, "https": 443}
ASK_AGAIN = 2.0
"""Seconds after which a question is sent again over UDP, which may lose it."""
_LONGEST = 65535
_HARMLESS = 512
"""Bytes up to which any answer is parsed quickly."""
_MEDIA_TYPE = "application/dns-message"
_EXAMPLES = "192.0.2.53, [2001:db8::53]:53, tls://192.0.2.53 or https://dns.example/dns-query"
MOST_RECORDS = 2048
"""Limit of records in an answer."""
MOST_LABELS = 40
"""Limit of labels of a name that others point to; those of ``ip6.arpa`` have 34."""
_HEADER = 12
"""Bytes of a header."""
_POINTER = re.compile(rb"(?=([\xc0-\xff].))", re.DOTALL)
_COUNTS = slice(6, 8), slice(8, 10), slice(10, 12)


@dataclass(frozen=True, slots=True)
class Nameserver:
    """The address and the transport of a name server."""

    host: str
    port: int = PORTS["udp"]
    transport: Transport = "udp"
    path: str = "/dns-query"
    credentials: tuple[str, str] | None = field(default=None, repr=False)
    """User and password for HTTPS."""

    def __str__(self) -> str:
        host = bracketed(self.host)
        if self.transport == "udp":
            return f"{host} port {self.port}"
        return f"{self.transport}://{host}:{self.port}" + (self.path if self.transport == "https" else "")


@dataclass(frozen=True, slots=True)
class Way:
    """The settings of connections to name servers."""

    ip_version: IpVersion = "auto"
    tls: TlsOptions = tls.DEFAULT


def parse_nameserver(text: str) -> Nameserver:
    """``ADDR[:PORT]``, or ``udp://`` ``tcp://`` ``tls://`` ``https://`` before it. FieldError on ``url``.

    The message does not quote ``text``, which may hold a password.
    """
    scheme, slashes, rest = text.rpartition("://")
    transport = scheme.lower() if slashes else "udp"
    bare_v6 = rest.count(":") > 1 and not rest.startswith("[") and "@" not in rest
    try:
        parts = split(f"//[{rest}]" if bare_v6 else f"//{rest}")
    except ValueError:
        raise _not_a_server() from None
    over_https = transport == "https"
    fine = parts.host and (over_https or not (parts.path or parts.query or parts.credentials))
    if transport not in PORTS or not fine or parts.fragment:
        raise _not_a_server()
    path = (parts.path or "/dns-query") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or PORTS[transport]
    return Nameserver(parts.host, port, cast("Transport", transport), path, parts.credentials)


def _not_a_server() -> FieldError:
    return FieldError("url", f"has a server= that is no DNS server; write one as {_EXAMPLES}")


def prepare_for(server: Nameserver | None, way: Way) -> None:
    """Load the modules and certificates for ``server`` (None: the system's servers, over UDP)."""
    import dns.message

    if server is None:
        import dns.resolver  # noqa: F401
    elif server.transport == "tls":
        prepare_tls(way.tls)
    elif server.transport == "https":
        prepare(_url(server), _route(server, way))


async def ask(server: Nameserver, query: QueryMessage, way: Way, trace: Trace) -> Message:
    """The answer of ``server`` to ``query``. If it is too long for UDP, TCP is used.

    Raises ProbeError: ``protocol_error`` for a message that is no answer to it, and the network's errors.
    """
    import dns.flags

    if server.transport == "https":
        return await _over_https(server, query, way, trace)
    if server.transport == "udp":
        answer = await _over_udp(server, query, way, trace)
        if not answer.flags & dns.flags.TC:
            return answer
    return await _over_stream(server, query, way, trace)


async def _over_udp(server: Nameserver, query: QueryMessage, way: Way, trace: Trace) -> Message:
    async def talk(peer: Datagram) -> Message:
        trace.enter(Phase.WAIT)
        await peer.send(query.to_wire())
        while (answer := await _heard(peer, query)) is None:
            query.use_edns(False)  # some firewalls drop questions with EDNS
            await peer.send(query.to_wire())
        return answer

    return await converse((server.host, server.port), trace, way.ip_version, talk)


async def _heard(peer: Datagram, query: QueryMessage) -> Message | None:
    """Wait for the answer; ignore forged and late ones. None if it is time to ask again."""
    ident, until = query.id.to_bytes(2, "big"), asyncio.get_running_loop().time() + ASK_AGAIN
    while (data := await peer.receive_by(until)) is not None:
        if data[:2] == ident and query.is_response(answer := _parse(data)):
            return answer
    return None


async def _over_stream(server: Nameserver, query: QueryMessage, way: Way, trace: Trace) -> Message:
    wire = query.to_wire()
    with await connect(server.host, server.port, trace, way.ip_version) as connection:
        if server.transport == "tls":
            await _secure(connection, server, way, trace)
        trace.enter(Phase.WAIT)
        await connection.write(len(wire).to_bytes(2, "big") + wire)
        length = int.from_bytes(await connection.read_exactly(2), "big")
        trace.enter(Phase.TRANSFER)
        return _answer(await connection.read_exactly(length), query)


async def _secure(connection: Connection, server: Nameserver, way: Way, trace: Trace) -> None:
    trace.enter(None)
    context = tls.ready_context(way.tls, ("dot",))
    trace.skip_gap()
    await connection.start_tls(context, way.tls.server_name or server.host, trace)


async def _over_https(server: Nameserver, query: QueryMessage, way: Way, trace: Trace) -> Message:
    wire = query.to_wire()
    headers: Headers = (("Content-Type", _MEDIA_TYPE), ("Accept", _MEDIA_TYPE), ("Connection", "close"))
    if server.credentials is not None:
        headers += (("Authorization", basic(*server.credentials)),)
    request = Request(method="POST", url=_url(server), headers=headers, body=wire)
    response = await fetch(request, _route(server, way), trace)
    said = response.header("content-type") or "no content type"
    if response.status != 200:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server answered {response.line}, which is no DNS")
    if said.partition(";")[0].strip().lower() != _MEDIA_TYPE:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server answered {plain(said)}, which is no DNS")
    return _answer(response.body, query)


def _url(server: Nameserver) -> Url:
    return Url("https", server.host, server.port, server.path)


def _route(server: Nameserver, way: Way) -> Route:
    return Route(tls=way.tls, ip_version=way.ip_version, home=_url(server).origin, max_body=_LONGEST)


def _answer(data: bytes, query: QueryMessage) -> Message:
    answer = _parse(data)
    if not query.is_response(answer):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the answer is to another question")
    return answer


def _parse(data: bytes) -> Message:
    import dns.exception
    import dns.message

    if len(data) > _HARMLESS:
        check_limits(data)
    try:
        return dns.message.from_wire(data, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer is not DNS: {plain(str(error))}") from None


def check_limits(data: bytes) -> None:
    """Raise ProbeError ``protocol_error`` for an answer that would take seconds to parse.

    An answer of 64 KiB may hold thousands of records whose names are pointers to one name of 127 labels, and
    reading each of them takes milliseconds.
    """
    if sum(int.from_bytes(data[count], "big") for count in _COUNTS) > MOST_RECORDS:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer has more than {MOST_RECORDS} records")
    targets = {int.from_bytes(found[1], "big") & 0x3FFF for found in _POINTER.finditer(data, _HEADER)}
    if any(_has_long_name(data, target) for target in targets):
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the answer has a name of more than {MOST_LABELS} labels")


def _has_long_name(data: bytes, at: int) -> bool:
    """Whether a name with too many labels begins at byte ``at`` (RFC 1035, 4.1.4)."""
    labels = 0
    while _HEADER <= at < len(data) - 1 and labels <= MOST_LABELS:
        length = data[at]
        if length >= 0xC0:
            target = int.from_bytes(data[at : at + 2], "big") & 0x3FFF
            at = target if target < at else len(data)
        elif 0 < length < 0x40:
            labels += 1
            at += 1 + length
        else:
            break
    return labels > MOST_LABELS
