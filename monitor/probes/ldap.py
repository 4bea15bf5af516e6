"""LDAP: does the server take a simple bind? (RFC 4511)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, LocalError, ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import Reason
from monitor.probes._network import TlsProbe
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire import ber
from monitor.wire.connection import Connection

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
_BEYOND_US = frozenset({7, 8})
_REFUSED = frozenset({13, 48, 49, 50})
_CONFIDENTIALITY = 13
_BIND_REQUEST, _BIND_RESPONSE, _EXTENDED_RESPONSE, _SIMPLE = 0x60, 0x61, 0x78, 0x80
_UNBIND = bytes.fromhex("30050201024200")


@dataclass(frozen=True, kw_only=True)
class Ldap(TlsProbe):
    """Binds: as the URL's user (a DN, percent-encoded) and password, or anonymously."""

    kind: ClassVar[str] = "ldap"
    schemes: ClassVar[tuple[str, ...]] = ("ldap", "ldaps")
    default_port: ClassVar[int | None] = 389
    tls_scheme: ClassVar[str] = "ldaps"
    tls_port: ClassVar[int | None] = 636
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    def __post_init__(self) -> None:
        super().__post_init__()
        user, password = self.credentials or ("", "")
        if user and not password:  # RFC 4513, section 5.1.2: servers may take it for an anonymous bind
            raise FieldError("url", f"{self.target!r} names a user without a password; that proves nothing")

    async def check(self, trace: Trace) -> str:
        user, password = self.credentials or ("", "")
        trace.asked = f"bind to {self.target}"
        async with self.session(trace) as connection:
            trace.enter(Phase.WAIT)
            await connection.write(_bind(user, password))
            code, said = await _answer(connection)
            trace.finish()
            await connection.farewell(_UNBIND)
        trace.answer = words = _words(code, said)
        if code in _BEYOND_US:
            raise LocalError(f"the server requires another login than a simple bind: {plain(words)}")
        if code:
            reason = Reason.AUTH_ERROR if code in _REFUSED else Reason.PROTOCOL_ERROR
            wants_tls = code == _CONFIDENTIALITY and not self.encrypted
            advice = f"; write {self.tls_scheme}://" if wants_tls else ""
            raise ProbeError(reason, f"the bind was refused: {plain(words)}{advice}")
        return "bind accepted"


def _words(code: int, said: str) -> str:
    name = _CODES.get(code, f"result code {code}")
    return f"{name} ({said})" if said else name


# ── messages (RFC 4511, section 4.2) ────────────────────────────────────────────────────────────


def _bind(user: str, password: str) -> bytes:
    version = ber.tlv(ber.INTEGER, b"\x03")
    login = ber.tlv(ber.OCTETS, user.encode()) + ber.tlv(_SIMPLE, password.encode())
    return ber.tlv(ber.SEQUENCE, ber.tlv(ber.INTEGER, b"\x01") + ber.tlv(_BIND_REQUEST, version + login))


async def _answer(connection: Connection) -> tuple[int, str]:
    """Result code and diagnostic message of the BindResponse."""
    _, rest = ber.take(await ber.read_message(connection), ber.INTEGER)
    tag = _EXTENDED_RESPONSE if rest[:1] == bytes([_EXTENDED_RESPONSE]) else _BIND_RESPONSE
    response, _ = ber.take(rest, tag)
    code, rest = ber.take(response, ber.ENUMERATED)
    _, rest = ber.take(rest, ber.OCTETS)
    said, _ = ber.take(rest, ber.OCTETS)
    if not code:
        raise ber.not_ldap()
    if tag == _EXTENDED_RESPONSE:  # a Notice of Disconnection (RFC 4511, section 4.4.1)
        words = plain(_words(int.from_bytes(code, "big"), decode(said)))
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server ended the session: {words}")
    return int.from_bytes(code, "big"), decode(said)
