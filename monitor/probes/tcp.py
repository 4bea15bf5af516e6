"""TCP: a connection, and a dialogue if the config asks for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from monitor.fields import key
from monitor.judge.assertions import about, hold
from monitor.judge.expectations import LATENCY, REPLY, Expectation
from monitor.probes._network import NetworkProbe
from monitor.redact import shown
from monitor.text import decode, plain
from monitor.trace import Phase, Trace
from monitor.wire.connection import Connection

REPLY_LIMIT = 65536
"""Bytes of a reply that are read."""


@dataclass(frozen=True, kw_only=True)
class Tcp(NetworkProbe):
    """Opens a connection; says and hears something on it where the config asks for it."""

    kind: ClassVar[str] = "tcp"
    schemes: ClassVar[tuple[str, ...]] = ("tcp",)
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "reply": REPLY}

    send: str | None = key("Text to send once connected.", default=None, example="PING\r\n")

    async def check(self, trace: Trace) -> str:
        trace.asked = f"connection to {self.target}" + ("" if self.send is None else f"\n{shown(self.send)}")
        with await self.connect(trace) as connection:
            if self.send is not None:
                await connection.write(self.send.encode())
            if about("reply", trace.assertions):
                await _hear(connection, trace)
        trace.enter(None)
        return trace.settled or "connected"


async def _hear(connection: Connection, trace: Trace) -> None:
    """Read until the reply satisfies every assertion; it may come in any number of pieces.

    A reply that never holds is read until the peer closes or time is up, and is then judged as it
    stands.
    """
    asked = about("reply", trace.assertions)
    reply = bytearray()
    trace.enter(Phase.WAIT)
    while len(reply) < REPLY_LIMIT and (data := await connection.read()):
        if not reply:
            trace.enter(Phase.TRANSFER)
        reply += data
        trace.facts["reply"] = trace.answer = said = decode(bytes(reply[:REPLY_LIMIT]))
        trace.settled = plain(said.partition("\n")[0]) or "connected"
        if hold(asked, trace.facts):
            return
