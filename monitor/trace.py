"""The record of one check while it runs: phases, address, certificate, facts.

A probe writes into its trace as it goes, so that a check which fails half-way, or is cancelled at
its deadline, still has everything that was recorded until then. One clock read per phase change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Self, TypeVar

from monitor.model import Assertion, Certificate, Explanation, Hop, HttpFacts, Reason

ANSWER_LIMIT = 4096
"""Characters of a server's answer that an explanation keeps."""


class Phase(StrEnum):
    """A phase of a check, with the reason and wording if the time runs out in it."""

    reason: Reason
    doing: str

    def __new__(cls, value: str, reason: Reason, doing: str) -> Self:
        phase = str.__new__(cls, value)
        phase._value_ = value
        phase.reason, phase.doing = reason, doing
        return phase

    DNS = "dns", Reason.CONNECT_TIMEOUT, "looking up the name"
    CONNECT = "connect", Reason.CONNECT_TIMEOUT, "connecting"
    STARTTLS = "starttls", Reason.READ_TIMEOUT, "asking for TLS"
    TLS = "tls", Reason.TLS_TIMEOUT, "in the TLS handshake"
    TOKEN = "token", Reason.READ_TIMEOUT, "waiting for the token endpoint"
    LOGIN = "login", Reason.READ_TIMEOUT, "logging in"
    WAIT = "wait", Reason.READ_TIMEOUT, "waiting for the answer"
    TRANSFER = "transfer", Reason.READ_TIMEOUT, "reading the answer"
    LISTEN = "listen", Reason.LOCAL_ERROR, "a heartbeat may take longer than that"


_NAMES: dict[str, str] = {phase: phase._value_ for phase in Phase}
_Shared = TypeVar("_Shared")


class Resources:
    """Objects that the checks of one engine share, such as heartbeats, tokens and open connections."""

    __slots__ = ("_shared",)

    def __init__(self) -> None:
        self._shared: dict[type[Any], Any] = {}

    def of(self, kind: type[_Shared]) -> _Shared:
        """The shared object of that type; created on first use."""
        found: _Shared | None = self._shared.get(kind)
        if found is None:
            found = self._shared[kind] = kind()
        return found


class Trace:
    """The record of one check in the making.

    ``phase`` is the phase under way, or None in a gap. Phases add up when they recur, so that
    redirects sum; the time between phases counts in the latency only.
    """

    __slots__ = (
        "_since",
        "address",
        "answer",
        "asked",
        "assertions",
        "began",
        "certificates",
        "degraded",
        "ended",
        "facts",
        "good_for",
        "hops",
        "http",
        "notes",
        "phase",
        "phases",
        "repeatable",
        "resources",
        "settled",
        "shortcuts",
        "stated",
        "tls",
        "untimed",
    )

    def __init__(self, assertions: Sequence[Assertion] = (), resources: Resources | None = None) -> None:
        self.phases: dict[str, float] = {}
        self.phase: str | None = None
        self.address: str | None = None
        self.certificates: list[Certificate] = []
        """The certificates that peers presented, in the order of the handshakes."""
        self.http: HttpFacts | None = None
        self.facts: dict[str, Any] = {}
        self.hops: list[Hop] = []
        self.notes: list[str] = []
        """Deviations of the answer from the standard that were tolerated."""
        self.asked = ""
        self.answer = ""
        self.tls = ""
        self.degraded = False
        self.ended: float | None = None
        self.stated: float | None = None
        self.untimed = False
        """Whether the check has no latency, because its duration does not depend on the endpoint."""
        self.good_for: float | None = None
        """Seconds after which the verdict may change, whenever the next check is due."""
        self.settled: str | None = None
        """The message for a timeout at this point; None: the usual one."""
        self.assertions: Sequence[Assertion] = assertions
        """The assertions that will be judged, for a probe that reads until they hold."""
        self.resources = resources or Resources()
        self.repeatable = False
        """Whether the check may take shortcuts, since it is made again without them if it fails."""
        self.shortcuts: list[Callable[[], object]] = []
        """The shortcuts that were taken; calling one disables it for a while."""
        self.begin()

    def begin(self) -> None:
        """Start the clock."""
        self.began = self._since = time.perf_counter()

    def enter(self, phase: str | None) -> None:
        """End the present phase and begin ``phase``; None begins a gap."""
        now, before = time.perf_counter(), self.phase
        if before is not None and self.stated is None:
            self.phases[before] = self.phases.get(before, 0.0) + now - self._since
        self.phase = phase
        self._since = now

    def skip_gap(self) -> None:
        """Leave the present gap out of the latency: this program loaded a module or a file."""
        now = time.perf_counter()
        self.began += now - self._since
        self._since = now

    def add(self, phase: str, seconds: float) -> None:
        """Add time that was measured elsewhere, such as by a library's own hooks."""
        self.phases[phase] = self.phases.get(phase, 0.0) + seconds

    def state_latency(self, phase: str, seconds: float) -> None:
        """Set the latency to ``seconds`` of ``phase`` alone, instead of the duration of the check."""
        self.stated = seconds
        self.phases = {phase: seconds}

    def finish(self) -> None:
        """End the present phase and the check; later work does not count in the latency."""
        if self.ended is None:
            self.enter(None)
            self.ended = self._since

    @property
    def latency_ms(self) -> float:
        """Milliseconds from the beginning to the end (or to now, while it runs)."""
        if self.stated is not None:
            return self.stated * 1000
        end = time.perf_counter() if self.ended is None else self.ended
        return (end - self.began) * 1000

    @property
    def phases_ms(self) -> dict[str, float]:
        """Milliseconds by phase. The names are shared by all results: ``str`` would make new ones."""
        return {_NAMES.get(phase, phase): seconds * 1000 for phase, seconds in self.phases.items()}

    @property
    def phases_so_far_ms(self) -> dict[str, float]:
        """As ``phases_ms``, with the present phase until now."""
        phases = self.phases_ms
        if self.phase is not None and self.stated is None:
            phases[self.phase] = phases.get(self.phase, 0.0) + (time.perf_counter() - self._since) * 1000
        return phases

    def explanation(self) -> Explanation:
        return Explanation(
            asked=self.asked,
            hops=tuple(self.hops),
            tls=self.tls,
            answer=self.answer[:ANSWER_LIMIT],
            notes=tuple(self.notes),
        )
