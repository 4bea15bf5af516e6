"""Replay stored results: find the messages that the rules of a config would have sent.

The results go through the same tracker and the same alerting as live ones. Limits on latency are those of
the config. Silences, acknowledgements, pauses and slower phases are those of the past.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from heapq import heapify, heappop, heapreplace
from typing import NamedTuple

from msgspec.structs import replace

from monitor.engine.name_servers import resolver_of
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.judge.alerting.alerting import Alerting
from monitor.judge.assertions import MaxLatency, latency_limit
from monitor.judge.maintenance import Calendar
from monitor.judge.verdict import in_words
from monitor.model import (
    Assertion,
    Config,
    Difference,
    Endpoint,
    Failed,
    Incident,
    Kind,
    Message,
    Observation,
    Reason,
    Result,
    Status,
)
from monitor.model.events import DomainEvent
from monitor.store.past_marks import Mark, MarkReader
from monitor.store.reader import StoredResult

_WARM_UP = 3600.0
"""Seconds before the window from which results are judged, so that states are known when it begins."""
_TICK = 1.0
"""Seconds between two checks for due messages, as in the engine."""
_ENDING = 3600.0
"""Seconds after the last result in which messages may still become due."""


@dataclass
class Replay:
    """The outcome of one run."""

    messages: list[Message] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)

    def counts(self) -> Counter[str]:
        """Endpoint -> the number of messages that it is in, without reminders, which only repeat one."""
        news = (one for one in self.messages if one.kind is not Kind.REMINDER)
        return Counter(id for one in news for id in {entry.endpoint for entry in one.entries})

    def about(self, endpoint: str) -> int:
        """The number of messages that an endpoint is in, without reminders."""
        return self.counts()[endpoint]


class Past(NamedTuple):
    """Results of each endpoint, by id and in order of time, and the window of the messages."""

    results: dict[str, Iterable[Result]]
    since: float
    until: float
    marks: Sequence[Mark] = ()


def stored(config: Config, reader: MarkReader, since: float, until: float) -> Past:
    """The results that the history has of the config's endpoints."""
    known = {endpoint.id: endpoint for endpoint in reader.endpoints()}
    found: dict[str, Iterable[Result]] = {}
    for endpoint in config.endpoints:
        if endpoint.id in known:
            failures = reader.failures(known[endpoint.id], since - _WARM_UP, until)
            results = reader.results(known[endpoint.id], since - _WARM_UP, until)
            found[endpoint.id] = _restored(endpoint.id, results, failures)
    return Past(found, since, until, reader.marks(since - _WARM_UP, until))


def _restored(endpoint: str, results: Iterable[StoredResult], failures: Iterable[Result]) -> Iterator[Result]:
    """The stored results; the first one of each failure is stored in full."""
    in_full = {round(one.checked_at * 1000): one for one in failures}
    for one in results:
        yield in_full.get(round(one.checked_at * 1000)) or Result(
            endpoint=endpoint,
            status=one.status,
            reason=one.reason,
            message=one.message,
            checked_at=one.checked_at,
            latency_ms=one.latency_ms,
            failed=(_EXPIRING,) if one.reason is Reason.CERTIFICATE_EXPIRING else (),
        )


_EXPIRING = Failed(
    check="certificate", severity="", expected="", actual="", reason=Reason.CERTIFICATE_EXPIRING
)


Progress = Callable[[float], object]
"""Called with the completed share, 0 to 1."""


def replay(
    config: Config, reader: MarkReader, since: float, until: float, progress: Progress = lambda _: None
) -> Replay:
    """Judge the stored results of a window by ``config``."""
    return replayed(config, stored(config, reader, since, until), progress)


def replayed(config: Config, past: Past, progress: Progress = lambda _: None) -> Replay:
    """Judge results by ``config``."""
    run = _Run(config, past)
    agenda = run.begin()
    begin = reached = past.since - _WARM_UP
    step = (past.until - begin) / 100
    while agenda:
        at, number = agenda[0]
        if at >= reached + step:
            reached = at
            progress((at - begin) / (past.until - begin))
        following = run.take(number, at)
        if following is None:
            heappop(agenda)
        else:
            heapreplace(agenda, (following, number))
    return run.end()


