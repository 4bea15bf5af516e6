"""SMTP: does the server greet, and does it take the credentials?"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, REPLY, Expectation
from monitor.model import Reason
from monitor.probes._network import TlsProbe
from monitor.text import decode, plain
from monitor.trace import Trace
from monitor.wire.connection import Connection
from monitor.wire.starttls import read_reply

_HELLO = b"EHLO monitor.invalid\r\n"
_SAID_LIMIT = 120


@dataclass(frozen=True, kw_only=True)
class Smtp(TlsProbe):
    """Reads the greeting; with a user in the URL, logs in, over STARTTLS where that is offered."""

    kind: ClassVar[str] = "smtp"
    schemes: ClassVar[tuple[str, ...]] = ("smtp",)
    default_port: ClassVar[int | None] = 25
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "reply": REPLY,
        "certificate": CERTIFICATE,
    }

    async def check(self, trace: Trace) -> str:
        trace.asked = f"greeting of {self.target}"
        with await self.connect(trace) as connection:
            trace.enter("wait")
            greeting = await _expect(connection, b"220", "the greeting of an SMTP server")
            trace.facts["reply"] = trace.answer = _text(greeting)
            if self.credentials is not None:
                await self._log_in(connection, *self.credentials, trace)
            trace.enter(None)
            await connection.farewell(b"QUIT\r\n")
        return plain(_text(greeting[:1]))

    async def _log_in(self, connection: Connection, user: str, password: str, trace: Trace) -> None:
        """RFC 4954, by PLAIN."""
        trace.enter("login")
        offered = await _ask(connection, _HELLO, b"250", "an answer to EHLO")
        if b"STARTTLS" in _keywords(offered):
            await _ask(connection, b"STARTTLS\r\n", b"220", "STARTTLS to be accepted")
            await self.secure(connection, trace)
            trace.enter("login")
            await _ask(connection, _HELLO, b"250", "an answer to EHLO")
        word = b64encode(f"\0{user}\0{password}".encode())
        await connection.write(b"AUTH PLAIN " + word + b"\r\n")
        lines = await read_reply(connection)
        if lines[-1][:3] != b"235":
            refused = lines[-1][:1] == b"5"
            reason = Reason.AUTH_ERROR if refused else Reason.PROTOCOL_ERROR
            raise ProbeError(reason, f"the login was refused: {plain(_text(lines[-1:]), _SAID_LIMIT)}")


async def _ask(connection: Connection, line: bytes, code: bytes, wanted: str) -> list[bytes]:
    await connection.write(line)
    return await _expect(connection, code, wanted)


async def _expect(connection: Connection, code: bytes, wanted: str) -> list[bytes]:
    lines = await read_reply(connection)
    if lines[-1][:3] != code:
        said = plain(_text(lines[-1:]), _SAID_LIMIT)
        raise ProbeError(Reason.PROTOCOL_ERROR, f"expected {wanted}, the server said: {said}")
    return lines


def _keywords(lines: list[bytes]) -> set[bytes]:
    return {line[4:].strip().upper() for line in lines}


def _text(lines: list[bytes]) -> str:
    return "\n".join(decode(line) for line in lines)
