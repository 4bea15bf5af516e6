"""Servers that begin in plain text and upgrade to TLS: just enough of each protocol for that."""

from __future__ import annotations

import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping

from monitor.demo.server import Handler, until_gone
from monitor.demo.tls import by_hand

Upgrade = Callable[[StreamReader, StreamWriter], Awaitable[bool]]
"""The dialogue before TLS; False if the client left or requested something else."""


def upgrading(dialogue: Upgrade, context: ssl.SSLContext) -> Handler:
    """A handler that holds ``dialogue`` and then upgrades."""

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        if not await dialogue(reader, writer):
            return
        if (
            dialogue is mysql
        ):  # its client does not wait for the server's answer: asyncio would lose bytes that have arrived
            await by_hand(context)(reader, writer)
        else:
            await writer.start_tls(context)
            await until_gone(reader)

    return handle


def _by_lines(greeting: bytes, hello: bytes, offer: bytes, consent: bytes, refusal: bytes) -> Upgrade:
    """A dialogue in lines: ``hello`` is answered with the ``offer``, STARTTLS with the ``consent``."""

    async def dialogue(reader: StreamReader, writer: StreamWriter) -> bool:
        writer.write(greeting)
        while line := (await reader.readline()).upper():
            if line.startswith(b"STARTTLS"):
                writer.write(consent)
                return True
            writer.write(offer if line.startswith(hello) else refusal)
        return False

    return dialogue


smtp = _by_lines(
    b"220-demo.test ESMTP\r\n220 at your service\r\n",
    b"EHLO",
    b"250-demo.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n",
    b"220 go ahead\r\n",
    b"502 not implemented\r\n",
)
"""RFC 3207."""
lmtp = _by_lines(
    b"220 demo.test LMTP\r\n",
    b"LHLO",
    b"250-demo.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n",
    b"220 go ahead\r\n",
    b"500 unrecognized\r\n",
)
"""RFC 2033: SMTP whose first word is another."""


async def smtp_without(reader: StreamReader, writer: StreamWriter) -> bool:
    """An SMTP server that does not offer STARTTLS."""
    writer.write(b"220 demo.test ESMTP\r\n")
    while line := (await reader.readline()).upper():
        writer.write(b"250 demo.test\r\n" if line.startswith(b"EHLO") else b"502 not implemented\r\n")
    return False


