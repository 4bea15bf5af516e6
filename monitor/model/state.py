"""The state of an endpoint over time: its name, incidents, marks and events."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from monitor.model.notification import Cause, Notification
from monitor.model.result import Reason


class State(StrEnum):
    """An endpoint's state in the live engine, thresholds and dependencies included."""

    PENDING = "pending"
    UP = "up"
    DEGRADED = "degraded"
    FAILING = "failing"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    INCONCLUSIVE = "inconclusive"
    PAUSED = "paused"


class Ending(StrEnum):
    """The reason why an incident ended."""

    RECOVERED = "recovered"
    PAUSED = "paused"
    """The endpoint is no longer checked; the rest is unknown."""
    REMOVED = "removed"
    """The endpoint is no longer in the config; the rest is unknown."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """An acknowledgement of an endpoint's trouble."""

    at: float
    by: str = ""
    """The operating system's name of the user."""
    note: str = ""
    until: float | None = None
    """When it ends if the endpoint is not up by then; None: when the endpoint is up."""

    def is_over(self, at: float) -> bool:
        """Whether its time is over; an incident keeps it all the same."""
        return self.until is not None and self.until <= at


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One outage of one endpoint; times are seconds since the epoch, texts are safe to show.

    ``id`` is durable and sorts by time. ``endpoint`` is the endpoint's id, which a new config keeps;
    ``handle`` and ``name`` are those that it had when the incident opened.
    """

    id: str
    endpoint: str
    handle: int
    name: str
    began: float
    """The start of the first failed check."""
    ended: float | None = None
    """The start of the first passed check; None while it is open."""
    ending: Ending | None = None
    reason: Reason | None = None
    cause: str = ""
    """The message of the first failure."""
    latest: str = ""
    """The message of the last one."""
    failed: int = 0
    """Failed checks."""
    path: str = ""
    """The end of the path to the endpoint, in words; empty if it was not traced."""
    acknowledged: Acknowledgement | None = None
    common_cause: Cause | None = None
    """A property that it shares with other incidents that began with it."""
    outage: str = ""
    """The id of the first of these incidents; empty if there is no common cause."""
    notifications: tuple[Notification, ...] = ()
    """The alerts' messages about it, oldest first, and the reasons why others sent nothing."""


LONGEST_SILENCE = 100 * 365 * 86400.0
"""Limit of a silence in seconds; calendars end not much later."""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes the alerts of the selected endpoints for a while; ``select`` has the terms of ``--select``."""

    id: str
    select: tuple[str, ...]
    ids: tuple[str, ...] = ()
    """The ids of endpoints that ``select`` names in full: they stay silenced when they get other names."""
    at: float
    """When it began."""
    until: float | None = None
    """When it ends; None: when somebody ends it."""
    until_up: bool = False
    """Whether it ends as soon as a selected endpoint is up."""
    by: str = ""
    """The operating system's name of the user."""
    note: str = ""


class Slowdown(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A phase of an endpoint's checks takes lastingly longer than in the endpoint's own past."""

    phase: str
    since: float
    """When it began, in seconds since the epoch."""
    ms: float
    """The present median of the phase."""
    usual_ms: float
    """The usual median at this hour of the day."""

    @property
    def factor(self) -> float:
        """The present median divided by the usual one."""
        return self.ms / self.usual_ms

    @property
    def size(self) -> str:
        """The factor in words: ``1.8 × slower``, ``4 × slower``."""
        return f"{round(self.factor, 1 if self.factor < 3 else None):g} × slower"

    def __str__(self) -> str:
        return f"{self.phase} {self.size}"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the event log: a state change, a reload, an operator's action."""

    at: float
    handle: int | None
    """The endpoint concerned; None for the engine itself."""
    level: str
    """``good``, ``info``, ``warn`` or ``bad``."""
    text: str
