"""The availability of every endpoint, and its uptime over the usual windows. Pure."""

from __future__ import annotations

from monitor.judge.availability import Availability
from monitor.judge.reporting import Measured, Period, budget
from monitor.link.figures import WINDOWS
from monitor.model.events import Checked, DomainEvent, EndpointRemoved, IncidentClosed, IncidentOpened
from monitor.model.report import Budget

KEPT = WINDOWS["30d"] + 86400.0
"""Seconds of the past that are remembered here; the history on disk goes back further."""

_NOTHING: tuple[float | None, ...] = (None,) * len(WINDOWS)


class Uptimes:
    """Follows domain events. Moments are seconds since the epoch."""

    KINDS = Availability.KINDS

    def __init__(self) -> None:
        self.changed: dict[str, float] = {}
        """Endpoint id -> the moment from which its edges have changed since this was last read."""
        self._known: dict[str, Availability] = {}
        """Endpoint id -> its availability."""

    def accept(self, event: DomainEvent) -> None:
        """Process one event."""
        match event:
            case Checked():
                self._apply(event.endpoint, event)
            case IncidentOpened() | IncidentClosed():
                self._apply(event.incident.endpoint, event)
            case EndpointRemoved():
                self._apply(event.endpoint, event)
                self._known[event.endpoint].forget(event.at)
            case _:
                id = getattr(event, "endpoint", None)
                if id is not None:
                    self._apply(id, event)

    def _apply(self, id: str, event: DomainEvent) -> None:
        availability = self._known.get(id)
        if availability is None:
            availability = self._known[id] = Availability()
        since = availability.accept(event)
        if since is not None:
            self.changed[id] = min(since, self.changed.get(id, since))
            availability.forget(event.at - KEPT)

    def restore(self, id: str, availability: Availability) -> None:
        """Restore an endpoint's availability from before a restart."""
        self._known[id] = availability

    def availability(self, id: str) -> Availability:
        """The availability of one endpoint; empty if nothing is known."""
        return self._known.get(id) or Availability()

    def of(self, id: str, at: float) -> tuple[float | None, ...]:
        """The uptimes of :data:`WINDOWS` that end at ``at``, each from 0 to 1."""
        availability = self._known.get(id)
        if availability is None:
            return _NOTHING
        if availability.is_flawless:
            return (1.0,) * len(WINDOWS)
        return tuple(availability.seconds(at - window, at).uptime for window in WINDOWS.values())

    def budget(self, id: str, slo: float | None, at: float) -> Budget:
        """The error budget of the 30 days that end at ``at``."""
        known, since = self.availability(id), at - WINDOWS["30d"]
        last_hour = known.seconds(at - WINDOWS["1h"], at)
        measured = Measured(id=id, name=id, slo=slo, seconds=known.seconds(since, at), last_hour=last_hour)
        return budget(measured, Period(since=since, until=at, now=at))

    def day(self, id: str, at: float) -> float | None:
        """The uptime of the 24 hours that end at ``at``."""
        availability = self.availability(id)
        if availability.is_flawless:
            return 1.0
        return availability.seconds(at - WINDOWS["24h"], at).uptime