async def imap(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 3501, 6.2.1."""
    writer.write(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] demo ready\r\n")
    while line := await reader.readline():
        tag, _, command = line.strip().partition(b" ")
        if command.upper() == b"STARTTLS":
            writer.write(tag + b" OK begin TLS\r\n")
            return True
        if command.upper() == b"CAPABILITY":
            writer.write(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + tag + b" OK done\r\n")
        else:
            writer.write(tag + b" BAD what?\r\n")
    return False


async def pop3(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 2595, 4."""
    writer.write(b"+OK demo ready\r\n")
    while line := (await reader.readline()).upper():
        if line.startswith(b"STLS"):
            writer.write(b"+OK begin TLS\r\n")
            return True
        if line.startswith(b"CAPA"):
            writer.write(b"+OK\r\nSTLS\r\nUIDL\r\n.\r\n")
        else:
            writer.write(b"-ERR what?\r\n")
    return False


async def ftp(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 4217, 4."""
    writer.write(b"220-demo\r\n hello\r\n220 ready\r\n")
    while line := (await reader.readline()).upper():
        if line.startswith(b"AUTH TLS"):
            writer.write(b"234 go ahead\r\n")
            return True
        writer.write(b"530 log in first\r\n")
    return False


_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


async def postgres(reader: StreamReader, writer: StreamWriter) -> bool:
    """SSLRequest, of the PostgreSQL frontend/backend protocol."""
    if await reader.readexactly(8) != _SSL_REQUEST:
        return False
    writer.write(b"S")
    return True


async def postgres_without(reader: StreamReader, writer: StreamWriter) -> bool:
    """A PostgreSQL server built without TLS."""
    await reader.readexactly(8)
    writer.write(b"N")
    await until_gone(reader)
    return False


_LDAP_STARTTLS = b"1.3.6.1.4.1.1466.20037"


async def ldap(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 4511, 4.14: an extended request, answered with success for the same message id."""
    _, length = await reader.readexactly(2)
    message = await reader.readexactly(length)
    if _LDAP_STARTTLS not in message:
        return False
    identity = message[: 2 + message[1]]
    answer = bytes.fromhex("78070a010004000400")
    writer.write(bytes((0x30, len(identity) + len(answer))) + identity + answer)
    return True


_MYSQL_TLS = 0x800


def _mysql_greeting(capabilities: int) -> bytes:
    """MySQL's protocol 10: a version, a nonce, the server's capabilities."""
    low, high = (capabilities & 0xFFFF).to_bytes(2, "little"), (capabilities >> 16).to_bytes(2, "little")
    head = b"\x0a8.0.0-demo\0" + bytes(4) + b"abcdefgh\0" + low + b"\x2d\2\0" + high
    data = head + b"\x15" + bytes(10) + b"ijklmnopqrst\0" + b"mysql_native_password\0"
    return len(data).to_bytes(3, "little") + b"\0" + data


async def mysql(reader: StreamReader, writer: StreamWriter) -> bool:
    """An SSLRequest is the head of a login, with the capability that means TLS."""
    writer.write(_mysql_greeting(0x000FFFFF))
    head = await reader.readexactly(4)
    request = await reader.readexactly(int.from_bytes(head[:3], "little"))
    return head[3] == 1 and len(request) == 32 and bool(request[1] & _MYSQL_TLS >> 8)


async def mysql_without(reader: StreamReader, writer: StreamWriter) -> bool:
    """A MySQL server with TLS turned off."""
    writer.write(_mysql_greeting(0x000FFFFF & ~_MYSQL_TLS))
    await until_gone(reader)
    return False


_XMPP_TLS = b"urn:ietf:params:xml:ns:xmpp-tls"


async def xmpp(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 6120, 5.4, for clients and for servers."""
    opened = await reader.readuntil(b"version='1.0'>")
    space = b"jabber:server" if b"jabber:server" in opened else b"jabber:client"
    writer.write(
        b"<?xml version='1.0'?><stream:stream xmlns='" + space + b"' id='1' from='demo.test' version='1.0'"
        b" xmlns:stream='http://etherx.jabber.org/streams'><stream:features><starttls xmlns='"
        + _XMPP_TLS
        + b"'>"
        b"<required/></starttls></stream:features>"
    )
    if b"<starttls" not in await reader.readuntil(b">"):
        return False
    writer.write(b"<proceed xmlns='" + _XMPP_TLS + b"'/>")
    return True


async def sieve(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 5804, 2.2."""
    writer.write(
        b'"IMPLEMENTATION" "demo"\r\n"SIEVE" "fileinto"\r\n"STARTTLS"\r\n"VERSION" "1.0"\r\nOK "ready"\r\n'
    )
    while line := (await reader.readline()).upper():
        if line.startswith(b"STARTTLS"):
            writer.write(b'OK "begin TLS"\r\n')
            return True
        writer.write(b'NO "first TLS"\r\n')
    return False


nntp = _by_lines(
    b"200 demo ready\r\n",
    b"CAPABILITIES",
    b"101 these\r\nVERSION 2\r\nREADER\r\nSTARTTLS\r\n.\r\n",
    b"382 begin TLS\r\n",
    b"500 unknown\r\n",
)
"""RFC 4642, 2.2.2."""


async def irc(reader: StreamReader, writer: StreamWriter) -> bool:
    """IRCv3's extension ``tls``."""
    while line := (await reader.readline()).upper():
        if line.startswith(b"STARTTLS"):
            writer.write(b":demo.test 670 * :STARTTLS successful, go ahead with TLS handshake\r\n")
            return True
        writer.write(b":demo.test 451 * :You have not registered\r\n")
    return False


async def early_bytes(reader: StreamReader, writer: StreamWriter) -> bool:
    """SMTP that sends plain text together with its consent, for a careless client to trust later."""
    writer.write(b"220 demo.test ESMTP\r\n")
    await reader.readline()
    writer.write(b"250 STARTTLS\r\n")
    await reader.readline()
    writer.write(b"220 go ahead\r\n250 injected\r\n")
    return True


DIALOGUES: Mapping[str, Upgrade] = {
    "smtp": smtp,
    "lmtp": lmtp,
    "imap": imap,
    "pop3": pop3,
    "ftp": ftp,
    "postgres": postgres,
    "mysql": mysql,
    "ldap": ldap,
    "xmpp": xmpp,
    "xmpp-server": xmpp,
    "sieve": sieve,
    "nntp": nntp,
    "irc": irc,
}
"""Protocol -> a server that upgrades."""

REFUSALS: Mapping[str, Upgrade] = {
    "smtp": smtp_without,
    "postgres": postgres_without,
    "mysql": mysql_without,
}
"""Protocol -> a server that does not offer it."""
