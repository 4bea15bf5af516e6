"""When an endpoint was up, down, in maintenance or unknown, and the uptime that follows. Pure.

An incident begins with the start of its first failed check, so an outage that is confirmed now also
changes the past. Time is unknown while an endpoint is pending, paused, inconclusive or unreachable, and
where no checks ran: more than twice the interval plus the timeout after the last check.
Moments are seconds since the epoch.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from monitor.model import State
from monitor.model.events import (
    Checked,
    DomainEvent,
    EndpointAdded,
    EndpointRemoved,
    IncidentClosed,
    IncidentOpened,
    MaintenanceChanged,
    StateChanged,
)


class Kind(StrEnum):
    """The known facts about a period of time."""

    UP = "up"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"


class Edge(NamedTuple):
    """From ``at`` on, time is of this kind."""

    at: float
    kind: Kind


class Seconds(NamedTuple):
    """A window's seconds by kind."""

    up: float = 0.0
    down: float = 0.0
    maintenance: float = 0.0
    unknown: float = 0.0

    @property
    def known(self) -> float:
        """Seconds that count for the uptime."""
        return self.up + self.down

    @property
    def uptime(self) -> float | None:
        """Share of the known time that was not down, 0 to 1, rounded down; None if nothing is known."""
        return None if not self.known else math.floor(self.up / self.known * 1e8) / 1e8

    def plus(self, other: Seconds) -> Seconds:
        """The sum of two windows."""
        return Seconds(
            self.up + other.up,
            self.down + other.down,
            self.maintenance + other.maintenance,
            self.unknown + other.unknown,
        )


_KINDS = {State.UP: Kind.UP, State.DEGRADED: Kind.UP, State.FAILING: Kind.UP, State.DOWN: Kind.DOWN}
"""The others are unknown."""


