"""DNS over UDP, TCP, TLS and HTTPS: against a real unbound, and against servers that get it wrong."""

from __future__ import annotations

import struct
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import free_port, running

from monitor.checks.run_probe import run_probe
from monitor.demo import dns as demo
from monitor.demo.certs import Authority
from monitor.demo.http import Exchange, application
from monitor.demo.server import serve, serve_datagrams
from monitor.demo.tls import serve_tls
from monitor.errors import FieldError, ProbeError
from monitor.model import Observation, Reason
from monitor.probes import _nameserver
from monitor.probes._nameserver import MOST_RECORDS, Nameserver, check_limits, parse_nameserver
from monitor.probes._records import text_of
from monitor.probes.dns import Dns
from monitor.wire.tls import TlsOptions

CONFIG = """
server:
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/pid"
  use-syslog: no
  do-daemonize: no
  interface: 127.0.0.1@{udp}
  interface: 127.0.0.1@{tls}
  interface: 127.0.0.1@{https}
  tls-port: {tls}
  https-port: {https}
  tls-service-key: "{pem}"
  tls-service-pem: "{pem}"
  local-zone: "demo.test." static
  local-data: "www.demo.test. 60 IN A 192.0.2.7"
  local-data: 'big.demo.test. 60 IN TXT "{big}" "{big}" "{big}" "{big}" "{big}" "{big}" "{big}"'
remote-control:
  control-enable: no
"""

Ask = Callable[..., "object"]
QUESTION = b"\1a\0\0\x10\0\1"
FIRST = 12 + len(QUESTION)
POINTER = struct.pack("!H", 0xC000 | FIRST)


@pytest.fixture(scope="module")
def unbound(
    tmp_path_factory: pytest.TempPathFactory, authority: Authority, needs: Callable[[str], str]
) -> Iterator[Mapping[str, int]]:
    """Ports of a real server by transport."""
    folder = tmp_path_factory.mktemp("unbound")
    udp, tls, https = free_port(), free_port(), free_port()
    ports = {"udp": udp, "tcp": udp, "tls": tls, "https": https}
    config = folder / "unbound.conf"
    pem = authority.pem("valid")
    config.write_text(CONFIG.format(folder=folder, pem=pem, big="x" * 250, **ports))
    with running([needs("unbound"), "-d", "-p", "-c", config], udp, folder=folder):
        yield ports


async def ask(server: str, name: str = "www.demo.test", ca: Path | None = None, **keys: str) -> Observation:
    options = "".join(f"&{key}={value}" for key, value in keys.items())
    tls = TlsOptions(ca=None if ca is None else str(ca))
    return await run_probe(Dns(url=f"dns://{name}?server={server}{options}", tls=tls), 5.0)


@pytest.mark.parametrize(
    ("transport", "phases"),
    [
        ("udp", ["connect", "wait"]),
        ("tcp", ["connect", "wait", "transfer"]),
        ("tls", ["connect", "tls", "wait", "transfer"]),
        ("https", ["connect", "tls", "wait", "transfer"]),
    ],
)
async def test_a_real_server_answers_over_every_transport(
    unbound: Mapping[str, int], authority: Authority, transport: str, phases: list[str]
) -> None:
    port = unbound[transport]
    seen = await ask(f"{transport}://127.0.0.1:{port}", ca=authority.ca)
    assert (seen.reason, seen.message) == (None, "192.0.2.7")
    assert list(seen.phases_ms) == phases
    assert seen.address == f"127.0.0.1:{port}"
    assert (seen.certificate is None) is (transport in ("udp", "tcp"))


async def test_what_does_not_fit_is_asked_for_over_tcp(unbound: Mapping[str, int]) -> None:
    seen = await ask(f"127.0.0.1:{unbound['udp']}", "big.demo.test", type="TXT")
    assert seen.reason is None
    assert [text_of(record) for record in seen.facts["records"]] == ["x" * 1750]


