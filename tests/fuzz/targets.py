"""Everything that reads what the network brings, as functions of bytes that must not misbehave.

``TARGETS`` maps a name to its seeds and to a coroutine function of the bytes that a peer sends. What a
target does with them it holds against what is promised, with ``assert``.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import count

import dns.name
import dns.rdata
import seeds
from OpenSSL.crypto import FILETYPE_ASN1, Error, dump_certificate, load_certificate

from monitor.checks.run_probe import run_probe
from monitor.cluster.protocol import Due, InvalidMessageError, decode, received
from monitor.demo.server import serve, serve_datagrams
from monitor.errors import LinkError
from monitor.judge.expectations import JSON, REPLY
from monitor.judge.redaction import redacted
from monitor.judge.verdict import judge
from monitor.link.figures import Reported
from monitor.link.frames import read_frame
from monitor.link.messages import INVALID_MESSAGE, decode_answer, decode_request
from monitor.model import Assertion, Reason
from monitor.probe import BaseProbe
from monitor.probes._records import is_record
from monitor.probes.amqp import Amqp
from monitor.probes.dns import Dns
from monitor.probes.grpc import Grpc
from monitor.probes.http import Http
from monitor.probes.icmp import _Echo
from monitor.probes.ldap import Ldap
from monitor.probes.mqtt import Mqtt
from monitor.probes.mysql import Mysql
from monitor.probes.nats import Nats
from monitor.probes.postgres import Postgres
from monitor.probes.redis import Redis
from monitor.probes.smtp import Smtp
from monitor.probes.ssh import Ssh
from monitor.probes.tcp import Tcp
from monitor.probes.tls import Tls
from monitor.probes.udp import Udp
from monitor.probes.websocket import WebSocket
from monitor.service.web_address import bound
from monitor.trace import ANSWER_LIMIT, Trace
from monitor.web.app import heartbeat_app
from monitor.web.server import server
from monitor.wire import chain, verification
from monitor.wire.auth import Auth, OAuth2
from monitor.wire.certificate import parse
from monitor.wire.urls import split

TIMEOUT = 0.1
"""Seconds for a check: peers hang up, so that it hardly ever ends by this."""
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Fuzz = Callable[[bytes], Awaitable[None]]
Adapt = Callable[[bytes, bytes], bytes]
"""What came from the client, and the peer's bytes -> the bytes that fit."""


@dataclass(frozen=True)
class Target:
    """Where the bytes go, and what good ones look like."""

    seeds: Sequence[bytes]
    run: Fuzz


async def _check(probe: BaseProbe, assertions: Sequence[Assertion] = ()) -> None:
    """One check, and all that is promised of any."""
    seen = await run_probe(probe, TIMEOUT, assertions)
    assert seen.reason is not Reason.LOCAL_ERROR or "crashed" not in seen.message, seen.message
    result = redacted(judge("x", seen, assertions, ()), str)
    assert result.latency_ms is None or sum(result.phases_ms.values()) <= result.latency_ms + 0.01
    said = [result.message, *(f"{one.check}{one.expected}{one.actual}" for one in result.failed)]
    assert result.explanation is not None
    said += [f"{hop.asked}{hop.answered}" for hop in result.explanation.hops]
    assert not any(map(UNSAFE.search, said)), said
    assert not UNSAFE.search(result.explanation.answer.replace("\n", "").replace("\t", ""))
    assert len(result.explanation.answer) <= ANSWER_LIMIT + 1


def _peer(data: bytes, adapt: Adapt | None) -> Callable[[StreamReader, StreamWriter], Awaitable[None]]:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(data if adapt is None else adapt(await reader.read(65536), data))
        await writer.drain()
        writer.write_eof()
        while await reader.read(65536):
            pass

    return talk


def stream(
    make: Callable[[int], BaseProbe],
    good: Sequence[bytes],
    assertions: Sequence[Assertion] = (),
    adapt: Adapt | None = None,
) -> Target:
    """A check of a TCP peer."""

    async def run(data: bytes) -> None:
        async with serve(_peer(data, adapt)) as port:
            await _check(make(port), assertions)

    return Target(good, run)


