"""Proxies as they are written; that they are gone through is tested with the HTTP check."""

import re
import socket

import pytest

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire.connection import Connection
from monitor.wire.proxy import Proxy, exempt, parse, tunnel


@pytest.mark.parametrize(
    ("text", "proxy"),
    [
        ("http://p", Proxy(kind="http", host="p", port=3128)),
        ("socks5://[::1]", Proxy(kind="socks5", host="::1", port=1080)),
        ("socks5h://p:1", Proxy(kind="socks5", host="p", port=1)),
        ("http://u:a%20b@p:1/", Proxy(kind="http", host="p", port=1, user="u", password="a b")),
    ],
)
def test_a_proxy_is_taken_apart(text: str, proxy: Proxy) -> None:
    assert parse(text) == proxy


@pytest.mark.parametrize(
    "text", ["p:1", "https://p", "http://", "http://p/path", "http://p:bad", "http://p?q"]
)
def test_what_is_no_proxy_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- the words are the parser's
        parse(text)


def test_a_password_is_never_shown() -> None:
    assert str(parse("http://u:secret@p")) == "http://p:3128"


@pytest.mark.parametrize(
    ("host", "patterns", "direct"),
    [
        ("example.com", ["example.com"], True),
        ("www.example.com", ["example.com"], True),
        ("www.example.com", [" .Example.com "], True),
        ("badexample.com", ["example.com"], False),
        ("example.com", ["www.example.com", "*"], True),
        ("example.com", [], False),
        ("example.com", [""], False),
        ("10.1.2.3", ["10.0.0.0/8"], True),
        ("11.1.2.3", ["10.0.0.0/8"], False),
        ("10.1.2.3", ["10.1.2.3"], True),
        ("fd00::1", ["fd00::/8"], True),
        ("fd00::1", ["[fd00::1]"], True),
        ("fd00::1", ["10.0.0.0/8"], False),
    ],
)
def test_some_hosts_are_reached_without_a_proxy(host: str, patterns: list[str], direct: bool) -> None:
    assert exempt(host, patterns) is direct


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("192.0.2.1", b"\x01\xc0\x00\x02\x01"),
        ("2001:db8::1", b"\x04\x20\x01\x0d\xb8" + bytes(11) + b"\x01"),
        ("fe80::1%eth0", b"\x04\xfe\x80" + bytes(13) + b"\x01"),
        ("a.example", b"\x03\x09a.example"),
    ],
)
async def test_socks_is_given_an_address_as_an_address_and_a_name_as_a_name(host: str, asked: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, Connection(ours) as connection:
        theirs.sendall(b"\x05\x00" + b"\x05\x00\x00\x01" + bytes(6))
        await tunnel(connection, parse("socks5://p"), host, 443)
        assert theirs.recv(100) == b"\x05\x01\x00" + b"\x05\x01\x00" + asked + b"\x01\xbb"


async def connected(answer: bytes) -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with theirs, Connection(ours) as connection:
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        await tunnel(connection, parse("http://p"), "a.example", 443)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 Connection established\r\n\r\n",
        b"HTTP/1.0 200 OK\n\n",
        b"HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\nVia: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
async def test_a_proxy_may_open_a_tunnel_in_all_ways_that_clients_accept(answer: bytes) -> None:
    await connected(answer)


@pytest.mark.parametrize(
    ("answer", "reason", "words"),
    [
        (b"HTTP/1.1 407 Who?\r\n\r\n<html>", Reason.AUTH_ERROR, "refuses the tunnel: 407"),
        (b"HTTP/1.1 503 \x1b[2J\r\n\r\n", Reason.UNREACHABLE, "refuses the tunnel: 503"),
        (b"HTTP/1.1 403 No\r\n\r\n", Reason.PROTOCOL_ERROR, "refuses the tunnel: 403 Forbidden"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", Reason.PROTOCOL_ERROR, "sends data of its own"),
        (b"220 hello\r\n", Reason.PROTOCOL_ERROR, "the proxy http://p:3128: the answer is not HTTP"),
        (b"", Reason.PROTOCOL_ERROR, "the proxy http://p:3128: the server closed the connection"),
    ],
)
async def test_a_tunnel_that_is_refused_has_the_proxys_reason(
    answer: bytes, reason: Reason, words: str
) -> None:
    with pytest.raises(ProbeError, match=re.escape(words)) as caught:
        await connected(answer)
    assert caught.value.reason is reason
    assert caught.value.message.isprintable()


def test_a_user_that_http_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="colon"):
        parse("http://a%3Ab:c@p")
