"""The backlog of each dashboard: changes that it has not been sent yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Protocol

from monitor import __version__
from monitor.engine.event_log import EventLog
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.engine.uptimes import UptimeBacklog, UptimeCache, Uptimes
from monitor.link.messages import Changes, EndpointInfo, EndpointStatus, EngineStats, Snapshot
from monitor.model import Config, Incident, Problem
from monitor.model.events import (
    Checked,
    ConnectivityChanged,
    DomainEvent,
    IncidentAnnotated,
    IncidentClosed,
    IncidentOpened,
    IncidentUpdated,
    LocationChecked,
    Noted,
    SilenceEnded,
    SilenceStarted,
)

AT_ONCE = 250
"""Endpoints, or incidents, in one answer: a few milliseconds of work, while checks are in flight."""


class Source(Protocol):
    """The engine, as far as feeds need it."""

    config: Config
    problems: tuple[Problem, ...]
    started_at: float
    tracker: Tracker
    event_log: EventLog
    uptimes: Uptimes

    def clock(self) -> float:
        """Seconds since the epoch."""

    def stats(self) -> EngineStats:
        """The engine's own health."""

    def status(self, tracked: Tracked, samples: int) -> EndpointStatus:
        """An endpoint's status with its newest ``samples``."""

    def info(self, tracked: Tracked) -> EndpointInfo:
        """An endpoint as the config describes it."""

    @property
    def endpoints(self) -> Mapping[int, Tracked]:
        """Every endpoint by its handle, in config order."""

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """The open incidents and the newest that ended, by id."""


class Feeds:
    """The feeds of all dashboards: each event is processed once, however many dashboards there are."""

    def __init__(self, engine: Source) -> None:
        self._engine = engine
        self._feeds: set[Feed] = set()
        self._statuses: dict[int, tuple[int, EndpointStatus]] = {}
        """Handle -> the last row sent to any dashboard, and its number of samples."""
        self._uptimes = UptimeCache(engine.uptimes)

    def status(self, tracked: Tracked, samples: int) -> EndpointStatus:
        """An endpoint's status; made once for all dashboards that lack the same samples."""
        known = self._statuses.get(tracked.handle)
        if known is None or known[0] != samples:
            known = self._statuses[tracked.handle] = samples, self._engine.status(tracked, samples)
        return known[1]

    def __iter__(self) -> Iterator[Feed]:
        return iter(self._feeds)

    def __len__(self) -> int:
        return len(self._feeds)

    def add(self, samples: int) -> Feed:
        """A new dashboard's feed."""
        feed = Feed(self._engine, samples, self.status, self._uptimes)
        self._feeds.add(feed)
        return feed

    def remove(self, feed: Feed) -> None:
        """The dashboard behind ``feed`` has gone."""
        self._feeds.discard(feed)

    def accept(self, event: DomainEvent) -> None:
        """Note in every feed the rows or the incident that ``event`` changes."""
        match event:
            case Checked() | LocationChecked():  # first, as nearly every event is one
                self.statuses_changed(self._handles(event.endpoint))
            case IncidentOpened() | IncidentUpdated() | IncidentClosed() | IncidentAnnotated():
                for feed in self._feeds:
                    feed.incident_changed(event.incident.id)
            case SilenceStarted() | SilenceEnded():
                covered = self._engine.tracker.selected(event.silence.select)
                self.statuses_changed([tracked.handle for tracked in covered])
            case ConnectivityChanged() | Noted():
                pass
            case _:
                self.statuses_changed(self._handles(event.endpoint))

    def statuses_changed(self, handles: Collection[int]) -> None:
        """Note that the status of these endpoints has changed."""
        for handle in handles:
            self._statuses.pop(handle, None)
        for feed in self._feeds:
            for handle in handles:
                feed.row_changed(handle)

    def config_changed(self, handles: Collection[int], gone: Collection[int]) -> None:
        """Endpoints came, went, moved or changed: ``handles`` are those of the config now."""
        self._statuses.clear()
        self._uptimes.clear()
        for feed in self._feeds:
            feed.config_changed(handles, gone)

    def _handles(self, id: str) -> Collection[int]:
        tracked = self._engine.tracker.by_id(id)
        return () if tracked is None else (tracked.handle,)


