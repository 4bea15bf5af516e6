"""The availability of every endpoint, its uptime over the usual windows, and the ones to send. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping

from monitor.engine.tracked import Tracked
from monitor.judge.availability import Availability
from monitor.judge.reporting import Measured, Period, budget
from monitor.link.figures import WINDOWS, UptimeFigures, hundredths
from monitor.model.events import Checked, DomainEvent, EndpointRemoved, IncidentClosed, IncidentOpened
from monitor.model.report import Budget

KEPT = WINDOWS["30d"] + 86400.0
"""Seconds of the past that are remembered here; the history on disk goes back further."""

_NOTHING: tuple[float | None, ...] = (None,) * len(WINDOWS)
ROUND = 10.0
"""Seconds between two computations for the same endpoint."""
AT_ONCE = 250
"""Endpoints to compute for one answer: a few milliseconds of work at most, while checks are in flight."""
_FRESH = ROUND / 2
"""Seconds for which a figure is reused for other dashboards."""

_NEVER = float("-inf")
Shown = tuple[int | None, ...]
_UNKNOWN: Shown = (None,) * len(WINDOWS)


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


class UptimeCache:
    """The figures that were computed last, for all dashboards."""

    def __init__(self, uptimes: Uptimes) -> None:
        self._uptimes = uptimes
        self._known: dict[int, tuple[float, Shown]] = {}

    def clear(self) -> None:
        """Forget every figure."""
        self._known.clear()

    def of(self, tracked: Tracked, now: float) -> Shown:
        """An endpoint's uptimes as shown, from a few seconds ago at most."""
        at, shown = self._known.get(tracked.handle, (0.0, ()))
        if not 0 <= now - at < _FRESH:
            shares = self._uptimes.of(tracked.id, now)
            shown = tuple(None if share is None else hundredths(share) for share in shares)
            self._known[tracked.handle] = now, shown
        return shown


class UptimeBacklog:
    """The uptimes that one dashboard's columns need: computed in turn, sent when a shown figure changes.

    A window moves with the clock, so a figure may change without any event. Every endpoint has its turn.
    Without a window to show, it costs nothing.
    """

    def __init__(self, cache: UptimeCache) -> None:
        self._cache = cache
        self._windows: tuple[str, ...] = ()
        self._sent: dict[int, Shown] = {}
        self._waiting: deque[int] = deque()
        """The endpoints of this round."""
        self._began = _NEVER
        """The beginning of this round."""
        self._first = False
        """Whether this is the first round, which the dashboard waits for."""

    @property
    def is_behind(self) -> bool:
        """Whether the dashboard still lacks figures."""
        return self._first and bool(self._waiting)

    def clear(self) -> None:
        """Start again for a dashboard without figures."""
        self._windows, self._began = (), _NEVER
        self._sent.clear()
        self._waiting.clear()

    def forget(self, handle: int) -> None:
        """Forget a removed endpoint."""
        self._sent.pop(handle, None)

    def next(
        self, windows: Collection[str], endpoints: Mapping[int, Tracked], now: float
    ) -> tuple[UptimeFigures, ...]:
        """The next figures that the dashboard lacks, in ``windows``; unknown windows are ignored."""
        self._choose(tuple(name for name in WINDOWS if name in windows))
        if not self._windows:
            return ()
        self._begin_round(endpoints, now)
        found = []
        for _ in range(min(AT_ONCE, len(self._waiting))):
            tracked = endpoints.get(self._waiting.popleft())
            if tracked and (changed := self._changed(tracked, now)):
                found.append(changed)
        return tuple(found)

    def _choose(self, windows: tuple[str, ...]) -> None:
        if windows != self._windows:
            self.clear()
            self._windows = windows

    def _begin_round(self, endpoints: Collection[int], now: float) -> None:
        if self._waiting or 0 <= now - self._began < ROUND:
            return
        self._first = self._began == _NEVER
        self._began = now
        self._waiting.extend(endpoints)

    def _changed(self, tracked: Tracked, now: float) -> UptimeFigures | None:
        every = self._cache.of(tracked, now)
        shown = tuple(
            one if name in self._windows else None for name, one in zip(WINDOWS, every, strict=True)
        )
        if shown == self._sent.get(tracked.handle, _UNKNOWN):
            return None
        self._sent[tracked.handle] = shown
        return UptimeFigures(tracked.handle, shown)
