"""One endpoint's details and points, and the window on them. Pure.

The engine sends only new points; they are collected here. The window is live (it ends at the newest point)
until the cursor is put on a sample; then it stays around that sample.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from monitor.link.messages import Detail, Point
from monitor.model import State
from monitor.store.past import Question
from monitor.tui.data.board import Entry
from monitor.tui.data.lookback import Lookback
from monitor.tui.data.window import Window

_DAY = 86400.0
SPANS = (300.0, 900.0, 3600.0, 21600.0, _DAY, 7 * _DAY, 30 * _DAY, 90 * _DAY, 400 * _DAY)
"""Seconds that the chart can show."""
SPAN_NAMES = ("5m", "15m", "1h", "6h", "24h", "7d", "30d", "90d", "400d")
_PAN = 10
"""Steps of the cursor keys for a whole window of the history."""
_FAILING = frozenset({State.DOWN, State.FAILING, State.DEGRADED})
_STEPS = (60.0, 120.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0)
"""Seconds that the window grows to while the history is shorter than the chosen span."""
_MOST_POINTS = 20_000


@dataclass(slots=True)
class Timeline:
    """The part of one endpoint's history that this dashboard has."""

    handle: int
    detail: Detail | None = None
    points: list[Point] = field(default_factory=list)
    """Oldest first."""
    zoom: int = 1
    """The index of the shown span in :data:`SPANS`."""
    cursor_at: float | None = None
    """The time of the sample under the cursor; None while live."""
    lookback: Lookback = field(default_factory=Lookback)
    """The history's answers."""
    _end: float | None = None

    @property
    def newest(self) -> float:
        """The time of the newest point; 0 before the first."""
        return self.points[-1].at if self.points else 0.0

    @property
    def _window_end(self) -> float:
        return self.newest if self._end is None else self._end

    @property
    def _known_s(self) -> float:
        return self.newest - self.points[0].at

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
        """Move the cursor by ``steps`` samples; the first move puts it on the newest.

        A window from the history has no samples: it moves as a whole.
        """
        if not self.points:
            return
        if self._from_history() is not None:
            self._pan(steps)
            return
        last = len(self.points) - 1
        place = last if self.cursor_at is None else self._place(self.cursor_at) + steps
        self.cursor_at = self.points[max(0, min(place, last))].at
        self._follow_cursor()

    def _pan(self, steps: int) -> None:
        end = self._window_end + steps * SPANS[self.zoom] / _PAN
        self._end = None if end >= self.newest else end
        self.cursor_at = None

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
        span, end = self._span(), self._window_end
        if not end - span < self.cursor_at <= end:
            self._end = min(self.cursor_at + span / 2, self.newest)
        else:
            self._end = end

    def span_in_words(self, *, past: bool = False) -> str:
        """The span and whether the chart is live, as a text; in the ``past`` it is never live."""
        live = self.cursor_at is None and not past and self._end is None
        return SPAN_NAMES[self.zoom] + (" live" if live else "")

    def window(self) -> Window:
        """The window of the chart."""
        return self._from_history() or Window.of(self.points, self._span(), self._end)

    def _from_history(self) -> Window | None:
        """The window from the history; None if the engine remembers all of it, or there is no answer."""
        if not self.is_longer_than_known():
            return None
        return self.lookback.window(SPANS[self.zoom], self._window_end)

    def is_longer_than_known(self) -> bool:
        """Whether the chosen span begins before the oldest known point."""
        return bool(self.points) and SPANS[self.zoom] > self._known_s

    def questions(self, entry: Entry) -> list[Question]:
        """The questions to the history that are not asked yet."""
        asked: list[Question | None] = []
        id, status = entry.info.id, entry.status
        if self.is_longer_than_known():
            asked.append(self.lookback.question(id, SPANS[self.zoom], self._window_end))
        if status.state in _FAILING and status.reason is not None:
            asked.append(self.lookback.question_of_last_time(id, status.reason, status.since))
        return [question for question in asked if question is not None]

    def _span(self) -> float:
        """The shown seconds: the chosen span, or less while there is less."""
        asked = SPANS[self.zoom]
        if not self.points:
            return asked
        return min([asked, *(step for step in _STEPS if step >= self._known_s)])

    def cursor(self, window: Window) -> int | None:
        """The index of the cursor's sample in ``window``."""
        if self.cursor_at is None or window.summarised:
            return None
        place = bisect_left(window.points, self.cursor_at, key=lambda point: point.at)
        return place if place < len(window.points) else None
