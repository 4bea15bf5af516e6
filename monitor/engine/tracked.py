"""One endpoint's record inside the tracker: its config, its present state, and its recent past."""

from __future__ import annotations

from hashlib import blake2b
from math import inf
from operator import attrgetter
from sys import intern

from monitor.engine.samples import Phases, Sample, Samples
from monitor.engine.saved import EndpointState, LastCheck
from monitor.engine.state_history import Past, StateSpan, append
from monitor.judge import health as healths
from monitor.judge.certificates import known_with
from monitor.judge.health import Health, Inhibition, Policy
from monitor.judge.incidents import Outage
from monitor.model import (
    LETTERS,
    NO_LATENCY,
    Acknowledgement,
    Certificate,
    Endpoint,
    LocationResult,
    Result,
    Silence,
    Slowdown,
    State,
    Status,
)
from monitor.model.events import SlowdownChanged

_BLOCKING = frozenset({State.DOWN, State.UNREACHABLE})
_EXPLAINED_STATES = frozenset(
    {State.DEGRADED, State.FAILING, State.DOWN, State.UNREACHABLE, State.INCONCLUSIVE}
)
"""States whose span keeps the reason and the message."""


class Tracked:
    """An endpoint's record, which only the tracker changes. Moments are seconds since the epoch."""

    __slots__ = (
        "acknowledged", "being_checked", "belief", "certificates", "checked_since", "dependencies",
        "dependents", "endpoint", "handle", "health", "in_maintenance", "last", "last_failure", "last_good",
        "locations", "outage", "past", "paused", "phases", "policy", "present", "samples", "silence",
        "slowdown",
    )  # fmt: skip

    def __init__(self, handle: int, endpoint: Endpoint, room: int, at: float) -> None:
        self.handle = handle
        self.health = Health()
        self.belief = State.PENDING
        """The state by ``health`` and by the dependencies' beliefs."""
        self.present = StateSpan(at, State.PENDING)
        self.past: Past = ()
        self.samples = Samples(room)
        self.phases: Phases | None = None
        self.last: Result | None = None
        self.last_failure: Result | None = None
        self.last_good: Result | None = None
        self.locations: tuple[LocationResult, ...] = ()
        """The newest result of each location, in alphabetical order."""
        self.certificates: tuple[Certificate, ...] = ()
        """The certificates that it has presented, newest first."""
        self.being_checked = False
        """Whether a check is in flight or waits for its turn."""
        self.acknowledged: Acknowledgement | None = None
        self.silence: Silence | None = None
        """Of the silences that cover it, the one that ends last."""
        self.slowdown: Slowdown | None = None
        """The phase that is lastingly slower than usual, if one is."""
        self.checked_since = 0.0
        """When its target was last changed; phases of earlier checks do not count. 0: never."""
        self.in_maintenance = False
        self.outage: Outage | None = None
        """The failures that led to the state down, or may do so."""
        self.dependencies: tuple[Tracked, ...] = ()
        self.dependents: list[Tracked] = []
        self.become(endpoint)
        self.paused = not endpoint.enabled

    @property
    def id(self) -> str:
        return self.endpoint.id

    @property
    def state(self) -> State:
        return self.present.state

    @property
    def since(self) -> float:
        """The beginning of ``state``."""
        return self.present.since

    def turn(self, after: State, at: float) -> None:
        """Enter the state ``after``; the present one becomes part of the past."""
        self.past = append(self.past, self.present)
        if self.last and after in _EXPLAINED_STATES:
            text = intern(self.last.message)  # of a thousand endpoints that fail, most have the same message
            self.present = StateSpan(at, after, self.last.reason, text)
        else:
            self.present = StateSpan(at, after)

    def become(self, endpoint: Endpoint) -> None:
        """Use ``endpoint`` from a new config."""
        self.endpoint = endpoint
        self.policy = Policy(endpoint.down_after, endpoint.up_after)

    def alter(self, endpoint: Endpoint, at: float) -> list[SlowdownChanged]:
        """Take over ``endpoint``; if it checks something else now, its state is unknown again.

        Returns the event of a mark that this ends.
        """
        old, slowdown = self.endpoint, self.slowdown
        if _checked_by(old) != _checked_by(endpoint):
            self.health = Health()
            self.certificates = ()
            self.slowdown, self.checked_since = None, at
        if endpoint.enabled is not old.enabled:
            self.paused = not endpoint.enabled
        self.being_checked = False
        self.become(endpoint)
        return self._mark_ended(slowdown, at)

    def _mark_ended(self, before: Slowdown | None, at: float) -> list[SlowdownChanged]:
        if before is None or self.slowdown is not None:
            return []
        return [SlowdownChanged(at=at, endpoint=self.id, before=before, after=None, state=self.state)]

    # ── judging ─────────────────────────────────────────────────────────────────────────────────

    @property
    def inhibition(self) -> Inhibition:
        """The effect of the dependencies' states on a failure of this endpoint."""
        if not self.dependencies:
            return Inhibition.NONE
        states = [one.believed for one in self.dependencies]
        if any(state in _BLOCKING for state in states):
            return Inhibition.BLOCKED
        if State.FAILING in states:
            return Inhibition.SUSPECT
        pending = any(one.being_checked and not one.paused for one in self.dependencies)
        return Inhibition.UNDECIDED if pending else Inhibition.NONE

    @property
    def believed(self) -> State:
        """The state that counts for dependents: an inconclusive result during an outage does not end it."""
        return State.PAUSED if self.paused else self.belief

    @property
    def confirming(self) -> bool:
        """Whether a failure or a recovery is being confirmed."""
        return healths.confirming(self.health) and self.inhibition is not Inhibition.BLOCKED

    @property
    def progress(self) -> tuple[int, int]:
        """The numbers of confirming and of needed results of a change; 0 and 0 if none is due."""
        return (0, 0) if self.paused else healths.progress(self.health, self.policy)

    def learn(self, result: Result, *, blind: bool = False) -> None:
        """Take in one more result; ``blind``: the check began while a dependency was failing."""
        inhibition = Inhibition.BLOCKED if blind else self.inhibition
        self.health = healths.advance(self.health, result.status, self.policy, inhibition)
        self._update_belief()
        self.last = result
        self.certificates = known_with(self.certificates, result)
        if result.status is Status.DOWN:
            self.last_failure = result
        elif result.status is not Status.INCONCLUSIVE:
            self.last_good = result
            self._remember_phases(result)
        latency = NO_LATENCY if result.latency_ms is None else result.latency_ms
        self.samples.add(Sample(result.checked_at, LETTERS[result.status], latency))

    def note_location(self, location: str, result: Result) -> None:
        """Note the result of one location."""
        newest = LocationResult(
            location=location,
            status=result.status,
            checked_at=result.checked_at,
            latency_ms=result.latency_ms,
            reason=result.reason,
            message=result.message,
            phases_ms=result.phases_ms,
            http_status=result.http.status if result.http else None,
        )
        for at, one in enumerate(self.locations):
            if one.location == location:
                self.locations = (*self.locations[:at], newest, *self.locations[at + 1 :])
                return
        self.locations = tuple(sorted([*self.locations, newest], key=attrgetter("location")))

    def _remember_phases(self, result: Result) -> None:
        if self.phases is None:
            self.phases = Phases()
        self.phases.add(result.phases_ms)

    def reconsider(self) -> bool:
        """Apply the dependencies' states to the failures so far. Return whether the belief changed."""
        before = self.belief
        if self.health.failed:
            self.health = healths.decided(self.health, self.policy, self.inhibition)
        self._update_belief()
        return self.belief is not before

    def _update_belief(self) -> None:
        # Cached, because every dependent asks for it: the number of paths through layers of
        # dependencies grows exponentially.
        inhibition = self.inhibition if self.health.failed else Inhibition.NONE
        self.belief = healths.believed(self.health, inhibition)

    @property
    def judged(self) -> State:
        """The state that follows from health, dependencies and pausing."""
        return State.PAUSED if self.paused else healths.state(self.health, self.inhibition)

    @property
    def blockers(self) -> list[Tracked]:
        """The dependencies that are down."""
        return [one for one in self.dependencies if one.believed in _BLOCKING]

    @property
    def acknowledged_until(self) -> float:
        """The time at which its acknowledgement expires; infinity: never."""
        mark = self.acknowledged
        return inf if mark is None or mark.until is None else mark.until

    @property
    def not_after(self) -> float | None:
        """The expiry of the certificate seen last."""
        for result in (self.last, self.last_good):
            if result and result.certificate:
                return result.certificate.expires
        return None

    # ── a restart ───────────────────────────────────────────────────────────────────────────────

    def save(self) -> EndpointState:
        """Everything that has to survive a restart."""
        return EndpointState(
            id=self.id,
            checks=_digest(self.endpoint),
            health=self.health,
            state=self.state,
            since=self.since,
            reason=self.present.reason,
            message=self.present.message,
            paused=self.paused and self.endpoint.enabled,
            acknowledged=self.acknowledged,
            outage=self.outage,
            last=_last_check(self.last),
            certificates=self.certificates,
            slowdown=self.slowdown,
            checked_since=self.checked_since,
        )

    def resume(self, saved: EndpointState, at: float) -> list[SlowdownChanged]:
        """Go on from ``saved``; if something else is checked now, only a pause is taken over.

        Returns the event of a mark that this ends.
        """
        self.paused = saved.paused or not self.endpoint.enabled
        if saved.checks != _digest(self.endpoint):
            self.checked_since = at
            return self._mark_ended(saved.slowdown, at)
        self.slowdown, self.checked_since = saved.slowdown, saved.checked_since
        self.health = saved.health
        self.acknowledged = saved.acknowledged
        self.outage = saved.outage
        self.certificates = saved.certificates
        if saved.last:
            self.last = saved.last.result(self.id)
        if self.paused is (saved.state is State.PAUSED):
            self.present = StateSpan(saved.since, saved.state, saved.reason, saved.message)
        self._update_belief()
        return []


def _checked_by(endpoint: Endpoint) -> tuple[object, ...]:
    """The probe and its expectations."""
    return endpoint.probe, endpoint.twin, endpoint.expect, endpoint.warn


def _digest(endpoint: Endpoint) -> str:
    """A digest of :func:`_checked_by` for a file, because the values may hold secrets."""
    return blake2b(repr(_checked_by(endpoint)).encode(), digest_size=12).hexdigest()


def _last_check(result: Result | None) -> LastCheck | None:
    if result is None:
        return None
    return LastCheck(
        at=result.checked_at,
        status=result.status,
        reason=result.reason,
        message=result.message,
        latency_ms=result.latency_ms,
        certificate=result.certificate,
        heartbeat=result.heartbeat,
    )
