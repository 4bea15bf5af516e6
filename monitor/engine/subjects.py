"""The endpoints of the tracker as subjects of alerts, which continue from them after a restart. Pure."""

from __future__ import annotations

from monitor.engine.tracked import Tracked
from monitor.engine.tracker import Tracker
from monitor.judge.alerting import Subject
from monitor.model import State


def subjects(tracker: Tracker) -> list[Subject]:
    """Every endpoint as the alerts see it."""
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
