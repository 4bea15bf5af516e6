"""What one check learns while it runs: phases, address, certificate, facts.

A probe writes into its trace as it goes, so that a check which fails half-way, or is cancelled at
its deadline, still tells everything it saw until then. One clock read per phase change.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Self

from monitor.model import Assertion, Certificate, Explanation, Hop, HttpFacts, Reason

ANSWER_LIMIT = 4096
"""Characters of a server's answer that an explanation keeps."""


class Phase(StrEnum):
    """What a check is doing, and what it means when its time runs out meanwhile."""

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


class Trace:
    """The record of one check in the making.

    ``phase`` is the phase under way, or None in a gap. Phases add up when they recur, so that
    redirects sum; what lies between phases belongs to the latency alone.
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
        "settled",
        "stated",
        "tls",
        "untimed",
    )

    def __init__(self, assertions: Sequence[Assertion] = ()) -> None:
        self.phases: dict[str, float] = {}
        self.phase: str | None = None
        self.address: str | None = None
        self.certificates: list[Certificate] = []
        """Those that peers presented, in the order of the handshakes."""
        self.http: HttpFacts | None = None
        self.facts: dict[str, Any] = {}
        self.hops: list[Hop] = []
        self.notes: list[str] = []
        """How the answer departs from the standard, though it could be read."""
        self.asked = ""
        self.answer = ""
        self.tls = ""
        self.degraded = False
        self.ended: float | None = None
        self.stated: float | None = None
        self.untimed = False
        """How long the check takes tells nothing of the endpoint: there is no latency."""
        self.good_for: float | None = None
        """Seconds after which the verdict may be another, whenever the next check is due."""
        self.settled: str | None = None
        """What the check would say if time ran out now; None: that it ran out of time."""
        self.assertions: Sequence[Assertion] = assertions
        """What will be asked of the facts, for a probe that has to know when it has heard enough."""
        self.began = self._since = time.perf_counter()

    def enter(self, phase: str | None) -> None:
        """End the phase under way and begin ``phase``; None begins a gap."""
        now = time.perf_counter()
        if self.phase is not None and self.stated is None:
            self.phases[self.phase] = self.phases.get(self.phase, 0.0) + now - self._since
        self.phase = phase
        self._since = now

    def add(self, phase: str, seconds: float) -> None:
        """Count time that somebody else measured, such as a library's own hooks."""
        self.phases[phase] = self.phases.get(phase, 0.0) + seconds

    def state_latency(self, phase: str, seconds: float) -> None:
        """Say that the latency is ``seconds``, all of it ``phase``, whatever time the check took."""
        self.stated = seconds
        self.phases = {phase: seconds}

    def finish(self) -> None:
        """End the phase under way and the check; what follows is not in the latency."""
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
        return {str(phase): seconds * 1000 for phase, seconds in self.phases.items()}

    @property
    def phases_so_far_ms(self) -> dict[str, float]:
        """As ``phases_ms``, with the phase under way until now."""
        told = self.phases_ms
        if self.phase is not None and self.stated is None:
            told[self.phase] = told.get(self.phase, 0.0) + (time.perf_counter() - self._since) * 1000
        return told

    def explanation(self) -> Explanation:
        return Explanation(
            asked=self.asked,
            hops=tuple(self.hops),
            tls=self.tls,
            answer=self.answer[:ANSWER_LIMIT],
            notes=tuple(self.notes),
        )
