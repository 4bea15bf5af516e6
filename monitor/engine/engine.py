"""The engine: scheduler -> runner -> tracker -> publisher -> everybody who follows the events.

All of its state changes in synchronous methods: nothing is half-done while something is awaited.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from monitor.checks.check import RunProbe
from monitor.checks.run_probe import run_probe
from monitor.engine import name_servers, queries, views
from monitor.engine.event_log import EventLog
from monitor.engine.feed import Feed, Feeds
from monitor.engine.paths import MakeTrace, PathTracer
from monitor.engine.publisher import Publisher
from monitor.engine.remote import RemoteChecks
from monitor.engine.runner import Check, Runner
from monitor.engine.saved import TrackerState
from monitor.engine.scheduler import Scheduler
from monitor.engine.silences import named, new_id, silence_of
from monitor.engine.stats import Meter
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import WELL, Tracker
from monitor.engine.uptimes import Uptimes
from monitor.judge.maintenance import Calendar
from monitor.link.certificates import Certificates
from monitor.link.figures import AlertCount
from monitor.link.messages import Detail, EndpointInfo, EndpointStatus, EngineStats, GetStatesAt, StatesAt
from monitor.link.silences import MaintenanceWindows
from monitor.model import (
    Acknowledgement,
    Config,
    Difference,
    Incident,
    Problem,
    Result,
    Silence,
    State,
    Status,
)
from monitor.model.events import ConnectivityChanged, DomainEvent, StateChanged
from monitor.model.state import LONGEST_SILENCE
from monitor.text import plain
from monitor.wire.traceroute import Traceroute

_NAME = 40
"""Limit of characters of a user's name."""
_STATS_EVERY = 0.2
"""Seconds for which the figures of the last minute are reused."""
_TICK = 1.0
"""Seconds between two checks of silences and maintenance windows."""


