"""Tracing the path to an address, without privileges and without name resolution."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from monitor.errors import ProbeError
from monitor.judge.path_trace import MAX_TTL, ROUNDS, Answer, PathTrace
from monitor.model.path import NetworkPath, PathProtocol
from monitor.wire.path_packets import Packets, open_packets
from monitor.wire.resolve import Address

PACE = 0.01
"""Seconds between two packets."""
PATIENCE = 1.0
"""Seconds that answers to the last packet of a round may take."""
ROUND = 0.2
"""Seconds between two rounds."""
LINGER = 4.0
"""Seconds after the start until which a router may say that the target's address does not answer.

Linux asks the local network three times, a second each (``mcast_solicit``).
"""


async def trace_path(
    target: Address, protocol: PathProtocol, at: float, learned: Callable[[NetworkPath], object]
) -> NetworkPath:
    """Trace the path to ``target``, in six seconds at most; ``at`` is now, for the result.

    Sends at most 150 packets. ``learned`` is called with the findings so far whenever there is an answer.
    """
    shown = str(target) if protocol is PathProtocol.TCP else str(target.sockaddr[0])
    return await _Traceroute(PathTrace(shown, protocol, at), learned).run(target)


class _Traceroute:
    def __init__(self, trace: PathTrace, learned: Callable[[NetworkPath], object]) -> None:
        self._trace, self._learned = trace, learned
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    async def run(self, target: Address) -> NetworkPath:
        try:
            packets = open_packets(self._trace.protocol, target, self._heard)
            self._trace.protocol = packets.protocol
            try:
                await self._rounds(packets)
            finally:
                packets.close()
        except ProbeError as error:
            self._trace.problem = error.message
        self._trace.done = True
        return self._trace.path()

    def _heard(self, ttl: int, address: str, trip_ms: float, answer: Answer) -> None:
        self._trace.heard(ttl, address, trip_ms, answer)
        self._news.set()
        self._learned(self._trace.path())

    async def _rounds(self, packets: Packets) -> None:
        began = self._loop.time()
        await self._discover(packets)
        for _ in range(ROUNDS - 1):
            await asyncio.sleep(ROUND)
            for ttl in range(1, self._trace.length + 1):
                await self._send(packets, ttl)
        await self._wait_until(self._loop.time() + PATIENCE)
        if self._trace.end is None and self._trace.farthest < MAX_TTL:
            await self._wait_until(began + LINGER)

    async def _discover(self, packets: Packets) -> None:
        """The first round: as far as there are answers."""
        ttl = 1
        while (ttl <= MAX_TTL and ttl <= self._trace.reach) or await self._hears_more(ttl):
            await self._send(packets, ttl)
            ttl += 1

    async def _hears_more(self, ttl: int) -> bool:
        """Wait for answers; whether there is one that makes ``ttl`` worth sending."""
        deadline = self._loop.time() + PATIENCE
        while self._trace.end is None and await self._hears(deadline):
            if ttl <= self._trace.reach:
                return True
        return False

    async def _send(self, packets: Packets, ttl: int) -> None:
        packets.send(ttl)
        self._trace.sent(ttl)
        await asyncio.sleep(PACE)

    async def _wait_until(self, deadline: float) -> None:
        while not self._trace.complete and await self._hears(deadline):
            pass

    async def _hears(self, deadline: float) -> bool:
        """Wait for an answer; False at the deadline."""
        self._news.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._news.wait()
        return self._news.is_set()
