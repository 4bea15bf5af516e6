"""The incidents that the tracker knows: all open ones, and the last thousand that ended. Pure.

Incidents that began together may have a common cause.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from msgspec.structs import replace

from monitor.engine.tracked import Tracked
from monitor.judge.common_cause import common_cause
from monitor.judge.health import Health
from monitor.judge.incidents import Outage, followed
from monitor.judge.shared_services import Failure, Seen
from monitor.model import Ending, Incident, Result, State, Status
from monitor.model.events import (
    DomainEvent,
    IncidentAnnotated,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
)
from monitor.redact import shown

KEPT = 1000
_OVER = frozenset({State.UP, State.DEGRADED})
TOGETHER = 60.0
"""Seconds within which two incidents count as begun together."""


def incident_id(endpoint: str, began: float) -> str:
    """A durable id that sorts by time and is the same wherever the same outage is seen."""
    return f"{round(began * 1000):012x}-{blake2b(endpoint.encode(), digest_size=4).hexdigest()}"


class Incidents:
    """Opens and closes incidents; each change is appended to ``events``."""

    def __init__(self, events: list[DomainEvent]) -> None:
        self.known: dict[str, Incident] = {}
        """Id -> incident, in the order in which they opened."""
        self.are_new = False
        """Whether some have opened since this was last read."""
        self._events = events
        self._open: dict[str, str] = {}
        """Endpoint id -> incident id."""
        self._ended: deque[str] = deque()

    def open(self, endpoint: str) -> Incident | None:
        """The open incident of an endpoint."""
        id = self._open.get(endpoint)
        return None if id is None else self.known[id]

    def accept(self, tracked: Tracked, before: Health, result: Result) -> None:
        """Count ``result``, which changed the endpoint's health from ``before``."""
        failed = result.status is Status.DOWN
        if not failed and tracked.outage is None:
            return
        message = result.message if failed else ""
        tracked.outage = followed(tracked.outage, before, tracked.health, result, message)
        incident = self.open(tracked.id)
        if failed and incident:
            self._update(tracked.id, result.checked_at, failed=incident.failed + 1, latest=message)

    def state_changed(self, tracked: Tracked, at: float) -> None:
        """Open or close an incident, as the endpoint's new state demands."""
        if tracked.state is State.DOWN:
            if tracked.id not in self._open:
                self._begin(tracked, at)
        elif tracked.state in _OVER:
            ended = tracked.outage.better if tracked.outage else None
            tracked.outage = None
            self.close(tracked.id, Ending.RECOVERED, at, ended)
        elif tracked.state is State.PAUSED:
            tracked.outage = None
            self.close(tracked.id, Ending.PAUSED, at)

    def acknowledged(self, tracked: Tracked, at: float) -> None:
        """Note on the open incident that it was acknowledged, or that this was taken back."""
        self._update(tracked.id, at, acknowledged=tracked.acknowledged)

    def annotate(self, id: str, at: float, **changes: Any) -> None:
        """Add to the record of an incident, open or over, if it is still known."""
        incident = self.known.get(id)
        annotated = incident and replace(incident, **changes)
        if annotated and annotated != incident:
            self.known[id] = annotated
            self._events.append(IncidentAnnotated(at=at, incident=annotated))

    def close(self, endpoint: str, ending: Ending, at: float, ended: float | None = None) -> None:
        """Close the open incident of an endpoint, if there is one; it ended at ``ended`` or now."""
        id = self._open.pop(endpoint, None)
        if id is None:
            return
        over = replace(self.known[id], ending=ending, ended=at if ended is None else ended)
        self.known[id] = over
        self._ended.append(id)
        self._events.append(IncidentClosed(at=at, incident=over))
        while len(self._ended) > KEPT:
            del self.known[self._ended.popleft()]

    def restore(self, incidents: Iterable[Incident]) -> None:
        """Restore the incidents known before a restart."""
        for incident in incidents:
            self.known[incident.id] = incident
            if incident.ended is None:
                self._open[incident.endpoint] = incident.id
            else:
                self._ended.append(incident.id)

    def rebind(self, handles: dict[str, int], at: float) -> None:
        """Give restored incidents the handles of this run; close those of removed endpoints."""
        for id, incident in list(self.known.items()):
            handle = handles.get(incident.endpoint, incident.handle)
            self.known[id] = replace(incident, handle=handle)
            if incident.ended is None and incident.endpoint not in handles:
                self.close(incident.endpoint, Ending.REMOVED, at)

    def _begin(self, tracked: Tracked, at: float) -> None:
        latest = tracked.last.message if tracked.last else ""
        outage = tracked.outage or _unknown_beginning(tracked, latest, at)
        incident = Incident(
            id=incident_id(tracked.id, outage.began),
            endpoint=tracked.id,
            handle=tracked.handle,
            name=tracked.endpoint.name,
            began=outage.began,
            reason=outage.reason,
            cause=outage.cause,
            latest=latest,
            failed=outage.failed,
            acknowledged=tracked.acknowledged,
        )
        self.are_new = True
        self._open[tracked.id] = incident.id
        self.known[incident.id] = incident
        self._events.append(IncidentOpened(at=at, incident=incident))

    def _update(self, endpoint: str, at: float, **changes: Any) -> None:
        incident = self.open(endpoint)
        if incident:
            updated = self.known[incident.id] = replace(incident, **changes)
            self._events.append(IncidentUpdated(at=at, incident=updated))


def _unknown_beginning(tracked: Tracked, latest: str, at: float) -> Outage:
    """Close the incident of an endpoint paused while down: its state in the meantime is unknown."""
    reason = tracked.last.reason if tracked.last else None
    return Outage(began=at, reason=reason, cause=latest, failed=0)


def note_common_cause(incidents: Incidents, tracked: Mapping[str, Tracked], at: float, resolver: str) -> None:
    """Note the common cause of the newest incidents on each of those that it explains."""
    group = newest_together(incidents.known.values())
    found = common_cause(
        [Failure(one.endpoint, one.reason, one.cause) for one in group],
        {id: one.endpoint for id, one in tracked.items()},
        {id: _seen(one.last) for id, one in tracked.items() if one.last},
        shown,
        resolver,
    )
    explained = [one for one in group if found and one.endpoint in found.endpoints]
    for incident in explained:
        incidents.annotate(
            incident.id, at, common_cause=found and found.cause, outage=incident.outage or explained[0].id
        )


def _seen(last: Result) -> Seen:
    return Seen(last.address or "", last.certificate, last.checked_at)


def newest_together(incidents: Iterable[Incident]) -> list[Incident]:
    """The newest incidents, of which each began soon after the one before; the oldest first."""
    ordered = sorted(incidents, key=lambda one: (one.began, one.id))
    first = len(ordered) - 1
    while first > 0 and ordered[first].began - ordered[first - 1].began <= TOGETHER:
        first -= 1
    return ordered[max(first, 0) :]