def datagram(
    make: Callable[[int], BaseProbe],
    good: Sequence[bytes],
    assertions: Sequence[Assertion] = (),
    adapt: Adapt = lambda _, data: data,
) -> Target:
    """A check of a UDP peer."""

    async def run(data: bytes) -> None:
        async def reply(request: bytes) -> bytes:
            return adapt(request, data)

        async with serve_datagrams(reply) as port:
            await _check(make(port), assertions)

    return Target(good, run)


def function(call: Callable[[bytes], object], good: Sequence[bytes], *allowed: type[Exception]) -> Target:
    """Something that takes the bytes themselves, and may only fail in the ways ``allowed``."""

    async def run(data: bytes) -> None:
        with suppress(*allowed):
            call(data)

    return Target(good, run)


RECORDS = {
    kind: dns.rdata.from_text("IN", kind, text, origin=dns.name.root, relativize=False)
    for kind, text in {
        "A": "192.0.2.1",
        "AAAA": "2001:db8::1",
        "MX": "10 mail.example.",
        "TXT": '"v=spf1" "-all"',
        "SOA": "a. b. 1 2 3 4 5",
        "HTTPS": "1 . alpn=h2",
        "CAA": '0 issue "ca.example"',
    }.items()
}
HELLO = REPLY.compile("expect.reply", {"contains": "hello"})
HEALTHY = JSON.compile("expect.json", {"$.status": "ok"})
DIGEST = Auth(digest=("a", "b"))
_CLIENTS = count()


def _http(port: int, **keys: object) -> Http:
    return Http(url=f"http://127.0.0.1:{port}/", **keys)  # type: ignore[arg-type]


def _http3(port: int, **keys: object) -> Http:
    return Http(url=f"https://127.0.0.1:{port}/", **keys)  # type: ignore[arg-type]


def _with_token(port: int) -> Http:
    """As a client that has no token yet."""
    client = f"client {next(_CLIENTS)}"
    own = OAuth2(token_url=f"http://127.0.0.1:{port}/token", client_id=client, client_secret="b")
    return _http(port, auth=Auth(oauth2=own))


async def _listener(data: bytes) -> None:
    """The web address, called by somebody strange."""
    sockets = await bound("127.0.0.1", 0)
    serving = server(heartbeat_app(lambda report: Reported(status=200, text=report.path)))
    task = asyncio.create_task(serving.serve(sockets))
    while not serving.started:
        await asyncio.sleep(0)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", sockets[0].getsockname()[1])
        with suppress(ConnectionError):
            writer.write(data)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), TIMEOUT)
        writer.close()
    finally:
        serving.should_exit = True
        await task


