"""Marks on endpoints with a phase that is lastingly slower than usual. Pure but for the local time of day."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.engine.tracker import Tracker
from monitor.model import Slowdown
from monitor.model.events import DomainEvent, SlowdownChanged
from monitor.syntax.duration import format_ms


def note_slowdown(tracker: Tracker, id: str, mark: Slowdown | None, at: float) -> list[DomainEvent]:
    """Set or remove the mark of an endpoint; no events if nothing changes."""
    tracked = tracker.by_id(id)
    if tracked is None or tracked.slowdown == mark:
        return []
    before, tracked.slowdown = tracked.slowdown, mark
    return [SlowdownChanged(at=at, endpoint=id, before=before, after=mark, state=tracked.state)]


def in_words(mark: Slowdown) -> str:
    """``tls 4 × slower since 02:10: 68.0 ms, usually 17.0 ms``, in local time."""
    since = datetime.fromtimestamp(mark.since, UTC).astimezone().strftime("%H:%M")
    return f"{mark} since {since}: {format_ms(mark.ms)}, usually {format_ms(mark.usual_ms)}"
