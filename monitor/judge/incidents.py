"""Outages as operators count them: from the first failure to the first answer that lasted. Pure.

An incident opens when an endpoint is down, which takes ``down_after`` failures, and began with the first
of these. It is over when the endpoint is up again, and ended with the first of the ``up_after`` successes
that it took. A failure explained by a dependency opens no incident, and a gap ends no incident.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from monitor.judge.health import Health
from monitor.model import Reason, Result, State, Status


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """Failures in a row that count towards being down, and those that came after them while down."""

    began: float
    reason: Reason | None
    cause: str
    """The first one's message."""
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
        return None  # a dependency explains it: counting restarts
    anew = before.hard is not State.DOWN and not before.streak
    if outage is None or anew:
        return Outage(began=result.checked_at, reason=result.reason, cause=said)
    return replace(outage, failed=outage.failed + 1, better=None)
