"""The engine: due -> run_probe -> judge -> health -> whoever looks.

All of its state changes in synchronous methods: nothing is half-way while something is awaited.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from operator import truth
from typing import TYPE_CHECKING

from monitor.checks.check import RunProbe
from monitor.checks.run_probe import run_probe
from monitor.engine import asof, presented
from monitor.engine.dependencies import relate
from monitor.engine.event_log import EventLog
from monitor.engine.feed import Feed
from monitor.engine.incidents import IncidentTracker
from monitor.engine.marks import Marks
from monitor.engine.runner import Runner
from monitor.engine.samples import capacity
from monitor.engine.schedule import SPREAD, confirming, following, grid, resumed, soon
from monitor.engine.stats import Meter
from monitor.engine.timers import TimerQueue
from monitor.engine.watched import Check, Watched
from monitor.link.messages import AsOf, Certificates, Detail, Honesty, Row
from monitor.model import Config, Endpoint, Problem, Result, State, Status

if TYPE_CHECKING:
    from monitor.model import Difference

_PER_ENDPOINT = 20e-6
"""Seconds that it takes to set up one endpoint: all of them begin when the last one stands."""
_PER_FIRST_CHECK = 0.0005
"""Seconds that the first check of each endpoint gets, where there are too many for :data:`SPREAD`."""
_PER_CHANGE = 0.01
"""Seconds over which each endpoint that a reload brings spreads the first checks."""
_UNSUSPECTED = frozenset({State.PENDING, State.UP, State.DEGRADED, State.INCONCLUSIVE})
"""What fails already is checked often enough: more checks would only confirm a short hiccup."""


class Engine:
    """Watches what a config says. To be made inside a running event loop; :meth:`start` begins.

    ``clock`` gives seconds since the epoch, for what is told; everything else goes by the loop's
    clock, which does not jump.
    """

    def __init__(
        self,
        config: Config,
        *,
        first_handle: int = 0,
        clock: Callable[[], float] = time.time,
        run_probe: RunProbe = run_probe,
    ) -> None:
        self.clock = clock
        self.config = config
        self.started_at = clock()
        self.problems: tuple[Problem, ...] = ()
        """Why the newest config is not in force."""
        self.event_log = EventLog(clock)
        self.incident_tracker = IncidentTracker(clock, self._incident_altered)
        self.watched: dict[int, Watched] = {}
        """By handle, in config order."""
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._meter = Meter(self._origin)
        self._timers: TimerQueue[Watched] = TimerQueue(self._due, self._overslept)
        self._checks = Runner(run_probe, self._meter, self.event_log, clock, self._end)
        self._skipped = 0
        self._handles = first_handle
        self.marks = Marks(self)
        self._feeds: set[Feed] = set()

    def start(self) -> None:
        """Begin to check."""
        self._use(self.config)
        self._origin = self._loop.time() + _PER_ENDPOINT * len(self.config.endpoints)
        for endpoint in self.config.endpoints:
            self._add(endpoint)
        relate(self.watched.values())
        within = max(SPREAD, _PER_FIRST_CHECK * len(self.watched))
        for watched in self.watched.values():
            self._begin_watching(watched, self._origin, within)

    async def stop(self) -> None:
        """Stop checking; what is in flight is cancelled."""
        await self._checks.stop()
        self._timers.close()
        self.marks.close()

    # ── the config ──────────────────────────────────────────────────────────────────────────────

    def _use(self, config: Config) -> None:
        self.config = config
        self._checks.use(config.settings)

    def _add(self, endpoint: Endpoint) -> Watched:
        slots = grid(endpoint.id, endpoint.interval, self._origin)
        room = capacity(len(self.config.endpoints))
        watched = Watched(self._handles, endpoint, slots, room, wall=self.clock(), now=self._loop.time())
        self._handles += 1
        self.watched[watched.handle] = watched
        watched.turn(watched.judged, watched.since, self.config.redact)
        return watched

    def _begin_watching(self, watched: Watched, now: float, within: float) -> None:
        if not watched.paused:
            endpoint = watched.endpoint
            self._timers.put(watched, soon(endpoint.id, endpoint.interval, now, within))

    def apply(self, config: Config, difference: Difference) -> None:
        """Go on with ``config``; what is untouched keeps its state, its history and its schedule."""
        if truth(self.config.redact):  # a Redactor without secrets is false
            for watched in self.watched.values():
                watched.mask(self.config.redact)
        before = {watched.endpoint.id: watched for watched in self.watched.values()}
        self._use(config)
        for id in difference.removed:
            self._remove(before[id])
        self.watched = {}
        taken_over = (self._take_over(endpoint, before, difference) for endpoint in config.endpoints)
        altered = list(filter(None, taken_over))
        relate(self.watched.values())
        for watched in altered:
            self._settle(watched)
            self._begin_watching(watched, self._loop.time(), min(SPREAD, _PER_CHANGE * len(altered)))
        for feed in self._feeds:
            feed.config_changed(self.watched)
        if difference or self.problems:
            self.event_log.note("info", f"config reloaded: {difference}")
        self.set_problems(())

    def _take_over(
        self, endpoint: Endpoint, before: dict[str, Watched], difference: Difference
    ) -> Watched | None:
        """Watch ``endpoint``; its record when it has to be checked anew."""
        if endpoint.id in difference.added:
            return self._add(endpoint)
        watched = before[endpoint.id]
        self.watched[watched.handle] = watched
        watched.samples.resize(capacity(len(self.config.endpoints)))
        if endpoint.id in difference.unchanged:
            watched.become(endpoint, watched.grid)  # its line in the file may be another
            return None
        self._let_go(watched)
        watched.alter(endpoint, grid(endpoint.id, endpoint.interval, self._origin))
        return watched

    def _remove(self, watched: Watched) -> None:
        self._let_go(watched)
        self.marks.removed(watched)
        self.incident_tracker.removed(watched.handle)
        for feed in self._feeds:
            feed.forget(watched.handle)

    def _let_go(self, watched: Watched) -> None:
        """Drop what is planned or under way."""
        self._timers.drop(watched)
        self._checks.drop(watched)
        check, watched.check = watched.check, None
        if check and check.task:
            check.task.cancel()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """The newest config has these problems; none: it is in force."""
        if tuple(problems) == self.problems:
            return
        self.problems = tuple(problems)
        for feed in self._feeds:
            feed.problems_changed()
        if problems:
            self.event_log.note("bad", f"the config has problems; the old one stays in force: {problems[0]}")

    # ── when ────────────────────────────────────────────────────────────────────────────────────

    def _due(self, watched: Watched, due: float) -> None:
        if watched.check or watched.waiting:  # somebody asked for a check just before
            self._timers.put(watched, following(watched.grid, due, self._loop.time()).at)
        else:
            self._checks.enqueue(watched, due)

    def _overslept(self, watched: Watched, due: float) -> None:
        later = resumed(watched.grid, watched.endpoint.id, due, self._loop.time())
        self._skipped += later.skipped
        self._timers.put(watched, later.at)

    def _plan(self, watched: Watched, check: Check, good_for: float | None) -> None:
        """Put the next check of ``watched`` in the timer queue, now that ``check`` has ended.

        Its verdict is good for so many seconds; None: until the next check is due.
        """
        now, planned = self._loop.time(), self._timers.due(watched)
        if watched.paused or (planned is not None and not watched.confirming):
            return
        due = check.started if check.due is None else check.due
        if watched.confirming:
            later = confirming(watched.grid, watched.endpoint.retry_interval, check.started, due, now)
        else:
            later = following(watched.grid, due, now)
        self._skipped += later.skipped if check.due is not None else 0
        at = later.at if good_for is None else min(later.at, now + good_for)
        if planned is None or at < planned:
            self._timers.put(watched, at)

    # ── results become states ───────────────────────────────────────────────────────────────────

    def _end(self, check: Check, result: Result | None) -> None:
        """The check of an endpoint has ended; no result: it was cancelled."""
        watched = check.watched
        if result and result.status is Status.DOWN:
            self._doubt_dependencies(watched, check)
        watched.check = None
        if result:
            watched.checked = check.started
            if result.delayed_ms:
                self._meter.delayed()
            self.event_log.certificates(watched, result, self.config.redact)
            before = watched.health
            watched.learn(result, blind=check.blind)
            self.incident_tracker.heard(watched, before, result, self.config.redact)
        self._settle(watched)
        self._plan(watched, check, result.good_for if result else None)

    def _doubt_dependencies(self, watched: Watched, check: Check) -> None:
        """Have everything checked that may explain why ``check`` failed."""
        for needed in watched.dependencies:
            if needed.checked < check.started and needed.state in _UNSUSPECTED:
                self._hurry(needed)

    def _hurry(self, watched: Watched) -> None:
        if not watched.check and not watched.waiting:
            self._checks.enqueue(watched, None)

    def _settle(self, watched: Watched) -> None:
        """Let the state follow from what is known, and those who depend on it follow too."""
        self._follow(watched)
        concerned = deque(watched.dependents)
        while concerned:
            dependent = concerned.popleft()
            if dependent.health.failed and self._follow_dependency(dependent):
                concerned += dependent.dependents

    def _follow(self, watched: Watched) -> bool:
        """Let the state follow from what is known; whether something else is believed than before."""
        another = watched.reconsider()
        before, after = watched.state, watched.judged
        if after is not before:
            self._turn(watched, after)
        self.row_changed(watched)
        return another

    def _follow_dependency(self, dependent: Watched) -> bool:
        """As :meth:`_follow`; what was unreachable until now is checked soon."""
        was_unreachable = dependent.state is State.UNREACHABLE
        another = self._follow(dependent)
        planned = self._timers.due(dependent)
        if was_unreachable and dependent.state is not State.UNREACHABLE and planned is not None:
            at = soon(dependent.endpoint.id, dependent.endpoint.retry_interval, self._loop.time())
            self._timers.put(dependent, min(planned, at))
        return another

    def _turn(self, watched: Watched, after: State) -> None:
        watched.count_until(self._loop.time())
        watched.turn(after, self.clock(), self.config.redact)
        self.marks.turned(watched)
        self.event_log.turned(watched, self.config.redact)
        self.incident_tracker.turned(watched, self.config.redact)

    # ── who listens ─────────────────────────────────────────────────────────────────────────────

    def row_changed(self, watched: Watched) -> None:
        """Something about its present is to be told."""
        for feed in self._feeds:
            feed.row_changed(watched.handle)

    def _incident_altered(self, number: int) -> None:
        for feed in self._feeds:
            feed.incident_altered(number)

    def feed(self, samples: int) -> Feed:
        """A new listener's feed; to be given back to :meth:`forget`."""
        feed = Feed(self, samples)
        self._feeds.add(feed)
        return feed

    def forget(self, feed: Feed) -> None:
        """Nobody listens to ``feed`` any more."""
        self._feeds.discard(feed)

    def honesty(self) -> Honesty:
        """The engine's own health."""
        return self._checks.honesty(self._skipped)

    def row(self, watched: Watched, samples: int) -> Row:
        """The present state of ``watched``, with its newest ``samples``."""
        now, due = self._loop.time(), self._timers.due(watched)
        next_due = None if due is None else self.clock() + due - now
        return watched.row(samples, next_due, self.config.redact, now)

    def detail(self, handle: int, since: float) -> Detail | None:
        """All about one endpoint; None when it has gone."""
        watched = self.watched.get(handle)
        return watched.detail(since, self.config.redact) if watched else None

    def certificates(self, after: int) -> Certificates:
        """What the next endpoints with a handle above ``after`` present."""
        return presented.page(self.watched, after, self.config.redact)

    def as_of(self, moment: float, samples: int, after: int) -> AsOf:
        """How the next endpoints were at ``moment``."""
        return asof.page(self.watched, moment, samples, after, self.config.redact)

    # ── commands ────────────────────────────────────────────────────────────────────────────────

    def check_now(self, handles: Iterable[int]) -> int:
        """Check these at once, out of turn; how many there are. A check in flight will do."""
        chosen = self.chosen(handles)
        for watched in chosen:
            self._hurry(watched)
            self.row_changed(watched)  # it has not: whoever looks on asks for the details of what begins
        return len(chosen)

    def pause(self, handles: Iterable[int]) -> int:
        """Stop checking these; how many were not paused before."""
        chosen = [watched for watched in self.chosen(handles) if not watched.paused]
        for watched in chosen:
            watched.paused = True
            self._let_go(watched)
            self._settle(watched)
            self.event_log.note("info", "paused", watched.handle)
        return len(chosen)

    def resume(self, handles: Iterable[int]) -> int:
        """Check these again; how many were paused, and not by the config."""
        chosen = [watched for watched in self.chosen(handles) if watched.paused and watched.endpoint.enabled]
        for watched in chosen:
            watched.paused = False
            self._settle(watched)
            self._begin_watching(watched, self._loop.time(), min(SPREAD, _PER_CHANGE * len(chosen)))
            self.event_log.note("info", "resumed", watched.handle)
        return len(chosen)

    def chosen(self, handles: Iterable[int]) -> list[Watched]:
        """Those of them that are watched, each once."""
        return [self.watched[handle] for handle in dict.fromkeys(handles) if handle in self.watched]
