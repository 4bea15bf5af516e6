"""Checks in flight: limits their number, queues the others, and ends stuck ones."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from monitor.checks.check import RunProbe, check_safely, local_error
from monitor.checks.connectivity import Connectivity
from monitor.checks.limits import checks_at_once, raise_open_files
from monitor.engine.schedule import Grid
from monitor.engine.stats import Meter
from monitor.engine.tracked import Tracked
from monitor.judge.health import EXPLAINED
from monitor.judge.redaction import redacted
from monitor.link.messages import CheckProgress, EngineStats
from monitor.model import Config, Result
from monitor.trace import Trace

_GRACE = 10.0
"""Seconds after its timeout when a check that ignores its cancellation is given up."""
_TICK = 1.0
"""Seconds between two searches for checks that do not end."""
_LOOK_AGAIN = 5.0
"""Seconds between two rounds of canaries while offline."""
_STARTS = 8
"""Checks to start before the loop sees to those in flight.

Starting a thousand at once takes 0.1 s, by which their latencies would grow. Fewer make latencies more
exact still, but then a check costs more: the sockets are polled after each of these groups.
"""


class Job:
    """An endpoint's place in the schedule. Moments are of the loop's clock."""

    __slots__ = ("check", "checked", "grid", "tracked", "waiting")

    def __init__(self, tracked: Tracked) -> None:
        self.tracked = tracked
        self.grid = Grid(0.0, tracked.endpoint.interval)
        self.check: Check | None = None
        """The check in flight."""
        self.waiting = False
        """Whether it is due and waits for its turn."""
        self.checked = float("-inf")
        """The beginning of the last check whose result counted."""

    @property
    def in_progress(self) -> CheckProgress | None:
        """The progress of the check in flight; None if there is none."""
        return self.check.in_progress if self.check else CheckProgress() if self.waiting else None


class Check:
    """One check in flight."""

    __slots__ = ("blind", "due", "job", "started", "task", "traces")

    def __init__(self, job: Job, due: float | None, started: float) -> None:
        self.job = job
        self.blind = job.tracked.inhibition in EXPLAINED
        """Whether it began while a dependency was failing, so that its own failure proves nothing."""
        self.due = due
        """When it was due; None for one out of turn."""
        self.started = started
        self.task: asyncio.Task[None] | None = None
        self.traces: list[Trace] = []
        """Its findings so far; two traces if both address families are checked."""

    @property
    def in_progress(self) -> CheckProgress:
        """Its progress; of two address families, that of the one that is not done."""
        trace = next((one for one in self.traces if one.ended is None), None)
        if trace is None:
            return CheckProgress()
        return CheckProgress(trace.phase or "", trace.latency_ms, trace.phases_so_far_ms)


Ended = Callable[[Check, Result | None], None]


class Runner:
    """Runs checks, as many at once as allowed; the others wait in the order in which they came.

    Many that are due together start a few at a time, so that answers do not wait while others start.

    ``ended(check, result)`` is called exactly once for each check that is still wanted, with no result
    if it was cancelled. Results are redacted and plain: nothing behind this class handles secrets.
    ``connectivity_changed(online)`` is called when this machine goes offline or comes back.
    """

    def __init__(
        self,
        run_probe: RunProbe,
        meter: Meter,
        clock: Callable[[], float],
        ended: Ended,
        connectivity_changed: Callable[[bool], None],
    ) -> None:
        self.in_flight: set[Check] = set()
        self._run_probe = run_probe
        self._meter = meter
        self._clock = clock
        self._ended = ended
        self._connectivity_changed = connectivity_changed
        self._redact: Callable[[str], str] = str
        self._queue: OrderedDict[Job, float | None] = OrderedDict()
        """The waiting endpoints, each with the time at which it was due; None for a check out of turn."""
        self._most = 1
        self._starts_left = _STARTS
        """Checks that may still start in this turn of the loop."""
        self._loop = asyncio.get_running_loop()
        self._connectivity = Connectivity(())
        self._was_offline = False
        self._looked_at = self._loop.time()
        self._ticker: asyncio.TimerHandle | None = None

    def use(self, config: Config) -> None:
        """Use this config's settings and secrets from now on."""
        settings = config.settings
        self._redact = config.redact
        self._most = checks_at_once(settings.max_concurrency, raise_open_files())
        self._connectivity = self._connectivity.asking(settings.connectivity)
        if self._ticker is None:
            self._tick()
        self._begin_waiting()

    @property
    def queued(self) -> int:
        """The number of endpoints that are due and wait for their turn."""
        return len(self._queue)

    @property
    def offline(self) -> bool:
        """Whether no canary answers."""
        return self._connectivity.offline

    def stats(self, skipped: int) -> EngineStats:
        """The engine's health, with ``skipped`` slots missed so far."""
        now = self._loop.time()
        return EngineStats(
            lateness_p99_ms=self._meter.late_p99_ms(now),
            delayed=self._meter.delayed_share(now),
            in_flight=len(self.in_flight),
            queued=self.queued,
            checks_per_second=self._meter.per_second(now),
            skipped=skipped,
            offline=self.offline,
        )

    async def stop(self) -> None:
        """Cancel the checks in flight, and start no more."""
        self._most = 0
        if self._ticker:
            self._ticker.cancel()
        tasks = [check.task for check in self.in_flight if check.task]
        for check in list(self.in_flight):
            self._cancel(check)
        if tasks:
            await asyncio.wait(tasks, timeout=_TICK)
        await self._connectivity.close()

    def enqueue(self, job: Job, due: float | None) -> None:
        """Check an endpoint as soon as a turn is free; ``due`` is None for a check out of turn."""
        if self._may_begin:
            self._begin(job, due)
        else:
            job.waiting = True
            self._queue[job] = due

    def drop(self, job: Job) -> None:
        """Cancel the check of an endpoint, whether it waits or is in flight, without a report of its end."""
        job.waiting = False
        self._queue.pop(job, None)
        check, job.check = job.check, None
        if check:
            self._cancel(check)

    @property
    def _may_begin(self) -> bool:
        return self._starts_left > 0 and len(self.in_flight) < self._most

    def _begin(self, job: Job, due: float | None) -> None:
        if self._starts_left == _STARTS:
            self._loop.call_soon(self._next_turn)
        self._starts_left -= 1
        check = job.check = Check(job, due, self._loop.time())
        self.in_flight.add(check)
        check.task = self._loop.create_task(self._run(check), name=job.tracked.id)

    def _next_turn(self) -> None:
        self._starts_left = _STARTS
        self._begin_waiting()

    def _begin_waiting(self) -> None:
        while self._queue and self._may_begin:
            job, due = self._queue.popitem(last=False)
            job.waiting = False
            self._begin(job, due)

    async def _run(self, check: Check) -> None:
        """Run a check and end it, unless it was cancelled before it began: see :meth:`_cancel`.

        A callback of the task would take another turn of the loop.
        """
        check.started = self._loop.time()
        if check.due is not None:
            self._meter.started(check.started, check.started - check.due)
        endpoint, begun = check.job.tracked.endpoint, check.traces.append
        try:
            found = await check_safely(endpoint, self._run_probe, self._connectivity, self._clock, begun)
        except asyncio.CancelledError:
            self._end(check, None)
            raise
        self._note_connectivity()
        self._end(check, redacted(found, self._redact))

    def _cancel(self, check: Check) -> None:
        if check.task:
            check.task.add_done_callback(lambda _task: self._end(check, None))
            check.task.cancel()

    def _end(self, check: Check, result: Result | None) -> None:
        if check not in self.in_flight:
            return  # it was given up earlier
        self.in_flight.discard(check)
        if check.job.check is check:
            self._ended(check, result)
        self._begin_waiting()

    # ── looking after itself ────────────────────────────────────────────────────────────────────

    def _tick(self) -> None:
        self._ticker = self._loop.call_later(_TICK, self._tick)
        now = self._loop.time()
        for check in [one for one in self.in_flight if self._is_stuck(one, now)]:
            self._cancel(check)
            text = "the check did not end when its time was up"
            self._end(check, local_error(check.job.tracked.id, text, self._clock()))
        if self.offline and now - self._looked_at >= _LOOK_AGAIN:
            self._looked_at = now
            self._connectivity.look_again()
        self._note_connectivity()

    def _is_stuck(self, check: Check, now: float) -> bool:
        attempts = max(len(check.traces), 1)  # each of which may take the timeout
        return now > check.started + attempts * check.job.tracked.endpoint.timeout + _GRACE

    def _note_connectivity(self) -> None:
        if self.offline is self._was_offline:
            return
        self._was_offline = self.offline
        self._connectivity_changed(not self.offline)
