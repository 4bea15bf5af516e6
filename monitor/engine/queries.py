"""Answers about very many endpoints, in pages of a few milliseconds' work: they must delay no check. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping

from monitor.engine.state_history import StateSpan, state_at
from monitor.engine.tracked import Tracked
from monitor.judge.certificates import shown
from monitor.judge.maintenance import began, starts
from monitor.link.certificates import CertificateInfo, Certificates
from monitor.link.messages import EndpointStatus, GetStatesAt, StatesAt
from monitor.link.silences import MaintenanceWindow, MaintenanceWindows
from monitor.model import NO_LATENCY, Certificate, Maintenance, State
from monitor.redact import shown as safe

PAGE = 250
"""Endpoints in one answer."""
NOT_KNOWN = "not known any more, or not yet"
_NAMES = 20


def page(handles: Iterable[int], after: int) -> tuple[list[int], int | None]:
    """The next of ``handles`` above ``after``, and the one to continue from; None after the last page."""
    ordered = sorted(handles)  # nearly sorted already, which makes it quick
    first = bisect_right(ordered, after)
    chosen = ordered[first : first + PAGE]
    return chosen, chosen[-1] if len(chosen) == PAGE else None


# ── states at a moment ──────────────────────────────────────────────────────────────────────────


def states_at(endpoints: Mapping[int, Tracked], request: GetStatesAt, samples: int) -> StatesAt:
    """The states of the next endpoints at a moment, each with at most ``samples`` until then."""
    if request.handles:
        chosen, more = [one for one in request.handles[:PAGE] if one in endpoints], None
    else:
        chosen, more = page(endpoints, request.after)
    statuses = tuple(_status_at(endpoints[handle], request.moment, samples) for handle in chosen)
    return StatesAt(statuses=statuses, after=more)


def _status_at(tracked: Tracked, moment: float, samples: int) -> EndpointStatus:
    known = tracked.samples.until(moment, samples)
    last = known[-1] if known else None
    span = state_at(tracked.past, tracked.present, moment)
    span = span or StateSpan(moment, State.PENDING, None, NOT_KNOWN)
    return EndpointStatus(
        handle=tracked.handle,
        state=span.state,
        since=span.since,
        reason=span.reason,
        message=span.message,
        latency_ms=last.latency_ms if last and last.latency_ms != NO_LATENCY else None,
        checked_at=last.at if last else None,
        total=len(known),
        outcomes="".join(sample.outcome for sample in known),
        latencies_ms=tuple(sample.latency_ms for sample in known),
    )


# ── certificates ────────────────────────────────────────────────────────────────────────────────


def certificates(endpoints: Mapping[int, Tracked], after: int) -> Certificates:
    """The certificates of the next endpoints with a handle above ``after``."""
    handles, more = page(endpoints, after)
    found = [_presented(handle, one) for handle in handles for one in newest(endpoints[handle])]
    return Certificates(certificates=tuple(found), after=more)


def presented(tracked: Tracked) -> CertificateInfo | None:
    """The certificate of the last hop's server in the last check that saw one."""
    seen = newest(tracked)
    return _presented(tracked.handle, seen[-1]) if seen else None


def newest(tracked: Tracked) -> tuple[Certificate, ...]:
    """The certificates of all hops' servers in the last check that saw one."""
    results = filter(None, (tracked.last, tracked.last_good, tracked.last_failure))
    seen: Iterator[tuple[Certificate, ...]] = map(
        shown, sorted(results, key=lambda result: result.checked_at, reverse=True)
    )
    return next(filter(None, seen), ())


def _presented(handle: int, certificate: Certificate) -> CertificateInfo:
    chain = (certificate, *certificate.issuers)
    first = min(chain, key=lambda one: one.not_after)
    return CertificateInfo(
        handle=handle,
        fingerprint=certificate.fingerprint,
        subject=certificate.subject,
        issuer=certificate.issuer,
        names=certificate.names[:_NAMES],
        more_names=max(len(certificate.names) - _NAMES, 0),
        not_before=certificate.not_before,
        expires=first.not_after,
        ends_first="" if first is certificate else first.subject,
    )


# ── maintenance ─────────────────────────────────────────────────────────────────────────────────


def maintenance(windows: Iterable[Maintenance], at: float) -> MaintenanceWindows:
    """The present and the next window of each ``[[maintenance]]`` table."""
    return MaintenanceWindows(windows=tuple(_window(one, at) for one in windows))


def _window(window: Maintenance, at: float) -> MaintenanceWindow:
    zone = f" ({window.timezone})" if window.timezone else ""
    return MaintenanceWindow(
        name=safe(window.name),
        select=tuple(map(safe, window.select)),
        schedule=safe(f"{window.cron}{zone}") if window.cron else "once",
        duration=window.duration,
        began=began(window, at),
        next=next(starts(window, at), None),
    )
