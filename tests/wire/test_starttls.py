"""STARTTLS dialogues against scripted servers."""

import time
from asyncio import StreamReader, StreamWriter
from typing import get_args

import pytest

from monitor.demo.server import Handler, serve
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire.connection import connect
from monitor.wire.starttls import PORTS, Protocol, starttls


def test_every_protocol_has_its_port() -> None:
    assert set(PORTS) == set(get_args(Protocol))


@pytest.mark.parametrize(
    ("protocol", "namespace"), [("xmpp", b"jabber:client"), ("xmpp-server", b"jabber:server")]
)
async def test_xmpp_is_asked_for_the_host(protocol: Protocol, namespace: bytes) -> None:
    heard: list[bytes] = []

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        heard.append(await reader.read(1024))
        writer.write(XMPP + b"<proceed/>")
        await reader.read()

    async with serve(talk) as port:
        with await connect("127.0.0.1", port, Trace()) as connection:
            await starttls(protocol, connection, "a'b.example")
    assert b"to='a&#x27;b.example'" in heard[0]
    assert b"xmlns='" + namespace + b"'" in heard[0]


def script(greeting: bytes, *answers: bytes) -> Handler:
    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        writer.write(greeting)
        for answer in answers:
            await reader.read(1024)
            writer.write(answer)
        await reader.read()

    return talk


async def ask(protocol: Protocol, handler: Handler) -> None:
    async with serve(handler) as port:
        with await connect("127.0.0.1", port, Trace()) as connection:
            await starttls(protocol, connection, "a.example")


LDAP_OK = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"


