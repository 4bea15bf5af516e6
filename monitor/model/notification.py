"""The kinds of messages, and the delivery of those about an incident. Times are seconds since the epoch."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """The kind of a message."""

    DOWN = "down"
    UP = "up"
    DEGRADED = "degraded"
    FLAPPING = "flapping"
    CERTIFICATE = "certificate"
    SLOWER = "slower"
    REMINDER = "reminder"
    DIGEST = "digest"
    TEST = "test"


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """A property that ``count`` of a message's endpoints share, and that may explain their failure."""

    kind: str
    """``dependency``, ``issuer``, ``resolver``, ``address``, ``host``, ``group``, ``network``, ``reason``."""
    value: str
    count: int

    def __str__(self) -> str:
        """``address 10.0.0.1``, ``issuer 'R3'``: a name that may have spaces is quoted."""
        return f"{self.kind} '{self.value}'" if self.kind == "issuer" else f"{self.kind} {self.value}"


class NotificationState(StrEnum):
    """The progress of a notification."""

    WAITING = "waiting"
    """It is being sent, or waits for an older message about the same endpoint."""
    RETRYING = "retrying"
    """It could not be delivered yet."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """It could not be delivered for a day, and is no longer tried."""
    REPLACED = "replaced"
    """A later message said the same, or another alert delivered it."""
    SUPPRESSED = "suppressed"
    """The alert has not sent one."""


class Suppression(StrEnum):
    """The reason why an alert has sent nothing about an incident."""

    SILENCE = "silence"
    MAINTENANCE = "maintenance"
    ACKNOWLEDGED = "acknowledged"
    DEPENDENCY = "dependency"
    FLAPPING = "flapping"
    DELAY = "delay"
    """The incident is younger than the alert's ``after``."""
    HOURS = "hours"
    """It is outside the alert's ``hours``."""
    LIMIT = "limit"
    """The alert's ``limit`` was reached; a summary follows."""


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """One alert's message about an incident, or the reason for its absence. Texts are safe to show."""

    alert: str
    """The alert that it goes through."""
    channel: str
    """The kind of service, such as ``mail``, ``slack`` or ``webhook``."""
    kind: Kind
    """The kind of its entry about the endpoint."""
    at: float
    """When it was decided; of a suppressed one, since when it is suppressed."""
    state: NotificationState
    message: str = ""
    """The message's id; empty for a suppressed one."""
    ended_at: float | None = None
    """When it was delivered, replaced or given up."""
    tries: int = 0
    """Failed tries."""
    detail: str = ""
    """Why the last try failed, what replaced it, or a :class:`Suppression`."""
    fallback_for: str = ""
    """The alert whose message this is, when a fallback sends it."""
