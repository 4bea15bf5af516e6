"""Schedules the checks of each endpoint: the grid of its slots, checks out of turn, and confirmations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from monitor.engine.remote import RemoteChecks
from monitor.engine.runner import Check, Job, Runner
from monitor.engine.schedule import SPREAD, Grid, confirming, following, grid, resumed, soon
from monitor.engine.timers import TimerQueue
from monitor.engine.tracked import Tracked
from monitor.model import Endpoint, State

PER_ENDPOINT = 20e-6
"""Estimated seconds to set up one endpoint; checks start when all are set up."""
PER_FIRST_CHECK = 0.0005
"""Seconds between the first checks of two endpoints, if there are too many for :data:`SPREAD`."""
_PER_CHANGE = 0.01
"""Seconds by which each endpoint added by a reload lengthens the spread of the first checks."""
_UNSUSPECTED = frozenset({State.PENDING, State.UP, State.DEGRADED, State.INCONCLUSIVE})
"""States in which an endpoint is checked out of turn; in others, more checks would confirm a hiccup."""


class Scheduler:
    """Hands endpoints to the runner when they are due. Moments are of the loop's clock."""

    def __init__(
        self, runner: Runner, expect: Callable[[int], None], remote: RemoteChecks | None = None
    ) -> None:
        self.jobs: dict[int, Job] = {}
        """By handle."""
        self.skipped = 0
        """Number of slots missed because the previous check was still running."""
        self._runner = runner
        self._expect = expect
        self._remote = remote
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._timers: TimerQueue[Job] = TimerQueue(self._due, self._overslept)

    def close(self) -> None:
        """Start no more checks."""
        self._timers.close()

    # ── endpoints ───────────────────────────────────────────────────────────────────────────────

    def start(self, endpoints: Iterable[Tracked]) -> None:
        """Check these from now on, the first time within a few seconds."""
        every = list(endpoints)
        self._origin = self._loop.time() + PER_ENDPOINT * len(every)
        within = max(SPREAD, PER_FIRST_CHECK * len(every))
        for tracked in every:
            self._begin(self._job(tracked), self._origin, within)

    def follow(self, endpoints: Iterable[Tracked]) -> None:
        """Check these from now on: they are new, changed, or resumed."""
        every = list(endpoints)
        within = min(SPREAD, _PER_CHANGE * len(every))
        for tracked in every:
            self._begin(self._job(tracked), self._loop.time(), within)

    def drop(self, handle: int) -> None:
        """Stop checking an endpoint until it is followed again; cancel the check under way."""
        job = self.jobs.get(handle)
        if job:
            self._timers.drop(job)
            self._runner.drop(job)

    def forget(self, handle: int) -> None:
        """Forget an endpoint that was removed from the config."""
        self.drop(handle)
        self.jobs.pop(handle, None)

    def _job(self, tracked: Tracked) -> Job:
        job = self.jobs.get(tracked.handle) or Job(tracked)
        self.jobs[tracked.handle] = job
        job.grid = self._grid(tracked.endpoint)
        return job

    def _grid(self, endpoint: Endpoint) -> Grid:
        return grid(endpoint.id, endpoint.interval, self._origin)

    def _begin(self, job: Job, now: float, within: float) -> None:
        endpoint = job.tracked.endpoint
        if not job.tracked.paused and not self._is_remote(job):
            self._timers.put(job, soon(endpoint.id, endpoint.interval, now, within))

    # ── checks ──────────────────────────────────────────────────────────────────────────────────

    def next_due(self, handle: int) -> float | None:
        """The time of an endpoint's next check; None if none is planned."""
        job = self.jobs.get(handle)
        return self._timers.due(job) if job else None

    def check_now(self, handle: int) -> None:
        """Check an endpoint out of turn, unless a check is under way already."""
        job = self.jobs[handle]
        if self._is_remote(job):
            self._order(job, 0.0)
        elif not job.check and not job.waiting:
            self._enqueue(job, None)

    def check_soon(self, handle: int) -> None:
        """Check an endpoint within its retry interval, if it is scheduled at all."""
        job = self.jobs[handle]
        if self._is_remote(job):
            self._order(job, job.tracked.endpoint.retry_interval)
        planned = self._timers.due(job)
        if planned is not None:
            endpoint = job.tracked.endpoint
            at = soon(endpoint.id, endpoint.retry_interval, self._loop.time())
            self._timers.put(job, min(planned, at))

    def doubt_dependencies(self, check: Check) -> None:
        """Check the endpoints that may explain why ``check`` failed."""
        for needed in check.job.tracked.dependencies:
            if self.jobs[needed.handle].checked < check.started and needed.state in _UNSUSPECTED:
                self.check_now(needed.handle)

    def _is_remote(self, job: Job) -> bool:
        return self._remote is not None and self._remote.handles(job.tracked.endpoint)

    def _order(self, job: Job, delay: float) -> None:
        if self._remote and not job.tracked.paused:
            self._remote.check(job.tracked.endpoint, delay)

    def plan(self, check: Check, good_for: float | None) -> None:
        """Plan the next check, now that ``check`` has ended; its verdict is good for ``good_for`` seconds."""
        job = check.job
        tracked, now, planned = job.tracked, self._loop.time(), self._timers.due(job)
        if tracked.paused or (planned is not None and not tracked.confirming):
            return
        due = check.started if check.due is None else check.due
        if tracked.confirming:
            later = confirming(job.grid, tracked.endpoint.retry_interval, check.started, due, now)
        else:
            later = following(job.grid, due, now)
        self.skipped += later.skipped if check.due is not None else 0
        at = later.at if good_for is None else min(later.at, now + good_for)
        if planned is None or at < planned:
            self._timers.put(job, at)

    def _enqueue(self, job: Job, due: float | None) -> None:
        self._expect(job.tracked.handle)
        self._runner.enqueue(job, due)

    def _due(self, job: Job, due: float) -> None:
        if job.check or job.waiting:  # a check was requested just before
            self._timers.put(job, following(job.grid, due, self._loop.time()).at)
        else:
            self._enqueue(job, due)

    def _overslept(self, job: Job, due: float) -> None:
        later = resumed(job.grid, job.tracked.id, due, self._loop.time())
        self.skipped += later.skipped
        self._timers.put(job, later.at)
