"""The part of the tracker's state that survives a restart, as values that msgspec can encode."""

from __future__ import annotations

import msgspec

from monitor.judge.health import Health
from monitor.judge.incidents import Outage
from monitor.model import (
    Acknowledgement,
    Certificate,
    Heartbeat,
    Incident,
    Reason,
    Result,
    Silence,
    Slowdown,
    State,
    Status,
)


class LastCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The newest result, without its explanation."""

    at: float
    status: Status
    reason: Reason | None = None
    message: str = ""
    latency_ms: float | None = None
    certificate: Certificate | None = None
    heartbeat: Heartbeat | None = None

    def result(self, endpoint: str) -> Result:
        """The result of the endpoint with this id."""
        return Result(
            endpoint=endpoint,
            status=self.status,
            reason=self.reason,
            message=self.message,
            checked_at=self.at,
            latency_ms=self.latency_ms,
            certificate=self.certificate,
            heartbeat=self.heartbeat,
        )


class EndpointState(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint's state; ``checks`` is a digest of its probe and expectations."""

    id: str
    checks: str
    health: Health
    state: State
    since: float
    reason: Reason | None = None
    message: str = ""
    paused: bool = False
    """Whether it was paused by an operator, not by the config."""
    acknowledged: Acknowledgement | None = None
    outage: Outage | None = None
    last: LastCheck | None = None
    certificates: tuple[Certificate, ...] = ()
    slowdown: Slowdown | None = None
    checked_since: float = 0.0


class TrackerState(msgspec.Struct, frozen=True, kw_only=True):
    """The whole tracker: every endpoint, the silences in force, and the incidents it still lists."""

    endpoints: tuple[EndpointState, ...] = ()
    silences: tuple[Silence, ...] = ()
    incidents: tuple[Incident, ...] = ()
