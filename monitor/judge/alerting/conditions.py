"""Decide which message one alert would send about one endpoint now. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from monitor.judge.alerting.subject import Subject
from monitor.model import Alert, Entry, Incident, Kind, Reason, Slowdown, State, Suppression
from monitor.syntax.duration import format_ms

BEGAN, ENDED = "began", "ended"
_WELL = frozenset({State.UP, State.DEGRADED})
_FLAPPING = frozenset({State.UP, State.DEGRADED, State.FAILING, State.DOWN})
"""States in which flapping is worth a message."""


class Track(msgspec.Struct, kw_only=True):
    """The messages that an alert has sent about an endpoint."""

    down: str = ""
    """The id of the incident that it has reported."""
    sent: float = 0.0
    """When it last reported it or sent a reminder."""
    owed: Incident | None = None
    """The reported incident once it is over, until the alert has said so."""
    flapping: bool = False
    degraded: bool = False
    expires: float | None = None
    """The expiry of the certificate that it has warned of."""
    slower: float | None = None
    """The beginning of the slowness that it has reported."""

    def __bool__(self) -> bool:
        """Whether there is anything to remember."""
        lasting = (self.expires, self.slower)
        return bool(self.down or self.owed or self.flapping or self.degraded) or lasting != (None, None)


def conditions(alert: Alert, subject: Subject, track: Track, *, muted: bool) -> Iterator[Entry]:
    """The messages that are due now or will be after ``alert.after``; the first is the one to send.

    ``muted``: the endpoint is silenced or in maintenance.
    """
    if muted:
        return
    owed = None if _hides(alert, subject) else track.owed
    if owed and is_overtaken(owed, subject):
        yield _recovery(subject, owed)
    if not subject.acknowledged:
        yield from _problems(alert, subject, track)
    if track.flapping and subject.flapping is None and subject.state in _FLAPPING:
        yield _entry(subject, Kind.FLAPPING, subject.since, ENDED)
    elif owed and subject.state in _WELL:
        yield _recovery(subject, owed)
    elif track.slower is not None and subject.slower is None and subject.state in _WELL:
        yield _entry(subject, Kind.SLOWER, track.slower, ENDED)


def is_overtaken(over: Incident, subject: Subject) -> bool:
    """Whether the next outage has begun before the end of the reported one was reported."""
    return subject.incident is not None and subject.incident.id != over.id


def _problems(alert: Alert, subject: Subject, track: Track) -> Iterator[Entry]:
    if _hides(alert, subject):
        if not track.flapping and subject.state in _FLAPPING and subject.flapping is not None:
            yield _entry(subject, Kind.FLAPPING, subject.flapping, BEGAN)
        return
    if track.flapping:
        return  # report the end of flapping first
    incident = subject.incident
    if incident and subject.state is State.DOWN and track.down != incident.id:
        yield _outage(subject, incident, Kind.DOWN)
    if _degraded(alert, subject) and not track.degraded and subject.degraded is not None:
        yield _entry(subject, Kind.DEGRADED, subject.degraded, subject.message)
    if _expiring(alert, subject) and track.expires != subject.expires and subject.expiring is not None:
        yield _entry(subject, Kind.CERTIFICATE, subject.expiring, subject.message)
    slower = subject.slower
    if Kind.SLOWER in alert.on and subject.state in _WELL and slower and track.slower != slower.since:
        yield _entry(subject, Kind.SLOWER, slower.since, _slower(slower))


def _hides(alert: Alert, subject: Subject) -> bool:
    """Whether the endpoint flaps: each outage and recovery is part of that, and no news."""
    return subject.flapping is not None and Kind.FLAPPING in alert.on


def _degraded(alert: Alert, subject: Subject) -> bool:
    by_certificate = subject.expiring is not None and subject.reason is Reason.CERTIFICATE_EXPIRING
    return (
        Kind.DEGRADED in alert.on
        and subject.state is State.DEGRADED
        and not (by_certificate and Kind.CERTIFICATE in alert.on)
    )


def _expiring(alert: Alert, subject: Subject) -> bool:
    if Kind.CERTIFICATE not in alert.on:
        return False
    return subject.state in _WELL or (subject.state is State.DOWN and Kind.DOWN not in alert.on)


def _slower(mark: Slowdown) -> str:
    """The first characters do not depend on the size, because a message's id is derived from them."""
    return f"{mark.phase} is {mark.size} than usual: {format_ms(mark.ms)}, usually {format_ms(mark.usual_ms)}"


def suppression(alert: Alert, subject: Subject, track: Track, *, silenced: bool) -> Suppression | None:
    """The rule that keeps an alert from reporting that an endpoint is down, if one does."""
    rules = {
        Suppression.DEPENDENCY: subject.state is State.UNREACHABLE,
        Suppression.MAINTENANCE: subject.maintenance,
        Suppression.SILENCE: silenced,
        Suppression.ACKNOWLEDGED: subject.acknowledged,
        Suppression.FLAPPING: track.flapping or _hides(alert, subject),
    }
    return next((rule for rule, applies in rules.items() if applies), None)


def reminder(subject: Subject) -> Entry:
    """The entry of a message that an endpoint is still down."""
    assert subject.incident is not None
    return _outage(subject, subject.incident, Kind.REMINDER)


def is_still_down(subject: Subject, track: Track) -> bool:
    """Whether the reported outage continues and is not acknowledged."""
    incident = subject.incident
    return (
        incident is not None
        and track.down == incident.id
        and subject.state is State.DOWN
        and not subject.acknowledged
    )


def _entry(subject: Subject, kind: Kind, at: float, text: str) -> Entry:
    incident = subject.incident
    return Entry(
        endpoint=subject.id,
        kind=kind,
        at=at,
        state=subject.state,
        incident=incident.id if incident else "",
        began=incident.began if incident else None,
        reason=subject.reason,
        text=text,
    )


def _outage(subject: Subject, incident: Incident, kind: Kind) -> Entry:
    return Entry(
        endpoint=subject.id,
        kind=kind,
        at=subject.opened,
        state=subject.state,
        incident=incident.id,
        began=incident.began,
        reason=incident.reason,
        text=incident.latest or incident.cause,
    )


def _recovery(subject: Subject, incident: Incident) -> Entry:
    well = subject.state in _WELL
    return Entry(
        endpoint=subject.id,
        kind=Kind.UP,
        at=subject.since if well or incident.ended is None else incident.ended,
        state=subject.state if well else State.UP,
        incident=incident.id,
        began=incident.began,
        ended=incident.ended,
        reason=incident.reason,
        text=incident.cause,
    )


def note_sent(track: Track, subject: Subject, entry: Entry, at: float) -> None:
    """Remember that ``entry`` has been sent."""
    match entry.kind:
        case Kind.DOWN | Kind.REMINDER:
            track.down, track.sent, track.owed = entry.incident, at, None
        case Kind.UP:
            track.down, track.owed = "", None
        case Kind.DEGRADED:
            track.degraded = True
        case Kind.CERTIFICATE:
            track.expires = subject.expires
        case Kind.SLOWER:
            track.slower = subject.slower.since if subject.slower else None
        case Kind.FLAPPING:
            track.flapping = entry.text == BEGAN
            if entry.text == ENDED:  # the current state has been reported
                track.down, track.sent, track.owed = entry.incident, at, None


def forget_what_is_over(track: Track, subject: Subject) -> None:
    """Allow an ended condition to be reported again if it returns."""
    if subject.degraded is None:
        track.degraded = False
    if subject.expiring is None:
        track.expires = None