class Engine:
    """Watches a config's endpoints. To be made inside a running event loop; :meth:`start` begins.

    ``clock`` gives seconds since the epoch, for everything that people see; the scheduler and the runner
    go by the loop's clock, which does not jump. ``remote`` are other machines that check for us.
    """

    def __init__(
        self,
        config: Config,
        *,
        first_handle: int = 0,
        clock: Callable[[], float] = time.time,
        run_probe: RunProbe = run_probe,
        make_trace: MakeTrace = Traceroute,
        remote: RemoteChecks | None = None,
    ) -> None:
        self.clock = clock
        self.config = config
        self.started_at = clock()
        self.problems: tuple[Problem, ...] = ()
        """Why the newest config is not in force."""
        self.tracker = Tracker(first_handle, lambda: name_servers.resolver_of(self.config))
        self.publisher = Publisher()
        self.event_log = EventLog(self.tracker, clock)
        self.uptimes = Uptimes()
        self.publisher.subscribe(self.uptimes.accept, *Uptimes.KINDS)
        self.publisher.subscribe(self.event_log.accept, *EventLog.KINDS)
        self._calendar = Calendar(config.maintenance, config.endpoints)
        self._loop = asyncio.get_running_loop()
        self.meter = Meter(self._loop.time())
        self._runner = Runner(run_probe, self.meter, clock, self._ended, self._connectivity_changed)
        self._scheduler = Scheduler(self._runner, self.tracker.expect, remote)
        self.alert_trouble: Callable[[], str] = str
        """Returns the alerts that cannot be delivered, in words; empty if all can."""
        self.alert_figures: Callable[[], tuple[AlertCount, ...]] = tuple
        """Returns the number of deliveries of each alert, by result."""
        self.history_trouble: Callable[[], str] = str
        """Returns the reason why the history cannot be written; empty if it can."""
        self.history_figures: Callable[[], tuple[int, float]] = lambda: (0, 0.0)
        """Returns the history's bytes on disk, and the seconds that it lags behind."""
        self._feeds = Feeds(self)
        self.publisher.subscribe(self._feeds.accept)
        self.paths = PathTracer(self.tracker, self.publisher, self._feeds, clock, make_trace, remote)
        self._ticker: asyncio.TimerHandle | None = None
        self._cached, self._stats_at = EngineStats(), float("-inf")

    def start(self, saved: TrackerState | None = None) -> None:
        """Start checking; continue from ``saved``, the state of an earlier run."""
        at = self.clock()
        ids = frozenset(endpoint.id for endpoint in self.config.endpoints)
        self._runner.use(self.config)
        self._publish(self.tracker.apply(self.config, Difference(added=ids), at))
        if saved:
            restored = self.tracker.restore(saved, at)
            self.event_log.resume()
            self._publish(restored)
        self._scheduler.start(self.tracker.endpoints.values())
        self._tick()

    async def stop(self) -> None:
        """Stop checking; checks in flight are cancelled."""
        if self._ticker:
            self._ticker.cancel()
        await self._runner.stop()
        await self.paths.stop()
        self._scheduler.close()

    @property
    def endpoints(self) -> Mapping[int, Tracked]:
        """Every endpoint by its handle, in config order."""
        return self.tracker.endpoints

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """The open incidents and the newest that ended, by id."""
        return self.tracker.incidents.known

    # ── the config ──────────────────────────────────────────────────────────────────────────────

    def apply(self, config: Config, difference: Difference) -> None:
        """Apply ``config``; unchanged endpoints keep their state, history and schedule."""
        self.config = config
        self._calendar = Calendar(config.maintenance, config.endpoints)
        self._runner.use(config)
        gone = [self._tracked(id).handle for id in difference.removed]
        for handle in (*gone, *(self._tracked(id).handle for id in difference.changed)):
            self._scheduler.drop(handle)
        events = self.tracker.apply(config, difference, self.clock())
        for handle in gone:
            self._scheduler.forget(handle)
        self._scheduler.follow(
            one for one in self.endpoints.values() if one.id in difference.added | difference.changed
        )
        self._publish(events)
        self._feeds.config_changed(self.endpoints, gone)
        if difference or self.problems:
            self.event_log.note("info", f"config reloaded: {difference}")
        self.set_problems(())

    def _tracked(self, id: str) -> Tracked:
        tracked = self.tracker.by_id(id)
        assert tracked is not None
        return tracked

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Note the problems of the newest config; without any, it is in force."""
        if tuple(problems) == self.problems:
            return
        self.problems = tuple(problems)
        for feed in self._feeds:
            feed.problems_changed()
        if problems:
            self.event_log.refuse(problems)

    # ── results ─────────────────────────────────────────────────────────────────────────────────

    def _ended(self, check: Check, result: Result | None) -> None:
        """Process the end of a check; without a result, it was cancelled."""
        job, handle = check.job, check.job.tracked.handle
        if result and result.status is Status.DOWN:
            self._scheduler.doubt_dependencies(check)
        job.check = None
        if result is None:
            events = self.tracker.abandon(handle, self.clock())
        else:
            job.checked = check.started
            if result.delayed_ms:
                self.meter.delayed()
            events = self.tracker.accept(handle, result, self.clock(), blind=check.blind)
        self._publish(events)
        self._check_reachable_again(events, job.tracked.id)
        self._scheduler.plan(check, result.good_for if result else None)

    def _check_reachable_again(self, events: Iterable[DomainEvent], checked: str) -> None:
        """Check dependents soon that are no longer unreachable, as ``checked`` is up again."""
        for event in events:
            match event:
                case StateChanged(before=State.UNREACHABLE, endpoint=id) if id != checked:
                    self._scheduler.check_soon(self._tracked(id).handle)

    def _connectivity_changed(self, online: bool) -> None:
        self._publish([ConnectivityChanged(at=self.clock(), online=online)])

    def _tick(self) -> None:
        self._ticker = self._loop.call_later(_TICK, self._tick)
        at = self.clock()
        self._publish(self.tracker.tick(at, self._calendar.maintained(at)))

    # ── dashboards ──────────────────────────────────────────────────────────────────────────────

    def _publish(self, events: Iterable[DomainEvent]) -> None:
        self.publisher.publish(events)

    def feed(self, samples: int) -> Feed:
        """A new dashboard's feed; to be given back to :meth:`forget`."""
        return self._feeds.add(samples)

    def forget(self, feed: Feed) -> None:
        """Drop ``feed``, whose dashboard has left."""
        self._feeds.remove(feed)

    @property
    def dashboards(self) -> int:
        """The number of attached dashboards."""
        return len(self._feeds)

    def stats(self) -> EngineStats:
        """The engine's own health, up to a second old, because many dashboards ask."""
        now = self._loop.time()
        if now - self._stats_at >= _STATS_EVERY:
            size, behind = self.history_figures()
            self._stats_at = now
            self._cached = replace(
                self._runner.stats(self._scheduler.skipped),
                history=self.history_trouble(),
                alerts=self.alert_trouble(),
                alerts_sent=self.alert_figures(),
                history_bytes=size,
                history_behind_s=behind,
            )
        return self._cached

    def status(self, tracked: Tracked, samples: int) -> EndpointStatus:
        """The present status of an endpoint, with its newest ``samples``."""
        now, due = self.clock(), self._scheduler.next_due(tracked.handle)
        next_due = None if due is None else now + due - self._loop.time()
        return views.status(tracked, samples, next_due, self.uptimes.day(tracked.id, now))

    def info(self, tracked: Tracked) -> EndpointInfo:
        """An endpoint as the config describes it."""
        return views.description(tracked.handle, tracked.endpoint)

    def detail(self, handle: int, since: float) -> Detail | None:
        """Everything about one endpoint; None if it is gone."""
        tracked, job = self.endpoints.get(handle), self._scheduler.jobs.get(handle)
        if tracked is None:
            return None
        progress, path = job.in_progress if job else None, self.paths.path(tracked)
        return views.detail(tracked, since, progress, path, self.uptimes, self.clock())

    def certificates(self, after: int) -> Certificates:
        """The certificates of the next endpoints with a handle above ``after``."""
        return queries.certificates(self.endpoints, after)

    def states_at(self, request: GetStatesAt, samples: int) -> StatesAt:
        """The states of the next endpoints at a moment, with at most ``samples`` each."""
        return queries.states_at(self.endpoints, request, samples)

    def maintenance(self) -> MaintenanceWindows:
        """The maintenance windows of the config."""
        return queries.maintenance(self.config.maintenance, self.clock())

    # ── commands ────────────────────────────────────────────────────────────────────────────────

    def check_now(self, handles: Iterable[int]) -> int:
        """Check these at once, out of turn. Return their number. A check in flight counts."""
        chosen = self.tracker.chosen(handles)
        for tracked in chosen:
            self._scheduler.check_now(tracked.handle)
        self._feeds.statuses_changed([one.handle for one in chosen])  # so dashboards ask for its progress
        return len(chosen)

    def pause(self, handles: Iterable[int], by: str = "") -> int:
        """Stop checking these. Return how many were not paused before."""
        chosen = [tracked for tracked in self.tracker.chosen(handles) if not tracked.paused]
        for tracked in chosen:
            self._scheduler.drop(tracked.handle)
            self._publish(self.tracker.pause(tracked, self.clock(), self._name(by)))
        return len(chosen)

    def resume(self, handles: Iterable[int], by: str = "") -> int:
        """Check these again. Return how many were paused other than by the config."""
        chosen = [one for one in self.tracker.chosen(handles) if one.paused and one.endpoint.enabled]
        for tracked in chosen:
            self._publish(self.tracker.resume(tracked, self.clock(), self._name(by)))
        self._scheduler.follow(chosen)
        return len(chosen)

    def acknowledge(
        self, handles: Iterable[int], by: str = "", note: str = "", lasting: float | None = None
    ) -> int:
        """Mark troubled endpoints as known, for ``lasting`` seconds or until they are up.

        Returns how many were not known yet, in these words.
        """
        if lasting is not None and not 0 < lasting < LONGEST_SILENCE:
            return 0
        at = self.clock()
        until = None if lasting is None else at + lasting
        mark = Acknowledgement(at=at, by=self._name(by), note=self._plain(note), until=until)
        chosen = [one for one in self._troubled(handles) if not _same(one.acknowledged, mark)]
        for tracked in chosen:
            self._publish(self.tracker.acknowledge(tracked, mark, at))
        return len(chosen)

    def unacknowledge(self, handles: Iterable[int]) -> int:
        """Remove that mark. Return how many had it."""
        chosen = [one for one in self.tracker.chosen(handles) if one.acknowledged]
        for tracked in chosen:
            self._publish(self.tracker.acknowledge(tracked, None, self.clock()))
        return len(chosen)

    def silence(self, handles: Iterable[int], until: float | None, by: str = "") -> int:
        """Silence these endpoints until a moment; without one, troubled ones until they are up.

        An endpoint's older silence is replaced. Returns how many endpoints there are.
        """
        if until is not None and not 0 < until - self.clock() < LONGEST_SILENCE:
            return 0
        chosen = self._troubled(handles) if until is None else self.tracker.chosen(handles)
        for tracked in chosen:
            self._end_own_silence(tracked)
            self.silence_selection(silence_of([tracked]), until, by=by, until_up=until is None)
        return len(chosen)

    def silence_selection(
        self,
        select: Sequence[str],
        until: float | None,
        *,
        by: str = "",
        note: str = "",
        until_up: bool = False,
    ) -> Silence:
        """Silence the endpoints that ``select`` covers. Raises UsageError for a wrong selection."""
        silence = Silence(
            id=new_id(at := self.clock(), self.tracker.silences),
            select=tuple(select),
            ids=named(select, self.endpoints.values()),
            at=at,
            until=until,
            until_up=until_up,
            by=self._name(by),
            note=self._plain(note),
        )
        self._publish(self.tracker.silence(silence))
        return silence

    def extend_silence(self, id: str, until: float | None) -> bool:
        """Change the end of a silence. Return whether there was one."""
        known = id in self.tracker.silences
        self._publish(self.tracker.extend_silence(id, until, self.clock()))
        return known

    def end_silence(self, id: str, by: str = "") -> bool:
        """End a silence. Return whether there was one."""
        known = id in self.tracker.silences
        self._publish(self.tracker.end_silence(id, self.clock(), self._name(by)))
        return known

    def unsilence(self, handles: Iterable[int], by: str = "") -> int:
        """End the silences of these endpoints. Return how many had one."""
        chosen = [one for one in self.tracker.chosen(handles) if one.silence]
        for tracked in chosen:
            while tracked.silence:
                self.end_silence(tracked.silence.id, by)
        return len(chosen)

    def annotate(self, incident: str, **changes: Any) -> None:
        """Add to the record of an incident, by its id."""
        self._publish(self.tracker.annotate(incident, self.clock(), **changes))

    def _end_own_silence(self, tracked: Tracked) -> None:
        """End the silences of this endpoint alone; wider ones stay."""
        own = silence_of([tracked])
        for id in [one.id for one in self.tracker.silences.values() if one.select == own]:
            self._publish(self.tracker.end_silence(id, self.clock()))

    def _troubled(self, handles: Iterable[int]) -> list[Tracked]:
        return [one for one in self.tracker.chosen(handles) if one.state not in WELL]

    def _plain(self, text: str) -> str:
        return plain(self.config.redact(text))

    def _name(self, by: str) -> str:
        return plain(self.config.redact(by), _NAME)


def _same(one: Acknowledgement | None, other: Acknowledgement) -> bool:
    return one is not None and replace(one, at=other.at) == other
