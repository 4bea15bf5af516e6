"""Which servers are asked with rustls, and that this changes no verdict."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from chain_table import CASES
from hypothesis import given, settings
from hypothesis import strategies as st
from issuing import pem, private_pem
from tls_server import Server as Peer

from monitor.checks.run_probe import run_probe
from monitor.demo import h2
from monitor.demo.certs import Authority
from monitor.demo.serve import site as healthy
from monitor.demo.server import Handler, serve
from monitor.errors import ProbeError
from monitor.model import Observation, Reason
from monitor.probes.http import Http
from monitor.probes.tls import Tls
from monitor.trace import Trace
from monitor.wire import shortcuts as module
from monitor.wire.secure import Secure
from monitor.wire.shortcuts import GOOD_FOR, Server, Shortcuts, shortcuts
from monitor.wire.tls import TlsOptions, context

pytest.importorskip("rtls")
HERE = Server("127.0.0.1", 443, "localhost")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


def exact(authority: Authority, kind: str = "valid", **keys: object) -> Secure:
    """A session by OpenSSL that is done."""
    session = Secure(context(TlsOptions(ca=str(authority.ca), **keys)), "localhost")  # type: ignore[arg-type]
    Peer(authority, kind).meets(session)
    return session


@pytest.fixture
def learnt(authority: Authority) -> Shortcuts:
    """Shortcuts with one server."""
    made = Shortcuts(())
    made.learn(HERE, exact(authority))
    return made


def test_a_server_that_openssl_accepted_may_be_asked_with_rustls(
    learnt: Shortcuts, authority: Authority
) -> None:
    trace = Trace()
    session = learnt.take(HERE, trace)
    assert session is not None
    Peer(authority).meets(session)
    assert session.certificate == exact(authority).certificate
    assert len(trace.shortcuts) == 1


@pytest.mark.parametrize(
    "other", [HERE._replace(host="127.0.0.2"), HERE._replace(port=444), HERE._replace(name="other.example")]
)
def test_another_server_may_not(learnt: Shortcuts, other: Server) -> None:
    assert learnt.take(other, Trace()) is None


@pytest.mark.parametrize(("later", "taken"), [(GOOD_FOR - 1, True), (GOOD_FOR + 1, False)])
def test_openssl_has_to_accept_it_again_after_a_while(
    learnt: Shortcuts, monkeypatch: pytest.MonkeyPatch, later: float, taken: bool
) -> None:
    then = time.time() + later
    monkeypatch.setattr(module.time, "time", lambda: then)
    assert (learnt.take(HERE, Trace()) is not None) is taken


def test_it_is_not_taken_after_the_certificate_ends(
    learnt: Shortcuts, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = exact(authority).certificate
    assert certificate is not None
    ends = certificate.not_after
    monkeypatch.setattr(module.time, "time", lambda: ends - 10)
    made = Shortcuts(())
    made.learn(HERE, exact(authority))
    assert made.take(HERE, Trace()) is not None
    monkeypatch.setattr(module.time, "time", lambda: ends)
    assert made.take(HERE, Trace()) is None


def test_a_closed_shortcut_stays_closed_for_a_while(
    learnt: Shortcuts, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = Trace()
    learnt.take(HERE, trace)
    trace.shortcuts[0]()
    learnt.learn(HERE, exact(authority))
    assert learnt.take(HERE, Trace()) is None
    then = time.time() + GOOD_FOR + 1
    monkeypatch.setattr(module.time, "time", lambda: then)
    learnt.learn(HERE, exact(authority))
    assert learnt.take(HERE, Trace()) is not None


def test_the_servers_that_are_remembered_are_bounded(
    learnt: Shortcuts, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    for port in range(1, 5):
        learnt.learn(HERE._replace(port=port), exact(authority))
    assert learnt.take(HERE._replace(port=4), Trace()) is not None
    assert learnt.take(HERE, Trace()) is None


def test_tls_1_2_is_left_to_openssl(authority: Authority) -> None:
    older = authority.server_context()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    session, peer = Secure(context(TlsOptions(ca=str(authority.ca))), "localhost"), Peer(authority)
    peer.begin(older)
    peer.meets(session)
    made = Shortcuts(())
    made.learn(HERE, session)
    assert made.take(HERE, Trace()) is None


@pytest.mark.parametrize(
    ("options", "used"),
    [
        ({}, True),
        ({"min_version": "1.3"}, True),
        ({"verify": False}, False),
        ({"cert": "{client}"}, False),
    ],
    ids=str,
)
def test_settings_that_rustls_does_not_have_are_left_to_openssl(
    authority: Authority, options: dict[str, object], used: bool
) -> None:
    client = str(authority.pem("client"))
    filled = {key: client if value == "{client}" else value for key, value in options.items()}
    made = context(TlsOptions(ca=str(authority.ca), **filled))  # type: ignore[arg-type]
    assert (shortcuts(made) is not None) is used


def test_without_the_library_there_are_none(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.rustls, "installed", lambda: False)
    assert shortcuts(context(TlsOptions(ca=str(authority.ca)), ("without",))) is None


# ── every chain of the table ────────────────────────────────────────────────────────────────────


def server_context(folder: Path, name: str) -> ssl.SSLContext:
    """What the server of a case of the table has."""
    case, file = CASES[name], folder / f"{name}.pem"
    file.write_text("".join(pem(one.der()) for one in case.sent) + private_pem(case.sent[0].key))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(file)
    return made


def met(made: ssl.SSLContext, session: Secure | module.Rustls, authority: Authority) -> Reason | None:
    peer = Peer(authority)
    peer.begin(made)
    try:
        peer.meets(session)
    except ProbeError as error:
        return error.reason
    return None


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.served])
def test_rustls_repeats_a_verdict_or_gives_none(name: str, authority: Authority, tmp_path: Path) -> None:
    case, made, known = CASES[name], server_context(tmp_path, name), Shortcuts(())
    (tmp_path / "ca.pem").write_text("".join(pem(one.der()) for one in case.roots))
    session = Secure(context(TlsOptions(ca=str(tmp_path / "ca.pem"))), case.host)
    here = HERE._replace(name=case.host)
    if met(made, session, authority) is None:
        known.learn(here, session)
    shortcut = known.take(here, Trace())
    if case.reason is not None:
        assert shortcut is None
    elif shortcut is not None and met(made, shortcut, authority) is None:
        assert shortcut.certificate == session.certificate


# ── whole checks ────────────────────────────────────────────────────────────────────────────────


class Site:
    """A server on loopback that behaves in another way when it is told to."""

    def __init__(self) -> None:
        self.port = 0
        self.context: ssl.SSLContext | None = None
        self.connections = 0
        self.answer = ANSWER
        self.behind = b""
        """What comes after the answer, encrypted or, with ``raw``, not."""
        self.raw = False
        self.serve_instead: Handler | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.serve_instead is not None:
            await self.serve_instead(reader, writer)
        with suppress(OSError, EOFError):
            if self.context is not None:
                plain = writer.transport
                await writer.start_tls(self.context)
                await reader.readuntil(b"\r\n\r\n")
                writer.write(self.answer + (b"" if self.raw else self.behind))
                await writer.drain()
                if self.raw:
                    plain.write(self.behind)
        writer.close()


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    made = Site()
    async with serve(made.serve) as made.port:
        yield made


def probe(at: Site, authority: Authority, **keys: object) -> Http:
    return Http(url=f"https://localhost:{at.port}/", tls=TlsOptions(ca=str(authority.ca)), **keys)  # type: ignore[arg-type]


async def without_shortcuts(check: Http | Tls) -> Observation:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(check), "repeatable", False)
        return await run_probe(check, 5)


def told(seen: Observation) -> tuple[object, ...]:
    tls = seen.explanation.tls if seen.explanation else ""
    return seen.reason, seen.message, seen.certificate, tls, seen.facts.get("status")


def is_known(check: Http) -> bool:
    known = shortcuts(context(check.tls, ("h2", "http/1.1")))
    host, port = "localhost", int(check.url.rsplit(":")[-1].strip("/"))
    return known is not None and known.take(Server(host, port, host), Trace()) is not None


async def test_the_second_check_of_a_server_takes_the_shortcut(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site() as at:
        at.context = authority.server_context()
        check = probe(at, authority)
        first = await run_probe(check, 5)
        monkeypatch.setattr("monitor.wire.connection.Secure", None)
        second = await run_probe(check, 5)
        assert told(first) == told(second)
        assert second.reason is None


async def test_the_tls_check_takes_it_too(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async with site() as at:
        at.context = authority.server_context()
        check = Tls(url=f"tls://localhost:{at.port}", tls=TlsOptions(ca=str(authority.ca)))
        first = await run_probe(check, 5)
        monkeypatch.setattr("monitor.wire.connection.Secure", None)
        assert told(await run_probe(check, 5)) == told(first)


async def test_http_2_goes_over_it(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serve(h2.either(healthy()), tls=h2.context(authority)) as port:
        check = Http(
            url=f"https://localhost:{port}/healthy", tls=TlsOptions(ca=str(authority.ca)), http_version="2"
        )
        first = await run_probe(check, 5)
        monkeypatch.setattr("monitor.wire.connection.Secure", None)
        second = await run_probe(check, 5)
        assert told(second) == told(first)
        assert (second.reason, second.facts["http_version"]) == (None, "2")


@pytest.mark.parametrize("keys", [{"method": "POST"}, {"reuse_connection": True}], ids=str)
async def test_a_check_that_may_not_be_made_twice_takes_none(
    authority: Authority, keys: dict[str, object]
) -> None:
    async with site() as at:
        at.context = authority.server_context()
        check = probe(at, authority, **keys)
        for _ in range(3):
            assert (await run_probe(check, 5)).reason is None
        assert not is_known(check)


async def test_a_check_that_fails_on_a_shortcut_is_made_again(authority: Authority) -> None:
    async with site() as at:
        at.context = authority.server_context()
        check = probe(at, authority)
        await run_probe(check, 5)
        at.context = authority.server_context("expired")
        seen = await run_probe(check, 5)
        assert (seen.reason, at.connections) == (Reason.CERTIFICATE_EXPIRED, 3)
        await run_probe(check, 5)
        assert at.connections == 4


ENDLESS = {
    "HelloRequests": b"\x16\x03\x03\x00\x04\x00\x00\x00\x00",
    "half HelloRequests": b"\x16\x03\x03\x00\x01\x00",
    "changes of cipher": b"\x14\x03\x03\x00\x01\x01",
    "warnings": b"\x15\x03\x03\x00\x02\x01\x5a",
    "empty records": b"\x16\x03\x03\x00\x00",
    "the end": b"\x15\x03\x03\x00\x02\x01\x00",
}


@pytest.mark.parametrize("piece", ENDLESS.values(), ids=list(ENDLESS))
async def test_a_server_that_turns_endless_stops_nobody(authority: Authority, piece: bytes) -> None:
    async def pours(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                writer.write(piece * 5000)
                await writer.drain()

    async with site() as at:
        at.context = authority.server_context()
        check = probe(at, authority)
        assert (await run_probe(check, 5)).reason is None
        at.serve_instead = pours
        began = time.perf_counter()
        pulse = asyncio.ensure_future(turns())
        seen = await run_probe(check, 0.3)
        assert not pulse.done()
        pulse.cancel()
        assert seen.reason in (Reason.TLS_ERROR, Reason.TLS_TIMEOUT, Reason.PROTOCOL_ERROR)
        assert time.perf_counter() - began < 5


async def turns() -> None:
    """Fails when others have to wait for a turn."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0)
        assert time.perf_counter() - before < 2


