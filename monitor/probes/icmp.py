"""ICMP: echo requests, and how many of them come back how soon."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from monitor.errors import FieldError, ProbeError
from monitor.fields import key
from monitor.judge.expectations import LATENCY, Expectation, value_of
from monitor.model import Measure, Reason
from monitor.probe import BaseProbe, split_url
from monitor.syntax.duration import format_ms
from monitor.trace import Phase, Trace
from monitor.wire.icmp import HEADER, REPLY, echo_request, open_echo, without_header
from monitor.wire.os_errors import fault
from monitor.wire.resolve import IpVersion, resolve

SPACING = 0.2
"""Seconds between two echo requests."""
PATIENCE = 1.0
"""Seconds to wait for the last replies after the first has arrived."""
_TOKEN = 16


@dataclass(frozen=True, kw_only=True)
class Icmp(BaseProbe):
    """Sends echo requests; the latency is the median round trip."""

    kind: ClassVar[str] = "icmp"
    schemes: ClassVar[tuple[str, ...]] = ("icmp",)
    expectations: ClassVar[Mapping[str, Expectation]] = {
        "latency": LATENCY,
        "loss": value_of("loss", "Packets lost, per cent: a matcher."),
        "jitter": value_of(
            "jitter", "Milliseconds by which a round trip differs from the one before, on average: a matcher."
        ),
    }

    count: int = key("Echo requests to send.", default=3)
    ip_version: IpVersion = key("Address family to use.", default="auto")

    def __post_init__(self) -> None:
        _ = self.host
        if not 1 <= self.count <= 100:
            raise FieldError("count", "must be from 1 to 100")

    @cached_property
    def host(self) -> str:
        parts = split_url(self.url)
        if not parts.host:
            raise FieldError("url", f"{self.target!r} names no host")
        if parts.port is not None:
            raise FieldError("url", f"{self.target!r} names a port, and ICMP has none")
        if parts.query or parts.fragment or parts.path.strip("/"):
            raise FieldError("url", "has more than a host; write icmp://HOST, and count as a key of its own")
        return parts.host

    async def check(self, trace: Trace) -> str:
        trace.asked = f"{self.count} echo requests to {self.host}"
        address = (await resolve(self.host, 0, trace, self.ip_version))[0]
        trace.address = str(address.sockaddr[0])
        with open_echo(address) as sock:
            trace.enter(Phase.WAIT)
            echo = _Echo(sock, address.family, self.count, trace)
            await echo.run()
        return echo.message()


class _Echo:
    """The echoes of one check."""

    def __init__(self, sock: socket.socket, family: int, count: int, trace: Trace) -> None:
        self._sock, self._family, self._count, self._trace = sock, family, count, trace
        self._loop = asyncio.get_running_loop()
        self._ident = int.from_bytes(os.urandom(2), "big")
        self._token = os.urandom(_TOKEN)
        self._sent: dict[int, float] = {}
        self._trips: dict[int, float] = {}
        self._errors: list[ProbeError] = []
        """Echoes that came back as errors: they count as lost if others are answered."""
        self._counted = 0
        """Number of echoes that were answered or lost; the others may still be answered."""

    async def run(self) -> None:
        """Send and receive until every reply has arrived or is overdue."""
        receiving = asyncio.ensure_future(self._receive())
        try:
            await self._send_all(receiving)
            self._note(sent_by=math.inf)
        except asyncio.CancelledError:  # the time is up, perhaps before all were sent
            self._note(sent_by=time.perf_counter() - PATIENCE)
            raise
        finally:
            receiving.cancel()

    async def _send_all(self, receiving: asyncio.Future[None]) -> None:
        for sequence in range(self._count):
            await self._send(sequence)
            last = sequence == self._count - 1
            await asyncio.wait({receiving}, timeout=self._patience() if last else SPACING)
            if receiving.done():
                return receiving.result()
        if not self._trips and not self._errors:
            await receiving
        self._complain()
        return None

    def _patience(self) -> float | None:
        """Seconds to wait for further replies; None: until the deadline, as no reply has arrived."""
        return PATIENCE if self._trips or self._count > 1 else None

    async def _send(self, sequence: int) -> None:
        packet = echo_request(self._family, self._ident, sequence, self._token)
        self._sent[sequence] = time.perf_counter()
        try:
            await self._loop.sock_sendall(self._sock, packet)
        except OSError as error:  # it may be the answer to the previous echo
            self._errors.append(_unreachable(error, self._family))

    async def _receive(self) -> None:
        while len(self._trips) + len(self._errors) < self._count:
            try:
                data = await self._loop.sock_recv(self._sock, 4096)
                self._take(data, time.perf_counter())
            except OSError as error:
                self._errors.append(_unreachable(error, self._family))
            await asyncio.sleep(0)  # a peer that never pauses must not keep the others waiting
        self._complain()

    def _complain(self) -> None:
        if self._errors and not self._trips:
            raise self._errors[0]

    def _take(self, data: bytes, now: float) -> None:
        data = without_header(self._sock, data)
        if len(data) < HEADER.size or data[0] != REPLY[self._family]:
            return
        sequence = HEADER.unpack_from(data)[4]
        if data[HEADER.size :] == self._token and sequence in self._sent:
            self._trips.setdefault(sequence, now - self._sent[sequence])

    def _note(self, sent_by: float) -> None:
        """Note the facts if there was a reply. An echo without one is lost if it was sent by ``sent_by``."""
        trips = [trip * 1000 for _, trip in sorted(self._trips.items())]
        if not trips:
            return
        self._counted = sum(number in self._trips or at <= sent_by for number, at in self._sent.items())
        loss, spread = 100 * (1 - len(trips) / self._counted), jitter(trips)
        self._trace.facts |= {
            "loss": loss,
            "jitter": spread,
            "performance": {
                "loss": Measure(round(loss, 1), "%"),
                "jitter": Measure(round(spread, 3), "ms"),
                "fastest": Measure(round(min(trips), 3), "ms"),
                "slowest": Measure(round(max(trips), 3), "ms"),
            },
        }
        self._trace.state_latency(Phase.WAIT, statistics.median(trips) / 1000)
        self._trace.settled = self.message()

    def message(self) -> str:
        trips = [trip * 1000 for trip in self._trips.values()]
        middle, least, most = statistics.median(trips), min(trips), max(trips)
        spread = f" ({format_ms(least)} to {format_ms(most)})" if len(trips) > 1 else ""
        return f"{len(trips)}/{self._counted} replies, {format_ms(middle)}{spread}"


def jitter(trips: Sequence[float]) -> float:
    """The mean difference between one round trip and the next; 0 for a single one."""
    return statistics.fmean(abs(later - earlier) for earlier, later in pairwise(trips)) if trips[1:] else 0.0


def _unreachable(error: OSError, family: int) -> ProbeError:
    problem = fault(error, family=family, connected=True)
    if problem.reason is Reason.CONNECTION_REFUSED:
        return ProbeError(Reason.UNREACHABLE, "the host answers that ICMP echo is not for it")
    return problem
