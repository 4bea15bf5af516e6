"""Tracing a path: which packets to send next, and what their answers say. Pure.

The first round sends packets with a growing time to live (TTL): each router on the way answers the one
that expires there. Sending runs ahead of the answers by a few hops, so that silent routers cost no
time, and ends at the target, at a router that refuses to forward, or where nobody answers. Further
rounds go as far as the first one got, and measure the loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from monitor.model.path import NetworkPath, PathHop, PathProtocol

MAX_TTL = 30
"""The longest path that is traced."""
ROUNDS = 5
"""Packets per hop. Linux routers answer six at once, and then one a second."""
GAP = 6
"""Hops in a row without an answer after which the first round goes no further."""
_ADDRESSES = 4
"""Addresses kept per hop."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a packet, other than silence."""

    text: str = ""
    """Empty for "time exceeded"."""
    is_target: bool = False
    refused: bool = False
    """A router does not forward the packet."""


EXPIRED = Answer()


@dataclass(slots=True)
class _Hop:
    sent: int = 0
    trips_ms: list[float] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    answer: Answer = EXPIRED

    def hear(self, address: str, trip_ms: float, answer: Answer) -> None:
        self.trips_ms.append(trip_ms)
        if address not in self.addresses and len(self.addresses) < _ADDRESSES:
            self.addresses.append(address)
        if answer.is_target or (not self.answer.is_target and answer.refused):
            self.answer = answer


class PathTrace:
    """A trace under way."""

    def __init__(self, target: str, protocol: PathProtocol, at: float) -> None:
        self._target, self.protocol, self._at = target, protocol, at
        self._hops = [_Hop() for _ in range(MAX_TTL)]
        self.problem = ""
        self.done = False

    def sent(self, ttl: int) -> None:
        """Note that a packet was sent."""
        self._hops[ttl - 1].sent += 1

    def heard(self, ttl: int, address: str, trip_ms: float, answer: Answer) -> None:
        """Note an answer to a packet with this TTL."""
        hop = self._hops[ttl - 1]
        if len(hop.trips_ms) < hop.sent:
            hop.hear(address, trip_ms, answer)

    @property
    def end(self) -> int | None:
        """The TTL at which the target answers, or else a router refuses; None if neither is known."""
        targets = [ttl for ttl, hop in self._numbered() if hop.answer.is_target]
        return min(targets, default=None) or min(self._refusals(), default=None)

    def _refusals(self) -> Iterator[int]:
        return (ttl for ttl, hop in self._numbered() if hop.answer.refused)

    def _numbered(self) -> Iterator[tuple[int, _Hop]]:
        return enumerate(self._hops, start=1)

    @property
    def farthest(self) -> int:
        """The greatest TTL that was answered; 0 if there is none."""
        return max((ttl for ttl, hop in self._numbered() if hop.trips_ms), default=0)

    @property
    def reach(self) -> int:
        """The greatest TTL that is worth sending, by the answers so far."""
        return self.end or min(self.farthest + GAP, MAX_TTL)

    @property
    def length(self) -> int:
        """The number of hops worth showing and asking again: the last of them is the end, or silent."""
        sent = sum(1 for hop in self._hops if hop.sent)
        return min(self.end or self.farthest + 1, sent)

    @property
    def complete(self) -> bool:
        """Whether each packet to a hop worth showing was answered, and the end is known."""
        shown = self._hops[: self.length]
        return self.end is not None and all(len(hop.trips_ms) == hop.sent for hop in shown)

    def path(self) -> NetworkPath:
        """The findings so far."""
        return NetworkPath(
            at=self._at,
            target=self._target,
            protocol=self.protocol,
            hops=tuple(_shown(ttl, hop) for ttl, hop in self._numbered() if ttl <= self.length),
            done=self.done,
            problem=self.problem,
        )


def _shown(ttl: int, hop: _Hop) -> PathHop:
    return PathHop(
        ttl=ttl,
        sent=hop.sent,
        trips_ms=tuple(round(trip, 3) for trip in hop.trips_ms),
        addresses=tuple(hop.addresses),
        answer=hop.answer.text,
        is_target=hop.answer.is_target,
    )


# ── in words ────────────────────────────────────────────────────────────────────────────────────


def conclusion(path: NetworkPath) -> str:
    """The end of the path in a few words; empty while nothing is known."""
    if path.problem:
        return path.problem
    if not path.hops:
        return ""
    return f"{_ending(path)}{_loss(path)}"


def _ending(path: NetworkPath) -> str:
    last = path.hops[-1]
    where = f"hop {last.ttl}, {last.addresses[0]}," if last.addresses else ""
    if last.is_target:
        return f"the target answers at hop {last.ttl}: {last.answer}"
    if last.answer:
        return f"{where} answers: {last.answer}"
    if not path.done:
        return "tracing"
    return _silence(path)


def _silence(path: NetworkPath) -> str:
    """The ending of a path without the target's answer or a refusal."""
    answering = [hop for hop in path.hops if hop.addresses]
    if not answering:
        return "no router answers, and neither does the target"
    last = answering[-1]
    if last.ttl == MAX_TTL:
        return f"longer than {MAX_TTL} hops"
    return f"stops at hop {last.ttl}, {last.addresses[0]}: the target does not answer"


def _loss(path: NetworkPath) -> str:
    """The hop from which packets get lost on the way to a target that answers.

    Routers limit their own answers: loss counts only if all later hops have it.
    """
    answering = [hop for hop in path.hops if hop.addresses]
    if not path.done or not path.hops[-1].is_target or not answering[-1].loss:
        return ""
    lossy = answering[-1]
    for hop in reversed(answering):
        if not hop.loss:
            break
        lossy = hop
    return f"; from hop {lossy.ttl} on, {answering[-1].loss:.0%} of the packets are lost"
