"""The checks in flight: how many at once, who waits, and what becomes of those that never end."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from monitor.checks.check import RunProbe, check_endpoint
from monitor.checks.connectivity import Connectivity
from monitor.checks.limits import checks_at_once, raise_open_files
from monitor.engine.event_log import EventLog
from monitor.engine.stats import Meter
from monitor.engine.watched import Check, Watched
from monitor.judge.verdict import offline
from monitor.link.messages import Honesty
from monitor.model import Reason, Result, Settings, Status

_GRACE = 10.0
"""Seconds past its timeout after which a check is given up: it does not heed being cancelled."""
_TICK = 1.0
"""Seconds between two looks at what does not end."""
_LOOK_AGAIN = 5.0
"""Seconds between two rounds of canaries while offline."""
_OFFLINE = "this machine is offline: no canary answers, and no failure is believed"

Ended = Callable[[Check, Result | None], None]


class Runner:
    """Runs checks, as many at once as may be; the others wait in the order in which they came.

    ``ended(check, result)`` is called exactly once for each check that the endpoint still wants,
    with no result when it was cancelled.
    """

    def __init__(
        self, run_probe: RunProbe, meter: Meter, event_log: EventLog, clock: Callable[[], float], ended: Ended
    ) -> None:
        self.in_flight: set[Check] = set()
        self._run_probe = run_probe
        self._meter = meter
        self._event_log = event_log
        self._clock = clock
        self._ended = ended
        self._queue: OrderedDict[Watched, float | None] = OrderedDict()
        """Who is due and waits, and since when: None for a check out of turn."""
        self._most = 1
        self._loop = asyncio.get_running_loop()
        self._connectivity = Connectivity(())
        self._was_offline = False
        self._looked_at = self._loop.time()
        self._ticker: asyncio.TimerHandle | None = None

    def use(self, settings: Settings) -> None:
        """Go by these settings from now on."""
        self._most = checks_at_once(settings.max_concurrency, raise_open_files())
        self._connectivity = self._connectivity.asking(settings.connectivity)
        if self._ticker is None:
            self._tick()
        self._begin_waiting()

    @property
    def queued(self) -> int:
        """How many are due and wait for their turn."""
        return len(self._queue)

    @property
    def offline(self) -> bool:
        """Whether no canary answers."""
        return self._connectivity.offline

    def honesty(self, skipped: int) -> Honesty:
        """How far the numbers can be trusted, where so many slots have been missed."""
        now = self._loop.time()
        return Honesty(
            lateness_p99_ms=self._meter.late_p99_ms(now),
            delayed=self._meter.delayed_share(now),
            in_flight=len(self.in_flight),
            queued=self.queued,
            checks_per_second=self._meter.per_second(now),
            skipped=skipped,
            offline=self.offline,
        )

    async def stop(self) -> None:
        """Cancel what is in flight, and begin nothing more."""
        self._most = 0
        if self._ticker:
            self._ticker.cancel()
        tasks = [check.task for check in self.in_flight if check.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_TICK)
        await self._connectivity.close()

    def enqueue(self, watched: Watched, due: float | None) -> None:
        """Check ``watched`` as soon as may be; ``due`` is None for a check out of turn."""
        if len(self.in_flight) < self._most:
            self._begin(watched, due)
        else:
            watched.waiting = True
            self._queue[watched] = due

    def drop(self, watched: Watched) -> None:
        """Do not check ``watched`` when it would be its turn."""
        watched.waiting = False
        self._queue.pop(watched, None)

    def _begin(self, watched: Watched, due: float | None) -> None:
        check = watched.check = Check(watched, due, self._loop.time())
        self.in_flight.add(check)
        check.task = self._loop.create_task(self._run(check))
        check.task.add_done_callback(partial(self._over, check))

    def _begin_waiting(self) -> None:
        while self._queue and len(self.in_flight) < self._most:
            watched, due = self._queue.popitem(last=False)
            watched.waiting = False
            self._begin(watched, due)

    async def _run(self, check: Check) -> Result:
        check.started = self._loop.time()
        if check.due is not None:
            self._meter.started(check.started, check.started - check.due)
        try:
            return await self._result(check)
        except Exception as error:  # noqa: BLE001 -- one endpoint's trouble must not be the others'
            return self._nothing_learnt(check, f"the check could not be judged: {error!r}")

    def _over(self, check: Check, task: asyncio.Task[Result]) -> None:
        self._end(check, None if task.cancelled() else task.result())

    async def _result(self, check: Check) -> Result:
        result = await check_endpoint(check.watched.endpoint, self._run_probe, check.traces.append)
        if result.status is not Status.DOWN:
            return result
        online = await self._connectivity.online()
        self._note_connectivity()
        return result if online else offline(result)

    def _nothing_learnt(self, check: Check, message: str) -> Result:
        return Result(
            endpoint=check.watched.endpoint.id,
            status=Status.INCONCLUSIVE,
            reason=Reason.LOCAL_ERROR,
            message=message,
            checked_at=self._clock(),
        )

    def _end(self, check: Check, result: Result | None) -> None:
        if check not in self.in_flight:
            return  # it was given up before
        self.in_flight.discard(check)
        if check.watched.check is check:
            self._ended(check, result)
        self._begin_waiting()

    # ── looking after itself ────────────────────────────────────────────────────────────────────

    def _tick(self) -> None:
        self._ticker = self._loop.call_later(_TICK, self._tick)
        now = self._loop.time()
        for check in [one for one in self.in_flight if self._is_stuck(one, now)]:
            if check.task:
                check.task.cancel()
            self._end(check, self._nothing_learnt(check, "the check did not end when its time was up"))
        if self.offline and now - self._looked_at >= _LOOK_AGAIN:
            self._looked_at = now
            self._connectivity.look_again()
        self._note_connectivity()

    def _is_stuck(self, check: Check, now: float) -> bool:
        return now > check.started + check.watched.endpoint.timeout + _GRACE

    def _note_connectivity(self) -> None:
        if self.offline is self._was_offline:
            return
        self._was_offline = self.offline
        level, text = ("bad", _OFFLINE) if self.offline else ("good", "this machine is online again")
        self._event_log.note(level, text)
