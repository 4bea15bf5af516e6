"""Outages as operators count them: from the first failure to the first answer that lasted. Pure.

An incident opens when an endpoint is down, which takes ``down_after`` failures, and began with the first
of these. It is over when the endpoint is up again, and ended with the first of the ``up_after`` successes
that it took. What a dependency explains opens none, and a gap ends none.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from msgspec.structs import replace

from monitor.health import Health
from monitor.model import Reason, Result, State, Status


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


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """Failures in a row that count towards being down, and those that came after them while down."""

    began: float
    reason: Reason | None
    cause: str
    """What the first of them said."""
    failed: int = 1
    better: float | None = None
    """When the first success came of those that may end it."""


def followed(
    outage: Outage | None, before: Health, after: Health, result: Result, said: str
) -> Outage | None:
    """``outage`` with one more result, which made ``after`` of ``before``; ``said`` is its message."""
    if result.status is Status.INCONCLUSIVE:
        return outage
    if result.status is not Status.DOWN:
        return outage and replace(outage, better=outage.better or result.checked_at)
    if not after.streak and after.hard is not State.DOWN:
        return None  # a dependency explains it: counting begins anew
    anew = before.hard is not State.DOWN and not before.streak
    if outage is None or anew:
        return Outage(began=result.checked_at, reason=result.reason, cause=said)
    return replace(outage, failed=outage.failed + 1, better=None)
