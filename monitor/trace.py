"""What one check learns while it runs: phases, address, certificate, facts.

A probe writes into its trace as it goes, so that a check which fails half-way, or is cancelled at
its deadline, still tells everything it saw until then. One clock read per phase change.
"""

from __future__ import annotations

import time
from typing import Any

from monitor.model import Certificate, Explanation, Hop, HttpFacts

ANSWER_LIMIT = 4096
"""Characters of a server's answer that an explanation keeps."""


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
        "began",
        "certificate",
        "degraded",
        "ended",
        "facts",
        "hops",
        "http",
        "phase",
        "phases",
        "tls",
    )

    def __init__(self) -> None:
        self.phases: dict[str, float] = {}
        self.phase: str | None = None
        self.address: str | None = None
        self.certificate: Certificate | None = None
        self.http: HttpFacts | None = None
        self.facts: dict[str, Any] = {}
        self.hops: list[Hop] = []
        self.asked = ""
        self.answer = ""
        self.tls = ""
        self.degraded = False
        self.ended: float | None = None
        self.began = self._since = time.perf_counter()

    def enter(self, phase: str | None) -> None:
        """End the phase under way and begin ``phase``; None begins a gap."""
        now = time.perf_counter()
        if self.phase is not None:
            self.phases[self.phase] = self.phases.get(self.phase, 0.0) + now - self._since
        self.phase = phase
        self._since = now

    def add(self, phase: str, seconds: float) -> None:
        """Count time that somebody else measured, such as a library's own hooks."""
        self.phases[phase] = self.phases.get(phase, 0.0) + seconds

    def finish(self) -> None:
        """End the phase under way and the check; what follows is not in the latency."""
        if self.ended is None:
            self.enter(None)
            self.ended = self._since

    @property
    def latency_ms(self) -> float:
        """Milliseconds from the beginning to the end (or to now, while it runs)."""
        end = time.perf_counter() if self.ended is None else self.ended
        return (end - self.began) * 1000

    @property
    def phases_ms(self) -> dict[str, float]:
        return {phase: seconds * 1000 for phase, seconds in self.phases.items()}

    def explanation(self) -> Explanation:
        return Explanation(
            asked=self.asked,
            hops=tuple(self.hops),
            tls=self.tls,
            answer=self.answer[:ANSWER_LIMIT],
        )
