"""Asking a server, in its own protocol, to go on over TLS. One short dialogue a protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import decode, plain
from monitor.wire.connection import Connection

Protocol = Literal["smtp", "imap", "pop3", "ftp", "postgres", "ldap"]

_LINE_LIMIT = 8192
_MOST_LINES = 100
_SAID_LIMIT = 120

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_LDAP_OID = b"1.3.6.1.4.1.1466.20037"
_LDAP_REQUEST = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + _LDAP_OID
_LDAP_LONGEST = 4096


async def starttls(protocol: Protocol, connection: Connection) -> None:
    """Bring ``connection`` to where the TLS handshake begins.

    Raises ProbeError ``protocol_error`` when the server refuses or speaks something else.
    """
    await _DIALOGUES[protocol](connection)


def _refused(said: bytes, wanted: str) -> ProbeError:
    told = plain(decode(said), _SAID_LIMIT) or "nothing"
    return ProbeError(Reason.PROTOCOL_ERROR, f"{wanted}, the server said: {told}")


async def _line(connection: Connection) -> bytes:
    return (await connection.read_until(b"\n", _LINE_LIMIT)).rstrip(b"\r\n")


async def read_reply(connection: Connection) -> list[bytes]:
    """A reply of one or several lines, as SMTP and FTP have them (RFC 5321, section 4.2.1)."""
    lines = [await _line(connection)]
    while not lines[-1][:3].isdigit() or lines[-1][3:4] == b"-":
        if len(lines) >= _MOST_LINES or not lines[0][:3].isdigit():
            raise _refused(lines[0], "expected a reply code")
        lines.append(await _line(connection))
    return lines


async def _expect(connection: Connection, code: bytes, wanted: str) -> list[bytes]:
    lines = await read_reply(connection)
    if lines[-1][:3] != code:
        raise _refused(lines[-1], wanted)
    return lines


async def _smtp(connection: Connection) -> None:
    """RFC 3207, section 4."""
    await _expect(connection, b"220", "expected an SMTP greeting")
    await connection.write(b"EHLO monitor.invalid\r\n")
    offered = await _expect(connection, b"250", "expected an answer to EHLO")
    if b"STARTTLS" not in {line[4:].strip().upper() for line in offered}:
        raise _refused(offered[0], "STARTTLS is not offered")
    await connection.write(b"STARTTLS\r\n")
    await _expect(connection, b"220", "STARTTLS was refused")


async def _imap(connection: Connection) -> None:
    """RFC 9051, section 6.2.1."""
    greeting = await _line(connection)
    if not greeting.upper().startswith(b"* OK"):
        raise _refused(greeting, "expected an IMAP greeting")
    await connection.write(b"a1 STARTTLS\r\n")
    for _ in range(_MOST_LINES):
        line = await _line(connection)
        if not line.startswith(b"* "):
            break
    if not line.upper().startswith(b"A1 OK"):
        raise _refused(line, "STARTTLS was refused")


async def _pop3(connection: Connection) -> None:
    """RFC 2595, section 4."""
    greeting = await _line(connection)
    if not greeting.upper().startswith(b"+OK"):
        raise _refused(greeting, "expected a POP3 greeting")
    await connection.write(b"STLS\r\n")
    answer = await _line(connection)
    if not answer.upper().startswith(b"+OK"):
        raise _refused(answer, "STLS was refused")


async def _ftp(connection: Connection) -> None:
    """RFC 4217, section 4."""
    await _expect(connection, b"220", "expected an FTP greeting")
    await connection.write(b"AUTH TLS\r\n")
    await _expect(connection, b"234", "AUTH TLS was refused")


async def _postgres(connection: Connection) -> None:
    """PostgreSQL's documentation, section "SSL Session Encryption"."""
    await connection.write(_SSL_REQUEST)
    answer = await connection.read_exactly(1)
    if answer == b"N":
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server has TLS turned off")
    if answer != b"S":
        raise _refused(answer, "expected an answer to SSLRequest")


async def _ldap(connection: Connection) -> None:
    """RFC 4511, section 4.14: an extended request, and a response whose result code is success."""
    await connection.write(_LDAP_REQUEST)
    body = await _ber(connection)
    # messageID, then [APPLICATION 24] holding the result code as ENUMERATED
    at = body.find(b"\x0a\x01")
    if not body.startswith(b"\x02") or b"\x78" not in body[:8] or at < 0 or len(body) <= at + 2:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the answer to StartTLS is not LDAP")
    if body[at + 2] != 0:
        raise ProbeError(Reason.PROTOCOL_ERROR, f"StartTLS was refused: LDAP result code {body[at + 2]}")


async def _ber(connection: Connection) -> bytes:
    """The contents of one BER sequence (X.690, section 8.1)."""
    tag, length = await connection.read_exactly(2)
    if tag != 0x30:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the peer does not speak LDAP")
    if length & 0x80:
        length = int.from_bytes(await connection.read_exactly(length & 0x7F) or b"\xff\xff\xff", "big")
    if length > _LDAP_LONGEST:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the answer to StartTLS is too long")
    return await connection.read_exactly(length)


_DIALOGUES: Mapping[Protocol, Callable[[Connection], Awaitable[None]]] = {
    "smtp": _smtp,
    "imap": _imap,
    "pop3": _pop3,
    "ftp": _ftp,
    "postgres": _postgres,
    "ldap": _ldap,
}
