"""One endpoint as the engine knows it: what it is, how it is, and what it was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from sys import intern

from monitor.engine.samples import LETTERS, NO_LATENCY, Phases, Sample, Samples
from monitor.engine.schedule import Grid
from monitor.engine.state_history import Past, Was, leaving
from monitor.judge import health as healths
from monitor.judge.assertions import MaxLatency
from monitor.judge.certificates import known_with
from monitor.judge.health import EXPLAINED, Health, Hold, Policy, Uptime
from monitor.judge.incidents import Outage
from monitor.judge.verdict import message, redacted
from monitor.link.messages import Card, Detail, Point, Row, UnderWay
from monitor.model import Acknowledgement, Certificate, Endpoint, Result, Silenced, State, Status
from monitor.trace import Trace

_BLOCKING = frozenset({State.DOWN, State.UNREACHABLE})
_TROUBLE = frozenset({State.DEGRADED, State.FAILING, State.DOWN, State.UNREACHABLE, State.INCONCLUSIVE})
DISABLED = "disabled in the config"


class Check:
    """One check in flight."""

    __slots__ = ("blind", "due", "started", "task", "traces", "watched")

    def __init__(self, watched: Watched, due: float | None, started: float) -> None:
        self.watched = watched
        self.blind = watched.hold in EXPLAINED
        """It began behind a failing dependency: its failure says nothing, whatever comes meanwhile."""
        self.due = due
        """When it was due; None for one out of turn."""
        self.started = started
        self.task: asyncio.Task[Result] | None = None
        self.traces: list[Trace] = []
        """What it learns as it goes; two of them where both address families are asked."""

    @property
    def under_way(self) -> UnderWay:
        """How far it got; where it goes two ways, the one that is not over."""
        trace = next((one for one in self.traces if one.ended is None), None)
        if trace is None:
            return UnderWay()
        return UnderWay(trace.phase or "", trace.latency_ms, trace.phases_so_far_ms)


class Watched:
    """An endpoint's record, which only the engine changes. Moments are of the loop's clock.

    ``since`` and ``told_at`` are told to people, and are seconds since the epoch.
    """

    __slots__ = (
        "acknowledged", "belief", "certificates", "check", "checked", "dependencies", "dependents",
        "endpoint", "grid", "handle", "health", "last", "last_failure", "last_good", "outage", "past",
        "paused", "phases", "policy", "present", "samples", "seen", "silenced", "told", "told_at",
        "uptime", "waiting",
    )  # fmt: skip

    def __init__(
        self, handle: int, endpoint: Endpoint, grid: Grid, room: int, *, wall: float, now: float
    ) -> None:
        self.handle = handle
        self.health = Health()
        self.belief = State.PENDING
        """What follows from ``health``, and from what those are believed to be that it depends on."""
        self.present = Was(wall, State.PENDING)
        self.past: Past = ()
        self.seen = now
        """Until when ``uptime`` is counted."""
        self.told: State | None = None
        """The last state that the event_log tells of."""
        self.told_at = wall
        self.uptime = Uptime()
        self.samples = Samples(room)
        self.phases: Phases | None = None
        self.last: Result | None = None
        self.last_failure: Result | None = None
        self.last_good: Result | None = None
        self.certificates: tuple[Certificate, ...] = ()
        """Those that it has shown, the newest first."""
        self.checked = float("-inf")
        """When the last check began whose result counted."""
        self.check: Check | None = None
        """The one in flight."""
        self.waiting = False
        """It is due, and waits for its turn."""
        self.acknowledged: Acknowledgement | None = None
        self.silenced: Silenced | None = None
        self.outage: Outage | None = None
        """The failures that made it down, or may do so."""
        self.dependencies: tuple[Watched, ...] = ()
        self.dependents: list[Watched] = []
        self.become(endpoint, grid)
        self.paused = not endpoint.enabled

    @property
    def state(self) -> State:
        return self.present.state

    @property
    def since(self) -> float:
        """When ``state`` began, seconds since the epoch."""
        return self.present.since

    def turn(self, after: State, at: float, redact: Callable[[str], str]) -> None:
        """Be in another state from ``at`` on; the one until now is remembered."""
        self.past = leaving(self.past, self.present)
        if self.last and after in _TROUBLE:
            said = intern(message(self.last, redact))  # of a thousand that fail, most say the same
            self.present = Was(at, after, self.last.reason, said)
        else:
            self.present = Was(at, after)

    def become(self, endpoint: Endpoint, grid: Grid) -> None:
        """Be ``endpoint`` from now on, as a new config has it."""
        self.endpoint = endpoint
        self.grid = grid
        self.policy = Policy(endpoint.down_after, endpoint.up_after)

    def alter(self, endpoint: Endpoint, grid: Grid) -> None:
        """Be ``endpoint`` from now on; where it is another thing to check, its state is not known yet."""
        old = self.endpoint
        if _asked(old) != _asked(endpoint):
            self.health = Health()
            self.certificates = ()
        if endpoint.enabled is not old.enabled:
            self.paused = not endpoint.enabled
        self.become(endpoint, grid)

    # ── judging ─────────────────────────────────────────────────────────────────────────────────

    @property
    def hold(self) -> Hold:
        """What the dependencies mean for a failure of this one."""
        if not self.dependencies:
            return Hold.NONE
        states = [one.believed for one in self.dependencies]
        if any(state in _BLOCKING for state in states):
            return Hold.BLOCKED
        if State.FAILING in states:
            return Hold.SUSPECT
        being_checked = any(one.being_checked for one in self.dependencies)
        return Hold.UNDECIDED if being_checked else Hold.NONE

    @property
    def believed(self) -> State:
        """What those go by that depend on it: a gap in an outage is part of the outage."""
        return State.PAUSED if self.paused else self.belief

    @property
    def being_checked(self) -> bool:
        """Whether a check is on its way that may change the state."""
        return not self.paused and (self.check is not None or self.waiting)

    @property
    def confirming(self) -> bool:
        """Whether a failure or a recovery is being confirmed."""
        return healths.confirming(self.health) and self.hold is not Hold.BLOCKED

    def learn(self, result: Result, *, blind: bool = False) -> None:
        """Take one more result into health and history; see :class:`Check` for ``blind``."""
        hold = Hold.BLOCKED if blind else self.hold
        self.health = healths.advance(self.health, result.status, self.policy, hold)
        self._believe()
        self.last = result
        self.certificates = known_with(self.certificates, result)
        if result.status is Status.DOWN:
            self.last_failure = result
        elif result.status is not Status.INCONCLUSIVE:
            self.last_good = result
            self._remember_phases(result)
        latency = NO_LATENCY if result.latency_ms is None else result.latency_ms
        self.samples.add(Sample(result.checked_at, LETTERS[result.status], latency))

    def _remember_phases(self, result: Result) -> None:
        if self.phases is None:
            self.phases = Phases()
        self.phases.add(result.phases_ms)

    def reconsider(self) -> bool:
        """Let failures count, or not, as what the dependencies mean for them is another thing now.

        Whether something else is believed of it than before.
        """
        before = self.belief
        if self.health.failed:
            self.health = healths.decided(self.health, self.policy, self.hold)
        self._believe()
        return self.belief is not before

    def _believe(self) -> None:
        # Kept, because everybody who depends on it asks: through layers of dependencies there are
        # more ways than could ever be gone.
        hold = self.hold if self.health.failed else Hold.NONE
        self.belief = healths.believed(self.health, hold)

    @property
    def judged(self) -> State:
        """The state that follows from all that is known."""
        return State.PAUSED if self.paused else healths.state(self.health, self.hold)

    @property
    def blockers(self) -> list[str]:
        """Names of the dependencies that are down."""
        return [one.endpoint.name for one in self.dependencies if one.believed in _BLOCKING]

    # ── telling ─────────────────────────────────────────────────────────────────────────────────

    def row(self, samples: int, next_due: float | None, redact: Callable[[str], str], now: float) -> Row:
        """The present state with the newest ``samples``; ``next_due`` is seconds since the epoch."""
        last = self.last
        streak, needed = (0, 0) if self.paused else healths.progress(self.health, self.policy)
        outcomes, latencies = self.samples.newest(samples)
        self.count_until(now)
        return Row(
            handle=self.handle,
            state=self.state,
            since=self.since,
            streak=streak,
            needed=needed,
            reason=last.reason if last else None,
            message=self._message(redact),
            latency_ms=last.latency_ms if last else None,
            checked_at=last.checked_at if last else None,
            next_due=next_due,
            not_after=self._not_after(),
            flapping=self.health.flapping,
            acknowledged=self.acknowledged,
            silenced=self.silenced,
            uptime=self.uptime.share,
            total=self.samples.total,
            outcomes=outcomes,
            latencies_ms=latencies,
        )

    def _message(self, redact: Callable[[str], str]) -> str:
        if not self.endpoint.enabled and self.paused:
            return DISABLED
        return message(self.last, redact) if self.last else ""

    def _not_after(self) -> float | None:
        """The expiry of the certificate that was seen last."""
        for result in (self.last, self.last_good):
            if result and result.certificate:
                return result.certificate.expires
        return None

    def detail(self, since: float, redact: Callable[[str], str]) -> Detail:
        """All about it, with the samples after ``since``."""
        tellable = {
            name: result and redacted(result, redact)
            for name, result in (
                ("last", self.last),
                ("last_failure", self.last_failure),
                ("last_good", self.last_good),
            )
        }
        return Detail(
            handle=self.handle,
            **tellable,
            points=tuple(Point(*sample) for sample in self.samples.since(since)),
            phases_ms=self.phases.medians() if self.phases else {},
            under_way=self._under_way,
        )

    @property
    def _under_way(self) -> UnderWay | None:
        return self.check.under_way if self.check else UnderWay() if self.waiting else None

    def count_until(self, now: float) -> None:
        """Credit the time up to ``now`` to the present state."""
        self.uptime.credit(self.state, max(now - self.seen, 0.0))
        self.seen = now

    def mask(self, redact: Callable[[str], str]) -> None:
        """Take the secrets out of what is remembered, before ``redact`` is forgotten."""
        self.last = self.last and redacted(self.last, redact)
        self.last_failure = self.last_failure and redacted(self.last_failure, redact)
        self.last_good = self.last_good and redacted(self.last_good, redact)

    def card(self) -> Card:
        """What the config says of it."""
        return _card(self.handle, self.endpoint)


def _asked(endpoint: Endpoint) -> tuple[object, ...]:
    """What is checked, and what has to hold."""
    return endpoint.probe, endpoint.twin, endpoint.expect, endpoint.warn


def _card(handle: int, endpoint: Endpoint) -> Card:
    source = endpoint.source
    return Card(
        handle=handle,
        id=endpoint.id,
        name=endpoint.name,
        kind=endpoint.kind,
        target=endpoint.target,
        group=endpoint.group or "",
        tags=endpoint.tags,
        description=endpoint.description,
        runbook=endpoint.runbook,
        interval=endpoint.interval,
        timeout=endpoint.timeout,
        down_after=endpoint.down_after,
        up_after=endpoint.up_after,
        warn_latency_ms=_allowed_latency(endpoint),
        depends_on=endpoint.depends_on,
        enabled=endpoint.enabled,
        file=source.file if source else "",
        line=source.line if source else 0,
    )


def _allowed_latency(endpoint: Endpoint) -> float | None:
    limits = [one.ms for one in (*endpoint.warn, *endpoint.expect) if isinstance(one, MaxLatency)]
    return limits[0] if limits else None
