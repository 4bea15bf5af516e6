"""Replies that begin with a three-digit code, of SMTP, LMTP, FTP and NNTP; and SMTP's EHLO."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.text import decode, plain
from monitor.wire.connection import Connection

_LINE_LIMIT = 8192
_MOST_LINES = 100
_SAID_LIMIT = 120


async def read_line(connection: Connection) -> bytes:
    """The next line, without its end."""
    return (await connection.read_until(b"\n", _LINE_LIMIT)).rstrip(b"\r\n")


async def read_reply(connection: Connection) -> list[bytes]:
    """A reply of one or several lines (RFC 5321, section 4.2.1)."""
    lines = [await read_line(connection)]
    while not lines[-1][:3].isdigit() or lines[-1][3:4] == b"-":
        if len(lines) >= _MOST_LINES or not lines[0][:3].isdigit():
            raise unexpected(lines[0], "expected a reply code")
        lines.append(await read_line(connection))
    return lines


async def expect(connection: Connection, code: bytes, complaint: str) -> list[bytes]:
    """A reply with this code; ProbeError ``protocol_error`` with the ``complaint`` for any other."""
    lines = await read_reply(connection)
    if lines[-1][:3] != code:
        raise unexpected(lines[-1], complaint)
    return lines


async def ask(connection: Connection, line: bytes, code: bytes, complaint: str) -> list[bytes]:
    """Send ``line``. Return the reply, which must have this code."""
    await connection.write(line + b"\r\n")
    return await expect(connection, code, complaint)


async def hello(connection: Connection, verb: str = "EHLO") -> Mapping[str, str]:
    """Send EHLO (RFC 5321, section 4.1.1.1). Return the offered extensions by keyword, in upper case."""
    lines = await ask(connection, f"{verb} monitor.invalid".encode(), b"250", f"expected an answer to {verb}")
    offered = (decode(line[4:]).strip().upper().partition(" ") for line in lines)
    return {keyword: parameters for keyword, _, parameters in offered}


async def smtp_starttls(connection: Connection) -> None:
    """Ask an SMTP or LMTP server to start TLS (RFC 3207, section 4)."""
    await ask(connection, b"STARTTLS", b"220", "STARTTLS was refused")


def unexpected(said: bytes, complaint: str) -> ProbeError:
    """A ``protocol_error`` that quotes the server."""
    words = plain(decode(said), _SAID_LIMIT) or "nothing"
    return ProbeError(Reason.PROTOCOL_ERROR, f"{complaint}, the server said: {words}")
