"""The alerts' state of one endpoint, made from its events. Pure."""

from __future__ import annotations

import msgspec

from monitor.model import Incident, Reason, Result, Slowdown, State, Status
from monitor.model.events import (
    Acknowledged,
    Checked,
    DomainEvent,
    FlappingChanged,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    MaintenanceChanged,
    SlowdownChanged,
    StateChanged,
    StreakChanged,
)

_UNWARNED = 20
"""Checks in a row without a warning that end a degradation, so that a wavering value causes only one."""
_UNREMARKABLE = frozenset({State.UP, State.PENDING, State.PAUSED})
_NOT_DEGRADED = frozenset({State.DOWN, State.PAUSED})
"""States that end a degradation at once."""


class Subject(msgspec.Struct, kw_only=True):
    """One endpoint as the alerts see it."""

    id: str
    state: State = State.PENDING
    since: float = 0.0
    reason: Reason | None = None
    message: str = ""
    incident: Incident | None = None
    """The open incident."""
    opened: float = 0.0
    """When its outage was confirmed."""
    failing: float | None = None
    """Since when it fails without being down."""
    doubted: float | None = None
    """The first failure before it was down, even if its failures count from a later moment on."""
    recovering: bool = False
    """Whether it is down and the last check passed."""
    degraded: float | None = None
    """Since when it is degraded: confirmed like an outage, and over after many checks without a warning."""
    warned: float = 0.0
    """When the warnings in a row began."""
    warnings: int = 0
    """Checks in a row with a warning, up to as many as confirm it; failures do not count."""
    unwarned: int = 0
    """Checks in a row without a warning while it counts as degraded."""
    flapping: float | None = None
    """Since when it flaps."""
    acknowledged: bool = False
    maintenance: bool = False
    slower: Slowdown | None = None
    """The phase that is lastingly slower than usual."""
    expiring: float | None = None
    """Since when its certificate expires too soon."""
    expires: float = 0.0
    """When that certificate expires."""

    @property
    def is_unremarkable(self) -> bool:
        """Whether there is nothing to remember about it."""
        marked = self.acknowledged or self.maintenance or self.incident or self.warnings or self.slower
        lasting = (self.flapping, self.expiring, self.degraded)
        return self.state in _UNREMARKABLE and not marked and lasting == (None, None, None)

    def accept(self, event: DomainEvent) -> None:
        """Learn from an event about this endpoint."""
        match event:
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
            case SlowdownChanged(after=mark, state=state):
                self.slower, self.state = mark, state

    def check(self, event: Checked, confirmed_by: int) -> bool:
        """Learn from a result; whether anything changed. So many warnings in a row confirm a degradation."""
        before = self._learnt
        self._learn_certificate(event.result, event.at)
        if event.result.status is Status.DEGRADED:
            self._warn(event.at, confirmed_by)
        elif event.result.status is Status.UP:
            self._pass()
        return before != self._learnt

    @property
    def _learnt(self) -> tuple[object, ...]:
        """Everything that a result may change."""
        return self.expiring, self.expires, self.degraded, self.warnings, self.unwarned

    def _warn(self, at: float, confirmed_by: int) -> None:
        self.warned = self.warned if self.warnings else at
        self.warnings, self.unwarned = min(self.warnings + 1, confirmed_by), 0
        if self.degraded is None and self.warnings >= confirmed_by:
            self.degraded = self.warned

    def _pass(self) -> None:
        self.warnings = 0
        self.unwarned += self.degraded is not None
        if self.unwarned >= _UNWARNED:
            self.degraded, self.unwarned = None, 0

    def remember(self, saved: Subject) -> None:
        """Restore from ``saved``, written before a restart, the start times of states that still hold."""
        self.expiring, self.expires = saved.expiring, saved.expires
        if self.incident and saved.incident and self.incident.id == saved.incident.id:
            self.opened = saved.opened
        if self.state not in _NOT_DEGRADED:
            self.degraded, self.warned = saved.degraded, saved.warned
            self.warnings, self.unwarned = saved.warnings, saved.unwarned
        for name in ("failing", "flapping"):
            if getattr(self, name) is not None and getattr(saved, name) is not None:
                setattr(self, name, getattr(saved, name))

    def _turn(self, event: StateChanged) -> None:
        self.state, self.since = event.after, event.at
        self.reason, self.message = event.reason, event.message
        self.recovering = False
        self.doubted = self.failing if event.after is State.DOWN else None
        self.failing = event.at if event.after is State.FAILING else None
        if event.after in _NOT_DEGRADED:
            self.degraded, self.warnings, self.unwarned = None, 0, 0

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
