"""LDAP: does the server take a simple bind? (RFC 4511)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, ProbeError
from monitor.judge.expectations import LATENCY, Expectation
from monitor.model import Reason
from monitor.probes._network import NetworkProbe
from monitor.text import decode, plain
from monitor.trace import Trace
from monitor.wire.connection import Connection

_LONGEST = 65536
_INVALID_CREDENTIALS = 49
_CODES = {
    0: "success",
    1: "operations error",
    2: "protocol error",
    7: "authentication method not supported",
    8: "stronger authentication required",
    13: "confidentiality required",
    32: "no such object",
    34: "invalid DN",
    48: "inappropriate authentication",
    49: "invalid credentials",
    50: "insufficient access rights",
    51: "busy",
    52: "unavailable",
    53: "unwilling to perform",
}
_REFUSED = frozenset({7, 8, 13, 48, 49, 50})
_BIND_RESPONSE, _EXTENDED_RESPONSE = 0x61, 0x78
_UNBIND = bytes.fromhex("30050201024200")


@dataclass(frozen=True, kw_only=True)
class Ldap(NetworkProbe):
    """Binds: as the URL's user (a DN, percent-encoded) and password, or anonymously."""

    kind: ClassVar[str] = "ldap"
    schemes: ClassVar[tuple[str, ...]] = ("ldap",)
    default_port: ClassVar[int | None] = 389
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY}

    def __post_init__(self) -> None:
        super().__post_init__()
        user, password = self.credentials or ("", "")
        if user and not password:  # RFC 4513, section 5.1.2: servers may take it for an anonymous bind
            raise FieldError("url", f"{self.target!r} names a user without a password; that proves nothing")

    async def check(self, trace: Trace) -> str:
        user, password = self.credentials or ("", "")
        trace.asked = f"bind to {self.target}"
        with await self.connect(trace) as connection:
            trace.enter("wait")
            await connection.write(_bind(user, password))
            code, said = await _answer(connection)
            trace.enter(None)
            await connection.farewell(_UNBIND)
        trace.answer = words = _words(code, said)
        if code:
            reason = Reason.AUTH_ERROR if code in _REFUSED else Reason.PROTOCOL_ERROR
            raise ProbeError(reason, f"the bind was refused: {plain(words)}")
        return "bind accepted"


def _words(code: int, said: str) -> str:
    name = _CODES.get(code, f"result code {code}")
    return f"{name} ({said})" if said else name


# ── BER (X.690), as much as a bind needs ────────────────────────────────────────────────────────


def _bind(user: str, password: str) -> bytes:
    version = _tlv(0x02, b"\x03")
    request = _tlv(0x60, version + _tlv(0x04, user.encode()) + _tlv(0x80, password.encode()))
    return _tlv(0x30, _tlv(0x02, b"\x01") + request)


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


async def _answer(connection: Connection) -> tuple[int, str]:
    """Result code and diagnostic message of the BindResponse."""
    message = await _message(connection)
    _, rest = _take(message, 0x02)
    tag = _EXTENDED_RESPONSE if rest[:1] == bytes([_EXTENDED_RESPONSE]) else _BIND_RESPONSE
    response, _ = _take(rest, tag)
    code, rest = _take(response, 0x0A)
    _, rest = _take(rest, 0x04)
    said, _ = _take(rest, 0x04)
    if not code:
        raise _not_ldap()
    if tag == _EXTENDED_RESPONSE:  # a Notice of Disconnection (RFC 4511, section 4.4.1)
        words = plain(_words(int.from_bytes(code, "big"), decode(said)))
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server ended the session: {words}")
    return int.from_bytes(code, "big"), decode(said)


async def _message(connection: Connection) -> bytes:
    tag, first = await connection.read_exactly(2)
    if tag != 0x30:
        raise _not_ldap()
    length = first
    if first & 0x80:
        length = int.from_bytes(await connection.read_exactly(min(first & 0x7F, 8)), "big")
    if length > _LONGEST:
        raise _not_ldap()
    return await connection.read_exactly(length)


def _take(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the element that ``data`` begins with, and what follows it."""
    if len(data) < 2 or data[0] != tag:
        raise _not_ldap()
    length, at = data[1], 2
    if length & 0x80:
        at = 2 + (length & 0x7F)
        length = int.from_bytes(data[2:at], "big")
    if at + length > len(data):
        raise _not_ldap()
    return data[at : at + length], data[at + length :]


def _not_ldap() -> ProbeError:
    return ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak LDAP")
