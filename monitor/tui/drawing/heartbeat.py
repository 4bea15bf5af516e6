"""Heartbeats of an endpoint: the last one, the next one due, and the last run. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import Heartbeat
from monitor.syntax.duration import format_duration
from monitor.text import plain
from monitor.tui.data.moments import moment
from monitor.tui.drawing.text_layout import Segments, TextLayout
from monitor.tui.drawing.words import age


def heartbeat(beat: Heartbeat, now: float, width: int, layout: TextLayout) -> list[Segments]:
    """The facts with their labels; ages and times left are as of ``now``."""
    late = now > beat.due_at + beat.grace_s
    return [
        line
        for label, text in _facts(beat, now)
        for line in layout.labelled(
            label, text, width, layout.palette.bad if label == "due" and late else layout.palette.text
        )
    ]


def _facts(beat: Heartbeat, now: float) -> Iterator[tuple[str, str]]:
    if beat.heard_at is None:
        yield "heard", "not yet"
    else:
        yield "heard", f"{age(now - beat.heard_at)} ago ({moment(beat.heard_at, now)})"
    yield "due", _due(beat, now)
    if beat.note:
        yield "message", plain(beat.note)
    if beat.started_at is not None:
        yield "running", f"for {age(now - beat.started_at)}"
    if beat.run_s is not None:
        yield "last run", f"took {format_duration(round(beat.run_s, 1))}" + ", and failed" * beat.failed


def _due(beat: Heartbeat, now: float) -> str:
    left = beat.due_at - now
    when = f"in {age(left)}" if left > 0 else f"{age(-left)} ago"
    return f"{when}, with {format_duration(beat.grace_s)} of grace" if beat.grace_s else when
