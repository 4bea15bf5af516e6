"""Proxies as they are written; that they are gone through is tested with the HTTP check."""

import socket

import pytest

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


def test_a_user_that_http_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match="colon"):
        parse("http://a%3Ab:c@p")
