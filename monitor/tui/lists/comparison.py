"""Several endpoints' histories in one stretch of time, and which endpoints are meant. Pure.

The stretch is chosen as in the story of one endpoint.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from operator import attrgetter

from monitor.link.messages import Point
from monitor.tui.data.timeline import Timeline
from monitor.tui.data.window import Window
from monitor.tui.lists.arrangement import Heading, Item, Line

UNASKED = 5
"""Endpoints that are compared when nobody said which."""
_AT = attrgetter("at")


def compared(lines: Sequence[Line], current: Line | None, marked: Collection[int]) -> list[int]:
    """Handles to compare: the marked ones; with fewer than two marks the present group's, or the first."""
    handles = list(dict.fromkeys(line.entry.info.handle for line in lines if isinstance(line, Item)))
    if len(marked) > 1:
        return [handle for handle in handles if handle in marked]
    name = current.group.name if isinstance(current, Heading) else current.under if current else ""
    groups = (line.group for line in lines if isinstance(line, Heading) and line.group.name == name)
    return next(([entry.info.handle for entry in group.entries] for group in groups), handles[:UNASKED])


class Comparison:
    """Whose ``stories`` they are, and which part of them is looked at."""

    def __init__(self) -> None:
        self.timelines: Sequence[Timeline] = ()
        self.combined = Timeline(-1)
        """A point for each time at which anybody has one: zoom, cursor and window are its own."""

    def compare(self, timelines: Sequence[Timeline]) -> None:
        """Let it be about these; the zoom stays."""
        self.combined = Timeline(-1, zoom=self.combined.zoom)
        self.gather(timelines)

    def gather(self, timelines: Sequence[Timeline]) -> None:
        """Take in the points that the stories have got."""
        self.timelines = timelines
        by_time = {point.at: point for timeline in self.timelines for point in timeline.points}
        self.combined.points = sorted(by_time.values(), key=_AT)

    def window(self) -> Window:
        """The stretch of time."""
        return self.combined.window()

    def windows(self) -> list[Window]:
        """The same stretch of each story."""
        whole = self.window()
        span = whole.end - whole.start
        return [_within(Window.of(timeline.points, span, whole.end), whole) for timeline in self.timelines]

    def sample(self, window: Window) -> Point | None:
        """Of one story's window, the sample that counts: the newest, or the last before the cursor."""
        at = self.combined.cursor_at
        known = len(window.points) if at is None else bisect_right(window.points, at, key=_AT)
        return window.points[known - 1] if known else None


def _within(window: Window, whole: Window) -> Window:
    return Window(window.points, whole.start, whole.end)
