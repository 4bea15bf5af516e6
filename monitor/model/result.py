"""One check: a probe's observation, and the verdict on it.

Times are seconds since the epoch (UTC); measured durations are milliseconds and end in ``_ms``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from monitor.model.path import NetworkPath


class Status(StrEnum):
    """One check's verdict."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    INCONCLUSIVE = "inconclusive"


LETTERS: Mapping[Status, str] = {
    Status.UP: "u",
    Status.DEGRADED: "g",
    Status.DOWN: "d",
    Status.INCONCLUSIVE: "i",
}
"""The letter of each outcome in strings of samples."""
NO_LATENCY = -1.0
"""The latency of a sample without one."""


class Reason(StrEnum):
    """The reason why a check is not up. If several apply, the first in this order is reported."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A presented certificate, verified or not; the server's own has its ``issuers``.

    Further certificates, such as a leftover of the last renewal, are ``unneeded`` and do not count: neither
    browsers nor OpenSSL look at them.
    """

    subject: str
    issuer: str
    not_before: float
    not_after: float
    names: tuple[str, ...] = ()
    fingerprint: str = ""
    """SHA-256 of the DER form, in lower-case hex."""
    issuers: tuple[Certificate, ...] = ()
    """The rest of the verified path, each after the one that it issued, up to the trusted one. Where
    nothing was verified: those that were sent and may have issued it."""
    unneeded: tuple[Certificate, ...] = ()
    """The other certificates, in the order in which they were sent."""

    @property
    def expires(self) -> float:
        """The earliest expiry in the path, which is the one that matters."""
        return min((self.not_after, *(issuer.not_after for issuer in self.issuers)))

    def days_left(self, at: float) -> float:
        """Days from ``at`` until the path's earliest expiry; negative once it has passed."""
        return (self.expires - at) / 86400


class Record(msgspec.Struct, kw_only=True, gc=False):
    """Base of the short-lived values of each check.

    They are never part of a cycle, so the garbage collector need not track them. With many endpoints they are
    most of all objects, and scanning them would delay checks.
    """


class HttpFacts(Record, kw_only=True):
    """The final answer of an HTTP check; ``bytes`` counts the body as read, decompressed."""

    status: int
    version: str
    redirects: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure measured by a plugin; the limits are as the plugin printed them."""

    value: float
    unit: str = ""
    warn: str = ""
    crit: str = ""

    def __str__(self) -> str:
        return f"{self.value:g}{self.unit}"


class Heartbeat(Record, kw_only=True):
    """The state of a heartbeat, as moments, so that a screen can show ages that grow."""

    heard_at: float | None = None
    """When it last reported, in seconds since the epoch; None before the first time."""
    due_at: float
    """When its next report is due."""
    grace_s: float
    """The tolerance after that in seconds."""
    started_at: float | None = None
    """The beginning of the present run, if it was reported."""
    run_s: float | None = None
    """The length of the last run, if its beginning was reported."""
    failed: bool = False
    """Whether its last report was a failure."""
    note: str = ""
    """Its last message."""


class Hop(Record, kw_only=True):
    """One exchange of a check that took several: a redirect, an auth round, a STARTTLS dialogue."""

    asked: str
    answered: str
    address: str | None = None
    latency_ms: float | None = None
    certificate: Certificate | None = None


class Explanation(Record, kw_only=True):
    """One check explained to an operator: bounded, plain text, secrets redacted."""

    asked: str = ""
    hops: tuple[Hop, ...] = ()
    tls: str = ""
    """Protocol version and cipher, as in ``TLSv1.3 TLS_AES_256_GCM_SHA384``."""
    answer: str = ""
    """The beginning of the server's answer: headers and a snippet of the body."""
    notes: tuple[str, ...] = ()
    """Deviations of the answer from its protocol that the check tolerated."""
    path: NetworkPath | None = None
    """Traced after a check that could not connect."""


class Observation(Record, kw_only=True):
    """The findings of one check, before the verdict.

    ``reason`` is None if the exchange completed; otherwise it is the failure. ``facts`` has the values that
    ``expect`` and ``warn`` can test, by the name of their key.
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
    """The refused certificate, or else the one among all hops whose chain expires first."""
    explanation: Explanation | None = None
    delayed_ms: float = 0.0
    """Latency that this machine, busy with other work, may have added."""
    good_for: float | None = None
    """Seconds after which the verdict may change, whenever the next check is due."""
    degraded: bool = False
    """The probe's own warning, such as exit status 1 of an exec plugin."""


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
    """A monitoring plugin's measurements, by label."""
    heartbeat: Heartbeat | None = None
    failed: tuple[Failed, ...] = ()
    explanation: Explanation | None = None
    delayed_ms: float = 0.0
    """As in :class:`Observation`; 0 for a latency that is exact."""
    good_for: float | None = None
    """As in :class:`Observation`."""


class LocationResult(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """An endpoint's newest result from one location of a cluster."""

    location: str
    status: Status
    checked_at: float
    latency_ms: float | None = None
    reason: Reason | None = None
    message: str = ""
    phases_ms: dict[str, float] = msgspec.field(default_factory=dict)
    http_status: int | None = None
