"""A message about endpoints, as the rules of an alert decide it. Times are seconds since the epoch."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from monitor.model.result import Reason
from monitor.model.state import State


class Kind(StrEnum):
    """What a message is about."""

    DOWN = "down"
    UP = "up"
    DEGRADED = "degraded"
    FLAPPING = "flapping"
    CERTIFICATE = "certificate"
    REMINDER = "reminder"
    DIGEST = "digest"
    TEST = "test"


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Something that ``count`` of a message's endpoints share, and that may explain their failure."""

    kind: str
    """``dependency``, ``address``, ``host``, ``group`` or ``reason``."""
    value: str
    count: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint's part of a message."""

    endpoint: str
    kind: Kind
    at: float
    """When it became so."""
    state: State
    incident: str = ""
    """The incident's id."""
    began: float | None = None
    """When the incident began."""
    ended: float | None = None
    reason: Reason | None = None
    text: str = ""
    """What the failure said, or which of two things has happened (``began``, ``ended`` of flapping)."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one alert sends. The id depends on the contents alone: the same message has the same id."""

    id: str
    alert: str
    kind: Kind
    at: float
    entries: tuple[Entry, ...]
    cause: Cause | None = None
    more: int = 0
    """How many messages this one stands for, as the alert's limit was reached; 0: itself alone."""
