"""The words that every part of the program speaks. Imports nothing of ours.

An :class:`Endpoint` is what the user wants watched. A probe makes an :class:`Observation` of it;
``verdict`` judges the observation into a :class:`Result`; ``health`` folds results into a
:class:`State`. Times are seconds since the epoch (UTC), durations in config are seconds, and
measured durations are milliseconds and end in ``_ms``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import msgspec

if TYPE_CHECKING:
    from monitor.trace import Trace


class Status(StrEnum):
    """One check's verdict."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    INCONCLUSIVE = "inconclusive"


class State(StrEnum):
    """What the live engine says of an endpoint, thresholds and dependencies included."""

    PENDING = "pending"
    UP = "up"
    DEGRADED = "degraded"
    FAILING = "failing"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    INCONCLUSIVE = "inconclusive"
    PAUSED = "paused"


class Reason(StrEnum):
    """Why a check is not up. Where several apply, the first in this order is the one told."""

    DNS_ERROR = "dns_error"
    CONNECTION_REFUSED = "connection_refused"
    CONNECTION_RESET = "connection_reset"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS_TIMEOUT = "tls_timeout"
    READ_TIMEOUT = "read_timeout"
    TLS_ERROR = "tls_error"
    CERTIFICATE_EXPIRED = "certificate_expired"
    CERTIFICATE_UNTRUSTED = "certificate_untrusted"
    CERTIFICATE_NAME_MISMATCH = "certificate_name_mismatch"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    PROTOCOL_ERROR = "protocol_error"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    STATUS_MISMATCH = "status_mismatch"
    HEADER_MISMATCH = "header_mismatch"
    BODY_MISMATCH = "body_mismatch"
    JSON_MISMATCH = "json_mismatch"
    VERSION_MISMATCH = "version_mismatch"
    REPLY_MISMATCH = "reply_mismatch"
    RECORD_MISMATCH = "record_mismatch"
    VALUE_MISMATCH = "value_mismatch"
    LATENCY_EXCEEDED = "latency_exceeded"
    AUTH_ERROR = "auth_error"
    COMMAND_FAILED = "command_failed"
    MISSED = "missed"
    LOCAL_ERROR = "local_error"


REASON_RANK: Mapping[Reason, int] = {reason: rank for rank, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True)
class Source:
    """Where in the user's files something was written; ``line`` counts from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a config: ``FILE:LINE: KEY: what is wrong, and what would be right``."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate as it was presented, verified or not; the server's own has its ``issuers``."""

    subject: str
    issuer: str
    not_before: float
    not_after: float
    names: tuple[str, ...] = ()
    fingerprint: str = ""
    """SHA-256 of the DER form, in lower-case hex."""
    issuers: tuple[Certificate, ...] = ()
    """The rest of the chain, in the order in which it was presented."""

    @property
    def expires(self) -> float:
        """The earliest expiry in the whole chain: the one that counts."""
        return min((self.not_after, *(issuer.not_after for issuer in self.issuers)))

    def days_left(self, at: float) -> float:
        """Days from ``at`` until the chain's earliest expiry; negative once it has passed."""
        return (self.expires - at) / 86400


class Record(msgspec.Struct, kw_only=True, gc=False):
    """What is made anew in each check and kept for a while.

    It refers to nothing that refers back, so that the garbage collector need not look at it: of many
    endpoints these are most of all objects, and looking through them takes longer than checks can wait.
    """


class HttpFacts(Record, kw_only=True):
    """The final answer of an HTTP check; ``bytes`` counts the body as read, decompressed."""

    status: int
    version: str
    redirects: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that a check brought with it; the limits are as the one who measured wrote them."""

    value: float
    unit: str = ""
    warn: str = ""
    crit: str = ""

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}"


class Hop(Record, kw_only=True):
    """One exchange of a check that took several: a redirect, an auth round, a STARTTLS dialogue."""

    asked: str
    answered: str
    address: str | None = None
    latency_ms: float | None = None
    certificate: Certificate | None = None


class Explanation(Record, kw_only=True):
    """What an operator wants to see about one check: bounded, plain text, secrets redacted."""

    asked: str = ""
    hops: tuple[Hop, ...] = ()
    tls: str = ""
    """Protocol version and cipher, as in ``TLSv1.3 TLS_AES_256_GCM_SHA384``."""
    answer: str = ""
    """The beginning of what the server said: its headers and a snippet of its body."""


class Observation(Record, kw_only=True):
    """What one check saw, with no judgement yet.

    ``reason`` is None when the exchange completed; otherwise it says why it could not.
    ``facts`` holds what ``expect`` and ``warn`` may ask about, by the name of their key.
    """

    started: float
    latency_ms: float | None = None
    phases_ms: dict[str, float] = msgspec.field(default_factory=dict)
    address: str | None = None
    reason: Reason | None = None
    message: str = ""
    facts: Mapping[str, Any] = msgspec.field(default_factory=dict)
    http: HttpFacts | None = None
    certificate: Certificate | None = None
    """The one that was refused, or else, of those of all hops, the one whose chain expires first."""
    explanation: Explanation | None = None
    delayed_ms: float = 0.0
    """What this machine, busy with other things, may have added to the latency."""
    good_for: float | None = None
    """Seconds after which the verdict may be another, whenever the next check is due."""
    degraded: bool = False
    """The probe's own word for "it answers, but not well", as an exec plugin's exit status 1."""


class Failed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One assertion that did not hold. ``severity`` is ``expect`` or ``warn``."""

    check: str
    severity: str
    expected: str
    actual: str
    reason: Reason


