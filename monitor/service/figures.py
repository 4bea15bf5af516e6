"""The figures that a client asks for: counters, measures, uptimes, and the newest changes of state.

All of them follow the engine's events.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from itertools import islice, pairwise
from math import isfinite

from monitor.engine import Engine
from monitor.judge.sketch import Sketch
from monitor.link.figures import (
    MOST_BOUNDS,
    UPTIMES_AT_ONCE,
    WINDOWS,
    Counted,
    Counts,
    GetCounts,
    GetMeasures,
    GetStateChanges,
    GetUptimes,
    Measure,
    Measures,
    StateChange,
    StateChanges,
    Uptimes,
)
from monitor.model import Incident, Result, Status
from monitor.model.events import (
    Checked,
    DomainEvent,
    EndpointRemoved,
    IncidentOpened,
    StateChanged,
)

AT_ONCE = 250
"""Endpoints per answer: a few milliseconds of work, while checks are in flight."""
_HOUR = 3600.0
CHANGES_KEPT = 5000
"""Changes to remember: every endpoint of a large config may go down within a second."""
CHANGES_AT_ONCE = 500
"""Changes per answer."""


class _Tally:
    __slots__ = ("checks", "incidents", "last")

    def __init__(self) -> None:
        self.checks: dict[Status, int] = {}
        """Without zero counts, to save memory: most endpoints have had one kind of result."""
        self.incidents = 0
        self.last: Result | None = None


class Counters:
    """Counters since the engine started, by endpoint id."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._tallies: dict[str, _Tally] = {}
        engine.publisher.subscribe(self.accept, EndpointRemoved, Checked, IncidentOpened)

    def accept(self, event: DomainEvent) -> None:
        """Count one event."""
        match event:
            case EndpointRemoved(endpoint=id):
                self._tallies.pop(id, None)
            case Checked(endpoint=id, result=result):
                tally = self._tally(id)
                tally.checks[result.status] = tally.checks.get(result.status, 0) + 1
                tally.last = result
            case IncidentOpened(incident=incident):
                self._tally(incident.endpoint).incidents += 1

    def _tally(self, id: str) -> _Tally:
        tally = self._tallies.get(id)
        if tally is None:
            tally = self._tallies[id] = _Tally()
        return tally

    def page(self, request: GetCounts) -> Counts:
        """One page of counters."""
        handles = sorted(handle for handle in self._engine.endpoints if handle > request.after)
        chosen = list(islice(handles, AT_ONCE))
        more = chosen[-1] if len(handles) > len(chosen) else None
        return Counts(
            counts=tuple(self._counted(handle, uptimes=request.uptimes) for handle in chosen), after=more
        )

    def uptimes(self, request: GetUptimes) -> Uptimes:
        """The uptimes of a few endpoints in successive windows."""
        bounds = request.bounds[:MOST_BOUNDS]
        windows = list(pairwise(bound for bound in bounds if isfinite(bound)))
        known = self._engine.endpoints
        chosen = [handle for handle in request.handles[:UPTIMES_AT_ONCE] if handle in known]
        return Uptimes(
            shares={handle: tuple(self._uptime(handle, *one) for one in windows) for handle in chosen}
        )

    def measures(self, request: GetMeasures) -> Measures:
        """One page of report figures."""
        since, until = request.since, min(request.until, self._engine.clock())
        if not (isfinite(since) and since < until):
            return Measures(measures=())
        handles = sorted(handle for handle in self._engine.endpoints if handle > request.after)
        chosen = handles[:UPTIMES_AT_ONCE]
        more = chosen[-1] if len(handles) > len(chosen) else None
        incidents = self._incidents(chosen)
        measures = (self._measure(one, since, until, incidents.get(one, [])) for one in chosen)
        return Measures(measures=tuple(measures), after=more)

    def _incidents(self, handles: Collection[int]) -> dict[int, list[Incident]]:
        """The incidents of these endpoints."""
        handle_of = {self._engine.endpoints[one].id: one for one in handles}
        found: dict[int, list[Incident]] = {}
        for incident in self._engine.incidents.values():
            if incident.endpoint in handle_of:
                found.setdefault(handle_of[incident.endpoint], []).append(incident)
        return found

    def _measure(self, handle: int, since: float, until: float, incidents: Iterable[Incident]) -> Measure:
        now = self._engine.clock()
        tracked = self._engine.endpoints[handle]
        availability = self._engine.uptimes.availability(tracked.id)
        samples = [one for one in tracked.samples.since(since) if one.at < until]
        passed = (one.latency_ms for one in samples if one.outcome in "ug" and one.latency_ms >= 0)
        return Measure(
            handle=handle,
            checks=sum(one.outcome != "i" for one in samples),
            failed=sum(one.outcome == "d" for one in samples),
            slo=tracked.endpoint.slo,
            seconds=tuple(availability.seconds(since, until)),
            last_hour=tuple(availability.seconds(until - _HOUR, until)),
            latencies=Sketch(passed).encode(),
            in_maintenance=tuple(
                one.id for one in incidents if availability.was_maintenance(one.began, one.ended or now)
            ),
        )

    def _uptime(self, handle: int, since: float, until: float) -> float | None:
        until = min(until, self._engine.clock())
        availability = self._engine.uptimes.availability(self._engine.endpoints[handle].id)
        return availability.seconds(since, until).uptime if since < until else None

    def _counted(self, handle: int, *, uptimes: bool) -> Counted:
        tally = self._tallies.get(self._engine.endpoints[handle].id) or _Tally()
        now, last = self._engine.clock(), tally.last
        windows = WINDOWS.values() if uptimes else ()
        return Counted(
            handle=handle,
            checks={status: tally.checks.get(status, 0) for status in Status},
            incidents=tally.incidents,
            status=last.status if last else None,
            latency_ms=last.latency_ms if last else None,
            phases_ms=dict(last.phases_ms) if last else {},
            http_status=last.http.status if last and last.http else None,
            uptimes=tuple(self._uptime(handle, now - seconds, now) for seconds in windows),
        )


class StateLog:
    """The changes of state since the engine started, as far as they are kept."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changes: deque[StateChange] = deque(maxlen=CHANGES_KEPT)
        self._total = 0
        engine.publisher.subscribe(self.accept, StateChanged)

    def accept(self, event: DomainEvent) -> None:
        """Note one change."""
        assert isinstance(event, StateChanged)
        tracked = self._engine.tracker.by_id(event.endpoint)
        if tracked is None or event.before is event.after:
            return
        self._total += 1
        last = tracked.last
        self._changes.append(
            StateChange(
                number=self._total,
                at=event.at,
                handle=tracked.handle,
                before=event.before,
                after=event.after,
                reason=last.reason if last else None,
                message=last.message if last else "",
                latency_ms=last.latency_ms if last else None,
                checked_at=last.checked_at if last else None,
            )
        )

    def page(self, request: GetStateChanges) -> StateChanges:
        """The next changes after ``request.after``."""
        kept = len(self._changes)
        first = min(max(request.after - (self._total - kept), 0), kept)
        found = tuple(islice(self._changes, first, first + CHANGES_AT_ONCE))
        return StateChanges(changes=found, more=first + len(found) < kept, total=self._total)
