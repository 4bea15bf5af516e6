"""An endpoint's state, an incident and a silence as JSON, for `status`, the web address and webhooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

from monitor.duration import iso_time
from monitor.link.figures import WINDOWS
from monitor.link.messages import Card, Presented, Row
from monitor.model import Acknowledgement, Incident, Silence, State

Json = dict[str, Any]
_WELL = frozenset({State.UP, State.PENDING, State.PAUSED})
"""States without a reason."""


def endpoint_state(
    card: Card,
    row: Row,
    *,
    uptimes: Sequence[float | None] = (),
    certificate: Presented | None = None,
    now: float,
) -> Json:
    """How an endpoint is at ``now``; ``uptimes`` are those of :data:`~monitor.link.messages.WINDOWS`."""
    return {
        "id": card.id,
        "name": card.name,
        "group": card.group or None,
        "tags": list(card.tags),
        "type": card.kind,
        "target": card.target,
        "state": row.state.value,
        "since": iso_time(row.since),
        "reason": row.reason.value if row.reason and row.state not in _WELL else None,
        "message": row.message,
        "latency_ms": None if row.latency_ms is None else round(row.latency_ms, 3),
        "checked_at": _time(row.checked_at),
        "next_check_at": _time(row.next_due),
        "certificate": _certificate(row, certificate, now),
        "uptime": dict(zip_longest(WINDOWS, uptimes)),
        "flapping": row.flapping,
        "acknowledged": acknowledgement(row.acknowledged),
        "silenced": silence(row.silenced) if row.silenced else None,
        "maintenance": row.maintenance,
    }


def status_document(states: Iterable[Json], checked_at: float) -> Json:
    """All of them, counted by state."""
    endpoints = list(states)
    counts = Counter(state["state"] for state in endpoints)
    return {
        "checked_at": iso_time(checked_at),
        "summary": {state.value: counts[state.value] for state in State},
        "endpoints": endpoints,
    }


def _certificate(row: Row, presented: Presented | None, now: float) -> Json | None:
    if row.not_after is None:
        return None
    return {
        "subject": presented.subject if presented else None,
        "issuer": presented.issuer if presented else None,
        "not_after": iso_time(row.not_after, "seconds"),
        "days_left": round((row.not_after - now) / 86400, 1),
    }


def incident_json(incident: Incident, now: float) -> Json:
    """One outage; ``ended`` is null while it is open, and ``duration_s`` is until ``now`` then."""
    until = now if incident.ended is None else incident.ended
    return {
        "id": incident.id,
        "endpoint": incident.endpoint,
        "name": incident.name,
        "began": iso_time(incident.began),
        "ended": _time(incident.ended),
        "duration_s": round(max(until - incident.began, 0.0), 3),
        "reason": incident.reason.value if incident.reason else None,
        "cause": incident.cause,
        "failed": incident.failed,
        "acknowledged": acknowledgement(incident.acknowledged),
    }


def acknowledgement(mark: Acknowledgement | None) -> Json | None:
    """Who knows about it."""
    return None if mark is None else {"by": mark.by, "at": iso_time(mark.at), "note": mark.note}


def silence(one: Silence) -> Json:
    """What a silence covers, and until when."""
    return {
        "id": one.id,
        "select": list(one.select),
        "at": iso_time(one.at),
        "until": _time(one.until),
        "until_up": one.until_up,
        "by": one.by,
        "note": one.note,
    }


def _time(moment: float | None) -> str | None:
    return None if moment is None else iso_time(moment)
