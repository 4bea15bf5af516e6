"""MQTT: does the broker take a session? Version 3.1.1, or 5 where the broker speaks that alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import Hop, Reason
from monitor.probes._network import TlsProbe
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection

_V3, _V5 = 4, 5
"""Protocol levels of 3.1.1 and 5."""
_WRONG_VERSION = frozenset({0x01, 0x84})
_REFUSALS = {
    0x01: (Reason.PROTOCOL_ERROR, "the broker speaks neither MQTT 3.1.1 nor 5"),
    0x02: (Reason.PROTOCOL_ERROR, "the broker does not accept our client id"),
    0x03: (Reason.PROTOCOL_ERROR, "the broker says that it is unavailable"),
    0x04: (Reason.AUTH_ERROR, "the broker refused user or password"),
    0x05: (Reason.AUTH_ERROR, "the broker does not let us in: not authorised"),
    0x84: (Reason.PROTOCOL_ERROR, "the broker speaks neither MQTT 3.1.1 nor 5"),
    0x85: (Reason.PROTOCOL_ERROR, "the broker does not accept our client id"),
    0x86: (Reason.AUTH_ERROR, "the broker refused user or password"),
    0x87: (Reason.AUTH_ERROR, "the broker does not let us in: not authorised"),
    0x88: (Reason.PROTOCOL_ERROR, "the broker says that it is unavailable"),
    0x89: (Reason.PROTOCOL_ERROR, "the broker says that it is busy"),
    0x8A: (Reason.AUTH_ERROR, "the broker has banned us"),
    0x8C: (Reason.LOCAL_ERROR, "the broker requires another login than by user and password"),
}
"""CONNACK's code -> reason and message: the small ones are 3.1.1's (3.2.2.3), the others 5's (3.2.2.2)."""
_DISCONNECT = b"\xe0\x00"
_LONGEST = 4096
"""Limit of a CONNACK in bytes; version 5 has properties in it."""
_LONGEST_WORD = 65535


@dataclass(frozen=True, kw_only=True)
class Mqtt(TlsProbe):
    """Opens a session with the URL's credentials."""

    kind: ClassVar[str] = "mqtt"
    schemes: ClassVar[tuple[str, ...]] = ("mqtt", "mqtts")
    default_port: ClassVar[int | None] = 1883
    tls_scheme: ClassVar[str] = "mqtts"
    tls_port: ClassVar[int | None] = 8883
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(len(word.encode()) > _LONGEST_WORD for word in self.credentials or ()):
            raise FieldError("url", "has a user or password that is too long for MQTT")
        if "\0" in "".join(self.credentials or ()):
            raise FieldError("url", "has a NUL character in its user or password, which MQTT forbids")

    async def check(self, trace: Trace) -> str:
        trace.asked = f"session with {self.target}"
        code = await self._connect(_V3, trace)
        if code in _WRONG_VERSION:
            refusal = Hop(asked="a session in MQTT 3.1.1", answered=f"code {code}", address=trace.address)
            trace.hops.append(refusal)
            code = await self._connect(_V5, trace)
            _accept(code)
            return "session accepted; the broker speaks MQTT 5 only"
        _accept(code)
        return "session accepted"

    async def _connect(self, level: int, trace: Trace) -> int:
        """The broker's code; 0 if it accepts the session."""
        async with self.session(trace) as connection:
            trace.enter(Phase.WAIT)
            await connection.write(_connect_packet(self.credentials, level))
            code = await _answer(connection)
            trace.enter(None)
            if not code:
                trace.finish()
                await connection.farewell(_DISCONNECT)
        return code


def _connect_packet(credentials: tuple[str, str] | None, level: int) -> bytes:
    """CONNECT (section 3.1 of both versions): a clean session that would be kept alive for a minute."""
    user, password = credentials or ("", "")
    # Version 3.1.1 allows no password without a user (section 3.1.2.9); an empty user is enough.
    flags = 0x02 | (0x80 if user or password else 0) | (0x40 if password else 0)
    no_properties = b"\0" if level == _V5 else b""
    payload = _string(f"monitor-{os.urandom(6).hex()}")
    payload += _string(user) if user or password else b""
    payload += _string(password) if password else b""
    body = _string("MQTT") + bytes([level, flags, 0, 60]) + no_properties + payload
    return b"\x10" + _length(len(body)) + body


def _string(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _length(count: int) -> bytes:
    """Seven bits a byte, the lowest first (3.1.1, section 2.2.3)."""
    coded = bytearray()
    while True:
        count, low = divmod(count, 128)
        coded.append(low | (0x80 if count else 0))
        if not count:
            return bytes(coded)


async def _answer(connection: Connection) -> int:
    """The code of the CONNACK that has to come next."""
    kind, length = await connection.read_exactly(2)
    if length & 0x80:
        length = length & 0x7F | (await connection.read_exactly(1))[0] << 7
    if kind != 0x20 or not 2 <= length <= _LONGEST:
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak MQTT")
    return (await connection.read_exactly(length))[1]


def _accept(code: int) -> None:
    if code:
        unknown = (Reason.PROTOCOL_ERROR, f"the broker refused the session with the code {code}")
        raise ProbeError(*_REFUSALS.get(code, unknown))