class _Run:
    """Follows the checks of all endpoints."""

    def __init__(self, config: Config, past: Past) -> None:
        self._past = past
        self._outcome = Replay()
        resolver = cache(partial(resolver_of, config))  # looked up once, and not for each message
        self._tracker = Tracker(resolver=resolver)
        self._alerting = Alerting(config, resolver=resolver)
        self._calendar = Calendar(config.maintenance, config.endpoints)
        everything = Difference(added=frozenset(endpoint.id for endpoint in config.endpoints))
        begin = past.since - _WARM_UP
        self._alerting.accept(self._tracker.apply(config, everything, begin))
        self._marks = deque(past.marks)
        self._last = self._ticked = begin
        self._checks = [
            _Checks(tracked, past.results[tracked.id])
            for tracked in self._tracker.endpoints.values()
            if tracked.id in past.results
        ]

    def begin(self) -> list[tuple[float, int]]:
        """A heap of the first check of each endpoint: its time, and the endpoint's number."""
        agenda = [(one.next.checked_at, number) for number, one in enumerate(self._checks) if one.next]
        heapify(agenda)
        if agenda:
            self._calendar.maintained(agenda[0][0])
        return agenda

    def take(self, number: int, at: float) -> float | None:
        """Judge an endpoint's next check. Return the time of the one after it, if there is one."""
        checks = self._checks[number]
        assert checks.next is not None
        self._run_until(at)
        events = self._ticked_at(at) + self._tracker.accept(checks.tracked.handle, checks.next, at)
        self._send(self._alerting.accept(events))
        self._last = at
        checks.advance()
        return checks.next.checked_at if checks.next else None

    def end(self) -> Replay:
        """The outcome, with the messages that became due after the last check."""
        self._run_until(min(self._past.until, self._last + _ENDING))
        incidents = self._tracker.incidents.known.values()
        self._outcome.incidents = [
            one for one in incidents if one.ended is None or one.ended >= self._past.since
        ]
        return self._outcome

    def _ticked_at(self, at: float) -> list[DomainEvent]:
        return self._tracker.tick(at, self._calendar.maintained(at))

    def _run_until(self, at: float) -> None:
        """Apply marks and maintenance until ``at``, and send what becomes due."""
        while (change := self._calendar.until) <= at:
            self._apply_marks(change)
            self._send(self._alerting.accept(self._ticked_at(change)))
        self._apply_marks(at)

    def _apply_marks(self, at: float) -> None:
        while self._marks and self._marks[0].at <= at:
            mark = self._marks.popleft()
            self._run_timers(mark.at)
            self._send(self._alerting.accept(mark.apply(self._tracker)))
        self._run_timers(at)

    def _run_timers(self, at: float) -> None:
        """Send messages that become due by ``at``; some may still wait for other endpoints' confirmation."""
        while (due := max(self._alerting.due(), self._ticked + _TICK)) <= at:
            self._ticked = due
            self._send(self._alerting.tick(due))

    def _send(self, messages: Iterable[Message]) -> None:
        self._outcome.messages += [one for one in messages if one.at >= self._past.since]


class _Checks:
    """An endpoint's checks: the stored ones, and those that a longer confirmation would have made.

    The engine that stored them checked again at the usual interval once a failure or a recovery was
    confirmed by quick retries. Other rules may need more retries. Each of these is assumed to have found the
    same as the stored check before it.
    """

    def __init__(self, tracked: Tracked, results: Iterable[Result]) -> None:
        self.tracked = tracked
        self._endpoint: Endpoint = tracked.endpoint
        self._stored = (judged_again(self._endpoint, one) for one in results)
        self.next = next(self._stored, None)
        """The check that is judged next."""
        self._following = next(self._stored, None)
        """The stored check after it."""
        self._pause = self._pause_after(self.next)
        self._retries_ended = False

    def advance(self) -> None:
        """Go to the next check."""
        self.next = self._retried() or self._next_stored()

    def _retried(self) -> Result | None:
        """One more retry, if there is time for it before the next stored check."""
        done, following = self.next, self._following
        if not (self._retries_ended and done and following and self._is_confirming(done)):
            return None
        at = done.checked_at + self._endpoint.retry_interval
        is_early = at < following.checked_at - self._endpoint.retry_interval / 2
        return replace(done, checked_at=at) if is_early else None

    def _is_confirming(self, done: Result) -> bool:
        return self.tracked.confirming and done.status is not Status.INCONCLUSIVE

    def _next_stored(self) -> Result | None:
        found, self._following = self._following, next(self._stored, None)
        before, self._pause = self._pause, self._pause_after(found)
        one = self._endpoint
        shortest = max(2 * before, one.retry_interval + one.timeout)
        self._retries_ended = shortest < self._pause <= 2 * one.interval + one.timeout
        return found

    def _pause_after(self, stored: Result | None) -> float:
        if stored is None or self._following is None:
            return 0.0
        return self._following.checked_at - stored.checked_at


def judged_again(endpoint: Endpoint, result: Result) -> Result:
    """``result`` with the verdict of the endpoint's present limits on latency.

    The history has each check's latency. It does not have the other values that ``expect`` and ``warn`` test,
    so their stored verdicts stand.
    """
    by_latency = result.reason is Reason.LATENCY_EXCEEDED
    if result.latency_ms is None or not (by_latency or result.status in (Status.UP, Status.DEGRADED)):
        return result
    failed = _violated(endpoint.expect, result, "expect")
    if failed:
        return _changed(result, Status.DOWN, failed)
    failed = _violated(endpoint.warn, result, "warn")
    if failed and (by_latency or result.status is Status.UP):
        return _changed(result, Status.DEGRADED, failed)
    return replace(result, status=Status.UP, reason=None, message="", failed=()) if by_latency else result


def _violated(assertions: Iterable[Assertion], result: Result, severity: str) -> Failed | None:
    limit = latency_limit(assertions)
    if limit is None:
        return None
    observation = Observation(started=result.checked_at, latency_ms=result.latency_ms)
    return MaxLatency(limit).judge(observation, severity)


def _changed(result: Result, status: Status, failed: Failed) -> Result:
    return replace(
        result, status=status, reason=Reason.LATENCY_EXCEEDED, message=in_words(failed), failed=(failed,)
    )
