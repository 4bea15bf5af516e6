"""The alerts' state of one endpoint, made from its events. Pure."""

from __future__ import annotations

import msgspec

from monitor.model import Incident, Reason, Result, State, Status
from monitor.model.events import (
    Acknowledged,
    Checked,
    DomainEvent,
    FlappingChanged,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    MaintenanceChanged,
    StateChanged,
    StreakChanged,
)

_UNREMARKABLE = frozenset({State.UP, State.PENDING, State.PAUSED})


class Subject(msgspec.Struct, kw_only=True):
    """One endpoint as the alerts see it."""

    id: str
    state: State = State.PENDING
    since: float = 0.0
    reason: Reason | None = None
    message: str = ""
    incident: Incident | None = None
    """The open one."""
    opened: float = 0.0
    """When it was found to be down."""
    failing: float | None = None
    """Since when it fails without being down."""
    recovering: bool = False
    """It is down, and the last check passed."""
    degraded: float | None = None
    """Since when it is degraded; a failure in between does not count."""
    flapping: float | None = None
    """Since when it flaps."""
    acknowledged: bool = False
    maintenance: bool = False
    expiring: float | None = None
    """Since when its certificate expires too soon."""
    expires: float = 0.0
    """When that certificate expires."""

    @property
    def is_unremarkable(self) -> bool:
        """Whether there is nothing to remember about it."""
        marked = self.acknowledged or self.maintenance or self.incident
        lasting = (self.flapping, self.expiring, self.degraded)
        return self.state in _UNREMARKABLE and not marked and lasting == (None, None, None)

    def accept(self, event: DomainEvent) -> None:
        """Learn from an event about this endpoint."""
        match event:
            case Checked(result=result):
                self._learn_certificate(result, event.at)
            case StateChanged():
                self._turn(event)
            case StreakChanged(streak=streak):
                self.recovering = self.state is State.DOWN and streak > 0
            case FlappingChanged(flapping=flapping):
                self.flapping = event.at if flapping else None
            case IncidentOpened(incident=incident):
                self.incident, self.opened = incident, event.at
            case IncidentUpdated(incident=incident):
                self.incident = incident
            case IncidentClosed():
                self.incident = None
            case Acknowledged(acknowledgement=mark):
                self.acknowledged = mark is not None
            case MaintenanceChanged(active=active):
                self.maintenance = active

    def remember(self, saved: Subject) -> None:
        """Restore from ``saved``, written before a restart, the start times of states that still hold."""
        self.expiring, self.expires = saved.expiring, saved.expires
        if self.incident and saved.incident and self.incident.id == saved.incident.id:
            self.opened = saved.opened
        for name in ("failing", "degraded", "flapping"):
            if getattr(self, name) is not None and getattr(saved, name) is not None:
                setattr(self, name, getattr(saved, name))

    def _turn(self, event: StateChanged) -> None:
        self.state, self.since = event.after, event.at
        self.reason, self.message = event.reason, event.message
        self.recovering = False
        self.failing = event.at if event.after is State.FAILING else None
        if event.after is State.DEGRADED:
            self.degraded = event.at if self.degraded is None else self.degraded
        elif event.after in (State.UP, State.DOWN, State.PAUSED):
            self.degraded = None

    def _learn_certificate(self, result: Result, at: float) -> None:
        if expires_too_soon(result):
            expires = result.certificate.expires if result.certificate else 0.0
            self.expiring = at if self.expiring is None or self.expires != expires else self.expiring
            self.expires = expires
        elif result.status in (Status.UP, Status.DEGRADED):
            self.expiring = None


def expires_too_soon(result: Result) -> bool:
    """Whether an expectation on the certificate's expiry did not hold."""
    return any(failed.reason is Reason.CERTIFICATE_EXPIRING for failed in result.failed)