class Feed:
    """One dashboard's backlog: changes are noted, and sent when the dashboard asks.

    A dashboard that does not ask costs a dict of handles, however much happens.
    """

    def __init__(
        self,
        engine: Source,
        samples: int,
        make_row: Callable[[Tracked, int], EndpointStatus],
        uptimes: UptimeCache,
    ) -> None:
        self._engine = engine
        self._make_row = make_row
        self._uptimes = UptimeBacklog(uptimes)
        self._samples = samples
        self._sent: dict[int, int] = {}
        """Handle -> how many of its samples have been sent."""
        self._statuses: dict[int, None] = {}
        """Handles whose row is to be sent, in the order in which they changed."""
        self._infos: set[int] = set()
        """Those of them whose config is to be sent as well."""
        self._incidents: dict[str, None] = {}
        """Ids of the incidents to send, in the order in which they changed."""
        self._open: set[str] = set()
        """Ids of the incidents sent as open."""
        self._forgotten: list[str] = []
        """Ids of sent open incidents whose end is no longer known."""
        self._moved = False
        self._events = 0
        self._problems = False
        self._dashboard = engine.config.dashboard

    def incident_changed(self, id: str) -> None:
        """Note that an incident is new or has changed."""
        self._incidents[id] = None

    def row_changed(self, handle: int) -> None:
        """Note that an endpoint's present status has changed."""
        self._statuses[handle] = None

    def config_changed(self, handles: Iterable[int], gone: Iterable[int]) -> None:
        """Endpoints came, went, moved or changed: ``handles`` are those of the config now."""
        for handle in gone:
            self._forget(handle)
        present = dict.fromkeys(handles)
        self._infos |= present.keys()
        self._statuses |= present
        self._moved = True

    def _forget(self, handle: int) -> None:
        for known in (self._sent, self._statuses):
            known.pop(handle, None)
        self._infos.discard(handle)
        self._uptimes.forget(handle)

    def problems_changed(self) -> None:
        """Note that the config's problems have changed."""
        self._problems = True

    def snapshot(self) -> Snapshot:
        """The whole picture, or its beginning; :meth:`changes` goes on from here."""
        engine = self._engine
        self._statuses, self._infos, self._sent = dict.fromkeys(engine.endpoints), set(engine.endpoints), {}
        self._incidents = dict.fromkeys(engine.incidents)
        self._open, self._forgotten = set(), []
        self._uptimes.clear()
        self._moved = self._problems = False
        self._dashboard = engine.config.dashboard
        self._events = engine.event_log.total
        statuses, infos = self._next()
        incidents = self._next_incidents()
        return Snapshot(
            version=__version__,
            title=engine.config.title,
            config_file=engine.config.file,
            history=engine.config.settings.history if engine.config.file else "",
            started_at=engine.started_at,
            now=engine.clock(),
            infos=infos,
            statuses=statuses,
            events=engine.event_log.since(0),
            incidents=incidents,
            problems=engine.problems,
            stats=engine.stats(),
            dashboard=engine.config.dashboard,
            more=self._more,
        )

    def changes(self, uptimes: Collection[str] = ()) -> Changes:
        """All changes since the last answer, or a first part of them, with uptimes of the given windows."""
        engine = self._engine
        statuses, infos = self._next()
        incidents = self._next_incidents()
        figures = self._uptimes.next(uptimes, engine.endpoints, engine.clock())
        forgotten, self._forgotten = tuple(self._forgotten), []
        more = self._more
        moved, self._moved = self._moved and not more, self._moved and more
        problems, self._problems = self._problems, False
        restyled, self._dashboard = self._dashboard != engine.config.dashboard, engine.config.dashboard
        events, self._events = engine.event_log.since(self._events), engine.event_log.total
        return Changes(
            now=engine.clock(),
            statuses=statuses,
            infos=infos,
            uptimes=figures,
            order=tuple(engine.endpoints) if moved else None,
            events=events,
            incidents=incidents,
            forgotten=forgotten,
            problems=engine.problems if problems else None,
            dashboard=engine.config.dashboard if restyled else None,
            stats=engine.stats(),
            more=more,
        )

    def _next(self) -> tuple[tuple[EndpointStatus, ...], tuple[EndpointInfo, ...]]:
        """The next states to send, some with their configs: few enough that no check is delayed."""
        known = self._engine.endpoints
        handles = list(islice(self._statuses, AT_ONCE))
        for handle in handles:
            del self._statuses[handle]
        infos = tuple(self._engine.info(known[handle]) for handle in handles if handle in self._infos)
        self._infos.difference_update(handles)
        return tuple(map(self._row, handles)), infos

    def _next_incidents(self) -> tuple[Incident, ...]:
        """The next incidents to send; an open one that is no longer known counts as forgotten."""
        ids = list(islice(self._incidents, AT_ONCE))
        found: list[Incident] = []
        for id in ids:
            del self._incidents[id]
            incident = self._engine.incidents.get(id)
            if incident:
                found.append(incident)
                (self._open.add if incident.ended is None else self._open.discard)(id)
            elif id in self._open:
                self._open.discard(id)
                self._forgotten.append(id)
        return tuple(found)

    @property
    def _more(self) -> bool:
        return bool(self._statuses or self._incidents or self._uptimes.is_behind)

    def _row(self, handle: int) -> EndpointStatus:
        tracked = self._engine.endpoints[handle]
        fresh = tracked.samples.total - self._sent.get(handle, 0)
        self._sent[handle] = tracked.samples.total
        return self._make_row(tracked, min(fresh, self._samples))
