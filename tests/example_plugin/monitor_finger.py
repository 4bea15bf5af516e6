"""``finger://host/user``: a kind of check of its own, in one small module (RFC 1288)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from monitor.errors import FieldError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import LATENCY, REPLY, Expectation
from monitor.model import Reason
from monitor.probe import BaseProbe
from monitor.text import decode, plain
from monitor.trace import Trace
from monitor.wire.connection import connect

LONGEST = 65536
"""Bytes of an answer that are read."""


@dataclass(frozen=True, kw_only=True)
class Finger(BaseProbe):
    """Asks who a user is. Its fields are its TOML keys: validated, and in the schema, like any."""

    kind: ClassVar[str] = "finger"
    schemes: ClassVar[tuple[str, ...]] = ("finger",)
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "reply": REPLY}

    verbose: bool = key("Ask for more about the user.", default=False)

    def __post_init__(self) -> None:
        if not urlsplit(self.url).hostname:
            raise FieldError("url", "names no host; write finger://host/user")

    async def check(self, trace: Trace) -> str:
        """One question, one answer; phases ``dns``, ``connect``, ``wait`` and ``transfer``."""
        parts = urlsplit(self.url)
        user = parts.path.strip("/")
        trace.asked = f"who is {user or 'there'}?"
        with await connect(parts.hostname or "", parts.port or 79, trace) as connection:
            trace.enter("wait")
            await connection.write(f"{'/W ' if self.verbose else ''}{user}\r\n".encode())
            answer = b""
            while len(answer) < LONGEST and (data := await connection.read()):
                trace.enter("transfer")
                answer += data
        trace.enter(None)
        if not answer:
            raise ProbeError(Reason.PROTOCOL_ERROR, "the server said nothing")
        trace.facts["reply"] = trace.answer = decode(answer)
        return plain(trace.answer.partition("\n")[0])