async def test_a_name_that_is_not_there_is_told_over_every_transport(
    unbound: Mapping[str, int], authority: Authority
) -> None:
    for transport, port in unbound.items():
        seen = await ask(f"{transport}://127.0.0.1:{port}", "no.demo.test", authority.ca)
        assert (seen.reason, seen.facts["rcode"]) == (None, "NXDOMAIN")


@pytest.mark.parametrize("transport", ["tls", "https"])
async def test_the_server_has_to_prove_who_it_is(unbound: Mapping[str, int], transport: str) -> None:
    seen = await ask(f"{transport}://127.0.0.1:{unbound[transport]}")
    assert seen.reason is Reason.CERTIFICATE_UNTRUSTED


# ── servers that get it wrong ───────────────────────────────────────────────────────────────────


async def _other_type(exchange: Exchange) -> None:
    await exchange.send(200, b"hello", [("Content-Type", "text/html")])


async def _garbage(exchange: Exchange) -> None:
    await exchange.send(200, b"\xff" * 40, [("Content-Type", "application/dns-message")])


async def _missing(exchange: Exchange) -> None:
    await exchange.send(404, b"")


async def _other_question(exchange: Exchange) -> None:
    answer = await demo.wrong_question(demo.dns.message.from_wire(exchange.request.body), tcp=True)
    assert answer is not None
    await exchange.send(200, answer, [("Content-Type", "application/dns-message")])


PAGES = {"/type": _other_type, "/garbage": _garbage, "/missing": _missing, "/other": _other_question}


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/type", "the server answered text/html, which is no DNS"),
        ("/garbage", "the answer is not DNS: "),
        ("/missing", "the server answered 404 Not Found, which is no DNS"),
        ("/other", "the answer is to another question"),
    ],
)
async def test_what_is_no_answer_over_https_is_reported(authority: Authority, path: str, told: str) -> None:
    async with serve_tls(authority, "valid", application(PAGES)) as port:
        seen = await ask(f"https://127.0.0.1:{port}{path}", ca=authority.ca)
    assert seen.reason is Reason.PROTOCOL_ERROR
    assert seen.message.startswith(told)


@pytest.mark.parametrize(
    ("said", "told"),
    [(b"\0\x04\1\2\3\4", "the answer is not DNS: "), (b"\0\x99\1\2", "the peer closed the connection early")],
)
async def test_what_is_no_answer_over_tcp_is_reported(said: bytes, told: str) -> None:
    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readexactly(2)
        writer.write(said)
        await writer.drain()

    async with serve(answer) as port:
        seen = await ask(f"tcp://127.0.0.1:{port}")
    assert seen.reason is Reason.PROTOCOL_ERROR
    assert seen.message.startswith(told)


# ── how servers are written ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "server", "told"),
    [
        ("192.0.2.53", Nameserver("192.0.2.53"), "192.0.2.53 port 53"),
        ("192.0.2.53:5353", Nameserver("192.0.2.53", 5353), "192.0.2.53 port 5353"),
        ("2001:db8::53", Nameserver("2001:db8::53"), "[2001:db8::53] port 53"),
        ("udp://[2001:db8::53]:1", Nameserver("2001:db8::53", 1), "[2001:db8::53] port 1"),
        ("tcp://ns.test", Nameserver("ns.test", 53, "tcp"), "tcp://ns.test:53"),
        ("TLS://2001:db8::53", Nameserver("2001:db8::53", 853, "tls"), "tls://[2001:db8::53]:853"),
        ("https://ns.test", Nameserver("ns.test", 443, "https"), "https://ns.test:443/dns-query"),
        ("https://ns.test:1/q?a=b", Nameserver("ns.test", 1, "https", "/q?a=b"), "https://ns.test:1/q?a=b"),
    ],
)
def test_a_server_is_taken_apart(text: str, server: Nameserver, told: str) -> None:
    assert parse_nameserver(text) == server
    assert str(server) == told


