"""UDP: a datagram and its answer."""

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
from monitor.wire.datagram import Datagram, converse


@dataclass(frozen=True, kw_only=True)
class Udp(NetworkProbe):
    """Sends one datagram and waits for one that answers it."""

    kind: ClassVar[str] = "udp"
    schemes: ClassVar[tuple[str, ...]] = ("udp",)
    expectations: ClassVar[Mapping[str, Expectation]] = {"latency": LATENCY, "reply": REPLY}

    send: str = key("Text to send; without it, an empty datagram.", default="", example="ping")

    async def check(self, trace: Trace) -> str:
        trace.asked = f"datagram to {self.target}\n{shown(self.send)}"

        async def talk(peer: Datagram) -> str:
            trace.enter(Phase.WAIT)
            await peer.send(self.send.encode())
            return await _hear(peer, trace)

        return await converse(self.dialled, trace, self.ip_version, talk)


async def _hear(peer: Datagram, trace: Trace) -> str:
    """Wait for a reply that satisfies every assertion; if there is none, the last one is judged."""
    asked = about("reply", trace.assertions)
    while True:
        trace.facts["reply"] = trace.answer = said = decode(await peer.receive())
        trace.settled = plain(said.partition("\n")[0]) or "an empty reply"
        if hold(asked, trace.facts):
            trace.enter(None)
            return trace.settled
