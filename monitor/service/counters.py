"""Counters for metrics, and uptimes. Subscribes to the engine's events."""

from __future__ import annotations

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
    GetUptimes,
    Measure,
    Measures,
    Uptimes,
)
from monitor.model import Incident, Result, Status
from monitor.model.events import (
    Checked,
    DomainEvent,
    EndpointRemoved,
    IncidentOpened,
)

AT_ONCE = 250
"""Endpoints per answer: a few milliseconds of work, while checks are in flight."""
_HOUR = 3600.0


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
