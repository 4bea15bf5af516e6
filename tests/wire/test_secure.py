"""TLS sessions without a socket between the two ends."""

import ssl

import pytest
from tls_server import Server

from monitor.demo.certs import Authority
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.secure import Secure
from monitor.wire.tls import TlsOptions, context


def client(authority: Authority, name: str = "localhost") -> Secure:
    return Secure(context(TlsOptions(ca=str(authority.ca)), ("http/1.1",)), name)


def met(authority: Authority, kind: str = "valid") -> tuple[Secure, Server]:
    """A client and a server that have shaken hands."""
    mine, server = client(authority), Server(authority, kind)
    while not mine.shake_hands():
        server.hears(mine)
        with pytest.raises(ssl.SSLWantReadError):
            server.session.do_handshake()
        server.answers(mine)
    server.hears(mine)
    server.session.do_handshake()
    return mine, server


def test_both_sides_understand_each_other(authority: Authority) -> None:
    mine, server = met(authority)
    assert (mine.protocol, str(mine)[:8]) == ("http/1.1", "TLSv1.3 ")
    assert mine.certificate is not None
    mine.write(b"hello" * 10_000)
    server.hears(mine)
    assert b"".join(server.session.read(16384) for _ in range(4)) == b"hello" * 10_000
    assert mine.read(10) is None
    server.session.write(b"hi")
    server.answers(mine)
    assert mine.read(1) == b"h"
    assert mine.read(10) == b"i"


def test_the_end_of_a_handshake_goes_with_the_first_words(authority: Authority) -> None:
    mine, server = client(authority), Server(authority)
    assert not mine.shake_hands()
    server.hears(mine)
    with pytest.raises(ssl.SSLWantReadError):
        server.session.do_handshake()
    server.answers(mine)
    assert mine.shake_hands()
    assert mine.due
    mine.write(b"hello")
    server.hears(mine)
    server.session.do_handshake()
    assert server.session.read(10) == b"hello"


@pytest.mark.parametrize("politely", [True, False])
def test_the_end_of_the_stream_is_the_end_of_what_is_said(authority: Authority, politely: bool) -> None:
    mine, server = met(authority)
    server.session.write(b"bye")
    if politely:
        with pytest.raises(ssl.SSLWantReadError):
            server.session.unwrap()
    server.answers(mine)
    mine.feed(b"")
    assert mine.read(10) == b"bye"
    assert mine.read(10) == b""


def test_a_server_that_cannot_prove_who_it_is_is_told_so(authority: Authority) -> None:
    mine, server = client(authority), Server(authority, "self-signed")
    assert not mine.shake_hands()
    server.hears(mine)
    with pytest.raises(ssl.SSLWantReadError):
        server.session.do_handshake()
    server.answers(mine)
    with pytest.raises(ProbeError) as caught:
        mine.shake_hands()
    assert caught.value.reason is Reason.CERTIFICATE_UNTRUSTED
    assert mine.certificate is not None
    server.hears(mine)
    with pytest.raises(ssl.SSLError, match="unknown ca"):
        server.session.do_handshake()


def test_the_end_of_the_stream_in_a_handshake_is_an_error(authority: Authority) -> None:
    mine = client(authority)
    assert (mine.shake_hands(), str(mine), mine.certificate) == (False, "", None)
    mine.feed(b"")
    with pytest.raises(ProbeError, match="closed the connection during the TLS handshake"):
        mine.shake_hands()


def test_garbage_after_the_handshake_is_an_error(authority: Authority) -> None:
    mine, _ = met(authority)
    mine.feed(b"\x17\x03\x03\x00\x20" + bytes(32))
    with pytest.raises(ProbeError) as caught:
        mine.read(10)
    assert caught.value.reason is Reason.TLS_ERROR


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("localhost", "localhost"),
        ("LOCALHOST.", "localhost"),
        ("straße.example.", "xn--strae-oqa.example"),
        ("xn--strae-oqa.example", "xn--strae-oqa.example"),
        ("under_score.example", "under_score.example"),
        ("127.0.0.1", None),
        ("fe80::1%eth0", None),
    ],
)
def test_the_server_is_asked_for_by_the_name_that_certificates_have(
    authority: Authority, host: str, asked: str | None
) -> None:
    heard: list[str | None] = []
    server = Server(authority)
    server.session.context.sni_callback = lambda _session, name, _context: heard.append(name)
    mine = client(authority, host)
    assert not mine.shake_hands()
    server.hears(mine)
    with pytest.raises(ssl.SSLWantReadError):
        server.session.do_handshake()
    assert heard == [asked]


def test_a_name_that_no_certificate_holds_cannot_be_asked_for(authority: Authority) -> None:
    with pytest.raises(ProbeError) as caught:
        client(authority, "a" * 300)
    assert caught.value.reason is Reason.TLS_ERROR