class Availability:
    """One endpoint's edges, oldest first. Times before the first edge are unknown."""

    KINDS = (
        Checked,
        EndpointAdded,
        EndpointRemoved,
        StateChanged,
        MaintenanceChanged,
        IncidentOpened,
        IncidentClosed,
    )
    """The events that :meth:`accept` follows."""
    __slots__ = ("_at", "_kinds", "_maintenance", "_state_kind", "checked", "patience")

    def __init__(
        self, edges: Iterable[Edge] = (), checked: float | None = None, patience: float = 70.0
    ) -> None:
        self._at: list[float] = []
        self._kinds: list[Kind] = []
        for edge in edges:
            self._at.append(edge.at)
            self._kinds.append(edge.kind)
        self._state_kind = self._kinds[-1] if self._kinds else Kind.UNKNOWN
        self._maintenance = self._state_kind is Kind.MAINTENANCE
        self.checked = checked
        """The beginning of the last check."""
        self.patience = patience
        """Seconds without a check after which time counts as unknown."""

    @property
    def is_flawless(self) -> bool:
        """Whether it is up, and was never seen down: its uptime is 1, whatever the window."""
        return bool(self._kinds) and self._kinds[-1] is Kind.UP and Kind.DOWN not in self._kinds

    def edges(self, since: float = -math.inf) -> list[Edge]:
        """The edges from ``since`` on."""
        first = bisect_right(self._at, since) if since > -math.inf else 0
        while first and self._at[first - 1] >= since:
            first -= 1
        return [Edge(at, kind) for at, kind in zip(self._at[first:], self._kinds[first:], strict=True)]

    def accept(self, event: DomainEvent) -> float | None:
        """Take in one event of this endpoint; the moment from which edges have changed, if any."""
        match event:
            case Checked():
                return self._checked(event.result.checked_at)
            case EndpointRemoved():
                self._state_kind, self._maintenance = Kind.UNKNOWN, False
                return self._mark(event.at)
            case EndpointAdded():
                self.patience = 2 * event.interval + event.timeout
                return None
            case StateChanged():
                self._state_kind = _KINDS.get(event.after, Kind.UNKNOWN)
                return self._mark(event.at)
            case MaintenanceChanged():
                self._maintenance = event.active
                return self._mark(event.at)
            case IncidentOpened():
                return self._replace(event.incident.began, Kind.UP, Kind.DOWN)
            case IncidentClosed() if event.incident.ended is not None:
                return self._replace(event.incident.ended, Kind.DOWN, Kind.UP)
        return None

    def _checked(self, at: float) -> float | None:
        before, self.checked = self.checked, at
        if before is None or abs(at - before) <= self.patience:
            return None
        return self._forget_between(before, at) if at > before else self._return_to(at)

    def _return_to(self, at: float) -> float | None:
        """The clock was ahead and has been set back to ``at``: what it put later has not been yet."""
        if not self._at or self._at[-1] <= at:
            return None
        self._cut(at)
        self._append(at, Kind.MAINTENANCE if self._maintenance else self._state_kind)
        return at

    def _forget_between(self, since: float, until: float) -> float | None:
        """No checks ran from ``since`` to ``until``."""
        after = self._at_kind(until)
        self._cut(since)
        self._append(since, Kind.UNKNOWN)
        self._append(until, after)
        return since

    def _mark(self, at: float) -> float | None:
        """Let the present kind of time begin at ``at``."""
        kind = Kind.MAINTENANCE if self._maintenance else self._state_kind
        if self._kinds and self._kinds[-1] is kind:
            return None
        at = max(at, self._at[-1]) if self._at else at
        self._append(at, kind)
        return at

    def _replace(self, since: float, old: Kind, new: Kind) -> float | None:
        """From ``since`` on, change time of kind ``old`` to kind ``new``."""
        edges = [Edge(since, self._at_kind(since)), *(edge for edge in self.edges(since) if edge.at > since)]
        self._cut(since)
        for edge in edges:
            self._append(edge.at, new if edge.kind is old else edge.kind)
        return since

    def _append(self, at: float, kind: Kind) -> None:
        if self._kinds and self._kinds[-1] is kind:
            return
        if self._at and self._at[-1] == at:
            self._kinds[-1] = kind
            return
        self._at.append(at)
        self._kinds.append(kind)

    def _cut(self, since: float) -> None:
        """Drop the edges from ``since`` on."""
        while self._at and self._at[-1] >= since:
            self._at.pop()
            self._kinds.pop()

    def _at_kind(self, moment: float) -> Kind:
        place = bisect_right(self._at, moment)
        return self._kinds[place - 1] if place else Kind.UNKNOWN

    def forget(self, before: float) -> None:
        """Drop edges that end before a moment."""
        place = bisect_right(self._at, before) - 1
        if place > 0:
            del self._at[:place], self._kinds[:place]

    def seconds(self, since: float, until: float) -> Seconds:
        """The window's seconds by kind; after the last check, time is known as long as one was due."""
        totals = dict.fromkeys(Kind, 0.0)
        known_until = self._known_until(until)
        place = max(bisect_right(self._at, since) - 1, 0)
        begin = since
        if (place < len(self._at) and self._at[place] > since) or not self._at:
            first = min(self._at[0], until) if self._at else until
            totals[Kind.UNKNOWN] += max(first - since, 0.0)
            begin = first
        for number in range(place, len(self._at)):
            end = self._at[number + 1] if number + 1 < len(self._at) else until
            start, end = max(self._at[number], begin), min(end, until)
            if start >= until:
                break
            limit = max(min(end, known_until), start)
            totals[self._kinds[number]] += max(limit - start, 0.0)
            totals[Kind.UNKNOWN] += max(end - limit, 0.0)
        return Seconds(totals[Kind.UP], totals[Kind.DOWN], totals[Kind.MAINTENANCE], totals[Kind.UNKNOWN])

    def was_maintenance(self, since: float, until: float) -> bool:
        """Whether no time of an incident between these moments counts as down, because of maintenance."""
        seconds = self.seconds(since, until)
        return seconds.maintenance > 0 and not seconds.down

    def _known_until(self, until: float) -> float:
        if self.checked is None or until - self.checked <= self.patience:
            return until
        return self.checked
