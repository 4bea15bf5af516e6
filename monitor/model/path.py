"""The network path to an address: its routers, and the loss and round trips up to each."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class PathProtocol(StrEnum):
    """The kind of packets of a trace."""

    TCP = "tcp"
    """Connections to the checked port."""
    ICMP = "icmp"
    """Echo requests."""
    UDP = "udp"
    """Datagrams to ports that are usually closed."""


class PathHop(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The answers to packets that may pass ``ttl`` minus one routers."""

    ttl: int
    sent: int = 0
    trips_ms: tuple[float, ...] = ()
    """The round trip of each answer, in the order in which they came."""
    addresses: tuple[str, ...] = ()
    """The addresses that answered: several if packets take different routes."""
    answer: str = ""
    """The target's answer, or why a router refused to forward; empty for "time exceeded"."""
    is_target: bool = False
    """Whether the traced address itself answered."""

    @property
    def loss(self) -> float:
        """The share of packets, 0 to 1, that were not answered."""
        return 1 - len(self.trips_ms) / self.sent if self.sent else 0.0


class NetworkPath(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One trace. ``hops`` begins with the nearest and ends with the target or one silent hop."""

    at: float
    """When it began, in seconds since the epoch."""
    target: str
    """The traced address, with the port if ``protocol`` is TCP."""
    protocol: PathProtocol
    hops: tuple[PathHop, ...] = ()
    done: bool = True
    """False while more answers may come."""
    problem: str = ""
    """Why the path could not be traced; empty if it could."""
