"""An endpoint as dashboards see it (description, status and details) and as alerts do. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.engine.uptimes import Uptimes
from monitor.judge.alerting.subject import Subject
from monitor.judge.assertions import MaxLatency
from monitor.link.messages import CheckProgress, Detail, EndpointInfo, EndpointStatus, Point
from monitor.model import Endpoint, Explanation, NetworkPath, Result, State

DISABLED = "disabled in the config"


def status(tracked: Tracked, samples: int, next_due: float | None, uptime: float | None) -> EndpointStatus:
    """The present status, with the newest ``samples``; ``uptime`` is that of the last 24 hours."""
    last = tracked.last
    streak, needed = tracked.progress
    outcomes, latencies = tracked.samples.newest(samples)
    return EndpointStatus(
        handle=tracked.handle,
        state=tracked.state,
        since=tracked.since,
        streak=streak,
        needed=needed,
        reason=last.reason if last else None,
        message=_message(tracked),
        latency_ms=last.latency_ms if last else None,
        checked_at=last.checked_at if last else None,
        next_due=next_due,
        not_after=tracked.not_after,
        flapping=tracked.health.flapping,
        acknowledged=tracked.acknowledged,
        silenced=tracked.silence,
        maintenance=tracked.in_maintenance,
        uptime=uptime,
        total=tracked.samples.total,
        outcomes=outcomes,
        latencies_ms=latencies,
        locations=tracked.locations,
        slower=tracked.slowdown,
        http_status=last.http.status if last and last.http else None,
    )


def _message(tracked: Tracked) -> str:
    if not tracked.endpoint.enabled and tracked.paused:
        return DISABLED
    return tracked.last.message if tracked.last else ""


def detail(
    tracked: Tracked,
    since: float,
    in_progress: CheckProgress | None,
    path: NetworkPath | None,
    uptimes: Uptimes,
    now: float,
) -> Detail:
    """All details, with the samples after ``since`` and the network ``path`` as far as known."""
    return Detail(
        handle=tracked.handle,
        last=tracked.last,
        last_failure=_explained(tracked, path),
        last_good=tracked.last_good,
        points=tuple(Point(*sample) for sample in tracked.samples.since(since)),
        phases_ms=tracked.phases.medians() if tracked.phases else {},
        in_progress=in_progress,
        path=path,
        uptimes=uptimes.of(tracked.id, now),
        budget=uptimes.budget(tracked.id, tracked.endpoint.slo, now),
    )


def _explained(tracked: Tracked, path: NetworkPath | None) -> Result | None:
    """The last failure, with the network path if that was traced because of it."""
    failure = tracked.last_failure
    if failure is None or failure is not tracked.last or path is None or not path.done:
        return failure
    return replace(failure, explanation=replace(failure.explanation or Explanation(), path=path))


def description(handle: int, endpoint: Endpoint) -> EndpointInfo:
    """The endpoint as the config describes it."""
    source = endpoint.source
    return EndpointInfo(
        handle=handle,
        id=endpoint.id,
        name=endpoint.name,
        kind=endpoint.kind,
        target=endpoint.target,
        group=endpoint.group or "",
        tags=endpoint.tags,
        description=endpoint.description,
        runbook=endpoint.runbook,
        interval=endpoint.interval,
        timeout=endpoint.timeout,
        down_after=endpoint.down_after,
        up_after=endpoint.up_after,
        warn_latency_ms=_allowed_latency(endpoint),
        depends_on=endpoint.depends_on,
        enabled=endpoint.enabled,
        file=source.file if source else "",
        line=source.line if source else 0,
    )


def _allowed_latency(endpoint: Endpoint) -> float | None:
    limits = [one.ms for one in (*endpoint.warn, *endpoint.expect) if isinstance(one, MaxLatency)]
    return limits[0] if limits else None


def subjects(tracker: Tracker) -> list[Subject]:
    """Every endpoint as the alerts see it, which continue from there after a restart."""
    return [_subject(tracker, tracked) for tracked in tracker.endpoints.values()]


def _subject(tracker: Tracker, tracked: Tracked) -> Subject:
    incident = tracker.incidents.open(tracked.id)
    return Subject(
        id=tracked.id,
        state=tracked.state,
        since=tracked.since,
        reason=tracked.present.reason,
        message=tracked.present.message,
        incident=incident,
        opened=tracked.since if tracked.state is State.DOWN else (incident.began if incident else 0.0),
        failing=tracked.since if tracked.state is State.FAILING else None,
        recovering=tracked.state is State.DOWN and tracked.progress[0] > 0,
        flapping=tracked.since if tracked.health.flapping else None,
        acknowledged=tracked.acknowledged is not None,
        maintenance=tracked.in_maintenance,
        slower=tracked.slowdown,
    )
