"""A message about endpoints, decided by an alert's rules. Times are seconds since the epoch."""

from __future__ import annotations

import msgspec

from monitor.model.notification import Cause, Kind
from monitor.model.result import Reason
from monitor.model.state import State


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint's part of a message."""

    endpoint: str
    kind: Kind
    at: float
    """When this happened."""
    state: State
    incident: str = ""
    """The incident's id."""
    began: float | None = None
    """When the incident began."""
    ended: float | None = None
    reason: Reason | None = None
    text: str = ""
    """The failure's message; for flapping ``began`` or ``ended``."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message of one alert. The id is derived from the contents: the same message has the same id."""

    id: str
    alert: str
    kind: Kind
    at: float
    entries: tuple[Entry, ...]
    cause: Cause | None = None
    more: int = 0
    """Number of messages that this one replaces because of the alert's limit; 0 if none."""
