"""Servers that begin in plain text and upgrade to TLS: just enough of each protocol for that."""

from __future__ import annotations

import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping

from monitor.demo.server import Handler, until_gone

Upgrade = Callable[[StreamReader, StreamWriter], Awaitable[bool]]
"""The dialogue up to the moment for TLS; False when the client left or asked for something else."""


def upgrading(dialogue: Upgrade, context: ssl.SSLContext) -> Handler:
    """A handler that holds ``dialogue`` and then upgrades."""

    async def handle(reader: StreamReader, writer: StreamWriter) -> None:
        if await dialogue(reader, writer):
            await writer.start_tls(context)
            await until_gone(reader)

    return handle


async def smtp(reader: StreamReader, writer: StreamWriter) -> bool:
    """RFC 3207."""
    writer.write(b"220-demo.test ESMTP\r\n220 at your service\r\n")
    while line := (await reader.readline()).upper():
        if line.startswith(b"EHLO"):
            writer.write(b"250-demo.test\r\n250-SIZE 1000\r\n250 STARTTLS\r\n")
        elif line.startswith(b"STARTTLS"):
            writer.write(b"220 go ahead\r\n")
            return True
        else:
            writer.write(b"502 not implemented\r\n")
    return False


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
    "imap": imap,
    "pop3": pop3,
    "ftp": ftp,
    "postgres": postgres,
    "ldap": ldap,
}
"""Protocol -> a server that upgrades."""

REFUSALS: Mapping[str, Upgrade] = {
    "smtp": smtp_without,
    "postgres": postgres_without,
}
"""Protocol -> a server that does not offer it."""
