"""TLS sessions by rustls, with well-behaved and with hostile servers."""

import ssl
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tls_server import Server

from monitor.demo.certs import Authority
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire import rustls
from monitor.wire.hosts import verified_name
from monitor.wire.rustls import Accepted, Rustls
from monitor.wire.secure import Secure
from monitor.wire.tls import TlsOptions, context

pytest.importorskip("rtls")
ALPN = ("http/1.1",)
APPLICATION_DATA = b"\x17\x03\x03"


def accepted(authority: Authority, name: str = "localhost", **changes: Any) -> Accepted:
    """The server with the valid certificate, as OpenSSL accepts it."""
    exact = Secure(context(TlsOptions(ca=str(authority.ca)), ALPN), name)
    Server(authority).meets(exact)
    sent, verified = exact.chains
    assert exact.certificate is not None
    found = Accepted(
        name=verified_name(name),
        chain=rustls.digest(sent),
        issuer=verified[1],
        certificate=exact.certificate,
        cipher=str(exact).split()[1],
        alpn=ALPN,
    )
    return found._replace(**changes)


def met(authority: Authority) -> tuple[Rustls, Server]:
    """A client and a server that have shaken hands."""
    mine, server = Rustls(accepted(authority)), Server(authority)
    server.meets(mine)
    return mine, server


def test_it_shows_the_same_as_openssl(authority: Authority) -> None:
    exact, server = Secure(context(TlsOptions(ca=str(authority.ca)), ALPN), "localhost"), Server(authority)
    server.meets(exact)
    fast, _ = met(authority)
    assert (str(fast), fast.protocol, fast.certificate) == (str(exact), exact.protocol, exact.certificate)


def test_nothing_is_shown_before_the_server_has_proved_itself(authority: Authority) -> None:
    mine = Rustls(accepted(authority))
    assert (mine.shake_hands(), mine.due) == (False, True)
    assert (str(mine), mine.certificate, mine.protocol) == ("", None, None)


def test_both_sides_understand_each_other(authority: Authority) -> None:
    mine, server = met(authority)
    mine.write(b"hello" * 20_000)
    server.hears(mine)
    heard = b""
    while len(heard) < 100_000:
        heard += server.session.read(16384)
    assert heard == b"hello" * 20_000
    assert mine.read(10) is None
    server.session.write(b"hi" + b"." * 70_000)
    server.answers(mine)
    assert mine.read(1) == b"h"
    assert mine.read(1) == b"i"
    assert sum(len(mine.read(9000) or b"") for _ in range(20)) == 70_000
    assert mine.read(10) is None


@pytest.mark.parametrize("politely", [True, False])
def test_the_end_of_the_stream_is_the_end_of_the_data(authority: Authority, politely: bool) -> None:
    mine, server = met(authority)
    server.session.write(b"bye")
    if politely:
        with pytest.raises(ssl.SSLWantReadError):
            server.session.unwrap()
    server.answers(mine)
    if not politely:
        mine.feed(b"")
    assert mine.read(10) == b"bye"
    assert mine.read(10) == b""
    assert mine.read(10) == b""


# ── departures ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["expired", "wrong-name", "self-signed", "expiring"])
def test_another_certificate_than_the_accepted_one_is_a_failure(authority: Authority, kind: str) -> None:
    mine = Rustls(accepted(authority))
    with pytest.raises(ProbeError) as caught:
        Server(authority, kind).meets(mine)
    assert caught.value.reason is Reason.TLS_ERROR
    assert mine.certificate is None


def test_another_name_than_the_certificates_is_a_failure(authority: Authority) -> None:
    mine = Rustls(accepted(authority, name="localhost")._replace(name="elsewhere.example"))
    with pytest.raises(ProbeError):
        Server(authority).meets(mine)


def test_another_version_than_the_accepted_one_is_a_failure(authority: Authority) -> None:
    older = authority.server_context()
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    mine, server = Rustls(accepted(authority)), Server(authority)
    server.begin(older)
    with pytest.raises(ProbeError):
        server.meets(mine)


def test_another_cipher_is_a_failure(authority: Authority) -> None:
    mine = Rustls(accepted(authority, cipher="TLS_AES_128_GCM_SHA256"))
    with pytest.raises(ProbeError, match="another version or cipher"):
        Server(authority).meets(mine)


def test_a_stream_that_ends_in_the_handshake_is_a_failure(authority: Authority) -> None:
    mine = Rustls(accepted(authority))
    mine.feed(b"")
    with pytest.raises(ProbeError, match="closed the connection during the TLS handshake"):
        mine.shake_hands()


@pytest.mark.parametrize("name", ["a" * 70, "a b", ""])
def test_a_name_that_rustls_does_not_take_is_a_failure(authority: Authority, name: str) -> None:
    with pytest.raises(ProbeError) as caught:
        Rustls(accepted(authority)._replace(name=name))
    assert caught.value.reason is Reason.TLS_ERROR