BEHAVIOURS: dict[str, Callable[[Site, Authority], None]] = {
    "valid": lambda at, authority: setattr(at, "context", authority.server_context()),
    "expired": lambda at, authority: setattr(at, "context", authority.server_context("expired")),
    "wrong name": lambda at, authority: setattr(at, "context", authority.server_context("wrong-name")),
    "self-signed": lambda at, authority: setattr(at, "context", authority.server_context("self-signed")),
    "expiring": lambda at, authority: setattr(at, "context", authority.server_context("expiring")),
    "TLS 1.2": lambda at, authority: setattr(at, "context", _older(authority)),
    "no TLS": lambda at, _: setattr(at, "context", None),
    "status 500": lambda at, _: setattr(at, "answer", ANSWER.replace(b"200 OK", b"500 Oh")),
    "status 200": lambda at, _: setattr(at, "answer", ANSWER),
    "garbage": lambda at, _: setattr(at, "answer", b"\0\1\2\r\n\r\n"),
    "more than is announced": lambda at, _: setattr(at, "behind", b"." * 30_000),
    "nothing more": lambda at, _: setattr(at, "behind", b""),
    "bytes after the end": lambda at, _: setattr(at, "raw", True),
}


def _older(authority: Authority) -> ssl.SSLContext:
    made = authority.server_context()
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    return made


@settings(max_examples=25)
@given(steps=st.lists(st.sampled_from(list(BEHAVIOURS)), min_size=1, max_size=6))
def test_no_change_of_a_server_is_judged_otherwise(authority: Authority, steps: list[str]) -> None:
    """After each step a check that may take shortcuts tells the same as one by OpenSSL alone."""

    async def run() -> None:
        async with site() as at:
            check = probe(at, authority)
            for step in ["valid", *steps]:
                BEHAVIOURS[step](at, authority)
                for _ in range(2):
                    assert told(await run_probe(check, 5)) == told(await without_shortcuts(check)), step

    asyncio.run(run())
