"""One endpoint's details and points, and the window on them. Pure.

The engine sends only new points; they are collected here. The window is live (it ends at the newest point)
until the cursor is put on a sample; then it stays around that sample.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from monitor.link.messages import Detail, Point
from monitor.tui.data.window import Window

SPANS: tuple[float | None, ...] = (300.0, 900.0, 3600.0, 21600.0, None)
"""Seconds that the chart can show; None for everything that is known."""
SPAN_NAMES = ("5m", "15m", "1h", "6h", "all")
_STEPS = (60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0)
"""Seconds that the window grows to while the history is shorter than the chosen span."""
_MOST_POINTS = 20_000


@dataclass(slots=True)
class Timeline:
    """One endpoint's history, as far as this dashboard has it."""

    handle: int
    detail: Detail | None = None
    points: list[Point] = field(default_factory=list)
    """Oldest first."""
    zoom: int = 1
    """The index of the shown span in :data:`SPANS`."""
    cursor_at: float | None = None
    """The time of the sample under the cursor; None while live."""
    _end: float | None = None

    @property
    def newest(self) -> float:
        """The time of the newest point; 0 before the first."""
        return self.points[-1].at if self.points else 0.0

    def take(self, detail: Detail) -> None:
        """Take ``detail`` as the newest, and add its points."""
        newest = self.newest
        self.points += [point for point in detail.points if point.at > newest]
        del self.points[:-_MOST_POINTS]
        self.detail = detail
        if self._end is None:
            self._find_cursor()

    def zoom_by(self, steps: int) -> None:
        """Show a longer (positive) or shorter span."""
        self.zoom = max(0, min(self.zoom + steps, len(SPANS) - 1))
        self._follow_cursor()

    def go_live(self) -> None:
        """Remove the cursor, and follow the newest points again."""
        self.cursor_at = self._end = None

    def move_cursor(self, steps: int) -> None:
        """Move the cursor by ``steps`` samples; the first move puts it on the newest."""
        if not self.points:
            return
        last = len(self.points) - 1
        place = last if self.cursor_at is None else self._place(self.cursor_at) + steps
        self.cursor_at = self.points[max(0, min(place, last))].at
        self._follow_cursor()

    def go_to(self, at: float) -> None:
        """Put the cursor on the first sample from that time on, once samples have arrived."""
        self.cursor_at, self._end = at, None
        self._find_cursor()

    def _find_cursor(self) -> None:
        if self.points and self.cursor_at is not None:
            place = min(self._place(self.cursor_at), len(self.points) - 1)
            self.cursor_at = self.points[place].at
            self._follow_cursor()

    def _place(self, at: float) -> int:
        return bisect_left(self.points, at, key=lambda point: point.at)

    def _follow_cursor(self) -> None:
        """Move the window as little as needed to show the cursor."""
        if self.cursor_at is None:
            return
        span, end = self._span(), self.newest if self._end is None else self._end
        if span is None:
            self._end = self.newest
        elif not end - span < self.cursor_at <= end:
            self._end = min(self.cursor_at + span / 2, self.newest)
        else:
            self._end = end

    def span_in_words(self, *, past: bool = False) -> str:
        """The span and whether the chart is live, as a text; in the ``past`` it is never live."""
        live = self.cursor_at is None and not past
        return SPAN_NAMES[self.zoom] + (" live" if live else "")

    def window(self) -> Window:
        """The window of the chart."""
        return Window.of(self.points, self._span(), self._end)

    def _span(self) -> float | None:
        """The shown seconds: the chosen span, or less while there is less."""
        asked = SPANS[self.zoom]
        if asked is None or not self.points:
            return asked
        known = self.newest - self.points[0].at
        return min([asked, *(step for step in _STEPS if step >= known)])

    def cursor(self, window: Window) -> int | None:
        """The index of the cursor's sample in ``window``."""
        if self.cursor_at is None:
            return None
        place = bisect_left(window.points, self.cursor_at, key=lambda point: point.at)
        return place if place < len(window.points) else None
