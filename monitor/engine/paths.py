"""Network paths: traced once when checks of an endpoint begin to fail to connect, and on demand.

Traces run beside the checks, a few at a time and one per address. When many endpoints fail at once, those
that find the queue full are not traced.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from functools import partial
from ipaddress import ip_address
from typing import NamedTuple, Protocol, TypeVar

from monitor.engine.feed import Feeds
from monitor.engine.publisher import Publisher
from monitor.engine.remote import RemoteChecks
from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.judge.path_trace import conclusion
from monitor.model import NetworkPath, PathProtocol, Reason, Result, State, Status
from monitor.model.events import Checked, DomainEvent, EndpointRemoved, IncidentOpened, PathTraced
from monitor.wire.resolve import Address
from monitor.wire.traceroute import Traceroute, address_of

K = TypeVar("K")

AT_ONCE = 4
"""Limit of traces at a time."""
MOST_WAITING = 60
"""Limit of traces that wait for their turn."""
MOST_KEPT = 1000
"""Limit of endpoints whose last path is kept in memory."""
FRESH = 60.0
"""Seconds for which a path is reused for other failures at the same address."""

_NOT_CONNECTED = frozenset({Reason.CONNECTION_REFUSED, Reason.UNREACHABLE, Reason.CONNECT_TIMEOUT})
_UNANSWERED = _NOT_CONNECTED | {Reason.READ_TIMEOUT}
_CONNECTIONLESS = frozenset({"icmp", "udp", "dns"})
"""Kinds of checks that open no TCP connection."""


class Trace(Protocol):
    """The interface of a trace, which :class:`monitor.wire.traceroute.Traceroute` implements."""

    def path(self) -> NetworkPath: ...
    async def run(self) -> NetworkPath: ...


MakeTrace = Callable[[Address, PathProtocol, float], Trace]


class _Key(NamedTuple):
    address: Address
    protocol: PathProtocol


class _Job:
    """A trace that waits or runs, and the ids of the endpoints that it is for."""

    __slots__ = ("ids", "key", "trace")

    def __init__(self, key: _Key) -> None:
        self.key = key
        self.ids: set[str] = set()
        self.trace: Trace | None = None


class PathTracer:
    """Traces network paths of this machine's own checks. ``feeds`` learn of each trace that is due.

    Endpoints checked from other machines are traced only on demand: the path from here explains nothing.
    """

    def __init__(
        self,
        tracker: Tracker,
        publisher: Publisher,
        feeds: Feeds,
        clock: Callable[[], float],
        make_trace: MakeTrace = Traceroute,
        remote: RemoteChecks | None = None,
    ) -> None:
        self._tracker, self._publisher, self._feeds, self._clock = tracker, publisher, feeds, clock
        self._make_trace, self._remote = make_trace, remote
        self._loop = asyncio.get_running_loop()
        publisher.subscribe(self.accept, Checked, IncidentOpened, EndpointRemoved)
        self._most = AT_ONCE
        self._failing: set[str] = set()
        """Endpoints whose present failure needs no further trace."""
        self._jobs: dict[_Key, _Job] = {}
        self._job_of: dict[str, _Job] = {}
        self._waiting: deque[_Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._recent: OrderedDict[_Key, NetworkPath] = OrderedDict()
        self._paths: OrderedDict[str, NetworkPath] = OrderedDict()
        """The last path to each endpoint."""

    def path(self, tracked: Tracked) -> NetworkPath | None:
        """The path to an endpoint as far as known, from the running trace or else from the last one."""
        job = self._job_of.get(tracked.id)
        if job is None:
            return self._paths.get(tracked.id)
        return job.trace.path() if job.trace else _waiting_for(job.key, self._clock())

    async def stop(self) -> None:
        """Cancel all traces, and start no more."""
        self._most = 0
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # ── reasons to trace ────────────────────────────────────────────────────────────────────────

    def accept(self, event: DomainEvent) -> None:
        """Process an event. Events caused by it are published after every subscriber has received it."""
        match event:
            case Checked():
                self._checked(event.endpoint, event.result)
            case IncidentOpened():
                self._loop.call_soon(self._explain, event.incident.endpoint)
            case EndpointRemoved():
                self._failing.discard(event.endpoint)
                self._paths.pop(event.endpoint, None)

    def _checked(self, id: str, result: Result) -> None:
        if result.status in (Status.UP, Status.DEGRADED):
            self._failing.discard(id)
        elif id not in self._failing:
            tracked = self._tracker.by_id(id)
            key = _key_of_failure(tracked, result) if tracked and self._is_checked_here(tracked) else None
            if key:
                self._failing.add(id)
                self._loop.call_soon(self._trace_once, key, id)

    def _is_checked_here(self, tracked: Tracked) -> bool:
        return self._remote is None or not self._remote.handles(tracked.endpoint)

    def _trace_once(self, key: _Key, id: str) -> None:
        recent = self._recent.get(key)
        if recent and self._clock() - recent.at < FRESH:
            self._found(id, recent)
        elif key in self._jobs or len(self._waiting) < MOST_WAITING:
            self._request(key, id)

    def trace_now(self, chosen: Iterable[Tracked]) -> int:
        """Trace the paths to these endpoints before others. Return how many can be traced."""
        keys = [(tracked.id, key) for tracked in chosen if (key := _key(tracked, tracked.last))]
        for id, key in keys[:MOST_WAITING]:
            self._request(key, id, first=True)
        return len(keys[:MOST_WAITING])

    # ── traces ──────────────────────────────────────────────────────────────────────────────────

    def _request(self, key: _Key, id: str, *, first: bool = False) -> None:
        job = self._jobs.get(key)
        if job is None:
            job = self._jobs[key] = _Job(key)
            (self._waiting.appendleft if first else self._waiting.append)(job)
        job.ids.add(id)
        self._job_of[id] = job
        self._tell_of(id)
        self._begin()

    def _begin(self) -> None:
        while self._waiting and len(self._tasks) < self._most:
            job = self._waiting.popleft()
            job.trace = self._make_trace(*job.key, self._clock())
            task = self._loop.create_task(self._run(job, job.trace))
            self._tasks.add(task)
            task.add_done_callback(partial(self._over, job))

    async def _run(self, job: _Job, trace: Trace) -> None:
        path = await trace.run()
        _remember(self._recent, job.key, path)
        self._forget(job)
        for id in job.ids:
            self._found(id, path)

    def _over(self, job: _Job, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._forget(job)
        self._begin()
        if not task.cancelled() and (error := task.exception()):
            self._loop.call_exception_handler({"message": "a path could not be traced", "exception": error})

    def _forget(self, job: _Job) -> None:
        self._jobs.pop(job.key, None)
        for id in job.ids:
            if self._job_of.get(id) is job:
                del self._job_of[id]

    # ── findings ────────────────────────────────────────────────────────────────────────────────

    def _found(self, id: str, path: NetworkPath) -> None:
        if self._tracker.by_id(id):
            _remember(self._paths, id, path)
            self._publisher.publish([PathTraced(at=self._clock(), endpoint=id, path=path)])
            self._explain(id)

    def _explain(self, id: str) -> None:
        """Add the path of this failure to the open incident."""
        incident, path = self._tracker.incidents.open(id), self._paths.get(id)
        if incident and path and id in self._failing:
            words = conclusion(path)
            self._publisher.publish(self._tracker.annotate(incident.id, self._clock(), path=words))

    def _tell_of(self, id: str) -> None:
        tracked = self._tracker.by_id(id)
        if tracked:
            self._feeds.statuses_changed([tracked.handle])


def _remember(paths: OrderedDict[K, NetworkPath], key: K, path: NetworkPath) -> None:
    """Keep a path; drop the oldest if there are too many."""
    paths[key] = path
    paths.move_to_end(key)
    if len(paths) > MOST_KEPT:
        paths.popitem(last=False)


def _key_of_failure(tracked: Tracked, result: Result) -> _Key | None:
    """The path to trace because of a failed check; None if it connected, or a dependency explains it."""
    reasons = _UNANSWERED if tracked.endpoint.kind in _CONNECTIONLESS else _NOT_CONNECTED
    if result.reason not in reasons or tracked.state is State.UNREACHABLE:
        return None
    key = _key(tracked, result)
    return None if key is None or ip_address(key.address.sockaddr[0]).is_loopback else key


def _key(tracked: Tracked, result: Result | None) -> _Key | None:
    """The path to an endpoint; None if it may not be traced, or no address is known."""
    if not tracked.endpoint.trace_path or result is None or not result.address:
        return None
    address = address_of(result.address)
    is_tcp = tracked.endpoint.kind not in _CONNECTIONLESS
    return _Key(address, PathProtocol.TCP if is_tcp else PathProtocol.ICMP) if address else None


def _waiting_for(key: _Key, at: float) -> NetworkPath:
    return NetworkPath(at=at, target=str(key.address), protocol=key.protocol, done=False)
