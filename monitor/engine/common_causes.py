"""Finds the common causes of incidents that began together. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.engine.incidents import Incidents
from monitor.engine.tracked import Tracked
from monitor.judge.common_cause import common_cause
from monitor.judge.shared_services import Failure, Seen
from monitor.model import Incident, Result
from monitor.redact import shown

TOGETHER = 60.0
"""Seconds within which two incidents count as begun together."""


def note_common_cause(incidents: Incidents, tracked: Mapping[str, Tracked], at: float, resolver: str) -> None:
    """Note the common cause of the newest incidents on each of those that it explains."""
    group = newest_together(incidents.known.values())
    found = common_cause(
        [Failure(one.endpoint, one.reason, one.cause) for one in group],
        {id: one.endpoint for id, one in tracked.items()},
        {id: _seen(one.last) for id, one in tracked.items() if one.last},
        shown,
        resolver,
    )
    explained = [one for one in group if found and one.endpoint in found.endpoints]
    for incident in explained:
        incidents.annotate(
            incident.id, at, common_cause=found and found.cause, outage=incident.outage or explained[0].id
        )


def _seen(last: Result) -> Seen:
    return Seen(last.address or "", last.certificate, last.checked_at)


def newest_together(incidents: Iterable[Incident]) -> list[Incident]:
    """The newest incidents, of which each began soon after the one before; the oldest first."""
    ordered = sorted(incidents, key=lambda one: (one.began, one.id))
    first = len(ordered) - 1
    while first > 0 and ordered[first].began - ordered[first - 1].began <= TOGETHER:
        first -= 1
    return ordered[max(first, 0) :]
