"""MQTT: does the broker take a session? Version 3.1.1, the one that all of them speak."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import FieldError, ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import Reason
from monitor.probes._network import TlsProbe
from monitor.trace import Trace
from monitor.wire.connection import Connection

_TLS_PORT = 8883
_REFUSALS = {
    1: (Reason.PROTOCOL_ERROR, "the broker does not speak MQTT 3.1.1"),
    2: (Reason.PROTOCOL_ERROR, "the broker does not accept our client id"),
    3: (Reason.PROTOCOL_ERROR, "the broker says that it is unavailable"),
    4: (Reason.AUTH_ERROR, "the broker refused user or password"),
    5: (Reason.AUTH_ERROR, "the broker does not let us in: not authorised"),
}
"""By the return code of CONNACK."""
_DISCONNECT = b"\xe0\x00"


@dataclass(frozen=True, kw_only=True)
class Mqtt(TlsProbe):
    """Opens a session with the URL's credentials; port 8883 means TLS."""

    kind: ClassVar[str] = "mqtt"
    schemes: ClassVar[tuple[str, ...]] = ("mqtt",)
    default_port: ClassVar[int | None] = 1883
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(len(word.encode()) > 65535 for word in self.credentials or ()):
            raise FieldError("url", "has a user or password that is too long for MQTT")

    async def check(self, trace: Trace) -> str:
        trace.asked = f"session with {self.target}"
        with await self.connect(trace) as connection:
            if self.port == _TLS_PORT:
                await self.secure(connection, trace)
            trace.enter("wait")
            await connection.write(_connect(self.credentials))
            await _accepted(connection)
            trace.enter(None)
            await connection.farewell(_DISCONNECT)
        return "session accepted"


def _connect(credentials: tuple[str, str] | None) -> bytes:
    """CONNECT (MQTT 3.1.1, section 3.1): a clean session that would be kept alive for a minute."""
    user, password = credentials or ("", "")
    flags = 0x02 | (0x80 if user else 0) | (0x40 if password else 0)
    payload = _string(f"monitor-{os.urandom(6).hex()}")
    payload += b"".join(_string(word) for word in (user, password) if word)
    body = _string("MQTT") + bytes([4, flags, 0, 60]) + payload
    return b"\x10" + _length(len(body)) + body


def _string(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _length(count: int) -> bytes:
    """Section 2.2.3: seven bits a byte, the lowest first."""
    coded = bytearray()
    while True:
        count, low = divmod(count, 128)
        coded.append(low | (0x80 if count else 0))
        if not count:
            return bytes(coded)


async def _accepted(connection: Connection) -> None:
    kind, length, _session, code = await connection.read_exactly(4)
    if (kind, length) != (0x20, 2):
        raise ProbeError(Reason.PROTOCOL_ERROR, "the server does not speak MQTT")
    if code:
        unknown = (Reason.PROTOCOL_ERROR, f"the broker refused the session with the code {code}")
        raise ProbeError(*_REFUSALS.get(code, unknown))
