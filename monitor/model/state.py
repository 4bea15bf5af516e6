"""The state of an endpoint over time: its name, incidents, marks and events."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from monitor.model.result import Reason


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


class Ending(StrEnum):
    """Why an incident is over."""

    RECOVERED = "recovered"
    PAUSED = "paused"
    """Nobody looks any more; how it went on is not known."""
    REMOVED = "removed"
    """The same: the endpoint is no longer in the config."""


class Acknowledgement(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody knows about it."""

    at: float
    by: str = ""
    """The operating system's name of the user."""
    note: str = ""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One outage of one endpoint; times are seconds since the epoch, texts are fit to be shown.

    ``number`` is its own while the engine lives. ``endpoint`` is the endpoint's id, which a new config
    keeps; ``handle`` and ``name`` are those that it had when the incident opened.
    """

    number: int
    endpoint: str
    handle: int
    name: str
    began: float
    ended: float | None = None
    """None while it is open."""
    ending: Ending | None = None
    reason: Reason | None = None
    cause: str = ""
    """What the first failure said."""
    latest: str = ""
    """What the last one said."""
    failed: int = 0
    """Failed checks."""
    acknowledged: Acknowledgement | None = None


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Mutes the alerts of the selected endpoints for a while; ``select`` has the terms of ``--select``."""

    id: str
    select: tuple[str, ...]
    at: float
    """When it began."""
    until: float | None = None
    """When it ends; None: as soon as each selected endpoint is up."""
    by: str = ""
    """The operating system's name of the user."""
    note: str = ""


class Silenced(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody is to be told of an endpoint for a while."""

    until: float | None = None
    """None: until it is up."""
    by: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: a change of state, a reload, an operator's action."""

    at: float
    handle: int | None
    """The endpoint concerned; None for the engine itself."""
    level: str
    """``good``, ``info``, ``warn`` or ``bad``."""
    text: str
