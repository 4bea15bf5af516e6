"""NATS: does the server take a session?"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor import __version__
from monitor.errors import ProbeError
from monitor.judge.expectations import CERTIFICATE, LATENCY, Expectation
from monitor.model import Reason
from monitor.probes._network import QUIET, TlsProbe
from monitor.redact import MASK
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection

_LINE_LIMIT = 65536
_MOST_LINES = 20
_TOKEN = re.compile(r"(?<=://)[^/?#@]+(?=@)")


@dataclass(frozen=True, kw_only=True)
class Nats(TlsProbe):
    """Connects, with the URL's user and password or (a user alone) token, and sends a PING."""

    kind: ClassVar[str] = "nats"
    schemes: ClassVar[tuple[str, ...]] = ("nats", "nats+tls")
    default_port: ClassVar[int | None] = 4222
    tls_scheme: ClassVar[str] = "nats+tls"
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "certificate": CERTIFICATE}

    async def check(self, trace: Trace) -> str:
        trace.asked = f"session with {self.target}"
        with await self.connect(trace) as connection:
            trace.enter(Phase.WAIT)
            info = await self._info(connection, trace)
            trace.enter(Phase.LOGIN)
            await connection.write(f"CONNECT {json.dumps(self._options())}\r\nPING\r\n".encode())
            await _pong(connection)
        trace.enter(None)
        return plain(f"NATS {info.get('version', '')}".strip())

    @property
    def target(self) -> str:
        """A user without a password is a token, and so a secret."""
        user, password = self.credentials or ("", "")
        return super().target if password or not user else _TOKEN.sub(MASK, super().target)

    async def _info(self, connection: Connection, trace: Trace) -> dict[str, Any]:
        """The server's INFO; afterwards TLS is on if the server or the URL requires it."""
        try:
            async with asyncio.timeout(QUIET if self.encrypted else None):
                info = await _info(connection, trace)
        except TimeoutError:  # with `handshake_first`, it says nothing before TLS
            await self.secure(connection, trace)
            trace.enter(Phase.WAIT)
            return await _info(connection, trace)
        if info.get("tls_required") or (self.encrypted and info.get("tls_available")):
            await self.secure(connection, trace)
        elif self.encrypted:
            raise ProbeError(Reason.TLS_ERROR, "the server does not offer TLS")
        return info

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"verbose": False, "pedantic": False, "lang": "python"}
        options["version"] = __version__
        if self.credentials is None:
            return options
        user, password = self.credentials
        return options | ({"user": user, "pass": password} if password else {"auth_token": user})


async def _line(connection: Connection) -> str:
    return decode((await connection.read_until(b"\r\n", _LINE_LIMIT))[:-2])


async def _info(connection: Connection, trace: Trace) -> dict[str, Any]:
    trace.answer = await _line(connection)
    verb, _, rest = trace.answer.partition(" ")
    try:
        info = json.loads(rest) if verb.upper() == "INFO" else None
    except (ValueError, RecursionError):
        info = None
    if not isinstance(info, dict):
        begins = plain(f"{verb} {rest}", 60)
        raise ProbeError(Reason.PROTOCOL_ERROR, f"the server does not speak NATS: it says {begins!r}")
    return info


async def _pong(connection: Connection) -> None:
    for _ in range(_MOST_LINES):
        line = await _line(connection)
        if line == "PONG":
            return
        if line.startswith("-ERR"):
            refused = "uthori" in line or "uthenti" in line
            reason = Reason.AUTH_ERROR if refused else Reason.PROTOCOL_ERROR
            raise ProbeError(reason, f"the server refused: {plain(line[4:].strip())}")
    raise ProbeError(Reason.PROTOCOL_ERROR, "the server does not answer PING")
