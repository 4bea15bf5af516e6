"""Traces the path to an address, without privileges and without name resolution."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from ipaddress import ip_address

from monitor.errors import ProbeError
from monitor.judge.path_trace import MAX_TTL, ROUNDS, Answer, PathTrace
from monitor.model.path import NetworkPath, PathProtocol
from monitor.wire.path_packets import Packets, open_packets
from monitor.wire.resolve import Address

PACE = 0.01
"""Seconds between two packets."""
PATIENCE = 1.0
"""Seconds to wait for answers to the last packet of a round."""
ROUND = 0.2
"""Seconds between two rounds."""
LONGEST = 8.0
"""Seconds after which a trace ends, however slowly routers answer."""
LINGER = 4.0
"""Seconds after the start until which a router may say that the target's address does not answer.

Linux asks the local network three times, a second each (``mcast_solicit``).
"""


def address_of(text: str) -> Address | None:
    """The address in ``192.0.2.1:443``, ``[2001:db8::1]:443`` or ``192.0.2.1``.

    None for a name, and for a link-local address that does not say on which interface.
    """
    if text.startswith("["):
        host, _, port = text[1:].partition("]:")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    else:
        host, port = text, "0"
    if not port.isdecimal() or int(port) > 65535:
        return None
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return None
    address = Address(found[0][0], found[0][4])
    lacks_scope = ip_address(address.sockaddr[0]).is_link_local and address.sockaddr[-1] == 0
    return None if lacks_scope and address.family == socket.AF_INET6 else address


class Traceroute:
    """A trace of the path to ``target``; ``at`` is now, for the result.

    :meth:`run` sends at most 150 packets (the kernel repeats TCP packets that are not answered) and takes
    at most eight seconds. :meth:`path` has the findings so far, at any time.
    """

    def __init__(self, target: Address, protocol: PathProtocol, at: float) -> None:
        shown = str(target) if protocol is PathProtocol.TCP else str(target.sockaddr[0])
        self._target = target
        self._trace = PathTrace(shown, protocol, at)
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()

    def path(self) -> NetworkPath:
        """The findings so far."""
        return self._trace.path()

    async def run(self) -> NetworkPath:
        """Trace; the path says if this machine cannot."""
        try:
            packets = open_packets(self._trace.protocol, self._target, self._heard)
            self._trace.protocol = packets.protocol
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LONGEST):
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
        """The first round: send as far as there are answers."""
        ttl = 1
        while (ttl <= MAX_TTL and ttl <= self._trace.reach) or await self._hears_more(ttl):
            await self._send(packets, ttl)
            ttl += 1

    async def _hears_more(self, ttl: int) -> bool:
        """Wait for answers. Return whether one makes ``ttl`` worth sending."""
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