@pytest.mark.parametrize(
    "text", ["", "tls://", "quic://ns.test", "tls://ns.test/path", "ns.test:x", "udp://["]
)
def test_what_is_no_server_is_refused(text: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse_nameserver(text)
    assert caught.value.key == "url"


async def test_a_question_that_was_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_nameserver, "ASK_AGAIN", 0.05)
    heard: list[bytes] = []

    async def answer_the_third(query: bytes) -> bytes | None:
        heard.append(query)
        return dns.message.make_response(dns.message.from_wire(query)).to_wire() if len(heard) > 2 else None

    async with serve_datagrams(answer_the_third) as port:
        seen = await run_probe(Dns(url=f"dns://a.example?server=127.0.0.1:{port}"), 5)
    assert (seen.reason, len(heard)) == (None, 3)
    assert len({dns.message.from_wire(query).id for query in heard}) == 1
    assert seen.latency_ms is not None
    assert seen.latency_ms >= 100


async def test_where_questions_with_edns_are_dropped_it_is_asked_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_nameserver, "ASK_AGAIN", 0.05)

    async def answer(query: bytes) -> bytes | None:
        asked = dns.message.from_wire(query)
        return dns.message.make_response(asked).to_wire() if asked.edns < 0 else None

    async with serve_datagrams(answer) as port:
        seen = await run_probe(Dns(url=f"dns://a.example?server=127.0.0.1:{port}"), 5)
    assert seen.reason is None


def record(name: bytes, kind: int, data: bytes) -> bytes:
    return name + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


def answer(*records: bytes) -> bytes:
    return struct.pack("!HHHHHH", 1, 0x8180, 1, len(records), 0, 0) + QUESTION + b"".join(records)


LONG = b"\1b" * 120 + b"\0"


@pytest.mark.parametrize(
    "repeated",
    [
        record(POINTER, 16, b"\1x"),
        record(b"\0", 2, POINTER),
        record(b"\0", 15, b"\0\1" + POINTER),
        record(b"\0", 2, b"\1c" + POINTER),
    ],
)
def test_many_pointers_to_a_long_name_are_refused_at_once(repeated: bytes) -> None:
    data = answer(record(LONG, 16, b"\1x"), *[repeated] * 2000)
    begun = time.process_time()
    with pytest.raises(ProbeError, match="labels"):
        check_limits(data)
    assert time.process_time() - begun < 0.5


def test_more_records_than_anybody_has_are_refused() -> None:
    check_limits(answer(*[record(b"\0", 1, bytes(4))] * MOST_RECORDS))
    with pytest.raises(ProbeError, match="more than 2048 records"):
        check_limits(answer(*[record(b"\0", 1, bytes(4))] * (MOST_RECORDS + 1)))


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("1.0." + "0." * 30 + "ip6.arpa", "PTR", "host.example."),
        ("a.example", "A", "192.0.2.1"),
        ("a.example", "AAAA", "2001:db8:c0c0:c00c::c00c"),
        ("a.example", "MX", "10 mail.a.example."),
        ("a.example", "TXT", '"' + "0123456789-./:" * 18 + '"'),
        ("a.example", "DNSKEY", "257 3 8 " + "wMDAwMAMwAzA" * 40),
    ],
)
def test_ordinary_answers_are_within_the_limits(name: str, kind: str, value: str) -> None:
    response = dns.message.make_response(dns.message.make_query(name, kind))
    for number in range(50):
        response.answer.append(dns.rrset.from_text(f"x{number}.{name}.", 60, "IN", kind, value))
    check_limits(response.to_wire())


@given(st.binary(max_size=2000))
def test_garbage_is_refused_or_passes_on(data: bytes) -> None:
    with suppress(ProbeError):
        check_limits(data)


def test_pointers_in_a_circle_come_to_an_end() -> None:
    check_limits(answer(record(struct.pack("!H", 0xC000 | FIRST + 3) + b"\1" + POINTER, 16, POINTER * 20)))
