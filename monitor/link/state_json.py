"""An endpoint's state, an incident and a silence as JSON, for `status`, the web address and webhooks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from monitor.link.certificates import CertificateInfo
from monitor.link.figures import WINDOWS, Counted
from monitor.link.messages import EndpointInfo, EndpointStatus
from monitor.link.picture import Picture
from monitor.model import (
    Acknowledgement,
    Cause,
    Incident,
    LocationResult,
    Notification,
    NotificationState,
    Silence,
    Slowdown,
    State,
)
from monitor.syntax.duration import iso_time
from monitor.syntax.selection import Selection

Json = dict[str, Any]
_WELL = frozenset({State.UP, State.PENDING, State.PAUSED})
"""States without a reason."""


def endpoint_state(
    info: EndpointInfo,
    status: EndpointStatus,
    *,
    uptimes: Sequence[float | None] = (),
    certificate: CertificateInfo | None = None,
    now: float,
) -> Json:
    """An endpoint's status at ``now``; ``uptimes`` has one value for each of :data:`WINDOWS`.

    Only endpoints of a cluster have ``locations``.
    """
    return {
        "id": info.id,
        "name": info.name,
        "group": info.group or None,
        "tags": list(info.tags),
        "type": info.kind,
        "target": info.target,
        "state": status.state.value,
        "since": iso_time(status.since),
        "reason": status.reason.value if status.reason and status.state not in _WELL else None,
        "message": status.message,
        "latency_ms": None if status.latency_ms is None else round(status.latency_ms, 3),
        "checked_at": _time(status.checked_at),
        "next_check_at": _time(status.next_due),
        "certificate": _certificate(status, certificate, now),
        "uptime": dict(zip_longest(WINDOWS, uptimes)),
        "flapping": status.flapping,
        "acknowledged": acknowledgement(status.acknowledged),
        "silenced": silence(status.silenced) if status.silenced else None,
        "maintenance": status.maintenance,
        **({"slower": slowdown(status.slower)} if status.slower else {}),
        **({"locations": [_location(one) for one in status.locations]} if status.locations else {}),
    }


def _location(one: LocationResult) -> Json:
    """The newest result of one location of a cluster."""
    return {
        "location": one.location,
        "status": one.status.value,
        "reason": one.reason.value if one.reason else None,
        "message": one.message,
        "latency_ms": None if one.latency_ms is None else round(one.latency_ms, 3),
        "checked_at": iso_time(one.checked_at),
    }


def endpoint_states(
    picture: Picture,
    selects: Selection,
    counts: Iterable[Counted],
    certificates: Mapping[int, CertificateInfo],
) -> list[Json]:
    """The state of every selected endpoint, in config order; ``certificates`` by handle."""
    uptimes = {one.handle: one.uptimes for one in counts}
    return [
        endpoint_state(
            info,
            status,
            uptimes=uptimes.get(info.handle, ()),
            certificate=certificates.get(info.handle),
            now=picture.now,
        )
        for info, status in picture.endpoints()
        if selects(info)
    ]


def status_document(states: Iterable[Json], checked_at: float) -> Json:
    """All endpoints, with a count by state."""
    endpoints = list(states)
    counts = Counter(state["state"] for state in endpoints)
    return {
        "checked_at": iso_time(checked_at),
        "summary": {state.value: counts[state.value] for state in State},
        "endpoints": endpoints,
    }


def _certificate(status: EndpointStatus, presented: CertificateInfo | None, now: float) -> Json | None:
    if status.not_after is None:
        return None
    return {
        "subject": presented.subject if presented else None,
        "issuer": presented.issuer if presented else None,
        "not_after": iso_time(status.not_after, "seconds"),
        "days_left": round((status.not_after - now) / 86400, 1),
    }


def incident_json(incident: Incident, now: float) -> Json:
    """One outage. While it is open, ``ended`` is null and ``duration_s`` counts until ``now``."""
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
        "common_cause": cause(incident.common_cause),
        "notifications": [notification(one) for one in incident.notifications],
    }


def slowdown(one: Slowdown) -> Json:
    """The phase that is slower than usual: its beginning and its factor."""
    return {
        "phase": one.phase,
        "factor": round(one.factor, 2),
        "since": iso_time(one.since),
        "ms": round(one.ms, 3),
        "usual_ms": round(one.usual_ms, 3),
    }


def cause(one: Cause | None) -> Json | None:
    """The common cause of failures."""
    return None if one is None else {"kind": one.kind, "value": one.value, "count": one.count}


def notification(one: Notification) -> Json:
    """One alert's message about an incident and its delivery, or the reason why the alert sent none."""
    is_suppressed = one.state is NotificationState.SUPPRESSED
    return {
        "alert": one.alert,
        "channel": one.channel,
        "kind": one.kind.value,
        "message": one.message or None,
        "at": iso_time(one.at),
        "state": one.state.value,
        "ended_at": _time(one.ended_at),
        "failed_tries": one.tries,
        "error": None if is_suppressed else one.detail or None,
        "suppressed_by": one.detail if is_suppressed else None,
        "fallback_for": one.fallback_for or None,
    }


def acknowledgement(mark: Acknowledgement | None) -> Json | None:
    """An acknowledgement: by whom, when, the note, and the end if it has one."""
    if mark is None:
        return None
    end = {} if mark.until is None else {"until": iso_time(mark.until)}
    return {"by": mark.by, "at": iso_time(mark.at), "note": mark.note, **end}


def silence(one: Silence) -> Json:
    """A silence: its selection, its end, its author and the reason."""
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