_MYSQL = b"\x0a8.0\0" + bytes(4) + b"abcdefgh\0\xff\xff\x2d\2\0\xff\x0f\x15" + bytes(10) + b"ijklmnop\0"
MYSQL_GREETING = bytes((len(_MYSQL), 0, 0, 0)) + _MYSQL
XMPP = b"<?xml version='1.0'?><stream:stream id='1'><stream:features><starttls/></stream:features>"


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("smtp", (b"220-one\r\n220 two\r\n", b"250-host\r\n250-STARTTLS\r\n250 HELP\r\n", b"220 go\r\n")),
        ("imap", (b"* OK ready\r\n", b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n")),
        ("pop3", (b"+OK ready\r\n", b"+OK begin\r\n")),
        ("ftp", (b"220 ready\r\n", b"234 begin\r\n")),
        ("lmtp", (b"220 hi\r\n", b"250-host\r\n250 STARTTLS\r\n", b"220 go\r\n")),
        ("mysql", (MYSQL_GREETING,)),
        ("xmpp", (b"", XMPP, b"<proceed xmlns='x'/>")),
        ("xmpp", (b"", XMPP, b"<proceed xmlns='x'></proceed>")),
        ("xmpp", (b"", XMPP, b" <tls:proceed xmlns:tls='x'/>")),
        ("xmpp-server", (b"", XMPP.replace(b"stream:", b""), b"<proceed/>")),
        ("sieve", (b'"STARTTLS"\r\nOK\r\n', b"OK\r\n")),
        ("sieve", (b'"NOTE" {5}\r\nhello\r\n"StartTLS"\r\nOK (X) "hi"\r\n', b'ok "go"\r\n')),
        ("nntp", (b"200 hi\r\n", b"101 these\r\nSTARTTLS\r\n.\r\n", b"382 go\r\n")),
        ("nntp", (b"201 hi\r\n", b"500 CAPABILITIES?\r\n", b"382 go\r\n")),
        ("irc", (b"", b":a 670 * :go\r\n")),
        ("irc", (b"NOTICE AUTH :hello\r\n", b"PING :1\r\n:a 020 * :wait\r\n670 you :go\r\n")),
        ("postgres", (b"", b"S")),
        ("ldap", (b"", LDAP_OK)),
    ],
)
async def test_a_willing_server_is_ready_for_the_handshake(
    protocol: Protocol, said: tuple[bytes, ...]
) -> None:
    await ask(protocol, script(*said))


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("smtp", (b"HTTP/1.1 400 Bad\r\n",)),
        ("smtp", (b"554 go away\r\n",)),
        ("smtp", (b"220 hi\r\n", b"250 host\r\n")),
        ("smtp", (b"220 hi\r\n", b"250-host\r\n250 STARTTLS\r\n", b"454 not now\r\n")),
        ("imap", (b"* BYE\r\n",)),
        ("imap", (b"* OK\r\n", b"a1 BAD no\r\n")),
        ("pop3", (b"-ERR\r\n",)),
        ("pop3", (b"+OK\r\n", b"-ERR no\r\n")),
        ("ftp", (b"220 hi\r\n", b"502 no\r\n")),
        ("lmtp", (b"220 hi\r\n", b"500 EHLO?\r\n")),
        ("lmtp", (b"220 hi\r\n", b"250 host\r\n")),
        ("mysql", (MYSQL_GREETING.replace(b"\xff\xff", b"\xff\xf7"),)),
        ("mysql", (b"\x17\0\0\0\xff\x10\4Too many connections",)),
        ("mysql", (b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(3000),)),
        ("mysql", (b"\5\0\0\0\x0a8.0\0",)),
        ("mysql", (b"\0\0\0\0",)),
        ("xmpp", (b"", b"HTTP/1.1 400 Bad\r\n<html>")),
        ("xmpp", (b"", b"<stream:stream><stream:error><host-unknown/></stream:error>")),
        ("xmpp", (b"", b"<stream:stream><stream:features/>")),
        ("xmpp", (b"", b"<stream:stream><stream:features><bind/></stream:features>")),
        ("xmpp", (b"", XMPP, b"<failure/>")),
        ("xmpp", (b"", b"<stream:stream>" + b"<x/>" * 200)),
        ("xmpp", (b"", b"x" * 10_000)),
        ("sieve", (b"HTTP/1.1 400 Bad\r\n",)),
        ("sieve", (b'BYE "not now"\r\n',)),
        ("sieve", (b'"SIEVE" "fileinto"\r\nOK\r\n',)),
        ("sieve", (b'"STARTTLS"\r\nOK\r\n', b"NO\r\n")),
        ("sieve", (b'"X"\r\n' * 200,)),
        ("nntp", (b"400 not now\r\n",)),
        ("nntp", (b"200 hi\r\n", b"101 these\r\nREADER\r\n.\r\n")),
        ("nntp", (b"200 hi\r\n", b"101 these\r\n" + b"X\r\n" * 200)),
        ("nntp", (b"200 hi\r\n", b"101 these\r\nSTARTTLS\r\n.\r\n", b"580 no\r\n")),
        ("irc", (b"", b":a 691 * :STARTTLS failed\r\n")),
        ("irc", (b"", b":a 451 STARTTLS :You have not registered\r\n")),
        ("irc", (b"", b"ERROR :Closing link\r\n")),
        ("irc", (b"", b"HTTP/1.1 400 Bad\r\n")),
        ("irc", (b"", b":a NOTICE * :hello\r\n" * 200)),
        ("postgres", (b"", b"N")),
        ("postgres", (b"", b"E")),
        ("ldap", (b"", b"HTTP/1.1 400\r\n")),
        ("ldap", (b"", LDAP_OK.replace(b"\x0a\x01\x00", b"\x0a\x01\x02"))),
        ("ldap", (b"", b"\x30\x84\xff\xff\xff\xff")),
    ],
)
async def test_a_server_that_refuses_or_babbles_is_a_protocol_error(
    protocol: Protocol, said: tuple[bytes, ...]
) -> None:
    with pytest.raises(ProbeError) as caught:
        await ask(protocol, script(*said))
    assert caught.value.reason is Reason.PROTOCOL_ERROR


@pytest.mark.parametrize(
    "tag", [b"<" + b" " * 8000 + b">", b"<" + b"a" * 8000 + b"<>", b"<" + b"a:" * 4000 + b"!>"]
)
async def test_a_strange_tag_takes_no_time(tag: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(ProbeError):
        await ask("xmpp", script(tag))
    assert time.process_time() - begun < 1
