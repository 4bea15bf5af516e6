"""Ask a server, in its own protocol, to start TLS. One short dialogue per protocol."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from html import escape
from typing import Literal

from monitor.errors import ProbeError
from monitor.model import Reason
from monitor.wire import ber
from monitor.wire.connection import Connection
from monitor.wire.replies import ask, expect, hello, read_line, read_reply, smtp_starttls, unexpected

Protocol = Literal[
    "smtp",
    "lmtp",
    "imap",
    "pop3",
    "ftp",
    "postgres",
    "mysql",
    "ldap",
    "xmpp",
    "xmpp-server",
    "sieve",
    "nntp",
    "irc",
]

PORTS: Mapping[Protocol, int] = {
    "smtp": 25,
    "lmtp": 24,
    "imap": 143,
    "pop3": 110,
    "ftp": 21,
    "postgres": 5432,
    "mysql": 3306,
    "ldap": 389,
    "xmpp": 5222,
    "xmpp-server": 5269,
    "sieve": 4190,
    "nntp": 119,
    "irc": 6667,
}
"""Protocol -> its usual port without TLS."""

_MOST_LINES = 100

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_LDAP_OID = b"1.3.6.1.4.1.1466.20037"
_LDAP_REQUEST = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x16" + _LDAP_OID
_LDAP_EXTENDED_RESPONSE = 0x78


async def starttls(protocol: Protocol, connection: Connection, host: str) -> None:
    """Prepare ``connection`` for the TLS handshake with ``host``.

    Raises ProbeError ``protocol_error`` when the server refuses or speaks something else.
    """
    await _DIALOGUES[protocol](connection, host)


def _not_offered() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "STARTTLS is not offered")


async def _mail(connection: Connection, _host: str, verb: str) -> None:
    """SMTP (RFC 3207), and LMTP, which differs in the first word (RFC 2033, section 4.1)."""
    await expect(connection, b"220", "expected a greeting with 220")
    if "STARTTLS" not in await hello(connection, verb):
        raise _not_offered()
    await smtp_starttls(connection)


async def _imap(connection: Connection, _host: str) -> None:
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


async def _pop3(connection: Connection, _host: str) -> None:
    """RFC 2595, section 4."""
    greeting = await read_line(connection)
    if not greeting.upper().startswith(b"+OK"):
        raise unexpected(greeting, "expected a POP3 greeting")
    await connection.write(b"STLS\r\n")
    answer = await read_line(connection)
    if not answer.upper().startswith(b"+OK"):
        raise unexpected(answer, "STLS was refused")


async def _ftp(connection: Connection, _host: str) -> None:
    """RFC 4217, section 4."""
    await expect(connection, b"220", "expected an FTP greeting")
    await connection.write(b"AUTH TLS\r\n")
    await expect(connection, b"234", "AUTH TLS was refused")


async def _postgres(connection: Connection, _host: str) -> None:
    """PostgreSQL's documentation, section "SSL Session Encryption"."""
    await connection.write(_SSL_REQUEST)
    answer = await connection.read_exactly(1)
    if answer == b"N":
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server has TLS turned off")
    if answer != b"S":
        raise unexpected(answer, "expected an answer to SSLRequest")


async def _ldap(connection: Connection, _host: str) -> None:
    """RFC 4511, section 4.14: an extended request, and a response whose result code is success."""
    await connection.write(_LDAP_REQUEST)
    _, rest = ber.take(await ber.read_message(connection), ber.INTEGER)
    response, _ = ber.take(rest, _LDAP_EXTENDED_RESPONSE)
    code, _ = ber.take(response, ber.ENUMERATED)
    if any(code):
        raise ProbeError(
            Reason.PROTOCOL_ERROR, f"StartTLS was refused: LDAP result code {int.from_bytes(code, 'big')}"
        )


_MYSQL_TLS = 0x800
_MYSQL_CAPABILITIES = 0x8A01  # long passwords, TLS, protocol 4.1 with its way to log in
_MYSQL_GREETING = 2048


async def _mysql(connection: Connection, _host: str) -> None:
    """MySQL's documentation, "Connection Phase Packets": an SSLRequest in answer to the greeting."""
    length = int.from_bytes(await connection.read_exactly(3), "little")
    number = (await connection.read_exactly(1))[0]
    greeting = await connection.read_exactly(min(length, _MYSQL_GREETING))
    if greeting[:1] == b"\xff":
        raise unexpected(greeting[3:], "expected a greeting")
    _version, end, rest = greeting[1:].partition(b"\0")
    if greeting[:1] != b"\x0a" or not end or len(rest) < 15:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the peer does not speak MySQL's protocol")
    if not int.from_bytes(rest[13:15], "little") & _MYSQL_TLS:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server has TLS turned off")
    request = (
        _MYSQL_CAPABILITIES.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x2d" + bytes(23)
    )
    await connection.write(len(request).to_bytes(3, "little") + bytes([number + 1 & 0xFF]) + request)


_XMPP_TAG = re.compile(rb"([/?]?)\s*(?:[\w.-]+:)?([\w.-]+)")
_XMPP_LONGEST = 8192
_XMPP_STREAM = (
    "<?xml version='1.0'?><stream:stream xmlns='{namespace}' xmlns:stream='http://etherx.jabber.org/streams'"
    " to='{host}' version='1.0'>"
)
_XMPP_STARTTLS = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


