"""SSH: does the server introduce itself?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.errors import ProbeError
from monitor.judge.expectations import LATENCY, REPLY, Expectation
from monitor.model import Reason
from monitor.probes._network import NetworkProbe
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection

_LINE_LIMIT = 1024
_MOST_LINES = 50
"""Lines that may come before the introduction (RFC 4253, 4.2)."""
_OURS = b"SSH-2.0-monitor\r\n"


@dataclass(frozen=True, kw_only=True)
class Ssh(NetworkProbe):
    """Reads the server's identification, such as ``SSH-2.0-OpenSSH_9.2p1``."""

    kind: ClassVar[str] = "ssh"
    schemes: ClassVar[tuple[str, ...]] = ("ssh",)
    default_port: ClassVar[int | None] = 22
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "reply": REPLY}

    async def check(self, trace: Trace) -> str:
        trace.asked = f"identification of {self.target}"
        with await self.connect(trace) as connection:
            trace.enter(Phase.WAIT)
            said = await _identification(connection)
            trace.finish()
            await connection.farewell(_OURS)  # otherwise the server logs an error
        trace.facts["reply"] = trace.answer = said
        return plain(said)


async def _identification(connection: Connection) -> str:
    for _ in range(_MOST_LINES):
        line = (await connection.read_until(b"\n", _LINE_LIMIT)).rstrip(b"\r\n")
        if line.startswith(b"SSH-"):
            return decode(line)
        if b"\0" in line:
            break
    begins = plain(decode(line), 60)
    raise ProbeError(Reason.PROTOCOL_ERROR, f"the server does not speak SSH: it says {begins!r}")