class Result(Record, kw_only=True):
    """One check, judged. ``endpoint`` is the endpoint's id."""

    endpoint: str
    status: Status
    reason: Reason | None
    message: str
    checked_at: float
    latency_ms: float | None = None
    phases_ms: dict[str, float] = msgspec.field(default_factory=dict)
    address: str | None = None
    http: HttpFacts | None = None
    certificate: Certificate | None = None
    performance: Mapping[str, Measure] | None = None
    """What a monitoring plugin measured, by label."""
    failed: tuple[Failed, ...] = ()
    explanation: Explanation | None = None
    delayed_ms: float = 0.0
    """As in :class:`Observation`; 0 for a latency that is exact."""
    good_for: float | None = None
    """As in :class:`Observation`."""


class Probe(Protocol):
    """How one kind of endpoint is checked. A frozen dataclass whose fields are its TOML keys."""

    kind: ClassVar[str]

    @property
    def target(self) -> str:
        """The URL as it may be shown: no password in it."""

    async def check(self, trace: Trace) -> str:
        """Make one check, noting in ``trace`` what is learnt as it is learnt.

        Returns the message to show when the exchange completed, such as ``200 OK``. Raises
        :class:`~monitor.errors.ProbeError` when it did not. The caller sets the deadline: a probe
        is cancelled when time is up, and the phase it was in then becomes the reason.
        """


class Assertion(Protocol):
    """One line of ``expect`` or ``warn``."""

    def judge(self, observation: Observation, severity: str) -> Failed | None:
        """What is wrong, or None when the observation satisfies it."""


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
    depends_on: tuple[str, ...] = ()
    """Names of other endpoints."""
    expect: tuple[Assertion, ...] = ()
    warn: tuple[Assertion, ...] = ()
    twin: Probe | None = None
    """Checked beside ``probe``, over IPv6 where that one is over IPv4: both have to pass."""
    source: Source | None = field(default=None, compare=False)

    @property
    def kind(self) -> str:
        return self.probe.kind

    @property
    def target(self) -> str:
        return self.probe.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The ``[monitor]`` table."""

    max_concurrency: int | None = None
    """Checks in flight at once; None: as many as the open-file limit allows."""
    connectivity: tuple[Probe, ...] = ()
    """Canaries: while none of them answers, this machine is offline."""
    listen: tuple[str, int] | None = None
    """Where heartbeats are taken: host (empty for every address) and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colours of the user's own: ``#rrggbb`` or the name of one of the terminal's, by what they are for."""

    dark: bool = True
    """Whether its background is the darker side."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Those that differ from the built-in dark or light theme's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardSettings:
    """The ``[dashboard]`` table."""

    theme: str = ""
    """The theme to begin with; empty: as the terminal suggests."""
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Remapped keys by their names, as :mod:`monitor.keymap` has them."""
    themes: Mapping[str, Theme] = field(default_factory=dict)
    """The user's own themes by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything the user asked for, valid and complete."""

    endpoints: tuple[Endpoint, ...] = ()
    """Enabled and disabled ones, in the order of the files."""
    settings: Settings = Settings()
    dashboard: DashboardSettings = field(default_factory=DashboardSettings)
    file: str = ""
    """Absolute path of the main file; empty when there is none."""
    files: tuple[str, ...] = ()
    """Every file that was read, secrets' files included: a change to any of them is a change."""
    digests: Mapping[str, str] = field(default_factory=dict, compare=False)
    """By a config file's absolute path: which version of it was read."""
    patterns: tuple[str, ...] = ()
    """What ``include`` named: a new file that matches is a change."""
    title: str = ""
    """What is watched, for the header: the file's name, the targets, ``demo``."""
    redact: Callable[[str], str] = field(default=str, compare=False)
    """Masks the config's secrets in foreign text."""
