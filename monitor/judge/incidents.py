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
    """The failures in a row that lead to the state down, and the later ones in that state."""

    began: float
    reason: Reason | None
    cause: str
    """The first failure's message."""
    failed: int = 1
    better: float | None = None
    """The first of the successes in a row that may end it."""


def followed(
    outage: Outage | None, before: Health, after: Health, result: Result, said: str
) -> Outage | None:
    """``outage`` after one more result, which changed ``before`` to ``after``; ``said`` is its message."""
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
