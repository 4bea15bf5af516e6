"""Endpoints whose truth is a script, checked, judged and alerted on in virtual time.

The tracker and the alerting are the real ones. A world says what each check would find at a moment:
``u`` up, ``g`` degraded, ``d`` down, ``n`` down because its name is not found, ``i`` this machine's fault,
``c`` a certificate that expires soon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from math import inf
from typing import Any, ClassVar

import msgspec

from monitor.config import diff
from monitor.engine.name_servers import resolver_of
from monitor.engine.saved import TrackerState
from monitor.engine.tracker import Tracker
from monitor.judge.alerting.alerting import Alerting, AlertingState
from monitor.judge.alerting.subject import Subject
from monitor.judge.maintenance import Calendar
from monitor.model import (
    Alert,
    Certificate,
    Config,
    Endpoint,
    Failed,
    Maintenance,
    Message,
    Reason,
    Result,
    Status,
)

EPOCH = 1_700_000_000.0
"""When a world begins."""
World = Callable[[str, float], str]
"""What a check of an endpoint finds, so many seconds after the beginning."""


@dataclass(frozen=True)
class Fake:
    """A probe that is never asked."""

    host: str = "host.example"
    kind: ClassVar[str] = "http"

    @property
    def target(self) -> str:
        return f"https://{self.host}/"

    async def check(self, trace: Any) -> str:
        raise NotImplementedError


def endpoint(name: str, **keys: Any) -> Endpoint:
    usual: dict[str, Any] = {"interval": 30.0, "retry_interval": 5.0, "down_after": 3, "up_after": 2}
    return Endpoint(id=name, name=name, probe=Fake(keys.pop("host", f"{name}.example")), **{**usual, **keys})


def alert(name: str = "ops", **keys: Any) -> Alert:
    return Alert(name=name, url="exec:true", **keys)


_STATUS = {
    "u": Status.UP,
    "g": Status.DEGRADED,
    "d": Status.DOWN,
    "n": Status.DOWN,
    "i": Status.INCONCLUSIVE,
    "c": Status.DEGRADED,
}
_REASON = {
    "d": Reason.CONNECTION_REFUSED,
    "n": Reason.DNS_ERROR,
    "g": Reason.LATENCY_EXCEEDED,
    "i": Reason.LOCAL_ERROR,
    "c": Reason.CERTIFICATE_EXPIRING,
}
_TEXT = {
    "u": "200 OK",
    "g": "slow",
    "d": "connection refused",
    "n": "name not found",
    "i": "no network",
    "c": "9 days left",
}


def result(id: str, letter: str, at: float) -> Result:
    expiring = Failed(
        check="certificate", severity="warn", expected="30d", actual="9d", reason=Reason.CERTIFICATE_EXPIRING
    )
    return Result(
        endpoint=id,
        status=_STATUS[letter],
        reason=_REASON.get(letter),
        message=_TEXT[letter],
        checked_at=at,
        latency_ms=1500.0 if letter == "g" else 5.0,
        failed=(expiring,) if letter == "c" else (),
        certificate=Certificate(subject="s", issuer="i", not_before=0, not_after=EPOCH + 9e5)
        if letter == "c"
        else None,
    )


@dataclass
class Simulation:
    """One world, watched."""

    endpoints: Sequence[Endpoint]
    alerts: Sequence[Alert]
    world: World
    maintenance: Sequence[Maintenance] = ()
    restarts: Sequence[float] = ()
    """Moments at which the engine is killed and started again."""
    asleep: Callable[[float], bool] = lambda at: False
    """Whether this machine is suspended."""
    acts: Sequence[tuple[float, Callable[[Tracker, float], Sequence[Any]]]] = ()
    """What operators do, and when."""
    epoch: float = EPOCH
    """When it begins; the seconds of everything else count from here."""
    results: list[Result] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.config = Config(
            endpoints=tuple(self.endpoints), alerts=tuple(self.alerts), maintenance=tuple(self.maintenance)
        )
        self._calendar = Calendar(self.maintenance, self.endpoints)
        self.now = self.epoch
        self._begin(self.epoch, None, None)

    def _begin(self, at: float, tracked: TrackerState | None, alerting: AlertingState | None) -> None:
        self.tracker = Tracker(resolver=self._resolver)
        self.alerting = Alerting(self.config, alerting, resolver=self._resolver)
        first = Config()
        self._hear(self.tracker.apply(self.config, diff(first, self.config), at))
        if tracked:
            self._hear(self.tracker.restore(tracked, at))
            self._hear(self.tracker.tick(at, self._calendar.maintained(at)))
            subjects, silences, ended = resumed(self.tracker)
            self.alerting.resume(subjects, silences, ended, at)
        self.handles = {one.id: handle for handle, one in self.tracker.endpoints.items()}

    def _resolver(self) -> str:
        return resolver_of(self.config)

    def _hear(self, events: Sequence[Any]) -> None:
        self.messages += self.alerting.accept(events)

    def restart(self, at: float) -> None:
        """Save everything as bytes, and go on from these."""
        tracked = msgspec.msgpack.decode(msgspec.msgpack.encode(self.tracker.save()), type=TrackerState)
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(self.alerting.save()), type=AlertingState)
        self._begin(at, tracked, state)

    def run(self, seconds: float) -> list[Message]:
        """Let so much time pass; the messages so far."""
        agenda: list[tuple[float, int, str]] = []
        begin, self.now = self.now, self.epoch + seconds
        count = max(len(self.endpoints), 1)
        for index, one in enumerate(self.endpoints):
            heappush(agenda, (begin + one.interval * index / count, index, one.id))
        by_id = {one.id: one for one in self.endpoints}
        restarts, acts = sorted(self.restarts), sorted(self.acts, key=lambda act: act[0])
        ticks = begin
        while agenda and agenda[0][0] <= self.epoch + seconds:
            at, index, id = heappop(agenda)
            while ticks + 1 <= at:
                ticks = self._tick_until(ticks + 1, at)
            while acts and self.epoch + acts[0][0] <= at:
                self._hear(acts.pop(0)[1](self.tracker, at))
            while restarts and self.epoch + restarts[0] <= at:
                self.restart(self.epoch + restarts.pop(0))
            heappush(agenda, (self._check(by_id[id], at), index, id))
        return self.messages

    def _tick_until(self, at: float, end: float) -> float:
        """Tick at ``at``, then skip to the next moment at which a tick has anything to do."""
        if not self.asleep(at - self.epoch):
            self._hear(self.tracker.tick(at, self._calendar.maintained(at)))
            self.messages += self.alerting.tick(at)
        idle = not self.maintenance and not self.tracker.silences and self.alerting.due() == inf
        return max(at, end - 1) if idle else at

    def _check(self, one: Endpoint, at: float) -> float:
        """Check ``one``; when to check it again."""
        if self.asleep(at - self.epoch) or self.tracker.endpoints[self.handles[one.id]].paused:
            return at + one.interval
        self._doubt_dependencies(one, at)
        if not self._was_checked(one, at):
            self._accept(one, at)
        tracked = self.tracker.endpoints[self.handles[one.id]]
        return at + (one.retry_interval if tracked.confirming else one.interval)

    def _doubt_dependencies(self, one: Endpoint, at: float) -> None:
        """As the scheduler does: have everything checked that may explain a failure."""
        if one.depends_on and self.world(one.id, at - self.epoch) == "d":
            for needed in self.endpoints:
                if needed.name in one.depends_on and not self._was_checked(needed, at):
                    self._accept(needed, at)

    def _was_checked(self, one: Endpoint, at: float) -> bool:
        """Whether an endpoint has a result of this moment: it is not checked twice at once."""
        last = self.tracker.endpoints[self.handles[one.id]].last
        return last is not None and last.checked_at == at

    def _accept(self, one: Endpoint, at: float) -> None:
        checked = result(one.id, self.world(one.id, at - self.epoch), at)
        if checked.reason is not Reason.DNS_ERROR:
            checked.address = f"{one.target.partition('//')[2].rstrip('/')}:443"
        self.results.append(checked)
        self._hear(self.tracker.accept(self.handles[one.id], checked, at))


def resumed(tracker: Tracker) -> tuple[list[Subject], list[Any], list[Any]]:
    from monitor.engine.views import subjects

    known = tracker.incidents.known.values()
    return subjects(tracker), list(tracker.silences.values()), [one for one in known if one.ended is not None]


def said(messages: Sequence[Message]) -> list[tuple[str, str]]:
    """What the messages say: ``(kind, endpoints)``."""
    return [(str(one.kind), ",".join(entry.endpoint for entry in one.entries)) for one in messages]


__all__ = ["EPOCH", "Simulation", "alert", "endpoint", "replace", "result", "said"]
