"""Asking a server, in its own protocol, to go on over TLS. One short dialogue a protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire import ber
from monitor.wire.connection import Connection
from monitor.wire.replies import expect, hello, read_line, smtp_starttls, unexpected

Protocol = Literal["smtp", "imap", "pop3", "ftp", "postgres", "ldap"]

_MOST_LINES = 100

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_LDAP_OID = b"1.3.6.1.4.1.1466.20037"
_LDAP_REQUEST = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + _LDAP_OID
_LDAP_EXTENDED_RESPONSE = 0x78


async def starttls(protocol: Protocol, connection: Connection) -> None:
    """Bring ``connection`` to where the TLS handshake begins.

    Raises ProbeError ``protocol_error`` when the server refuses or speaks something else.
    """
    await _DIALOGUES[protocol](connection)


async def _smtp(connection: Connection) -> None:
    await expect(connection, b"220", "expected an SMTP greeting")
    if "STARTTLS" not in await hello(connection):
        raise ProbeError(Reason.PROTOCOL_ERROR, "STARTTLS is not offered")
    await smtp_starttls(connection)


async def _imap(connection: Connection) -> None:
    """RFC 9051, section 6.2.1."""
    greeting = await read_line(connection)
    if not greeting.upper().startswith(b"* OK"):
        raise unexpected(greeting, "expected an IMAP greeting")
    await connection.write(b"a1 STARTTLS\r\n")
    for _ in range(_MOST_LINES):
        line = await read_line(connection)
        if not line.startswith(b"* "):
            break
    if not line.upper().startswith(b"A1 OK"):
        raise unexpected(line, "STARTTLS was refused")


async def _pop3(connection: Connection) -> None:
    """RFC 2595, section 4."""
    greeting = await read_line(connection)
    if not greeting.upper().startswith(b"+OK"):
        raise unexpected(greeting, "expected a POP3 greeting")
    await connection.write(b"STLS\r\n")
    answer = await read_line(connection)
    if not answer.upper().startswith(b"+OK"):
        raise unexpected(answer, "STLS was refused")


async def _ftp(connection: Connection) -> None:
    """RFC 4217, section 4."""
    await expect(connection, b"220", "expected an FTP greeting")
    await connection.write(b"AUTH TLS\r\n")
    await expect(connection, b"234", "AUTH TLS was refused")


async def _postgres(connection: Connection) -> None:
    """PostgreSQL's documentation, section "SSL Session Encryption"."""
    await connection.write(_SSL_REQUEST)
    answer = await connection.read_exactly(1)
    if answer == b"N":
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server has TLS turned off")
    if answer != b"S":
        raise unexpected(answer, "expected an answer to SSLRequest")


async def _ldap(connection: Connection) -> None:
    """RFC 4511, section 4.14: an extended request, and a response whose result code is success."""
    await connection.write(_LDAP_REQUEST)
    _, rest = ber.take(await ber.read_message(connection), ber.INTEGER)
    response, _ = ber.take(rest, _LDAP_EXTENDED_RESPONSE)
    code, _ = ber.take(response, ber.ENUMERATED)
    if any(code):
        raise ProbeError(
            Reason.PROTOCOL_ERROR, f"StartTLS was refused: LDAP result code {int.from_bytes(code, 'big')}"
        )


_DIALOGUES: Mapping[Protocol, Callable[[Connection], Awaitable[None]]] = {
    "smtp": _smtp,
    "imap": _imap,
    "pop3": _pop3,
    "ftp": _ftp,
    "postgres": _postgres,
    "ldap": _ldap,
}
