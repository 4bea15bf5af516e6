"""STARTTLS dialogues against scripted servers."""

from asyncio import StreamReader, StreamWriter

import pytest

from monitor.demo.server import Handler, serve
from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.trace import Trace
from monitor.wire.connection import connect
from monitor.wire.starttls import Protocol, starttls


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
            await starttls(protocol, connection)


LDAP_OK = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        ("smtp", (b"220-one\r\n220 two\r\n", b"250-host\r\n250-STARTTLS\r\n250 HELP\r\n", b"220 go\r\n")),
        ("imap", (b"* OK ready\r\n", b"* CAPABILITY IMAP4rev1\r\na1 OK begin\r\n")),
        ("pop3", (b"+OK ready\r\n", b"+OK begin\r\n")),
        ("ftp", (b"220 ready\r\n", b"234 begin\r\n")),
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