async def _xmpp(connection: Connection, host: str, namespace: str) -> None:
    """RFC 6120, section 5.4."""
    await connection.write(_XMPP_STREAM.format(namespace=namespace, host=escape(host)).encode())
    if b"starttls" not in await _xmpp_features(connection):
        raise _not_offered()
    await connection.write(_XMPP_STARTTLS)
    end, name, alone = await _xmpp_tag(connection)
    if end or name != b"proceed":
        raise unexpected(name, "STARTTLS was refused")
    if not alone:
        await _xmpp_tag(connection)


async def _xmpp_features(connection: Connection) -> set[bytes]:
    """The server's features: the names of all elements up to the end of the list."""
    names: set[bytes] = set()
    for _ in range(_MOST_LINES):
        end, name, alone = await _xmpp_tag(connection)
        if not names and name not in (b"xml", b"stream"):
            raise unexpected(name, "expected an XMPP stream")
        if name == b"features" and (end or alone):
            return names
        if name == b"error":
            raise unexpected(await connection.read_until(b">", _XMPP_LONGEST), "the server ends the stream")
        names.add(name)
    raise ProbeError(Reason.PROTOCOL_ERROR, "the server's list of features has no end")


async def _xmpp_tag(connection: Connection) -> tuple[bool, bytes, bool]:
    """The next tag: whether it ends an element, its name without prefix, whether it stands alone."""
    said = await connection.read_until(b">", _XMPP_LONGEST)
    _, begins, tag = said[:-1].rpartition(b"<")
    tag = tag.strip()
    found = _XMPP_TAG.match(tag) if begins else None
    if found is None:
        raise unexpected(said, "expected XMPP")
    return found[1] == b"/", found[2], tag.endswith(b"/")


async def _sieve(connection: Connection, _host: str) -> None:
    """RFC 5804, sections 1.7 and 2.2: the greeting lists the server's capabilities."""
    if b'"STARTTLS"' not in {line.strip().upper() for line in await _sieve_reply(connection, "a greeting")}:
        raise _not_offered()
    await connection.write(b"STARTTLS\r\n")
    await _sieve_reply(connection, "STARTTLS to be accepted")


async def _sieve_reply(connection: Connection, wanted: str) -> list[bytes]:
    """The lines before the OK that ends a reply."""
    lines: list[bytes] = []
    while len(lines) < _MOST_LINES:
        line = await read_line(connection)
        word = line.split(b" ", 1)[0].upper()
        if word == b"OK":
            return lines
        if word in (b"NO", b"BYE") or not (lines or line.startswith(b'"')):
            raise unexpected(line, f"expected {wanted}")
        lines.append(line)
    raise ProbeError(Reason.PROTOCOL_ERROR, f"expected {wanted}, the server's answer has no end")


async def _nntp(connection: Connection, _host: str) -> None:
    """RFC 4642, section 2.2.2."""
    greeting = (await read_reply(connection))[-1]
    if greeting[:3] not in (b"200", b"201"):
        raise unexpected(greeting, "expected a greeting with 200 or 201")
    await connection.write(b"CAPABILITIES\r\n")
    known = (await read_reply(connection))[-1][:3] == b"101"  # servers of before 2006 have no such command
    if known and b"STARTTLS" not in await _nntp_lines(connection):
        raise _not_offered()
    await ask(connection, b"STARTTLS", b"382", "STARTTLS was refused")


async def _nntp_lines(connection: Connection) -> set[bytes]:
    """The lines of a block, up to the dot that ends it, in upper case."""
    lines: set[bytes] = set()
    for _ in range(_MOST_LINES):
        line = await read_line(connection)
        if line == b".":
            return lines
        lines.add(line.strip().upper())
    raise ProbeError(Reason.PROTOCOL_ERROR, "the server's list of capabilities has no end")


_IRC_REFUSALS = frozenset({b"691", b"421", b"451", b"ERROR"})


async def _irc(connection: Connection, _host: str) -> None:
    """IRCv3's extension ``tls``. Servers talk about other things first, such as looking up our name."""
    await connection.write(b"STARTTLS\r\n")
    for _ in range(_MOST_LINES):
        line = await read_line(connection)
        words = line.split()
        command = b"".join(words[1:2] if line.startswith(b":") else words[:1]).upper()
        if command == b"670":
            return
        if command in _IRC_REFUSALS:
            raise unexpected(line, "STARTTLS was refused")
        if not (command.isalpha() or (command.isdigit() and len(command) == 3)):
            raise unexpected(line, "expected IRC")
    raise ProbeError(Reason.PROTOCOL_ERROR, "the server does not answer STARTTLS")


_DIALOGUES: Mapping[Protocol, Callable[[Connection, str], Awaitable[None]]] = {
    "smtp": partial(_mail, verb="EHLO"),
    "lmtp": partial(_mail, verb="LHLO"),
    "imap": _imap,
    "pop3": _pop3,
    "ftp": _ftp,
    "postgres": _postgres,
    "mysql": _mysql,
    "ldap": _ldap,
    "xmpp": partial(_xmpp, namespace="jabber:client"),
    "xmpp-server": partial(_xmpp, namespace="jabber:server"),
    "sieve": _sieve,
    "nntp": _nntp,
    "irc": _irc,
}
