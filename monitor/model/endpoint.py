"""An endpoint: one thing to watch, as the config describes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol

from monitor.model.result import Failed, Observation

Quorum = Literal["any", "majority", "all"] | int
"""The number of voters that make an endpoint down."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place in the config files; ``line`` counts from 1."""

    file: str
    line: int


class Probe(Protocol):
    """The check of one kind of endpoint. A frozen dataclass whose fields are its TOML keys."""

    kind: ClassVar[str]

    @property
    def target(self) -> str:
        """The URL without its password."""

    async def check(self, trace: Any) -> str:
        """Make one check, recording it in ``trace`` (a :class:`monitor.trace.Trace`) step by step.

        Returns the message to show when the exchange completed, such as ``200 OK``. Raises
        :class:`~monitor.errors.ProbeError` when it did not. The caller sets the deadline: a probe
        is cancelled when time is up, and the phase it was in then becomes the reason.
        """


class Assertion(Protocol):
    """One line of ``expect`` or ``warn``."""

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        """The violation, or None if the observation satisfies it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One thing to watch: the common keys, and a probe that holds the keys of its own kind."""

    id: str
    name: str
    probe: Probe
    group: str | None = None
    tags: tuple[str, ...] = ()
    description: str = ""
    runbook: str = ""
    enabled: bool = True
    interval: float = 30.0
    timeout: float = 10.0
    retry_interval: float = 5.0
    down_after: int = 3
    up_after: int = 2
    slo: float | None = None
    """The service level objective: per cent of time not down, over 30 days."""
    depends_on: tuple[str, ...] = ()
    """Names of other endpoints."""
    trace_path: bool = True
    """Whether the network path is traced when a check cannot connect."""
    expect: tuple[Assertion, ...] = ()
    warn: tuple[Assertion, ...] = ()
    twin: Probe | None = None
    """The probe over IPv6 beside ``probe`` over IPv4: both must pass."""
    locations: tuple[str, ...] = ()
    """The locations of a cluster that check it; none: all."""
    quorum: Quorum = "majority"
    """The number of locations that make it down."""
    source: Source | None = field(default=None, compare=False)

    @property
    def kind(self) -> str:
        return self.probe.kind

    @property
    def target(self) -> str:
        return self.probe.target