@pytest.mark.parametrize("issuer", [b"", b"garbage", b"\x30\x80"])
def test_an_issuer_that_rustls_cannot_read_is_a_failure(authority: Authority, issuer: bytes) -> None:
    with pytest.raises(ProbeError):
        Server(authority).meets(Rustls(accepted(authority)._replace(issuer=issuer)))


# ── hostile servers ─────────────────────────────────────────────────────────────────────────────


def test_bytes_after_the_end_of_the_data_are_left_alone(authority: Authority) -> None:
    """rtls' own reading loop never returns from this."""
    mine, server = met(authority)
    with pytest.raises(ssl.SSLWantReadError):
        server.session.unwrap()
    mine.feed(server.outgoing.read() + b"\x15\x03\x03\x00\x02\x01\x00" * 1000 + b"\xff" * 70_000)
    assert mine.read(65536) == b""
    assert mine.read(65536) == b""


@pytest.mark.parametrize(
    "data",
    [
        APPLICATION_DATA + b"\x00\x20" + bytes(32),
        APPLICATION_DATA + b"\xff\xff",
        APPLICATION_DATA + b"\x41\x01",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"HTTP/1.1 400 Bad Request\r\n\r\n" + b"." * 20_000,
    ],
    ids=["forged", "longest", "too long", "plain alert", "plain HTTP"],
)
@pytest.mark.parametrize("when", ["handshake", "data"])
def test_a_record_that_is_out_of_order_is_a_failure(authority: Authority, when: str, data: bytes) -> None:
    mine = Rustls(accepted(authority)) if when == "handshake" else met(authority)[0]
    mine.feed(data)
    with pytest.raises(ProbeError) as caught:
        mine.shake_hands() if when == "handshake" else mine.read(10)
    assert caught.value.reason is Reason.TLS_ERROR


def test_a_handshake_may_come_octet_by_octet(authority: Authority) -> None:
    mine, server = Rustls(accepted(authority)), Server(authority)
    assert not mine.shake_hands()
    server.hears(mine)
    with suppress(ssl.SSLWantReadError):
        server.session.do_handshake()
    flight = server.outgoing.read()
    for octet in flight[:-1]:
        mine.feed(bytes((octet,)))
        assert not mine.shake_hands()
    mine.feed(flight[-1:])
    assert mine.shake_hands()


def test_a_handshake_in_records_of_one_octet_is_read_or_refused(authority: Authority) -> None:
    mine, server = Rustls(accepted(authority)), Server(authority)
    mine.shake_hands()
    server.hears(mine)
    with suppress(ssl.SSLWantReadError):
        server.session.do_handshake()
    flight = server.outgoing.read()
    end = 5 + int.from_bytes(flight[3:5], "big")
    mine.feed(b"".join(flight[:3] + b"\0\1" + bytes((octet,)) for octet in flight[5:end]) + flight[end:])
    with suppress(ProbeError):
        assert mine.shake_hands()


def test_a_handshake_message_without_end_is_refused(authority: Authority) -> None:
    mine = Rustls(accepted(authority))
    mine.shake_hands()
    mine.feed(b"\x16\x03\x03\x40\x00" + b"\x02\xff\xff\xff" + bytes(16380))
    for _ in range(100):
        mine.feed(b"\x16\x03\x03\x40\x00" + bytes(16384))
    with pytest.raises(ProbeError):
        mine.shake_hands()


def test_records_without_contents_end_with_the_bytes(authority: Authority) -> None:
    mine = Rustls(accepted(authority))
    mine.shake_hands()
    mine.feed(b"\x16\x03\x03\x00\x00" * 10_000)
    with suppress(ProbeError):
        assert not mine.shake_hands()


CHANGES = st.tuples(st.integers(0, 800), st.integers(0, 3), st.binary(max_size=4))
"""Where, how many octets, and what to put in their place."""


@settings(max_examples=60)
@given(changes=st.lists(CHANGES, min_size=1, max_size=3))
def test_whatever_the_server_sends_there_is_an_end(
    authority: Authority, changes: list[tuple[int, int, bytes]]
) -> None:
    """A mutated flight is refused, or it does not matter to what was agreed on."""
    mine, server = Rustls(accepted(authority)), Server(authority)
    mine.shake_hands()
    server.hears(mine)
    with suppress(ssl.SSLWantReadError):
        server.session.do_handshake()
    flight = bytearray(server.outgoing.read())
    for at, count, octets in changes:
        flight[at : at + count] = octets
    mine.feed(bytes(flight))
    mine.feed(b"")
    with suppress(ProbeError):
        if mine.shake_hands():
            assert mine.certificate == accepted(authority).certificate
        mine.read(100)
