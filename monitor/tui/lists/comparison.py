"""Several endpoints' histories in one window of time. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from operator import attrgetter

from monitor.link.messages import Point
from monitor.tui.data.timeline import SPANS, Timeline
from monitor.tui.data.window import Window
from monitor.tui.lists.arrangement import Heading, Item, Line

UNASKED = 5
"""Number of endpoints compared by default."""
_AT = attrgetter("at")


def compared(lines: Sequence[Line], current: Line | None, marked: Collection[int]) -> list[int]:
    """Handles to compare: the marked ones; with fewer than two marks the current group, or the first ones."""
    handles = list(dict.fromkeys(line.entry.info.handle for line in lines if isinstance(line, Item)))
    if len(marked) > 1:
        return [handle for handle in handles if handle in marked]
    name = current.group.name if isinstance(current, Heading) else current.under if current else ""
    groups = (line.group for line in lines if isinstance(line, Heading) and line.group.name == name)
    return next(([entry.info.handle for entry in group.entries] for group in groups), handles[:UNASKED])


class Comparison:
    """The compared endpoints' timelines, and the window on them."""

    def __init__(self) -> None:
        self.timelines: Sequence[Timeline] = ()
        self.combined = Timeline(-1)
        """The union of all points in time; it has the zoom, the cursor and the window."""

    def compare(self, timelines: Sequence[Timeline]) -> None:
        """Compare these; the zoom stays."""
        self.combined = Timeline(-1, zoom=self.combined.zoom)
        self.gather(timelines)

    def gather(self, timelines: Sequence[Timeline]) -> None:
        """Add the new points of the timelines."""
        self.timelines = timelines
        self._share_zoom()
        by_time = {point.at: point for timeline in self.timelines for point in timeline.points}
        self.combined.points = sorted(by_time.values(), key=_AT)

    def window(self) -> Window:
        """The window of time."""
        return self.combined.window()

    def windows(self) -> list[Window]:
        """The same window of each timeline."""
        return self._from_history() or self._from_memory()

    def zoom_by(self, steps: int) -> None:
        """Show a longer (positive) or shorter span of all."""
        self.combined.zoom_by(steps)
        self._share_zoom()

    def _share_zoom(self) -> None:
        for timeline in self.timelines:
            timeline.zoom = self.combined.zoom

    def _from_history(self) -> list[Window]:
        """The windows from the history; empty if they are not needed, or there is no answer."""
        if self.combined.cursor_at is not None or not self.combined.is_longer_than_known():
            return []
        span, end = SPANS[self.combined.zoom], self.combined.newest
        found = [timeline.lookback.window(span, end, band=False) for timeline in self.timelines]
        if not any(found):
            return []
        return [_within(window or Window((), end - span, end), end - span, end) for window in found]

    def _from_memory(self) -> list[Window]:
        whole = self.window()
        span = whole.end - whole.start
        windows = (Window.of(timeline.points, span, whole.end) for timeline in self.timelines)
        return [_within(window, whole.start, whole.end) for window in windows]

    def sample(self, window: Window) -> Point | None:
        """The sample of one timeline to show: the newest, or the last before the cursor."""
        if window.summarised:
            return None
        at = self.combined.cursor_at
        known = len(window.points) if at is None else bisect_right(window.points, at, key=_AT)
        return window.points[known - 1] if known else None


def _within(window: Window, start: float, end: float) -> Window:
    return Window(window.points, start, end, window.summarised)