async def _frame(data: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    with suppress(LinkError):
        while await read_frame(reader, 1 << 20) is not None:
            pass


async def _echo(data: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for family in (socket.AF_INET, socket.AF_INET6):
            _Echo(sock, family, 3, Trace())._take(data, 0.0)


_TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _record(data: bytes) -> None:
    for kind in ("A", "AAAA", "MX", "TXT", "SOA", "HTTPS", "CAA"):
        is_record(data.decode("utf-8", "replace"), RECORDS[kind])


def _certificate(data: bytes) -> None:
    """What OpenSSL reads is read, and what is told of it is fit to be shown."""
    try:
        data = dump_certificate(FILETYPE_ASN1, load_certificate(FILETYPE_ASN1, data))
    except Error:
        parse(data)
        return
    sent = (data, *seeds.CERTIFICATES[:2])
    try:
        told = chain.certificate_of(sent, chain.issuing((data,), sent))
    except ValueError as error:
        raise AssertionError(error) from error
    verification.lasting(sent, sent, _TRUSTING)
    assert not any(map(UNSAFE.search, (told.subject, told.issuer, *told.names)))


def _report(data: bytes) -> None:
    """What an agent says of a check; whatever is taken from it may be shown."""
    report = received(data, seeds.REPORTED_AT)
    assert not UNSAFE.search(report.result.message + report.agent)


TARGETS: Mapping[str, Target] = {
    "http": stream(_http, seeds.HTTP, HEALTHY),
    "http digest": stream(partial(_http, auth=DIGEST), seeds.HTTP),
    "http oauth2": stream(_with_token, seeds.HTTP),
    "http2": stream(partial(_http, http_version="2"), seeds.HTTP2),
    "http3": datagram(partial(_http3, http_version="3"), seeds.QUIC),
    "http proxy": stream(
        lambda port: Http(url="https://a.test/", proxy=f"http://127.0.0.1:{port}"), seeds.HTTP_PROXY
    ),
    "socks": stream(
        lambda port: Http(url="http://a.test/", proxy=f"socks5://u:p@127.0.0.1:{port}"), seeds.SOCKS
    ),
    "websocket": stream(
        lambda port: WebSocket(url=f"ws://127.0.0.1:{port}/", send="hi"),
        seeds.WEBSOCKET,
        HELLO,
        seeds.accepted,
    ),
    "grpc": stream(lambda port: Grpc(url=f"grpc://127.0.0.1:{port}/a"), seeds.GRPC),
    "tcp": stream(lambda port: Tcp(url=f"tcp://127.0.0.1:{port}"), seeds.BANNER, HELLO),
    "tls": stream(lambda port: Tls(url=f"tls://127.0.0.1:{port}"), seeds.TLS),
    "redis": stream(
        lambda port: Redis(url=f"redis://:a@127.0.0.1:{port}", command="GET a"), seeds.REDIS, HELLO
    ),
    "postgres": stream(lambda port: Postgres(url=f"postgres://a:b@127.0.0.1:{port}/c"), seeds.POSTGRES),
    "mysql": stream(lambda port: Mysql(url=f"mysql://a:b@127.0.0.1:{port}/c"), seeds.MYSQL),
    "smtp": stream(lambda port: Smtp(url=f"smtp://a:b@127.0.0.1:{port}"), seeds.SMTP),
    "ssh": stream(lambda port: Ssh(url=f"ssh://127.0.0.1:{port}"), seeds.SSH),
    "mqtt": stream(lambda port: Mqtt(url=f"mqtt://127.0.0.1:{port}"), seeds.MQTT),
    "amqp": stream(lambda port: Amqp(url=f"amqp://127.0.0.1:{port}"), seeds.AMQP),
    "nats": stream(lambda port: Nats(url=f"nats://127.0.0.1:{port}"), seeds.NATS),
    "ldap": stream(lambda port: Ldap(url=f"ldap://127.0.0.1:{port}"), seeds.LDAP),
    "dns over udp": datagram(
        lambda port: Dns(url=f"dns://a.test?server=127.0.0.1:{port}"), seeds.DNS, (), seeds.same_id
    ),
    "dns over tcp": stream(
        lambda port: Dns(url=f"dns://a.test?server=tcp://127.0.0.1:{port}"),
        seeds.DNS_OVER_TCP,
        (),
        seeds.same_id_over_tcp,
    ),
    "udp": datagram(lambda port: Udp(url=f"udp://127.0.0.1:{port}", send="hi"), seeds.BANNER, HELLO),
    **{
        f"starttls {protocol}": stream(
            lambda port, protocol=protocol: Tls(url=f"tls://127.0.0.1:{port}", starttls=protocol), good
        )
        for protocol, good in seeds.STARTTLS.items()
    },
    "icmp": Target((b"\x45" + bytes(19) + b"\0\0\0\0\0\1\0\1", b"\0\0\0\0\0\1\0\1" + bytes(16)), _echo),
    "certificate": function(_certificate, seeds.CERTIFICATES, ValueError),
    "listener": Target(
        (
            b"GET /push/a?token=b HTTP/1.1\r\nHost: a\r\n\r\n",
            b"POST /push/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        ),
        _listener,
    ),
    "url": function(lambda data: split(data.decode("utf-8", "surrogateescape")), seeds.URLS, ValueError),
    "record": function(_record, (b"10 mail.example.", b'"v=spf1" "-all"', b"2001:db8::1")),
    "link frames": Target((b"\0\0\0\2ab\0\0\0\0",), _frame),
    "link requests": function(decode_request, (b"\x82\xa4type\xa5Hello\xa8protocol\1",), *INVALID_MESSAGE),
    "link answers": function(decode_answer, (b"\x82\xa4type\xa4Done\xa2ok\xc3",), *INVALID_MESSAGE),
    "cluster reports": function(_report, seeds.REPORTS, InvalidMessageError),
    "cluster checks": function(lambda data: decode(data, Due), (b'{"endpoint":"a"}',), InvalidMessageError),
}
